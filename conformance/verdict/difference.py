"""A difference between what was sent and what is stored, and what the standard lets an archive change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydicom.datadict import keyword_for_tag
from pydicom.tag import BaseTag

from conformance.verdict.values import TEXT_VRS, Value

_SHOWN_CHARACTERS: Final = 64
_SHOWN_BYTES: Final = 16


class DifferenceKind(StrEnum):
    """What differs."""

    MISSING = "missing"
    ADDED = "added"
    CHANGED = "changed"
    VR_CHANGED = "VR changed"
    ITEMS = "items"
    """Number or order of the items of a sequence."""
    COERCED = "coerced"
    """Changed where PS3.4 B.4.1.3 lets an SCP change it, provided that it answers with a Warning."""
    LOSSY = "lossy compression"
    """Pixel data with other samples, in a data set that tells of a lossy compression (PS3.3 C.7.6.1.1.5)."""
    UNDECODABLE = "undecodable"
    """Perhaps the same: one side cannot be decoded here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One element that is not stored as it was sent.

    Args:
        path: Where, as `(0008,1140)[0].(0008,1155)`; items count from 0, tags are those of the sent data set where it
            has the element.
        keyword: Keyword of the element, or the private creator and element number.
        kind: What differs.
        sent: The value sent, shortened; empty when there was none.
        stored: The value stored, shortened; empty when there is none.
        vr: The value representation that the values were compared as.
        permitted: The clause and reason where an archive may do it; None where no clause is known that lets it.
    """

    path: str
    keyword: str
    kind: DifferenceKind
    sent: str
    stored: str
    vr: str = ""
    permitted: str | None = None

    @property
    def is_private(self) -> bool:
        """Whether the element, or a sequence around it, is private."""
        return any(int(step[1:5], 16) % 2 for step in self.path.split("."))

    @property
    def is_pixel_data(self) -> bool:
        """Whether it is the pixel data of the instance: (7FE0,0008), (7FE0,0009) or (7FE0,0010)."""
        return self.path in ("(7FE0,0008)", "(7FE0,0009)", "(7FE0,0010)")

    def __str__(self) -> str:
        """The difference in one line."""
        name = f"{self.path} {self.keyword}".rstrip()
        match self.kind:
            case DifferenceKind.MISSING:
                what = f"{name} missing, sent {self.sent}"
            case DifferenceKind.ADDED:
                what = f"{name} added: {self.stored}"
            case DifferenceKind.UNDECODABLE:
                what = f"{name} cannot be compared: {self.stored}"
            case _:
                what = f"{name} {self.kind.value}: sent {self.sent}, stored {self.stored}"
        return f"{what} [{self.permitted}]" if self.permitted else what


def tag_text(tag: BaseTag) -> str:
    """A tag as `(gggg,eeee)`."""
    return f"({tag.group:04X},{tag.element:04X})"


def name_of(tag: BaseTag, creator: str | None) -> str:
    """The keyword of a standard element; creator and element number of a private one; empty where neither is known."""
    if creator is not None:
        return f"[{creator}] {tag.element & 0xFF:02X}"
    if tag.is_private_creator:
        return "PrivateCreator"
    return keyword_for_tag(tag)


def shown(value: Value, vr: str) -> str:
    """A value for people: text quoted, numbers and bytes in hexadecimal, all of it short."""
    if value.items is not None:
        return f"{len(value.items)} item{'' if len(value.items) == 1 else 's'}"
    if not value.data:
        return "empty"
    if vr in TEXT_VRS:
        text = value.text(vr)
        return repr(text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…")
    head = value.data[:_SHOWN_BYTES].hex(" ")
    return f"{len(value.data)} bytes {head}{'…' if len(value.data) > _SHOWN_BYTES else ''}"


# PS3.4 Table B.4-1.
COERCIBLE: Final = frozenset({0x00100020, 0x00100021, 0x00101002, 0x0020000D, 0x0020000E})

# What an archive that receives an instance may add to it.
ADDITIONS: Final = {
    0x00080015: "PS3.3 C.12.1: Instance Coercion DateTime is set by a Storage SCP",
    0x0018A001: "PS3.3 C.12.1.1.5: Contributing Equipment Sequence is added by equipment that handled the instance",
    0x04000561: "PS3.3 C.12.1.1.9: Original Attributes Sequence is added by who changes an instance",
}

# What goes with the encoding of the pixels and may follow a change of the transfer syntax.
PIXEL_ENCODING: Final = {
    0x00280004: "PS3.5 8.2: Photometric Interpretation follows the compression",
    0x00280006: "PS3.5 8.2: Planar Configuration follows the compression",
    0x7FE00001: "PS3.3 C.7.6.3.1.8: an offset table belongs to one encapsulation",
    0x7FE00002: "PS3.3 C.7.6.3.1.8: an offset table belongs to one encapsulation",
    0x7FE00003: "PS3.5 A.4: a total length belongs to one encapsulation",
}

# PS3.3 C.7.6.3.1.2: what the colour transform of a compression turns into each other; grey and palettes stay.
COLOUR_SPACES: Final = frozenset(
    {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_PARTIAL_422", "YBR_ICT", "YBR_RCT", "XYB"}
)

# PS3.3 C.7.6.1.1.5: what tells of a lossy compression.
LOSSY_COMPRESSION: Final = frozenset({0x00080008, 0x00082111, 0x00282110, 0x00282112, 0x00282114})
UNUSED_BITS_CLAUSE: Final = "PS3.5 8.1.1: nothing is to be assumed about bits that no sample uses"
LOSSY_CLAUSE: Final = "PS3.3 C.7.6.1.1.5: tells of a lossy compression"

TRAILING_PADDING: Final = 0xFFFCFFFC

# PS3.3 C.7.1.1, C.7.2.1, C.7.3.1, C.7.5.1, C.7.6.1, C.8.2.1, C.7.4.1: Type 2 wherever they stand at the top level of an
# instance with a patient, so never Type 3.
TYPE_2: Final = frozenset(
    {
        0x00080020,  # Study Date
        0x00080030,  # Study Time
        0x00080050,  # Accession Number
        0x00080090,  # Referring Physician's Name
        0x00100010,  # Patient's Name
        0x00100020,  # Patient ID
        0x00100030,  # Patient's Birth Date
        0x00100040,  # Patient's Sex
        0x00200010,  # Study ID
    }
)


def may_be_missing(tag: BaseTag, value: Value, *, top_level: bool) -> str | None:
    """The clause that lets an archive leave out an element that was sent."""
    if tag.element == 0:
        return "PS3.5 7.2: group lengths are optional and retired"
    if tag == TRAILING_PADDING:
        return "PS3.10 7.2: trailing padding has no meaning"
    if value.is_empty and not (top_level and tag in TYPE_2):
        return "PS3.4 B.4.1.1 note: an empty Type 3 attribute may be discarded"
    return None


def may_be_added(tag: BaseTag, *, top_level: bool) -> str | None:
    """The clause that lets an archive add an element that was not sent."""
    if tag.element == 0:
        return "PS3.5 7.2: group lengths are optional and retired"
    if tag == TRAILING_PADDING:
        return "PS3.10 7.2: trailing padding has no meaning"
    return ADDITIONS.get(tag) if top_level else None
