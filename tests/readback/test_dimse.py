"""Read-back by query and retrieve, and our own storage SCP, against the embedded PACS."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from conformance.driver.connection import Connection
from conformance.driver.endpoint import Endpoint
from conformance.driver.inbox import Inbox
from conformance.driver.peer import Peer
from conformance.driver.recorder import Recorder
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.observation.outcomes import Rejected, Released, Unexpected
from conformance.observation.stored import NotReadable, Stored, StoredCopy
from conformance.observation.transcript import Transcript
from conformance.readback import auto, dimse
from conformance.readback.base import Latency, NoReadBack
from conformance.readback.dimse import DimseReadBack
from conformance.readback.move_scp import MoveScp
from conformance.readback.part10 import decode_part10
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Destination, Settings
from conformance.wire import items
from conformance.wire.command import CommandField, CommandSet
from conformance.wire.fragments import Message, message_bytes
from conformance.wire.items import ContextResult
from conformance.wire.messages import c_find_rq, response
from conformance.wire.pdu import Associate, PduType
from tests.odd.registry import oddity_named
from tests.readback.programs import EXPLICIT, VERIFICATION, answers, endpoint_of, free_port, store

STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"


@pytest.fixture
def ct(request: pytest.FixtureRequest) -> Instance:
    return catalogue.build("CTImageStorage", IdentitySource(seed=7, scope=request.node.name).new())


@pytest.fixture
def move_scp(tmp_path: Path) -> Iterator[MoveScp]:
    with MoveScp(ae_title="CONFMOVE", port=0, folder=tmp_path / "spool", host="127.0.0.1") as started:
        yield started


@pytest.fixture
def pacs(move_scp: MoveScp) -> Iterator[Endpoint]:
    known = MappingProxyType({"CONFMOVE": Destination(host="127.0.0.1", port=move_scp.port)})
    with EmbeddedPacs(Settings(move_destinations=known)) as up:
        yield endpoint_of(up.address[1], up.ae_title)


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Have the read-back ask for SOP classes that nobody accepts instead of these services."""
    for name in names:
        monkeypatch.setattr(dimse, name, dict.fromkeys(getattr(dimse, name), f"1.2.3.{len(name)}"))
    monkeypatch.setattr(dimse, "_SERVICES", tuple(getattr(dimse, name) for name in ("FIND", "GET", "MOVE")))


@pytest.mark.parametrize(
    ("missing", "where"),
    [
        pytest.param((), "Study Root C-GET", id="find-get"),
        pytest.param(("GET",), "Study Root C-MOVE", id="find-move"),
        pytest.param(("FIND",), "Study Root C-GET", id="get-alone"),
    ],
)
def test_what_was_sent_comes_back(
    *,
    pacs: Endpoint,
    move_scp: MoveScp,
    ct: Instance,
    monkeypatch: pytest.MonkeyPatch,
    missing: tuple[str, ...],
    where: str,
) -> None:
    sent, _ = store(pacs, ct)
    without(monkeypatch, *missing)
    outcome = DimseReadBack(pacs, spool=move_scp.spool).find(sent, expect=True)
    assert isinstance(outcome, Stored), outcome
    (copy,) = outcome.copies
    assert (copy.where, outcome.listed, outcome.channel) == (where, 1, "dimse")
    assert copy.dataset.PixelData == ct.dataset.PixelData


def test_what_was_not_sent_is_not_there(pacs: Endpoint, ct: Instance) -> None:
    assert DimseReadBack(pacs).find(sent_of(ct, EXPLICIT)) == Stored(copies=(), listed=0, channel="dimse")


def test_what_was_filed_elsewhere_is_found_by_its_patient(ct: Instance) -> None:
    with oddity_named("coerces-study-and-series").make(0) as pacs:
        endpoint = endpoint_of(pacs.address[1], pacs.ae_title)
        sent, _ = store(endpoint, ct)
        outcome = DimseReadBack(endpoint, latency_s=0).find(sent, expect=True)
        unexpected = DimseReadBack(endpoint).find(sent)
    assert isinstance(outcome, Stored), outcome
    (copy,) = outcome.copies
    assert copy.dataset.StudyInstanceUID == f"{ct.dataset.StudyInstanceUID[:60]}.77"
    assert outcome.note == "found under another study or series of the patient than was sent"
    assert unexpected == Stored(copies=(), listed=0, channel="dimse")


