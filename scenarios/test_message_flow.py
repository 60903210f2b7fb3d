"""Messages one after the other: fragments, order, several contexts, answers in their place, and what comes too long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from conformance.driver.peer import Peer
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Response
from conformance.plugin.fixtures import NATIVE, Instances, Judge, Look, Peers
from conformance.verdict import batches, fidelity, messages, responses, storing
from conformance.verdict.responses import Reactions
from conformance.wire.command import CommandSet
from conformance.wire.layouts import cut, every, in_one_pdu, one_pdu_each
from conformance.wire.messages import (
    VERIFICATION_SOP_CLASS,
    c_echo_rq,
    c_store_rq,
)

pytestmark = pytest.mark.topic("messages")

IMPLICIT: Final = "1.2.840.10008.1.2"
VERIFICATION: Final = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT,))])
LARGEST_TRIED: Final = 1 << 20
"""A target's maximum length up to which it is exceeded."""
REQUESTS: Final = 1000
INSTANCES: Final = 20
EARLY_S: Final = 1.0
"""How long a Failure that comes before the end of the data set is waited for."""

JudgeStored = Callable[..., None]
Step = Callable[[str], None]
NotApplicable = Callable[[str], None]


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


@pytest.mark.requirement("PDV-02", "FID-01")
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


@pytest.mark.requirement("PDV-20")
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


@pytest.mark.requirement("CMD-41")
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


@pytest.mark.level("disruptive")
@pytest.mark.requirement("PDV-26", "STA-17")
@pytest.mark.parametrize("excess", ["two bytes more", "twice as much"])
def test_pdu_longer_than_the_maximum(
    *,
    peer: Peers,
    instances: Instances,
    judge: Judge,
    judge_stored: JudgeStored,
    step: Step,
    not_applicable: NotApplicable,
    excess: str,
) -> None:
    """A P-DATA-TF longer than the target's maximum length draws A-ABORT, or is taken in whole."""
    ordinary = instances.build("CTImageStorage")
    connection, context_id, transfer_syntax = peer.ready_for(ordinary)
    maximum = connection.target_max_pdu_bytes
    if not 0 < maximum <= LARGEST_TRIED:
        not_applicable(f"the target's maximum length is {maximum or 'unlimited'}")
    size = maximum + 2 if excess == "two bytes more" else 2 * maximum
    instance = instances.build("CTImageStorage", rows=size // 1024 + 2, columns=512)
    sent, data_set = sent_of(instance, transfer_syntax), instance.encoded(transfer_syntax)
    command = c_store_rq(
        connection.next_message_id(), sop_class_uid=sent.sop_class_uid, sop_instance_uid=sent.sop_instance_uid
    )
    step(f"C-STORE-RQ whose data set begins with a P-DATA-TF of {size} bytes, where the maximum is {maximum}")
    first = (size - 6) & ~1
    long, rest = cut(data_set, [first], context_id=context_id, command=False)
    complete = (
        connection.send_command(command, context_id=context_id)
        and connection.send(one_pdu_each([long]))
        and connection.send_data(rest.fragment, context_id=context_id)
    )
    store = connection.await_response(command, context_id=context_id, sent=sent, complete=complete)
    connection.close()
    reported = Reactions(success=True, warning=True, failure=True, closed=True)
    judge(responses.expect(store, "PDV-26", abort=True, reported=reported, well_formed=False))
    if storing.acknowledged(store):
        judge_stored(instance, store)
