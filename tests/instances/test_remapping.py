"""Identifiers become the run's, consistently and alone."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource, is_legal_uid, run_uid_root
from conformance.instances.remapping import Remapping
from conformance.instances.synthetic import signs_of_a_person

STUDY, SERIES, IMAGE, OTHER = "1.2.3.1", "1.2.3.2", "1.2.3.3", "1.2.3.4"
KNOWN = frozenset({STUDY, SERIES, IMAGE})


def remapping(seed: int = 7) -> Remapping:
    return Remapping(seed=seed, known=KNOWN, patient_id_prefix="CONF")


def test_the_same_seed_gives_the_same_legal_uid_below_the_root_of_the_run() -> None:
    new = remapping().uid(STUDY)
    assert new == remapping().uid(STUDY) != remapping(8).uid(STUDY)
    assert is_legal_uid(new)
    assert new.startswith(f"{run_uid_root(7)}.")
    assert len({remapping().uid(uid) for uid in KNOWN}) == 3


def test_what_is_not_known_stays() -> None:
    assert remapping().uid(OTHER) == OTHER


def test_patients_stay_apart_and_get_the_prefix() -> None:
    one, other = remapping().patient_id("1"), remapping().patient_id("2")
    assert one == remapping().patient_id("1") != other
    assert one.startswith("CONF-")
    assert len(one) <= 64


def test_references_inside_sequences_follow() -> None:
    item = Dataset()
    item.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    item.ReferencedSOPInstanceUID = IMAGE
    series = Dataset()
    series.SeriesInstanceUID = SERIES
    series.ReferencedInstanceSequence = Sequence([item])
    dataset = Dataset()
    dataset.StudyInstanceUID = STUDY
    dataset.SOPInstanceUID = IMAGE
    dataset.FrameOfReferenceUID = OTHER
    dataset.FailedSOPInstanceUIDList = [IMAGE, OTHER]
    dataset.ReferencedSeriesSequence = Sequence([series])
    dataset.private_block(0x0099, "CONFORMANCE", create=True).add_new(1, "UI", STUDY)
    made = remapping()
    made.apply(dataset)
    inside = dataset.ReferencedSeriesSequence[0]
    assert dataset.StudyInstanceUID == made.uid(STUDY) == dataset[0x0099, 0x1001].value
    assert inside.SeriesInstanceUID == made.uid(SERIES)
    assert inside.ReferencedInstanceSequence[0].ReferencedSOPInstanceUID == made.uid(IMAGE) == dataset.SOPInstanceUID
    assert inside.ReferencedInstanceSequence[0].ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.2"
    assert dataset.FrameOfReferenceUID == OTHER
    assert list(dataset.FailedSOPInstanceUIDList) == [made.uid(IMAGE), OTHER]
    assert dataset.PatientID == made.patient_id("")


@pytest.mark.parametrize(
    ("values", "signs"),
    [
        pytest.param({"PatientName": "Meier^Hans", "PatientID": "1"}, 1, id="name"),
        pytest.param({"PatientID": "12345"}, 1, id="id"),
        pytest.param({"PatientName": "Meier^Hans", "PatientIdentityRemoved": "YES"}, 0, id="removed"),
        pytest.param({"PatientName": "Anonymous", "PatientID": "12345"}, 0, id="anonymous"),
        pytest.param({"PatientName": "XXXX^XX", "PatientID": "1"}, 0, id="crossed-out"),
        pytest.param({"PatientName": "^^^", "PatientID": ""}, 0, id="empty"),
        pytest.param({}, 0, id="nothing"),
        pytest.param({"PatientIdentityRemoved": "YES", "BurnedInAnnotation": "YES"}, 1, id="burned-in"),
        pytest.param({"PatientName": "Meier^Hans", "BurnedInAnnotation": "YES"}, 2, id="both"),
    ],
)
def test_signs_of_a_person(values: dict[str, str], signs: int) -> None:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    found = signs_of_a_person(dataset)
    assert len(found) == signs
    assert not any("Meier" in sign or "12345" in sign for sign in found)


def test_what_we_make_shows_no_sign_of_a_person() -> None:
    made = catalogue.build("CTImageStorage", IdentitySource(seed=7, scope="x").new(), rows=8, columns=8)
    assert signs_of_a_person(made.dataset) == ()
