"""DIMSE messages: what is performed, what is refused, and what ends the association."""

from __future__ import annotations

import pytest

from conformance.standard.sop_classes import STUDY_ROOT_FIND
from conformance.target.embedded.server import EmbeddedPacs
from conformance.wire.command import CommandElement, CommandField, CommandSet, Tag, command_set, ui, us
from conformance.wire.fragments import message_bytes
from conformance.wire.items import ProposedContext
from conformance.wire.messages import c_cancel_rq, c_echo_rq, c_find_rq, c_store_rq
from conformance.wire.pdu import AbortPdu, PDataTF, Pdv, ReleaseRP, ReleaseRQ
from tests.target.embedded.data import ct, encoded
from tests.target.embedded.raw import CT, CT_IMPLICIT, ECHO, IMPLICIT, MR, QUIET_S, Closed, Silence, is_abort, peer

FIND = ProposedContext(context_id=5, abstract_syntax=STUDY_ROOT_FIND, transfer_syntaxes=(IMPLICIT,))
CT_AGAIN = ProposedContext(context_id=7, abstract_syntax=CT, transfer_syntaxes=(IMPLICIT,))
REFUSED = ProposedContext(context_id=9, abstract_syntax="1.2.3.4", transfer_syntaxes=(IMPLICIT,))
IMAGE = ct()
DATA = encoded(IMAGE)
STORE = c_store_rq(1, sop_class_uid=CT, sop_instance_uid=IMAGE.SOPInstanceUID)


def changed(command: CommandSet, *, drop: int = -1, **values: bytes) -> CommandSet:
    """A command set without one element, or with other values by element name."""
    elements = {e.tag: e.value for e in command.elements if e.tag not in (Tag.COMMAND_GROUP_LENGTH, drop)}
    elements |= {Tag[name]: value for name, value in values.items()}
    return command_set(elements.items())


def pdata(*pdvs: Pdv) -> bytes:
    return PDataTF(pdvs=pdvs).encode()


@pytest.mark.parametrize("message_id", [0, 1, 255, 256, 32767, 32768, 65535])
def test_a_response_answers_its_message(pacs: EmbeddedPacs, message_id: int) -> None:
    rq = changed(STORE, MESSAGE_ID=us(message_id))
    with peer(pacs.address) as connected:
        connected.associate()
        response, data_set = connected.call(rq, DATA)
    tags = [e.tag for e in response.elements]
    assert tags == sorted(set(tags))
    assert response.value(Tag.COMMAND_GROUP_LENGTH) == (len(response.encode()) - 12).to_bytes(4, "little")
    assert response.command_field == CommandField.C_STORE_RSP
    assert response.message_id_being_responded_to == message_id
    assert response.status == 0
    assert response.affected_sop_class_uid == CT
    assert response.affected_sop_instance_uid == IMAGE.SOPInstanceUID
    assert data_set is None
    assert not {Tag.ERROR_COMMENT, Tag.OFFENDING_ELEMENT, Tag.ERROR_ID, Tag.MESSAGE_ID} & set(tags)


def test_a_response_comes_on_the_context_of_its_request(pacs: EmbeddedPacs) -> None:
    with peer(pacs.address) as connected:
        connected.associate(CT_IMPLICIT, CT_AGAIN)
        connected.send(message_bytes(STORE, DATA, context_id=7, max_pdu_bytes=16384))
        seen = connected.see()
    assert isinstance(seen, PDataTF)
    assert [pdv.context_id for pdv in seen.pdvs] == [7]


@pytest.mark.parametrize("kind", [0x0000, 0x0001, 0x0100, 0x0102, 0xFEFE, 0xFFFF], ids=hex)
def test_anything_but_0101_announces_a_data_set(pacs: EmbeddedPacs, kind: int) -> None:
    with peer(pacs.address) as connected:
        connected.associate()
        response, _ = connected.call(changed(STORE, COMMAND_DATA_SET_TYPE=us(kind)), DATA)
    assert response.status == 0


