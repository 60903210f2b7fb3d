"""The bytes behind an outcome, found again in the transcript."""

from __future__ import annotations

from typing import Final

from conformance.observation.outcomes import Accepted, Outcome, Response
from conformance.observation.timeline import Direction, TimedPdu, timed_pdus
from conformance.observation.transcript import EventKind, Transcript
from conformance.verdict.finding import Evidence
from conformance.wire.pdu import Associate, PDataTF, PduType

SHOWN_BYTES: Final = 64


def evidence_of(transcript: Transcript, pdu: TimedPdu, *, at: int = 0) -> Evidence:
    """A PDU's bytes from one of them on.

    Args:
        transcript: The connection's.
        pdu: The PDU.
        at: Where in the PDU to begin, in bytes.
    """
    begin = max(0, min(at, len(pdu.data) - 1))
    return Evidence(
        connection=transcript.label,
        offset=pdu.stream_offset + begin,
        data=bytes(pdu.data[begin : begin + SHOWN_BYTES]),
        t_s=pdu.t_s,
    )


def last_received(transcript: Transcript, outcome: Outcome) -> tuple[Evidence, ...]:
    """The PDU that an outcome was read from, as far as it can be told: the last one of its kind by then.

    Empty when the target has sent nothing, as when it was never reached.
    """
    if not any(event.kind is EventKind.RECEIVED for event in transcript.events):
        return ()
    received = timed_pdus(transcript, Direction.RECEIVED)
    match outcome:
        case Response(t_s=t_s):
            found = [p for p in received if isinstance(p.pdu, PDataTF) and p.t_s <= t_s]
        case Accepted():
            found = [p for p in received if _is_accept(p)]
        case _:
            found = list(received)
    return (evidence_of(transcript, found[-1]),) if found else ()


def _is_accept(pdu: TimedPdu) -> bool:
    return isinstance(pdu.pdu, Associate) and pdu.pdu.pdu_type is PduType.A_ASSOCIATE_AC
