"""Image modules (PS3.3 C.7.6): general image, image plane, frame of reference, image pixel, multi-frame, windows."""

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from conformance.instances import pixels, seeded
from conformance.instances.identity import Identity
from conformance.instances.iod.common import add

# PS3.6 Table A-1, Universal Coordinated Time, as a synchronization frame of reference
_UTC = "1.2.840.10008.15.1.1"
_PIXEL_DATA = Tag("PixelData")
_FRAME_INCREMENT_POINTER = Tag("FrameIncrementPointer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The size of an image, in pixels and frames."""

    rows: int = 32
    columns: int = 32
    frames: int = 1


def general_image(dataset: Dataset, identity: Identity, *image_type: str) -> None:
    """Add the general image module (PS3.3 Table C.7-9), with content and acquisition times."""
    dataset.ImageType = list(image_type)
    dataset.ContentDate = seeded.date(identity.study_instance_uid)
    dataset.ContentTime = seeded.time(identity.study_instance_uid, plus_s=300 + identity.instance_number)
    dataset.AcquisitionDate = dataset.ContentDate
    dataset.AcquisitionTime = dataset.ContentTime
    dataset.AcquisitionNumber = "1"
    dataset.ImageComments = "Synthetic image of a conformance test"


def patient_orientation(dataset: Dataset, *directions: str) -> None:
    """Add Patient Orientation (type 2C: where the image plane module is absent), empty without directions."""
    dataset.PatientOrientation = list(directions) or ""


def posture(dataset: Dataset, orientation: Dataset, modifier: Dataset | None = None) -> None:
    """Add how the patient was held against gravity (PS3.3 Table 10-15)."""
    if modifier is not None:
        orientation.PatientOrientationModifierCodeSequence = [modifier]
    dataset.PatientOrientationCodeSequence = [orientation]


def frame_of_reference(dataset: Dataset, identity: Identity) -> None:
    """Add the frame of reference module (PS3.3 Table C.7-6)."""
    dataset.FrameOfReferenceUID = identity.frame_of_reference_uid
    dataset.PositionReferenceIndicator = ""


def synchronization(dataset: Dataset) -> None:
    """Add the synchronization module (PS3.3 Table C.7-7): no trigger, clocks in UTC but not synchronized."""
    dataset.SynchronizationFrameOfReferenceUID = _UTC
    dataset.SynchronizationTrigger = "NO TRIGGER"
    dataset.AcquisitionTimeSynchronized = "N"


def image_plane(dataset: Dataset, identity: Identity, *, spacing_mm: float = 0.75, thickness_mm: float = 5) -> None:
    """Add the image plane module (PS3.3 Table C.7-10): axial, one slice per instance number."""
    dataset.PixelSpacing = [spacing_mm, spacing_mm]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = [-100, -100, identity.instance_number * thickness_mm]
    dataset.SliceThickness = thickness_mm
    dataset.SliceLocation = identity.instance_number * thickness_mm


def grey_pixels(
    dataset: Dataset,
    identity: Identity,
    size: Size,
    *,
    bits_stored: int,
    photometric: str = "MONOCHROME2",
    signed: bool = False,
) -> None:
    """Add the image pixel module (PS3.3 Table C.7-11a) with grey content that follows from the SOP Instance UID."""
    _image_pixel(dataset, size, samples=1, photometric=photometric)
    dataset.BitsAllocated = 16 if bits_stored > 8 else 8
    dataset.BitsStored = bits_stored
    dataset.HighBit = bits_stored - 1
    dataset.PixelRepresentation = int(signed)
    planes = pixels.planes(
        identity.sop_instance_uid,
        frames=size.frames,
        rows=size.rows,
        columns=size.columns,
        bits_stored=bits_stored,
        signed=signed,
    )
    set_pixel_data(dataset, planes.tobytes())


def colour_pixels(dataset: Dataset, identity: Identity, size: Size) -> None:
    """Add the image pixel module with RGB content, colour by pixel."""
    _image_pixel(dataset, size, samples=3, photometric="RGB")
    dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelRepresentation = 0
    planes = pixels.colour_planes(identity.sop_instance_uid, frames=size.frames, rows=size.rows, columns=size.columns)
    set_pixel_data(dataset, planes.tobytes())


def bit_pixels(dataset: Dataset, identity: Identity, size: Size) -> None:
    """Add the image pixel module with one bit a pixel.

    Bits follow each other over frames, the first in the lowest bit of the first byte (PS3.5 section 8.1.1).
    """
    _image_pixel(dataset, size, samples=1, photometric="MONOCHROME2")
    dataset.BitsAllocated = dataset.BitsStored = 1
    dataset.HighBit = 0
    dataset.PixelRepresentation = 0
    planes = pixels.planes(
        identity.sop_instance_uid, frames=size.frames, rows=size.rows, columns=size.columns, bits_stored=8
    )
    set_pixel_data(dataset, np.packbits((planes > planes.mean()).ravel(), bitorder="little").tobytes())


def float_pixels(dataset: Dataset, identity: Identity, size: Size, *, highest: float) -> None:
    """Add the floating point image pixel module (PS3.3 Table C.7.6.24-1) with content from 0 to `highest`."""
    _image_pixel(dataset, size, samples=1, photometric="MONOCHROME2")
    dataset.BitsAllocated = 32
    planes = pixels.planes(
        identity.sop_instance_uid, frames=size.frames, rows=size.rows, columns=size.columns, bits_stored=16
    )
    add(dataset, Tag("FloatPixelData"), "OF", (planes * (highest / 65535)).astype("<f4").tobytes())


def set_pixel_data(dataset: Dataset, data: bytes) -> None:
    """Set Pixel Data: OB for cells of up to 8 bits, which no byte order changes, OW for the others (PS3.5 A.2)."""
    add(dataset, _PIXEL_DATA, "OB" if dataset.BitsAllocated <= 8 else "OW", pixels.even(data))


def window(dataset: Dataset, *, centre: float, width: float) -> None:
    """Add one window of the VOI LUT module (PS3.3 Table C.11-2b)."""
    dataset.WindowCenter = centre
    dataset.WindowWidth = width


def rescale(dataset: Dataset, *, intercept: float, slope: float, unit: str) -> None:
    """Add the modality LUT module as a rescale (PS3.3 Table C.11-1b)."""
    dataset.RescaleIntercept = intercept
    dataset.RescaleSlope = slope
    dataset.RescaleType = unit


def multi_frame(dataset: Dataset, size: Size, *pointers: str) -> None:
    """Add the multi-frame module (PS3.3 Table C.7-14); pointers are the keywords of Frame Increment Pointer."""
    dataset.NumberOfFrames = size.frames
    if pointers:
        tags = [Tag(keyword) for keyword in pointers]
        add(dataset, _FRAME_INCREMENT_POINTER, "AT", tags if len(tags) > 1 else tags[0])


def cine(dataset: Dataset, *, frame_time_ms: float = 40) -> None:
    """Add the cine module (PS3.3 Table C.7-13)."""
    dataset.FrameTime = frame_time_ms
    dataset.CineRate = round(1000 / frame_time_ms)


def _image_pixel(dataset: Dataset, size: Size, *, samples: int, photometric: str) -> None:
    dataset.SamplesPerPixel = samples
    dataset.PhotometricInterpretation = photometric
    dataset.Rows = size.rows
    dataset.Columns = size.columns
