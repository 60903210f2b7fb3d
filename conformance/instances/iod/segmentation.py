"""Segmentation IOD (PS3.3 A.51): binary, and the label map of later editions."""

from typing import Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import CTImageStorage, SegmentationStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image
from conformance.instances.iod.common import add, code, composite, item, reference, uid_inside
from conformance.standard.sop_classes import storage_uid_by_keyword

_LABEL_MAP_STORAGE: Final = storage_uid_by_keyword()["LabelMapSegmentationStorage"]
# Four labels from 0 to 3 are left of eight bits.
_BITS_WITHOUT_LABEL: Final = 6
_SLICE_MM: Final = 2.5
_CT_SERIES: Final = 2
_FIRST_CT_IMAGE: Final = 3


def segmentation(identity: Identity, size: image.Size) -> Dataset:
    """Return a binary segmentation of one organ, one bit per pixel, over a stack of CT slices."""
    dataset = _segmentation(identity, size, SegmentationStorage)
    image.bit_pixels(dataset, identity, size)
    dataset.SegmentationType = "BINARY"
    dataset.SegmentSequence = [_segment(1, "Heart", code("80891009", "SCT", "Heart"))]
    dataset.SharedFunctionalGroupsSequence[0].SegmentIdentificationSequence = [item(ReferencedSegmentNumber=1)]
    return dataset


def label_map(identity: Identity, size: image.Size) -> Dataset:
    """Return a label map of three organs over a stack of CT slices: each pixel is a number of a segment, or 0."""
    dataset = _segmentation(identity, size, _LABEL_MAP_STORAGE)
    image.grey_pixels(dataset, identity, size, bits_stored=8)
    labels = np.frombuffer(dataset.PixelData, dtype="u1") >> _BITS_WITHOUT_LABEL
    image.set_pixel_data(dataset, labels.tobytes())
    add(dataset, Tag("PixelPaddingValue"), "US", 0)
    # PS3.3 C.8.20.2.3.3: the pixel tells its segment, so that no functional group does
    dataset.SegmentationType = "LABELMAP"
    dataset.SegmentsOverlap = "NO"
    dataset.SegmentSequence = [
        _segment(1, "Heart", code("80891009", "SCT", "Heart")),
        _segment(2, "Lung", code("39607008", "SCT", "Lung")),
        _segment(3, "Liver", code("10200004", "SCT", "Liver")),
    ]
    return dataset


def _segmentation(identity: Identity, size: image.Size, sop_class_uid: str) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality="SEG")
    image.general_image(dataset, identity, "DERIVED", "PRIMARY")
    del dataset.ImageComments
    image.frame_of_reference(dataset, identity)
    image.multi_frame(dataset, size)
    groups.stack_dimensions(dataset, identity)
    # PS3.3 Table C.8.20-2 and Table C.8.20-4
    dataset.ContentLabel = "CONFORMANCE"
    dataset.ContentDescription = "Segmentation of a conformance test"
    dataset.ContentCreatorName = "CONFORMANCE^CREATOR"
    dataset.LossyImageCompression = "00"
    dataset.SharedFunctionalGroupsSequence = [
        item(
            PixelMeasuresSequence=[groups.pixel_measures(spacing_mm=0.75, slice_mm=_SLICE_MM)],
            PlaneOrientationSequence=[groups.axial_orientation()],
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


def _segment(number: int, label: str, what: Dataset) -> Dataset:
    return item(
        SegmentNumber=number,
        SegmentLabel=label,
        SegmentAlgorithmType="MANUAL",
        SegmentedPropertyCategoryCodeSequence=[code("123037004", "SCT", "Anatomical Structure")],
        SegmentedPropertyTypeCodeSequence=[what],
        RecommendedDisplayCIELabValue=[34885, 53485, 50171],
    )


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
