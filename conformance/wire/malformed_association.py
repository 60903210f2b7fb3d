"""A-ASSOCIATE-RQ PDUs made malformed on purpose: named functions over a good request (PS3.8 9.3.2, Annex D)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace

from conformance.wire import items
from conformance.wire.items import Item, ItemType, decode_items
from conformance.wire.pdu import Associate

RequestEdit = Callable[[Associate], Associate]
ItemsEdit = Callable[[tuple[Item, ...]], tuple[Item, ...]]

_CONTEXT_FIXED_BYTES = 4


# The request as a whole


def with_item_length(path: tuple[int, ...], length: int) -> Callable[[Associate], bytes]:
    """Another length field of an item, the PDU's bytes and PDU-length otherwise as they were.

    Args:
        path: The type of an item, or of an item and of a sub-item in it; the first of its type is meant.
        length: What its two-byte length field says.
    """

    def apply(request: Associate) -> bytes:
        pdu = bytearray(request.encode())
        offset = item_offset(request, path)
        pdu[offset + 2 : offset + 4] = struct.pack(">H", length)
        return bytes(pdu)

    return apply


def with_item_longer(path: tuple[int, ...], by_bytes: int) -> Callable[[Associate], bytes]:
    """A length field that says so many bytes more than the item has; fewer, when negative. See `with_item_length`."""

    def apply(request: Associate) -> bytes:
        pdu = request.encode()
        (length,) = struct.unpack_from(">H", pdu, item_offset(request, path) + 2)
        return with_item_length(path, max(0, min(length + by_bytes, 0xFFFF)))(request)

    return apply


def item_offset(request: Associate, path: tuple[int, ...]) -> int:
    """Where the first item of a type begins in the encoded request, or the first sub-item in it.

    Raises:
        LookupError: There is none.
    """
    pdu = request.encode()
    begin, end = 74, len(pdu)
    found: Item | None = None
    for item_type in path:
        found = next((i for i in decode_items(pdu[begin:end], base=begin) if i.item_type == item_type), None)
        if found is None:
            raise LookupError(f"no item {item_type:02X}H in the request")
        nested = _CONTEXT_FIXED_BYTES if item_type == ItemType.PRESENTATION_CONTEXT_RQ else 0
        begin, end = found.offset + 4 + nested, found.offset + 4 + len(found.body)
    if found is None:
        raise LookupError("an empty path names no item")
    return found.offset


def with_trailing_bytes(count: int) -> Callable[[Associate], bytes]:
    """So many zero bytes behind the last item, inside PDU-length; fewer than an item's header has (PS3.8 9.3.2)."""

    def apply(request: Associate) -> bytes:
        pdu = request.encode()
        return pdu[:2] + struct.pack(">I", len(pdu) - 6 + count) + pdu[6:] + bytes(count)

    return apply


# Items


def without_item(item_type: int) -> RequestEdit:
    """The request without items of a type."""
    return _items(lambda found: tuple(i for i in found if i.item_type != item_type))


def with_item_twice(item_type: int) -> RequestEdit:
    """The request with the first item of a type twice."""

    def edit(found: tuple[Item, ...]) -> tuple[Item, ...]:
        at = next(n for n, i in enumerate(found) if i.item_type == item_type)
        return (*found[: at + 1], *found[at:])

    return _items(edit)


def with_items_reversed() -> RequestEdit:
    """The request with its items in descending order of their types (PS3.8 9.3.1 has them ascend)."""
    return _items(lambda found: tuple(sorted(found, key=lambda i: -i.item_type)))


def with_empty_item(item_type: int) -> RequestEdit:
    """The request with the body of every item of a type taken out."""
    return _items(lambda found: tuple(replace(i, body=b"") if i.item_type == item_type else i for i in found))


# Presentation contexts


def with_contexts(*contexts: Item) -> RequestEdit:
    """The request with other presentation context items."""

    def edit(found: tuple[Item, ...]) -> tuple[Item, ...]:
        own = ItemType.PRESENTATION_CONTEXT_RQ
        before = tuple(i for i in found if i.item_type < own)
        return (*before, *contexts, *(i for i in found if i.item_type > own))

    return _items(edit)


def context_item(context_id: int, abstract_syntaxes: tuple[bytes, ...], transfer_syntaxes: tuple[bytes, ...]) -> Item:
    """A presentation context item with any sub-items, well formed or not (PS3.8 Table 9-13).

    Args:
        context_id: 0 to 255.
        abstract_syntaxes: One is legal.
        transfer_syntaxes: One or more are legal.
    """
    subs = [Item(item_type=ItemType.ABSTRACT_SYNTAX, body=uid).encode() for uid in abstract_syntaxes]
    subs += [Item(item_type=ItemType.TRANSFER_SYNTAX, body=uid).encode() for uid in transfer_syntaxes]
    return Item(item_type=ItemType.PRESENTATION_CONTEXT_RQ, body=struct.pack(">B3x", context_id) + b"".join(subs))


# User information


def without_sub_item(item_type: int) -> RequestEdit:
    """The request without user information sub-items of a type."""
    return _user_items(lambda found: tuple(i for i in found if i.item_type != item_type))


def with_sub_item(*replacements: Item) -> RequestEdit:
    """The request with these sub-items in place of those of the first one's type."""

    def edit(found: tuple[Item, ...]) -> tuple[Item, ...]:
        return (*(i for i in found if i.item_type != replacements[0].item_type), *replacements)

    return _user_items(edit)


def _items(change: ItemsEdit) -> RequestEdit:
    return lambda request: replace(request, items=change(request.items))


def _user_items(change: ItemsEdit) -> RequestEdit:
    def edit(request: Associate) -> Associate:
        others = tuple(i for i in request.items if i.item_type != ItemType.USER_INFORMATION)
        return replace(request, items=(*others, items.user_information_item(change(request.user_items))))

    return edit
