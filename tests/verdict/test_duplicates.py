"""Every verdict about duplicates, from hand-written observations."""

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset

from conformance.config.settings import DuplicatePolicy
from conformance.instances.instance import Instance
from conformance.observation.outcomes import Aborted, NotConnected, Silence
from conformance.observation.stored import ReadBackOutcome
from conformance.verdict.duplicates import Duplicate, judge, rest_of_batch
from conformance.verdict.finding import Verdict
from tests.verdict.observed import UNREADABLE, edited, exchange, instance, stored, verdicts

PASS, INFO, WARN, FAIL = Verdict.PASS, Verdict.INFO, Verdict.WARN, Verdict.FAIL
INCONCLUSIVE, NOT_APPLICABLE = Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE
UNSPECIFIED, KEEP = DuplicatePolicy.UNSPECIFIED, DuplicatePolicy.KEEP
REPLACE, REFUSE = DuplicatePolicy.REPLACE, DuplicatePolicy.REFUSE


def change_both(dataset: Dataset) -> None:
    dataset.PatientComments = "second"
    dataset.PixelData = bytes(len(dataset.PixelData))


FIRST = instance("duplicates")
SECOND = FIRST.changed(label="second", edit=change_both)
OTHER_STUDY = FIRST.changed(label="other study", edit=lambda d: setattr(d, "StudyInstanceUID", "1.2.3"))
OTHER_PATIENT = FIRST.changed(label="other patient", edit=lambda d: setattr(d, "PatientID", "OTHER"))

ONE = stored(FIRST.dataset)
TWO = stored(SECOND.dataset)
MIXED = stored(edited(FIRST.dataset, lambda d: setattr(d, "PatientComments", "second")))
NEITHER = stored(edited(FIRST.dataset, lambda d: setattr(d, "PatientComments", "third")))
BOTH = stored(FIRST.dataset, SECOND.dataset)


def case(
    after: ReadBackOutcome,
    status: int = 0,
    *,
    policy: DuplicatePolicy = UNSPECIFIED,
    second: Instance = SECOND,
    first_status: int = 0,
    simultaneous: bool = False,
) -> dict[str, Verdict]:
    return verdicts(
        judge(
            Duplicate(
                first=exchange(FIRST, first_status),
                second=exchange(second, status),
                first_sent=FIRST,
                second_sent=second,
                stored=after,
                policy=policy,
                simultaneous=simultaneous,
            )
        )
    )


def seen(dup_02: Verdict, dup_03: Verdict, dup_04: Verdict, dup_06: Verdict) -> dict[str, Verdict]:
    return {"DUP-02": dup_02, "DUP-03": dup_03, "DUP-04": dup_04, "DUP-06": dup_06}


@pytest.mark.parametrize(
    ("after", "status", "expected"),
    [
        pytest.param(ONE, 0x0000, {"DUP-01": PASS, "DUP-03": PASS}, id="one-copy"),
        pytest.param(ONE, 0xA900, {"DUP-01": PASS, "DUP-03": PASS}, id="refused"),
        pytest.param(ONE, 0x0111, {"DUP-01": WARN, "DUP-03": PASS}, id="0111"),
        pytest.param(ONE, 0x0110, {"DUP-01": WARN, "DUP-03": PASS}, id="0110"),
        pytest.param(ONE, 0xA801, {"DUP-01": WARN, "DUP-03": PASS}, id="failure-outside-the-table"),
        pytest.param(ONE, 0xFE00, {"DUP-01": FAIL, "DUP-03": PASS}, id="cancel"),
        pytest.param(ONE, 0xD000, {"DUP-01": FAIL, "DUP-03": PASS}, id="no-class"),
        pytest.param(stored(FIRST.dataset, FIRST.dataset), 0, {"DUP-01": FAIL, "DUP-03": PASS}, id="two-copies"),
        pytest.param(stored(FIRST.dataset, listed=2), 0, {"DUP-01": FAIL, "DUP-03": PASS}, id="listed-twice"),
    ],
)
def test_an_identical_copy(after: ReadBackOutcome, status: int, expected: dict[str, Verdict]) -> None:
    # PS3.4 C.2.2.1.1: however it was answered, the UID names one instance.
    once = {"ST-23": FAIL if after is not ONE else PASS}
    assert case(after, status, second=FIRST) == expected | once | {"DUP-04": NOT_APPLICABLE}


