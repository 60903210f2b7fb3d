"""Pixel Data as frames of samples, whatever they are compressed with; why not, where they cannot be had here.

What is decoded comes from the target, so that no stream is trusted: its own size is read before a decoder sees it, and
a frame is decoded at a time.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import RLELossless

from conformance.standard.transfer_syntaxes import Kind, transfer_syntax
from conformance.verdict.values import Value

_MAX_FRAME_BYTES: Final = 1 << 28
_MAX_BYTES: Final = 1 << 30
_RGB: Final = "RGB"
# PS3.3 C.7.6.3.1.2: what a decoder of the compression turns back into RGB.
_TRANSFORMED: Final = {
    Kind.JPEG: frozenset({_RGB, "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420"}),
    Kind.JPEG_2000: frozenset({_RGB, "YBR_RCT", "YBR_ICT"}),
    Kind.HTJ2K: frozenset({_RGB, "YBR_RCT", "YBR_ICT"}),
    Kind.JPEG_XL: frozenset({_RGB, "XYB"}),
}
_LOSSLESS_JPEG: Final = frozenset({"1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"})
# ISO/IEC 10918-1 Table B.1 and ISO/IEC 14495-1 Table C.1: the markers of frame headers.
_FRAME_HEADERS: Final = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}


class UndecodableError(Exception):
    """Pixel data cannot be decoded here; the text says why."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the attributes of PS3.3 C.7.6.3 say of Pixel Data."""

    frames: int
    rows: int
    columns: int
    samples: int
    allocated: int
    stored: int
    high_bit: int
    signed: bool
    by_plane: bool
    photometric: str

    @property
    def frame_bits(self) -> int:
        """The size of a native frame, in bits; a frame of single bits need not end with a byte."""
        # PS3.3 C.7.6.3.1.2: two luminance values share their two chrominance values.
        samples = 2 if self.photometric == "YBR_FULL_422" else self.samples
        return self.rows * self.columns * samples * self.allocated


def shape_of(dataset: Dataset) -> Shape:
    """What describes the pixels of a data set.

    Raises:
        UndecodableError: Something is missing, makes no sense, or needs more memory than is given.
    """
    rows, columns = number(dataset, "Rows"), number(dataset, "Columns")
    allocated = number(dataset, "BitsAllocated")
    if not rows or not columns or not allocated:
        raise UndecodableError("Rows, Columns or Bits Allocated is missing")
    stored = number(dataset, "BitsStored") or allocated
    high_bit = number(dataset, "HighBit")
    shape = Shape(
        frames=number(dataset, "NumberOfFrames") or 1,
        rows=rows,
        columns=columns,
        samples=number(dataset, "SamplesPerPixel") or 1,
        allocated=allocated,
        stored=stored,
        high_bit=stored - 1 if high_bit is None else high_bit,
        signed=number(dataset, "PixelRepresentation") == 1,
        by_plane=number(dataset, "PlanarConfiguration") == 1,
        photometric=str(dataset.get("PhotometricInterpretation", "")),
    )
    if allocated not in (1, 8, 16, 32) or not 0 < stored <= allocated or not stored - 1 <= shape.high_bit < allocated:
        raise UndecodableError(f"{stored} bits stored of {allocated} with high bit {shape.high_bit}")
    if shape.frame_bits // 8 > _MAX_FRAME_BYTES or shape.frames * (shape.frame_bits // 8) > _MAX_BYTES:
        raise UndecodableError(
            f"more than {_MAX_BYTES >> 20} MiB, or a frame of more than {_MAX_FRAME_BYTES >> 20} MiB"
        )
    return shape


def colour_of(picture: Picture, shape: Shape) -> str:
    """What the samples that `samples_of` gives mean: RGB where a decoder makes that, else what the data set says."""
    row = transfer_syntax(picture.transfer_syntax_uid)
    kind = row.kind if row is not None and picture.value.encapsulated else None
    if shape.samples == 3 and kind is not None and shape.photometric in _TRANSFORMED.get(kind, ()):
        return shape.photometric if picture.transfer_syntax_uid in _LOSSLESS_JPEG else _RGB
    return shape.photometric


