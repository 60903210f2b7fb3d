"""The requirements of the standard, one row each, read from `requirements/*.toml`.

One file holds one topic, named as the first part of its ids: `UL-TCP-01` stands in `ul.toml`. A topic is read when
it is first asked for, and kept. The module touches nothing but its own package data.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

_ID_PATTERN: Final = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*-[A-Z0-9]+[a-z]?")


@unique
class Level(StrEnum):
    """How strongly a requirement binds."""

    SHALL = "shall"
    SHOULD = "should"
    MAY = "may"
    """The standard allows either; what the target does is recorded."""
    ROBUSTNESS = "robustness"
    """No clause fixes the reaction; only a crash, a hang, corrupted data or a false Success can fail."""


@unique
class NotTested(StrEnum):
    """Why no scenario judges a requirement."""

    NEEDS_CONFIGURATION = "needs-configuration"
    NOT_OBSERVABLE = "not-observable"
    OUT_OF_SCOPE = "out-of-scope"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One testable statement of the standard.

    Attributes:
        id: Readable, never reused, such as `UL-TCP-01`.
        clause: Where it stands, such as `PS3.8 §9.1.1`; several clauses are separated by `;` or `,`.
        edition: The edition in which the clause was read, such as `2020c`.
        level: How strongly it binds.
        text: What the clause says, in our words.
        stimulus: What provokes the observation.
        allowed: Every reaction that meets the requirement.
        broken: What a violation looks like.
        needs: The claim, configuration or channel without which it cannot be judged; empty if none.
        derived: True where the clause does not list the reactions and `allowed` is our reading of it.
        not_tested: Empty, or the `NotTested` reason, a colon, and why in words.
    """

    id: str
    clause: str
    edition: str
    level: Level
    text: str
    stimulus: str
    allowed: str
    broken: str
    needs: str = ""
    derived: bool = False
    not_tested: str = ""

    @property
    def topic(self) -> str:
        """The first part of the id, such as `UL`."""
        return self.id.partition("-")[0]


class UnknownRequirementError(LookupError):
    """An id that the catalogue does not have.

    Attributes:
        requirement_id: The id that was asked for.
        nearest: The most similar id of the catalogue, or None.
    """

    def __init__(self, requirement_id: str, nearest: str | None) -> None:
        self.requirement_id = requirement_id
        self.nearest = nearest
        hint = f"; did you mean {nearest}?" if nearest else ""
        super().__init__(f"the catalogue has no requirement {requirement_id!r}{hint}")


class CatalogueError(ValueError):
    """The catalogue's own data are not well-formed: a fault of this package."""


def requirement(requirement_id: str) -> Requirement:
    """The row with this id.

    Raises:
        UnknownRequirementError: There is none; the message names the nearest id.
    """
    topic = requirement_id.partition("-")[0].lower()
    if topic in _topic_files():
        found = _topic(topic).get(requirement_id)
        if found is not None:
            return found
    near = difflib.get_close_matches(requirement_id.upper(), [row.id for row in all_requirements()], n=1, cutoff=0.5)
    raise UnknownRequirementError(requirement_id, near[0] if near else None)


@cache
def all_requirements() -> tuple[Requirement, ...]:
    """Every row, by topic and, within a topic, in the order of its file."""
    return tuple(row for topic in sorted(_topic_files()) for row in _topic(topic).values())


@cache
def _topic_files() -> Mapping[str, Traversable]:
    folder = files(__package__) / "requirements"
    found = {entry.name.removesuffix(".toml"): entry for entry in folder.iterdir() if entry.name.endswith(".toml")}
    return MappingProxyType(found)


@cache
def _topic(topic: str) -> Mapping[str, Requirement]:
    document = tomllib.loads(_topic_files()[topic].read_text(encoding="utf-8"))
    rows: dict[str, Requirement] = {}
    for fields in document["requirement"]:
        row = _row(topic, fields)
        if row.id in rows:
            raise CatalogueError(f"{topic}.toml has the id {row.id} twice")
        rows[row.id] = row
    return MappingProxyType(rows)


def _row(topic: str, fields: dict[str, object]) -> Requirement:
    label = f"{topic}.toml, {fields.get('id', 'a row without id')}"
    try:
        row = Requirement(**{**fields, "level": Level(fields["level"])})  # type: ignore[arg-type]
    except (TypeError, KeyError, ValueError) as problem:
        raise CatalogueError(f"{label}: {problem}") from problem
    if not _ID_PATTERN.fullmatch(row.id) or row.topic.lower() != topic:
        raise CatalogueError(f"{label}: the id does not belong into this file")
    if row.not_tested:
        reason, _, words = row.not_tested.partition(": ")
        if reason not in set(NotTested) or not words:
            raise CatalogueError(f"{label}: not_tested is {row.not_tested!r}, not a reason, a colon and words")
    return row
