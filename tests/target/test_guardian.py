"""What a run has started ends with it, even where the run is killed; what has ended by itself is left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import psutil
import pytest

from conformance.target import guardian
from conformance.target.guardian import Guardian

DEADLINE_S: Final = 20.0
RUN: Final = """
import subprocess, sys, time
from pathlib import Path
from conformance.target.guardian import Guardian
program = subprocess.Popen([sys.executable, "-c", sys.argv[2]], stdout=subprocess.PIPE)
program.stdout.read(1)
guardian = Guardian(program.pid, Path(sys.argv[1]))
print(program.pid, flush=True)
time.sleep(60)
"""
SLEEPS: Final = "import time; print('.', flush=True); time.sleep(60)"
DEAF: Final = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"


def test_a_killed_run_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "storage").mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", RUN, str(folder), SLEEPS], stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        pid = int(run.stdout.readline())
        guarded = psutil.Process(pid)
        watch = next(p for p in psutil.Process(run.pid).children() if "conformance.target.guardian" in p.cmdline())
        os.kill(run.pid, signal.SIGKILL)
    psutil.wait_procs([watch], timeout=DEADLINE_S)
    assert not watch.is_running()
    assert not guarded.is_running() or guarded.status() == psutil.STATUS_ZOMBIE
    assert not folder.exists()


def test_what_does_not_heed_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guardian, "_TERM_DEADLINE_S", 0.1)
    nothing, silent_end = os.pipe()
    heard, output = os.pipe()
    os.close(silent_end)
    with (
        subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE) as program,
        os.fdopen(nothing) as stdin,
        os.fdopen(output, "w") as stdout,
        os.fdopen(heard),
    ):
        assert program.stdout is not None
        program.stdout.read(1)
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(sys, "stdout", stdout)
        guardian.main(program.pid, tmp_path / "folder")
        monkeypatch.undo()
        assert program.wait(DEADLINE_S) == -signal.SIGKILL


def test_what_is_released_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEPS]) as program:
        watch = Guardian(program.pid, tmp_path)
        program.kill()
    watch.release()
    watch.release()
    assert tmp_path.exists()
