"""Every verdict about stored against sent, from hand-written observations."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from pydicom.dataset import Dataset

from conformance.instances.instance import Instance
from conformance.observation.outcomes import Aborted, Silence
from conformance.verdict.fidelity import exactly_one, not_stored, nothing_partial, stored_equals_sent
from conformance.verdict.finding import Verdict
from tests.verdict.observed import UNREADABLE, edited, exchange, instance, stored, verdicts

PASS, WARN, FAIL, INFO = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.INFO
INCONCLUSIVE = Verdict.INCONCLUSIVE


@pytest.fixture(scope="module")
def ct() -> Instance:
    return instance()


def judge(
    ct: Instance, edit: Callable[[Dataset], object], status: int = 0, level: int | None = None
) -> dict[str, Verdict]:
    after = stored(edited(ct.dataset, edit))
    return verdicts(stored_equals_sent(ct, after, exchange(ct, status), storage_level=level))


def unchanged(_: Dataset) -> None:
    """Leaves a data set as it is."""


def drop_private(dataset: Dataset) -> None:
    dataset.remove_private_tags()


def change_private(dataset: Dataset) -> None:
    creator = next(e for e in dataset if e.tag.is_private_creator)
    dataset[(creator.tag.group, (creator.tag.element << 8) + 1)].value = "changed"


def drop_comments(dataset: Dataset) -> None:
    del dataset.PatientComments


def drop_patient_name(dataset: Dataset) -> None:
    del dataset.PatientName


def change_name(dataset: Dataset) -> None:
    dataset.PatientName = "OTHER"


def coerce(dataset: Dataset) -> None:
    dataset.PatientID = "LOCAL-1"


def regroup(dataset: Dataset) -> None:
    dataset.StudyInstanceUID = "1.2.3"


def flip_pixels(dataset: Dataset) -> None:
    dataset.PixelData = bytes(len(dataset.PixelData))


def add_element(dataset: Dataset) -> None:
    dataset.ProtocolName = "added"


def add_original(dataset: Dataset) -> None:
    dataset.OriginalAttributesSequence = [Dataset()]


def rename(dataset: Dataset) -> None:
    dataset.SOPInstanceUID = "1.2.3"


def other_vr(dataset: Dataset) -> None:
    dataset["StudyID"].VR = "LO"


CLEAN = {"STA-17": PASS, "FID-01": PASS, "FID-02": PASS, "FID-03": PASS, "ST-19": PASS}


def test_an_instance_stored_as_sent_passes(ct: Instance) -> None:
    assert judge(ct, unchanged) == CLEAN
    assert judge(ct, add_original) == CLEAN


@pytest.mark.parametrize(
    ("edit", "status", "level", "expected"),
    [
        pytest.param(drop_comments, 0, None, {"FID-01": FAIL, "STA-22": WARN}, id="lost-in-silence"),
        pytest.param(drop_comments, 0, 2, {"FID-01": FAIL, "ST-09": FAIL, "STA-22": FAIL}, id="lost-level-2"),
        pytest.param(drop_comments, 0, 1, {"FID-01": INFO, "STA-22": INFO}, id="lost-level-1"),
        pytest.param(drop_comments, 0, 0, {"FID-01": INFO, "STA-22": INFO}, id="lost-level-0"),
        pytest.param(drop_comments, 0xB006, None, {"FID-01": WARN, "STA-22": PASS}, id="discarding-announced"),
        pytest.param(
            drop_comments, 0xB006, 2, {"FID-01": FAIL, "ST-09": FAIL, "STA-22": PASS}, id="announced-against-level-2"
        ),
        pytest.param(drop_comments, 0xB006, 1, {"FID-01": INFO, "STA-22": PASS}, id="announced-level-1"),
        pytest.param(drop_comments, 0xB007, None, {"FID-01": WARN, "STA-22": WARN}, id="other-warning"),
        pytest.param(drop_patient_name, 0, 1, {"FID-01": FAIL, "STA-22": INFO}, id="type-2-lost-level-1"),
        pytest.param(drop_private, 0, None, {"FID-01": FAIL, "FID-03": WARN, "STA-22": WARN}, id="private-lost"),
        pytest.param(
            drop_private,
            0,
            2,
            {"FID-01": FAIL, "FID-03": FAIL, "ST-09": FAIL, "STA-22": FAIL},
            id="private-lost-level-2",
        ),
        pytest.param(drop_private, 0, 1, {"FID-01": INFO, "FID-03": INFO, "STA-22": INFO}, id="private-lost-level-1"),
        pytest.param(change_private, 0, None, {"FID-01": FAIL, "FID-03": FAIL}, id="private-changed"),
        pytest.param(change_name, 0, None, {"FID-01": FAIL}, id="changed-in-silence"),
        pytest.param(change_name, 0, 0, {"FID-01": FAIL}, id="changed-level-0"),
        pytest.param(change_name, 0xB000, None, {"FID-01": WARN, "STA-21": INFO}, id="change-announced"),
        pytest.param(coerce, 0, None, {"ST-15": FAIL, "STA-21": FAIL}, id="coerced-in-silence"),
        pytest.param(coerce, 0xB000, None, {"ST-15": PASS, "STA-21": PASS}, id="coercion-announced"),
        pytest.param(coerce, 0xB007, None, {"ST-15": PASS, "STA-21": WARN}, id="coercion-other-warning"),
        pytest.param(regroup, 0xB000, None, {"ST-15": PASS, "STA-21": PASS, "ST-17": WARN}, id="regrouped"),
        pytest.param(unchanged, 0xB000, None, {"STA-21": INFO}, id="coercion-announced-not-done"),
        pytest.param(unchanged, 0, 2, {"ST-09": PASS}, id="whole-level-2"),
        pytest.param(flip_pixels, 0, None, {"FID-02": FAIL}, id="pixels"),
        pytest.param(flip_pixels, 0xB000, 0, {"FID-02": FAIL, "STA-21": INFO}, id="pixels-announced"),
        pytest.param(add_element, 0, None, {"FID-01": WARN}, id="added"),
        pytest.param(add_element, 0xB007, None, {"FID-01": INFO}, id="added-announced"),
        pytest.param(other_vr, 0, None, {"FID-01": WARN}, id="other-vr"),
        pytest.param(rename, 0, None, {"ST-19": FAIL}, id="sop-instance-uid"),
    ],
)
def test_what_a_difference_means(
    ct: Instance, edit: Callable[[Dataset], object], status: int, level: int | None, expected: dict[str, Verdict]
) -> None:
    meaning = {"STA-18" if status else "STA-17": PASS}
    base = {k: v for k, v in CLEAN.items() if k != "STA-17"} | meaning
    assert judge(ct, edit, status, level) == base | expected


def test_a_loss_without_a_claimed_level_says_how_to_claim_one(ct: Instance) -> None:
    findings = stored_equals_sent(ct, stored(edited(ct.dataset, drop_comments)), exchange(ct, 0))
    (elements,) = [f for f in findings if f.requirement == "FID-01"]
    assert "hint: " in elements.note
    assert "storage_level" in elements.note
    assert "(0010,4000) PatientComments missing" in elements.actual


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [pytest.param("ProtocolName", INFO, id="type-3"), pytest.param("StudyID", FAIL, id="type-2")],
)
def test_dropped_empty_elements(ct: Instance, keyword: str, expected: Verdict) -> None:
    sent = ct.changed(label="empty", edit=lambda d: setattr(d, keyword, ""))
    after = stored(edited(sent.dataset, lambda d: d.pop(keyword)))
    assert verdicts(stored_equals_sent(sent, after, exchange(sent, 0)))["ST-10"] is expected


def test_pixels_that_cannot_be_decoded_are_inconclusive(ct: Instance) -> None:
    def compress(dataset: Dataset) -> None:
        dataset.PixelData = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\x04\0\0\0\xff\xd8\xff\xd9"
        dataset["PixelData"].is_undefined_length = True

    after = stored(edited(ct.dataset, compress), transfer_syntax_uid="1.2.840.10008.1.2.4.70")
    assert verdicts(stored_equals_sent(ct, after, exchange(ct, 0)))["FID-02"] is INCONCLUSIVE


def test_nesting_too_deep_to_compare_is_inconclusive(ct: Instance) -> None:
    inner = Dataset()
    for _ in range(70):
        outer = Dataset()
        outer.ReferencedImageSequence = [inner]
        inner = outer
    sent = ct.changed(label="deep", edit=lambda d: d.update(inner))
    assert verdicts(stored_equals_sent(sent, stored(sent.dataset), exchange(sent, 0)))["FID-01"] is INCONCLUSIVE


def test_a_data_set_without_pixels_has_no_verdict_on_pixels(ct: Instance) -> None:
    sent = ct.changed(label="no pixels", edit=lambda d: d.__delattr__("PixelData"))
    assert "FID-02" not in verdicts(stored_equals_sent(sent.dataset, stored(sent.dataset), exchange(sent, 0)))


@pytest.mark.parametrize(
    ("status", "copies", "before", "expected"),
    [
        pytest.param(0x0000, 0, False, {"STA-17": FAIL}, id="success-not-stored"),
        pytest.param(0xB000, 0, False, {"STA-18": FAIL}, id="warning-not-stored"),
        pytest.param(0xA700, 0, False, {"STA-19": PASS}, id="failure-not-stored"),
        pytest.param(0xA700, 1, False, {"STA-19": FAIL}, id="failure-stored"),
        pytest.param(0xA700, 1, True, {"STA-19": INFO}, id="failure-stored-before"),
        pytest.param(0xFE00, 1, False, {"FID-01": INFO}, id="no-status-of-storing"),
        pytest.param(None, 0, False, {"FID-01": INCONCLUSIVE}, id="response-without-status"),
        pytest.param(0x0000, 2, False, CLEAN | {"ST-23": FAIL}, id="two-copies"),
    ],
)
def test_status_and_presence_agree(
    ct: Instance, status: int | None, copies: int, before: bool, expected: dict[str, Verdict]
) -> None:
    after = stored(*[ct.dataset] * copies)
    assert verdicts(stored_equals_sent(ct, after, exchange(ct, status), stored_before=before)) == expected


def test_an_instance_that_was_coerced_may_lie_where_a_query_does_not_look(ct: Instance) -> None:
    nowhere = replace(stored(), channel="dimse")
    assert verdicts(stored_equals_sent(ct, nowhere, exchange(ct, 0xB000))) == {"FID-01": INCONCLUSIVE}
    assert verdicts(stored_equals_sent(ct, nowhere, exchange(ct, 0x0000))) == {"STA-17": FAIL}


def test_without_read_back_nothing_is_said(ct: Instance) -> None:
    assert verdicts(stored_equals_sent(ct, UNREADABLE, exchange(ct, 0))) == {"FID-01": INCONCLUSIVE}


@pytest.mark.parametrize(
    ("edit", "expected"), [pytest.param(unchanged, PASS, id="whole"), pytest.param(drop_comments, WARN, id="changed")]
)
def test_an_instance_stored_without_an_answer(
    ct: Instance, edit: Callable[[Dataset], object], expected: Verdict
) -> None:
    after = stored(edited(ct.dataset, edit))
    assert verdicts(stored_equals_sent(ct, after, exchange(ct, Silence(waited_s=5)))) == {"FID-01": expected}


def test_neither_answered_nor_stored_is_inconclusive(ct: Instance) -> None:
    found = stored_equals_sent(ct, stored(), exchange(ct, Aborted(source=2, reason=0)))
    assert verdicts(found) == {"FID-01": INCONCLUSIVE}
    assert "A-ABORT" in found[0].actual


def test_not_stored(ct: Instance) -> None:
    assert not_stored(stored()).verdict is PASS
    assert not_stored(stored(ct.dataset)).verdict is FAIL
    assert not_stored(stored(listed=1)).verdict is FAIL
    assert not_stored(UNREADABLE).verdict is INCONCLUSIVE


def test_nothing_partial(ct: Instance) -> None:
    cut = edited(ct.dataset, lambda d: d.pop("PixelData"))
    assert nothing_partial(stored()).verdict is PASS
    assert nothing_partial(stored(cut)).verdict is FAIL
    assert nothing_partial(stored(ct.dataset)).verdict is FAIL
    assert nothing_partial(stored(ct.dataset), whole=ct).verdict is PASS
    assert nothing_partial(stored(cut), whole=ct).verdict is FAIL
    assert nothing_partial(stored(listed=1), whole=ct).verdict is FAIL
    assert nothing_partial(UNREADABLE).verdict is INCONCLUSIVE


def test_a_whole_that_cannot_be_decoded_is_inconclusive(ct: Instance) -> None:
    def compress(dataset: Dataset) -> None:
        dataset.PixelData = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\x04\0\0\0\xff\xd8\xff\xd9"
        dataset["PixelData"].is_undefined_length = True

    after = stored(edited(ct.dataset, compress), transfer_syntax_uid="1.2.840.10008.1.2.4.70")
    assert nothing_partial(after, whole=ct).verdict is INCONCLUSIVE


def test_exactly_one(ct: Instance) -> None:
    assert exactly_one(stored(ct.dataset)).verdict is PASS
    assert exactly_one(stored(ct.dataset, listed=0)).verdict is PASS
    assert exactly_one(stored()).verdict is FAIL
    assert exactly_one(stored(ct.dataset, ct.dataset)).verdict is FAIL
    assert exactly_one(stored(ct.dataset, listed=2)).verdict is FAIL
    assert exactly_one(UNREADABLE).verdict is INCONCLUSIVE
