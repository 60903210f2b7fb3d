"""Structured reports: basic text (PS3.3 A.35.1), comprehensive (A.35.3) and key object selection (A.35.4)."""

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
from conformance.instances.iod.common import code, composite, item, reference, uid_inside

_PROCEDURE_STEP = 1
_CT_SERIES = 2
_CT_IMAGE = 3


def basic_text_sr(identity: Identity, _size: image.Size) -> Dataset:
    """Return a report of a heading and one finding in words."""
    dataset = composite(identity, sop_class_uid=BasicTextSRStorage, modality="SR")
    _sr_document(dataset, identity)
    _root(dataset, code("18748-4", "LN", "Diagnostic imaging study"), _observer(), _findings())
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
    _root(dataset, code("18748-4", "LN", "Diagnostic imaging study"), _observer(), findings)
    return dataset


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


def _observer() -> Dataset:
    return item(
        RelationshipType="HAS OBS CONTEXT",
        ValueType="PNAME",
        ConceptNameCodeSequence=[code("121008", "DCM", "Person Observer Name")],
        PersonName="CONFORMANCE^OBSERVER",
    )


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
