"""A target that we started and that did not survive a scenario is started again, so that the rest can be judged."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from conformance.target.base import Target, TargetError

POLL_S: Final = 0.2
RESTART_DEADLINE_S: Final = 60.0


class Reviver:
    """Watches, in the controlling process, for the marker of a dead target, and starts the target again.

    The marker stays until a scenario has found the target answering, and said so.

    Args:
        target: Ours, started.
        marker: The file that is there while the target is called dead; it names the scenario.
        notify: Told in one line when the target cannot be started again.
    """

    def __init__(self, target: Target, marker: Path, notify: Callable[[str], None]) -> None:
        self._target = target
        self._marker = marker
        self._notify = notify
        self._over = threading.Event()
        self._restarting = threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="reviver", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End; a target that is just being started is up or given up when this returns."""
        self._over.set()
        with self._restarting:
            pass

    def _watch(self) -> None:
        done = False  # one attempt for each death
        while not self._over.wait(POLL_S):
            if not self._marker.exists():
                done = False
            elif not done:
                done = True
                self._restart()

    def _restart(self) -> None:
        with self._restarting:
            if self._over.is_set():
                return
            try:
                self._target.restart(deadline_s=RESTART_DEADLINE_S)
            except TargetError as error:
                self._notify(f"the target could not be started again: {error}")
