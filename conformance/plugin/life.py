"""Whether the target still lives: asked after everything that could have hurt it, and said once when it does not."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from conformance.driver.endpoint import Endpoint
from conformance.driver.recorder import Recorder
from conformance.observation.transcript import EventKind
from conformance.plugin.scene import Scene
from conformance.preflight import answers_echo
from conformance.verdict.finding import Finding, Verdict, finding

REVIVAL_S: Final = 15.0
"""How long a target that does not answer is asked again before it is called dead."""
_EXPECTED: Final = "a C-ECHO on a new association is answered"


@dataclass(slots=True)
class Life:
    """What is known of the target's life in this process.

    Args:
        endpoint: Where the target is.
        dead_since: The scenario that it did not survive, or None.
        previous: The scenario before the present one.
    """

    endpoint: Endpoint
    dead_since: str | None = None
    previous: str = "the preflight"

    def before(self, scene: Scene) -> str | None:
        """Why the scenario cannot be run, or None.

        A target that was called dead is asked once more: somebody may have restarted it.
        """
        if self.dead_since is None:
            return None
        alive, _ = answers_echo(self.endpoint, Recorder(), timeout_s=min(self.endpoint.timeout_s, 5.0))
        if alive:
            scene.notes.append(f"the target answers again; it had not since {self.dead_since}")
            self.dead_since = None
            return None
        return f"the target has not answered since {self.dead_since}"

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
        self.dead_since = self.previous if killed_before else scene.scenario_id
        if killed_before:
            return finding(
                "LIFE-01",
                Verdict.INCONCLUSIVE,
                expected=_EXPECTED,
                actual=actual,
                note=f"the target was gone before this scenario sent anything; the one before was {self.previous}",
            )
        return finding(
            "LIFE-01",
            Verdict.FAIL,
            expected=_EXPECTED,
            actual=f"{actual}; asked {asked} times after this scenario",
            note="the target answered before this scenario",
        )