@pytest.mark.parametrize("edit", ["PatientID", "anything"])
def test_what_is_nowhere_is_nowhere_of_the_patient_either(pacs: Endpoint, ct: Instance, edit: str) -> None:
    store(pacs, ct.changed(label="", edit=lambda d: setattr(d, "SOPInstanceUID", f"{ct.sop_instance_uid[:60]}.1")))
    sent = replace(sent_of(ct, EXPLICIT), patient_id="") if edit == "PatientID" else sent_of(ct, EXPLICIT)
    outcome = DimseReadBack(pacs, latency_s=0).find(sent, expect=True)
    assert outcome == Stored(copies=(), listed=0, channel="dimse")


def test_a_store_that_offers_nothing_to_look_with(
    pacs: Endpoint, ct: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, _ = store(pacs, ct)
    without(monkeypatch, "FIND", "GET", "MOVE")
    outcome = DimseReadBack(pacs).find(sent)
    assert isinstance(outcome, NotReadable)
    assert outcome.reason == "the target accepts no C-FIND, and no C-GET or C-MOVE that can be used"


def test_a_target_that_is_gone_is_no_verdict(ct: Instance) -> None:
    outcome = DimseReadBack(endpoint_of(free_port())).find(sent_of(ct, EXPLICIT))
    assert isinstance(outcome, NotReadable)
    assert "no TCP connection" in outcome.reason
    assert DimseReadBack(endpoint_of(free_port())).offers() == ()


def test_an_instance_without_a_study_cannot_be_looked_for(pacs: Endpoint, ct: Instance) -> None:
    sent = sent_of(ct.changed(label="", edit=lambda d: setattr(d, "StudyInstanceUID", "")), EXPLICIT)
    assert isinstance(DimseReadBack(pacs).find(sent), NotReadable)


def test_dimse_deletes_nothing(pacs: Endpoint, ct: Instance) -> None:
    channel = DimseReadBack(pacs)
    assert channel.delete([ct.sop_instance_uid]) == ()
    channel.close()


def test_auto_takes_dimse_where_it_is_offered(pacs: Endpoint) -> None:
    assert auto.choose(pacs).name == "dimse"
    assert "Study Root FIND" in DimseReadBack(pacs).offers()


def test_auto_says_why_there_is_no_read_back(ct: Instance) -> None:
    chosen = auto.choose(endpoint_of(free_port()))
    assert isinstance(chosen, NoReadBack)
    outcome = chosen.find(sent_of(ct, EXPLICIT))
    assert outcome == NotReadable(reason="the target accepts no query or retrieve service", channel="none")
    assert chosen.delete([ct.sop_instance_uid]) == ()
    chosen.close()


def test_looking_ends_when_it_is_there_or_the_time_is_up() -> None:
    nothing = Stored(copies=(), listed=0, channel="test")
    looks: list[int] = []

    def look() -> Stored:
        looks.append(1)
        return nothing

    assert Latency(60).look(look, expect=False) is nothing
    assert len(looks) == 1
    assert Latency(0.2).look(look, expect=True) is nothing
    assert len(looks) > 2
    unreadable = NotReadable(reason="", channel="test")
    assert Latency(60).look(lambda: unreadable, expect=True) is unreadable


# Our own storage SCP


def test_our_storage_scp_answers_an_echo_and_keeps_what_it_is_sent(move_scp: MoveScp, ct: Instance) -> None:
    endpoint = endpoint_of(move_scp.port, "CONFMOVE")
    assert answers(endpoint)
    sent, exchange = store(endpoint, ct)
    assert exchange.status == 0
    (path,) = move_scp.spool.files_of(sent.sop_instance_uid)
    read = decode_part10(path.read_bytes())
    assert (read.defect, read.media_storage_uid, read.transfer_syntax_uid) == ("", ct.sop_instance_uid, EXPLICIT)
    move_scp.spool.forget(sent.sop_instance_uid)
    assert move_scp.spool.files_of(sent.sop_instance_uid) == ()


def test_our_storage_scp_rejects_another_ae_title(move_scp: MoveScp) -> None:
    with Peer(endpoint_of(move_scp.port, "OTHER"), Recorder()) as peer:
        exchange = peer.associate(contexts_of([(VERIFICATION, (EXPLICIT,))]))
        assert exchange.outcome == Rejected(result=1, source=1, reason=7)


def test_our_storage_scp_offers_storage_and_verification_alone(move_scp: MoveScp, ct: Instance) -> None:
    with Peer(endpoint_of(move_scp.port, "CONFMOVE"), Recorder()) as peer:
        classes = (STUDY_ROOT_FIND, VERIFICATION, ct.sop_class_uid, "1.2.3.4")
        exchange = peer.associate(contexts_of([(uid, (EXPLICIT,)) for uid in classes]))
        assert [result.result for result in exchange.results] == [3, 0, 0, 0]
        assert peer.request(c_find_rq(1, sop_class_uid=STUDY_ROOT_FIND), b"", context_id=3).status == 0x0211
        assert isinstance(peer.release(), Released)


@pytest.mark.parametrize(
    "junk", [b"GET / HTTP/1.1\r\n\r\n", b"\x01\x00\xff\xff\xff\xff", b"\x04\x00\x00\x00\x00\x02\x00\x00"]
)
def test_our_storage_scp_outlives_junk(move_scp: MoveScp, junk: bytes) -> None:
    endpoint = endpoint_of(move_scp.port, "CONFMOVE")
    with Peer(endpoint, Recorder()) as peer:
        peer.send(junk)
        peer.wait_for_end(timeout_s=0.5)
    assert answers(endpoint)


def test_our_storage_scp_stops_with_connections_open(tmp_path: Path) -> None:
    scp = MoveScp(ae_title="CONFMOVE", port=0, folder=tmp_path, host="127.0.0.1").start()
    endpoint = endpoint_of(scp.port, "CONFMOVE")
    with Peer(endpoint, Recorder()) as peer:
        peer.associate(contexts_of([(VERIFICATION, (EXPLICIT,))]))
        scp.stop()
        scp.stop()
    assert not answers(endpoint)


def test_a_uid_cannot_lead_out_of_the_spool(move_scp: MoveScp, ct: Instance, tmp_path: Path) -> None:
    evil = ct.changed(label="evil", edit=lambda d: setattr(d, "SOPInstanceUID", "../../evil"))
    sent, _ = store(endpoint_of(move_scp.port, "CONFMOVE"), evil)
    (path,) = move_scp.spool.files_of(sent.sop_instance_uid)
    assert path.parent == tmp_path / "spool"


# Targets that do not behave


class Scripted:
    """Listens, accepts every presentation context, and answers each message as `reply` says; closes where it says None.

    Args:
        reply: Responses to a message, as pairs of command set and data set.
    """

    def __init__(self, reply: Callable[[Message], list[tuple[CommandSet, bytes | None]] | None]) -> None:
        self._reply = reply
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def endpoint(self) -> Endpoint:
        port = int(self._listener.getsockname()[1])
        return replace(endpoint_of(port), timeout_s=2.0)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except TimeoutError:
                continue
            connection = Connection(sock, Transcript(label="", peer=""))
            try:
                self._serve(connection)
            finally:
                connection.close()

    def _serve(self, connection: Connection) -> None:
        inbox = Inbox()
        while (data := connection.receive(deadline_s=time.monotonic() + 5)) is not None:
            inbox.feed(data)
            while (message := inbox.next_message()) is not None:
                if isinstance(message, Unexpected) and isinstance(message.pdu, Associate):
                    connection.send((accepting(message.pdu).encode(),), timeout_s=5)
                elif isinstance(message, Message) and (answers := self._reply(message)) is not None:
                    for command, data_set in answers:
                        data = message_bytes(command, data_set, context_id=message.context_id, max_pdu_bytes=16384)
                        if not connection.send((data,), timeout_s=5):
                            return
                else:
                    return


def accepting(request: Associate) -> Associate:
    results = [
        ContextResult(context_id=c.context_id, result=0, transfer_syntaxes=c.transfer_syntaxes[:1])
        for c in request.proposed_contexts
    ]
    user = items.user_information_item([items.maximum_length_item(16384)])
    return replace(
        request,
        pdu_type=PduType.A_ASSOCIATE_AC,
        items=(items.application_context_item(), *map(items.context_result_item, results), user),
    )


def listing(message: Message, status: int = 0) -> list[tuple[CommandSet, bytes | None]]:
    """A C-FIND that lists what is asked for."""
    pending = response(message.command, status=0xFF00, data_set=True)
    return [(pending, message.data_set), (response(message.command, status=status), None)]


def failing(message: Message) -> list[tuple[CommandSet, bytes | None]] | None:
    if message.command.command_field == CommandField.C_FIND_RQ:
        return listing(message)
    return [(response(message.command, status=0xA702), None)]


def closing(message: Message) -> list[tuple[CommandSet, bytes | None]] | None:
    return listing(message) if message.command.command_field == CommandField.C_FIND_RQ else None


def refusing(message: Message) -> list[tuple[CommandSet, bytes | None]] | None:
    return [(response(message.command, status=0xC000), None)]


def empty(message: Message) -> list[tuple[CommandSet, bytes | None]] | None:
    if message.command.command_field == CommandField.C_FIND_RQ:
        return listing(message)
    return [(response(message.command, status=0), None)]


def silent(_: Message) -> list[tuple[CommandSet, bytes | None]] | None:
    return []


def asking_back(_: Message) -> list[tuple[CommandSet, bytes | None]] | None:
    return [(c_find_rq(1, sop_class_uid=STUDY_ROOT_FIND), b"")]


def endless(message: Message) -> list[tuple[CommandSet, bytes | None]] | None:
    return [(response(message.command, status=0xFF00, data_set=True), message.data_set)] * 10_001


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        pytest.param(failing, "C-GET: A702H", id="retrieval-fails"),
        pytest.param(closing, "C-GET: the target closed the connection", id="retrieval-closes"),
        pytest.param(refusing, "C-FIND: C000H", id="query-fails"),
        pytest.param(silent, "C-FIND: silence", id="silence"),
        pytest.param(asking_back, "C-FIND: an unexpected C-FIND-RQ", id="request-instead-of-response"),
        pytest.param(endless, "C-FIND: no end after", id="endless-matches"),
    ],
)
def test_a_query_that_fails_is_no_verdict(
    ct: Instance, reply: Callable[[Message], list[tuple[CommandSet, bytes | None]] | None], reason: str
) -> None:
    scripted = Scripted(reply)
    try:
        outcome = DimseReadBack(scripted.endpoint).find(sent_of(ct, EXPLICIT))
    finally:
        scripted.stop()
    assert isinstance(outcome, NotReadable), outcome
    assert reason in outcome.reason


