"""Data sets decoded and encoded without touching a value."""

from __future__ import annotations

import itertools
import struct

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from conformance.target.embedded.elements import decode, encode
from conformance.target.embedded.walk import Encoding, NotReadable
from tests.target.embedded.data import ct, encoded

ENCODINGS = {
    "implicit": Encoding(explicit_vr=False),
    "explicit": Encoding(explicit_vr=True),
    "big-endian": Encoding(explicit_vr=True, big_endian=True),
}


def rich() -> Dataset:
    """A data set with one of most things."""
    data = ct(257)  # pixels of 0101H: pydicom leaves the byte order of OW to its caller
    data.PixelSpacing = [0.5, 0.25]
    data.ImageType = ["ORIGINAL", "", "AXIAL"]
    data.SmallestImagePixelValue = 3
    inner = Dataset()
    inner.CodeValue = "T-1"
    inner.add_new(0x0009_0010, "LO", "INNER")
    inner.add_new(0x0009_1001, "UN", b"\1\2\3\4")
    item = Dataset()
    item.ConceptCodeSequence = Sequence([inner, Dataset()])
    data.ContentSequence = Sequence([item])
    data.RequestAttributesSequence = Sequence([])
    data.RealWorldValueSlope = 2.5
    data.LUTDescriptor = [256, 0, 16]
    data.FrameIncrementPointer = 0x0018_1063
    return data


def as_pydicom(name: str) -> bytes:
    encoding = ENCODINGS[name]
    return encoded(rich(), explicit=encoding.explicit_vr, big_endian=encoding.big_endian)


@pytest.mark.parametrize(("source", "target"), list(itertools.product(ENCODINGS, ENCODINGS)))
def test_another_encoding_is_what_pydicom_makes_of_it(source: str, target: str) -> None:
    expected = as_pydicom(target)
    if source == "implicit" and target != "implicit":
        # A private element in Implicit VR has no VR to give.
        expected = encoded(unknown_private(rich()), explicit=True, big_endian=ENCODINGS[target].big_endian)
    assert encode(decode(as_pydicom(source), ENCODINGS[source]), ENCODINGS[target]) == expected


def unknown_private(data: Dataset) -> Dataset:
    data[0x0011_1001].VR = "UN"
    data[0x0011_1001].value = b"private "
    return data


def test_big_endian_pixels_are_swapped() -> None:
    elements = decode(encoded(ct(1), explicit=True), ENCODINGS["explicit"])
    assert encode(elements, ENCODINGS["big-endian"])[-4:] == b"\0\1\0\1"


def test_undefined_lengths_are_read() -> None:
    explicit = ENCODINGS["explicit"]
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + b"\x40\0\x09\0SH\x02\0S1" + b"\xfe\xff\x0d\xe0\0\0\0\0"
    data = b"\x40\0\x75\x02SQ\0\0\xff\xff\xff\xff" + item + b"\xfe\xff\xdd\xe0\0\0\0\0"
    decoded = decode(data, explicit)
    assert decoded[0x0040_0275].items is not None
    assert decoded[0x0040_0275].items[0][0x0040_0009].value == b"S1"


def test_un_of_undefined_length_is_implicit_inside() -> None:
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 10) + b"\x40\0\x09\0\x02\0\0\0S1"
    data = b"\x41\0\x01\x10UN\0\0\xff\xff\xff\xff" + item + b"\xfe\xff\xdd\xe0\0\0\0\0"
    decoded = decode(data, ENCODINGS["explicit"])
    assert decoded[0x0041_1001].items is not None
    assert decoded[0x0041_1001].items[0][0x0040_0009].value == b"S1"


def test_a_value_too_long_for_the_short_form_is_written_as_un() -> None:
    data = ct()
    data.add_new(0x0018_9999, "UN", b"")
    implicit = encoded(data).replace(
        b"\x18\0\x99\x99\0\0\0\0", b"\x18\0\x64\x11" + struct.pack("<I", 70000) + b"1\\" * 35000
    )
    explicit = encode(decode(implicit, ENCODINGS["implicit"]), ENCODINGS["explicit"])
    assert b"\x18\0\x64\x11UN\0\0" + struct.pack("<I", 70000) in explicit


@pytest.mark.parametrize("cut", [1, 5, 9])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_is_cut_is_not_readable(encoding: str, cut: int) -> None:
    with pytest.raises(NotReadable):
        decode(as_pydicom(encoding)[:-cut], ENCODINGS[encoding])
