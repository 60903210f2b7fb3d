"""The transfer syntaxes of PS3.6 Table A-1: 63 registered, 45 of them current (edition 2026a)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import StrEnum, unique
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

IMPLICIT_VR_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2.1"
DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2.1.99"
EXPLICIT_VR_BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"


@unique
class Kind(StrEnum):
    """What the pixel data, or the whole data set, looks like."""

    NATIVE = "native"
    DEFLATED = "deflated"
    """Native pixel data in a data set that is deflated as a whole."""
    ENCAPSULATED_UNCOMPRESSED = "encapsulated-uncompressed"
    DEFLATED_FRAME = "deflated-frame"
    RLE = "rle"
    JPEG = "jpeg"
    JPEG_LS = "jpeg-ls"
    JPEG_2000 = "jpeg-2000"
    HTJ2K = "htj2k"
    JPEG_XL = "jpeg-xl"
    MPEG = "mpeg"
    """MPEG-2, MPEG-4 AVC and HEVC."""
    JPIP = "jpip"
    """No Pixel Data: a reference to a pixel data provider."""
    SMPTE = "smpte"
    """Real-time communication only (PS3.22); never on an association."""
    OTHER = "other"


_NOT_ENCAPSULATED: Final = frozenset({Kind.NATIVE, Kind.DEFLATED, Kind.JPIP, Kind.SMPTE, Kind.OTHER})


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSyntax:
    """One row of the registry.

    Attributes:
        uid: Its UID.
        keyword: Its keyword in PS3.6.
        name: Its name in PS3.6.
        retired: True if the standard no longer defines it.
        kind: What the pixel data looks like.
        rule: The obligation attached to it, in words; empty if none.
    """

    uid: str
    keyword: str
    name: str
    retired: bool
    kind: Kind
    rule: str

    @property
    def encapsulated(self) -> bool:
        """True if Pixel Data is a sequence of fragments (PS3.5 A.4)."""
        return self.kind not in _NOT_ENCAPSULATED


def _read() -> tuple[TransferSyntax, ...]:
    text = (files(__package__) / "transfer_syntaxes.csv").read_text(encoding="utf-8")
    return tuple(
        TransferSyntax(
            uid=row["uid"],
            keyword=row["keyword"],
            name=row["name"],
            retired=row["retired"] == "yes",
            kind=Kind(row["kind"]),
            rule=row["rule"],
        )
        for row in csv.DictReader(text.splitlines())
    )


TRANSFER_SYNTAXES: Final = _read()
"""All 63, in the order of PS3.6."""

_BY_UID: Final = MappingProxyType({row.uid: row for row in TRANSFER_SYNTAXES})

COMPANIONS: Final = MappingProxyType(
    {
        DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN: EXPLICIT_VR_LITTLE_ENDIAN,
        "1.2.840.10008.1.2.4.57": "1.2.840.10008.1.2.4.70",
        "1.2.840.10008.1.2.4.81": "1.2.840.10008.1.2.4.80",
    }
)
"""The transfer syntax that whoever supports another one supports as well (PS3.5 A.5, 10.2, 10.5)."""


def transfer_syntax(uid: str) -> TransferSyntax | None:
    """The row with this UID, or None: private, or newer than the table."""
    return _BY_UID.get(uid)


def transfer_syntax_name(uid: str) -> str:
    """The name for a report, or the UID itself where the table has none."""
    row = _BY_UID.get(uid)
    return uid if row is None else row.name


@cache
def uid_by_keyword() -> MappingProxyType[str, str]:
    """UIDs by keyword."""
    return MappingProxyType({row.keyword: row.uid for row in TRANSFER_SYNTAXES})
