"""Ultrasound, single and multi-frame (PS3.3 A.6, A.7), and the classes that these replaced (PS3.4 Table B.6-1)."""

from pydicom.dataset import Dataset
from pydicom.uid import (
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
)

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import composite, item
from conformance.standard.sop_classes import storage_uid_by_keyword


def us_image(identity: Identity, size: image.Size) -> Dataset:
    """Return a colour ultrasound image of the abdomen with one calibrated region."""
    return _ultrasound(identity, size, UltrasoundImageStorage)


def us_image_retired(identity: Identity, size: image.Size) -> Dataset:
    """Return the same image with the UID of the retired class, whose IOD PS3.3 defines no more."""
    return _ultrasound(identity, size, storage_uid_by_keyword()["UltrasoundImageStorageRetired"])


def us_multi_frame(identity: Identity, size: image.Size) -> Dataset:
    """Return a colour ultrasound loop of the abdomen, 25 frames per second."""
    return _loop(identity, size, UltrasoundMultiFrameImageStorage)


def us_multi_frame_retired(identity: Identity, size: image.Size) -> Dataset:
    """Return the same loop with the UID of the retired class, whose IOD PS3.3 defines no more."""
    return _loop(identity, size, storage_uid_by_keyword()["UltrasoundMultiFrameImageStorageRetired"])


def _loop(identity: Identity, size: image.Size, sop_class_uid: str) -> Dataset:
    dataset = _ultrasound(identity, size, sop_class_uid)
    image.multi_frame(dataset, size, "FrameTime")
    image.cine(dataset)
    return dataset


def _ultrasound(identity: Identity, size: image.Size, sop_class_uid: str) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality="US")
    # PS3.3 C.8.5.6.1.1: value 3 is the examination, value 4 says 2D imaging and colour doppler.
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY", "ABDOMINAL", "0011")
    image.patient_orientation(dataset)
    image.colour_pixels(dataset, identity, size)
    dataset.LossyImageCompression = "00"
    dataset.TransducerData = ["CONFORMANCE C5", "", ""]
    dataset.SequenceOfUltrasoundRegions = [
        # PS3.3 Table C.8-17, units 0003H are centimetres
        item(
            RegionSpatialFormat=1,
            RegionDataType=1,
            RegionFlags=0,
            RegionLocationMinX0=0,
            RegionLocationMinY0=0,
            RegionLocationMaxX1=size.columns - 1,
            RegionLocationMaxY1=size.rows - 1,
            PhysicalUnitsXDirection=3,
            PhysicalUnitsYDirection=3,
            PhysicalDeltaX=0.05,
            PhysicalDeltaY=0.05,
        )
    ]
    return dataset
