"""What the drivers send: whole, recorded, and never stuck on a peer that does not read."""

from __future__ import annotations

import hashlib
import socket
import threading
import time

import pytest

from conformance.driver.endpoint import Endpoint
from conformance.driver.pause import PausePoint
from conformance.driver.peer import Peer
from conformance.driver.recorder import Recorder
from conformance.driver.scu import ScuAssociation
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.observation.outcomes import Response
from conformance.observation.transcript import EventKind
from conformance.wire.command import CommandSet
from conformance.wire.fragments import message_bytes
from conformance.wire.messages import response
from conformance.wire.pdu import PDataTF
from tests.driver.scripted import (
    accept,
    read_command,
    read_data_set,
    read_pdu,
    rest,
    scripted,
    sent_pdus,
    wait_for_close,
)

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"


def an_instance(**size: int) -> Instance:
    return catalogue.build("CTImageStorage", IdentitySource(seed=1, scope="driver").new(), **size)


def answered(connection: socket.socket, request: CommandSet, status: int) -> None:
    command = response(request, status=status)
    connection.sendall(message_bytes(command, None, context_id=1, max_pdu_bytes=16384))


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
def test_both_drivers_send_the_instance_that_they_say(syntax: str) -> None:
    received: list[str] = []

    def script(connection: socket.socket) -> None:
        accept(connection)
        request = read_command(connection)
        received.append(hashlib.sha256(read_data_set(connection)).hexdigest())
        answered(connection, request, 0)
        wait_for_close(connection)

    instance = an_instance()
    contexts = contexts_of([(instance.sop_class_uid, (syntax,))])
    with scripted(script, timeout_s=3.0) as endpoint:
        with Peer(endpoint, Recorder()) as peer:
            peer.associate(contexts)
            by_peer = peer.store(instance.encoded(syntax), sent_of(instance, syntax), context_id=1)
        recorder = Recorder()
        association = ScuAssociation(endpoint, recorder, contexts)
        by_scu = association.store(instance)
        association.abort()
    assert by_peer.status == by_scu.status == 0
    assert by_peer.sent is not None
    assert by_scu.sent is not None
    assert received == [by_peer.sent.sha256, by_scu.sent.sha256] == [instance.sha256(syntax)] * 2


def test_fragments_keep_to_the_announced_maximum() -> None:
    def script(connection: socket.socket) -> None:
        accept(connection, max_pdu_bytes=129)
        wait_for_close(connection)

    instance = an_instance()
    with scripted(script) as endpoint, Peer(endpoint, Recorder()) as peer:
        peer.associate(contexts_of([(instance.sop_class_uid, (IMPLICIT,))]))
        assert peer.send_data(instance.encoded(IMPLICIT), context_id=1)
        pdus = sent_pdus(peer.transcript)
    fragments = [v.fragment for p in pdus if isinstance(p, PDataTF) for v in p.pdvs]
    assert b"".join(map(bytes, fragments)) == instance.encoded(IMPLICIT)
    assert max(len(f) for f in fragments) == 122
    assert all(len(f) % 2 == 0 for f in fragments)


def test_a_response_that_comes_early_does_not_stop_the_sending() -> None:
    """The target answers before the data set is there, and waits until its answer is read."""

    def script(connection: socket.socket) -> None:
        accept(connection)
        request = read_command(connection)
        for _ in range(2000):
            answered(connection, request, 0xA700)
        read_data_set(connection)
        wait_for_close(connection)

    instance = an_instance(rows=1024, columns=1024)
    with scripted(script, timeout_s=5.0) as endpoint, Peer(endpoint, Recorder()) as peer:
        peer.associate(contexts_of([(instance.sop_class_uid, (IMPLICIT,))]))
        exchange = peer.store(instance.encoded(IMPLICIT), sent_of(instance, IMPLICIT), context_id=1)
    assert isinstance(exchange.outcome, Response)
    assert exchange.complete
    assert exchange.status == 0xA700


def test_a_peer_that_does_not_read_is_given_up_at_the_deadline() -> None:
    done = threading.Event()

    def script(connection: socket.socket) -> None:
        accept(connection, max_pdu_bytes=0)
        done.wait(5.0)

    payload = bytes(64 * 2**20)
    with scripted(script, timeout_s=0.5) as endpoint, Peer(endpoint, Recorder()) as peer:
        peer.associate(contexts_of([("1.2.840.10008.5.1.4.1.1.2", (IMPLICIT,))]))
        began_s = time.monotonic()
        assert not peer.send_data(payload, context_id=1)
        done.set()
    assert time.monotonic() - began_s < 5.0
    assert any(event.kind is EventKind.SEND_FAILED for event in peer.transcript.events)


