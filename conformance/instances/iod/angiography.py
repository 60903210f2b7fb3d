"""X-ray runs: X-Ray Angiographic (PS3.3 A.14), its retired bi-plane kind, and X-Ray Radiofluoroscopic (A.16)."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import (
    XRayAngiographicImageStorage,
    XRayRadiofluoroscopicImageStorage,
)

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import composite, reference, uid_inside
from conformance.standard.sop_classes import storage_uid_by_keyword

# Not among pydicom's constants, which leave out what is retired.
_BI_PLANE: Final = storage_uid_by_keyword()["XRayAngiographicBiPlaneImageStorage"]
_OTHER_PLANE: Final = 1


def xa_image(identity: Identity, size: image.Size) -> Dataset:
    """Return a single-plane run of the heart, 8 bits, 25 frames per second."""
    dataset = _x_ray_run(identity, size, XRayAngiographicImageStorage, modality="XA", planes="SINGLE PLANE")
    _c_arm(dataset)
    return dataset


def xa_bi_plane(identity: Identity, size: image.Size) -> Dataset:
    """Return plane A of a bi-plane run of the heart as an X-Ray Angiographic Image with the retired class's UID.

    PS3.4 Table B.6-1 retires the class, and PS3.3 defines its IOD no more.
    """
    dataset = _x_ray_run(
        identity,
        size,
        _BI_PLANE,
        modality="XA",
        planes="BIPLANE A",
    )
    _c_arm(dataset)
    # PS3.3 C.8.7.1.1.13: plane A names plane B
    dataset.ReferencedImageSequence = [reference(_BI_PLANE, uid_inside(identity, _OTHER_PLANE))]
    return dataset


def xrf_image(identity: Identity, size: image.Size) -> Dataset:
    """Return a single-plane fluoroscopic run of the chest, 8 bits, 25 frames per second."""
    dataset = _x_ray_run(identity, size, XRayRadiofluoroscopicImageStorage, modality="RF", planes="SINGLE PLANE")
    # PS3.3 Table C.8-31, XRF positioner
    dataset.DistanceSourceToPatient = 750
    dataset.DistanceSourceToDetector = 1000
    dataset.ColumnAngulation = 0
    return dataset


def _x_ray_run(identity: Identity, size: image.Size, sop_class_uid: str, *, modality: str, planes: str) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality=modality)
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY", planes)
    image.patient_orientation(dataset)
    image.grey_pixels(dataset, identity, size, bits_stored=8)
    image.multi_frame(dataset, size, "FrameTime")
    image.cine(dataset)
    # PS3.3 Table C.8-26, X-Ray image; Table C.8-27, acquisition
    dataset.PixelIntensityRelationship = "LIN"
    dataset.LossyImageCompression = "00"
    dataset.KVP = 80
    dataset.XRayTubeCurrent = 400
    dataset.ExposureTime = 8
    dataset.RadiationSetting = "GR"
    dataset.RadiationMode = "PULSED"
    dataset.ImagerPixelSpacing = [0.3, 0.3]
    return dataset


def _c_arm(dataset: Dataset) -> None:
    # PS3.3 Table C.8-30, positioner
    dataset.PositionerMotion = "STATIC"
    dataset.PositionerPrimaryAngle = -30
    dataset.PositionerSecondaryAngle = 0
    dataset.DistanceSourceToPatient = 750
    dataset.DistanceSourceToDetector = 1000
