"""instances.csv: columns, order, and nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import dataclasses
import io

import pytest

from conformance.evidence.instances import instances_csv
from tests.evidence.samples import HOSTILE, a_record, a_run, store_operation, store_transcript


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_header_begins_with_the_columns_that_others_read() -> None:
    text = instances_csv(a_run([]))
    assert text == (
        "sop_instance_uid,sop_class_uid,sha256,transfer_syntax,bytes,patient_id,study_instance_uid,"
        "series_instance_uid,status,scenario,label,deleted\r\n"
    )


def test_rows_stand_by_scenario_and_then_as_sent() -> None:
    transcript = store_transcript()
    records = [
        a_record(name, operations=[store_operation(transcript, uid=f"1.2.{name[-1]}.{i}") for i in (9, 1, 5)])
        for name in ("test_2", "test_1")
    ]
    rows = rows_of(instances_csv(a_run(records)))
    expected = ["1.2.1.9", "1.2.1.1", "1.2.1.5", "1.2.2.9", "1.2.2.1", "1.2.2.5"]
    assert [row["sop_instance_uid"] for row in rows] == expected
    assert instances_csv(a_run(records[::-1])) == instances_csv(a_run(records))


@pytest.mark.parametrize(
    ("cleanup", "deleted"), [(None, ""), ({"deleted": ["1.2.3.4.1"]}, "yes"), ({"deleted": []}, "no")]
)
def test_deleted_is_told_where_it_is_known(cleanup: dict[str, list[str]] | None, deleted: str) -> None:
    run = a_run([a_record()])
    if cleanup is not None:
        run["cleanup"] = cleanup
    assert rows_of(instances_csv(run))[0]["deleted"] == deleted


@pytest.mark.parametrize(
    "text", [*HOSTILE, "@SUM(1)", "+1", "-1", "\t=1", " =1", 'a,"b"\r\nc'], ids=lambda t: ascii(t[:12])
)
def test_hostile_values_stay_one_cell_and_no_formula(text: str) -> None:
    operation = store_operation(store_transcript())
    assert operation.sent is not None
    hostile = dataclasses.replace(operation, sent=dataclasses.replace(operation.sent, label=text, patient_id=text))
    written = instances_csv(a_run([a_record(operations=(hostile,))]))
    written.encode("utf-8")
    assert written.count("\r\n") == 2
    row = rows_of(written)[0]
    assert not row["label"].lstrip().startswith(("=", "+", "-", "@"))
    assert not row["patient_id"].lstrip().startswith(("=", "+", "-", "@"))
    assert row["sha256"] == operation.sent.sha256
