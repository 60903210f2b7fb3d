"""What the Orthanc channel makes of answers that a healthy Orthanc does not give."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import pytest

from conformance.driver.sending import sent_of
from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.observation.exchanges import Sent
from conformance.observation.stored import NotReadable, Stored
from conformance.readback.orthanc import OrthancReadBack
from tests.readback.programs import free_port

Answers = dict[str, tuple[int, bytes]]
ID = "66c8e41e-ac3a9029-0b85e42a-8195ee0a-92c2e62e"
ROWS = json.dumps([{"ID": ID, "Type": "Instance"}, {"ID": ID[::-1], "Type": "Study"}]).encode()


@pytest.fixture(scope="module")
def sent() -> Sent:
    ct = catalogue.build("CTImageStorage", IdentitySource(seed=7, scope="orthanc").new())
    return sent_of(ct, "1.2.840.10008.1.2.1")


@contextmanager
def answering(answers: Answers, asked: list[str] | None = None) -> Iterator[OrthancReadBack]:
    """A channel to a server that gives these answers by path, and 404 to any other; what was asked is listed."""
    requests = [] if asked is None else asked

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            requests.append(f"{self.command} {self.path}")
            status, body = answers.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the base class names them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    channel = OrthancReadBack(f"http://127.0.0.1:{server.server_port}", timeout_s=5, latency_s=0.2)
    try:
        yield channel
    finally:
        channel.close()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("lookup", "reason"),
    [
        pytest.param((500, b""), "HTTP 500 for /tools/lookup", id="error"),
        pytest.param((200, b"<html>"), "JSONDecodeError", id="no-json"),
        pytest.param((200, b"{}"), "/tools/lookup gave dict, no list", id="no-list"),
        pytest.param(
            (200, json.dumps([{"ID": ID, "Type": "Instance"} for _ in range(65)]).encode()),
            "65 instances under one UID",
            id="too-many",
        ),
    ],
)
def test_an_answer_that_cannot_be_used_is_no_verdict(sent: Sent, lookup: tuple[int, bytes], reason: str) -> None:
    with answering({"/tools/lookup": lookup}) as channel:
        outcome = channel.find(sent, expect=True)
    assert isinstance(outcome, NotReadable)
    assert reason in outcome.reason


def _answer_once(listener: socket.socket, *, broken_off: int = 0) -> None:
    """Answer the first request of each connection, and close it at the second one without a word.

    The first connections are closed without any answer.
    """
    with suppress(OSError):
        for number in count():
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as requests:
                while (line := requests.readline()) not in (b"\r\n", b""):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                requests.read(length)
                if number < broken_off:
                    continue
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
                requests.readline()


def test_a_connection_is_not_used_again(sent: Sent) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answer_once, args=(listener,))
        thread.start()
        channel = OrthancReadBack(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_s=5, latency_s=0)
        try:
            found = [channel.find(sent) for _ in range(3)]
        finally:
            channel.close()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
    assert found == [Stored(copies=(), listed=0, channel="orthanc")] * 3


@pytest.mark.parametrize(("broken_off", "readable"), [(0, True), (1, True), (2, False)])
def test_a_connection_that_breaks_off_is_made_again_once(sent: Sent, broken_off: int, readable: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answer_once, args=(listener,), kwargs={"broken_off": broken_off})
        thread.start()
        channel = OrthancReadBack(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_s=5, latency_s=0)
        try:
            found = channel.find(sent)
        finally:
            channel.close()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
    assert isinstance(found, Stored) is readable


def test_nobody_answers(sent: Sent) -> None:
    channel = OrthancReadBack(f"http://127.0.0.1:{free_port()}", timeout_s=2)
    assert isinstance(channel.find(sent), NotReadable)
    assert channel.delete([sent.sop_instance_uid]) == ()
    channel.close()


def test_only_instances_count(sent: Sent) -> None:
    with answering({"/tools/lookup": (200, ROWS), f"/instances/{ID}/file": (200, b"garbage")}) as channel:
        outcome = channel.find(sent)
    assert isinstance(outcome, Stored)
    assert [copy.where for copy in outcome.copies] == [f"/instances/{ID}/file"]


def test_an_instance_that_is_listed_and_gone_is_listed(sent: Sent) -> None:
    with answering({"/tools/lookup": (200, ROWS)}) as channel:
        assert channel.find(sent) == Stored(copies=(), listed=1, channel="orthanc")


def _answers_about(uid: str) -> Answers:
    """An instance that is there, and stays there whatever is asked for."""
    tags = json.dumps({"MainDicomTags": {"SOPInstanceUID": uid}}).encode()
    return {"/tools/lookup": (200, ROWS), f"/instances/{ID}": (200, tags)}


def test_what_is_still_listed_was_not_deleted(sent: Sent) -> None:
    with answering(_answers_about(sent.sop_instance_uid)) as channel:
        assert channel.delete([sent.sop_instance_uid]) == ()


@pytest.mark.parametrize("uid", ["1.2.3", ""], ids=["another UID", "no UID"])
def test_an_instance_with_another_uid_is_never_deleted(sent: Sent, uid: str) -> None:
    asked: list[str] = []
    with answering(_answers_about(uid), asked) as channel:
        assert channel.delete([sent.sop_instance_uid]) == ()
    assert [line for line in asked if line.startswith("DELETE")] == []


def test_an_identifier_that_is_a_path_is_never_asked_for(sent: Sent) -> None:
    asked: list[str] = []
    rows = json.dumps([{"ID": "../patients/1", "Type": "Instance"}]).encode()
    with answering({"/tools/lookup": (200, rows)}, asked) as channel:
        outcome = channel.find(sent)
        assert channel.delete([sent.sop_instance_uid]) == ()
    assert isinstance(outcome, NotReadable)
    assert "which is no identifier of Orthanc" in outcome.reason
    assert set(asked) == {"POST /tools/lookup"}
