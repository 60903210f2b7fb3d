"""Private elements: several creators in a group, one creator in several groups, blocks in items."""

from __future__ import annotations

from typing import Final

from conformance.instances.hard.case import Case
from conformance.instances.hard.raw import Raw, RawInstance, block, instance_with, sequence, text
from conformance.instances.identity import Identity

_FIRST: Final = "PACS CONFORMANCE FIRST"
_SECOND: Final = "PACS CONFORMANCE SECOND"
_THIRD: Final = "PACS CONFORMANCE THIRD"
_REQUEST_ATTRIBUTES: Final = 0x00400275


def _several_creators(identity: Identity) -> RawInstance:
    """Three creators in one group, at blocks that do not follow each other, with the same element numbers."""
    elements = (
        *block(0x0011, 0x10, _FIRST, text(0x01, "LO", b"first"), Raw(tag=0x02, vr="US", value=b"\x01\0")),
        *block(0x0011, 0x11, _SECOND, text(0x01, "LO", b"second"), Raw(tag=0x02, vr="UN", value=b"\x02\0")),
        *block(0x0011, 0xFF, _THIRD, text(0x01, "LO", b"third"), text(0xFF, "SH", b"last")),
    )
    return instance_with(identity, "private blocks of several creators in a group", elements)


def _several_groups(identity: Identity) -> RawInstance:
    """One creator in four groups, at another block in each."""
    elements = [
        element
        for number, group in enumerate((0x0009, 0x0019, 0x0029, 0x7FE1))
        for element in block(group, 0x10 + number, _FIRST, text(0x01, "LO", f"group {group:04X}".encode()))
    ]
    return instance_with(identity, "private blocks of one creator in several groups", elements)


def _nested(identity: Identity) -> RawInstance:
    """Blocks inside items, public and private: each item reserves its own (PS3.5 7.8.1)."""
    inner = block(0x0011, 0x12, _SECOND, text(0x01, "LO", b"inside"), text(0x02, "DS", b"1.50"))
    first = (text(0x00401001, "SH", b"RP1"), *block(0x0019, 0x10, _FIRST, sequence(0x10, inner, undefined=True)))
    second = (text(0x00401001, "SH", b"RP2"), *block(0x0019, 0x20, _FIRST, text(0x01, "LO", b"of the second item")))
    elements = (
        sequence(_REQUEST_ATTRIBUTES, first, second),
        *block(0x0011, 0x10, _FIRST, sequence(0x20, inner, inner), sequence(0x21), sequence(0x22, ())),
    )
    return instance_with(identity, "private blocks in items", elements)


def _creators_alone(identity: Identity) -> RawInstance:
    """A creator that reserves a block and has no element in it, and one whose elements are all empty."""
    elements = (
        *block(0x0011, 0x10, _FIRST),
        *block(0x0011, 0x11, _SECOND, Raw(tag=0x01, vr="LO", value=b""), Raw(tag=0x02, vr="OB", value=b"")),
    )
    return instance_with(identity, "private creators without elements", elements)


BLOCKS: Final = (
    Case(name="several creators in a group", requirement="ENC-14", make=_several_creators),
    Case(name="one creator in several groups", requirement="ENC-14", make=_several_groups),
    Case(name="private blocks in items", requirement="ENC-14", make=_nested),
    Case(name="private creators without elements", requirement="ENC-14", make=_creators_alone),
)
"""Instances with private elements."""
