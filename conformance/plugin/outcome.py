"""From findings to a pytest outcome and a record."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any, Final

import pytest

from conformance.evidence.record import scenario_record
from conformance.plugin.company import without_accusing
from conformance.plugin.run import Run
from conformance.plugin.scene import NotApplicableError, NotEstablishedError, NotNegotiatedError, Scene
from conformance.plugin.unmet import association_not_established, context_not_negotiated
from conformance.standard.catalogue import UnknownRequirementError, requirement
from conformance.verdict.finding import Finding, Verdict, combined, finding
from conformance.verdict.passive import judge_transcripts


class ConformanceFailure(Exception):  # noqa: N818 - what it reports is a verdict, not an error of the program
    """The scenario's verdict is FAIL, or WARN in a strict run; the message is what people read."""


class HarnessFault(Exception):  # noqa: N818 - as above
    """The suite itself went wrong; nothing is said about the target."""


UNMET: Final = (NotEstablishedError, NotNegotiatedError, NotApplicableError)
"""What ends a scenario because of what the target does not have: no fault of ours."""
_GRAVE: Final = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.ERROR})
_SKIPPED: Final = (Verdict.NOT_APPLICABLE, Verdict.INCONCLUSIVE)


def conclude(scene: Scene, run: Run, error: BaseException | None) -> tuple[Verdict, dict[str, Any]]:
    """Turn what happened into a verdict and a record.

    Args:
        scene: The scenario, its stimulus done.
        run: The run that it belongs to.
        error: What ended the scenario's function, or None.
    """
    scene.close()
    run.capture(scene)
    if isinstance(error, NotEstablishedError):
        scene.judge(association_not_established(error.exchange))
    elif isinstance(error, NotNegotiatedError):
        scene.judge(context_not_negotiated(error.exchange, error.abstract_syntax, error.needed, scene.settings.claims))
    elif isinstance(error, NotApplicableError):
        scene.judge(_not_applicable(scene, error.reason))
    elif error is not None:
        scene.error = "".join(traceback.format_exception(error))
    own = without_accusing(scene, scene.findings)
    scene.findings = list(own)
    scene.judge(judge_transcripts(scene.recorder.associations, scene.recorder.operations, scene.recorder.transcripts))
    if scene.error is None:
        life = run.life_after(scene)
        scene.judge(life)
        own = own or list(life)
    verdict = Verdict.ERROR if scene.error is not None else overall(own, scene.findings)
    record = scenario_record(
        nodeid=scene.scenario_id,
        topic=scene.topic,
        title=scene.title,
        level=scene.level,
        requirements=scene.requirements,
        verdict=verdict,
        findings=scene.findings,
        stimulus=scene.recorder.steps,
        associations=scene.recorder.associations,
        operations=scene.recorder.operations,
        transcripts=scene.recorder.transcripts,
        stored=scene.stored,
        started_at=scene.started_at,
        duration_s=scene.duration_s(),
        error=scene.error,
        notes=scene.notes,
        matrix=scene.matrix,
    )
    return verdict, record


def overall(own: Sequence[Finding], findings: Sequence[Finding]) -> Verdict:
    """The verdict of a scenario: its own, unless something that was seen beside it is worse.

    What the passive checks find in order does not turn a scenario that only records (INFO) into a PASS.

    Args:
        own: What the scenario itself judged.
        findings: All that was judged, the passive checks and the target's life included.
    """
    grave = (f.verdict for f in findings if f.verdict in _GRAVE)
    return combined((combined(f.verdict for f in own), *grave))


def raise_outcome(scene: Scene, verdict: Verdict, *, strict: bool) -> None:
    """Give pytest the outcome of a verdict.

    Raises:
        ConformanceFailure: FAIL, or WARN when strict.
        HarnessFault: ERROR.
        pytest.skip.Exception: NOT_APPLICABLE or INCONCLUSIVE.
    """
    if verdict is Verdict.ERROR:
        raise HarnessFault(scene.error or "unknown fault")
    if verdict is Verdict.FAIL or (strict and verdict is Verdict.WARN):
        raise ConformanceFailure("\n".join(lines(scene.findings, verdict)))
    if verdict in _SKIPPED:
        shown = lines(scene.findings, verdict) or [f"{verdict}: nothing was judged"]
        pytest.skip(shown[0])


def lines(findings: Sequence[Finding], verdict: Verdict) -> list[str]:
    """One line for each finding with this verdict: verdict, requirement, clause and what was observed."""
    return [
        f"{f.verdict} {f.requirement} {clause_of(f.requirement)}: {f.actual}" for f in findings if f.verdict is verdict
    ]


def clause_of(requirement_id: str) -> str:
    """The clause of a requirement; `(not in the catalogue)` for an id that nobody knows."""
    try:
        return requirement(requirement_id).clause
    except UnknownRequirementError:
        return "(not in the catalogue)"


def _not_applicable(scene: Scene, reason: str) -> Finding:
    first = scene.requirements[0] if scene.requirements else "PRE-01"
    return finding(first, Verdict.NOT_APPLICABLE, expected="a target that it applies to", actual=reason)
