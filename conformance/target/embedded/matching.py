"""Attribute matching (PS3.4 C.2.2.2): does a stored value match a key? No sockets, no store."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from pydicom import charset

from conformance.target.embedded.elements import Element, Elements
from conformance.target.embedded.keys import REQUIRED_KEYS, SPECIFIC_CHARACTER_SET

_TEXT_VRS: Final = frozenset(["LO", "LT", "PN", "SH", "ST", "UC", "UT"])
_UNSPLIT_VRS: Final = frozenset(["LT", "ST", "UT", "UR"])
_WILD_VRS: Final = frozenset(["AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"])  # PS3.4 C.2.2.2.4
_RANGE_VRS: Final = frozenset(("DA", "TM", "DT"))
_NUMBER_FORMATS: Final = MappingProxyType({"US": "<H", "SS": "<h", "UL": "<I", "SL": "<i"})
_FULL: Final = MappingProxyType(
    {"DA": ("00000101", "99991231"), "TM": ("000000.000000", "235959.999999")}
    | {"DT": ("00000101000000.000000", "99991231235959.999999")}
)
_OFFSET: Final = re.compile(r"[+-]\d{4}$")


def character_sets(elements: Elements) -> tuple[str, ...]:
    """The values of Specific Character Set."""
    element = elements.get(SPECIFIC_CHARACTER_SET)
    if element is None:
        return ()
    return tuple(term.strip(" \0") for term in element.value.decode("latin-1").split("\\"))


def values(element: Element, sets: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The values of an element as text, padding removed; none for an empty one and for a sequence."""
    number_format = _NUMBER_FORMATS.get(element.vr)
    if number_format is not None:
        whole = len(element.value) // struct.calcsize(number_format) * struct.calcsize(number_format)
        return tuple(str(number) for (number,) in struct.iter_unpack(number_format, element.value[:whole]))
    text = _decoded(element.value, sets) if element.vr in _TEXT_VRS else element.value.decode("latin-1")
    text = text.rstrip("\0 ")
    if not text:
        return ()
    if element.vr in _UNSPLIT_VRS:
        return (text,)
    return tuple(part.strip(" \0") for part in text.split("\\"))


def matches(tag: int, key: Element, sets: tuple[str, ...], stored: Elements) -> bool:
    """Whether an instance matches one key.

    Args:
        tag: The attribute.
        key: The key as it stands in the identifier.
        sets: The identifier's character sets.
        stored: The instance's attributes.
    """
    found = stored.get(tag)
    if key.items is not None:
        return _sequence_matches(key.items, sets, found, character_sets(stored))
    wanted = values(key, sets)
    if not wanted or wanted == ("*",):
        return True  # PS3.4 C.2.2.2.3
    have = () if found is None else values(found, character_sets(stored))
    if not have:
        return tag in REQUIRED_KEYS
    return any_matches(key.vr, wanted, have)


def any_matches(vr: str, wanted: Sequence[str], have: Sequence[str]) -> bool:
    """Whether one of the stored values matches one of the key's."""
    return any(value_matches(vr, key, value) for key in wanted for value in have)


def value_matches(vr: str, key: str, value: str) -> bool:
    """Whether one stored value matches one key value; both without padding."""
    if vr in _RANGE_VRS:
        return _in_range(vr, key, value)
    if vr == "PN":
        key, value = _normal_name(key), _normal_name(value)
        if _one_matches(vr, key, value):
            return True
        return "=" not in key and any(_one_matches(vr, key, _normal_name(group)) for group in value.split("="))
    if vr in ("IS", "DS"):
        return _number(key) == _number(value)
    return _one_matches(vr, key, value)


def _one_matches(vr: str, key: str, value: str) -> bool:
    if vr in _WILD_VRS and ("*" in key or "?" in key):
        return _wildcard_matches(key, value)
    return key == value


def _wildcard_matches(key: str, value: str) -> bool:
    """* is any run of characters, ? is one; the time is bounded by the product of both lengths."""
    k = v = 0
    star: int | None = None
    resume = 0
    while v < len(value):
        if k < len(key) and key[k] == "*":
            star, resume = k, v
            k += 1
        elif k < len(key) and key[k] in ("?", value[v]):
            k += 1
            v += 1
        elif star is not None:
            resume += 1
            k, v = star + 1, resume
        else:
            return False
    return not key[k:].strip("*")


def _normal_name(name: str) -> str:
    """PN without what carries no meaning: case, spaces around, trailing delimiters (PS3.5 6.2)."""
    groups = [group.rstrip("^ ").strip() for group in name.casefold().split("=")]
    return "=".join(groups).rstrip("=")


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _in_range(vr: str, key: str, value: str) -> bool:
    low, high = _bounds(vr, key)
    return low <= _filled(vr, value, 0) <= high if low != high else low == _filled(vr, value, 0)


def _bounds(vr: str, key: str) -> tuple[str, str]:
    """The inclusive bounds of a key (PS3.4 C.2.2.2.5); those of a single value are equal."""
    if vr == "DT":
        first, dash, second = _split_dt(key)
    else:
        first, dash, second = key.partition("-")
    if not dash:
        return _filled(vr, key, 0), _filled(vr, key, 0)
    low = _filled(vr, first, 0) if first.strip() else _FULL[vr][0]
    high = _filled(vr, second, 1) if second.strip() else _FULL[vr][1]
    return low, high


def _split_dt(key: str) -> tuple[str, str, str]:
    """A range of date times; a hyphen before four digits at the end of a value is an offset from UTC."""
    for position, character in enumerate(key):
        rest = key[position:]
        if character == "-" and not re.match(r"-\d{4}(-|$)", rest):
            return key[:position], "-", key[position + 1 :]
    return key, "", ""


def _filled(vr: str, text: str, bound: int) -> str:
    """A date or time of any precision at full length, by its first or last moment."""
    digits = text.strip()
    if vr == "DA":
        return digits.replace(".", "")  # the old form YYYY.MM.DD
    digits = _OFFSET.sub("", digits) if vr == "DT" else digits.replace(":", "")
    full = _FULL[vr][bound]
    return digits + full[len(digits) :]


def _sequence_matches(
    key_items: Sequence[Elements], sets: tuple[str, ...], found: Element | None, stored_sets: tuple[str, ...]
) -> bool:
    """PS3.4 C.2.2.2.6: one item of the stored sequence matches all keys of the key's item; no key matches anything."""
    if not key_items or _is_universal(key_items[0]):
        return True
    items = () if found is None else found.items or ()
    inherited = {SPECIFIC_CHARACTER_SET: Element(vr="CS", value="\\".join(stored_sets).encode("latin-1"))}
    return any(
        all(matches(tag, key, sets, {**inherited, **item}) for tag, key in key_items[0].items()) for item in items
    )


def _is_universal(item: Elements) -> bool:
    return all(
        not key.value.strip(b" \0") if key.items is None else not key.items or _is_universal(key.items[0])
        for key in item.values()
    )


def _decoded(raw: bytes, sets: tuple[str, ...]) -> str:
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii")
    try:
        if len(sets) <= 1:
            return raw.decode(charset.python_encoding.get(sets[0] if sets else "", "latin-1"), "replace")
        return charset.decode_bytes(raw, charset.convert_encodings(list(sets)), {0x5C, 0x3D, 0x5E})
    except (LookupError, UnicodeError, ValueError, Warning):
        return raw.decode("latin-1")
