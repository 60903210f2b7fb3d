"""The process that plays a run: its output in a file, its memory measured by itself."""

from __future__ import annotations

import os
import resource
import sys
from multiprocessing.connection import Connection

import conformance.plugin.life
from conformance.cli import main


def work(arguments: list[str], output: str, revival_s: float | None, answer: Connection) -> None:
    """Run, and send exit code, resident bytes at the beginning, and resident bytes at most."""
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    if revival_s is not None:
        conformance.plugin.life.REVIVAL_S = revival_s  # type: ignore[misc]
    sys.argv = ["pacs-conformance", *arguments]
    os.environ["NO_COLOR"] = "1"
    idle_bytes = _peak_bytes()
    exit_code = main(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    answer.send((exit_code, idle_bytes, _peak_bytes()))
    answer.close()


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
