"""Secrets taken out of what is kept: user identity fields in PDUs, user information in URLs.

The length of everything stays, so that offsets and length fields still agree.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from typing import Final

from conformance.observation.transcript import EventKind, WireEvent
from conformance.wire.items import ItemType
from conformance.wire.pdu import HEADER_BYTES, PduType

MASK: Final = b"*"
Span = tuple[int, int]
"""First byte and the byte after the last."""

_FIXED_PART_BYTES: Final = 74  # PS3.8 Table 9-11
_LONGEST_ASSOCIATE_BYTES: Final = 1 << 20
_URL_USER: Final = re.compile(r"(?<=://)[^/?#@\s]+@")


def secret_spans(pdu: bytes) -> list[Span]:
    """Where an association PDU carries user identity fields or the answer to them (PS3.7 Tables D.3-14, D.3-15).

    In a PDU whose items do not divide as they should, whatever looks like a user identity sub-item counts as one.
    """
    if len(pdu) < _FIXED_PART_BYTES or pdu[0] not in (PduType.A_ASSOCIATE_RQ, PduType.A_ASSOCIATE_AC):
        return []
    spans: list[Span] = []
    whole = True
    for item_type, start, end in _items(pdu, _FIXED_PART_BYTES, len(pdu)):
        if item_type == ItemType.USER_INFORMATION:
            for sub_type, sub_start, sub_end in _items(pdu, start, end):
                if sub_type in (ItemType.USER_IDENTITY_RQ, ItemType.USER_IDENTITY_AC):
                    spans += _identity_fields(pdu, sub_type, sub_start, min(sub_end, len(pdu)))
                whole = whole and sub_end <= end
        whole = whole and end <= len(pdu)
    return spans if whole else spans + list(_lookalikes(pdu))


def redacted(data: bytes, spans: Iterable[Span]) -> bytes:
    """The bytes with every span masked."""
    changed = bytearray(data)
    for start, end in spans:
        stop = min(end, len(changed))
        if start < stop:
            changed[start:stop] = MASK * (stop - start)
    return bytes(changed)


def stream_secret_spans(events: Iterable[WireEvent], kind: EventKind) -> list[Span]:
    """The secret spans of everything sent, or everything received, on one connection, as offsets in that stream.

    Looks at association PDUs only where one begins at the start of the stream or right behind another PDU, and at
    the first MiB of each.
    """
    spans: list[Span] = []
    buffer = bytearray()
    offset = 0
    skip = 0
    for event in events:
        if event.kind is not kind:
            continue
        data = memoryview(event.data)
        while data:
            passed = min(skip, len(data))
            skip -= passed
            offset += passed
            data = data[passed:]
            taken = min(_wanted_bytes(buffer) - len(buffer), len(data))
            buffer += data[:taken]
            data = data[taken:]
            if len(buffer) < HEADER_BYTES or len(buffer) < _wanted_bytes(buffer):
                continue
            spans += [(start + offset, end + offset) for start, end in secret_spans(bytes(buffer))]
            offset += len(buffer)
            skip = HEADER_BYTES + _length(buffer) - len(buffer)
            buffer.clear()
    # An association PDU that never became complete may still carry the fields.
    return spans + [(start + offset, end + offset) for start, end in secret_spans(bytes(buffer))]


def without_url_users(text: str) -> str:
    """A text in which `user:password@` behind `://` is replaced by `***@`."""
    return _URL_USER.sub("***@", text)


def _wanted_bytes(buffer: bytearray) -> int:
    if len(buffer) < HEADER_BYTES:
        return HEADER_BYTES
    if buffer[0] not in (PduType.A_ASSOCIATE_RQ, PduType.A_ASSOCIATE_AC):
        return HEADER_BYTES
    return HEADER_BYTES + min(_length(buffer), _LONGEST_ASSOCIATE_BYTES)


def _length(buffer: bytearray) -> int:
    return int(struct.unpack_from(">I", buffer, 2)[0])


def _items(pdu: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Type, first and behind-last byte of each item's body; the last may claim more than there is."""
    position = start
    end = min(end, len(pdu))
    while position + 4 <= end:
        item_type, _, length = struct.unpack_from(">BBH", pdu, position)
        yield item_type, position + 4, position + 4 + length
        position += 4 + length


def _identity_fields(pdu: bytes, item_type: int, start: int, end: int) -> list[Span]:
    end = max(start, min(end, len(pdu)))
    if item_type == ItemType.USER_IDENTITY_AC:
        return [(min(start + 2, end), end)]
    # Type and response byte stay; the field lengths go with the fields where they do not fit (Table D.3-14).
    if end - start < 4:
        return [(start, end)]
    (primary,) = struct.unpack_from(">H", pdu, start + 2)
    behind = start + 4 + primary
    if behind + 2 > end:
        return [(start + 4, end)]
    return [(start + 4, behind), (behind + 2, end)]


def _lookalikes(pdu: bytes) -> Iterator[Span]:
    """Every place that reads as sub-item 58H with an identity type of 1 to 5 and a primary field that fits."""
    position = pdu.find(b"\x58\x00", _FIXED_PART_BYTES)
    while position >= 0:
        if position + 8 <= len(pdu) and 1 <= pdu[position + 4] <= 5 and pdu[position + 5] <= 1:
            yield position + 8, min(position + 4 + struct.unpack_from(">H", pdu, position + 2)[0], len(pdu))
        position = pdu.find(b"\x58\x00", position + 1)
