"""What the drivers of one scenario did and saw, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.transcript import Transcript


@dataclass(slots=True, kw_only=True)
class Recorder:
    """Collects the observations of a scenario; appending is safe from several threads.

    Args:
        before_store: Called with the SOP Instance UID of each C-STORE-RQ before it is sent.
    """

    steps: list[str] = field(default_factory=list)
    transcripts: list[Transcript] = field(default_factory=list)
    associations: list[AssociationExchange] = field(default_factory=list)
    operations: list[OperationExchange] = field(default_factory=list)
    before_store: Callable[[str], None] = lambda _uid: None

    def step(self, words: str) -> None:
        """Add a line to the stimulus as people read it."""
        self.steps.append(words)

    def transcript(self, *, peer: str, label: str = "") -> Transcript:
        """A new transcript for a connection.

        Args:
            peer: Who is at the other end.
            label: Which connection it is; numbered when empty.
        """
        number = len(self.transcripts) + 1
        transcript = Transcript(label=f"{number} {label}".strip(), peer=peer)
        self.transcripts.append(transcript)
        return transcript
