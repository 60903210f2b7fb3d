"""What a read-back channel is: a way to see what the target has stored. It looks and never judges."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from conformance.observation.exchanges import Sent
from conformance.observation.stored import NotReadable, ReadBackOutcome, Stored

DEFAULT_LATENCY_S: Final = 5.0
"""How long a target may take to make visible what it has acknowledged."""
POLL_S: Final = 0.05
_WAITS_FOR_NOTHING: Final = 3
_SHORT_S: Final = 0.25
_LONGEST_POLL_S: Final = 0.5
_LEAST_LIMIT_BYTES: Final = 64 * 2**20
_GROWTH: Final = 4


def limit_bytes(*sent: Sent) -> int:
    """How long a stored copy may be and still be looked at: a target may decompress what it was sent."""
    return max(_LEAST_LIMIT_BYTES, *(_GROWTH * one.data_set_bytes for one in sent))


class ReadBack(Protocol):
    """A channel through which stored instances are seen."""

    @property
    def name(self) -> str:
        """The channel's name, for people."""

    def find(self, sent: Sent, *, also: Sequence[Sent] = (), expect: bool = False) -> ReadBackOutcome:
        """Every copy that is stored under a SOP Instance UID.

        Args:
            sent: What was sent: its SOP Instance UID, and the patient, study and series to look under.
            also: Other patients, studies and series that the same UID may have come to rest under.
            expect: Whether it should be there, so that a target whose index lags is given time.
        """

    def delete(self, sop_instance_uids: Sequence[str]) -> tuple[str, ...]:
        """Delete instances; the UIDs of those that are gone. Empty where the channel cannot delete."""

    def close(self) -> None:
        """Give back what the channel holds; again is harmless."""


class NoReadBack:
    """The channel of a target whose store nobody can see.

    Args:
        reason: Why, in one line.
    """

    name: Final = "none"

    def __init__(self, reason: str = "no read-back channel is configured") -> None:
        self.reason = reason

    def find(self, sent: Sent, *, also: Sequence[Sent] = (), expect: bool = False) -> ReadBackOutcome:
        """Say that nothing can be seen."""
        del sent, also, expect
        return NotReadable(reason=self.reason, channel=self.name)

    def delete(self, sop_instance_uids: Sequence[str]) -> tuple[str, ...]:
        """Delete nothing."""
        del sop_instance_uids
        return ()

    def close(self) -> None:
        """Nothing is held."""


class Latency:
    """How long a channel goes on looking for what is expected.

    It is less once the channel has waited several times for nothing: a target that loses all it is sent, or files it
    where nobody looks, would otherwise cost the full time at every look. But it is never less than twice what the
    slowest find has taken, and the next instance that is found gives the full time back: an index that lags is not
    taken for a loss.

    Args:
        seconds: The full time.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds: Final = seconds
        self._for_nothing = 0
        self._slowest_s = 0.0

    def look(self, look: Callable[[], ReadBackOutcome], *, expect: bool) -> ReadBackOutcome:
        """Look, and where something is expected look again until it is there or the time is up.

        Args:
            look: One look.
            expect: Whether something should be there.
        """
        began_s = time.monotonic()
        limit_s = self._limit_s() if expect else 0.0
        pause_s = POLL_S
        while True:
            outcome = look()
            waited_s = time.monotonic() - began_s
            if not isinstance(outcome, Stored) or not expect:
                return outcome
            if outcome.copies:
                self._for_nothing = 0
                self._slowest_s = max(self._slowest_s, waited_s)
                return outcome
            if waited_s >= limit_s:
                self._for_nothing += 1
                return outcome
            time.sleep(min(pause_s, limit_s - waited_s))
            pause_s = min(pause_s * 2, _LONGEST_POLL_S)

    def _limit_s(self) -> float:
        if self._for_nothing < _WAITS_FOR_NOTHING:
            return self.seconds
        return min(self.seconds, max(_SHORT_S, 2 * self._slowest_s))
