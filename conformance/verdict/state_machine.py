"""What a target did about a PDU in a state of PS3.8 Table 9-10. Pure judges.

A FIN comes after everything that was sent before it, so that a FIN without A-ABORT says that none was sent; an RST may
destroy an A-ABORT that is on its way, so that it says nothing of the kind. The source of an A-ABORT is a matter of the
table's action, and a wrong one is a WARN: the association has ended as it should.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from conformance.observation.outcomes import Aborted, Closed, NotConnected, Reset, Silence, Undecodable
from conformance.observation.reactions import Reaction
from conformance.standard.upper_layer import ACCEPTOR_TABLE, AbortSource, Action, Event, State
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.upper_layer import evidence_of_reaction
from conformance.wire.pdu import Associate, AssociateRJ, PDataTF, Pdu, PduType, ReleaseRP

_STATE_IDS: Final = MappingProxyType(
    {State.STA_2: "S2", State.STA_3: "S3", State.STA_6: "S6", State.STA_8: "S8", State.STA_13: "S13"}
)
_EVENT_IDS: Final = MappingProxyType(
    {
        Event.ASSOCIATE_AC_PDU: "AC",
        Event.ASSOCIATE_RJ_PDU: "RJ",
        Event.ASSOCIATE_RQ_PDU: "RQ",
        Event.P_DATA_PDU: "PDATA",
        Event.RELEASE_RQ_PDU: "RELRQ",
        Event.RELEASE_RP_PDU: "RELRP",
        Event.ABORT_PDU: "ABORT",
        Event.TRANSPORT_CLOSED: "CLOSE",
        Event.ARTIM_EXPIRED: "ARTIM",
        Event.INVALID_PDU: "BAD",
    }
)
_BEST_FIRST: Final = (Verdict.PASS, Verdict.INFO, Verdict.WARN, Verdict.FAIL, Verdict.INCONCLUSIVE)


def requirement_of(state: State, event: Event) -> str:
    """The catalogue's id of a cell of Table 9-10, such as `FSM-S6-AC`."""
    return f"FSM-{_STATE_IDS[state]}-{_EVENT_IDS[event]}"


# Cells of Table 9-10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    verdict: Verdict
    expected: str
    note: str = ""


def cell(state: State, event: Event, reaction: Reaction, *, requirement: str = "") -> Finding:
    """A PDU, or the end of the connection, in a state that the target was seen to be in.

    Args:
        state: Sta2, Sta6 or Sta13.
        event: What we did.
        reaction: What came.
        requirement: The cell's own id by default.
    """
    judged = _of_action(ACCEPTOR_TABLE[(state, event)].action, reaction)
    return _finding(requirement or requirement_of(state, event), (judged,), judged, reaction)


def pipelined_cell(state: State, event: Event, reaction: Reaction) -> Finding:
    """A PDU that was sent in one write with the one that leads to Sta3 or Sta8.

    The target may have left the state again before it read the PDU: A-ASSOCIATE-AC from Sta3 to Sta6, A-RELEASE-RP
    from Sta8 to Sta13. What the later state requires is then as good, and that PDU may stand before the reaction.

    Args:
        state: Sta3 or Sta8.
        event: What we did.
        reaction: What came since both were sent.
    """
    later, left_by = (State.STA_6, _is_accept) if state is State.STA_3 else (State.STA_13, _is_release_rp)
    rest = reaction.pdus[1:] if reaction.pdus and left_by(reaction.pdus[0]) else reaction.pdus
    requirement = requirement_of(state, event)
    if state is State.STA_3 and rest and isinstance(rest[0], AssociateRJ):
        return finding(
            requirement,
            Verdict.INCONCLUSIVE,
            expected="an association request that is accepted",
            actual=reaction.words(),
            note="the request was rejected, so that the PDU behind it came in Sta13",
        )
    behind = Reaction(pdus=rest, ending=reaction.ending, after_s=reaction.after_s, transcript=reaction.transcript)
    states = (later,) if len(rest) < len(reaction.pdus) and state is State.STA_8 else (state, later)
    judged = [_of_action(ACCEPTOR_TABLE[(one, event)].action, behind) for one in states]
    best = min(judged, key=lambda one: _BEST_FIRST.index(one.verdict))
    if best.verdict is Verdict.FAIL and isinstance(reaction.ending, Closed) and not rest:
        best = _Judged(
            verdict=Verdict.WARN,
            expected=best.expected,
            note="the connection ended without an A-ABORT, in a state that cannot be told for certain",
        )
    return _finding(requirement, judged, best, reaction)


def _is_accept(pdu: Pdu) -> bool:
    return isinstance(pdu, Associate) and pdu.pdu_type is PduType.A_ASSOCIATE_AC


def _is_release_rp(pdu: Pdu) -> bool:
    return isinstance(pdu, ReleaseRP)


