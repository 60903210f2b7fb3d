"""Takes turns with pynetdicom's reactor, so that a response is never taken by the wrong thread."""

from __future__ import annotations

import threading
import time
from typing import Final

_LIFE_CHECK_S: Final = 0.05


class PausePoint:
    """Stands in for the event at which an association's reactor pauses, and knows when it truly does.

    pynetdicom marks the reactor as paused before it waits, and as running a moment after it was let go. A request sent
    in that moment has its response taken by the reactor, and is then waited for in vain. Here the reactor counts as
    paused only while it is held, and all that is asked and done about it happens under one lock.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._released = True
        self._holding = False
        self._times_let_go = 0

    def set(self) -> None:
        """Let the reactor go."""
        with self._condition:
            self._let_go()

    def clear(self) -> None:
        """Hold the reactor when it comes by next."""
        with self._condition:
            self._released = False

    def is_set(self) -> bool:
        """Whether the reactor may pass."""
        with self._condition:
            return self._released

    def wait(self, timeout: float | None = None) -> bool:
        """Called by the reactor: it is held here until it is let go."""
        with self._condition:
            if self._released:
                return True
            self._holding = True
            self._condition.notify_all()
            # Letting go counts even if the reactor is to be held again before it has woken up.
            before = self._times_let_go
            return self._condition.wait_for(lambda: self._times_let_go != before, timeout)

    def hold(self, reactor: threading.Thread, *, timeout_s: float) -> bool:
        """Hold the reactor; whether it is held, and not ended or busy for longer than the time given."""
        deadline_s = time.monotonic() + timeout_s
        with self._condition:
            self._released = False
            while not self._holding:
                left_s = deadline_s - time.monotonic()
                if left_s <= 0 or not reactor.is_alive():
                    self._let_go()
                    return False
                self._condition.wait(min(left_s, _LIFE_CHECK_S))
        return True

    def _let_go(self) -> None:
        self._released = True
        self._holding = False
        self._times_let_go += 1
        self._condition.notify_all()
