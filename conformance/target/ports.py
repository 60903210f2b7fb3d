"""Ports for servers that cannot say which one they took."""

import socket
from contextlib import ExitStack


def free_ports(count: int, host: str) -> list[int]:
    """Ports of an address that nobody uses now; all are held until the last is found, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for s in sockets:
            s.bind((host, 0))
        return [int(s.getsockname()[1]) for s in sockets]
