"""Judges of batches and of requests sent ahead, with hand-written observations for every verdict."""

from __future__ import annotations

import pytest

from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Aborted, Closed, NotConnected, Response, ResponseOutcome, Silence
from conformance.observation.stored import ReadBackOutcome
from conformance.verdict.batches import Batch, all_answered, others_arrive
from conformance.verdict.finding import Verdict
from conformance.wire import messages
from conformance.wire.command import Tag, ui
from tests.verdict.builders import edited, operation, response, store_rq
from tests.verdict.observed import UNREADABLE, exchange, instance, stored

CT = instance()
THERE = stored(CT.dataset)
GONE = stored()
Step = tuple[int | ResponseOutcome, ReadBackOutcome]
GOOD: Step = (0x0000, THERE)
THIRD = 2


def _batch(third: Step, *others: Step) -> Batch:
    steps = [GOOD, GOOD, third, *(others or (GOOD, GOOD))]
    return Batch(
        stores=tuple(exchange(CT, answer) for answer, _ in steps),
        stored=tuple(found for _, found in steps),
        faulty=THIRD,
    )


@pytest.mark.parametrize(
    ("third", "verdict"),
    [
        pytest.param(0xC000, Verdict.PASS, id="refused"),
        pytest.param(0x0000, Verdict.PASS, id="stored"),
        pytest.param(Aborted(source=0, reason=0), Verdict.WARN, id="aborted"),
        pytest.param(Closed(), Verdict.WARN, id="closed"),
        pytest.param(Silence(waited_s=10.0), Verdict.FAIL, id="silent"),
        pytest.param(NotConnected(reason="gone"), Verdict.INCONCLUSIVE, id="not connected"),
    ],
)
def test_the_faulty_one(third: int | ResponseOutcome, verdict: Verdict) -> None:
    faulty, others = others_arrive(_batch((third, GONE)))
    assert (faulty.verdict, others.verdict) == (verdict, Verdict.PASS)


@pytest.mark.parametrize(
    ("others", "verdict"),
    [
        pytest.param((GOOD, GOOD), Verdict.PASS, id="all there"),
        pytest.param((GOOD, (0xB000, THERE)), Verdict.PASS, id="one with a warning"),
        pytest.param((GOOD, (0x0000, GONE)), Verdict.FAIL, id="one lost"),
        pytest.param((GOOD, (0xC000, GONE)), Verdict.FAIL, id="one refused"),
        pytest.param((GOOD, (Aborted(source=0, reason=0), GONE)), Verdict.FAIL, id="one aborted"),
        pytest.param(((Aborted(source=0, reason=0), GONE), GOOD), Verdict.WARN, id="aborted behind the faulty one"),
        pytest.param(((Closed(), GONE), GOOD), Verdict.WARN, id="closed behind the faulty one"),
        pytest.param(((Closed(), GONE), (0x0000, GONE)), Verdict.FAIL, id="closed behind the faulty one, one lost"),
        pytest.param((GOOD, (Silence(waited_s=10.0), GONE)), Verdict.FAIL, id="one without an answer"),
        pytest.param((GOOD, (0xA700, GONE)), Verdict.WARN, id="out of resources"),
        pytest.param((GOOD, (0x0000, UNREADABLE)), Verdict.INCONCLUSIVE, id="one not seen"),
        pytest.param((GOOD, (NotConnected(reason="gone"), GONE)), Verdict.INCONCLUSIVE, id="one not sent"),
    ],
)
def test_the_others(others: tuple[Step, ...], verdict: Verdict) -> None:
    assert others_arrive(_batch((0xC000, GONE), *others))[1].verdict is verdict


def test_a_batch_of_which_nothing_can_be_stored_says_nothing_about_the_third() -> None:
    refused = exchange(CT, 0xC000)
    batch = Batch(stores=(refused,) * 4, stored=(GONE,) * 4, faulty=THIRD)
    assert others_arrive(batch)[1].verdict is Verdict.INCONCLUSIVE


def _sent_ahead(*answers: int | ResponseOutcome) -> list[OperationExchange]:
    """Requests 1, 2, 3 ... and, for a number, the response to that Message ID."""
    asked = [store_rq(number) for number in range(1, len(answers) + 1)]
    return [
        operation(response(0x0000, to=store_rq(answer)) if isinstance(answer, int) else answer, request_command=request)
        for request, answer in zip(asked, answers, strict=True)
    ]


@pytest.mark.parametrize(
    ("answers", "in_order", "verdict"),
    [
        pytest.param((1, 2, 3), True, Verdict.PASS, id="in order"),
        pytest.param((2, 1, 3), True, Verdict.FAIL, id="out of order"),
        pytest.param((2, 1, 3), False, Verdict.PASS, id="out of order where that is allowed"),
        pytest.param((1, 1, 3), False, Verdict.FAIL, id="one twice"),
        pytest.param((1, Silence(waited_s=5.0)), True, Verdict.FAIL, id="one lost"),
        pytest.param((1, Aborted(source=2, reason=0)), True, Verdict.PASS, id="aborted"),
        pytest.param((1, Closed()), True, Verdict.WARN, id="closed"),
        pytest.param((NotConnected(reason="gone"),), True, Verdict.INCONCLUSIVE, id="not connected"),
    ],
)
def test_all_answered(answers: tuple[int | ResponseOutcome, ...], in_order: bool, verdict: Verdict) -> None:
    exchanges = _sent_ahead(*answers)
    judged = all_answered(exchanges, [THERE] * len(exchanges), "UI-ASY-07", in_order=in_order)
    assert judged.verdict is verdict


def test_what_was_answered_with_success_is_stored() -> None:
    exchanges = _sent_ahead(1, 2)
    assert all_answered(exchanges, [THERE, GONE], "CMD-16", in_order=False).verdict is Verdict.FAIL
    assert all_answered(exchanges, [THERE, UNREADABLE], "CMD-16", in_order=False).verdict is Verdict.PASS


def test_an_abort_is_no_answer_where_the_sender_kept_the_rules() -> None:
    exchanges = _sent_ahead(1, Aborted(source=2, reason=0))
    judged = all_answered(exchanges, [THERE, GONE], "CMD-16", in_order=False, abort=False)
    assert judged.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("named", "stored", "verdict"),
    [
        pytest.param((None, None), (THERE, GONE), Verdict.PASS, id="one of two, not said which"),
        pytest.param((None, None), (GONE, GONE), Verdict.FAIL, id="none of two"),
        pytest.param(("1.2.2", "1.2.1"), (THERE, GONE), Verdict.PASS, id="the second refused first"),
        pytest.param(("1.2.1", "1.2.2"), (THERE, GONE), Verdict.FAIL, id="the second acknowledged"),
    ],
)
def test_two_under_one_message_id(
    named: tuple[str | None, str | None], stored: tuple[ReadBackOutcome, ReadBackOutcome], verdict: Verdict
) -> None:
    asked = [edited(store_rq(7), {Tag.AFFECTED_SOP_INSTANCE_UID: ui(uid)}) for uid in ("1.2.1", "1.2.2")]
    answers = []
    for status, uid in zip((0x0210, 0x0000), named, strict=True):
        value = None if uid is None else ui(uid)
        answers.append(edited(messages.response(store_rq(7), status=status), {Tag.AFFECTED_SOP_INSTANCE_UID: value}))
    outcomes = [Response(context_id=1, command=a, data_set=None, t_s=1.0, after_s=0.1) for a in answers]
    exchanges = [operation(o, request_command=r) for o, r in zip(outcomes, asked, strict=True)]
    assert all_answered(exchanges, stored, "CMD-16", in_order=False).verdict is verdict
