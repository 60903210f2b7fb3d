"""A transcript read as PDUs with their times."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from conformance.observation.transcript import EventKind, Transcript
from conformance.wire.errors import WireError
from conformance.wire.framing import PduFramer
from conformance.wire.pdu import PDataTF, Pdu, decode_pdu

MOST_PDUS: Final = 50_000
"""How many PDUs of one direction are read; a dialogue has a hundredth of that, and what a flood adds is more of it."""
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
        data: Its bytes.
        pdu: The value, or the error that decoding it raised.
    """

    t_s: float
    direction: Direction
    stream_offset: int
    data: bytes
    pdu: Pdu | WireError


def timed_pdus(transcript: Transcript, direction: Direction) -> tuple[TimedPdu, ...]:
    """The PDUs of one direction in their order, not beyond `MOST_PDUS` of them and `MOST_PDVS` in them.

    Bytes that no PDU can be cut from, and an unfinished PDU at the end, come last with the error as `pdu`.
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
                pdu = _decode(framed.data)
                pdvs += len(pdu.pdvs) if isinstance(pdu, PDataTF) else 0
                if len(found) == MOST_PDUS or pdvs > MOST_PDVS:
                    return tuple(found)
                found.append(
                    TimedPdu(
                        t_s=event.t_s,
                        direction=direction,
                        stream_offset=framed.stream_offset,
                        data=framed.data,
                        pdu=pdu,
                    )
                )
        except WireError as error:
            found.append(_rest(framer, direction, last_t_s, error))
            return tuple(found)
    if framer.pending_bytes:
        unfinished = WireError(
            f"{framer.pending_bytes} bytes of an unfinished PDU", offset=framer.consumed_bytes, clause="PS3.8 9.3.1"
        )
        found.append(_rest(framer, direction, last_t_s, unfinished))
    return tuple(found)


def _rest(framer: PduFramer, direction: Direction, t_s: float, error: WireError) -> TimedPdu:
    return TimedPdu(
        t_s=t_s, direction=direction, stream_offset=framer.consumed_bytes, data=framer.pending[:4096], pdu=error
    )


def _decode(data: bytes) -> Pdu | WireError:
    try:
        return decode_pdu(data)
    except WireError as error:
        return error
