"""Oddities of archives: what they have room for, what they write, and how their index answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydicom.charset import convert_encodings, decode_bytes, python_encoding
from pydicom.valuerep import PersonName

from conformance.standard import sop_classes
from conformance.target.embedded import keys
from conformance.target.embedded.answer import Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element, Elements, text_element
from conformance.target.embedded.keys import INDEX_TAGS
from conformance.target.embedded.matching import character_sets
from conformance.target.embedded.negotiation import ABSTRACT_SYNTAX_NOT_SUPPORTED, Context
from conformance.target.embedded.query import Query
from conformance.target.embedded.source import MemorySource
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from conformance.target.embedded.supported import SERVICES, Service
from conformance.target.embedded.walk import Encoding, Walk
from conformance.wire.command import CommandField, CommandSet
from conformance.wire.items import ContextResult, Item, ProposedContext
from conformance.wire.pdu import Associate
from tests.faulty.editing import edited
from tests.odd.registry import odd

_STUDY_ROOT: Final = frozenset((sop_classes.STUDY_ROOT_FIND, sop_classes.STUDY_ROOT_GET, sop_classes.STUDY_ROOT_MOVE))
_EVERY: Final = 20
_ROOM_INSTANCES: Final = 60
_MANY_MATCHES: Final = 4
_LEVEL_0: Final = Path(__file__).parent / "storage_level_0.toml"
_ACCESSION_NUMBER: Final = 0x0008_0050
_UTF_8: Final = "ISO_IR 192"
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_ESCAPE: Final = "\N{ESCAPE}"
_TEXT: Final = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_UNIQUE: Final = frozenset(keys.UNIQUE_KEY.values())
_ABOUT: Final = frozenset(
    {keys.SPECIFIC_CHARACTER_SET, keys.QUERY_RETRIEVE_LEVEL, keys.RETRIEVE_AE_TITLE, keys.INSTANCE_AVAILABILITY}
)


@odd("every-twentieth-finds-no-room", clause="PS3.4 Table B.2-1: A7xx, out of resources")
class EveryTwentiethFindsNoRoom(Behaviour):
    """Every twentieth C-STORE is refused with A700, as when a disk is full for a moment."""

    def __init__(self) -> None:
        super().__init__()
        self._counting = threading.Lock()
        self._count = 0

    def check_command(self, request: Request) -> None:
        super().check_command(request)
        with self._counting:
            self._count += 1
            full = self._count % _EVERY == 0
        if full:
            raise RefusedError(Answer(status=0xA700, comment="No room just now"))


@odd("full-after-sixty", clause="PS3.4 Table B.2-1: A7xx, out of resources")
class FullAfterSixty(Behaviour):
    """There is room for sixty instances; all others are refused with A701."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        if len(store.instances()) >= _ROOM_INSTANCES and store.get(instance.sop_instance_uid) is None:
            instance.data_set.discard()
            return Outcome.FULL
        return super().store_instance(store, instance)


@odd("storage-level-0", clause="PS3.4 B.4.1", options=(f"--pacs-target={_LEVEL_0}",))
class StorageLevel0(Behaviour):
    """An archive that claims Storage Level 0 keeps what identifies an instance, its pixels and their description."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        return super().store_instance(store, edited(store, instance, self.keep_a_subset))

    def keep_a_subset(self, elements: dict[int, Element]) -> None:
        """Drop what is not in the subset."""
        for tag in [t for t in elements if t >> 16 not in (0x0028, 0x7FE0) and t not in INDEX_TAGS]:
            del elements[tag]


@odd("coerces-study-and-series", clause="PS3.4 B.4.1.3")
class CoercesStudyAndSeries(Behaviour):
    """Study and Series Instance UID are coerced, and every C-STORE is answered with B000."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        if not instance.study_uid:
            return super().store_instance(store, instance)
        moved = edited(store, instance, self.coerce)
        if moved is instance:
            return super().store_instance(store, instance)
        encoding = Encoding(explicit_vr=instance.transfer_syntax.endswith(".2.1"))
        seen = Walk(MemorySource(moved.data_set.read()), encoding, INDEX_TAGS).run()
        uids = {tag: seen.values[tag].decode("ascii").rstrip("\0") for tag in (0x0020_000D, 0x0020_000E)}
        return super().store_instance(
            store,
            replace(moved, study_uid=uids[0x0020_000D], series_uid=uids[0x0020_000E], index_bytes=bytes(seen.index)),
        )

    def coerce(self, elements: dict[int, Element]) -> None:
        """Give the study and the series UIDs of this archive's own."""
        for tag in (0x0020_000D, 0x0020_000E):
            before = elements[tag].value.decode("ascii").rstrip("\0")
            elements[tag] = text_element("UI", f"{before[:60]}.77")

    def answer_of_outcome(self, outcome: Outcome) -> Answer:
        answer = super().answer_of_outcome(outcome)
        return Answer(status=0xB000, comment="Study and series coerced") if answer.status == 0 else answer


