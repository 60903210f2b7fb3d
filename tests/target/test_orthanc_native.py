import os
import signal
import tempfile
import time
from pathlib import Path

import httpx
import psutil
import pytest

from conformance.target.base import TargetError, running
from conformance.target.orthanc_config import OrthancOptions
from conformance.target.orthanc_native import OrthancNative
from conformance.target.ready import echo


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the target makes the folder of its own, and nobody else any."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def program(tmp_path: Path, script: str) -> str:
    path = tmp_path / "fake-orthanc"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def start_fails(target: OrthancNative, run_dir: Path, deadline_s: float = 5) -> TargetError:
    with pytest.raises(TargetError) as caught:
        target.start(run_dir, deadline_s=deadline_s)
    return caught.value


def test_without_the_program_it_says_how_to_get_it(tmp_path: Path) -> None:
    error = start_fails(OrthancNative(program="no-such-orthanc"), tmp_path)
    assert str(error) == "the program no-such-orthanc is not on PATH"
    assert error.hint == "apt-get install orthanc, or use --target embedded"


def test_a_program_that_cannot_be_executed_is_reported(tmp_path: Path, temporary_folder: Path) -> None:
    path = tmp_path / "fake-orthanc"
    path.write_bytes(b"\x7fELF, but not really")
    path.chmod(0o755)
    assert "could not be started" in str(start_fails(OrthancNative(program=str(path)), tmp_path))
    assert list(temporary_folder.iterdir()) == []


def test_a_program_that_ends_at_once_is_reported(tmp_path: Path, temporary_folder: Path) -> None:
    fake = program(tmp_path, "echo bad configuration >&2; exit 3")
    error = start_fails(OrthancNative(program=fake), tmp_path)
    assert "ended before it was ready: the Orthanc process ended with exit code 3" in str(error)
    assert (tmp_path / "target.log").read_text() == "bad configuration\n"
    assert list(temporary_folder.iterdir()) == []


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("echo $$ > $0.pid; exec sleep 60", id="obeys"),
        pytest.param("trap '' TERM; echo $$ > $0.pid; while :; do sleep 60; done", id="ignores-sigterm"),
    ],
)
def test_a_program_that_never_answers_is_ended_at_the_deadline(
    tmp_path: Path, temporary_folder: Path, script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.target.orthanc_native._TERM_DEADLINE_S", 0.2)
    fake = program(tmp_path, script)
    error = start_fails(OrthancNative(program=fake), tmp_path, deadline_s=0.5)
    assert "did not answer a C-ECHO within" in str(error)
    assert not psutil.pid_exists(int((tmp_path / "fake-orthanc.pid").read_text()))
    assert list(temporary_folder.iterdir()) == []


def test_stopping_what_was_never_started_does_nothing() -> None:
    target = OrthancNative()
    target.stop()
    target.stop()
    assert target.alive() == "it is not started"


@pytest.mark.needs_orthanc
def test_a_real_orthanc_answers_and_leaves_nothing_behind(tmp_path: Path, temporary_folder: Path) -> None:
    target = OrthancNative(options=OrthancOptions(ae_title="ARCHIVE", check_called_ae_title=True))
    with running(target, tmp_path, deadline_s=30) as up:
        assert (up.kind, up.ae_title, up.log_path) == ("orthanc-native", "ARCHIVE", tmp_path / "target.log")
        assert echo(up.host, up.port, "ARCHIVE", timeout_s=5) is None
        # pynetdicom may see the end of the connection before it has read the A-ASSOCIATE-RJ.
        assert echo(up.host, up.port, "OTHER", timeout_s=5) in {"the association was rejected", "no association"}
        assert up.orthanc_url is not None
        assert httpx.get(f"{up.orthanc_url}/system").status_code == 401
        assert httpx.get(f"{up.orthanc_url}/system", auth=up.orthanc_auth).json()["DicomAet"] == "ARCHIVE"
        assert up.orthanc_auth is not None
        assert up.orthanc_auth[1] not in repr(up) + str(up.description)
        assert target.alive() is None
        pid = int(up.description["pid"])
    assert not psutil.pid_exists(pid)
    assert list(temporary_folder.iterdir()) == []
    log = (tmp_path / "target.log").read_text()
    assert "Orthanc has stopped" in log
    assert up.orthanc_auth[1] not in log


@pytest.mark.needs_orthanc
def test_a_real_orthanc_that_is_killed_is_told_from_a_living_one(tmp_path: Path) -> None:
    target = OrthancNative()
    with running(target, tmp_path, deadline_s=30) as up:
        os.kill(int(up.description["pid"]), signal.SIGKILL)
        deadline_s = time.monotonic() + 10
        while target.alive() is None and time.monotonic() < deadline_s:
            os.sched_yield()
        assert (target.alive() or "").startswith("the Orthanc process ended with signal SIGKILL; its last words: ")


@pytest.mark.needs_orthanc
def test_two_real_orthancs_do_not_disturb_each_other(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with (
        running(OrthancNative(), tmp_path / "one", deadline_s=30) as one,
        running(OrthancNative(), tmp_path / "two", deadline_s=30) as two,
    ):
        assert one.port != two.port
        assert one.orthanc_auth != two.orthanc_auth
        assert one.orthanc_url != two.orthanc_url


@pytest.mark.needs_orthanc
def test_one_that_was_killed_is_started_again_where_it_was(tmp_path: Path) -> None:
    target = OrthancNative()
    with running(target, tmp_path, deadline_s=30) as up:
        os.kill(int(up.description["pid"]), signal.SIGKILL)
        target.restart(deadline_s=30)
        assert echo(up.host, up.port, up.ae_title, timeout_s=5) is None
        assert target.alive() is None
    assert (tmp_path / "target.log").read_bytes().count(b"Orthanc has started") == 2


def test_one_that_was_never_started_is_not_started_again() -> None:
    with pytest.raises(TargetError, match="not started"):
        OrthancNative().restart(deadline_s=1)