OTHER_SERIES = FIRST.changed(label="other series", edit=lambda d: setattr(d, "SeriesInstanceUID", "1.2.4"))
OTHER_CLASS = FIRST.changed(label="other class", edit=lambda d: setattr(d, "SOPClassUID", "1.2.840.10008.5.1.4.1.1.4"))


@pytest.mark.parametrize("second", [OTHER_SERIES, OTHER_CLASS], ids=lambda i: str(i.label))
def test_both_kept_under_different_parents_is_a_warning(second: Instance) -> None:
    both = stored(FIRST.dataset, second.dataset)
    assert case(both, second=second) == seen(WARN, PASS, NOT_APPLICABLE, PASS)


def test_two_copies_in_one_place_fail_beside_a_third_elsewhere() -> None:
    three = stored(FIRST.dataset, OTHER_STUDY.dataset, OTHER_STUDY.dataset)
    assert case(three, second=OTHER_STUDY)["DUP-02"] is FAIL


def test_more_entries_than_places_fail() -> None:
    listed = stored(FIRST.dataset, OTHER_STUDY.dataset, listed=3)
    assert case(listed, second=OTHER_STUDY)["DUP-02"] is FAIL


@pytest.mark.parametrize("policy", [KEEP, REPLACE, REFUSE])
def test_no_policy_is_judged_by_an_identical_copy(policy: DuplicatePolicy) -> None:
    assert case(ONE, second=FIRST, policy=policy)["DUP-04"] is NOT_APPLICABLE


@pytest.mark.parametrize(
    ("after", "status", "expected"),
    [
        pytest.param(ONE, 0x0000, seen(PASS, PASS, NOT_APPLICABLE, WARN), id="kept-in-silence"),
        pytest.param(ONE, 0xB007, seen(PASS, PASS, NOT_APPLICABLE, PASS), id="kept-with-warning"),
        pytest.param(ONE, 0xC409, seen(PASS, PASS, NOT_APPLICABLE, PASS), id="refused"),
        pytest.param(ONE, 0x0111, seen(WARN, PASS, NOT_APPLICABLE, PASS), id="refused-0111"),
        pytest.param(TWO, 0x0000, seen(PASS, PASS, NOT_APPLICABLE, PASS), id="replaced"),
        pytest.param(TWO, 0xA700, seen(FAIL, FAIL, NOT_APPLICABLE, PASS), id="refused-and-replaced"),
        pytest.param(MIXED, 0x0000, seen(FAIL, FAIL, NOT_APPLICABLE, INCONCLUSIVE), id="mixture"),
        pytest.param(NEITHER, 0x0000, seen(FAIL, FAIL, NOT_APPLICABLE, INCONCLUSIVE), id="never-sent"),
        pytest.param(BOTH, 0x0000, seen(FAIL, PASS, NOT_APPLICABLE, PASS), id="both"),
    ],
)
def test_other_content(after: ReadBackOutcome, status: int, expected: dict[str, Verdict]) -> None:
    assert case(after, status) == expected


