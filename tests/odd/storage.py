"""Oddities of storing: what is accepted, what is changed and said, what becomes of a duplicate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydicom.datadict import dictionary_keyword

from conformance.standard.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded import store_service
from conformance.target.embedded.answer import SUCCESS, Answer, RefusedError, is_failure
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element, text_element
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from conformance.wire.command import CommandSet, Tag, ui
from tests.faulty.editing import edited
from tests.odd.filing import filed_in
from tests.odd.registry import odd

_PATIENT_ID: Final = 0x0010_0020
_ORIGINAL_ATTRIBUTES: Final = 0x0400_0561
_TAGS: Final[Mapping[int, int]] = {
    Tag.AFFECTED_SOP_CLASS_UID: store_service.SOP_CLASS_UID,
    Tag.AFFECTED_SOP_INSTANCE_UID: store_service.SOP_INSTANCE_UID,
}
_PADDING: Final = 0xFFFC_FFFC
_LEVEL_1: Final = Path(__file__).parent / "storage_level_1.toml"
_OPTIONAL: Final = frozenset(
    {"StudyDescription", "SeriesDescription", "PatientComments", "ImageComments", "SoftwareVersions", "StationName"}
)


class _AnswersWith(Behaviour):
    """Refuses what it refuses with one status of its own."""

    status = 0xC000

    def answer_store(self, association: Association, request: Request) -> Answer:
        answer = super().answer_store(association, request)
        return Answer(status=self.status) if is_failure(answer.status) else answer


@odd("a900-for-whatever-is-wrong", clause="PS3.4 Table B.2-1")
class A900ForWhateverIsWrong(_AnswersWith):
    """Whatever is wrong with a C-STORE is answered with A900."""

    status = 0xA900


@odd("c000-for-whatever-is-wrong", clause="PS3.4 Table B.2-1")
class C000ForWhateverIsWrong(_AnswersWith):
    """Whatever is wrong with a C-STORE is answered with CFFF, a code of its own."""

    status = 0xCFFF


@odd("b007-for-what-does-not-match", clause="PS3.4 Table B.2-1")
class B007ForWhatDoesNotMatch(Behaviour):
    """A data set that contradicts its command is stored under its own UIDs, and answered with B007."""

    mismatch = Answer(status=0xB007)
    overruled: Mapping[int, int] = _TAGS

    def __init__(self) -> None:
        self._mismatched: set[int] = set()

    def instance_of(self, request: Request, data_set: Blob) -> StoredInstance:
        seen = store_service.examine(data_set, request.context.transfer_syntax)
        said = {tag: seen.values.get(tag, b"").decode("latin-1").rstrip("\0 ") for tag in _TAGS.values()}
        if not all(said.values()):
            return store_service.instance_of(request, data_set, seen)
        elements = (
            replace(e, value=ui(said[_TAGS[e.tag]])) if e.tag in self.overruled else e for e in request.command.elements
        )
        in_its_own_words = replace(request, command=CommandSet(elements=tuple(elements)))
        instance = store_service.instance_of(in_its_own_words, data_set, seen)
        if in_its_own_words.command != request.command:
            self._mismatched.add(id(request))
        return instance

    def store(self, association: Association, request: Request) -> Answer:
        answer = super().store(association, request)
        matches = id(request) not in self._mismatched
        self._mismatched.discard(id(request))
        return answer if matches else self.mismatch


@odd("stores-what-it-can-decode", clause="PS3.4 B.2.3: which faults are detected is not fixed")
class StoresWhatItCanDecode(B007ForWhatDoesNotMatch):
    """A data set of another SOP class than its command says is stored and answered with 0000."""

    mismatch = SUCCESS
    overruled: Mapping[int, int] = {Tag.AFFECTED_SOP_CLASS_UID: store_service.SOP_CLASS_UID}


@odd("aborts-on-faulty-data-sets", clause="PS3.7 9.1.1, PS3.8 9.3.8")
class AbortsOnFaultyDataSets(Behaviour):
    """A data set that cannot be stored ends the association: A-ABORT by the service user."""

    def perform(self, association: Association, request: Request) -> None:
        if request.command.command_field != 0x0001 or not self.is_agreed(request):
            super().perform(association, request)
            return
        answer = self.answer_store(association, request)
        if is_failure(answer.status):
            association.abort()
        else:
            association.respond(request, answer)


@odd("coerces-patient-id", clause="PS3.4 B.4.1.3")
class CoercesPatientId(Behaviour):
    """The Patient ID is coerced, noted in Original Attributes, and answered with B000."""

    def store(self, association: Association, request: Request) -> Answer:
        self.check_command(request)
        data_set = self.data_set_of(association, request)
        try:
            instance = self.instance_of(request, data_set)
        except RefusedError:
            data_set.discard()
            raise
        coerced = edited(association.store, instance, self.coerce)
        outcome = self.store_instance(association.store, coerced)
        answer = self.answer_of_outcome(outcome)
        return Answer(status=0xB000, offending=(_PATIENT_ID,)) if coerced is not instance else answer

    def coerce(self, elements: dict[int, Element]) -> None:
        """Change the Patient ID and say so in the data set."""
        before = elements.get(_PATIENT_ID, Element(vr="LO"))
        elements[_PATIENT_ID] = replace(
            before, value=b"ENTERPRISE " + before.value + b" " * (1 - len(before.value) % 2)
        )
        note: dict[int, Element] = {
            0x0400_0550: Element(vr="SQ", items=({_PATIENT_ID: before},)),
            0x0400_0562: text_element("DT", "20200101000000"),
            0x0400_0563: text_element("LO", "ODD PACS"),
            0x0400_0564: text_element("LO", ""),
            0x0400_0565: text_element("CS", "COERCE"),
        }
        known = elements.get(_ORIGINAL_ATTRIBUTES)
        items = (known.items or ()) if known else ()
        elements[_ORIGINAL_ATTRIBUTES] = Element(vr="SQ", items=(*items, note))


class _Edits(Behaviour):
    """Stores every instance with its elements changed, in ways that need no word."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        return super().store_instance(store, edited(store, instance, self.edit))

    def edit(self, elements: dict[int, Element]) -> None:
        """Change the elements in place."""
        raise NotImplementedError