def test_sending_on_a_closed_connection_says_so() -> None:
    def script(connection: socket.socket) -> None:
        accept(connection)

    with scripted(script) as endpoint, Peer(endpoint, Recorder()) as peer:
        peer.associate(contexts_of([("1.2.840.10008.5.1.4.1.1.2", (IMPLICIT,))]))
        peer.wait_for_end(timeout_s=2.0)
        peer.send(b"x" * 65536)
        assert not peer.send(b"x" * 65536)


def test_every_event_has_a_time_and_they_ascend() -> None:
    def script(connection: socket.socket) -> None:
        accept(connection)
        wait_for_close(connection)

    recorder = Recorder()
    with scripted(script) as endpoint, Peer(endpoint, recorder) as peer:
        peer.associate(contexts_of([("1.2.840.10008.5.1.4.1.1.2", (IMPLICIT,))]))
    events = recorder.transcripts[0].events
    times = [event.t_s for event in events]
    assert times == sorted(times)
    assert events[0].kind is EventKind.CONNECTED
    assert events[-1].kind is EventKind.CLOSED


def test_contexts_beyond_128_are_refused() -> None:
    with pytest.raises(ValueError, match="129 presentation contexts"):
        contexts_of([("1.2.3", ("1.2.840.10008.1.2",))] * 129)


def test_requests_in_quick_succession_lose_no_response() -> None:
    def script(connection: socket.socket) -> None:
        accept(connection)
        for _ in range(100):
            answered(connection, read_command(connection), 0)
        wait_for_close(connection)

    contexts = contexts_of([("1.2.840.10008.1.1", (IMPLICIT,))])
    with scripted(script, timeout_s=2.0) as endpoint:
        association = ScuAssociation(endpoint, Recorder(), contexts)
        statuses = [association.echo(message_id=1).status for _ in range(100)]
        association.abort()
    assert statuses == [0] * 100


def test_a_reactor_counts_as_held_only_while_it_is() -> None:
    point = PausePoint()
    over = threading.Event()
    running = threading.Event()

    def reactor() -> None:
        while not over.is_set():
            point.wait(1.0)
            running.set()

    thread = threading.Thread(target=reactor, daemon=True)
    thread.start()
    try:
        assert point.hold(thread, timeout_s=2.0)
        running.clear()
        point.set()
        assert running.wait(2.0)
    finally:
        over.set()
        point.set()
        thread.join(5.0)


def test_a_reactor_that_has_ended_cannot_be_held() -> None:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    assert not PausePoint().hold(thread, timeout_s=0.5)


def test_an_endpoint_is_written_as_people_type_it() -> None:
    endpoint = Endpoint(host="::1", port=104, called_ae_title="PACS", calling_ae_title="ME", timeout_s=1.0)
    assert str(endpoint) == "PACS@[::1]:104"


def test_a_reactor_that_is_let_go_and_held_again_at_once_comes_by_again() -> None:
    point = PausePoint()
    over = threading.Event()

    def reactor() -> None:
        while not over.is_set():
            point.wait(5.0)

    thread = threading.Thread(target=reactor, daemon=True)
    thread.start()
    try:
        for _ in range(2000):
            assert point.hold(thread, timeout_s=2.0)
            point.set()
    finally:
        over.set()
        point.set()
        thread.join(5.0)


def test_the_wait_for_an_answer_begins_when_the_data_set_was_taken_in() -> None:
    """The target reads for three times the time-out after all has left us, and then answers at once."""

    def script(connection: socket.socket) -> None:
        accept(connection, max_pdu_bytes=4096)
        request = read_command(connection)
        is_last = False
        while not is_last:
            pdu = read_pdu(connection)
            assert isinstance(pdu, PDataTF)
            is_last = pdu.pdvs[-1].is_last
            rest(connection, 0.01)
        connection.sendall(message_bytes(response(request, status=0), None, context_id=1, max_pdu_bytes=16384))
        wait_for_close(connection)

    instance = an_instance(rows=600, columns=600)
    with scripted(script, timeout_s=0.6, buffer_bytes=4096) as endpoint, Peer(endpoint, Recorder()) as peer:
        peer.associate(contexts_of([(instance.sop_class_uid, (IMPLICIT,))]))
        began_s = time.monotonic()
        store = peer.store(instance.encoded(IMPLICIT), sent_of(instance, IMPLICIT), context_id=1)
        assert time.monotonic() - began_s > 1.5
    assert store.status == 0