@pytest.mark.parametrize(
    ("policy", "after", "status", "expected"),
    [
        pytest.param(KEEP, ONE, 0x0000, PASS, id="keep-kept"),
        pytest.param(KEEP, ONE, 0xB000, PASS, id="keep-kept-with-warning"),
        pytest.param(KEEP, ONE, 0xA900, WARN, id="keep-refused"),
        pytest.param(KEEP, TWO, 0x0000, FAIL, id="keep-replaced"),
        pytest.param(REPLACE, TWO, 0x0000, PASS, id="replace-replaced"),
        pytest.param(REPLACE, ONE, 0x0000, FAIL, id="replace-kept"),
        pytest.param(REPLACE, ONE, 0xA900, FAIL, id="replace-refused"),
        pytest.param(REFUSE, ONE, 0xA900, PASS, id="refuse-refused"),
        pytest.param(REFUSE, ONE, 0x0000, FAIL, id="refuse-kept-in-silence"),
        pytest.param(REFUSE, TWO, 0x0000, FAIL, id="refuse-replaced"),
        pytest.param(REPLACE, MIXED, 0x0000, FAIL, id="replace-mixture"),
    ],
)
def test_the_declared_policy(policy: DuplicatePolicy, after: ReadBackOutcome, status: int, expected: Verdict) -> None:
    assert case(after, status, policy=policy)["DUP-04"] is expected


def test_a_declared_keep_may_drop_the_second_in_silence() -> None:
    assert case(ONE, policy=KEEP)["DUP-06"] is PASS
    assert case(ONE, policy=REPLACE)["DUP-06"] is WARN


def test_nothing_left_is_the_loss_of_the_first() -> None:
    assert case(stored(), 0x0000) == {"DUP-02": PASS, "DUP-03": FAIL}
    assert case(stored(), 0xA900) == {"DUP-02": PASS, "DUP-03": FAIL}
    assert case(stored(), 0x0000, second=FIRST) == {"DUP-01": PASS, "DUP-03": FAIL}


@pytest.mark.parametrize("second", [pytest.param(OTHER_STUDY, id="study"), pytest.param(OTHER_PATIENT, id="patient")])
def test_a_duplicate_under_another_entity(second: Instance) -> None:
    assert case(ONE, second=second) == seen(PASS, PASS, NOT_APPLICABLE, WARN)
    assert case(stored(second.dataset), second=second) == seen(PASS, PASS, NOT_APPLICABLE, PASS)
    assert case(stored(FIRST.dataset, second.dataset), second=second) == seen(WARN, PASS, NOT_APPLICABLE, PASS)


def drop_comments(dataset: Dataset) -> None:
    del dataset.PatientComments


def test_an_archive_that_always_drops_an_element_stores_no_mixture() -> None:
    assert case(stored(edited(SECOND.dataset, drop_comments)))["DUP-02"] is PASS
    assert case(stored(edited(FIRST.dataset, drop_comments)), policy=KEEP)["DUP-04"] is PASS


def test_copies_that_cannot_be_told_apart_are_inconclusive() -> None:
    second = FIRST.changed(label="comments", edit=lambda d: setattr(d, "PatientComments", "second"))
    after = stored(edited(FIRST.dataset, drop_comments))
    expected = seen(INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE)
    assert case(after, second=second, policy=KEEP) == expected


def test_a_duplicate_inside_a_sequence_is_told_apart() -> None:
    def reference(uid: str) -> Callable[[Dataset], None]:
        def edit(dataset: Dataset) -> None:
            item = Dataset()
            item.ReferencedSOPInstanceUID = uid
            dataset.ReferencedImageSequence = [item]

        return edit

    first = FIRST.changed(label="one", edit=reference("1.2"))
    second = FIRST.changed(label="two", edit=reference("1.3"))
    found = judge(
        Duplicate(
            first=exchange(first, 0),
            second=exchange(second, 0),
            first_sent=first,
            second_sent=second.dataset,
            stored=stored(second.dataset),
        )
    )
    assert verdicts(found) == seen(PASS, PASS, NOT_APPLICABLE, PASS)


def test_without_read_back_only_the_answer_is_judged() -> None:
    assert case(UNREADABLE, 0x0000) == {"DUP-02": INCONCLUSIVE}
    assert case(UNREADABLE, 0xFE00) == {"DUP-02": FAIL}


def test_no_duplicate_without_a_first() -> None:
    assert case(ONE, first_status=0xA700) == {"DUP-02": INCONCLUSIVE}


