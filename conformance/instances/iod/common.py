"""The modules that many IODs share (PS3.3 C.7.1 to C.7.5, C.12.1, C.12.2), references, and our private block."""

import struct
from collections.abc import Iterable
from typing import Final

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.standard.sop_classes import storage_uid_by_keyword

PRIVATE_CREATOR: Final = "PACS CONFORMANCE"
PRIVATE_GROUP: Final = 0x0099
_BODY_PARTS: Final = {
    "ES": "STOMACH",
    "ECG": "HEART",
    "IO": "JAW",
    "IVOCT": "HEART",
    "MG": "BREAST",
    "MR": "HEAD",
    "US": "ABDOMEN",
    "XA": "HEART",
    "XC": "HAND",
    **dict.fromkeys(("OP", "OPT", "OPTENF", "OPTBSV", "OPM"), "EYE"),
}
# Their series modules have no operator (PS3.3 C.17.1, C.17.6.1, C.24.1), and these and those of radiotherapy
# (C.8.8.1) no body part; PS3.16 Annex L has no term for what is under the microscope here.
_WITHOUT_OPERATOR: Final = frozenset({"SR", "KO", "DOC", "M3D"})
_WITHOUT_BODY_PART: Final = _WITHOUT_OPERATOR | {
    *("RTPLAN", "RTSTRUCT", "RTDOSE", "RTIMAGE", "RTRECORD"),
    *("CFM", "DMS", "GM", "SM"),
}


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """Return an item of a code sequence (PS3.3 Table 8.8-1)."""
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item


def item(**elements: object) -> Dataset:
    """Return a data set with these elements, by keyword."""
    dataset = Dataset()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def reference(sop_class_uid: str, sop_instance_uid: str, **elements: object) -> Dataset:
    """Return an item that names a SOP instance (PS3.3 Table 10-11)."""
    return item(ReferencedSOPClassUID=sop_class_uid, ReferencedSOPInstanceUID=sop_instance_uid, **elements)


def algorithm(name: str, *, family: Dataset | None = None) -> Dataset:
    """Return an item that names an algorithm (PS3.3 Table 10-19), of a family of PS3.16 CID 7162 if of no other."""
    return item(
        AlgorithmFamilyCodeSequence=[family or code("123101", "DCM", "Neighborhood Analysis")],
        AlgorithmName=name,
        AlgorithmVersion="1",
    )


def uid_inside(identity: Identity, number: int) -> str:
    """Return a UID for the `number`-th thing that this instance names: below its own UID, so used by nothing else."""
    return f"{identity.sop_instance_uid}.{number}"


def sop_class(keyword: str) -> str:
    """Return the UID of a storage SOP class by its keyword in PS3.6."""
    return storage_uid_by_keyword()[keyword]


def composite(identity: Identity, *, sop_class_uid: str, modality: str) -> Dataset:
    """Return a data set with the modules patient, general study, general series, general equipment and SOP common.

    What belongs to the patient follows from the Patient ID alone, what belongs to the study from the study, and so on:
    instances of one series agree wherever they must.
    """
    dataset = Dataset()
    _sop_common(dataset, identity, sop_class_uid)
    _patient(dataset, identity)
    _general_study(dataset, identity)
    _general_series(dataset, identity, modality)
    _general_equipment(dataset)
    _private_block(dataset, identity)
    return dataset


def non_patient(identity: Identity, *, sop_class_uid: str) -> Dataset:
    """Return a data set with the module SOP common alone: what belongs to no patient (PS3.4 GG).

    Its identity's patient, study and series appear nowhere in it.
    """
    dataset = Dataset()
    _sop_common(dataset, identity, sop_class_uid)
    _private_block(dataset, identity)
    return dataset


def equipment(dataset: Dataset) -> None:
    """Add the module enhanced general equipment (PS3.3 Table C.7-8b) to what `composite` did not make."""
    _general_equipment(dataset)


def content_date(dataset: Dataset, identity: Identity) -> None:
    """Set Content Date and Content Time, five minutes after the study began."""
    dataset.ContentDate = seeded.date(identity.study_instance_uid)
    dataset.ContentTime = seeded.time(identity.study_instance_uid, plus_s=300)


def date_time(identity: Identity, *, plus_s: int = 300) -> str:
    """Return the DT value, `plus_s` seconds after the study began."""
    return seeded.date(identity.study_instance_uid) + seeded.time(identity.study_instance_uid, plus_s=plus_s)


def content_identification(dataset: Dataset, description: str) -> None:
    """Add the content identification macro (PS3.3 Table 10-12), without the Instance Number that is there already."""
    dataset.ContentLabel = "CONFORMANCE"
    dataset.ContentDescription = description
    dataset.ContentCreatorName = "CONFORMANCE^CREATOR"


def instance_references(dataset: Dataset, series_instance_uid: str, *references: Dataset) -> None:
    """Add the common instance reference module (PS3.3 Table C.12-8): instances of one series of the same study."""
    dataset.ReferencedSeriesSequence = [
        item(SeriesInstanceUID=series_instance_uid, ReferencedInstanceSequence=list(references))
    ]