def _drop(elements: dict[int, Element], unwanted: Callable[[int, Element], bool]) -> None:
    for tag, element in list(elements.items()):
        if unwanted(tag, element):
            del elements[tag]
        elif element.items:
            items = [dict(item) for item in element.items]
            for item in items:
                _drop(item, unwanted)
            elements[tag] = replace(element, items=tuple(items))


@odd("drops-group-lengths", clause="PS3.5 7.2, 7.1")
class DropsGroupLengths(_Edits):
    """Group lengths and Data Set Trailing Padding are dropped."""

    def edit(self, elements: dict[int, Element]) -> None:
        _drop(elements, lambda tag, _: tag & 0xFFFF == 0 or tag == _PADDING)


@odd("storage-level-1", clause="PS3.4 B.4.1", options=(f"--pacs-target={_LEVEL_1}",))
class StorageLevel1(_Edits):
    """Private elements are dropped by an archive that claims Storage Level 1."""

    def edit(self, elements: dict[int, Element]) -> None:
        _drop(elements, lambda tag, _: bool(tag >> 16 & 1))


@odd("drops-empty-type-3", clause="PS3.5 7.4.5")
class DropsEmptyType3(_Edits):
    """Empty elements that are of Type 3 everywhere are dropped."""

    def edit(self, elements: dict[int, Element]) -> None:
        _drop(elements, lambda tag, element: not element.value and not element.items and _is_optional(tag))


def _is_optional(tag: int) -> bool:
    try:
        return dictionary_keyword(tag) in _OPTIONAL
    except KeyError:
        return False


@odd("files-in-explicit-vr", clause="PS3.5 10.1, PS3.4 B.4.1.2")
class FilesInExplicitVr(Behaviour):
    """What came in Implicit VR is stored in Explicit VR Little Endian."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        if instance.transfer_syntax != IMPLICIT_VR_LITTLE_ENDIAN:
            return super().store_instance(store, instance)
        return super().store_instance(store, filed_in(store, instance, EXPLICIT_VR_LITTLE_ENDIAN))
