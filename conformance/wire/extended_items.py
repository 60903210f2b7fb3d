"""Sub-items of the user information that hold several UIDs, and ones that do not add up (PS3.7 D.3.3)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from conformance.wire.items import Item, ItemType, uid_bytes


def common_extended_negotiation_item(
    sop_class_uid: str,
    *,
    service_class_uid: str,
    related_general: Sequence[str] = (),
    version: int = 0,
    trailing: bytes = b"",
) -> Item:
    """Sub-item 57H (PS3.7 Table D.3-12).

    Args:
        sop_class_uid: The SOP class that it is about.
        service_class_uid: The service class of it; may be empty.
        related_general: Related general SOP classes.
        version: Sub-item-version, in the byte that is reserved in other items.
        trailing: Bytes after the last field that this version defines.
    """
    related = b"".join(_with_length(uid_bytes(uid)) for uid in related_general)
    body = (
        _with_length(uid_bytes(sop_class_uid)),
        _with_length(uid_bytes(service_class_uid)),
        _with_length(related),
        trailing,
    )
    return Item(item_type=ItemType.SOP_CLASS_COMMON_EXTENDED_NEGOTIATION, reserved=version, body=b"".join(body))


def role_selection_with_length(sop_class_uid: str, uid_length: int, *, scu: int, scp: int) -> Item:
    """Sub-item 54H whose UID-length field says something else than its UID has."""
    body = struct.pack(">H", uid_length) + uid_bytes(sop_class_uid) + bytes((scu, scp))
    return Item(item_type=ItemType.ROLE_SELECTION, body=body)


def user_identity_with_lengths(
    identity_type: int, primary: bytes, *, primary_length: int, secondary_length: int
) -> Item:
    """Sub-item 58H whose length fields say something else than its fields have; the secondary field is empty."""
    body = struct.pack(">BBH", identity_type, 0, primary_length) + primary + struct.pack(">H", secondary_length)
    return Item(item_type=ItemType.USER_IDENTITY_RQ, body=body)


def _with_length(data: bytes) -> bytes:
    return struct.pack(">H", len(data)) + data