def synchronized(dataset: Dataset, identity: Identity) -> None:
    """Add the synchronization module (PS3.3 Table C.7-7): one clock for the study, no trigger."""
    dataset.SynchronizationFrameOfReferenceUID = identity.frame_of_reference_uid
    dataset.SynchronizationTrigger = "NO TRIGGER"
    dataset.AcquisitionTimeSynchronized = "N"


def floats(values: Iterable[float]) -> bytes:
    """Return the bytes of an OF value, 32 bits each, in little endian."""
    return b"".join(struct.pack("<f", value) for value in values)


def words(values: Iterable[int]) -> bytes:
    """Return the bytes of an OL value, 32 bits each, in little endian."""
    return b"".join(struct.pack("<I", value) for value in values)


def shorts(values: Iterable[int]) -> bytes:
    """Return the bytes of an OW value, 16 bits each, in little endian."""
    return b"".join(struct.pack("<H", value) for value in values)


def _sop_common(dataset: Dataset, identity: Identity, sop_class_uid: str) -> None:
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.InstanceCreationDate = seeded.date(identity.study_instance_uid)
    dataset.InstanceCreationTime = seeded.time(identity.study_instance_uid, plus_s=600 + identity.instance_number)
    dataset.SOPClassUID = sop_class_uid
    dataset.SOPInstanceUID = identity.sop_instance_uid
    dataset.TimezoneOffsetFromUTC = "+0000"
    dataset.InstanceNumber = str(identity.instance_number)


def _patient(dataset: Dataset, identity: Identity) -> None:
    # PS3.3 Table C.7-1; Patient ID and Sex also decide what a worklist or a merge would touch.
    dataset.PatientName = identity.patient_name
    dataset.PatientID = identity.patient_id
    dataset.IssuerOfPatientID = PRIVATE_CREATOR
    dataset.PatientBirthDate = seeded.birth_date(identity.patient_id)
    dataset.PatientSex = "FMO"[seeded.number(identity.patient_id + "/sex", 3)]
    dataset.PatientComments = "Synthetic patient of a conformance test"


def _general_study(dataset: Dataset, identity: Identity) -> None:
    # PS3.3 Table C.7-3 and Table C.7-4a
    dataset.StudyInstanceUID = identity.study_instance_uid
    dataset.StudyDate = seeded.date(identity.study_instance_uid)
    dataset.StudyTime = seeded.time(identity.study_instance_uid)
    dataset.ReferringPhysicianName = "CONFORMANCE^REFERRER"
    dataset.StudyID = identity.study_id
    dataset.AccessionNumber = identity.accession_number
    dataset.StudyDescription = "Conformance test study"
    dataset.PatientAge = "045Y"
    dataset.PatientSize = "1.75"
    dataset.PatientWeight = "72.5"


def _general_series(dataset: Dataset, identity: Identity, modality: str) -> None:
    # PS3.3 Table C.7-5a
    dataset.Modality = modality
    dataset.SeriesInstanceUID = identity.series_instance_uid
    dataset.SeriesNumber = str(identity.series_number)
    dataset.SeriesDate = seeded.date(identity.study_instance_uid)
    dataset.SeriesTime = seeded.time(identity.study_instance_uid, plus_s=300)
    dataset.SeriesDescription = f"Conformance {modality} series"
    if modality not in _WITHOUT_OPERATOR:
        dataset.OperatorsName = "CONFORMANCE^OPERATOR"
    if modality not in _WITHOUT_BODY_PART:
        dataset.BodyPartExamined = _BODY_PARTS.get(modality, "CHEST")


def _general_equipment(dataset: Dataset) -> None:
    # PS3.3 Table C.7-8, with the type 1 elements of the enhanced module, Table C.7-8b
    dataset.Manufacturer = PRIVATE_CREATOR
    dataset.InstitutionName = "Conformance Test Site"
    dataset.StationName = "CONFORMANCE"
    dataset.ManufacturerModelName = "Synthetic instances"
    dataset.DeviceSerialNumber = "0001"
    dataset.SoftwareVersions = "1"


def _private_block(dataset: Dataset, identity: Identity) -> None:
    """Add a private block with text, a number, bytes and a sequence: what a careless archive drops first."""
    block = dataset.private_block(PRIVATE_GROUP, PRIVATE_CREATOR, create=True)
    seed = identity.sop_instance_uid
    block.add_new(0x01, "LO", f"kept {seeded.hexadecimal(seed, 12)}")
    block.add_new(0x02, "DS", ["1.25", "-3.5", "1e3"])
    block.add_new(0x03, "OB", seeded.octets(seed + "/private", 16))
    inner = Dataset()
    inner_block = inner.private_block(PRIVATE_GROUP, PRIVATE_CREATOR, create=True)
    inner_block.add_new(0x01, "SH", "inner")
    block.add_new(0x04, "SQ", Sequence([inner]))


def add(dataset: Dataset, keyword_tag: int, vr: str, value: object) -> None:
    """Set an element whose VR depends on others, so that nothing has to guess it when it is written."""
    dataset[keyword_tag] = DataElement(keyword_tag, vr, value)
