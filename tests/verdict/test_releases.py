"""A release that is answered, one that is not, and what accuses nobody."""

from __future__ import annotations

import pytest

from conformance.observation.transcript import EventKind, WireEvent
from conformance.verdict.finding import Verdict
from conformance.verdict.passive import judge_transcripts
from conformance.wire import messages
from conformance.wire.items import ProposedContext
from conformance.wire.pdu import AbortPdu, ReleaseRP, ReleaseRQ
from tests.verdict.builders import DATA, IMPLICIT, STUDY_ROOT_FIND, Wire, store_rq

ABORT = AbortPdu(source=0, reason=0)
FIND = ProposedContext(context_id=1, abstract_syntax=STUDY_ROOT_FIND, transfer_syntaxes=(IMPLICIT,))


def judged(wire: Wire) -> list[tuple[Verdict, str]]:
    found = judge_transcripts((), (), (wire.transcript,))
    return [(finding.verdict, finding.actual) for finding in found if finding.requirement == "UL-REL-02"]


def test_an_answered_release_is_met() -> None:
    wire = Wire().associated().store().sent(ReleaseRQ()).received(ReleaseRP()).event(EventKind.PEER_CLOSED)
    assert judged(wire) == [(Verdict.PASS, "1 releases with nothing left open")]


@pytest.mark.parametrize(
    "behind",
    [(), ((EventKind.SENT, ABORT.encode()), (EventKind.PEER_CLOSED, b"")), ((EventKind.SENT, ABORT.encode()),)],
    ids=["alone", "given up by A-ABORT, then closed", "given up by A-ABORT"],
)
@pytest.mark.parametrize(("waited_s", "expected"), [(4.9, Verdict.WARN), (5.0, Verdict.FAIL)])
def test_a_release_that_nobody_answers(
    behind: tuple[tuple[EventKind, bytes], ...], waited_s: float, expected: Verdict
) -> None:
    wire = Wire().associated().store().sent(ReleaseRQ())
    end_s = wire.transcript.events[-1].t_s + waited_s
    wire.transcript.events += [
        WireEvent(t_s=end_s + number, kind=kind, data=data)
        for number, (kind, data) in enumerate(((EventKind.TIMED_OUT, b""), *behind))
    ]
    ((verdict, actual),) = judged(wire)
    assert verdict is expected
    assert actual.startswith(f"A-RELEASE-RQ was not answered within {waited_s:.1f} s (1 of 1")


def test_a_connection_that_closes_instead_is_a_warning() -> None:
    wire = Wire().associated().sent(ReleaseRQ()).event(EventKind.PEER_CLOSED)
    ((verdict, actual),) = judged(wire)
    assert verdict is Verdict.WARN
    assert "closed without an answer" in actual


@pytest.mark.parametrize(
    "wire",
    [
        Wire().associated().sent(ReleaseRQ()).event(EventKind.CLOSED),
        Wire().associated().sent(ReleaseRQ()).event(EventKind.PEER_RESET),
        Wire().associated().sent(ReleaseRQ()).event(EventKind.RESET).event(EventKind.TIMED_OUT),
        Wire().associated().sent(ReleaseRQ(), ABORT).event(EventKind.PEER_CLOSED),
        Wire().associated().sent(ReleaseRQ()).received(ABORT).event(EventKind.PEER_CLOSED),
        Wire().associated().sent(ABORT, ReleaseRQ()).event(EventKind.TIMED_OUT),
        Wire().associated().sent(ReleaseRQ(), b"\x04\0\0\0\0\1\0").event(EventKind.TIMED_OUT),
        Wire().associated().sent(ReleaseRQ(), ReleaseRQ()).received(ABORT).event(EventKind.TIMED_OUT),
        Wire().associated().sent(ReleaseRQ()).received(ReleaseRP()).sent(ReleaseRQ()).event(EventKind.TIMED_OUT),
        Wire().associated().ask(store_rq(), DATA).sent(ReleaseRQ()).event(EventKind.TIMED_OUT),
        Wire().sent(ReleaseRQ()).event(EventKind.TIMED_OUT),
        Wire().event(EventKind.TIMED_OUT),
    ],
    ids=[
        "not waited for",
        "the connection is reset",
        "reset by us",
        "closed behind our abort",
        "an abort comes",
        "behind an abort",
        "something behind it",
        "twice",
        "behind the answer to another",
        "a store is open",
        "without an association",
        "nothing is sent",
    ],
)
def test_what_accuses_nobody(wire: Wire) -> None:
    assert judged(wire) == []


@pytest.mark.parametrize(("status", "expected"), [(0xFF00, []), (0x0000, [Verdict.WARN])])
def test_a_query_is_open_until_its_final_response(status: int, expected: list[Verdict]) -> None:
    request = messages.c_find_rq(1, sop_class_uid=STUDY_ROOT_FIND)
    wire = Wire().associated((FIND,)).ask(request, DATA)
    wire.answer(messages.response(request, status=status, data_set=status == 0xFF00), DATA if status else None)
    assert [verdict for verdict, _ in judged(wire.sent(ReleaseRQ()).event(EventKind.TIMED_OUT))] == expected
