"""Every way in which one field of a command set can be wrong, as named changes of well-formed command sets.

The changes are data: `malformations` gives one `Malformation` for each field of a request and each `Kind`, and those of
the command set as a whole. None of them touches the PDUs around the command set.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from conformance.wire import command_faults as faults
from conformance.wire.command import CommandElement, CommandSet, Tag, vr_of

_COUNTS_ITSELF_BYTES: Final = 12
_LONGEST_UID_BYTES: Final = 64
_OVERRUN_BYTES: Final = 0x0001_0000
_OTHER_GROUP: Final = 0x0009

Encode = Callable[[CommandSet], bytes]


@unique
class Kind(StrEnum):
    """What is wrong with one field."""

    MISSING = "missing"
    EMPTY = "empty"
    SHORT = "too short"
    LONG = "too long"
    DOUBLED = "twice"
    CONTRADICTED = "twice, with two values"
    OUT_OF_ORDER = "out of order"
    OTHER_GROUP = "in another group"


@unique
class Whole(StrEnum):
    """What is wrong with a command set as a whole."""

    EXPLICIT_VR = "in Explicit VR Little Endian"
    BIG_ENDIAN = "in Implicit VR Big Endian"
    DESCENDING = "in descending order"
    NO_GROUP_LENGTH = "without a group length"
    NO_LENGTH_AT_ALL = "with a group length of 0"
    LENGTH_TOO_SMALL = "with a group length two bytes too small"
    LENGTH_TOO_LARGE = "with a group length two bytes too large"
    LENGTH_COUNTS_ITSELF = "with a group length that counts itself"
    LENGTH_UNLIMITED = "with a group length of FFFFFFFFH"
    LENGTH_OF_TWO_BYTES = "with a group length of two bytes"
    CUT = "cut inside its last value"
    OVERRUN = "with a last value that is said to go on for 64 KiB"
    EMPTY = "of no bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformation:
    """One change that makes a well-formed command set malformed.

    Args:
        what: What is wrong.
        encode: The changed bytes, given a well-formed command set.
        tag: The field that it is about; None for the command set as a whole.
    """

    what: Kind | Whole
    encode: Encode
    tag: Tag | None = None

    def __str__(self) -> str:
        """In words, such as `Message ID missing`."""
        return f"{self.what}" if self.tag is None else f"{name_of(self.tag)} {self.what}"


def name_of(tag: Tag) -> str:
    """A field's name in the words of PS3.7 Table E.1-1."""
    words = tag.name.replace("_", " ").title()
    return words.replace("Sop ", "SOP ").replace(" Uid", " UID").replace(" Id", " ID")


def malformations(good: CommandSet) -> Iterator[Malformation]:
    """Every malformation of requests with the fields of this one.

    Args:
        good: A well-formed command set, of which only the fields count.
    """
    for element in good.elements:
        if element.tag != Tag.COMMAND_GROUP_LENGTH:
            tag = Tag(element.tag)
            for kind in Kind:
                yield Malformation(what=kind, tag=tag, encode=_one_field(kind, tag))
    for whole, encode in _WHOLE.items():
        yield Malformation(what=whole, encode=encode)


def _one_field(kind: Kind, tag: Tag) -> Encode:
    def encode(command: CommandSet) -> bytes:
        value = command.value(tag) or b""
        match kind:
            case Kind.MISSING:
                changed = faults.without(command, tag)
            case Kind.EMPTY:
                changed = faults.with_values(command, {tag: b""})
            case Kind.SHORT:
                changed = faults.with_values(command, {tag: _shorter(tag, value)})
            case Kind.LONG:
                changed = faults.with_values(command, {tag: _longer(tag, value)})
            case Kind.DOUBLED:
                changed = faults.doubled(command, tag)
            case Kind.CONTRADICTED:
                changed = _measured(_with_second(command, tag, _other(tag, value)))
            case Kind.OUT_OF_ORDER:
                changed = _measured(_moved(command, tag))
            case Kind.OTHER_GROUP:
                changed = _in_other_group(command, tag)
        return changed.encode()

    return encode


