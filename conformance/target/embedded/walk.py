"""A walk over an encoded data set: can it be read in its transfer syntax, and what do its top-level elements say?

Nothing is decoded but headers; values are skipped, so that a data set of any size costs little memory. What is looked
at: tags ascend, lengths end inside, sequences and items nest, Pixel Data is native or encapsulated as agreed.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from conformance.target.embedded.source import Source

UNDEFINED: Final = 0xFFFF_FFFF
ITEM: Final = 0xFFFE_E000
ITEM_DELIMITER: Final = 0xFFFE_E00D
SEQUENCE_DELIMITER: Final = 0xFFFE_E0DD
PIXEL_DATA: Final = 0x7FE0_0010
KEPT_BYTES: Final = 1 << 16
"""Longest top-level element, its header and all its items, that is kept."""
KEPT_DEPTH: Final = 32
MAX_DEPTH: Final = 20_000

# PS3.5 Table 7.1-1: two reserved bytes and a length of four
_LONG: Final = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"))
_SHORT: Final = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()  # PS3.5 Table 7.1-2
)
_VR: Final = re.compile(rb"[A-Z]{2}")


class NotReadable(Exception):  # noqa: N818 (what the data set is, not an error of ours)
    """The data set cannot be read; the text says why in at most 64 characters.

    Args:
        what: What is wrong.
        tag: The element at which it shows, if there is one.
    """

    def __init__(self, what: str, *, tag: int | None = None) -> None:
        super().__init__(what if tag is None else f"({tag >> 16:04X},{tag & 0xFFFF:04X}) {what}")
        self.tag = tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How a transfer syntax writes elements."""

    explicit_vr: bool
    big_endian: bool = False
    encapsulated: bool = False


@dataclass(slots=True)
class Seen:
    """What the walk found at top level."""

    values: dict[int, bytes] = field(default_factory=dict)
    """Values of the wanted elements, padding included; sequences and long values are left out."""
    index: bytearray = field(default_factory=bytearray)
    """The wanted elements as they are encoded, headers included, sequences too."""


@dataclass(slots=True)
class _Level:
    """An open data set, sequence or item."""

    is_sequence: bool
    end: int | None
    """Where it ends; None until its delimiter comes."""
    limit: int | None
    """Where the innermost level of defined length around it ends."""
    explicit_vr: bool
    last_tag: int = -1


@dataclass(frozen=True, slots=True)
class _Header:
    tag: int
    vr: bytes
    length: int
    raw: bytes


