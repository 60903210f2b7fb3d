"""Oddities of the bytes on their way: a relay in front of the embedded PACS cuts and joins what TCP carries."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from conformance.target.embedded.server import EmbeddedPacs
from tests.odd.registry import odd_scp

_RECEIVE_BYTES: Final = 1 << 16
_DELAY_S: Final = 0.02
_TRICKLED_BYTES: Final = 2048

Deliver = Callable[[socket.socket, bytes], None]


class Relay:
    """A PACS behind a relay.

    Args:
        port: To listen on; 0 takes a free one.
        deliver: How what the PACS sends is given to the peer.
    """

    def __init__(self, port: int, deliver: Deliver) -> None:
        self._pacs = EmbeddedPacs()
        self._wanted = port
        self._deliver = deliver
        self._listener: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self._over = threading.Event()
        self.address = ("", 0)

    @property
    def ae_title(self) -> str:
        """The PACS's AE title."""
        return self._pacs.ae_title

    def __enter__(self) -> Self:
        self._pacs.start()
        self._listener = socket.create_server(("127.0.0.1", self._wanted), backlog=128)
        host, port = self._listener.getsockname()[:2]
        self.address = (str(host), int(port))
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self._pacs.stop()
        for thread in self._threads:
            thread.join(5.0)

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()

    def _accept(self) -> None:
        assert self._listener is not None
        while not self._over.is_set():
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, peer)

    def _serve(self, peer: socket.socket) -> None:
        with peer, socket.create_connection(self._pacs.address, timeout=10.0) as pacs, selectors.DefaultSelector() as s:
            for sock in (peer, pacs):
                sock.settimeout(30.0)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                s.register(sock, selectors.EVENT_READ)
            with suppress(OSError):
                while not self._over.is_set():
                    for key, _ in s.select(0.2):
                        data = peer.recv(_RECEIVE_BYTES) if key.fileobj is peer else pacs.recv(_RECEIVE_BYTES)
                        if not data:
                            return
                        if key.fileobj is peer:
                            pacs.sendall(data)
                        else:
                            self._deliver(peer, data)


def _trickle(peer: socket.socket, data: bytes) -> None:
    for start in range(min(len(data), _TRICKLED_BYTES)):
        peer.sendall(data[start : start + 1])
    peer.sendall(data[_TRICKLED_BYTES:])


def _late(peer: socket.socket, data: bytes) -> None:
    middle = len(data) // 2
    peer.sendall(data[:middle])
    time.sleep(_DELAY_S)
    peer.sendall(data[middle:])


@odd_scp("one-byte-a-segment", clause="PS3.8 9.1: TCP is a stream of bytes")
class OneByteASegment(Relay):
    """Every byte that the PACS sends comes in a TCP segment of its own."""

    def __init__(self, port: int) -> None:
        super().__init__(port, _trickle)


@odd_scp("pdus-in-two-halves", clause="PS3.8 9.1: TCP is a stream of bytes")
class PdusInTwoHalves(Relay):
    """What the PACS sends comes in two halves, 20 ms apart, wherever the middle is."""

    def __init__(self, port: int) -> None:
        super().__init__(port, _late)
