"""Measure what the suite detects: `python -m tests.kill_matrix`."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import suppress
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from tests.kill_matrix.plan import planned
from tests.kill_matrix.play import played_apart
from tests.kill_matrix.table import GOOD, last_line, markdown

_DOCUMENT: Final = Path("conformance/KILL-MATRIX.md")


def main(arguments: list[str] | None = None) -> int:
    """Play, write, and say what survived.

    Returns:
        0 when every fault was caught and no oddity accused; 1 otherwise; 3 when nothing was played.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.kill_matrix", description=__doc__)
    parser.add_argument("--complete", action="store_true", help="every scenario against each SCP")
    parser.add_argument("--level", default=None, help="declared: disruptive; complete: standard")
    parser.add_argument("--only", default="*", help="pattern of names")
    parser.add_argument("--topic", help="one family")
    parser.add_argument("--shard", default="1/1", help="I/N")
    parser.add_argument("--output", type=Path, default=Path("reports/kill-matrix"))
    parser.add_argument("--seconds-each", type=float, default=600)
    parser.add_argument("--resume", action="store_true", help="keep what results.jsonl holds")
    parser.add_argument("--document", action="store_true", help="only write conformance/KILL-MATRIX.md")
    options = parser.parse_args(arguments)
    if options.document:
        return _document(options.output / "kill-matrix.json")
    part, parts = map(int, options.shard.split("/"))
    plan = [p for p in planned(complete=options.complete) if fnmatchcase(p.name, options.only)]
    plan = [p for p in plan if options.topic in (None, p.topic)][part - 1 :: parts]
    options.output.mkdir(parents=True, exist_ok=True)
    lines = options.output / "results.jsonl"
    if not options.resume:
        lines.unlink(missing_ok=True)
    done = {(r["kind"], r["name"]): r for r in _kept(lines)}
    level = options.level or ("standard" if options.complete else "disruptive")
    for one in plan:
        if (one.kind, one.name) not in done:
            result = played_apart(one, level=level, seconds=options.seconds_each)
            done[one.kind, one.name] = result
            with lines.open("a") as file:
                file.write(json.dumps(result) + "\n")
            sys.stdout.write(f"{result['outcome']}: {one.name}\n")
            sys.stdout.flush()
    results = [done[p.kind, p.name] for p in plan]
    (options.output / "kill-matrix.json").write_text(json.dumps(results, indent=1))
    (options.output / "kill-matrix.md").write_text(markdown(results))
    sys.stdout.write(last_line(results) + "\n")
    if all(r["outcome"] == "not played" for r in results):
        return 3
    return int(any(r["outcome"] not in GOOD for r in results))


def _kept(lines: Path) -> list[dict[str, Any]]:
    """The results of an earlier run; what did not finish, and a line that is torn, is made again."""
    found = []
    for line in lines.read_text().splitlines() if lines.exists() else ():
        with suppress(json.JSONDecodeError):
            found.append(json.loads(line))
    return [result for result in found if result["outcome"] != "not finished"]


def _document(file: Path) -> int:
    if not file.exists():
        sys.stderr.write("nothing was measured yet\n")
        return 3
    day = datetime.fromtimestamp(file.stat().st_mtime, UTC).date()
    measured = f"Measured by `python -m tests.kill_matrix` on {day}."
    _DOCUMENT.write_text(markdown(json.loads(file.read_text()), measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
