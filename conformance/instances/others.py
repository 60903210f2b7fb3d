"""The SOP classes that hold no pixel data and that not every PACS is expected to store."""

from typing import Final

from conformance.instances.entry import Entry, document
from conformance.instances.iod import (
    assessment,
    cad_report,
    clinical_report,
    documents,
    dose_report,
    implants,
    non_patient,
    presentation_state,
    protocols,
    radiotherapy,
    refraction,
    registration,
    rt_plan,
    rt_radiation,
    rt_records,
    spectroscopy,
    structured_report,
    surfaces,
    visual_field,
    volumetric,
    waveform,
    waveform_presentation,
)

_WAVEFORMS: Final[dict[str, Entry]] = {
    keyword: document(waveform.waveform(keyword))
    for keyword in waveform.KINDS
    if keyword != "TwelveLeadECGWaveformStorage"
}
_DOCUMENTS: Final[dict[str, Entry]] = {
    "EncapsulatedCDAStorage": document(documents.encapsulated_cda),
    "EncapsulatedMTLStorage": document(documents.encapsulated_mtl),
    "EncapsulatedOBJStorage": document(documents.encapsulated_obj),
    "EncapsulatedSTLStorage": document(documents.encapsulated_stl),
}
_GEOMETRY: Final[dict[str, Entry]] = {
    "DeformableSpatialRegistrationStorage": document(registration.deformable_registration),
    "MRSpectroscopyStorage": document(spectroscopy.mr_spectroscopy),
    "RealWorldValueMappingStorage": document(registration.real_world_value_mapping),
    "SpatialFiducialsStorage": document(registration.spatial_fiducials),
    "SpatialRegistrationStorage": document(registration.spatial_registration),
    "StereometricRelationshipStorage": document(registration.stereometric_relationship),
    "SurfaceScanMeshStorage": document(surfaces.surface_scan_mesh),
    "SurfaceScanPointCloudStorage": document(surfaces.surface_scan_point_cloud),
    "SurfaceSegmentationStorage": document(surfaces.surface_segmentation),
    "TractographyResultsStorage": document(surfaces.tractography_results),
}
_EYE: Final[dict[str, Entry]] = {
    "AutorefractionMeasurementsStorage": document(refraction.autorefraction),
    "IntraocularLensCalculationsStorage": document(refraction.lens_calculations),
    "KeratometryMeasurementsStorage": document(refraction.keratometry),
    "LensometryMeasurementsStorage": document(refraction.lensometry),
    "OphthalmicAxialMeasurementsStorage": document(refraction.axial_measurements),
    "OphthalmicVisualFieldStaticPerimetryMeasurementsStorage": document(visual_field.static_perimetry),
    "SubjectiveRefractionMeasurementsStorage": document(refraction.subjective_refraction),
    "VisualAcuityMeasurementsStorage": document(refraction.visual_acuity),
}
_PRESENTATION: Final[dict[str, Entry]] = {
    "AdvancedBlendingPresentationStateStorage": document(presentation_state.advanced_blending_presentation_state),
    "BasicStructuredDisplayStorage": document(presentation_state.structured_display),
    "BlendingSoftcopyPresentationStateStorage": document(presentation_state.blending_presentation_state),
    "ColorSoftcopyPresentationStateStorage": document(presentation_state.colour_presentation_state),
    "CompositingPlanarMPRVolumetricPresentationStateStorage": document(volumetric.compositing_planar_mpr),
    "GrayscalePlanarMPRVolumetricPresentationStateStorage": document(volumetric.grayscale_planar_mpr),
    "MultipleVolumeRenderingVolumetricPresentationStateStorage": document(volumetric.multiple_volume_rendering),
    "PseudoColorSoftcopyPresentationStateStorage": document(presentation_state.pseudo_colour_presentation_state),
    "SegmentedVolumeRenderingVolumetricPresentationStateStorage": document(volumetric.segmented_volume_rendering),
    "VariableModalityLUTSoftcopyPresentationStateStorage": document(
        presentation_state.variable_modality_lut_presentation_state
    ),
    "VolumeRenderingVolumetricPresentationStateStorage": document(volumetric.volume_rendering),
    "WaveformAcquisitionPresentationStateStorage": document(
        waveform_presentation.waveform_acquisition_presentation_state
    ),
    "WaveformPresentationStateStorage": document(waveform_presentation.waveform_presentation_state),
    "XAXRFGrayscaleSoftcopyPresentationStateStorage": document(presentation_state.xa_presentation_state),
}
_ASSESSMENTS: Final[dict[str, Entry]] = {
    "CTPerformedProcedureProtocolStorage": document(protocols.ct_performed),
    "ContentAssessmentResultsStorage": document(assessment.content_assessment),
    "MicroscopyBulkSimpleAnnotationsStorage": document(assessment.bulk_annotations),
    "XAPerformedProcedureProtocolStorage": document(protocols.xa_performed),
}
_OF_NO_PATIENT: Final[dict[str, Entry]] = {
    "CTDefinedProcedureProtocolStorage": document(protocols.ct_defined),
    "ColorPaletteStorage": document(non_patient.colour_palette),
    "GenericImplantTemplateStorage": document(implants.generic_template),
    "HangingProtocolStorage": document(non_patient.hanging_protocol),
    "ImplantAssemblyTemplateStorage": document(implants.assembly_template),
    "ImplantTemplateGroupStorage": document(implants.template_group),
    "InventoryStorage": document(non_patient.inventory),
    "ProtocolApprovalStorage": document(protocols.protocol_approval),
    "XADefinedProcedureProtocolStorage": document(protocols.xa_defined),
}
_REPORTS: Final[dict[str, Entry]] = {
    "AcquisitionContextSRStorage": document(clinical_report.acquisition_context),
    "ChestCADSRStorage": document(cad_report.chest_cad),
    "ColonCADSRStorage": document(cad_report.colon_cad),
    "Comprehensive3DSRStorage": document(structured_report.comprehensive_3d_sr),
    "EnhancedSRStorage": document(structured_report.enhanced_sr),
    "EnhancedXRayRadiationDoseSRStorage": document(dose_report.enhanced_x_ray_dose),
    "ExtensibleSRStorage": document(structured_report.extensible_sr),
    "ImplantationPlanSRStorage": document(clinical_report.implantation_plan),
    "MacularGridThicknessAndVolumeReportStorage": document(clinical_report.macular_grid),
    "MammographyCADSRStorage": document(cad_report.mammography_cad),
    "PatientRadiationDoseSRStorage": document(dose_report.patient_dose),
    "PerformedImagingAgentAdministrationSRStorage": document(clinical_report.performed_agent),
    "PlannedImagingAgentAdministrationSRStorage": document(clinical_report.planned_agent),
    "ProcedureLogStorage": document(clinical_report.procedure_log),
    "RadiopharmaceuticalRadiationDoseSRStorage": document(dose_report.radiopharmaceutical_dose),
    "SimplifiedAdultEchoSRStorage": document(clinical_report.adult_echo),
    "SpectaclePrescriptionReportStorage": document(clinical_report.spectacle_prescription),
    "WaveformAnnotationSRStorage": document(clinical_report.waveform_annotation),
    "XRayRadiationDoseSRStorage": document(dose_report.x_ray_dose),
}
_RADIOTHERAPY: Final[dict[str, Entry]] = {
    "CArmPhotonElectronRadiationRecordStorage": document(rt_radiation.c_arm_record),
    "CArmPhotonElectronRadiationStorage": document(rt_radiation.c_arm),
    "RTBeamsDeliveryInstructionStorage": document(rt_records.beams_instruction),
    "RTBeamsTreatmentRecordStorage": document(rt_records.beams_record),
    "RTBrachyApplicationSetupDeliveryInstructionStorage": document(rt_records.brachy_instruction),
    "RTBrachyTreatmentRecordStorage": document(rt_records.brachy_record),
    "RTIonBeamsTreatmentRecordStorage": document(rt_records.ion_beams_record),
    "RTIonPlanStorage": document(radiotherapy.rt_ion_plan),
    "RTPatientPositionAcquisitionInstructionStorage": document(rt_plan.position_acquisition),
    "RTPhysicianIntentStorage": document(rt_plan.physician_intent),
    "RTRadiationRecordSetStorage": document(rt_plan.record_set),
    "RTRadiationSalvageRecordStorage": document(rt_radiation.salvage_record),
    "RTRadiationSetDeliveryInstructionStorage": document(rt_plan.set_instruction),
    "RTRadiationSetStorage": document(rt_plan.radiation_set),
    "RTSegmentAnnotationStorage": document(rt_plan.segment_annotation),
    "RTTreatmentPreparationStorage": document(rt_plan.treatment_preparation),
    "RTTreatmentSummaryRecordStorage": document(rt_records.summary_record),
    "RoboticArmRadiationStorage": document(rt_radiation.robotic_arm),
    "RoboticRadiationRecordStorage": document(rt_radiation.robotic_arm_record),
    "TomotherapeuticRadiationRecordStorage": document(rt_radiation.tomotherapy_record),
    "TomotherapeuticRadiationStorage": document(rt_radiation.tomotherapy),
}
ENTRIES: Final[dict[str, Entry]] = {
    **_WAVEFORMS,
    **_DOCUMENTS,
    **_GEOMETRY,
    **_EYE,
    **_PRESENTATION,
    **_ASSESSMENTS,
    **_OF_NO_PATIENT,
    **_REPORTS,
    **_RADIOTHERAPY,
}
