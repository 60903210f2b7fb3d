"""Height map segmentation (PS3.3 Table C.8.20-5): where surfaces of the retina run, of floating point pixels."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import OphthalmicTomographyImageStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image
from conformance.instances.iod.common import code, composite, item, reference, uid_inside
from conformance.standard.sop_classes import storage_uid_by_keyword

_HEIGHT_MAP_STORAGE: Final = storage_uid_by_keyword()["HeightMapSegmentationStorage"]
_SOURCE_ROWS: Final = 512
_SPACING_MM: Final = 0.01
# groups.dimensions takes number 1.
_SOURCE: Final = 2
_SOURCE_SERIES: Final = 3
# PS3.16 CID 4273
_SURFACES: Final = (
    ("128289", "Outer surface of RNFL"),
    ("128290", "Outer surface of GCL"),
    ("128291", "Outer surface of IPL"),
    ("128292", "Outer surface of INL"),
)


def height_map(identity: Identity, size: image.Size) -> Dataset:
    """Return one surface of the retina for each frame: heights in rows of a tomogram, 32-bit floats."""
    dataset = composite(identity, sop_class_uid=_HEIGHT_MAP_STORAGE, modality="SEG")
    image.general_image(dataset, identity, "DERIVED", "PRIMARY")
    dataset.BodyPartExamined = "EYE"
    image.float_pixels(dataset, identity, size, highest=_SOURCE_ROWS)
    image.frame_of_reference(dataset, identity)
    image.multi_frame(dataset, size)
    groups.dimensions(dataset, identity, ("ReferencedSegmentNumber", "SegmentIdentificationSequence"))
    # PS3.3 Table C.8.20-5
    dataset.ContentLabel = "CONFORMANCE"
    dataset.ContentDescription = "Height map of a conformance test"
    dataset.ContentCreatorName = "CONFORMANCE^CREATOR"
    dataset.SegmentationType = "HEIGHTMAP"
    numbers = range(1, size.frames + 1)
    dataset.SegmentSequence = [_segment(number) for number in numbers]
    source = _tomogram(identity)
    source.PurposeOfReferenceCodeSequence = [code("121322", "DCM", "Source image for image processing operation")]
    derivation = item(SourceImageSequence=[source], DerivationCodeSequence=[code("113076", "DCM", "Segmentation")])
    dataset.SharedFunctionalGroupsSequence = [
        item(
            PixelMeasuresSequence=[groups.pixel_measures(spacing_mm=_SPACING_MM, slice_mm=_SPACING_MM)],
            PlaneOrientationSequence=[groups.axial_orientation()],
            PlanePositionSequence=[groups.plane_position(1, slice_mm=_SPACING_MM)],
            DerivationImageSequence=[derivation],
        )
    ]
    dataset.PerFrameFunctionalGroupsSequence = [
        item(
            FrameContentSequence=[item(DimensionIndexValues=number)],
            SegmentIdentificationSequence=[item(ReferencedSegmentNumber=number)],
        )
        for number in numbers
    ]
    dataset.ReferencedSeriesSequence = [
        item(
            SeriesInstanceUID=uid_inside(identity, _SOURCE_SERIES),
            ReferencedInstanceSequence=[_tomogram(identity)],
        )
    ]
    return dataset


def _segment(number: int) -> Dataset:
    value, meaning = _SURFACES[(number - 1) % len(_SURFACES)]
    return item(
        SegmentNumber=number,
        SegmentLabel=meaning,
        SegmentAlgorithmType="MANUAL",
        SegmentedPropertyCategoryCodeSequence=[code("123037004", "SCT", "Anatomical Structure")],
        SegmentedPropertyTypeCodeSequence=[code(value, "DCM", meaning)],
    )


def _tomogram(identity: Identity) -> Dataset:
    return reference(OphthalmicTomographyImageStorage, uid_inside(identity, _SOURCE))
