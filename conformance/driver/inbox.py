"""Received bytes read as PDUs and messages, the same way for every driver."""

from __future__ import annotations

from collections import deque
from typing import Final

from conformance.observation.outcomes import Aborted, Released, Undecodable, Unexpected
from conformance.wire.errors import WireError
from conformance.wire.fragments import Message, MessageAssembler
from conformance.wire.framing import PduFramer
from conformance.wire.pdu import AbortPdu, PDataTF, Pdu, Pdv, ReleaseRP, decode_pdu

PDU_LIMIT_BYTES: Final = 4 * 2**20
"""The longest PDU that is waited for where a maximum length was announced: many times any that is."""
_SHOWN_BYTES: Final = 4096


class Inbox:
    """What the target has sent and nobody has looked at yet.

    Args:
        limit_bytes: Largest PDU-length that is waited for.
    """

    def __init__(self, *, limit_bytes: int = PDU_LIMIT_BYTES) -> None:
        self._framer = PduFramer(limit_bytes=limit_bytes)
        self._assembler = MessageAssembler()
        self._pdvs: deque[Pdv] = deque()

    @property
    def pending(self) -> bytes:
        """The first bytes of a PDU that is not complete yet."""
        return self._framer.pending[:_SHOWN_BYTES]

    def feed(self, data: bytes) -> None:
        """Take in the next bytes."""
        self._framer.feed(data)

    def next_pdu(self) -> Pdu | Undecodable | None:
        """The next whole PDU, or None while there is none."""
        try:
            framed = self._framer.next_pdu()
        except WireError as error:
            return Undecodable(what=error.what, clause=error.clause, data=self.pending)
        if framed is None:
            return None
        try:
            return decode_pdu(framed.data)
        except WireError as error:
            return Undecodable(what=error.what, clause=error.clause, data=framed.data[:_SHOWN_BYTES])

    def next_message(self) -> Message | Released | Aborted | Undecodable | Unexpected | None:
        """The next whole message, or the PDU that came instead of one; None while there is neither."""
        while True:
            while self._pdvs:
                pdv = self._pdvs.popleft()
                try:
                    message = self._assembler.feed(pdv)
                except WireError as error:
                    return Undecodable(what=error.what, clause=error.clause, data=bytes(pdv.fragment[:_SHOWN_BYTES]))
                if message is not None:
                    return message
            pdu = self.next_pdu()
            match pdu:
                case None | Undecodable():
                    return pdu
                case PDataTF(pdvs=pdvs):
                    self._pdvs += pdvs
                case AbortPdu(source=source, reason=reason):
                    return Aborted(source=source, reason=reason)
                case ReleaseRP():
                    return Released()
                case _:
                    return Unexpected(pdu=pdu)
