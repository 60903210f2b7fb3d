"""A peer that says exactly what a test wants, over `conformance.wire`, every wait with a deadline."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from conformance.standard.sop_classes import VERIFICATION
from conformance.wire.command import CommandSet
from conformance.wire.fragments import MessageAssembler, message_bytes
from conformance.wire.framing import PduFramer
from conformance.wire.items import (
    Item,
    ProposedContext,
    application_context_item,
    implementation_class_uid_item,
    maximum_length_item,
    proposed_context_item,
    user_information_item,
)
from conformance.wire.pdu import (
    AbortPdu,
    Associate,
    PDataTF,
    Pdu,
    PduType,
    ReleaseRP,
    ReleaseRQ,
    ae_title_field,
    decode_pdu,
)

CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEADLINE_S = 5.0
QUIET_S = 0.08
"""How long nothing must come for it to count as silence."""

CT_IMPLICIT = ProposedContext(context_id=1, abstract_syntax=CT, transfer_syntaxes=(IMPLICIT,))
ECHO = ProposedContext(context_id=3, abstract_syntax=VERIFICATION, transfer_syntaxes=(IMPLICIT,))


class Closed:
    """The peer closed the connection."""


class Silence:
    """Nothing came."""


Seen = Pdu | Closed | Silence


class RawPeer:
    """A connection to the PACS."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.sock = socket.create_connection(address, timeout=DEADLINE_S)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._framer = PduFramer()
        self._assembler = MessageAssembler()
        self.pdus: list[bytes] = []

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def see(self, timeout_s: float = DEADLINE_S) -> Seen:
        """The next PDU, or what came instead."""
        end_s = time.monotonic() + timeout_s
        while True:
            framed = self._framer.next_pdu()
            if framed is not None:
                self.pdus.append(framed.data)
                return decode_pdu(framed.data)
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                return Silence()
            self.sock.settimeout(left_s)
            try:
                data = self.sock.recv(1 << 16)
            except TimeoutError:
                return Silence()
            except ConnectionError:
                return Closed()
            if not data:
                return Closed()
            self._framer.feed(data)

    def see_message(self, timeout_s: float = DEADLINE_S) -> tuple[CommandSet, bytes | None]:
        """The next whole DIMSE message."""
        while True:
            pdu = self.see(timeout_s)
            assert isinstance(pdu, PDataTF), pdu
            for pdv in pdu.pdvs:
                message = self._assembler.feed(pdv)
                if message is not None:
                    return message.command, message.data_set

    def associate(self, *contexts: ProposedContext, max_pdu_bytes: int = 16384, user: Sequence[Item] = ()) -> Associate:
        self.send(request(*contexts, max_pdu_bytes=max_pdu_bytes, user=user).encode())
        answer = self.see()
        assert isinstance(answer, Associate), answer
        assert answer.pdu_type is PduType.A_ASSOCIATE_AC
        return answer

    def call(
        self, command: CommandSet, data_set: bytes | None = None, *, context_id: int = 1
    ) -> tuple[CommandSet, bytes | None]:
        """Send a message and wait for the next."""
        self.send(message_bytes(command, data_set, context_id=context_id, max_pdu_bytes=16384))
        return self.see_message()

    def release(self) -> None:
        self.send(ReleaseRQ().encode())
        assert isinstance(self.see(), ReleaseRP)


@contextmanager
def peer(address: tuple[str, int]) -> Iterator[RawPeer]:
    connected = RawPeer(address)
    try:
        yield connected
    finally:
        connected.sock.close()


def request(
    *contexts: ProposedContext,
    called: str = "EMBEDDED",
    calling: str = "TESTER",
    max_pdu_bytes: int = 16384,
    user: Sequence[Item] = (),
) -> Associate:
    """A well-formed A-ASSOCIATE-RQ."""
    return Associate(
        pdu_type=PduType.A_ASSOCIATE_RQ,
        called_ae_title=ae_title_field(called),
        calling_ae_title=ae_title_field(calling),
        items=(
            application_context_item(),
            *(proposed_context_item(context) for context in contexts or (CT_IMPLICIT, ECHO)),
            user_information_item((maximum_length_item(max_pdu_bytes), implementation_class_uid_item("1.2.3"), *user)),
        ),
    )


def is_abort(seen: Seen, source: int, *reasons: int) -> bool:
    return isinstance(seen, AbortPdu) and seen.source == source and seen.reason in reasons
