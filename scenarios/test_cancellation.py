"""A C-CANCEL-RQ that names a C-STORE, which has no cancellation: it is answered and stored as if nothing had come."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.driver.interrupted import StepwiseStore
from conformance.driver.peer import Peer
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Response
from conformance.plugin.fixtures import Instances, Judge, Look, Peers, Scu
from conformance.plugin.run import current_run
from conformance.standard.statuses import StatusClass
from conformance.verdict import fidelity, interruption, responses, wholeness

pytestmark = pytest.mark.topic("cancellation")

UNKNOWN_MESSAGE_ID = 0x7A5C
FRAGMENTS = 8

Step = Callable[[str], None]


@pytest.fixture
def image(instances: Instances) -> Instance:
    """A CT image with pixel data enough for several fragments."""
    return instances.build("CTImageStorage", rows=128, columns=128)


def _stepwise(peer: Peers, image: Instance, *, verification: bool = False) -> StepwiseStore:
    connection, context_id, syntax = peer.ready_for(image, label="with C-CANCEL", verification=verification)
    return StepwiseStore(connection, image, context_id=context_id, transfer_syntax_uid=syntax, fragments=FRAGMENTS)


def _judge_stored(judge: Judge, readback: Look, image: Instance, store: OperationExchange, requirement: str) -> None:
    assert store.sent is not None
    acknowledged = wholeness.is_acknowledged(store)
    stored = readback.fetch(store.sent, expect=acknowledged)
    judge(wholeness.agrees_with_status(store, image, stored, requirement))
    if acknowledged:
        level = current_run().settings.claims.storage_level
        judge(fidelity.stored_equals_sent(image, stored, store, storage_level=level))


@pytest.mark.requirement("CAN-02", "CAN-03", "CAN-15")
@pytest.mark.parametrize("place", ["before the data", "between fragments", "before the last fragment"])
def test_cancel_inside_a_store(
    *, peer: Peers, image: Instance, readback: Look, judge: Judge, step: Step, place: str
) -> None:
    """A C-CANCEL-RQ in the middle of a C-STORE ends the association, or changes nothing: its bytes are never stored."""
    store = _stepwise(peer, image)
    step(f"C-STORE-RQ in {store.fragments} data set fragments, a C-CANCEL-RQ that names it {place}")
    store.send_command()
    store.send_share({"before the data": 0.0, "between fragments": 0.5}.get(place, 0.999))
    store.cancel()
    store.send_rest()
    exchange = store.await_response()
    judge(interruption.store_inside_which_a_cancel_stood(exchange, "CAN-15"))
    _end(exchange, store.peer)
    _judge_stored(judge, readback, image, exchange, "CAN-03")


@pytest.mark.requirement("CAN-01", "CAN-02", "CAN-07", "CAN-15")
@pytest.mark.parametrize("names", ["the C-STORE", "an unknown Message ID"])
def test_cancel_behind_the_last_fragment(
    *,
    peer: Peers,
    scu: Scu,
    image: Instance,
    instances: Instances,
    readback: Look,
    judge: Judge,
    step: Step,
    names: str,
) -> None:
    """A C-CANCEL-RQ right behind a complete C-STORE does not keep it from being answered and stored as ever."""
    unknown = names == "an unknown Message ID"
    store = _stepwise(peer, image)
    step(f"C-STORE-RQ with its data set, and in the same write a C-CANCEL-RQ that names {names}")
    store.send_command()
    store.send_rest(then=store.cancel_bytes(UNKNOWN_MESSAGE_ID if unknown else None))
    exchange = store.await_response()
    _end(exchange, store.peer)
    control = _control(exchange, scu, instances)
    judge(interruption.store_beside_cancel(exchange, "CAN-07" if unknown else "CAN-01", control=control))
    _judge_stored(judge, readback, image, exchange, "CAN-15")


@pytest.mark.requirement("CAN-01", "CAN-02", "CAN-07", "CAN-15")
@pytest.mark.parametrize("names", ["the C-STORE", "an unknown Message ID"])
def test_cancel_after_the_response(
    *,
    peer: Peers,
    scu: Scu,
    image: Instance,
    instances: Instances,
    readback: Look,
    judge: Judge,
    step: Step,
    names: str,
) -> None:
    """A C-CANCEL-RQ after the C-STORE-RSP changes nothing: what was acknowledged stays, the next request is served."""
    unknown = names == "an unknown Message ID"
    requirement = "CAN-07" if unknown else "CAN-15"
    store = _stepwise(peer, image, verification=True)
    step(f"C-STORE, its response, a C-CANCEL-RQ that names {names}, then C-ECHO and a C-STORE")
    store.send_command()
    store.send_rest()
    exchange = store.await_response()
    judge(responses.expect(exchange, "CAN-01", success=True, warning=True, failure=True))
    store.cancel(UNKNOWN_MESSAGE_ID if unknown else None)
    echo = _echo(store)
    if echo is not None:
        judge(interruption.association_goes_on(echo, requirement))
    if echo is None or echo.status == 0:
        following = _next_store(store, instances.build("CTImageStorage"))
        _end(following, store.peer)
        control = _control(following, scu, instances)
        judge(interruption.store_beside_cancel(following, requirement, control=control))
    _judge_stored(judge, readback, image, exchange, "CAN-01")


def _echo(store: StepwiseStore) -> OperationExchange | None:
    """A C-ECHO on the association of a C-STORE; None where Verification was not accepted."""
    verification = store.peer.proposed[-1].context_id
    return store.peer.echo(context_id=verification) if verification in store.peer.accepted else None


def _next_store(store: StepwiseStore, second: Instance) -> OperationExchange:
    """A C-STORE on the association of another."""
    syntax = store.sent.transfer_syntax_uid
    after = StepwiseStore(store.peer, second, context_id=store.context_id, transfer_syntax_uid=syntax)
    after.send_command()
    after.send_rest()
    return after.await_response()


def _control(store: OperationExchange, scu: Scu, instances: Instances) -> OperationExchange | None:
    """How a C-STORE that nobody disturbs is answered; asked only where that matters."""
    if wholeness.class_of(store) is not StatusClass.FAILURE:
        return None
    return scu.store(instances.build("CTImageStorage"), label="control")


def _end(store: OperationExchange, connection: Peer) -> None:
    """Release an association that is still there."""
    if isinstance(store.outcome, Response):
        connection.release()
    else:
        connection.close()
