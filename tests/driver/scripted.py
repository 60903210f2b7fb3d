"""A server whose every move is written down in a test."""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from conformance.driver.endpoint import Endpoint
from conformance.observation.transcript import EventKind, Transcript
from conformance.wire import items
from conformance.wire.command import CommandSet, decode_command_set
from conformance.wire.framing import PduFramer
from conformance.wire.items import ContextResult
from conformance.wire.pdu import HEADER_BYTES, Associate, PDataTF, Pdu, PduType, decode_pdu

Script = Callable[[socket.socket], None]
DEADLINE_S = 10.0


@contextmanager
def scripted(script: Script, *, timeout_s: float = 2.0, buffer_bytes: int | None = None) -> Iterator[Endpoint]:
    """An endpoint at which each connection is served by the script, one after the other.

    Args:
        script: Serves a connection.
        timeout_s: Of the endpoint, in seconds.
        buffer_bytes: How much the kernel takes in for the script; as much as it likes by default.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    if buffer_bytes is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
    listener.settimeout(0.05)
    over = threading.Event()
    faults: list[BaseException] = []

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            connection.settimeout(DEADLINE_S)
            with connection:
                try:
                    script(connection)
                except (OSError, EOFError):
                    continue
                except BaseException as fault:
                    faults.append(fault)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Endpoint(
            host="127.0.0.1",
            port=listener.getsockname()[1],
            called_ae_title="SCRIPTED",
            calling_ae_title="TESTER",
            timeout_s=timeout_s,
            connect_timeout_s=2.0,
        )
    finally:
        over.set()
        thread.join(DEADLINE_S)
        listener.close()
    assert not faults, faults


def read(connection: socket.socket, size: int) -> bytes:
    """Exactly so many bytes."""
    data = b""
    while len(data) < size:
        chunk = connection.recv(size - len(data))
        if not chunk:
            raise EOFError
        data += chunk
    return data


def rest(connection: socket.socket, seconds: float = DEADLINE_S) -> None:
    """Read nothing until the other end has closed, for so long at most."""
    ended = select.poll()
    ended.register(connection, select.POLLRDHUP)
    ended.poll(seconds * 1000)


def read_pdu(connection: socket.socket) -> Pdu:
    """The next PDU."""
    head = read(connection, HEADER_BYTES)
    return decode_pdu(head + read(connection, struct.unpack(">I", head[2:])[0]))


def read_command(connection: socket.socket) -> CommandSet:
    """The command set of the next P-DATA-TF; it must be whole in it."""
    pdu = read_pdu(connection)
    assert isinstance(pdu, PDataTF)
    return decode_command_set(bytes(pdu.pdvs[0].fragment))


def read_data_set(connection: socket.socket) -> bytes:
    """The data set that follows."""
    data = bytearray()
    while True:
        pdu = read_pdu(connection)
        assert isinstance(pdu, PDataTF)
        for pdv in pdu.pdvs:
            data += pdv.fragment
            if pdv.is_last:
                return bytes(data)


def accept(connection: socket.socket, *, max_pdu_bytes: int = 16384) -> Associate:
    """Answer an association request by accepting all of it; the request."""
    request = read_pdu(connection)
    assert isinstance(request, Associate)
    results = (
        ContextResult(context_id=c.context_id, result=0, transfer_syntaxes=c.transfer_syntaxes[:1])
        for c in request.proposed_contexts
    )
    user = (items.maximum_length_item(max_pdu_bytes), items.implementation_class_uid_item("1.2.3.4"))
    answer = Associate(
        pdu_type=PduType.A_ASSOCIATE_AC,
        called_ae_title=request.called_ae_title,
        calling_ae_title=request.calling_ae_title,
        items=(
            items.application_context_item(),
            *(items.context_result_item(r) for r in results),
            items.user_information_item(user),
        ),
    )
    connection.sendall(answer.encode())
    return request


def sent_pdus(transcript: Transcript) -> list[Pdu]:
    """The PDUs that we have sent, all of their bytes."""
    framer = PduFramer()
    framer.feed(transcript.bytes_of(EventKind.SENT))
    found = []
    while (framed := framer.next_pdu()) is not None:
        found.append(decode_pdu(framed.data))
    assert not framer.pending_bytes
    return found


def wait_for_close(connection: socket.socket) -> None:
    """Read until the other side closes."""
    while connection.recv(65536):
        pass


def reset(connection: socket.socket) -> None:
    """Close with an RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
