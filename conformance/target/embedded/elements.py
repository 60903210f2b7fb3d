"""Data sets as their elements, values as the bytes they came in: for identifiers, and to change the transfer syntax.

No value is interpreted, so none can change. Inside, numbers are little endian. The data set was walked before, or is
short: what does not fit raises `NotReadable`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from pydicom.datadict import dictionary_VR, private_dictionary_VR

from conformance.target.embedded.walk import (
    ITEM,
    ITEM_DELIMITER,
    SEQUENCE_DELIMITER,
    UNDEFINED,
    Encoding,
    NotReadable,
)

# PS3.5 Table 7.1-1
LONG_FORM: Final = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"])
# PS3.5 6.2: the size of the numbers in a value, which big endian reverses
_NUMBER_BYTES: Final = MappingProxyType(
    {"AT": 2, "SS": 2, "US": 2, "OW": 2}
    | {"FL": 4, "OF": 4, "OL": 4, "SL": 4, "UL": 4}
    | {"FD": 8, "OD": 8, "OV": 8, "SV": 8, "UV": 8}
)
_PIXEL_REPRESENTATION: Final = 0x0028_0103
_PIXEL_DATA: Final = 0x7FE0_0010


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element: bytes, the items of a sequence, or the fragments of encapsulated pixel data, offset table first."""

    vr: str
    value: bytes = b""
    items: tuple[Elements, ...] | None = None
    fragments: tuple[bytes, ...] | None = None


Elements = Mapping[int, Element]


def decode(data: bytes, encoding: Encoding) -> dict[int, Element]:
    """The elements of a data set.

    Raises:
        NotReadable: The bytes are not a data set in this encoding.
    """
    try:
        elements, end = _Reader(data, encoding).elements(0, len(data), explicit=encoding.explicit_vr)
    except (struct.error, IndexError) as error:
        raise NotReadable("data set is cut") from error
    except RecursionError as error:
        raise NotReadable("is nested too deep") from error
    if end != len(data):
        raise NotReadable("data set ends in the middle")
    return elements


def encode(elements: Elements, encoding: Encoding) -> bytes:
    """The data set's bytes, sequences and items with their lengths."""
    signed = _is_signed(elements)
    return b"".join(_encode_element(tag, elements[tag], encoding, signed=signed) for tag in sorted(elements))


def text_element(vr: str, text: str) -> Element:
    """An element of the default repertoire, padded (PS3.5 6.2)."""
    raw = text.encode("latin-1")
    pad = b"\0" if vr == "UI" else b" "
    return Element(vr=vr, value=raw + pad * (len(raw) % 2))


@cache
def dictionary_vr(tag: int) -> str:
    """The VR of a standard tag, or UN; may be one like `US or SS`."""
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"


class _Reader:
    def __init__(self, data: bytes, encoding: Encoding) -> None:
        self._data = data
        self._encoding = encoding
        order = ">" if encoding.big_endian else "<"
        self._tag = struct.Struct(order + "HH")
        self._u16 = struct.Struct(order + "H")
        self._u32 = struct.Struct(order + "I")

    def elements(self, position: int, end: int | None, *, explicit: bool) -> tuple[dict[int, Element], int]:
        """Elements up to `end`, or up to an item delimiter."""
        found: dict[int, Element] = {}
        creators: dict[int, str] = {}
        while end is None or position < end:
            tag = self._tag_at(position)
            if tag == ITEM_DELIMITER and end is None:
                return found, position + 8
            vr, length, position = self._header(tag, position, creators, explicit=explicit)
            element, position = self._value(tag, vr, length, position, explicit=explicit)
            found[tag] = element
            if tag >> 16 & 1 and 0x10 <= tag & 0xFFFF <= 0xFF:
                creators[tag] = element.value.decode("latin-1").rstrip("\0 ")
        return found, position

    def _tag_at(self, position: int) -> int:
        group, element = self._tag.unpack_from(self._data, position)
        return int(group) << 16 | int(element)

    def _u32_at(self, position: int) -> int:
        return int(self._u32.unpack_from(self._data, position)[0])

    def _header(self, tag: int, position: int, creators: Mapping[int, str], *, explicit: bool) -> tuple[str, int, int]:
        if not explicit:
            return _implicit_vr(tag, creators), self._u32_at(position + 4), position + 8
        vr = self._data[position + 4 : position + 6].decode("latin-1")
        if vr in LONG_FORM or is_unknown_vr(vr):
            return vr, self._u32_at(position + 8), position + 12
        return vr, int(self._u16.unpack_from(self._data, position + 6)[0]), position + 8

    def _value(self, tag: int, vr: str, length: int, position: int, *, explicit: bool) -> tuple[Element, int]:
        if tag == _PIXEL_DATA and length == UNDEFINED:
            fragments, position = self._fragments(position)
            return Element(vr="OB", fragments=fragments), position
        if length == UNDEFINED or (vr == "SQ" and explicit):
            # PS3.5 6.2.2: UN of undefined length holds items in Implicit VR
            items, position = self._items(position, length, explicit=explicit and vr != "UN")
            return Element(vr="SQ", items=items), position
        end = position + length
        if vr == "SQ":
            try:
                items, items_end = self._items(position, length, explicit=False)
            except (NotReadable, struct.error):
                items_end = -1
            if items_end == end:
                return Element(vr="SQ", items=items), end
            vr = "UN"  # the dictionary expects a sequence, the value is none
        if end > len(self._data):
            raise NotReadable(f"says {length} bytes, {len(self._data) - position} are left", tag=tag)
        value = self._data[position:end]
        return Element(vr=vr, value=_swapped(value, vr) if self._encoding.big_endian else value), end

    def _items(self, position: int, length: int, *, explicit: bool) -> tuple[tuple[Elements, ...], int]:
        end = None if length == UNDEFINED else position + length
        items: list[Elements] = []
        while end is None or position < end:
            tag, item_length = self._tag_at(position), self._u32_at(position + 4)
            position += 8
            if tag == SEQUENCE_DELIMITER and end is None:
                break
            if tag != ITEM:
                raise NotReadable("stands where an item should", tag=tag)
            item_end = None if item_length == UNDEFINED else position + item_length
            item, position = self.elements(position, item_end, explicit=explicit)
            items.append(item)
        return tuple(items), position

    def _fragments(self, position: int) -> tuple[tuple[bytes, ...], int]:
        fragments: list[bytes] = []
        while (tag := self._tag_at(position)) == ITEM:
            end = position + 8 + self._u32_at(position + 4)
            fragments.append(self._data[position + 8 : end])
            position = end
        if tag != SEQUENCE_DELIMITER:
            raise NotReadable("holds something else than fragments", tag=_PIXEL_DATA)
        return tuple(fragments), position + 8


