"""Peers that say nothing, too little, or too late."""

from __future__ import annotations

from typing import Final

from tests.hostile.registry import NOT_CONFORMANT, NOT_USABLE, NOTHING_JUDGED, Act, Step, hostile
from tests.hostile.victim import Victim

_BLAMED: Final = (NOT_CONFORMANT,)
_LARGE: Final = "test_large_data_set and 64"
_LATE: Final = 1.5
_ALMOST: Final = 0.9


def silent(victim: Victim) -> None:
    """Says nothing any more."""
    victim.wait()


def _answer(victim: Victim) -> bytes:
    """What would be right to say."""
    if victim.command is not None:
        return victim.answer()
    return victim.accept() if victim.request is not None else b"\x02\0\0\0\0\xf0"


def trickling(every_time_outs: float) -> Act:
    """What would be right to say, a byte at a time."""

    def act(victim: Victim) -> None:
        victim.trickle(_answer(victim), every_s=every_time_outs * victim.timeout_s)
        victim.wait()

    act.__doc__ = f"Says the right thing, a byte each {every_time_outs:g} time-outs."
    return act


def late(victim: Victim) -> None:
    """Says the right thing after half as long again as the time-out."""
    for _ in victim.seconds(_LATE * victim.timeout_s):
        victim.send(_answer(victim))
        break
    victim.wait()


def deaf(victim: Victim) -> None:
    """Neither reads nor says anything any more."""
    victim.over.wait(20 * victim.timeout_s)


def reading_slowly(victim: Victim) -> None:
    """Reads one byte in 0.9 time-outs, and says nothing."""
    while not victim.gone and not victim.over.wait(_ALMOST * victim.timeout_s):
        if not victim.sock.recv(1):
            return


hostile("silent at once", Step.TCP, exits=(NOT_USABLE,), honest=0)(silent)
hostile("silent from the request on, at once", Step.REQUEST, exits=(NOT_USABLE,), honest=0)(silent)
hostile("trickles at once", Step.REQUEST, exits=(NOT_USABLE,), honest=0)(trickling(_ALMOST))
for _step in Step:
    hostile(f"silent {_step}", _step, exits=_BLAMED)(silent)
for _step in (Step.REQUEST, Step.DATA):
    hostile(f"trickles {_step}, a byte each 0.2 time-outs", _step, exits=_BLAMED)(trickling(0.2))
    hostile(f"trickles {_step}, a byte each 0.9 time-outs", _step, exits=_BLAMED)(trickling(_ALMOST))
    hostile(f"late {_step}", _step, exits=_BLAMED)(late)
# A request that was not read to its end is owed no answer: nothing can be judged.
hostile("deaf after the command of a store", Step.COMMAND, exits=(NOTHING_JUDGED,), plays=_LARGE)(deaf)
hostile("reads slowly after the command of a store", Step.COMMAND, exits=(NOTHING_JUDGED,), plays=_LARGE)(
    reading_slowly
)
