"""Oddities of the A-ASSOCIATE-AC: user information, maximum length, titles."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.negotiation import (
    CALLING_AE_TITLE_NOT_RECOGNIZED,
    Roles,
    ae_title,
)
from conformance.target.embedded.settings import Settings
from conformance.wire.items import ContextResult, Item, ItemType, decode_items, user_information_item
from conformance.wire.pdu import Associate, AssociateRJ
from tests.odd.registry import odd

_IDENTITY_TYPES: Final = range(1, 6)
_UNKNOWN_SUB_ITEM: Final = Item(item_type=0x5F, body=b"of a later edition")
_LONG_UID: Final = b"2.25." + b"1234567890" * 5 + b"123456789"


class _ChangesUserItems(Behaviour):
    """Changes the sub-items of the user information."""

    def associate_ac(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles], settings: Settings
    ) -> Associate:
        accept = super().associate_ac(request, results, roles, settings)
        *others, user = accept.items
        sub_items = self.change(decode_items(user.body, base=0), request)
        return replace(accept, items=(*others, user_information_item(sub_items)))

    def change(self, sub_items: tuple[Item, ...], request: Associate) -> Iterable[Item]:
        """The sub-items that are sent instead."""
        raise NotImplementedError


@odd("user-items-in-reverse", clause="PS3.8 9.3.3.3")
class UserItemsInReverse(_ChangesUserItems):
    """The sub-items of the user information come in the reverse of the usual order."""

    def change(self, sub_items: tuple[Item, ...], request: Associate) -> Iterable[Item]:
        return reversed(sub_items)


@odd("unknown-user-item", clause="PS3.8 9.3.1")
class UnknownUserItem(_ChangesUserItems):
    """The user information has a sub-item of a type that no edition knows yet."""

    def change(self, sub_items: tuple[Item, ...], request: Associate) -> Iterable[Item]:
        return (*sub_items, _UNKNOWN_SUB_ITEM)


@odd("no-version-name", clause="PS3.7 D.3.3.2.4")
class NoVersionName(_ChangesUserItems):
    """There is no implementation version name."""

    def change(self, sub_items: tuple[Item, ...], request: Associate) -> Iterable[Item]:
        return (item for item in sub_items if item.item_type != ItemType.IMPLEMENTATION_VERSION_NAME)


@odd("long-implementation-names", clause="PS3.7 D.3.3.2, PS3.5 9.1", settings=Settings(ae_title="A PACS of 16 chr"))
class LongImplementationNames(_ChangesUserItems):
    """Implementation class UID of 64 characters, version name and AE title of 16."""

    def change(self, sub_items: tuple[Item, ...], request: Associate) -> Iterable[Item]:
        bodies = {
            ItemType.IMPLEMENTATION_CLASS_UID: _LONG_UID,
            ItemType.IMPLEMENTATION_VERSION_NAME: b"a/version 1.2_x ",
        }
        return (replace(item, body=bodies.get(ItemType(item.item_type), item.body)) for item in sub_items)


@odd("identity-is-answered", clause="PS3.7 D.3.3.7.2")
class IdentityIsAnswered(_ChangesUserItems):
    """A user identity of which a positive response was requested gets one, with or without a ticket."""

    def change(self, sub_items: tuple[Item, ...], request: Associate) -> Iterable[Item]:
        items = (item for item in request.user_items if item.item_type == ItemType.USER_IDENTITY_RQ)
        asked = [item for item in items if item.body[1:2] == b"\1" and item.body[0] in _IDENTITY_TYPES]
        answer = Item(item_type=ItemType.USER_IDENTITY_AC, body=struct.pack(">H", 0))
        return (*sub_items, answer) if asked else sub_items


@odd("grants-no-roles", clause="PS3.7 D.3.3.4: without a role selection in the answer the default roles hold")
class GrantsNoRoles(Behaviour):
    """Role selection is not answered, so that nobody can be the SCP of what a C-GET sends."""

    def granted_roles(self, request: Associate) -> dict[str, Roles]:
        return {}


@odd("window-of-one-is-said", clause="PS3.7 D.3.3.3")
class WindowOfOneIsSaid(_ChangesUserItems):
    """A window that was proposed is answered with 1/1 in so many words."""

    def change(self, sub_items: tuple[Item, ...], request: Associate) -> Iterable[Item]:
        if request.asynchronous_operations_window is None:
            return sub_items
        answer = Item(item_type=ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW, body=struct.pack(">HH", 1, 1))
        return (*sub_items, answer)


@odd("maximum-length-256", clause="PS3.8 D.1", settings=Settings(max_pdu_bytes=256))
class MaximumLength256(Behaviour):
    """A maximum length of 256 bytes is announced."""


@odd("maximum-length-4096", clause="PS3.8 D.1", settings=Settings(max_pdu_bytes=4096))
class MaximumLength4096(Behaviour):
    """A maximum length of 4096 bytes is announced."""


@odd("maximum-length-odd", clause="PS3.8 D.1", settings=Settings(max_pdu_bytes=16_383))
class MaximumLengthOdd(Behaviour):
    """A maximum length of an odd number of bytes is announced."""


@odd("maximum-length-unlimited", clause="PS3.8 D.1", settings=Settings(max_pdu_bytes=0))
class MaximumLengthUnlimited(Behaviour):
    """No limit is announced."""


@odd("maximum-length-greatest", clause="PS3.8 D.1", settings=Settings(max_pdu_bytes=0xFFFF_FFFF))
class MaximumLengthGreatest(Behaviour):
    """The greatest number that the field holds is announced."""


@odd(
    "validates-called-title", clause="PS3.8 Table 9-21", settings=Settings(called_ae_required=True, ae_title="Odd_Pacs")
)
class ValidatesCalledTitle(Behaviour):
    """A request with another called AE title is rejected, 1/1/7; the title is in mixed case."""


@odd("validates-calling-title", clause="PS3.8 Table 9-21")
class ValidatesCallingTitle(Behaviour):
    """A request of another caller than those that are configured is rejected, 1/1/3."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        rejection = super().user_rejection(request, settings)
        if rejection is None and ae_title(request.calling_ae_title) != "CONFORMANCE":
            return CALLING_AE_TITLE_NOT_RECOGNIZED
        return rejection
