"""Negotiation: user information, reserved fields and unknown items in a request, as a peer may send them."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from conformance.driver.edits import with_application_context, with_items, with_protocol_version, with_user_items
from conformance.driver.peer import AssociateEdit, Peer
from conformance.driver.sending import contexts_of
from conformance.instances.instance import Instance
from conformance.plugin.fixtures import Judge, Peers
from conformance.plugin.scene import Scene
from conformance.verdict import association, negotiation, responses
from conformance.verdict.negotiation import Answers
from conformance.wire import items
from conformance.wire.items import Item, ItemType
from conformance.wire.messages import VERIFICATION_SOP_CLASS
from conformance.wire.pdu import Associate

pytestmark = [pytest.mark.topic("negotiation"), pytest.mark.level("safe"), pytest.mark.alone]

IMPLICIT = "1.2.840.10008.1.2"
MR_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.4"
VERIFICATION = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT,))])


def _accepted_and_working(connection: Peer, judge: Judge, requirement: str, edit: AssociateEdit) -> None:
    exchange = connection.associate(VERIFICATION, edit=edit)
    judge(negotiation.accepted(exchange, requirement))
    if 1 in connection.accepted:
        judge(responses.expect(connection.echo(context_id=1), requirement, success=True))
        connection.release()


@pytest.mark.requirement("UI-GEN-01")
@pytest.mark.parametrize("item_type", [0x5A, 0x60, 0xA0, 0xFF], ids=lambda value: f"{value:02X}H")
@pytest.mark.parametrize("length", [0, 1, 1000], ids=lambda value: f"{value} bytes")
@pytest.mark.parametrize("place", ["first", "between", "last"])
def test_unknown_user_information_sub_item(peer: Peers, judge: Judge, item_type: int, length: int, place: str) -> None:
    """A user information sub-item of a type that nobody knows is skipped, and the others count as without it."""
    unknown = Item(item_type=item_type, body=b"\x55" * length)

    def insert(found: tuple[Item, ...]) -> tuple[Item, ...]:
        at = {"first": 0, "between": 1, "last": len(found)}[place]
        return (*found[:at], unknown, *found[at:])

    with peer() as connection:
        _accepted_and_working(connection, judge, "UI-GEN-01", with_user_items(insert))


@pytest.mark.requirement("UI-GEN-01", "PDV-22")
def test_maximum_length_behind_an_unknown_sub_item(peer: Peers, judge: Judge) -> None:
    """What follows a sub-item that nobody knows counts: the response keeps to a maximum length that it does not fit."""
    unknown = Item(item_type=0x60, body=b"\x55" * 200)
    with peer(max_pdu_bytes=64) as connection:
        _answered_in_pieces(connection, judge, "UI-GEN-01", with_user_items(lambda found: (unknown, *found)))


@pytest.mark.requirement("UL-PDU-04")
@pytest.mark.parametrize("item_type", [0x11, 0x22, 0x60], ids=lambda value: f"{value:02X}H")
@pytest.mark.parametrize("length", [0, 200], ids=lambda value: f"{value} bytes")
def test_unknown_item(peer: Peers, judge: Judge, item_type: int, length: int) -> None:
    """An item of a type that nobody knows, in its place by type, is skipped using its length."""
    unknown = Item(item_type=item_type, body=b"\x55" * length)

    def insert(found: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(sorted((*found, unknown), key=lambda item: item.item_type))

    with peer() as connection:
        _accepted_and_working(connection, judge, "UL-PDU-04", with_items(insert))


def _sub_items() -> tuple[Item, ...]:
    return (
        items.maximum_length_item(16384),
        items.implementation_class_uid_item("1.2.826.0.1.3680043.8.498.11290.1"),
        items.asynchronous_operations_window_item(1, 1),
        items.implementation_version_name_item("ORDER"),
    )


@pytest.mark.requirement("UI-GEN-02")
@pytest.mark.parametrize("order", [*permutations(range(4))][::5], ids=lambda order: "".join(map(str, order)))
def test_user_information_in_any_order(peer: Peers, judge: Judge, order: tuple[int, ...]) -> None:
    """The order of the user information sub-items has no significance."""
    chosen = _sub_items()
    with peer(max_pdu_bytes=16384) as connection:
        edit = with_user_items(lambda _: tuple(chosen[index] for index in order))
        _accepted_and_working(connection, judge, "UI-GEN-02", edit)


@pytest.mark.requirement("UL-RQ-01", "UI-IMP-04")
def test_request_without_optional_sub_items(peer: Peers, judge: Judge) -> None:
    """Maximum length and implementation class UID are all the user information that a request needs."""
    needed = (ItemType.MAXIMUM_LENGTH, ItemType.IMPLEMENTATION_CLASS_UID)
    with peer() as connection:
        edit = with_user_items(lambda found: tuple(i for i in found if i.item_type in needed))
        _accepted_and_working(connection, judge, "UL-RQ-01", edit)


@pytest.mark.requirement("PDV-22", "PDV-23", "UI-MAX-04", "PDV-12")
@pytest.mark.parametrize("max_pdu_bytes", [0, 128, 129, 512, 4096, 16384, 2**32 - 1], ids=lambda value: f"{value}")
def test_requestor_maximum_length(peer: Peers, judge: Judge, max_pdu_bytes: int) -> None:
    """The target keeps to the maximum length that we announce; 0 means no limit."""
    with peer(max_pdu_bytes=max_pdu_bytes) as connection:
        requirement = "PDV-23" if max_pdu_bytes == 0 else "PDV-22"
        _accepted_and_working(connection, judge, requirement, lambda request: request)


@pytest.mark.requirement("PDV-24", "PDV-12")
@pytest.mark.parametrize("max_pdu_bytes", [16, 20, 21, 64], ids=lambda value: f"{value}")
def test_small_requestor_maximum_length(peer: Peers, judge: Judge, max_pdu_bytes: int) -> None:
    """A maximum length that a response does not fit into makes it come in pieces, or is rejected."""
    with peer(max_pdu_bytes=max_pdu_bytes) as connection:
        _answered_in_pieces(connection, judge, "PDV-24", lambda request: request)


def _answered_in_pieces(connection: Peer, judge: Judge, requirement: str, edit: AssociateEdit) -> None:
    exchange = connection.associate(VERIFICATION, edit=edit)
    judge(
        negotiation.expect(
            exchange,
            requirement,
            accepted=True,
            rejections=(negotiation.ANY_REJECTION,),
            reported=Answers(abort=True),
            note="a maximum length of less than a command set is legal and rare",
        )
    )
    if 1 in connection.accepted:
        judge(responses.expect(connection.echo(context_id=1), requirement, success=True, abort=True))
        connection.release()


@pytest.mark.requirement("UI-ASY-02", "UI-ASY-04", "UI-ASY-08")
@pytest.mark.parametrize(("invoked", "performed"), [(1, 1), (5, 1), (0, 0), (65535, 65535)])
def test_asynchronous_operations_window(peer: Peers, judge: Judge, invoked: int, performed: int) -> None:
    """An asynchronous operations window is answered within what was offered, or not at all, and the echo works."""
    window = items.asynchronous_operations_window_item(invoked, performed)
    with peer() as connection:
        exchange = connection.associate(VERIFICATION, user_items=[window])
        judge(negotiation.accepted(exchange, "UI-ASY-04"))
        if 1 in connection.accepted:
            judge(responses.expect(connection.echo(context_id=1), "UI-ASY-04", success=True))
            connection.release()


@pytest.mark.requirement("UI-ROL-01", "UI-ROL-02", "UI-ROL-03", "UI-ROL-04")
@pytest.mark.parametrize(
    ("scu_role", "scp_role"), [(1, 0), (0, 1), (1, 1)], ids=["SCU only", "SCP only", "SCU and SCP"]
)
def test_role_selection(peer: Peers, judge: Judge, ct_image: Instance, scu_role: int, scp_role: int) -> None:
    """A role is granted only where it was proposed, and proposing roles is no reason to reject."""
    classes = (ct_image.sop_class_uid, VERIFICATION_SOP_CLASS, MR_IMAGE_STORAGE)
    contexts = contexts_of([(sop_class_uid, (IMPLICIT,)) for sop_class_uid in classes])
    role = items.role_selection_item(ct_image.sop_class_uid, scu=scu_role, scp=scp_role)
    with peer() as connection:
        exchange = connection.associate(contexts, user_items=[role])
        judge(negotiation.accepted(exchange, "UI-ROL-04"))
        if 3 in connection.accepted:
            judge(responses.expect(connection.echo(context_id=3), "UI-ROL-04", success=True))
            connection.release()


@pytest.mark.requirement("ECH-04", "UI-EXT-01")
def test_extended_negotiation_for_verification(peer: Peers, judge: Judge) -> None:
    """SOP class extended negotiation, which Verification does not have, is passed over."""
    extended = items.sop_class_extended_negotiation_item(VERIFICATION_SOP_CLASS, b"\x01\x01")
    with peer() as connection:
        exchange = connection.associate(VERIFICATION, user_items=[extended])
        judge(negotiation.accepted(exchange, "ECH-04"))
        judge(association.sub_item_absent(exchange, ItemType.SOP_CLASS_EXTENDED_NEGOTIATION, "ECH-04"))


@pytest.mark.requirement("UI-USR-01")
@pytest.mark.parametrize("response_requested", [False, True], ids=["no response asked", "response asked"])
def test_user_identity(peer: Peers, judge: Judge, response_requested: bool) -> None:
    """A user name is accepted, passed over, or the association rejected; it is no protocol error."""
    identity = items.user_identity_item(1, primary=b"CONFORMANCE", response_requested=response_requested)
    with peer() as connection:
        exchange = connection.associate(VERIFICATION, user_items=[identity])
        judge(negotiation.rejected_or_accepted(exchange, "UI-USR-01"))


@pytest.mark.requirement("UL-RQ-02")
@pytest.mark.parametrize("version", [0x0003, 0x8001, 0xFFFF], ids=lambda value: f"{value:04X}H")
def test_protocol_version_with_other_bits(peer: Peers, judge: Judge, version: int) -> None:
    """Only bit 0 of the protocol version is tested."""
    with peer() as connection:
        _accepted_and_working(connection, judge, "UL-RQ-02", with_protocol_version(version))


@pytest.mark.requirement("UL-RQ-03")
@pytest.mark.parametrize("version", [0x0000, 0x0002], ids=lambda value: f"{value:04X}H")
def test_protocol_version_without_bit_0(peer: Peers, judge: Judge, version: int) -> None:
    """A request that supports no version of the protocol is rejected for it."""
    with peer() as connection:
        exchange = connection.associate(VERIFICATION, edit=with_protocol_version(version))
        judge(
            negotiation.expect(
                exchange,
                "UL-RQ-03",
                rejections=((1, 2, 2), (2, 2, 2)),
                reported=Answers(abort=True, rejections=(negotiation.ANY_REJECTION,)),
            )
        )


@pytest.mark.requirement("UL-RQ-14")
def test_unknown_application_context(peer: Peers, judge: Judge) -> None:
    """An application context that nobody knows is rejected, or answered with the one of DICOM."""
    with peer() as connection:
        exchange = connection.associate(VERIFICATION, edit=with_application_context("1.2.826.0.1.3680043.8.498.9"))
        judge(association.unknown_application_context(exchange, "1.2.826.0.1.3680043.8.498.9"))


def _reserved_in_header(request: Associate) -> Associate:
    return replace(request, reserved=0xFF, reserved_9_10=b"\xff\xff", reserved_43_74=b"\xaa" * 32)


def _reserved_in_items(request: Associate) -> Associate:
    def marked(item: Item) -> Item:
        body = item.body
        if item.item_type == ItemType.PRESENTATION_CONTEXT_RQ:
            subs = items.decode_items(body[4:], base=0)
            inner = b"".join(replace(sub, reserved=0xFF).encode() for sub in subs)
            body = body[:1] + b"\xff\xff\xff" + inner
        return replace(item, reserved=0xFF, body=body)

    return replace(request, items=tuple(marked(item) for item in request.items))


def _reserved_in_sub_items(request: Associate) -> Associate:
    return with_user_items(lambda found: tuple(replace(item, reserved=0xFF) for item in found))(request)


@pytest.mark.requirement("UL-PDU-03a", "UL-PDU-03b", "UL-PDU-03c")
@pytest.mark.parametrize(
    ("requirement", "edit"),
    [
        pytest.param("UL-PDU-03a", _reserved_in_header, id="request header"),
        pytest.param("UL-PDU-03b", _reserved_in_items, id="items"),
        pytest.param("UL-PDU-03c", _reserved_in_sub_items, id="user information"),
    ],
)
def test_reserved_fields_set(peer: Peers, judge: Judge, requirement: str, edit: AssociateEdit) -> None:
    """Reserved fields of a request are not tested on receipt."""
    with peer() as connection:
        _accepted_and_working(connection, judge, requirement, edit)


@pytest.mark.requirement("UI-IMP-02")
def test_implementation_class_uid_is_constant(peer: Peers, judge: Judge, scene: Scene) -> None:
    """Every association gets the same implementation class UID."""
    exchanges = []
    for _ in range(3):
        with peer() as connection:
            exchanges.append(connection.associate(VERIFICATION))
            connection.release()
    judge(association.same_implementation(exchanges))
