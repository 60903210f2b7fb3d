"""Beside other workers a scenario is not blamed for their silence, and what may stall a target is done alone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from conformance.driver.recorder import Recorder
from conformance.plugin.company import Company, forget, told_of
from conformance.preflight import serves_in_parallel
from conformance.target.embedded.server import EmbeddedPacs
from tests.plugin.runs import run_scenarios
from tests.readback.programs import endpoint_of

_BYTES = 1 << 16

IN_COMPANY = '''
from pathlib import Path
import pytest
from conformance.driver.again import until
from conformance.driver.sending import contexts_of
from conformance.verdict.finding import Verdict, finding

ECHO = contexts_of([("1.2.840.10008.1.1", ("1.2.840.10008.1.2",))])
HELD = Path("held")

def test_holds_the_target(peer, judge):
    """It says nothing for a while."""
    with peer() as connection:
        HELD.touch()
        connection.wait_for_end(timeout_s=3.0)
        judge(finding("STA-02", Verdict.PASS, expected="silence", actual="silence"))

def test_asks_meanwhile(peer, judge):
    """It is an ordinary request."""
    until(HELD.exists, bool, within_s=20.0)
    with peer.associated(ECHO) as connection:
        judge(finding("UL-RQ-01", Verdict.PASS, expected="an answer", actual="an answer"))
        connection.release()
'''

SILENT = '''
import pytest
from conformance.verdict.finding import Verdict, finding

@pytest.mark.parametrize("number", range(2))
def test_waits(peer, judge, number):
    """Nothing comes, and the verdict says so."""
    with peer() as connection:
        ended = connection.wait_for_end(timeout_s=0.2)
        judge(finding("UL-RQ-01", Verdict.FAIL, expected="an answer", actual=type(ended).__name__))
'''


@contextmanager
def one_at_a_time(pacs: EmbeddedPacs) -> Iterator[int]:
    """The port of a relay that serves a connection when the one before it is over."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=32)

    def forward(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_BYTES):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with suppress(OSError):
            while True:
                peer, _ = listener.accept()
                with peer, socket.create_connection(pacs.address, timeout=30) as inside:
                    back = threading.Thread(target=forward, args=(inside, peer), daemon=True)
                    back.start()
                    forward(peer, inside)
                    back.join(30)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def test_a_silence_that_another_worker_caused_is_met_alone_and_told(tmp_path: Path) -> None:
    with EmbeddedPacs() as pacs, one_at_a_time(pacs) as port:
        target = ("--pacs", f"{pacs.ae_title}@127.0.0.1:{port}", "--pacs-readback=none", "--pacs-timeout=1", "-n", "2")
        done = run_scenarios(tmp_path, IN_COMPANY, *target)
    assert done.exit_code == 0, done.output
    assert done.verdict_of("test_asks_meanwhile") == "PASS"
    (record,) = [r for r in done.results["scenarios"] if r["id"].endswith("test_asks_meanwhile")]
    (note,) = record["notes"]
    assert note.startswith("made again while no other worker used the target; beside others it was FAIL: UL-RQ-01")
    assert not list(done.folder.glob(".worker-*"))


def test_a_silence_that_is_met_alone_as_well_stands(tmp_path: Path) -> None:
    with EmbeddedPacs() as pacs:
        host, port = pacs.address
        done = run_scenarios(tmp_path, SILENT, "--pacs", f"{pacs.ae_title}@{host}:{port}", "-n", "2")
    assert done.exit_code == 1
    for record in done.results["scenarios"]:
        assert record["verdict"] == "FAIL"
        assert len(record["notes"]) == 1


def test_whether_a_target_is_serial_is_seen_by_a_connection_that_stalls() -> None:
    with EmbeddedPacs() as pacs:
        parallel = serves_in_parallel(endpoint_of(pacs.address[1], pacs.ae_title), Recorder(), timeout_s=1.0)
        with one_at_a_time(pacs) as port:
            serial = serves_in_parallel(endpoint_of(port, pacs.ae_title), Recorder(), timeout_s=0.3)
    assert (parallel, serial) == (True, False)


def test_one_worker_has_no_company(tmp_path: Path) -> None:
    with EmbeddedPacs() as pacs:
        host, port = pacs.address
        done = run_scenarios(tmp_path, SILENT, "--pacs", f"{pacs.ae_title}@{host}:{port}", "-n", "1")
    assert [record["notes"] for record in done.results["scenarios"]] == [[], []]


def test_alone_waits_for_the_others_and_keeps_them_out(tmp_path: Path) -> None:
    first, second = (Company(folder=tmp_path, worker=n, count=2, patience_s=0.1) for n in range(2))
    with first.beside_others():
        with second.beside_others():
            pass
        with second.alone() as is_alone:
            assert not is_alone
    with second.alone() as is_alone:
        assert is_alone
        with first.alone() as also:
            assert not also
    forget(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_the_first_attempt_stored_is_kept_with_the_second() -> None:
    finding = {"requirement": "UL-RQ-01", "verdict": "FAIL", "actual": "silence for 1.0 s"}
    first = {"verdict": "FAIL", "findings": [finding], "instances": [{"sop_instance_uid": "1.2"}]}
    second = {"verdict": "PASS", "findings": [], "notes": ["n"], "instances": [{"sop_instance_uid": "1.3"}]}
    told = told_of(first, second, why="while no other worker used the target; beside others it was")
    assert [row["sop_instance_uid"] for row in told["instances"]] == ["1.3", "1.2"]
    assert told["verdict"] == "PASS"
    assert told["notes"] == [
        "n",
        "made again while no other worker used the target; beside others it was FAIL: UL-RQ-01: silence for 1.0 s",
    ]
