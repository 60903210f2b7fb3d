"""What is known of a real system: every deviation that a run reports, reviewed against the text of the standard.

A table is a TOML file in `tests/verdict_maps/`, named after the system:

    system = "DCMTK storescp 3.6.7, option +B"

    [[deviation]]
    requirement = "PDV-12"
    verdict = "FAIL"
    clause = "PS3.8 Annex E.1"
    reason = "with a maximum length of 21 bytes the response is cut into fragments of 9 bytes"

    [[inconclusive]]
    scenario = "test_negotiation.py::test_..."
    reason = "..."

`sometimes = true` marks what depends on the timing of the system, and may be there or not; `disruptive = true` what
only a run of that level shows.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent.parent / "verdict_maps"
_REVIEWED: Final = ("FAIL", "WARN")
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A requirement that a system does not meet.

    Attributes:
        requirement: Its id.
        verdict: FAIL or WARN.
        clause: Where the standard says so.
        reason: What the system does, in words.
        sometimes: Whether it depends on the timing of the system.
        disruptive: Whether scenarios of the level disruptive alone show it.
    """

    requirement: str
    verdict: str
    clause: str
    reason: str
    sometimes: bool = False
    disruptive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All that is known of a system.

    Attributes:
        system: Which one, with its version and how it is started.
        deviations: What is expected of a run.
        inconclusive: Scenarios that cannot be judged on it, with the reason.
    """

    system: str
    deviations: tuple[Deviation, ...]
    inconclusive: Mapping[str, str]


def names() -> list[str]:
    """The systems that have a table."""
    return sorted(path.stem for path in FOLDER.glob("*.toml") if "." not in path.stem)


def table_of(name: str) -> Table:
    """The table of a system."""
    found = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return Table(
        system=found["system"],
        deviations=tuple(Deviation(**entry) for entry in found.get("deviation", ())),
        inconclusive={entry["scenario"]: entry["reason"] for entry in found.get("inconclusive", ())},
    )


def table_for(target: str) -> Table:
    """The table of the system that a target is one way to run.

    Raises:
        LookupError: No system has such a name.
    """
    for name in names():
        if target.startswith(name):
            return table_of(name)
    raise LookupError(f"no table for {target!r}; hint: one of {', '.join(names())}")


def accusations(table: Table, results: Mapping[str, Any]) -> list[str]:
    """FAIL verdicts that nobody has reviewed, and faults of the suite; in lines for people.

    What a busy machine or another build of the system can change (a WARN more, a race that was not lost) is not asked.
    """
    known = {deviation.requirement for deviation in table.deviations}
    lines = []
    for scenario in results["scenarios"]:
        if scenario["verdict"] == "ERROR":
            lines.append(f"ERROR: {scenario['id']}: {scenario['error']}")
        lines += [
            f"new: {finding['requirement']}, {scenario['id']}: {finding['actual']}"
            for finding in scenario["findings"]
            if finding["verdict"] == "FAIL" and finding["requirement"] not in known
        ]
    return lines


def differences(table: Table, results: Mapping[str, Any]) -> list[str]:
    """What a run reports and the table does not have, and the other way round; in lines for people.

    For whoever reviews a table: a run of some of the scenarios, or on another build of the system, lacks things.
    """
    scenarios = results["scenarios"]
    seen: dict[tuple[str, str], list[str]] = {}
    for scenario in scenarios:
        for finding in scenario["findings"]:
            if finding["verdict"] in _REVIEWED:
                words = f"{scenario['id']}: {finding['actual']}"
                seen.setdefault((finding["requirement"], finding["verdict"]), []).append(words)
    known = {(deviation.requirement, deviation.verdict): deviation for deviation in table.deviations}
    lines = []
    for key in sorted(seen.keys() - known.keys()):
        lines.append(f"new: {' '.join(key)}, {len(seen[key])} times")
        lines += [f"    {words}" for words in seen[key][:_SHOWN]]
    lines += [
        f"gone: {requirement} {verdict}: {known[requirement, verdict].reason}"
        for requirement, verdict in sorted(known.keys() - seen.keys())
        if not (known[requirement, verdict].sometimes or known[requirement, verdict].disruptive)
    ]
    for verdict, allowed in (("INCONCLUSIVE", table.inconclusive), ("ERROR", {})):
        found = {scenario["id"]: scenario for scenario in scenarios if scenario["verdict"] == verdict}
        lines += [f"{verdict}: {name}: {found[name]['error'] or ''}" for name in sorted(found.keys() - allowed.keys())]
    return lines
