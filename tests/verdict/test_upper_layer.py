"""Judges of the upper layer: every verdict they can give, on hand-written reactions."""

from __future__ import annotations

import pytest

from conformance.observation.outcomes import (
    Aborted,
    AssociationOutcome,
    Closed,
    NotConnected,
    Rejected,
    Reset,
    Silence,
    Undecodable,
)
from conformance.observation.reactions import Reaction, ReactionEnding
from conformance.standard.upper_layer import ACCEPTOR_TABLE, PEER_EVENTS, Event, State
from conformance.verdict import state_machine, upper_layer
from conformance.verdict.finding import Verdict
from conformance.verdict.upper_layer import REFUSED, ROBUST, TOLERABLE, Answers, Artim
from conformance.wire import messages
from conformance.wire.pdu import AbortPdu, AssociateRJ, PDataTF, Pdu, ReleaseRP
from tests.verdict.builders import Wire, accept, accepted, association, operation, response, result

ABORT_USER = Aborted(source=0, reason=0)
ABORT_PROVIDER = Aborted(source=2, reason=2)
FIN = Closed()
RST = Reset()
SILENT = Silence(waited_s=5)
GARBAGE = Undecodable(what="no PDU", clause="PS3.8 9.3.1", data=b"x")
NOBODY = NotConnected(reason="refused")
RP = ReleaseRP()
RJ = AssociateRJ(result=1, source=1, reason=1)
DATA = PDataTF(pdvs=())
REFUSAL = Rejected(result=2, source=3, reason=2)


def reaction(*pdus: Pdu, ending: ReactionEnding = SILENT, after_s: float = 1.0) -> Reaction:
    return Reaction(pdus=pdus, ending=ending, after_s=after_s, transcript=Wire().transcript)


CELLS = [
    (State.STA_2, Event.ASSOCIATE_AC_PDU, reaction(ending=ABORT_USER), Verdict.PASS),
    (State.STA_2, Event.ASSOCIATE_AC_PDU, reaction(ending=ABORT_PROVIDER), Verdict.WARN),
    (State.STA_2, Event.ASSOCIATE_AC_PDU, reaction(ending=FIN), Verdict.WARN),
    (State.STA_2, Event.INVALID_PDU, reaction(ending=RST), Verdict.WARN),
    (State.STA_2, Event.INVALID_PDU, reaction(), Verdict.FAIL),
    (State.STA_2, Event.RELEASE_RQ_PDU, reaction(RP), Verdict.FAIL),
    (State.STA_2, Event.RELEASE_RQ_PDU, reaction(ending=GARBAGE), Verdict.FAIL),
    (State.STA_2, Event.ASSOCIATE_RQ_PDU, reaction(accept()), Verdict.PASS),
    (State.STA_2, Event.ASSOCIATE_RQ_PDU, reaction(RJ), Verdict.PASS),
    (State.STA_2, Event.ASSOCIATE_RQ_PDU, reaction(ending=ABORT_USER), Verdict.FAIL),
    (State.STA_2, Event.ABORT_PDU, reaction(ending=FIN), Verdict.PASS),
    (State.STA_2, Event.ABORT_PDU, reaction(ending=ABORT_USER), Verdict.FAIL),
    (State.STA_2, Event.TRANSPORT_CLOSED, reaction(ending=FIN), Verdict.PASS),
    (State.STA_2, Event.TRANSPORT_CLOSED, reaction(), Verdict.WARN),
    (State.STA_2, Event.TRANSPORT_CLOSED, reaction(accept()), Verdict.FAIL),
    (State.STA_6, Event.ASSOCIATE_AC_PDU, reaction(ending=ABORT_PROVIDER), Verdict.PASS),
    (State.STA_6, Event.ASSOCIATE_AC_PDU, reaction(ending=ABORT_USER), Verdict.WARN),
    (State.STA_6, Event.ASSOCIATE_AC_PDU, reaction(ending=FIN), Verdict.FAIL),
    (State.STA_6, Event.ASSOCIATE_AC_PDU, reaction(ending=RST), Verdict.WARN),
    (State.STA_6, Event.ASSOCIATE_AC_PDU, reaction(), Verdict.FAIL),
    (State.STA_6, Event.ASSOCIATE_AC_PDU, reaction(ending=NOBODY), Verdict.INCONCLUSIVE),
    (State.STA_6, Event.P_DATA_PDU, reaction(DATA), Verdict.PASS),
    (State.STA_6, Event.P_DATA_PDU, reaction(ending=ABORT_PROVIDER), Verdict.FAIL),
    (State.STA_6, Event.RELEASE_RQ_PDU, reaction(RP), Verdict.PASS),
    (State.STA_6, Event.RELEASE_RQ_PDU, reaction(ending=FIN), Verdict.FAIL),
    (State.STA_6, Event.ABORT_PDU, reaction(ending=RST), Verdict.PASS),
    (State.STA_6, Event.ABORT_PDU, reaction(), Verdict.FAIL),
    (State.STA_13, Event.P_DATA_PDU, reaction(), Verdict.PASS),
    (State.STA_13, Event.P_DATA_PDU, reaction(ending=FIN), Verdict.PASS),
    (State.STA_13, Event.P_DATA_PDU, reaction(ending=ABORT_PROVIDER), Verdict.WARN),
    (State.STA_13, Event.P_DATA_PDU, reaction(DATA), Verdict.FAIL),
    (State.STA_13, Event.ASSOCIATE_RQ_PDU, reaction(ending=ABORT_PROVIDER), Verdict.PASS),
    (State.STA_13, Event.ASSOCIATE_RQ_PDU, reaction(ending=FIN), Verdict.PASS),
    (State.STA_13, Event.ASSOCIATE_RQ_PDU, reaction(), Verdict.WARN),
    (State.STA_13, Event.ASSOCIATE_RQ_PDU, reaction(accept()), Verdict.FAIL),
]


