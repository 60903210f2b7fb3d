"""The summary of a run, computed from its records and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from conformance.evidence.record import catalogue_row
from conformance.verdict.finding import Verdict, combined


class Overall(StrEnum):
    """What a whole run says."""

    CONFORMANT = "conformant"
    CONFORMANT_WITH_WAIVERS = "conformant with waivers"
    NOT_CONFORMANT = "not conformant"
    INCOMPLETE = "incomplete"
    """Something could not be judged; nothing that was judged failed."""
    NOTHING_JUDGED = "nothing judged"
    INTERRUPTED = "interrupted"
    """Stopped from outside, or still running."""
    HARNESS_ERROR = "harness error"
    UNREACHABLE = "target not usable"
    """The preflight did not get through; nothing else was tried."""


EXIT_CODES: Final[Mapping[Overall, int]] = {
    Overall.CONFORMANT: 0,
    Overall.CONFORMANT_WITH_WAIVERS: 0,
    Overall.INCOMPLETE: 0,
    Overall.NOT_CONFORMANT: 1,
    Overall.INTERRUPTED: 2,
    Overall.HARNESS_ERROR: 3,
    Overall.UNREACHABLE: 3,
    Overall.NOTHING_JUDGED: 5,
}

_JUDGED: Final = (Verdict.PASS, Verdict.WARN)


def overall_verdict(counts: Mapping[str, int], *, strict: bool = False) -> Overall:
    """The overall verdict of finished scenarios.

    A FAIL stands whatever else went wrong, so it comes before a fault of the suite. A run with neither a PASS nor a
    WARN has judged nothing, however much it recorded.

    Args:
        counts: How many scenarios had each verdict.
        strict: Whether a WARN counts as a FAIL.
    """
    if counts.get(Verdict.FAIL) or (strict and counts.get(Verdict.WARN)):
        return Overall.NOT_CONFORMANT
    if counts.get(Verdict.ERROR):
        return Overall.HARNESS_ERROR
    if not any(counts.get(verdict) for verdict in (*_JUDGED, Verdict.WAIVED)):
        return Overall.NOTHING_JUDGED
    if counts.get(Verdict.INCONCLUSIVE):
        return Overall.INCOMPLETE
    if counts.get(Verdict.WAIVED):
        return Overall.CONFORMANT_WITH_WAIVERS
    return Overall.CONFORMANT


class Tally:
    """Counts records as they come, so that a run's summary needs none of them in memory."""

    def __init__(self) -> None:
        self._verdicts: dict[str, int] = {}
        self._topics: dict[str, dict[str, int]] = {}
        self._requirements: dict[str, dict[str, Any]] = {}
        self._scenarios = 0

    @property
    def counts(self) -> Mapping[str, int]:
        """How many scenarios had each verdict."""
        return self._verdicts

    def add(self, record: Mapping[str, Any]) -> None:
        """Count one scenario."""
        self._scenarios += 1
        verdict = record["verdict"]
        self._verdicts[verdict] = self._verdicts.get(verdict, 0) + 1
        topic = self._topics.setdefault(record["topic"], {})
        topic[verdict] = topic.get(verdict, 0) + 1
        judged = {finding["requirement"] for finding in record["findings"]}
        for finding in record["findings"]:
            self._add_finding(finding)
        for requirement_id in judged:
            self._requirements[requirement_id]["scenarios"] += 1
        for requirement_id in dict.fromkeys(record["requirements"]):
            self._row(requirement_id)

    def _add_finding(self, finding: Mapping[str, Any]) -> None:
        row = self._row(finding["requirement"])
        row["findings"] += finding["count"]
        verdicts = [Verdict(finding["verdict"])]
        if row["verdict"] is not None:
            verdicts.append(Verdict(row["verdict"]))
        row["verdict"] = str(combined(verdicts))

    def _row(self, requirement_id: str) -> dict[str, Any]:
        row = self._requirements.get(requirement_id)
        if row is None:
            known = catalogue_row(requirement_id)
            row = self._requirements[requirement_id] = {
                "clause": known.clause if known else "",
                "edition": known.edition if known else "",
                "level": str(known.level) if known else "",
                "verdict": None,
                "findings": 0,
                "scenarios": 0,
            }
        return row

    def summary(
        self,
        *,
        finished_at: str | None = None,
        exit_code: int | None = None,
        interrupted: bool = False,
        diagnosis: str = "",
        strict: bool = False,
    ) -> dict[str, Any]:
        """The summary of what was added so far.

        Args:
            finished_at: ISO 8601; None while the run goes on, which reads as interrupted.
            exit_code: The exit code of the run; None takes the one that the overall verdict has.
            interrupted: Whether the run was stopped from outside.
            diagnosis: Why the target could not be used; empty if it could.
            strict: Whether a WARN counts as a FAIL.
        """
        if finished_at is None or interrupted:
            overall = Overall.INTERRUPTED
        elif diagnosis:
            overall = Overall.UNREACHABLE
        else:
            overall = overall_verdict(self._verdicts, strict=strict)
        finished_code = EXIT_CODES[overall] if exit_code is None else exit_code
        return {
            "overall": str(overall),
            "scenarios": self._scenarios,
            "verdicts": {str(v): self._verdicts[v] for v in Verdict if v in self._verdicts},
            "topics": {
                topic: {str(v): counts[v] for v in Verdict if v in counts} for topic, counts in self._topics.items()
            },
            "requirements": {key: dict(self._requirements[key]) for key in sorted(self._requirements)},
            "finished_at": finished_at,
            "exit_code": None if finished_at is None else finished_code,
            "interrupted": overall is Overall.INTERRUPTED,
            "diagnosis": diagnosis,
        }


def summarise(
    records: Iterable[Mapping[str, Any]],
    *,
    finished_at: str | None = None,
    exit_code: int | None = None,
    interrupted: bool = False,
    diagnosis: str = "",
    strict: bool = False,
) -> dict[str, Any]:
    """The summary of these records; for the arguments see `Tally.summary`."""
    tally = Tally()
    for record in records:
        tally.add(record)
    return tally.summary(
        finished_at=finished_at, exit_code=exit_code, interrupted=interrupted, diagnosis=diagnosis, strict=strict
    )
