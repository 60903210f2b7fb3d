"""A transcript read as PDUs with their times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from conformance.observation.transcript import EventKind, Transcript
from conformance.wire.errors import WireError
from conformance.wire.framing import PduFramer
from conformance.wire.pdu import PDataTF, Pdu, decode_pdu

MOST_PDUS: Final = 50_000
"""How many PDUs of one direction are read; a dialogue has a hundredth of that, and what a flood adds is more of it."""
HELD_BYTES: Final = 64
"""How much is held of a PDU, and of each fragment in it, where it carries nothing but data set fragments of ours."""
MOST_PDVS: Final = 200_000
"""How many PDVs of one direction are read."""


class Direction(StrEnum):
    """Who sent it."""

    SENT = "sent"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedPdu:
    """One PDU, or bytes that are none, on the timeline.

    Args:
        t_s: When its last byte passed, in seconds since the transcript began.
        direction: Who sent it.
        stream_offset: Offset of its first byte among all bytes of that direction.
        data: Its bytes; of data set fragments that we have sent the first `HELD_BYTES`.
        pdu: The value, or the error that decoding it raised.
    """

    t_s: float
    direction: Direction
    stream_offset: int
    data: bytes
    pdu: Pdu | WireError


def timed_pdus(transcript: Transcript, direction: Direction) -> tuple[TimedPdu, ...]:
    """The PDUs of one direction in their order, not beyond `MOST_PDUS` of them and `MOST_PDVS` in them.

    Bytes that no PDU can be cut from, and an unfinished PDU at the end, come last with the error as `pdu`. So does what
    is left out of what we sent: a rule for its answers has nothing to go by from there on.
    """
    kind = EventKind.SENT if direction is Direction.SENT else EventKind.RECEIVED
    framer = PduFramer(limit_bytes=1 << 31)
    found: list[TimedPdu] = []
    last_t_s = 0.0
    pdvs = 0
    for event in transcript.events:
        if event.kind is not kind:
            continue
        last_t_s = event.t_s
        framer.feed(bytes(event.data))
        try:
            while (framed := framer.next_pdu()) is not None:
                timed = TimedPdu(
                    t_s=event.t_s,
                    direction=direction,
                    stream_offset=framed.stream_offset,
                    data=framed.data,
                    pdu=_decode(framed.data),
                )
                pdvs += len(timed.pdu.pdvs) if isinstance(timed.pdu, PDataTF) else 0
                if len(found) == MOST_PDUS or pdvs > MOST_PDVS:
                    return (*found, *_more(timed))
                found.append(_beginning(timed) if direction is Direction.SENT else timed)
        except WireError as error:
            found.append(_rest(framer, direction, last_t_s, error))
            return tuple(found)
    if framer.pending_bytes:
        unfinished = WireError(
            f"{framer.pending_bytes} bytes of an unfinished PDU", offset=framer.consumed_bytes, clause="PS3.8 9.3.1"
        )
        found.append(_rest(framer, direction, last_t_s, unfinished))
    return tuple(found)


def _more(first: TimedPdu) -> tuple[TimedPdu, ...]:
    if first.direction is not Direction.SENT:
        return ()
    error = WireError("more PDUs than are looked at", offset=first.stream_offset, clause="PS3.8 9.3.1")
    return (replace(first, data=b"", pdu=error),)


def _rest(framer: PduFramer, direction: Direction, t_s: float, error: WireError) -> TimedPdu:
    return TimedPdu(
        t_s=t_s, direction=direction, stream_offset=framer.consumed_bytes, data=framer.pending[:4096], pdu=error
    )


def _beginning(timed: TimedPdu) -> TimedPdu:
    """A PDU of ours as it is, but for what it carries of a large data set: of that its first bytes alone."""
    pdu = timed.pdu
    if len(timed.data) <= HELD_BYTES or not isinstance(pdu, PDataTF) or any(pdv.is_command for pdv in pdu.pdvs):
        return timed
    pdvs = tuple(replace(pdv, fragment=bytes(pdv.fragment[:HELD_BYTES])) for pdv in pdu.pdvs)
    return replace(timed, data=timed.data[:HELD_BYTES], pdu=PDataTF(pdvs=pdvs))


def _decode(data: bytes) -> Pdu | WireError:
    try:
        return decode_pdu(data)
    except WireError as error:
        return error
