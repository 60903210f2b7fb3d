"""The record of one scenario: a plain dict of builtins, which crosses process borders and is what results.json keeps.

Every string in it is clean (`evidence.text`), every list has an end, and what was left out is counted. Times are in
seconds since the scenario's first connection began.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from conformance.evidence import exchanges
from conformance.evidence.text import clean
from conformance.evidence.timeline import timeline
from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.stored import NotReadable, ReadBackOutcome
from conformance.observation.transcript import EventKind, Transcript
from conformance.standard.catalogue import Requirement, UnknownRequirementError, requirement
from conformance.verdict.finding import Finding, Verdict

Record = dict[str, Any]

FINDING_LIMIT: Final = 300
CONNECTION_LIMIT: Final = 200
LIST_LIMIT: Final = 100
_ERROR_LIMIT_CHARS: Final = 8000
_EVIDENCE_LIMIT_BYTES: Final = 64


def scenario_record(
    *,
    nodeid: str,
    topic: str,
    title: str,
    level: str,
    requirements: Sequence[str],
    verdict: Verdict | str,
    findings: Sequence[Finding],
    started_at: str,
    duration_s: float,
    stimulus: Sequence[str] = (),
    associations: Sequence[AssociationExchange] = (),
    operations: Sequence[OperationExchange] = (),
    transcripts: Sequence[Transcript] = (),
    stored: Sequence[tuple[str, ReadBackOutcome]] = (),
    error: str | None = None,
    notes: Sequence[str] = (),
    capture: str | None = None,
    matrix: Mapping[str, Any] | None = None,
) -> Record:
    """What happened in one scenario, and what was judged.

    Args:
        nodeid: pytest's node id; it is the scenario's id.
        topic: The group that the scenario belongs to.
        title: One line on what it is about.
        level: safe, standard or disruptive.
        requirements: Ids of all requirements that the scenario can judge.
        verdict: The verdict of the scenario as a whole.
        findings: What was judged.
        started_at: ISO 8601 with offset.
        duration_s: Seconds from start to end.
        stimulus: What was done, in order, in sentences.
        associations: The association requests made, with their answers.
        operations: The DIMSE requests made, with their answers.
        transcripts: Every connection that was opened.
        stored: Read-backs as (SOP Instance UID, outcome).
        error: A fault of the suite itself, with its traceback; None without one.
        notes: Anything else that a reader of the evidence should know.
        capture: Path of the scenario's capture below the run's folder; None if none was written.
        matrix: What the target accepts, in builtins, where this scenario has asked for all of it.
    """
    origin_s = min((t.started_at_s for t in transcripts), default=0.0)
    began_s = {t.label: t.started_at_s - origin_s for t in transcripts}
    kept_findings, findings_left_out = _findings(findings, began_s)
    kept_associations, associations_left_out = exchanges.association_records(associations)
    kept_operations, operations_left_out = exchanges.operation_records(operations)
    return {
        "id": clean(nodeid, limit_chars=500),
        "topic": clean(topic, limit_chars=100),
        "title": clean(title, limit_chars=400),
        "level": clean(level, limit_chars=40),
        "verdict": str(verdict),
        "requirements": [clean(r, limit_chars=60) for r in requirements[:LIST_LIMIT]],
        "started_at": clean(started_at, limit_chars=60),
        "duration_s": round(duration_s, 6),
        "stimulus": _strings(stimulus),
        "findings": kept_findings,
        "findings_left_out": findings_left_out,
        "connections": [_connection(t, t.started_at_s - origin_s) for t in transcripts[:CONNECTION_LIMIT]],
        "connections_left_out": max(0, len(transcripts) - CONNECTION_LIMIT),
        "associations": kept_associations,
        "associations_left_out": associations_left_out,
        "operations": kept_operations,
        "operations_left_out": operations_left_out,
        "timeline": timeline(transcripts),
        "instances": exchanges.instance_records(operations),
        "readback": [_readback(uid, outcome) for uid, outcome in stored[:LIST_LIMIT]],
        "error": None if error is None else clean(error, limit_chars=_ERROR_LIMIT_CHARS, newlines=True),
        "notes": _strings(notes),
        "capture": None if capture is None else clean(capture, limit_chars=300),
        **({} if matrix is None else {"matrix": dict(matrix)}),
    }


def catalogue_row(requirement_id: str) -> Requirement | None:
    """The requirement's row; None for an id that the catalogue does not have, so that a record is kept anyhow."""
    try:
        return requirement(requirement_id)
    except UnknownRequirementError:
        return None


