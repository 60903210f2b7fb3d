"""Error lines of dciodvfy that say nothing about an instance: IODs that it does not know, and where it errs.

By instance: a part of the line, and why it is allowed. The tables of PS3.3 judge the IODs that it does not know.
"""

from typing import Final

_UNKNOWN: Final = frozenset(
    {
        "ArterialPulseWaveformStorage",
        "BodyPositionWaveformStorage",
        "CArmPhotonElectronRadiationRecordStorage",
        "CArmPhotonElectronRadiationStorage",
        "CTDefinedProcedureProtocolStorage",
        "WaveformAcquisitionPresentationStateStorage",
        "WaveformPresentationStateStorage",
        "CTPerformedProcedureProtocolStorage",
        "ColonCADSRStorage",
        "CompositingPlanarMPRVolumetricPresentationStateStorage",
        "ContentAssessmentResultsStorage",
        "ElectromyogramWaveformStorage",
        "ElectrooculogramWaveformStorage",
        "EncapsulatedMTLStorage",
        "EncapsulatedOBJStorage",
        "EnhancedXRayRadiationDoseSRStorage",
        "ExtensibleSRStorage",
        "General32bitECGWaveformStorage",
        "GeneralAudioWaveformStorage",
        "GenericImplantTemplateStorage",
        "GrayscalePlanarMPRVolumetricPresentationStateStorage",
        "ImplantAssemblyTemplateStorage",
        "ImplantTemplateGroupStorage",
        "ImplantationPlanSRStorage",
        "InventoryStorage",
        "MacularGridThicknessAndVolumeReportStorage",
        "MultichannelRespiratoryWaveformStorage",
        "MultipleVolumeRenderingVolumetricPresentationStateStorage",
        "PatientRadiationDoseSRStorage",
        "PerformedImagingAgentAdministrationSRStorage",
        "PlannedImagingAgentAdministrationSRStorage",
        "ProtocolApprovalStorage",
        "RTBeamsDeliveryInstructionStorage",
        "RTBrachyApplicationSetupDeliveryInstructionStorage",
        "RTPatientPositionAcquisitionInstructionStorage",
        "RTPhysicianIntentStorage",
        "RTRadiationRecordSetStorage",
        "RTRadiationSalvageRecordStorage",
        "RTRadiationSetDeliveryInstructionStorage",
        "RTRadiationSetStorage",
        "RTSegmentAnnotationStorage",
        "RTTreatmentPreparationStorage",
        "RespiratoryWaveformStorage",
        "RoboticArmRadiationStorage",
        "RoboticRadiationRecordStorage",
        "RoutineScalpElectroencephalogramWaveformStorage",
        "SegmentedVolumeRenderingVolumetricPresentationStateStorage",
        "SimplifiedAdultEchoSRStorage",
        "SleepElectroencephalogramWaveformStorage",
        "SurfaceScanMeshStorage",
        "SurfaceScanPointCloudStorage",
        "TomotherapeuticRadiationRecordStorage",
        "TomotherapeuticRadiationStorage",
        "VariableModalityLUTSoftcopyPresentationStateStorage",
        "VolumeRenderingVolumetricPresentationStateStorage",
        "WaveformAnnotationSRStorage",
        "XADefinedProcedureProtocolStorage",
        "XAPerformedProcedureProtocolStorage",
        "XAXRFGrayscaleSoftcopyPresentationStateStorage",
    }
)
_NO_TRIAL: Final = "PS3.3 Table A.35.9-1: the clinical trial modules are optional (U)"

UNKNOWN_TO_DCIODVFY: Final[dict[str, dict[str, str]]] = {
    keyword: {"Information Object Not found": "dicom3tools 1.00~20220618 has no table of this IOD"}
    for keyword in _UNKNOWN
}

WRONG_IN_DCIODVFY: Final[dict[str, dict[str, str]]] = {
    "AdvancedBlendingPresentationStateStorage": {
        "ReferencedSeriesSequence present but": "PS3.3 C.12.2: the references are in Advanced Blending Sequence"
    },
    "BasicStructuredDisplayStorage": {
        "ReferencedSeriesSequence present but": "PS3.3 C.12.2: the references are in the image boxes"
    },
    "MicroscopyBulkSimpleAnnotationsStorage": {
        "attribute <CommonZCoordinateValue>": "PS3.3 C.37.1: it is absent, as it has to be with 2D coordinates"
    },
    "OphthalmicAxialMeasurementsStorage": {
        "Conditional Element=<SelectedTotalOphthalmicAxialLengthSequence>": (
            "PS3.3 C.8.25.14: the condition is on an attribute of another sequence, which is TOTAL LENGTH"
        )
    },
    "SpectaclePrescriptionReportStorage": {
        "Module=<ClinicalTrialSubject>": _NO_TRIAL,
        "Module=<ClinicalTrialStudy>": _NO_TRIAL,
        "Module=<ClinicalTrialSeries>": _NO_TRIAL,
    },
    "StereometricRelationshipStorage": {
        "ReferencedSeriesSequence present but": "PS3.3 C.12.2: the references are in Stereo Pairs Sequence"
    },
}
