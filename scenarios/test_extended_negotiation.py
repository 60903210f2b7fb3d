"""Extended negotiation: windows that are really used, roles, storage options, relations of SOP classes, identities."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import pytest

from conformance.config import Claims
from conformance.driver.peer import AssociateEdit, Peer, with_items, with_user_items
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
    user_identity_with_lengths,
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
VENDORS: Final = {
    "DCMTK": "1.2.276.0.7230010.3.0.3.6.7",
    "dcm4che": "1.2.40.0.13.1.3",
    "pynetdicom": "1.2.826.0.1.3680043.9.3811.3.0.4",
    "GDCM": "1.2.826.0.1.3680043.2.1143.107.104.103.115.3.0.24",
    "one component after the root": "1.2",
}

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


@pytest.mark.requirement("UI-ASY-05", "UI-ASY-06", "PDV-32")
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
@pytest.mark.requirement("PDV-11")
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
    sent = sent_of(first, transfer_syntax)
    store = connection.await_response(commands[0], context_id=context_id, sent=sent, complete=complete)
    connection.close()
    judge(
        responses.expect(
            store, "PDV-11", failure=True, abort=True, reported=Reactions(success=True, closed=True), well_formed=False
        )
    )
    for instance in (first, second):
        found = readback.fetch(sent_of(instance, transfer_syntax), expect=False)
        level = scene.settings.claims.storage_level
        if storing.acknowledged(store):
            judge(fidelity.stored_equals_sent(instance, found, store, storage_level=level))


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
@pytest.mark.requirement("UI-EXT-06", "UI-EXT-02")
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


@pytest.mark.requirement("UI-CEX-03", "UI-CEX-04", "UI-CEX-01")
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


# User identity

TYPES: Final = {
    "user name": (1, b"CONFORMANCE-NOBODY", b""),
    "user name and passcode": (2, b"CONFORMANCE-NOBODY", b"not-the-passcode"),
    "Kerberos ticket": (3, bytes(range(64)), b""),
    "SAML assertion": (4, b"<saml:Assertion/>", b""),
    "JSON web token": (5, b"e30.e30.", b""),
}


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-USR-01", "UI-USR-03", "UI-USR-04", "UI-USR-05")
@pytest.mark.parametrize("response_requested", [False, True], ids=["no response asked", "response asked"])
@pytest.mark.parametrize("identity", TYPES)
def test_invented_identity(peer: Peers, judge: Judge, identity: str, response_requested: bool) -> None:
    """An identity that was made up is ignored, or the association rejected for good by the ACSE."""
    number, primary, secondary = TYPES[identity]
    item = items.user_identity_item(number, primary=primary, secondary=secondary, response_requested=response_requested)
    with peer() as connection:
        exchange = connection.associate(VERIFICATION, user_items=[item])
        # A user name alone is not to be proved: whoever names it is that user.
        judge(
            negotiation.rejected_or_accepted(exchange, "UI-USR-01")
            if number == 1
            else extended.invented_identity(exchange, "UI-USR-05")
        )
        if number <= 2:
            judge(extended.server_response(exchange))
        _echoes(connection, judge, "UI-USR-01")


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-USR-06")
@pytest.mark.parametrize("number", [0, 6, 255])
def test_unknown_type_of_identity(peer: Peers, judge: Judge, number: int) -> None:
    """An identity of a reserved type is ignored or rejected, and never confirmed."""
    item = items.user_identity_item(number, primary=b"NOBODY", response_requested=True)
    with peer() as connection:
        exchange = connection.associate(VERIFICATION, user_items=[item])
        judge(extended.unprovable_identity(exchange, "UI-USR-06"))
        _echoes(connection, judge, "UI-USR-06")


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-USR-07")
@pytest.mark.parametrize(
    ("number", "secondary"), [(1, b"passcode"), (2, b"")], ids=["name with a passcode", "passcode missing"]
)
def test_secondary_field_of_an_identity(peer: Peers, judge: Judge, number: int, secondary: bytes) -> None:
    """A passcode where none belongs is ignored or rejected; a missing one is never taken for the right one."""
    item = items.user_identity_item(number, primary=b"NOBODY", secondary=secondary, response_requested=True)
    with peer() as connection:
        exchange = connection.associate(VERIFICATION, user_items=[item])
        judge(
            extended.odd_request(exchange, "UI-USR-07")
            if number == 1
            else extended.unprovable_identity(exchange, "UI-USR-07")
        )


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-USR-08")
def test_identity_beyond_ascii(peer: Peers, judge: Judge) -> None:
    """A user name in UTF-8 beyond ASCII is treated like any other."""
    exchanges = []
    for name in ("NOBODY", "Grün-山田"):
        with peer() as connection:
            item = items.user_identity_item(1, primary=name.encode())
            exchanges.append(connection.associate(VERIFICATION, user_items=[item]))
            connection.release()
    judge(extended.same_answer(exchanges[0], exchanges[1], "UI-USR-08", what="the characters of the name are"))


@pytest.mark.level("disruptive")
@pytest.mark.requirement("UI-USR-09")
@pytest.mark.parametrize(
    ("primary_length", "secondary_length"),
    [(0xFFFF, 0), (3, 0), (7, 0), (6, 0xFFFF), (6, 1)],
    ids=["primary of 65535", "primary cut", "primary one too long", "secondary of 65535", "secondary one too long"],
)
def test_lengths_of_an_identity(peer: Peers, judge: Judge, primary_length: int, secondary_length: int) -> None:
    """An identity whose lengths do not add up is ignored, rejected or aborted."""
    item = user_identity_with_lengths(1, b"NOBODY", primary_length=primary_length, secondary_length=secondary_length)
    with peer() as connection:
        judge(extended.odd_request(connection.associate(VERIFICATION, user_items=[item]), "UI-USR-09"))


# Mandatory sub-items


def _without(item_type: ItemType) -> AssociateEdit:
    return with_user_items(lambda found: tuple(i for i in found if i.item_type != item_type))


def _with_body(item_type: ItemType, *bodies: bytes) -> AssociateEdit:
    """The request with sub-items of a type in place of those that it has."""

    def change(found: tuple[Item, ...]) -> tuple[Item, ...]:
        rest = tuple(i for i in found if i.item_type != item_type)
        return (*rest, *(Item(item_type=item_type, body=body) for body in bodies))

    return with_user_items(change)


@pytest.mark.level("safe")
@pytest.mark.parametrize(
    ("requirement", "edit"),
    [
        pytest.param(
            "UI-MAX-02",
            _without(ItemType.MAXIMUM_LENGTH),
            id="no maximum length",
            marks=pytest.mark.requirement("UI-MAX-02"),
        ),
        *(
            pytest.param(
                "UI-MAX-03",
                _with_body(ItemType.MAXIMUM_LENGTH, *bodies),
                id=name,
                marks=pytest.mark.requirement("UI-MAX-03"),
            )
            for name, bodies in {
                "maximum length twice": (b"\0\0\x40\0", b"\0\0\x80\0"),
                "maximum length of 2 bytes": (b"\x40\0",),
                "maximum length of 8 bytes": (bytes(6) + b"\x40\0",),
                "maximum length of 0 bytes": (b"",),
            }.items()
        ),
        pytest.param(
            "UI-IMP-03",
            _without(ItemType.IMPLEMENTATION_CLASS_UID),
            id="no implementation class UID",
            marks=pytest.mark.requirement("UI-IMP-03"),
        ),
        *(
            pytest.param(
                "UI-IMP-03",
                _with_body(ItemType.IMPLEMENTATION_CLASS_UID, *bodies),
                id=f"implementation class UID {name}",
                marks=pytest.mark.requirement("UI-IMP-03"),
            )
            for name, bodies in {
                "twice": (b"1.2.3", b"1.2.4"),
                "of 0 bytes": (b"",),
                "of 65 characters": (b"1.2." + b"3" * 61,),
                "of letters": (b"not.a.uid",),
                "padded": (b"1.2.3\0",),
            }.items()
        ),
    ],
)
def test_mandatory_sub_item_missing_or_odd(peer: Peers, judge: Judge, requirement: str, edit: AssociateEdit) -> None:
    """A request without a mandatory sub-item, or with an odd one, is accepted and served, rejected or aborted."""
    with peer() as connection:
        judge(extended.odd_request(connection.associate(VERIFICATION, edit=edit), requirement))
        if 1 in connection.accepted:
            judge(messages.any_answer(connection.echo(context_id=1), requirement))


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-IMP-05")
@pytest.mark.parametrize(
    "name",
    [b"", b"SIXTEEN-LETTERS-", b"SEVENTEEN-LETTERS", b"X" * 64, b"X" * 1000, "Grün".encode(), b"\0\1\2\3", b" PADDED "],
    ids=["0", "16", "17", "64", "1000", "non-ASCII", "control characters", "spaces"],
)
def test_implementation_version_name(peer: Peers, judge: Judge, name: bytes) -> None:
    """An implementation version name of any length and any characters is no reason to refuse."""
    with peer() as connection:
        exchange = connection.associate(VERIFICATION, edit=_with_body(ItemType.IMPLEMENTATION_VERSION_NAME, name))
        reported = Answers(rejections=(negotiation.ANY_REJECTION,), abort=True, closed=True)
        judge(negotiation.expect(exchange, "UI-IMP-05", accepted=True, reported=reported, well_formed=False))
        _echoes(connection, judge, "UI-IMP-05")


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-IMP-06")
@pytest.mark.parametrize("vendor", VENDORS)
def test_implementation_of_another_vendor(peer: Peers, judge: Judge, ct_image: Instance, vendor: str) -> None:
    """The answer does not depend on whose implementation class UID the request has."""
    contexts = contexts_of([(ct_image.sop_class_uid, NATIVE), (VERIFICATION_SOP_CLASS, (IMPLICIT,))])
    edit = _with_body(ItemType.IMPLEMENTATION_CLASS_UID, VENDORS[vendor].encode())
    exchanges = []
    for change in (lambda request: request, edit):
        with peer() as connection:
            exchanges.append(connection.associate(contexts, edit=change))
            _echoes(connection, judge, "UI-IMP-06", context_id=3)
    judge(extended.same_answer(exchanges[0], exchanges[1], "UI-IMP-06", what="52H names"))


@pytest.mark.level("disruptive")
@pytest.mark.requirement("UI-GEN-03")
@pytest.mark.parametrize("how", ["empty", "twice", "missing"])
def test_user_information_item(peer: Peers, judge: Judge, how: str) -> None:
    """A request whose user information is empty, missing or there twice is accepted, rejected or aborted."""

    def change(found: tuple[Item, ...]) -> tuple[Item, ...]:
        rest = tuple(i for i in found if i.item_type != ItemType.USER_INFORMATION)
        own = tuple(i for i in found if i.item_type == ItemType.USER_INFORMATION)
        return {"empty": (*rest, replace(own[0], body=b"")), "twice": (*rest, *own, *own), "missing": rest}[how]

    with peer() as connection:
        judge(extended.odd_request(connection.associate(VERIFICATION, edit=with_items(change)), "UI-GEN-03"))
        if 1 in connection.accepted:
            judge(messages.any_answer(connection.echo(context_id=1), "UI-GEN-03"))


@pytest.mark.level("disruptive")
@pytest.mark.requirement("PDV-25")
@pytest.mark.parametrize("max_pdu_bytes", range(1, 8))
def test_maximum_length_without_room(peer: Peers, judge: Judge, max_pdu_bytes: int) -> None:
    """A maximum length that no fragment fits into is rejected or aborted, or exceeded, without a loop."""
    with peer(max_pdu_bytes=max_pdu_bytes) as connection:
        judge(extended.odd_request(connection.associate(VERIFICATION), "PDV-25"))
        if 1 in connection.accepted:
            judge(messages.any_answer(connection.echo(context_id=1), "PDV-25"))
