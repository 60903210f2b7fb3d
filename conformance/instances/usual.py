"""The SOP classes of the usual modalities: what every PACS is expected to store."""

from typing import Final

from conformance.instances.entry import Entry, document, plane, stack
from conformance.instances.iod import (
    angiography,
    ct,
    documents,
    enhanced,
    mr,
    nuclear,
    presentation_state,
    projection,
    radiotherapy,
    secondary_capture,
    segmentation,
    structured_report,
    ultrasound,
    visible_light,
    waveform,
)
from conformance.instances.iod.image import Size

ENTRIES: Final[dict[str, Entry]] = {
    "BasicTextSRStorage": document(structured_report.basic_text_sr),
    "CTImageStorage": plane(ct.ct_image),
    "ComprehensiveSRStorage": document(structured_report.comprehensive_sr),
    "ComputedRadiographyImageStorage": plane(projection.cr_image),
    "DigitalMammographyXRayImageStorageForPresentation": plane(projection.mg_for_presentation),
    "DigitalXRayImageStorageForPresentation": plane(projection.dx_for_presentation),
    "DigitalXRayImageStorageForProcessing": plane(projection.dx_for_processing),
    "EncapsulatedPDFStorage": document(documents.encapsulated_pdf),
    "EnhancedCTImageStorage": stack(enhanced.enhanced_ct),
    "EnhancedMRImageStorage": stack(enhanced.enhanced_mr),
    "GrayscaleSoftcopyPresentationStateStorage": document(presentation_state.grayscale_presentation_state),
    "KeyObjectSelectionDocumentStorage": document(structured_report.key_object_selection),
    "MRImageStorage": plane(mr.mr_image),
    "MultiFrameGrayscaleByteSecondaryCaptureImageStorage": stack(secondary_capture.sc_multi_frame_grayscale_byte),
    "NuclearMedicineImageStorage": stack(nuclear.nm_image, Size(frames=2)),
    "PositronEmissionTomographyImageStorage": plane(nuclear.pet_image),
    "RTDoseStorage": stack(radiotherapy.rt_dose, Size(rows=16, columns=16, frames=4)),
    "RTImageStorage": plane(radiotherapy.rt_image),
    "RTPlanStorage": document(radiotherapy.rt_plan),
    "RTStructureSetStorage": document(radiotherapy.rt_structure_set),
    "RawDataStorage": document(documents.raw_data),
    "SecondaryCaptureImageStorage": plane(secondary_capture.sc_image),
    "SegmentationStorage": stack(segmentation.segmentation),
    "TwelveLeadECGWaveformStorage": document(waveform.waveform("TwelveLeadECGWaveformStorage")),
    "UltrasoundImageStorage": plane(ultrasound.us_image),
    "UltrasoundMultiFrameImageStorage": stack(ultrasound.us_multi_frame),
    "VLPhotographicImageStorage": plane(visible_light.vl_photograph),
    "XRayAngiographicImageStorage": stack(angiography.xa_image),
}