@pytest.mark.parametrize(
    ("command", "data_set", "context_id", "status"),
    [
        (changed(STORE, COMMAND_DATA_SET_TYPE=us(0x0101)), None, 1, 0xC001),
        (STORE, b"", 1, 0xC001),
        (changed(STORE, drop=Tag.AFFECTED_SOP_CLASS_UID), DATA, 1, 0xC002),
        (changed(STORE, drop=Tag.AFFECTED_SOP_INSTANCE_UID), DATA, 1, 0xC002),
        (changed(STORE, AFFECTED_SOP_INSTANCE_UID=b""), DATA, 1, 0xC002),
        (changed(STORE, AFFECTED_SOP_CLASS_UID=ui(MR)), DATA, 1, 0x0122),
        (changed(STORE, AFFECTED_SOP_INSTANCE_UID=ui("1.2.03")), DATA, 1, 0x0117),
        (changed(STORE, AFFECTED_SOP_INSTANCE_UID=ui("1.2." + "3" * 61)), DATA, 1, 0x0117),
        (changed(STORE, AFFECTED_SOP_INSTANCE_UID=ui("1..2")), DATA, 1, 0x0117),
        (changed(STORE, AFFECTED_SOP_INSTANCE_UID=ui("../1")), DATA, 1, 0x0117),
        (changed(STORE, AFFECTED_SOP_INSTANCE_UID=ui("1.2.4")), DATA, 1, 0xA901),
        (changed(STORE, PRIORITY=us(0xFFFF)), DATA, 1, 0x0000),
        (changed(STORE, drop=Tag.PRIORITY), DATA, 1, 0x0000),
        (changed(STORE, AFFECTED_SOP_INSTANCE_UID=IMAGE.SOPInstanceUID.encode() + b"   "), DATA, 1, 0x0000),
        (STORE, DATA, 3, 0x0211),
        (c_echo_rq(1), None, 1, 0x0211),
        (c_find_rq(1, sop_class_uid=CT), DATA, 1, 0x0211),
        (changed(c_echo_rq(1), COMMAND_FIELD=us(0x0130)), None, 1, 0x0211),
        (changed(c_echo_rq(1), COMMAND_FIELD=us(0x0002)), None, 3, 0x0211),
        (changed(c_echo_rq(1), COMMAND_FIELD=us(0x7FFF)), None, 3, 0x0211),
        (changed(c_echo_rq(1), drop=Tag.AFFECTED_SOP_CLASS_UID), None, 3, 0x0000),
        (changed(c_find_rq(1, sop_class_uid=STUDY_ROOT_FIND), COMMAND_DATA_SET_TYPE=us(0x0101)), None, 5, 0xA900),
        (c_find_rq(1, sop_class_uid=CT), DATA, 5, 0x0122),
    ],
    ids=["no-data-set", "empty-data-set", "no-class", "no-instance", "empty-instance", "other-class", "leading-zero",
         "65-characters", "empty-component", "path", "other-instance", "priority-FFFF", "no-priority", "space-padding",
         "store-on-verification", "echo-on-storage", "find-on-storage", "n-action", "0002", "7FFF", "echo-no-class",
         "find-without-identifier", "find-of-other-class"],
)  # fmt: skip
def test_the_status_of_a_request(
    pacs: EmbeddedPacs, command: CommandSet, data_set: bytes | None, context_id: int, status: int
) -> None:
    with peer(pacs.address) as connected:
        connected.associate(CT_IMPLICIT, ECHO, FIND)
        response, answered = connected.call(command, data_set, context_id=context_id)
        assert response.status == status
        assert answered is None
        assert response.command_field == (command.command_field or 0) | 0x8000
        assert len(response.error_comment or "") <= 64
        if status in (0x0211, 0x0117):
            assert not response.has(Tag.ERROR_COMMENT)
        after, _ = connected.call(c_echo_rq(99), context_id=3)
        assert after.status == 0
        connected.release()
    assert len(pacs.store.instances()) == (status == 0 and command.command_field == CommandField.C_STORE_RQ)


@pytest.mark.parametrize(
    "command",
    [
        changed(STORE, drop=Tag.MESSAGE_ID),
        changed(STORE, MESSAGE_ID=b""),
        changed(STORE, drop=Tag.COMMAND_FIELD),
        changed(STORE, COMMAND_FIELD=b"\1"),
    ],
    ids=["no-message-id", "empty-message-id", "no-command-field", "short-command-field"],
)
def test_a_request_that_cannot_be_answered_is_aborted(pacs: EmbeddedPacs, command: CommandSet) -> None:
    with peer(pacs.address) as connected:
        connected.associate()
        connected.send(message_bytes(command, DATA, context_id=1, max_pdu_bytes=16384))
        assert is_abort(connected.see(), 0, 0)
    assert pacs.store.instances() == ()


