"""Peers with markup, terminal escapes, NULs and directions in every string that they may choose."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Final

from conformance.wire.command import Tag
from conformance.wire.items import Item, ItemType
from tests.hostile.registry import INCOMPLETE, NOT_CONFORMANT, NOT_USABLE, Step, hostile
from tests.hostile.victim import Victim

EVIL: Final = b"<img src=x onerror=alert(1)>\x1b[31m\x1b]0;owned\x07\x00'\"&{{7*7}}"
"""Markup, a colour, a window title, a NUL, quotes, a template: nothing of it may come out as it is."""
_STRANGE: Final = b"<b>\x1b[2J\x00\x7f\xe2\x80\xae&\"'="


def _spoiled(items: tuple[Item, ...]) -> tuple[Item, ...]:
    made = []
    for item in items:
        if item.item_type == ItemType.APPLICATION_CONTEXT:
            made.append(replace(item, body=EVIL))
        elif item.item_type == ItemType.PRESENTATION_CONTEXT_AC:
            made.append(replace(item, body=item.body[:4] + struct.pack(">BBH", 0x40, 0, len(EVIL)) + EVIL))
        else:
            made.append(item)
    return tuple(made)


@hostile("evil names at once", Step.REQUEST, exits=(NOT_USABLE,), honest=0)
@hostile("evil names in an A-ASSOCIATE-AC", Step.REQUEST, exits=(NOT_CONFORMANT,))
def names(victim: Victim) -> None:
    """Accepts under evil AE titles, implementation names and class UIDs."""
    victim.send(victim.accept(version_name=EVIL, class_uid=EVIL, called=_STRANGE[:16].ljust(16)))


@hostile("evil UIDs in an A-ASSOCIATE-AC", Step.REQUEST, exits=(NOT_CONFORMANT,))
def uids(victim: Victim) -> None:
    """Accepts evil transfer syntaxes in an evil application context."""
    victim.send(victim.accept(edit=_spoiled))


@hostile("an evil error comment", Step.DATA, exits=(NOT_CONFORMANT, INCOMPLETE))
def comment(victim: Victim) -> None:
    """Refuses with an evil error comment, and evil SOP UIDs."""
    extra: dict[int, bytes] = {Tag.ERROR_COMMENT: EVIL + b" " * (len(EVIL) % 2), Tag.AFFECTED_SOP_INSTANCE_UID: EVIL}
    victim.send(victim.answer(0xA700, extra=extra))


@hostile("evil matches", Step.QUERY, exits=(NOT_CONFORMANT,))
def matches(victim: Victim) -> None:
    """Answers a query with evil values of every attribute asked for."""
    value = EVIL + b" " * (len(EVIL) % 2)
    data = b"".join(
        struct.pack("<HH2sH", group, element, vr, len(value)) + value
        for group, element, vr in (
            (0x0008, 0x0018, b"UI"),
            (0x0008, 0x0052, b"CS"),
            (0x0010, 0x0010, b"PN"),
            (0x0010, 0x0020, b"LO"),
            (0x0020, 0x000D, b"UI"),
            (0x0020, 0x000E, b"UI"),
        )
    )
    victim.send(victim.answer(0xFF00, data) + victim.answer(0))