@pytest.mark.parametrize(("state", "event", "came", "verdict"), CELLS)
def test_cell(state: State, event: Event, came: Reaction, verdict: Verdict) -> None:
    found = state_machine.cell(state, event, came)
    assert (found.requirement, found.verdict) == (state_machine.requirement_of(state, event), verdict)


@pytest.mark.parametrize(
    ("state", "event", "came", "verdict"),
    [
        pytest.param(State.STA_3, Event.ASSOCIATE_AC_PDU, reaction(ending=ABORT_PROVIDER), Verdict.PASS, id="in Sta3"),
        pytest.param(
            State.STA_3, Event.ASSOCIATE_AC_PDU, reaction(accept(), ending=ABORT_PROVIDER), Verdict.PASS, id="in Sta6"
        ),
        pytest.param(State.STA_3, Event.P_DATA_PDU, reaction(accept(), DATA), Verdict.PASS, id="data in Sta6"),
        pytest.param(State.STA_3, Event.ASSOCIATE_AC_PDU, reaction(accept()), Verdict.FAIL, id="passed over"),
        pytest.param(State.STA_3, Event.ASSOCIATE_AC_PDU, reaction(RJ), Verdict.INCONCLUSIVE, id="rejected"),
        pytest.param(State.STA_3, Event.ASSOCIATE_AC_PDU, reaction(ending=FIN), Verdict.WARN, id="closed in Sta3"),
        pytest.param(State.STA_8, Event.P_DATA_PDU, reaction(ending=ABORT_PROVIDER), Verdict.PASS, id="in Sta8"),
        pytest.param(State.STA_8, Event.P_DATA_PDU, reaction(RP), Verdict.PASS, id="ignored in Sta13"),
        pytest.param(State.STA_8, Event.P_DATA_PDU, reaction(RP, DATA), Verdict.FAIL, id="performed in Sta13"),
        pytest.param(State.STA_8, Event.ABORT_PDU, reaction(RP, ending=FIN), Verdict.PASS, id="closed in Sta13"),
    ],
)
def test_pipelined_cell(state: State, event: Event, came: Reaction, verdict: Verdict) -> None:
    assert state_machine.pipelined_cell(state, event, came).verdict is verdict


