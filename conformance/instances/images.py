"""The SOP classes of images beside the usual ones: every other class of PS3.4 Annex B whose IOD holds pixels."""

from typing import Final

from conformance.instances.entry import Entry, plane, stack
from conformance.instances.iod import (
    angiography,
    enhanced,
    enhanced_pet,
    enhanced_x_ray,
    microscopy,
    nuclear,
    ophthalmic,
    projection,
    secondary_capture,
    ultrasound,
    visible_light,
    x_ray_3d,
)
from conformance.instances.iod.image import Size

ENTRIES: Final[dict[str, Entry]] = {
    "BreastTomosynthesisImageStorage": stack(x_ray_3d.breast_tomosynthesis),
    "ConfocalMicroscopyImageStorage": stack(microscopy.confocal),
    "ConfocalMicroscopyTiledPyramidalImageStorage": stack(microscopy.confocal_tiled_pyramidal),
    "DermoscopicPhotographyImageStorage": plane(visible_light.dermoscopic),
    "DigitalIntraOralXRayImageStorageForPresentation": plane(projection.intra_oral_for_presentation),
    "DigitalIntraOralXRayImageStorageForProcessing": plane(projection.intra_oral_for_processing),
    "DigitalMammographyXRayImageStorageForProcessing": plane(projection.mg_for_processing),
    "EnhancedMRColorImageStorage": stack(enhanced.enhanced_mr_color),
    "EnhancedPETImageStorage": stack(enhanced_pet.enhanced_pet),
    "EnhancedXAImageStorage": stack(enhanced_x_ray.enhanced_xa),
    "EnhancedXRFImageStorage": stack(enhanced_x_ray.enhanced_xrf),
    "MultiFrameGrayscaleWordSecondaryCaptureImageStorage": stack(secondary_capture.sc_multi_frame_grayscale_word),
    "MultiFrameSingleBitSecondaryCaptureImageStorage": stack(secondary_capture.sc_multi_frame_single_bit),
    "MultiFrameTrueColorSecondaryCaptureImageStorage": stack(secondary_capture.sc_multi_frame_true_color),
    "NuclearMedicineImageStorageRetired": stack(nuclear.nm_image_retired, Size(frames=2)),
    "OphthalmicPhotography16BitImageStorage": stack(ophthalmic.photograph_16_bit),
    "OphthalmicPhotography8BitImageStorage": stack(ophthalmic.photograph_8_bit),
    "UltrasoundImageStorageRetired": plane(ultrasound.us_image_retired),
    "UltrasoundMultiFrameImageStorageRetired": stack(ultrasound.us_multi_frame_retired),
    "VLEndoscopicImageStorage": plane(visible_light.vl_endoscopic),
    "VLMicroscopicImageStorage": plane(visible_light.vl_microscopic),
    "VLSlideCoordinatesMicroscopicImageStorage": plane(microscopy.vl_slide_coordinates),
    "VLWholeSlideMicroscopyImageStorage": stack(microscopy.vl_whole_slide),
    "VideoEndoscopicImageStorage": stack(visible_light.video_endoscopic),
    "VideoMicroscopicImageStorage": stack(visible_light.video_microscopic),
    "VideoPhotographicImageStorage": stack(visible_light.video_photograph),
    "WideFieldOphthalmicPhotography3DCoordinatesImageStorage": stack(ophthalmic.wide_field_3d),
    "WideFieldOphthalmicPhotographyStereographicProjectionImageStorage": stack(ophthalmic.wide_field_stereographic),
    "XRay3DAngiographicImageStorage": stack(x_ray_3d.x_ray_3d_angiographic),
    "XRay3DCraniofacialImageStorage": stack(x_ray_3d.x_ray_3d_craniofacial),
    "XRayAngiographicBiPlaneImageStorage": stack(angiography.xa_bi_plane),
    "XRayRadiofluoroscopicImageStorage": stack(angiography.xrf_image),
}
