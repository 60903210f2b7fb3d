"""Radiotherapy: plan (PS3.3 A.20), ion plan (A.49), structure set (A.19), dose (A.18) and image (A.17)."""

from pydicom.dataset import Dataset
from pydicom.uid import (
    CTImageStorage,
    RTDoseStorage,
    RTImageStorage,
    RTPlanStorage,
    RTStructureSetStorage,
)

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import composite, item, reference, sop_class, uid_inside

_STRUCTURE_SET = 1
_PLAN = 2
_CT_SERIES = 3
_CT_IMAGE = 4


def rt_plan(identity: Identity, _size: image.Size) -> Dataset:
    """Return a plan of one static photon beam with two control points, and one fraction group."""
    dataset = composite(identity, sop_class_uid=RTPlanStorage, modality="RTPLAN")
    _general_plan(dataset, identity)
    dataset.BeamSequence = [_beam()]
    return dataset


def rt_ion_plan(identity: Identity, _size: image.Size) -> Dataset:
    """Return a plan of one static proton beam with two control points, and one fraction group."""
    dataset = composite(identity, sop_class_uid=sop_class("RTIonPlanStorage"), modality="RTPLAN")
    _general_plan(dataset, identity)
    dataset.IonBeamSequence = [_ion_beam()]
    return dataset


def rt_structure_set(identity: Identity, _size: image.Size) -> Dataset:
    """Return a structure set of one organ with one closed planar contour on a CT image."""
    dataset = composite(identity, sop_class_uid=RTStructureSetStorage, modality="RTSTRUCT")
    # PS3.3 Table C.8-41
    dataset.StructureSetLabel = "CONFORMANCE"
    dataset.StructureSetName = "Conformance structures"
    dataset.StructureSetDate = seeded.date(identity.study_instance_uid)
    dataset.StructureSetTime = seeded.time(identity.study_instance_uid, plus_s=300)
    image.frame_of_reference(dataset, identity)
    ct_image = reference(CTImageStorage, uid_inside(identity, _CT_IMAGE))
    series = item(SeriesInstanceUID=uid_inside(identity, _CT_SERIES), ContourImageSequence=[ct_image])
    study = reference("1.2.840.10008.3.1.2.3.1", identity.study_instance_uid, RTReferencedSeriesSequence=[series])
    dataset.ReferencedFrameOfReferenceSequence = [
        item(FrameOfReferenceUID=identity.frame_of_reference_uid, RTReferencedStudySequence=[study])
    ]
    dataset.StructureSetROISequence = [
        item(
            ROINumber=1,
            ReferencedFrameOfReferenceUID=identity.frame_of_reference_uid,
            ROIName="HEART",
            ROIGenerationAlgorithm="MANUAL",
        )
    ]
    # PS3.3 Table C.8-42
    contour = item(
        ContourImageSequence=[reference(CTImageStorage, uid_inside(identity, _CT_IMAGE))],
        ContourGeometricType="CLOSED_PLANAR",
        NumberOfContourPoints=4,
        ContourData=[-10.5, -10.25, 5, 10.5, -10.25, 5, 10.5, 10.25, 5, -10.5, 10.25, 5],
    )
    dataset.ROIContourSequence = [item(ReferencedROINumber=1, ROIDisplayColor=[255, 0, 0], ContourSequence=[contour])]
    # PS3.3 Table C.8-44
    dataset.RTROIObservationsSequence = [
        item(ObservationNumber=1, ReferencedROINumber=1, RTROIInterpretedType="ORGAN", ROIInterpreter="")
    ]
    dataset.ApprovalStatus = "UNAPPROVED"
    return dataset


def rt_dose(identity: Identity, size: image.Size) -> Dataset:
    """Return a physical dose grid of a plan, in gray, 16 bits."""
    dataset = composite(identity, sop_class_uid=RTDoseStorage, modality="RTDOSE")
    dataset.ContentDate = seeded.date(identity.study_instance_uid)
    dataset.ContentTime = seeded.time(identity.study_instance_uid, plus_s=300)
    image.frame_of_reference(dataset, identity)
    image.image_plane(dataset, identity, spacing_mm=2.5, thickness_mm=2.5)
    image.multi_frame(dataset, size, "GridFrameOffsetVector")
    image.grey_pixels(dataset, identity, size, bits_stored=16)
    # PS3.3 Table C.8-39
    dataset.DoseUnits = "GY"
    dataset.DoseType = "PHYSICAL"
    dataset.DoseSummationType = "PLAN"
    dataset.DoseGridScaling = 0.0001
    dataset.DoseComment = "Synthetic dose of a conformance test"
    dataset.TissueHeterogeneityCorrection = "IMAGE"
    dataset.GridFrameOffsetVector = [2.5 * frame for frame in range(size.frames)]
    dataset.ReferencedRTPlanSequence = [reference(RTPlanStorage, uid_inside(identity, _PLAN))]
    return dataset


def rt_image(identity: Identity, size: image.Size) -> Dataset:
    """Return a portal image, 12 bits in 16."""
    dataset = composite(identity, sop_class_uid=RTImageStorage, modality="RTIMAGE")
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY", "PORTAL")
    image.patient_orientation(dataset)
    image.grey_pixels(dataset, identity, size, bits_stored=12)
    image.window(dataset, centre=2048, width=4096)
    image.rescale(dataset, intercept=0, slope=1, unit="US")
    image.frame_of_reference(dataset, identity)
    # PS3.3 Table C.8-36
    dataset.RTImageLabel = "PORTAL"
    dataset.ConversionType = "DI"
    dataset.ReportedValuesOrigin = "ACTUAL"
    dataset.RTImagePlane = "NORMAL"
    dataset.XRayImageReceptorTranslation = [0, 0, -500]
    dataset.XRayImageReceptorAngle = 0
    dataset.ImagePlanePixelSpacing = [0.4, 0.4]
    dataset.RTImagePosition = [-100, 100]
    dataset.RadiationMachineName = "LINAC 1"
    dataset.RadiationMachineSAD = 1000
    dataset.RTImageSID = 1500
    dataset.PrimaryDosimeterUnit = "MU"
    dataset.GantryAngle = 0
    dataset.ApprovalStatus = "UNAPPROVED"
    return dataset


