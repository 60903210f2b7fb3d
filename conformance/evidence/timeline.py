"""The PDUs and events of a scenario's connections as lines for people, bounded in number and size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.evidence.redact import redacted, secret_spans
from conformance.evidence.text import clean
from conformance.observation.outcomes import Aborted, Rejected, describe
from conformance.observation.timeline import MOST_PDUS, Direction
from conformance.observation.transcript import EventKind, Transcript, WireEvent
from conformance.wire.command import CommandField, CommandSet, command_name, decode_command_set
from conformance.wire.errors import WireError
from conformance.wire.framing import PduFramer
from conformance.wire.pdu import (
    AbortPdu,
    Associate,
    AssociateRJ,
    PDataTF,
    Pdu,
    PduType,
    Pdv,
    UnknownPdu,
    decode_pdu,
    pdu_name,
    type_of,
)

LINE_LIMIT: Final = 400
HEAD_BYTES: Final = 32
_COMMAND_LIMIT_BYTES: Final = 1 << 16
_PDU_LIMIT_BYTES: Final = 1 << 31


def timeline(transcripts: Sequence[Transcript], *, limit: int = LINE_LIMIT) -> list[dict[str, Any]]:
    """Every PDU, and every event that is none, of all connections in the order of time.

    Consecutive PDUs of one direction that carry one data set become one line. Times are in seconds since the first
    connection began. Beyond `limit` lines the middle is left out, and a line says how many.
    """
    if not transcripts:
        return []
    origin_s = min(t.started_at_s for t in transcripts)
    lines = [
        line.as_dict(transcript.label, transcript.started_at_s - origin_s)
        for transcript in transcripts
        for line in _collapsed(_lines(transcript))
    ]
    lines.sort(key=lambda line: line["t_s"])
    if len(lines) <= limit:
        return lines
    left_out = len(lines) - limit + 1
    first = limit // 2
    gap = {
        "connection": "",
        "t_s": lines[first]["t_s"],
        "direction": "left out",
        "pdu": "",
        "bytes": sum(line["bytes"] for line in lines[first : first + left_out]),
        "summary": f"{left_out} lines left out here",
        "head": "",
    }
    return [*lines[:first], gap, *lines[first + left_out :]]


@dataclass(slots=True, kw_only=True)
class _Line:
    t_s: float
    direction: str
    pdu: str
    size_bytes: int
    summary: str
    head: bytes = b""
    data_on: int | None = None
    """The context, where the PDU carries nothing but data set fragments of one context."""
    ends_data: bool = False
    count: int = 1

    def as_dict(self, connection: str, began_s: float) -> dict[str, Any]:
        several = self.count > 1
        return {
            "connection": clean(connection, limit_chars=200),
            "t_s": round(began_s + self.t_s, 6),
            "direction": str(self.direction),
            "pdu": f"{self.count} × {self.pdu}" if several else self.pdu,
            "bytes": self.size_bytes,
            "summary": clean(
                f"{self.count} × {self.pdu}, {self.size_bytes} bytes, {self.summary}" if several else self.summary,
                limit_chars=400,
            ),
            "head": self.head.hex(),
        }


def _collapsed(lines: Iterator[_Line]) -> Iterator[_Line]:
    run: _Line | None = None
    for line in lines:
        if (
            run is not None
            and run.data_on is not None
            and not run.ends_data
            and (run.data_on, run.direction) == (line.data_on, line.direction)
        ):
            run.count += 1
            run.size_bytes += line.size_bytes
            run.ends_data = line.ends_data
            run.summary = line.summary
            continue
        if run is not None:
            yield run
        run = line
    if run is not None:
        yield run


@dataclass(slots=True)
class _Stream:
    """One direction of a connection: what is being put together there."""

    direction: Direction
    framer: PduFramer = field(default_factory=lambda: PduFramer(limit_bytes=_PDU_LIMIT_BYTES))
    pdus: int = 0
    command: bytearray = field(default_factory=bytearray)
    broken: bool = False
    last_t_s: float = 0.0


def _lines(transcript: Transcript) -> Iterator[_Line]:
    streams = {
        EventKind.SENT: _Stream(Direction.SENT),
        EventKind.RECEIVED: _Stream(Direction.RECEIVED),
    }
    for event in transcript.events:
        stream = streams.get(event.kind)
        if stream is not None:
            yield from _stream_lines(stream, event)
            continue
        yield from _unfinished(streams, event)
        yield _Line(
            t_s=event.t_s,
            direction="event",
            pdu=str(event.kind),
            size_bytes=len(event.data),
            summary=event.detail,
        )
    for stream in streams.values():
        yield from _rest(stream)


def _stream_lines(stream: _Stream, event: WireEvent) -> Iterator[_Line]:
    stream.last_t_s = event.t_s
    if stream.broken:
        return
    stream.framer.feed(bytes(event.data))
    try:
        while (framed := stream.framer.next_pdu()) is not None:
            stream.pdus += 1
            if stream.pdus > MOST_PDUS:
                stream.broken = True
                yield _not_a_pdu(stream, f"more than {MOST_PDUS} PDUs; what follows is not told")
                return
            yield _pdu_line(stream, framed.data, event.t_s)
    except WireError as error:
        stream.broken = True
        yield _not_a_pdu(stream, str(error))


def _unfinished(streams: dict[EventKind, _Stream], event: WireEvent) -> Iterator[_Line]:
    """Half a PDU is told before the event that left it half."""
    if event.kind in (EventKind.PEER_CLOSED, EventKind.PEER_RESET):
        yield from _rest(streams[EventKind.RECEIVED])
    elif event.kind in (EventKind.CLOSED, EventKind.RESET):
        yield from _rest(streams[EventKind.SENT])


def _rest(stream: _Stream) -> Iterator[_Line]:
    if not stream.broken and stream.framer.pending_bytes:
        stream.broken = True
        yield _not_a_pdu(stream, f"{stream.framer.pending_bytes} bytes of an unfinished PDU")


def _not_a_pdu(stream: _Stream, what: str) -> _Line:
    data = stream.framer.pending
    return _Line(
        t_s=stream.last_t_s,
        direction=stream.direction,
        pdu="not a whole PDU",
        size_bytes=len(data),
        summary=what,
        head=_head(data),
    )


def _pdu_line(stream: _Stream, data: bytes, t_s: float) -> _Line:
    try:
        pdu = decode_pdu(data)
    except WireError as error:
        return _Line(
            t_s=t_s,
            direction=stream.direction,
            pdu=pdu_name(data[0]),
            size_bytes=len(data),
            summary=f"cannot be decoded: {error}",
            head=_head(data),
        )
    line = _Line(
        t_s=t_s,
        direction=stream.direction,
        pdu=pdu_name(type_of(pdu)),
        size_bytes=len(data),
        summary=_summary(stream, pdu),
        head=_head(data),
    )
    if isinstance(pdu, PDataTF) and not any(pdv.is_command for pdv in pdu.pdvs):
        contexts = {pdv.context_id for pdv in pdu.pdvs}
        if len(contexts) == 1:
            line.data_on = contexts.pop()
            line.ends_data = pdu.pdvs[-1].is_last
    return line


def _head(data: bytes) -> bytes:
    return redacted(data[:HEAD_BYTES], secret_spans(data)) if data else b""


def _summary(stream: _Stream, pdu: Pdu) -> str:
    match pdu:
        case Associate():
            return _associate(pdu)
        case AssociateRJ(result=result, source=source, reason=reason):
            return _without_name(describe(Rejected(result=result, source=source, reason=reason)))
        case AbortPdu(source=source, reason=reason):
            return _without_name(describe(Aborted(source=source, reason=reason)))
        case PDataTF(pdvs=pdvs):
            return "; ".join(_pdv(stream, pdv) for pdv in pdvs[:8]) + (
                f"; and {len(pdvs) - 8} more PDVs" if len(pdvs) > 8 else ""
            )
        case UnknownPdu(body=body):
            return f"a type that PS3.8 9.3.1 does not list; {len(body)} bytes follow"
        case _:
            return ""


def _without_name(text: str) -> str:
    return text.partition(": ")[2]


def _associate(pdu: Associate) -> str:
    maximum = pdu.maximum_length
    length = "no maximum length" if maximum is None else f"maximum length {maximum or 'unlimited'}"
    if pdu.pdu_type is PduType.A_ASSOCIATE_AC:
        results = pdu.context_results
        accepted = sum(result.accepted for result in results)
        return f"{accepted} of {len(results)} contexts accepted; {length}"
    called, calling = ae_title(pdu.called_ae_title), ae_title(pdu.calling_ae_title)
    return f"called {called!r}, calling {calling!r}, {len(pdu.proposed_contexts)} contexts; {length}"


def ae_title(raw: bytes) -> str:
    """An AE title field as text, its trailing spaces taken off (PS3.8 Table 9-11, bytes 11-26)."""
    return raw.decode("latin-1").rstrip(" ")


def _pdv(stream: _Stream, pdv: Pdv) -> str:
    last = ", last fragment" if pdv.is_last else ""
    if not pdv.is_command:
        return f"context {pdv.context_id}, data{last}"
    if len(stream.command) < _COMMAND_LIMIT_BYTES:
        stream.command += pdv.fragment
    if not pdv.is_last:
        return f"context {pdv.context_id}, command fragment"
    whole = bytes(stream.command)
    stream.command.clear()
    try:
        return f"context {pdv.context_id}, {_command(decode_command_set(whole))}"
    except WireError as error:
        return f"context {pdv.context_id}, a command set that cannot be decoded: {error}"


def _command(command: CommandSet) -> str:
    number = command.command_field
    name = "a command without a Command Field" if number is None else command_name(number)
    parts = [name]
    if command.message_id is not None:
        parts.append(f"message {command.message_id}")
    if command.message_id_being_responded_to is not None:
        verb = "names" if number == CommandField.C_CANCEL_RQ else "answers"
        parts.append(f"{verb} message {command.message_id_being_responded_to}")
    if command.status is not None:
        parts.append(f"status {command.status:04X}H")
    if command.error_comment:
        parts.append(f"error comment {command.error_comment!r}")
    return ", ".join(parts)
