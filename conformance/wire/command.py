"""DIMSE command sets: Implicit VR Little Endian, group 0000 (PS3.7 6.3.1, Annex E)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from conformance.wire.errors import WireError

NO_DATA_SET: Final = 0x0101  # PS3.7 Table E.1-1, (0000,0800)
DATA_SET_PRESENT: Final = 0x0001


class Tag(IntEnum):
    """Elements of the command group (PS3.7 Table E.1-1)."""

    COMMAND_GROUP_LENGTH = 0x0000
    AFFECTED_SOP_CLASS_UID = 0x0002
    REQUESTED_SOP_CLASS_UID = 0x0003
    COMMAND_FIELD = 0x0100
    MESSAGE_ID = 0x0110
    MESSAGE_ID_BEING_RESPONDED_TO = 0x0120
    MOVE_DESTINATION = 0x0600
    PRIORITY = 0x0700
    COMMAND_DATA_SET_TYPE = 0x0800
    STATUS = 0x0900
    OFFENDING_ELEMENT = 0x0901
    ERROR_COMMENT = 0x0902
    ERROR_ID = 0x0903
    AFFECTED_SOP_INSTANCE_UID = 0x1000
    REQUESTED_SOP_INSTANCE_UID = 0x1001
    EVENT_TYPE_ID = 0x1002
    ATTRIBUTE_IDENTIFIER_LIST = 0x1005
    ACTION_TYPE_ID = 0x1008
    NUMBER_OF_REMAINING_SUBOPERATIONS = 0x1020
    NUMBER_OF_COMPLETED_SUBOPERATIONS = 0x1021
    NUMBER_OF_FAILED_SUBOPERATIONS = 0x1022
    NUMBER_OF_WARNING_SUBOPERATIONS = 0x1023
    MOVE_ORIGINATOR_APPLICATION_ENTITY_TITLE = 0x1030
    MOVE_ORIGINATOR_MESSAGE_ID = 0x1031


_VR: Final[Mapping[int, str]] = {
    Tag.COMMAND_GROUP_LENGTH: "UL",
    Tag.AFFECTED_SOP_CLASS_UID: "UI",
    Tag.REQUESTED_SOP_CLASS_UID: "UI",
    Tag.MOVE_DESTINATION: "AE",
    Tag.OFFENDING_ELEMENT: "AT",
    Tag.ERROR_COMMENT: "LO",
    Tag.AFFECTED_SOP_INSTANCE_UID: "UI",
    Tag.REQUESTED_SOP_INSTANCE_UID: "UI",
    Tag.ATTRIBUTE_IDENTIFIER_LIST: "AT",
    Tag.MOVE_ORIGINATOR_APPLICATION_ENTITY_TITLE: "AE",
}


def vr_of(tag: int) -> str:
    """The value representation of a command element; US for all that is not listed otherwise (Table E.1-1)."""
    return _VR.get(tag, "US")


class CommandField(IntEnum):
    """Command Field values (PS3.7 Table E.1-1)."""

    C_STORE_RQ = 0x0001
    C_STORE_RSP = 0x8001
    C_GET_RQ = 0x0010
    C_GET_RSP = 0x8010
    C_FIND_RQ = 0x0020
    C_FIND_RSP = 0x8020
    C_MOVE_RQ = 0x0021
    C_MOVE_RSP = 0x8021
    C_ECHO_RQ = 0x0030
    C_ECHO_RSP = 0x8030
    C_CANCEL_RQ = 0x0FFF
    N_EVENT_REPORT_RQ = 0x0100
    N_EVENT_REPORT_RSP = 0x8100
    N_GET_RQ = 0x0110
    N_GET_RSP = 0x8110
    N_SET_RQ = 0x0120
    N_SET_RSP = 0x8120
    N_ACTION_RQ = 0x0130
    N_ACTION_RSP = 0x8130
    N_CREATE_RQ = 0x0140
    N_CREATE_RSP = 0x8140
    N_DELETE_RQ = 0x0150
    N_DELETE_RSP = 0x8150


def command_name(command_field: int) -> str:
    """`C-STORE-RSP`, or `command field xxxxH` for a value that Table E.1-1 does not list."""
    try:
        return CommandField(command_field).name.replace("_", "-")
    except ValueError:
        return f"command field {command_field:04X}H"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandElement:
    """One element of group 0000: its element number and its value as bytes, padding included."""

    tag: int
    value: bytes
    group: int = 0
    offset: int = field(default=-1, compare=False)

    def encode(self) -> bytes:
        """Tag, four-byte length, value, in Implicit VR Little Endian."""
        return struct.pack("<HHI", self.group, self.tag, len(self.value)) + self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSet:
    """A command set, element by element in the order in which it stands on the wire."""

    elements: tuple[CommandElement, ...]

    def encode(self) -> bytes:
        """The elements' bytes as they are; use `command_set` to have order and group length right."""
        return b"".join(element.encode() for element in self.elements)

    def value(self, tag: int) -> bytes | None:
        """The bytes of the first element with that number, or None."""
        return next((e.value for e in self.elements if e.group == 0 and e.tag == tag), None)

    def has(self, tag: int) -> bool:
        """Whether an element with that number is there."""
        return self.value(tag) is not None

    def number(self, tag: int) -> int | None:
        """A US value; None when the element is absent or not two bytes long."""
        value = self.value(tag)
        return struct.unpack("<H", value)[0] if value is not None and len(value) == 2 else None

    def text(self, tag: int) -> str | None:
        """A string value, bytes as Latin-1, trailing NUL and space removed; None when absent."""
        value = self.value(tag)
        return None if value is None else value.decode("latin-1").rstrip("\0 ")

    @property
    def command_field(self) -> int | None:
        """(0000,0100)."""
        return self.number(Tag.COMMAND_FIELD)

    @property
    def message_id(self) -> int | None:
        """(0000,0110)."""
        return self.number(Tag.MESSAGE_ID)

    @property
    def message_id_being_responded_to(self) -> int | None:
        """(0000,0120)."""
        return self.number(Tag.MESSAGE_ID_BEING_RESPONDED_TO)

    @property
    def status(self) -> int | None:
        """(0000,0900)."""
        return self.number(Tag.STATUS)

    @property
    def announces_data_set(self) -> bool:
        """Whether (0000,0800) is anything but 0101H; an absent element announces none."""
        data_set_type = self.number(Tag.COMMAND_DATA_SET_TYPE)
        return data_set_type is not None and data_set_type != NO_DATA_SET

    @property
    def affected_sop_class_uid(self) -> str | None:
        """(0000,0002)."""
        return self.text(Tag.AFFECTED_SOP_CLASS_UID)

    @property
    def affected_sop_instance_uid(self) -> str | None:
        """(0000,1000)."""
        return self.text(Tag.AFFECTED_SOP_INSTANCE_UID)

    @property
    def error_comment(self) -> str | None:
        """(0000,0902)."""
        return self.text(Tag.ERROR_COMMENT)

    @property
    def offending_elements(self) -> tuple[tuple[int, int], ...]:
        """(0000,0901) as (group, element) pairs; a tail that is no whole pair is left out."""
        value = self.value(Tag.OFFENDING_ELEMENT) or b""
        return tuple(struct.unpack_from("<HH", value, i) for i in range(0, len(value) - 3, 4))


