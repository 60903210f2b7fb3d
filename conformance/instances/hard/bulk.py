"""Long values and unusual pixel data: over 64 KB, bulk of every word size, floats, none, and what follows it."""

from __future__ import annotations

import struct
from typing import Final

from conformance.instances import seeded
from conformance.instances.hard.case import Case
from conformance.instances.hard.raw import Raw, RawInstance, block, instance_with, sequence, text
from conformance.instances.identity import Identity

_CREATOR: Final = "PACS CONFORMANCE BULK"
_GROUP: Final = 0x0011
_BEYOND_64_KB: Final = 0x1_2000
_UT_BYTES: Final = 1 << 20
_PIXEL_DATA: Final = 0x7FE00010
_TEXT_VALUE: Final = 0x0040A160
_CONTENT_SEQUENCE: Final = 0x0040A730
_DIGITAL_SIGNATURES: Final = 0xFFFAFFFA
_EDGE: Final = 8


def _lines(length: int) -> bytes:
    """Numbered lines, so that a place in them can be told."""
    return b"".join(b"line %07d\r\n" % n for n in range(length // 14 + 1))[: length - 4] + b"end."


def _long_text(identity: Identity) -> RawInstance:
    """UT and UC over 64 KB, at the top level and in an item."""
    unlimited = b"\\".join(b"value %06d" % n for n in range(_BEYOND_64_KB // 12))
    inside = (text(_TEXT_VALUE, "UT", _lines(_BEYOND_64_KB)),)
    elements = (
        *block(_GROUP, 0x10, _CREATOR, text(0x01, "UC", unlimited), text(0x02, "UT", _lines(_UT_BYTES))),
        sequence(_CONTENT_SEQUENCE, inside, inside),
    )
    return instance_with(identity, "UT and UC over 64 KB", elements)


def _overflow(identity: Identity) -> RawInstance:
    """Values over 65534 bytes of VRs whose length has 16 bits in Explicit VR: UN there (PS3.5 6.2.2)."""
    decimals = b"\\".join(b"%06d.5" % n for n in range(_BEYOND_64_KB // 9))
    # Contour Data (3006,0050) is a DS of any number of values.
    elements = (
        text(0x3006_0050, "DS", decimals),
        *block(_GROUP, 0x10, _CREATOR, Raw(tag=0x01, vr="US", value=seeded.octets("overflow", _BEYOND_64_KB))),
    )
    return instance_with(identity, "values over 64 KB of a short VR", elements)


def _at_the_border(identity: Identity) -> RawInstance:
    """The longest value that a length of 16 bits can say, and bulk around it."""
    values = [
        Raw(tag=0x01, vr="US", value=seeded.octets("border", 0xFFFE)),
        *(
            Raw(tag=0x02 + n, vr="OB", value=seeded.octets(f"border {size}", size))
            for n, size in enumerate((0xFFFC, 0xFFFE, 0x10000, 0x10002))
        ),
        text(0x10, "LO", b"what follows"),
    ]
    return instance_with(identity, "values of 65534 bytes and around", block(_GROUP, 0x10, _CREATOR, *values))


def _bulk(identity: Identity) -> RawInstance:
    """OB, OD, OF, OL, OV, OW and UN over 64 KB, none of which any byte order or number format makes into itself."""
    values = [
        Raw(tag=n, vr=vr, value=seeded.octets(f"{identity.sop_instance_uid}/{vr}", _BEYOND_64_KB))
        for n, vr in enumerate(("OB", "OD", "OF", "OL", "OV", "OW", "UN"), start=1)
    ]
    # Public ones: Red Palette Color Lookup Table Data (0028,1201) and Vector Grid Data (0064,0009).
    public = (
        Raw(tag=0x0028_1201, vr="OW", value=struct.pack("<256H", *(n * 257 for n in range(256)))),
        Raw(tag=0x0064_0009, vr="OF", value=struct.pack("<3f", 0.1, -0.0, 1e-45)),
        Raw(tag=0x0066_0040, vr="OL", value=struct.pack("<3I", 1, 0x01020304, 0xFFFFFFFE)),
    )
    return instance_with(identity, "bulk of every word size", (*public, *block(_GROUP, 0x10, _CREATOR, *values)))


def _float_pixels(identity: Identity, *, double: bool) -> RawInstance:
    """Float Pixel Data (7FE0,0008), or Double Float Pixel Data (7FE0,0009), in place of Pixel Data (PS3.3 C.7.6.24)."""
    cells = [(n - 32) / 3 for n in range(_EDGE * _EDGE)]
    bits = 64 if double else 32
    pixels = struct.pack(f"<{len(cells)}{'d' if double else 'f'}", *cells)
    elements = (
        *(Raw(tag=tag, vr="US", value=struct.pack("<H", _EDGE)) for tag in (0x0028_0010, 0x0028_0011)),
        Raw(tag=0x0028_0100, vr="US", value=struct.pack("<H", bits)),
        Raw(tag=0x7FE0_0009 if double else 0x7FE0_0008, vr="OD" if double else "OF", value=pixels),
    )
    words = f"{'double ' if double else ''}float pixel data"
    # PS3.3 C.7.6.24: Bits Stored, High Bit and Pixel Representation are not used with float pixels.
    return instance_with(identity, words, elements, without=(_PIXEL_DATA, 0x0028_0101, 0x0028_0102, 0x0028_0103))


def _no_pixels(identity: Identity) -> RawInstance:
    """Pixel Data of length zero, as an image has whose pixels are provided elsewhere."""
    return instance_with(identity, "pixel data of length zero", [Raw(tag=_PIXEL_DATA, vr="OW")])


def _after_pixels(identity: Identity) -> RawInstance:
    """Elements after the pixel data: a private block in group 7FE1 and a Digital Signatures Sequence (FFFA,FFFA)."""
    signature = (
        Raw(tag=0x0400_0005, vr="US", value=b"\x01\0"),
        text(0x0400_0100, "UI", identity.sop_instance_uid.encode() + b".1"),
        text(0x0400_0110, "CS", b"X509_1993_SIG"),
        Raw(tag=0x0400_0115, vr="OB", value=seeded.octets("certificate", 64)),
        Raw(tag=0x0400_0120, vr="OB", value=seeded.octets("signature", 64)),
    )
    elements = (
        *block(
            0x7FE1, 0x10, _CREATOR, text(0x01, "LO", b"after the pixel data"), Raw(tag=0x02, vr="OB", value=b"\1\2")
        ),
        sequence(_DIGITAL_SIGNATURES, signature),
    )
    return instance_with(identity, "attributes after the pixel data", elements)


BULK: Final = (
    Case(name="UT and UC over 64 KB", requirement="ENC-21", make=_long_text),
    Case(name="short VRs over 64 KB", requirement="ENC-12", make=_overflow),
    Case(name="values of 65534 bytes and around", requirement="ENC-21", make=_at_the_border),
    Case(name="bulk of every word size", requirement="ENC-21", make=_bulk),
    Case(name="float pixel data", requirement="FID-02", make=lambda i: _float_pixels(i, double=False)),
    Case(name="double float pixel data", requirement="FID-02", make=lambda i: _float_pixels(i, double=True)),
    Case(name="pixel data of length zero", requirement="FID-01", make=_no_pixels),
    Case(name="attributes after the pixel data", requirement="FID-01", make=_after_pixels),
)
"""Instances with long values and unusual pixel data."""