def test_what_is_listed_and_not_given_back_is_said_so(ct: Instance) -> None:
    scripted = Scripted(empty)
    try:
        outcome = DimseReadBack(scripted.endpoint).find(sent_of(ct, EXPLICIT))
    finally:
        scripted.stop()
    assert outcome == Stored(copies=(), listed=1, channel="dimse")


def test_what_is_large_may_take_longer_to_come(ct: Instance) -> None:
    scripted = Scripted(silent)
    readback = DimseReadBack(replace(scripted.endpoint, timeout_s=0.5))
    small = sent_of(ct, EXPLICIT)
    try:
        outcomes = [readback.find(sent) for sent in (small, replace(small, data_set_bytes=8 << 20))]
    finally:
        scripted.stop()
    assert [str(outcome).partition("silence for ")[2][:5] for outcome in outcomes] == ["0.5 s", "1.5 s"]


def test_waiting_for_nothing_again_and_again_is_cut_short(ct: Instance) -> None:
    nothing = Stored(copies=(), listed=0, channel="test")
    copy = StoredCopy(sop_instance_uid="1.2", dataset=ct.dataset, transfer_syntax_uid=EXPLICIT, where="test")
    latency = Latency(0.4)

    def seconds(outcome: Stored, *, expect: bool) -> float:
        began_s = time.monotonic()
        assert latency.look(lambda: outcome, expect=expect) is outcome
        return time.monotonic() - began_s

    assert [seconds(nothing, expect=True) >= 0.4 for _ in range(4)] == [True, True, True, False]
    assert seconds(nothing, expect=False) < 0.4
    assert seconds(replace(nothing, copies=(copy,)), expect=True) < 0.4
    assert seconds(nothing, expect=True) >= 0.4


def test_what_was_once_slow_to_appear_is_waited_for_as_long_again(ct: Instance) -> None:
    nothing = Stored(copies=(), listed=0, channel="test")
    copy = StoredCopy(sop_instance_uid="1.2", dataset=ct.dataset, transfer_syntax_uid=EXPLICIT, where="test")
    there = replace(nothing, copies=(copy,))
    latency = Latency(1.0)

    def appearing(after_s: float) -> Stored:
        ready_s = time.monotonic() + after_s
        found = latency.look(lambda: there if time.monotonic() >= ready_s else nothing, expect=True)
        assert isinstance(found, Stored)
        return found

    assert appearing(0.4) is there
    assert [appearing(60) for _ in range(3)] == [nothing] * 3
    assert appearing(0.6) is there
