"""An ICC input profile (PS3.3 C.11.15): the sRGB primaries with gamma 2.2, made by hand so that no byte changes."""

import struct
from typing import Final

_HEADER_BYTES: Final = 128
_TAG_BYTES: Final = 12
# ICC.1:2001-04 section 6.1.7: the white of the connection space, D50; the sRGB primaries adapted to it.
_D50: Final = (0.9642, 1.0, 0.8249)
_PRIMARIES: Final = {
    b"rXYZ": (0.4361, 0.2225, 0.0139),
    b"gXYZ": (0.3851, 0.7169, 0.0971),
    b"bXYZ": (0.1431, 0.0606, 0.7141),
}
_GAMMA: Final = 2.2


def input_profile() -> bytes:
    """Return a version 2 profile of class `scnr`, RGB to XYZ by matrix and curves, as PS3.3 C.11.15.1.1 demands."""
    tags = {
        b"desc": _description("Conformance RGB"),
        b"cprt": _text("No copyright"),
        b"wtpt": _xyz(*_D50),
        **{name: _xyz(*value) for name, value in _PRIMARIES.items()},
        **{name: _curve(_GAMMA) for name in (b"rTRC", b"gTRC", b"bTRC")},
    }
    table = struct.pack(">I", len(tags))
    offset = _HEADER_BYTES + len(table) + _TAG_BYTES * len(tags)
    for name, data in tags.items():
        table += struct.pack(">4sII", name, offset, len(data))
        offset += len(data)
    body = table + b"".join(tags.values())
    return _header(_HEADER_BYTES + len(body)) + body


def _header(size: int) -> bytes:
    # ICC.1:2001-04 section 6.1: size, CMM, version, class, spaces, date, signature, platform, flags ... intent, white
    head = struct.pack(
        ">I4sI4s4s4s6H4s", size, b"", 0x02100000, b"scnr", b"RGB ", b"XYZ ", 2001, 1, 1, 0, 0, 0, b"acsp"
    )
    white = b"".join(_fixed(value) for value in _D50)
    return head.ljust(68, b"\0") + white.ljust(_HEADER_BYTES - 68, b"\0")


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(x) + _fixed(y) + _fixed(z)


def _curve(gamma: float) -> bytes:
    # One entry is a gamma, in eighths of a byte: u8Fixed8Number.
    return _padded(struct.pack(">4sIIH", b"curv", 0, 1, round(gamma * 256)))


def _text(text: str) -> bytes:
    return _padded(b"text\0\0\0\0" + text.encode("ascii") + b"\0")


def _description(text: str) -> bytes:
    ascii_text = text.encode("ascii") + b"\0"
    # Neither Unicode (language and count) nor Macintosh text (script code, count and 67 bytes).
    empty = struct.pack(">II", 0, 0) + struct.pack(">HB", 0, 0) + bytes(67)
    return _padded(struct.pack(">4sII", b"desc", 0, len(ascii_text)) + ascii_text + empty)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
