"""Radiotherapy of the second generation around the radiations (PS3.3 A.86): intent, sets, instructions, setup."""

from typing import Final

from pydicom.dataset import Dataset

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import code, instance_references, item, reference, sop_class, uid_inside
from conformance.instances.iod.rt_common import (
    device,
    labelled,
    orientation,
    second_generation,
    treatment_machine,
)

_SERIES: Final = 1
_SUBJECT: Final = 2
_SESSION: Final = 3
_VOLUME: Final = 4


def physician_intent(identity: Identity, _size: image.Size) -> Dataset:
    """Return the intent to cure, before any prescription."""
    dataset = second_generation(identity, "RTPhysicianIntentStorage", "RTINTENT")
    labelled(dataset, long=True)
    # PS3.3 Table C.36.5-1
    dataset.RTPhysicianIntentSequence = [
        item(
            RTPhysicianIntentIndex=1,
            RTTreatmentIntentType="CURATIVE",
            RTTreatmentApproachLabel="Conformance",
            RTPhysicianIntentNarrative="Synthetic intent",
            RTProtocolCodeSequence=[],
            RTDiagnosisCodeSequence=[],
            TreatmentSite="Chest",
            TreatmentSiteCodeSequence=[],
            RTPhysicianIntentInputInstanceSequence=[],
        )
    ]
    dataset.RTTreatmentPhaseIntentPresenceFlag = "NO"
    instance_references(dataset, uid_inside(identity, _SERIES), _subject(identity, "CTImageStorage"))
    return dataset


def segment_annotation(identity: Identity, _size: image.Size) -> Dataset:
    """Return that a segment of a segmentation is a target."""
    dataset = second_generation(identity, "RTSegmentAnnotationStorage", "RTSEGANN")
    labelled(dataset, long=True)
    # PS3.3 Tables C.36.8-1 and C.36.9-1
    dataset.SegmentReferenceSequence = [
        item(
            SegmentReferenceIndex=1,
            DirectSegmentReferenceSequence=[
                item(
                    ReferencedSOPSequence=[_subject(identity, "SegmentationStorage")],
                    ReferencedSegmentNumber=1,
                    ConceptualVolumeUID=uid_inside(identity, _VOLUME),
                )
            ],
        )
    ]
    dataset.RTSegmentAnnotationSequence = [
        item(
            RTSegmentAnnotationIndex=1,
            EntityLongLabel="Target",
            ReferencedSegmentReferenceIndex=1,
            SegmentAnnotationCategoryCodeSequence=[code("130041", "DCM", "RT Target")],
            SegmentAnnotationTypeCodeSequence=[code("228793007", "SCT", "Planning Target Volume")],
            SegmentCharacteristicsPrecedence=None,
            SegmentedRTAccessoryDeviceSequence=[],
        )
    ]
    instance_references(dataset, uid_inside(identity, _SERIES), _subject(identity, "SegmentationStorage"))
    return dataset


def radiation_set(identity: Identity, _size: image.Size) -> Dataset:
    """Return a set of one radiation, for thirty fractions."""
    dataset = second_generation(identity, "RTRadiationSetStorage", "RTRAD")
    labelled(dataset, long=False)
    image.frame_of_reference(dataset, identity)
    # PS3.3 Table C.36.10-1
    dataset.RTRadiationSetIntent = "TREATMENT"
    dataset.IntendedNumberOfFractions = 30
    dataset.RTRadiationSequence = [_subject(identity, "CArmPhotonElectronRadiationStorage")]
    dataset.ReferencedRTPhysicianIntentSequence = []
    dataset.TreatmentPositionGroupSequence = []
    instance_references(
        dataset, uid_inside(identity, _SERIES), _subject(identity, "CArmPhotonElectronRadiationStorage")
    )
    return dataset


