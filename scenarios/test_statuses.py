"""Statuses: what was not agreed on the association is refused as such, and nothing of it is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest
from pydicom.dataset import Dataset

from conformance.driver.line import VERIFICATION_ID, Line
from conformance.driver.sending import sent_bytes_of, sent_of
from conformance.instances.instance import Instance
from conformance.plugin.fixtures import Instances, Judge, Look, Peers
from conformance.verdict import responses, storing, unagreed
from conformance.verdict.responses import Reactions
from conformance.wire import command_faults as faults
from conformance.wire.command import NO_DATA_SET, CommandField, CommandSet, Tag, command_set, ui, us
from conformance.wire.messages import c_echo_rq, c_find_rq, c_move_rq, c_store_rq, response

pytestmark = pytest.mark.topic("statuses")

MR_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.4"
MESSAGE_ID_OF_NOBODY: Final = 4711


@pytest.fixture
def line(peer: Peers, ct_image: Instance) -> Line:
    """An association for the CT image."""
    return Line(*peer.ready_for(ct_image, verification=True))


@pytest.mark.requirement("CMD-32", "STA-19")
def test_other_sop_class_than_agreed(line: Line, ct_image: Instance, readback: Look, judge: Judge) -> None:
    """A C-STORE-RQ that names another SOP class than its context was negotiated for is refused."""
    command = faults.with_values(line.command_for(ct_image), {Tag.AFFECTED_SOP_CLASS_UID: ui(MR_IMAGE)})
    store = line.store(ct_image, command)
    line.connection.close()
    assert store.sent is not None
    judge(unagreed.other_sop_class(store, readback.fetch(store.sent, expect=storing.acknowledged(store))))


@pytest.mark.requirement("CMD-33", "STA-19")
def test_other_sop_instance_in_the_command(
    line: Line, ct_image: Instance, instances: Instances, readback: Look, judge: Judge
) -> None:
    """A SOP Instance UID in the command that is not that of the data set is refused, or told with B007."""
    uid = instances.identities.new_uid()
    data_set = ct_image.encoded(line.transfer_syntax)
    label = f"{ct_image.label}, other UID in the command"
    in_data_set = sent_bytes_of(ct_image, data_set, line.transfer_syntax, label=label)
    in_command = replace(in_data_set, sop_instance_uid=uid)
    command = faults.with_values(line.command_for(ct_image), {Tag.AFFECTED_SOP_INSTANCE_UID: ui(uid)})
    store = line.connection.request(command, data_set, context_id=line.context_id, sent=in_command)
    line.connection.close()
    under_data_set = readback.fetch(in_data_set, expect=storing.acknowledged(store))
    under_command = readback.fetch(in_command, expect=False)
    judge(unagreed.other_instance(store, under_command, under_data_set))


@pytest.mark.requirement("CMD-36", "STA-19")
def test_store_on_the_verification_context(
    line: Line, ct_image: Instance, readback: Look, judge: Judge, not_applicable: Callable[[str], None]
) -> None:
    """A C-STORE-RQ on a context for Verification is refused."""
    if not line.can_echo:
        not_applicable("the target does not accept Verification")
    # Verification is offered in Implicit VR Little Endian alone.
    transfer_syntax = line.connection.accepted[VERIFICATION_ID].transfer_syntax or ""
    sent, data_set = sent_of(ct_image, transfer_syntax), ct_image.encoded(transfer_syntax)
    store = line.connection.store(data_set, sent, context_id=VERIFICATION_ID)
    line.connection.close()
    judge(unagreed.store_on_another_service(store, readback.fetch(sent, expect=storing.acknowledged(store))))


@pytest.mark.requirement("CMD-37")
@pytest.mark.level("safe")
def test_echo_on_a_storage_context(line: Line, ct_image: Instance, judge: Judge) -> None:
    """A C-ECHO-RQ on a storage context is refused with 0122H or 0211H; a Success is reported."""
    echo = c_echo_rq(line.connection.next_message_id())
    command = faults.with_values(echo, {Tag.AFFECTED_SOP_CLASS_UID: ui(ct_image.sop_class_uid)})
    exchange = line.ask(command)
    line.connection.close()
    reported = Reactions(success=True, failure=True, closed=True)
    judge(responses.expect(exchange, "CMD-37", codes=(0x0122, 0x0211), abort=True, reported=reported))


def _n_request(field: CommandField, message_id: int, sop_class_uid: str, sop_instance_uid: str) -> CommandSet:
    created = field is CommandField.N_CREATE_RQ
    elements = [
        (Tag.AFFECTED_SOP_CLASS_UID if created else Tag.REQUESTED_SOP_CLASS_UID, ui(sop_class_uid)),
        (Tag.COMMAND_FIELD, us(field)),
        (Tag.MESSAGE_ID, us(message_id)),
        (Tag.COMMAND_DATA_SET_TYPE, us(NO_DATA_SET)),
        (Tag.AFFECTED_SOP_INSTANCE_UID if created else Tag.REQUESTED_SOP_INSTANCE_UID, ui(sop_instance_uid)),
    ]
    if field is CommandField.N_ACTION_RQ:
        elements.append((Tag.ACTION_TYPE_ID, us(1)))
    return command_set(elements)


@pytest.mark.requirement("CMD-38")
@pytest.mark.level("safe")
@pytest.mark.parametrize("operation", ["C-FIND", "C-MOVE", "N-ACTION", "N-CREATE"])
def test_other_operation_on_a_storage_context(line: Line, ct_image: Instance, judge: Judge, operation: str) -> None:
    """An operation that a storage context is not for is refused by its own response, or with A-ABORT."""
    number, sop_class = line.connection.next_message_id(), ct_image.sop_class_uid
    data_set: bytes | None = None
    match operation:
        case "C-FIND":
            command, data_set = c_find_rq(number, sop_class_uid=sop_class), _identifier(ct_image, line.transfer_syntax)
        case "C-MOVE":
            command = c_move_rq(number, sop_class_uid=sop_class, move_destination="NOBODY")
            data_set = _identifier(ct_image, line.transfer_syntax)
        case _:
            field = CommandField[f"{operation.replace('-', '_')}_RQ"]
            command = _n_request(field, number, sop_class, ct_image.sop_instance_uid)
    exchange = line.ask(command, data_set)
    line.connection.close()
    judge(unagreed.operation_refused(exchange, "CMD-38"))


def _identifier(instance: Instance, transfer_syntax: str) -> bytes:
    """A query for a study that is not stored."""
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.StudyInstanceUID = instance.study_instance_uid
    return Instance(dataset=keys).encoded(transfer_syntax)


@pytest.mark.requirement("CMD-11")
@pytest.mark.level("safe")
@pytest.mark.parametrize("field", [0x0002, 0x7FFF, 0x0FFE], ids=lambda value: f"{value:04X}H")
def test_unknown_command_field(line: Line, ct_image: Instance, judge: Judge, field: int) -> None:
    """A Command Field that the standard does not have is answered with 0211H or A-ABORT."""
    echo = c_echo_rq(line.connection.next_message_id())
    command = faults.with_values(
        echo, {Tag.COMMAND_FIELD: us(field), Tag.AFFECTED_SOP_CLASS_UID: ui(ct_image.sop_class_uid)}
    )
    exchange = line.ask(command)
    line.connection.close()
    judge(unagreed.operation_refused(exchange, "CMD-11"))


@pytest.mark.requirement("CMD-39")
@pytest.mark.level("safe")
def test_unsolicited_response(line: Line, ct_image: Instance, judge: Judge) -> None:
    """A C-STORE-RSP that nobody asked for is passed over, or draws A-ABORT."""
    nobodys = c_store_rq(
        MESSAGE_ID_OF_NOBODY, sop_class_uid=ct_image.sop_class_uid, sop_instance_uid=ct_image.sop_instance_uid
    )
    line.connection.send_message(response(nobodys, status=0), None, context_id=line.context_id)
    exchange = line.echo() if line.can_echo else line.store(ct_image)
    judge(unagreed.passed_over(exchange, "CMD-39"))
