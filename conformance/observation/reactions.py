"""What a target did about bytes that need not have been a request: the PDUs that came, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.observation.outcomes import Aborted, Closed, NotConnected, Reset, Silence, Undecodable, describe
from conformance.observation.transcript import Transcript
from conformance.wire.pdu import Pdu, pdu_name, type_of

ReactionEnding = Aborted | Closed | Reset | Silence | Undecodable | NotConnected
"""After these, nothing more was waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What came after a stimulus.

    Args:
        pdus: The PDUs that came, but for an A-ABORT, which ends the reading.
        ending: How it ended; Silence where nothing came, or nothing more.
        after_s: Seconds from the stimulus to the ending.
        transcript: The connection that it happened on.
    """

    pdus: tuple[Pdu, ...]
    ending: ReactionEnding
    after_s: float
    transcript: Transcript

    @property
    def open_still(self) -> bool:
        """Whether the target had neither answered with an A-ABORT nor closed when the waiting ended."""
        return isinstance(self.ending, Silence)

    def words(self) -> str:
        """The reaction in one line for people."""
        came = [pdu_name(type_of(pdu)) for pdu in self.pdus]
        ending = describe(self.ending)
        if isinstance(self.ending, Silence):
            return ", ".join(came) or ending
        return ", then ".join((*came, f"{ending} after {self.after_s:.1f} s"))
