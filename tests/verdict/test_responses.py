"""What the answer to a request is worth."""

from __future__ import annotations

import pytest

from conformance.observation.outcomes import (
    Aborted,
    Closed,
    NotConnected,
    Released,
    Reset,
    ResponseOutcome,
    Silence,
    Undecodable,
    Unexpected,
)
from conformance.verdict import responses
from conformance.verdict.finding import Verdict
from conformance.verdict.responses import Reactions, expect
from conformance.wire.command import Tag
from conformance.wire.pdu import ReleaseRQ
from tests.verdict.builders import Wire, operation, response, store_rq

SILENCE = Silence(waited_s=2.0)
GARBAGE = Undecodable(what="no PDU", clause="PS3.8 9.3.1", data=b"HTTP")


@pytest.mark.parametrize(
    ("outcome", "acceptable"),
    [
        pytest.param(response(0x0000), Reactions(success=True), id="success"),
        pytest.param(response(0xB007), Reactions(warning=True), id="warning"),
        pytest.param(response(0xA700), Reactions(failure=True), id="failure"),
        pytest.param(response(0x0122), Reactions(failure=True), id="failure-01xx"),
        pytest.param(response(0xFE00), Reactions(cancel=True), id="cancel"),
        pytest.param(response(0x0211), Reactions(codes=(0x0211,)), id="single-code"),
        pytest.param(response(0xA7FF), Reactions(codes=(range(0xA700, 0xA800),)), id="code-range"),
        pytest.param(Aborted(source=2, reason=0), Reactions(abort=True), id="abort"),
        pytest.param(Closed(), Reactions(closed=True), id="fin"),
        pytest.param(Reset(), Reactions(closed=True), id="rst"),
        pytest.param(SILENCE, Reactions(silence=True), id="silence"),
    ],
)
def test_what_is_named_passes_and_nothing_else_does(outcome: ResponseOutcome, acceptable: Reactions) -> None:
    assert acceptable.include(outcome)
    assert not Reactions().include(outcome)
    finding = expect(
        operation(outcome),
        "CMD-11",
        success=acceptable.success,
        warning=acceptable.warning,
        failure=acceptable.failure,
        cancel=acceptable.cancel,
        codes=acceptable.codes,
        abort=acceptable.abort,
        closed=acceptable.closed,
        silence=acceptable.silence,
    )
    assert (finding.requirement, finding.verdict) == ("CMD-11", Verdict.PASS)
    assert finding.expected == acceptable.words()
    assert len(finding.expected) == 1


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        pytest.param(response(0xA900), Verdict.FAIL, id="other-status"),
        pytest.param(response(0xFF00), Verdict.FAIL, id="pending"),
        pytest.param(response(0xD000), Verdict.FAIL, id="status-without-class"),
        pytest.param(response(None), Verdict.FAIL, id="no-status"),
        pytest.param(Aborted(source=0, reason=0), Verdict.FAIL, id="abort"),
        pytest.param(Closed(), Verdict.FAIL, id="fin"),
        pytest.param(Released(), Verdict.FAIL, id="released"),
        pytest.param(SILENCE, Verdict.FAIL, id="silence"),
        pytest.param(GARBAGE, Verdict.FAIL, id="garbage"),
        pytest.param(Unexpected(pdu=ReleaseRQ()), Verdict.FAIL, id="unexpected-pdu"),
        pytest.param(NotConnected(reason="refused"), Verdict.INCONCLUSIVE, id="not-connected"),
    ],
)
def test_what_is_not_named_fails_where_success_was_owed(outcome: ResponseOutcome, verdict: Verdict) -> None:
    assert expect(operation(outcome), "ST-03", success=True).verdict is verdict


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        pytest.param(SILENCE, Verdict.WARN, id="silence"),
        pytest.param(Closed(), Verdict.WARN, id="fin"),
        pytest.param(Reset(), Verdict.WARN, id="rst"),
        pytest.param(response(0x0000), Verdict.FAIL, id="false-success"),
        pytest.param(GARBAGE, Verdict.FAIL, id="garbage"),
    ],
)
def test_no_answer_is_owed_to_what_no_clause_speaks_of(outcome: ResponseOutcome, verdict: Verdict) -> None:
    assert expect(operation(outcome), "CMD-20", failure=True, abort=True, well_formed=False).verdict is verdict


def test_silence_after_half_a_request_is_inconclusive() -> None:
    finding = expect(operation(SILENCE, complete=False), "CMD-28", failure=True)
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "not sent to its end" in finding.note


def test_a_close_after_half_a_request_is_no_failure() -> None:
    assert expect(operation(Closed(), complete=False), "CMD-28", failure=True).verdict is Verdict.WARN


@pytest.mark.parametrize("reported_as", [Verdict.WARN, Verdict.INFO], ids=str)
def test_what_is_reported_has_the_verdict_asked_for(reported_as: Verdict) -> None:
    finding = expect(
        operation(response(0x0000)),
        "CMD-36",
        failure=True,
        abort=True,
        reported=Reactions(success=True),
        reported_as=reported_as,
        note="both calibration systems store it",
    )
    assert finding.verdict is reported_as
    assert finding.note == "tolerated, and reported; both calibration systems store it"


def test_a_failure_shows_the_bytes_of_the_response() -> None:
    wire = Wire().associated().store(0xA900)
    outcome = response(0xA900, t_s=wire.transcript.events[-1].t_s, extra={Tag.ERROR_COMMENT: b"no match"})
    finding = expect(operation(outcome, wire=wire), "ST-01", success=True)
    assert finding.actual == (
        "C-STORE-RSP with status A900H Failure, error: data set does not match SOP class, Error Comment 'no match'"
    )
    (evidence,) = finding.evidence
    assert evidence.data[:1] == b"\x04"
    assert evidence.connection == "1 test"
    assert wire.transcript.bytes_of(wire.transcript.events[-1].kind)[evidence.offset :].startswith(evidence.data[:6])


def test_actual_names_the_request_when_no_response_came() -> None:
    assert responses.actual(operation(SILENCE)) == "silence for 2.0 s after C-STORE-RQ"
    assert responses.actual(operation(response(None))) == "C-STORE-RSP without a status"


def test_otherwise_can_be_weakened() -> None:
    finding = expect(operation(response(0xC000)), "UI-ROL-04", success=True, otherwise=Verdict.INFO)
    assert finding.verdict is Verdict.INFO


def test_words_of_every_reaction() -> None:
    everything = Reactions(
        success=True,
        warning=True,
        failure=True,
        cancel=True,
        codes=(0x0117, range(0xA700, 0xA800)),
        abort=True,
        closed=True,
        silence=True,
    )
    assert len(everything.words()) == 9
    assert "status 0117H" in everything.words()
    assert "status A700H-A7FFH" in everything.words()


def test_request_without_a_command_field_can_be_told() -> None:
    empty = store_rq()
    assert responses.actual(operation(Closed(), request_command=empty)).endswith("after C-STORE-RQ")
