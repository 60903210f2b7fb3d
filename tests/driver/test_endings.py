"""Different endings are different outcomes, for both drivers."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from typing import Final

import pytest

from conformance.driver.endpoint import Endpoint
from conformance.driver.peer import Peer
from conformance.driver.recorder import Recorder
from conformance.driver.recording_socket import RecordingSocket
from conformance.driver.scu import ScuAssociation
from conformance.driver.sending import contexts_of
from conformance.observation.exchanges import AssociationExchange, OperationExchange, Sent
from conformance.observation.outcomes import (
    Aborted,
    Accepted,
    Closed,
    NotConnected,
    Outcome,
    Rejected,
    Released,
    Reset,
    Response,
    Silence,
    Undecodable,
    Unexpected,
)
from conformance.observation.transcript import EventKind
from conformance.wire.command import CommandField
from conformance.wire.fragments import message_bytes
from conformance.wire.messages import VERIFICATION_SOP_CLASS, response
from conformance.wire.pdu import AbortPdu, AssociateRJ, PduType, ReleaseRP, header
from tests.driver.scripted import (
    DEADLINE_S,
    Script,
    accept,
    read_command,
    read_data_set,
    read_pdu,
    reset,
    rest,
    scripted,
    wait_for_close,
)

ECHO = contexts_of([(VERIFICATION_SOP_CLASS, ("1.2.840.10008.1.2",))])
CT = contexts_of([("1.2.840.10008.5.1.4.1.1.2", ("1.2.840.10008.1.2",))])
LARGE = Sent(
    label="16 MiB",
    sop_class_uid="1.2.840.10008.5.1.4.1.1.2",
    sop_instance_uid="1.2.3",
    transfer_syntax_uid="1.2.840.10008.1.2",
    data_set_bytes=16 << 20,
    sha256="",
)

SEND: Final = RecordingSocket.send
ENDS: Final = (EventKind.TIMED_OUT, EventKind.PEER_CLOSED, EventKind.PEER_RESET)

Associating = Callable[[Endpoint], AssociationExchange]
Echoing = Callable[[Endpoint], OperationExchange]


def associate_with_peer(endpoint: Endpoint) -> AssociationExchange:
    with Peer(endpoint, Recorder()) as peer:
        return peer.associate(ECHO)


def associate_with_scu(endpoint: Endpoint) -> AssociationExchange:
    with ScuAssociation(endpoint, Recorder(), ECHO) as association:
        return association.exchange


def echo_with_peer(endpoint: Endpoint) -> OperationExchange:
    with Peer(endpoint, Recorder()) as peer:
        peer.associate(ECHO)
        return peer.echo(context_id=1)


def echo_with_scu(endpoint: Endpoint) -> OperationExchange:
    with ScuAssociation(endpoint, Recorder(), ECHO) as association:
        return association.echo()


both_associate = pytest.mark.parametrize("associate", [associate_with_peer, associate_with_scu], ids=["peer", "scu"])
both_echo = pytest.mark.parametrize("echo", [echo_with_peer, echo_with_scu], ids=["peer", "scu"])


def answer_request(data: bytes) -> Script:
    def script(connection: socket.socket) -> None:
        read_pdu(connection)
        connection.sendall(data)
        wait_for_close(connection)

    return script


def stay_silent(connection: socket.socket) -> None:
    wait_for_close(connection)


def close_at_an_abort(connection: socket.socket) -> None:
    while not isinstance(read_pdu(connection), AbortPdu):
        pass


def close_at_once(connection: socket.socket) -> None:
    read_pdu(connection)


def reset_at_once(connection: socket.socket) -> None:
    read_pdu(connection)
    reset(connection)


@both_associate
@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        pytest.param(answer_request(AssociateRJ(result=1, source=1, reason=7).encode()), Rejected, id="rejection"),
        pytest.param(answer_request(AbortPdu(source=2, reason=1).encode()), Aborted, id="abort"),
        pytest.param(answer_request(ReleaseRP().encode()), Unexpected, id="another PDU"),
        pytest.param(answer_request(header(9, 0)), Unexpected, id="unknown PDU"),
        pytest.param(answer_request(header(2, 4) + b"\0\1\0\0"), Undecodable, id="cut accept"),
        pytest.param(close_at_once, Closed, id="close"),
        pytest.param(reset_at_once, Reset, id="reset"),
        pytest.param(stay_silent, Silence, id="silence"),
        pytest.param(close_at_an_abort, Silence, id="silence until our abort"),
    ],
)
def test_association_outcome(associate: Associating, script: Script, outcome: type[Outcome]) -> None:
    with scripted(script, timeout_s=1.0) as endpoint:
        assert isinstance(associate(endpoint).outcome, outcome)


@both_associate
def test_accepted(associate: Associating) -> None:
    def script(connection: socket.socket) -> None:
        accept(connection)
        assert read_pdu(connection) is not None
        connection.sendall(ReleaseRP().encode())

    with scripted(script) as endpoint:
        exchange = associate(endpoint)
    assert isinstance(exchange.outcome, Accepted)
    assert exchange.results[0].accepted


# pynetdicom drops its socket unclosed when it is refused; the collector closes it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@both_associate
def test_nobody_listens(associate: Associating) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    endpoint = Endpoint(host="127.0.0.1", port=port, called_ae_title="A", calling_ae_title="B", timeout_s=1.0)
    assert isinstance(associate(endpoint).outcome, NotConnected)


def after_accept(script: Script) -> Script:
    def whole(connection: socket.socket) -> None:
        accept(connection)
        script(connection)

    return whole


def answer_echo(connection: socket.socket, *, status: int = 0) -> None:
    command = response(read_command(connection), status=status)
    connection.sendall(message_bytes(command, None, context_id=1, max_pdu_bytes=16384))


def abort_echo(connection: socket.socket) -> None:
    read_command(connection)
    connection.sendall(AbortPdu(source=0, reason=0).encode())
    wait_for_close(connection)


@both_echo
@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        pytest.param(abort_echo, Aborted, id="abort"),
        pytest.param(close_at_once, Closed, id="close"),
        pytest.param(reset_at_once, Reset, id="reset"),
        pytest.param(stay_silent, Silence, id="silence"),
        pytest.param(close_at_an_abort, Silence, id="silence until our abort"),
    ],
)
def test_request_outcome(echo: Echoing, script: Script, outcome: type[Outcome]) -> None:
    with scripted(after_accept(script), timeout_s=0.5) as endpoint:
        assert isinstance(echo(endpoint).outcome, outcome)


@both_echo
def test_a_response_has_its_status_and_time(echo: Echoing) -> None:
    def script(connection: socket.socket) -> None:
        answer_echo(connection, status=0x0122)
        wait_for_close(connection)

    with scripted(after_accept(script), timeout_s=1.0) as endpoint:
        outcome = echo(endpoint).outcome
    assert isinstance(outcome, Response)
    assert outcome.command.status == 0x0122
    assert 0 <= outcome.after_s < 1.0


def test_what_follows_a_silence_on_the_scu_is_not_called_silence() -> None:
    with (
        scripted(after_accept(stay_silent), timeout_s=0.5) as endpoint,
        ScuAssociation(endpoint, Recorder(), ECHO) as association,
    ):
        first, second = association.echo(), association.echo()
    assert isinstance(first.outcome, Silence)
    assert isinstance(second.outcome, NotConnected)
    assert not second.complete


def send_until_closed(connection: RecordingSocket, data: bytes) -> int:
    """Send; where it is an A-ABORT the target has closed before anything else is done."""
    sent = SEND(connection, data)
    if data[0] == PduType.A_ABORT:
        readable, _, _ = select.select([connection], [], [], DEADLINE_S)
        assert readable
    return sent


@pytest.mark.parametrize("ask", ["echo", "release"])
def test_a_connection_that_closes_at_our_abort_was_silent(ask: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RecordingSocket, "send", send_until_closed)
    recorder = Recorder()
    with (
        scripted(after_accept(close_at_an_abort), timeout_s=0.5) as endpoint,
        ScuAssociation(endpoint, recorder, ECHO) as association,
    ):
        outcome = association.echo().outcome if ask == "echo" else association.release()
    assert isinstance(outcome, Silence)
    ends = [event.kind for event in recorder.transcripts[0].events if event.kind in ENDS]
    assert ends[:2] == [EventKind.TIMED_OUT, EventKind.PEER_CLOSED]


@both_echo
def test_a_request_from_the_target_is_no_response(echo: Echoing) -> None:
    def script(connection: socket.socket) -> None:
        request = read_command(connection)
        connection.sendall(message_bytes(request, None, context_id=1, max_pdu_bytes=16384))
        wait_for_close(connection)

    with scripted(after_accept(script), timeout_s=0.5) as endpoint:
        assert isinstance(echo(endpoint).outcome, Unexpected)


def test_a_trickled_answer_is_put_together() -> None:
    def script(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        command = response(read_command(connection), status=0)
        for byte in message_bytes(command, None, context_id=1, max_pdu_bytes=16384):
            connection.sendall(bytes((byte,)))
        wait_for_close(connection)

    with scripted(after_accept(script)) as endpoint:
        assert echo_with_peer(endpoint).status == 0


def test_an_endless_trickle_ends_at_the_deadline() -> None:
    def script(connection: socket.socket) -> None:
        read_pdu(connection)
        connection.sendall(header(2, 1000))
        while True:
            connection.sendall(b"\0")
            rest(connection, 0.01)

    with scripted(script, timeout_s=0.4) as endpoint:
        began_s = time.monotonic()
        outcome = associate_with_peer(endpoint).outcome
    assert isinstance(outcome, Silence)
    assert outcome.pending
    assert time.monotonic() - began_s < 3.0


@pytest.mark.parametrize("length", [2**26 + 1, 2**31, 2**32 - 1])
def test_a_length_that_nobody_can_mean_is_not_waited_for(length: int) -> None:
    with scripted(answer_request(header(2, length)), timeout_s=5.0) as endpoint:
        began_s = time.monotonic()
        assert isinstance(associate_with_peer(endpoint).outcome, Undecodable)
    assert time.monotonic() - began_s < 3.0


@pytest.mark.parametrize("data", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x03\x00\x02\x02\x28"])
def test_another_protocol_is_not_dicom(data: bytes) -> None:
    def script(connection: socket.socket) -> None:
        read_pdu(connection)
        connection.sendall(data)

    with scripted(script, timeout_s=1.0) as endpoint:
        outcome = associate_with_peer(endpoint).outcome
    assert isinstance(outcome, Undecodable | Unexpected | Closed)


def test_release_is_answered() -> None:
    def script(connection: socket.socket) -> None:
        read_pdu(connection)
        connection.sendall(ReleaseRP().encode())

    with scripted(after_accept(script)) as endpoint, Peer(endpoint, Recorder()) as peer:
        peer.associate(ECHO)
        assert isinstance(peer.release(), Released)


def test_what_was_aborted_is_not_released() -> None:
    heard: list[bytes] = []

    def script(connection: socket.socket) -> None:
        accept(connection)
        read_pdu(connection)
        connection.sendall(AbortPdu(source=0, reason=0).encode())
        heard.append(connection.recv(16))

    with scripted(script) as endpoint, Peer(endpoint, Recorder()) as peer:
        peer.associate(ECHO)
        peer.echo(context_id=1)
        began_s = time.monotonic()
        assert isinstance(peer.release(), Aborted)
        assert time.monotonic() - began_s < 1
    assert heard == [b""]


def test_the_answer_to_a_large_data_set_is_waited_for_longer() -> None:
    """For 16 MiB two seconds more than the time-out of one second, at whose end the answer has not come."""

    def script(connection: socket.socket) -> None:
        accept(connection)
        request = read_command(connection)
        if request.command_field == CommandField.C_STORE_RQ:
            read_data_set(connection)
        rest(connection, 1.7)
        connection.sendall(message_bytes(response(request, status=0), None, context_id=1, max_pdu_bytes=16384))
        wait_for_close(connection)

    with scripted(script, timeout_s=1.0) as endpoint:
        with Peer(endpoint, Recorder()) as peer:
            peer.associate(CT)
            assert peer.store(bytes(16 << 20), LARGE, context_id=1).status == 0
        with Peer(endpoint, Recorder()) as peer:
            peer.associate(ECHO)
            assert isinstance(peer.echo(context_id=1).outcome, Silence)