def _strings(values: Sequence[str]) -> list[str]:
    kept = [clean(value, newlines=True) for value in values[:LIST_LIMIT]]
    if len(values) > LIST_LIMIT:
        kept.append(f"… and {len(values) - LIST_LIMIT} more")
    return kept


_MILD: Final = frozenset({Verdict.PASS, Verdict.INFO, Verdict.NOT_APPLICABLE})


def _findings(findings: Sequence[Finding], began_s: Mapping[str, float]) -> tuple[list[Record], int]:
    """Equal findings become one with a count; beyond the limit the mild ones go first."""
    grouped: dict[tuple[object, ...], Record] = {}
    for finding in findings:
        key = (finding.requirement, finding.verdict, finding.expected, finding.actual, finding.note)
        if key in grouped:
            grouped[key]["count"] += 1
        else:
            grouped[key] = _finding(finding, began_s)
    rows = list(grouped.values())
    if len(rows) <= FINDING_LIMIT:
        return rows, 0
    by_weight = sorted(range(len(rows)), key=lambda i: (rows[i]["verdict"] in _MILD, i))
    kept = [rows[i] for i in sorted(by_weight[:FINDING_LIMIT])]
    return kept, sum(rows[i]["count"] for i in by_weight[FINDING_LIMIT:])


def _finding(finding: Finding, began_s: Mapping[str, float]) -> Record:
    row = catalogue_row(finding.requirement)
    return {
        "requirement": clean(finding.requirement, limit_chars=60),
        "clause": row.clause if row else "",
        "edition": row.edition if row else "",
        "level": str(row.level) if row else "",
        "verdict": str(finding.verdict),
        "expected": [clean(e) for e in finding.expected[:LIST_LIMIT]],
        "actual": clean(finding.actual),
        "note": clean(finding.note),
        "count": 1,
        "evidence": [
            {
                "connection": clean(e.connection, limit_chars=200),
                "offset": e.offset,
                "t_s": round(e.t_s + began_s.get(e.connection, 0.0), 6),
                "hex": bytes(e.data[:_EVIDENCE_LIMIT_BYTES]).hex(),
            }
            for e in finding.evidence[:LIST_LIMIT]
        ],
    }


_ENDS: Final = frozenset(
    {EventKind.NOT_CONNECTED, EventKind.PEER_CLOSED, EventKind.PEER_RESET, EventKind.CLOSED, EventKind.RESET}
)


def _connection(transcript: Transcript, began_s: float) -> Record:
    ended = next((e for e in transcript.events if e.kind in _ENDS), None)
    sizes = dict.fromkeys((EventKind.SENT, EventKind.RECEIVED), 0)
    for event in transcript.events:
        if event.kind in sizes:
            sizes[event.kind] += len(event.data)
    return {
        "label": clean(transcript.label, limit_chars=200),
        "peer": clean(transcript.peer, limit_chars=300),
        "began_s": round(began_s, 6),
        "sent_bytes": sizes[EventKind.SENT],
        "received_bytes": sizes[EventKind.RECEIVED] + transcript.dropped_bytes,
        "ended": "" if ended is None else clean(str(ended.kind), limit_chars=100),
        "ended_s": None if ended is None else round(began_s + ended.t_s, 6),
    }


def _readback(uid: str, outcome: ReadBackOutcome) -> Record:
    record: Record = {"sop_instance_uid": clean(uid, limit_chars=200), "channel": clean(outcome.channel)}
    if isinstance(outcome, NotReadable):
        return record | {"copies": None, "listed": None, "where": [], "note": clean(f"not readable: {outcome.reason}")}
    return record | {
        "copies": len(outcome.copies),
        "listed": outcome.listed,
        "where": [f"{clean(c.where)} ({clean(c.transfer_syntax_uid)})" for c in outcome.copies[:LIST_LIMIT]],
        "note": clean(outcome.note),
    }
