"""Variable items of the association PDUs and the sub-items inside them (PS3.8 9.3.2, 9.3.3, Annex D; PS3.7 D.3.3).

An item is its type, its reserved byte and its body: a malformed association is made by changing items, so nothing
here corrects what it is given.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from conformance.wire.errors import WireError

DICOM_APPLICATION_CONTEXT: Final = "1.2.840.10008.3.1.1.1"  # PS3.7 A.2.1


class ItemType(IntEnum):
    """Item and sub-item types (PS3.8 Tables 9-12 to 9-20, D.1-1; PS3.7 D.3-1 to D.3-15)."""

    APPLICATION_CONTEXT = 0x10
    PRESENTATION_CONTEXT_RQ = 0x20
    PRESENTATION_CONTEXT_AC = 0x21
    ABSTRACT_SYNTAX = 0x30
    TRANSFER_SYNTAX = 0x40
    USER_INFORMATION = 0x50
    MAXIMUM_LENGTH = 0x51
    IMPLEMENTATION_CLASS_UID = 0x52
    ASYNCHRONOUS_OPERATIONS_WINDOW = 0x53
    ROLE_SELECTION = 0x54
    IMPLEMENTATION_VERSION_NAME = 0x55
    SOP_CLASS_EXTENDED_NEGOTIATION = 0x56
    SOP_CLASS_COMMON_EXTENDED_NEGOTIATION = 0x57
    USER_IDENTITY_RQ = 0x58
    USER_IDENTITY_AC = 0x59


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item or sub-item: type, reserved byte, two-byte length, body."""

    item_type: int
    body: bytes
    reserved: int = 0
    offset: int = field(default=-1, compare=False)
    """Where it began in the PDU it was decoded from; -1 for an item that we made."""

    def encode(self) -> bytes:
        """The item's bytes, its length field counting the body.

        Raises:
            ValueError: The body does not fit the two-byte length field.
        """
        if len(self.body) > 0xFFFF:
            raise ValueError(f"item {self.item_type:02X}H has a body of {len(self.body)} bytes; the limit is 65535")
        return struct.pack(">BBH", self.item_type, self.reserved, len(self.body)) + self.body


def decode_items(data: bytes, *, base: int, clause: str = "PS3.8 9.3.2") -> tuple[Item, ...]:
    """The items that follow each other in `data`.

    Args:
        data: The variable field of a PDU or the body of an item.
        base: Offset of `data` in its PDU, in bytes.
        clause: Cited when the bytes do not divide into items.

    Raises:
        WireError: A header is cut, or a length runs past the end.
    """
    items: list[Item] = []
    position = 0
    while position < len(data):
        if position + 4 > len(data):
            raise WireError(
                f"{len(data) - position} bytes left where an item header of 4 should stand",
                offset=base + position,
                clause=clause,
            )
        item_type, reserved, length = struct.unpack_from(">BBH", data, position)
        end = position + 4 + length
        if end > len(data):
            raise WireError(
                f"item {item_type:02X}H says {length} bytes, {len(data) - position - 4} are left",
                offset=base + position,
                clause=clause,
            )
        items.append(
            Item(item_type=item_type, reserved=reserved, body=data[position + 4 : end], offset=base + position)
        )
        position = end
    return tuple(items)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedContext:
    """A presentation context as a requestor proposes it (PS3.8 Table 9-13)."""

    context_id: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextResult:
    """A presentation context as an acceptor answers it (PS3.8 Table 9-18)."""

    context_id: int
    result: int
    transfer_syntaxes: tuple[str, ...]
    """Every transfer syntax sub-item found, bytes as Latin-1, padding kept; exactly one is legal."""
    abstract_syntaxes: tuple[str, ...] = ()
    """Every abstract syntax sub-item found; none is legal in an A-ASSOCIATE-AC."""
    reserved: tuple[int, int, int] = (0, 0, 0)
    """Item byte 2, body bytes 2 and 4."""
    offset: int = field(default=-1, compare=False)

    @property
    def accepted(self) -> bool:
        """Whether the result is 0, acceptance."""
        return self.result == 0

    @property
    def transfer_syntax(self) -> str | None:
        """The first transfer syntax named, or None."""
        return self.transfer_syntaxes[0] if self.transfer_syntaxes else None


def uid_bytes(uid: str) -> bytes:
    """A UID as it stands in a PDU: no padding (PS3.8 Annex F.1)."""
    return uid.encode("latin-1")


def application_context_item(uid: str = DICOM_APPLICATION_CONTEXT) -> Item:
    """Item 10H (PS3.8 Table 9-12)."""
    return Item(item_type=ItemType.APPLICATION_CONTEXT, body=uid_bytes(uid))


def proposed_context_item(context: ProposedContext) -> Item:
    """Item 20H with its sub-items 30H and 40H (PS3.8 Tables 9-13, 9-14, 9-15)."""
    parts = [Item(item_type=ItemType.ABSTRACT_SYNTAX, body=uid_bytes(context.abstract_syntax)).encode()]
    parts += [
        Item(item_type=ItemType.TRANSFER_SYNTAX, body=uid_bytes(uid)).encode() for uid in context.transfer_syntaxes
    ]
    return Item(
        item_type=ItemType.PRESENTATION_CONTEXT_RQ,
        body=struct.pack(">B3x", context.context_id) + b"".join(parts),
    )