HALF = len(DATA) // 4 * 2
FIRST = Pdv(context_id=1, control=3, fragment=STORE.encode())
ECHO_PDV = Pdv(context_id=3, control=3, fragment=c_echo_rq(2).encode())
HEAD = Pdv(context_id=1, control=0, fragment=DATA[:HALF])
TAIL = Pdv(context_id=1, control=2, fragment=DATA[HALF:])


@pytest.mark.parametrize(
    ("sent", "reasons"),
    [
        (pdata(FIRST, HEAD, Pdv(context_id=1, control=3, fragment=c_cancel_rq(1).encode()), TAIL), (5,)),
        (pdata(FIRST, HEAD, Pdv(context_id=3, control=3, fragment=c_echo_rq(2).encode())), (5,)),
        (pdata(FIRST, Pdv(context_id=1, control=3, fragment=STORE.encode())), (5,)),
        (pdata(FIRST, Pdv(context_id=7, control=2, fragment=DATA)), (5,)),
        (pdata(HEAD), (5,)),
        (pdata(ECHO_PDV, Pdv(context_id=3, control=2, fragment=b"ab")), (5,)),
        (pdata(Pdv(context_id=11, control=3, fragment=STORE.encode())), (6,)),
        (pdata(Pdv(context_id=9, control=3, fragment=STORE.encode())), (6,)),
        (pdata(Pdv(context_id=2, control=3, fragment=STORE.encode())), (6,)),
        (pdata(Pdv(context_id=1, control=3, fragment=STORE.encode()[:-3])), (6,)),
        (pdata(FIRST)[:6] + b"\0\0\0\1\1" + pdata(FIRST)[11:], (6,)),
        (pdata(FIRST)[:6] + b"\0\0\x10\0" + pdata(FIRST)[10:], (6,)),
    ],
    ids=["cancel-between-fragments", "echo-between-fragments", "command-instead-of-data", "data-on-other-context",
         "data-first", "data-not-announced", "context-not-proposed", "context-rejected", "context-even", "command-cut",
         "item-length-1", "item-too-long"],
)  # fmt: skip
def test_what_ps3_8_annex_e_forbids_ends_the_association(
    pacs: EmbeddedPacs, sent: bytes, reasons: tuple[int, ...]
) -> None:
    with peer(pacs.address) as connected:
        connected.associate(CT_IMPLICIT, ECHO, FIND, CT_AGAIN, REFUSED)
        connected.send(sent)
        seen = connected.see()
        while isinstance(seen, PDataTF):  # what was complete before is answered
            seen = connected.see()
        assert is_abort(seen, 2, *reasons)
    assert pacs.store.instances() == ()


@pytest.mark.parametrize("fragment", [1, 2, 3, 100, 999])
@pytest.mark.parametrize("bits", [0x00, 0xFC], ids=["bits-clear", "bits-2-7-set"])
def test_fragments_of_any_length_in_pdus_of_their_own(pacs: EmbeddedPacs, fragment: int, bits: int) -> None:
    sent = bytearray()
    for kind, payload in ((1, STORE.encode()), (0, DATA)):
        for at in range(0, len(payload), fragment):
            last = 2 if at + fragment >= len(payload) else 0
            piece = payload[at : at + fragment]
            sent += pdata(Pdv(context_id=1, control=kind | last | bits, fragment=piece))
    with peer(pacs.address) as connected:
        connected.associate()
        connected.send(bytes(sent))
        response, _ = connected.see_message()
    assert response.status == 0
    assert pacs.store.instances()[0].data_set.read() == DATA


def test_empty_values_and_several_in_one_pdu(pacs: EmbeddedPacs) -> None:
    with peer(pacs.address) as connected:
        connected.associate()
        empty = Pdv(context_id=1, control=0, fragment=b"")
        tail = Pdv(context_id=1, control=0, fragment=DATA[HALF:])
        connected.send(pdata(FIRST, HEAD, empty, tail, Pdv(context_id=1, control=2, fragment=b"")))
        response, _ = connected.see_message()
    assert response.status == 0
    assert pacs.store.instances()[0].data_set.read() == DATA


