"""Messages: faulty command sets of C-ECHO and C-STORE, fragments, several contexts, and what answers nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from pydicom.dataset import Dataset

from conformance.driver.peer import Peer
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances.encoding import encode
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Response
from conformance.plugin.fixtures import NATIVE, Instances, Judge, Look, Peers
from conformance.verdict import batches, fidelity, messages, responses, storing, unagreed
from conformance.verdict.responses import Reactions
from conformance.wire import command_faults as faults
from conformance.wire.command import CommandField, CommandSet, Tag, command_set, ui, us
from conformance.wire.layouts import cut, every, in_one_pdu, one_pdu_each
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
REQUESTS: Final = 1000
INSTANCES: Final = 20
MESSAGE_ID_OF_NOBODY: Final = 4711
EARLY_S: Final = 1.0
"""How long a Failure that comes before the end of the data set is waited for."""

JudgeStored = Callable[..., None]
Step = Callable[[str], None]
NotApplicable = Callable[[str], None]

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
@pytest.mark.parametrize("malformation", _cases(c_echo_rq(1), without=lambda _: False))
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


def _borders(command: CommandSet, within: str) -> list[int]:
    """A border in each element of a command set: behind its tag, inside its length or value, or between elements."""
    borders, position = [], 0
    for element in command.elements:
        offset = {"between elements": 0, "behind each tag": 4, "inside each length": 6, "inside each value": 10}[within]
        borders.append(position + offset)
        position += 8 + len(element.value)
    return sorted(set(borders))


@pytest.mark.requirement("PDV-02", "PDV-04")
@pytest.mark.parametrize(
    "pdus",
    [
        pytest.param("a PDU for each", marks=pytest.mark.level("safe")),
        # Well formed, and yet more than a widespread toolkit survives.
        pytest.param("all in one PDU", marks=pytest.mark.level("disruptive")),
    ],
)
@pytest.mark.parametrize("within", ["between elements", "behind each tag", "inside each length", "inside each value"])
def test_borders_of_command_fragments(peer: Peers, judge: Judge, step: Step, within: str, pdus: str) -> None:
    """A command set is put together wherever its fragments end, in one PDU or in many."""
    with peer.associated(VERIFICATION) as connection:
        command = c_echo_rq(connection.next_message_id())
        pieces = cut(command.encode(), _borders(command, within), context_id=1, command=True)
        step(f"C-ECHO-RQ in {len(pieces)} fragments cut {within}, {pdus}")
        complete = connection.send(one_pdu_each(pieces) if pdus == "a PDU for each" else in_one_pdu(pieces))
        echo = connection.await_response(command, context_id=1, complete=complete)
        judge(responses.expect(echo, "PDV-02" if pdus == "a PDU for each" else "PDV-04", success=True))
        if isinstance(echo.outcome, Response):
            connection.release()


@pytest.mark.requirement("PDV-02", "PDV-03", "FID-01")
@pytest.mark.parametrize("within", ["between elements", "behind each tag", "inside each length", "inside each value"])
def test_borders_of_the_fragments_of_a_store(
    *, peer: Peers, instances: Instances, judge: Judge, judge_stored: JudgeStored, step: Step, within: str
) -> None:
    """A C-STORE-RQ cut inside its fields, and its data set into small fragments, is stored like an ordinary one."""
    ordinary, instance = instances.series("CTImageStorage", 2, rows=16, columns=16)
    connection, context_id, transfer_syntax = peer.ready_for(instance)
    first = connection.store(
        ordinary.encoded(transfer_syntax), sent_of(ordinary, transfer_syntax), context_id=context_id
    )
    sent, data_set = sent_of(instance, transfer_syntax), instance.encoded(transfer_syntax)
    command = c_store_rq(
        connection.next_message_id(), sop_class_uid=sent.sop_class_uid, sop_instance_uid=sent.sop_instance_uid
    )
    of_command = cut(command.encode(), _borders(command, within), context_id=context_id, command=True)
    of_data = cut(data_set, every(_room(connection, 250), data_set), context_id=context_id, command=False)
    step(f"C-STORE-RQ in {len(of_command)} fragments cut {within}, its data set in {len(of_data)}")
    complete = connection.send(one_pdu_each(of_command) + one_pdu_each(of_data))
    store = connection.await_response(command, context_id=context_id, sent=sent, complete=complete)
    judge(storing.like_the_ordinary(store, first, "PDV-02"))
    judge_stored(instance, store, connection=connection)


def _room(connection: Peer, wanted_bytes: int) -> int:
    """The longest even fragment up to a length that the target's maximum allows."""
    maximum = connection.target_max_pdu_bytes
    return wanted_bytes if maximum == 0 else min(wanted_bytes, (maximum - 6) & ~1)


