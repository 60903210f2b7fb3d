"""The machine-readable record of a bulk sending."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from conformance.evidence.text import clean
from conformance.load.files import Skipped
from conformance.load.result import InstanceResult, Totals
from conformance.load.verify import Comparison

FORMAT: Final = "pacs-conformance store 1"


def record_of(
    *,
    target: str,
    calling_ae_title: str,
    started_at: str,
    seconds: float,
    exit_code: int,
    results: Sequence[InstanceResult],
    totals: Totals,
    skipped: Mapping[Skipped, int],
    comparisons: Sequence[Comparison],
) -> dict[str, Any]:
    """The record as it is written; strings of the peer have their control characters escaped."""
    verified = {comparison.result.path: comparison for comparison in comparisons}
    return {
        "format": FORMAT,
        "target": target,
        "calling_ae_title": calling_ae_title,
        "started_at": started_at,
        "seconds": round(seconds, 6),
        "exit_code": exit_code,
        "totals": {
            "instances": totals.total,
            "completed": totals.completed,
            "warning": totals.warning,
            "failed": totals.failed,
            "remaining": totals.remaining,
            "acknowledged_bytes": totals.acknowledged_bytes,
        },
        "skipped": {str(reason): number for reason, number in sorted(skipped.items())},
        "instances": [_instance(result, verified.get(result.path)) for result in results],
    }


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write the record whole, or not at all.

    Raises:
        OSError: It cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _instance(result: InstanceResult, comparison: Comparison | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "path": clean(result.path, limit_chars=None),
        "sop_class_uid": clean(result.sop_class_uid),
        "sop_instance_uid": clean(result.sop_instance_uid),
        "transfer_syntax_uid": clean(result.transfer_syntax_uid),
        "sent_transfer_syntax_uid": clean(result.sent_transfer_syntax_uid),
        "data_set_bytes": result.data_set_bytes,
        "result": str(result.fate),
        "status": None if result.status is None else f"{result.status:04X}",
        "status_words": clean(result.words),
        "error_comment": clean(result.error_comment),
        "seconds": round(result.seconds, 6),
        "note": clean(result.note),
    }
    if comparison is not None:
        row["verified"] = {
            "result": str(comparison.likeness),
            "words": clean(comparison.words),
            "differences": [
                {
                    "path": difference.path,
                    "keyword": clean(difference.keyword),
                    "kind": str(difference.kind),
                    "sent": clean(difference.sent),
                    "stored": clean(difference.stored),
                    "legal": comparison.is_legal(difference),
                    "clause": difference.permitted,
                }
                for difference in comparison.differences
            ],
        }
    return row
