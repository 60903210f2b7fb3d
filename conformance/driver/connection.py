"""One TCP connection that records every byte with its time, and never waits without a deadline."""

from __future__ import annotations

import select
import socket
import struct
import time
from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Final

from conformance.driver.backlog import not_taken_bytes
from conformance.observation.outcomes import NotConnected
from conformance.observation.transcript import EventKind, Transcript

RECEIVE_BYTES: Final = 1 << 18
RECEIVED_LIMIT_BYTES: Final = 64 * 2**20
"""What is read from one connection at most, unless told otherwise; nothing that a scenario asks for is half as long."""
SLOWEST_BYTES_PER_S: Final = 32 * 2**10
"""How fast a peer must read on average, beside the time that it is given in any case."""
_PAUSE_S: Final = 1.0
_POLL_S: Final = 0.02
_HELD_LIMIT_BYTES: Final = 4 * 2**20
"""How much is taken in while we are still sending; a peer that sends more waits until it has read."""
_BUFFERS_PER_SEND: Final = 256
_QUICKACK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)


def ask_for_quick_acknowledgement(sock: socket.socket) -> None:
    """Have the kernel acknowledge the next segment at once; Linux forgets this after every receive.

    An SCP that writes a response in two segments under Nagle's algorithm sends the second one only when the first is
    acknowledged: without this, each response takes 40 ms.
    """
    if _QUICKACK is not None:
        sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)


