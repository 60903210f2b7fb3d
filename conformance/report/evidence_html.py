"""evidence.html: a run as one static document to print, sign and file. No script, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final

from conformance.report.environment import environment, stylesheet
from conformance.report.grouped import Deviation, deviations, rank
from conformance.report.html import report_title
from conformance.report.matrix import matrix_view
from conformance.report.views import run_view
from conformance.verdict.finding import Verdict

FINDINGS_SHOWN: Final = 3
"""Different findings shown of one requirement; the rest is counted."""
INSTANCES_SHOWN: Final = 500
_DEVIATIONS: Final = (
    (Verdict.FAIL, "Violations (FAIL)", "No violation was found."),
    (Verdict.WARN, "Warnings (WARN)", "There is no warning."),
    (Verdict.WAIVED, "Waived deviations", "No waiver was applied."),
    (Verdict.INCONCLUSIVE, "Not judged (INCONCLUSIVE)", "Everything that was tried could be judged."),
)


def evidence_html(results: Mapping[str, Any]) -> str:
    """The document as text.

    Args:
        results: What results.json holds.
    """
    records: Sequence[Mapping[str, Any]] = results["scenarios"]
    target = results.get("target") or {}
    cleanup = results.get("cleanup")
    product = " ".join(str(target[key]) for key in ("product", "version") if target.get(key))
    return (
        environment()
        .get_template("evidence.html.j2")
        .render(
            title=report_title(results),
            schema_version=results["schema_version"],
            base_css=stylesheet("base.css"),
            matrix_css=stylesheet("matrix.css"),
            own_css=stylesheet("evidence.css"),
            matrix=matrix_view(results),
            view=run_view(results),
            signatures=(
                ("Tested by", target.get("tested_by") or ""),
                ("Manufacturer", target.get("vendor") or ""),
                ("Model and version", product),
                ("Date of the run", str(results.get("started_at", ""))[:10]),
                ("Date and signature", ""),
            ),
            deviations=[
                (heading, none_found, [_group(d) for d in deviations(records, verdict)])
                for verdict, heading, none_found in _DEVIATIONS
            ],
            errors=[record for record in records if record["error"]],
            scenarios=sorted(records, key=lambda record: (rank(record["verdict"]), record["topic"], record["id"])),
            instances=list(islice((i for record in records for i in record["instances"]), INSTANCES_SHOWN)),
            instances_total=sum(len(record["instances"]) for record in records),
            deleted=None if cleanup is None else len(cleanup.get("deleted", ())),
        )
    )


def _group(deviation: Deviation) -> dict[str, Any]:
    """A deviation with its different findings; what several scenarios saw alike is shown once."""
    different: dict[tuple[str, str], Mapping[str, Any]] = {}
    for finding in deviation.findings:
        different.setdefault((finding["actual"], finding["note"]), finding)
    shown = list(different.values())
    return {
        "requirement": deviation.requirement,
        "scenarios": deviation.scenarios,
        "findings": shown[:FINDINGS_SHOWN],
        "more": max(0, len(shown) - FINDINGS_SHOWN),
    }
