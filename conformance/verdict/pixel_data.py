"""Whether two Pixel Data elements hold the same picture: by their bytes, by their frames, or decoded.

No pixel is judged by eye: samples are equal or they are not. Where no decoder here can read one side, that is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from conformance.verdict.pixel_frames import (
    Picture,
    Shape,
    UndecodableError,
    colour_of,
    cut,
    samples_of,
    shape_of,
)

__all__ = ["Picture", "PixelComparison", "Sameness", "compare_pixel_data", "equal_but_padding", "is_native"]

# PS3.5 Annex A.4: processes that may give back other samples than they were given.
_LOSSY: Final = frozenset(
    {
        "1.2.840.10008.1.2.4.50",
        "1.2.840.10008.1.2.4.51",
        "1.2.840.10008.1.2.4.81",
        "1.2.840.10008.1.2.4.91",
        "1.2.840.10008.1.2.4.93",
        "1.2.840.10008.1.2.4.111",
        "1.2.840.10008.1.2.4.112",
        "1.2.840.10008.1.2.4.203",
    }
)
_ROUNDING: Final = 64
"""What part of the range of samples two decoders of a lossy process may be apart."""
_NATIVE: Final = frozenset(
    {ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian}
)


class Sameness(StrEnum):
    """What comparing two Pixel Data elements can say."""

    SAME = "same"
    DIFFERENT = "different"
    LOSSY = "lossy"
    """Other samples, in a data set that tells of a lossy compression that the sent one does not tell of."""
    UNUSED_BITS = "unused bits"
    """The same samples, with other bits above High Bit or below the bits stored."""
    UNDECODABLE = "undecodable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelComparison:
    """The answer, with words for people where it is not `SAME`."""

    sameness: Sameness
    detail: str = ""


def is_native(transfer_syntax_uid: str) -> bool:
    """Whether Pixel Data of a top-level data set in this transfer syntax is not compressed (PS3.5 Annex A)."""
    return transfer_syntax_uid in _NATIVE


def compare_pixel_data(sent: Picture, stored: Picture) -> PixelComparison:
    """Whether the same samples, or the same compressed frames, are there."""
    if not sent.value.encapsulated and not stored.value.encapsulated:
        return _compare_native(sent, stored)
    if sent.value.encapsulated and stored.value.encapsulated:
        by_frames = _compare_frames(sent, stored)
        if by_frames.sameness is Sameness.SAME or sent.transfer_syntax_uid == stored.transfer_syntax_uid:
            return by_frames
    return _compare_decoded(sent, stored)


def equal_but_padding(sent: bytes, stored: bytes) -> bool:
    """Whether bytes are equal, or equal but for one trailing NUL that makes the length even (PS3.5 8.1.1)."""
    if len(sent) == len(stored):
        return sent == stored
    shorter, longer = sorted((sent, stored), key=len)
    return len(longer) - len(shorter) == 1 and longer[-1] == 0 and longer.startswith(shorter)


def _compare_native(sent: Picture, stored: Picture) -> PixelComparison:
    one, other = sent.value.data, stored.value.data
    if equal_but_padding(one, other):
        return PixelComparison(sameness=Sameness.SAME)
    sameness = Sameness.LOSSY if _announced(sent.dataset, stored.dataset) else Sameness.DIFFERENT
    if len(one) != len(other):
        detail = f"{len(other)} bytes of pixel data, {len(one)} were sent"
        return PixelComparison(sameness=Sameness.DIFFERENT, detail=detail)
    unequal = np.frombuffer(one, dtype=np.uint8) != np.frombuffer(other, dtype=np.uint8)
    detail = f"{int(unequal.sum())} of {len(one)} bytes differ, the first at offset {int(unequal.argmax())}"
    by_sample = _compare_decoded(sent, stored)
    if by_sample.sameness in (Sameness.DIFFERENT, Sameness.LOSSY):
        detail = f"{detail}; {by_sample.detail}"
    elif by_sample.sameness is Sameness.SAME:
        detail = f"{detail}; all of them outside of the bits stored"
        return PixelComparison(sameness=Sameness.UNUSED_BITS, detail=detail)
    return PixelComparison(sameness=sameness, detail=detail)


def _compare_frames(sent: Picture, stored: Picture) -> PixelComparison:
    sent_frames, stored_frames = cut(sent), cut(stored)
    if sent_frames is None or stored_frames is None:
        side = "sent" if sent_frames is None else "stored"
        if sent.value.data == stored.value.data:
            return PixelComparison(sameness=Sameness.SAME)
        return PixelComparison(
            sameness=Sameness.UNDECODABLE, detail=f"the {side} fragments cannot be cut (PS3.5 A.4), and bytes differ"
        )
    if len(sent_frames) != len(stored_frames):
        return PixelComparison(
            sameness=Sameness.DIFFERENT, detail=f"{len(stored_frames)} frames, {len(sent_frames)} were sent"
        )
    for place, (one, other) in enumerate(zip(sent_frames, stored_frames, strict=True), start=1):
        if one.rstrip(b"\0") != other.rstrip(b"\0"):
            detail = f"frame {place}: {len(other)} compressed bytes that differ from the {len(one)} sent"
            return _with_samples(sent, stored, detail)
    return PixelComparison(sameness=Sameness.SAME)


def _with_samples(sent: Picture, stored: Picture, detail: str) -> PixelComparison:
    """What compressed frames that differ mean: the same samples anew, or others."""
    by_sample = _compare_decoded(sent, stored)
    match by_sample.sameness:
        case Sameness.SAME | Sameness.UNUSED_BITS:
            return by_sample
        case Sameness.LOSSY | Sameness.DIFFERENT:
            return PixelComparison(sameness=by_sample.sameness, detail=f"{detail}; {by_sample.detail}")
        case Sameness.UNDECODABLE:
            # Nobody was to touch these streams, so that other bytes are another picture, or none.
            return PixelComparison(sameness=Sameness.DIFFERENT, detail=detail)


def _compare_decoded(sent: Picture, stored: Picture) -> PixelComparison:
    shapes: list[Shape] = []
    for side, picture in (("sent", sent), ("stored", stored)):
        try:
            shapes.append(shape_of(picture.dataset))
        except UndecodableError as error:
            return _undecodable(side, error)
    one, other = shapes
    for what in ("frames", "rows", "columns", "samples"):
        if getattr(one, what) != getattr(other, what):
            detail = f"{getattr(other, what)} {what}, {getattr(one, what)} were sent"
            return PixelComparison(sameness=Sameness.DIFFERENT, detail=detail)
    colours = colour_of(sent, one), colour_of(stored, other)
    if one.samples > 1 and colours[0] != colours[1]:
        # A conversion between these rounds, so that equal pictures have unequal samples.
        detail = f"{colours[0]} was sent and {colours[1]} is stored, which have no samples in common"
        return PixelComparison(sameness=Sameness.UNDECODABLE, detail=detail)
    try:
        found = _differing(sent, stored, one, other)
    except _SideError as error:
        return _undecodable(error.side, error.why)
    if found is None:
        return PixelComparison(sameness=Sameness.SAME)
    if _announced(sent.dataset, stored.dataset):
        return PixelComparison(sameness=Sameness.LOSSY, detail=f"{found.words}; {_told(stored.dataset)}")
    if sent.transfer_syntax_uid in _LOSSY and sent.transfer_syntax_uid != stored.transfer_syntax_uid:
        # Two right decoders of a lossy process need not agree on the last bit (ISO/IEC 10918-2); colour that they
        # put back together from fewer samples may be further apart.
        if one.samples > 1 or found.furthest <= max(1, (1 << one.stored) // _ROUNDING):
            detail = f"{found.words}; decoders of what was sent may differ by rounding"
            return PixelComparison(sameness=Sameness.UNDECODABLE, detail=detail)
        return PixelComparison(sameness=Sameness.DIFFERENT, detail=f"{found.words}, more than rounding explains")
    return PixelComparison(sameness=Sameness.DIFFERENT, detail=found.words)


class _SideError(Exception):
    def __init__(self, side: str, why: UndecodableError) -> None:
        super().__init__(side)
        self.side = side
        self.why = why


def _undecodable(side: str, why: UndecodableError) -> PixelComparison:
    detail = f"the {side} pixel data cannot be decoded here: {why}"
    return PixelComparison(sameness=Sameness.UNDECODABLE, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Differing:
    """How pictures differ.

    Args:
        words: The first sample that does, and how many do.
        furthest: How far two samples are apart at most.
    """

    words: str
    furthest: int


def _differing(sent: Picture, stored: Picture, one: Shape, other: Shape) -> _Differing | None:
    """The first sample that differs, and how many do; None where all are equal.

    Raises:
        _SideError: A frame cannot be decoded here.
    """
    first, count, total, furthest = "", 0, 0, 0
    frames = zip(_frames("sent", sent, one), _frames("stored", stored, other), strict=True)
    for place, (before, after) in enumerate(frames, start=1):
        total += before.size
        if before.shape != after.shape:
            words = f"frame {place}: samples of shape {after.shape}, {before.shape} were sent"
            return _Differing(words=words, furthest=1 << one.stored)
        unequal = before != after
        if not unequal.any():
            continue
        count += int(unequal.sum())
        signed = (_signed(before, one), _signed(after, other))
        furthest = max(furthest, int(np.abs(signed[0] - signed[1]).max()))
        if not first:
            at = np.unravel_index(int(unequal.argmax()), unequal.shape)
            row, column, *rest = (int(index) + 1 for index in at)
            sample = f", sample {rest[0]}" if rest else ""
            first = f"frame {place}, row {row}, column {column}{sample}: {signed[0][at]} sent, {signed[1][at]} stored"
    if not count:
        return None
    words = f"{first}; {count} of {total} samples differ, by {furthest} at most"
    return _Differing(words=words, furthest=furthest)


def _frames(side: str, picture: Picture, shape: Shape) -> Iterator[NDArray[Any]]:
    try:
        yield from samples_of(picture, shape)
    except UndecodableError as error:
        raise _SideError(side, error) from error


def _signed(array: NDArray[Any], shape: Shape) -> NDArray[np.int64]:
    values = array.astype(np.int64)
    if shape.signed:
        values[values >= 1 << (shape.stored - 1)] -= 1 << shape.stored
    return values


def _announced(sent: Dataset, stored: Dataset) -> bool:
    """Whether the stored data set tells of a lossy compression that the sent one does not tell of.

    PS3.3 C.7.6.1.1.5: Lossy Image Compression is 01, and each compression adds a method and a ratio.
    """
    if str(stored.get("LossyImageCompression", "")) != "01":
        return False
    return str(sent.get("LossyImageCompression", "")) != "01" or any(
        _values(stored, keyword) > _values(sent, keyword)
        for keyword in ("LossyImageCompressionMethod", "LossyImageCompressionRatio")
    )


def _values(dataset: Dataset, keyword: str) -> int:
    value = dataset.get(keyword)
    if value in (None, ""):
        return 0
    return len(value) if isinstance(value, MultiValue | list) else 1


def _told(stored: Dataset) -> str:
    method = stored.get("LossyImageCompressionMethod", "")
    said = "\\".join(map(str, method)) if isinstance(method, MultiValue | list) else str(method)
    return f"a lossy compression is announced, {said or 'without its method'}"
