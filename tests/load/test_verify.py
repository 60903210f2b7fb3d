"""What a read-back says of an instance: equal, legally changed, changed, missing, or not to be seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from conformance.instances.copying import deep_copy
from conformance.instances.instance import Instance
from conformance.load.result import InstanceResult, answered
from conformance.load.verify import Likeness, verify
from conformance.observation.exchanges import Sent
from conformance.observation.stored import NotReadable, ReadBackOutcome, Stored, StoredCopy
from tests.load.corpus import EXPLICIT, IMPLICIT, instances, write


def stored(*datasets: Dataset, listed: int | None = None) -> Stored:
    copies = tuple(
        StoredCopy(sop_instance_uid=str(d.SOPInstanceUID), dataset=d, transfer_syntax_uid=EXPLICIT, where="here")
        for d in datasets
    )
    return Stored(copies=copies, listed=len(copies) if listed is None else listed, channel="test")


def edited(instance: Instance, edit: Callable[[Dataset], object]) -> Dataset:
    dataset = deep_copy(instance.dataset)
    edit(dataset)
    return dataset


def add_equipment(dataset: Dataset) -> None:
    dataset.ContributingEquipmentSequence = []


def dimmed(dataset: Dataset) -> None:
    dataset.PixelData = bytes(byte & 0xF0 for byte in dataset.PixelData)


def dimmed_and_told(dataset: Dataset) -> None:
    dimmed(dataset)
    dataset.LossyImageCompression = "01"
    dataset.LossyImageCompressionMethod = "ISO_15444_1"


def likeness(tmp_path: Path, outcome: Callable[[Instance], ReadBackOutcome], status: int = 0) -> Likeness:
    (instance,) = instances(1)
    file = write(tmp_path, instance, "a")
    result: InstanceResult = answered(
        file, status=status, comment="", sent_in=IMPLICIT, sent_bytes=file.data_set_bytes, seconds=0.1, note=""
    )
    asked: list[Sent] = []

    def find(sent: Sent) -> ReadBackOutcome:
        asked.append(sent)
        return outcome(instance)

    found = verify(file, result, find)
    (sent,) = asked
    assert sent.sha256 == instance.sha256(IMPLICIT)
    assert (sent.patient_id, sent.study_instance_uid) == (instance.patient_id, instance.study_instance_uid)
    return found.likeness


@pytest.mark.parametrize(
    ("edit", "status", "expected"),
    [
        (lambda ds: None, 0, Likeness.EQUAL),
        (add_equipment, 0, Likeness.PERMITTED),
        (lambda ds: setattr(ds, "MedicalAlerts", "seen"), 0, Likeness.EXTENDED),
        (lambda ds: setattr(ds, "PatientName", "Somebody^Else"), 0, Likeness.DIFFERENT),
        (lambda ds: delattr(ds, "PixelData"), 0, Likeness.DIFFERENT),
        (dimmed, 0, Likeness.DIFFERENT),
        (dimmed_and_told, 0, Likeness.DIFFERENT),
        (lambda ds: setattr(ds, "PatientID", "coerced"), 0, Likeness.DIFFERENT),
        (lambda ds: setattr(ds, "PatientID", "coerced"), 0xB000, Likeness.PERMITTED),
    ],
    ids=[
        "same",
        "equipment",
        "added",
        "changed",
        "lost",
        "lossy",
        "lossy and told",
        "coerced in silence",
        "coerced with a warning",
    ],
)
def test_stored_copy_is_compared_with_the_file(
    tmp_path: Path, edit: Callable[[Dataset], object], status: int, expected: Likeness
) -> None:
    assert likeness(tmp_path, lambda instance: stored(edited(instance, edit)), status) is expected


def test_nothing_stored_is_missing(tmp_path: Path) -> None:
    assert likeness(tmp_path, lambda _: stored()) is Likeness.MISSING


def test_two_copies_are_too_many(tmp_path: Path) -> None:
    assert likeness(tmp_path, lambda i: stored(i.dataset, i.dataset)) is Likeness.TWICE


@pytest.mark.parametrize(
    "outcome", [NotReadable(reason="no C-GET", channel="test"), stored(listed=1)], ids=["no read-back", "only listed"]
)
def test_what_cannot_be_seen_is_not_verified(tmp_path: Path, outcome: ReadBackOutcome) -> None:
    assert likeness(tmp_path, lambda _: outcome) is Likeness.UNKNOWN
