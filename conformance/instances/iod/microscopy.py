"""Microscopy with places: slide coordinates (PS3.3 A.32.3), whole slide (A.32.8), confocal (A.90)."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import (
    ConfocalMicroscopyImageStorage,
    ConfocalMicroscopyTiledPyramidalImageStorage,
    VLSlideCoordinatesMicroscopicImageStorage,
    VLWholeSlideMicroscopyImageStorage,
)

from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image
from conformance.instances.iod.common import code, composite, item
from conformance.instances.iod.icc import input_profile
from conformance.instances.iod.specimen import slide_frame_of_reference, slide_offset, specimen

# Powers of two, so that they are the same in single precision.
_PIXEL_MM: Final = 2**-11
_THICKNESS_MM: Final = 2**-8
_LEFT_MM: Final = 20.0
_TOP_MM: Final = 40.0
_OPTICAL_PATH: Final = "1"


def vl_slide_coordinates(identity: Identity, size: image.Size) -> Dataset:
    """Return a colour image of a specimen of skin with its place on the slide."""
    dataset = composite(identity, sop_class_uid=VLSlideCoordinatesMicroscopicImageStorage, modality="SM")
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY")
    image.patient_orientation(dataset)
    image.colour_pixels(dataset, identity, size)
    dataset.LossyImageCompression = "00"
    dataset.AcquisitionContextSequence = []
    slide_frame_of_reference(dataset, identity)
    specimen(dataset, identity)
    # PS3.3 Table C.8-78
    dataset.ImageCenterPointCoordinatesSequence = [slide_offset(x_mm=_LEFT_MM, y_mm=_TOP_MM)]
    return dataset


def vl_whole_slide(identity: Identity, size: image.Size) -> Dataset:
    """Return a colour image of a specimen of skin in a row of tiles, one frame each."""
    dataset = composite(identity, sop_class_uid=VLWholeSlideMicroscopyImageStorage, modality="SM")
    image.colour_pixels(dataset, identity, size)
    _multi_frame(dataset, identity, size)
    slide_frame_of_reference(dataset, identity)
    specimen(dataset, identity)
    _imaged_volume(dataset, size)
    _tiles(dataset, size)
    _optical_path(dataset)
    # PS3.3 Table C.8.12.4-1
    dataset.AcquisitionDuration = 10.0
    dataset.SpecimenLabelInImage = "NO"
    dataset.FocusMethod = "AUTO"
    dataset.ExtendedDepthOfField = "NO"
    _tile_groups(dataset, identity, size, frame_type="WholeSlideMicroscopyImageFrameTypeSequence")
    return dataset


def confocal(identity: Identity, size: image.Size) -> Dataset:
    """Return a stack of reflectance images into the skin of a patient."""
    dataset = composite(identity, sop_class_uid=ConfocalMicroscopyImageStorage, modality="CFM")
    _confocal(dataset, identity, size, tissue="INVIVO")
    image.frame_of_reference(dataset, identity)
    groups.stack_dimensions(dataset, identity)
    shared = _shared(dataset, frame_type="ConfocalMicroscopyImageFrameTypeSequence")
    shared.OpticalPathIdentificationSequence = [item(OpticalPathIdentifier=_OPTICAL_PATH)]
    shared.FrameAnatomySequence = [groups.frame_anatomy(groups.skin())]
    dataset.SharedFunctionalGroupsSequence = [shared]
    dataset.PerFrameFunctionalGroupsSequence = [
        item(FrameContentSequence=[groups.timed_frame_content(identity, position)])
        for position in range(1, size.frames + 1)
    ]
    return dataset


def confocal_tiled_pyramidal(identity: Identity, size: image.Size) -> Dataset:
    """Return one level of a pyramid of reflectance images of a specimen of skin, in a row of tiles, one frame each."""
    dataset = composite(identity, sop_class_uid=ConfocalMicroscopyTiledPyramidalImageStorage, modality="CFM")
    _confocal(dataset, identity, size, tissue="EXVIVO")
    slide_frame_of_reference(dataset, identity)
    specimen(dataset, identity)
    _imaged_volume(dataset, size)
    _tiles(dataset, size)
    _tile_groups(dataset, identity, size, frame_type="ConfocalMicroscopyImageFrameTypeSequence")
    dataset.SharedFunctionalGroupsSequence[0].FrameAnatomySequence = [groups.frame_anatomy(groups.skin())]
    return dataset


def _multi_frame(dataset: Dataset, identity: Identity, size: image.Size) -> None:
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY", "VOLUME", "NONE")
    image.patient_orientation(dataset)
    image.multi_frame(dataset, size)
    dataset.AcquisitionDateTime = dataset.AcquisitionDate + dataset.AcquisitionTime
    dataset.AcquisitionContextSequence = []
    dataset.VolumetricProperties = "VOLUME"
    dataset.BurnedInAnnotation = "NO"
    dataset.LossyImageCompression = "00"


def _confocal(dataset: Dataset, identity: Identity, size: image.Size, *, tissue: str) -> None:
    image.grey_pixels(dataset, identity, size, bits_stored=8)
    _multi_frame(dataset, identity, size)
    # PS3.3 Tables C.8.35.1-1 and C.8.35.3-1
    dataset.ConfocalMode = "REFLECTANCE"
    dataset.TissueLocation = tissue
    dataset.OpticalMagnificationFactor = None
    dataset.FieldOfViewShape = "RECTANGLE"
    dataset.FieldOfViewDimensions = [1, 1]
    dataset.ImageAcquisitionDepth = None
    dataset.NumberOfOpticalPaths = 1
    dataset.OpticalPathSequence = [
        item(
            OpticalPathIdentifier=_OPTICAL_PATH,
            IlluminationTypeCodeSequence=[code("111742", "DCM", "Reflection illumination")],
            IlluminationWaveLength=830.0,
        )
    ]


def _imaged_volume(dataset: Dataset, size: image.Size) -> None:
    dataset.ImagedVolumeWidth = size.columns * size.frames * _PIXEL_MM
    dataset.ImagedVolumeHeight = size.rows * _PIXEL_MM
    dataset.ImagedVolumeDepth = _THICKNESS_MM * 1000  # micrometres


def _tiles(dataset: Dataset, size: image.Size) -> None:
    # PS3.3 Table C.8.12.14-1: frames side by side in one row of tiles
    dataset.TotalPixelMatrixColumns = size.columns * size.frames
    dataset.TotalPixelMatrixRows = size.rows
    dataset.TotalPixelMatrixFocalPlanes = 1
    origin = item(XOffsetInSlideCoordinateSystem=_LEFT_MM, YOffsetInSlideCoordinateSystem=_TOP_MM)
    dataset.TotalPixelMatrixOriginSequence = [origin]
    dataset.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]


def _optical_path(dataset: Dataset) -> None:
    # PS3.3 Table C.8.12.5-1
    dataset.NumberOfOpticalPaths = 1
    dataset.OpticalPathSequence = [
        item(
            OpticalPathIdentifier=_OPTICAL_PATH,
            IlluminationTypeCodeSequence=[code("111744", "DCM", "Brightfield illumination")],
            IlluminationColorCodeSequence=[code("414298005", "SCT", "Full Spectrum")],
            ICCProfile=input_profile(),
            ObjectiveLensPower=20,
        )
    ]


def _shared(dataset: Dataset, *, frame_type: str) -> Dataset:
    measures = item(PixelSpacing=[_PIXEL_MM, _PIXEL_MM], SliceThickness=_THICKNESS_MM)
    return item(PixelMeasuresSequence=[measures], **{frame_type: [item(FrameType=list(dataset.ImageType))]})


def _tile_groups(dataset: Dataset, identity: Identity, size: image.Size, *, frame_type: str) -> None:
    """Add dimensions and functional groups of tiles that each say where they are."""
    dataset.DimensionOrganizationType = "TILED_SPARSE"
    groups.dimensions(
        dataset,
        identity,
        ("RowPositionInTotalImagePixelMatrix", "PlanePositionSlideSequence"),
        ("ColumnPositionInTotalImagePixelMatrix", "PlanePositionSlideSequence"),
    )
    dataset.SharedFunctionalGroupsSequence = [_shared(dataset, frame_type=frame_type)]
    dataset.PerFrameFunctionalGroupsSequence = [_tile(identity, size, number) for number in range(size.frames)]


def _tile(identity: Identity, size: image.Size, number: int) -> Dataset:
    column = number * size.columns
    # PS3.3 C.8.12.2.1: with the orientation above, columns run along the negative Y axis.
    place = slide_offset(x_mm=_LEFT_MM, y_mm=_TOP_MM - column * _PIXEL_MM)
    place.ColumnPositionInTotalImagePixelMatrix = column + 1
    place.RowPositionInTotalImagePixelMatrix = 1
    content = groups.timed_frame_content(identity, number + 1)
    del content.StackID
    del content.InStackPositionNumber
    content.DimensionIndexValues = [1, number + 1]
    return item(
        FrameContentSequence=[content],
        PlanePositionSlideSequence=[place],
        OpticalPathIdentificationSequence=[item(OpticalPathIdentifier=_OPTICAL_PATH)],
    )
