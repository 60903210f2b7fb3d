"""Takes turns with pynetdicom's reactor, so that a response is never taken by the wrong thread."""

from __future__ import annotations

import threading
import time
from typing import Final

_PROBE_S: Final = 0.0002


class PausePoint(threading.Event):
    """Stands in for the event at which an association's reactor pauses, and knows when it truly does.

    pynetdicom marks the reactor as paused before it waits, and as running a moment after it was let go. A request sent
    in that moment has its response taken by the reactor, and is then waited for in vain. Here the reactor counts as
    paused only while it is held.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._holding = False
        super().set()

    def set(self) -> None:
        """Let the reactor go."""
        with self._lock:
            self._holding = False
            super().set()

    def wait(self, timeout: float | None = None) -> bool:
        """Called by the reactor: it is held here until it is let go."""
        with self._lock:
            if not self.is_set():
                self._holding = True
        return super().wait(timeout)

    def hold(self, reactor: threading.Thread, *, timeout_s: float) -> bool:
        """Hold the reactor; whether it is held, and not ended or busy for longer than the time given."""
        self.clear()
        deadline_s = time.monotonic() + timeout_s
        while not self._holding:
            if not reactor.is_alive() or time.monotonic() >= deadline_s:
                self.set()
                return False
            time.sleep(_PROBE_S)
        return True
