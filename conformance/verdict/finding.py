"""A finding: one requirement judged on what was observed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Verdict(StrEnum):
    """The verdicts, worst first when they are combined."""

    FAIL = "FAIL"
    WARN = "WARN"
    INCONCLUSIVE = "INCONCLUSIVE"
    PASS = "PASS"
    INFO = "INFO"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    ERROR = "ERROR"
    WAIVED = "WAIVED"


_ORDER: Final = (
    Verdict.ERROR,
    Verdict.FAIL,
    Verdict.WAIVED,
    Verdict.WARN,
    Verdict.INCONCLUSIVE,
    Verdict.PASS,
    Verdict.INFO,
    Verdict.NOT_APPLICABLE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Bytes that show a finding.

    Args:
        connection: The label of the connection's transcript.
        offset: Offset of the bytes in what the target sent on it.
        data: The bytes, at most 64 of them.
        t_s: When they came, in seconds since the connection's transcript began.
    """

    connection: str
    offset: int
    data: bytes
    t_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One requirement judged on what was observed.

    Args:
        requirement: Its id in the catalogue.
        verdict: The judgement.
        expected: Everything that would have been acceptable.
        actual: What was observed.
        note: Why, where verdict and expectation do not say it.
        evidence: The bytes that show it.

    Raises:
        ValueError: It names no requirement, or nothing that would have been acceptable: a fault of ours.
    """

    requirement: str
    verdict: Verdict
    expected: tuple[str, ...]
    actual: str
    note: str = ""
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        if not (self.requirement and self.expected and all(self.expected)):
            raise ValueError(
                f"a finding on {self.requirement!r} expects {self.expected!r}; hint: name both the requirement and all "
                "that would have been acceptable"
            )


def combined(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of several findings together.

    A FAIL outweighs everything that was seen of the target. INCONCLUSIVE outweighs PASS: a scenario that could look at
    half of what it is about has not passed. No finding at all is INCONCLUSIVE: nothing was judged.
    """
    seen = set(verdicts)
    return next((verdict for verdict in _ORDER if verdict in seen), Verdict.INCONCLUSIVE)


def judged(
    requirement: str,
    *,
    ok: bool,
    expected: Iterable[str] | str,
    actual: str,
    note: str = "",
    otherwise: Verdict = Verdict.FAIL,
    evidence: Iterable[Evidence] = (),
) -> Finding:
    """PASS when `ok`, else `otherwise`."""
    return Finding(
        requirement=requirement,
        verdict=Verdict.PASS if ok else otherwise,
        expected=(expected,) if isinstance(expected, str) else tuple(expected),
        actual=actual,
        note=note,
        evidence=tuple(evidence),
    )


def restated(seen: Finding, requirement: str) -> Finding:
    """The same observation under another requirement that demands the same."""
    return replace(seen, requirement=requirement)


def finding(
    requirement: str,
    verdict: Verdict,
    *,
    expected: Iterable[str] | str,
    actual: str,
    note: str = "",
    evidence: Iterable[Evidence] = (),
) -> Finding:
    """A finding with the verdict given."""
    return Finding(
        requirement=requirement,
        verdict=verdict,
        expected=(expected,) if isinstance(expected, str) else tuple(expected),
        actual=actual,
        note=note,
        evidence=tuple(evidence),
    )
