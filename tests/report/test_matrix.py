"""The matrix in the reports: a cell for each pair, nothing of a target that runs, and the tables of a statement."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from conformance.evidence.matrix import matrix_csv, matrix_of
from conformance.evidence.results import ResultsWriter, read_results
from conformance.observation.matrix import WORDS
from conformance.report.evidence_html import evidence_html
from conformance.report.html import summary_html
from conformance.report.matrix import CLASSES, matrix_view
from conformance.report.matrix_order import alike, bands, same_syntaxes, sections, short_class_name
from conformance.report.render import render_all
from conformance.standard import sop_classes
from conformance.standard.transfer_syntaxes import TRANSFER_SYNTAXES
from tests.evidence.samples import CT, EXPLICIT, IMPLICIT, JPEG_BASELINE, a_header, a_matrix, a_record, a_run
from tests.plugin.runs import results_schema

MR = "1.2.840.10008.5.1.4.1.1.4"
CELL = re.compile(r'<i class="?([a-z ]+)"? title="([^"]*)"></i>')


def a_run_with(matrix: dict[str, Any] | None = None, **header: Any) -> dict[str, Any]:
    return {**a_run([a_record("test_a", matrix=matrix or a_matrix()), a_record("test_b")]), **header}


def view_of(results: dict[str, Any]) -> dict[str, Any]:
    view = matrix_view(results)
    assert view is not None
    return view


def cells_of(view: dict[str, Any], name: str) -> list[tuple[str, str]]:
    rows = {row[0]: row[3] for _, found in view["sections"] for row in found}
    return CELL.findall(str(rows[name]))


def test_each_answer_has_a_class_and_words_of_its_own() -> None:
    assert set(CLASSES) == set(WORDS)
    assert len(set(CLASSES.values())) == len(WORDS)


def test_a_cell_for_each_pair_says_what_it_is() -> None:
    view = view_of(a_run_with())
    assert cells_of(view, "MR Image") == [
        ("a", "Implicit VR LE: accepted"),
        ("a", "Explicit VR LE: accepted"),
        ("b", "JPEG Baseline (Process 1): refused: abstract syntax not supported"),
    ]
    assert [css for css, _ in cells_of(view, "1.2.3.4.5")] == ["x", "q", "q"]
    assert view["not_asked"] == ("A-ABORT: service-user (1 times)",)


def test_what_was_stored_and_what_is_claimed_is_marked() -> None:
    unclaimed = {"storage_sop_classes": [CT], "transfer_syntaxes": [IMPLICIT, JPEG_BASELINE]}
    view = view_of(a_run_with(claims=unclaimed))
    assert [css for css, _ in cells_of(view, "CT Image")] == ["a", "a e", "t c"]
    marked = {words: count for _, words, count in view["legend"]}
    assert marked["claimed and not accepted"] == 1
    assert marked["accepted and not claimed"] == 3
    stored = view_of(a_run_with(claims={}))
    assert ("a s", "Explicit VR LE: accepted; an instance was stored in this run") in cells_of(stored, "CT Image")


def test_the_gravest_mark_of_a_group_is_that_of_its_row() -> None:
    matrix = a_matrix(sop_classes=[CT, MR], rows=["004", "004"])
    view = view_of(a_run_with(matrix, claims={"storage_sop_classes": [MR], "transfer_syntaxes": [JPEG_BASELINE]}))
    ((names, cells),) = view["patterns"]
    assert names == ["CT Image", "MR Image"]
    assert CELL.findall(str(cells))[2] == (
        "t c",
        "JPEG Baseline (Process 1): refused: transfer syntax not supported; 1 times claimed and not accepted",
    )


def test_a_statement_has_one_table_for_sop_classes_with_the_same_transfer_syntaxes() -> None:
    view = view_of(a_run_with())
    ((classes, syntaxes),) = view["statement"]
    assert [uid for _, uid in classes] == [CT, MR]
    assert syntaxes == [("Implicit VR Little Endian", IMPLICIT), ("Explicit VR Little Endian", EXPLICIT)]
    assert view["refused"] == ["Nuclear Medicine Image Storage"]


def test_both_reports_show_it_and_stay_in_bounds() -> None:
    classes = [row.uid for row in sop_classes.all_storage()]
    syntaxes = [row.uid for row in TRANSFER_SYNTAXES]
    matrix = a_matrix(sop_classes=classes, transfer_syntaxes=syntaxes, rows=["0" * 40 + "4" * 23] * 183)
    results = a_run_with(matrix)
    page, summary = evidence_html(results), summary_html(results)
    assert len(CELL.findall(page)) == 183 * 63
    assert "11,529 of 11,529 pairs answered" in page
    assert "11,529 of 11,529 pairs answered" in summary
    assert len(page) < 1_500_000
    assert len(summary) < 100_000


def test_a_run_without_a_matrix_has_no_such_part() -> None:
    results = a_run([a_record()])
    assert matrix_view(results) is None
    assert "pc-mx" not in summary_html(results)
    assert 'id="matrix"' not in evidence_html(results)


def test_uids_of_a_record_from_anywhere_are_text() -> None:
    evil = '"><script>alert(1)</script>'
    page = evidence_html(
        a_run_with(a_matrix(sop_classes=[evil], transfer_syntaxes=[evil, IMPLICIT, CT], rows=["004"], again=[]))
    )
    assert "<script" not in page


def test_matrix_csv_has_a_row_for_each_sop_class() -> None:
    matrix = matrix_of(a_run_with())
    assert matrix is not None
    header, uids, *rows = csv.reader(io.StringIO(matrix_csv(matrix), newline=""))
    assert header == [
        *("sop_class", "sop_class_uid", "table", "accepted"),
        *("ImplicitVRLittleEndian", "ExplicitVRLittleEndian", "JPEGBaseline8Bit"),
    ]
    assert uids[4:] == [IMPLICIT, EXPLICIT, JPEG_BASELINE]
    assert rows[0] == ["CT Image Storage", CT, "storage", "2", "0", "0", "4"]
    assert rows[3][4:] == ["x", "", ""]


def test_the_fullest_matrix_of_a_run_is_taken() -> None:
    empty = a_matrix(rows=["---"] * 4)
    found = matrix_of(a_run([a_record("test_a", matrix=empty), a_record("test_b", matrix=a_matrix())]))
    assert found is not None
    assert found.rows[0] == "004"


def test_the_record_with_a_matrix_is_of_the_schema_and_in_the_files_of_the_run(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    with ResultsWriter(path, a_header()) as writer:
        writer.append(a_record(matrix=a_matrix()))
        writer.finish(finished_at="2026-01-02T03:05:00+00:00")
    results = read_results(path)
    Draft202012Validator(results_schema()).validate(results)
    assert "matrix.csv" in [written.name for written in render_all(tmp_path)]
    assert '"matrix.csv"' in (tmp_path / "manifest.json").read_text()


def test_all_that_is_standard_has_its_place() -> None:
    classes = [row.uid for row in sop_classes.all_storage()]
    placed = sections(classes)
    assert sorted(uid for uids in placed.values() for uid in uids) == sorted(classes)
    assert short_class_name(placed["Retired"][0]) == "Nuclear Medicine Image (retired)"
    columns = bands(row.uid for row in TRANSFER_SYNTAXES)
    assert {name: len(uids) for name, uids in columns.items()} == {
        "native": 5,
        "RLE": 3,
        "JPEG": 18,
        "LS": 2,
        "J2K": 7,
        "XL": 3,
        "video": 16,
        "other": 9,
    }
    assert columns["native"][0] == IMPLICIT


def test_rows_that_are_alike_stand_together() -> None:
    matrix = matrix_of(a_run_with(a_matrix(sop_classes=[CT, MR, "1.2.3"], rows=["004", "333", "004"], again=[])))
    assert matrix is not None
    assert alike(matrix) == (("004", ("1.2.3", CT)), ("333", (MR,)))
    assert same_syntaxes(matrix) == ((("1.2.3", CT), (IMPLICIT, EXPLICIT)),)
