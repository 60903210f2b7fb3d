"""What multi-frame stacks of axial slices share: the enhanced image attributes and the groups of their frames."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image
from conformance.instances.iod.common import add, code, item

SLICE_MM: Final = 2.5
SPACING_MM: Final = 0.75


def stack(dataset: Dataset, identity: Identity, size: image.Size, *image_type: str, acquired: bool = True) -> None:
    """Add what all share beside the pixels: frame of reference, dimensions, and what differs from frame to frame."""
    enhanced_image(dataset, identity, size, *image_type, acquired=acquired)
    image.frame_of_reference(dataset, identity)
    groups.stack_dimensions(dataset, identity)
    dataset.PatientPosition = "HFS"
    # PS3.3 Tables C.8-131 and C.8-81: the image as a whole
    dataset.PixelPresentation = "MONOCHROME"
    dataset.VolumetricProperties = "VOLUME"
    dataset.VolumeBasedCalculationTechnique = "NONE"
    dataset.PerFrameFunctionalGroupsSequence = [
        item(
            FrameContentSequence=[groups.timed_frame_content(identity, position)],
            PlanePositionSequence=[groups.plane_position(position, slice_mm=SLICE_MM)],
        )
        for position in range(1, size.frames + 1)
    ]


def enhanced_image(
    dataset: Dataset, identity: Identity, size: image.Size, *image_type: str, acquired: bool = True
) -> None:
    """Add what every enhanced image has at its top level: its type, frames, times, and what has not been done to it.

    Args:
        dataset: what is added to.
        identity: whose image it is.
        size: its frames.
        image_type: the values of Image Type.
        acquired: whether its IOD tells of one acquisition.
    """
    image.multi_frame(dataset, size)
    dataset.ImageType = list(image_type)
    dataset.ContentDate = seeded.date(identity.study_instance_uid)
    dataset.ContentTime = seeded.time(identity.study_instance_uid, plus_s=300)
    if acquired:
        dataset.AcquisitionDateTime = dataset.ContentDate + dataset.ContentTime
        dataset.AcquisitionDuration = 10.0
        dataset.AcquisitionNumber = 1
    dataset.ImageComments = "Synthetic image of a conformance test"
    dataset.AcquisitionContextSequence = []
    dataset.ContentQualification = "RESEARCH"
    dataset.BurnedInAnnotation = "NO"
    dataset.LossyImageCompression = "00"
    dataset.PresentationLUTShape = "IDENTITY"


def shared_groups(region: Dataset) -> Dataset:
    """Return the groups that all frames share: measures, orientation, anatomy and window."""
    return item(
        PixelMeasuresSequence=[groups.pixel_measures(spacing_mm=SPACING_MM, slice_mm=SLICE_MM)],
        PlaneOrientationSequence=[groups.axial_orientation()],
        FrameAnatomySequence=[groups.frame_anatomy(region)],
        FrameVOILUTSequence=[item(WindowCenter=1024, WindowWidth=2048)],
    )


def frame_type(dataset: Dataset) -> Dataset:
    """Return the frame type that says of each frame what the image says of itself (PS3.3 Table C.8-131)."""
    return item(
        FrameType=list(dataset.ImageType),
        PixelPresentation=dataset.PixelPresentation,
        VolumetricProperties=dataset.VolumetricProperties,
        VolumeBasedCalculationTechnique=dataset.VolumeBasedCalculationTechnique,
    )


def identity_transformation() -> Dataset:
    """Return an item of the pixel value transformation that changes nothing (PS3.3 Table C.7.6.16-10)."""
    return item(RescaleIntercept="0", RescaleSlope="1", RescaleType="US")


def real_world_values(unit: Dataset, *, last: float, slope: float = 1) -> Dataset:
    """Return an item of the real world value mapping for stored values from 0 to `last` (PS3.3 Table C.7.6.16-12).

    An integer is the last of stored integers, a float of stored floats.
    """
    mapping = item(
        RealWorldValueIntercept=0.0,
        RealWorldValueSlope=slope,
        LUTExplanation="Conformance mapping",
        LUTLabel="CONFORMANCE",
        MeasurementUnitsCodeSequence=[unit],
    )
    if isinstance(last, int):
        add(mapping, Tag("RealWorldValueFirstValueMapped"), "US", 0)
        add(mapping, Tag("RealWorldValueLastValueMapped"), "US", last)
    else:
        mapping.DoubleFloatRealWorldValueFirstValueMapped = 0.0
        mapping.DoubleFloatRealWorldValueLastValueMapped = last
    return mapping


def unit_of(value: str, meaning: str) -> Dataset:
    """Return the code of a unit of measurement."""
    return code(value, "UCUM", meaning)
