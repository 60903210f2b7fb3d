"""What a target gives back as encapsulated pixel data: fragments of even length, and offset tables that are true.

PS3.5 A.4; only the structure is looked at, the samples are compared where fidelity is.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from conformance.observation.stored import NotReadable, ReadBackOutcome
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.pixel_frames import number
from conformance.verdict.values import value_of

_PIXEL_DATA: Final = BaseTag(0x7FE00010)
_EXTENDED: Final = BaseTag(0x7FE00001)
_LENGTHS: Final = BaseTag(0x7FE00002)
_ITEM: Final = b"\xfe\xff\x00\xe0"
_HEADER_BYTES: Final = 8
_FRAGMENTS: Final = "PIX-05"
_BASIC_TABLE: Final = "PIX-07"
_EXTENDED_TABLE: Final = "PIX-06"
_EVEN: Final = "items of even length, an offset table first"
_TRUE: Final = (
    "an empty Basic Offset Table",
    "an offset for each frame, from the first byte after the table to an item",
)
_TRUE_EXTENDED: Final = (
    "no Extended Offset Table",
    "an offset and a length for each frame, and an empty Basic Offset Table",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Items:
    """Encapsulated pixel data taken apart.

    Args:
        table: The value of the first item.
        fragments: Offset of each further item, from the first byte after the first one, with its length.
        defect: Where the structure ends early; empty when it does not.
    """

    table: bytes
    fragments: tuple[tuple[int, int], ...]
    defect: str = ""


def well_formed(stored: ReadBackOutcome) -> tuple[Finding, ...]:
    """Whether what comes back encapsulated is so by PS3.5 A.4: PIX-05, PIX-06 and PIX-07.

    Args:
        stored: What the read-back found.

    Returns:
        One finding for each; NOT_APPLICABLE where nothing is stored, or nothing is encapsulated.
    """
    if isinstance(stored, NotReadable):
        why = f"{stored.channel}: {stored.reason}"
        return tuple(
            finding(one, Verdict.INCONCLUSIVE, expected=_EVEN, actual=why, note="no read-back")
            for one in (_FRAGMENTS, _BASIC_TABLE, _EXTENDED_TABLE)
        )
    copies = [copy.dataset for copy in stored.copies if _is_encapsulated(copy.dataset)]
    if not copies:
        what = "no encapsulated pixel data is given back"
        return tuple(
            finding(one, Verdict.NOT_APPLICABLE, expected=_EVEN, actual=what)
            for one in (_FRAGMENTS, _BASIC_TABLE, _EXTENDED_TABLE)
        )
    return tuple(
        _first_fault(requirement, expected, [check(dataset) for dataset in copies])
        for requirement, expected, check in (
            (_FRAGMENTS, (_EVEN,), _wrong_fragments),
            (_BASIC_TABLE, _TRUE, _wrong_basic_table),
            (_EXTENDED_TABLE, _TRUE_EXTENDED, _wrong_extended_table),
        )
    )


def _first_fault(requirement: str, expected: tuple[str, ...], faults: Sequence[str]) -> Finding:
    wrong = next((fault for fault in faults if fault), "")
    verdict = Verdict.FAIL if wrong else Verdict.PASS
    return finding(requirement, verdict, expected=expected, actual=wrong or "as expected")


def _is_encapsulated(dataset: Dataset) -> bool:
    return _PIXEL_DATA in dataset and value_of(dataset, _PIXEL_DATA, ()).encapsulated


def _wrong_fragments(dataset: Dataset) -> str:
    items = _items(dataset)
    if items.defect:
        return items.defect
    if not items.fragments:
        return "no fragment after the Basic Offset Table"
    odd = next(((at, length) for at, length in items.fragments if length % 2), None)
    return "" if odd is None else f"a fragment of {odd[1]} bytes at offset {odd[0]}"


def _wrong_basic_table(dataset: Dataset) -> str:
    items = _items(dataset)
    if not items.table or items.defect:
        return ""
    if len(items.table) % 4:
        return f"a Basic Offset Table of {len(items.table)} bytes, no multiple of 4"
    offsets = struct.unpack(f"<{len(items.table) // 4}I", items.table)
    frames = number(dataset, "NumberOfFrames") or 1
    if len(offsets) != frames:
        return f"{len(offsets)} offsets in the Basic Offset Table, Number of Frames is {frames}"
    return _wrong_offsets("Basic Offset Table", offsets, items)


def _wrong_extended_table(dataset: Dataset) -> str:
    if _EXTENDED not in dataset:
        return ""
    items = _items(dataset)
    if items.table:
        return "an Extended Offset Table beside a Basic Offset Table that is not empty"
    offsets, lengths = _very_long(dataset, _EXTENDED), _very_long(dataset, _LENGTHS)
    frames = number(dataset, "NumberOfFrames") or 1
    if len(offsets) != frames or len(lengths) != frames:
        return f"{len(offsets)} offsets and {len(lengths)} lengths in the Extended Offset Table, of {frames} frames"
    sizes = dict(items.fragments)
    # The padding of a fragment may or may not be counted.
    too_long = [at for at, length in zip(offsets, lengths, strict=True) if length > sizes.get(at, length)]
    if too_long:
        return f"a length in the Extended Offset Table beyond the fragment at offset {too_long[0]}"
    return _wrong_offsets("Extended Offset Table", offsets, items)


def _wrong_offsets(table: str, offsets: Sequence[int], items: _Items) -> str:
    starts = {at for at, _ in items.fragments}
    astray = [offset for offset in offsets if offset not in starts]
    if astray:
        return f"offset {astray[0]} of the {table} is the beginning of no item"
    if list(offsets) != sorted(set(offsets)) or offsets[0] != 0:
        # PS3.5 A.4: frames follow each other, the first at once after the table.
        return f"the offsets of the {table} do not ascend from 0: {', '.join(map(str, offsets[:6]))}"
    return ""


def _items(dataset: Dataset) -> _Items:
    data = value_of(dataset, _PIXEL_DATA, ()).data
    found: list[tuple[int, int]] = []
    at = 0
    while data[at : at + 4] == _ITEM and at + _HEADER_BYTES <= len(data):
        length = int.from_bytes(data[at + 4 : at + _HEADER_BYTES], "little")
        if at + _HEADER_BYTES + length > len(data):
            return _Items(table=b"", fragments=(), defect=f"an item of {length} bytes, {len(data) - at - 8} are left")
        found.append((at, length))
        at += _HEADER_BYTES + length
    if not found:
        return _Items(table=b"", fragments=(), defect="no item where the Basic Offset Table should be")
    first = _HEADER_BYTES + found[0][1]
    return _Items(
        table=data[_HEADER_BYTES:first], fragments=tuple((begin - first, length) for begin, length in found[1:])
    )


def _very_long(dataset: Dataset, tag: BaseTag) -> tuple[int, ...]:
    if tag not in dataset:
        return ()
    data = value_of(dataset, tag, ()).data
    return struct.unpack(f"<{len(data) // 8}Q", data[: len(data) // 8 * 8])
