"""Structured reports of free content (PS3.3 A.35): basic text, enhanced, comprehensive, extensible, key objects."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import (
    BasicTextSRStorage,
    ComprehensiveSRStorage,
    CTImageStorage,
    KeyObjectSelectionDocumentStorage,
)

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod import sr_content as sr
from conformance.instances.iod.common import code, composite, item, reference, sop_class, uid_inside

_CT_SERIES: Final = 2
_CT_IMAGE: Final = 3
_TRACKING: Final = 4
_LENGTH: Final = ("410668003", "SCT", "Length")


def basic_text_sr(identity: Identity, _size: image.Size) -> Dataset:
    """Return a report of a heading and one finding in words."""
    dataset = composite(identity, sop_class_uid=BasicTextSRStorage, modality="SR")
    _sr_document(dataset, identity)
    _root(dataset, code("18748-4", "LN", "Diagnostic imaging study"), sr.person_observer(), _findings())
    return dataset


def comprehensive_sr(identity: Identity, _size: image.Size) -> Dataset:
    """Return a report with words, a measurement, and a point in a CT image that the measurement comes from."""
    dataset = composite(identity, sop_class_uid=ComprehensiveSRStorage, modality="SR")
    _sr_document(dataset, identity)
    dataset.CurrentRequestedProcedureEvidenceSequence = [_evidence(identity)]
    ct_image = item(
        RelationshipType="SELECTED FROM",
        ValueType="IMAGE",
        ReferencedSOPSequence=[reference(CTImageStorage, uid_inside(identity, _CT_IMAGE))],
    )
    point = item(
        RelationshipType="INFERRED FROM",
        ValueType="SCOORD",
        ConceptNameCodeSequence=[code("111010", "DCM", "Center")],
        GraphicData=[12.5, 17.25],
        GraphicType="POINT",
        ContentSequence=[ct_image],
    )
    length = item(
        RelationshipType="CONTAINS",
        ValueType="NUM",
        ConceptNameCodeSequence=[code("410668003", "SCT", "Length")],
        MeasuredValueSequence=[
            item(NumericValue="12.5", MeasurementUnitsCodeSequence=[code("mm", "UCUM", "millimeter")])
        ],
        ContentSequence=[point],
    )
    findings = _findings()
    findings.ContentSequence = [*findings.ContentSequence, length]
    _root(dataset, code("18748-4", "LN", "Diagnostic imaging study"), sr.person_observer(), findings)
    return dataset


def enhanced_sr(identity: Identity, _size: image.Size) -> Dataset:
    """Return a report with words and a measurement: no relations by reference."""
    dataset = document(identity, "EnhancedSRStorage")
    findings = _findings()
    findings.ContentSequence = [*findings.ContentSequence, sr.number(sr.CONTAINS, _LENGTH, "12.5", "mm")]
    _root(dataset, code("18748-4", "LN", "Diagnostic imaging study"), sr.person_observer(), findings)
    return dataset


def comprehensive_3d_sr(identity: Identity, _size: image.Size) -> Dataset:
    """Return a measurement report (PS3.16 TID 1500) of a line in space."""
    return _measurement_report(identity, "Comprehensive3DSRStorage")


def extensible_sr(identity: Identity, _size: image.Size) -> Dataset:
    """Return a measurement report (PS3.16 TID 1500) of a line in space."""
    return _measurement_report(identity, "ExtensibleSRStorage")


def key_object_selection(identity: Identity, _size: image.Size) -> Dataset:
    """Return a key object document that selects one CT image for the referring provider."""
    dataset = composite(identity, sop_class_uid=KeyObjectSelectionDocumentStorage, modality="KO")
    # PS3.3 Tables C.17.6-1 and C.17.6-2
    dataset.ContentDate = seeded.date(identity.study_instance_uid)
    dataset.ContentTime = seeded.time(identity.study_instance_uid, plus_s=300)
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.CurrentRequestedProcedureEvidenceSequence = [_evidence(identity)]
    selected = item(
        RelationshipType="CONTAINS",
        ValueType="IMAGE",
        ReferencedSOPSequence=[reference(CTImageStorage, uid_inside(identity, _CT_IMAGE))],
    )
    description = item(
        RelationshipType="CONTAINS",
        ValueType="TEXT",
        ConceptNameCodeSequence=[code("113012", "DCM", "Key Object Description")],
        TextValue="Selected by a conformance test",
    )
    _root(dataset, code("113000", "DCM", "Of Interest"), description, selected)
    dataset.ContentTemplateSequence = [item(MappingResource="DCMR", TemplateIdentifier="2010")]
    return dataset


def document(identity: Identity, keyword: str) -> Dataset:
    """Return a data set with the modules SR document series and SR document general (PS3.3 C.17.1, C.17.2)."""
    dataset = composite(identity, sop_class_uid=sop_class(keyword), modality="SR")
    _sr_document(dataset, identity)
    return dataset


def tree(dataset: Dataset, template: str | None, title: sr.Code, *content: Dataset) -> Dataset:
    """Give a document its content (PS3.3 C.17.3), and return it.

    Args:
        dataset: the document.
        template: the root template of PS3.16 that the content follows; None where it claims none.
        title: concept name of the root.
        content: what the root contains.
    """
    _root(dataset, code(*title), *content)
    if template is not None:
        dataset.ContentTemplateSequence = [item(MappingResource="DCMR", TemplateIdentifier=template)]
    return dataset


def evidence(dataset: Dataset, identity: Identity, *references: Dataset) -> None:
    """List the instances that the content refers to, of one series of the same study (PS3.3 Table C.17-2)."""
    series = item(SeriesInstanceUID=uid_inside(identity, _CT_SERIES), ReferencedSOPSequence=list(references))
    dataset.CurrentRequestedProcedureEvidenceSequence = [
        item(StudyInstanceUID=identity.study_instance_uid, ReferencedSeriesSequence=[series])
    ]


def _measurement_report(identity: Identity, keyword: str) -> Dataset:
    dataset = document(identity, keyword)
    dataset.CurrentRequestedProcedureEvidenceSequence = [_evidence(identity)]
    line = item(
        RelationshipType=sr.INFERRED_FROM,
        ValueType="SCOORD3D",
        ConceptNameCodeSequence=[code("121055", "DCM", "Path")],
        GraphicType="POLYLINE",
        GraphicData=[0.0, 0.0, 5.0, 12.5, 0.0, 5.0],
        ReferencedFrameOfReferenceUID=identity.frame_of_reference_uid,
    )
    source = item(
        RelationshipType=sr.CONTAINS,
        ValueType="IMAGE",
        ReferencedSOPSequence=[reference(CTImageStorage, uid_inside(identity, _CT_IMAGE))],
    )
    tracking_uid = uid_inside(identity, _TRACKING)
    group = sr.container(
        sr.CONTAINS,
        ("125007", "DCM", "Measurement Group"),
        sr.text(sr.HAS_OBS_CONTEXT, ("112039", "DCM", "Tracking Identifier"), "Line 1"),
        sr.uid(sr.HAS_OBS_CONTEXT, ("112040", "DCM", "Tracking Unique Identifier"), tracking_uid),
        sr.number(sr.CONTAINS, _LENGTH, "12.5", "mm", line),
    )
    return tree(
        dataset,
        "1500",
        ("126000", "DCM", "Imaging Measurement Report"),
        sr.language(),
        sr.person_observer(),
        sr.procedure_reported(("25045-6", "LN", "CT unspecified body region")),
        sr.container(
            sr.CONTAINS,
            ("111028", "DCM", "Image Library"),
            sr.container(sr.CONTAINS, ("126200", "DCM", "Image Library Group"), source),
        ),
        sr.container(sr.CONTAINS, ("126010", "DCM", "Imaging Measurements"), group),
    )


def _sr_document(dataset: Dataset, identity: Identity) -> None:
    # PS3.3 Tables C.17-1 and C.17-2
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.CompletionFlag = "COMPLETE"
    dataset.VerificationFlag = "UNVERIFIED"
    dataset.ContentDate = seeded.date(identity.study_instance_uid)
    dataset.ContentTime = seeded.time(identity.study_instance_uid, plus_s=300)
    dataset.PerformedProcedureCodeSequence = []
    dataset.ReferencedRequestSequence = [
        item(
            StudyInstanceUID=identity.study_instance_uid,
            ReferencedStudySequence=[],
            AccessionNumber=identity.accession_number,
            PlacerOrderNumberImagingServiceRequest="",
            FillerOrderNumberImagingServiceRequest="",
            RequestedProcedureID="RP1",
            RequestedProcedureDescription="",
            RequestedProcedureCodeSequence=[],
        )
    ]


def _root(dataset: Dataset, title: Dataset, *content: Dataset) -> None:
    dataset.ValueType = "CONTAINER"
    dataset.ConceptNameCodeSequence = [title]
    dataset.ContinuityOfContent = "SEPARATE"
    dataset.ContentSequence = list(content)


def _findings() -> Dataset:
    finding = item(
        RelationshipType="CONTAINS",
        ValueType="TEXT",
        ConceptNameCodeSequence=[code("121071", "DCM", "Finding")],
        TextValue="Nothing is found: the images are synthetic.",
    )
    return item(
        RelationshipType="CONTAINS",
        ValueType="CONTAINER",
        ConceptNameCodeSequence=[code("121070", "DCM", "Findings")],
        ContinuityOfContent="SEPARATE",
        ContentSequence=[finding],
    )


def _evidence(identity: Identity) -> Dataset:
    series = item(
        SeriesInstanceUID=uid_inside(identity, _CT_SERIES),
        ReferencedSOPSequence=[reference(CTImageStorage, uid_inside(identity, _CT_IMAGE))],
    )
    return item(StudyInstanceUID=identity.study_instance_uid, ReferencedSeriesSequence=[series])