def decode_command_set(data: bytes) -> CommandSet:
    """A command set from the bytes of its fragments.

    Order, doubles, lengths of values and the group length are kept as found: judging them is not this room's work.

    Raises:
        WireError: An element header is cut or a value runs past the end, as with any other encoding than Implicit
            VR Little Endian.
    """
    clause = "PS3.7 6.3.1"
    elements: list[CommandElement] = []
    position = 0
    while position < len(data):
        if position + 8 > len(data):
            raise WireError(
                f"{len(data) - position} bytes left where an element header of 8 should stand",
                offset=position,
                clause=clause,
            )
        group, tag, length = struct.unpack_from("<HHI", data, position)
        end = position + 8 + length
        if end > len(data):
            raise WireError(
                f"command element ({group:04X},{tag:04X}) says {length} bytes, {len(data) - position - 8} are left",
                offset=position,
                clause=clause,
            )
        elements.append(CommandElement(group=group, tag=tag, value=bytes(data[position + 8 : end]), offset=position))
        position = end
    return CommandSet(elements=tuple(elements))


def us(value: int) -> bytes:
    """An unsigned short."""
    return struct.pack("<H", value)


def ui(value: str) -> bytes:
    """A UID, padded with one NUL to even length (PS3.5 9.1)."""
    raw = value.encode("latin-1")
    return raw + b"\0" * (len(raw) % 2)


def ae(value: str) -> bytes:
    """An AE title or other text, padded with one space to even length."""
    raw = value.encode("latin-1")
    return raw + b" " * (len(raw) % 2)


def command_set(elements: Iterable[tuple[int, bytes]]) -> CommandSet:
    """A command set in ascending order behind a correct Command Group Length (PS3.7 6.3.1)."""
    ordered = tuple(CommandElement(tag=tag, value=value) for tag, value in sorted(elements))
    length = sum(len(e.value) + 8 for e in ordered)
    group_length = CommandElement(tag=Tag.COMMAND_GROUP_LENGTH, value=struct.pack("<I", length))
    return CommandSet(elements=(group_length, *ordered))
