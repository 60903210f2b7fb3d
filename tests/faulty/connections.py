"""Faults of connections: one stalls beside another, or its peer closes one side of it."""

from __future__ import annotations

import threading
import time
from typing import Final

from conformance.standard.upper_layer import Event, State
from conformance.target.embedded.acceptor import Acceptor
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.happening import Happening
from conformance.verdict.finding import Verdict
from tests.faulty.registry import fault

_LINGERING_S: Final = 2.5
_COPYING_S: Final = 0.1
"""How long what came before on another connection may take to be read."""


class _SharesABuffer(Acceptor):
    """Aborts a request that comes while another one is still incomplete."""

    @property
    def _buffer(self) -> OneBufferForAllRequests:
        assert isinstance(self._behaviour, OneBufferForAllRequests)
        return self._behaviour

    def run(self) -> None:
        try:
            super().run()
        finally:
            self._buffer.incomplete.discard(id(self))

    def _limit(self) -> tuple[float, Happening]:
        if self.state is State.STA_2 and self._connection.reader.held_bytes:
            with self._buffer.filled:
                self._buffer.incomplete.add(id(self))
                self._buffer.filled.notify_all()
        return super()._limit()

    def ae_6(self, happening: Happening) -> State | None:
        with self._buffer.filled:
            self._buffer.incomplete.discard(id(self))
            if not self._buffer.filled.wait_for(lambda: self._buffer.incomplete, timeout=_COPYING_S):
                return super().ae_6(happening)
        self.stop_artim(happening)
        self._local.append(Happening(event=Event.ABORT_REQUEST, why="the buffer has half of another request"))
        return None


@fault("one-buffer-for-all-requests", catches=("UL-TCP-17",), caught_as=Verdict.WARN, acceptor=_SharesABuffer)
class OneBufferForAllRequests(Behaviour):
    """Requests of all connections are put together in one buffer: half of one spoils the others."""

    def __init__(self) -> None:
        self.incomplete: set[int] = set()
        self.filled = threading.Condition()


class _Lingers(Acceptor):
    """Notices late that the peer has closed, where something was asked before."""

    _asked = False

    def dt_2(self, happening: Happening) -> None:
        self._asked = True
        super().dt_2(happening)

    def close(self, happening: Happening) -> None:
        if self._asked and happening.event is Event.TRANSPORT_CLOSED:
            time.sleep(_LINGERING_S)
        super().close(happening)


@fault("lingers-behind-a-request", catches=("FSM-S6-CLOSE",), caught_as=Verdict.WARN, acceptor=_Lingers)
class LingersBehindARequest(Behaviour):
    """A connection on which something was asked stays open for a while after the peer has closed its side."""