@odd("coerces-patient-study-and-series", clause="PS3.4 B.4.1.3: attributes may be coerced, which B000 tells")
class CoercesPatientStudyAndSeries(CoercesStudyAndSeries):
    """Patient ID, Study and Series Instance UID are coerced, and every C-STORE is answered with B000."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        return super().store_instance(store, edited(store, instance, self.take_in))

    def take_in(self, elements: dict[int, Element]) -> None:
        """Give the patient the number that is used here."""
        if keys.PATIENT_ID in elements:
            before = elements[keys.PATIENT_ID].value.decode("ascii", "replace").strip()
            elements[keys.PATIENT_ID] = text_element("LO", f"H{before}"[:64])


@odd("texts-in-utf-8", clause="PS3.5 6.1, PS3.3 C.12.1.1.2: the character set is one of the ways a text is written")
class TextsInUtf8(Behaviour):
    """Texts are stored in UTF-8, whatever character set they came in."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        return super().store_instance(store, edited(store, instance, self.rewrite))

    def rewrite(self, elements: dict[int, Element]) -> None:
        """Write the texts anew."""
        sets = character_sets(elements)
        if any(sets) and _in_utf_8(elements, sets):
            elements[keys.SPECIFIC_CHARACTER_SET] = text_element("CS", _UTF_8)


def _in_utf_8(elements: dict[int, Element], sets: tuple[str, ...]) -> bool:
    """Write texts in UTF-8; nothing is changed, and False, where one of them cannot be read."""
    changed = dict(elements)
    try:
        _rewrite(changed, sets)
    except UnicodeError:
        return False
    elements.update(changed)
    return True


def _rewrite(elements: dict[int, Element], sets: tuple[str, ...]) -> None:
    if not set(sets) <= set(python_encoding):
        raise UnicodeError(f"character sets {sets}")
    encodings = convert_encodings(list(sets))
    for tag, element in list(elements.items()):
        if element.items:
            items = [dict(item) for item in element.items]
            for item in items:
                has_own = keys.SPECIFIC_CHARACTER_SET in item
                _rewrite(item, character_sets(item) if has_own else sets)
                if has_own:
                    item[keys.SPECIFIC_CHARACTER_SET] = text_element("CS", _UTF_8)
            elements[tag] = replace(element, items=tuple(items))
        elif element.vr in _TEXT and element.value:
            if element.vr == "PN":
                text = "\\".join(str(PersonName(v, encodings)) for v in element.value.rstrip(b" ").split(b"\\"))
            else:
                text = decode_bytes(element.value, encodings, set(b"\\^=\r\n\t\f"))
            if _REPLACEMENT in text or _ESCAPE in text:
                raise UnicodeError(f"{element.value!r} in {sets}")
            raw = text.encode("utf-8")
            elements[tag] = replace(element, value=raw + b" " * (len(raw) % 2))


@odd("study-root-only", clause="PS3.4 C.6.2")
class StudyRootOnly(Behaviour):
    """Queries and retrievals are of the Study Root model only."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        service = SERVICES.get(proposed.abstract_syntax)
        root = service in (None, Service.STORAGE, Service.VERIFICATION) or proposed.abstract_syntax in _STUDY_ROOT
        return result if result is None or root else replace(result, result=ABSTRACT_SYNTAX_NOT_SUPPORTED)


@odd("refuses-long-lists", clause="PS3.4 Table C.4-1: A700, out of resources")
class RefusesLongLists(Behaviour):
    """A C-FIND that more than four entities match is refused with A700, without a match."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        matches = list(super().find_matches(association, query))
        if len(matches) > _MANY_MATCHES:
            raise RefusedError(Answer(status=0xA700, comment="Too many matches"))
        yield from matches


