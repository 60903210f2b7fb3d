"""The SOP classes of images beside the usual ones: every other class of PS3.4 Annex B whose IOD holds pixels."""

from typing import Final

from conformance.instances.entry import Entry, plane, stack
from conformance.instances.iod import (
    angiography,
    nuclear,
    projection,
    secondary_capture,
    ultrasound,
)
from conformance.instances.iod.image import Size

ENTRIES: Final[dict[str, Entry]] = {
    "DigitalIntraOralXRayImageStorageForPresentation": plane(projection.intra_oral_for_presentation),
    "DigitalIntraOralXRayImageStorageForProcessing": plane(projection.intra_oral_for_processing),
    "DigitalMammographyXRayImageStorageForProcessing": plane(projection.mg_for_processing),
    "MultiFrameGrayscaleWordSecondaryCaptureImageStorage": stack(secondary_capture.sc_multi_frame_grayscale_word),
    "MultiFrameSingleBitSecondaryCaptureImageStorage": stack(secondary_capture.sc_multi_frame_single_bit),
    "MultiFrameTrueColorSecondaryCaptureImageStorage": stack(secondary_capture.sc_multi_frame_true_color),
    "NuclearMedicineImageStorageRetired": stack(nuclear.nm_image_retired, Size(frames=2)),
    "UltrasoundImageStorageRetired": plane(ultrasound.us_image_retired),
    "UltrasoundMultiFrameImageStorageRetired": stack(ultrasound.us_multi_frame_retired),
    "XRayAngiographicBiPlaneImageStorage": stack(angiography.xa_bi_plane),
    "XRayRadiofluoroscopicImageStorage": stack(angiography.xrf_image),
}
