"""C-STOREs that their sender does not finish: A-ABORT, FIN, RST, A-RELEASE-RQ in the middle, data that end early."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from conformance.driver.again import until
from conformance.driver.interrupted import StepwiseStore
from conformance.driver.peer import Peer
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances.instance import Instance
from conformance.instances.variants import without
from conformance.observation.exchanges import AssociationExchange, OperationExchange, Sent
from conformance.observation.interruption import BrokenOff, Way
from conformance.observation.outcomes import Accepted, Rejected, Response, Silence
from conformance.observation.stored import ReadBackOutcome, Stored
from conformance.plugin.fixtures import BESIDE_S, NATIVE, Instances, Judge, Look, Peers, Scu
from conformance.plugin.run import current_run
from conformance.plugin.scene import Scene
from conformance.preflight import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.verdict import fidelity, interruption, liveness, responses, wholeness
from conformance.verdict.finding import Finding, Verdict, restated
from conformance.wire.messages import VERIFICATION_SOP_CLASS

pytestmark = pytest.mark.topic("cancellation")

FRAGMENTS = 100
SETTLING_S = 5.0
"""How long a target may take to clear away what it had received of a transfer that was cut."""
EARLY_S = 0.5
"""How long an answer is waited for that must not come."""
VERIFICATION = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,))])

SHARES = {
    "before the data": 0.0,
    "10 % sent": 0.1,
    "50 % sent": 0.5,
    "99 % sent": 0.99,
    "all sent, no response read": 1.0,
}
SINGLE = {"before the data": 0.0, "all sent, no response read": 1.0}
POINTS = [
    *(pytest.param(FRAGMENTS, share, id=f"many fragments-{words}") for words, share in SHARES.items()),
    *(pytest.param(1, share, id=f"single fragment-{words}") for words, share in SINGLE.items()),
]

Step = Callable[[str], None]
Together = Callable[[Sequence[Callable[[], OperationExchange | None]]], tuple[OperationExchange | None, ...]]


class Breaker:
    """Breaks off C-STOREs of one image, and looks at what became of it."""

    def __init__(self, *, scu: Scu, peer: Peers, readback: Look, instances: Instances, step: Step) -> None:
        self._scu = scu
        self._peer = peer
        self._readback = readback
        self._instances = instances
        self._step = step

    def begin(self, image: Instance, *, fragments: int = FRAGMENTS, label: str = "broken off") -> StepwiseStore:
        """A C-STORE on a new association, nothing of it sent yet."""
        connection, context_id, syntax = self._peer.ready_for(image, label=label)
        return StepwiseStore(connection, image, context_id=context_id, transfer_syntax_uid=syntax, fragments=fragments)

    def break_off(self, image: Instance, way: Way, *, fragments: int, share: float) -> Iterator[Finding]:
        """Break off a C-STORE, and give everything that is to be judged about it."""
        store = self.begin(image, fragments=fragments)
        self._step(f"C-STORE-RQ, {share:.0%} of the data set in {store.fragments} fragments, then {way}")
        store.send_command()
        store.send_share(share)
        yield from self.aftermath(image, store.break_off(way))

    def aftermath(self, image: Instance, broken: BrokenOff) -> Iterator[Finding]:
        """What the target did, whether it serves, what is visible, and whether the image can be stored whole."""
        yield interruption.end_is_answered(broken)
        yield interruption.no_success_for_a_part(broken)
        alive = self.alive(f"{broken.way} in a C-STORE")
        yield from (alive, restated(alive, "UL-TCP-13"))
        sent = broken.store.sent
        assert sent is not None
        left = self.settled(sent, lambda stored: interruption.nothing_partial(broken, image, stored))
        yield interruption.nothing_partial(broken, image, left)
        yield from self.stored_again(image, left, may_be_duplicate=broken.store.complete)

    def settled(self, sent: Sent, judged: Callable[[ReadBackOutcome], Finding]) -> ReadBackOutcome:
        """What is stored, once nothing is wrong with it or the target had time to clear up."""
        return until(
            lambda: self._readback.fetch(sent, expect=False),
            lambda stored: judged(stored).verdict is not Verdict.FAIL,
            within_s=min(SETTLING_S, current_run().endpoint.timeout_s),
        )

    def alive(self, after: str) -> Finding:
        """A C-ECHO on a new association."""
        with self._peer(label="afterwards") as connection:
            exchange = connection.associate(VERIFICATION)
            echo = connection.echo(context_id=1) if 1 in connection.accepted else None
            if echo is not None:
                connection.release()
            return liveness.alive_after(exchange, echo, after)

    def stored_again(self, image: Instance, left: ReadBackOutcome, *, may_be_duplicate: bool) -> Iterator[Finding]:
        """The image is stored on a new association and is then there once, equal."""
        last = again = self._scu.store(image, label="again")
        second_try = None
        if not wholeness.is_acknowledged(again):
            control = self._scu.store(self._instances.build("CTImageStorage"), label="control")
            last = self._scu.store(image, label="once more")
            second_try = interruption.SecondTry(control=control, repeated=last)
        yield interruption.stored_afterwards(again, may_be_duplicate=may_be_duplicate, second_try=second_try)
        assert last.sent is not None
        stored = self._readback.fetch(last.sent, expect=wholeness.is_acknowledged(last))
        was_stored = may_be_duplicate or (isinstance(left, Stored) and bool(left.copies))
        yield from _as_sent(image, stored, last, stored_before=was_stored)


def _as_sent(
    sent: Instance, stored: ReadBackOutcome, exchange: OperationExchange, *, stored_before: bool = False
) -> tuple[Finding, ...]:
    level = current_run().settings.claims.storage_level
    return fidelity.stored_equals_sent(sent, stored, exchange, storage_level=level, stored_before=stored_before)


@pytest.fixture
def breaker(scu: Scu, peer: Peers, readback: Look, instances: Instances, step: Step) -> Breaker:
    """Breaks off C-STOREs."""
    return Breaker(scu=scu, peer=peer, readback=readback, instances=instances, step=step)


@pytest.fixture
def image(instances: Instances) -> Instance:
    """A CT image with pixel data enough for many fragments."""
    return instances.build("CTImageStorage", rows=128, columns=128)


@pytest.mark.requirement("ST-32", "UL-ABT-06", "UL-ABT-07", "CAN-12", "UL-TCP-13", "LIFE-01")
@pytest.mark.parametrize(("fragments", "share"), POINTS)
def test_abort_in_a_store(breaker: Breaker, image: Instance, judge: Judge, fragments: int, share: float) -> None:
    """After an A-ABORT in a C-STORE nothing partial is visible, and the instance can be stored whole."""
    judge(breaker.break_off(image, Way.ABORT, fragments=fragments, share=share))


@pytest.mark.requirement("CAN-12", "CAN-13", "UL-TCP-12", "UL-TCP-13", "CMD-28", "LIFE-01")
@pytest.mark.parametrize("way", [Way.FIN, Way.RST], ids=str)
@pytest.mark.parametrize(("fragments", "share"), POINTS)
def test_connection_lost_in_a_store(
    *, breaker: Breaker, image: Instance, judge: Judge, way: Way, fragments: int, share: float
) -> None:
    """After the connection closed in a C-STORE nothing partial is visible, and the instance can be stored whole."""
    judge(breaker.break_off(image, way, fragments=fragments, share=share))


@pytest.mark.requirement("CAN-12", "CAN-13", "UL-TCP-12", "UL-TCP-13", "CMD-28", "LIFE-01")
@pytest.mark.parametrize("way", [Way.FIN, Way.RST], ids=str)
@pytest.mark.parametrize("fragments", [FRAGMENTS, 1], ids=["many fragments", "single fragment"])
def test_connection_lost_inside_a_pdu(
    *, breaker: Breaker, image: Instance, judge: Judge, step: Step, way: Way, fragments: int
) -> None:
    """A connection that closes in the middle of a P-DATA-TF completes nothing."""
    store = breaker.begin(image, fragments=fragments)
    step(f"C-STORE-RQ, the first half of a P-DATA-TF with a data set fragment, then {way}")
    store.send_command()
    store.send_half_a_pdu()
    judge(breaker.aftermath(image, store.break_off(way)))


@pytest.mark.requirement("UL-REL-06", "UL-REL-08", "CAN-12", "LIFE-01")
@pytest.mark.parametrize(("fragments", "share"), POINTS)
def test_release_in_a_store(breaker: Breaker, image: Instance, judge: Judge, fragments: int, share: float) -> None:
    """An A-RELEASE-RQ in the middle of a C-STORE is answered, or aborts, and does not complete the C-STORE."""
    judge(breaker.break_off(image, Way.RELEASE, fragments=fragments, share=share))


@pytest.mark.requirement("CMD-31")
@pytest.mark.parametrize("cut", ["inside an element", "between elements"])
def test_last_fragment_bit_set_early(
    *, breaker: Breaker, peer: Peers, image: Instance, readback: Look, judge: Judge, step: Step, cut: str
) -> None:
    """A data set that ends early without an early failure is refused, or aborts; cut data are never a Success."""
    connection, context_id, syntax = peer.ready_for(image, label="ends early")
    shorter = without(image, "PixelData")
    whole_elements = cut == "between elements"
    whole = image.encoded(syntax)
    data_set = shorter.encoded(syntax) if whole_elements else whole[: len(whole) // 4 * 2]
    store = StepwiseStore(
        connection,
        image,
        context_id=context_id,
        transfer_syntax_uid=syntax,
        fragments=4,
        data_set=data_set,
        label=f"{image.label}, cut {cut}",
    )
    step(f"C-STORE-RQ, {len(data_set)} of {len(whole)} bytes of the data set, the last of them marked as the last")
    store.send_command()
    store.send_rest()
    exchange = store.await_response()
    judge(interruption.early_end(exchange, whole_elements=whole_elements))
    acknowledged = wholeness.is_acknowledged(exchange)
    if acknowledged and whole_elements:
        judge(_as_sent(shorter, readback.fetch(store.sent), exchange))
    elif not acknowledged:
        connection.close()
        absent = breaker.settled(store.sent, lambda stored: fidelity.not_stored(stored, requirement="CMD-31"))
        judge(fidelity.not_stored(absent, requirement="CMD-31"))


@pytest.mark.requirement("CMD-28", "CMD-29")
def test_no_answer_before_the_last_fragment(
    peer: Peers, image: Instance, readback: Look, judge: Judge, step: Step
) -> None:
    """Success or Warning comes after the last fragment of the data set; a Failure may come before, and once."""
    connection, context_id, syntax = peer.ready_for(image, label="one fragment short", verification=True)
    store = StepwiseStore(connection, image, context_id=context_id, transfer_syntax_uid=syntax, fragments=FRAGMENTS)
    step(f"C-STORE-RQ, all but the last of {store.fragments} data set fragments, {EARLY_S:g} s, the last fragment")
    store.send_command()
    store.send_share(0.999)
    early = store.early_response(within_s=EARLY_S)
    judge(interruption.early_response(early, connection.transcript))
    if isinstance(early, Silence):
        store.send_rest()
        exchange = store.await_response()
        judge(responses.expect(exchange, "CMD-28", success=True, warning=True, failure=True))
        if wholeness.is_acknowledged(exchange):
            judge(_as_sent(image, readback.fetch(store.sent), exchange))
    elif isinstance(early, Response):
        store.send_rest()
        store.ended(early)
        verification = connection.proposed[-1].context_id
        if verification in connection.accepted:
            judge(interruption.one_response(connection.echo(context_id=verification)))


@pytest.mark.requirement("CAN-14", "FID-01")
@pytest.mark.parametrize("way", list(Way), ids=str)
@pytest.mark.parametrize("count", [1, 5], ids=["after 1 of 10", "after 5 of 10"])
def test_batch_stopped(
    *, peer: Peers, instances: Instances, readback: Look, judge: Judge, step: Step, way: Way, count: int
) -> None:
    """Of a batch that its sender stops, what was acknowledged is stored whole, and nothing else is there."""
    series = instances.series("CTImageStorage", 10)
    connection, context_id, syntax = peer.ready_for(series[0], label="batch")
    step(f"{count} of {len(series)} C-STOREs, each after the response to the one before, then {way}")
    stores: list[OperationExchange] = []
    for one in series[:count]:
        store = StepwiseStore(connection, one, context_id=context_id, transfer_syntax_uid=syntax)
        store.send_command()
        store.send_rest()
        stores.append(store.await_response())
    match way:
        case Way.RELEASE:
            connection.release()
        case Way.ABORT:
            connection.abort()
        case Way.FIN:
            connection.close()
        case Way.RST:
            connection.reset()
    found = [readback.fetch(sent_of(one, syntax), expect=True) for one in series[:count]]
    rest = [readback.fetch(sent_of(one, syntax), expect=False) for one in (series[count], series[-1])]
    judge(interruption.stopped_batch(zip(series, stores, found, strict=False), rest))
    for one, exchange, stored in zip(series, stores, found, strict=False):
        judge(_as_sent(one, stored, exchange))


@pytest.mark.requirement("UL-TCP-16")
@pytest.mark.parametrize("way", [Way.ABORT, Way.RST], ids=str)
def test_end_of_one_association_beside_another(
    *,
    breaker: Breaker,
    scu: Scu,
    image: Instance,
    instances: Instances,
    readback: Look,
    judge: Judge,
    together: Together,
    way: Way,
) -> None:
    """An association that ends in the middle of a C-STORE does not disturb another that transfers at the same time."""
    other = instances.build("CTImageStorage", rows=128, columns=128)
    half_sent, broken_off = threading.Event(), threading.Event()

    def undisturbed() -> OperationExchange:
        store = breaker.begin(other, label="undisturbed")
        store.send_command()
        store.send_share(0.5)
        half_sent.set()
        broken_off.wait(EARLY_S)  # an SCP that serves one association at a time never gets there: go on
        store.send_rest()
        exchange = store.await_response()
        store.peer.release()
        return exchange

    def disturbing() -> None:
        store = breaker.begin(image)
        half_sent.wait(EARLY_S)
        store.send_command()
        store.send_share(0.5)
        store.break_off(way)
        broken_off.set()

    exchange = together([undisturbed, disturbing])[0]
    assert exchange is not None
    control = None if wholeness.is_acknowledged(exchange) else scu.store(instances.build("CTImageStorage"))
    judge(interruption.undisturbed(exchange, control=control))
    if wholeness.is_acknowledged(exchange) and exchange.sent is not None:
        judge(wholeness.agrees_with_status(exchange, other, readback.fetch(exchange.sent), "UL-TCP-16"))


@pytest.mark.requirement("UL-TCP-12", "CAN-12", "CAN-13", "ST-32")
@pytest.mark.parametrize("way", [Way.ABORT, Way.RST], ids=str)
@pytest.mark.parametrize(
    "times", [20, pytest.param(200, marks=pytest.mark.level("disruptive"))], ids=["20 times", "200 times"]
)
def test_many_transfers_broken_off(
    *, breaker: Breaker, peer: Peers, instances: Instances, scene: Scene, judge: Judge, step: Step, way: Way, times: int
) -> None:
    """After many transfers that were broken off the target has room for an association, and stores the instance."""
    small = instances.build("CTImageStorage")
    step(f"{times} times: C-STORE-RQ, half of the data set, {way}, nothing waited for; then the same instance whole")
    contexts = contexts_of([(small.sop_class_uid, NATIVE)])
    done, last = _break_off_many(peer, small, way, times)
    tries: list[AssociationExchange] = []

    def associate() -> Peer:
        connection = peer(label="afterwards")
        tries.append(connection.associate(contexts))
        return connection

    connection = until(associate, lambda _: isinstance(tries[-1].outcome, Accepted), within_s=scene.endpoint.timeout_s)
    if connection.accepted:
        connection.release()
    judge(interruption.place_given_back(tries, breaks=done))
    if last is not None and connection.accepted:
        requirement = "ST-32" if way is Way.ABORT else "CAN-13"
        stored = breaker.settled(last, lambda found: fidelity.not_stored(found, requirement=requirement))
        judge(fidelity.not_stored(stored, requirement=requirement))
        judge(breaker.stored_again(small, stored, may_be_duplicate=False))


def _break_off_many(peer: Peers, image: Instance, way: Way, times: int) -> tuple[int, Sent | None]:
    """How many transfers were broken off before an association was refused, and what the last one carried."""
    contexts = contexts_of([(image.sop_class_uid, NATIVE)])
    sent: Sent | None = None
    for done in range(times):
        with peer(label=f"broken off {done + 1}") as connection:
            exchange = connection.associate(contexts)
            result = connection.accepted.get(1)
            if isinstance(exchange.outcome, Rejected) or result is None or result.transfer_syntax is None:
                return done, sent
            store = StepwiseStore(
                connection, image, context_id=1, transfer_syntax_uid=result.transfer_syntax, fragments=4
            )
            store.send_command()
            store.send_share(0.5)
            sent = store.sent
            if way is Way.RST:
                connection.reset()
            else:
                connection.abort()
    return times, sent


@pytest.mark.level("disruptive")
@pytest.mark.requirement("UL-TCP-17", "CAN-12")
def test_stalled_sender(*, breaker: Breaker, peer: Peers, image: Instance, judge: Judge, step: Step) -> None:
    """A sender that stalls behind its C-STORE-RQ does not keep others from being served."""
    store = breaker.begin(image, label="stalled")
    step(f"C-STORE-RQ and no data set; meanwhile another association, for which {BESIDE_S:g} s are waited")
    store.send_command()
    connection, exchange = peer.beside(VERIFICATION)
    echo = connection.echo(context_id=1, timeout_s=BESIDE_S) if 1 in connection.accepted else None
    if echo is not None:
        connection.release(timeout_s=BESIDE_S)
    connection.close()
    judge(interruption.served_beside_a_stalled_sender(exchange, echo))
    judge(breaker.aftermath(image, store.break_off(Way.ABORT)))
