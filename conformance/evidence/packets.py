"""TCP connections made up around transcripts: packets with consistent numbers, as if they had been captured.

Nothing here was seen on a network but the payloads and their times.
"""

from __future__ import annotations

import ipaddress
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from conformance.evidence.redact import Span, redacted, stream_secret_spans
from conformance.evidence.text import clean
from conformance.observation.transcript import EventKind, Transcript, WireEvent

SEGMENT_BYTES: Final = 32768
"""Payload of one packet; an IPv4 packet has room for it."""
DEFAULT_PORT: Final = 11112
"""The port of IANA's registration `dicom`, for a transcript whose peer names none."""

_CLIENT: Final = ipaddress.IPv4Address("192.0.2.1").packed  # RFC 5737: addresses for documentation
_SERVER: Final = ipaddress.IPv4Address("192.0.2.2").packed
_CLIENT_MAC: Final = bytes.fromhex("020000000001")  # locally administered
_SERVER_MAC: Final = bytes.fromhex("020000000002")
_FIRST_CLIENT_PORT: Final = 49152
_CLIENT_PORTS: Final = 16000
_FIN, _SYN, _RST, _PSH, _ACK = 0x01, 0x02, 0x04, 0x08, 0x10
_WINDOW_SCALE: Final = b"\x01\x03\x03\x0e"  # NOP, then RFC 7323 option 3: windows of up to 1 GiB
_PEER_PORT: Final = re.compile(r":(\d{1,5})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    at_s: float
    """Seconds since the epoch."""
    from_client: bool
    client_port: int
    server_port: int
    sequence: int
    acknowledgement: int
    flags: int
    payload: bytes = b""
    comment: str = ""


class _Connection:
    """Sequence numbers of one synthesised TCP connection; both sides begin at 0."""

    def __init__(self, *, client_port: int, server_port: int, began_s: float) -> None:
        self._ports = {"client_port": client_port, "server_port": server_port}
        self._began_s = began_s
        self._next = {True: 0, False: 0}
        self._finished = {True: False, False: False}

    def packet(self, t_s: float, *, from_client: bool, flags: int, payload: bytes = b"", comment: str = "") -> Packet:
        """The next packet of one side."""
        packet = Packet(
            at_s=self._began_s + t_s,
            from_client=from_client,
            sequence=self._next[from_client] % 2**32,
            acknowledgement=self._next[not from_client] % 2**32 if flags & _ACK else 0,
            flags=flags,
            payload=payload,
            comment=comment,
            **self._ports,
        )
        self._next[from_client] += len(payload) + bool(flags & (_SYN | _FIN))
        return packet

    def handshake(self, t_s: float) -> Iterator[Packet]:
        """SYN, SYN ACK, ACK."""
        yield self.packet(t_s, from_client=True, flags=_SYN)
        yield self.packet(t_s, from_client=False, flags=_SYN | _ACK)
        yield self.packet(t_s, from_client=True, flags=_ACK)

    def end(self, t_s: float, *, from_client: bool, flags: int, comment: str) -> Iterator[Packet]:
        """FIN or RST of one side, once; a FIN is acknowledged."""
        if self._finished[from_client] or (flags & _FIN and all(self._finished.values())):
            return
        self._finished[from_client] = True
        yield self.packet(t_s, from_client=from_client, flags=flags | _ACK, comment=comment)
        if flags & _FIN:
            yield self.packet(t_s, from_client=not from_client, flags=_ACK)
        else:
            self._finished = {True: True, False: True}


def packets_of(transcript: Transcript, number: int) -> Iterator[Packet]:
    """The packets of one connection in order of time.

    Args:
        transcript: The connection.
        number: Its number among those of the file; the client's port follows from it.
    """
    found = _PEER_PORT.search(transcript.peer)
    port = int(found[1]) if found and 0 < int(found[1]) < 65536 else DEFAULT_PORT
    client_port = _FIRST_CLIENT_PORT + number % _CLIENT_PORTS
    if client_port == port:
        client_port += _CLIENT_PORTS // 2
    connection = _Connection(client_port=client_port, server_port=port, began_s=transcript.started_at_s)
    streams = {
        kind: _Payload(stream_secret_spans(transcript.events, kind)) for kind in (EventKind.SENT, EventKind.RECEIVED)
    }
    open_ = False
    for event in transcript.events:
        if not open_ and event.kind is not EventKind.NOT_CONNECTED:
            open_ = True
            yield from connection.handshake(event.t_s)
        if event.kind in streams:
            yield from _data(connection, event, streams[event.kind])
        else:
            yield from _event(connection, event)


def _data(connection: _Connection, event: WireEvent, stream: _Payload) -> Iterator[Packet]:
    payload = stream.masked(event.data)
    for start in range(0, len(payload), SEGMENT_BYTES):
        yield connection.packet(
            event.t_s,
            from_client=event.kind is EventKind.SENT,
            flags=_PSH | _ACK,
            payload=payload[start : start + SEGMENT_BYTES],
        )


def _event(connection: _Connection, event: WireEvent) -> Iterator[Packet]:
    comment = clean(f"{event.kind}: {event.detail}" if event.detail else event.kind, limit_chars=300)
    match event.kind:
        case EventKind.CLOSED:
            yield from connection.end(event.t_s, from_client=True, flags=_FIN, comment=comment)
        case EventKind.RESET:
            yield from connection.end(event.t_s, from_client=True, flags=_RST, comment=comment)
        case EventKind.PEER_CLOSED:
            yield from connection.end(event.t_s, from_client=False, flags=_FIN, comment=comment)
        case EventKind.PEER_RESET:
            yield from connection.end(event.t_s, from_client=False, flags=_RST, comment=comment)
        case EventKind.NOT_CONNECTED:
            yield connection.packet(event.t_s, from_client=True, flags=_SYN, comment=comment)
        case _:
            return


class _Payload:
    """The bytes of one direction with its secrets masked, whatever the segments."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._offset = 0

    def masked(self, data: bytes | memoryview) -> bytes:
        """The next bytes of the stream."""
        start, end = self._offset, self._offset + len(data)
        self._offset = end
        here = [(max(a, start) - start, min(b, end) - start) for a, b in self._spans if a < end and b > start]
        return redacted(bytes(data), here) if here else bytes(data)


def frame(packet: Packet, payload_bytes: int) -> bytes:
    """The Ethernet frame with the first bytes of the payload; lengths and checksums are those of the whole."""
    macs = _SERVER_MAC + _CLIENT_MAC if packet.from_client else _CLIENT_MAC + _SERVER_MAC
    addresses = _CLIENT + _SERVER if packet.from_client else _SERVER + _CLIENT
    ports = (packet.client_port, packet.server_port)
    if not packet.from_client:
        ports = ports[::-1]
    options = _WINDOW_SCALE if packet.flags & _SYN else b""
    words = 5 + len(options) // 4
    tcp = struct.pack(
        ">HHIIBBHHH", *ports, packet.sequence, packet.acknowledgement, words << 4, packet.flags, 0xFFFF, 0, 0
    )
    tcp += options
    pseudo = addresses + struct.pack(">BBH", 0, 6, len(tcp) + len(packet.payload))
    tcp = tcp[:16] + struct.pack(">H", _checksum(pseudo + tcp + packet.payload)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp) + len(packet.payload), 0, 0x4000, 64, 6, 0) + addresses
    ip = ip[:10] + struct.pack(">H", _checksum(ip)) + ip[12:]
    return macs + b"\x08\x00" + ip + tcp + packet.payload[:payload_bytes]


def _checksum(data: bytes) -> int:
    """The internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