@odd("matches-in-no-order", clause="PS3.4 C.4.1.1.3.2: no clause orders the responses")
class MatchesInNoOrder(Behaviour):
    """The matches of a C-FIND come from the last to the first, and so do the instances of a retrieval."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        return reversed(list(super().find_matches(association, query)))

    def select_instances(self, association: Association, query: Query) -> list[StoredInstance]:
        return list(super().select_instances(association, query))[::-1]


@odd("nearline-in-another-archive", clause="PS3.4 C.4.1.1.3.2, PS3.3 C.4.23")
class NearlineInAnotherArchive(Behaviour):
    """Everything is nearline, and is to be retrieved from another AE title, or from this one."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        for match in super().find_matches(association, query):
            changed = dict(match)
            changed[keys.RETRIEVE_AE_TITLE] = text_element("AE", "DEEP_ARCHIVE\\EMBEDDED")
            if keys.INSTANCE_AVAILABILITY in changed:
                changed[keys.INSTANCE_AVAILABILITY] = text_element("CS", "NEARLINE")
            yield changed


@odd("answers-in-utf-8", clause="PS3.4 C.4.1.1.3.2: the responses have a character set of their own")
class AnswersInUtf8(Behaviour):
    """The identifiers of a C-FIND come in UTF-8, whatever the instances have."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        for match in super().find_matches(association, query):
            changed = dict(match)
            if _in_utf_8(changed, character_sets(changed)):
                changed[keys.SPECIFIC_CHARACTER_SET] = text_element("CS", _UTF_8)
            yield changed


@odd("smallest-first", clause="PS3.4 C.4.2.3.1, C.4.3.3.1: no clause orders the sub-operations")
class SmallestFirst(Behaviour):
    """Retrievals send the smallest instances first."""

    def select_instances(self, association: Association, query: Query) -> list[StoredInstance]:
        return sorted(super().select_instances(association, query), key=lambda instance: instance.data_set.size)


@odd("refuses-duplicates-early", clause="PS3.7 9.3.1.3: a failure may come before the data set is complete")
class RefusesDuplicatesEarly(Behaviour):
    """A C-STORE of a known SOP Instance UID is refused as soon as its command set is there."""

    status = 0xC0F1

    def __init__(self) -> None:
        super().__init__()
        self._refused: set[int] = set()

    def on_command(self, association: Association, context: Context, command: CommandSet) -> None:
        known = association.store.get(command.affected_sop_instance_uid or "")
        if command.command_field == CommandField.C_STORE_RQ and context.service is Service.STORAGE and known:
            self._refused.add(id(association))
            request = Request(context=context, command=command, data_set=None)
            association.respond(request, Answer(status=self.status))

    def on_message(self, association: Association, message: Request) -> None:
        if id(association) in self._refused and message.command.command_field == CommandField.C_STORE_RQ:
            self._refused.discard(id(association))
            if message.data_set is not None:
                message.data_set.discard()
            return
        super().on_message(association, message)

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._refused.discard(id(association))


@odd("replaces-within-a-study-alone", clause="no clause fixes it")
class ReplacesWithinAStudyAlone(Behaviour):
    """A duplicate takes the place of the first copy within its study, and is refused with C1F0 from elsewhere."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        known = store.get(instance.sop_instance_uid)
        if known is None or known.study_uid == instance.study_uid:
            return super().store_instance(store, instance)
        instance.data_set.discard()
        return Outcome.REFUSED


@odd("refuses-copies-with-0110", clause="PS3.7 C.5.21, which 9.1.1.1.9 does not list; real systems send it")
class RefusesCopiesWith0110(Behaviour):
    """A duplicate with other content is refused with the general failure 0110."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        known = store.get(instance.sop_instance_uid)
        if known is None or known.data_set.equals(instance.data_set):
            return super().store_instance(store, instance)
        instance.data_set.discard()
        return Outcome.REFUSED

    def answer_of_outcome(self, outcome: Outcome) -> Answer:
        return Answer(status=0x0110) if outcome is Outcome.REFUSED else super().answer_of_outcome(outcome)


@odd("required-keys-alone", clause="PS3.4 C.2.2.1.3, Table C.4-1: optional keys need not be supported")
class RequiredKeysAlone(Behaviour):
    """C-FIND knows the required and the unique keys: others are neither matched nor returned, and make it FF01."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        known = keys.REQUIRED_KEYS | _UNIQUE | _ABOUT
        supported = replace(query, identifier={t: e for t, e in query.identifier.items() if t in known})
        yield from super().find_matches(association, supported)