def _of_action(action: Action, reaction: Reaction) -> _Judged:
    if isinstance(reaction.ending, NotConnected):
        return _Judged(verdict=Verdict.INCONCLUSIVE, expected="a connection to the target")
    match action:
        case Action.AA_1:
            return _abort_required(reaction, AbortSource.SERVICE_USER)
        case Action.AA_8:
            return _abort_required(reaction, AbortSource.SERVICE_PROVIDER)
        case Action.AA_2 | Action.AA_3:
            return _close_required(reaction)
        case Action.AA_6:
            return _ignored(reaction)
        case Action.AA_7:
            return _abort_or_closed(reaction)
        case Action.AE_6:
            return _answered(reaction, (Associate, AssociateRJ), "A-ASSOCIATE-AC or A-ASSOCIATE-RJ")
        case Action.DT_2:
            return _answered(reaction, (PDataTF,), "the response to the C-ECHO-RQ")
        case Action.AR_2:
            return _answered(reaction, (ReleaseRP,), "A-RELEASE-RP")
        case _:
            return _no_answer(reaction)


def _abort_required(reaction: Reaction, source: AbortSource) -> _Judged:
    expected = f"A-ABORT with source {source.value}, {source.name.lower().replace('_', '-')}"
    if reaction.pdus or isinstance(reaction.ending, Undecodable):
        return _Judged(verdict=Verdict.FAIL, expected=expected, note="the PDU was answered as if it could come here")
    match reaction.ending:
        case Aborted(source=came) if came == source:
            return _Judged(verdict=Verdict.PASS, expected=expected)
        case Aborted():
            return _Judged(
                verdict=Verdict.WARN, expected=expected, note="the association ends as it should, on another's account"
            )
        case Closed() if source is AbortSource.SERVICE_PROVIDER:
            return _Judged(
                verdict=Verdict.FAIL,
                expected=expected,
                note="a FIN comes after everything that was sent before it: no A-ABORT was sent",
            )
        case Closed() | Reset():
            return _Judged(
                verdict=Verdict.WARN,
                expected=expected,
                note="the connection ended without an A-ABORT; a reset can destroy one that is on its way",
            )
        case _:
            return _Judged(verdict=Verdict.FAIL, expected=expected, note="the connection stays open, without an answer")


def _close_required(reaction: Reaction) -> _Judged:
    expected = "the connection closed, and no PDU"
    if reaction.pdus or isinstance(reaction.ending, Aborted | Undecodable):
        return _Judged(verdict=Verdict.FAIL, expected=expected, note="there is nobody left to answer")
    if isinstance(reaction.ending, Silence):
        return _Judged(verdict=Verdict.FAIL, expected=expected, note="the connection is kept open")
    return _Judged(verdict=Verdict.PASS, expected=expected)


def _ignored(reaction: Reaction) -> _Judged:
    expected = "no PDU; the connection may have been closed"
    if reaction.pdus or isinstance(reaction.ending, Undecodable):
        return _Judged(verdict=Verdict.FAIL, expected=expected, note="a PDU that is to be ignored was answered")
    if isinstance(reaction.ending, Aborted):
        return _Judged(
            verdict=Verdict.WARN, expected=expected, note="another A-ABORT, though the PDU was to be ignored"
        )
    return _Judged(verdict=Verdict.PASS, expected=expected)


def _abort_or_closed(reaction: Reaction) -> _Judged:
    expected = "A-ABORT, or the connection closed before"
    if reaction.pdus or isinstance(reaction.ending, Undecodable):
        return _Judged(verdict=Verdict.FAIL, expected=expected, note="the PDU was answered after the association's end")
    if isinstance(reaction.ending, Silence):
        return _Judged(verdict=Verdict.WARN, expected=expected, note="no A-ABORT, but the association had ended before")
    return _Judged(verdict=Verdict.PASS, expected=expected)


def _answered(reaction: Reaction, kinds: tuple[type[Pdu], ...], expected: str) -> _Judged:
    came = bool(reaction.pdus) and isinstance(reaction.pdus[0], kinds)
    return _Judged(verdict=Verdict.PASS if came else Verdict.FAIL, expected=expected)


def _no_answer(reaction: Reaction) -> _Judged:
    expected = "the connection closed, and no PDU"
    if reaction.pdus:
        return _Judged(
            verdict=Verdict.FAIL, expected=expected, note="something was answered that had not come as a whole"
        )
    if isinstance(reaction.ending, Silence):
        return _Judged(verdict=Verdict.WARN, expected=expected, note="our side has closed, and the target's stays open")
    return _Judged(verdict=Verdict.PASS, expected=expected)


def _finding(requirement: str, judged: Iterable[_Judged], best: _Judged, reaction: Reaction) -> Finding:
    return finding(
        requirement,
        best.verdict,
        expected=tuple(dict.fromkeys(one.expected for one in judged)),
        actual=reaction.words(),
        note=best.note,
        evidence=evidence_of_reaction(reaction, best.verdict),
    )
