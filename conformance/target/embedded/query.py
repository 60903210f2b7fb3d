"""C-FIND and the choosing part of C-GET and C-MOVE: identifiers read, entities found (PS3.4 C.4.1, C.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from conformance.standard import sop_classes
from conformance.standard.transfer_syntaxes import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded import keys
from conformance.target.embedded.answer import Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.elements import Element, Elements, decode, dictionary_vr, text_element
from conformance.target.embedded.keys import Level
from conformance.target.embedded.matching import any_matches, character_sets, matches, values
from conformance.target.embedded.source import InflateError, InflateSource
from conformance.target.embedded.storage import Store, StoredInstance
from conformance.target.embedded.supported import BIG_ENDIAN, DEFLATED
from conformance.target.embedded.walk import Encoding, NotReadable

IDENTIFIER_LIMIT_BYTES: Final = 4 << 20
IDENTIFIER_MISMATCH: Final = 0xA900
_PATIENT_ROOT: Final = frozenset(
    (sop_classes.PATIENT_ROOT_FIND, sop_classes.PATIENT_ROOT_GET, sop_classes.PATIENT_ROOT_MOVE)
)
_LEVEL_NAMES: Final = MappingProxyType({level.name: level for level in Level})
# Keys that say how to query, and are no attribute of an entity
_ABOUT_THE_QUERY: Final = frozenset(
    {
        keys.SPECIFIC_CHARACTER_SET,
        keys.QUERY_RETRIEVE_LEVEL,
        keys.RETRIEVE_AE_TITLE,
        keys.INSTANCE_AVAILABILITY,
        keys.TIMEZONE_OFFSET_FROM_UTC,
        0x0008_0053,  # Query/Retrieve View
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """An identifier that fits its information model.

    Attributes:
        level: Query/Retrieve Level.
        above: Unique keys that choose the entities above, by level, one value each.
        identifier: All keys.
        sets: The identifier's character sets.
    """

    level: Level
    above: tuple[tuple[Level, str], ...]
    identifier: Elements
    sets: tuple[str, ...]

    @property
    def has_unsupported_keys(self) -> bool:
        """Whether there are keys that are neither matched nor returned."""
        return any(not self.supports(tag) for tag in self.identifier if tag not in _ABOUT_THE_QUERY)

    def supports(self, tag: int) -> bool:
        """Whether a key belongs to this level or one above, and is known."""
        if tag in keys.COUNTED:
            return keys.COUNTED[tag][0] is self.level
        if tag in keys.COLLECTED:
            return self.level is Level.STUDY
        return tag in keys.LEVEL_OF and keys.LEVEL_OF[tag] <= self.level


def encoding_of(transfer_syntax: str) -> Encoding:
    """How an identifier is encoded."""
    return Encoding(explicit_vr=transfer_syntax != IMPLICIT_VR_LITTLE_ENDIAN, big_endian=transfer_syntax in BIG_ENDIAN)


def read_identifier(request: Request) -> Elements:
    """The identifier of a request.

    Raises:
        RefusedError: There is none, or it cannot be read.
    """
    spool = request.data_set
    if spool is None or spool.size == 0:
        raise _mismatch("No identifier")
    if spool.size > IDENTIFIER_LIMIT_BYTES:
        raise _mismatch("The identifier is too long")
    transfer_syntax = request.context.transfer_syntax
    try:
        blob = spool.freeze()
        data = blob.read()
        blob.discard()
        if transfer_syntax in DEFLATED:
            data = InflateSource(iter((data,))).read(IDENTIFIER_LIMIT_BYTES)
        return {tag: _with_known_vr(tag, key) for tag, key in decode(data, encoding_of(transfer_syntax)).items()}
    except (NotReadable, InflateError) as error:
        raise _mismatch(f"The identifier cannot be read: {error}") from error
    except OSError as error:
        raise RefusedError(Answer(status=0xA700, comment="Out of resources")) from error


def read_query(identifier: Elements, abstract_syntax: str) -> Query:
    """An identifier as a query: hierarchical, unique keys above its level (PS3.4 C.4.1.2.1).

    Raises:
        RefusedError: It does not fit the information model.
    """
    element = identifier.get(keys.QUERY_RETRIEVE_LEVEL)
    name = "" if element is None else "\\".join(values(element))
    level = _LEVEL_NAMES.get(name)
    top = Level.PATIENT if abstract_syntax in _PATIENT_ROOT else Level.STUDY
    if level is None or level < top:
        raise _mismatch("Query/Retrieve Level is missing or not of this model", keys.QUERY_RETRIEVE_LEVEL)
    sets = character_sets(identifier)
    above: list[tuple[Level, str]] = []
    for upper in Level:
        if top <= upper < level:
            tag = keys.UNIQUE_KEY[upper]
            chosen = values(identifier[tag], sets) if tag in identifier else ()
            if len(chosen) != 1 or "*" in chosen[0] or "?" in chosen[0]:
                raise _mismatch(f"One value of the unique key of level {upper.name} is needed", tag)
            above.append((upper, chosen[0]))
    return Query(level=level, above=tuple(above), identifier=identifier, sets=sets)


def read_retrieval(identifier: Elements, abstract_syntax: str) -> Query:
    """An identifier of C-GET or C-MOVE: unique keys only, that of its level with one value or several.

    Raises:
        RefusedError: It does not fit the information model.
    """
    query = read_query(identifier, abstract_syntax)
    own = keys.UNIQUE_KEY[query.level]
    allowed = {own, *(keys.UNIQUE_KEY[level] for level, _ in query.above)}
    for tag, key in identifier.items():
        if tag not in allowed | _ABOUT_THE_QUERY and (key.items or key.value.strip(b" \0")):
            raise _mismatch("Only unique keys choose what is retrieved", tag)  # PS3.4 C.4.2.1.4.1
    chosen = values(identifier[own], query.sets) if own in identifier else ()
    if not chosen or any("*" in value or "?" in value for value in chosen):
        raise _mismatch(f"The unique key of level {query.level.name} is needed", own)
    if query.level is Level.PATIENT and len(chosen) > 1:
        raise _mismatch("One Patient ID is needed", own)
    return query


def candidates(store: Store, query: Query) -> tuple[StoredInstance, ...]:
    """The instances of the one study that a query names, or all."""
    named = dict(query.above)
    if query.level is Level.STUDY and keys.STUDY_INSTANCE_UID in query.identifier:
        chosen = values(query.identifier[keys.STUDY_INSTANCE_UID], query.sets)
        if len(chosen) == 1 and not {"*", "?"} & set(chosen[0]):
            named[Level.STUDY] = chosen[0]
    return store.of_study(named[Level.STUDY]) if Level.STUDY in named else store.instances()


def find(instances: Iterable[StoredInstance], query: Query, retrieve_ae_title: str) -> Iterator[Elements]:
    """One identifier for each entity that matches."""
    for group in _entities(instances, query):
        match = next((instance for instance in group if _instance_matches(instance, group, query)), None)
        if match is not None:
            yield _returned(match, group, query, retrieve_ae_title)


def select(instances: Iterable[StoredInstance], query: Query) -> list[StoredInstance]:
    """The instances below the entities that a retrieval names."""
    own = keys.UNIQUE_KEY[query.level]
    wanted = frozenset(values(query.identifier[own], query.sets))
    return [i for i in instances if _is_below(i, query) and _unique_value(i, query.level) in wanted]


def _with_known_vr(tag: int, key: Element) -> Element:
    known = tag in keys.LEVEL_OF or tag in keys.COLLECTED
    return replace(key, vr=dictionary_vr(tag)) if known and key.items is None else key


def _mismatch(comment: str, *offending: int) -> RefusedError:
    return RefusedError(Answer(status=IDENTIFIER_MISMATCH, comment=comment, offending=offending))


def _unique_value(instance: StoredInstance, level: Level) -> str:
    match level:
        case Level.PATIENT:
            return instance.patient_id
        case Level.STUDY:
            return instance.study_uid
        case Level.SERIES:
            return instance.series_uid
        case Level.IMAGE:
            return instance.sop_instance_uid


def _is_below(instance: StoredInstance, query: Query) -> bool:
    # An instance without a study stands outside of these models (PS3.4 Annex GG).
    return bool(instance.study_uid) and all(_unique_value(instance, level) == value for level, value in query.above)


def _entities(instances: Iterable[StoredInstance], query: Query) -> Iterable[list[StoredInstance]]:
    groups: dict[str, list[StoredInstance]] = {}
    for instance in instances:
        if _is_below(instance, query):
            groups.setdefault(_unique_value(instance, query.level), []).append(instance)
    return groups.values()


def _instance_matches(instance: StoredInstance, group: Sequence[StoredInstance], query: Query) -> bool:
    for tag, key in query.identifier.items():
        if tag in keys.COLLECTED and query.supports(tag):
            wanted = values(key, query.sets)
            if wanted and not any_matches(key.vr, wanted, _collected(tag, group)):
                return False
        elif tag in keys.LEVEL_OF and query.supports(tag) and not matches(tag, key, query.sets, instance.attributes):
            return False
    return True


def _returned(match: StoredInstance, group: Sequence[StoredInstance], query: Query, retrieve_ae_title: str) -> Elements:
    """The keys of the request with the entity's values, and what PS3.4 C.4.1.1.3.2 adds."""
    found: dict[int, Element] = {
        keys.QUERY_RETRIEVE_LEVEL: text_element("CS", query.level.name),
        keys.RETRIEVE_AE_TITLE: text_element("AE", retrieve_ae_title),
    }
    stored = match.attributes
    if keys.SPECIFIC_CHARACTER_SET in stored:
        found[keys.SPECIFIC_CHARACTER_SET] = stored[keys.SPECIFIC_CHARACTER_SET]
    for tag, key in query.identifier.items():
        if tag == keys.INSTANCE_AVAILABILITY:
            found[tag] = text_element("CS", "ONLINE")
        elif not query.supports(tag):
            continue
        elif tag in keys.COUNTED:
            found[tag] = text_element("IS", str(_count(tag, group)))
        elif tag in keys.COLLECTED:
            found[tag] = text_element(dictionary_vr(tag), "\\".join(_collected(tag, group)))
        else:
            found[tag] = _restricted(stored.get(tag, Element(vr=key.vr)), key)
    return found


def _restricted(stored: Element, key: Element) -> Element:
    """A sequence with the attributes that the key's item asks for; anything else as it is stored."""
    if stored.items is None or not key.items or not key.items[0]:
        return stored
    wanted = key.items[0]
    return Element(vr="SQ", items=tuple({t: e for t, e in item.items() if t in wanted} for item in stored.items))


def _count(tag: int, group: Sequence[StoredInstance]) -> int:
    _, counted = keys.COUNTED[tag]
    return len({_unique_value(instance, counted) for instance in group})


def _collected(tag: int, group: Sequence[StoredInstance]) -> list[str]:
    source = keys.COLLECTED[tag]
    found = (values(i.attributes[source]) for i in group if source in i.attributes)
    return list(dict.fromkeys(value for several in found for value in several))
