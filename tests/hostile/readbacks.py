"""Read-backs that are hostile themselves: Orthanc's REST interface, and a directory."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from conformance.observation.exchanges import Sent

_POLL_S: Final = 0.1
_HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

Talk = Callable[[socket.socket, threading.Event], None]


def huge_json(sock: socket.socket, over: threading.Event) -> None:
    """A list that never ends, of rows that look right."""
    sock.sendall(_HEAD + b"Connection: close\r\n\r\n[")
    row = json.dumps({"ID": "66c8e41e-ac3a9029-0b85e42a-8195ee0a-92c2e62e", "Type": "Instance"}).encode() + b","
    while not over.is_set():
        sock.sendall(row * 1000)


def deep_json(sock: socket.socket, over: threading.Event) -> None:
    """Half a million lists inside one another."""
    del over
    sock.sendall(_HEAD + b"Connection: close\r\n\r\n" + b"[" * 500_000)


def trickled_json(sock: socket.socket, over: threading.Event) -> None:
    """A byte now and then, of an answer that never ends."""
    sock.sendall(_HEAD + b"Connection: close\r\n\r\n[")
    while not over.wait(_POLL_S):
        sock.sendall(b" ")


def endless_header(sock: socket.socket, over: threading.Event) -> None:
    """A header that never ends."""
    sock.sendall(_HEAD)
    while not over.is_set():
        sock.sendall(b"X-Nothing: " + b"a" * 1000 + b"\r\n")


def redirection(sock: socket.socket, over: threading.Event) -> None:
    """A redirection to another machine."""
    del over
    sock.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/stolen\r\nContent-Length: 0\r\n\r\n")


def compressed(sock: socket.socket, over: threading.Event) -> None:
    """A content that says it is compressed, and is not."""
    del over
    sock.sendall(_HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd")


def evil_identifier(sock: socket.socket, over: threading.Event) -> None:
    """An instance whose identifier is a path to something else."""
    del over
    body = json.dumps([{"ID": "../../tools/shutdown?\x1b[31m", "Type": "Instance"}]).encode()
    sock.sendall(_HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)


def silent(sock: socket.socket, over: threading.Event) -> None:
    """Nothing."""
    del sock
    over.wait(60)


def random_bytes(sock: socket.socket, over: threading.Event) -> None:
    """What is no HTTP."""
    del over
    sock.sendall(bytes(range(256)) * 16)


TALKS: Final[tuple[Talk, ...]] = (
    huge_json,
    deep_json,
    trickled_json,
    endless_header,
    redirection,
    compressed,
    evil_identifier,
    silent,
    random_bytes,
)


@contextmanager
def web(talk: Talk) -> Iterator[str]:
    """A web interface that answers every request in one way; its URL."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve(sock: socket.socket) -> None:
            with sock, suppress(OSError):
                sock.settimeout(10.0)
                sock.recv(65536)
                talk(sock, over)
                sock.shutdown(socket.SHUT_WR)
                sock.recv(65536)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    sock, _ = listener.accept()
                    threading.Thread(target=serve, args=(sock,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5.0)


def spoil(folder: Path, sent: Sent) -> None:
    """Fill a directory with what a read-back must not fall for, all of it named after an instance."""
    uid = sent.sop_instance_uid
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / f"CT.{uid}.dcm").write_bytes(b"secret")
    (folder / f"CT.{uid}.link").symlink_to(outside / f"CT.{uid}.dcm")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "elsewhere").symlink_to(outside, target_is_directory=True)
    os.mkfifo(folder / f"CT.{uid}.pipe")
    deep = folder
    for _ in range(40):
        deep = deep / "d"
        deep.mkdir()
    (deep / f"CT.{uid}.dcm").write_bytes(b"too deep")


def huge_file(folder: Path, sent: Sent, size: int = 8 << 30) -> None:
    """A file of 8 GiB, of which nothing is on the disk, named after an instance."""
    with (folder / f"CT.{sent.sop_instance_uid}.dcm").open("wb") as file:
        file.truncate(size)
