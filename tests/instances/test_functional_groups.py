"""Functional groups of multi-frame images: those that an IOD demands are there, once, and fit frames and dimensions."""

from typing import Final

import pytest
from pydicom.dataset import Dataset

from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource

_PLANES: Final = frozenset({"PixelMeasuresSequence", "PlanePositionSequence", "PlaneOrientationSequence"})
_PLACED: Final = _PLANES | {"FrameContentSequence"}
_CONVERTED: Final = _PLACED | {
    "UnassignedSharedConvertedAttributesSequence",
    "UnassignedPerFrameConvertedAttributesSequence",
}
_WINDOWED: Final = frozenset({"FrameAnatomySequence", "FrameVOILUTSequence"})
_RUN: Final = _WINDOWED | {
    "FrameContentSequence",
    "FramePixelDataPropertiesSequence",
    "IrradiationEventIdentificationSequence",
}
_VOLUME_PLACED: Final = frozenset(
    {
        "FrameContentSequence",
        "ImageDataTypeSequence",
        "PixelMeasuresSequence",
        "PlaneOrientationVolumeSequence",
        "PlanePositionVolumeSequence",
    }
)
_RT: Final = _PLACED | {"RTImageFrameGeneralContentSequence", "RTImageFrameImagingDevicePositionSequence"}
_BREAST_PROJECTION: Final = _RUN | {
    "CollimatorShapeSequence",
    "FieldOfViewSequence",
    "IsocenterReferenceSystemSequence",
    "PixelValueTransformationSequence",
    "XRayAcquisitionDoseSequence",
    "XRayGeometrySequence",
}
_IVOCT: Final = frozenset({"FrameAnatomySequence", "FrameContentSequence", "IntravascularOCTFrameTypeSequence"})
_CONFOCAL: Final = frozenset(
    {"ConfocalMicroscopyImageFrameTypeSequence", "FrameAnatomySequence", "PixelMeasuresSequence"}
)

# PS3.3 Annex A, the tables of functional group macros of each IOD: those of usage M
_MANDATORY: Final[dict[str, frozenset[str]]] = {
    "BreastProjectionXRayImageStorageForPresentation": _BREAST_PROJECTION | {"DerivationImageSequence"},
    "BreastProjectionXRayImageStorageForProcessing": _BREAST_PROJECTION,
    "BreastTomosynthesisImageStorage": _PLACED
    | _WINDOWED
    | {"PixelValueTransformationSequence", "XRay3DFrameTypeSequence"},
    "ConfocalMicroscopyImageStorage": _CONFOCAL | {"OpticalPathIdentificationSequence"},
    "ConfocalMicroscopyTiledPyramidalImageStorage": _CONFOCAL
    | {"OpticalPathIdentificationSequence", "PlanePositionSlideSequence"},
    "EnhancedCTImageStorage": _PLACED
    | {
        "CTImageFrameTypeSequence",
        "FrameAnatomySequence",
        "IrradiationEventIdentificationSequence",
        "PixelValueTransformationSequence",
    },
    "EnhancedContinuousRTImageStorage": _RT,
    "EnhancedMRColorImageStorage": _PLACED | {"FrameAnatomySequence", "MRImageFrameTypeSequence"},
    "EnhancedMRImageStorage": _PLACED
    | {"FrameAnatomySequence", "MRImageFrameTypeSequence", "PixelValueTransformationSequence"},
    "EnhancedPETImageStorage": _PLACED
    | _WINDOWED
    | {
        "PETFrameTypeSequence",
        "PixelValueTransformationSequence",
        "RadiopharmaceuticalUsageSequence",
        "RealWorldValueMappingSequence",
    },
    "EnhancedRTImageStorage": _RT,
    "EnhancedUSVolumeStorage": _VOLUME_PLACED | {"FrameVOILUTSequence", "USImageDescriptionSequence"},
    "EnhancedXAImageStorage": _RUN,
    "EnhancedXRFImageStorage": _RUN,
    "IntravascularOpticalCoherenceTomographyImageStorageForPresentation": _IVOCT
    | {"IntravascularFrameContentSequence", "PixelMeasuresSequence"},
    "IntravascularOpticalCoherenceTomographyImageStorageForProcessing": _IVOCT
    | {"IntravascularOCTFrameContentSequence"},
    "LegacyConvertedEnhancedCTImageStorage": _CONVERTED
    | {"CTImageFrameTypeSequence", "FrameVOILUTSequence", "PixelValueTransformationSequence"},
    "LegacyConvertedEnhancedMRImageStorage": _CONVERTED | {"MRImageFrameTypeSequence"},
    "LegacyConvertedEnhancedPETImageStorage": _CONVERTED
    | {"FrameVOILUTSequence", "PETFrameTypeSequence", "PixelValueTransformationSequence"},
    "OphthalmicOpticalCoherenceTomographyBscanVolumeAnalysisStorage": _PLACED
    | _WINDOWED
    | {"DerivationImageSequence", "ReferencedImageSequence"},
    "OphthalmicTomographyImageStorage": _PLACED | {"FrameAnatomySequence"},
    "ParametricMapStorage": _PLACED
    | {
        "FrameVOILUTSequence",
        "ParametricMapFrameTypeSequence",
        "PixelValueTransformationSequence",
        "RealWorldValueMappingSequence",
    },
    "PhotoacousticImageStorage": _VOLUME_PLACED | {"PhotoacousticImageFrameTypeSequence", "TemporalPositionSequence"},
    "VLWholeSlideMicroscopyImageStorage": frozenset(
        {
            "OpticalPathIdentificationSequence",
            "PixelMeasuresSequence",
            "PlanePositionSlideSequence",
            "WholeSlideMicroscopyImageFrameTypeSequence",
        }
    ),
    "XRay3DAngiographicImageStorage": _PLACED | _WINDOWED | {"XRay3DFrameTypeSequence"},
    "XRay3DCraniofacialImageStorage": _PLACED | _WINDOWED | {"XRay3DFrameTypeSequence"},
}


