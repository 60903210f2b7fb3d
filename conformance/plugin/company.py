"""Workers that share one target: what one of them does to it must not become a verdict on what another one asks.

A target may serve association requests one after the other. Then a request that stalls it leaves the requests of the
other workers without an answer, and their scenarios would accuse it of a silence that they did not meet alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from conformance.observation.outcomes import AssociationOutcome, Closed, NotConnected, Rejected, Reset, Silence
from conformance.observation.transcript import EventKind
from conformance.plugin.scene import Scene
from conformance.verdict.finding import Finding, Verdict

PATIENCE_S: Final = 900.0
"""How long a worker waits for another one; a scenario that has not ended by then is past every deadline of its own."""
_PATTERN: Final = ".worker-*.lock"
_PRESENTATION: Final = 3
_ABOUT_ROOM: Final = frozenset({"UL-TCP-12"})
"""Requirements that a rejection which lasts is judged by."""
_CROWDED: Final = "an association was rejected for congestion or a limit, which is the target's right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One of the workers of a run.

    Args:
        folder: The run's.
        worker: Its number, from 0.
        count: How many there are.
        patience_s: How long it waits for another one.
    """

    folder: Path
    worker: int
    count: int
    patience_s: float = PATIENCE_S

    @contextmanager
    def beside_others(self) -> Iterator[bool]:
        """Use the target while others may use it too, once nobody needs it alone (or has needed it for too long)."""
        with ExitStack() as held:
            with suppress(Timeout), self._lock("gate"):
                held.enter_context(self._lock(str(self.worker)))
            yield False

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Use the target while nobody else does; gives whether that could be had."""
        with ExitStack() as held:
            try:
                held.enter_context(self._lock("gate"))
                for other in range(self.count):
                    held.enter_context(self._lock(str(other)))
            except Timeout:
                yield False
                return
            yield True

    def _lock(self, name: str) -> FileLock:
        return FileLock(self.folder / _PATTERN.replace("*", name), timeout=self.patience_s)


def forget(folder: Path) -> None:
    """Delete the files that the workers of a run waited for each other with."""
    for path in folder.glob(_PATTERN):
        path.unlink(missing_ok=True)


def may_be_others(scene: Scene) -> bool:
    """Whether something did not come, or ended, that another worker's use of the target can have kept back or ended.

    What the target did not survive is not asked again: the scenario has been named, and the target is gone.
    """
    if any(f.requirement == "LIFE-01" and f.verdict is Verdict.FAIL for f in scene.findings):
        return False
    silent = any(event.kind is EventKind.TIMED_OUT for t in scene.recorder.transcripts for event in t.events)
    lost = any(isinstance(exchange.outcome, Closed | Reset) for exchange in scene.recorder.operations)
    return silent or lost or any(_unanswered(exchange.outcome) for exchange in scene.recorder.associations)


def _unanswered(outcome: AssociationOutcome) -> bool:
    if isinstance(outcome, Rejected):
        return outcome.is_transient
    return isinstance(outcome, Silence | NotConnected | Closed | Reset)


def has_no_room(scene: Scene) -> bool:
    """Whether the target rejected an association of the scenario as transient, and it did not come about later."""
    last = {exchange.transcript.label: exchange.outcome for exchange in scene.recorder.associations}
    return any(isinstance(outcome, Rejected) and outcome.is_transient for outcome in last.values())


def without_accusing(scene: Scene, judged: Sequence[Finding]) -> list[Finding]:
    """What a scenario judged, where the target rejected one of its associations for congestion or a local limit.

    That is its right (PS3.8 Table 9-21, source 3), and whether something else would have been a violation is not seen.
    What a place that is never given back is judged by stays: there the rejection itself, and that it lasts, was judged.
    """
    last = {exchange.transcript.label: exchange.outcome for exchange in scene.recorder.associations}
    if not any(isinstance(o, Rejected) and o.is_transient and o.source == _PRESENTATION for o in last.values()):
        return list(judged)
    return [
        replace(f, verdict=Verdict.INCONCLUSIVE, note=_CROWDED)
        if f.verdict is Verdict.FAIL and f.requirement not in _ABOUT_ROOM
        else f
        for f in judged
    ]


def told_of(first: dict[str, Any], second: dict[str, Any], *, why: str) -> dict[str, Any]:
    """The record of a further attempt, with what the one before came to and what it stored."""
    grave = [f for f in first["findings"] if f["verdict"] == first["verdict"]]
    words = _shown(grave) or "nothing more"
    note = f"made again {why} {first['verdict']}: {words}"
    known = {row["sop_instance_uid"] for row in second["instances"]}
    kept = [row for row in first["instances"] if row["sop_instance_uid"] not in known]
    return {**second, "notes": [*second["notes"], note], "instances": [*second["instances"], *kept]}


def _shown(findings: Sequence[dict[str, Any]]) -> str:
    return "; ".join(f"{f['requirement']}: {f['actual']}" for f in findings[:3])
