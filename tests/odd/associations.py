"""Oddities of associations: how many, one at a time, and how connections end."""

from __future__ import annotations

import socket
import struct
import threading
from typing import Final

from conformance.standard.upper_layer import AbortReason, AbortSource, State
from conformance.target.embedded.acceptor import Acceptor
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.connection import Connection
from conformance.target.embedded.negotiation import Context
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Settings
from conformance.wire.command import CommandField, CommandSet
from conformance.wire.pdu import AbortPdu
from tests.odd.registry import odd

_TURN_S: Final = 60.0


@odd("two-associations-at-most", clause="PS3.8 Table 9-21", settings=Settings(max_associations=2))
class TwoAssociationsAtMost(Behaviour):
    """A third association is rejected, 2/3/2."""


class _Serial(EmbeddedPacs):
    def _serve(self, sock: socket.socket, peer: str) -> None:
        super()._serve(sock, peer)
        with self._lock:
            threads = list(self._connections)
        for thread in threads:
            while thread.is_alive() and not self._stopping:
                thread.join(0.05)


@odd("one-at-a-time", clause="PS3.8 9.1: no clause asks for two associations at once", pacs=_Serial)
class OneAtATime(Behaviour):
    """Connections wait, open and unanswered, until the one before them is over."""


@odd("one-store-at-a-time", clause="PS3.8 9.1: no clause asks for two operations at once")
class OneStoreAtATime(Behaviour):
    """Reads the data set of a C-STORE when that of every one before it is there, on whichever association."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._taken_by: int | None = None

    def on_command(self, association: Association, context: Context, command: CommandSet) -> None:
        super().on_command(association, context, command)
        if command.command_field == CommandField.C_STORE_RQ and self._turn.acquire(timeout=_TURN_S):
            self._taken_by = id(association)

    def on_message(self, association: Association, message: Request) -> None:
        super().on_message(association, message)
        self._leave(association)

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._leave(association)

    def _leave(self, association: Association) -> None:
        if self._taken_by == id(association):
            self._taken_by = None
            self._turn.release()


@odd("closes-after-its-last-word", clause="PS3.8 9.1.5: ARTIM is configurable")
class ClosesAfterItsLastWord(Behaviour):
    """After A-RELEASE-RP, A-ASSOCIATE-RJ or A-ABORT the connection is closed at once."""

    def artim_s(self, state: State, settings: Settings) -> float:
        return 0.0 if state is State.STA_13 else super().artim_s(state, settings)


class _Resets(Acceptor):
    def start_artim(self, state: State) -> None:
        super().start_artim(state)
        if state is State.STA_13:
            _lingers_not(self._connection)


def _lingers_not(connection: Connection) -> None:
    # struct linger: on, 0 seconds; close() then sends RST
    connection._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@odd("resets-after-its-last-word", clause="PS3.8 9.1.4: how TCP closes a connection is not fixed", acceptor=_Resets)
class ResetsAfterItsLastWord(Behaviour):
    """After A-RELEASE-RP, A-ASSOCIATE-RJ or A-ABORT the connection ends with RST."""

    def artim_s(self, state: State, settings: Settings) -> float:
        return 0.1 if state is State.STA_13 else super().artim_s(state, settings)


@odd("aborts-without-a-reason", clause="PS3.8 Table 9-26")
class AbortsWithoutAReason(Behaviour):
    """Every A-ABORT of the provider says 2/0, reason not specified."""

    def abort_pdu(self, source: AbortSource, reason: AbortReason) -> AbortPdu | None:
        return super().abort_pdu(source, AbortReason.NOT_SPECIFIED)


@odd("short-of-patience", clause="PS3.8 9.1.4: an application may abort", settings=Settings(idle_s=3.0, artim_s=2.0))
class ShortOfPatience(Behaviour):
    """An association on which nothing comes for three seconds is aborted; ARTIM is two seconds."""
