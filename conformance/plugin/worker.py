"""An xdist worker of a run: it drives and judges; the controller started the target and writes the record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.evidence.journal import Journal
from conformance.plugin.controller import endpoint_of
from conformance.plugin.life import DEAD_MARKER, Life
from conformance.plugin.options import settings_of
from conformance.plugin.readbacks import ReadBackPlan
from conformance.plugin.run import Run, set_current_run
from conformance.target.base import RunningTarget


def start_worker(config: pytest.Config) -> None:
    """Make this process's run from what the controller handed over."""
    handed: dict[str, Any] | None = getattr(config, "workerinput", {}).get("pacs_conformance")
    if handed is None:
        return
    settings = settings_of(config)
    running = RunningTarget(kind="handed over", host=handed["host"], port=handed["port"], ae_title=handed["ae_title"])
    endpoint = endpoint_of(settings, running)
    plan = ReadBackPlan.from_builtins(handed["plan"])
    set_current_run(
        Run(
            settings=settings,
            seed=handed["seed"],
            run_dir=Path(handed["run_dir"]),
            endpoint=endpoint,
            readback=plan.open(endpoint),
            move=plan.spool,
            life=Life(endpoint, Path(handed["run_dir"]) / DEAD_MARKER, is_ours=handed["is_ours"]),
            web=plan.open_web(endpoint),
            journal=Journal(Path(handed["run_dir"]), fresh=False),
        )
    )
