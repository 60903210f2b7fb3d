"""Many looks at one requirement, drawn together into one finding with a count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from conformance.verdict.finding import Evidence, Finding, Verdict, finding

_WORST_FIRST: Final = (Verdict.FAIL, Verdict.WARN, Verdict.INFO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A requirement that is looked at again and again.

    Args:
        expected: What is acceptable, in words.
        unit: What is counted, in the plural.
    """

    expected: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deviation:
    verdict: Verdict
    actual: str
    note: str
    evidence: Evidence | None


class Ledger:
    """Counts, for each requirement, how often it was looked at and what deviated.

    Args:
        rules: Every requirement that may be entered.
    """

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = rules
        self._looks: dict[str, int] = {}
        self._deviations: dict[str, list[_Deviation]] = {}

    def met(self, requirement: str) -> None:
        """One look, and all was as it should be."""
        self._looks[requirement] = self._looks.get(requirement, 0) + 1

    def deviates(
        self,
        requirement: str,
        actual: str,
        evidence: Evidence | None,
        *,
        verdict: Verdict = Verdict.FAIL,
        note: str = "",
    ) -> None:
        """One look, and something deviated.

        Args:
            requirement: The requirement's id.
            actual: What was seen.
            evidence: The bytes.
            verdict: FAIL, WARN or INFO.
            note: Why, where verdict and expectation do not say it.
        """
        self.met(requirement)
        deviation = _Deviation(verdict=verdict, actual=actual, note=note, evidence=evidence)
        self._deviations.setdefault(requirement, []).append(deviation)

    def check(
        self,
        requirement: str,
        faults: list[str],
        evidence: Evidence | None,
        *,
        verdict: Verdict = Verdict.FAIL,
        note: str = "",
    ) -> None:
        """One look: as it should be when there are no faults."""
        if faults:
            self.deviates(requirement, "; ".join(faults), evidence, verdict=verdict, note=note)
        else:
            self.met(requirement)

    def findings(self) -> tuple[Finding, ...]:
        """One finding for each requirement that was looked at: PASS with the count, or the worst deviation."""
        return tuple(self._finding(requirement) for requirement in sorted(self._looks))

    def _finding(self, requirement: str) -> Finding:
        rule = self._rules[requirement]
        looks = self._looks[requirement]
        deviations = self._deviations.get(requirement)
        if not deviations:
            return finding(requirement, Verdict.PASS, expected=rule.expected, actual=f"{looks} {rule.unit}")
        worst = min(deviations, key=lambda deviation: _WORST_FIRST.index(deviation.verdict))
        return finding(
            requirement,
            worst.verdict,
            expected=rule.expected,
            actual=f"{worst.actual} ({len(deviations)} of {looks} {rule.unit})",
            note=worst.note,
            evidence=() if worst.evidence is None else (worst.evidence,),
        )
