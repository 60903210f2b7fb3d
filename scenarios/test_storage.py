"""Storage: instances of every kind are stored, answered and given back as they were sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import pytest

from conformance.config import Claims
from conformance.driver.peer import Peer
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances import catalogue, variants
from conformance.instances.encapsulated import jpeg_baseline, rle
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import ends_association
from conformance.plugin.fixtures import Instances, Judge, Look, Peers, Scu, need
from conformance.plugin.scene import NotApplicableError
from conformance.standard.sop_classes import Group, in_group
from conformance.verdict import non_patient, responses, storing
from conformance.wire.command import Tag, ae, command_set, us
from conformance.wire.messages import c_store_rq

pytestmark = pytest.mark.topic("storage")

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"

OF_NO_PATIENT: Final = frozenset(row.keyword for row in in_group(Group.NON_PATIENT))
WITHOUT_PIXELS: Final = frozenset(k for k in catalogue.available() if not catalogue.size_options(k))
MULTI_FRAME: Final = frozenset(k for k in catalogue.available() if "frames" in catalogue.size_options(k))

EMPTY_TYPE_2: Final = ("AccessionNumber", "ReferringPhysicianName", "PatientBirthDate", "PatientSex", "StudyID")
EMPTY_TYPE_3: Final = ("StudyDescription", "PatientComments", "EthnicGroup")

JudgeStored = Callable[..., None]


def _requirement_of(keyword: str) -> str:
    if keyword in WITHOUT_PIXELS:
        return "ST-45"
    return "ST-46" if keyword in MULTI_FRAME else "ST-25"


def _each_sop_class() -> list[object]:
    return [
        pytest.param(keyword, id=keyword, marks=pytest.mark.requirement(_requirement_of(keyword)))
        for keyword in catalogue.available()
        if keyword not in OF_NO_PATIENT
    ]


@pytest.mark.requirement("STA-17", "FID-01", "FID-02", "ST-19")
@pytest.mark.parametrize("keyword", _each_sop_class())
def test_sop_class(scu: Scu, instances: Instances, judge_stored: JudgeStored, keyword: str) -> None:
    """An instance of the SOP class is stored, and comes back as it was sent."""
    instance = instances.build(keyword)
    store = scu.store(instance)
    judge_stored(instance, store, requirement=_requirement_of(keyword))


@pytest.fixture
def judge_object(readback: Look, judge: Judge, claims: Claims) -> Callable[[Instance, OperationExchange], None]:
    """Judges how an object that belongs to no patient was answered, and what is stored of it."""

    def look(instance: Instance, exchange: OperationExchange) -> None:
        claimed = claims.claims_sop_class(instance.sop_class_uid)
        judge(storing.storable(exchange, "ST-43", claimed=claimed))
        if exchange.sent is not None and storing.acknowledged(exchange):
            judge(non_patient.kept_unchanged(instance, readback.fetch(exchange.sent), exchange))

    return look


@pytest.mark.requirement("ST-43")
@pytest.mark.parametrize("keyword", [k for k in catalogue.available() if k in OF_NO_PATIENT])
def test_sop_class_of_no_patient(
    scu: Scu, instances: Instances, judge_object: Callable[[Instance, OperationExchange], None], keyword: str
) -> None:
    """An object that belongs to no patient is stored; where the read-back can look for it, it is kept as it came."""
    instance = instances.build(keyword)
    judge_object(instance, scu.store(instance))


@pytest.mark.requirement("FID-01", "FID-03", "ST-09", "ST-10", "ST-12", "STA-17", "STA-22")
@pytest.mark.parametrize("transfer_syntax", [IMPLICIT, EXPLICIT], ids=["implicit VR", "explicit VR"])
def test_rich_content(scu: Scu, instances: Instances, judge_stored: JudgeStored, transfer_syntax: str) -> None:
    """Every VR, private blocks, nested and empty sequences, empty elements and text beyond ASCII are kept."""
    instance = variants.rich(instances.identities.new())
    with scu.associate(contexts_of([(instance.sop_class_uid, (transfer_syntax,))])) as association:
        need(association, instance)
        store = association.store(instance)
    judge_stored(instance, store, requirement="ST-12")


@pytest.mark.requirement("ST-08", "ST-10", "FID-01")
def test_empty_elements(scu: Scu, ct_image: Instance, judge_stored: JudgeStored) -> None:
    """Elements of Type 2 without a value are kept; empty ones of Type 3 may be dropped."""
    instance = variants.emptied(ct_image, *EMPTY_TYPE_2, *EMPTY_TYPE_3)
    judge_stored(instance, scu.store(instance), requirement="ST-08")


@pytest.mark.requirement("ST-25", "FID-01", "FID-02", "STA-17")
def test_transfer_syntaxes_side_by_side(
    peer: Peers,
    instances: Instances,
    judge: Judge,
    judge_stored: JudgeStored,
) -> None:
    """Of contexts with a transfer syntax each, every one stores its instance in its own syntax."""
    series = instances.series("SecondaryCaptureImageStorage", 6)
    made = {uid: series[i] for i, uid in enumerate((IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED))}
    for compressed in (rle(series[4]), jpeg_baseline(series[5])):
        made[compressed.transfer_syntax_uid] = compressed
    contexts = contexts_of([(series[0].sop_class_uid, (uid,)) for uid in made])
    with peer.associated(contexts) as association:
        agreed = {result.transfer_syntax: context_id for context_id, result in association.accepted.items()}
        usable = {uid: instance for uid, instance in made.items() if uid in agreed}
        if len(usable) < 2:
            raise NotApplicableError("the target accepted fewer than two of the transfer syntaxes")
        # Last first, so that a target which takes the first context of the SOP class for all of them is seen.
        stores = {uid: _send(association, usable[uid], agreed[uid], uid) for uid in reversed(usable)}
    ordinary = next((store for store in stores.values() if storing.acknowledged(store)), None)
    for uid, store in stores.items():
        judge(storing.like_the_ordinary(store, ordinary or store, "ST-25"))
        judge_stored(usable[uid], store)


@pytest.mark.requirement("CMD-27", "STA-17", "FID-01")
def test_several_instances_of_one_series(
    scu: Scu, instances: Instances, judge: Judge, judge_stored: JudgeStored
) -> None:
    """Ten instances on one association: each is answered for itself and stored."""
    series = instances.series("CTImageStorage", 10)
    for instance, store in zip(series, scu.store_all(series), strict=True):
        judge_stored(instance, store, requirement="CMD-27")


@pytest.mark.requirement("CMD-27", "STA-17", "FID-01")
def test_several_sop_classes_on_one_association(scu: Scu, instances: Instances, judge_stored: JudgeStored) -> None:
    """Images of several modalities take turns on one association, each on its context."""
    keywords = ("CTImageStorage", "MRImageStorage", "ComputedRadiographyImageStorage", "SecondaryCaptureImageStorage")
    batch = [instances.build(keyword) for keyword in (*keywords, *keywords)]
    with scu.associate(batch) as association:
        carried = [instance for instance in batch if association.accepted_for(instance) is not None]
        need(association, carried[0] if carried else batch[0])
        stores = [association.store(instance) for instance in carried]
    for instance, store in zip(carried, stores, strict=True):
        judge_stored(instance, store, requirement="CMD-27")


@pytest.mark.requirement("ST-34")
def test_tiny_data_set(peer: Peers, instances: Instances, judge: Judge, judge_stored: JudgeStored) -> None:
    """A data set of five elements, mandatory ones missing, is stored or refused, and the association goes on."""
    instance = variants.tiny(instances.identities.new())
    connection, context_id, transfer_syntax = peer.ready_for(instance, verification=True)
    sent = sent_of(instance, transfer_syntax)
    store = connection.store(instance.encoded(transfer_syntax), sent, context_id=context_id)
    judge(responses.expect(store, "ST-34", success=True, warning=True, failure=True))
    judge_stored(instance, store, connection=connection)


@pytest.mark.requirement("ST-33", "FID-02")
@pytest.mark.parametrize("megabytes", [4, 64], ids=lambda n: f"{n} MiB")
def test_large_data_set(
    peer: Peers, instances: Instances, judge: Judge, judge_stored: JudgeStored, megabytes: int
) -> None:
    """A large multi-frame instance is stored whole, or refused for lack of resources."""
    instance = variants.large(instances.identities.new(), megabytes)
    connection, context_id, transfer_syntax = peer.ready_for(instance)
    sent = sent_of(instance, transfer_syntax)
    store = connection.store(instance.encoded(transfer_syntax), sent, context_id=context_id)
    judge(
        responses.expect(
            store,
            "ST-33",
            success=True,
            warning=True,
            codes=(range(0xA700, 0xA800),),
            reported=responses.Reactions(failure=True),
        )
    )
    judge_stored(instance, store, connection=connection)


@pytest.mark.requirement("CMD-14")
def test_message_ids(peer: Peers, instances: Instances, judge: Judge) -> None:
    """Message IDs at the borders of 16 bits, and one used again after its response, serve a C-STORE alike."""
    numbers = (1, 255, 256, 32767, 32768, 65535, 0, 1)
    ordinary, *series = instances.series("CTImageStorage", len(numbers) + 1)
    connection, context_id, transfer_syntax = peer.ready_for(ordinary)
    first = _send(connection, ordinary, context_id, transfer_syntax, message_id=2)
    for number, instance in zip(numbers, series, strict=True):
        store = _send(connection, instance, context_id, transfer_syntax, message_id=number)
        judge(storing.like_the_ordinary(store, first, "CMD-14"))
        if ends_association(store.outcome):
            return
    connection.release()


@pytest.mark.requirement("CMD-21")
@pytest.mark.parametrize("priority", [0, 1, 2], ids=["medium", "high", "low"])
def test_priority(peer: Peers, instances: Instances, judge: Judge, judge_stored: JudgeStored, priority: int) -> None:
    """Each priority of the standard is taken; what it does is the target's business."""
    ordinary, instance, store = _commanded(peer, instances, priority=priority)
    judge(storing.like_the_ordinary(store, ordinary, "CMD-21"))
    judge_stored(instance, store)


