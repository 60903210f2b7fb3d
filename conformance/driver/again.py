"""Asking again until the answer will do, where a target may need a moment: an index, a place, a file on its way out."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 0.5

Answer = TypeVar("Answer")


def until(ask: Callable[[], Answer], will_do: Callable[[Answer], bool], *, within_s: float) -> Answer:
    """The first answer that will do, or the last one when the time is up; it is asked once at least.

    Args:
        ask: Asks; it has a deadline of its own.
        will_do: Whether an answer ends the asking.
        within_s: How long to go on.
    """
    deadline_s = time.monotonic() + within_s
    pause_s = _FIRST_PAUSE_S
    while True:
        answer = ask()
        left_s = deadline_s - time.monotonic()
        if will_do(answer) or left_s <= 0:
            return answer
        time.sleep(min(pause_s, left_s))
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