_KNOWN_VRS: Final = LONG_FORM | frozenset(
    [
        "AE",
        "AS",
        "AT",
        "CS",
        "DA",
        "DS",
        "DT",
        "FD",
        "FL",
        "IS",
        "LO",
        "LT",
        "PN",
        "SH",
        "SL",
        "SS",
        "ST",
        "TM",
        "UI",
        "UL",
        "US",
    ]
)


def is_unknown_vr(vr: str) -> bool:
    """Whether a VR is none of PS3.5 6.2; such an element has the long form."""
    return vr not in _KNOWN_VRS


def _implicit_vr(tag: int, creators: Mapping[int, str]) -> str:
    group, element = tag >> 16, tag & 0xFFFF
    if not group & 1:
        return "UL" if element == 0 else dictionary_vr(tag)
    if 0x10 <= element <= 0xFF:
        return "LO"
    creator = creators.get(group << 16 | element >> 8)
    if creator is None:
        return "UN"
    try:
        return private_dictionary_VR(tag, creator)
    except KeyError:
        return "UN"


def _is_signed(elements: Elements) -> bool:
    representation = elements.get(_PIXEL_REPRESENTATION)
    return representation is not None and representation.value[:1] == b"\1"


def _written_vr(element: Element, *, signed: bool) -> str:
    """One VR where the dictionary leaves a choice (PS3.5 Annex A, notes)."""
    match element.vr:
        case "US or SS":
            vr = "SS" if signed else "US"
        case "US or OW" | "US or SS or OW":
            vr = "OW" if len(element.value) > 2 else "US"
        case "OB or OW":
            vr = "OW"
        case "" | "NONE":
            vr = "UN"
        case _:
            vr = element.vr
    # PS3.5 6.2.2 note 4: a value too long for the short form is written as UN
    return "UN" if vr not in LONG_FORM and len(element.value) > 0xFFFF else vr


def _encode_element(tag: int, element: Element, encoding: Encoding, *, signed: bool) -> bytes:
    order = ">" if encoding.big_endian else "<"
    vr = _written_vr(element, signed=signed)
    length: int | None = None
    if element.items is not None:
        value = b"".join(_encode_item(item, encoding, order, signed=signed) for item in element.items)
    elif element.fragments is not None:
        value, length = _encode_fragments(element.fragments, order), UNDEFINED
    else:
        value = _swapped(element.value, vr) if encoding.big_endian else element.value
    length = len(value) if length is None else length
    head = struct.pack(order + "HH", tag >> 16, tag & 0xFFFF)
    if not encoding.explicit_vr:
        return head + struct.pack(order + "I", length) + value
    if vr in LONG_FORM or is_unknown_vr(vr):
        return head + vr.encode("latin-1") + struct.pack(order + "HI", 0, length) + value
    return head + vr.encode("latin-1") + struct.pack(order + "H", length) + value


def _encode_item(item: Elements, encoding: Encoding, order: str, *, signed: bool) -> bytes:
    body = b"".join(
        _encode_element(tag, item[tag], encoding, signed=signed or _is_signed(item)) for tag in sorted(item)
    )
    return struct.pack(order + "HHI", ITEM >> 16, ITEM & 0xFFFF, len(body)) + body


def _encode_fragments(fragments: Iterable[bytes], order: str) -> bytes:
    parts = [struct.pack(order + "HHI", ITEM >> 16, ITEM & 0xFFFF, len(f)) + f for f in fragments]
    return b"".join(parts) + struct.pack(order + "HHI", SEQUENCE_DELIMITER >> 16, SEQUENCE_DELIMITER & 0xFFFF, 0)


def _swapped(value: bytes, vr: str) -> bytes:
    size = _NUMBER_BYTES.get(vr.split(" ", maxsplit=1)[0], 1)
    if size == 1:
        return value
    swapped = bytearray(value)
    whole = len(value) // size * size
    for offset in range(size):
        swapped[offset:whole:size] = value[size - 1 - offset : whole : size]
    return bytes(swapped)
