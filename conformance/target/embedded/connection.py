"""One TCP connection: bytes in, cut into PDUs, and bytes out, every wait with a deadline and memory bounded."""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from conformance.wire.pdu import HEADER_BYTES, PduType

RECEIVE_BYTES: Final = 256 << 10
INBOUND_LIMIT_BYTES: Final = 4 << 20
ASSOCIATION_PDU_LIMIT_BYTES: Final = 1 << 20
"""Longest A-ASSOCIATE-RQ or -AC that is taken in; 128 contexts of 30 transfer syntaxes take 120 kB."""
UNLIMITED_PDU_BYTES: Final = 1 << 30
"""Longest P-DATA-TF that is taken in where no limit was announced."""
_GATHER_BYTES: Final = 1 << 18


@unique
class Arrival(Enum):
    """What became of waiting for bytes."""

    BYTES = "bytes"
    CLOSED = "closed"
    TIMEOUT = "timeout"


@unique
class Defect(Enum):
    """Why a PDU is not taken in, as far as its header shows."""

    UNKNOWN_TYPE = "PDU type that PS3.8 9.3.1 does not list"
    LENGTH = "PDU-length that its type cannot have, or over the maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One PDU off the stream: whole, or cut short at its header because of a defect."""

    pdu_type: int
    data: bytes
    defect: Defect | None = None


class PduReader:
    """Cuts the stream into PDUs. A defect shows with the header: a body that is not wanted is skipped unread.

    Args:
        max_pdu_bytes: Maximum length of P-DATA-TF that we announce; 0 is no limit.
    """

    def __init__(self, *, max_pdu_bytes: int) -> None:
        self._buffer = bytearray()
        self._skip_bytes = 0
        self._max_p_data_bytes = max_pdu_bytes or UNLIMITED_PDU_BYTES

    @property
    def held_bytes(self) -> int:
        """How many bytes wait to become PDUs."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Take in the next bytes; those of a body to be skipped are not kept."""
        skipped = min(self._skip_bytes, len(data))
        self._skip_bytes -= skipped
        self._buffer += data[skipped:] if skipped else data

    def next_frame(self) -> Frame | None:
        """The next PDU, or None while it is incomplete."""
        if len(self._buffer) < HEADER_BYTES:
            return None
        pdu_type, _, length = struct.unpack_from(">BBI", self._buffer)
        defect = self.defect_of(pdu_type, length)
        if defect is not None or (pdu_type == PduType.A_ABORT and length != 4):
            # PS3.8 Table 9-26: an A-ABORT is honoured whatever is in it.
            self._skip(HEADER_BYTES + length)
            return Frame(pdu_type=pdu_type, data=b"", defect=defect)
        end = HEADER_BYTES + length
        if len(self._buffer) < end:
            return None
        if len(self._buffer) == end:
            data = bytes(self._buffer)
            self._buffer.clear()
        else:
            data = bytes(memoryview(self._buffer)[:end])
            del self._buffer[:end]
        return Frame(pdu_type=pdu_type, data=data)

    def defect_of(self, pdu_type: int, length: int) -> Defect | None:
        """What is wrong with a header, before any of its body is waited for."""
        match pdu_type:
            case PduType.A_ASSOCIATE_RQ | PduType.A_ASSOCIATE_AC:
                return Defect.LENGTH if length > ASSOCIATION_PDU_LIMIT_BYTES else None
            case PduType.P_DATA_TF:
                return Defect.LENGTH if length > self._max_p_data_bytes else None
            case PduType.A_ASSOCIATE_RJ | PduType.A_RELEASE_RQ | PduType.A_RELEASE_RP:
                return None if length == 4 else Defect.LENGTH
            case PduType.A_ABORT:
                return None
            case _:
                return Defect.UNKNOWN_TYPE

    def _skip(self, count: int) -> None:
        held = min(count, len(self._buffer))
        del self._buffer[:held]
        self._skip_bytes = count - held


class Connection:
    """A socket that never blocks longer than told, and never holds more than a few megabytes.

    Args:
        sock: Connected; this object closes it.
        max_pdu_bytes: Maximum length of P-DATA-TF that we announce; 0 is no limit.
        send_s: How long a peer may take nothing of what is sent.
    """

    def __init__(self, sock: socket.socket, *, max_pdu_bytes: int, send_s: float) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        self._sock = sock
        self._send_s = send_s
        self._peer_closed = False
        self.reader = PduReader(max_pdu_bytes=max_pdu_bytes)

    def receive(self, timeout_s: float) -> Arrival:
        """Wait for bytes, at most so many seconds, and give them to the reader."""
        if self._peer_closed:
            return Arrival.CLOSED
        try:
            data = self._receive_now()
            if data is None:
                if not _ready(self._sock, select.POLLIN, timeout_s):
                    return Arrival.TIMEOUT
                data = self._receive_now()
        except OSError:
            data = b""
        if data is None:
            return Arrival.TIMEOUT
        if not data:
            self._peer_closed = True
            return Arrival.CLOSED
        self.reader.feed(data)
        return Arrival.BYTES

    def send(self, parts: Iterable[bytes | memoryview]) -> bool:
        """Send the parts, small ones joined into one write.

        While the peer does not read, what it sends is taken in, so that two writers do not wait for each other.

        Returns:
            False when the connection is gone or the peer took nothing for too long.
        """
        gathered = bytearray()
        for part in parts:
            if gathered and len(gathered) + len(part) > _GATHER_BYTES:
                if not self._send_all(gathered):
                    return False
                gathered = bytearray()
            gathered += part
        return self._send_all(gathered)

    def shutdown(self) -> None:
        """Wake whoever waits on this connection; may be called from another thread."""
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the transport connection."""
        with suppress(OSError):
            self._sock.close()

    def _receive_now(self) -> bytes | None:
        try:
            return self._sock.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return None

    def _send_all(self, data: bytes | bytearray) -> bool:
        view = memoryview(data)
        deadline_s = time.monotonic() + self._send_s
        while view:
            try:
                sent = self._sock.send(view)
                view = view[sent:]
                deadline_s = time.monotonic() + self._send_s
            except BlockingIOError:
                wanted = select.POLLOUT
                if not self._peer_closed and self.reader.held_bytes < INBOUND_LIMIT_BYTES:
                    wanted |= select.POLLIN
                left_s = deadline_s - time.monotonic()
                if left_s <= 0 or not (ready := _ready(self._sock, wanted, left_s)):
                    return False
                if ready & select.POLLIN:
                    self.receive(0.0)
            except OSError:
                return False
        return True


def _ready(sock: socket.socket, wanted: int, timeout_s: float) -> int:
    poller = select.poll()  # not select(): a descriptor may be over 1023
    poller.register(sock, wanted)
    ready = poller.poll(max(0, int(timeout_s * 1000 + 0.999)))
    return ready[0][1] if ready else 0
