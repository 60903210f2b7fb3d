"""Duplicates, faulty content and sizes: named functions that make one instance out of another.

Each changes what its name says and nothing else; the data set it starts from is left as it is.
"""

from typing import Final

import numpy as np
from pydicom import config
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement, empty_value_for_VR
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag
from pydicom.uid import MultiFrameGrayscaleByteSecondaryCaptureImageStorage, SecondaryCaptureImageStorage

from conformance.instances import catalogue
from conformance.instances.errors import InstanceError
from conformance.instances.identity import Identity, IdentitySource
from conformance.instances.instance import Instance
from conformance.instances.rich import rich
from conformance.instances.sizes import large, sized, tiny

__all__ = [
    "changed_header",
    "changed_pixels",
    "emptied",
    "identity_of",
    "large",
    "other_patient",
    "other_series",
    "other_sop_class",
    "other_study",
    "rich",
    "sized",
    "tiny",
    "truncated",
    "with_element",
    "with_sop_class_uid",
    "with_sop_instance_uid",
    "without",
]

# Not PN, whose component groups are encoded one by one.
_TEXT_VRS: Final = frozenset(
    ["AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "SH", "ST", "TM", "UC", "UI", "UR", "UT"]
)
_CELL_TYPES: Final = {1: "u1", 8: "u1", 16: "<u2", 32: "<u4"}


def identity_of(instance: Instance) -> Identity:
    """Return who an instance says it belongs to; what it does not say is empty, numbers are then 1."""
    dataset = instance.dataset

    def text(keyword: str) -> str:
        return str(dataset.get(keyword) or "")

    return Identity(
        patient_id=text("PatientID"),
        patient_name=text("PatientName"),
        study_instance_uid=text("StudyInstanceUID"),
        series_instance_uid=text("SeriesInstanceUID"),
        sop_instance_uid=text("SOPInstanceUID"),
        frame_of_reference_uid=text("FrameOfReferenceUID"),
        study_id=text("StudyID"),
        accession_number=text("AccessionNumber"),
        series_number=int(text("SeriesNumber") or 1),
        instance_number=int(text("InstanceNumber") or 1),
    )


def changed_header(instance: Instance) -> Instance:
    """Return the instance with another Study Description, and another Image Comments where it has one.

    Pixel data and every identifier stay as they are.
    """

    def edit(dataset: Dataset) -> None:
        dataset.StudyDescription = "Conformance test study, header changed"
        if "ImageComments" in dataset:
            dataset.ImageComments = "Synthetic image of a conformance test, header changed"

    return instance.changed(label=f"{instance.label}, header changed", edit=edit)


def changed_pixels(instance: Instance) -> Instance:
    """Return the instance with the lowest bit of every pixel cell inverted, of floats too; nothing else changes.

    Raises:
        InstanceError: it has no native pixel data.
    """
    dataset = instance.dataset
    keyword = "FloatPixelData" if "FloatPixelData" in dataset else "PixelData"
    if keyword not in dataset or instance.is_encapsulated:
        raise InstanceError(
            f"{instance.label or 'instance'} has no native pixel data",
            hint="take an image, and change its pixels before they are encapsulated",
        )
    cells = np.frombuffer(dataset[keyword].value, dtype=_CELL_TYPES[dataset.BitsAllocated]).copy()
    used_bits = (
        dataset.Rows
        * dataset.Columns
        * int(dataset.get("NumberOfFrames") or 1)
        * dataset.SamplesPerPixel
        * dataset.BitsAllocated
    )
    cells[: max(1, used_bits // (8 * cells.itemsize))] ^= 1  # a last byte of padding stays zero
    data = cells.tobytes()
    return instance.changed(
        label=f"{instance.label}, pixels changed",
        edit=lambda copied: _set(copied, Tag(keyword), data, vr=dataset[keyword].VR),
    )


def other_series(instance: Instance, source: IdentitySource) -> Instance:
    """Return the same SOP instance in another series of the same study."""
    identity = source.new(study_of=identity_of(instance))
    return instance.changed(
        label=f"{instance.label}, other series", edit=lambda dataset: _move_to_series(dataset, identity)
    )


def other_study(instance: Instance, source: IdentitySource) -> Instance:
    """Return the same SOP instance in another study, and so another series, of the same patient."""
    identity = source.new(patient_of=identity_of(instance))
    return instance.changed(
        label=f"{instance.label}, other study", edit=lambda dataset: _move_to_study(dataset, identity)
    )


def other_patient(instance: Instance, source: IdentitySource) -> Instance:
    """Return the same SOP instance with another patient, and so another study and series."""
    identity = source.new()

    def edit(dataset: Dataset) -> None:
        dataset.PatientID = identity.patient_id
        dataset.PatientName = identity.patient_name
        _move_to_study(dataset, identity)

    return instance.changed(label=f"{instance.label}, other patient", edit=edit)


def other_sop_class(instance: Instance) -> Instance:
    """Return a valid instance of another SOP class with the same identity, SOP Instance UID and modality.

    It is a Secondary Capture, or a multi-frame one where the instance is a Secondary Capture: both take any modality.
    """
    is_secondary_capture = instance.sop_class_uid == SecondaryCaptureImageStorage
    uid = MultiFrameGrayscaleByteSecondaryCaptureImageStorage if is_secondary_capture else SecondaryCaptureImageStorage
    original = instance.dataset

    def edit(dataset: Dataset) -> None:
        for keyword in ("Modality", "SeriesDescription", "BodyPartExamined"):
            if keyword in original:
                setattr(dataset, keyword, original[keyword].value)

    return catalogue.build(uid.keyword, identity_of(instance)).changed(
        label=f"{instance.label}, as {uid.keyword}", edit=edit
    )


def without(instance: Instance, *keywords: str) -> Instance:
    """Return the instance without these elements of its top level.

    Raises:
        InstanceError: a keyword is unknown, or the element is not there.
    """
    tags = [_tag(keyword) for keyword in keywords]
    absent = [keyword for keyword, tag in zip(keywords, tags, strict=True) if tag not in instance.dataset]
    if absent:
        raise InstanceError(f"{instance.label or 'instance'} has no {', '.join(absent)}", hint="nothing would change")

    def edit(dataset: Dataset) -> None:
        for tag in tags:
            del dataset[tag]

    return instance.changed(label=f"{instance.label}, without {', '.join(keywords)}", edit=edit)


def emptied(instance: Instance, *keywords: str) -> Instance:
    """Return the instance with these elements present at its top level and of length zero.

    Raises:
        InstanceError: a keyword is unknown.
    """

    def edit(dataset: Dataset) -> None:
        for keyword in keywords:
            _set(dataset, _tag(keyword), None)

    return instance.changed(label=f"{instance.label}, empty {', '.join(keywords)}", edit=edit)


def with_element(instance: Instance, keyword: str, value: object) -> Instance:
    """Return the instance with one element of its top level set to a value that nobody checks.

    Raises:
        InstanceError: the keyword is unknown.
    """
    tag = _tag(keyword)
    return instance.changed(label=f"{instance.label}, other {keyword}", edit=lambda dataset: _set(dataset, tag, value))


def with_sop_instance_uid(instance: Instance, uid: str) -> Instance:
    """Return the instance with another SOP Instance UID, legal or not, and the same content."""
    return with_element(instance, "SOPInstanceUID", uid)


def with_sop_class_uid(instance: Instance, uid: str) -> Instance:
    """Return the instance with another SOP Class UID, legal or not, and the same content."""
    return with_element(instance, "SOPClassUID", uid)


def truncated(instance: Instance, transfer_syntax_uid: str, *, missing_bytes: int) -> bytes:
    """Return the encoded data set without its last `missing_bytes` bytes.

    Raises:
        InstanceError: nothing would be missing, or nothing would be left.
    """
    whole = instance.encoded(transfer_syntax_uid)
    if not 0 < missing_bytes < len(whole):
        raise InstanceError(
            f"missing_bytes is {missing_bytes}, outside 1 to {len(whole) - 1}", hint="leave at least one byte"
        )
    return whole[:-missing_bytes]


def _move_to_study(dataset: Dataset, identity: Identity) -> None:
    dataset.StudyInstanceUID = identity.study_instance_uid
    dataset.StudyID = identity.study_id
    dataset.AccessionNumber = identity.accession_number
    _move_to_series(dataset, identity)


def _move_to_series(dataset: Dataset, identity: Identity) -> None:
    dataset.SeriesInstanceUID = identity.series_instance_uid
    dataset.SeriesNumber = str(identity.series_number)


def _tag(keyword: str) -> BaseTag:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise InstanceError(f"{keyword!r} is no keyword of PS3.6", hint='such as "PatientID"')
    return Tag(tag)


def _set(dataset: Dataset, tag: BaseTag, value: object, *, vr: str | None = None) -> None:
    if vr is None:
        vr = str(dataset[tag].VR) if tag in dataset else dictionary_VR(tag).split(" or ")[0]
    if value is None:
        value = empty_value_for_VR(vr)
    # Text is taken as it is: a conversion would strip a UID and refuse a number that is none.
    as_it_is = isinstance(value, str) and vr in _TEXT_VRS
    dataset[tag] = DataElement(tag, vr, value, already_converted=as_it_is, validation_mode=config.IGNORE)
