"""A run that is killed, at whatever moment: what had finished can be read, rendered, and told from what had not."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from jsonschema import Draft202012Validator

from conformance.evidence.journal import created
from conformance.evidence.results import read_results
from tests.cli.commands import COMMAND, cli, silent_port
from tests.plugin.runs import environment, results_schema

PATIENCE_S = 60.0
CHOSEN = "test_verification or test_on_the_same_association or test_priority"


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A run in a process group of its own, of which nothing is left at the end."""
    with (folder / "output").open("wb") as output:
        child = subprocess.Popen(
            [str(COMMAND), "run", *arguments, "--output", str(folder / "run")],
            env=environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait(PATIENCE_S)


def wait_until(come: Callable[[], bool], child: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait for a state of a run that goes on."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not come():
        assert child.poll() is None, (folder / "output").read_text()
        assert time.monotonic() < deadline_s, (folder / "output").read_text()
        os.sched_yield()


def finished(folder: Path) -> int:
    """How many scenarios stand in a record that is being written."""
    path = folder / "run" / "results.json"
    return path.read_text(encoding="ascii", errors="replace").count('{"id": "') if path.exists() else 0


def read_after_all(folder: Path) -> dict[str, Any]:
    """What a killed run left, read by the suite, rendered by the suite, and valid."""
    results = read_results(folder / "run" / "results.json")
    Draft202012Validator(results_schema()).validate(results)
    assert results["summary"]["interrupted"] is True
    done = cli("report", str(folder / "run"))
    assert done.returncode == 0, done.stderr
    assert "INTERRUPTED" in done.stdout
    assert json.loads((folder / "run" / "results.json").read_text())["scenarios"] == results["scenarios"]
    for name in ("evidence.html", "instances.csv", "manifest.json"):
        assert (folder / "run" / name).stat().st_size > 0
    return results


def test_in_the_preflight(tmp_path: Path) -> None:
    with silent_port() as port, started(tmp_path, f"PACS@127.0.0.1:{port}", "--timeout", "50") as child:
        wait_until((tmp_path / "run" / "results.json").exists, child, tmp_path)
        child.kill()
        child.wait(PATIENCE_S)
    results = read_after_all(tmp_path)
    assert results["scenarios"] == []
    assert results["target"]["address"] == f"PACS@127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("seed", "workers"),
    [pytest.param(1, (), id="1"), pytest.param(2, (), id="2"), pytest.param(3, ("-n", "2"), id="with workers")],
)
def test_at_a_random_moment_of_the_scenarios(tmp_path: Path, seed: int, workers: tuple[str, ...]) -> None:
    chance = random.Random(seed)
    count = chance.randint(1, 12)
    with started(tmp_path, "--target", "embedded", "-k", CHOSEN, *workers) as child:
        wait_until(lambda: finished(tmp_path) >= count, child, tmp_path)
        moment_s = time.monotonic() + chance.uniform(0, 0.05)
        wait_until(lambda: time.monotonic() >= moment_s, child, tmp_path)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait(PATIENCE_S)
    results = read_after_all(tmp_path)
    assert len(results["scenarios"]) >= count
    sent = {row["sop_instance_uid"] for record in results["scenarios"] for row in record["instances"]}
    known = {one.sop_instance_uid for one in created(tmp_path / "run", results)}
    assert sent < known, "the preflight's instance is in the journal alone"


@pytest.mark.needs_orthanc
def test_the_target_that_it_has_started_ends_with_it(tmp_path: Path) -> None:
    with started(tmp_path, "--target", "orthanc-native", "-k", CHOSEN) as child:
        wait_until(lambda: finished(tmp_path) >= 1, child, tmp_path)
        started_by_it = psutil.Process(child.pid).children(recursive=True)
        assert "Orthanc" in {process.name() for process in started_by_it}
        os.killpg(child.pid, signal.SIGKILL)
        child.wait(PATIENCE_S)
    assert psutil.wait_procs(started_by_it, timeout=PATIENCE_S)[1] == []


def test_while_the_report_is_rendered(tmp_path: Path) -> None:
    with started(tmp_path, "--target", "embedded", "-k", "test_echo") as child:
        wait_until((tmp_path / "run" / "evidence.html").exists, child, tmp_path)
        child.kill()
        child.wait(PATIENCE_S)
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    Draft202012Validator(results_schema()).validate(results)
    assert results["summary"]["exit_code"] == 0
    done = cli("report", str(tmp_path / "run"))
    assert done.returncode == 0
    assert (tmp_path / "run" / "manifest.json").exists()


def test_a_killed_worker_costs_its_scenario_alone(tmp_path: Path) -> None:
    with started(tmp_path, "--target", "embedded", "-k", CHOSEN, "-n", "2") as child:
        wait_until(lambda: finished(tmp_path) >= 2, child, tmp_path)
        # xdist gives a worker another title where setproctitle is installed; the target keeps its command.
        began = psutil.Process(child.pid).children()
        workers = [process for process in began if "conformance.target.embedded" not in process.cmdline()]
        workers[0].kill()
        child.wait(PATIENCE_S)
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    Draft202012Validator(results_schema()).validate(results)
    verdicts = [record["verdict"] for record in results["scenarios"]]
    assert results["summary"]["finished_at"] is not None
    assert verdicts.count("ERROR") <= 1
    assert verdicts.count("PASS") + verdicts.count("INFO") > 2