@pytest.mark.requirement("PDV-20", "STA-19")
def test_command_where_a_data_set_should_follow(
    peer: Peers, ct_image: Instance, judge: Judge, readback: Look, step: Step
) -> None:
    """A C-STORE-RQ that is followed by another command set, and not by its data set, is never acknowledged."""
    connection, context_id, transfer_syntax = peer.ready_for(ct_image, verification=True)
    sent = sent_of(ct_image, transfer_syntax)
    command = c_store_rq(
        connection.next_message_id(), sop_class_uid=sent.sop_class_uid, sop_instance_uid=sent.sop_instance_uid
    )
    step("C-STORE-RQ without its data set, and a C-ECHO-RQ behind it")
    connection.send_command(command, context_id=context_id)
    connection.send_command(c_echo_rq(connection.next_message_id()), context_id=context_id)
    exchange = connection.await_response(command, context_id=context_id, sent=sent)
    connection.close()
    judge(messages.store_without_its_data_set(exchange))
    judge(fidelity.not_stored(readback.fetch(sent, expect=False), requirement="PDV-20"))


@pytest.mark.requirement("PDV-21")
def test_data_set_that_was_not_announced(peer: Peers, judge: Judge, step: Step) -> None:
    """A C-ECHO-RQ that announces no data set, and has one, draws A-ABORT, or the data set is passed over."""
    with peer.associated(VERIFICATION) as connection:
        command = c_echo_rq(connection.next_message_id())
        step("C-ECHO-RQ with Command Data Set Type 0101H, a data set behind it, and another C-ECHO-RQ")
        connection.send_message(command, bytes(64), context_id=1)
        exchange = connection.await_response(command, context_id=1)
        judge(responses.expect(exchange, "PDV-21", success=True, failure=True, abort=True, well_formed=False))
        if isinstance(exchange.outcome, Response):
            judge(_next_echo(connection, "PDV-21"))


def _next_echo(connection: Peer, requirement: str) -> object:
    """A further C-ECHO on the association: answered, or the association was aborted."""
    return responses.expect(
        connection.echo(context_id=1),
        requirement,
        success=True,
        abort=True,
        reported=Reactions(failure=True, closed=True),
        well_formed=False,
    )


@pytest.mark.requirement("PDV-31", "ECH-06", "FID-01")
def test_requests_on_several_contexts_in_turn(
    peer: Peers, instances: Instances, judge: Judge, judge_stored: JudgeStored
) -> None:
    """C-STORE and C-ECHO take turns on four contexts, and every answer comes on the context of its request."""
    series = instances.series("CTImageStorage", 4)
    storage = (series[0].sop_class_uid, NATIVE)
    verification = (VERIFICATION_SOP_CLASS, (IMPLICIT,))
    contexts = contexts_of([storage, verification, storage, verification])
    with peer.associated(contexts) as connection:
        stores: list[tuple[Instance, OperationExchange]] = []
        echoes: list[OperationExchange] = []
        waiting = list(series)
        for context in (*contexts, *contexts):
            result = connection.accepted.get(context.context_id)
            if result is None or result.transfer_syntax is None:
                continue
            if context.abstract_syntax == VERIFICATION_SOP_CLASS:
                echoes.append(connection.echo(context_id=context.context_id))
            else:
                instance = waiting.pop()
                sent = sent_of(instance, result.transfer_syntax)
                data_set = instance.encoded(result.transfer_syntax)
                stores.append((instance, connection.store(data_set, sent, context_id=context.context_id)))
        for echo in echoes:
            judge(responses.expect(echo, "ECH-06", success=True), storing.on_the_requests_context(echo))
        for _, store in stores:
            judge(storing.on_the_requests_context(store))
        connection.release()
    for instance, store in stores:
        judge_stored(instance, store)


@pytest.mark.requirement("CMD-41", "PDV-30")
@pytest.mark.parametrize("ending", ["A-ABORT", "FIN", "RST"])
def test_no_response_on_a_later_association(
    *, peer: Peers, ct_image: Instance, judge: Judge, step: Step, ending: str
) -> None:
    """The response to a request on an association that ended never comes on the next one."""
    connection, context_id, transfer_syntax = peer.ready_for(ct_image, label="that ends")
    command = c_store_rq(1, sop_class_uid=ct_image.sop_class_uid, sop_instance_uid=ct_image.sop_instance_uid)
    step(f"C-STORE-RQ with its data set, {ending} before its answer is read; C-ECHO-RQ on a new association")
    connection.send_message(command, ct_image.encoded(transfer_syntax), context_id=context_id)
    match ending:
        case "A-ABORT":
            connection.abort()
        case "FIN":
            connection.close()
        case _:
            connection.reset()
    with peer.associated(VERIFICATION, label="later") as later:
        exchanges = [later.echo(context_id=1) for _ in range(3)]
        judge(messages.no_stale_response(exchanges))
        later.release()


