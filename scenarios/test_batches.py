"""Batches: one instance that fails does not decide about the others, and requests that overlap are told apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from conformance.driver.line import GIVING_UP_S
from conformance.driver.peer import Peer
from conformance.driver.sending import sent_bytes_of, sent_of
from conformance.instances import faulty, variants
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange, Sent
from conformance.observation.outcomes import Accepted, Response
from conformance.observation.stored import ReadBackOutcome
from conformance.plugin.fixtures import Instances, Judge, Look, Peers
from conformance.verdict import batches, storing
from conformance.verdict.batches import Batch
from conformance.wire.items import ItemType, asynchronous_operations_window_item
from conformance.wire.messages import c_store_rq

pytestmark = pytest.mark.topic("statuses")

THIRD: Final = 2
WINDOW: Final = 5
SHARED_MESSAGE_ID: Final = 7

Step = Callable[[str], None]
Spoilt = Callable[[Instance, str], tuple[bytes, Sent]]


def _other_uid_in_the_data_set(instance: Instance, transfer_syntax: str) -> tuple[bytes, Sent]:
    other = variants.with_sop_instance_uid(instance, f"{instance.sop_instance_uid}.1")
    data_set = other.encoded(transfer_syntax)
    return data_set, sent_bytes_of(instance, data_set, transfer_syntax, label="other UID in the data set")


def _truncated(instance: Instance, transfer_syntax: str) -> tuple[bytes, Sent]:
    data_set = faulty.cut_in_a_value(instance, transfer_syntax)
    return data_set, sent_bytes_of(instance, data_set, transfer_syntax, label="cut in the pixel data")


def _without_a_study(instance: Instance, transfer_syntax: str) -> tuple[bytes, Sent]:
    data_set = variants.without(instance, "StudyInstanceUID").encoded(transfer_syntax)
    return data_set, sent_bytes_of(instance, data_set, transfer_syntax, label="without Study Instance UID")


@pytest.mark.requirement("BAT-01", "CMD-27")
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(_other_uid_in_the_data_set, id="other UID in the data set"),
        pytest.param(_truncated, id="truncated data set"),
        pytest.param(_without_a_study, id="no Study Instance UID"),
    ],
)
def test_third_of_ten_is_faulty(
    *, peer: Peers, instances: Instances, readback: Look, judge: Judge, step: Step, spoil: Spoilt
) -> None:
    """Of ten instances the third cannot be stored: the others are, on another association if this one is aborted."""
    series = instances.series("CTImageStorage", 10)
    connection, context_id, transfer_syntax = peer.ready_for(series[0])
    stores: list[OperationExchange] = []
    for number, instance in enumerate(series):
        if stores and not isinstance(stores[-1].outcome, Response):
            step(f"no response to number {number}: a new association for the rest")
            connection.close()
            connection, context_id, transfer_syntax = peer.ready_for(series[0])
        if number == THIRD:
            data_set, sent = spoil(instance, transfer_syntax)
            step(f"number {number + 1} of {len(series)}: {sent.label}")
        else:
            data_set, sent = instance.encoded(transfer_syntax), sent_of(instance, transfer_syntax)
        timeout_s = connection.endpoint.timeout_s + GIVING_UP_S
        stores.append(connection.store(data_set, sent, context_id=context_id, timeout_s=timeout_s))
    connection.close()
    stored = _stored(readback, stores, doubtful=THIRD)
    judge(batches.others_arrive(Batch(stores=tuple(stores), stored=stored, faulty=THIRD)))


def _stored(
    readback: Look, stores: list[OperationExchange], *, doubtful: int | None = None
) -> tuple[ReadBackOutcome, ...]:
    """What is stored for each; the doubtful one is not waited for."""
    return tuple(
        readback.fetch(store.sent, expect=number != doubtful and storing.acknowledged(store))
        for number, store in enumerate(stores)
        if store.sent is not None
    )


def _send_ahead(connection: Peer, series: tuple[Instance, ...], *, shared_id: int | None) -> list[OperationExchange]:
    """Send all C-STOREs of a series before the first response is read, then read one for each."""
    context_id, transfer_syntax = 1, connection.accepted[1].transfer_syntax or ""
    asked = []
    for instance in series:
        number = connection.next_message_id() if shared_id is None else shared_id
        command = c_store_rq(number, sop_class_uid=instance.sop_class_uid, sop_instance_uid=instance.sop_instance_uid)
        complete = connection.send_message(command, instance.encoded(transfer_syntax), context_id=context_id)
        asked.append((command, sent_of(instance, transfer_syntax), complete))
    answered: list[OperationExchange] = []
    for command, sent, complete in asked:
        answered.append(connection.await_response(command, context_id=context_id, sent=sent, complete=complete))
        if not isinstance(answered[-1].outcome, Response):
            break
    return answered


@pytest.mark.requirement("UI-ASY-07", "CMD-27")
def test_requests_sent_ahead(peer: Peers, instances: Instances, readback: Look, judge: Judge, step: Step) -> None:
    """Three C-STOREs sent at once where one at a time was agreed are answered in their order, or draw A-ABORT."""
    series = instances.series("CTImageStorage", 3)
    connection, _, _ = peer.ready_for(series[0])
    step("three C-STORE-RQs with their data sets, before the first response is read")
    stores = _send_ahead(connection, series, shared_id=None)
    connection.close()
    judge(batches.all_answered(stores, _stored(readback, stores), "UI-ASY-07", in_order=True))


@pytest.mark.requirement("CMD-16")
def test_two_open_requests_with_one_message_id(
    *,
    peer: Peers,
    instances: Instances,
    readback: Look,
    judge: Judge,
    step: Step,
    not_applicable: Callable[[str], None],
) -> None:
    """Where several operations may be open, a second one with the same Message ID draws 0210H, or both are done."""
    series = instances.series("CTImageStorage", 2)
    window = asynchronous_operations_window_item(WINDOW, 1)
    connection, _, _ = peer.ready_for(series[0], user_items=(window,))
    if _granted(connection) == 1:
        not_applicable("the target performs one operation at a time: it did not agree to a window (PS3.7 D.3.3.3)")
    step(f"two C-STORE-RQs with Message ID {SHARED_MESSAGE_ID}, before the first response is read")
    stores = _send_ahead(connection, series, shared_id=SHARED_MESSAGE_ID)
    connection.close()
    judge(batches.all_answered(stores, _stored(readback, stores), "CMD-16", in_order=False))


def _granted(connection: Peer) -> int:
    """How many operations we may have open at once; 0 is any number."""
    outcome = connection.recorder.associations[-1].outcome
    assert isinstance(outcome, Accepted)
    for item in outcome.associate.user_items:
        if item.item_type == ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW and len(item.body) >= 2:
            return int.from_bytes(item.body[:2], "big")
    return 1
