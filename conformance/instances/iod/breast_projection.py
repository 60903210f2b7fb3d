"""Breast projection X-ray images (PS3.3 A.74): the projections behind a tomosynthesis, one frame each."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import (
    BreastProjectionXRayImageStorageForPresentation,
    BreastProjectionXRayImageStorageForProcessing,
)

from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image, slices
from conformance.instances.iod.common import code, composite, item, reference, uid_inside
from conformance.instances.iod.enhanced_x_ray import rectangular_collimator
from conformance.instances.iod.x_ray_3d import cranio_caudal

# groups.dimensions takes number 1.
_IRRADIATION: Final = 2
_SOURCE: Final = 3
_DEGREES_BETWEEN: Final = 3.0


def projections_for_presentation(identity: Identity, size: image.Size) -> Dataset:
    """Return projections of the left breast for presentation, derived from those for processing."""
    dataset = _projections(identity, size, BreastProjectionXRayImageStorageForPresentation, "FOR PRESENTATION")
    source = reference(BreastProjectionXRayImageStorageForProcessing, uid_inside(identity, _SOURCE))
    source.PurposeOfReferenceCodeSequence = [code("121358", "DCM", "For Processing predecessor")]
    derivation = item(
        SourceImageSequence=[source], DerivationCodeSequence=[code("113091", "DCM", "Pixel by pixel mapping")]
    )
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        frame.DerivationImageSequence = [derivation]
    return dataset


def projections_for_processing(identity: Identity, size: image.Size) -> Dataset:
    """Return projections of the left breast for processing."""
    return _projections(identity, size, BreastProjectionXRayImageStorageForProcessing, "FOR PROCESSING")


def _projections(identity: Identity, size: image.Size, sop_class_uid: str, intent: str) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality="MG")
    image.grey_pixels(dataset, identity, size, bits_stored=12)
    slices.enhanced_image(dataset, identity, size, "ORIGINAL", "PRIMARY", "TOMO_PROJ", "NONE", acquired=False)
    dataset.AcquisitionDateTime = dataset.ContentDate + dataset.ContentTime
    dataset.AcquisitionDuration = 10.0
    dataset.PresentationIntentType = intent
    dataset.RequestAttributesSequence = [item(ScheduledProcedureStepID="SPS1", RequestedProcedureID="RP1")]
    image.frame_of_reference(dataset, identity)
    image.patient_orientation(dataset, "A", "R")
    image.posture(dataset, code("10904000", "SCT", "erect"))
    groups.dimensions(dataset, identity, ("FrameAcquisitionNumber", "FrameContentSequence"))
    cranio_caudal(dataset)
    _acquisition(dataset)
    dataset.SharedFunctionalGroupsSequence = [_shared(dataset, identity, size)]
    dataset.PerFrameFunctionalGroupsSequence = [_projection(identity, number) for number in range(1, size.frames + 1)]
    return dataset


def _acquisition(dataset: Dataset) -> None:
    # PS3.3 Table C.8.31-1, enhanced mammography image
    dataset.PositionerType = "MAMMOGRAPHIC"
    # The source stands while it exposes, and moves between frames.
    dataset.PositionerMotion = "STATIONARY"
    dataset.KVP = 28
    dataset.XRayTubeCurrentInmA = 100.0
    dataset.ExposureTimeInms = 500.0
    dataset.ExposureInmAs = 50.0
    dataset.FocalSpots = 0.3
    dataset.AnodeTargetMaterial = "TUNGSTEN"
    dataset.BodyPartThickness = 45
    dataset.CompressionForce = 90
    dataset.PaddleDescription = "Flat"
    dataset.DetectorType = "DIRECT"
    dataset.TypeOfDetectorMotion = "STATIONARY"
    dataset.ExposureControlMode = "AUTOMATIC"
    dataset.ExposureControlModeDescription = "Automatic"
    dataset.OrganDose = 0.015
    dataset.EntranceDoseInmGy = 5


def _shared(dataset: Dataset, identity: Identity, size: image.Size) -> Dataset:
    # PS3.3 A.74: its functional group macros
    anatomy = groups.frame_anatomy(groups.breast())
    anatomy.FrameLaterality = "L"
    return item(
        FrameAnatomySequence=[anatomy],
        PixelValueTransformationSequence=[slices.identity_transformation()],
        FrameVOILUTSequence=[item(WindowCenter=2048, WindowWidth=4096)],
        IrradiationEventIdentificationSequence=[item(IrradiationEventUID=uid_inside(identity, _IRRADIATION))],
        FieldOfViewSequence=[
            item(
                FieldOfViewShape="RECTANGLE",
                FieldOfViewDimensionsInFloat=[240.0, 300.0],
                FieldOfViewOrigin=["0", "0"],
                FieldOfViewRotation="0",
                FieldOfViewHorizontalFlip="NO",
            )
        ],
        FramePixelDataPropertiesSequence=[
            item(
                FrameType=list(dataset.ImageType),
                ImagerPixelSpacing=[0.1, 0.1],
                PixelIntensityRelationship="LIN",
                PixelIntensityRelationshipSign=-1,
                GeometricalProperties="UNIFORM",
                ImageProcessingApplied="NONE",
            )
        ],
        CollimatorShapeSequence=[rectangular_collimator(size)],
        XRayGeometrySequence=[
            item(
                DistanceSourceToPatient=600,
                DistanceSourceToDetector=660,
                DistanceSourceToIsocenter=640.0,
                EstimatedRadiographicMagnificationFactor=1,
            )
        ],
        XRayAcquisitionDoseSequence=[
            item(ExposureTimeInms=50.0, ExposureInmAs=5.0, OrganDose=0.0015, EntranceDoseInmGy=0.5)
        ],
    )


def _projection(identity: Identity, number: int) -> Dataset:
    content = groups.timed_frame_content(identity, number)
    content.FrameAcquisitionNumber = number
    angle = (number - 1) * _DEGREES_BETWEEN
    return item(
        FrameContentSequence=[content],
        PositionerPositionSequence=[item(PositionerPrimaryAngle=angle, PositionerPrimaryAngleDirection="CW")],
        IsocenterReferenceSystemSequence=[_isocenter(angle)],
    )


def _isocenter(angle: float) -> Dataset:
    # PS3.3 Table C.8.31.6-1: only the source moves
    return item(
        XRaySourceIsocenterPrimaryAngle=angle,
        XRaySourceIsocenterSecondaryAngle=0.0,
        BreastSupportIsocenterPrimaryAngle=0.0,
        BreastSupportIsocenterSecondaryAngle=0.0,
        BreastSupportXPositionToIsocenter=0.0,
        BreastSupportYPositionToIsocenter=0.0,
        BreastSupportZPositionToIsocenter=0.0,
        DetectorIsocenterPrimaryAngle=0.0,
        DetectorIsocenterSecondaryAngle=0.0,
        DetectorXPositionToIsocenter=0.0,
        DetectorYPositionToIsocenter=-20.0,
        DetectorZPositionToIsocenter=0.0,
        DetectorActiveAreaTLHCPosition=[-120.0, -20.0, 0.0],
        DetectorActiveAreaOrientation=[1.0, 0.0, 0.0, 0.0, 0.0, 1.0],
    )
