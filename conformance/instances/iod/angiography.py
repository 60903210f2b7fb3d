"""X-Ray Angiographic Image IOD (PS3.3 A.14)."""

from pydicom.dataset import Dataset
from pydicom.uid import XRayAngiographicImageStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import composite


def xa_image(identity: Identity, size: image.Size) -> Dataset:
    """Return a single-plane run of the heart, 8 bits, 25 frames per second."""
    dataset = composite(identity, sop_class_uid=XRayAngiographicImageStorage, modality="XA")
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY", "SINGLE PLANE")
    image.patient_orientation(dataset)
    image.grey_pixels(dataset, identity, size, bits_stored=8)
    image.multi_frame(dataset, size, "FrameTime")
    image.cine(dataset)
    # PS3.3 Table C.8-27, X-Ray image; Table C.8-28, acquisition; Table C.8-30, positioner
    dataset.PixelIntensityRelationship = "LIN"
    dataset.LossyImageCompression = "00"
    dataset.KVP = 80
    dataset.XRayTubeCurrent = 400
    dataset.ExposureTime = 8
    dataset.RadiationSetting = "GR"
    dataset.RadiationMode = "PULSED"
    dataset.ImagerPixelSpacing = [0.3, 0.3]
    dataset.PositionerMotion = "STATIC"
    dataset.PositionerPrimaryAngle = -30
    dataset.PositionerSecondaryAngle = 0
    dataset.DistanceSourceToPatient = 750
    dataset.DistanceSourceToDetector = 1000
    return dataset