def test_every_cell_that_a_peer_can_provoke_has_a_judge() -> None:
    for state in (State.STA_2, State.STA_3, State.STA_6, State.STA_8, State.STA_13):
        for event in PEER_EVENTS:
            assert (state, event) in ACCEPTOR_TABLE
            assert state_machine.requirement_of(state, event).startswith("FSM-S")


@pytest.mark.parametrize(
    ("claimed_s", "came", "abort", "verdict"),
    [
        pytest.param(1.0, reaction(ending=FIN), False, Verdict.PASS, id="closed in time"),
        pytest.param(10.0, reaction(ending=RST), False, Verdict.PASS, id="closed early"),
        pytest.param(1.0, reaction(ending=SILENT), False, Verdict.FAIL, id="open beyond the claim"),
        pytest.param(None, reaction(ending=SILENT), False, Verdict.INCONCLUSIVE, id="open, nothing claimed"),
        pytest.param(None, reaction(ending=NOBODY), False, Verdict.INCONCLUSIVE, id="not connected"),
        pytest.param(1.0, reaction(RP, ending=FIN), False, Verdict.FAIL, id="something came"),
        pytest.param(1.0, reaction(AbortPdu(source=0, reason=0), ending=FIN), False, Verdict.WARN, id="aborted"),
        pytest.param(1.0, reaction(AbortPdu(source=0, reason=0), ending=FIN), True, Verdict.PASS, id="may abort"),
    ],
)
def test_artim(claimed_s: float | None, came: Reaction, abort: bool, verdict: Verdict) -> None:
    timer = Artim(claimed_s=claimed_s, waited_s=12)
    assert upper_layer.artim(came, timer, "UL-TCP-03", "nothing sent", abort=abort).verdict is verdict


@pytest.mark.parametrize(
    ("came", "answers", "verdict"),
    [
        pytest.param(reaction(ending=ABORT_USER), REFUSED, Verdict.PASS, id="abort"),
        pytest.param(reaction(RJ), REFUSED, Verdict.PASS, id="rejection"),
        pytest.param(reaction(ending=FIN), REFUSED, Verdict.WARN, id="closed"),
        pytest.param(reaction(), REFUSED, Verdict.FAIL, id="silence"),
        pytest.param(reaction(accept()), REFUSED, Verdict.FAIL, id="answered"),
        pytest.param(reaction(ending=GARBAGE), ROBUST, Verdict.FAIL, id="garbage"),
        pytest.param(reaction(ending=NOBODY), REFUSED, Verdict.INCONCLUSIVE, id="not connected"),
        pytest.param(reaction(accept()), TOLERABLE, Verdict.INFO, id="tolerated"),
        pytest.param(reaction(), ROBUST, Verdict.INFO, id="silence where nothing is owed"),
        pytest.param(reaction(ending=FIN), ROBUST, Verdict.PASS, id="closed where nothing is owed"),
        pytest.param(reaction(ending=ABORT_USER), Answers(abort=Verdict.WARN), Verdict.WARN, id="wrong refusal"),
    ],
)
def test_malformed(came: Reaction, answers: Answers, verdict: Verdict) -> None:
    assert upper_layer.malformed(came, "UL-PDU-08", answers, "a PDU").verdict is verdict


@pytest.mark.parametrize(
    ("came", "verdict"),
    [
        pytest.param(reaction(accept(results=[result(1, "1.2", code=3)])), Verdict.PASS, id="refused"),
        pytest.param(reaction(accept(results=[result(1, "1.2")])), Verdict.FAIL, id="accepted"),
        pytest.param(reaction(RJ), Verdict.PASS, id="rejected"),
        pytest.param(reaction(ending=ABORT_USER), Verdict.PASS, id="aborted"),
        pytest.param(reaction(ending=RST), Verdict.WARN, id="reset"),
        pytest.param(reaction(), Verdict.FAIL, id="silence"),
    ],
)
def test_context_refused(came: Reaction, verdict: Verdict) -> None:
    assert upper_layer.context_refused(came, "UL-RQ-18", 1, "id 0").verdict is verdict


