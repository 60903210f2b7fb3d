"""Judges of requests that were not agreed on, with hand-written observations for every verdict."""

from __future__ import annotations

import pytest

from conformance.observation.outcomes import Aborted, Closed, Response, ResponseOutcome, Silence
from conformance.observation.stored import ReadBackOutcome
from conformance.verdict import unagreed
from conformance.verdict.finding import Verdict
from conformance.wire.command import CommandField, CommandSet, Tag, us
from conformance.wire.command_faults import with_values
from conformance.wire.messages import response
from tests.verdict.builders import operation, store_rq
from tests.verdict.observed import UNREADABLE, edited, exchange, instance, stored, verdicts

CT = instance()
NOTHING = stored()
WHOLE = stored(CT.dataset)
HALF = stored(edited(CT.dataset, lambda ds: ds.__delitem__("PixelData")))
ABORT = Aborted(source=2, reason=6)
SILENCE = Silence(waited_s=10.0)


@pytest.mark.parametrize(
    ("answer", "found", "verdict"),
    [
        pytest.param(ABORT, NOTHING, Verdict.PASS, id="aborted"),
        pytest.param(ABORT, WHOLE, Verdict.FAIL, id="aborted and stored"),
        pytest.param(0x0122, NOTHING, Verdict.WARN, id="refused"),
        pytest.param(Closed(), NOTHING, Verdict.WARN, id="closed"),
        pytest.param(0x0000, UNREADABLE, Verdict.FAIL, id="success"),
        pytest.param(SILENCE, NOTHING, Verdict.FAIL, id="silent"),
    ],
)
def test_not_executed(answer: int | ResponseOutcome, found: ReadBackOutcome, verdict: Verdict) -> None:
    assert verdicts(unagreed.not_executed(exchange(CT, answer), found, "PDV-14")) == {"PDV-14": verdict}


@pytest.mark.parametrize(
    ("answer", "found", "verdict"),
    [
        pytest.param(ABORT, NOTHING, Verdict.PASS, id="aborted"),
        pytest.param(0xC000, NOTHING, Verdict.PASS, id="refused"),
        pytest.param(0x0000, WHOLE, Verdict.WARN, id="stored as it was meant"),
        pytest.param(0x0000, UNREADABLE, Verdict.WARN, id="success, not seen"),
        pytest.param(0x0000, HALF, Verdict.FAIL, id="stored wrongly"),
        pytest.param(SILENCE, NOTHING, Verdict.WARN, id="silent"),
    ],
)
def test_two_contexts(answer: int | ResponseOutcome, found: ReadBackOutcome, verdict: Verdict) -> None:
    assert verdicts(unagreed.two_contexts(exchange(CT, answer), found, meant=CT))["PDV-09"] is verdict


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        pytest.param(0x0122, Verdict.PASS, id="refused"),
        pytest.param(ABORT, Verdict.PASS, id="aborted"),
        pytest.param(0xB007, Verdict.WARN, id="warned"),
        pytest.param(0x0000, Verdict.FAIL, id="success"),
    ],
)
def test_other_sop_class(answer: int | ResponseOutcome, verdict: Verdict) -> None:
    assert verdicts(unagreed.other_sop_class(exchange(CT, answer), NOTHING))["CMD-32"] is verdict


