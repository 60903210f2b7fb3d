"""Edits of an association request before it is encoded: one field is other than a well-behaved SCU has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.driver.peer import AssociateEdit
from conformance.wire import items
from conformance.wire.items import Item
from conformance.wire.pdu import Associate


def with_called_ae_title(field: bytes) -> AssociateEdit:
    """An edit that sets the 16 bytes of the called AE title."""
    return lambda request: replace(request, called_ae_title=field)


def with_calling_ae_title(field: bytes) -> AssociateEdit:
    """An edit that sets the 16 bytes of the calling AE title."""
    return lambda request: replace(request, calling_ae_title=field)


def with_items(change: Callable[[tuple[Item, ...]], tuple[Item, ...]]) -> AssociateEdit:
    """An edit of the variable items of the request."""
    return lambda request: replace(request, items=change(request.items))


def with_user_items(change: Callable[[tuple[Item, ...]], tuple[Item, ...]]) -> AssociateEdit:
    """An edit of the sub-items of the request's user information."""

    def edit(request: Associate) -> Associate:
        others = tuple(i for i in request.items if i.item_type != items.ItemType.USER_INFORMATION)
        return replace(request, items=(*others, items.user_information_item(change(request.user_items))))

    return edit


def with_protocol_version(version: int) -> AssociateEdit:
    """An edit that sets the protocol version."""
    return lambda request: replace(request, protocol_version=version)


def with_application_context(uid: str) -> AssociateEdit:
    """An edit that sets the application context name."""
    return with_items(
        lambda found: tuple(
            items.application_context_item(uid) if i.item_type == items.ItemType.APPLICATION_CONTEXT else i
            for i in found
        )
    )
