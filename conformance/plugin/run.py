"""The run: the target, who drives it, how what it stored is seen. One for each pytest process."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from conformance.config import Settings
from conformance.driver.endpoint import Endpoint
from conformance.driver.recorder import Recorder
from conformance.evidence.journal import Journal
from conformance.evidence.pcapng import capture_name, write_pcapng
from conformance.instances.identity import IdentitySource
from conformance.plugin.life import Life
from conformance.plugin.matrix import SharedMatrix
from conformance.plugin.patience import Patience
from conformance.plugin.scene import Scene
from conformance.preflight import serves_in_parallel
from conformance.readback.base import ReadBack
from conformance.readback.dicomweb import DicomWeb
from conformance.readback.move_scp import MoveSpool
from conformance.verdict.finding import Finding

_MOMENT_S: Final = 2.0


@dataclass(slots=True, kw_only=True)
class Run:
    """What the scenarios of one process share.

    Args:
        settings: The run's.
        seed: Of everything that is sent.
        run_dir: Where the run's files go.
        endpoint: The two ends of every association.
        readback: How what is stored is seen.
        move: Our own storage SCP, where the target knows it.
        life: Whether the target lives.
        web: The target's web services, where they are known.
        journal: What is about to be stored.
        patience: What is left for a target that has no room.
    """

    settings: Settings
    seed: int
    run_dir: Path
    endpoint: Endpoint
    readback: ReadBack
    move: MoveSpool | None
    life: Life
    journal: Journal
    web: DicomWeb | None = None
    patience: Patience = field(default_factory=Patience)
    matrix: SharedMatrix = field(init=False)
    """What the target accepts, asked for once in a run."""
    _in_parallel: bool | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Share the matrix through the run's folder."""
        self.matrix = SharedMatrix(self.run_dir)

    def target_is_serial(self, alone: AbstractContextManager[bool]) -> bool:
        """Whether one association that stalls keeps all others waiting; asked for once.

        Args:
            alone: Keeps other workers away while it is asked for.
        """
        if self._in_parallel is None:
            with alone:
                self._in_parallel = serves_in_parallel(self.endpoint, Recorder(), timeout_s=_MOMENT_S)
        return not self._in_parallel

    def identities(self, scope: str, *, scenario: str) -> IdentitySource:
        """UIDs and patients that belong to one scope alone, the same for the same seed; the journal has them first."""
        return IdentitySource(
            seed=self.seed,
            scope=scope,
            patient_id_prefix=self.settings.safety.patient_id_prefix,
            made=partial(self.journal.made, scenario),
        )

    def recorder(self, scenario: str) -> Recorder:
        """What a scenario is recorded with; the journal has each C-STORE before it is sent."""
        return Recorder(before_store=partial(self.journal.sending, scenario))

    def close(self) -> None:
        """Close what looks at the target; again is harmless."""
        self.readback.close()
        if self.web is not None:
            self.web.close()

    def capture(self, scene: Scene) -> None:
        """Write the scenario's connections as a packet capture."""
        if scene.recorder.transcripts:
            path = self.run_dir / "wire" / capture_name(scene.scenario_id)
            note = write_pcapng(path, scene.recorder.transcripts, title=scene.scenario_id)
            if note.left_out_packets:
                scene.notes.append(f"{path.name} leaves out {note.left_out_packets} packets")

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