class Connection:
    """A TCP connection to the target.

    What arrives while we are still sending is taken in at once: a peer that answers early never blocks on us.

    Args:
        sock: A connected socket; the connection owns it from now on.
        transcript: Where everything is recorded.
        limit_bytes: After so many received bytes nothing more is read.
    """

    def __init__(self, sock: socket.socket, transcript: Transcript, *, limit_bytes: int = RECEIVED_LIMIT_BYTES) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._limit_bytes = limit_bytes
        self._received_bytes = 0
        self._held_bytes = 0
        self._open = True
        self._arrived: deque[bytes] = deque()
        self._ended: EventKind | None = None
        self.transcript = transcript

    @classmethod
    def open(
        cls,
        host: str,
        port: int,
        *,
        timeout_s: float,
        transcript: Transcript,
        limit_bytes: int = RECEIVED_LIMIT_BYTES,
    ) -> Connection | NotConnected:
        """Connect.

        Args:
            host: Name or address.
            port: 1 to 65535.
            timeout_s: How long connecting may take.
            transcript: Where the connection is recorded.
            limit_bytes: After so many received bytes nothing more is read.
        """
        try:
            sock = socket.create_connection((host, port), timeout=timeout_s)
        except OSError as error:
            reason = str(error) or type(error).__name__
            transcript.add(EventKind.NOT_CONNECTED, detail=reason)
            return NotConnected(reason=reason)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transcript.add(EventKind.CONNECTED)
        return cls(sock, transcript, limit_bytes=limit_bytes)

    def send(self, buffers: Iterable[bytes | memoryview], *, timeout_s: float) -> bool:
        """Send buffers one after the other without copying them.

        Args:
            buffers: The bytes; an iterator is consumed as the peer takes them.
            timeout_s: How long the peer may keep us from sending on; in all it has twice as long, and what the bytes
                that it took need at `SLOWEST_BYTES_PER_S`.

        Returns:
            False when the connection broke or the peer did not read in time; how is in the transcript.
        """
        source = iter(buffers)
        waiting = [memoryview(b) for b in islice(source, _BUFFERS_PER_SEND)]
        end_s = time.monotonic() + 2 * timeout_s
        while waiting:
            if not self._writable(timeout_s, end_s):
                return False
            try:
                sent = self._sock.sendmsg(waiting)
            except BlockingIOError:
                continue
            except OSError as error:
                self.transcript.add(EventKind.SEND_FAILED, detail=str(error))
                return False
            end_s += sent / SLOWEST_BYTES_PER_S
            waiting = self._record_sent(waiting, sent)
            waiting += [memoryview(b) for b in islice(source, _BUFFERS_PER_SEND - len(waiting))]
        return True

    def wait_until_taken(self, *, timeout_s: float) -> None:
        """Wait while the peer goes on taking in what was sent, and nothing of it comes back.

        A peer with small buffers is still reading when the last byte has left us. It ends when the peer has taken all,
        pauses for a second, or has had the time that `send` would give it.

        Args:
            timeout_s: As for `send`.
        """
        left = not_taken_bytes(self._sock)
        now_s = time.monotonic()
        end_s, pause_ends_s = now_s + 2 * timeout_s, now_s + _PAUSE_S
        while left and self._open and not self._arrived and now_s < min(end_s, pause_ends_s):
            readable, _, _ = select.select([self._sock], [], [], _POLL_S)
            if readable:
                return
            now_s, before, left = time.monotonic(), left, not_taken_bytes(self._sock)
            if left < before:
                end_s += (before - left) / SLOWEST_BYTES_PER_S
                pause_ends_s = now_s + _PAUSE_S

    def receive(self, *, deadline_s: float) -> bytes | None:
        """The next bytes; None when none came by the deadline, or never will.

        Args:
            deadline_s: On the clock of `time.monotonic`.
        """
        if self._arrived:
            return self._held()
        while self._ended is None and self._open:
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                return None
            ask_for_quick_acknowledgement(self._sock)
            readable, _, _ = select.select([self._sock], [], [], left_s)
            if readable:
                self._take_in()
                if self._arrived:
                    return self._held()
        return None

    def _held(self) -> bytes:
        data = self._arrived.popleft()
        self._held_bytes -= len(data)
        return data

    @property
    def ended(self) -> EventKind | None:
        """PEER_CLOSED or PEER_RESET once the peer has ended the connection, TOO_MUCH once we have; else None."""
        return self._ended

    def finish_sending(self) -> None:
        """Send a FIN and go on reading."""
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            return
        self.transcript.add(EventKind.CLOSED, detail="half closed")

    def close(self) -> None:
        """Close with a FIN; again is harmless."""
        if self._open:
            self._open = False
            self._sock.close()
            self.transcript.add(EventKind.CLOSED)

    def reset(self) -> None:
        """Close with an RST, unsent bytes thrown away."""
        if self._open:
            self._open = False
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._sock.close()
            self.transcript.add(EventKind.RESET)

    def _writable(self, timeout_s: float, end_s: float) -> bool:
        began_s = time.monotonic()
        deadline_s = min(began_s + timeout_s, end_s)
        while self._open:
            left_s = deadline_s - time.monotonic()
            watched = [self._sock] if self._ended is None and self._held_bytes < _HELD_LIMIT_BYTES else []
            readable, writable, _ = select.select(watched, [self._sock], [], max(left_s, 0))
            if readable:
                self._take_in()
            if writable:
                return True
            if left_s <= 0:
                words = (
                    f"the peer read nothing for {timeout_s:.1f} s"
                    if deadline_s < end_s
                    else f"the peer read less than {SLOWEST_BYTES_PER_S} bytes/s"
                )
                self.transcript.add(EventKind.SEND_FAILED, detail=words)
                return False
        return False

    def _record_sent(self, buffers: list[memoryview], sent: int) -> list[memoryview]:
        for index, buffer in enumerate(buffers):
            if sent < len(buffer):
                if sent:
                    self.transcript.add(EventKind.SENT, buffer[:sent])
                return [buffer[sent:], *buffers[index + 1 :]]
            if len(buffer):
                self.transcript.add(EventKind.SENT, buffer)
            sent -= len(buffer)
        return []

    def _take_in(self) -> None:
        try:
            data = self._sock.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._ended = EventKind.PEER_RESET
            self.transcript.add(EventKind.PEER_RESET, detail=str(error))
            return
        if data:
            self._arrived.append(data)
            self._held_bytes += len(data)
            self._received_bytes += len(data)
            self.transcript.add(EventKind.RECEIVED, data)
            if self._received_bytes > self._limit_bytes:
                self._ended = EventKind.TOO_MUCH
                self.transcript.add(EventKind.TOO_MUCH, detail=f"more than {self._limit_bytes} bytes")
        else:
            self._ended = EventKind.PEER_CLOSED
            self.transcript.add(EventKind.PEER_CLOSED)