@pytest.mark.parametrize(
    ("answer", "under_command", "under_data_set", "verdict"),
    [
        pytest.param(0xA900, NOTHING, NOTHING, Verdict.PASS, id="refused"),
        pytest.param(0xB007, NOTHING, WHOLE, Verdict.PASS, id="told"),
        pytest.param(0xB000, NOTHING, WHOLE, Verdict.WARN, id="another warning"),
        pytest.param(ABORT, NOTHING, NOTHING, Verdict.WARN, id="aborted"),
        pytest.param(0x0000, WHOLE, NOTHING, Verdict.WARN, id="under the UID acknowledged"),
        pytest.param(0x0000, NOTHING, WHOLE, Verdict.FAIL, id="under the other UID"),
        pytest.param(0x0000, NOTHING, NOTHING, Verdict.FAIL, id="nowhere"),
        pytest.param(0x0000, UNREADABLE, UNREADABLE, Verdict.WARN, id="not seen"),
        pytest.param(SILENCE, NOTHING, NOTHING, Verdict.FAIL, id="silent"),
    ],
)
def test_other_instance(
    answer: int | ResponseOutcome, under_command: ReadBackOutcome, under_data_set: ReadBackOutcome, verdict: Verdict
) -> None:
    judged = unagreed.other_instance(exchange(CT, answer), under_command, under_data_set)
    assert verdicts(judged)["CMD-33"] is verdict


@pytest.mark.parametrize(
    ("answer", "found", "verdict"),
    [
        pytest.param(0x0211, NOTHING, Verdict.PASS, id="refused"),
        pytest.param(ABORT, NOTHING, Verdict.PASS, id="aborted"),
        pytest.param(0x0000, WHOLE, Verdict.WARN, id="stored"),
        pytest.param(0x0000, UNREADABLE, Verdict.WARN, id="success, not seen"),
        pytest.param(0x0000, NOTHING, Verdict.FAIL, id="success and not stored"),
        pytest.param(SILENCE, NOTHING, Verdict.FAIL, id="silent"),
    ],
)
def test_store_on_another_service(answer: int | ResponseOutcome, found: ReadBackOutcome, verdict: Verdict) -> None:
    assert verdicts(unagreed.store_on_another_service(exchange(CT, answer), found))["CMD-36"] is verdict


def _answered(status: int, field: CommandField) -> tuple[CommandSet, Response]:
    request = with_values(store_rq(), {Tag.COMMAND_FIELD: us(CommandField.N_ACTION_RQ)})
    command = with_values(response(request, status=status), {Tag.COMMAND_FIELD: us(field)})
    return request, Response(context_id=1, command=command, data_set=None, t_s=1.0, after_s=0.1)


@pytest.mark.parametrize(
    ("status", "field", "verdict"),
    [
        pytest.param(0x0211, CommandField.N_ACTION_RSP, Verdict.PASS, id="unrecognized operation"),
        pytest.param(0x0122, CommandField.N_ACTION_RSP, Verdict.PASS, id="SOP class not supported"),
        pytest.param(0xC000, CommandField.N_ACTION_RSP, Verdict.WARN, id="another failure"),
        pytest.param(0x0000, CommandField.N_ACTION_RSP, Verdict.FAIL, id="success"),
        pytest.param(0x0211, CommandField.C_STORE_RSP, Verdict.FAIL, id="another response"),
    ],
)
def test_operation_refused_by_a_response(status: int, field: CommandField, verdict: Verdict) -> None:
    request, came = _answered(status, field)
    assert unagreed.operation_refused(operation(came, request_command=request), "CMD-38").verdict is verdict


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        pytest.param(ABORT, Verdict.PASS, id="aborted"),
        pytest.param(Closed(), Verdict.WARN, id="closed"),
        pytest.param(SILENCE, Verdict.FAIL, id="silent"),
    ],
)
def test_operation_refused_otherwise(outcome: ResponseOutcome, verdict: Verdict) -> None:
    assert unagreed.operation_refused(operation(outcome), "CMD-38").verdict is verdict


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        pytest.param(0x0000, Verdict.PASS, id="passed over"),
        pytest.param(ABORT, Verdict.PASS, id="aborted"),
        pytest.param(0xC000, Verdict.WARN, id="the next request fails"),
        pytest.param(SILENCE, Verdict.FAIL, id="deaf"),
    ],
)
def test_passed_over(answer: int | ResponseOutcome, verdict: Verdict) -> None:
    assert unagreed.passed_over(exchange(CT, answer), "CMD-39").verdict is verdict
