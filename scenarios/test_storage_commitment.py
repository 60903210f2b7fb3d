"""Storage commitment: what is stored is asked to be kept, and the target reports what it will keep."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.config import Claims
from conformance.config.settings import Service
from conformance.instances.instance import Instance
from conformance.observation.commitment import Reference
from conformance.plugin.archive import Archive
from conformance.plugin.commitment import CommitmentUser, new_transaction_uid, references_of
from conformance.plugin.fixtures import Instances, Judge, Peers
from conformance.plugin.run import current_run
from conformance.plugin.scene import Scene
from conformance.readback.move_scp import MoveSpool
from conformance.standard.sop_classes import STORAGE_COMMITMENT_PUSH_MODEL
from conformance.verdict import commitment as judged
from conformance.wire.items import sop_class_extended_negotiation_item

pytestmark = pytest.mark.topic("storage commitment")

OTHER_INSTANCE = "1.2.840.10008.1.20.1.2"
OTHER_ACTION = 2
PROCESSING_FAILURE = 0x0110
MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
REPEATS = 12

NotApplicable = Callable[[str], None]
MANY = 40
Kept = Callable[[int], tuple[Instance, ...]]


@pytest.fixture
def user(peer: Peers, not_applicable: NotApplicable, claims: Claims) -> CommitmentUser:
    """Asks for commitment, wherever reports may come."""
    return CommitmentUser(peer, not_applicable, current_run().move, claimed_s=claims.commitment_s)


@pytest.fixture
def listening(user: CommitmentUser, move_destination: MoveSpool) -> CommitmentUser:
    """Asks for commitment, and can be reported to on an association of the target's own."""
    assert move_destination.ae_title
    return user


@pytest.fixture
def kept(user: CommitmentUser, peer: Peers, instances: Instances, not_applicable: NotApplicable) -> Kept:
    """Stores instances of one series, where the target accepts the service."""

    def store(count: int) -> tuple[Instance, ...]:
        user.associated().release()
        series = instances.series("CTImageStorage", count, rows=8, columns=8)
        Archive(peer, not_applicable).stock(series)
        return series

    return store


def _never_sent(instances: Instances) -> Instance:
    return instances.build("CTImageStorage", rows=8, columns=8)


@pytest.mark.requirement("SC-01")
@pytest.mark.level("safe")
def test_service_is_accepted(user: CommitmentUser, judge: Judge, claims: Claims) -> None:
    """Storage Commitment Push Model is accepted where it is claimed."""
    claimed = claims.claims_service(Service.STORAGE_COMMITMENT) is True
    judge(judged.accepted(is_accepted=user.is_accepted(), claimed=claimed))


@pytest.mark.requirement("SC-01", "SC-04")
def test_request_is_received(user: CommitmentUser, kept: Kept, judge: Judge) -> None:
    """An N-ACTION for what is stored is answered with Success, in a response that has what it may have."""
    association = user.associated()
    exchange = association.request(references_of(kept(1)), transaction_uid=new_transaction_uid())
    association.release()
    judge(judged.received(exchange), judged.well_formed(exchange))


@pytest.mark.requirement("SC-02")
def test_another_instance_of_the_service(user: CommitmentUser, kept: Kept, judge: Judge) -> None:
    """An N-ACTION on another SOP Instance than the well-known one is refused."""
    association = user.associated()
    exchange = association.request(
        references_of(kept(1)), transaction_uid=new_transaction_uid(), sop_instance_uid=OTHER_INSTANCE
    )
    association.release()
    judge(judged.other_instance_refused(exchange))


@pytest.mark.requirement("SC-03")
def test_another_action(user: CommitmentUser, kept: Kept, judge: Judge) -> None:
    """An N-ACTION with Action Type ID 2 is refused as no such action."""
    association = user.associated()
    exchange = association.request(
        references_of(kept(1)), transaction_uid=new_transaction_uid(), action_type_id=OTHER_ACTION
    )
    association.release()
    judge(judged.other_action_refused(exchange))


@pytest.mark.requirement("SC-15")
def test_extended_negotiation_has_no_answer(user: CommitmentUser, judge: Judge, scene: Scene) -> None:
    """SOP class extended negotiation, which the service does not have, is not answered."""
    user.associated(
        user_items=[sop_class_extended_negotiation_item(STORAGE_COMMITMENT_PUSH_MODEL, bytes((1,)))]
    ).release()
    judge(judged.no_extended_negotiation(scene.recorder.associations[-1]))


