"""What every read-back channel offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from conformance.observation.exchanges import Sent
from conformance.observation.stored import ReadBackOutcome


class ReadBack(Protocol):
    """One way of looking at what the target stored."""

    @property
    def name(self) -> str:
        """The channel's name, for people."""

    def find(self, sent: Sent, *, also: Sequence[Sent] = (), expect: bool = True) -> ReadBackOutcome:
        """Every copy that is stored under the SOP Instance UID.

        Args:
            sent: What was sent.
            also: Other places (study, series, patient) where the same UID may have come to rest.
            expect: Whether it should be there, so that an index may be given a moment.
        """

    def delete(self, sent: Sequence[Sent]) -> tuple[str, ...]:
        """Delete instances; the SOP Instance UIDs of those that are gone."""

    def close(self) -> None:
        """Let go of connections."""
