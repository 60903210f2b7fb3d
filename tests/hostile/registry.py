"""Hostile peers by name: at which step each one turns, what it does then, and what a run may say about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Final

from tests.hostile.victim import Victim

_FAMILIES: Final = ("silence", "floods", "claims", "others", "endings", "strings")

NOT_USABLE: Final = 3
NOT_CONFORMANT: Final = 1
INCOMPLETE: Final = 0
NOTHING_JUDGED: Final = 5


class Step(StrEnum):
    """The step of the dialogue at which a peer turns hostile; the PDU that leads to it is not passed on."""

    TCP = "after TCP"
    REQUEST = "after the association request"
    COMMAND = "after the command of a store"
    DATA = "after the data of a store"
    QUERY = "after the identifier of a query or retrieval"
    RELEASE = "at release"


PLAYED_FILES: Final = frozenset(
    {"test_duplicates.py", "test_storage.py", "test_query_retrieve.py", "test_retrieve.py", "test_negotiation.py"}
)
"""The files of the scenarios that are played."""

Act = Callable[[Victim], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """A hostile peer.

    Args:
        name: Its name.
        does: What it does, in a sentence.
        step: When it turns.
        act: What it does then, on the connection.
        honest: How many connections it serves well before: none, or those of the preflight.
        plays: Which scenarios are played, as `-k` has it.
        exits: The exit codes that are right for a run against it.
        options: Of the run.
    """

    name: str
    does: str
    step: Step
    act: Act
    honest: int
    plays: str
    exits: frozenset[int]
    options: tuple[str, ...] = field(default=("--readback", "none"))


_KNOWN: dict[str, Hostile] = {}


def hostile(
    name: str,
    step: Step,
    *,
    exits: tuple[int, ...],
    honest: int = 1,
    plays: str | None = None,
    options: tuple[str, ...] = ("--readback", "none"),
) -> Callable[[Act], Act]:
    """Register what a hostile peer does; the docstring's first line says it."""

    def keep(act: Act) -> Act:
        if name in _KNOWN:
            raise ValueError(f"two hostile peers are named {name!r}")
        _KNOWN[name] = Hostile(
            name=name,
            does=(act.__doc__ or "").partition("\n")[0],
            step=step,
            act=act,
            honest=honest,
            plays=PLAYS[step] if plays is None else plays,
            exits=frozenset(exits),
            options=options,
        )
        return act

    return keep


_STORES: Final = "test_on_the_same_association and identical or test_tiny_data_set"
PLAYS: Final = {
    Step.TCP: _STORES,
    Step.REQUEST: _STORES,
    Step.COMMAND: _STORES,
    Step.DATA: _STORES,
    Step.QUERY: "test_find_without_a_match and Study or test_get_at_each_level and Study and IMAGE",
    Step.RELEASE: f"{_STORES} or test_release_directly_after_association",
}
"""Scenarios of the well-behaved SCU and of the byte-level peer that come to the step."""


@cache
def all_hostile() -> dict[str, Hostile]:
    """Every hostile peer, by name, in the order of the families."""
    for family in _FAMILIES:
        import_module(f"tests.hostile.{family}")
    return dict(_KNOWN)
