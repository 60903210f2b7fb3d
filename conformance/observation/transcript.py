"""Every byte of a connection with its time, in both directions, and how the connection began and ended."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

RECEIVED_BYTES_KEPT: Final = 96 * 2**20
"""Received bytes of one connection that are kept; what comes after is counted, not kept."""
RECEIPTS_KEPT: Final = 100_000
"""How many times received bytes of one connection are kept, however few there are each time."""


class EventKind(StrEnum):
    """What can happen on a connection, seen from our end."""

    CONNECTED = "connected"
    NOT_CONNECTED = "not connected"
    SENT = "sent"
    SEND_FAILED = "send failed"
    RECEIVED = "received"
    PEER_CLOSED = "peer closed (FIN)"
    PEER_RESET = "peer reset (RST)"
    TIMED_OUT = "nothing came in time"
    TOO_MUCH = "more came than we read"
    CLOSED = "closed by us (FIN)"
    RESET = "reset by us (RST)"


@dataclass(frozen=True, slots=True, kw_only=True)
class WireEvent:
    """One thing that happened on a connection.

    Args:
        t_s: Seconds since the transcript began.
        kind: What happened.
        data: The bytes sent or received; sent bytes are kept by reference.
        detail: Words, such as an operating system's error.
    """

    t_s: float
    kind: EventKind
    data: bytes | memoryview = b""
    detail: str = ""


@dataclass(slots=True, kw_only=True)
class Transcript:
    """The record of one connection; it only grows.

    Args:
        label: Which connection of the scenario it is.
        peer: Who is at the other end, as `AET@host:port`.
    """

    label: str
    peer: str
    started_at_s: float = field(default_factory=time.time)
    events: list[WireEvent] = field(default_factory=list)
    dropped_bytes: int = 0
    """Received bytes beyond the kept amount."""
    _origin_s: float = field(default_factory=time.monotonic)
    _received_bytes: int = 0
    _receipts: int = 0

    def now_s(self) -> float:
        """Seconds since the transcript began."""
        return time.monotonic() - self._origin_s

    def add(self, kind: EventKind, data: bytes | memoryview = b"", detail: str = "") -> WireEvent:
        """Append an event with the present time; received bytes beyond the kept amount are counted alone."""
        event = WireEvent(t_s=self.now_s(), kind=kind, data=data, detail=detail)
        if kind is EventKind.RECEIVED:
            self._received_bytes += len(data)
            self._receipts += 1
            if self._received_bytes > RECEIVED_BYTES_KEPT or self._receipts > RECEIPTS_KEPT:
                self.dropped_bytes += len(data)
                return event
        self.events.append(event)
        return event

    def bytes_of(self, kind: EventKind) -> bytes:
        """All bytes sent, or all bytes received, joined."""
        return b"".join(event.data for event in self.events if event.kind is kind)
