"""A message cut in any legal way is the same message when it is put together."""

import pytest

from conformance.wire.fragments import Message, MessageAssembler
from conformance.wire.layouts import cut, element_offset, every, in_one_pdu, one_pdu_each, room_for_data
from conformance.wire.messages import c_store_rq
from conformance.wire.pdu import PDataTF, Pdv, decode_pdu

COMMAND = c_store_rq(1, sop_class_uid="1.2.3", sop_instance_uid="1.2.3.4").encode()
DATA = bytes(range(256)) * 4


def assembled(pdus: bytes) -> list[Message]:
    assembler = MessageAssembler()
    found = []
    while pdus:
        length = int.from_bytes(pdus[2:6], "big") + 6
        pdu = decode_pdu(pdus[:length])
        assert isinstance(pdu, PDataTF)
        found += [message for pdv in pdu.pdvs if (message := assembler.feed(pdv)) is not None]
        pdus = pdus[length:]
    assert not assembler.in_message
    return found


def pieces(command: range, data: range) -> tuple[tuple[Pdv, ...], tuple[Pdv, ...]]:
    return cut(COMMAND, command, context_id=3, command=True), cut(DATA, data, context_id=3, command=False)


@pytest.mark.parametrize("fragment_bytes", [2, 6, 64, 1 << 20])
def test_fragments_make_the_message(fragment_bytes: int) -> None:
    command, data = pieces(every(fragment_bytes, COMMAND), every(fragment_bytes, DATA))
    (message,) = assembled(one_pdu_each((*command, *data)))
    assert (message.command_bytes, message.data_set, message.context_id) == (COMMAND, DATA, 3)


def test_one_pdu_holds_a_message() -> None:
    command, data = pieces(range(40, 41), range(512, 513))
    assert [pdv.control for pdv in (*command, *data)] == [1, 3, 0, 2]
    (message,) = assembled(in_one_pdu((*command, *data)))
    assert message.data_set == DATA


def test_borders_outside_the_payload_are_passed_over() -> None:
    assert len(cut(DATA, [0, 10, len(DATA), 5000], context_id=1, command=False)) == 2


@pytest.mark.parametrize(("maximum", "pdvs", "room"), [(1024, 1, 1018), (1025, 1, 1018), (1024, 2, 1012), (8, 1, 2)])
def test_room_keeps_a_pdu_within_the_maximum(maximum: int, pdvs: int, room: int) -> None:
    assert room_for_data(maximum, pdvs=pdvs) == room
    fragments = cut(bytes(room), [2 * i for i in range(1, pdvs)], context_id=1, command=False)
    assert maximum - 1 <= len(in_one_pdu(fragments)) - 6 <= maximum


def test_no_room_is_an_error() -> None:
    with pytest.raises(ValueError, match="7 bytes has no room"):
        room_for_data(7)


def test_an_element_is_found_by_its_tag() -> None:
    data = b"\x08\x00\x18\x00\x00\x00\x00\x00\x10\x00\x20\x00\x00\x00\x00\x00"
    assert element_offset(data, 0x0010_0020) == 8
    with pytest.raises(LookupError, match=r"no element \(0028,0010\)"):
        element_offset(data, 0x0028_0010)
