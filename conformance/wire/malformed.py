"""PDUs made malformed on purpose: named functions over the bytes of a good PDU, for every PDU type.

What is special to association requests and to P-DATA-TF stands in `malformed_association` and `malformed_pdata`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from conformance.wire.items import ItemType
from conformance.wire.pdu import HEADER_BYTES, PduType, UnknownPdu

Fault = Callable[[bytes], bytes]
"""From a good PDU to a malformed one."""

LONGEST_LENGTH: Final = 0xFFFF_FFFF
"""4 GiB less one byte: what a PDU-length field can say at most (PS3.8 9.3.1)."""

_NESTED_FROM: Final = {ItemType.PRESENTATION_CONTEXT_RQ: 4, ItemType.PRESENTATION_CONTEXT_AC: 4}
"""Where in the body of an item its sub-items begin; those of 50H begin at once."""
_FIXED_PART_BYTES: Final = 74
"""PS3.8 Table 9-11: header and fixed part in front of the items."""


def with_length(pdu: bytes, length: int) -> bytes:
    """The PDU with another PDU-length, the bytes that follow as they were (PS3.8 9.3.1)."""
    return pdu[:2] + struct.pack(">I", length) + pdu[HEADER_BYTES:]


def cut_to_length(pdu: bytes, length: int) -> bytes:
    """The PDU with so many bytes behind its header, and a PDU-length that says so."""
    return with_length(pdu, length)[: HEADER_BYTES + length]


def filled_to_length(pdu: bytes, length: int) -> bytes:
    """The PDU with zeros behind it up to so many bytes, and a PDU-length that says so."""
    return with_length(pdu, length).ljust(HEADER_BYTES + length, b"\0")


def of_type(pdu_type: int) -> bytes:
    """A PDU of any type with four zero bytes behind its header (PS3.8 9.3.1)."""
    return UnknownPdu(pdu_type=pdu_type, body=bytes(4)).encode()


def truncated(pdu: bytes, kept_bytes: int) -> bytes:
    """The first bytes of the PDU, its header as it was."""
    return pdu[:kept_bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """Where one field of a PDU ends and the next one begins.

    Args:
        offset: In bytes from the start of the PDU.
        behind: The field in front of it, in the standard's words.
    """

    offset: int
    behind: str


def field_borders(pdu: bytes) -> tuple[Border, ...]:
    """Every field boundary inside a good PDU, in ascending order; the PDU's own end is none (PS3.8 9.3.2 to 9.3.8)."""
    found = [(1, "PDU-type"), (2, "reserved byte"), (6, "PDU-length")]
    match pdu[0]:
        case PduType.A_ASSOCIATE_RQ | PduType.A_ASSOCIATE_AC:
            fixed = ((8, "Protocol-version"), (10, "reserved bytes 9-10"), (26, "Called-AE-title"))
            found += [*fixed, (42, "Calling-AE-title"), (74, "reserved bytes 43-74")]
            found += _item_borders(pdu, _FIXED_PART_BYTES, len(pdu))
        case PduType.P_DATA_TF:
            found += _pdv_borders(pdu)
        case _:
            found += [(offset, f"byte {offset}") for offset in range(7, len(pdu))]
    return tuple(Border(offset=offset, behind=words) for offset, words in found if offset < len(pdu))


def _item_borders(pdu: bytes, begin: int, end: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    while begin < end:
        item_type, _, length = struct.unpack_from(">BBH", pdu, begin)
        name = f"item {item_type:02X}H"
        found += [(begin + 1, f"type of {name}"), (begin + 2, f"reserved byte of {name}")]
        found.append((begin + 4, f"length of {name}"))
        nested = _NESTED_FROM.get(item_type, 0 if item_type == ItemType.USER_INFORMATION else None)
        if nested is not None:
            if nested:
                found.append((begin + 4 + nested, f"fixed part of {name}"))
            found += _item_borders(pdu, begin + 4 + nested, begin + 4 + length)
        else:
            found.append((begin + 4 + length, name))
        begin += 4 + length
    return found


def _pdv_borders(pdu: bytes) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    begin = HEADER_BYTES
    while begin < len(pdu):
        (length,) = struct.unpack_from(">I", pdu, begin)
        found += [
            (begin + 4, "PDV item length"),
            (begin + 5, "presentation context ID"),
            (begin + 6, "message control header"),
            (begin + 4 + length, "PDV"),
        ]
        begin += 4 + length
    return found


def http_request() -> bytes:
    """What a browser says to a port that it takes for a web server's (RFC 9112)."""
    return b"GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n\r\n"


def ssh_banner() -> bytes:
    """What an SSH client says first (RFC 4253, 4.2)."""
    return b"SSH-2.0-OpenSSH_9.2p1\r\n"


def tls_client_hello(seed: int) -> bytes:
    """A TLS 1.2 ClientHello with two cipher suites and no extension (RFC 5246, 7.4.1.2)."""
    suites = struct.pack(">HHH", 4, 0xC02F, 0x009E)
    body = struct.pack(">H", 0x0303) + Random(seed).randbytes(32) + b"\0" + suites + b"\x01\x00"  # noqa: S311
    handshake = b"\x01" + struct.pack(">I", len(body))[1:] + body
    return struct.pack(">BHH", 0x16, 0x0301, len(handshake)) + handshake


def random_bytes(seed: int, length: int) -> bytes:
    """Bytes without a meaning, the same for the same seed."""
    return Random(seed).randbytes(length)  # noqa: S311
