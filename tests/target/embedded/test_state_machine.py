"""Every cell of PS3.8 Table 9-10 that a peer can bring a conforming acceptor into."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest

from conformance.standard.upper_layer import ACCEPTOR_TABLE, PEER_EVENTS, AbortReason, Action, Event, State
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Settings
from conformance.wire.fragments import message_bytes
from conformance.wire.messages import c_echo_rq
from conformance.wire.pdu import (
    AbortPdu,
    Associate,
    AssociateRJ,
    PDataTF,
    PduType,
    ReleaseRP,
    ReleaseRQ,
    UnknownPdu,
    ae_title_field,
    header,
)
from tests.target.embedded.conftest import Start
from tests.target.embedded.raw import QUIET_S, Closed, RawPeer, Silence, is_abort, peer, request

ECHO_BYTES = message_bytes(c_echo_rq(1), None, context_id=3, max_pdu_bytes=16384)
AC_BYTES = Associate(
    pdu_type=PduType.A_ASSOCIATE_AC,
    called_ae_title=ae_title_field("A"),
    calling_ae_title=ae_title_field("B"),
    items=request().items[:1],
).encode()

STIMULI = {
    "AC": (Event.ASSOCIATE_AC_PDU, AC_BYTES, AbortReason.UNEXPECTED_PDU),
    "RJ": (Event.ASSOCIATE_RJ_PDU, AssociateRJ(result=1, source=1, reason=1).encode(), AbortReason.UNEXPECTED_PDU),
    "RQ": (Event.ASSOCIATE_RQ_PDU, request().encode(), AbortReason.UNEXPECTED_PDU),
    "P-DATA": (Event.P_DATA_PDU, ECHO_BYTES, AbortReason.UNEXPECTED_PDU),
    "RELEASE-RQ": (Event.RELEASE_RQ_PDU, ReleaseRQ().encode(), AbortReason.UNEXPECTED_PDU),
    "RELEASE-RP": (Event.RELEASE_RP_PDU, ReleaseRP().encode(), AbortReason.UNEXPECTED_PDU),
    "ABORT": (Event.ABORT_PDU, AbortPdu(source=0, reason=0).encode(), AbortReason.UNEXPECTED_PDU),
    "ABORT-odd-values": (Event.ABORT_PDU, AbortPdu(source=255, reason=200).encode(), AbortReason.UNEXPECTED_PDU),
    "ABORT-empty": (Event.ABORT_PDU, header(PduType.A_ABORT, 0), AbortReason.UNEXPECTED_PDU),
    "type-00": (Event.INVALID_PDU, UnknownPdu(pdu_type=0, body=bytes(8)).encode(), AbortReason.UNRECOGNIZED_PDU),
    "type-08": (Event.INVALID_PDU, UnknownPdu(pdu_type=8, body=b"").encode(), AbortReason.UNRECOGNIZED_PDU),
    "type-FF": (Event.INVALID_PDU, UnknownPdu(pdu_type=255, body=bytes(300)).encode(), AbortReason.UNRECOGNIZED_PDU),
    "type-FF-header-alone": (Event.INVALID_PDU, header(255, 1 << 31), AbortReason.UNRECOGNIZED_PDU),
    "RQ-of-4-bytes": (Event.INVALID_PDU, header(1, 4) + bytes(4), AbortReason.INVALID_PDU_PARAMETER_VALUE),
    "RQ-of-4-GiB": (Event.INVALID_PDU, header(1, 0xFFFF_FFFF), AbortReason.INVALID_PDU_PARAMETER_VALUE),
    "P-DATA-empty": (Event.INVALID_PDU, header(4, 0), AbortReason.INVALID_PDU_PARAMETER_VALUE),
    "P-DATA-of-3-bytes": (Event.INVALID_PDU, header(4, 3) + bytes(3), AbortReason.INVALID_PDU_PARAMETER_VALUE),
    "P-DATA-of-2-GiB": (Event.INVALID_PDU, header(4, 0x7FFF_FFFF), AbortReason.INVALID_PDU_PARAMETER_VALUE),
    "RELEASE-RQ-empty": (Event.INVALID_PDU, header(5, 0), AbortReason.INVALID_PDU_PARAMETER_VALUE),
    "RELEASE-RQ-of-8-bytes": (Event.INVALID_PDU, header(5, 8) + bytes(8), AbortReason.INVALID_PDU_PARAMETER_VALUE),
}


def to_sta_2(_: RawPeer) -> None:
    pass


def to_sta_6(connected: RawPeer) -> None:
    connected.associate()


def to_sta_13_by_reject(connected: RawPeer) -> None:
    connected.send(request(called="").encode())
    assert isinstance(connected.see(), AssociateRJ)


def to_sta_13_by_release(connected: RawPeer) -> None:
    connected.associate()
    connected.release()


def to_sta_13_by_abort(connected: RawPeer) -> None:
    connected.send(ECHO_BYTES)
    assert is_abort(connected.see(), 0, 0)


WAYS = {
    "Sta2": (State.STA_2, to_sta_2),
    "Sta6": (State.STA_6, to_sta_6),
    "Sta13-after-RJ": (State.STA_13, to_sta_13_by_reject),
    "Sta13-after-RP": (State.STA_13, to_sta_13_by_release),
    "Sta13-after-ABORT": (State.STA_13, to_sta_13_by_abort),
}


def check(connected: RawPeer, action: Action, reason: AbortReason) -> None:
    match action:
        case Action.AE_6:
            assert isinstance(connected.see(), Associate)
        case Action.AA_1:
            assert is_abort(connected.see(), 0, 0)
            assert isinstance(connected.see(QUIET_S), Silence), "Sta13 waits for the peer to close"
        case Action.AA_7 | Action.AA_8:
            assert is_abort(connected.see(), 2, reason)
            assert isinstance(connected.see(QUIET_S), Silence), "Sta13 waits for the peer to close"
        case Action.AA_2 | Action.AA_3:
            assert isinstance(connected.see(), Closed)
        case Action.AA_6:
            assert isinstance(connected.see(QUIET_S), Silence)
        case Action.DT_2:
            assert isinstance(connected.see(), PDataTF)
        case Action.AR_2:
            assert isinstance(connected.see(), ReleaseRP)
        case _:
            pytest.fail(f"no expectation for {action}")


@pytest.mark.parametrize("stimulus", STIMULI.values(), ids=STIMULI)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_a_pdu_brings_about(
    pacs: EmbeddedPacs,
    way: tuple[State, Callable[[RawPeer], None]],
    stimulus: tuple[Event, bytes, AbortReason],
) -> None:
    state, reach = way
    event, data, reason = stimulus
    with peer(pacs.address) as connected:
        reach(connected)
        connected.send(data)
        check(connected, ACCEPTOR_TABLE[state, event].action, reason)
    answers_echo(pacs)


def answers_echo(pacs: EmbeddedPacs) -> None:
    with peer(pacs.address) as healthy:
        healthy.associate()
        response, _ = healthy.call(c_echo_rq(7), context_id=3)
        assert response.status == 0
        healthy.release()


@pytest.mark.parametrize(
    "state", [State.STA_2, State.STA_3, State.STA_6, State.STA_8, State.STA_13], ids=lambda s: s.name
)
def test_every_event_of_a_peer_has_a_cell(state: State) -> None:
    assert all((state, event) in ACCEPTOR_TABLE for event in PEER_EVENTS)


@pytest.mark.parametrize(
    "way", [w for w in WAYS.values() if w[0] is not State.STA_6], ids=[w for w in WAYS if w != "Sta6"]
)
@pytest.mark.parametrize("trickle", [b"", header(1, 200)[:5], header(1, 200) + bytes(20)], ids=["nothing", "5", "26"])
def test_artim_closes_without_a_pdu(start: Start, way: tuple[State, Callable[[RawPeer], None]], trickle: bytes) -> None:
    pacs = start(Settings(artim_s=0.4))
    with peer(pacs.address) as connected:
        way[1](connected)
        begun_s = time.monotonic()
        connected.send(trickle)
        assert isinstance(connected.see(), Closed)
        assert 0.2 < time.monotonic() - begun_s < 2


def test_artim_does_not_begin_again_with_each_byte(start: Start) -> None:
    pacs = start(Settings(artim_s=0.4))
    with peer(pacs.address) as connected:
        begun_s = time.monotonic()
        for byte in request().encode()[:40]:
            connected.send(bytes([byte]))
            if not isinstance(connected.see(0.03), Silence):
                break
        assert time.monotonic() - begun_s < 1


def test_artim_does_not_police_an_association(start: Start) -> None:
    pacs = start(Settings(artim_s=0.1))
    with peer(pacs.address) as connected:
        connected.associate()
        assert isinstance(connected.see(0.4), Silence)
        response, _ = connected.call(c_echo_rq(1), context_id=3)
        assert response.status == 0


def test_an_idle_association_is_aborted_by_the_user(start: Start) -> None:
    pacs = start(Settings(idle_s=0.2))
    with peer(pacs.address) as connected:
        connected.associate()
        assert is_abort(connected.see(), 0, 0)


def test_bytes_one_by_one_are_the_same_pdus(pacs: EmbeddedPacs) -> None:
    with peer(pacs.address) as connected:
        for data in (request().encode(), ECHO_BYTES, ReleaseRQ().encode()):
            for byte in data:
                connected.send(bytes([byte]))
        assert isinstance(connected.see(), Associate)
        assert isinstance(connected.see(), PDataTF)
        assert isinstance(connected.see(), ReleaseRP)


def test_pdus_in_one_write_are_all_served(pacs: EmbeddedPacs) -> None:
    with peer(pacs.address) as connected:
        connected.send(request().encode() + ECHO_BYTES * 3 + ReleaseRQ().encode())
        kinds = [type(connected.see()) for _ in range(5)]
        assert kinds == [Associate, PDataTF, PDataTF, PDataTF, ReleaseRP]


def test_what_came_before_the_close_is_served(pacs: EmbeddedPacs) -> None:
    with peer(pacs.address) as connected:
        connected.associate()
        connected.send(ECHO_BYTES)
        connected.sock.shutdown(socket.SHUT_WR)
        assert isinstance(connected.see(), PDataTF)
        assert isinstance(connected.see(), Closed)


def test_a_flood_after_the_abort_is_not_kept(start: Start) -> None:
    pacs = start(Settings(artim_s=1.0))
    with peer(pacs.address) as connected:
        connected.send(header(255, 0xFFFF_FFFF))
        assert is_abort(connected.see(), 0, 0)
        sent = 0
        try:
            while sent < 64 << 20:
                sent += connected.sock.send(bytes(1 << 16))
        except (ConnectionError, TimeoutError):
            pass
    answers_echo(pacs)
