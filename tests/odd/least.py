"""The least that stores: an SCP from scratch that shares no line with the suite or the embedded PACS."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from tests.odd.registry import odd_scp

_LOOPBACK: Final = "127.0.0.1"
_IMPLICIT: Final = b"1.2.840.10008.1.2"
_VERIFICATION: Final = b"1.2.840.10008.1.1"
_STORAGE: Final = b"1.2.840.10008.5.1.4.1.1."
_APPLICATION_CONTEXT: Final = b"1.2.840.10008.3.1.1.1"
_RQ, _AC, _RJ, _DATA, _RELEASE_RQ, _RELEASE_RP, _ABORT = range(1, 8)
_LIMIT_BYTES: Final = 32_768


class _OverError(Exception):
    """The connection is over, or is to be."""


def _items(data: bytes) -> list[tuple[int, bytes]]:
    found = []
    while data:
        kind, _, length = struct.unpack_from(">BBH", data)
        if len(data) < 4 + length:
            raise ValueError("item")
        found.append((kind, data[4 : 4 + length]))
        data = data[4 + length :]
    return found


def _item(kind: int, body: bytes) -> bytes:
    return struct.pack(">BBH", kind, 0, len(body)) + body


def _command(data: bytes) -> dict[int, bytes]:
    found = {}
    while data:
        group, element, length = struct.unpack_from("<HHI", data)
        if group or len(data) < 8 + length:
            raise ValueError("command")
        found[element] = data[8 : 8 + length]
        data = data[8 + length :]
    return found


def _element(number: int, value: bytes) -> bytes:
    return struct.pack("<HHI", 0, number, len(value)) + value


def _us(command: dict[int, bytes], number: int) -> int:
    return int(struct.unpack("<H", command[number])[0])


def _uids_in(data: bytes) -> dict[int, bytes]:
    """SOP Class and Instance UID of a data set in Implicit VR; broken bytes raise."""
    found = {}
    position = 0
    while position < len(data):
        group, element, length = struct.unpack_from("<HHI", data, position)
        position = _skipped(data, position + 8, length)
        if group == 8 and element in (0x16, 0x18):
            found[element] = data[position - length : position].rstrip(b"\0")
    return found


def _skipped(data: bytes, position: int, length: int) -> int:
    if length != 0xFFFF_FFFF:
        if position + length > len(data):
            raise ValueError("data set")
        return position + length
    while True:
        group, element, inner = struct.unpack_from("<HHI", data, position)
        position += 8
        if (group, element) in ((0xFFFE, 0xE0DD), (0xFFFE, 0xE00D)):
            return position
        position = _skipped(data, position, inner)


class _Conversation:
    """One connection, from its first PDU to its last."""

    def __init__(self, peer: socket.socket, stored: dict[bytes, bytes]) -> None:
        self._peer = peer
        self._stored = stored
        self._contexts: dict[int, bytes] = {}
        self._limit_bytes = 0
        self._command = b""
        self._current: dict[int, bytes] | None = None
        self._data = bytearray()
        self._context = 0

    def run(self) -> None:
        kind, body = self._pdu()
        if kind == _RQ:
            self._associate(body)
            while self._peer.fileno() >= 0:
                self._next()
        elif kind != _ABORT:
            self._abort(2)

    def _next(self) -> None:
        kind, body = self._pdu()
        if kind == _RELEASE_RQ:
            self._peer.sendall(struct.pack(">BBII", _RELEASE_RP, 0, 4, 0))
            self._wait_for_the_end()
        elif kind == _ABORT:
            raise _OverError
        elif kind != _DATA:
            self._abort(2 if kind in range(1, 8) else 1)
        else:
            try:
                self._values(body)
            except (ValueError, KeyError, struct.error):
                self._abort(6)

    def _values(self, body: bytes) -> None:
        while body:
            length, context, control = struct.unpack_from(">IBB", body)
            if length < 2 or len(body) < 4 + length or context not in self._contexts:
                raise ValueError("presentation data value")
            self._value(context, control, body[6 : 4 + length])
            body = body[4 + length :]

    def _value(self, context: int, control: int, fragment: bytes) -> None:
        begun = bool(self._command) or self._current is not None
        if bool(control & 1) != (self._current is None) or (begun and context != self._context):
            raise ValueError("interleaved")
        self._context = context
        if control & 1:
            self._command += fragment
        else:
            self._data += fragment
        if not control & 2:
            return
        if control & 1:
            self._current, self._command = _command(self._command), b""
            if _us(self._current, 0x0800) != 0x0101:
                return
        assert self._current is not None
        command, data, self._current, self._data = self._current, bytes(self._data), None, bytearray()
        self._message(command, data)

    def _message(self, command: dict[int, bytes], data: bytes) -> None:
        field = _us(command, 0x0100)
        if field == 0x0FFF or field & 0x8000:
            return
        answer = _element(0x0100, struct.pack("<H", field | 0x8000))
        answer += _element(0x0120, struct.pack("<H", _us(command, 0x0110)))
        answer += _element(0x0800, struct.pack("<H", 0x0101))
        answer += _element(0x0900, struct.pack("<H", self._status(field, command, data)))
        self._send(_element(0, struct.pack("<I", len(answer))) + answer)

    def _status(self, field: int, command: dict[int, bytes], data: bytes) -> int:
        abstract = self._contexts[self._context]
        if (field, abstract == _VERIFICATION) not in ((0x0030, True), (0x0001, False)):
            return 0x0211
        if field == 0x0030:
            return 0x0000
        wanted = {0x16: command.get(2, b"").rstrip(b"\0"), 0x18: command.get(0x1000, b"").rstrip(b"\0")}
        if wanted[0x16] != abstract:
            return 0x0122
        try:
            found = _uids_in(data)
        except (ValueError, struct.error, RecursionError):
            return 0xC123
        if not wanted[0x18] or found != wanted:
            return 0xA9FF
        self._stored[wanted[0x18]] = data
        return 0x0000

    def _associate(self, body: bytes) -> None:
        version, _, called, calling = struct.unpack_from(">HH16s16s", body)
        try:
            items = _items(body[68:])
            results = [self._result(item) for kind, item in items if kind == 0x20]
            sub_items = [sub for kind, item in items if kind == 0x50 for sub in _items(item)]
        except (ValueError, struct.error):
            self._reject(2, 1)
        if not version & 1:
            self._reject(2, 2)
        if [item for kind, item in items if kind == 0x10] != [_APPLICATION_CONTEXT]:
            self._reject(1, 2)
        if not called.strip() or not calling.strip():
            self._reject(1, 7)
        ids = [result[4] for result in results]
        if not results or len(set(ids)) != len(ids) or any(i % 2 == 0 for i in ids):
            self._reject(2, 1)
        self._limit_bytes = next((int.from_bytes(b, "big") for kind, b in sub_items if kind == 0x51), 0)
        user = _item(0x51, struct.pack(">I", _LIMIT_BYTES)) + _item(0x52, b"1.2.3.4.5")
        answer = (
            struct.pack(">HH", 1, 0)
            + body[4:68]
            + _item(0x10, _APPLICATION_CONTEXT)
            + b"".join(results)
            + _item(0x50, user)
        )
        self._peer.sendall(struct.pack(">BBI", _AC, 0, len(answer)) + answer)

    def _result(self, item: bytes) -> bytes:
        parts = _items(item[4:])
        abstract = next((body for kind, body in parts if kind == 0x30), b"")
        known = abstract == _VERIFICATION or abstract.startswith(_STORAGE)
        result = 3 if not known else 0 if (0x40, _IMPLICIT) in parts else 4
        if result == 0:
            self._contexts[item[0]] = abstract
        return _item(0x21, bytes((item[0], 0, result, 0)) + _item(0x40, _IMPLICIT))

    def _send(self, command: bytes) -> None:
        size = min((self._limit_bytes or _LIMIT_BYTES) - 6, 64) & ~1
        for start in range(0, len(command), size):
            piece = command[start : start + size]
            last = 2 if start + size >= len(command) else 0
            head = struct.pack(">BBIIBB", _DATA, 0, len(piece) + 6, len(piece) + 2, self._context, 1 | last)
            self._peer.sendall(head + piece)

    def _reject(self, source: int, reason: int) -> None:
        self._peer.sendall(struct.pack(">BBIBBBB", _RJ, 0, 4, 0, 1, source, reason))
        self._wait_for_the_end()

    def _abort(self, reason: int) -> None:
        self._peer.sendall(struct.pack(">BBIBBBB", _ABORT, 0, 4, 0, 0, 2, reason))
        self._wait_for_the_end()

    def _wait_for_the_end(self) -> None:
        self._peer.settimeout(2.0)
        while self._peer.recv(65_536):
            pass
        raise _OverError

    def _pdu(self) -> tuple[int, bytes]:
        kind, _, length = struct.unpack(">BBI", self._exactly(6))
        if kind not in range(1, 8):
            self._abort(1)
        if kind == _DATA and length > _LIMIT_BYTES:
            self._abort(6)
        if kind > _DATA and length != 4:
            if kind == _ABORT:
                raise _OverError
            self._abort(6)
        return kind, self._exactly(min(length, 1 << 20))

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            chunk = self._peer.recv(count - len(data))
            if not chunk:
                raise _OverError
            data += chunk
        return data


@odd_scp("the-least-that-stores", clause="PS3.4 B.2: no more than storage", options=("--pacs-readback=none",))
class TheLeastThatStores:
    """An SCP from scratch: storage in Implicit VR only, one association at a time, responses of four elements."""

    ae_title = "LEAST"

    def __init__(self, port: int) -> None:
        self._wanted = port
        self._over = threading.Event()
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._stored: dict[bytes, bytes] = {}
        self.address = ("", 0)

    def __enter__(self) -> Self:
        self._listener = socket.create_server((_LOOPBACK, self._wanted), backlog=64)
        host, port = self._listener.getsockname()[:2]
        self.address = (str(host), int(port))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        if self._thread is not None:
            self._thread.join(5.0)

    def _listen(self) -> None:
        assert self._listener is not None
        while not self._over.is_set():
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            with peer, suppress(OSError, _OverError):
                peer.settimeout(20.0)
                _Conversation(peer, self._stored).run()
