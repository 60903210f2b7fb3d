"""Where our own bytes break what a rule presupposes, nobody is accused; several connections are one record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.observation.transcript import EventKind
from conformance.verdict.finding import Verdict
from conformance.verdict.passive import judge_transcripts
from conformance.wire import messages
from conformance.wire.command import Tag, us
from conformance.wire.fragments import message_bytes
from conformance.wire.items import ProposedContext
from conformance.wire.pdu import AbortPdu, ReleaseRP, ReleaseRQ
from tests.verdict.builders import (
    DATA,
    IMPLICIT,
    INSTANCE,
    STUDY_ROOT_FIND,
    Wire,
    accepted,
    deviations,
    edited,
    operation,
    pdvs,
    response,
    store_rq,
    without,
)

FAIL = Verdict.FAIL
STORE = store_rq()
ECHO = messages.c_echo_rq(1)
STORED = messages.response(STORE, status=0)
ECHOED = messages.response(ECHO, status=0)


# What we did ourselves accuses nobody


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(
            Wire().associated().ask(without(STORE, Tag.MESSAGE_ID), DATA).answer(STORED),
            id="request-without-message-id",
        ),
        pytest.param(
            Wire()
            .associated()
            .ask(STORE, DATA)
            .ask(STORE, DATA)
            .answer(edited(STORED, {Tag.STATUS: us(0x0210)}))
            .answer(STORED),
            id="message-id-doubled-while-open",
        ),
        pytest.param(Wire().associated().store().store(), id="message-id-used-again"),
        pytest.param(
            Wire()
            .associated()
            .ask(store_rq(sop_instance_uid="1.02.a"), DATA)
            .answer(messages.response(store_rq(sop_instance_uid="1.2"), status=0xC000)),
            id="illegal-instance-uid",
        ),
        pytest.param(
            Wire()
            .associated()
            .ask(edited(STORE, {Tag.AFFECTED_SOP_INSTANCE_UID: INSTANCE.encode() + b" "}), DATA)
            .answer(edited(STORED, {Tag.AFFECTED_SOP_INSTANCE_UID: INSTANCE.encode() + b" "})),
            id="padding-of-ours-echoed",
        ),
        pytest.param(
            Wire()
            .associated()
            .ask(edited(STORE, {Tag.COMMAND_FIELD: us(2)}), DATA)
            .answer(edited(STORED, {Tag.COMMAND_FIELD: us(0x8001), Tag.STATUS: us(0x0211)})),
            id="unknown-command-field",
        ),
        pytest.param(
            Wire().associated().ask(STORE).ask(ECHO, context_id=3).answer(ECHOED, context_id=3).answer(STORED),
            id="command-instead-of-data-set",
        ),
        pytest.param(
            Wire()
            .associated()
            .ask(STORE, DATA, context_id=9)
            .answer(messages.response(STORE, status=0x0122), context_id=9),
            id="context-of-ours-never-agreed",
        ),
        pytest.param(
            Wire()
            .associated()
            .sent(pdvs((1, 2, DATA)))
            .ask(STORE, DATA)
            .answer(edited(STORED, {Tag.MESSAGE_ID_BEING_RESPONDED_TO: us(0)})),
            id="data-set-before-any-command",
        ),
        pytest.param(
            Wire().associated().ask(ECHO, context_id=1).answer(messages.response(ECHO, status=0x0122)),
            id="echo-on-a-storage-context",
        ),
        pytest.param(
            Wire().associated().ask(STORE).sent(AbortPdu(source=0, reason=0)).event(EventKind.CLOSED), id="we-aborted"
        ),
        pytest.param(Wire().associated().ask(edited(STORED, {})).store(), id="unsolicited-response-of-ours"),
        pytest.param(
            Wire()
            .associated()
            .ask(STORE, DATA)
            .received(message_bytes(STORED, None, context_id=1, max_pdu_bytes=0)[:30]),
            id="response-cut-by-our-close",
        ),
    ],
)
def test_our_own_faults_are_not_the_targets(wire: Wire) -> None:
    assert deviations(wire) == {}


def announced(wire: Wire) -> Wire:
    """A C-FIND-RSP that announces an identifier, which does not come."""
    context = ProposedContext(context_id=1, abstract_syntax=STUDY_ROOT_FIND, transfer_syntaxes=(IMPLICIT,))
    asked = messages.c_find_rq(1, sop_class_uid=STUDY_ROOT_FIND)
    wire.associated((context,)).ask(asked, DATA)
    return wire.answer(messages.response(asked, status=0xFF00, data_set=True))


def test_a_data_set_that_is_announced_and_never_comes() -> None:
    released = announced(Wire()).sent(ReleaseRQ()).received(ReleaseRP())
    assert deviations(released) == {"PDV-20": FAIL}
    assert deviations(announced(Wire()).event(EventKind.TIMED_OUT)) == {"PDV-20": Verdict.WARN}
    assert deviations(announced(Wire()).event(EventKind.PEER_CLOSED)) == {"PDV-20": Verdict.WARN}


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(announced(Wire()), id="not-read-on"),
        pytest.param(announced(Wire()).event(EventKind.CLOSED), id="we-closed"),
        pytest.param(
            announced(Wire()).sent(AbortPdu(source=0, reason=0)).event(EventKind.PEER_CLOSED), id="we-aborted"
        ),
        pytest.param(
            announced(Wire()).received(AbortPdu(source=0, reason=0)).event(EventKind.PEER_CLOSED), id="it-aborted"
        ),
    ],
)
def test_a_data_set_that_could_not_come(wire: Wire) -> None:
    assert deviations(wire) == {}


def test_an_early_failure_is_legal() -> None:
    wire = Wire().associated().ask(STORE).answer(messages.response(STORE, status=0xA700)).sent(pdvs((1, 2, DATA)))
    assert deviations(wire) == {}


def test_an_unknown_command_of_ours_still_needs_a_known_status() -> None:
    unknown = edited(STORE, {Tag.COMMAND_FIELD: us(2)})
    wire = (
        Wire()
        .associated()
        .ask(unknown, DATA)
        .answer(edited(STORED, {Tag.COMMAND_FIELD: us(0x8002), Tag.STATUS: us(0xDEAD)}))
    )
    assert deviations(wire) == {"STA-01": FAIL}


# Sets of transcripts


def test_transcripts_of_exchanges_are_judged_once_each() -> None:
    wire = Wire().associated().store()
    exchange = operation(response(0x0000), wire=wire)
    associated = replace(accepted(), transcript=wire.transcript)
    for transcripts in ((), (wire.transcript,), (wire.transcript, wire.transcript)):
        findings = {f.requirement: f for f in judge_transcripts((associated,), (exchange,), transcripts)}
        assert findings["CMD-27"].actual == "1 final responses"


def test_deviations_of_several_connections_are_drawn_together() -> None:
    bad = [Wire(label=f"{n} x").associated().store(0xD000).transcript for n in range(3)]
    good = Wire(label="4 good").associated().store().transcript
    findings = {f.requirement: f for f in judge_transcripts((), (), (good, *bad))}
    assert findings["STA-01"].actual.endswith("(3 of 4 statuses)")
    assert findings["STA-01"].evidence[0].connection == "0 x"


def test_no_connection_gives_no_finding() -> None:
    assert judge_transcripts((), (), (Wire().transcript,)) == ()
    assert judge_transcripts((), (), ()) == ()
