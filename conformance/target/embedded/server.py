"""The PACS as a whole: the listening socket, a thread for each connection, and an end to all of it."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from conformance.target.embedded.acceptor import Acceptor
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.connection import Connection
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.storage import Store

log = logging.getLogger(__name__)

BACKLOG: Final = 256
SPARE_CONNECTIONS: Final = 150
"""Connections without an association that are held beside the associations; more are closed as they come."""
TASKS: Final = 64
"""What may be under way beside the associations; more is not begun."""
_JOIN_S: Final = 5.0


class _House:
    """How many associations there are, and what is done beside them."""

    def __init__(self, limit: int) -> None:
        self._free = threading.BoundedSemaphore(limit)
        self._lock = threading.Lock()
        self._tasks: set[threading.Thread] = set()

    def enter(self) -> bool:
        return self._free.acquire(blocking=False)

    def leave(self) -> None:
        self._free.release()

    def aside(self, task: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._run, args=(task,), name="embedded PACS, aside", daemon=True)
        with self._lock:
            if len(self._tasks) >= TASKS:
                log.warning("%d tasks are under way: one more is not begun", TASKS)
                return
            self._tasks.add(thread)
        thread.start()

    def wait(self) -> None:
        with self._lock:
            tasks = tuple(self._tasks)
        for thread in tasks:
            thread.join(_JOIN_S)

    def _run(self, task: Callable[[], None]) -> None:
        try:
            task()
        except Exception:
            log.exception("a task beside the associations ended in an error of this PACS")
        finally:
            with self._lock:
                self._tasks.discard(threading.current_thread())


class EmbeddedPacs:
    """The embedded reference PACS, running in this process.

    Args:
        settings: What can be chosen.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        behaviour: The hooks; a fault overrides one.
        acceptor: The upper layer of one connection; a fault may override an action of it.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        behaviour: Behaviour | None = None,
        acceptor: type[Acceptor] = Acceptor,
    ) -> None:
        self.settings = settings or Settings()
        self.behaviour = behaviour or Behaviour()
        self._wanted = (host, port)
        self._acceptor = acceptor
        self._lock = threading.Lock()
        self._connections: dict[threading.Thread, Connection] = {}
        self._house = _House(self.settings.max_associations)
        self._listener: socket.socket | None = None
        self._listening: threading.Thread | None = None
        self._address = ("", 0)
        self._stopping = False
        self.store = Store(self.settings)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens on."""
        return self._address

    @property
    def ae_title(self) -> str:
        """Its AE title."""
        return self.settings.ae_title

    def start(self) -> Self:
        """Listen.

        Raises:
            OSError: The port cannot be had.
        """
        family = socket.AF_INET6 if ":" in self._wanted[0] else socket.AF_INET
        self._listener = socket.create_server(self._wanted, family=family, backlog=BACKLOG)
        host, port = self._listener.getsockname()[:2]
        self._address = (str(host), int(port))
        self._listening = threading.Thread(target=self._accept, name=f"embedded PACS on {port}", daemon=True)
        self._listening.start()
        return self

    def stop(self) -> None:
        """Close every connection, wait for the threads, delete what was stored. May be called twice."""
        with self._lock:
            self._stopping = True
            connections = dict(self._connections)
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        for connection in connections.values():
            connection.shutdown()
        for thread in (*connections, self._listening):
            if thread is not None:
                thread.join(_JOIN_S)
        self._house.wait()
        self.store.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _accept(self) -> None:
        assert self._listener is not None
        while not self._stopping:
            try:
                sock, address = self._listener.accept()
            except OSError as error:
                if self._stopping or self._listener.fileno() < 0:
                    return
                log.warning("accept: %s", error)  # a connection that was reset before, or no descriptor left
                continue
            self._serve(sock, f"{address[0]}:{address[1]}")

    def _serve(self, sock: socket.socket, peer: str) -> None:
        try:
            connection = Connection(sock, max_pdu_bytes=self.settings.max_pdu_bytes, send_s=self.settings.send_s)
        except OSError:
            sock.close()
            return
        thread = threading.Thread(target=self._run, args=(connection,), name=f"peer {peer}", daemon=True)
        with self._lock:
            room = len(self._connections) < self.settings.max_associations + SPARE_CONNECTIONS
            if not room or self._stopping:
                connection.close()
                return
            self._connections[thread] = connection
            try:
                thread.start()
            except RuntimeError as error:  # no thread to be had
                log.warning("%s", error)
                del self._connections[thread]
                connection.close()

    def _run(self, connection: Connection) -> None:
        try:
            self._acceptor(
                connection,
                settings=self.settings,
                store=self.store,
                behaviour=self.behaviour,
                admission=self._house,
            ).run()
        except Exception:
            log.exception("a connection ended in an error of this PACS")
        finally:
            connection.close()
            with self._lock:
                self._connections.pop(threading.current_thread(), None)
