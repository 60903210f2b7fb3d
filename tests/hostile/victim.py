"""What a hostile peer sees of the suite on one connection, and the means that it has against it."""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from conformance.wire.command import CommandSet
from conformance.wire.fragments import message_bytes
from conformance.wire.items import (
    ContextResult,
    Item,
    application_context_item,
    context_result_item,
    implementation_class_uid_item,
    implementation_version_name_item,
    maximum_length_item,
    user_information_item,
)
from conformance.wire.messages import response
from conformance.wire.pdu import Associate, PduType

MAX_PDU_BYTES = 16384


@dataclass(slots=True, kw_only=True)
class Victim:
    """A connection of the suite at the moment at which the peer turns.

    Args:
        sock: The connection; closed by the front when the act is over and the suite has gone.
        over: Set when the test is over; an act that goes on for ever ends then.
        timeout_s: How long the suite waits for an answer.
        request: The association request, once it has come.
        command: The command set of the message that has come last.
        context_id: Its presentation context.
    """

    sock: socket.socket
    over: threading.Event
    timeout_s: float
    request: Associate | None = None
    command: CommandSet | None = None
    context_id: int = 1
    _gone: bool = field(default=False)

    @property
    def gone(self) -> bool:
        """Whether the suite has left, or the test is over."""
        return self._gone or self.over.is_set()

    def send(self, data: bytes) -> None:
        """Send bytes for as long as the suite takes them."""
        view = memoryview(data)
        while view and not self.gone:
            try:
                view = view[self.sock.send(view) :]
            except TimeoutError:
                continue
            except OSError:
                self._gone = True

    def flood(self, data: bytes) -> None:
        """Send the same bytes again and again until the suite has left."""
        while not self.gone:
            self.send(data)

    def trickle(self, data: bytes, *, every_s: float) -> None:
        """Send bytes one by one, and the last ones never."""
        for position in range(len(data)):
            if self.gone or self.over.wait(every_s):
                return
            self.send(data[position : position + 1])

    def wait(self) -> None:
        """Read what comes, and say nothing, until the suite has left."""
        while not self.gone:
            self.take_in()

    def take_in(self) -> bytes:
        """What has come within a moment."""
        readable, _, _ = select.select([self.sock], [], [], 0.05)
        if not readable:
            return b""
        try:
            data = self.sock.recv(1 << 16)
        except OSError:
            data = b""
        self._gone |= not data
        return data

    def close(self) -> None:
        """Close with a FIN."""
        self._gone = True
        self.sock.close()

    def reset(self) -> None:
        """Close with an RST."""
        self._gone = True
        with suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    # What a hostile peer says that looks like DICOM

    def accept(
        self,
        *,
        version_name: bytes = b"HOSTILE",
        class_uid: bytes = b"1.2.3",
        edit: Callable[[tuple[Item, ...]], tuple[Item, ...]] = lambda found: found,
        called: bytes | None = None,
    ) -> bytes:
        """An A-ASSOCIATE-AC that accepts everything."""
        request = self.request
        assert request is not None
        results = [
            ContextResult(context_id=c.context_id, result=0, transfer_syntaxes=c.transfer_syntaxes[:1])
            for c in request.proposed_contexts
        ]
        user = (
            maximum_length_item(MAX_PDU_BYTES),
            replace(implementation_class_uid_item("1"), body=class_uid),
            replace(implementation_version_name_item("1"), body=version_name),
        )
        items = (
            application_context_item(),
            *(context_result_item(result) for result in results),
            user_information_item(user),
        )
        return Associate(
            pdu_type=PduType.A_ASSOCIATE_AC,
            called_ae_title=called or request.called_ae_title,
            calling_ae_title=request.calling_ae_title,
            items=edit(items),
        ).encode()

    def answer(
        self, status: int = 0, data_set: bytes | None = None, *, extra: Mapping[int, bytes] | None = None
    ) -> bytes:
        """A response to the message that has come last."""
        assert self.command is not None
        made = response(self.command, status=status, data_set=data_set is not None, extra=extra)
        return self.message(made, data_set)

    def message(self, command: CommandSet, data_set: bytes | None = None, *, context_id: int | None = None) -> bytes:
        """A message on the context of the one that has come last."""
        return message_bytes(command, data_set, context_id=context_id or self.context_id, max_pdu_bytes=MAX_PDU_BYTES)

    def seconds(self, every_s: float) -> Iterator[None]:
        """Once each so many seconds, until the suite has left."""
        while not self.gone:
            began_s = time.monotonic()
            while time.monotonic() - began_s < every_s and not self.gone:
                self.take_in()
            yield
