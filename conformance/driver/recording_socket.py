"""A socket for pynetdicom that records every byte and never blocks without a limit."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Final

from conformance.driver.connection import ask_for_quick_acknowledgement
from conformance.observation.transcript import EventKind, Transcript

RECEIVED_BYTES_LIMIT: Final = 1 << 30
"""What one association of the well-behaved SCU takes in at most."""


class RecordingSocket:
    """Stands in for the connected socket of an association.

    Args:
        sock: The connected socket.
        transcript: Where everything is recorded.
        timeout_s: How long one send or receive may block.
    """

    def __init__(self, sock: socket.socket, transcript: Transcript, *, timeout_s: float) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self._transcript = transcript
        self._timeout_s = timeout_s
        self._received_bytes = 0
        self._open = True
        self.settimeout(None)
        transcript.add(EventKind.CONNECTED)

    def fileno(self) -> int:
        """The descriptor; asking for it is what comes before every wait for data."""
        if self._open:
            ask_for_quick_acknowledgement(self._sock)
        return self._sock.fileno()

    def settimeout(self, timeout_s: float | None) -> None:
        """Set how long one call may block; no limit becomes ours."""
        self._sock.settimeout(self._timeout_s if timeout_s is None else timeout_s)

    def recv(self, size: int) -> bytes:
        """Receive and record.

        Raises:
            OSError: As the socket, and when the peer has sent more than the limit.
        """
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
        self._transcript.add(EventKind.RECEIVED, data)
        self._received_bytes += len(data)
        if self._received_bytes > RECEIVED_BYTES_LIMIT:
            raise OSError(f"the peer sent more than {RECEIVED_BYTES_LIMIT} bytes on one association")
        return data

    def send(self, data: bytes) -> int:
        """Send and record what was taken."""
        try:
            sent = self._sock.send(data)
        except OSError as error:
            self._transcript.add(EventKind.SEND_FAILED, detail=str(error))
            raise
        self._transcript.add(EventKind.SENT, data[:sent])
        return sent

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