def context_result_item(result: ContextResult) -> Item:
    """Item 21H with its sub-item 40H (PS3.8 Tables 9-18, 9-19)."""
    parts = [Item(item_type=ItemType.TRANSFER_SYNTAX, body=uid_bytes(uid)).encode() for uid in result.transfer_syntaxes]
    return Item(
        item_type=ItemType.PRESENTATION_CONTEXT_AC,
        body=struct.pack(">BxBx", result.context_id, result.result) + b"".join(parts),
    )


def user_information_item(sub_items: Iterable[Item]) -> Item:
    """Item 50H around its sub-items (PS3.8 Table 9-16)."""
    return Item(item_type=ItemType.USER_INFORMATION, body=b"".join(item.encode() for item in sub_items))


def maximum_length_item(max_pdu_bytes: int) -> Item:
    """Sub-item 51H (PS3.8 Table D.1-1); 0 means no limit."""
    return Item(item_type=ItemType.MAXIMUM_LENGTH, body=struct.pack(">I", max_pdu_bytes))


def implementation_class_uid_item(uid: str) -> Item:
    """Sub-item 52H (PS3.7 Table D.3-1)."""
    return Item(item_type=ItemType.IMPLEMENTATION_CLASS_UID, body=uid_bytes(uid))


def implementation_version_name_item(name: str) -> Item:
    """Sub-item 55H (PS3.7 Table D.3-3); 1 to 16 characters."""
    return Item(item_type=ItemType.IMPLEMENTATION_VERSION_NAME, body=name.encode("latin-1"))


def asynchronous_operations_window_item(invoked: int, performed: int) -> Item:
    """Sub-item 53H (PS3.7 Table D.3-7); 0 means unlimited."""
    return Item(item_type=ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW, body=struct.pack(">HH", invoked, performed))


def role_selection_item(sop_class_uid: str, *, scu: int, scp: int) -> Item:
    """Sub-item 54H (PS3.7 Table D.3-9)."""
    uid = uid_bytes(sop_class_uid)
    return Item(item_type=ItemType.ROLE_SELECTION, body=struct.pack(">H", len(uid)) + uid + bytes((scu, scp)))


def sop_class_extended_negotiation_item(sop_class_uid: str, application_information: bytes) -> Item:
    """Sub-item 56H (PS3.7 Table D.3-11)."""
    uid = uid_bytes(sop_class_uid)
    return Item(
        item_type=ItemType.SOP_CLASS_EXTENDED_NEGOTIATION,
        body=struct.pack(">H", len(uid)) + uid + application_information,
    )


def user_identity_item(
    identity_type: int, *, primary: bytes, secondary: bytes = b"", response_requested: bool = False
) -> Item:
    """Sub-item 58H (PS3.7 Table D.3-14)."""
    head = struct.pack(">BBH", identity_type, int(response_requested), len(primary))
    return Item(
        item_type=ItemType.USER_IDENTITY_RQ,
        body=head + primary + struct.pack(">H", len(secondary)) + secondary,
    )


def decode_proposed_context(item: Item) -> ProposedContext:
    """Item 20H as a value.

    Raises:
        WireError: The fixed part is cut or a sub-item overruns.
    """
    context_id, _, subs = _context_parts(item, clause="PS3.8 Table 9-13")
    abstract = next((s.body for s in subs if s.item_type == ItemType.ABSTRACT_SYNTAX), b"")
    transfers = tuple(s.body.decode("latin-1") for s in subs if s.item_type == ItemType.TRANSFER_SYNTAX)
    return ProposedContext(
        context_id=context_id, abstract_syntax=abstract.decode("latin-1"), transfer_syntaxes=transfers
    )


def decode_context_result(item: Item) -> ContextResult:
    """Item 21H as a value.

    Raises:
        WireError: The fixed part is cut or a sub-item overruns.
    """
    context_id, fixed, subs = _context_parts(item, clause="PS3.8 Table 9-18")
    return ContextResult(
        context_id=context_id,
        result=fixed[2],
        transfer_syntaxes=tuple(s.body.decode("latin-1") for s in subs if s.item_type == ItemType.TRANSFER_SYNTAX),
        abstract_syntaxes=tuple(s.body.decode("latin-1") for s in subs if s.item_type == ItemType.ABSTRACT_SYNTAX),
        reserved=(item.reserved, fixed[1], fixed[3]),
        offset=item.offset,
    )


def _context_parts(item: Item, *, clause: str) -> tuple[int, bytes, tuple[Item, ...]]:
    if len(item.body) < 4:
        raise WireError(
            f"presentation context item of {len(item.body)} bytes; its fixed part has 4",
            offset=item.offset,
            clause=clause,
        )
    fixed = item.body[:4]
    return fixed[0], fixed, decode_items(item.body[4:], base=item.offset + 8, clause=clause)
