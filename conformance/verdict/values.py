"""One data element in a form that no encoding changes: its VR and its value bytes in little endian, or its items.

Nothing here judges. Byte order, even-length padding, character repertoires and the way in which pydicom happens to hold
an element are taken away, so that what is left can be compared.
"""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

import numpy as np
from pydicom import config
from pydicom.charset import convert_encodings, decode_bytes
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_sequence
from pydicom.filewriter import write_data_element
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag

# PS3.5 Table 6.2-1 and section 7.3: what is swapped in Big Endian, by word size.
_WORD_BYTES: Final = {
    **dict.fromkeys(("US", "SS", "OW", "AT"), 2),
    **dict.fromkeys(("UL", "SL", "FL", "OF", "OL"), 4),
    **dict.fromkeys(("UV", "SV", "FD", "OD", "OV"), 8),
}
# PS3.5 section 6.1.2.2: the VRs that Specific Character Set governs.
CHARACTER_SET_VRS: Final = frozenset({"SH", "LO", "ST", "LT", "PN", "UC", "UT"})
TEXT_VRS: Final = CHARACTER_SET_VRS | {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"}
# PS3.5 Table 6.2-1: one value each, in which a backslash is a character like any other.
_SINGLE_VALUED: Final = frozenset({"ST", "LT", "UT", "UR"})
# PS3.5 Table 6.2-1: leading spaces are not significant.
_LEADING_SPACE_VRS: Final = frozenset({"AE", "CS", "DS", "IS", "LO", "SH"})
_NUMBER_VRS: Final = frozenset({"DS", "IS"})
# PS3.3 Table C.12-4: GB 2312 is designated to G1. pydicom decodes by this escape and leaves it in the text.
_GB_2312_TO_G1: Final = "\x1b$)A"
# PS3.5 Table 6.2-1: strings of the default character repertoire.
_PLAIN_VRS: Final = frozenset({"AE", "AS", "CS", "DA", "DT", "TM", "UI"})
# Strings of a character set, and the codecs in which the default repertoire has its own bytes.
_WORDS_VRS: Final = frozenset({"SH", "LO", "ST", "LT", "UC", "UT"})
_ASCII_CODECS: Final = frozenset({"iso8859", "latin_1", "UTF8", "utf8"})
_STRUCTS: Final = {"US": "H", "UL": "I", "SL": "i", "FL": "f", "FD": "d"}
_BYTES_VRS: Final = frozenset({"OB", "OW", "OF", "OL", "OD", "OV", "UN"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """An element's value.

    Args:
        vr: The value representation; "UN" where nothing says it.
        vr_is_encoded: Whether the encoding that it was read from carried the VR.
        data: The value's bytes in little endian without the one byte that pads to even length; empty for a sequence.
        items: The items of a sequence; None for any other VR.
        encapsulated: Whether the bytes are pixel data in fragments.
        encodings: The Python codecs of the character sets that govern it.
    """

    vr: str
    vr_is_encoded: bool
    data: bytes
    items: tuple[Dataset, ...] | None
    encapsulated: bool
    encodings: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether it has no value: zero length, or no items."""
        return not self.items if self.items is not None else not self.data

    def text(self, vr: str) -> str:
        """The bytes as text of a VR, character set decoded; padding is kept, but for the byte of even length."""
        data = _without_padding(vr, self.data) if self.vr == "UN" else self.data
        if data.isascii() and b"\x1b" not in data:
            return data.decode("ascii")
        if vr not in CHARACTER_SET_VRS:
            return data.decode("latin-1")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            delimiters = {ord(character) for character in ("\r\n\t\f" if vr in _SINGLE_VALUED else "\\^=\r\n\t\f")}
            return decode_bytes(data, list(self.encodings), delimiters).replace(_GB_2312_TO_G1, "")


def character_encodings(dataset: Dataset, inherited: tuple[str, ...]) -> tuple[str, ...]:
    """The Python codecs of a data set's Specific Character Set, or of the one around it (PS3.3 C.12.1.1.2)."""
    element = _held(dataset, BaseTag(0x00080005))
    if element is None or not element.value:
        return inherited
    terms = element.value
    if isinstance(terms, bytes):
        terms = terms.decode("latin-1").rstrip("\0 ").split("\\")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return tuple(convert_encodings([terms] if isinstance(terms, str) else list(terms)))
        except (LookupError, ValueError):
            return inherited


def value_of(dataset: Dataset, tag: BaseTag, encodings: tuple[str, ...]) -> Value:
    """The value of an element that is there.

    Args:
        dataset: Holds the element; it stays as it is, apart from what pydicom decodes on access.
        tag: Its tag.
        encodings: The codecs that govern the data set.
    """
    element = _held(dataset, tag)
    if element is None:
        return Value(vr="UN", vr_is_encoded=False, data=b"", items=None, encapsulated=False, encodings=encodings)
    implicit, little_endian = dataset.original_encoding
    if isinstance(element, RawDataElement):
        return _raw_value(dataset, element, encodings)
    return _element_value(element, encodings, vr_is_encoded=not implicit, swap=little_endian is False)


def _held(dataset: Dataset, tag: BaseTag) -> DataElement | RawDataElement | None:
    """An element as pydicom holds it; None when it is absent, or of a VR that pydicom cannot hold."""
    try:
        return dataset.get_item(tag)
    except Exception:
        return None


def items_of(value: Value, encodings: tuple[str, ...]) -> tuple[Dataset, ...] | None:
    """The items of a sequence, also of one whose bytes stand under VR UN; None where the bytes are no sequence.

    PS3.5 6.2.2 note 4: a sequence that its sender did not know is UN with items in Implicit VR Little Endian.
    """
    if value.items is not None:
        return value.items
    if value.vr != "UN" or value.encapsulated:
        return None
    if not value.data:
        return ()
    padded = value.data + b"\0" * (len(value.data) % 2)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = read_sequence(
                io.BytesIO(padded),
                is_implicit_VR=True,
                is_little_endian=True,
                bytelength=len(padded),
                encoding=list(encodings),
            )
            return tuple(read)
    except Exception:
        return None


def same_text(vr: str, sent: str, stored: str) -> str | None:
    """Whether two texts mean the same.

    Returns:
        "" when they are equal, the clause that makes the difference insignificant, or None when they differ.
    """
    if sent == stored:
        return ""
    sent_values, stored_values = _components(vr, sent), _components(vr, stored)
    if sent_values == stored_values:
        return "PS3.5 Table 6.2-1: padding of the value is not significant"
    if len(sent_values) != len(stored_values):
        return None
    if vr in _NUMBER_VRS and all(map(_same_number, sent_values, stored_values)):
        return "PS3.5 Table 6.2-1: another text of the same number"
    if vr == "PN" and all(map(_same_name, sent_values, stored_values)):
        return "PS3.5 6.2, 6.2.1: spaces around components, and trailing null components, have no meaning"
    return None


def dictionary_vr(tag: BaseTag) -> str | None:
    """The VR of a standard element, such as "CS" or "US or SS"; None for a private or unknown one."""
    try:
        return dictionary_VR(tag)
    except KeyError:
        return None


def _raw_value(dataset: Dataset, raw: RawDataElement, encodings: tuple[str, ...]) -> Value:
    vr = raw.VR or _guessed_vr(raw.tag)
    data = raw.value if isinstance(raw.value, bytes) else b""
    undefined_length = raw.length == 0xFFFFFFFF
    is_pixel_data = raw.tag == 0x7FE00010
    if vr == "SQ" or (undefined_length and not is_pixel_data) or not isinstance(raw.value, bytes | None):
        return _decoded(dataset, raw, encodings)
    if not raw.is_little_endian:
        data = swapped(vr, data)
    return Value(
        vr=vr,
        vr_is_encoded=raw.VR is not None,
        data=data if undefined_length else _without_padding(vr, data),
        items=None,
        encapsulated=undefined_length and is_pixel_data,
        encodings=encodings,
    )


def _decoded(dataset: Dataset, raw: RawDataElement, encodings: tuple[str, ...]) -> Value:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            element = dataset[raw.tag]
    except Exception:
        data = raw.value if isinstance(raw.value, bytes) else b""
        return Value(vr="UN", vr_is_encoded=False, data=data, items=None, encapsulated=False, encodings=encodings)
    return _element_value(element, encodings, vr_is_encoded=raw.VR is not None, swap=not raw.is_little_endian)


def _guessed_vr(tag: BaseTag) -> str:
    if tag.is_private:
        return "LO" if tag.is_private_creator else "UN"
    vr = dictionary_vr(tag) or "UN"
    # Ambiguous in the dictionary ("US or SS"): the first of them, whose bytes are the same.
    return vr[:2]


def _element_value(element: DataElement, encodings: tuple[str, ...], *, vr_is_encoded: bool, swap: bool) -> Value:
    vr = str(element.VR)[:2]
    if vr == "SQ":
        items = tuple(element.value or ())
        return Value(vr=vr, vr_is_encoded=vr_is_encoded, data=b"", items=items, encapsulated=False, encodings=encodings)
    encapsulated = element.tag == 0x7FE00010 and (
        element.is_undefined_length or bytes(element.value or b"")[:4] == b"\xfe\xff\x00\xe0"
    )
    if vr in _BYTES_VRS and isinstance(element.value, bytes | bytearray | None):
        data = bytes(element.value or b"")
        # pydicom keeps words as they were read and numbers as numbers.
        data = swapped(vr, data) if swap and not encapsulated else data
    else:
        plain = _plain(vr, element.value, encodings)
        data = _written(element, encodings) if plain is None else plain
    return Value(
        vr=vr,
        vr_is_encoded=vr_is_encoded,
        data=data if encapsulated else _without_padding(vr, data),
        items=None,
        encapsulated=encapsulated,
        encodings=encodings,
    )


def _plain(vr: str, value: object, encodings: tuple[str, ...]) -> bytes | None:
    """The bytes of a value that nothing has to encode, without padding; None where pydicom has to write it.

    Text of the default repertoire, numbers in digits as they came, and binary numbers.
    """
    parts = list(value) if isinstance(value, MultiValue) else [] if value is None or value == "" else [value]
    layout = _STRUCTS.get(vr)
    if layout is not None:
        try:
            return struct.pack(f"<{len(parts)}{layout}", *parts)
        except struct.error:
            return None
    if vr in _NUMBER_VRS:
        parts = [getattr(part, "original_string", None) or str(part) for part in parts]
    elif vr not in _PLAIN_VRS and not (vr in _WORDS_VRS and encodings[0] in _ASCII_CODECS):
        return None
    if not all(isinstance(part, str) and part.isascii() for part in parts):
        return None
    return "\\".join(map(str, parts)).encode("ascii")


def _written(element: DataElement, encodings: tuple[str, ...]) -> bytes:
    """The value's bytes as pydicom writes them."""
    target = DicomBytesIO()
    target.is_implicit_VR = True
    target.is_little_endian = True
    unvalidated = DataElement(element.tag, str(element.VR)[:2], element.value, validation_mode=config.IGNORE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            write_data_element(target, unvalidated, list(encodings))
    except Exception:
        return str(element.value).encode()
    return target.getvalue()[8:]


def swapped(vr: str, data: bytes) -> bytes:
    """Words of a VR with their bytes in the other order (PS3.5 section 7.3)."""
    word_bytes = _WORD_BYTES.get(vr)
    if word_bytes is None or not data:
        return data
    whole = len(data) - len(data) % word_bytes
    return np.frombuffer(data[:whole], dtype=f"<u{word_bytes}").byteswap().tobytes() + data[whole:]


def _without_padding(vr: str, data: bytes) -> bytes:
    """The bytes without the one that even length may have asked for (PS3.5 6.2)."""
    if len(data) % 2 or not data:
        return data
    if vr in TEXT_VRS:
        return data[:-1] if data[-1:] in (b"\0", b" ") else data
    if vr in ("OB", "UN"):
        return data[:-1] if data[-1] == 0 else data
    return data


def _components(vr: str, text: str) -> list[str]:
    values = [text] if vr in _SINGLE_VALUED else text.split("\\")
    stripped = [value.rstrip("\0 ") for value in values]
    return [value.lstrip(" ") for value in stripped] if vr in _LEADING_SPACE_VRS else stripped


def _same_number(sent: str, stored: str) -> bool:
    if sent == stored:
        return True
    try:
        return Decimal(sent) == Decimal(stored)
    except InvalidOperation:
        return False


def _same_name(sent: str, stored: str) -> bool:
    return _name_groups(sent) == _name_groups(stored)


def _name_groups(name: str) -> list[str]:
    # PS3.5 6.2: leading and trailing spaces within a component are allowed and insignificant.
    groups = ["^".join(part.strip(" ") for part in group.split("^")).rstrip("^") for group in name.split("=")]
    while groups and not groups[-1]:
        groups.pop()
    return groups
