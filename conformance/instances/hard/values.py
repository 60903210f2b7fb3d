"""Values at their limits: of every VR, the longest, the most, odd lengths, spaces, control characters."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from conformance.instances.hard.case import Case
from conformance.instances.hard.raw import Raw, RawInstance, block, instance_with, sequence, text
from conformance.instances.identity import Identity

_CREATOR: Final = "PACS CONFORMANCE VALUES"
_GROUP: Final = 0x0011
_MANY: Final = 10_000

# PS3.5 Table 6.2-1: the longest value of each VR that has a limit, in the default repertoire.
_LONGEST: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "AE": b"SIXTEEN-CHARS-AE",
        "AS": b"999Y",
        "CS": b"SIXTEEN CHARS_16",
        "DA": b"99991231",
        "DS": b"-1.2345678901E10",
        "DT": b"99991231235959.999999+1400",
        "IS": b"-2147483648\\+2147483647",
        "LO": b"L" * 63 + b"o",
        "LT": b"T" * 10239 + b"t",
        "PN": b"A" * 64 + b"=" + b"I" * 64 + b"=" + b"P" * 64,
        "SH": b"SIXTEEN chars SH",
        "ST": b"S" * 1023 + b"t",
        "TM": b"235959.999999",
        "UI": b"1.2.826.0.1.3680043.8.498." + b"9" * 38,
    }
)
# The first of what each VR can say, where that is numbers or bytes.
_SMALLEST_AND_LARGEST: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "AT": struct.pack("<4H", 0x0010, 0x0010, 0xFFFE, 0xFFFF),
        "FD": struct.pack("<5d", 5e-324, -1.7976931348623157e308, 0.1, -0.0, 1 / 3),
        "FL": struct.pack("<4f", 1e-45, -3.4028234663852886e38, 0.1, -0.0),
        "OB": bytes(range(256)),
        "OD": struct.pack("<3d", 0.1, -0.0, float("inf")),
        "OF": struct.pack("<3f", 0.1, -0.0, float("-inf")),
        "OL": bytes(range(64)),
        "OV": bytes(range(64, 128)),
        "OW": bytes(range(128, 192)),
        "SL": struct.pack("<3i", -(1 << 31), -1, (1 << 31) - 1),
        "SS": struct.pack("<3h", -(1 << 15), -1, (1 << 15) - 1),
        "SV": struct.pack("<3q", -(1 << 63), -1, (1 << 63) - 1),
        "UC": b"unlimited\\characters ",
        "UL": struct.pack("<2I", 0, (1 << 32) - 1),
        "UN": b"\x00\xff\xfe\x00",
        "UR": b"http://conformance.invalid/a;b?c=%5C&d=e",
        "US": struct.pack("<2H", 0, (1 << 16) - 1),
        "UT": b"  text, of any length",
        "UV": struct.pack("<3Q", 0, 1 << 63, (1 << 64) - 1),
    }
)


def _in_block(identity: Identity, label: str, elements: list[Raw]) -> RawInstance:
    numbered = (Raw(tag=n, vr=e.vr, value=e.value) for n, e in enumerate(elements, start=1))
    return instance_with(identity, label, block(_GROUP, 0x10, _CREATOR, *numbered))


def _every_vr(identity: Identity) -> RawInstance:
    values = dict(sorted({**_LONGEST, **_SMALLEST_AND_LARGEST}.items()))
    return _in_block(identity, "every VR at its limits", [text(0, vr, value) for vr, value in values.items()])


def _long_integers(identity: Identity) -> RawInstance:
    """OV, SV and UV, whose headers in Explicit VR are long (PS3.5 Table 7.1-1)."""
    values = [Raw(tag=0, vr=vr, value=_SMALLEST_AND_LARGEST[vr]) for vr in ("OV", "SV", "UV", "OV")]
    return _in_block(identity, "OV, SV and UV", [*values, text(0, "LO", b"what follows them")])


def _special_floats(identity: Identity) -> RawInstance:
    quiet = struct.pack("<I", 0x7FC00001) + struct.pack("<f", float("-inf")) + struct.pack("<f", -0.0)
    double = struct.pack("<Q", 0x7FF8000000000001) + struct.pack("<3d", float("inf"), float("-inf"), -0.0)
    values = [Raw(tag=0, vr=vr, value=value) for vr, value in (("FL", quiet), ("FD", double), ("OF", quiet))]
    return _in_block(identity, "NaN, infinities and negative zero", values)


def _longest_public(identity: Identity) -> RawInstance:
    """Public attributes, some of which archives keep in columns of a database, at their longest."""
    elements = (
        text(0x0008_1010, "SH", _LONGEST["SH"]),
        text(0x0008_1030, "LO", _LONGEST["LO"]),
        text(0x0010_1001, "PN", _LONGEST["PN"]),
        text(0x0010_4000, "LT", _LONGEST["LT"]),
        text(0x0008_0081, "ST", _LONGEST["ST"]),
        text(0x0018_1030, "LO", b"P" * 64),
        text(0x0008_002A, "DT", _LONGEST["DT"]),
    )
    return instance_with(identity, "public attributes at their longest", elements)


def _odd_lengths(identity: Identity) -> RawInstance:
    """Values of odd length, padded to an even one as each VR says (PS3.5 6.2)."""
    odd = {"DS": b"1.5", "IS": b"-12", "TM": b"235959.1".ljust(9, b"0"), "DT": b"20200229235959.12", "UI": b"1.2.3"}
    kinds = ("AE", "CS", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT")
    values = [text(0, vr, odd.get(vr, b"ODD")) for vr in kinds]
    values.append(Raw(tag=0, vr="OB", value=b"\x01\x02\x03\0"))
    values.append(text(0, "UI", b"1.2.840.10008.1.2\\1.2.840.10008.1.2.1"))
    return _in_block(identity, "values of odd length", values)


def _spaces(identity: Identity) -> RawInstance:
    """Leading spaces, of which those of LT, ST and UT are significant, and trailing ones (PS3.5 Table 6.2-1)."""
    elements = (
        text(0x0010_4000, "LT", b"   three spaces before, and two after  "),
        text(0x0008_0081, "ST", b"  two spaces before\r\n  and two on the second line"),
        *block(
            _GROUP,
            0x10,
            _CREATOR,
            text(0x01, "UT", b" one space before"),
            text(0x02, "UC", b" one space before"),
            text(0x03, "LO", b" insignificant spaces "),
            text(0x04, "SH", b"  \\ b \\c  "),
            text(0x05, "CS", b" CODE \\CODE 2 "),
            text(0x06, "DS", b" 1.5 \\2 "),
            text(0x07, "IS", b" 1\\ -2 "),
            text(0x08, "AE", b"  TITLE "),
        ),
    )
    return instance_with(identity, "leading and trailing spaces", elements)


def _control_characters(identity: Identity) -> RawInstance:
    """The control characters of LT, ST and UT, and backslashes, which delimit nothing in them (PS3.5 6.1.3, 6.2)."""
    words = b"a\\b\\\\c\r\nline two\r\n\tafter a tab\x0cafter a form feed\r\n"
    elements = (
        text(0x0010_4000, "LT", words),
        text(0x0008_0081, "ST", words),
        *block(
            _GROUP, 0x10, _CREATOR, text(0x01, "UT", words), text(0x02, "LT", b"\\\\"), text(0x03, "UR", b"a:b%5Cc")
        ),
    )
    return instance_with(identity, "control characters and backslashes in text", elements)


def _multiple_values(identity: Identity) -> RawInstance:
    """Ten thousand values, and empty ones whose places count (PS3.5 6.4)."""
    decimals = b"\\".join(b"%d.%d" % (n % 100, n % 7) for n in range(_MANY))
    elements = [
        text(0, "DS", decimals),
        Raw(tag=0, vr="US", value=struct.pack(f"<{_MANY}H", *(n % 65536 for n in range(_MANY)))),
        Raw(tag=0, vr="FL", value=struct.pack(f"<{_MANY}f", *(n / 3 for n in range(_MANY)))),
        text(0, "IS", b"\\".join(b"%d" % n for n in range(_MANY))),
        text(0, "CS", b"A\\\\B\\\\\\C"),
        text(0, "LO", b"\\first is empty"),
        text(0, "SH", b"last is empty\\"),
        text(0, "UC", b"\\\\" + b"value\\" * _MANY + b"end"),
        text(0, "DS", b"1\\\\3"),
    ]
    return _in_block(identity, f"{_MANY} values, and empty ones among them", elements)


def _numbers(identity: Identity) -> RawInstance:
    """Decimal and integer strings whose text says more than their number, dates and times of every precision."""
    elements = [
        text(0, "DS", b"0.1\\+1.50\\-0\\1E-5\\1.0E+3\\.5\\5.\\1234567890.12345\\00012"),
        text(0, "IS", b"+7\\-0\\007\\2147483647\\-2147483648"),
        text(0, "DA", b"00010101\\99991231\\20000229"),
        text(0, "TM", b"00\\0000\\235960\\235959.1\\235959.123456"),
        text(0, "DT", b"2020\\202002\\2020022923\\20200229235959.5-1200\\20200229235959.000001+1400"),
        text(0, "AS", b"000D\\001W\\011M\\120Y"),
    ]
    return _in_block(identity, "numbers, dates and times of every form", elements)


def _names(identity: Identity) -> RawInstance:
    """Person names with empty components and groups (PS3.5 6.2.1)."""
    elements = (
        text(
            0x0010_1001, "PN", b"^Given\\Family^^Middle\\Family^Given^Middle^Prefix^Suffix\\=^Ideographic\\==^Phonetic"
        ),
        text(0x0008_0090, "PN", b"Family^Given^^"),
        text(0x0008_1048, "PN", b"A^B=C^D=E^F\\G"),
    )
    return instance_with(identity, "names of every form", elements)


def _unusual_tags(identity: Identity) -> RawInstance:
    """Retired attributes, public tags that no dictionary has, and repeating groups (PS3.5 7.6)."""
    overlays = [element for group in (0x6000, 0x6002, 0x601E) for element in _overlay(group)]
    elements = (
        Raw(tag=0x0008_0040, vr="US", value=b"\x01\0"),  # Data Set Type, retired
        text(0x0008_0041, "LO", b"of ACR-NEMA"),  # Data Set Subtype, retired
        text(0x0010_1001, "PN", b"CONFORMANCE^OTHER"),
        text(0x0020_1000, "IS", b"7 "),  # Series in Study, retired
        text(0x0028_0040, "CS", b"RECT"),  # Image Format, retired
        text(0x0018_9998, "LO", b"not in any dictionary"),
        text(0x0052_9998, "UT", b"not in any dictionary either"),
        Raw(tag=0x5000_0005, vr="US", value=b"\x01\0"),  # Curve Dimensions, retired
        text(0x5000_0020, "CS", b"POLY"),  # Type of Data, retired
        *overlays,
    )
    return instance_with(identity, "retired and unknown attributes, repeating groups", elements)


def _overlay(group: int) -> tuple[Raw, ...]:
    """An overlay of 16 by 16 (PS3.3 C.9.2), of other bits in each group."""
    base = group << 16
    sixteen = struct.pack("<H", 16)
    return (
        Raw(tag=base | 0x0010, vr="US", value=sixteen),
        Raw(tag=base | 0x0011, vr="US", value=sixteen),
        text(base | 0x0040, "CS", b"G"),
        Raw(tag=base | 0x0050, vr="SS", value=struct.pack("<2h", 1, 1)),
        Raw(tag=base | 0x0100, vr="US", value=struct.pack("<H", 1)),
        Raw(tag=base | 0x0102, vr="US", value=struct.pack("<H", 0)),
        Raw(tag=base | 0x3000, vr="OW", value=bytes([group & 0xFF, 0x55]) * 16),
    )


def irregular(identity: Identity) -> RawInstance:
    """Values that break the length or the form of their VR (PS3.5 Table 6.2-1), as senders in the field have them."""
    elements = [
        text(0, "LO", b"L" * 199 + b"o"),
        text(0, "SH", b"S" * 39 + b"h"),
        text(0, "CS", b"lower case, and more than 16"),
        text(0, "IS", b"99999999999"),
        text(0, "DS", b"1.23456789012345678901234567890"),
        text(0, "DA", b"20201399"),
        text(0, "TM", b"250000"),
        text(0, "AE", b"A TITLE OF MORE THAN SIXTEEN"),
        text(0, "PN", b"A" * 100 + b"^B^C^D^E^F=G=H=I"),
    ]
    return _in_block(identity, "values against the rules of their VRs", elements)


def _empty(identity: Identity) -> RawInstance:
    """An element without a value of every VR, in a block and in an item."""
    kinds = sorted({**_LONGEST, **_SMALLEST_AND_LARGEST})
    made = [Raw(tag=n, vr=vr) for n, vr in enumerate(kinds, start=1)]
    inside = block(_GROUP, 0x10, _CREATOR, Raw(tag=0x01, vr="LO"), text(0x02, "LO", b"beside an empty one"))
    elements = (*block(_GROUP, 0x10, _CREATOR, *made), sequence(0x0040_0275, inside))
    return instance_with(identity, "elements without a value", elements)


VALUES: Final = (
    Case(name="every VR at its limits", requirement="ENC-20", make=_every_vr),
    Case(name="OV, SV and UV", requirement="ENC-27", make=_long_integers),
    Case(name="special floats", requirement="ENC-20", make=_special_floats),
    Case(name="public attributes at their longest", requirement="ENC-21", make=_longest_public),
    Case(name="odd lengths", requirement="ENC-04", make=_odd_lengths),
    Case(name="leading and trailing spaces", requirement="ENC-05", make=_spaces),
    Case(name="control characters and backslashes", requirement="ENC-05", make=_control_characters),
    Case(name="10,000 values and empty ones", requirement="ENC-06", make=_multiple_values),
    Case(name="numbers, dates and times", requirement="ENC-06", make=_numbers),
    Case(name="names", requirement="ENC-25", make=_names),
    Case(name="retired, unknown and repeating groups", requirement="ENC-23", make=_unusual_tags),
    Case(name="elements without a value", requirement="ENC-18", make=_empty),
)
"""Instances with values at their limits."""
