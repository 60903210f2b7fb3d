"""The malformed command sets differ from the good one in what their name says, and in nothing else."""

from __future__ import annotations

import struct

import pytest

from conformance.wire.command import CommandSet, Tag, decode_command_set
from conformance.wire.malformed_commands import Kind, Malformation, Whole, malformations
from conformance.wire.messages import c_echo_rq, c_store_rq

ECHO = c_echo_rq(7)
STORE = c_store_rq(7, sop_class_uid="1.2.840.10008.5.1.4.1.1.2", sop_instance_uid="1.2.3.41")
EVERY = list(malformations(STORE))


def _named(what: Kind | Whole, tag: Tag | None = None) -> Malformation:
    return next(m for m in EVERY if m.what == what and m.tag == tag)


def _group_length_is_right(command: CommandSet) -> bool:
    rest = sum(len(e.value) + 8 for e in command.elements if e.group == 0 and e.tag != Tag.COMMAND_GROUP_LENGTH)
    return command.value(Tag.COMMAND_GROUP_LENGTH) == struct.pack("<I", rest)


def test_each_field_of_a_request_has_every_kind() -> None:
    assert len(list(malformations(ECHO))) == 4 * len(Kind) + len(Whole)
    assert len(EVERY) == 6 * len(Kind) + len(Whole)


def test_names_are_unique_and_readable() -> None:
    names = [str(m) for m in EVERY]
    assert len(set(names)) == len(names)
    assert {"Message ID missing", "Affected SOP Class UID too long", "in Explicit VR Little Endian"} <= set(names)


@pytest.mark.parametrize("malformation", EVERY, ids=str)
def test_none_is_the_good_command_set(malformation: Malformation) -> None:
    assert malformation.encode(STORE) != STORE.encode()


@pytest.mark.parametrize("malformation", [m for m in EVERY if m.tag is not None], ids=str)
def test_a_field_is_wrong_and_the_group_length_is_not(malformation: Malformation) -> None:
    changed = decode_command_set(malformation.encode(STORE))
    assert _group_length_is_right(changed)
    others = [(e.tag, e.value) for e in changed.elements if e.tag not in (malformation.tag, Tag.COMMAND_GROUP_LENGTH)]
    kept = [(e.tag, e.value) for e in STORE.elements if e.tag not in (malformation.tag, Tag.COMMAND_GROUP_LENGTH)]
    assert others == kept


@pytest.mark.parametrize(
    ("kind", "lengths"),
    [(Kind.MISSING, []), (Kind.EMPTY, [0]), (Kind.SHORT, [1]), (Kind.LONG, [4]), (Kind.DOUBLED, [2, 2])],
    ids=str,
)
def test_lengths_of_a_number(kind: Kind, lengths: list[int]) -> None:
    changed = decode_command_set(_named(kind, Tag.PRIORITY).encode(STORE))
    assert [len(e.value) for e in changed.elements if e.tag == Tag.PRIORITY] == lengths


def test_a_long_uid_is_longer_than_a_uid_can_be() -> None:
    changed = decode_command_set(_named(Kind.LONG, Tag.AFFECTED_SOP_INSTANCE_UID).encode(STORE))
    assert len(changed.affected_sop_instance_uid or "") > 64


def test_two_values_contradict_each_other() -> None:
    changed = decode_command_set(_named(Kind.CONTRADICTED, Tag.AFFECTED_SOP_INSTANCE_UID).encode(STORE))
    values = [e.value for e in changed.elements if e.tag == Tag.AFFECTED_SOP_INSTANCE_UID]
    assert len(values) == 2
    assert values[0] != values[1]


@pytest.mark.parametrize("tag", [Tag.MESSAGE_ID, Tag.AFFECTED_SOP_INSTANCE_UID], ids=str)
def test_a_field_out_of_order(tag: Tag) -> None:
    changed = decode_command_set(_named(Kind.OUT_OF_ORDER, tag).encode(STORE))
    tags = [e.tag for e in changed.elements]
    assert sorted(tags) != tags
    assert sorted(tags) == [e.tag for e in STORE.elements]
