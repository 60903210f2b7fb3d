"""Secondary capture (PS3.3 A.8.1) and its multi-frame kinds: single bit, byte, word, true colour (A.8.2 to A.8.5)."""

from pydicom.dataset import Dataset
from pydicom.uid import (
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameSingleBitSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
)

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import composite


def sc_image(identity: Identity, size: image.Size) -> Dataset:
    """Return a grey secondary capture, 8 bits."""
    dataset = _secondary_capture(identity, SecondaryCaptureImageStorage)
    image.grey_pixels(dataset, identity, size, bits_stored=8)
    return dataset


def sc_multi_frame_single_bit(identity: Identity, size: image.Size) -> Dataset:
    """Return a black and white secondary capture of several frames, one bit a pixel."""
    dataset = _multi_frame(identity, size, MultiFrameSingleBitSecondaryCaptureImageStorage)
    image.bit_pixels(dataset, identity, size)
    return dataset


def sc_multi_frame_grayscale_byte(identity: Identity, size: image.Size) -> Dataset:
    """Return a grey secondary capture of several frames, 8 bits."""
    return _multi_frame_grey(identity, size, MultiFrameGrayscaleByteSecondaryCaptureImageStorage, bits_stored=8)


def sc_multi_frame_grayscale_word(identity: Identity, size: image.Size) -> Dataset:
    """Return a grey secondary capture of several frames, 16 bits."""
    return _multi_frame_grey(identity, size, MultiFrameGrayscaleWordSecondaryCaptureImageStorage, bits_stored=16)


def sc_multi_frame_true_color(identity: Identity, size: image.Size) -> Dataset:
    """Return a colour secondary capture of several frames, RGB."""
    dataset = _multi_frame(identity, size, MultiFrameTrueColorSecondaryCaptureImageStorage)
    image.colour_pixels(dataset, identity, size)
    return dataset


def _multi_frame_grey(identity: Identity, size: image.Size, sop_class_uid: str, *, bits_stored: int) -> Dataset:
    dataset = _multi_frame(identity, size, sop_class_uid)
    image.grey_pixels(dataset, identity, size, bits_stored=bits_stored)
    # PS3.3 A.8.3.4, A.8.4.4: the rescale is the identity, in unspecified units; the presentation LUT as well.
    image.rescale(dataset, intercept=0, slope=1, unit="US")
    dataset.PresentationLUTShape = "IDENTITY"
    return dataset


def _multi_frame(identity: Identity, size: image.Size, sop_class_uid: str) -> Dataset:
    dataset = _secondary_capture(identity, sop_class_uid)
    image.multi_frame(dataset, size, "FrameTime")
    image.cine(dataset)
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
