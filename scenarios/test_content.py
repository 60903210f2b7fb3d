"""Content that is legal and hard to keep is stored, and comes back element by element as it was sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from conformance.config import Claims
from conformance.driver.sending import contexts_of, sent_of, sent_pieces_of
from conformance.instances import hard
from conformance.instances.hard import Case, RawInstance
from conformance.instances.identity import Identity
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import ends_association
from conformance.plugin.fixtures import Instances, Judge, Look, Peers, Scu
from conformance.plugin.scene import NotApplicableError
from conformance.verdict import fidelity, kept, responses, storing
from conformance.verdict.responses import Reactions
from conformance.verdict.streamed import streamed_kept
from conformance.wire.messages import c_store_rq

pytestmark = pytest.mark.topic("content")

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"

JudgeStored = Callable[..., None]
JudgeContent = Callable[[RawInstance, OperationExchange, str], None]
Send = Callable[[RawInstance, str], OperationExchange]


@pytest.fixture
def send(peer: Peers) -> Send:
    """Sends an instance as the very bytes that it is made of, in a transfer syntax, and releases."""

    def store(instance: RawInstance, transfer_syntax: str) -> OperationExchange:
        connection = peer.associated(contexts_of([(instance.sop_class_uid, (transfer_syntax,))]))
        if not connection.accepted:
            raise NotApplicableError(f"the target did not accept Secondary Capture in {transfer_syntax}")
        data_set = instance.encoded(transfer_syntax)
        exchange = connection.store(data_set, sent_of(instance, transfer_syntax), context_id=1)
        if not ends_association(exchange.outcome):
            connection.release()
        return exchange

    return store


@pytest.fixture
def judge_content(readback: Look, judge: Judge, claims: Claims) -> JudgeContent:
    """Judges how the instance was answered, what is stored of it, and what that says of its requirement."""

    def look(instance: RawInstance, exchange: OperationExchange, requirement: str) -> None:
        claimed = claims.claims_sop_class(instance.sop_class_uid)
        level = claims.storage_level
        judge(storing.storable(exchange, requirement, claimed=claimed))
        assert exchange.sent is not None
        found = readback.fetch(exchange.sent, expect=storing.acknowledged(exchange))
        judge(fidelity.stored_equals_sent(instance, found, exchange, storage_level=level))
        judge(kept.content_kept(instance, found, exchange, requirement, storage_level=level))
        if requirement == "ENC-04":
            judge(kept.padded(found))

    return look


def _each_case() -> list[object]:
    return [
        pytest.param(case, id=case.name, marks=pytest.mark.requirement(case.requirement, "FID-01", "STA-17"))
        for case in hard.CASES
    ]


@pytest.mark.parametrize("transfer_syntax", [IMPLICIT, EXPLICIT], ids=["implicit VR", "explicit VR"])
@pytest.mark.parametrize("case", _each_case())
def test_content(
    send: Send, instances: Instances, judge_content: JudgeContent, case: Case, transfer_syntax: str
) -> None:
    """An instance with this content is stored, and comes back as it was sent."""
    instance = case.make(instances.identities.new())
    judge_content(instance, send(instance, transfer_syntax), case.requirement)


@pytest.mark.requirement("ST-15", "FID-01", "STA-17")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("A", "a", id="case of a letter"),
        pytest.param("1", "01", id="a leading zero"),
        pytest.param("A B", "A  B", id="spaces inside"),
    ],
)
def test_patients_alike(scu: Scu, instances: Instances, judge_stored: JudgeStored, first: str, second: str) -> None:
    """Two patients of one name whose Patient IDs nearly agree stay two patients."""
    identity = instances.identities.new()
    other = replace(instances.identities.new(), patient_name=identity.patient_name)
    stem = identity.patient_id
    pair = [
        instances.build("CTImageStorage", identity=replace(who, patient_id=f"{stem}-{end}"))
        for who, end in ((identity, first), (other, second))
    ]
    for instance, store in zip(pair, scu.store_all(pair), strict=True):
        judge_stored(instance, store)


@pytest.mark.requirement("ENC-09", "FID-01")
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(hard.unknown_character_set, id="unknown"),
        pytest.param(hard.no_character_set, id="missing"),
    ],
)
def test_undeclared_text(
    send: Send, instances: Instances, judge: Judge, judge_stored: JudgeStored, make: Callable[[Identity], RawInstance]
) -> None:
    """Bytes over 7FH that no declared character set explains are kept as they are, or refused."""
    instance = make(instances.identities.new())
    store = send(instance, EXPLICIT)
    judge(responses.expect(store, "ENC-09", success=True, warning=True, reported=Reactions(failure=True)))
    judge_stored(instance, store)


@pytest.mark.requirement("ENC-19", "FID-01")
@pytest.mark.parametrize("transfer_syntax", [IMPLICIT, EXPLICIT], ids=["implicit VR", "explicit VR"])
def test_irregular_values(
    send: Send, instances: Instances, judge: Judge, judge_stored: JudgeStored, transfer_syntax: str
) -> None:
    """Values too long or of another form than their VR has are kept as they are, or refused; not mended in silence."""
    instance = hard.irregular(instances.identities.new())
    store = send(instance, transfer_syntax)
    judge(responses.expect(store, "ENC-19", success=True, warning=True, reported=Reactions(failure=True)))
    judge_stored(instance, store)


@pytest.mark.level("disruptive")
@pytest.mark.requirement("ST-33", "FID-01", "FID-02", "STA-17")
def test_half_a_gigabyte(peer: Peers, instances: Instances, judge: Judge, readback: Look, claims: Claims) -> None:
    """A multi-frame instance of 512 MiB, sent in pieces, is stored whole, or refused for lack of resources."""
    instance = hard.streamed(instances.identities.new(), 512)
    header = instance.header
    connection, context_id, transfer_syntax = peer.ready_for(header)
    sent = sent_pieces_of(header, instance.pieces(transfer_syntax), transfer_syntax, label=header.label)
    request = c_store_rq(
        connection.next_message_id(), sop_class_uid=header.sop_class_uid, sop_instance_uid=header.sop_instance_uid
    )
    complete = connection.send_command(request, context_id=context_id)
    *pieces, last = [piece for piece in instance.pieces(transfer_syntax) if len(piece)]
    complete = complete and all(connection.send_data(piece, context_id=context_id, last=False) for piece in pieces)
    complete = complete and connection.send_data(last, context_id=context_id)
    store = connection.await_response(request, context_id=context_id, sent=sent, complete=complete)
    if not ends_association(store.outcome):
        connection.release()
    judge(
        responses.expect(
            store,
            "ST-33",
            success=True,
            warning=True,
            codes=(range(0xA700, 0xA800),),
            reported=Reactions(failure=True),
        )
    )
    judge(
        streamed_kept(
            header,
            readback.fetch(sent, expect=storing.acknowledged(store)),
            store,
            pixel_bytes=instance.pixel_bytes,
            pixel_sha256=instance.pixel_sha256(),
            storage_level=claims.storage_level,
        )
    )
