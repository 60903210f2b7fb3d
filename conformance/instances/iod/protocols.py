"""Acquisition protocols, defined, performed and approved (PS3.3 A.82 and A.83), for CT and XA."""

from pydicom.dataset import Dataset

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import (
    code,
    composite,
    date_time,
    equipment,
    item,
    non_patient,
    reference,
    sop_class,
    uid_inside,
)


def ct_defined(identity: Identity, _size: image.Size) -> Dataset:
    """Return a protocol for CT scanners, as a physicist defines it: of no patient."""
    return _defined(identity, "CTDefinedProcedureProtocolStorage", "CT")


def xa_defined(identity: Identity, _size: image.Size) -> Dataset:
    """Return a protocol for angiography, as a physicist defines it: of no patient."""
    return _defined(identity, "XADefinedProcedureProtocolStorage", "XA")


def ct_performed(identity: Identity, _size: image.Size) -> Dataset:
    """Return the protocol that a CT scan followed."""
    return _performed(identity, "CTPerformedProcedureProtocolStorage", "CTPROTOCOL")


def xa_performed(identity: Identity, _size: image.Size) -> Dataset:
    """Return the protocol that an angiography followed."""
    return _performed(identity, "XAPerformedProcedureProtocolStorage", "XAPROTOCOL")


def protocol_approval(identity: Identity, _size: image.Size) -> Dataset:
    """Return the approval of a defined CT protocol by a person (PS3.3 A.82.2)."""
    dataset = non_patient(identity, sop_class_uid=sop_class("ProtocolApprovalStorage"))
    equipment(dataset)
    # PS3.3 Table C.36-1; CID 800
    asserter = item(
        ObserverType="PSN",
        PersonName="CONFORMANCE^PHYSICIST",
        PersonIdentificationCodeSequence=[code("P1", "99CONFORMANCE", "Synthetic physicist")],
        InstitutionName="Conformance Test Site",
        InstitutionCodeSequence=[],
    )
    dataset.ApprovalSubjectSequence = [
        reference(sop_class("CTDefinedProcedureProtocolStorage"), uid_inside(identity, 1))
    ]
    dataset.ApprovalSequence = [
        item(
            AssertionCodeSequence=[code("128603", "DCM", "Approved for use at the institution")],
            AssertionUID=uid_inside(identity, 2),
            AsserterIdentificationSequence=[asserter],
            AssertionDateTime=date_time(identity),
        )
    ]
    return dataset


def _defined(identity: Identity, keyword: str, modality: str) -> Dataset:
    dataset = non_patient(identity, sop_class_uid=sop_class(keyword))
    equipment(dataset)
    _context(dataset, identity)
    # PS3.3 Table C.34.2-1
    dataset.EquipmentModality = modality
    return dataset


def _performed(identity: Identity, keyword: str, modality: str) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class(keyword), modality=modality)
    image.frame_of_reference(dataset, identity)
    _context(dataset, identity)
    return dataset


def _context(dataset: Dataset, identity: Identity) -> None:
    """Add the protocol context module (PS3.3 Table C.34.1-1)."""
    dataset.InstanceCreationDate = seeded.date(identity.study_instance_uid)
    dataset.InstanceCreationTime = seeded.time(identity.study_instance_uid, plus_s=600)
    dataset.ProtocolName = "Conformance protocol"
    dataset.ContentCreatorName = "CONFORMANCE^PHYSICIST"
    dataset.ResponsibleGroupCodeSequence = []
