"""Which SOP classes can be made, by keyword, and the one way to make an instance of one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset
from pydicom.filewriter import correct_ambiguous_vr

from conformance.instances.errors import InstanceError
from conformance.instances.identity import Identity
from conformance.instances.instance import Instance
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

_Builder = Callable[[Identity, Size], Dataset]
_USUAL_SIZE: Final = Size()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """How one SOP class is made: what it looks like by default, and which of its sizes can be chosen."""

    builder: _Builder
    size: Size = _USUAL_SIZE
    options: frozenset[str] = frozenset()


_FOUR_FRAMES: Final = Size(frames=4)


def _plane(builder: _Builder) -> _Entry:
    return _Entry(builder=builder, options=frozenset({"rows", "columns"}))


def _stack(builder: _Builder, size: Size = _FOUR_FRAMES) -> _Entry:
    return _Entry(builder=builder, size=size, options=frozenset({"rows", "columns", "frames"}))


def _document(builder: _Builder) -> _Entry:
    return _Entry(builder=builder)


_ENTRIES: Final[dict[str, _Entry]] = {
    "BasicTextSRStorage": _document(structured_report.basic_text_sr),
    "CTImageStorage": _plane(ct.ct_image),
    "ComprehensiveSRStorage": _document(structured_report.comprehensive_sr),
    "ComputedRadiographyImageStorage": _plane(projection.cr_image),
    "DigitalMammographyXRayImageStorageForPresentation": _plane(projection.mg_for_presentation),
    "DigitalXRayImageStorageForPresentation": _plane(projection.dx_for_presentation),
    "DigitalXRayImageStorageForProcessing": _plane(projection.dx_for_processing),
    "EncapsulatedPDFStorage": _document(documents.encapsulated_pdf),
    "EnhancedCTImageStorage": _stack(enhanced.enhanced_ct),
    "EnhancedMRImageStorage": _stack(enhanced.enhanced_mr),
    "GrayscaleSoftcopyPresentationStateStorage": _document(presentation_state.grayscale_presentation_state),
    "KeyObjectSelectionDocumentStorage": _document(structured_report.key_object_selection),
    "MRImageStorage": _plane(mr.mr_image),
    "MultiFrameGrayscaleByteSecondaryCaptureImageStorage": _stack(secondary_capture.sc_multi_frame_grayscale_byte),
    "NuclearMedicineImageStorage": _stack(nuclear.nm_image, Size(frames=2)),
    "PositronEmissionTomographyImageStorage": _plane(nuclear.pet_image),
    "RTDoseStorage": _stack(radiotherapy.rt_dose, Size(rows=16, columns=16, frames=4)),
    "RTImageStorage": _plane(radiotherapy.rt_image),
    "RTPlanStorage": _document(radiotherapy.rt_plan),
    "RTStructureSetStorage": _document(radiotherapy.rt_structure_set),
    "RawDataStorage": _document(documents.raw_data),
    "SecondaryCaptureImageStorage": _plane(secondary_capture.sc_image),
    "SegmentationStorage": _stack(segmentation.segmentation),
    "TwelveLeadECGWaveformStorage": _document(waveform.twelve_lead_ecg),
    "UltrasoundImageStorage": _plane(ultrasound.us_image),
    "UltrasoundMultiFrameImageStorage": _stack(ultrasound.us_multi_frame),
    "VLPhotographicImageStorage": _plane(visible_light.vl_photograph),
    "XRayAngiographicImageStorage": _stack(angiography.xa_image),
}


def available() -> tuple[str, ...]:
    """Return the keywords of the SOP classes that `build` knows, in alphabetical order."""
    return tuple(sorted(_ENTRIES))


def size_options(keyword: str) -> frozenset[str]:
    """Return which of `rows`, `columns` and `frames` can be chosen for a SOP class.

    Raises:
        InstanceError: no such keyword.
    """
    return _entry(keyword).options


def build(
    keyword: str,
    identity: Identity,
    *,
    rows: int | None = None,
    columns: int | None = None,
    frames: int | None = None,
) -> Instance:
    """Return a valid instance of a SOP class.

    Args:
        keyword: as in PS3.6 Table A-1, such as "CTImageStorage".
        identity: who it belongs to; its content follows from the identity alone.
        rows: height in pixels, 1 to 65535; None for the default.
        columns: width in pixels, 1 to 65535; None for the default.
        frames: number of frames; None for the default.

    Raises:
        InstanceError: no such keyword, or a size that this SOP class does not have.
    """
    entry = _entry(keyword)
    chosen = {
        name: value for name, value in (("rows", rows), ("columns", columns), ("frames", frames)) if value is not None
    }
    for name, value in chosen.items():
        _check_size(keyword, entry, name, value)
    default = {"rows": entry.size.rows, "columns": entry.size.columns, "frames": entry.size.frames}
    dataset = entry.builder(identity, Size(**{**default, **chosen}))
    return Instance(dataset=correct_ambiguous_vr(dataset, is_little_endian=True), label=keyword)


def _entry(keyword: str) -> _Entry:
    entry = _ENTRIES.get(keyword)
    if entry is None:
        raise InstanceError(f"no builder for SOP class {keyword!r}", hint=f"one of {', '.join(available())}")
    return entry


def _check_size(keyword: str, entry: _Entry, name: str, value: int) -> None:
    if name not in entry.options:
        raise InstanceError(
            f"{keyword} has no {name} to choose", hint=f"options: {', '.join(sorted(entry.options)) or 'none'}"
        )
    if not 1 <= value <= 65535:
        raise InstanceError(f"{name} is {value}, outside 1 to 65535", hint="PS3.5 US, and one frame at least")