def record_set(identity: Identity, _size: image.Size) -> Dataset:
    """Return the set of the records of one session."""
    dataset = second_generation(identity, "RTRadiationRecordSetStorage", "RTRECORD")
    labelled(dataset, long=True)
    record = "CArmPhotonElectronRadiationRecordStorage"
    dataset.TreatmentSessionUID = uid_inside(identity, _SESSION)
    dataset.ReferencedRTRadiationRecordSequence = [_subject(identity, record)]
    dataset.RTRadiationSetUsage = "TREATMENT"
    dataset.RTTreatmentFractionCompletionStatus = "COMPLETE"
    dataset.ClinicalFractionNumber = 1
    dataset.RTRadiationSetDeliveryNumber = 1
    instance_references(dataset, uid_inside(identity, _SERIES), _subject(identity, record))
    return dataset


def set_instruction(identity: Identity, _size: image.Size) -> Dataset:
    """Return the instruction to deliver one radiation of a set."""
    dataset = second_generation(identity, "RTRadiationSetDeliveryInstructionStorage", "PLAN")
    dataset.TreatmentDeviceIdentificationSequence = [treatment_machine()]
    dataset.ReferencedRTRadiationSetSequence = [_subject(identity, "RTRadiationSetStorage")]
    dataset.RTRadiationSetDeliveryUsage = "TREATMENT"
    dataset.ClinicalFractionNumber = 1
    dataset.RTRadiationSetDeliveryNumber = 1
    radiation = reference(sop_class("CArmPhotonElectronRadiationStorage"), uid_inside(identity, _VOLUME))
    dataset.RTRadiationTaskSequence = [
        item(
            RadiationOrderIndex=1,
            TreatmentDeliveryContinuationFlag="NO",
            ReferencedRTRadiationSequence=[radiation],
            RTDeliveryStartPatientPositionSequence=[],
            ReferencedRTTreatmentPreparationSequence=[],
        )
    ]
    instance_references(dataset, uid_inside(identity, _SERIES), _subject(identity, "RTRadiationSetStorage"))
    return dataset


def treatment_preparation(identity: Identity, _size: image.Size) -> Dataset:
    """Return how the patient is set up for a set of radiations."""
    dataset = second_generation(identity, "RTTreatmentPreparationStorage", "PLAN")
    dataset.EntityLongLabel = "Conformance"
    dataset.RTPatientPositionScopeSequence = [
        item(ReferencedRTRadiationSetSequence=[_subject(identity, "RTRadiationSetStorage")])
    ]
    position = Dataset()
    orientation(position)
    dataset.RTTreatmentPreparationPatientPositionSequence = [position]
    dataset.PatientTreatmentPreparationMethodCodeSequence = [code("130630", "DCM", "Isocentric Setup Method")]
    dataset.PatientTreatmentPreparationProcedureSequence = []
    instance_references(dataset, uid_inside(identity, _SERIES), _subject(identity, "RTRadiationSetStorage"))
    return dataset


def position_acquisition(identity: Identity, _size: image.Size) -> Dataset:
    """Return the instruction to look, by light, whether the patient lies where he should."""
    dataset = second_generation(identity, "RTPatientPositionAcquisitionInstructionStorage", "PLAN")
    dataset.EntityLongLabel = "Conformance"
    # CIDs 9268, 9242 and 9260
    camera = device("CAMERA 1", code("LS", "DCM", "Laser Surface Scan"), index=1)
    dataset.NumberOfAcquisitionDevices = 1
    dataset.AcquisitionDeviceSequence = [camera]
    dataset.NumberOfPatientSupportDevices = 0
    optical = code("121709", "DCM", "RT Patient Position Acquisition, Optical")
    dataset.AcquisitionTaskSequence = [
        item(
            AcquisitionTaskIndex=1,
            AcquisitionTaskWorkitemCodeSequence=[optical],
            RTAcquisitionPatientPositionSequence=[],
            AcquisitionSubtaskSequence=[
                item(
                    AcquisitionSubtaskIndex=1,
                    SubtaskWorkitemCodeSequence=[code("121709", "DCM", "RT Patient Position Acquisition, Optical")],
                    AcquisitionSignalType="OPTICAL",
                    AcquisitionMethod="OTHER",
                    ReferencedDeviceIndex=1,
                )
            ],
        )
    ]
    instance_references(dataset, uid_inside(identity, _SERIES), _subject(identity, "RTRadiationSetStorage"))
    return dataset


def _subject(identity: Identity, keyword: str) -> Dataset:
    return reference(sop_class(keyword), uid_inside(identity, _SUBJECT))
