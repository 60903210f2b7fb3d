"""Judgements of other instances: content assessment (PS3.3 A.81) and annotations of a slide in bulk (A.87)."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import RTPlanStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import (
    code,
    composite,
    content_date,
    content_identification,
    floats,
    instance_references,
    item,
    reference,
    sop_class,
    uid_inside,
)

_SERIES: Final = 1
_SUBJECT: Final = 2
_GROUP: Final = 3
# Columns and rows of the total pixel matrix of the slide
_POINTS: Final = (10.5, 20.5, 30.25, 40.75, 55.0, 60.0)


def content_assessment(identity: Identity, _size: image.Size) -> Dataset:
    """Return an assessment of a radiotherapy plan that found nothing of concern."""
    dataset = composite(identity, sop_class_uid=sop_class("ContentAssessmentResultsStorage"), modality="ASMT")
    subject = reference(RTPlanStorage, uid_inside(identity, _SUBJECT))
    # PS3.3 Table C.33-1; CIDs 701 and 703
    dataset.AssessmentLabel = "Conformance assessment"
    dataset.AssessmentTypeCodeSequence = [code("121374", "DCM", "RT Pre-Treatment Consistency Check")]
    dataset.AssessmentRequesterSequence = []
    dataset.AssessmentSummary = "PASSED"
    dataset.AssessedSOPInstanceSequence = [subject]
    dataset.NumberOfAssessmentObservations = 1
    dataset.AssessmentObservationsSequence = [
        item(
            ObservationSignificance="MINOR",
            ObservationDescription="The plan is synthetic.",
            ObservationBasisCodeSequence=[code("121376", "DCM", "Assessment By Rules")],
            StructuredConstraintObservationSequence=[],
        )
    ]
    instance_references(
        dataset, uid_inside(identity, _SERIES), reference(RTPlanStorage, uid_inside(identity, _SUBJECT))
    )
    return dataset


def bulk_annotations(identity: Identity, _size: image.Size) -> Dataset:
    """Return three points that mark nuclei on a slide."""
    dataset = composite(identity, sop_class_uid=sop_class("MicroscopyBulkSimpleAnnotationsStorage"), modality="ANN")
    slide = sop_class("VLWholeSlideMicroscopyImageStorage")
    content_date(dataset, identity)
    content_identification(dataset, "Annotations of a conformance test")
    # PS3.3 Table C.37.1-1
    dataset.AnnotationCoordinateType = "2D"
    dataset.PixelOriginInterpretation = "VOLUME"
    dataset.ReferencedImageSequence = [reference(slide, uid_inside(identity, _SUBJECT))]
    dataset.AnnotationGroupSequence = [
        item(
            AnnotationGroupNumber=1,
            AnnotationGroupUID=uid_inside(identity, _GROUP),
            AnnotationGroupLabel="Nuclei",
            AnnotationGroupGenerationType="MANUAL",
            AnnotationPropertyCategoryCodeSequence=[code("91723000", "SCT", "Anatomical Structure")],
            AnnotationPropertyTypeCodeSequence=[code("84640000", "SCT", "Nucleus")],
            NumberOfAnnotations=len(_POINTS) // 2,
            AnnotationAppliesToAllOpticalPaths="YES",
            GraphicType="POINT",
            PointCoordinatesData=floats(_POINTS),
        )
    ]
    instance_references(dataset, uid_inside(identity, _SERIES), reference(slide, uid_inside(identity, _SUBJECT)))
    return dataset
