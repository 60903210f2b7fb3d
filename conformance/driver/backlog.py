"""How much of what was sent the peer has not taken in yet, where the system tells."""

from __future__ import annotations

import socket
from array import array

try:
    import fcntl
    import termios
except ImportError:  # not on Windows
    _ASK = None
else:
    _ASK = (fcntl.ioctl, termios.TIOCOUTQ)


def not_taken_bytes(sock: socket.socket) -> int:
    """Bytes that wait in our kernel for the peer's acknowledgement; 0 where the system does not tell."""
    if _ASK is None:
        return 0
    ioctl, request = _ASK
    waiting = array("i", [0])
    try:
        ioctl(sock, request, waiting)
    except OSError:
        return 0
    return waiting[0]