@pytest.mark.parametrize(
    ("came", "verdict"),
    [
        pytest.param(reaction(accept(results=[result(1, "1.2"), result(1, "1.2")])), Verdict.FAIL, id="both"),
        pytest.param(reaction(accept(results=[result(1, "1.2")])), Verdict.PASS, id="one"),
        pytest.param(reaction(RJ), Verdict.PASS, id="rejected"),
        pytest.param(reaction(), Verdict.FAIL, id="silence"),
    ],
)
def test_one_answer_for_an_id(came: Reaction, verdict: Verdict) -> None:
    assert upper_layer.one_answer_for_an_id(came, 1).verdict is verdict


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        pytest.param(REFUSAL, Verdict.PASS, id="busy"),
        pytest.param(SILENT, Verdict.INFO, id="one at a time"),
        pytest.param(FIN, Verdict.WARN, id="closed"),
        pytest.param(NOBODY, Verdict.INCONCLUSIVE, id="not connected"),
    ],
)
def test_served_beside(outcome: AssociationOutcome, verdict: Verdict) -> None:
    assert upper_layer.served_beside(association(outcome), "UL-TCP-17").verdict is verdict


def test_served_beside_when_accepted() -> None:
    assert upper_layer.served_beside(accepted(), "UL-TCP-17").verdict is Verdict.PASS


@pytest.mark.parametrize(("after_s", "verdict"), [(0.1, Verdict.PASS), (20.0, Verdict.WARN)], ids=["at once", "late"])
def test_place_is_free(after_s: float, verdict: Verdict) -> None:
    request = messages.c_echo_rq(1)
    echo = operation(response(0, to=request), request_command=request)
    assert upper_layer.place_is_free(accepted(), echo, after_s, "UL-TCP-12").verdict is verdict


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [(REFUSAL, Verdict.FAIL), (SILENT, Verdict.FAIL), (NOBODY, Verdict.INCONCLUSIVE)],
    ids=["full", "silent", "not connected"],
)
def test_no_place_is_free(outcome: AssociationOutcome, verdict: Verdict) -> None:
    assert upper_layer.place_is_free(association(outcome), None, 35.0, "UL-TCP-12").verdict is verdict


@pytest.mark.parametrize(
    ("came", "verdict"),
    [
        pytest.param(reaction(DATA, RP), Verdict.PASS, id="response and release"),
        pytest.param(reaction(ending=ABORT_PROVIDER), Verdict.PASS, id="abort"),
        pytest.param(reaction(ending=FIN), Verdict.WARN, id="closed"),
        pytest.param(reaction(DATA), Verdict.FAIL, id="response alone"),
        pytest.param(reaction(ending=NOBODY), Verdict.INCONCLUSIVE, id="not connected"),
    ],
)
def test_release_answered(came: Reaction, verdict: Verdict) -> None:
    assert upper_layer.release_answered(came, "UL-REL-06").verdict is verdict


@pytest.mark.parametrize(
    ("came", "verdict"),
    [
        pytest.param(reaction(DATA, ending=FIN), Verdict.PASS, id="closed"),
        pytest.param(reaction(DATA), Verdict.WARN, id="open"),
        pytest.param(reaction(ending=NOBODY), Verdict.INCONCLUSIVE, id="not connected"),
    ],
)
def test_closed_behind(came: Reaction, verdict: Verdict) -> None:
    assert upper_layer.closed_behind(came, "FSM-S6-CLOSE").verdict is verdict


def test_abort_reasons() -> None:
    assert [f.verdict for f in upper_layer.abort_reason_fits(reaction(ending=ABORT_PROVIDER), (2,), "x")] == ["PASS"]
    assert [f.verdict for f in upper_layer.abort_reason_fits(reaction(ending=ABORT_PROVIDER), (1,), "x")] == ["WARN"]
    assert not upper_layer.abort_reason_fits(reaction(ending=ABORT_USER), (1,), "x")
    assert upper_layer.not_brought_about("FSM-S13-AC", "A-ABORT").verdict is Verdict.INCONCLUSIVE
