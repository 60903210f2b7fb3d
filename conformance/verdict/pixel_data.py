"""Whether two Pixel Data elements hold the same picture: by their bytes, by their frames, or decoded.

No pixel is judged by eye: samples are equal or they are not. Where no decoder here can read one side, that is said.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from conformance.verdict.values import Value

# PS3.5 Annex A.4: processes that give back other samples than they were given.
_LOSSY: Final = frozenset(
    {
        "1.2.840.10008.1.2.4.50",
        "1.2.840.10008.1.2.4.51",
        "1.2.840.10008.1.2.4.81",
        "1.2.840.10008.1.2.4.91",
        "1.2.840.10008.1.2.4.93",
        "1.2.840.10008.1.2.4.112",
        "1.2.840.10008.1.2.4.203",
    }
)
_NATIVE: Final = frozenset(
    {ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian}
)
# PS3.3 C.7.6.3: what describes the pixels to a decoder.
_DESCRIPTION: Final = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
)
_MAX_DECODED_BYTES: Final = 1 << 28


class Sameness(StrEnum):
    """What comparing two Pixel Data elements can say."""

    SAME = "same"
    DIFFERENT = "different"
    UNDECODABLE = "undecodable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelComparison:
    """The answer, with words for people where it is not `SAME`."""

    sameness: Sameness
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One side of a comparison.

    Args:
        dataset: The data set that describes the pixels.
        value: Its Pixel Data.
        transfer_syntax_uid: The transfer syntax that it stands in.
    """

    dataset: Dataset
    value: Value
    transfer_syntax_uid: str


def is_native(transfer_syntax_uid: str) -> bool:
    """Whether Pixel Data of a top-level data set in this transfer syntax is not compressed (PS3.5 Annex A)."""
    return transfer_syntax_uid in _NATIVE


def compare_pixel_data(sent: Picture, stored: Picture) -> PixelComparison:
    """Whether the same samples, or the same compressed frames, are there."""
    if not sent.value.encapsulated and not stored.value.encapsulated:
        return _compare_native(sent.value.data, stored.value.data)
    if sent.value.encapsulated and stored.value.encapsulated:
        by_frames = _compare_frames(sent, stored)
        if by_frames.sameness is Sameness.SAME or sent.transfer_syntax_uid == stored.transfer_syntax_uid:
            return by_frames
    return _compare_decoded(sent, stored)


def _compare_native(sent: bytes, stored: bytes) -> PixelComparison:
    if equal_but_padding(sent, stored):
        return PixelComparison(sameness=Sameness.SAME)
    if len(sent) != len(stored):
        detail = f"{len(stored)} bytes of pixel data, {len(sent)} were sent"
    else:
        unequal = np.frombuffer(sent, dtype=np.uint8) != np.frombuffer(stored, dtype=np.uint8)
        detail = f"{int(unequal.sum())} of {len(sent)} bytes differ, the first at offset {int(unequal.argmax())}"
    return PixelComparison(sameness=Sameness.DIFFERENT, detail=detail)


def equal_but_padding(sent: bytes, stored: bytes) -> bool:
    """Whether bytes are equal, or equal but for one trailing NUL that makes the length even (PS3.5 8.1.1)."""
    if len(sent) == len(stored):
        return sent == stored
    shorter, longer = sorted((sent, stored), key=len)
    return len(longer) - len(shorter) == 1 and longer[-1] == 0 and longer.startswith(shorter)


def _compare_frames(sent: Picture, stored: Picture) -> PixelComparison:
    sent_frames, stored_frames = _frames(sent), _frames(stored)
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
    for number, (one, other) in enumerate(zip(sent_frames, stored_frames, strict=True), start=1):
        if one.rstrip(b"\0") != other.rstrip(b"\0"):
            return PixelComparison(
                sameness=Sameness.DIFFERENT,
                detail=f"frame {number}: {len(other)} compressed bytes that differ from the {len(one)} sent",
            )
    return PixelComparison(sameness=Sameness.SAME)


def _frames(picture: Picture) -> list[bytes] | None:
    count = _number(picture.dataset, "NumberOfFrames") or 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(generate_frames(picture.value.data, number_of_frames=count))
    except Exception:
        return None


def _compare_decoded(sent: Picture, stored: Picture) -> PixelComparison:
    arrays: list[NDArray[Any]] = []
    for side, picture in (("sent", sent), ("stored", stored)):
        decoded = _decode(picture)
        if isinstance(decoded, str):
            return PixelComparison(
                sameness=Sameness.UNDECODABLE, detail=f"the {side} pixel data cannot be decoded here: {decoded}"
            )
        arrays.append(decoded)
    one, other = arrays
    if one.shape != other.shape:
        return PixelComparison(sameness=Sameness.DIFFERENT, detail=f"decoded shape {other.shape}, {one.shape} was sent")
    unequal = one != other
    if not unequal.any():
        return PixelComparison(sameness=Sameness.SAME)
    detail = f"{int(unequal.sum())} of {one.size} decoded samples differ"
    if sent.transfer_syntax_uid in _LOSSY:
        # Two right decoders of a lossy process need not agree on the last bit (ISO/IEC 10918-2).
        return PixelComparison(
            sameness=Sameness.UNDECODABLE, detail=f"{detail}; decoders of what was sent may differ by rounding"
        )
    return PixelComparison(sameness=Sameness.DIFFERENT, detail=detail)


def _decode(picture: Picture) -> NDArray[Any] | str:
    """Samples in colour by pixel, RGB where a conversion is defined; or why they cannot be had."""
    rows, columns = _number(picture.dataset, "Rows"), _number(picture.dataset, "Columns")
    frames = _number(picture.dataset, "NumberOfFrames") or 1
    samples = _number(picture.dataset, "SamplesPerPixel") or 1
    bits = _number(picture.dataset, "BitsAllocated")
    if not rows or not columns or not bits:
        return "Rows, Columns or Bits Allocated is missing"
    if rows * columns * frames * samples * bits // 8 > _MAX_DECODED_BYTES:
        return f"more than {_MAX_DECODED_BYTES >> 20} MiB when decoded"
    described = Dataset()
    for keyword in _DESCRIPTION:
        if keyword in picture.dataset:
            setattr(described, keyword, picture.dataset[keyword].value)
    described.PixelData = picture.value.data + b"\0" * (len(picture.value.data) % 2)
    described["PixelData"].VR = "OB" if picture.value.encapsulated or bits <= 8 else "OW"
    described["PixelData"].is_undefined_length = picture.value.encapsulated
    # The bytes of a native value have been put into little endian.
    uid = picture.transfer_syntax_uid if picture.value.encapsulated else ExplicitVRLittleEndian
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            described.file_meta = _file_meta(uid)
            array, _ = get_decoder(uid).as_array(described)
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0][:160] if str(error) else 'no reason given'}"
    return _stored_bits(array, picture.dataset)


def _file_meta(transfer_syntax_uid: str) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    return meta


def _stored_bits(array: NDArray[Any], dataset: Dataset) -> NDArray[Any]:
    """Samples without the bits above High Bit, which no codec keeps (PS3.5 8.1.1)."""
    stored, allocated = _number(dataset, "BitsStored"), _number(dataset, "BitsAllocated")
    if array.dtype.kind not in "iu" or not stored or not allocated or stored >= allocated:
        return array
    masked: NDArray[Any] = array & array.dtype.type((1 << stored) - 1)
    return masked


def _number(dataset: Dataset, keyword: str) -> int | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = dataset.get(keyword)
            return None if value is None or value == "" else int(value)
    except Exception:
        return None
