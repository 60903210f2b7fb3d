"""Oddities of the bytes on their way: a relay in front of the embedded PACS cuts and joins what TCP carries."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from conformance.target.embedded.server import EmbeddedPacs
from tests.odd.registry import odd_scp
from tests.relay import RECEIVE_BYTES, Relay

_DELAY_S: Final = 0.02
_TRICKLED_BYTES: Final = 2048


class _InPieces(Relay):
    """A PACS behind a relay that gives what it sends to the peer in pieces."""

    def __init__(self, port: int, give: Callable[[socket.socket, bytes], None]) -> None:
        super().__init__(EmbeddedPacs(), lambda: (partial(_all, socket.socket.sendall), partial(_all, give)), port=port)


def _all(give: Callable[[socket.socket, bytes], None], source: socket.socket, sink: socket.socket) -> None:
    while data := source.recv(RECEIVE_BYTES):
        give(sink, data)


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
class OneByteASegment(_InPieces):
    """Every byte that the PACS sends comes in a TCP segment of its own."""

    def __init__(self, port: int) -> None:
        super().__init__(port, _trickle)


@odd_scp("pdus-in-two-halves", clause="PS3.8 9.1: TCP is a stream of bytes")
class PdusInTwoHalves(_InPieces):
    """What the PACS sends comes in two halves, 20 ms apart, wherever the middle is."""

    def __init__(self, port: int) -> None:
        super().__init__(port, _late)
