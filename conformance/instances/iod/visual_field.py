"""Ophthalmic visual field, static perimetry (PS3.3 A.65)."""

from typing import Final

from pydicom.dataset import Dataset

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import code, composite, item, sop_class

_POINTS_DEGREES: Final = (-9.0, -3.0, 3.0, 9.0)
_WHITE: Final = ("371251000", "SCT", "White")


def static_perimetry(identity: Identity, _size: image.Size) -> Dataset:
    """Return a diagnostic test of the right eye at 16 points, without norms to compare it with."""
    dataset = composite(
        identity, sop_class_uid=sop_class("OphthalmicVisualFieldStaticPerimetryMeasurementsStorage"), modality="OPV"
    )
    dataset.BodyPartExamined = "EYE"
    dataset.MeasurementLaterality = "R"
    _procedure(dataset, identity)
    _parameters(dataset)
    _reliability(dataset)
    _measurements(dataset, identity)
    # PS3.3 Table C.8.26.5-1
    dataset.VisualFieldMeanSensitivity = 29.5
    # PS3.3 Table C.8.26.6-1
    dataset.OphthalmicPatientClinicalInformationRightEyeSequence = [
        item(RefractiveParametersUsedOnPatientSequence=[], PupilSize=4.5, PupilDilated="NO")
    ]
    dataset.VisualFieldTestNormalsFlag = "NO"
    dataset.ShortTermFluctuationCalculated = "NO"
    dataset.ShortTermFluctuationProbabilityCalculated = "NO"
    dataset.CorrectedLocalizedDeviationFromNormalCalculated = "NO"
    dataset.CorrectedLocalizedDeviationFromNormalProbabilityCalculated = "NO"
    return dataset


def _procedure(dataset: Dataset, identity: Identity) -> None:
    """Name the protocol, and that it was diagnostic: PS3.3 C.8.26.1 ties other attributes to that modifier."""
    modifier = item(
        ValueType="CODE",
        ConceptNameCodeSequence=[code("111464", "DCM", "Procedure Modifier")],
        ConceptCodeSequence=[code("261004008", "SCT", "Diagnostic")],
    )
    protocol = code("111801", "DCM", "Visual Field 10-2 Test Pattern")
    strategy = code("111818", "DCM", "Visual Field Full Threshold Test Strategy")
    protocol.ProtocolContextSequence = [
        item(
            ValueType="CODE",
            ConceptNameCodeSequence=[code("370129005", "SCT", "Measurement Method")],
            ConceptCodeSequence=[strategy],
            ContentItemModifierSequence=[modifier],
        )
    ]
    dataset.PerformedProtocolCodeSequence = [protocol]
    dataset.PerformedProcedureStepStartDate = seeded.date(identity.study_instance_uid)
    dataset.PerformedProcedureStepStartTime = seeded.time(identity.study_instance_uid, plus_s=300)
    dataset.PerformedProcedureStepID = "PPS1"


def _parameters(dataset: Dataset) -> None:
    # PS3.3 Table C.8.26.2-1: degrees, candela per square metre, milliseconds
    dataset.VisualFieldHorizontalExtent = 20.0
    dataset.VisualFieldVerticalExtent = 20.0
    dataset.VisualFieldShape = "RECTANGLE"
    dataset.MaximumStimulusLuminance = 3183.0
    dataset.BackgroundLuminance = 10.0
    dataset.StimulusColorCodeSequence = [code(*_WHITE)]
    dataset.BackgroundIlluminationColorCodeSequence = [code(*_WHITE)]
    dataset.StimulusArea = 0.4375
    dataset.StimulusPresentationTime = 200.0


def _reliability(dataset: Dataset) -> None:
    # PS3.3 Table C.8.26.3-1
    dataset.FixationSequence = [
        item(
            FixationMonitoringCodeSequence=[code("111846", "DCM", "Observation by Examiner")],
            ExcessiveFixationLossesDataFlag="NO",
        )
    ]
    dataset.VisualFieldCatchTrialSequence = [
        item(
            FalseNegativesEstimateFlag="NO",
            ExcessiveFalseNegativesDataFlag="NO",
            FalsePositivesEstimateFlag="NO",
            CatchTrialsDataFlag="NO",
            ExcessiveFalsePositivesDataFlag="NO",
        )
    ]


def _measurements(dataset: Dataset, identity: Identity) -> None:
    # PS3.3 Table C.8.26.4-1
    dataset.PresentedVisualStimuliDataFlag = "NO"
    dataset.TestPointNormalsDataFlag = "NO"
    dataset.FovealSensitivityMeasured = "NO"
    dataset.FovealPointNormativeDataFlag = "NO"
    dataset.VisualFieldTestDuration = 240.0
    dataset.MinimumSensitivityValue = 0.0
    dataset.BlindSpotLocalized = "NO"
    dataset.ScreeningBaselineMeasured = "NO"
    dataset.VisualFieldTestPointSequence = [
        item(
            VisualFieldTestPointXCoordinate=x,
            VisualFieldTestPointYCoordinate=y,
            StimulusResults="SEEN",
            SensitivityValue=float(25 + seeded.number(f"{identity.sop_instance_uid}/{x}/{y}", 10)),
        )
        for y in _POINTS_DEGREES
        for x in _POINTS_DEGREES
    ]
