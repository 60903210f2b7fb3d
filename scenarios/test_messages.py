"""Messages: faulty command sets of C-ECHO and C-STORE, unknown operations, and what answers nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from pydicom.dataset import Dataset

from conformance.driver.sending import contexts_of, sent_of
from conformance.instances.encoding import encode
from conformance.instances.instance import Instance
from conformance.plugin.fixtures import Instances, Judge, Look, Peers
from conformance.verdict import fidelity, messages, responses, storing, unagreed
from conformance.wire import command_faults as faults
from conformance.wire.command import CommandField, CommandSet, Tag, command_set, ui, us
from conformance.wire.malformed_commands import Kind, Malformation, Whole, malformations
from conformance.wire.messages import (
    VERIFICATION_SOP_CLASS,
    c_cancel_rq,
    c_echo_rq,
    c_find_rq,
    c_get_rq,
    c_move_rq,
    c_store_rq,
    response,
)

pytestmark = pytest.mark.topic("messages")

IMPLICIT: Final = "1.2.840.10008.1.2"
VERIFICATION: Final = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT,))])
LENGTH_TO_END: Final = 0x0001
MESSAGE_ID_OF_NOBODY: Final = 4711

JudgeStored = Callable[..., None]
Step = Callable[[str], None]

_UIDS: Final = (Tag.AFFECTED_SOP_CLASS_UID, Tag.AFFECTED_SOP_INSTANCE_UID)
_ENCODINGS: Final = (Whole.EXPLICIT_VR, Whole.BIG_ENDIAN)
_ORDERS: Final = (Kind.DOUBLED, Kind.CONTRADICTED, Kind.OUT_OF_ORDER, Whole.DESCENDING)


def _requirement_of(malformation: Malformation) -> str:
    """The row that a malformed command set belongs to."""
    if malformation.what in _ENCODINGS:
        return "CMD-10"
    if malformation.what in _ORDERS:
        return "CMD-09"
    if malformation.what is Kind.OTHER_GROUP:
        return "CMD-07"
    return "CMD-08" if malformation.tag is None else "CMD-12"


def _cases(good: CommandSet, *, without: Callable[[Malformation], bool]) -> list[object]:
    return [
        pytest.param(m, id=str(m), marks=pytest.mark.requirement(_requirement_of(m)))
        for m in malformations(good)
        if not without(m)
    ]


@pytest.mark.requirement("ECH-08")
@pytest.mark.parametrize("malformation", [pytest.param(one, id=str(one)) for one in malformations(c_echo_rq(1))])
def test_malformed_echo(peer: Peers, judge: Judge, step: Step, malformation: Malformation) -> None:
    """A C-ECHO-RQ whose command set is malformed in one point is answered, or draws A-ABORT."""
    with peer.associated(VERIFICATION) as connection:
        good = c_echo_rq(connection.next_message_id())
        step(f"C-ECHO-RQ, {malformation}")
        complete = connection.send_command(malformation.encode(good), context_id=1)
        exchange = connection.await_response(good, context_id=1, complete=complete)
        judge(messages.any_answer(exchange, "ECH-08"))


def _in_another_scenario(malformation: Malformation) -> bool:
    """What the scenarios of statuses send: mandatory fields left out, encodings, some group lengths."""
    lacks = malformation.what in (Kind.MISSING, Kind.EMPTY)
    if malformation.tag is None:
        return malformation.what in (
            *_ENCODINGS,
            Whole.DESCENDING,
            Whole.NO_GROUP_LENGTH,
            Whole.NO_LENGTH_AT_ALL,
            Whole.LENGTH_UNLIMITED,
        )
    return lacks and malformation.tag in (Tag.MESSAGE_ID, *_UIDS)


@pytest.mark.level("disruptive")
@pytest.mark.requirement("STA-17", "STA-19")
@pytest.mark.parametrize(
    "malformation",
    _cases(c_store_rq(1, sop_class_uid="1.2", sop_instance_uid="1.2"), without=_in_another_scenario),
)
def test_malformed_store(
    *,
    peer: Peers,
    ct_image: Instance,
    judge: Judge,
    judge_stored: JudgeStored,
    readback: Look,
    step: Step,
    malformation: Malformation,
) -> None:
    """A C-STORE-RQ malformed in one point is refused, draws A-ABORT, or is stored as it was meant."""
    connection, context_id, transfer_syntax = peer.ready_for(ct_image)
    sent = sent_of(ct_image, transfer_syntax)
    good = c_store_rq(
        connection.next_message_id(), sop_class_uid=sent.sop_class_uid, sop_instance_uid=sent.sop_instance_uid
    )
    step(f"C-STORE-RQ, {malformation}, and its data set")
    complete = connection.send_command(malformation.encode(good), context_id=context_id) and connection.send_data(
        ct_image.encoded(transfer_syntax), context_id=context_id
    )
    exchange = connection.await_response(good, context_id=context_id, sent=sent, complete=complete)
    connection.close()
    names_another = malformation.tag in _UIDS and malformation.what in (Kind.SHORT, Kind.LONG)
    names_two = malformation.tag in _UIDS and malformation.what is Kind.CONTRADICTED
    judge(messages.faulty_store(exchange, _requirement_of(malformation), names_another=names_another))
    if storing.acknowledged(exchange) and not (names_another or names_two):
        judge_stored(ct_image, exchange)
    elif exchange.status is not None and not storing.acknowledged(exchange):
        judge(fidelity.not_stored(readback.fetch(sent, expect=False)))


@pytest.mark.requirement("CMD-06")
@pytest.mark.parametrize("length_bytes", [None, 0, 0xFFFF_FFFF], ids=["right", "0", "FFFFFFFFH"])
def test_length_to_end(
    *, peer: Peers, instances: Instances, judge: Judge, judge_stored: JudgeStored, length_bytes: int | None
) -> None:
    """The retired Length to End of a command set, right or wrong, changes nothing."""
    ordinary, instance = instances.series("CTImageStorage", 2)
    connection, context_id, transfer_syntax = peer.ready_for(instance)
    first = connection.store(
        ordinary.encoded(transfer_syntax), sent_of(ordinary, transfer_syntax), context_id=context_id
    )
    sent = sent_of(instance, transfer_syntax)
    good = c_store_rq(
        connection.next_message_id(), sop_class_uid=sent.sop_class_uid, sop_instance_uid=sent.sop_instance_uid
    )
    behind = len(good.encode()) - 12
    value = (behind if length_bytes is None else length_bytes).to_bytes(4, "little")
    command = faults.with_values(good, {LENGTH_TO_END: value})
    store = connection.store(instance.encoded(transfer_syntax), sent, context_id=context_id, command=command)
    judge(storing.like_the_ordinary(store, first, "CMD-06"))
    judge_stored(instance, store, connection=connection)


@pytest.mark.level("safe")
@pytest.mark.requirement("CMD-39")
@pytest.mark.parametrize("answer", ["C-ECHO-RSP", "C-FIND-RSP", "C-MOVE-RSP", "N-EVENT-REPORT-RSP", "8FFFH"])
def test_response_of_another_service(peer: Peers, judge: Judge, step: Step, answer: str) -> None:
    """A response that nobody asked for, whatever its service, is passed over or draws A-ABORT."""
    fields = {
        "C-ECHO-RSP": CommandField.C_ECHO_RQ,
        "C-FIND-RSP": CommandField.C_FIND_RQ,
        "C-MOVE-RSP": CommandField.C_MOVE_RQ,
        "N-EVENT-REPORT-RSP": CommandField.N_EVENT_REPORT_RQ,
        "8FFFH": CommandField.C_CANCEL_RQ,
    }
    with peer.associated(VERIFICATION) as connection:
        asked = faults.with_values(c_echo_rq(MESSAGE_ID_OF_NOBODY), {Tag.COMMAND_FIELD: us(fields[answer])})
        step(f"{answer} that answers nothing, then C-ECHO-RQ")
        connection.send_message(response(asked, status=0), None, context_id=1)
        judge(unagreed.passed_over(connection.echo(context_id=1), "CMD-39"))


@pytest.mark.level("safe")
@pytest.mark.requirement("CMD-11")
@pytest.mark.parametrize("field", [0x0000, 0x0003, 0x0031, 0x0160, 0x4001], ids=lambda value: f"{value:04X}H")
def test_unknown_command_field_on_verification(peer: Peers, judge: Judge, field: int) -> None:
    """A Command Field that the standard does not have is refused on the Verification context too."""
    with peer.associated(VERIFICATION) as connection:
        echo = c_echo_rq(connection.next_message_id())
        command = faults.with_values(echo, {Tag.COMMAND_FIELD: us(field)})
        judge(unagreed.operation_refused(connection.request(command, None, context_id=1), "CMD-11"))


@pytest.mark.level("safe")
@pytest.mark.requirement("CMD-38")
@pytest.mark.parametrize(
    "operation",
    ["C-FIND", "C-GET", "C-MOVE", "N-EVENT-REPORT", "N-GET", "N-SET", "N-ACTION", "N-CREATE", "N-DELETE"],
)
def test_other_operation_on_verification(peer: Peers, instances: Instances, judge: Judge, operation: str) -> None:
    """An operation that Verification does not have is refused by its own response, or with A-ABORT."""
    with peer.associated(VERIFICATION) as connection:
        number, uid = connection.next_message_id(), instances.identities.new_uid()
        keys = Dataset()
        keys.QueryRetrieveLevel = "STUDY"
        keys.StudyInstanceUID = uid
        identifier: bytes | None = encode(keys, implicit_vr=True, little_endian=True)
        match operation:
            case "C-FIND":
                command = c_find_rq(number, sop_class_uid=VERIFICATION_SOP_CLASS)
            case "C-GET":
                command = c_get_rq(number, sop_class_uid=VERIFICATION_SOP_CLASS)
            case "C-MOVE":
                command = c_move_rq(number, sop_class_uid=VERIFICATION_SOP_CLASS, move_destination="NOBODY")
            case _:
                field = CommandField[f"{operation.replace('-', '_')}_RQ"]
                command, identifier = _normalized(field, number, uid), None
        exchange = connection.request(command, identifier, context_id=1)
        judge(unagreed.operation_refused(exchange, "CMD-38"))


def _normalized(field: CommandField, message_id: int, sop_instance_uid: str) -> CommandSet:
    """A DIMSE-N request without a data set (PS3.7 10.3)."""
    affected = field in (CommandField.N_CREATE_RQ, CommandField.N_EVENT_REPORT_RQ)
    elements = [
        (Tag.AFFECTED_SOP_CLASS_UID if affected else Tag.REQUESTED_SOP_CLASS_UID, ui(VERIFICATION_SOP_CLASS)),
        (Tag.COMMAND_FIELD, us(field)),
        (Tag.MESSAGE_ID, us(message_id)),
        (Tag.COMMAND_DATA_SET_TYPE, us(0x0101)),
        (Tag.AFFECTED_SOP_INSTANCE_UID if affected else Tag.REQUESTED_SOP_INSTANCE_UID, ui(sop_instance_uid)),
    ]
    if field is CommandField.N_ACTION_RQ:
        elements.append((Tag.ACTION_TYPE_ID, us(1)))
    if field is CommandField.N_EVENT_REPORT_RQ:
        elements.append((Tag.EVENT_TYPE_ID, us(1)))
    return command_set(elements)


@pytest.mark.level("safe")
@pytest.mark.requirement("CAN-01", "CAN-02")
def test_cancel_of_an_echo(peer: Peers, judge: Judge, step: Step) -> None:
    """A C-CANCEL-RQ that names a C-ECHO, which cannot be cancelled, does not change its answer."""
    with peer.associated(VERIFICATION) as connection:
        command = c_echo_rq(connection.next_message_id())
        step("C-ECHO-RQ, and at once a C-CANCEL-RQ that names it")
        connection.send_command(command, context_id=1)
        connection.send_command(c_cancel_rq(command.message_id or 0), context_id=1)
        echo = connection.await_response(command, context_id=1)
        judge(responses.expect(echo, "CAN-01", success=True, abort=True))


@pytest.mark.requirement("CMD-23")
@pytest.mark.parametrize("title", ["", "SEVENTEEN-LETTERS", "WITH\\BACKSLASH", "  LEADING"], ids=repr)
def test_odd_move_originator(
    *, peer: Peers, ct_image: Instance, judge: Judge, judge_stored: JudgeStored, title: str
) -> None:
    """A Move Originator that is no legal AE title is passed over or refused, and never stored wrongly."""
    connection, context_id, transfer_syntax = peer.ready_for(ct_image)
    sent = sent_of(ct_image, transfer_syntax)
    command = c_store_rq(
        connection.next_message_id(),
        sop_class_uid=sent.sop_class_uid,
        sop_instance_uid=sent.sop_instance_uid,
        move_originator=(title, 1),
    )
    store = connection.store(ct_image.encoded(transfer_syntax), sent, context_id=context_id, command=command)
    connection.close()
    judge(messages.any_answer(store, "CMD-23"))
    if storing.acknowledged(store):
        judge_stored(ct_image, store)
