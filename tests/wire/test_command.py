"""Command sets to bytes and back."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire import messages
from conformance.wire.command import (
    CommandElement,
    CommandField,
    CommandSet,
    Tag,
    ae,
    command_name,
    command_set,
    decode_command_set,
    ui,
    us,
    vr_of,
)
from conformance.wire.errors import WireError

elements = st.builds(
    CommandElement, group=st.sampled_from((0, 0, 0, 8)), tag=st.integers(0, 0xFFFF), value=st.binary(max_size=30)
)


@given(st.lists(elements, max_size=8).map(tuple))
@settings(deadline=None)
def test_command_sets_survive_the_way_to_bytes_and_back(parts: tuple[CommandElement, ...]) -> None:
    command = CommandSet(elements=parts)
    assert decode_command_set(command.encode()) == command


@given(st.binary(max_size=120))
@settings(deadline=None, max_examples=200)
def test_any_bytes_raise_nothing_but_wire_error(data: bytes) -> None:
    try:
        command = decode_command_set(data)
    except WireError:
        return
    assert command.encode() == data
    _ = command.command_field, command.status, command.error_comment, command.announces_data_set
    assert all(len(pair) == 2 for pair in command.offending_elements)


@given(st.dictionaries(st.integers(1, 0xFFFF), st.binary(max_size=20).filter(lambda v: len(v) % 2 == 0), max_size=8))
@settings(deadline=None)
def test_made_command_sets_ascend_behind_a_right_group_length(values: dict[int, bytes]) -> None:
    command = command_set(values.items())
    tags = [element.tag for element in command.elements]
    assert tags == sorted(tags)
    assert command.value(Tag.COMMAND_GROUP_LENGTH) == struct.pack("<I", len(command.encode()) - 12)


def test_values_are_read_by_their_kind() -> None:
    command = messages.c_store_rq(513, sop_class_uid="1.2.3", sop_instance_uid="1.2.34", move_originator=("ME", 7))
    assert command.message_id == 513
    assert command.affected_sop_class_uid == "1.2.3"
    assert command.affected_sop_instance_uid == "1.2.34"
    assert command.announces_data_set
    assert command.status is None
    assert command.text(Tag.MOVE_ORIGINATOR_APPLICATION_ENTITY_TITLE) == "ME"
    assert command.number(Tag.MOVE_ORIGINATOR_MESSAGE_ID) == 7
    assert not command.has(Tag.STATUS)


def test_explicit_vr_is_not_read_as_implicit() -> None:
    explicit = struct.pack("<HH2sHI", 0, 0, b"UL", 4, 56)
    with pytest.raises(WireError, match="says"):
        decode_command_set(explicit)


def test_a_value_of_4_gib_is_claimed_and_refused() -> None:
    with pytest.raises(WireError, match="4294967295 bytes, 0 are left") as caught:
        decode_command_set(struct.pack("<HHIH", 0, 0x800, 2, 0x101) + struct.pack("<HHI", 0, 0x900, 0xFFFFFFFF))
    assert (caught.value.offset, caught.value.clause) == (10, "PS3.7 6.3.1")


def test_a_cut_header_is_told_with_its_place() -> None:
    with pytest.raises(WireError, match=r"^5 bytes left where an element header of 8") as caught:
        decode_command_set(struct.pack("<HHIH", 0, 0x800, 2, 0x101) + bytes(5))
    assert (caught.value.offset, caught.value.clause) == (10, "PS3.7 6.3.1")


@pytest.mark.parametrize(
    ("request_command", "field", "has_data"),
    [
        pytest.param(messages.c_echo_rq(1), 0x0030, False, id="c-echo"),
        pytest.param(messages.c_store_rq(1, sop_class_uid="1", sop_instance_uid="2"), 0x0001, True, id="c-store"),
        pytest.param(messages.c_find_rq(1, sop_class_uid="1"), 0x0020, True, id="c-find"),
        pytest.param(messages.c_get_rq(1, sop_class_uid="1"), 0x0010, True, id="c-get"),
        pytest.param(messages.c_move_rq(1, sop_class_uid="1", move_destination="X"), 0x0021, True, id="c-move"),
        pytest.param(messages.c_cancel_rq(1), 0x0FFF, False, id="c-cancel"),
    ],
)
def test_requests_and_their_responses(request_command: CommandSet, field: int, has_data: bool) -> None:
    assert request_command.command_field == field
    assert request_command.announces_data_set is has_data
    answer = messages.response(request_command, status=0xFE00, extra={Tag.ERROR_COMMENT: ae("no")})
    assert answer.command_field == field | 0x8000
    assert answer.status == 0xFE00
    assert answer.error_comment == "no"
    assert not answer.announces_data_set
    assert answer.message_id_being_responded_to == (request_command.message_id or 0)


def test_padding_is_nul_for_uids_and_space_for_titles() -> None:
    assert (ui("1.2"), ui("1.23")) == (b"1.2\0", b"1.23")
    assert (ae("ABC"), ae("AB")) == (b"ABC ", b"AB")
    assert us(0x1234) == b"\x34\x12"


def test_names_and_value_representations() -> None:
    assert command_name(CommandField.C_STORE_RSP) == "C-STORE-RSP"
    assert command_name(0x7FFF) == "command field 7FFFH"
    assert (vr_of(Tag.STATUS), vr_of(Tag.AFFECTED_SOP_CLASS_UID), vr_of(Tag.ERROR_COMMENT)) == ("US", "UI", "LO")


def test_numbers_of_another_length_are_none() -> None:
    command = CommandSet(elements=(CommandElement(tag=Tag.STATUS, value=b"\0"),))
    assert command.status is None
    assert command.has(Tag.STATUS)
