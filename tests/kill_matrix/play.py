"""One SCP in a process of its own: `python -m tests.kill_matrix.play KIND NAME LEVEL RESULT SCENARIO...`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest.mock import patch

from conformance.readback.base import DEFAULT_LATENCY_S
from conformance.readback.dimse import DimseReadBack
from conformance.verdict.finding import Verdict
from tests.faulty.registry import fault_named
from tests.kill_matrix.plan import Planned
from tests.odd.registry import oddity_named
from tests.scenarios.playing import play
from tests.scp import Scp

_LATENCY_S: Final = 0.1
_LAGS: Final = frozenset({"late-index"})
"""What lists an instance later than others do."""
_ELSEWHERE: Final = {"dies-of-4-gib": "it ends its process: tests/scenarios/test_upper_layer_faults.py plays it in one"}


def played_apart(planned: Planned, *, level: str, seconds: float) -> dict[str, Any]:
    """Play in a child process; a crash or a hang is a result."""
    result: dict[str, Any] = {"kind": planned.kind, "name": planned.name, "topic": planned.topic, "hits": []}
    if planned.name in _ELSEWHERE:
        return {**result, "outcome": "played elsewhere", "reason": _ELSEWHERE[planned.name]}
    if not planned.scenarios:
        return {**result, "outcome": "not played", "reason": "no table names scenarios"}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "result.json"
        command = [sys.executable, "-m", __name__, planned.kind, planned.name, level, str(file), *planned.scenarios]
        if not _finished(command, seconds):
            return {**result, "outcome": "not finished", "reason": f"more than {seconds:g} s"}
        if not file.exists():
            return {**result, "outcome": "not finished", "reason": "the process ended without a result"}
        return {**result, **json.loads(file.read_text())}


def _finished(command: list[str], seconds: float) -> bool:
    """Run a command to its end; False where it was ended, with all that it started, since the time was up."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    return True


def main(arguments: list[str]) -> None:
    """Play, and write what came of it."""
    kind, name, level, file, *scenarios = arguments
    options: tuple[str, ...] = (f"--pacs-level={level}",)
    scp: Scp
    verdict = Verdict.FAIL
    wanted: set[str] = set()
    allowed: frozenset[str] = frozenset()
    if kind == "fault":
        fault = fault_named(name)
        scp, needed = fault.to_be_caught()
        verdict, options = fault.caught_as, (*options, *needed)
        wanted = set(fault.catches)
    else:
        oddity = oddity_named(name)
        scp, needed = oddity.to_be_played()
        options, allowed = (*options, *needed), oddity.violates
    latency_s = DEFAULT_LATENCY_S if name in _LAGS else _LATENCY_S
    quick = patch("conformance.plugin.readbacks.DimseReadBack", partial(DimseReadBack, latency_s=latency_s))
    with scp, quick:
        played = play(scp, *scenarios, options=options)
    hits = sorted(
        {
            (f["requirement"], r["id"])
            for r in played.records
            for f in r["findings"]
            if f["verdict"] == verdict and (kind == "oddity" or f["requirement"] in {*wanted, *r["requirements"]})
        }
    )
    if kind == "oddity":
        hits = [hit for hit in hits if hit[0] not in allowed]
        faults_of_ours = [r["id"] for r in played.records if r["verdict"] == Verdict.ERROR]
        outcome = "accused" if hits else "fault of ours" if faults_of_ours else "not accused"
    else:
        outcome = "caught" if wanted <= {hit[0] for hit in hits} else "survived"
    if not played.records:
        outcome = "not played"
    seen = sorted({r["id"] for r in played.records})
    missing = ", ".join(sorted(wanted - {hit[0] for hit in hits}))
    reason = f"not judged {verdict}: {missing}" if missing else ""
    Path(file).write_text(json.dumps({"outcome": outcome, "hits": hits, "played": seen, "reason": reason}))


if __name__ == "__main__":
    main(sys.argv[1:])