def _image(keyword: str) -> Dataset:
    return catalogue.build(keyword, IdentitySource(seed=7, scope=keyword).new()).dataset


def _names(group: Dataset) -> set[str]:
    return {element.keyword for element in group}


def _of_frames(dataset: Dataset) -> list[Dataset]:
    return list(dataset.get("PerFrameFunctionalGroupsSequence") or dataset.SelectedFrameFunctionalGroupsSequence)


_WITH_GROUPS: Final = [k for k in catalogue.available() if "SharedFunctionalGroupsSequence" in _image(k)]


@pytest.mark.parametrize("keyword", _MANDATORY)
def test_the_groups_that_the_iod_demands_are_there(keyword: str) -> None:
    dataset = _image(keyword)
    shared = _names(dataset.SharedFunctionalGroupsSequence[0])
    for frame in _of_frames(dataset):
        assert shared | _names(frame) >= _MANDATORY[keyword]


@pytest.mark.parametrize("keyword", _WITH_GROUPS)
def test_a_group_is_shared_or_of_a_frame_and_never_both(keyword: str) -> None:
    """PS3.3 C.7.6.16.1.1; and the content of a frame is its own, Table C.7.6.16-3."""
    dataset = _image(keyword)
    assert len(dataset.SharedFunctionalGroupsSequence) == 1
    shared = _names(dataset.SharedFunctionalGroupsSequence[0])
    assert "FrameContentSequence" not in shared
    for frame in _of_frames(dataset):
        assert not shared & _names(frame)


@pytest.mark.parametrize("keyword", [k for k in _WITH_GROUPS if "PerFrameFunctionalGroupsSequence" in _image(k)])
def test_every_frame_has_an_item_and_an_index_in_every_dimension(keyword: str) -> None:
    """PS3.3 C.7.6.16 and C.7.6.17."""
    dataset = _image(keyword)
    frames = dataset.PerFrameFunctionalGroupsSequence
    assert len(frames) == dataset.NumberOfFrames
    indices = []
    for frame in frames:
        values = frame.FrameContentSequence[0]["DimensionIndexValues"]
        assert len(dataset.DimensionIndexSequence) == values.VM
        indices.append(values.value if values.VM == 1 else tuple(values.value))
    assert len(set(indices)) == len(frames)