def unanswered(outcome: Silence | Aborted | NotConnected, after: ReadBackOutcome) -> dict[str, Verdict]:
    return verdicts(
        judge(
            Duplicate(
                first=exchange(FIRST, 0),
                second=exchange(SECOND, outcome),
                first_sent=FIRST,
                second_sent=SECOND,
                stored=after,
            )
        )
    )


def test_a_duplicate_must_be_answered() -> None:
    assert unanswered(Silence(waited_s=5), ONE) == seen(FAIL, PASS, NOT_APPLICABLE, PASS)
    assert unanswered(Aborted(source=2, reason=0), TWO) == seen(FAIL, WARN, NOT_APPLICABLE, PASS)
    assert unanswered(NotConnected(reason="refused"), ONE) == {"DUP-02": INCONCLUSIVE}


@pytest.mark.parametrize(
    ("first_status", "status", "after", "policy", "expected"),
    [
        pytest.param(0, 0, ONE, UNSPECIFIED, seen(PASS, PASS, NOT_APPLICABLE, INFO), id="first-won"),
        pytest.param(0, 0, TWO, UNSPECIFIED, seen(PASS, PASS, NOT_APPLICABLE, INFO), id="second-won"),
        pytest.param(0, 0, TWO, KEEP, seen(PASS, PASS, PASS, PASS), id="keep"),
        pytest.param(0, 0, ONE, REPLACE, seen(PASS, PASS, PASS, PASS), id="replace"),
        pytest.param(0xA900, 0, TWO, REFUSE, seen(PASS, PASS, PASS, PASS), id="refuse"),
        pytest.param(0, 0, TWO, REFUSE, seen(PASS, PASS, FAIL, WARN), id="refuse-both-accepted"),
        pytest.param(0xA900, 0, ONE, UNSPECIFIED, seen(FAIL, PASS, NOT_APPLICABLE, WARN), id="refused-one-is-stored"),
        pytest.param(0xA900, 0xA900, stored(), UNSPECIFIED, {"DUP-02": WARN}, id="both-refused"),
        pytest.param(0xA900, 0, stored(), UNSPECIFIED, {"DUP-02": PASS, "DUP-03": FAIL}, id="both-gone"),
        pytest.param(0, 0, MIXED, KEEP, seen(FAIL, FAIL, FAIL, INCONCLUSIVE), id="mixture"),
    ],
)
def test_two_at_once(
    first_status: int, status: int, after: ReadBackOutcome, policy: DuplicatePolicy, expected: dict[str, Verdict]
) -> None:
    assert case(after, status, first_status=first_status, policy=policy, simultaneous=True) == expected


def test_the_rest_of_a_batch() -> None:
    good = (exchange(FIRST, 0), ONE)
    assert rest_of_batch([good, good]).verdict is PASS
    assert rest_of_batch([]).verdict is INCONCLUSIVE
    assert rest_of_batch([good, (exchange(FIRST, Aborted(source=2, reason=0)), ONE)]).verdict is FAIL
    assert rest_of_batch([good, (exchange(FIRST, 0), stored())]).verdict is FAIL
    assert rest_of_batch([good, (exchange(FIRST, 0xA700), stored())]).verdict is WARN
    assert rest_of_batch([good, (exchange(FIRST, 0), UNREADABLE)]).verdict is INCONCLUSIVE


def test_what_an_archive_drops_is_no_sign_of_the_instance_that_never_had_it() -> None:
    def add(dataset: Dataset) -> None:
        change_both(dataset)
        dataset.PatientReligiousPreference = "dropped"

    second = FIRST.changed(label="second", edit=add)
    dropped = stored(edited(second.dataset, lambda d: d.__delitem__("PatientReligiousPreference")))
    kept_of_the_second = stored(edited(FIRST.dataset, lambda d: setattr(d, "PatientReligiousPreference", "dropped")))
    assert case(dropped, second=second)["DUP-02"] is PASS
    assert case(kept_of_the_second, second=second)["DUP-02"] is FAIL
