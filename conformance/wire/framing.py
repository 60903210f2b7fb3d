"""A TCP byte stream cut into PDUs, whatever the segments (PS3.8 9.1.3, 9.3.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from conformance.wire.errors import WireError
from conformance.wire.pdu import HEADER_BYTES, pdu_name

DEFAULT_LIMIT_BYTES: Final = 64 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class FramedPdu:
    """One PDU as it came: its bytes, and where in the stream it began."""

    data: bytes
    stream_offset: int


class PduFramer:
    """Collects bytes and gives back whole PDUs.

    Memory is bounded by what has been received, never by what a length field claims.

    Args:
        limit_bytes: Largest PDU-length that is waited for.
    """

    def __init__(self, *, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self._buffer = bytearray()
        self._consumed = 0
        self._limit_bytes = limit_bytes

    @property
    def pending(self) -> bytes:
        """The bytes of a PDU that is not complete yet."""
        return bytes(self._buffer)

    @property
    def pending_bytes(self) -> int:
        """How many bytes of an incomplete PDU are held."""
        return len(self._buffer)

    @property
    def consumed_bytes(self) -> int:
        """How many bytes of the stream have been given back as PDUs."""
        return self._consumed

    def feed(self, data: bytes) -> None:
        """Take in the next bytes of the stream."""
        self._buffer += data

    def next_pdu(self) -> FramedPdu | None:
        """The next whole PDU, or None while it is incomplete.

        Raises:
            WireError: The header claims more than the limit.
        """
        if len(self._buffer) < HEADER_BYTES:
            return None
        pdu_type, _, length = struct.unpack_from(">BBI", self._buffer)
        if length > self._limit_bytes:
            raise WireError(
                f"{pdu_name(pdu_type)} claims {length} bytes; the limit here is {self._limit_bytes}",
                offset=self._consumed + 2,
                clause="PS3.8 9.3.1",
            )
        end = HEADER_BYTES + length
        if len(self._buffer) < end:
            return None
        framed = FramedPdu(data=bytes(memoryview(self._buffer)[:end]), stream_offset=self._consumed)
        del self._buffer[:end]
        self._consumed += end
        return framed