def test_success_waits_for_the_last_fragment(pacs: EmbeddedPacs) -> None:
    with peer(pacs.address) as connected:
        connected.associate()
        connected.send(pdata(FIRST, HEAD))
        assert isinstance(connected.see(QUIET_S), Silence)
        assert pacs.store.instances() == ()
        connected.send(pdata(TAIL))
        response, _ = connected.see_message()
    assert response.status == 0


@pytest.mark.parametrize("named", [1, 77], ids=["the-store", "unknown"])
def test_a_cancel_of_a_store_has_no_effect_and_no_response(pacs: EmbeddedPacs, named: int) -> None:
    with peer(pacs.address) as connected:
        connected.associate()
        cancel = message_bytes(c_cancel_rq(named), None, context_id=1, max_pdu_bytes=16384)
        connected.send(cancel + message_bytes(STORE, DATA, context_id=1, max_pdu_bytes=16384) + cancel)
        response, _ = connected.see_message()
        assert (response.command_field, response.status) == (CommandField.C_STORE_RSP, 0)
        assert isinstance(connected.see(QUIET_S), Silence)
        after, _ = connected.call(c_echo_rq(2), context_id=3)
        assert after.status == 0
    assert len(pacs.store.instances()) == 1


def test_unsolicited_responses_are_ignored(pacs: EmbeddedPacs) -> None:
    rsp = changed(STORE, COMMAND_FIELD=us(0x8001), STATUS=us(0))
    with peer(pacs.address) as connected:
        connected.associate()
        connected.send(message_bytes(rsp, DATA, context_id=1, max_pdu_bytes=16384))
        after, _ = connected.call(c_echo_rq(2), context_id=3)
        assert after.status == 0


@pytest.mark.parametrize(
    "elements",
    [
        tuple(reversed(c_echo_rq(1).elements)),
        c_echo_rq(1).elements[1:],
        (CommandElement(tag=0, value=b"\xff\xff\xff\xff"), *c_echo_rq(1).elements[1:]),
        (*c_echo_rq(1).elements, CommandElement(tag=0x5180, value=b"ab")),
        (*c_echo_rq(1).elements, *c_echo_rq(1).elements[-1:]),
    ],
    ids=["descending", "no-group-length", "wrong-group-length", "unknown-element", "twice"],
)
def test_odd_command_sets_are_understood(pacs: EmbeddedPacs, elements: tuple[CommandElement, ...]) -> None:
    with peer(pacs.address) as connected:
        connected.associate()
        response, _ = connected.call(CommandSet(elements=elements), context_id=3)
    assert response.status == 0


@pytest.mark.parametrize("end", ["abort", "close", "reset", "release"])
@pytest.mark.parametrize("cut", [0, HALF], ids=["before-data", "mid-data"])
def test_a_store_that_is_cut_leaves_nothing(pacs: EmbeddedPacs, end: str, cut: int) -> None:
    with peer(pacs.address) as connected:
        connected.associate()
        connected.send(pdata(FIRST))
        if cut:
            connected.send(pdata(Pdv(context_id=1, control=0, fragment=DATA[:cut])))
        match end:
            case "abort":
                connected.send(AbortPdu(source=0, reason=0).encode())
                assert isinstance(connected.see(), Closed)
            case "release":
                connected.send(ReleaseRQ().encode())
                assert isinstance(connected.see(), ReleaseRP)
            case "reset":
                connected.sock.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER of 0 s
    assert pacs.store.instances() == ()
    with peer(pacs.address) as again:
        again.associate()
        response, _ = again.call(STORE, DATA)
        assert response.status == 0
        again.release()
    assert len(pacs.store.instances()) == 1


def test_requests_sent_without_waiting_are_answered_in_order(pacs: EmbeddedPacs) -> None:
    with peer(pacs.address) as connected:
        connected.associate()
        images = [ct(n) for n in range(1, 6)]
        for n, image in enumerate(images):
            rq = c_store_rq(n, sop_class_uid=CT, sop_instance_uid=image.SOPInstanceUID)
            connected.send(message_bytes(rq, encoded(image), context_id=1, max_pdu_bytes=16384))
        answers = [connected.see_message()[0] for _ in images]
    assert [a.message_id_being_responded_to for a in answers] == [0, 1, 2, 3, 4]
    assert [a.status for a in answers] == [0] * 5