class Walk:
    """One pass over a data set.

    Args:
        source: Its bytes.
        encoding: How it is encoded.
        wanted: Tags whose values are kept.
    """

    def __init__(self, source: Source, encoding: Encoding, wanted: Collection[int]) -> None:
        self._source = source
        self._encoding = encoding
        self._wanted = wanted
        order = ">" if encoding.big_endian else "<"
        self._tag = struct.Struct(order + "HH")
        self._u16 = struct.Struct(order + "H")
        self._u32 = struct.Struct(order + "I")
        self._levels = [_Level(False, None, None, encoding.explicit_vr)]
        self._kept_from: int | None = None
        self.seen = Seen()

    def run(self) -> Seen:
        """Walk to the end.

        Raises:
            NotReadable: The bytes are not a data set in this encoding.
        """
        while True:
            self._close_ended()
            level = self._levels[-1]
            head = self._source.read(8)
            if not head and len(self._levels) == 1:
                break
            if len(head) < 8 or (level.limit is not None and self._source.position > level.limit):
                raise NotReadable("data set, sequence or item ends inside an element header")
            tag = self._read_tag(head)
            if level.is_sequence:
                self._in_sequence(level, tag, head)
            else:
                self._in_data_set(level, tag, head)
        if self._levels[0].last_tag < 0:
            raise NotReadable("data set is empty")
        return self.seen

    def _read_tag(self, head: bytes) -> int:
        group, element = self._tag.unpack_from(head)
        return int(group) << 16 | int(element)

    def _in_sequence(self, level: _Level, tag: int, head: bytes) -> None:
        (length,) = self._u32.unpack_from(head, 4)
        self._keep(head)
        if tag == ITEM:
            self._push(length, tag, is_sequence=False, explicit_vr=level.explicit_vr)
        elif tag == SEQUENCE_DELIMITER and level.end is None:
            self._pop()
        else:
            raise NotReadable("stands where an item should", tag=tag)

    def _in_data_set(self, level: _Level, tag: int, head: bytes) -> None:
        if tag == ITEM_DELIMITER and level.end is None and len(self._levels) > 1:
            self._keep(head)
            self._pop()
            return
        header = self._header(level, tag, head)
        self._check_tag(level, tag)
        level.last_tag = tag
        at_top = len(self._levels) == 1
        if at_top and tag in self._wanted:
            self._kept_from = len(self.seen.index)
        self._keep(header.raw)
        if tag == PIXEL_DATA and (at_top or header.length == UNDEFINED):
            self._pixel_data(header, at_top=at_top)
        elif self._opens_sequence(header):
            explicit = level.explicit_vr and header.vr != b"UN"  # PS3.5 6.2.2: UN of undefined length is Implicit VR
            self._push(header.length, tag, is_sequence=True, explicit_vr=explicit)
            return
        else:
            self._value(header, at_top=at_top)
        if at_top:
            self._kept_from = None

    def _header(self, level: _Level, tag: int, head: bytes) -> _Header:
        if not level.explicit_vr:
            return _Header(tag, b"", self._u32.unpack_from(head, 4)[0], head)
        vr = head[4:6]
        if vr in _SHORT:
            return _Header(tag, vr, self._u16.unpack_from(head, 6)[0], head)
        if vr not in _LONG and not _VR.fullmatch(vr):
            raise NotReadable("has no value representation", tag=tag)
        more = self._source.read(4)
        if len(more) < 4:
            raise NotReadable("data set ends inside an element header", tag=tag)
        return _Header(tag, vr, self._u32.unpack(more)[0], head + more)

    def _check_tag(self, level: _Level, tag: int) -> None:
        group = tag >> 16
        # PS3.5 7.1, 7.8.1: command, file meta, directory groups and their odd neighbours are no part of a data set
        if group < 0x0008 or group == 0xFFFF or group == ITEM >> 16:
            raise NotReadable("does not belong in a data set", tag=tag)
        if tag <= level.last_tag:
            raise NotReadable("is out of order or there twice", tag=tag)

    def _opens_sequence(self, header: _Header) -> bool:
        if header.vr == b"SQ":
            return True
        if header.length != UNDEFINED:
            return False
        if header.vr not in (b"", b"UN"):
            raise NotReadable("has an undefined length", tag=header.tag)
        return True

    def _pixel_data(self, header: _Header, *, at_top: bool) -> None:
        # PS3.5 A.4: encapsulated means an undefined length, at top level always; A.1 to A.3: native means a defined one
        if header.length != UNDEFINED:
            if self._encoding.encapsulated:
                raise NotReadable("is native where encapsulated is agreed", tag=header.tag)
            self._value(header, at_top=at_top)
            return
        if not self._encoding.encapsulated:
            raise NotReadable("is encapsulated where native is agreed", tag=header.tag)
        self._drop_kept()
        while True:
            head = self._source.read(8)
            if len(head) < 8:
                raise NotReadable("fragments are cut", tag=header.tag)
            tag = self._read_tag(head)
            (length,) = self._u32.unpack_from(head, 4)
            if tag == SEQUENCE_DELIMITER:
                return
            if tag != ITEM or length == UNDEFINED:
                raise NotReadable("holds something else than fragments", tag=header.tag)
            self._skip(length, header.tag)

    def _value(self, header: _Header, *, at_top: bool) -> None:
        self._end(header.length, header.tag)
        if self._kept_from is not None and header.length > KEPT_BYTES:
            self._drop_kept()
        if self._kept_from is None:
            self._skip(header.length, header.tag)
            return
        value = self._source.read(header.length)
        if len(value) < header.length:
            raise NotReadable(f"says {header.length} bytes, {len(value)} are left", tag=header.tag)
        self._keep(value)
        if at_top:
            self.seen.values[header.tag] = value

    def _end(self, length: int, tag: int) -> int | None:
        """Where a value of this length ends; None for an undefined length."""
        limit = self._levels[-1].limit
        if length == UNDEFINED:
            return None
        end = self._source.position + length
        if limit is not None and end > limit:
            raise NotReadable(f"says {length} bytes, {limit - self._source.position} are left", tag=tag)
        return end

    def _skip(self, length: int, tag: int) -> None:
        skipped = self._source.skip(length)
        if skipped < length:
            raise NotReadable(f"says {length} bytes, {skipped} are left", tag=tag)

    def _keep(self, raw: bytes) -> None:
        if self._kept_from is None:
            return
        self.seen.index += raw
        if len(self.seen.index) - self._kept_from > KEPT_BYTES + 12:
            self._drop_kept()

    def _drop_kept(self) -> None:
        if self._kept_from is not None:
            del self.seen.index[self._kept_from :]
            self._kept_from = None

    def _push(self, length: int, tag: int, *, is_sequence: bool, explicit_vr: bool) -> None:
        if len(self._levels) >= MAX_DEPTH:
            raise NotReadable(f"is nested deeper than {MAX_DEPTH}", tag=tag)
        if len(self._levels) >= KEPT_DEPTH:
            self._drop_kept()
        end = self._end(length, tag)
        limit = self._levels[-1].limit if end is None else end
        self._levels.append(_Level(is_sequence, end, limit, explicit_vr))

    def _pop(self) -> None:
        self._levels.pop()
        if len(self._levels) == 1:
            self._kept_from = None

    def _close_ended(self) -> None:
        while (end := self._levels[-1].end) is not None and self._source.position >= end:
            self._pop()
