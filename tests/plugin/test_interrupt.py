"""Ctrl-C ends a run, whatever it came upon."""

from __future__ import annotations

import signal
import socket
import threading
import time

import pytest

from conformance.driver.recorder import Recorder
from conformance.driver.scu import ScuAssociation
from conformance.driver.sending import contexts_of
from conformance.plugin import interrupt
from tests.driver.scripted import accept, scripted, wait_for_close

ECHO = contexts_of([("1.2.840.10008.1.1", ("1.2.840.10008.1.2",))])


def test_an_interrupt_that_was_swallowed_ends_the_run_before_the_next_scenario() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        interrupt.remember()
        interrupt.raise_if_asked()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interrupt.raise_if_asked()
        interrupt.forget()
        interrupt.raise_if_asked()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_handler_of_somebody_else_is_left_alone() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        interrupt.remember()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        interrupt.forget()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_interrupted_association_waits_for_nobody_and_leaves_no_thread() -> None:
    """The target accepts, and never answers a release, for which pynetdicom would wait the whole time-out."""

    def script(connection: socket.socket) -> None:
        accept(connection)
        wait_for_close(connection)

    with scripted(script, timeout_s=60) as endpoint:
        before = set(threading.enumerate())
        began_s = time.monotonic()
        with pytest.raises(KeyboardInterrupt), ScuAssociation(endpoint, Recorder(), ECHO):
            raise KeyboardInterrupt
        assert time.monotonic() - began_s < 5
        lasting = [t for t in set(threading.enumerate()) - before if not t.daemon]
        for thread in lasting:
            thread.join(5)
        assert not any(thread.is_alive() for thread in lasting)