@pytest.mark.level("disruptive")
@pytest.mark.requirement("CMD-27", "CMD-14", "CMD-26")
def test_a_thousand_requests(peer: Peers, instances: Instances, judge: Judge, step: Step) -> None:
    """Each of a thousand C-STORE and C-ECHO on one association, good ones and ones without an instance, is answered."""
    series = instances.series("CTImageStorage", INSTANCES, rows=8, columns=8)
    connection, context_id, transfer_syntax = peer.ready_for(series[0], verification=True)
    step(f"{REQUESTS} requests in turn: C-STORE of {INSTANCES} instances again and again, every second one a C-ECHO")
    exchanges: list[OperationExchange] = []
    for number in range(REQUESTS):
        if number % 2 and 3 in connection.accepted:
            exchanges.append(connection.echo(context_id=3))
        else:
            instance = series[number // 2 % INSTANCES]
            sent, data_set = sent_of(instance, transfer_syntax), instance.encoded(transfer_syntax)
            exchanges.append(connection.store(data_set, sent, context_id=context_id))
        if not isinstance(exchanges[-1].outcome, Response):
            break
    judge(messages.each_answered_once(exchanges, asked=REQUESTS))
    if isinstance(exchanges[-1].outcome, Response):
        connection.release()


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


@pytest.mark.level("disruptive")
@pytest.mark.requirement("CMD-30", "CMD-29")
@pytest.mark.parametrize("rest", ["the rest is sent", "an early last fragment ends it"])
def test_after_an_early_failure(
    *,
    peer: Peers,
    ct_image: Instance,
    judge: Judge,
    step: Step,
    not_applicable: NotApplicable,
    rest: str,
) -> None:
    """After a Failure that comes before the data set, its sender may end it early, and the next request is served."""
    connection, context_id, transfer_syntax = peer.ready_for(ct_image, verification=True)
    if 3 not in connection.accepted:
        not_applicable("the target does not accept Verification")
    command = c_store_rq(
        connection.next_message_id(), sop_class_uid="1.2.840.10008.1.1", sop_instance_uid=ct_image.sop_instance_uid
    )
    data_set = ct_image.encoded(transfer_syntax)
    half = len(data_set) // 4 * 2
    step(f"C-STORE-RQ of a SOP class that is no storage, half its data set; on an early Failure {rest}; C-ECHO-RQ")
    connection.send_command(command, context_id=context_id)
    connection.send_data(data_set[:half], context_id=context_id, last=False)
    early = connection.await_response(command, context_id=context_id, timeout_s=EARLY_S)
    if not isinstance(early.outcome, Response):
        connection.close()
        not_applicable("the target gives no early failure")
    remainder = data_set[half:] if rest == "the rest is sent" else data_set[half : half + 2]
    connection.send_data(remainder, context_id=context_id)
    judge(responses.expect(early, "CMD-29", failure=True))
    judge(responses.expect(connection.echo(context_id=3), "CMD-30", success=True))


@pytest.mark.requirement("PDV-32")
def test_both_directions_at_once(
    *, peer: Peers, instances: Instances, judge: Judge, readback: Look, step: Step
) -> None:
    """Requests that are sent while answers come do not bring the target to a standstill."""
    series = instances.series("CTImageStorage", 3, rows=256, columns=256)
    connection, context_id, transfer_syntax = peer.ready_for(series[0])
    step("three C-STORE-RQ of 128 KiB, each sent to its end before the answer to the one before is read")
    asked = []
    for instance in series:
        sent = sent_of(instance, transfer_syntax)
        command = c_store_rq(
            connection.next_message_id(), sop_class_uid=sent.sop_class_uid, sop_instance_uid=sent.sop_instance_uid
        )
        complete = connection.send_message(command, instance.encoded(transfer_syntax), context_id=context_id)
        asked.append((instance, command, sent, complete))
    stores: list[OperationExchange] = []
    for _, command, sent, complete in asked:
        stores.append(connection.await_response(command, context_id=context_id, sent=sent, complete=complete))
        if not isinstance(stores[-1].outcome, Response):
            break
    connection.close()
    found = [readback.fetch(store.sent, expect=storing.acknowledged(store)) for store in stores if store.sent]
    judge(batches.all_answered(stores, found, "PDV-32", in_order=True))
