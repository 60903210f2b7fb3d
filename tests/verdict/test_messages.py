"""Answers to malformed messages, to many messages and after the end of an association: every verdict by hand."""

from __future__ import annotations

import pytest

from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import (
    Aborted,
    Closed,
    NotConnected,
    Released,
    Response,
    ResponseOutcome,
    Silence,
)
from conformance.observation.transcript import Transcript
from conformance.verdict import messages
from conformance.verdict.finding import Verdict
from conformance.wire.command import CommandSet
from conformance.wire.messages import c_echo_rq, c_store_rq, response

STORE = c_store_rq(1, sop_class_uid="1.2.3", sop_instance_uid="1.2.3.4")
ABORTED = Aborted(source=2, reason=6)
SILENT = Silence(waited_s=2.0)


def _answered(request: CommandSet, *, status: int = 0, to: CommandSet | None = None) -> OperationExchange:
    return _ended(
        request,
        Response(context_id=1, command=response(to or request, status=status), data_set=None, t_s=0.1, after_s=0.1),
    )


def _ended(request: CommandSet, outcome: ResponseOutcome) -> OperationExchange:
    transcript = Transcript(label="1", peer="PACS@127.0.0.1:104")
    return OperationExchange(request=request, context_id=1, outcome=outcome, transcript=transcript)


def _store(outcome: int | ResponseOutcome) -> OperationExchange:
    return _answered(STORE, status=outcome) if isinstance(outcome, int) else _ended(STORE, outcome)


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (0x0000, Verdict.PASS),
        (0xB000, Verdict.PASS),
        (0xC000, Verdict.PASS),
        (ABORTED, Verdict.PASS),
        (Closed(), Verdict.WARN),
        (SILENT, Verdict.WARN),
        (Released(), Verdict.WARN),
        (0xFF00, Verdict.FAIL),
        (NotConnected(reason="refused"), Verdict.INCONCLUSIVE),
    ],
    ids=str,
)
def test_any_answer(outcome: int | ResponseOutcome, verdict: Verdict) -> None:
    assert messages.any_answer(_store(outcome), "CMD-09").verdict is verdict


@pytest.mark.parametrize(
    ("outcome", "as_meant", "another"),
    [(0, Verdict.PASS, Verdict.WARN), (0xA900, Verdict.PASS, Verdict.PASS), (ABORTED, Verdict.PASS, Verdict.PASS)],
    ids=str,
)
def test_faulty_store(outcome: int | ResponseOutcome, as_meant: Verdict, another: Verdict) -> None:
    assert messages.faulty_store(_store(outcome), "CMD-12", names_another=False).verdict is as_meant
    assert messages.faulty_store(_store(outcome), "CMD-12", names_another=True).verdict is another


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (0x0000, Verdict.FAIL),
        (0xB007, Verdict.FAIL),
        (0xC000, Verdict.PASS),
        (ABORTED, Verdict.PASS),
        (Closed(), Verdict.WARN),
        (SILENT, Verdict.WARN),
    ],
    ids=str,
)
def test_store_without_its_data_set(outcome: int | ResponseOutcome, verdict: Verdict) -> None:
    assert messages.store_without_its_data_set(_store(outcome)).verdict is verdict


def test_an_echo_answered_in_place_of_the_store_is_reported() -> None:
    judged = messages.store_without_its_data_set(_answered(STORE, to=c_echo_rq(2)))
    assert judged.verdict is Verdict.WARN
    assert "no answer to the C-STORE" in judged.actual


def test_answers_of_the_new_association_are_no_stale_ones() -> None:
    echoes = [_answered(c_echo_rq(n)) for n in (1, 2, 3)]
    assert messages.no_stale_response(echoes).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("late", "verdict"),
    [
        (_answered(c_echo_rq(1), to=STORE), Verdict.FAIL),
        (_ended(c_echo_rq(1), ABORTED), Verdict.FAIL),
        (_ended(c_echo_rq(1), NotConnected(reason="refused")), Verdict.INCONCLUSIVE),
    ],
    ids=["response of the association before", "A-ABORT", "no connection"],
)
def test_stale_response(late: OperationExchange, verdict: Verdict) -> None:
    assert messages.no_stale_response([_answered(c_echo_rq(1)), late]).verdict is verdict


@pytest.mark.parametrize(
    ("third", "verdict"),
    [
        (_answered(c_echo_rq(3)), Verdict.PASS),
        (_answered(c_echo_rq(3), status=0x0110), Verdict.PASS),
        (_answered(c_echo_rq(3), to=c_echo_rq(2)), Verdict.FAIL),
        (_answered(c_echo_rq(3), to=c_store_rq(3, sop_class_uid="1.2", sop_instance_uid="1.2.3")), Verdict.FAIL),
        (_ended(c_echo_rq(3), SILENT), Verdict.FAIL),
        (_ended(c_echo_rq(3), ABORTED), Verdict.WARN),
        (_ended(c_echo_rq(3), Closed()), Verdict.WARN),
        (_ended(c_echo_rq(3), NotConnected(reason="refused")), Verdict.INCONCLUSIVE),
    ],
    ids=["Success", "Failure", "id of before", "other service", "silence", "A-ABORT", "closed", "no connection"],
)
def test_each_answered_once(third: OperationExchange, verdict: Verdict) -> None:
    exchanges = [_answered(c_echo_rq(1)), _answered(c_echo_rq(2)), third]
    assert messages.each_answered_once(exchanges, asked=3).verdict is verdict
