"""Sequences: deep, many, empty, of either kind of length, and unknown to their sender; group lengths and padding."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from conformance.instances.hard.case import Case
from conformance.instances.hard.raw import Raw, RawInstance, RawItem, block, instance_with, sequence, text
from conformance.instances.identity import Identity

DEPTH: Final = 32
_ITEMS: Final = 50
_CONTENT_SEQUENCE: Final = 0x0040A730
_TEXT_VALUE: Final = 0x0040A160
_REQUEST_ATTRIBUTES: Final = 0x00400275
_REQUESTED_PROCEDURE_ID: Final = 0x00401001
_ACQUISITION_CONTEXT: Final = 0x00400555
_TRAILING_PADDING: Final = 0xFFFCFFFC
_CREATOR: Final = "PACS CONFORMANCE SEQUENCES"


def _deep(sequence_undefined: Callable[[int], bool], item_undefined: Callable[[int], bool]) -> Raw:
    """A Content Sequence nested `DEPTH` deep, each level with a text beside the next one."""
    inner: tuple[Raw, ...] = ()
    for level in range(DEPTH, 0, -1):
        words = text(_TEXT_VALUE, "UT", f"level {level}".encode())
        item = RawItem(elements=(words, *inner), undefined_length=item_undefined(level))
        last = RawItem(undefined_length=item_undefined(level + 1))
        inner = (Raw(tag=_CONTENT_SEQUENCE, vr="SQ", items=(item, last), undefined_length=sequence_undefined(level)),)
    return inner[0]


def _nested(label: str, sequences: Callable[[int], bool], items: Callable[[int], bool]) -> Case:
    name = f"nested {DEPTH} deep, {label}"
    return Case(
        name=name,
        requirement="ENC-01",
        make=lambda identity: instance_with(identity, name, [_deep(sequences, items)]),
    )


def _many_items(identity: Identity) -> RawInstance:
    """Fifty items whose order nothing but their place tells."""
    numbers = [n * 37 % _ITEMS for n in range(_ITEMS)]
    items = [(text(_REQUESTED_PROCEDURE_ID, "SH", f"RP{n}".encode()),) for n in numbers]
    return instance_with(identity, "a sequence of 50 items", [sequence(_REQUEST_ATTRIBUTES, *items)])


def _empty(identity: Identity) -> RawInstance:
    """Sequences without items, and items without elements, of defined and undefined length."""
    elements = (
        sequence(_ACQUISITION_CONTEXT),
        *block(
            0x0011,
            0x10,
            _CREATOR,
            sequence(0x01),
            sequence(0x02, undefined=True),
            sequence(0x03, (), ()),
            sequence(0x04, (), (), items_undefined=True),
            sequence(0x05, (), (), undefined=True, items_undefined=True),
            sequence(0x06, (), (text(_REQUESTED_PROCEDURE_ID, "SH", b"between"),), ()),
        ),
    )
    return instance_with(identity, "empty sequences and empty items", elements)


def _unknown(identity: Identity) -> RawInstance:
    """Sequences under VR UN, of defined and undefined length, with items in Implicit VR (PS3.5 6.2.2)."""
    item = (text(_REQUESTED_PROCEDURE_ID, "SH", b"RP1"), text(_TEXT_VALUE, "UT", b"of VR UN"))
    inner = (*item, sequence(_CONTENT_SEQUENCE, item, undefined=True, items_undefined=True))
    elements = (
        sequence(_REQUEST_ATTRIBUTES, item, item, vr="UN", undefined=True),
        *block(
            0x0011,
            0x10,
            _CREATOR,
            sequence(0x01, inner, vr="UN", undefined=True, items_undefined=True),
            sequence(0x02, item, vr="UN"),
            Raw(tag=0x03, vr="UN", value=bytes(range(16))),
            Raw(tag=0x04, vr="UN"),
        ),
        text(0x0018_9999, "UN", b"a public tag that no dictionary has"),
    )
    return instance_with(identity, "UN, of undefined length too", elements)


def _group_lengths(identity: Identity) -> RawInstance:
    """A group length, the same in both encodings as all VRs of the group are short, and trailing padding."""
    in_group = (text(0x00321032, "PN", b"CONFORMANCE^PHYSICIAN"), text(0x00321060, "LO", b"a procedure"))
    length = sum(len(element.encoded(explicit=True)) for element in in_group)
    elements = (
        Raw(tag=0x0032_0000, vr="UL", value=struct.pack("<I", length)),
        *in_group,
        Raw(tag=_TRAILING_PADDING, vr="OB", value=b"\0" * 126),
    )
    return instance_with(identity, "group lengths and trailing padding", elements)


NESTING: Final = (
    _nested("lengths defined", lambda _: False, lambda _: False),
    _nested("lengths undefined", lambda _: True, lambda _: True),
    _nested("sequences undefined, items defined", lambda _: True, lambda _: False),
    _nested("lengths of every mixture", lambda level: bool(level & 1), lambda level: bool(level & 2)),
    Case(name="50 items in their order", requirement="ENC-02", make=_many_items),
    Case(name="empty sequences and items", requirement="ENC-03", make=_empty),
    Case(name="UN of undefined length", requirement="ENC-10", make=_unknown),
    Case(name="group lengths and trailing padding", requirement="ENC-24", make=_group_lengths),
)
"""Instances with sequences that are hard to read."""
