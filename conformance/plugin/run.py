"""The run: the target, who drives it, how what it stored is seen. One for each pytest process."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.config import Settings
from conformance.driver.endpoint import Endpoint
from conformance.instances.identity import IdentitySource
from conformance.plugin.life import Life
from conformance.plugin.scene import Scene
from conformance.readback.base import ReadBack
from conformance.verdict.finding import Finding


@dataclass(slots=True, kw_only=True)
class Run:
    """What the scenarios of one process share.

    Args:
        settings: The run's.
        seed: Of everything that is sent.
        run_dir: Where the run's files go.
        endpoint: The two ends of every association.
        readback: How what is stored is seen.
        life: Whether the target lives.
    """

    settings: Settings
    seed: int
    run_dir: Path
    endpoint: Endpoint
    readback: ReadBack
    life: Life

    def identities(self, scope: str) -> IdentitySource:
        """UIDs and patients that belong to one scope alone, the same for the same seed."""
        return IdentitySource(seed=self.seed, scope=scope, patient_id_prefix=self.settings.safety.patient_id_prefix)

    def life_after(self, scene: Scene) -> tuple[Finding, ...]:
        """What a scenario did to the target's life."""
        return self.life.after(scene)


_current: list[Run] = []


def set_current_run(run: Run | None) -> None:
    """Make a run the one of this process, or forget it."""
    _current.clear()
    if run is not None:
        _current.append(run)


def current_run() -> Run:
    """The run of this process.

    Raises:
        RuntimeError: There is none.
    """
    if not _current:
        raise RuntimeError("no conformance run in this process")
    return _current[0]


def has_current_run() -> bool:
    """Whether this process has a run."""
    return bool(_current)


def short_digest(text: str) -> str:
    """Eight hexadecimal digits that stand for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


Handover = dict[str, Any]
"""What the controller tells its workers: builtins only."""
