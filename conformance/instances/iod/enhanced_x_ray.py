"""Enhanced XA (PS3.3 A.47) and enhanced XRF (A.48): runs of projections with functional groups."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import EnhancedXAImageStorage, EnhancedXRFImageStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image, slices
from conformance.instances.iod.common import code, composite, item, uid_inside

# groups.dimensions takes number 1.
_IRRADIATION: Final = 2


def enhanced_xa(identity: Identity, size: image.Size) -> Dataset:
    """Return a single-plane run of the heart from a digital detector on a C-arm that knows where its table is."""
    dataset = _run(identity, size, EnhancedXAImageStorage, modality="XA", positioner="CARM", flavor="STATIC")
    # PS3.3 Table C.8.19.3-1: positioner and table in one system, so that the groups tell their positions
    dataset.CArmPositionerTabletopRelationship = "YES"
    image.frame_of_reference(dataset, identity)
    image.synchronization(dataset)
    orientation = code("102538003", "SCT", "recumbent")
    orientation.PatientOrientationModifierCodeSequence = [code("40199007", "SCT", "supine")]
    dataset.PatientOrientationCodeSequence = [orientation]
    dataset.PatientGantryRelationshipCodeSequence = [code("102540008", "SCT", "headfirst")]
    shared = dataset.SharedFunctionalGroupsSequence[0]
    shared.PatientOrientationInFrameSequence = [item(PatientOrientation=["L", "F"])]
    shared.ProjectionPixelCalibrationSequence = [
        item(
            DistanceObjectToTableTop=100.0,
            ObjectPixelSpacingInCenterOfBeam=[0.25, 0.25],
            TableHeight=100,
            BeamAngle=30.0,
        )
    ]
    shared.XRayGeometrySequence = [item(DistanceSourceToIsocenter=750.0, DistanceSourceToDetector=1000)]
    return dataset


def enhanced_xrf(identity: Identity, size: image.Size) -> Dataset:
    """Return a single-plane fluoroscopic run of the chest from a digital detector on a column."""
    dataset = _run(identity, size, EnhancedXRFImageStorage, modality="RF", positioner="COLUMN", flavor="FLUOROSCOPY")
    dataset.SharedFunctionalGroupsSequence[0].PositionerPositionSequence = [item(ColumnAngulationPatient=0.0)]
    return dataset


def _run(
    identity: Identity, size: image.Size, sop_class_uid: str, *, modality: str, positioner: str, flavor: str
) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality=modality)
    image.grey_pixels(dataset, identity, size, bits_stored=12)
    slices.enhanced_image(dataset, identity, size, "ORIGINAL", "PRIMARY", flavor, "NONE")
    groups.dimensions(dataset, identity, ("TemporalPositionIndex", "FrameContentSequence"))
    dataset.PlanesInAcquisition = "MONOPLANE"
    dataset.PlaneIdentification = "MONOPLANE"
    _acquisition(dataset, positioner)
    dataset.SharedFunctionalGroupsSequence = [_shared(dataset, identity, size)]
    dataset.PerFrameFunctionalGroupsSequence = [
        item(FrameContentSequence=[_moment(identity, number)]) for number in range(1, size.frames + 1)
    ]
    return dataset


def _acquisition(dataset: Dataset, positioner: str) -> None:
    # PS3.3 Tables C.8.19.3-1 and C.8.19.5-1, acquisition and detector
    dataset.KVP = 80
    dataset.XRayTubeCurrentInmA = 400.0
    dataset.ExposureTimeInms = 8.0
    dataset.AveragePulseWidth = 8
    dataset.RadiationSetting = "GR"
    dataset.RadiationMode = "PULSED"
    dataset.PositionerType = positioner
    dataset.XRayReceptorType = "DIGITAL_DETECTOR"
    dataset.DistanceReceptorPlaneToDetectorHousing = None
    dataset.AcquiredImageAreaDoseProduct = None
    dataset.DetectorType = "SCINTILLATOR"
    dataset.PhysicalDetectorSize = [300.0, 400.0]


def _shared(dataset: Dataset, identity: Identity, size: image.Size) -> Dataset:
    return item(
        FrameAnatomySequence=[groups.frame_anatomy(groups.chest())],
        FrameVOILUTSequence=[item(WindowCenter=2048, WindowWidth=4096)],
        IrradiationEventIdentificationSequence=[item(IrradiationEventUID=uid_inside(identity, _IRRADIATION))],
        FramePixelDataPropertiesSequence=[
            item(
                FrameType=list(dataset.ImageType),
                ImagerPixelSpacing=[0.3, 0.3],
                PixelIntensityRelationship="LIN",
                PixelIntensityRelationshipSign=1,
                GeometricalProperties="UNIFORM",
                ImageProcessingApplied="NONE",
            )
        ],
        FrameDetectorParametersSequence=[item(DetectorActiveTime=8)],
        PositionerPositionSequence=[item(PositionerPrimaryAngle=-30, PositionerSecondaryAngle=0)],
        TablePositionSequence=[
            item(
                TableTopVerticalPosition=0.0,
                TableTopLongitudinalPosition=0.0,
                TableTopLateralPosition=0.0,
                TableHorizontalRotationAngle=0.0,
                TableHeadTiltAngle=0.0,
                TableCradleTiltAngle=0.0,
            )
        ],
        CollimatorShapeSequence=[rectangular_collimator(size)],
    )


def rectangular_collimator(size: image.Size) -> Dataset:
    """Return an item of the collimator macro whose blades lie at the edges of the image (PS3.3 Table C.8.19.6-12)."""
    return item(
        CollimatorShape="RECTANGULAR",
        CollimatorLeftVerticalEdge=0,
        CollimatorRightVerticalEdge=size.columns + 1,
        CollimatorUpperHorizontalEdge=0,
        CollimatorLowerHorizontalEdge=size.rows + 1,
    )


def _moment(identity: Identity, number: int) -> Dataset:
    content = groups.timed_frame_content(identity, number)
    del content.StackID
    del content.InStackPositionNumber
    content.TemporalPositionIndex = number
    return content
