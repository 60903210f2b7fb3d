"""A target that has no room now is asked again, as a well-behaved requestor does, within a budget for the whole run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from conformance.observation.outcomes import AssociationOutcome, Rejected

Made = TypeVar("Made")

_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 1.0


@dataclass(slots=True)
class Patience:
    """Waits for room at the target.

    Args:
        budget_s: What all waits of a run together may take; then a transient rejection stands at once.
        each_s: What one wait may take.
    """

    budget_s: float = 120.0
    each_s: float = 15.0

    def spend(self, pause_s: float) -> bool:
        """Take a pause out of the budget; False where it is used up."""
        if pause_s > self.budget_s:
            return False
        self.budget_s -= pause_s
        return True

    def wait_for_room(self, attempt: Callable[[], Made], outcome_of: Callable[[Made], AssociationOutcome]) -> Made:
        """Make an association, again and again while it is rejected as transient; the last one made."""
        began_s = time.monotonic()
        deadline_s = began_s + min(self.each_s, self.budget_s)
        pause_s = _FIRST_PAUSE_S
        while True:
            made = attempt()
            outcome = outcome_of(made)
            now_s = time.monotonic()
            if not (isinstance(outcome, Rejected) and outcome.is_transient) or now_s + pause_s > deadline_s:
                break
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        if now_s - began_s > _FIRST_PAUSE_S:
            self.budget_s -= now_s - began_s
        return made
