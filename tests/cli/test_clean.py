"""`pacs-conformance clean`: what a run left on a target is listed, deleted where that can be, and nothing else is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.evidence.journal import Journal, created
from conformance.evidence.results import ResultsWriter, read_results
from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource, run_uid_root
from conformance.target.base import RunningTarget, running
from conformance.target.orthanc_native import OrthancNative
from tests.cli.commands import cli, free_port
from tests.evidence.samples import a_header, a_record
from tests.plugin.test_killed import started
from tests.readback.programs import endpoint_of, store

PATIENCE_S = 60.0
SCENARIOS = "test_on_the_same_association or test_priority"


def _run(folder: Path, *uids: str, **header: Any) -> Path:
    """A folder of a run with seed 7 that was killed after it had noted these UIDs."""
    folder.mkdir()
    with ResultsWriter(folder / "results.json", a_header(seed=7, **header)):
        journal = Journal(folder, fresh=True)
        source = IdentitySource(seed=7, scope="a scenario", made=lambda made: journal.made("a scenario", made))
        journal.sending("a scenario", source.new().sop_instance_uid)
        for uid in uids:
            journal.sending("a scenario", uid)
        journal.close()
    return folder


@pytest.mark.parametrize("content", [None, "{}", "no JSON"], ids=["empty", "another JSON", "no JSON"])
def test_a_folder_that_is_no_run_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "results.json").write_text(content)
    done = cli("clean", str(tmp_path), "--yes")
    assert done.returncode == 4
    assert "is no folder of a run" in done.stderr
    assert "hint: name the folder of a run" in done.stderr


def test_without_a_channel_that_deletes_there_is_a_list_for_the_administrator(tmp_path: Path) -> None:
    done = cli("clean", str(_run(tmp_path / "run")))
    assert done.returncode == 0
    assert "1 instance may be on" in done.stdout
    assert "Patient ID CONF-7-" in done.stdout
    assert "hand this list to the administrator" in done.stdout


def test_a_target_that_a_killed_run_had_started_is_named(tmp_path: Path) -> None:
    target = a_header()["target"] | {"kind": "orthanc-native", "description": "pid: 4711"}
    folder = _run(tmp_path / "run", target=target)
    done = cli("clean", str(folder))
    assert done.returncode == 0
    assert "the target, orthanc-native, was started by the run, and what it stored goes with it" in done.stdout
    assert "the run did not end, so the target may still be there: pid: 4711\nhint: stop it" in done.stdout


def test_the_list_names_each_instance_and_cleans_what_it_shows(tmp_path: Path) -> None:
    folder = _run(tmp_path / "run", "1.2.3\x1b[31m<b>")
    done = cli("clean", str(folder), "--list", "--readback", f"orthanc=http://127.0.0.1:{free_port()}", "--yes")
    assert done.returncode == 0
    assert f"  {run_uid_root(7)}." in done.stdout
    assert "1.2.3\\x1b[31m<b>  answer not recorded  a scenario" in done.stdout
    assert "\x1b" not in done.stdout


def test_nothing_is_deleted_without_a_yes(tmp_path: Path) -> None:
    done = cli("clean", str(_run(tmp_path / "run")), "--readback", f"orthanc=http://127.0.0.1:{free_port()}")
    assert done.returncode == 2
    assert "deleted" not in done.stdout


def test_what_cannot_be_reached_may_remain(tmp_path: Path) -> None:
    folder = _run(tmp_path / "run", "1.2.3")
    done = cli("clean", str(folder), "--readback", f"orthanc=http://127.0.0.1:{free_port()}", "--yes")
    assert done.returncode == 3
    assert "0 deleted, 0 were not there, 1 may remain" in done.stdout
    assert "1 were sent under UIDs that others may have given as well; they are left alone" in done.stdout


def test_a_scenario_that_ended_counts_with_what_it_sent(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    journal = Journal(folder, fresh=True)
    sent = a_record()
    source = IdentitySource(seed=7, scope="a scenario", made=lambda made: journal.made(sent["id"], made))
    unsent, other = source.new(), source.new()
    journal.sending(sent["id"], other.sop_instance_uid)
    with ResultsWriter(folder / "results.json", a_header(seed=7)) as writer:
        writer.append(sent)
    found = {one.sop_instance_uid: one for one in created(folder, read_results(folder / "results.json"))}
    assert unsent.sop_instance_uid not in found
    assert found[other.sop_instance_uid].patient_id == other.patient_id
    assert set(found) - {other.sop_instance_uid} == {row["sop_instance_uid"] for row in sent["instances"]}


def test_a_torn_line_of_the_journal_is_passed_over(tmp_path: Path) -> None:
    folder = _run(tmp_path / "run")
    journal = folder / "sent.jsonl"
    journal.write_bytes(journal.read_bytes() + b'{"sop_instance_uid": "1.2')
    assert len(created(folder, read_results(folder / "results.json"))) == 1


def _count(up: RunningTarget) -> int:
    answer = httpx.get(f"{up.orthanc_url}/statistics", auth=up.orthanc_auth, trust_env=False)
    return int(answer.json()["CountInstances"])


@pytest.mark.needs_orthanc
def test_a_run_that_was_killed_is_cleaned_up_after_and_nothing_else_is_touched(tmp_path: Path) -> None:
    foreign = catalogue.build("CTImageStorage", IdentitySource(seed=99, scope="somebody else").new())
    (tmp_path / "orthanc").mkdir()
    with running(OrthancNative(), tmp_path / "orthanc", deadline_s=60) as up:
        assert up.orthanc_url is not None
        assert up.orthanc_auth is not None
        assert store(endpoint_of(up.port, up.ae_title), foreign)[1].status == 0
        address = f"{up.ae_title}@{up.host}:{up.port}"
        journal = tmp_path / "run" / "sent.jsonl"
        with started(tmp_path, address, "--readback", "none", "-k", SCENARIOS) as child:
            deadline_s = time.monotonic() + PATIENCE_S
            while _count(up) < 6:
                assert child.poll() is None, (tmp_path / "output").read_text()
                assert time.monotonic() < deadline_s
            os.killpg(child.pid, signal.SIGKILL)
            child.wait(PATIENCE_S)
        assert journal.read_text().count('"sent": true') >= 5
        url = up.orthanc_url.replace("://", f"://{up.orthanc_auth[0]}:{up.orthanc_auth[1]}@")
        before = shutil.copytree(tmp_path / "run", tmp_path / "before")
        done = cli("clean", str(tmp_path / "run"), "--readback", f"orthanc={url}", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        assert " 0 may remain" in done.stdout
        assert up.orthanc_auth[1] not in done.stdout + done.stderr
        assert _count(up) == 1
        again = cli("clean", str(tmp_path / "run"), "--readback", f"orthanc={url}", "--yes")
        assert "0 deleted, " in again.stdout
    assert json.loads((before / "results.json").read_text()) == json.loads((tmp_path / "run/results.json").read_text())
