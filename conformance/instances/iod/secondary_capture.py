"""Secondary capture (PS3.3 A.8.1) and multi-frame grayscale byte secondary capture (A.8.3)."""

from pydicom.dataset import Dataset
from pydicom.uid import MultiFrameGrayscaleByteSecondaryCaptureImageStorage, SecondaryCaptureImageStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import composite


def sc_image(identity: Identity, size: image.Size) -> Dataset:
    """Return a grey secondary capture, 8 bits."""
    dataset = _secondary_capture(identity, SecondaryCaptureImageStorage)
    image.grey_pixels(dataset, identity, size, bits_stored=8)
    return dataset


def sc_multi_frame_grayscale_byte(identity: Identity, size: image.Size) -> Dataset:
    """Return a grey secondary capture of several frames, 8 bits."""
    dataset = _secondary_capture(identity, MultiFrameGrayscaleByteSecondaryCaptureImageStorage)
    image.grey_pixels(dataset, identity, size, bits_stored=8)
    image.multi_frame(dataset, size, "FrameTime")
    image.cine(dataset)
    # PS3.3 A.8.3.4: the rescale is the identity, in unspecified units; the presentation LUT as well.
    image.rescale(dataset, intercept=0, slope=1, unit="US")
    dataset.PresentationLUTShape = "IDENTITY"
    return dataset


def _secondary_capture(identity: Identity, sop_class_uid: str) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality="OT")
    image.general_image(dataset, identity, "DERIVED", "SECONDARY")
    image.patient_orientation(dataset)
    # PS3.3 Tables C.8-24 and C.8-25
    dataset.ConversionType = "WSD"
    dataset.SecondaryCaptureDeviceManufacturer = dataset.Manufacturer
    dataset.DateOfSecondaryCapture = dataset.ContentDate
    dataset.TimeOfSecondaryCapture = dataset.ContentTime
    dataset.BurnedInAnnotation = "NO"
    return dataset
