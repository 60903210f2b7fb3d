"""Content items of structured reports (PS3.3 C.17.3) by value type, and the rows that most templates begin with."""

from typing import Final

from pydicom.dataset import Dataset

from conformance.instances.identity import Identity
from conformance.instances.iod.common import code, date_time, item, reference, uid_inside

Code = tuple[str, str, str]
CONTAINS: Final = "CONTAINS"
HAS_PROPERTIES: Final = "HAS PROPERTIES"
HAS_OBS_CONTEXT: Final = "HAS OBS CONTEXT"
HAS_CONCEPT_MOD: Final = "HAS CONCEPT MOD"
HAS_ACQ_CONTEXT: Final = "HAS ACQ CONTEXT"
INFERRED_FROM: Final = "INFERRED FROM"
SELECTED_FROM: Final = "SELECTED FROM"
_DEVICE: Final = 90


def container(relationship: str, concept: Code, *content: Dataset) -> Dataset:
    """Return a CONTAINER whose items are separate."""
    return _item(relationship, "CONTAINER", concept, content, ContinuityOfContent="SEPARATE")


def text(relationship: str, concept: Code, value: str, *content: Dataset) -> Dataset:
    """Return a TEXT item."""
    return _item(relationship, "TEXT", concept, content, TextValue=value)


def coded(relationship: str, concept: Code, value: Code, *content: Dataset) -> Dataset:
    """Return a CODE item."""
    return _item(relationship, "CODE", concept, content, ConceptCodeSequence=[code(*value)])


def number(relationship: str, concept: Code, value: str, unit: str, *content: Dataset) -> Dataset:
    """Return a NUM item; the unit is a UCUM code."""
    measured = item(NumericValue=value, MeasurementUnitsCodeSequence=[code(unit, "UCUM", unit)])
    return _item(relationship, "NUM", concept, content, MeasuredValueSequence=[measured])


def uid(relationship: str, concept: Code, value: str, *content: Dataset) -> Dataset:
    """Return a UIDREF item."""
    return _item(relationship, "UIDREF", concept, content, UID=value)


def person(relationship: str, concept: Code, value: str) -> Dataset:
    """Return a PNAME item."""
    return _item(relationship, "PNAME", concept, (), PersonName=value)


def date(relationship: str, concept: Code, value: str) -> Dataset:
    """Return a DATE item."""
    return _item(relationship, "DATE", concept, (), Date=value)


def time(relationship: str, concept: Code, value: str) -> Dataset:
    """Return a TIME item."""
    return _item(relationship, "TIME", concept, (), Time=value)


def moment(relationship: str, concept: Code, value: str) -> Dataset:
    """Return a DATETIME item."""
    return _item(relationship, "DATETIME", concept, (), DateTime=value)


def instance(
    relationship: str, concept: Code | None, value_type: str, referenced: Dataset, *content: Dataset
) -> Dataset:
    """Return an IMAGE, WAVEFORM or COMPOSITE item."""
    return _item(relationship, value_type, concept, content, ReferencedSOPSequence=[referenced])


def language() -> Dataset:
    """Return what TID 1204 demands: everything is English."""
    concept = ("121049", "DCM", "Language of Content Item and Descendants")
    return coded(HAS_CONCEPT_MOD, concept, ("en", "RFC5646", "English"))


def person_observer() -> Dataset:
    """Return what TID 1002 demands of a person who observes: a name; that it is a person need not be said."""
    return person(HAS_OBS_CONTEXT, ("121008", "DCM", "Person Observer Name"), "CONFORMANCE^OBSERVER")


def device_observer(identity: Identity) -> tuple[Dataset, Dataset]:
    """Return what TID 1002 demands of a device that observes."""
    kind = coded(HAS_OBS_CONTEXT, ("121005", "DCM", "Observer Type"), ("121007", "DCM", "Device"))
    name = uid(HAS_OBS_CONTEXT, ("121012", "DCM", "Device Observer UID"), uid_inside(identity, _DEVICE))
    return kind, name


def procedure_reported(value: Code, *content: Dataset) -> Dataset:
    """Return the procedure that the report is about."""
    return coded(HAS_CONCEPT_MOD, ("121058", "DCM", "Procedure reported"), value, *content)


def observed(content: Dataset, identity: Identity, *, plus_s: int = 300) -> Dataset:
    """Give an item the time at which it was observed, and return it."""
    content.ObservationDateTime = date_time(identity, plus_s=plus_s)
    return content


def referenced_instance(identity: Identity, sop_class_uid: str, number_inside: int) -> Dataset:
    """Return a reference to another instance of the same study."""
    return reference(sop_class_uid, uid_inside(identity, number_inside))


def _item(
    relationship: str, value_type: str, concept: Code | None, content: tuple[Dataset, ...], **value: object
) -> Dataset:
    made = item(RelationshipType=relationship, ValueType=value_type)
    if concept is not None:
        made.ConceptNameCodeSequence = [code(*concept)]
    for keyword, element in value.items():
        setattr(made, keyword, element)
    if content:
        made.ContentSequence = list(content)
    return made
