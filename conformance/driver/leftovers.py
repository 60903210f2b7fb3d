"""What pynetdicom leaves running when a Ctrl-C comes while it associates: a thread that keeps the interpreter alive."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from pynetdicom.association import Association
from pynetdicom.dul import DULServiceProvider


def end(association: Association) -> None:
    """End the thread of an association's upper layer, and close the connection, without a word to the target."""
    association.dul.kill_dul()
    connection = association.dul.socket
    if connection is not None and connection.socket is not None:
        with suppress(OSError):
            connection.socket.shutdown(socket.SHUT_RDWR)
        connection.socket.close()


def end_all() -> None:
    """End every association that was requested in this process, established or only begun."""
    for thread in threading.enumerate():
        if isinstance(thread, DULServiceProvider) and thread.assoc.is_requestor:
            end(thread.assoc)
