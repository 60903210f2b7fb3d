"""Radiotherapy of the first generation: treatment records (PS3.3 A.29 to A.31, A.50) and delivery instructions."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import RTPlanStorage

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import (
    composite,
    instance_references,
    item,
    reference,
    sop_class,
    uid_inside,
)

_PLAN: Final = 1
_PLAN_SERIES: Final = 2


def beams_record(identity: Identity, _size: image.Size) -> Dataset:
    """Return the record of one static photon beam, delivered whole."""
    dataset = _record(identity, "RTBeamsTreatmentRecordStorage", RTPlanStorage)
    _machine(dataset)
    # PS3.3 Table C.8-60
    dataset.NumberOfFractionsPlanned = 30
    dataset.PrimaryDosimeterUnit = "MU"
    first = item(
        **_moment(identity, 0),
        SpecifiedMeterset=0,
        DeliveredMeterset=0,
        DoseRateSet=600,
        DoseRateDelivered=600,
        NominalBeamEnergy=6,
        NominalBeamEnergyUnit="MV",
        BeamLimitingDevicePositionSequence=[
            item(RTBeamLimitingDeviceType="X", LeafJawPositions=[-50, 50]),
            item(RTBeamLimitingDeviceType="Y", LeafJawPositions=[-60, 60]),
        ],
        ReferencedControlPointIndex=0,
        **_still(),
        TableTopEccentricAngle=0,
        TableTopEccentricRotationDirection="NONE",
        TableTopPitchAngle=0.0,
        TableTopPitchRotationDirection="NONE",
        TableTopRollAngle=0.0,
        TableTopRollRotationDirection="NONE",
    )
    last = item(
        **_moment(identity, 20),
        SpecifiedMeterset=100,
        DeliveredMeterset=100,
        DoseRateSet=600,
        DoseRateDelivered=600,
        ReferencedControlPointIndex=1,
    )
    dataset.TreatmentSessionBeamSequence = [
        item(
            ReferencedBeamNumber=1,
            BeamName="AP",
            BeamType="STATIC",
            RadiationType="PHOTON",
            TreatmentDeliveryType="TREATMENT",
            CurrentFractionNumber=1,
            TreatmentTerminationStatus="NORMAL",
            TreatmentVerificationStatus="",
            SpecifiedPrimaryMeterset=100,
            DeliveredPrimaryMeterset=100,
            BeamLimitingDeviceLeafPairsSequence=[
                item(RTBeamLimitingDeviceType="X", NumberOfLeafJawPairs=1),
                item(RTBeamLimitingDeviceType="Y", NumberOfLeafJawPairs=1),
            ],
            NumberOfWedges=0,
            NumberOfCompensators=0,
            NumberOfBoli=0,
            NumberOfBlocks=0,
            NumberOfControlPoints=2,
            ControlPointDeliverySequence=[first, last],
        )
    ]
    return dataset


def ion_beams_record(identity: Identity, _size: image.Size) -> Dataset:
    """Return the record of one static proton beam, delivered whole."""
    dataset = _record(identity, "RTIonBeamsTreatmentRecordStorage", sop_class("RTIonPlanStorage"))
    _machine(dataset)
    # PS3.3 Table C.8.8.26-1
    dataset.NumberOfFractionsPlanned = 30
    dataset.PrimaryDosimeterUnit = "MU"
    first = item(
        **_moment(identity, 0),
        ReferencedControlPointIndex=0,
        SpecifiedMeterset=0,
        DeliveredMeterset=0,
        MetersetRateSet=10.0,
        MetersetRateDelivered=10.0,
        NominalBeamEnergy=150,
        **_still(),
        TableTopPitchAngle=0.0,
        TableTopPitchRotationDirection="NONE",
        TableTopRollAngle=0.0,
        TableTopRollRotationDirection="NONE",
        GantryPitchAngle=0.0,
        GantryPitchRotationDirection="NONE",
        SnoutPosition=300.0,
    )
    last = item(
        **_moment(identity, 20),
        ReferencedControlPointIndex=1,
        SpecifiedMeterset=100,
        DeliveredMeterset=100,
    )
    dataset.TreatmentSessionIonBeamSequence = [
        item(
            ReferencedBeamNumber=1,
            BeamName="AP",
            BeamType="STATIC",
            RadiationType="PROTON",
            ScanMode="NONE",
            TreatmentDeliveryType="TREATMENT",
            CurrentFractionNumber=1,
            TreatmentTerminationStatus="NORMAL",
            TreatmentVerificationStatus="",
            NumberOfWedges=0,
            NumberOfCompensators=0,
            NumberOfBoli=0,
            NumberOfBlocks=0,
            NumberOfRangeShifters=0,
            NumberOfLateralSpreadingDevices=0,
            NumberOfRangeModulators=0,
            PatientSupportType="TABLE",
            NumberOfControlPoints=2,
            IonControlPointDeliverySequence=[first, last],
        )
    ]
    return dataset


def brachy_record(identity: Identity, _size: image.Size) -> Dataset:
    """Return the record of one source that stayed in one channel."""
    dataset = _record(identity, "RTBrachyTreatmentRecordStorage", RTPlanStorage)
    _machine(dataset)
    # PS3.3 Table C.8-63
    dataset.NumberOfFractionsPlanned = 4
    dataset.BrachyTreatmentTechnique = "INTRACAVITARY"
    dataset.BrachyTreatmentType = "HDR"
    dataset.RecordedSourceSequence = [
        item(
            SourceNumber=1,
            SourceType="POINT",
            SourceManufacturer="PACS CONFORMANCE",
            SourceSerialNumber="0001",
            SourceIsotopeName="IR-192",
            SourceIsotopeHalfLife=73.83,
            ReferenceAirKermaRate=40000,
            SourceStrengthReferenceDate=seeded.date(identity.study_instance_uid),
            SourceStrengthReferenceTime="080000",
        )
    ]
    points = [
        item(**_moment(identity, plus_s), ControlPointRelativePosition=0, ReferencedControlPointIndex=number)
        for number, plus_s in enumerate((0, 60))
    ]
    exit_date, exit_time = _moment(identity, 0).values()
    return_date, return_time = _moment(identity, 60).values()
    channel = item(
        ChannelNumber=1,
        ChannelLength=1500,
        SourceMovementType="STEPWISE",
        SpecifiedChannelTotalTime=60,
        DeliveredChannelTotalTime=60,
        TransferTubeNumber=None,
        ReferencedSourceNumber=1,
        SafePositionExitDate=exit_date,
        SafePositionExitTime=exit_time,
        SafePositionReturnDate=return_date,
        SafePositionReturnTime=return_time,
        NumberOfControlPoints=len(points),
        BrachyControlPointDeliveredSequence=points,
    )
    dataset.TreatmentSessionApplicationSetupSequence = [
        item(
            ApplicationSetupType="FLETCHER_SUIT",
            TreatmentDeliveryType="TREATMENT",
            TotalReferenceAirKerma=600,
            CurrentFractionNumber=1,
            TreatmentTerminationStatus="NORMAL",
            TreatmentVerificationStatus="",
            RecordedChannelSequence=[channel],
        )
    ]
    return dataset


def summary_record(identity: Identity, _size: image.Size) -> Dataset:
    """Return the summary of a treatment that has begun."""
    dataset = _record(identity, "RTTreatmentSummaryRecordStorage", RTPlanStorage)
    # PS3.3 Table C.8-65
    dataset.CurrentTreatmentStatus = "ON_TREATMENT"
    dataset.FirstTreatmentDate = seeded.date(identity.study_instance_uid)
    dataset.MostRecentTreatmentDate = seeded.date(identity.study_instance_uid)
    return dataset


def beams_instruction(identity: Identity, _size: image.Size) -> Dataset:
    """Return the instruction to deliver one beam of a plan (PS3.3 A.64)."""
    dataset = composite(identity, sop_class_uid=sop_class("RTBeamsDeliveryInstructionStorage"), modality="PLAN")
    # PS3.3 Table C.8.8.29-1
    dataset.ReferencedRTPlanSequence = [_plan(identity, RTPlanStorage)]
    dataset.BeamTaskSequence = [
        item(
            BeamTaskType="TREAT",
            TreatmentDeliveryType="TREATMENT",
            PrimaryDosimeterUnit="MU",
            CurrentFractionNumber=1,
            ReferencedBeamNumber=1,
            TableTopVerticalAdjustedPosition=None,
            TableTopLongitudinalAdjustedPosition=None,
            TableTopLateralAdjustedPosition=None,
            PatientSupportAdjustedAngle=None,
            TableTopEccentricAdjustedAngle=None,
            TableTopPitchAdjustedAngle=None,
            TableTopRollAdjustedAngle=None,
            TableTopVerticalSetupDisplacement=None,
            TableTopLongitudinalSetupDisplacement=None,
            TableTopLateralSetupDisplacement=None,
        )
    ]
    instance_references(dataset, uid_inside(identity, _PLAN_SERIES), _plan(identity, RTPlanStorage))
    return dataset


def brachy_instruction(identity: Identity, _size: image.Size) -> Dataset:
    """Return the instruction to deliver one application setup of a plan (PS3.3 A.79)."""
    keyword = "RTBrachyApplicationSetupDeliveryInstructionStorage"
    dataset = composite(identity, sop_class_uid=sop_class(keyword), modality="PLAN")
    # PS3.3 Table C.8.8.30-1
    series = item(
        SeriesInstanceUID=uid_inside(identity, _PLAN_SERIES), ReferencedSOPSequence=[_plan(identity, RTPlanStorage)]
    )
    dataset.ReferencedRTPlanSequence = [
        item(StudyInstanceUID=identity.study_instance_uid, ReferencedSeriesSequence=[series])
    ]
    dataset.ReferencedFractionGroupNumber = 1
    dataset.CurrentFractionNumber = 1
    dataset.BrachyTaskSequence = [item(ReferencedBrachyApplicationSetupNumber=1, TreatmentDeliveryType="TREATMENT")]
    instance_references(dataset, uid_inside(identity, _PLAN_SERIES), _plan(identity, RTPlanStorage))
    return dataset


def _record(identity: Identity, keyword: str, plan_class: str) -> Dataset:
    """Return a data set with the modules RT series and RT general treatment record (PS3.3 C.8.8.1, C.8.8.17)."""
    dataset = composite(identity, sop_class_uid=sop_class(keyword), modality="RTRECORD")
    dataset.TreatmentDate = seeded.date(identity.study_instance_uid)
    dataset.TreatmentTime = seeded.time(identity.study_instance_uid, plus_s=300)
    dataset.ReferencedRTPlanSequence = [_plan(identity, plan_class)]
    return dataset


def _machine(dataset: Dataset) -> None:
    # PS3.3 Table C.8-56
    dataset.TreatmentMachineSequence = [
        item(
            TreatmentMachineName="LINAC 1",
            Manufacturer="PACS CONFORMANCE",
            InstitutionName="Conformance Test Site",
            ManufacturerModelName="Synthetic machine",
            DeviceSerialNumber="0001",
        )
    ]


def _moment(identity: Identity, plus_s: int) -> dict[str, object]:
    return {
        "TreatmentControlPointDate": seeded.date(identity.study_instance_uid),
        "TreatmentControlPointTime": seeded.time(identity.study_instance_uid, plus_s=300 + plus_s),
    }


def _still() -> dict[str, object]:
    """Return gantry, collimator and table of a control point at which nothing moves."""
    return {
        "GantryAngle": 0,
        "GantryRotationDirection": "NONE",
        "BeamLimitingDeviceAngle": 0,
        "BeamLimitingDeviceRotationDirection": "NONE",
        "PatientSupportAngle": 0,
        "PatientSupportRotationDirection": "NONE",
        "TableTopVerticalPosition": None,
        "TableTopLongitudinalPosition": None,
        "TableTopLateralPosition": None,
    }


def _plan(identity: Identity, plan_class: str) -> Dataset:
    return reference(plan_class, uid_inside(identity, _PLAN))