@pytest.mark.requirement("CMD-23")
@pytest.mark.parametrize("originator", ["both", "AE title of 16 characters", "AE title alone", "Message ID alone"])
def test_move_originator(
    peer: Peers, instances: Instances, judge: Judge, judge_stored: JudgeStored, originator: str
) -> None:
    """A C-STORE that names the C-MOVE it belongs to is stored like any other."""
    title = (Tag.MOVE_ORIGINATOR_APPLICATION_ENTITY_TITLE, ae("ORIGINATOR"))
    number = (Tag.MOVE_ORIGINATOR_MESSAGE_ID, us(7))
    extra = {
        "both": (title, number),
        "AE title of 16 characters": ((title[0], ae("ORIGINATOR-16-CH")), number),
        "AE title alone": (title,),
        "Message ID alone": (number,),
    }[originator]
    ordinary, instance, store = _commanded(peer, instances, extra=extra)
    judge(storing.like_the_ordinary(store, ordinary, "CMD-23"))
    judge_stored(instance, store)


def _commanded(
    peer: Peers, instances: Instances, *, priority: int = 0, extra: Sequence[tuple[int, bytes]] = ()
) -> tuple[OperationExchange, Instance, OperationExchange]:
    """Store an instance with an ordinary command set, then another one with this command set.

    Returns:
        The ordinary C-STORE, the second instance and its C-STORE.
    """
    ordinary, instance = instances.series("CTImageStorage", 2)
    connection, context_id, transfer_syntax = peer.ready_for(instance)
    first = _send(connection, ordinary, context_id, transfer_syntax)
    request = c_store_rq(
        connection.next_message_id(),
        sop_class_uid=instance.sop_class_uid,
        sop_instance_uid=instance.sop_instance_uid,
        priority=priority,
    )
    elements = ((e.tag, e.value) for e in request.elements if e.tag != Tag.COMMAND_GROUP_LENGTH)
    store = connection.store(
        instance.encoded(transfer_syntax),
        sent_of(instance, transfer_syntax),
        context_id=context_id,
        command=command_set((*elements, *extra)),
    )
    if not ends_association(store.outcome):
        connection.release()
    return first, instance, store


def _send(
    connection: Peer, instance: Instance, context_id: int, transfer_syntax: str, *, message_id: int | None = None
) -> OperationExchange:
    """Send an instance in the plain way."""
    sent = sent_of(instance, transfer_syntax)
    data_set = instance.encoded(transfer_syntax)
    return connection.store(data_set, sent, context_id=context_id, message_id=message_id)
