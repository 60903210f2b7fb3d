"""Findings of a run grouped by requirement, as every report tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.verdict.finding import Verdict

VERDICT_WORDS: Final[Mapping[str, str]] = {
    Verdict.PASS: "pass",
    Verdict.WARN: "warning",
    Verdict.FAIL: "fail",
    Verdict.INFO: "info",
    Verdict.NOT_APPLICABLE: "not applicable",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.ERROR: "suite error",
    Verdict.WAIVED: "waived",
}
VERDICT_ORDER: Final = (
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.WARN,
    Verdict.WAIVED,
    Verdict.INCONCLUSIVE,
    Verdict.PASS,
    Verdict.INFO,
    Verdict.NOT_APPLICABLE,
)
"""What needs attention first."""


def rank(verdict: str | None) -> int:
    """Place of a verdict in `VERDICT_ORDER`; anything else comes last."""
    return next((i for i, known in enumerate(VERDICT_ORDER) if known == verdict), len(VERDICT_ORDER))


@dataclass(slots=True, kw_only=True)
class Deviation:
    """All findings of one verdict on one requirement.

    Attributes:
        requirement: Its id.
        clause: Where it stands.
        verdict: The verdict of these findings.
        actual: What the first of them observed.
        findings: All of them.
        scenarios: Ids of the scenarios that they come from, in order.
    """

    requirement: str
    clause: str
    verdict: str
    actual: str
    findings: list[Mapping[str, Any]] = field(default_factory=list)
    scenarios: list[str] = field(default_factory=list)


def deviations(records: Iterable[Mapping[str, Any]], verdict: str) -> list[Deviation]:
    """Every requirement with findings of this verdict, those of most scenarios first."""
    found: dict[str, Deviation] = {}
    for record in records:
        for finding in record["findings"]:
            if finding["verdict"] != verdict:
                continue
            key = finding["requirement"]
            if key not in found:
                found[key] = Deviation(
                    requirement=key, clause=finding["clause"], verdict=verdict, actual=finding["actual"]
                )
            found[key].findings.append(finding)
            if record["id"] not in found[key].scenarios:
                found[key].scenarios.append(record["id"])
    return sorted(found.values(), key=lambda d: (-len(d.scenarios), d.requirement))


def scenario_name(nodeid: str) -> str:
    """The last part of a node id: `test_x[case]`."""
    return nodeid.rpartition("::")[2] or nodeid


def first_deviation(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The finding that decided a scenario: the first of the worst verdict that it has."""
    findings: Sequence[Mapping[str, Any]] = record["findings"]
    return min(findings, key=lambda f: rank(f["verdict"]), default=None)
