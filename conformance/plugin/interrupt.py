"""Ctrl-C is not lost: where something between us and pytest swallowed it, the run ends before the next scenario."""

from __future__ import annotations

import signal
import threading
from types import FrameType

from conformance.target.cleanup import in_main_thread

_asked = threading.Event()


def remember() -> None:
    """Note every Ctrl-C from now on; a handler that somebody else set is left alone."""
    if in_main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _on_interrupt)


def forget() -> None:
    """Have Ctrl-C mean again what it meant before."""
    _asked.clear()
    if in_main_thread() and signal.getsignal(signal.SIGINT) is _on_interrupt:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def raise_if_asked() -> None:
    """End the run where a Ctrl-C came that did not end it.

    Raises:
        KeyboardInterrupt: It came.
    """
    if _asked.is_set():
        raise KeyboardInterrupt


def _on_interrupt(number: int, frame: FrameType | None) -> None:
    _asked.set()
    signal.default_int_handler(number, frame)
