"""Every verdict about stores beside a cancel, broken off, ended early, and about batches that were stopped."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset

from conformance.instances.instance import Instance
from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.interruption import BrokenOff, End, Way
from conformance.observation.outcomes import (
    Aborted,
    Accepted,
    Closed,
    NotConnected,
    Rejected,
    Released,
    Reset,
    ResponseOutcome,
    Silence,
)
from conformance.observation.stored import ReadBackOutcome
from conformance.observation.transcript import Transcript
from conformance.verdict import interruption, wholeness
from conformance.verdict.finding import Finding, Verdict
from conformance.wire.messages import c_echo_rq
from tests.verdict import builders, observed
from tests.verdict.observed import UNREADABLE, edited, exchange, instance, stored

SENT = instance("interruption")
ABORTED = Aborted(source=2, reason=0)
SILENT = Silence(waited_s=3.0)
GONE = NotConnected(reason="we have reset the connection")
NOTHING = stored()
WHOLE = stored(SENT.dataset)
TRANSCRIPT = Transcript(label="1 test", peer="PACS@127.0.0.1:104")

PASS, WARN, FAIL, INFO, UNKNOWN = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.INFO, Verdict.INCONCLUSIVE
NOT_APPLICABLE = Verdict.NOT_APPLICABLE


def _cut(dataset: Dataset) -> None:
    dataset.PixelData = dataset.PixelData[: len(dataset.PixelData) // 2]


HALF = stored(edited(SENT.dataset, _cut))
NO_PIXELS = stored(edited(SENT.dataset, lambda d: d.pop("PixelData")))
OTHER_HEADER = stored(edited(SENT.dataset, lambda d: setattr(d, "StationName", "ARCHIVE")))


def _broken(way: Way, end: End, *, complete: bool = False, answer: int | ResponseOutcome | None = None) -> BrokenOff:
    made = exchange(SENT, answer if answer is not None else end)
    store = OperationExchange(
        request=made.request,
        context_id=1,
        outcome=made.outcome,
        transcript=made.transcript,
        sent=made.sent,
        complete=complete,
    )
    return BrokenOff(store=store, way=way, end=end)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (0x0000, PASS),
        (0xB007, PASS),
        (0xC000, WARN),
        (ABORTED, INFO),
        (0xFE00, FAIL),
        (SILENT, FAIL),
        (Closed(), FAIL),
        (GONE, UNKNOWN),
    ],
    ids=str,
)
def test_store_with_a_cancel_behind_it(answer: int | ResponseOutcome, verdict: Verdict) -> None:
    assert interruption.store_beside_cancel(exchange(SENT, answer), "CAN-01").verdict is verdict


@pytest.mark.parametrize(
    ("control", "verdict"), [(None, WARN), (0x0000, WARN), (0xC000, PASS), (SILENT, PASS)], ids=str
)
def test_refusal_is_ordinary_where_everything_is_refused(
    control: int | ResponseOutcome | None, verdict: Verdict
) -> None:
    other = None if control is None else exchange(SENT, control)
    assert interruption.store_beside_cancel(exchange(SENT, 0xC000), "CAN-01", control=other).verdict is verdict
    assert interruption.undisturbed(exchange(SENT, 0xC000), control=other).verdict is verdict


@pytest.mark.parametrize(
    ("answer", "verdict"), [(0x0000, PASS), (0xB007, PASS), (ABORTED, FAIL), (SILENT, FAIL)], ids=str
)
def test_store_beside_an_association_that_ends(answer: int | ResponseOutcome, verdict: Verdict) -> None:
    assert interruption.undisturbed(exchange(SENT, answer)).verdict is verdict


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (0x0000, PASS),
        (0xC000, PASS),
        (ABORTED, INFO),
        (0xFE00, FAIL),
        (SILENT, WARN),
        (Closed(), WARN),
        (Reset(), WARN),
    ],
    ids=str,
)
def test_store_with_a_cancel_inside_it(answer: int | ResponseOutcome, verdict: Verdict) -> None:
    assert interruption.store_inside_which_a_cancel_stood(exchange(SENT, answer), "CAN-15").verdict is verdict


@pytest.mark.parametrize(
    ("outcome", "verdict"), [("0000", PASS), (ABORTED, INFO), (SILENT, FAIL)], ids=["answered", "abort", "silence"]
)
def test_association_after_a_stray_cancel(outcome: str | Aborted | Silence, verdict: Verdict) -> None:
    echo = c_echo_rq(2)
    came = builders.response(0, to=echo) if isinstance(outcome, str) else outcome
    assert interruption.association_goes_on(builders.operation(came, request_command=echo), "CAN-15").verdict is verdict


@pytest.mark.parametrize(
    ("answer", "found", "verdict"),
    [
        (0x0000, WHOLE, PASS),
        (0x0000, OTHER_HEADER, PASS),
        (0x0000, NOTHING, FAIL),
        (0x0000, HALF, FAIL),
        (0xB000, NO_PIXELS, FAIL),
        (0xC000, NOTHING, PASS),
        (0xC000, WHOLE, FAIL),
        (ABORTED, NOTHING, PASS),
        (ABORTED, WHOLE, PASS),
        (ABORTED, HALF, FAIL),
        (ABORTED, stored(listed=1), FAIL),
        (0x0000, UNREADABLE, UNKNOWN),
    ],
)
def test_whole_or_absent_as_the_status_says(
    answer: int | ResponseOutcome, found: ReadBackOutcome, verdict: Verdict
) -> None:
    assert wholeness.agrees_with_status(exchange(SENT, answer), SENT, found, "CAN-15").verdict is verdict


@pytest.mark.parametrize(
    ("way", "requirement"),
    [(Way.ABORT, "ST-32"), (Way.FIN, "CAN-13"), (Way.RST, "CAN-13"), (Way.RELEASE, "UL-REL-08")],
    ids=str,
)
@pytest.mark.parametrize(
    ("found", "verdict"),
    [(NOTHING, PASS), (HALF, FAIL), (WHOLE, FAIL), (UNREADABLE, UNKNOWN)],
    ids=["nothing", "half", "whole", "unreadable"],
)
def test_cut_transfer_leaves_nothing(way: Way, requirement: str, found: ReadBackOutcome, verdict: Verdict) -> None:
    judged = interruption.nothing_partial(_broken(way, Closed()), SENT, found)
    assert (judged.requirement, judged.verdict) == (requirement, verdict)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [(NOTHING, PASS), (WHOLE, PASS), (HALF, FAIL), (stored(listed=1), FAIL), (UNREADABLE, UNKNOWN)],
    ids=["nothing", "whole", "half", "listed alone", "unreadable"],
)
def test_complete_transfer_leaves_the_whole_or_nothing(found: ReadBackOutcome, verdict: Verdict) -> None:
    judged = interruption.nothing_partial(_broken(Way.RST, GONE, complete=True), SENT, found)
    assert (judged.requirement, judged.verdict) == ("CAN-12", verdict)


@pytest.mark.parametrize(
    ("way", "requirement"), [(Way.ABORT, "UL-ABT-07"), (Way.FIN, "CMD-28"), (Way.RELEASE, "UL-REL-08")], ids=str
)
@pytest.mark.parametrize(
    ("answer", "complete", "verdict"),
    [(0x0000, False, FAIL), (0xB000, False, FAIL), (0xA700, False, PASS), (0x0000, True, PASS), (None, False, PASS)],
)
def test_part_is_not_acknowledged(
    way: Way, requirement: str, answer: int | None, complete: bool, verdict: Verdict
) -> None:
    broken = _broken(way, Closed(), complete=complete, answer=answer)
    judged = interruption.no_success_for_a_part(broken)
    assert (judged.requirement, judged.verdict) == (requirement, verdict)


@pytest.mark.parametrize(
    ("way", "end", "complete", "requirement", "verdict"),
    [
        (Way.RELEASE, Released(), False, "UL-REL-08", PASS),
        (Way.RELEASE, ABORTED, False, "UL-REL-08", PASS),
        (Way.RELEASE, Closed(), False, "UL-REL-08", WARN),
        (Way.RELEASE, SILENT, False, "UL-REL-08", WARN),
        (Way.RELEASE, GONE, False, "UL-REL-08", UNKNOWN),
        (Way.RELEASE, Released(), True, "UL-REL-06", PASS),
        (Way.RELEASE, SILENT, True, "UL-REL-06", WARN),
        (Way.ABORT, Closed(), False, "UL-ABT-06", PASS),
        (Way.ABORT, Reset(), False, "UL-ABT-06", PASS),
        (Way.ABORT, ABORTED, False, "UL-ABT-06", WARN),
        (Way.ABORT, Released(), False, "UL-ABT-06", FAIL),
        (Way.ABORT, SILENT, False, "UL-ABT-06", FAIL),
        (Way.ABORT, GONE, False, "UL-ABT-06", UNKNOWN),
        (Way.FIN, Closed(), False, "UL-TCP-12", PASS),
        (Way.FIN, ABORTED, False, "UL-TCP-12", PASS),
        (Way.FIN, SILENT, False, "UL-TCP-12", WARN),
        (Way.RST, GONE, False, "UL-TCP-12", INFO),
    ],
)
def test_answer_to_the_end(way: Way, end: End, complete: bool, requirement: str, verdict: Verdict) -> None:
    judged = interruption.end_is_answered(_broken(way, end, complete=complete))
    assert (judged.requirement, judged.verdict) == (requirement, verdict)


def _second_try(control: int, repeated: int) -> interruption.SecondTry:
    return interruption.SecondTry(control=exchange(SENT, control), repeated=exchange(SENT, repeated))


@pytest.mark.parametrize(
    ("answer", "may_be_duplicate", "second_try", "verdict"),
    [
        (0x0000, False, None, PASS),
        (0xB000, True, None, PASS),
        (0xC0F0, True, _second_try(0, 0xC0F0), INFO),
        (0xC0F0, False, _second_try(0, 0xC0F0), FAIL),
        (0xC0F0, False, _second_try(0, 0), WARN),
        (0xA700, False, _second_try(0xA700, 0xA700), UNKNOWN),
        (0xC0F0, False, None, UNKNOWN),
        (SILENT, True, _second_try(0, 0xC000), FAIL),
        (GONE, False, None, UNKNOWN),
    ],
)
def test_stored_afterwards(
    answer: int | ResponseOutcome,
    may_be_duplicate: bool,
    second_try: interruption.SecondTry | None,
    verdict: Verdict,
) -> None:
    judged = interruption.stored_afterwards(
        exchange(SENT, answer), may_be_duplicate=may_be_duplicate, second_try=second_try
    )
    assert judged.verdict is verdict


FULL = Rejected(result=2, source=3, reason=2)
ACCEPTED = builders.accepted()


@pytest.mark.parametrize(
    ("tries", "verdict"),
    [
        ([ACCEPTED], PASS),
        ([builders.association(FULL), ACCEPTED], PASS),
        ([builders.association(FULL)] * 3, FAIL),
        ([builders.association(GONE)], FAIL),
        ([], UNKNOWN),
    ],
    ids=["at once", "after a rejection", "rejected for good", "nobody there", "not tried"],
)
def test_place_given_back(tries: list[AssociationExchange], verdict: Verdict) -> None:
    assert interruption.place_given_back(tries, breaks=20).verdict is verdict


def test_stalled_sender_beside_whom_others_are_served() -> None:
    echo = builders.operation(builders.response(0, to=c_echo_rq(1)), request_command=c_echo_rq(1))
    assert isinstance(ACCEPTED.outcome, Accepted)
    assert interruption.served_beside_a_stalled_sender(ACCEPTED, echo).verdict is PASS


@pytest.mark.parametrize(("outcome", "verdict"), [(FULL, PASS), (SILENT, INFO), (Closed(), INFO)], ids=str)
def test_stalled_sender_beside_whom_nobody_is_served(outcome: Rejected | Silence | Closed, verdict: Verdict) -> None:
    found = interruption.served_beside_a_stalled_sender(builders.association(outcome), None)
    assert found.verdict is verdict


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (FULL, NOT_APPLICABLE),
        (SILENT, NOT_APPLICABLE),
        (Rejected(result=1, source=1, reason=1), UNKNOWN),
        (Closed(), UNKNOWN),
    ],
    ids=str,
)
def test_nobody_is_served_beside_a_sender(outcome: Rejected | Silence | Closed, verdict: Verdict) -> None:
    found = interruption.not_served_beside(builders.association(outcome))
    assert (found.verdict, found.requirement) == (verdict, "UL-TCP-16")
    assert bool(found.note) is (verdict is NOT_APPLICABLE)


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (SILENT, PASS),
        (builders.response(0xA700), PASS),
        (builders.response(0x0000), FAIL),
        (builders.response(0xB000), FAIL),
        (builders.response(0xFE00), FAIL),
        (ABORTED, WARN),
        (GONE, UNKNOWN),
    ],
)
def test_answer_before_the_last_fragment(outcome: ResponseOutcome, verdict: Verdict) -> None:
    assert interruption.early_response(outcome, TRANSCRIPT).verdict is verdict


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [(builders.response(0, to=c_echo_rq(2)), PASS), (builders.response(0), FAIL), (SILENT, FAIL)],
    ids=["the echo's", "a second to the store", "none"],
)
def test_response_after_an_early_failure(outcome: ResponseOutcome, verdict: Verdict) -> None:
    echo = builders.operation(outcome, request_command=c_echo_rq(2))
    assert interruption.one_response(echo).verdict is verdict


@pytest.mark.parametrize(
    ("answer", "inside_an_element", "between_elements"),
    [
        (0xC000, PASS, PASS),
        (ABORTED, PASS, PASS),
        (0x0000, FAIL, INFO),
        (0xB007, WARN, INFO),
        (SILENT, WARN, WARN),
        (Closed(), WARN, WARN),
        (0xFE00, FAIL, FAIL),
    ],
    ids=str,
)
def test_data_set_that_ends_early(
    answer: int | ResponseOutcome, inside_an_element: Verdict, between_elements: Verdict
) -> None:
    came = exchange(SENT, answer)
    assert interruption.early_end(came, whole_elements=False).verdict is inside_an_element
    assert interruption.early_end(came, whole_elements=True).verdict is between_elements


def _sent(answer: int | ResponseOutcome, found: ReadBackOutcome) -> tuple[Instance, OperationExchange, ReadBackOutcome]:
    return SENT, exchange(SENT, answer), found


@pytest.mark.parametrize(
    ("sent", "unsent", "verdict"),
    [
        ([_sent(0, WHOLE), _sent(0, WHOLE)], [NOTHING], PASS),
        ([_sent(0, WHOLE), _sent(0xC000, NOTHING)], [NOTHING], PASS),
        ([_sent(0, WHOLE), _sent(0, NOTHING)], [NOTHING], FAIL),
        ([_sent(0, HALF)], [NOTHING], FAIL),
        ([_sent(0, WHOLE)], [HALF], FAIL),
        ([_sent(0xC000, NOTHING)], [NOTHING], UNKNOWN),
        ([_sent(0, UNREADABLE)], [UNREADABLE], UNKNOWN),
    ],
    ids=["all there", "one refused", "one lost", "one cut", "one too many", "all refused", "unreadable"],
)
def test_stopped_batch(
    sent: list[tuple[Instance, OperationExchange, ReadBackOutcome]], unsent: list[ReadBackOutcome], verdict: Verdict
) -> None:
    assert interruption.stopped_batch(sent, unsent).verdict is verdict


@pytest.mark.parametrize("answer", [0x0000, 0xC000, SILENT], ids=str)
def test_every_finding_says_what_would_have_been_right(answer: int | ResponseOutcome) -> None:
    judges: list[Callable[[], Finding]] = [
        lambda: interruption.store_beside_cancel(exchange(SENT, answer), "CAN-01"),
        lambda: interruption.stored_afterwards(exchange(SENT, answer), may_be_duplicate=False),
        lambda: wholeness.agrees_with_status(exchange(SENT, answer), SENT, observed.stored(), "CAN-15"),
    ]
    assert all(found.expected and found.actual for found in (judge() for judge in judges))
