"""Faulty command sets break the one rule that their name says."""

from __future__ import annotations

import pytest

from conformance.wire import command_faults
from conformance.wire.command import CommandSet, Tag, decode_command_set, us
from conformance.wire.errors import WireError
from conformance.wire.messages import c_store_rq

REQUEST = c_store_rq(7, sop_class_uid="1.2.840.10008.5.1.4.1.1.2", sop_instance_uid="1.2.3")


def _group_length(command: CommandSet) -> int:
    return int.from_bytes(command.value(Tag.COMMAND_GROUP_LENGTH) or b"", "little")


def _length(command: CommandSet) -> int:
    return sum(len(e.value) + 8 for e in command.elements if e.tag != Tag.COMMAND_GROUP_LENGTH)


def test_values_are_set_in_order_behind_a_correct_group_length() -> None:
    changed = command_faults.with_values(REQUEST, {Tag.PRIORITY: us(3), 0x0099: b"ab"})
    tags = [e.tag for e in changed.elements]
    assert tags == sorted(tags)
    assert changed.number(Tag.PRIORITY) == 3
    assert _group_length(changed) == _length(changed)


def test_without_leaves_out_what_is_named() -> None:
    changed = command_faults.without(REQUEST, Tag.MESSAGE_ID)
    assert not changed.has(Tag.MESSAGE_ID)
    assert _group_length(changed) == _length(changed)


@pytest.mark.parametrize("length_bytes", [0, command_faults.UNLIMITED_GROUP_LENGTH])
def test_the_group_length_can_say_anything(length_bytes: int) -> None:
    assert _group_length(command_faults.with_group_length(REQUEST, length_bytes)) == length_bytes


def test_the_group_length_can_be_missing() -> None:
    changed = command_faults.with_group_length(REQUEST, None)
    assert not changed.has(Tag.COMMAND_GROUP_LENGTH)
    assert len(changed.elements) == len(REQUEST.elements) - 1


def test_descending_holds_the_same_elements() -> None:
    changed = command_faults.descending(REQUEST)
    assert set(changed.elements) == set(REQUEST.elements)
    assert changed.elements[1].tag == Tag.AFFECTED_SOP_INSTANCE_UID


def test_doubled_is_counted_by_the_group_length() -> None:
    changed = command_faults.doubled(REQUEST, Tag.PRIORITY)
    assert [e.tag for e in changed.elements].count(Tag.PRIORITY) == 2
    assert _group_length(changed) == _length(changed)


def test_what_is_not_there_cannot_be_doubled() -> None:
    with pytest.raises(LookupError, match="0900"):
        command_faults.doubled(REQUEST, Tag.STATUS)


def test_other_encodings_are_no_command_set() -> None:
    assert command_faults.in_big_endian(REQUEST)[:8] == bytes.fromhex("0000000000000004")
    with pytest.raises(WireError):
        decode_command_set(command_faults.in_explicit_vr(REQUEST))
    with pytest.raises(WireError):
        decode_command_set(command_faults.in_big_endian(REQUEST))
