"""`pacs-conformance run` as a person starts it, to its end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.plugin.runs import Done, environment

COMMAND = Path(sys.executable).with_name("pacs-conformance")
DEADLINE_S = 900.0


def complete_run(folder: Path, *options: str, seed: int = 7) -> Done:
    """A run of every scenario of the standard level.

    Args:
        folder: Where the run lands; its name is the name of the run.
        options: The target, and how it is read back.
        seed: Another one where the target keeps what a run before has stored.
    """
    command = [str(COMMAND), "run", *options, "--output", str(folder), "--seed", str(seed)]
    done = subprocess.run(
        command,
        cwd=folder.parent,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    return Done(exit_code=done.returncode, output=done.stdout + done.stderr, folder=folder)
