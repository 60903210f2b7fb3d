"""Segmentation IOD (PS3.3 A.51)."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, SegmentationStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image
from conformance.instances.iod.common import code, composite, item, reference, uid_inside

_SLICE_MM: Final = 2.5
_CT_SERIES: Final = 2
_FIRST_CT_IMAGE: Final = 3


def segmentation(identity: Identity, size: image.Size) -> Dataset:
    """Return a binary segmentation of one organ, one bit per pixel, over a stack of CT slices."""
    dataset = composite(identity, sop_class_uid=SegmentationStorage, modality="SEG")
    image.general_image(dataset, identity, "DERIVED", "PRIMARY")
    del dataset.ImageComments
    image.frame_of_reference(dataset, identity)
    image.multi_frame(dataset, size)
    groups.stack_dimensions(dataset, identity)
    image.bit_pixels(dataset, identity, size)
    # PS3.3 Table C.8.20-2 and Table C.8.20-4
    dataset.ContentLabel = "CONFORMANCE"
    dataset.ContentDescription = "Segmentation of a conformance test"
    dataset.ContentCreatorName = "CONFORMANCE^CREATOR"
    dataset.SegmentationType = "BINARY"
    dataset.LossyImageCompression = "00"
    dataset.SegmentSequence = [
        item(
            SegmentNumber=1,
            SegmentLabel="Heart",
            SegmentAlgorithmType="MANUAL",
            SegmentedPropertyCategoryCodeSequence=[code("123037004", "SCT", "Anatomical Structure")],
            SegmentedPropertyTypeCodeSequence=[code("80891009", "SCT", "Heart")],
            RecommendedDisplayCIELabValue=[34885, 53485, 50171],
        )
    ]
    dataset.SharedFunctionalGroupsSequence = [
        item(
            PixelMeasuresSequence=[groups.pixel_measures(spacing_mm=0.75, slice_mm=_SLICE_MM)],
            PlaneOrientationSequence=[groups.axial_orientation()],
            SegmentIdentificationSequence=[item(ReferencedSegmentNumber=1)],
        )
    ]
    frames = range(1, size.frames + 1)
    dataset.PerFrameFunctionalGroupsSequence = [_frame(identity, position) for position in frames]
    dataset.ReferencedSeriesSequence = [
        item(
            SeriesInstanceUID=uid_inside(identity, _CT_SERIES),
            ReferencedInstanceSequence=[_ct_image(identity, position) for position in frames],
        )
    ]
    return dataset


def _frame(identity: Identity, position: int) -> Dataset:
    source = _ct_image(identity, position)
    source.PurposeOfReferenceCodeSequence = [code("121322", "DCM", "Source image for image processing operation")]
    derivation = item(
        SourceImageSequence=[source],
        DerivationCodeSequence=[code("113076", "DCM", "Segmentation")],
    )
    return item(
        FrameContentSequence=[groups.frame_content(position)],
        PlanePositionSequence=[groups.plane_position(position, slice_mm=_SLICE_MM)],
        DerivationImageSequence=[derivation],
    )


def _ct_image(identity: Identity, position: int) -> Dataset:
    return reference(CTImageStorage, uid_inside(identity, _FIRST_CT_IMAGE + position - 1))
