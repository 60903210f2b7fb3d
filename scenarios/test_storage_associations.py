"""Storage: which association an instance comes on, in which order, and what else goes on, makes no difference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import pytest

from conformance.driver.interrupted import StepwiseStore
from conformance.driver.sending import contexts_of
from conformance.instances import catalogue
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Silence
from conformance.observation.stored import ReadBackOutcome
from conformance.plugin.fixtures import HELD_S, NATIVE, Instances, Judge, Look, Peers, Scu
from conformance.plugin.scene import Scene
from conformance.preflight import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.verdict import interruption, storing, wholeness
from conformance.wire.items import ProposedContext
from conformance.wire.messages import VERIFICATION_SOP_CLASS

pytestmark = pytest.mark.topic("storage")

PARALLEL: Final = 4
FIRST_ID: Final = 0x0107
SECOND_ID: Final = 0x0219
VERIFICATION_ID: Final = 1
KEYWORD: Final = "CTImageStorage"

Stores = tuple[OperationExchange, ...]
Together = Callable[[Sequence[Callable[[], Stores]]], tuple[Stores, ...]]
JudgeStored = Callable[..., ReadBackOutcome]
Step = Callable[[str], None]


@pytest.fixture
def judge_all(readback: Look, judge: Judge) -> Callable[..., None]:
    """Judges that several instances arrived: `judge_all(stores, "ID", ...)`."""

    def look(stores: Stores, *requirements: str) -> None:
        found = [
            (store, readback.fetch(store.sent, expect=storing.acknowledged(store)))
            for store in stores
            if store.sent is not None
        ]
        judge(storing.all_arrived(found, requirement) for requirement in requirements)

    return look


@pytest.fixture
def associations(scene: Scene) -> int:
    """How many associations are opened at the same time."""
    return min(PARALLEL, scene.settings.limits.associations)


JudgeAll = Callable[..., None]


def _study(instances: Instances, *, series: int, of_each: int) -> tuple[tuple[Instance, ...], ...]:
    """A study: small images, series by series."""
    source = instances.identities
    heads = [source.new()]
    heads += [source.new(study_of=heads[0]) for _ in range(series - 1)]
    return tuple(
        tuple(
            catalogue.build(KEYWORD, identity, rows=16, columns=16)
            for identity in (head, *(source.new(series_of=head) for _ in range(of_each - 1)))
        )
        for head in heads
    )


@pytest.mark.requirement("ST-04")
def test_order_is_free(scu: Scu, instances: Instances, judge_all: JudgeAll) -> None:
    """Instances of two studies, their series and instances in no order, are all stored."""
    one, other = _study(instances, series=2, of_each=2), _study(instances, series=2, of_each=2)
    images = [image for series in (*one, *other) for image in series]
    shuffled = [images[i] for i in (6, 1, 4, 3, 0, 7, 2, 5)]
    judge_all(scu.store_all(shuffled), "ST-04")


@pytest.mark.requirement("ST-05")
def test_one_study_over_several_associations(scu: Scu, instances: Instances, judge_all: JudgeAll) -> None:
    """A study whose instances come on an association each is stored whole."""
    stores: Stores = ()
    for series in zip(*_study(instances, series=2, of_each=3), strict=True):
        stores += tuple(scu.store(image) for image in series)
    judge_all(stores, "ST-05")


@pytest.mark.requirement("ST-05", "STA-17")
def test_two_studies_on_one_association(
    scu: Scu, instances: Instances, judge_all: JudgeAll, judge_stored: JudgeStored
) -> None:
    """Instances of two patients that take turns on one association are stored, each with its own patient."""
    (one,), (other,) = _study(instances, series=1, of_each=3), _study(instances, series=1, of_each=3)
    turns = [image for pair in zip(one, other, strict=True) for image in pair]
    stores = scu.store_all(turns)
    judge_all(stores, "ST-05")
    for image, store in list(zip(turns, stores, strict=True))[-2:]:
        judge_stored(image, store)


@pytest.mark.requirement("ST-06")
def test_series_goes_on_after_release(scu: Scu, instances: Instances, judge_all: JudgeAll) -> None:
    """A release ends no series and no study: the second half is stored like the first."""
    (images,) = _study(instances, series=1, of_each=4)
    first = scu.store_all(images[:2], label="first half")
    second = scu.store_all(images[2:], label="second half")
    judge_all(first + second, "ST-06")


@pytest.mark.requirement("ST-41", "ST-05")
def test_one_study_over_parallel_associations(
    scu: Scu, instances: Instances, together: Together, associations: int, judge_all: JudgeAll
) -> None:
    """Parallel associations that store into one series lose no instance."""
    (images,) = _study(instances, series=1, of_each=10 * associations)
    shares = [images[first::associations] for first in range(associations)]
    judge_all(sum(together([_storing(scu, share) for share in shares]), ()), "ST-41", "ST-05")


@pytest.mark.requirement("PDV-30", "FID-01", "FID-02", "UL-TCP-16")
def test_parallel_associations_do_not_mix(
    *,
    scu: Scu,
    instances: Instances,
    together: Together,
    associations: int,
    judge: Judge,
    judge_stored: JudgeStored,
) -> None:
    """Images of several fragments that come at the same time, under the same Message IDs, stay apart."""
    images = [instances.build(KEYWORD, rows=512, columns=512) for _ in range(associations)]
    stores = sum(together([_storing(scu, (image,)) for image in images]), ())
    for image, store in zip(images, stores, strict=True):
        found = judge_stored(image, store, requirement="PDV-30")
        judge(wholeness.agrees_with_status(store, image, found, "UL-TCP-16"))


@pytest.mark.alone
@pytest.mark.requirement("UL-TCP-16", "PDV-30", "CMD-14", "FID-01", "FID-02")
def test_store_in_the_middle_of_another(
    *,
    scu: Scu,
    peer: Peers,
    instances: Instances,
    judge: Judge,
    judge_stored: JudgeStored,
    step: Step,
) -> None:
    """Of two C-STOREs, one in the middle of the other, each keeps its data and is answered by its Message ID.

    Where the target lets them, they differ in the presentation context and its transfer syntax too.
    """
    ordinary, one, other = (instances.build(KEYWORD, rows=128, columns=128) for _ in range(3))
    alone = scu.store(ordinary, label="alone")
    connection, context_id, syntax = peer.ready_for(one, label="in the middle")
    first = StepwiseStore(
        connection, one, context_id=context_id, transfer_syntax_uid=syntax, fragments=8, message_id=FIRST_ID
    )
    beside, exchange = peer.beside(_each_by_itself(one.sop_class_uid))
    usable = [r for r in beside.accepted.values() if r.context_id != VERIFICATION_ID and r.transfer_syntax in NATIVE]
    if not usable:
        judge(interruption.not_served_beside(exchange))
        return
    result = next((r for r in usable if r.transfer_syntax != syntax), usable[0])
    step(f"half of a C-STORE with Message ID {FIRST_ID}, a whole one with {SECOND_ID} on another association, the rest")
    second = StepwiseStore(
        beside,
        other,
        context_id=result.context_id,
        transfer_syntax_uid=result.transfer_syntax or "",
        fragments=8,
        message_id=SECOND_ID,
    )
    first.send_command()
    first.send_share(0.5)
    second.send_command()
    second.send_rest()
    early = second.early_response(within_s=HELD_S)
    first.send_rest()
    # Whoever stores one instance at a time answers the second when the first is complete.
    stores = (
        (one, first.await_response(), connection),
        (other, second.await_response() if isinstance(early, Silence) else second.ended(early), beside),
    )
    for image, store, used in stores:
        judge(storing.like_the_ordinary(store, alone, "UL-TCP-16"))
        found = judge_stored(image, store, connection=used)
        judge(wholeness.agrees_with_status(store, image, found, "PDV-30"))


def _each_by_itself(sop_class_uid: str) -> tuple[ProposedContext, ...]:
    """A context for each native transfer syntax, with other ids than where there is one for both."""
    stores = ((sop_class_uid, (syntax,)) for syntax in NATIVE)
    return contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,)), *stores])


def _storing(scu: Scu, images: Sequence[Instance]) -> Callable[[], Stores]:
    return lambda: scu.store_all(images, label="parallel")
