"""One scenario while it runs: what it sends with, what it saw, what was judged."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from conformance.config import Settings
from conformance.driver.endpoint import Endpoint
from conformance.driver.peer import Peer
from conformance.driver.recorder import Recorder
from conformance.driver.scu import ScuAssociation
from conformance.instances.identity import IdentitySource
from conformance.observation.exchanges import AssociationExchange
from conformance.observation.outcomes import Accepted
from conformance.observation.stored import ReadBackOutcome
from conformance.verdict.finding import Finding, Verdict


class NotEstablishedError(Exception):
    """An association that the scenario needs was not accepted."""

    def __init__(self, exchange: AssociationExchange) -> None:
        super().__init__("association not established")
        self.exchange = exchange


class NotNegotiatedError(Exception):
    """A presentation context that the scenario needs was not accepted.

    Args:
        exchange: The association.
        abstract_syntax: What was proposed.
        needed: What cannot be tried without it, in words.
    """

    def __init__(self, exchange: AssociationExchange, abstract_syntax: str, needed: str) -> None:
        super().__init__(f"{needed} not negotiated")
        self.exchange = exchange
        self.abstract_syntax = abstract_syntax
        self.needed = needed


class NotApplicableError(Exception):
    """The scenario does not apply to this target.

    Args:
        reason: Why, in one line.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True, kw_only=True)
class Scene:
    """The state of a scenario.

    Args:
        scenario_id: File name, function and parameters.
        topic: The file's topic.
        title: First line of the scenario's docstring.
        level: safe, standard or disruptive.
        requirements: Ids that the scenario names.
        settings: The run's.
        endpoint: The two ends.
        identities: UIDs and patients of this scenario.
    """

    scenario_id: str
    topic: str
    title: str
    level: str
    requirements: tuple[str, ...]
    settings: Settings
    endpoint: Endpoint
    identities: IdentitySource
    recorder: Recorder = field(default_factory=Recorder)
    findings: list[Finding] = field(default_factory=list)
    stored: list[tuple[str, ReadBackOutcome]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    matrix: dict[str, Any] | None = None
    """The matrix, in the record of the scenario that has asked for it."""
    error: str | None = None
    started_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))
    _began_s: float = field(default_factory=time.monotonic)
    _open: list[Peer | ScuAssociation] = field(default_factory=list)

    def judge(self, *judged: Finding | Iterable[Finding]) -> None:
        """Keep findings."""
        for one in judged:
            if isinstance(one, Finding):
                self.findings.append(one)
            else:
                self.findings.extend(one)

    def duration_s(self) -> float:
        """Seconds since the scenario began."""
        return time.monotonic() - self._began_s

    def opened(self, connection: Peer | ScuAssociation) -> None:
        """Have a connection closed at the end of the scenario, whatever happens."""
        self._open.append(connection)

    def close(self) -> None:
        """Close every connection of the scenario."""
        for connection in self._open:
            connection.close()
        self._open.clear()

    def drop(self) -> None:
        """Close every connection of a scenario that was interrupted, without a word to the target."""
        for connection in self._open:
            connection.drop()
        self._open.clear()

    def saw_trouble(self) -> bool:
        """Whether anything came that a healthy dialogue does not have, so that the target's life is in question."""
        return any(not isinstance(a.outcome, Accepted) for a in self.recorder.associations) or any(
            o.status is None for o in self.recorder.operations
        )

    def worst_is(self, verdict: Verdict) -> bool:
        """Whether a finding with this verdict is there."""
        return any(f.verdict is verdict for f in self.findings)
