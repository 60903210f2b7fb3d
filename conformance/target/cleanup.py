"""Nothing that we start outlives us: what is registered here is called at exit, after Ctrl-C, and on SIGTERM."""

import atexit
import signal
import threading
from collections.abc import Callable

_registered: list[Callable[[], None]] = []


def register(stop: Callable[[], None]) -> None:
    """Calls `stop` when the interpreter ends, unless it was unregistered before.

    SIGTERM, which would end the interpreter without a word, is treated as Ctrl-C from now on, so that every
    `finally` runs and the record of what finished is kept. A handler that somebody else set is left alone.
    """
    atexit.register(stop)
    _registered.append(stop)
    if in_main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def unregister(stop: Callable[[], None]) -> None:
    """Forgets `stop`; when it was the last one, SIGTERM means again what it meant before."""
    atexit.unregister(stop)
    if stop in _registered:
        _registered.remove(stop)
    if not _registered and in_main_thread() and signal.getsignal(signal.SIGTERM) is signal.default_int_handler:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def in_main_thread() -> bool:
    """Whether a handler of signals can be set here."""
    return threading.current_thread() is threading.main_thread()
