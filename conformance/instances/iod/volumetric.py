"""Volumetric presentation states (PS3.3 A.80, A.84): planar reconstructions and volume renderings of a CT series."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import icc, image
from conformance.instances.iod.common import add, instance_references, item, reference, shorts, sop_class, uid_inside
from conformance.instances.iod.presentation_state import palette, state

_SERIES: Final = 1
_IMAGE: Final = 2
_INPUT_SET: Final = 3
_OTHER_INPUT_SET: Final = 5
_SEGMENTATION: Final = 6
_WEIGHTS: Final = 256


def grayscale_planar_mpr(identity: Identity, _size: image.Size) -> Dataset:
    """Return a coronal plane through a CT volume, in grey."""
    dataset = _volumetric(identity, "GrayscalePlanarMPRVolumetricPresentationStateStorage", inputs=1)
    _plane(dataset)
    # PS3.3 Table C.11.27-1
    dataset.PixelPresentation = "MONOCHROME"
    dataset.PresentationLUTShape = "IDENTITY"
    return dataset


def compositing_planar_mpr(identity: Identity, _size: image.Size) -> Dataset:
    """Return a coronal plane through two inputs, each in the colours of a palette, put together."""
    dataset = _volumetric(identity, "CompositingPlanarMPRVolumetricPresentationStateStorage", inputs=2)
    _plane(dataset)
    dataset.PixelPresentation = "TRUE_COLOR"
    dataset.PresentationStateClassificationComponentSequence = [_classified(1), _classified(2)]
    dataset.PresentationStateCompositorComponentSequence = [_weighted()]
    dataset.ICCProfile = icc.input_profile()
    return dataset


def volume_rendering(identity: Identity, _size: image.Size) -> Dataset:
    """Return a rendering of one CT volume."""
    dataset = _volumetric(identity, "VolumeRenderingVolumetricPresentationStateStorage", inputs=1)
    _rendered(dataset, identity, streams=(_INPUT_SET,))
    return dataset


def segmented_volume_rendering(identity: Identity, _size: image.Size) -> Dataset:
    """Return a rendering of a CT volume, cropped to a segment."""
    dataset = _volumetric(identity, "SegmentedVolumeRenderingVolumetricPresentationStateStorage", inputs=1)
    # PS3.3 Table C.11.24-1
    dataset.VolumeCroppingSequence = [
        item(
            CroppingSpecificationNumber=1,
            VolumeCroppingMethod="INCLUDE_SEG",
            ReferencedImageSequence=[
                reference(sop_class("SegmentationStorage"), uid_inside(identity, _SEGMENTATION)),
            ],
        )
    ]
    only = dataset.VolumetricPresentationStateInputSequence[0]
    only.Crop = "YES"
    only.CroppingSpecificationIndex = 1
    _rendered(dataset, identity, streams=(_INPUT_SET,))
    return dataset


def multiple_volume_rendering(identity: Identity, _size: image.Size) -> Dataset:
    """Return a rendering of two volumes, each through its own stream."""
    dataset = _volumetric(identity, "MultipleVolumeRenderingVolumetricPresentationStateStorage", inputs=2)
    _rendered(dataset, identity, streams=(_INPUT_SET, _OTHER_INPUT_SET))
    dataset.PresentationStateCompositorComponentSequence = [_weighted()]
    return dataset


def _volumetric(identity: Identity, keyword: str, *, inputs: int) -> Dataset:
    """Return a data set with the modules of PS3.3 C.11.22 to C.11.25: identification, relationship, view."""
    dataset = state(identity, sop_class(keyword))
    image.frame_of_reference(dataset, identity)
    ct_image = reference(CTImageStorage, uid_inside(identity, _IMAGE))
    sets = (_INPUT_SET, _OTHER_INPUT_SET)[:inputs]
    dataset.VolumetricPresentationInputSetSequence = [
        item(
            VolumetricPresentationInputSetUID=uid_inside(identity, number),
            PresentationInputType="VOLUME",
            ReferencedImageSequence=[ct_image],
        )
        for number in sets
    ]
    dataset.VolumetricPresentationStateInputSequence = [
        item(
            VolumetricPresentationInputNumber=position,
            VolumetricPresentationInputSetUID=uid_inside(identity, number),
            WindowCenter=40,
            WindowWidth=400,
            Crop="NO",
        )
        for position, number in enumerate(sets, start=1)
    ]
    dataset.GlobalCrop = "NO"
    dataset.AnatomicRegionSequence = []
    dataset.ImageLaterality = "U"
    dataset.ViewCodeSequence = []
    instance_references(dataset, uid_inside(identity, _SERIES), ct_image)
    return dataset


def _plane(dataset: Dataset) -> None:
    # PS3.3 Table C.11.26-1, in millimetres
    dataset.MultiPlanarReconstructionStyle = "PLANAR"
    dataset.MPRThicknessType = "THIN"
    dataset.MPRTopLeftHandCorner = [-50.0, 0.0, 50.0]
    dataset.MPRViewWidthDirection = [1.0, 0.0, 0.0]
    dataset.MPRViewWidth = 100.0
    dataset.MPRViewHeightDirection = [0.0, 0.0, -1.0]
    dataset.MPRViewHeight = 100.0


def _rendered(dataset: Dataset, identity: Identity, *, streams: tuple[int, ...]) -> None:
    # PS3.3 Table C.11.30-1, in millimetres
    dataset.RenderingMethod = "VOLUME_RENDERED"
    dataset.RenderProjection = "ORTHOGRAPHIC"
    dataset.ViewpointPosition = [0.0, -500.0, 0.0]
    dataset.ViewpointLookAtPoint = [0.0, 0.0, 0.0]
    dataset.ViewpointUpDirection = [0.0, 0.0, 1.0]
    dataset.RenderFieldOfView = [-100.0, 100.0, 100.0, -100.0, 1.0, 1000.0]
    # PS3.3 Table C.11.32-1
    dataset.PixelPresentation = "TRUE_COLOR"
    dataset.VolumeStreamSequence = [
        item(
            VolumetricPresentationInputSetUID=uid_inside(identity, number),
            PresentationStateClassificationComponentSequence=[_classified(position)],
        )
        for position, number in enumerate(streams, start=1)
    ]
    dataset.PresentationStateCompositorComponentSequence = []
    dataset.ICCProfile = icc.input_profile()


def _classified(position: int) -> Dataset:
    """Return a component that turns one input into colours by a palette, opaque."""
    component = item(
        ComponentType="ONE_TO_RGBA",
        ComponentInputSequence=[item(VolumetricPresentationInputIndex=position)],
        RGBLUTTransferFunction="TABLE",
        AlphaLUTTransferFunction="IDENTITY",
    )
    palette(component)
    return component


def _weighted() -> Dataset:
    """Return a compositor that weighs both inputs alike (PS3.3 C.11.27.3)."""
    half = [128] * _WEIGHTS
    functions = []
    for _ in range(2):
        function = Dataset()
        add(function, 0x00283002, "US", [_WEIGHTS, 0, 8])
        add(function, 0x00283006, "OW", shorts(half))
        functions.append(function)
    return item(WeightingTransferFunctionSequence=functions)
