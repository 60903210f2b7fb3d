"""A socket for pynetdicom that records every byte and never blocks without a limit."""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress
from typing import Final

from conformance.driver.connection import ask_for_quick_acknowledgement
from conformance.observation.transcript import EventKind, Transcript

RECEIVED_BYTES_LIMIT: Final = 16 * 2**20
"""What one association of the well-behaved SCU takes in at most: it is answered with command sets alone."""
WAITED: Final = 0.9
"""The part of the time-out that must have passed before nothing is called silence."""
_HEADER_BYTES: Final = 6
_A_ABORT: Final = b"\x07"


class RecordingSocket:
    """Stands in for the connected socket of an association.

    Args:
        sock: The connected socket.
        transcript: Where everything is recorded.
        timeout_s: How long one send or receive may block, and how long a PDU that has begun may take to be whole.
    """

    def __init__(self, sock: socket.socket, transcript: Transcript, *, timeout_s: float) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self._transcript = transcript
        self._timeout_s = timeout_s
        self._received_bytes = 0
        self._open = True
        self._limit_s = timeout_s
        self._head = b""
        self._body_bytes = 0
        self._pdu_began_s: float | None = None
        self._asked_s: float | None = None
        self.settimeout(None)
        transcript.add(EventKind.CONNECTED)

    def fileno(self) -> int:
        """The descriptor; asking for it is what comes before every wait for data."""
        if self._open:
            ask_for_quick_acknowledgement(self._sock)
        return self._sock.fileno()

    def settimeout(self, timeout_s: float | None) -> None:
        """Set how long one call may block; no limit becomes ours."""
        self._limit_s = self._timeout_s if timeout_s is None else timeout_s
        self._sock.settimeout(self._limit_s)

    def recv(self, size: int) -> bytes:
        """Receive and record.

        Raises:
            OSError: As the socket, when the peer has sent more than the limit, and when a PDU takes too long.
        """
        self._sock.settimeout(self._left_s())
        try:
            data = self._sock.recv(size)
        except TimeoutError:
            self._transcript.add(EventKind.TIMED_OUT, detail=f"{self._timeout_s:.1f} s inside a PDU")
            raise
        except OSError as error:
            self._transcript.add(EventKind.PEER_RESET, detail=str(error))
            raise
        if not data:
            self._transcript.add(EventKind.PEER_CLOSED)
            return data
        self._asked_s = None
        self._transcript.add(EventKind.RECEIVED, data)
        self._follow(data)
        self._received_bytes += len(data)
        if self._received_bytes > RECEIVED_BYTES_LIMIT:
            self._transcript.add(EventKind.TOO_MUCH, detail=f"more than {RECEIVED_BYTES_LIMIT} bytes")
            raise OSError(f"the peer sent more than {RECEIVED_BYTES_LIMIT} bytes on one association")
        return data

    def send(self, data: bytes) -> int:
        """Send and record what was taken; an A-ABORT by which pynetdicom gives up a wait ends that wait before."""
        now_s = time.monotonic()
        waited_s = 0.0 if self._asked_s is None else now_s - self._asked_s
        if data[:1] == _A_ABORT and waited_s >= self._timeout_s * WAITED:
            self._transcript.add(EventKind.TIMED_OUT, detail=f"{waited_s:.1f} s")
        self._asked_s = now_s
        self._sock.settimeout(self._limit_s)
        try:
            sent = self._sock.send(data)
        except OSError as error:
            self._transcript.add(EventKind.SEND_FAILED, detail=str(error))
            raise
        self._transcript.add(EventKind.SENT, data[:sent])
        return sent

    def _left_s(self) -> float:
        """How long the next receive may block: a byte now and then does not keep us inside one PDU."""
        if self._pdu_began_s is None:
            return self._limit_s
        left_s = self._pdu_began_s + self._timeout_s - time.monotonic()
        return min(self._limit_s, max(left_s, 0.001))

    def _follow(self, data: bytes) -> None:
        """Keep account of where PDUs begin and end (PS3.8 9.3.1: a type, a byte, the length of what follows)."""
        while data:
            if self._body_bytes:
                data, self._body_bytes = data[self._body_bytes :], max(0, self._body_bytes - len(data))
                continue
            missing = _HEADER_BYTES - len(self._head)
            self._head, data = self._head + data[:missing], data[missing:]
            if len(self._head) == _HEADER_BYTES:
                (self._body_bytes,) = struct.unpack(">2xI", self._head)
                self._head = b""
        if not self._head and not self._body_bytes:
            self._pdu_began_s = None
        elif self._pdu_began_s is None:
            self._pdu_began_s = time.monotonic()

    def shutdown(self, how: int) -> None:
        """Shut down; a peer that has gone before is no reason not to close."""
        with suppress(OSError):
            self._sock.shutdown(how)

    def close(self) -> None:
        """Close and record it once."""
        if self._open:
            self._open = False
            self._transcript.add(EventKind.CLOSED)
        self._sock.close()

    def getsockname(self) -> object:
        """Our end's address, as the socket."""
        return self._sock.getsockname()
