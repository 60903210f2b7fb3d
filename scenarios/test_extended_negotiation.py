"""Extended negotiation: windows that are really used, roles, storage options, relations of SOP classes, identities."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import pytest

from conformance.config import Claims
from conformance.driver.peer import Peer
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances import variants
from conformance.instances.instance import Instance
from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.outcomes import Accepted, Response
from conformance.plugin.fixtures import NATIVE, Instances, Judge, Look, Peers
from conformance.plugin.scene import Scene
from conformance.standard.sop_classes import PATIENT_ROOT_FIND, STUDY_ROOT_FIND
from conformance.verdict import batches, extended, fidelity, messages, negotiation, responses, storing
from conformance.verdict.negotiation import Answers
from conformance.verdict.responses import Reactions
from conformance.wire import items
from conformance.wire.extended_items import (
    common_extended_negotiation_item,
    role_selection_with_length,
)
from conformance.wire.items import Item, ItemType
from conformance.wire.messages import VERIFICATION_SOP_CLASS, c_store_rq

pytestmark = pytest.mark.topic("extended negotiation")

IMPLICIT: Final = "1.2.840.10008.1.2"
STORAGE_SERVICE: Final = "1.2.840.10008.4.2"
ENHANCED_SR: Final = "1.2.840.10008.5.1.4.1.1.88.22"
COMPREHENSIVE_SR: Final = "1.2.840.10008.5.1.4.1.1.88.33"
VERIFICATION: Final = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT,))])
WINDOW: Final = 5
SCU_ONLY: Final = bytes((3, 0, 0, 0, 2, 0))
"""What an AE that stores and does not accept says of itself (PS3.4 Table B.3-1)."""

JudgeStored = Callable[..., None]
NotApplicable = Callable[[str], None]
Step = Callable[[str], None]


def _user_items_of(exchange: AssociationExchange, item_type: ItemType) -> list[bytes]:
    """The bodies of the sub-items of a type in the answer."""
    if not isinstance(exchange.outcome, Accepted):
        return []
    return [item.body for item in exchange.outcome.associate.user_items if item.item_type == item_type]


def _echoes(connection: Peer, judge: Judge, requirement: str, *, context_id: int = 1) -> None:
    """The association can be used, where there is one."""
    if context_id in connection.accepted:
        judge(responses.expect(connection.echo(context_id=context_id), requirement, success=True))
        connection.release()


# Asynchronous operations window


def _granted(scene: Scene) -> int:
    """How many operations we may have open at once, as the last answer says; 0 is any number."""
    bodies = _user_items_of(scene.recorder.associations[-1], ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW)
    return int.from_bytes(bodies[0][:2]) if bodies and len(bodies[0]) == 4 else 1


@pytest.mark.requirement("UI-ASY-05", "UI-ASY-06")
@pytest.mark.parametrize("performed", [1, WINDOW], ids=["we perform 1", f"we perform {WINDOW}"])
def test_window_is_used(
    *, peer: Peers, scene: Scene, instances: Instances, readback: Look, judge: Judge, step: Step, performed: int
) -> None:
    """As many C-STOREs as the window allows are sent before a response is read: each is answered, and stored."""
    series = instances.series("CTImageStorage", WINDOW)
    window = items.asynchronous_operations_window_item(WINDOW, performed)
    connection, context_id, transfer_syntax = peer.ready_for(series[0], user_items=(window,))
    granted = _granted(scene) or WINDOW
    requirement = "UI-ASY-05" if granted > 1 else "UI-ASY-06"
    step(f"a window of {WINDOW} offered, {granted} agreed: {WINDOW} C-STORE, {granted} at a time")
    stores: list[OperationExchange] = []
    for start in range(0, WINDOW, granted):
        stores += _at_once(connection, series[start : start + granted], context_id, transfer_syntax)
    if all(isinstance(store.outcome, Response) for store in stores):
        connection.release()
    found = [readback.fetch(s.sent, expect=storing.acknowledged(s)) for s in stores if s.sent is not None]
    judge(batches.all_answered(stores, found, requirement, in_order=granted == 1, abort=False))


def _at_once(
    connection: Peer, series: Iterable[Instance], context_id: int, transfer_syntax: str
) -> list[OperationExchange]:
    """Send C-STOREs, then read as many responses; up to the first that does not come."""
    asked = []
    for instance in series:
        command = c_store_rq(
            connection.next_message_id(),
            sop_class_uid=instance.sop_class_uid,
            sop_instance_uid=instance.sop_instance_uid,
        )
        complete = connection.send_message(command, instance.encoded(transfer_syntax), context_id=context_id)
        asked.append((command, sent_of(instance, transfer_syntax), complete))
    stores = []
    for command, sent, complete in asked:
        stores.append(connection.await_response(command, context_id=context_id, sent=sent, complete=complete))
        if not isinstance(stores[-1].outcome, Response):
            break
    return stores


@pytest.mark.level("disruptive")
@pytest.mark.requirement("PDV-11", "FID-01", "FID-02")
def test_fragments_of_two_messages_interleaved(
    *,
    peer: Peers,
    scene: Scene,
    instances: Instances,
    readback: Look,
    judge: Judge,
    step: Step,
    not_applicable: NotApplicable,
) -> None:
    """Where several operations may be open, fragments of two messages that are interleaved are not mixed up."""
    first, second = instances.series("CTImageStorage", 2)
    window = items.asynchronous_operations_window_item(WINDOW, 1)
    connection, context_id, transfer_syntax = peer.ready_for(first, user_items=(window,))
    if _granted(scene) == 1:
        not_applicable("the target performs one operation at a time: it did not agree to a window (PS3.7 D.3.3.3)")
    step("C-STORE-RQ of A, half its data set, all of B, the rest of A")
    data_set = first.encoded(transfer_syntax)
    half = len(data_set) // 4 * 2
    commands = [
        c_store_rq(number, sop_class_uid=one.sop_class_uid, sop_instance_uid=one.sop_instance_uid)
        for number, one in ((1, first), (2, second))
    ]
    connection.send_command(commands[0], context_id=context_id)
    connection.send_data(data_set[:half], context_id=context_id, last=False)
    connection.send_message(commands[1], second.encoded(transfer_syntax), context_id=context_id)
    complete = connection.send_data(data_set[half:], context_id=context_id)
    answers: list[OperationExchange] = []
    for command, one in zip(commands, (first, second), strict=True):
        sent = sent_of(one, transfer_syntax)
        answers.append(connection.await_response(command, context_id=context_id, sent=sent, complete=complete))
        if not isinstance(answers[-1].outcome, Response):
            break
    connection.close()
    allowed = Reactions(success=True, closed=True)
    judge(responses.expect(answers[0], "PDV-11", failure=True, abort=True, reported=allowed, well_formed=False))
    level = scene.settings.claims.storage_level
    for answer in filter(storing.acknowledged, answers):
        assert isinstance(answer.outcome, Response)
        # The two may be answered in any order (PS3.7 D.3.3.3).
        instance = {1: first, 2: second}.get(answer.outcome.command.message_id_being_responded_to or 0)
        if instance is not None:
            found = readback.fetch(sent_of(instance, transfer_syntax))
            judge(fidelity.stored_equals_sent(instance, found, answer, storage_level=level))


# Roles


@pytest.mark.requirement("UI-ROL-06", "UI-ROL-04")
def test_store_against_the_role_agreed(
    *, peer: Peers, ct_image: Instance, judge: Judge, readback: Look, claims: Claims, step: Step
) -> None:
    """A requestor that was granted the SCP role alone is refused as an SCU; without a grant it stores as ever."""
    role = items.role_selection_item(ct_image.sop_class_uid, scu=0, scp=1)
    connection, context_id, transfer_syntax = peer.ready_for(ct_image, user_items=(role,))
    bodies = _user_items_of(connection.recorder.associations[-1], ItemType.ROLE_SELECTION)
    sent = sent_of(ct_image, transfer_syntax)
    step(f"the SCP role alone was proposed, {'and answered' if bodies else 'and not answered'}; C-STORE-RQ")
    store = connection.store(ct_image.encoded(transfer_syntax), sent, context_id=context_id)
    connection.close()
    if not bodies:
        judge(storing.storable(store, "UI-ROL-04", claimed=claims.claims_sop_class(ct_image.sop_class_uid)))
    elif bodies[0][-2:-1] == b"\0":
        reported = Reactions(success=True, warning=True, closed=True)
        judge(responses.expect(store, "UI-ROL-06", failure=True, abort=True, reported=reported))
    else:
        judge(responses.expect(store, "UI-ROL-06", success=True, warning=True, failure=True))
    if store.status is not None and not storing.acknowledged(store):
        judge(fidelity.not_stored(readback.fetch(sent, expect=False)))


def _roles(*proposals: tuple[str, int, int]) -> tuple[Item, ...]:
    return tuple(items.role_selection_item(uid, scu=scu, scp=scp) for uid, scu, scp in proposals)


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-ROL-07")
@pytest.mark.parametrize(
    "roles",
    [
        pytest.param(_roles((ENHANCED_SR, 1, 1)), id="SOP class that is not proposed"),
        pytest.param(_roles((VERIFICATION_SOP_CLASS, 1, 0), (VERIFICATION_SOP_CLASS, 1, 0)), id="twice"),
        pytest.param(_roles((VERIFICATION_SOP_CLASS, 1, 0), (VERIFICATION_SOP_CLASS, 0, 1)), id="contradiction"),
        pytest.param(_roles((VERIFICATION_SOP_CLASS, 0, 0)), id="no role at all"),
        pytest.param(_roles((VERIFICATION_SOP_CLASS, 2, 255)), id="values that are no role"),
        pytest.param(_roles(("", 1, 1)), id="no SOP class"),
    ],
)
def test_odd_role_selection(peer: Peers, judge: Judge, roles: tuple[Item, ...]) -> None:
    """A role selection that makes no sense is passed over, or the association refused."""
    with peer() as connection:
        judge(extended.odd_request(connection.associate(VERIFICATION, user_items=roles), "UI-ROL-07"))
        if 1 in connection.accepted:
            judge(messages.any_answer(connection.echo(context_id=1), "UI-ROL-07"))


@pytest.mark.level("disruptive")
@pytest.mark.requirement("UI-ROL-08")
@pytest.mark.parametrize("uid_length", [0, 1, 64, 0xFFFF], ids=lambda value: f"{value}")
def test_role_selection_of_another_length(peer: Peers, judge: Judge, uid_length: int) -> None:
    """A role selection whose UID-length does not fit is passed over, rejected or aborted."""
    role = role_selection_with_length(VERIFICATION_SOP_CLASS, uid_length, scu=1, scp=0)
    with peer() as connection:
        judge(extended.odd_request(connection.associate(VERIFICATION, user_items=[role]), "UI-ROL-08"))


# SOP class extended negotiation


@pytest.mark.requirement("UI-EXT-01", "UI-EXT-02", "UI-EXT-03", "UI-EXT-05", "FID-01")
def test_storage_options(
    *, peer: Peers, ct_image: Instance, judge: Judge, judge_stored: JudgeStored, readback: Look
) -> None:
    """Storage options are answered in range or not at all, and what is announced is what becomes of an instance."""
    option = items.sop_class_extended_negotiation_item(ct_image.sop_class_uid, SCU_ONLY)
    contexts = contexts_of([(ct_image.sop_class_uid, NATIVE)])
    with peer() as connection:
        exchange = connection.associate(contexts, user_items=[option])
        judge(negotiation.accepted(exchange, "UI-EXT-02"))
        judge(extended.storage_information(exchange, ct_image.sop_class_uid))
        result = connection.accepted.get(1)
        if result is None or result.transfer_syntax is None:
            return
        sent = sent_of(ct_image, result.transfer_syntax)
        store = connection.store(ct_image.encoded(result.transfer_syntax), sent, context_id=1)
        connection.release()
    level = extended.announced_level(exchange, ct_image.sop_class_uid)
    if level is None:
        judge_stored(ct_image, store)
    elif storing.acknowledged(store):
        found = readback.fetch(sent)
        judge(fidelity.stored_equals_sent(ct_image, found, store, storage_level=min(level[0], 2)))
        judge(extended.behaves_as_announced(level, ct_image, found, store))


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-EXT-04")
def test_reserved_bytes_of_storage_options(peer: Peers, judge: Judge, ct_image: Instance) -> None:
    """Reserved bytes of storage options are not tested."""
    uid = ct_image.sop_class_uid
    exchanges = []
    for information in (SCU_ONLY, bytes((3, 0xFF, 0, 0xFF, 2, 0xFF))):
        with peer() as connection:
            option = items.sop_class_extended_negotiation_item(uid, information)
            exchanges.append(connection.associate(contexts_of([(uid, (IMPLICIT,))]), user_items=[option]))
            connection.release()
    judge(extended.same_answer(exchanges[0], exchanges[1], "UI-EXT-04", what="the reserved bytes are"))


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-EXT-06")
@pytest.mark.parametrize("size", [0, 1, 5, 7, 200], ids=lambda value: f"{value} bytes")
@pytest.mark.parametrize("about", ["the SOP class", "a SOP class that is not proposed"])
def test_odd_extended_negotiation(peer: Peers, judge: Judge, ct_image: Instance, about: str, size: int) -> None:
    """Extended negotiation of another length, or for a SOP class that is not proposed, is passed over."""
    uid = ct_image.sop_class_uid if about == "the SOP class" else ENHANCED_SR
    option = items.sop_class_extended_negotiation_item(uid, b"\1" * size)
    contexts = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT,)), (ct_image.sop_class_uid, (IMPLICIT,))])
    with peer() as connection:
        exchange = connection.associate(contexts, user_items=[option])
        reported = Answers(rejections=(negotiation.ANY_REJECTION,), abort=True)
        judge(negotiation.expect(exchange, "UI-EXT-06", accepted=True, reported=reported, well_formed=False))
        _echoes(connection, judge, "UI-EXT-06")


@pytest.mark.level("safe")
@pytest.mark.requirement("QR-16", "UI-EXT-01")
@pytest.mark.parametrize("sop_class", [STUDY_ROOT_FIND, PATIENT_ROOT_FIND], ids=["Study Root", "Patient Root"])
@pytest.mark.parametrize(
    "offered", [b"\0", b"\1", b"\1\0\1", b"\1\1\1\1\1", b"\0\0\0\0\0"], ids=lambda value: value.hex(" ")
)
def test_query_options(
    *, peer: Peers, judge: Judge, not_applicable: NotApplicable, sop_class: str, offered: bytes
) -> None:
    """Options of a query SOP class are answered with no more bytes and no higher values than were offered."""
    with peer() as connection:
        option = items.sop_class_extended_negotiation_item(sop_class, offered)
        exchange = connection.associate(contexts_of([(sop_class, (IMPLICIT,))]), user_items=[option])
        if 1 not in connection.accepted:
            not_applicable("the target does not accept the query SOP class")
        judge(extended.query_information(exchange, sop_class, offered))
        connection.release()


# SOP class common extended negotiation


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-CEX-01", "UI-CEX-02", "UI-CEX-05")
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"service_class_uid": STORAGE_SERVICE}, id="storage service"),
        pytest.param({"service_class_uid": "1.2.840.10008.4.9999"}, id="unknown service"),
        pytest.param({"service_class_uid": ""}, id="no service"),
        pytest.param({"service_class_uid": STORAGE_SERVICE, "related_general": (ENHANCED_SR,)}, id="related class"),
        pytest.param({"service_class_uid": STORAGE_SERVICE, "version": 1, "trailing": b"\0\4more"}, id="later version"),
    ],
)
def test_common_extended_negotiation(peer: Peers, judge: Judge, ct_image: Instance, options: dict[str, object]) -> None:
    """Common extended negotiation changes nothing for a SOP class that is known, and is not answered."""
    contexts = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT,)), (ct_image.sop_class_uid, (IMPLICIT,))])
    later = "version" in options
    exchanges = []
    for sub_items in ((), (common_extended_negotiation_item(ct_image.sop_class_uid, **options),)):  # type: ignore[arg-type]
        with peer() as connection:
            exchanges.append(connection.associate(contexts, user_items=sub_items))
            _echoes(connection, judge, "UI-CEX-02")
    requirement = "UI-CEX-05" if later or not options["service_class_uid"] else "UI-CEX-02"
    judge(extended.same_answer(exchanges[0], exchanges[1], requirement, what="57H says"))


@pytest.mark.requirement("UI-CEX-03", "UI-CEX-04", "UI-CEX-01", "FID-01")
@pytest.mark.parametrize(
    ("requirement", "related"),
    [("UI-CEX-03", ()), ("UI-CEX-04", (COMPREHENSIVE_SR,))],
    ids=["declared as storage", "related to Comprehensive SR"],
)
def test_private_sop_class(
    *,
    peer: Peers,
    instances: Instances,
    judge: Judge,
    judge_stored: JudgeStored,
    requirement: str,
    related: tuple[str, ...],
) -> None:
    """A private SOP class that is declared as storage is stored whole, or not accepted."""
    keyword = "ComprehensiveSRStorage" if related else "CTImageStorage"
    instance = variants.with_sop_class_uid(instances.build(keyword), instances.identities.new_uid())
    item = common_extended_negotiation_item(
        instance.sop_class_uid, service_class_uid=STORAGE_SERVICE, related_general=related
    )
    contexts = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT,)), (instance.sop_class_uid, NATIVE)])
    with peer() as connection:
        exchange = connection.associate(contexts, user_items=[item])
        judge(negotiation.context_result(exchange, 3, requirement, allowed=(0, 3), tolerated=(1, 2)))
        result = connection.accepted.get(3)
        if result is None or result.transfer_syntax is None:
            return
        sent = sent_of(instance, result.transfer_syntax)
        store = connection.store(instance.encoded(result.transfer_syntax), sent, context_id=3)
        connection.release()
    judge(responses.expect(store, requirement, success=True, warning=True, reported=Reactions(failure=True)))
    judge_stored(instance, store)