def _shorter(tag: Tag, value: bytes) -> bytes:
    """A number without its last byte, a UID without its last character, which makes it another UID."""
    return value[:-1] if vr_of(tag) != "UI" else value.rstrip(b"\0")[:-1].rstrip(b".")


def _longer(tag: Tag, value: bytes) -> bytes:
    """A number in twice its bytes, a UID of more than 64 characters."""
    if vr_of(tag) != "UI":
        return value + bytes(len(value))
    return value.rstrip(b"\0").ljust(_LONGEST_UID_BYTES + 2, b"1")


def _other(tag: Tag, value: bytes) -> bytes:
    """Another legal value: a UID with another last digit, a number with its lowest bit changed."""
    if vr_of(tag) != "UI":
        return bytes((value[0] ^ 1,)) + value[1:]
    uid = value.rstrip(b"\0")
    last = b"2" if uid.endswith(b"1") else b"1"
    return uid[:-1] + last + value[len(uid) :]


def _with_second(command: CommandSet, tag: Tag, value: bytes) -> CommandSet:
    elements = []
    for element in command.elements:
        elements.append(element)
        if element.tag == tag:
            elements.append(CommandElement(tag=tag, value=value))
    return CommandSet(elements=tuple(elements))


def _moved(command: CommandSet, tag: Tag) -> CommandSet:
    others = tuple(e for e in command.elements if e.tag != tag)
    moved = tuple(e for e in command.elements if e.tag == tag)
    # The last field of all is moved to the front instead.
    in_order = command.elements[-1].tag == tag
    first, *rest = others
    return CommandSet(elements=(first, *moved, *rest) if in_order else (*others, *moved))


def _in_other_group(command: CommandSet, tag: Tag) -> CommandSet:
    left = faults.without(command, tag)
    value = command.value(tag) or b""
    return CommandSet(elements=(*left.elements, CommandElement(group=_OTHER_GROUP, tag=tag, value=value)))


def _measured(command: CommandSet) -> CommandSet:
    length_bytes = sum(len(e.value) + 8 for e in command.elements if e.tag != Tag.COMMAND_GROUP_LENGTH)
    return faults.with_group_length(command, length_bytes)


def _off_by(difference_bytes: int) -> Encode:
    def encode(command: CommandSet) -> bytes:
        length_bytes = struct.unpack("<I", command.value(Tag.COMMAND_GROUP_LENGTH) or bytes(4))[0]
        return faults.with_group_length(command, length_bytes + difference_bytes).encode()

    return encode


def _length_of_two_bytes(command: CommandSet) -> bytes:
    value = (command.value(Tag.COMMAND_GROUP_LENGTH) or bytes(4))[:2]
    _, *rest = command.elements
    first = CommandElement(tag=Tag.COMMAND_GROUP_LENGTH, value=value)
    return CommandSet(elements=(first, *rest)).encode()


def _overrun(command: CommandSet) -> bytes:
    *before, last = command.elements
    head = struct.pack("<HHI", last.group, last.tag, len(last.value) + _OVERRUN_BYTES)
    return CommandSet(elements=tuple(before)).encode() + head + last.value


_WHOLE: Final[dict[Whole, Encode]] = {
    Whole.EXPLICIT_VR: faults.in_explicit_vr,
    Whole.BIG_ENDIAN: faults.in_big_endian,
    Whole.DESCENDING: lambda command: faults.descending(command).encode(),
    Whole.NO_GROUP_LENGTH: lambda command: faults.with_group_length(command, None).encode(),
    Whole.NO_LENGTH_AT_ALL: lambda command: faults.with_group_length(command, 0).encode(),
    Whole.LENGTH_TOO_SMALL: _off_by(-2),
    Whole.LENGTH_TOO_LARGE: _off_by(2),
    Whole.LENGTH_COUNTS_ITSELF: _off_by(_COUNTS_ITSELF_BYTES),
    Whole.LENGTH_UNLIMITED: lambda command: faults.with_group_length(command, faults.UNLIMITED_GROUP_LENGTH).encode(),
    Whole.LENGTH_OF_TWO_BYTES: _length_of_two_bytes,
    Whole.CUT: lambda command: command.encode()[:-1],
    Whole.OVERRUN: _overrun,
    Whole.EMPTY: lambda _: b"",
}
