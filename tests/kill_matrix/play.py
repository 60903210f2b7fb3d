"""One SCP in a process of its own: `python -m tests.kill_matrix.play KIND NAME LEVEL RESULT SCENARIO...`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from conformance.verdict.finding import Verdict
from tests.faulty.registry import fault_named
from tests.kill_matrix.needs import faulty
from tests.kill_matrix.plan import Planned
from tests.odd.registry import Scp, oddity_named
from tests.scenarios.playing import play


def played_apart(planned: Planned, *, level: str, seconds: float) -> dict[str, Any]:
    """Play in a child process; a crash or a hang is a result."""
    result: dict[str, Any] = {"kind": planned.kind, "name": planned.name, "topic": planned.topic, "hits": []}
    if not planned.scenarios:
        return {**result, "outcome": "not played", "reason": "no table names scenarios"}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "result.json"
        command = [sys.executable, "-m", __name__, planned.kind, planned.name, level, str(file), *planned.scenarios]
        try:
            subprocess.run(command, timeout=seconds, check=False, capture_output=True)
        except subprocess.TimeoutExpired:
            return {**result, "outcome": "not finished", "reason": f"more than {seconds:g} s"}
        if not file.exists():
            return {**result, "outcome": "not finished", "reason": "the process ended without a result"}
        return {**result, **json.loads(file.read_text())}


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
        scp, needed = faulty(fault)
        verdict, options = fault.caught_as, (*options, *needed)
        wanted = set(fault.catches)
    else:
        oddity = oddity_named(name)
        scp, options, allowed = oddity.make(0), (*options, *oddity.options), oddity.violates
    with scp:
        played = play(scp, *scenarios, options=options)
    hits = sorted(
        {
            (f["requirement"], r["id"])
            for r in played.records
            for f in r["findings"]
            if f["verdict"] == verdict and (f["requirement"] in wanted or kind == "oddity")
        }
    )
    if kind == "oddity":
        hits = [hit for hit in hits if hit[0] not in allowed]
        outcome = "accused" if hits else "not accused"
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
