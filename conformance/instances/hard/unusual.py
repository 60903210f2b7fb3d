"""Data sets that hold more than they may, or what no reader knows, beside an instance that any reader can make out."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from conformance.instances.hard.raw import Raw, RawInstance, block, instance_with, text
from conformance.instances.identity import Identity

_CREATOR: Final = "PACS CONFORMANCE UNUSUAL"
_CONTENT_SEQUENCE: Final = 0x0040A730
_TEXT_VALUE: Final = 0x0040A160
_REQUEST_ATTRIBUTES: Final = 0x00400275
_ITEM: Final = 0xFFFEE000
_ITEM_DELIMITER: Final = 0xFFFEE00D
_SEQUENCE_DELIMITER: Final = 0xFFFEE0DD


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusual:
    """An instance, and elements that stand beside it in the same data set.

    Attributes:
        meant: the instance without those elements: what nobody may harm.
        beside: elements that a receiver may keep, drop or refuse.
    """

    meant: RawInstance
    beside: tuple[Raw, ...]

    def encoded(self, transfer_syntax_uid: str) -> bytes:
        """Both together, in ascending order of their tags."""
        together = tuple(sorted((*self.meant.elements, *self.beside), key=lambda element: element.tag))
        whole = RawInstance(dataset=self.meant.dataset, label=self.meant.label, elements=together)
        return whole.encoded(transfer_syntax_uid)

    @property
    def paths(self) -> frozenset[str]:
        """Where the elements beside the instance stand, as in a difference."""
        return frozenset(f"({e.tag >> 16:04X},{e.tag & 0xFFFF:04X})" for e in self.beside)


def unknown_vr(identity: Identity) -> Unusual:
    """A private element of a VR that no edition has; its length stands in four bytes (PS3.5 6.2 note, 7.1.2)."""
    neighbours = block(0x0011, 0x10, _CREATOR, text(0x01, "LO", b"before it"), Raw(tag=0x03, vr="US", value=b"\x03\0"))
    meant = instance_with(identity, "beside a VR that no edition has", neighbours)
    # Read with a length of two bytes, the value would begin as the element that is said to follow.
    trap = text(0x0011_1002, "LO", b"not an element").encoded(explicit=True)
    return Unusual(meant=meant, beside=(Raw(tag=0x0011_1002, vr="ZZ", value=trap),))


def wrong_group_lengths(identity: Identity) -> Unusual:
    """Group lengths that are too short and too long (PS3.5 7.2): nobody needs them to read the groups."""
    meant = instance_with(identity, "beside wrong group lengths", ())
    lengths = ((0x0008, 4), (0x0010, 0x7FFF_FFF0), (0x0020, 0), (0x0028, 0xFFFF_FFFE))
    beside = tuple(Raw(tag=group << 16, vr="UL", value=struct.pack("<I", length)) for group, length in lengths)
    return Unusual(meant=meant, beside=beside)


def without_creator(identity: Identity) -> Unusual:
    """Private elements that nobody has reserved, below a block that somebody has (PS3.5 7.8.1)."""
    meant = instance_with(
        identity, "beside private elements without a creator", block(0x0009, 0x11, _CREATOR, text(0x01, "LO", b"mine"))
    )
    beside = (text(0x0009_1001, "LO", b"nobody's"), text(0x0009_1002, "SH", b"nobody's either"))
    return Unusual(meant=meant, beside=beside)


def groups_not_used(identity: Identity) -> Unusual:
    """Elements of groups that are not used: 0001, 0003, 0005, 0007 and FFFF (PS3.5 7.8.1)."""
    meant = instance_with(identity, "beside groups that are not used", ())
    groups = (0x0001, 0x0003, 0x0005, 0x0007, 0xFFFF)
    return Unusual(meant=meant, beside=tuple(text(group << 16 | 0x1010, "LO", b"of no group") for group in groups))


def with_one_more(identity: Identity, element: Raw, label: str) -> Unusual:
    """An ordinary instance with one element more."""
    return Unusual(meant=instance_with(identity, label, ()), beside=(element,))


UNUSUAL: Final[Mapping[str, tuple[str, Callable[[Identity], Unusual]]]] = MappingProxyType(
    {
        "a VR that no edition has": ("ENC-11", unknown_vr),
        "wrong group lengths": ("ENC-13", wrong_group_lengths),
        "private elements without a creator": ("ENC-15", without_creator),
        "groups that are not used": ("ENC-15", groups_not_used),
    }
)
"""The requirement and the maker of each, by a name for people."""


def deep(depth: int) -> Raw:
    """Return a sequence in a sequence, so many deep, all of undefined length, in Explicit VR (PS3.5 7.5)."""
    opened = _head(_CONTENT_SEQUENCE, b"SQ\0\0") + _head(_ITEM)
    closed = _end(_ITEM_DELIMITER) + _end(_SEQUENCE_DELIMITER)
    innermost = text(_TEXT_VALUE, "UT", b"the innermost").encoded(explicit=True)
    value = _head(_ITEM) + opened * (depth - 1) + innermost + closed * (depth - 1) + _end(_ITEM_DELIMITER)
    return Raw(tag=_CONTENT_SEQUENCE, vr="SQ", value=value, undefined_length=True)


def many_items(count: int) -> Raw:
    """Return a sequence of so many items without elements."""
    return Raw(tag=_REQUEST_ATTRIBUTES, vr="SQ", value=_end(_ITEM) * count)


def _head(tag: int, between: bytes = b"") -> bytes:
    """A tag with an undefined length, and what stands between them."""
    return struct.pack("<HH", tag >> 16, tag & 0xFFFF) + between + b"\xff\xff\xff\xff"


def _end(tag: int) -> bytes:
    """A tag with a length of zero."""
    return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, 0)
