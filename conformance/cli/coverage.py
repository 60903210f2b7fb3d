"""Which requirements are judged, by which scenarios or with everything that is received, and why the rest are not."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from conformance.standard.catalogue import NotTested, Requirement, all_requirements
from conformance.verdict import passive

JUDGED_ANYWHERE: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(passive.RULES, "everything that the target sends"),
        "PRE-01": "the preflight of each run",
        "ST-01": "each context that a scenario needs",
        "ST-17": "each read-back",
        "STA-18": "each read-back",
    }
)
"""Requirements that are judged whatever a scenario is about, and on what."""

_PART: Final = re.compile(r"PS3\.\d+")
_CHAPTER: Final = re.compile(r"(PS3\.\d+)\s*(?:§\s*)?((?:Tables? |Annex )?[A-Z0-9]+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One requirement and what judges it.

    Args:
        requirement: The row of the catalogue.
        scenarios: The scenarios that name it.
        judged_on: What it is judged on in any scenario; empty if only in those that name it.
    """

    requirement: Requirement
    scenarios: tuple[str, ...]
    judged_on: str

    @property
    def covered(self) -> bool:
        """Whether anything judges it."""
        return bool(self.scenarios or self.judged_on)

    @property
    def reason(self) -> str:
        """Why nothing judges it, as one of `NotTested`; empty where something does or nobody says why."""
        return "" if self.covered else self.requirement.not_tested.partition(":")[0]

    @property
    def part(self) -> str:
        """The part of the standard, such as `PS3.8`; of several the first."""
        found = _PART.search(self.requirement.clause)
        return found.group() if found else "other"

    @property
    def chapter(self) -> str:
        """Part and the first two numbers of the clause, such as `PS3.8 9.3`; of several clauses the first."""
        found = _CHAPTER.search(self.requirement.clause)
        return f"{found.group(1)} {found.group(2)}" if found else self.part


def rows(scenarios: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    """Every requirement of the catalogue with what judges it.

    Args:
        scenarios: As `listing.collect` gives them.
    """
    naming: dict[str, list[str]] = defaultdict(list)
    for scenario in scenarios:
        for requirement_id in scenario["requirements"]:
            naming[requirement_id].append(scenario["id"])
    return tuple(
        Row(
            requirement=requirement,
            scenarios=tuple(naming.get(requirement.id, ())),
            judged_on=JUDGED_ANYWHERE.get(requirement.id, ""),
        )
        for requirement in all_requirements()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many requirements of one group are judged, and by what.

    Args:
        group: A part or a chapter.
        total: All of them.
        by_scenarios: Those that scenarios name.
        anywhere: Those that no scenario names, and that are judged all the same.
        reasons: The rest, by why they are not judged; an empty reason where nobody says why.
    """

    group: str
    total: int
    by_scenarios: int
    anywhere: int
    reasons: Mapping[str, int]


def counts(found: Sequence[Row], group_of: Callable[[Row], str]) -> tuple[Count, ...]:
    """The rows counted by group, in the order of the parts of the standard."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        groups[group_of(row)].append(row)
    return tuple(count(group, groups[group]) for group in sorted(groups, key=_natural))


def count(group: str, found: Sequence[Row]) -> Count:
    """The rows of one group counted."""
    by_scenarios = sum(bool(row.scenarios) for row in found)
    anywhere = sum(row.covered and not row.scenarios for row in found)
    reasons = Counter(row.reason for row in found if not row.covered)
    return Count(
        group=group,
        total=len(found),
        by_scenarios=by_scenarios,
        anywhere=anywhere,
        reasons={reason: reasons[reason] for reason in (*map(str, NotTested), "") if reasons[reason]},
    )


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key by which `PS3.10` comes after `PS3.8`, and tables after clauses."""
    return tuple((int(piece), "") if piece.isdigit() else (-1, piece) for piece in re.split(r"(\d+)", text) if piece)
