"""PDUs: what the standard lets a peer send is understood, however unusual it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pytest

from conformance.driver.edits import with_calling_ae_title, with_user_items
from conformance.driver.peer import AssociateEdit, Peer
from conformance.driver.reacting import react
from conformance.driver.sending import contexts_of
from conformance.observation.exchanges import OperationExchange
from conformance.plugin.fixtures import Judge, Peers
from conformance.plugin.scene import Scene
from conformance.preflight import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.standard.upper_layer import Event, State
from conformance.verdict import negotiation, responses, state_machine
from conformance.verdict.finding import restated
from conformance.verdict.responses import Reactions
from conformance.wire import items
from conformance.wire.items import Item
from conformance.wire.layouts import cut, every, in_one_pdu, one_pdu_each
from conformance.wire.malformed_pdata import with_unused_control_bits
from conformance.wire.messages import VERIFICATION_SOP_CLASS, c_echo_rq
from conformance.wire.pdu import AbortPdu, PDataTF, Pdv, ReleaseRQ, ae_title_field

pytestmark = [pytest.mark.topic("PDUs"), pytest.mark.level("safe")]

VERIFICATION: Final = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,))])
EVERY_BIT: Final = 0xFF
LONG_UID_ROOT: Final = "1.2.826.0.1.3680043.8.498.11290.99."


def _echo_in(connection: Peer, pdus: Iterable[bytes]) -> OperationExchange:
    """Send the PDUs of one C-ECHO-RQ with Message ID 7 and wait for the response."""
    complete = connection.send(b"".join(pdus))
    return connection.await_response(c_echo_rq(7), context_id=1, complete=complete)


def _echo_pdvs(fragment_bytes: int = 1 << 16) -> tuple[Pdv, ...]:
    command = c_echo_rq(7).encode()
    return cut(command, every(fragment_bytes, command), context_id=1, command=True)


@pytest.mark.requirement("UL-PDU-03d")
@pytest.mark.parametrize("reserved", [0x01, 0x80, EVERY_BIT], ids=lambda value: f"{value:02X}H")
def test_reserved_byte_of_p_data(peer: Peers, judge: Judge, reserved: int) -> None:
    """The reserved byte of a P-DATA-TF is not tested."""
    with peer.associated(VERIFICATION) as connection:
        echo = _echo_in(connection, [PDataTF(pdvs=_echo_pdvs(), reserved=reserved).encode()])
        judge(responses.expect(echo, "UL-PDU-03d", success=True))
        connection.release()


@pytest.mark.requirement("UL-PDU-03e")
@pytest.mark.parametrize(
    "request_pdu",
    [
        pytest.param(ReleaseRQ(reserved=EVERY_BIT), id="byte 2"),
        pytest.param(ReleaseRQ(reserved_7_10=b"\xff" * 4), id="bytes 7-10"),
        pytest.param(ReleaseRQ(reserved=EVERY_BIT, reserved_7_10=b"\xaa" * 4), id="all"),
    ],
)
def test_reserved_bytes_of_a_release_request(peer: Peers, judge: Judge, scene: Scene, request_pdu: ReleaseRQ) -> None:
    """The reserved bytes of an A-RELEASE-RQ are not tested."""
    with peer.associated(VERIFICATION) as connection:
        connection.send(request_pdu.encode())
        reaction = react(connection, wait_s=scene.endpoint.timeout_s)
        judge(state_machine.cell(State.STA_6, Event.RELEASE_RQ_PDU, reaction, requirement="UL-PDU-03e"))


@pytest.mark.requirement("UL-PDU-03f")
@pytest.mark.parametrize(
    "abort_pdu",
    [
        pytest.param(AbortPdu(source=0, reason=0, reserved=EVERY_BIT), id="byte 2"),
        pytest.param(AbortPdu(source=0, reason=0, reserved_7_8=b"\xff\xff"), id="bytes 7-8"),
    ],
)
def test_reserved_bytes_of_an_abort(peer: Peers, judge: Judge, scene: Scene, abort_pdu: AbortPdu) -> None:
    """The reserved bytes of an A-ABORT are not tested."""
    with peer.associated(VERIFICATION) as connection:
        connection.send(abort_pdu.encode())
        reaction = react(connection, wait_s=scene.endpoint.timeout_s)
        judge(state_machine.cell(State.STA_6, Event.ABORT_PDU, reaction, requirement="UL-PDU-03f"))


@pytest.mark.requirement("PDV-07")
@pytest.mark.parametrize("fragment_bytes", [1 << 16, 16], ids=["one fragment", "several fragments"])
def test_unused_bits_of_the_control_header(peer: Peers, judge: Judge, fragment_bytes: int) -> None:
    """Bits 2 to 7 of the message control header are not checked."""
    with peer.associated(VERIFICATION) as connection:
        pdvs = with_unused_control_bits(_echo_pdvs(fragment_bytes))
        judge(responses.expect(_echo_in(connection, [one_pdu_each(pdvs)]), "PDV-07", success=True))
        connection.release()


@pytest.mark.requirement("PDV-01", "PDV-04")
def test_every_fragment_of_a_command_in_one_pdu(peer: Peers, judge: Judge) -> None:
    """Many PDVs of one command share a PDU."""
    with peer.associated(VERIFICATION) as connection:
        answered = responses.expect(_echo_in(connection, [in_one_pdu(_echo_pdvs(2))]), "PDV-04", success=True)
        judge(answered, restated(answered, "PDV-01"))
        connection.release()


@pytest.mark.level("standard")
@pytest.mark.requirement("PDV-06")
def test_empty_last_fragment(peer: Peers, judge: Judge) -> None:
    """A last fragment without bytes, which nobody may send and receivers should cope with, ends the command."""
    open_ended = [Pdv(context_id=1, control=0x01, fragment=pdv.fragment) for pdv in _echo_pdvs()]
    with peer.associated(VERIFICATION) as connection:
        pdvs = [*open_ended, Pdv(context_id=1, control=0x03, fragment=b"")]
        echo = _echo_in(connection, [one_pdu_each(pdvs)])
        judge(responses.expect(echo, "PDV-06", success=True, reported=Reactions(abort=True, closed=True)))


@pytest.mark.level("standard")
@pytest.mark.requirement("PDV-13")
@pytest.mark.parametrize("fragment_bytes", [1, 3, 7], ids=lambda value: f"{value} bytes")
def test_fragments_of_odd_length(peer: Peers, judge: Judge, fragment_bytes: int) -> None:
    """Fragments of odd length, which nobody may send, are put together, or abort the association."""
    with peer.associated(VERIFICATION) as connection:
        echo = _echo_in(connection, [one_pdu_each(_echo_pdvs(fragment_bytes))])
        judge(responses.expect(echo, "PDV-13", success=True, abort=True, closed=True, well_formed=False))


@pytest.mark.level("standard")
@pytest.mark.requirement("PDV-10")
def test_two_messages_in_one_pdu(peer: Peers, judge: Judge) -> None:
    """Two messages in one PDU, which nobody may send, are both answered, or abort the association."""
    with peer.associated(VERIFICATION) as connection:
        second = Pdv(context_id=1, control=0x03, fragment=c_echo_rq(8).encode())
        complete = connection.send(in_one_pdu([*_echo_pdvs(), second]))
        for command in (c_echo_rq(7), c_echo_rq(8)):
            echo = connection.await_response(command, context_id=1, complete=complete)
            judge(responses.expect(echo, "PDV-10", success=True, abort=True, reported=Reactions(closed=True)))
            if echo.status is None:
                return


@pytest.mark.requirement("UL-RQ-17", "UL-PDU-12", "UL-RQ-30")
def test_128_contexts_with_long_uids(peer: Peers, judge: Judge) -> None:
    """A request whose 128 contexts have UIDs of 64 characters is answered context by context."""
    long_uids = [f"{LONG_UID_ROOT}{number}".ljust(64, "1") for number in range(1, 128)]
    pairs = [(uid, (f"{uid[:-1]}2", IMPLICIT_VR_LITTLE_ENDIAN)) for uid in long_uids]
    with peer() as connection:
        exchange = connection.associate(contexts_of([*pairs, (VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,))]))
        answered = negotiation.accepted(exchange, "UL-RQ-17")
        judge(answered, restated(answered, "UL-PDU-12"), restated(answered, "UL-RQ-30"))
        judge(negotiation.every_context_answered_once(exchange))
        if 255 in connection.accepted:
            judge(responses.expect(connection.echo(context_id=255), "UL-RQ-17", success=True))
            connection.release()


def _all_user_items(found: tuple[Item, ...]) -> tuple[Item, ...]:
    ct = "1.2.840.10008.5.1.4.1.1.2"
    common = Item(
        item_type=items.ItemType.SOP_CLASS_COMMON_EXTENDED_NEGOTIATION,
        body=b"".join((bytes((0, len(ct))), ct.encode(), bytes((0, 17)), b"1.2.840.10008.4.2", bytes(2))),
    )
    return (
        *found,
        items.asynchronous_operations_window_item(1, 1),
        items.role_selection_item(ct, scu=1, scp=0),
        items.sop_class_extended_negotiation_item(ct, bytes((2, 0, 0, 0, 0, 0))),
        common,
        items.user_identity_item(1, primary=b"nobody"),
    )


@pytest.mark.requirement("UI-GEN-02")
def test_all_user_information_at_once(peer: Peers, judge: Judge) -> None:
    """A request with every kind of user information is answered, and the association works."""
    with peer() as connection:
        exchange = connection.associate(VERIFICATION, edit=with_user_items(_all_user_items))
        # An identity that the target looks at and does not know may be rejected (PS3.7 D.3.3.7.3).
        judge(negotiation.rejected_or_accepted(exchange, "UI-GEN-02", rejections=((1, 2, 1), (1, 1, 1))))
        if 1 in connection.accepted:
            judge(responses.expect(connection.echo(context_id=1), "UI-GEN-02", success=True))
            connection.release()


@pytest.mark.requirement("UI-IMP-06")
@pytest.mark.parametrize(
    ("uid", "version"),
    [
        pytest.param("1.2.276.0.7230010.3.0.3.6.7", "OFFIS_DCMTK_367", id="DCMTK"),
        pytest.param("1.2.40.0.13.1.3", "dcm4che-5.29.0", id="dcm4che"),
        pytest.param("1.3.6.1.4.1.30071.8", "fo-dicom 5.1", id="fo-dicom"),
        pytest.param("1." + "9" * 62, "V", id="64 characters"),
    ],
)
def test_any_implementation(peer: Peers, judge: Judge, uid: str, version: str) -> None:
    """Who made the requestor makes no difference."""
    own = (items.ItemType.IMPLEMENTATION_CLASS_UID, items.ItemType.IMPLEMENTATION_VERSION_NAME)

    def change(found: tuple[Item, ...]) -> tuple[Item, ...]:
        others = tuple(item for item in found if item.item_type not in own)
        return (*others, items.implementation_class_uid_item(uid), items.implementation_version_name_item(version))

    _echo_with(peer, judge, with_user_items(change), "UI-IMP-06")


@pytest.mark.requirement("UL-RQ-10")
def test_calling_ae_title_with_every_kind_of_character(peer: Peers, judge: Judge) -> None:
    """A calling AE title of 16 characters of the default repertoire is accepted, or rejected as unknown."""
    with peer() as connection:
        title = ae_title_field("a.B_c-9 (X)+#?~!")
        exchange = connection.associate(VERIFICATION, edit=with_calling_ae_title(title))
        judge(negotiation.rejected_or_accepted(exchange, "UL-RQ-10", rejections=((1, 1, 3), (1, 1, 1))))


def _echo_with(peer: Peers, judge: Judge, edit: AssociateEdit, requirement: str) -> None:
    with peer() as connection:
        judge(negotiation.accepted(connection.associate(VERIFICATION, edit=edit), requirement))
        if 1 in connection.accepted:
            judge(responses.expect(connection.echo(context_id=1), requirement, success=True))
            connection.release()


@pytest.mark.level("standard")
@pytest.mark.requirement("PDV-25")
@pytest.mark.parametrize("max_pdu_bytes", range(1, 8))
def test_maximum_length_without_room(peer: Peers, judge: Judge, max_pdu_bytes: int) -> None:
    """A maximum length that leaves no room for a response is rejected, aborted, or not kept to; nothing hangs."""
    with peer(max_pdu_bytes=max_pdu_bytes) as connection:
        exchange = connection.associate(VERIFICATION)
        judge(negotiation.rejected_or_accepted(exchange, "PDV-25", abort=True))
        if 1 in connection.accepted:
            echo = connection.echo(context_id=1)
            judge(responses.expect(echo, "PDV-25", success=True, abort=True, closed=True, well_formed=False))
