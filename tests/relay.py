"""A relay in front of an SCP: what passes between it and its peers goes through here."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Final, Self

from tests.scp import Scp

RECEIVE_BYTES: Final = 1 << 16
_CONNECT_S: Final = 10.0
_IDLE_S: Final = 60.0
_END_S: Final = 5.0

Deliver = Callable[[socket.socket, socket.socket], None]
"""Takes all that comes from a source to a sink, to the end of the source."""


class Relay:
    """An SCP behind a relay.

    Args:
        scp: Started and ended with the relay.
        ways: Gives, for one connection, how what comes is taken to the SCP, and back from it.
        port: To listen on; 0 takes a free one.
    """

    def __init__(self, scp: Scp, ways: Callable[[], tuple[Deliver, Deliver]], *, port: int = 0) -> None:
        self._scp = scp
        self._ways = ways
        self._wanted = port
        self._listener: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.address = ("", 0)

    @property
    def ae_title(self) -> str:
        """The SCP's AE title."""
        return self._scp.ae_title

    def __enter__(self) -> Self:
        self._scp.__enter__()
        self._listener = socket.create_server(("127.0.0.1", self._wanted), backlog=128)
        host, port = self._listener.getsockname()[:2]
        self.address = (str(host), int(port))
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._listener is not None
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for sock in self._open:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        self._scp.__exit__(kind, error, trace)
        for thread in self._threads:
            thread.join(_END_S)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        with self._lock:
            self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()

    def _accept(self) -> None:
        assert self._listener is not None
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self._start(partial(self._serve, peer))

    def _serve(self, peer: socket.socket) -> None:
        try:
            scp = socket.create_connection(self._scp.address, timeout=_CONNECT_S)
        except OSError:
            peer.close()
            return
        there, back = self._ways()
        with peer, scp:
            for sock in (peer, scp):
                sock.settimeout(_IDLE_S)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open |= {peer, scp}
            answers = threading.Thread(target=_to_the_end, args=(back, scp, peer), daemon=True)
            answers.start()
            _to_the_end(there, peer, scp)
            answers.join()
            with self._lock:
                self._open -= {peer, scp}


def _to_the_end(deliver: Deliver, source: socket.socket, sink: socket.socket) -> None:
    """A source that ends, ends the sink: half-closed is half-closed behind the relay as well."""
    try:
        with suppress(OSError):
            deliver(source, sink)
    finally:
        for sock, how in ((sink, socket.SHUT_WR), (source, socket.SHUT_RD)):
            with suppress(OSError):
                sock.shutdown(how)
