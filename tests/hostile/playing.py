"""A run of the suite against a hostile peer, in a process of its own whose time and memory are measured."""

from __future__ import annotations

import json
import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any, Final

from conformance.cli.run import scenarios_folder
from tests.hostile.child import work
from tests.hostile.front import HostileFront
from tests.hostile.registry import PLAYED_FILES, Hostile

RUN_LIMIT_S: Final = 600.0
_PRELOADED: Final = [
    "conformance.cli",
    "conformance.plugin.session",
    "conformance.plugin.fixtures",
    "tests.hostile.child",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A finished run.

    Args:
        exit_code: Of the run; None when it had to be killed.
        seconds: From its start to its end.
        peak_bytes: The most memory that the process had resident.
        idle_bytes: What it had resident when it began.
        output: What it wrote to the terminal.
        folder: The run's.
    """

    exit_code: int | None
    seconds: float
    peak_bytes: int
    idle_bytes: int
    output: str
    folder: Path

    @property
    def results(self) -> dict[str, Any]:
        """results.json."""
        found: dict[str, Any] = json.loads((self.folder / "results.json").read_text(encoding="utf-8"))
        return found

    @property
    def verdicts(self) -> list[str]:
        """The verdicts of the scenarios that were played."""
        return [str(record["verdict"]) for record in self.results["scenarios"]]


def play(hostile: Hostile, folder: Path, *, timeout_s: float, revival_s: float | None = None) -> Played:
    """Run the suite against a hostile peer.

    Args:
        hostile: Which one.
        folder: Where the run's folder is made.
        timeout_s: How long the suite waits for an answer.
        revival_s: How long a target that does not answer is asked again; the suite's own time by default.
    """
    with HostileFront(hostile, timeout_s=timeout_s) as front:
        options = [o.format(folder=folder) for o in hostile.options]
        return run(
            [
                *("run", front.address, "--output", str(folder / "run"), "--timeout", str(timeout_s)),
                *("-k", hostile.plays, *options),
                *("--", *_left_out()),
            ],
            folder,
            revival_s=revival_s,
        )


def run(arguments: list[str], folder: Path, *, revival_s: float | None) -> Played:
    """Run a command of the suite in a new process."""
    context = _context()
    ours, theirs = context.Pipe(duplex=False)
    output = folder / "output.txt"
    began_s = time.monotonic()
    child = context.Process(target=work, args=(arguments, str(output), revival_s, theirs))
    child.start()
    theirs.close()
    peak_bytes = idle_bytes = 0
    exit_code: int | None = None
    try:
        if ours.poll(RUN_LIMIT_S):
            exit_code, idle_bytes, peak_bytes = ours.recv()
    except EOFError:
        exit_code = None
    finally:
        ours.close()
        child.kill()
        child.join()
    return Played(
        exit_code=exit_code,
        seconds=time.monotonic() - began_s,
        peak_bytes=peak_bytes,
        idle_bytes=idle_bytes,
        output=output.read_text(encoding="utf-8", errors="surrogateescape"),
        folder=folder / "run",
    )


def _left_out() -> list[str]:
    """Options that spare the collection of files of which no hostile peer plays a scenario."""
    return [
        f"--ignore={path}" for path in sorted(scenarios_folder().glob("test_*.py")) if path.name not in PLAYED_FILES
    ]


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context
