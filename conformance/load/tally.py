"""A transcript for bulk sending: it counts what passes and keeps nothing of it."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.driver.recorder import Recorder
from conformance.observation.transcript import EventKind, Transcript, WireEvent


@dataclass(slots=True, kw_only=True)
class Tally(Transcript):
    """The record of a connection that may carry gigabytes: bytes are counted, events are not kept."""

    sent_bytes: int = 0
    received_bytes: int = 0

    def add(self, kind: EventKind, data: bytes | memoryview = b"", detail: str = "") -> WireEvent:
        """Count an event."""
        if kind is EventKind.SENT:
            self.sent_bytes += len(data)
        elif kind is EventKind.RECEIVED:
            self.received_bytes += len(data)
        return WireEvent(t_s=self.now_s(), kind=kind, detail=detail)


class TallyRecorder(Recorder):
    """Gives connections a tally for a transcript; what is appended to it is for its owner to clear."""

    def transcript(self, *, peer: str, label: str = "") -> Transcript:
        """A tally, which is not kept here."""
        return Tally(label=label, peer=peer)
