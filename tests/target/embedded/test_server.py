"""The PACS as a whole: starting, stopping, many at once; in this process, as a child, and as the target."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pytest

from conformance.target.base import TargetError, running
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Destination, DuplicatePolicy, Settings
from conformance.target.embedded.target import EmbeddedTarget
from conformance.wire.messages import c_echo_rq, c_store_rq
from tests.target.embedded.data import ct, encoded
from tests.target.embedded.raw import CT, Closed, peer

DEADLINE_S = 20.0
COMMAND = [sys.executable, "-m", "conformance.target.embedded"]


def store_one(address: tuple[str, int], pixels: int = 8) -> int | None:
    image = ct(pixels=pixels)
    with peer(address) as connected:
        connected.associate()
        rq = c_store_rq(1, sop_class_uid=CT, sop_instance_uid=image.SOPInstanceUID)
        response, _ = connected.call(rq, encoded(image))
        connected.release()
        return response.status


def test_stop_is_prompt_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pacs = EmbeddedPacs(Settings()).start()
    with peer(pacs.address) as waiting, peer(pacs.address) as associated:
        associated.associate()
        assert store_one(pacs.address, pixels=1200) == 0
        assert list(tmp_path.glob("*/*"))
        begun_s = time.monotonic()
        pacs.stop()
        assert time.monotonic() - begun_s < 2
        assert isinstance(waiting.see(), Closed)
        assert isinstance(associated.see(), Closed)
    assert list(tmp_path.iterdir()) == []
    assert not [t for t in threading.enumerate() if "embedded PACS" in t.name]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(pacs.address, timeout=1)
    pacs.stop()


def test_a_port_that_is_taken_is_an_error(pacs: EmbeddedPacs) -> None:
    other = EmbeddedPacs(Settings(), port=pacs.address[1])
    with pytest.raises(OSError, match="in use"):
        other.start()
    other.stop()


def test_many_short_connections_leak_no_thread_and_no_descriptor(pacs: EmbeddedPacs) -> None:
    def served() -> bool:
        with peer(pacs.address) as connected:
            connected.associate()
            return connected.call(c_echo_rq(1), context_id=3)[0].status == 0

    assert served()
    process = psutil.Process()
    threads, descriptors = threading.active_count(), process.num_fds()
    for number in range(300):
        with peer(pacs.address) as connected:
            if number % 3:
                connected.associate()
            if number % 3 == 2:
                connected.send(b"\4\0\0\0\x10\0abc")
            connected.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    end_s = time.monotonic() + 5
    while threading.active_count() > threads + 1 and time.monotonic() < end_s:
        assert served()
    assert served()
    assert threading.active_count() <= threads + 1
    assert process.num_fds() <= descriptors + 3


def test_memory_stays_bounded_whatever_a_length_claims(pacs: EmbeddedPacs) -> None:
    before = psutil.Process().memory_info().rss
    for head in (b"\1\0\xff\xff\xff\xff", b"\4\0\x7f\xff\xff\xff", b"\xff\0\xff\xff\xff\xff"):
        with peer(pacs.address) as connected:
            connected.send(head)
            assert type(connected.see()).__name__ == "AbortPdu"
    assert psutil.Process().memory_info().rss - before < 64 << 20


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, None], ids=["SIGTERM", "SIGINT", "end-of-input"])
def test_the_process_says_where_it_listens_and_ends_when_told(end: signal.Signals | None) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--aet", "OTHER", "--until-eof"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdin is not None
        line = process.stdout.readline()
        host, _, port = line.removeprefix("listening on ").strip().rpartition(":")
        assert store_one((host, int(port))) == 0
        if end is not None:
            process.send_signal(end)
            assert process.wait(DEADLINE_S) == 0
        process.communicate(timeout=DEADLINE_S)  # closes its input first
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate(timeout=DEADLINE_S)


@pytest.mark.parametrize(
    "arguments",
    [["--status", "XYZ"], ["--status", "10000"], ["--move-destination", "A@b:1"], ["--move-destination", "A=b:0"]],
    ids=" ".join,
)
def test_an_option_that_makes_no_sense_is_refused(arguments: list[str]) -> None:
    result = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    assert result.returncode == 2
    assert arguments[1] in result.stderr


def test_a_process_whose_port_is_taken_says_so(pacs: EmbeddedPacs) -> None:
    port = str(pacs.address[1])
    result = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith(f"cannot listen on 127.0.0.1:{port}: Address already in use (hint: ")
    assert result.stderr.count("\n") == 1


def test_the_target_is_a_child_with_these_settings(tmp_path: Path) -> None:
    settings = Settings(
        ae_title="TARGET",
        called_ae_required=True,
        artim_s=1.5,
        max_pdu_bytes=4096,
        max_associations=3,
        duplicate_policy=DuplicatePolicy.KEEP,
        store_status=0xB007,
        move_destinations={"DEST": Destination(host="127.0.0.1", port=104)},
    )
    target = EmbeddedTarget(settings)
    assert target.alive() == "it is not started"
    with running(target, tmp_path, deadline_s=DEADLINE_S) as up:
        assert (up.kind, up.ae_title) == ("embedded", "TARGET")
        assert target.alive() is None
        command = psutil.Process(int(up.description["pid"])).cmdline()
        for part in ("TARGET", "--called-ae-required", "1.5", "4096", "keep", "B007", "DEST=127.0.0.1:104"):
            assert part in command
        assert up.log_path is not None
        assert up.log_path.read_text().startswith("listening on 127.0.0.1:")
    assert not psutil.pid_exists(int(up.description["pid"]))
    target.stop()


def test_a_target_that_dies_says_how_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    target = EmbeddedTarget()
    with running(target, tmp_path, deadline_s=DEADLINE_S) as up:
        assert store_one((up.host, up.port), pixels=1200) == 0
        assert list(temporary.glob("*/*/*"))
        os.kill(int(up.description["pid"]), signal.SIGKILL)
        end_s = time.monotonic() + 5
        while target.alive() is None and time.monotonic() < end_s:
            pass
        assert "exit code -9" in (target.alive() or "")
    assert list(temporary.iterdir()) == []


def test_a_target_whose_port_is_taken_is_an_error(pacs: EmbeddedPacs, tmp_path: Path) -> None:
    target = EmbeddedTarget(port=pacs.address[1])
    with pytest.raises(TargetError, match="Address already in use") as caught:
        target.start(tmp_path, deadline_s=DEADLINE_S)
    assert caught.value.hint
