"""Waiting for room at a target is bounded, for one association and for a run."""

from __future__ import annotations

import time
from collections.abc import Callable

from conformance.observation.outcomes import Aborted, AssociationOutcome, Rejected
from conformance.plugin.patience import Patience

NO_ROOM = Rejected(result=2, source=3, reason=2)
NEVER = Rejected(result=1, source=1, reason=7)
ABORTED = Aborted(source=0, reason=0)


def answering(*outcomes: AssociationOutcome) -> tuple[Callable[[], AssociationOutcome], list[AssociationOutcome]]:
    left = list(outcomes)
    return lambda: left.pop(0) if len(left) > 1 else left[0], left


def test_a_transient_rejection_is_tried_again() -> None:
    attempt, left = answering(NO_ROOM, NO_ROOM, ABORTED)
    assert Patience().wait_for_room(attempt, lambda outcome: outcome) is ABORTED
    assert len(left) == 1


def test_a_permanent_rejection_stands() -> None:
    attempt, left = answering(NEVER, ABORTED)
    assert Patience().wait_for_room(attempt, lambda outcome: outcome) is NEVER
    assert left == [ABORTED]


def test_one_wait_is_bounded() -> None:
    attempt, _ = answering(NO_ROOM)
    began_s = time.monotonic()
    assert Patience(each_s=0.3).wait_for_room(attempt, lambda outcome: outcome) is NO_ROOM
    assert time.monotonic() - began_s < 2.0


def test_a_spent_budget_lets_a_rejection_stand_at_once() -> None:
    patience = Patience(budget_s=0.3)
    attempt, _ = answering(NO_ROOM)
    patience.wait_for_room(attempt, lambda outcome: outcome)
    calls: list[int] = []

    def counted() -> AssociationOutcome:
        calls.append(1)
        return NO_ROOM

    patience.wait_for_room(counted, lambda outcome: outcome)
    assert len(calls) <= 2
