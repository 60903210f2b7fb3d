"""Verdict maps: the verdict of every scenario against a good system, and how a run differs from it.

A map is made by `python -m tests.systems.maps TARGET RESULTS.json...` from complete runs. It has what is not PASS:

    [FAIL]
    "test_storage_commitment.py::test_another_action" = ["SC-03"]

    [NOT_APPLICABLE]
    "test_corpus.py::..." = []

    [sometimes]
    "test_duplicates.py::test_two_at_once[identical]" = ["PASS", "WARN DUP-03"]

What differed between the runs is under `sometimes`, with everything that was seen. A run of the level disruptive has
the scenarios of the other levels too. With `--keep` what the map says already is taken for one run more.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

FOLDER: Final = Path(__file__).parent.parent / "verdict_maps"
_SUFFIX: Final = ".verdicts.toml"
_SOMETIMES: Final = "sometimes"
_ORDER: Final = ("FAIL", "WARN", "INCONCLUSIVE", "INFO", "NOT_APPLICABLE", "ERROR")
PASS: Final = "PASS"

VerdictMap = Mapping[str, frozenset[str]]
"""By scenario, each outcome that is known: a verdict, with the requirements that got it where they are FAIL or WARN."""


def targets() -> list[str]:
    """The targets that have a map."""
    return sorted(path.name.removesuffix(_SUFFIX) for path in FOLDER.glob(f"*{_SUFFIX}"))


def outcome_of(scenario: Mapping[str, Any]) -> str:
    """A scenario's verdict, with the requirements behind a FAIL or WARN: `FAIL SC-02 SC-03`."""
    verdict = str(scenario["verdict"])
    if verdict not in ("FAIL", "WARN"):
        return verdict
    behind = {finding["requirement"] for finding in scenario["findings"] if finding["verdict"] == verdict}
    return " ".join((verdict, *sorted(behind)))


def map_of(target: str) -> VerdictMap:
    """The map of a target."""
    found = tomllib.loads((FOLDER / f"{target}{_SUFFIX}").read_text(encoding="utf-8"))
    outcomes: dict[str, frozenset[str]] = {}
    for verdict, scenarios in found.items():
        for scenario, listed in scenarios.items():
            known = listed if verdict == _SOMETIMES else [" ".join((verdict, *listed))]
            outcomes[scenario] = frozenset(known)
    return outcomes


def changed(known: VerdictMap, results: Mapping[str, Any], *, sometimes: Iterable[str] = ()) -> dict[str, str]:
    """By scenario, what a run says and the map does not.

    Args:
        known: The map.
        results: A run, of all scenarios or some.
        sometimes: Requirements whose verdict depends on the timing of the system: their presence is no change.
    """
    loose = frozenset(sometimes)
    found = {}
    for scenario in results["scenarios"]:
        expected = known.get(scenario["id"], frozenset((PASS,)))
        outcome = outcome_of(scenario)
        if _without(outcome, loose) not in {_without(one, loose) for one in expected}:
            found[scenario["id"]] = f"{' or '.join(sorted(expected))} became {outcome}"
    return found


def _without(outcome: str, loose: frozenset[str]) -> str:
    """An outcome without some requirements; PASS when nothing is left behind it."""
    verdict, *behind = outcome.split()
    if not behind:
        return outcome
    kept = [requirement for requirement in behind if requirement not in loose]
    return " ".join((verdict, *kept)) if kept else PASS


def written(runs: Sequence[Mapping[str, Any]], *, known: VerdictMap = MappingProxyType({})) -> str:
    """A map as a file, from complete runs.

    Args:
        runs: The content of results.json of each, of any level.
        known: The map that they add to. What passed does not stand there: it is taken from the runs.
    """
    seen: dict[str, set[str]] = defaultdict(set, {scenario: set(outcomes) for scenario, outcomes in known.items()})
    for results in runs:
        for scenario in results["scenarios"]:
            seen[scenario["id"]].add(outcome_of(scenario))
    tables: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for scenario, outcomes in sorted(seen.items()):
        if len(outcomes) > 1:
            tables[_SOMETIMES][scenario] = sorted(outcomes)
        elif outcomes != {PASS}:
            verdict, *behind = next(iter(outcomes)).split()
            tables[verdict][scenario] = behind
    others = sum(outcomes != {PASS} for outcomes in seen.values())
    lines = [f"# {others} scenarios have another verdict than PASS"]
    for name in (*_ORDER, _SOMETIMES):
        if name in tables:
            lines += ["", f"[{name}]"]
            lines += [f"{json.dumps(scenario)} = {json.dumps(listed)}" for scenario, listed in tables[name].items()]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Write the map of a target from the results of runs."""
    parser = argparse.ArgumentParser(prog="python -m tests.systems.maps", description="Writes a verdict map.")
    parser.add_argument("target", help="the name of the map, which begins with that of the system's table")
    parser.add_argument("results", nargs="+", type=Path, help="results.json of a complete run")
    parser.add_argument("--keep", action="store_true", help="keep what the map says already")
    options = parser.parse_args(arguments)
    runs = [json.loads(file.read_text(encoding="utf-8")) for file in options.results]
    known = map_of(options.target) if options.keep else {}
    (FOLDER / f"{options.target}{_SUFFIX}").write_text(written(runs, known=known), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
