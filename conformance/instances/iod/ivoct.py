"""Intravascular optical coherence tomography (PS3.3 A.66)."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import (
    IntravascularOpticalCoherenceTomographyImageStorageForPresentation,
    IntravascularOpticalCoherenceTomographyImageStorageForProcessing,
)

from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image, slices
from conformance.instances.iod.common import code, composite, item

_PIXEL_MM: Final = 0.01
_FRAME_MM: Final = 0.2


def ivoct_for_presentation(identity: Identity, size: image.Size) -> Dataset:
    """Return cross sections of a coronary artery along a pullback."""
    dataset = _pullback(
        identity, size, IntravascularOpticalCoherenceTomographyImageStorageForPresentation, "FOR PRESENTATION"
    )
    dataset.InterpolationType = "BILINEAR"
    shared = dataset.SharedFunctionalGroupsSequence[0]
    shared.PixelMeasuresSequence = [groups.pixel_measures(spacing_mm=_PIXEL_MM, slice_mm=_FRAME_MM)]
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        frame.IntravascularFrameContentSequence = [item(SeamLineLocation=0)]
    return dataset


def ivoct_for_processing(identity: Identity, size: image.Size) -> Dataset:
    """Return lines of a coronary artery along a pullback, as they were acquired."""
    dataset = _pullback(
        identity, size, IntravascularOpticalCoherenceTomographyImageStorageForProcessing, "FOR PROCESSING"
    )
    del dataset.PresentationLUTShape
    dataset.EffectiveRefractiveIndex = 1.34
    # PS3.3 Table C.8.27.4-1, processing parameters
    dataset.PixelIntensityRelationship = "LIN"
    dataset.ALinePixelSpacing = _PIXEL_MM
    dataset.OCTZOffsetApplied = "YES"
    dataset.FirstALineLocation = 0.0
    dataset.RefractiveIndexApplied = "YES"
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        frame.IntravascularOCTFrameContentSequence = [item(OCTZOffsetCorrection=0, SeamLineIndex=1)]
    return dataset


def _pullback(identity: Identity, size: image.Size, sop_class_uid: str, intent: str) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality="IVOCT")
    image.grey_pixels(dataset, identity, size, bits_stored=8)
    slices.enhanced_image(dataset, identity, size, "ORIGINAL", "PRIMARY", "AXIAL", "NONE")
    dataset.PresentationIntentType = intent
    image.frame_of_reference(dataset, identity)
    image.synchronization(dataset)
    groups.stack_dimensions(dataset, identity)
    # PS3.3 Table C.8.27.2-1
    dataset.PixelPresentation = "MONOCHROME"
    dataset.VolumetricProperties = "DISTORTED"
    dataset.RecognizableVisualFeatures = "NO"
    _flush(dataset)
    _acquisition(dataset, size)
    shared = item(
        FrameAnatomySequence=[groups.frame_anatomy(code("41801008", "SCT", "Coronary artery"))],
        IntravascularOCTFrameTypeSequence=[item(FrameType=list(dataset.ImageType))],
    )
    dataset.SharedFunctionalGroupsSequence = [shared]
    dataset.PerFrameFunctionalGroupsSequence = [
        item(FrameContentSequence=[groups.timed_frame_content(identity, number)])
        for number in range(1, size.frames + 1)
    ]
    return dataset


def _flush(dataset: Dataset) -> None:
    # PS3.3 Table C.7-12b: what displaced the blood
    agent = code("262003004", "SCT", "Saline")
    agent.ContrastBolusAgentNumber = 1
    agent.ContrastBolusAdministrationRouteSequence = [code("58100008", "SCT", "Intra-arterial route")]
    agent.ContrastBolusIngredientCodeSequence = []
    agent.ContrastBolusVolume = None
    agent.ContrastBolusIngredientConcentration = None
    dataset.ContrastBolusAgentSequence = [agent]


def _acquisition(dataset: Dataset, size: image.Size) -> None:
    # PS3.3 Tables C.8.27.3-1 and C.8.27.5-1
    dataset.OCTFocalDistance = None
    dataset.BeamSpotSize = None
    dataset.OCTAcquisitionDomain = "FREQUENCY"
    dataset.OCTOpticalCenterWavelength = 1.3
    dataset.AxialResolution = 15.0
    dataset.RangingDepth = 5.0
    dataset.ALineRate = 50000.0
    dataset.ALinesPerFrame = size.rows
    dataset.IVUSAcquisition = "MANUAL"
    dataset.CatheterRotationalRate = 100.0
    dataset.CatheterDirectionOfRotation = "CW"
    dataset.ModeOfPercutaneousAccessSequence = []