@pytest.mark.requirement("SC-06", "SC-09", "SC-10", "SC-11", "SC-12", "SC-13", "SC-18")
def test_all_is_committed(*, listening: CommitmentUser, kept: Kept, judge: Judge, claims: Claims, scene: Scene) -> None:
    """Three stored instances are committed, in a report on an association of the target's own."""
    made = listening.commit(references_of(kept(3)))
    judge(
        judged.all_committed(made),
        judged.complete(made),
        judged.same_transaction(made),
        judged.reported(made, claimed_s=claims.commitment_s),
        judged.negotiated_role(made),
        judged.same_title(made, scene.endpoint.called_ae_title),
        judged.retrieve_title_in_one_place(made),
    )


@pytest.mark.requirement("SC-06", "SC-09", "SC-10")
def test_many_are_committed(*, listening: CommitmentUser, kept: Kept, judge: Judge, claims: Claims) -> None:
    """Of forty stored instances each is committed: a study has more."""
    made = listening.commit(references_of(kept(MANY)))
    judge(judged.all_committed(made), judged.complete(made), judged.reported(made, claimed_s=claims.commitment_s))


@pytest.mark.requirement("SC-05", "SC-07", "SC-08", "SC-09")
def test_one_was_never_sent(listening: CommitmentUser, kept: Kept, instances: Instances, judge: Judge) -> None:
    """Of three instances one was never sent: it is reported as failed, and the others as committed."""
    stranger = _never_sent(instances)
    made = listening.commit(references_of((*kept(2), stranger)), strangers=(stranger.sop_instance_uid,))
    judge(
        judged.receipt_alone(made.exchange),
        judged.failures_told(made, unknown=frozenset((stranger.sop_instance_uid,))),
        judged.reasons(made, at_best=(0x0112,)),
        judged.complete(made),
    )


@pytest.mark.requirement("SC-08")
def test_another_class_than_stored(listening: CommitmentUser, kept: Kept, judge: Judge) -> None:
    """An instance is asked for under another SOP class than it is stored under."""
    (one,) = kept(1)
    uid = one.sop_instance_uid
    made = listening.commit((Reference(sop_class_uid=MR_IMAGE, sop_instance_uid=uid),), strangers=(uid,))
    judge(judged.class_conflict_told(made))


@pytest.mark.requirement("SC-14", "SC-06")
def test_association_is_held(user: CommitmentUser, kept: Kept, judge: Judge) -> None:
    """The association of the request is held: there is one report, on it or on another."""
    made = user.commit(references_of(kept(2)), hold=True, more=1, linger_s=0.5)
    judge(judged.once(made), judged.all_committed(made))


@pytest.mark.requirement("SC-16")
def test_an_instance_is_named_twice(user: CommitmentUser, kept: Kept, judge: Judge) -> None:
    """A request names an instance twice."""
    (reference,) = references_of(kept(1))
    made = user.commit((reference, reference), hold=True)
    judge(judged.named_once(made))


@pytest.mark.requirement("SC-20")
def test_transaction_is_in_use(user: CommitmentUser, kept: Kept, judge: Judge) -> None:
    """Two requests, one right after the other, have one Transaction UID: what is reported is not mixed."""
    first, second = (references_of((one,)) for one in kept(2))
    transaction_uid = new_transaction_uid()
    association = user.associated()
    exchanges = [association.request(one, transaction_uid=transaction_uid) for one in (first, second)]
    association.wait(transaction_uid, (*first, *second), count=2, within_s=user.within_s, hold=True)
    reports = association.reports(transaction_uid, (*first, *second))
    association.release()
    judge(judged.not_mixed(list(zip((first, second), exchanges, strict=True)), reports))


@pytest.mark.requirement("SC-17", "SC-22")
@pytest.mark.parametrize(
    ("requirement", "answer"),
    [pytest.param("SC-22", PROCESSING_FAILURE, id="a failure"), pytest.param("SC-17", None, id="no answer")],
)
def test_report_is_not_taken(
    *, listening: CommitmentUser, kept: Kept, judge: Judge, requirement: str, answer: int | None
) -> None:
    """A report is answered with a failure, or not at all: it is not sent again and again."""
    made = listening.commit(references_of(kept(1)), answer=answer, more=REPEATS, linger_s=2.0)
    judge(judged.not_repeated_without_end(made, requirement))
