"""Whether a target answers the A-RELEASE-RQ that ends an association in order (PS3.8 7.2, Table 9-10)."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from types import MappingProxyType
from typing import Final

from conformance.observation.timeline import TimedPdu
from conformance.observation.transcript import EventKind, WireEvent
from conformance.standard.statuses import StatusClass, status_class
from conformance.verdict.dialogue import Dialogue
from conformance.verdict.evidence_bytes import evidence_of
from conformance.verdict.finding import Verdict
from conformance.verdict.ledger import Ledger, Rule
from conformance.wire.pdu import AbortPdu, ReleaseRP, ReleaseRQ

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {"UL-REL-02": Rule(expected="A-RELEASE-RP in answer to A-RELEASE-RQ", unit="releases with nothing left open")}
)
_ENDS: Final = frozenset(
    (
        EventKind.TIMED_OUT,
        EventKind.PEER_CLOSED,
        EventKind.PEER_RESET,
        EventKind.SEND_FAILED,
        EventKind.RESET,
        EventKind.TOO_MUCH,
    )
)


LEAST_WAIT_S: Final = 5.0
"""For less than this no answer proves nothing: no clause limits the time of a release."""


def judge(dialogue: Dialogue, ledger: Ledger) -> None:
    """Enter the release of an association on which nothing was left to be answered.

    Not entered where anything was sent behind the request, where the target aborts, or where the connection was reset:
    what it had sent may be lost by that. A connection that closes may have been about to, so that is WARN.
    """
    asked = _request(dialogue)
    if asked is None:
        return
    came = [pdu for pdu in dialogue.received if pdu.t_s >= asked.t_s]
    if any(isinstance(pdu.pdu, ReleaseRP) for pdu in came):
        ledger.met("UL-REL-02")
        return
    ending = _ending(dialogue, asked)
    if came or ending is None:
        return
    waited_s = ending.t_s - asked.t_s
    after = f"{waited_s:.1f} s"
    evidence = evidence_of(dialogue.transcript, asked)
    if ending.kind is EventKind.TIMED_OUT:
        long_enough = waited_s >= LEAST_WAIT_S
        ledger.deviates(
            "UL-REL-02",
            f"A-RELEASE-RQ was not answered within {after}",
            evidence,
            verdict=Verdict.FAIL if long_enough else Verdict.WARN,
            note="" if long_enough else f"nobody must answer in so short a time; {LEAST_WAIT_S:g} s would prove more",
        )
    elif ending.kind is EventKind.PEER_CLOSED:
        ledger.deviates(
            "UL-REL-02",
            f"{after} after A-RELEASE-RQ the connection was closed without an answer",
            evidence,
            verdict=Verdict.WARN,
            note="it may have closed for another reason than the request",
        )


def _request(dialogue: Dialogue) -> TimedPdu | None:
    """Our A-RELEASE-RQ, where it came in an established association with nothing open, and nothing came behind it."""
    words = [pdu for pdu in dialogue.sent if not isinstance(pdu.pdu, AbortPdu)]
    requests = [pdu for pdu in words if isinstance(pdu.pdu, ReleaseRQ)]
    settled = len(dialogue.accepts) == 1 and dialogue.request is not None and not dialogue.misplaced
    if not settled or len(requests) != 1 or requests != words[-1:] or dialogue.unsettled_from_s <= words[-1].t_s:
        return None
    asked = words[-1]
    aborted = any(isinstance(pdu.pdu, AbortPdu) for pdu in (*dialogue.sent, *dialogue.received) if pdu.t_s < asked.t_s)
    return None if aborted or _is_anything_open(dialogue, asked.t_s) else asked


def _is_anything_open(dialogue: Dialogue, t_s: float) -> bool:
    """Whether at a moment a message of either side was not complete, or a request of ours had no final response."""
    if any(not message.ended_s < t_s for message in (*dialogue.ours, *dialogue.theirs)):
        return True
    answered = {
        response.command.message_id_being_responded_to
        for response in dialogue.theirs
        if response.is_response and status_class(response.command.status or 0) is not StatusClass.PENDING
    }
    return any(
        message.command.message_id not in answered
        for message in dialogue.ours
        if not message.is_response and not message.is_cancel
    )


def _ending(dialogue: Dialogue, asked: TimedPdu) -> WireEvent | None:
    """What ended the wait; an end that the target makes behind an A-ABORT of ours is what we asked for."""
    given_up_s = min((p.t_s for p in dialogue.sent if isinstance(p.pdu, AbortPdu) and p.t_s > asked.t_s), default=inf)
    ends = (e for e in dialogue.transcript.events if e.kind in _ENDS)
    return next((e for e in ends if asked.t_s < e.t_s <= given_up_s), None)
