"""Command sets that break one rule, made out of well-formed ones: what an SCP may be sent and has to survive."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

from conformance.wire.command import CommandElement, CommandSet, Tag, command_set, vr_of

UNLIMITED_GROUP_LENGTH: Final = 0xFFFF_FFFF


def with_values(command: CommandSet, values: Mapping[int, bytes]) -> CommandSet:
    """The command set with other or further values, in order and behind a correct group length.

    Args:
        command: A well-formed command set.
        values: Values as encoded, by element number; of any length.
    """
    return command_set((_values(command) | dict(values)).items())


def without(command: CommandSet, *tags: int) -> CommandSet:
    """The command set without these elements, behind a correct group length."""
    return command_set((tag, value) for tag, value in _values(command).items() if tag not in tags)


def with_group_length(command: CommandSet, length_bytes: int | None) -> CommandSet:
    """The command set with another Command Group Length, or with none (PS3.7 6.3.1)."""
    rest = tuple(e for e in command.elements if e.tag != Tag.COMMAND_GROUP_LENGTH)
    if length_bytes is None:
        return CommandSet(elements=rest)
    first = CommandElement(tag=Tag.COMMAND_GROUP_LENGTH, value=struct.pack("<I", length_bytes))
    return CommandSet(elements=(first, *rest))


def descending(command: CommandSet) -> CommandSet:
    """The command set with its elements behind the group length in descending order (PS3.7 6.3.1)."""
    first, *rest = command.elements
    return CommandSet(elements=(first, *reversed(rest)))


def doubled(command: CommandSet, tag: int) -> CommandSet:
    """The command set with one element twice, which the group length counts (PS3.7 6.3.1).

    Raises:
        LookupError: It has no such element.
    """
    position = next((i for i, e in enumerate(command.elements) if e.tag == tag), None)
    if position is None:
        raise LookupError(f"no element (0000,{tag:04X}) in the command set")
    elements = (*command.elements[: position + 1], *command.elements[position:])
    length_bytes = sum(len(e.value) + 8 for e in elements[1:])
    return with_group_length(CommandSet(elements=elements), length_bytes)


def in_explicit_vr(command: CommandSet) -> bytes:
    """The command set's bytes in Explicit VR Little Endian, which no command set may have (PS3.7 6.3.1)."""
    rest = b"".join(_explicit(e.tag, e.value) for e in command.elements if e.tag != Tag.COMMAND_GROUP_LENGTH)
    return _explicit(Tag.COMMAND_GROUP_LENGTH, struct.pack("<I", len(rest))) + rest


def in_big_endian(command: CommandSet) -> bytes:
    """The command set's bytes in Implicit VR Big Endian, which no command set may have (PS3.7 6.3.1)."""
    return b"".join(
        struct.pack(">HHI", e.group, e.tag, len(e.value)) + _swapped(vr_of(e.tag), e.value) for e in command.elements
    )


def _values(command: CommandSet) -> dict[int, bytes]:
    return {e.tag: e.value for e in command.elements if e.tag != Tag.COMMAND_GROUP_LENGTH}


def _explicit(tag: int, value: bytes) -> bytes:
    return struct.pack("<HH2sH", 0, tag, vr_of(tag).encode(), len(value)) + value


def _swapped(vr: str, value: bytes) -> bytes:
    width = {"US": 2, "AT": 2, "UL": 4}.get(vr, 1)
    return b"".join(value[i : i + width][::-1] for i in range(0, len(value), width))
