"""Every wait of a driver ends, and nothing that a peer sends or claims fills the memory."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from typing import Final

import pytest

from conformance.driver import connection as connections
from conformance.driver import recording_socket
from conformance.driver.endpoint import Endpoint
from conformance.driver.getting import get
from conformance.driver.peer import Peer
from conformance.driver.recorder import Recorder
from conformance.driver.retrieve import Moment, run
from conformance.driver.scu import ScuAssociation
from conformance.driver.sending import contexts_of
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import NotConnected, Outcome, Silence, Undecodable, describe
from conformance.observation.transcript import EventKind
from conformance.verdict.responses import Reactions
from conformance.wire import messages
from conformance.wire.fragments import message_bytes, segment
from conformance.wire.pdu import PduType
from tests.driver.scripted import Script, accept, read_command, rest, scripted, wait_for_close

TIMEOUT_S: Final = 0.3
FIND: Final = contexts_of([("1.2.840.10008.5.1.4.1.2.2.1", ("1.2.840.10008.1.2",))])
ECHO: Final = contexts_of([(messages.VERIFICATION_SOP_CLASS, ("1.2.840.10008.1.2",))])
REQUEST: Final = messages.c_find_rq(1, sop_class_uid="1.2.840.10008.5.1.4.1.2.2.1")

Asking = Callable[[Peer], OperationExchange]


def ask(peer: Peer) -> OperationExchange:
    return peer.request(REQUEST, b"", context_id=1)


def ask_with_get(peer: Peer) -> OperationExchange:
    return get(peer, REQUEST, b"", context_id=1, choose=lambda _index, _uid: 0)[0]


def ask_with_cancel(peer: Peer) -> OperationExchange:
    return run(peer, REQUEST, b"", context_id=1, moment=Moment.NEVER).exchange


def pending_each(pause_s: float) -> Script:
    """Accept, and answer with Pending responses at this pace as long as somebody listens."""

    def script(connection: socket.socket) -> None:
        accept(connection)
        answer = messages.response(read_command(connection), status=0xFF00)
        data = message_bytes(answer, None, context_id=1, max_pdu_bytes=16384)
        while True:
            connection.sendall(data)
            if pause_s:
                rest(connection, pause_s)

    return script


@pytest.mark.parametrize("pause_s", [0.0, 0.8 * TIMEOUT_S], ids=["as fast as can be", "in step with the time-out"])
@pytest.mark.parametrize("asking", [ask, ask_with_get, ask_with_cancel])
def test_pending_responses_without_end(asking: Asking, pause_s: float) -> None:
    with scripted(pending_each(pause_s), timeout_s=TIMEOUT_S) as endpoint, Peer(endpoint, Recorder()) as peer:
        peer.associate(FIND)
        began_s = time.monotonic()
        exchange = asking(peer)
        seconds = time.monotonic() - began_s
    assert isinstance(exchange.outcome, Silence)
    assert "Pending responses, and no final response" in describe(exchange.outcome)
    assert seconds < 10.0
    assert len(exchange.pending) <= 10_000
    assert not Reactions(silence=True).include(exchange.outcome)


def echo_after(script: Script) -> tuple[Outcome, float]:
    """What the well-behaved SCU makes of a script, and how long that took."""
    with scripted(script, timeout_s=TIMEOUT_S) as endpoint, ScuAssociation(endpoint, Recorder(), ECHO) as association:
        began_s = time.monotonic()
        return association.echo().outcome, time.monotonic() - began_s


def test_the_scu_gives_up_on_a_pdu_that_trickles() -> None:
    def script(connection: socket.socket) -> None:
        accept(connection)
        read_command(connection)
        for byte in struct.pack(">BBI", PduType.P_DATA_TF, 0, 1000) + bytes(100):
            connection.sendall(bytes((byte,)))
            rest(connection, 0.8 * TIMEOUT_S)

    outcome, seconds = echo_after(script)
    assert isinstance(outcome, Silence)
    assert seconds < 5.0


def test_the_scu_stops_reading_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_socket, "RECEIVED_BYTES_LIMIT", 1 << 18)

    def script(connection: socket.socket) -> None:
        accept(connection)
        read_command(connection)
        while True:
            connection.sendall(b"".join(segment(bytes(16000), context_id=1, control=1)))

    outcome, seconds = echo_after(script)
    assert isinstance(outcome, NotConnected)
    assert "we stopped reading" in outcome.reason
    assert seconds < 10.0


def test_the_scu_is_not_kept_from_its_turn_by_half_a_pdu() -> None:
    def script(connection: socket.socket) -> None:
        accept(connection)
        connection.sendall(struct.pack(">BBI", PduType.P_DATA_TF, 0, 1000))
        wait_for_close(connection)

    outcome, seconds = echo_after(script)
    assert isinstance(outcome, NotConnected | Silence)
    assert seconds < 10.0


def test_the_peer_stops_reading_a_flood() -> None:
    def script(connection: socket.socket) -> None:
        accept(connection)
        command = messages.response(read_command(connection), status=0xFF00, data_set=True)
        connection.sendall(message_bytes(command, None, context_id=1, max_pdu_bytes=16384))
        while True:
            connection.sendall(b"".join(segment(bytes(16000), context_id=1, control=0)))

    with scripted(script) as endpoint, Peer(endpoint, Recorder(), limit_bytes=1 << 20) as peer:
        peer.associate(FIND)
        exchange = ask(peer)
    assert isinstance(exchange.outcome, NotConnected)
    assert "we stopped reading" in exchange.outcome.reason
    assert EventKind.TOO_MUCH in {event.kind for event in peer.transcript.events}


@pytest.mark.parametrize("claim", [0xFFFFFFFF, 5 << 20], ids=["4 GiB", "5 MiB"])
def test_a_pdu_longer_than_any_that_was_announced_is_not_waited_for(claim: int) -> None:
    def script(connection: socket.socket) -> None:
        accept(connection)
        connection.sendall(struct.pack(">BBI", PduType.P_DATA_TF, 0, claim))
        wait_for_close(connection)

    with scripted(script) as endpoint, Peer(endpoint, Recorder()) as peer:
        peer.associate(FIND)
        outcome = ask(peer).outcome
    assert isinstance(outcome, Undecodable)
    assert f"claims {claim} bytes" in outcome.what


def send_to(script: Script, data: bytes) -> tuple[bool, float, str]:
    """Whether all of it went out, how long that took, and what the transcript says last."""
    with scripted(script, timeout_s=TIMEOUT_S) as endpoint, Peer(endpoint, Recorder()) as peer:
        began_s = time.monotonic()
        sent = peer.send(data)
        return sent, time.monotonic() - began_s, peer.transcript.events[-1].detail


def test_a_peer_that_reads_slowly_does_not_keep_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "SLOWEST_BYTES_PER_S", 1 << 30)

    def script(connection: socket.socket) -> None:
        while connection.recv(1 << 19):
            rest(connection, 0.1 * TIMEOUT_S)

    sent, seconds, words = send_to(script, bytes(64 << 20))
    assert not sent
    assert "the peer read less than" in words
    assert seconds < 5.0


def test_a_peer_that_reads_nothing_does_not_keep_us() -> None:
    sent, _, words = send_to(rest, bytes(64 << 20))
    assert not sent
    assert "the peer read nothing for 0.3 s" in words


def test_a_peer_that_floods_while_we_send_waits_until_it_has_read() -> None:
    def script(connection: socket.socket) -> None:
        connection.settimeout(5 * TIMEOUT_S)
        while True:
            connection.sendall(bytes(1 << 20))

    recorder = Recorder()
    with scripted(script, timeout_s=TIMEOUT_S) as endpoint, Peer(endpoint, recorder) as peer:
        assert not peer.send(bytes(64 << 20))
    received = sum(len(e.data) for e in peer.transcript.events if e.kind is EventKind.RECEIVED)
    assert received < 8 << 20


def test_each_c_store_is_announced_before_it_is_sent() -> None:
    announced: list[str] = []

    def script(connection: socket.socket) -> None:
        accept(connection)
        assert read_command(connection).affected_sop_instance_uid == "1.2.3.4"
        assert announced == ["1.2.3.4"]

    with scripted(script) as endpoint:
        _store(endpoint, Recorder(before_store=announced.append))
    assert announced == ["1.2.3.4"]


def _store(endpoint: Endpoint, recorder: Recorder) -> None:
    with Peer(endpoint, recorder) as peer:
        peer.associate(ECHO)
        peer.send_command(messages.c_store_rq(1, sop_class_uid="1.2.3", sop_instance_uid="1.2.3.4"), context_id=1)
        peer.wait_for_end(timeout_s=2.0)
