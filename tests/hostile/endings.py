"""Peers that end the connection, or the listening, where they should not."""

from __future__ import annotations

from tests.hostile.registry import INCOMPLETE, NOT_CONFORMANT, NOT_USABLE, Step, hostile
from tests.hostile.victim import Victim


def resetting(victim: Victim) -> None:
    """Resets the connection."""
    victim.reset()


def closing(victim: Victim) -> None:
    """Closes the connection."""
    victim.close()


def half(victim: Victim) -> None:
    """Sends the first half of the right answer, and closes."""
    right = victim.answer() if victim.command is not None else victim.accept()
    victim.send(right[: len(right) // 2])
    victim.close()


hostile("closes at once", Step.TCP, exits=(NOT_USABLE,), honest=0)(closing)
hostile("resets at once", Step.TCP, exits=(NOT_USABLE,), honest=0)(resetting)
for _step in Step:
    # Where the end overtakes the data, no answer was owed: a WARN for ending without an A-ABORT, and no FAIL.
    _exits = (NOT_CONFORMANT, INCOMPLETE) if _step is Step.COMMAND else (NOT_CONFORMANT,)
    hostile(f"resets {_step}", _step, exits=_exits)(resetting)
    hostile(f"closes {_step}", _step, exits=_exits)(closing)
for _step in (Step.REQUEST, Step.DATA):
    hostile(f"closes in the middle of its answer {_step}", _step, exits=(NOT_CONFORMANT,))(half)


@hostile("never closes", Step.RELEASE, exits=(0,))
def never_closing(victim: Victim) -> None:
    """Answers the release, and keeps the connection open as long as it can."""
    victim.send(bytes.fromhex("06000000000400000000"))
    victim.over.wait(10 * victim.timeout_s)


@hostile("accepts and dies", Step.REQUEST, exits=(NOT_CONFORMANT,))
def accepts_and_dies(victim: Victim) -> None:
    """Accepts the association, and resets the connection."""
    victim.send(victim.accept())
    victim.reset()
