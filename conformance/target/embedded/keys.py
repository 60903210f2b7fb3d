"""The attributes that queries know, by level (PS3.4 Tables C.6-1 to C.6-4, and optional ones)."""

from __future__ import annotations

from enum import IntEnum, unique
from types import MappingProxyType
from typing import Final

from pydicom.datadict import tag_for_keyword


@unique
class Level(IntEnum):
    """Query/Retrieve Levels, from the top (PS3.4 C.6)."""

    PATIENT = 1
    STUDY = 2
    SERIES = 3
    IMAGE = 4


def _tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise LookupError(f"no attribute {keyword}")
    return tag


_PATIENT: Final = [
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "PatientBirthDate",
    "PatientBirthTime",
    "PatientSex",
    "OtherPatientIDsSequence",
    "OtherPatientNames",
    "EthnicGroup",
    "PatientComments",
]
_STUDY: Final = [
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "IssuerOfAccessionNumberSequence",
    "StudyID",
    "StudyInstanceUID",
    "StudyDescription",
    "ReferringPhysicianName",
    "NameOfPhysiciansReadingStudy",
    "ProcedureCodeSequence",
    "ReferencedStudySequence",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
    "Occupation",
    "AdditionalPatientHistory",
]
_SERIES: Final = [
    "Modality",
    "SeriesNumber",
    "SeriesInstanceUID",
    "SeriesDate",
    "SeriesTime",
    "SeriesDescription",
    "Manufacturer",
    "ManufacturerModelName",
    "InstitutionName",
    "InstitutionalDepartmentName",
    "StationName",
    "PerformingPhysicianName",
    "OperatorsName",
    "BodyPartExamined",
    "ProtocolName",
    "Laterality",
    "PerformedProcedureStepStartDate",
    "PerformedProcedureStepStartTime",
    "PerformedProcedureStepID",
    "PerformedProcedureStepDescription",
    "RequestAttributesSequence",
    "FrameOfReferenceUID",
]
_IMAGE: Final = [
    "InstanceNumber",
    "SOPInstanceUID",
    "SOPClassUID",
    "ImageType",
    "InstanceCreationDate",
    "InstanceCreationTime",
    "AcquisitionDate",
    "AcquisitionTime",
    "AcquisitionDateTime",
    "AcquisitionNumber",
    "ContentDate",
    "ContentTime",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "BitsAllocated",
    "ConceptNameCodeSequence",
    "CompletionFlag",
    "VerificationFlag",
    "ContentLabel",
    "ContentDescription",
    "ContentCreatorName",
]

LEVEL_OF: Final = MappingProxyType(
    {_tag(keyword): Level.PATIENT for keyword in _PATIENT}
    | {_tag(keyword): Level.STUDY for keyword in _STUDY}
    | {_tag(keyword): Level.SERIES for keyword in _SERIES}
    | {_tag(keyword): Level.IMAGE for keyword in _IMAGE}
)
"""The level of each attribute that stands in the instances."""

SPECIFIC_CHARACTER_SET: Final = _tag("SpecificCharacterSet")
QUERY_RETRIEVE_LEVEL: Final = _tag("QueryRetrieveLevel")
RETRIEVE_AE_TITLE: Final = _tag("RetrieveAETitle")
INSTANCE_AVAILABILITY: Final = _tag("InstanceAvailability")
TIMEZONE_OFFSET_FROM_UTC: Final = _tag("TimezoneOffsetFromUTC")
FAILED_SOP_INSTANCE_UID_LIST: Final = _tag("FailedSOPInstanceUIDList")
PATIENT_ID: Final = _tag("PatientID")
STUDY_INSTANCE_UID: Final = _tag("StudyInstanceUID")
SERIES_INSTANCE_UID: Final = _tag("SeriesInstanceUID")
SOP_INSTANCE_UID: Final = _tag("SOPInstanceUID")
SOP_CLASS_UID: Final = _tag("SOPClassUID")
MODALITY: Final = _tag("Modality")
MODALITIES_IN_STUDY: Final = _tag("ModalitiesInStudy")
SOP_CLASSES_IN_STUDY: Final = _tag("SOPClassesInStudy")

UNIQUE_KEY: Final = MappingProxyType(
    {
        Level.PATIENT: PATIENT_ID,
        Level.STUDY: STUDY_INSTANCE_UID,
        Level.SERIES: SERIES_INSTANCE_UID,
        Level.IMAGE: SOP_INSTANCE_UID,
    }
)

REQUIRED_KEYS: Final = frozenset(
    _tag(keyword)
    for keyword in (
        "PatientName",
        "StudyDate",
        "StudyTime",
        "AccessionNumber",
        "StudyID",
        "Modality",
        "SeriesNumber",
        "InstanceNumber",
    )
)
"""Required keys: an empty stored value matches any key (PS3.4 C.2.2.1.2)."""

COUNTED: Final = MappingProxyType(
    {
        _tag("NumberOfPatientRelatedStudies"): (Level.PATIENT, Level.STUDY),
        _tag("NumberOfPatientRelatedSeries"): (Level.PATIENT, Level.SERIES),
        _tag("NumberOfPatientRelatedInstances"): (Level.PATIENT, Level.IMAGE),
        _tag("NumberOfStudyRelatedSeries"): (Level.STUDY, Level.SERIES),
        _tag("NumberOfStudyRelatedInstances"): (Level.STUDY, Level.IMAGE),
        _tag("NumberOfSeriesRelatedInstances"): (Level.SERIES, Level.IMAGE),
    }
)
"""Counts: of the entity at the first level, how many at the second."""

COLLECTED: Final = MappingProxyType({MODALITIES_IN_STUDY: MODALITY, SOP_CLASSES_IN_STUDY: SOP_CLASS_UID})
"""Study attributes that collect a value of the instances."""

INDEX_TAGS: Final = frozenset(LEVEL_OF) | {SPECIFIC_CHARACTER_SET, TIMEZONE_OFFSET_FROM_UTC}
"""The attributes that are kept of every instance."""