def samples_of(picture: Picture, shape: Shape) -> Iterator[NDArray[Any]]:
    """Each frame as bits stored, unsigned, in rows and columns, colour by pixel.

    Raises:
        UndecodableError: It cannot be decoded here.
    """
    if not picture.value.encapsulated:
        yield from _native(picture.value.data, shape)
        return
    streams = cut(picture)
    if streams is None:
        raise UndecodableError("the fragments cannot be cut into frames (PS3.5 A.4)")
    if len(streams) != shape.frames:
        raise UndecodableError(f"{len(streams)} frames in the fragments, Number of Frames is {shape.frames}")
    for stream in streams:
        yield _masked(_decoded(stream, picture.transfer_syntax_uid, shape), shape)


def cut(picture: Picture) -> list[bytes] | None:
    """The compressed frames, or None where the fragments cannot be told apart (PS3.5 A.4); a video is one stream."""
    row = transfer_syntax(picture.transfer_syntax_uid)
    is_video = row is not None and row.kind is Kind.MPEG
    count = 1 if is_video else number(picture.dataset, "NumberOfFrames") or 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(generate_frames(picture.value.data, number_of_frames=count))
    except Exception:
        return None


def number(dataset: Dataset, keyword: str) -> int | None:
    """The value of an element as an integer, or None where there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = dataset.get(keyword)
            return None if value is None or value == "" else int(value)
    except Exception:
        return None


def _native(data: bytes, shape: Shape) -> Iterator[NDArray[Any]]:
    size = (shape.frame_bits * shape.frames + 7) // 8
    if len(data) < size:
        raise UndecodableError(f"{len(data)} bytes of pixel data, {size} are needed")
    for frame in range(shape.frames):
        first = frame * shape.frame_bits
        piece = data[first // 8 : (first + shape.frame_bits + 7) // 8]
        yield _cells(piece, shape, skip=first % 8)


def _cells(data: bytes, shape: Shape, *, skip: int = 0) -> NDArray[Any]:
    """Native cells of one frame.

    Args:
        data: The bytes that hold the frame.
        shape: What they mean.
        skip: Bits of the first byte that belong to the frame before.
    """
    count = shape.frame_bits // shape.allocated
    cells: NDArray[Any]
    if shape.allocated == 1:
        # PS3.5 8.1.1: the first pixel is the lowest bit.
        cells = np.unpackbits(np.frombuffer(data, dtype=np.uint8), bitorder="little")[skip : skip + count]
    else:
        cells = np.frombuffer(data, dtype=f"<u{shape.allocated // 8}", count=count)
    cells = cells >> cells.dtype.type(shape.high_bit + 1 - shape.stored)
    if shape.samples == 1:
        return _masked(cells.reshape(shape.rows, shape.columns), shape)
    if shape.photometric == "YBR_FULL_422":
        return _masked(cells.reshape(shape.rows, -1), shape)
    if shape.by_plane:
        cells = cells.reshape(shape.samples, shape.rows, shape.columns).transpose(1, 2, 0)
    return _masked(cells.reshape(shape.rows, shape.columns, shape.samples), shape)


def _masked(array: NDArray[Any], shape: Shape) -> NDArray[Any]:
    """Samples without the bits above High Bit, which no codec keeps (PS3.5 8.1.1)."""
    unsigned = array.astype(f"<u{max(shape.allocated // 8, 1)}", copy=False)
    masked: NDArray[Any] = np.bitwise_and(unsigned, unsigned.dtype.type((1 << shape.stored) - 1))
    return masked


def _decoded(stream: bytes, transfer_syntax_uid: str, shape: Shape) -> NDArray[Any]:
    row = transfer_syntax(transfer_syntax_uid)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            as_coded = transfer_syntax_uid in _LOSSLESS_JPEG and shape.samples == 3
            array = _by_kind(stream, None if row is None else row.kind, shape, as_coded=as_coded)
    except UndecodableError:
        raise
    except Exception as error:
        said = str(error).splitlines()[0][:160] if str(error) else "no reason given"
        raise UndecodableError(f"{type(error).__name__}: {said}") from error
    wanted = (shape.rows, shape.columns) if shape.samples == 1 else (shape.rows, shape.columns, shape.samples)
    if array.ndim == 3 and array.shape == (shape.samples, shape.rows, shape.columns) != wanted:
        array = array.transpose(1, 2, 0)
    if array.shape != wanted and array.size != np.prod(wanted):
        raise UndecodableError(f"the stream holds samples of shape {array.shape}, the data set says {wanted}")
    return array.reshape(wanted)


def _by_kind(stream: bytes, kind: Kind | None, shape: Shape, *, as_coded: bool) -> NDArray[Any]:
    """What a decoder makes of a stream.

    Args:
        stream: One frame.
        kind: What it is compressed with.
        shape: What the data set says of it.
        as_coded: Leave colour as it is, whatever markers say: a lossless process converts none.
    """
    match kind:
        case Kind.JPEG:
            _check_size(_jpeg_size(stream), shape)
            colour = _RGB if as_coded else None
            return np.asarray(imagecodecs.jpeg8_decode(stream, colorspace=colour, outcolorspace=colour))
        case Kind.JPEG_LS:
            _check_size(_jpeg_size(stream), shape)
            return np.asarray(imagecodecs.jpegls_decode(stream))
        case Kind.JPEG_2000:
            _check_size(_jpeg_2000_size(stream), shape)
            return np.asarray(imagecodecs.jpeg2k_decode(stream, numthreads=1))
        case Kind.HTJ2K:
            _check_size(_jpeg_2000_size(stream), shape)
            return np.asarray(imagecodecs.htj2k_decode(stream))
        case Kind.JPEG_XL:
            # The place for the result is given, so that a stream of another size finds none.
            dtype = np.uint8 if shape.stored <= 8 else np.uint16
            size = (shape.rows, shape.columns) if shape.samples == 1 else (shape.rows, shape.columns, shape.samples)
            return np.asarray(imagecodecs.jpegxl_decode(stream, numthreads=1, out=np.empty(size, dtype=dtype)))
        case Kind.RLE:
            return _run_lengths(stream, shape)
        case Kind.ENCAPSULATED_UNCOMPRESSED:
            return _cells(stream, shape)
        case Kind.DEFLATED_FRAME:
            size_bytes = (shape.frame_bits + 7) // 8
            return _cells(zlib.decompressobj(-zlib.MAX_WBITS).decompress(stream, size_bytes), shape)
        case _:
            raise UndecodableError("there is no decoder of this transfer syntax")


def _run_lengths(stream: bytes, shape: Shape) -> NDArray[Any]:
    options: dict[str, Any] = {
        "rows": shape.rows,
        "columns": shape.columns,
        "samples_per_pixel": shape.samples,
        "number_of_frames": 1,
        "bits_allocated": shape.allocated,
        "bits_stored": shape.stored,
        "pixel_representation": int(shape.signed),
        "photometric_interpretation": shape.photometric,
        "planar_configuration": int(shape.by_plane),
        "pixel_keyword": "PixelData",
    }
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0) + struct.pack("<HHI", 0xFFFE, 0xE000, len(stream)) + stream
    array, _ = get_decoder(RLELossless).as_array(item, decoding_plugin="pydicom", raw=True, **options)
    return array


def _check_size(found: tuple[int, int] | None, shape: Shape) -> None:
    if found != (shape.rows, shape.columns):
        words = "no size in the stream" if found is None else f"{found[0]} rows and {found[1]} columns in the stream"
        raise UndecodableError(f"{words}, {shape.rows} and {shape.columns} in the data set")


def _jpeg_size(stream: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(stream) and stream[at] == 0xFF:
        marker = stream[at + 1]
        if marker in _FRAME_HEADERS:
            rows, columns = struct.unpack_from(">HH", stream, at + 5)
            return rows, columns
        at += 1 if marker == 0xFF else 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
    return None


def _jpeg_2000_size(stream: bytes) -> tuple[int, int] | None:
    # ISO/IEC 15444-1 A.5.1: SIZ follows SOC at once; the image begins at an offset in its grid.
    if len(stream) < 24 or stream[:4] != b"\xff\x4f\xff\x51":
        return None
    right, bottom, left, top = struct.unpack_from(">4I", stream, 8)
    return bottom - top, right - left
