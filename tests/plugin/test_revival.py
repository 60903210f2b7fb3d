"""A target of ours that a scenario kills is started again, and what follows is judged."""

from __future__ import annotations

import threading
from pathlib import Path

from conformance.plugin.revival import Reviver
from conformance.target.base import RunningTarget, TargetError
from tests.plugin.runs import run_scenarios

DEADLINE_S = 10.0
SOURCE = '''
import pytest
import psutil
from conformance.driver.sending import contexts_of
from conformance.plugin import life
from conformance.verdict import responses

life.REVIVAL_S = 0.5
ECHO = contexts_of([("1.2.840.10008.1.1", ("1.2.840.10008.1.2",))])

def test_a_kills(peer, judge):
    """Stands in for a stimulus that the target does not survive."""
    with peer.associated(ECHO) as connection:
        for child in psutil.Process().children():
            child.kill()
        judge(responses.expect(connection.echo(context_id=1), "ECH-07", success=True))

@pytest.mark.parametrize("number", range(2))
def test_b_after(scu, judge, number):
    with scu.associate(ECHO) as association:
        judge(responses.expect(association.echo(), "ECH-07", success=True))
'''


def test_what_follows_the_death_of_an_embedded_target_is_judged(tmp_path: Path) -> None:
    done = run_scenarios(tmp_path, SOURCE, "--pacs-target=embedded", "--pacs-readback=none", "--pacs-timeout=1")
    assert done.exit_code == 1, done.output
    assert done.verdict_of("test_a_kills") == "FAIL"
    assert done.verdict_of("test_b_after[0]") == done.verdict_of("test_b_after[1]") == "PASS"
    notes = [record["notes"] for record in done.results["scenarios"]]
    assert notes == [[], ["the target was started again; it had not answered since test_made.py::test_a_kills"], []]


class _Target:
    """A target that counts how often it is started again."""

    def __init__(self, error: TargetError | None = None) -> None:
        self.restarts = 0
        self.restarted = threading.Event()
        self._error = error

    def start(self, run_dir: Path, *, deadline_s: float) -> RunningTarget:
        raise NotImplementedError

    def restart(self, *, deadline_s: float) -> None:
        self.restarts += 1
        self.restarted.set()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        raise NotImplementedError

    def alive(self) -> str | None:
        return None


def test_each_death_is_one_restart(tmp_path: Path) -> None:
    target, marker = _Target(), tmp_path / "dead"
    reviver = Reviver(target, marker, lambda line: None)
    reviver.start()
    marker.write_text("test_x.py::test_kills")
    assert target.restarted.wait(DEADLINE_S)
    reviver.stop()
    assert target.restarts == 1


def test_a_target_that_does_not_come_up_again_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    told = threading.Event()

    def notify(line: str) -> None:
        said.append(line)
        told.set()

    marker = tmp_path / "dead"
    marker.write_text("test_x.py::test_kills")
    reviver = Reviver(_Target(TargetError("it ended with exit code 1")), marker, notify)
    reviver.start()
    assert told.wait(DEADLINE_S)
    reviver.stop()
    assert said == ["the target could not be started again: it ended with exit code 1"]
