"""Reports of computer-aided detection (PS3.3 A.35.5, A.35.6, A.35.11): mammography, chest and colon.

Each says that nothing was attempted on one image: what the root templates of PS3.16 (TID 4000, 4100, 4120) demand,
without findings.
"""

from typing import Final

from pydicom.dataset import Dataset

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod import sr_content as sr
from conformance.instances.iod.common import sop_class
from conformance.instances.iod.structured_report import document, evidence, tree

_IMAGE: Final = 3
_NOT_ATTEMPTED: Final = ("111225", "DCM", "Not Attempted")
_NO_FINDINGS: Final = ("111241", "DCM", "All algorithms succeeded; without findings")


def mammography_cad(identity: Identity, _size: image.Size) -> Dataset:
    """Return a report on one mammogram."""
    view = (
        sr.coded(sr.HAS_ACQ_CONTEXT, ("111027", "DCM", "Image Laterality"), ("24028007", "SCT", "Right")),
        sr.coded(sr.HAS_ACQ_CONTEXT, ("111031", "DCM", "Image View"), ("399162004", "SCT", "cranio-caudal")),
        sr.text(sr.HAS_ACQ_CONTEXT, ("111044", "DCM", "Patient Orientation Row"), "P"),
        sr.text(sr.HAS_ACQ_CONTEXT, ("111043", "DCM", "Patient Orientation Column"), "L"),
    )
    return _report(
        identity,
        keyword="MammographyCADSRStorage",
        template="4000",
        title=("111036", "DCM", "Mammography CAD Report"),
        image_class=sop_class("DigitalMammographyXRayImageStorageForPresentation"),
        view=view,
    )


def chest_cad(identity: Identity, _size: image.Size) -> Dataset:
    """Return a report on one chest image."""
    return _report(
        identity,
        keyword="ChestCADSRStorage",
        template="4100",
        title=("112000", "DCM", "Chest CAD Report"),
        image_class=sop_class("DigitalXRayImageStorageForPresentation"),
        view=_axial(),
    )


def colon_cad(identity: Identity, _size: image.Size) -> Dataset:
    """Return a report on one CT image of the colon."""
    return _report(
        identity,
        keyword="ColonCADSRStorage",
        template="4120",
        title=("112220", "DCM", "Colon CAD Report"),
        image_class=sop_class("CTImageStorage"),
        view=_axial(),
    )


def _axial() -> tuple[Dataset, ...]:
    return (
        sr.text(sr.HAS_ACQ_CONTEXT, ("111044", "DCM", "Patient Orientation Row"), "L"),
        sr.text(sr.HAS_ACQ_CONTEXT, ("111043", "DCM", "Patient Orientation Column"), "P"),
    )


def _report(
    identity: Identity,
    *,
    keyword: str,
    template: str,
    title: sr.Code,
    image_class: str,
    view: tuple[Dataset, ...],
) -> Dataset:
    dataset = document(identity, keyword)
    source = sr.referenced_instance(identity, image_class, _IMAGE)
    evidence(dataset, identity, sr.referenced_instance(identity, image_class, _IMAGE))
    # TID 4020, CAD image library entry
    entry = sr.instance(sr.CONTAINS, None, "IMAGE", source, *view, *_when(identity), *_spacing())
    return tree(
        dataset,
        template,
        title,
        sr.language(),
        *sr.device_observer(identity),
        sr.container(sr.CONTAINS, ("111028", "DCM", "Image Library"), entry),
        sr.coded(sr.CONTAINS, ("111017", "DCM", "CAD Processing and Findings Summary"), _NO_FINDINGS),
        sr.coded(sr.CONTAINS, ("111064", "DCM", "Summary of Detections"), _NOT_ATTEMPTED),
        sr.coded(sr.CONTAINS, ("111065", "DCM", "Summary of Analyses"), _NOT_ATTEMPTED),
    )


def _when(identity: Identity) -> tuple[Dataset, ...]:
    day = seeded.date(identity.study_instance_uid)
    begun = seeded.time(identity.study_instance_uid)
    taken = seeded.time(identity.study_instance_uid, plus_s=300)
    return (
        sr.date(sr.HAS_ACQ_CONTEXT, ("111060", "DCM", "Study Date"), day),
        sr.time(sr.HAS_ACQ_CONTEXT, ("111061", "DCM", "Study Time"), begun),
        sr.date(sr.HAS_ACQ_CONTEXT, ("111018", "DCM", "Content Date"), day),
        sr.time(sr.HAS_ACQ_CONTEXT, ("111019", "DCM", "Content Time"), taken),
    )


def _spacing() -> tuple[Dataset, ...]:
    return (
        sr.number(sr.HAS_ACQ_CONTEXT, ("111026", "DCM", "Horizontal Pixel Spacing"), "0.1", "mm"),
        sr.number(sr.HAS_ACQ_CONTEXT, ("111066", "DCM", "Vertical Pixel Spacing"), "0.1", "mm"),
    )