def _general_plan(dataset: Dataset, identity: Identity) -> None:
    """Add the modules frame of reference, RT general plan, RT patient setup and RT fraction scheme."""
    image.frame_of_reference(dataset, identity)
    # PS3.3 Table C.8-50
    dataset.RTPlanLabel = "CONFORMANCE"
    dataset.RTPlanName = "Conformance plan"
    dataset.RTPlanDate = seeded.date(identity.study_instance_uid)
    dataset.RTPlanTime = seeded.time(identity.study_instance_uid, plus_s=300)
    dataset.PlanIntent = "RESEARCH"
    dataset.RTPlanGeometry = "PATIENT"
    dataset.ReferencedStructureSetSequence = [reference(RTStructureSetStorage, uid_inside(identity, _STRUCTURE_SET))]
    dataset.ApprovalStatus = "UNAPPROVED"
    dataset.PatientSetupSequence = [item(PatientSetupNumber=1, PatientPosition="HFS")]
    # PS3.3 Table C.8-49
    dataset.FractionGroupSequence = [
        item(
            FractionGroupNumber=1,
            NumberOfFractionsPlanned=30,
            NumberOfBeams=1,
            NumberOfBrachyApplicationSetups=0,
            ReferencedBeamSequence=[item(ReferencedBeamNumber=1, BeamDose=2, BeamMeterset=100)],
        )
    ]


def _ion_beam() -> Dataset:
    start = item(
        ControlPointIndex=0,
        NominalBeamEnergy=150,
        MetersetRate=10.0,
        GantryAngle=0,
        GantryRotationDirection="NONE",
        BeamLimitingDeviceAngle=0,
        BeamLimitingDeviceRotationDirection="NONE",
        PatientSupportAngle=0,
        PatientSupportRotationDirection="NONE",
        TableTopVerticalPosition=None,
        TableTopLongitudinalPosition=None,
        TableTopLateralPosition=None,
        TableTopPitchAngle=0.0,
        TableTopPitchRotationDirection="NONE",
        TableTopRollAngle=0.0,
        TableTopRollRotationDirection="NONE",
        GantryPitchAngle=0.0,
        GantryPitchRotationDirection="NONE",
        IsocenterPosition=[0, 0, 0],
        SnoutPosition=300.0,
        CumulativeMetersetWeight=0,
    )
    # PS3.3 Table C.8.8.25-1
    return item(
        TreatmentMachineName="PROTON 1",
        PrimaryDosimeterUnit="MU",
        VirtualSourceAxisDistances=[2000.0, 2000.0],
        BeamNumber=1,
        BeamName="AP",
        BeamType="STATIC",
        RadiationType="PROTON",
        ScanMode="NONE",
        TreatmentDeliveryType="TREATMENT",
        NumberOfWedges=0,
        NumberOfCompensators=0,
        NumberOfBoli=0,
        NumberOfBlocks=0,
        NumberOfRangeShifters=0,
        NumberOfLateralSpreadingDevices=0,
        NumberOfRangeModulators=0,
        PatientSupportType="TABLE",
        FinalCumulativeMetersetWeight=1,
        NumberOfControlPoints=2,
        IonControlPointSequence=[start, item(ControlPointIndex=1, CumulativeMetersetWeight=1)],
    )


def _beam() -> Dataset:
    start = item(
        ControlPointIndex=0,
        NominalBeamEnergy=6,
        DoseRateSet=600,
        BeamLimitingDevicePositionSequence=[
            item(RTBeamLimitingDeviceType="X", LeafJawPositions=[-50, 50]),
            item(RTBeamLimitingDeviceType="Y", LeafJawPositions=[-60, 60]),
        ],
        GantryAngle=0,
        GantryRotationDirection="NONE",
        BeamLimitingDeviceAngle=0,
        BeamLimitingDeviceRotationDirection="NONE",
        PatientSupportAngle=0,
        PatientSupportRotationDirection="NONE",
        TableTopEccentricAngle=0,
        TableTopEccentricRotationDirection="NONE",
        TableTopVerticalPosition=None,
        TableTopLongitudinalPosition=None,
        TableTopLateralPosition=None,
        IsocenterPosition=[0, 0, 0],
        CumulativeMetersetWeight=0,
    )
    # PS3.3 Table C.8-50b
    return item(
        TreatmentMachineName="LINAC 1",
        PrimaryDosimeterUnit="MU",
        SourceAxisDistance=1000,
        BeamLimitingDeviceSequence=[
            item(RTBeamLimitingDeviceType="X", NumberOfLeafJawPairs=1),
            item(RTBeamLimitingDeviceType="Y", NumberOfLeafJawPairs=1),
        ],
        BeamNumber=1,
        BeamName="AP",
        BeamType="STATIC",
        RadiationType="PHOTON",
        TreatmentDeliveryType="TREATMENT",
        NumberOfWedges=0,
        NumberOfCompensators=0,
        NumberOfBoli=0,
        NumberOfBlocks=0,
        FinalCumulativeMetersetWeight=1,
        NumberOfControlPoints=2,
        ControlPointSequence=[start, item(ControlPointIndex=1, CumulativeMetersetWeight=1)],
    )
