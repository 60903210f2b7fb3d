"""Softcopy presentation states (PS3.3 A.33): grayscale, colour, pseudo-colour, blending, XA/XRF, modality LUTs."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, GrayscaleSoftcopyPresentationStateStorage

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import icc, image
from conformance.instances.iod.common import (
    add,
    composite,
    instance_references,
    item,
    reference,
    shorts,
    sop_class,
    uid_inside,
)

_SERIES: Final = 1
_IMAGE: Final = 2
_OTHER_SERIES: Final = 3
_OTHER_IMAGE: Final = 4
_PALETTE_ENTRIES: Final = 256
# Red, Green and Blue Palette Color Lookup Table Descriptor and Data
_PALETTE_TAGS: Final = ((0x00281101, 0x00281201), (0x00281102, 0x00281202), (0x00281103, 0x00281203))


def grayscale_presentation_state(identity: Identity, _size: image.Size) -> Dataset:
    """Return a presentation state of a CT image: window, displayed area, one layer with a line of text."""
    dataset = state(identity, GrayscaleSoftcopyPresentationStateStorage)
    _of_series(dataset, identity, CTImageStorage)
    _text(dataset, identity, CTImageStorage)
    image.rescale(dataset, intercept=-1024, slope=1, unit="HU")
    dataset.SoftcopyVOILUTSequence = [_window(identity, CTImageStorage)]
    dataset.PresentationLUTShape = "IDENTITY"
    return dataset


def colour_presentation_state(identity: Identity, _size: image.Size) -> Dataset:
    """Return a presentation state of a photograph: displayed area, a line of text, an ICC profile."""
    photograph = sop_class("VLPhotographicImageStorage")
    dataset = state(identity, sop_class("ColorSoftcopyPresentationStateStorage"))
    _of_series(dataset, identity, photograph)
    _text(dataset, identity, photograph)
    dataset.ICCProfile = icc.input_profile()
    return dataset


def pseudo_colour_presentation_state(identity: Identity, _size: image.Size) -> Dataset:
    """Return a presentation state that shows a CT image through a palette."""
    dataset = state(identity, sop_class("PseudoColorSoftcopyPresentationStateStorage"))
    _of_series(dataset, identity, CTImageStorage)
    image.rescale(dataset, intercept=-1024, slope=1, unit="HU")
    dataset.SoftcopyVOILUTSequence = [_window(identity, CTImageStorage)]
    palette(dataset)
    dataset.ICCProfile = icc.input_profile()
    return dataset


def blending_presentation_state(identity: Identity, _size: image.Size) -> Dataset:
    """Return a presentation state that lays a PET image, through a palette, over a CT image."""
    dataset = state(identity, sop_class("BlendingSoftcopyPresentationStateStorage"))
    pet = sop_class("PositronEmissionTomographyImageStorage")
    # PS3.3 Table C.11.14-1
    dataset.BlendingSequence = [
        _blended(identity, "UNDERLYING", CTImageStorage, _SERIES, _IMAGE),
        _blended(identity, "SUPERIMPOSED", pet, _OTHER_SERIES, _OTHER_IMAGE),
    ]
    dataset.RelativeOpacity = 0.5
    dataset.DisplayedAreaSelectionSequence = [_displayed_area(identity, CTImageStorage)]
    palette(dataset)
    dataset.ICCProfile = icc.input_profile()
    return dataset


def xa_presentation_state(identity: Identity, _size: image.Size) -> Dataset:
    """Return a presentation state of an enhanced XA image: displayed area, window, a line of text."""
    angiogram = sop_class("EnhancedXAImageStorage")
    dataset = state(identity, sop_class("XAXRFGrayscaleSoftcopyPresentationStateStorage"))
    _of_series(dataset, identity, angiogram)
    _text(dataset, identity, angiogram)
    dataset.SoftcopyVOILUTSequence = [_window(identity, angiogram)]
    dataset.PresentationLUTShape = "IDENTITY"
    return dataset


def variable_modality_lut_presentation_state(identity: Identity, _size: image.Size) -> Dataset:
    """Return a presentation state that gives a CT image a modality LUT of its own."""
    dataset = state(identity, sop_class("VariableModalityLUTSoftcopyPresentationStateStorage"))
    _of_series(dataset, identity, CTImageStorage)
    dataset.VariableModalityLUTSequence = [
        item(
            ReferencedImageSequence=[_image(identity, CTImageStorage)],
            RescaleIntercept=-1024,
            RescaleSlope=1,
            RescaleType="HU",
        )
    ]
    dataset.SoftcopyVOILUTSequence = [_window(identity, CTImageStorage)]
    dataset.PresentationLUTShape = "IDENTITY"
    return dataset


def advanced_blending_presentation_state(identity: Identity, _size: image.Size) -> Dataset:
    """Return a presentation state that blends a CT and a PET series in equal parts."""
    dataset = state(identity, sop_class("AdvancedBlendingPresentationStateStorage"))
    image.frame_of_reference(dataset, identity)
    # PS3.3 Tables C.11.33-1 and C.11.34-1
    dataset.AdvancedBlendingSequence = [
        _blending_input(identity, 1, CTImageStorage, _SERIES, _IMAGE),
        _blending_input(identity, 2, sop_class("PositronEmissionTomographyImageStorage"), _OTHER_SERIES, _OTHER_IMAGE),
    ]
    dataset.AdvancedBlendingSequence[0].GeometryForDisplay = "TRUE"
    dataset.PixelPresentation = "TRUE_COLOR"
    dataset.BlendingDisplaySequence = [
        item(
            BlendingMode="EQUAL",
            BlendingDisplayInputSequence=[item(BlendingInputNumber=1), item(BlendingInputNumber=2)],
        )
    ]
    dataset.ICCProfile = icc.input_profile()
    instance_references(dataset, uid_inside(identity, _SERIES), _image(identity, CTImageStorage))
    return dataset


def structured_display(identity: Identity, _size: image.Size) -> Dataset:
    """Return a display of one screen with a CT image in one box (PS3.3 A.33.7)."""
    dataset = state(identity, sop_class("BasicStructuredDisplayStorage"))
    # PS3.3 Tables C.11.16-1 and C.11.17-1
    dataset.NumberOfScreens = 1
    dataset.NominalScreenDefinitionSequence = [
        item(
            NumberOfVerticalPixels=1600,
            NumberOfHorizontalPixels=1200,
            DisplayEnvironmentSpatialPosition=[0.0, 1.0, 1.0, 0.0],
            ScreenMinimumGrayscaleBitDepth=8,
        )
    ]
    dataset.StructuredDisplayImageBoxSequence = [
        item(
            DisplayEnvironmentSpatialPosition=[0.0, 1.0, 1.0, 0.0],
            ImageBoxNumber=1,
            ImageBoxLayoutType="SINGLE",
            ReferencedImageSequence=[_image(identity, CTImageStorage)],
        )
    ]
    instance_references(dataset, uid_inside(identity, _SERIES), _image(identity, CTImageStorage))
    return dataset


def state(identity: Identity, sop_class_uid: str) -> Dataset:
    """Return a data set with the presentation state identification module (PS3.3 Table C.11.10-1)."""
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality="PR")
    dataset.ContentLabel = "CONFORMANCE"
    dataset.ContentDescription = "Presentation state of a conformance test"
    dataset.ContentCreatorName = "CONFORMANCE^CREATOR"
    dataset.PresentationCreationDate = seeded.date(identity.study_instance_uid)
    dataset.PresentationCreationTime = seeded.time(identity.study_instance_uid, plus_s=300)
    return dataset


def palette(dataset: Dataset, *, bits: int = 16) -> None:
    """Add the palette color lookup table module (PS3.3 Table C.7-22): from black over red and yellow to white.

    Args:
        dataset: the data set, or the item, to add it to.
        bits: of each entry, 8 or 16.
    """
    half = [min(entry * 2, 255) for entry in range(_PALETTE_ENTRIES)]
    late = [max(entry * 2 - 255, 0) for entry in range(_PALETTE_ENTRIES)]
    last = [max(entry * 4 - 765, 0) for entry in range(_PALETTE_ENTRIES)]
    for (descriptor, data), curve in zip(_PALETTE_TAGS, (half, late, last), strict=True):
        add(dataset, descriptor, "US", [_PALETTE_ENTRIES, 0, bits])
        add(dataset, data, "OW", bytes(curve) if bits == 8 else shorts(entry * 257 for entry in curve))


def _of_series(dataset: Dataset, identity: Identity, image_class: str) -> None:
    # PS3.3 Tables C.11.11-1b and C.10-4
    dataset.ReferencedSeriesSequence = [
        item(
            SeriesInstanceUID=uid_inside(identity, _SERIES),
            ReferencedImageSequence=[_image(identity, image_class)],
        )
    ]
    dataset.DisplayedAreaSelectionSequence = [_displayed_area(identity, image_class)]


def _displayed_area(identity: Identity, image_class: str) -> Dataset:
    return item(
        ReferencedImageSequence=[_image(identity, image_class)],
        DisplayedAreaTopLeftHandCorner=[1, 1],
        DisplayedAreaBottomRightHandCorner=[32, 32],
        PresentationSizeMode="SCALE TO FIT",
        PresentationPixelAspectRatio=[1, 1],
    )


def _text(dataset: Dataset, identity: Identity, image_class: str) -> None:
    # PS3.3 Tables C.10-5 and C.10-7
    text = item(
        UnformattedTextValue="Conformance",
        AnchorPoint=[0.5, 0.5],
        AnchorPointVisibility="N",
        AnchorPointAnnotationUnits="DISPLAY",
    )
    dataset.GraphicAnnotationSequence = [
        item(
            ReferencedImageSequence=[_image(identity, image_class)],
            GraphicLayer="LAYER 1",
            TextObjectSequence=[text],
        )
    ]
    dataset.GraphicLayerSequence = [item(GraphicLayer="LAYER 1", GraphicLayerOrder=1)]


def _window(identity: Identity, image_class: str) -> Dataset:
    return item(ReferencedImageSequence=[_image(identity, image_class)], WindowCenter=40, WindowWidth=400)


def _blended(identity: Identity, position: str, image_class: str, series: int, number: int) -> Dataset:
    one = reference(image_class, uid_inside(identity, number))
    return item(
        BlendingPosition=position,
        StudyInstanceUID=identity.study_instance_uid,
        ReferencedSeriesSequence=[
            item(SeriesInstanceUID=uid_inside(identity, series), ReferencedImageSequence=[one]),
        ],
        RescaleIntercept=0,
        RescaleSlope=1,
        RescaleType="US",
        SoftcopyVOILUTSequence=[item(WindowCenter=2048, WindowWidth=4096)],
    )


def _blending_input(identity: Identity, number: int, image_class: str, series: int, image_number: int) -> Dataset:
    return item(
        BlendingInputNumber=number,
        StudyInstanceUID=identity.study_instance_uid,
        SeriesInstanceUID=uid_inside(identity, series),
        ReferencedImageSequence=[reference(image_class, uid_inside(identity, image_number))],
        SoftcopyVOILUTSequence=[item(WindowCenter=2048, WindowWidth=4096)],
    )


def _image(identity: Identity, image_class: str) -> Dataset:
    return reference(image_class, uid_inside(identity, _IMAGE))
