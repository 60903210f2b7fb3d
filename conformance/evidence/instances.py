"""instances.csv: every instance that a run sent, one row each (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from conformance.evidence.text import clean

COLUMNS: Final = (
    "sop_instance_uid",
    "sop_class_uid",
    "sha256",
    "transfer_syntax",
    "bytes",
    "patient_id",
    "study_instance_uid",
    "series_instance_uid",
    "status",
    "scenario",
    "label",
    "deleted",
)
_FORMULA_STARTS: Final = ("=", "+", "-", "@")


def instances_csv(results: Mapping[str, Any]) -> str:
    """The table as text, its lines ended by CR LF.

    Rows are sorted by scenario and, within one, stand in the order of sending, so that two runs with one seed can be
    compared line by line. `deleted` is `yes` or `no` where the run cleaned up after itself, else empty.
    """
    cleanup = results.get("cleanup")
    deleted = None if cleanup is None else frozenset(cleanup.get("deleted", ()))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(results["scenarios"], deleted):
        writer.writerow([_cell(row[column]) for column in COLUMNS])
    return text.getvalue()


def write_instances_csv(results: Mapping[str, Any], path: Path) -> None:
    """Write the table as UTF-8."""
    path.write_bytes(instances_csv(results).encode("utf-8"))


def instance_count(records: Iterable[Mapping[str, Any]]) -> int:
    """How many instances the scenarios sent."""
    return sum(len(record["instances"]) for record in records)


def _rows(records: Iterable[Mapping[str, Any]], deleted: frozenset[str] | None) -> Iterable[dict[str, Any]]:
    for record in sorted(records, key=lambda record: str(record["id"])):
        for instance in record["instances"]:
            gone = "" if deleted is None else "yes" if instance["sop_instance_uid"] in deleted else "no"
            yield {**instance, "scenario": record["id"], "deleted": gone}


def _cell(value: object) -> str:
    """A value that a spreadsheet takes as text: what it would take as a formula begins with an apostrophe."""
    text = clean("" if value is None else value, limit_chars=None)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text
