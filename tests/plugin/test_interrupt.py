"""Ctrl-C ends a run, whatever it came upon."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import Mock, patch

import pytest
from pynetdicom.ae import ApplicationEntity
from pynetdicom.dul import DULServiceProvider

from conformance.cli.main import cli, main
from conformance.driver.recorder import Recorder
from conformance.driver.scu import ScuAssociation
from conformance.driver.sending import contexts_of
from conformance.plugin import interrupt
from conformance.plugin.session import Session
from conformance.target.embedded.server import EmbeddedPacs
from tests.driver.scripted import accept, scripted, wait_for_close

ECHO = contexts_of([("1.2.840.10008.1.1", ("1.2.840.10008.1.2",))])


@contextmanager
def no_thread_left() -> Iterator[None]:
    """What was begun in the meantime, and would keep the interpreter alive, ends."""
    before = set(threading.enumerate())
    yield
    lasting = [thread for thread in set(threading.enumerate()) - before if not thread.daemon]
    for thread in lasting:
        thread.join(5)
    assert not any(thread.is_alive() for thread in lasting)


def interrupted_command() -> None:
    """A command of ours that Ctrl-C ends."""
    with patch.object(cli, "main", side_effect=KeyboardInterrupt):
        assert main([]) == 2


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

    with scripted(script, timeout_s=60) as endpoint, no_thread_left():
        began_s = time.monotonic()
        with pytest.raises(KeyboardInterrupt), ScuAssociation(endpoint, Recorder(), ECHO):
            raise KeyboardInterrupt
        assert time.monotonic() - began_s < 5


ENDS = pytest.mark.parametrize("end", [Session(Mock(), None).pytest_keyboard_interrupt, interrupted_command])


@ENDS
def test_an_association_that_had_only_begun_leaves_no_thread(
    end: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: threading.Thread) -> None:
        threading.Thread.start(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(DULServiceProvider, "start", start)
    with scripted(wait_for_close, timeout_s=60) as endpoint, no_thread_left():
        with pytest.raises(KeyboardInterrupt):
            ScuAssociation(endpoint, Recorder(), ECHO)
        end()


@ENDS
def test_what_nobody_holds_is_ended_with_the_run(end: Callable[[], None]) -> None:
    with EmbeddedPacs() as pacs, no_thread_left():
        ae = ApplicationEntity("TEST")
        ae.add_requested_context("1.2.840.10008.1.1")
        assert ae.associate(*pacs.address, ae_title=pacs.ae_title).is_established
        end()
