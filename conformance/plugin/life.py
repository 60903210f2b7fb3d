"""Whether the target still lives: asked after everything that could have hurt it, and said once when it does not."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.driver.again import until
from conformance.driver.endpoint import Endpoint
from conformance.driver.recorder import Recorder
from conformance.observation.transcript import EventKind
from conformance.plugin.revival import RESTART_DEADLINE_S
from conformance.plugin.scene import Scene
from conformance.preflight import answers_echo
from conformance.verdict.finding import Finding, Verdict, finding

REVIVAL_S: Final = 15.0
"""How long a target that does not answer is asked again before it is called dead."""
DEAD_MARKER: Final = ".target-is-dead"
"""Name of the marker in the run's folder."""
_EXPECTED: Final = "a C-ECHO on a new association is answered"


@dataclass(slots=True)
class Life:
    """What is known of the target's life in this process.

    Args:
        endpoint: Where the target is.
        marker: A file that exists while the target is dead, so that processes that run side by side name it once.
        is_ours: Whether the target is started again when it dies.
        previous: The scenario before the present one.
    """

    endpoint: Endpoint
    marker: Path
    is_ours: bool = False
    previous: str = "the preflight"

    def before(self, scene: Scene) -> str | None:
        """Why the scenario cannot be run, or None.

        A target that was called dead is asked once more: somebody may have restarted it. For one of ours that is
        being done, and waited for.
        """
        dead_since = self._dead_since()
        if dead_since is None:
            return None
        alive = until(self._answers, bool, within_s=RESTART_DEADLINE_S if self.is_ours else 0.0)
        if alive:
            again = "was started again" if self.is_ours else "answers again"
            scene.notes.append(f"the target {again}; it had not answered since {dead_since}")
            self.marker.unlink(missing_ok=True)
            return None
        return f"the target has not answered since {dead_since}"

    def _answers(self) -> bool:
        return answers_echo(self.endpoint, Recorder(), timeout_s=min(self.endpoint.timeout_s, 5.0))[0]

    def after(self, scene: Scene) -> tuple[Finding, ...]:
        """A finding on the target's life after a scenario that could have hurt it; none after an ordinary one."""
        try:
            if scene.level != "disruptive" and not scene.saw_trouble():
                return ()
            return (self._ask(scene),)
        finally:
            self.previous = scene.scenario_id

    def _ask(self, scene: Scene) -> Finding:
        deadline_s = time.monotonic() + max(REVIVAL_S, self.endpoint.timeout_s)
        asked = 0
        while True:
            asked += 1
            recorder = Recorder()
            alive, actual = answers_echo(self.endpoint, recorder, timeout_s=self.endpoint.timeout_s)
            if alive:
                words = actual if asked == 1 else f"{actual}, at attempt {asked}"
                return finding("LIFE-01", Verdict.PASS, expected=_EXPECTED, actual=words)
            if time.monotonic() >= deadline_s:
                break
            time.sleep(0.2)
        scene.recorder.transcripts.extend(recorder.transcripts)
        killed_before = bool(scene.recorder.transcripts) and any(
            event.kind is EventKind.NOT_CONNECTED for event in scene.recorder.transcripts[0].events
        )
        if killed_before or not self._name(scene.scenario_id):
            since = self._dead_since() or self.previous
            self._name(since)
            return finding(
                "LIFE-01",
                Verdict.INCONCLUSIVE,
                expected=_EXPECTED,
                actual=actual,
                note=f"the target was gone before this scenario could be judged; it has not answered since {since}",
            )
        return finding(
            "LIFE-01",
            Verdict.FAIL,
            expected=_EXPECTED,
            actual=f"{actual}; asked {asked} times after this scenario",
            note="the target answered before this scenario",
        )

    def _dead_since(self) -> str | None:
        try:
            return self.marker.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def _name(self, scenario_id: str) -> bool:
        """Name the scenario that the target did not survive; False where another has been named."""
        try:
            with self.marker.open("x", encoding="utf-8") as file:
                file.write(scenario_id)
        except FileExistsError:
            return False
        return True
