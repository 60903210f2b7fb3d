"""The stage of a hostile peer: an honest PACS behind a door at which the peer takes over when its step has come."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from conformance.target.embedded.server import EmbeddedPacs
from conformance.wire.command import CommandField
from conformance.wire.errors import WireError
from conformance.wire.fragments import Message, MessageAssembler
from conformance.wire.framing import FramedPdu, PduFramer
from conformance.wire.pdu import Associate, PDataTF, Pdu, ReleaseRQ, decode_pdu
from tests.hostile.registry import Hostile, Step
from tests.hostile.victim import Victim

_RECEIVE_BYTES: Final = 1 << 18
_POLL_S: Final = 0.1


class HostileFront:
    """A hostile peer on a port of the loopback.

    Args:
        hostile: Which one.
        timeout_s: How long the suite waits for an answer.
    """

    def __init__(self, hostile: Hostile, *, timeout_s: float) -> None:
        self._hostile = hostile
        self._timeout_s = timeout_s
        self._pacs = EmbeddedPacs()
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._served = 0

    @property
    def address(self) -> str:
        """As AET@HOST:PORT."""
        host, port = self._listener.getsockname()[:2]
        return f"{self._pacs.ae_title}@{host}:{port}"

    def __enter__(self) -> Self:
        self._pacs.start()
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._pacs.stop()
        for thread in self._threads:
            thread.join(5.0)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._served += 1
            self._start(self._serve, sock, self._served <= self._hostile.honest)

    def _serve(self, sock: socket.socket, honest: bool) -> None:
        sock.settimeout(_POLL_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        victim = Victim(sock=sock, over=self._over, timeout_s=self._timeout_s)
        step = None if honest else self._hostile.step
        with sock, suppress(OSError):
            if step is Step.TCP or _relay(victim, self._pacs.address, step, self._over):
                self._hostile.act(victim)
                victim.wait()


def _relay(victim: Victim, pacs: tuple[str, int], step: Step | None, over: threading.Event) -> bool:
    """Pass on what both sides say; True when the step has come, False when the connection is over."""
    watch = _Watch(victim)
    with socket.create_connection(pacs, timeout=10.0) as behind:
        while not over.is_set():
            readable, _, _ = select.select([victim.sock, behind], [], [], _POLL_S)
            if behind in readable:
                data = behind.recv(_RECEIVE_BYTES)
                if not data:
                    return False
                victim.send(data)
            if victim.sock in readable:
                data = victim.sock.recv(_RECEIVE_BYTES)
                if not data:
                    return False
                for framed, came in watch.feed(data):
                    if step is not None and came is step:
                        return True
                    behind.sendall(framed.data)
    return False


class _Watch:
    """Follows what the suite says, and tells the steps."""

    def __init__(self, victim: Victim) -> None:
        self._victim = victim
        self._framer = PduFramer()
        self._assembler = MessageAssembler()

    def feed(self, data: bytes) -> list[tuple[FramedPdu, Step | None]]:
        """Whole PDUs with the step that each one leads to."""
        self._framer.feed(data)
        found = []
        while (framed := self._framer.next_pdu()) is not None:
            found.append((framed, self._step(decode_pdu(framed.data))))
        return found

    def _step(self, pdu: Pdu) -> Step | None:
        match pdu:
            case Associate():
                self._victim.request = pdu
                return Step.REQUEST
            case ReleaseRQ():
                return Step.RELEASE
            case PDataTF():
                return self._message_step(pdu)
            case _:
                return None

    def _message_step(self, pdu: PDataTF) -> Step | None:
        step = None
        for pdv in pdu.pdvs:
            before = self._assembler.command
            try:
                message = self._assembler.feed(pdv)
            except WireError:
                return None
            command = message.command if isinstance(message, Message) else self._assembler.command
            if command is None or (message is None and before is not None):
                continue
            self._victim.command, self._victim.context_id = command, pdv.context_id
            is_store = command.command_field == CommandField.C_STORE_RQ
            if message is None:
                step = Step.COMMAND if is_store else step
            elif message.data_set is not None:
                step = Step.DATA if is_store else Step.QUERY
        return step
