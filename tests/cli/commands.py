"""The installed `pacs-conformance` as a process, and things that it meets on a port."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.plugin.runs import environment

COMMAND = Path(sys.executable).with_name("pacs-conformance")
DEADLINE_S = 120.0


def cli(
    *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [str(COMMAND), *arguments],
        cwd=cwd,
        env=environment() | {"COLUMNS": "200"} | dict(env or {}),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


@contextmanager
def silent_port() -> Iterator[int]:
    """A port on which connections are accepted and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def free_port() -> int:
    """A port that nobody listens on."""
    with silent_port() as port:
        return port


@contextmanager
def web_server() -> Iterator[int]:
    """A port that answers whatever comes as a web server answers what is no HTTP."""

    def answer(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nServer: web\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer, args=(listener,))
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextmanager
def serving(*options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`pacs-conformance serve` as a process, and the port that it says it listens on."""
    child = subprocess.Popen(
        [str(COMMAND), "serve", "--port", "0", *options], env=environment(), stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None
        line = child.stdout.readline()
        yield child, int(line.rpartition(":")[2])
    finally:
        child.kill()
        child.communicate(timeout=DEADLINE_S)
