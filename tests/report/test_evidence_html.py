"""evidence.html is one static document; the files of a run can be made again from results.json alone."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from conformance.evidence.manifest import changed_files
from conformance.evidence.results import ResultsError, ResultsWriter
from conformance.report.evidence_html import INSTANCES_SHOWN, evidence_html
from conformance.report.render import render_all
from conformance.verdict.finding import Verdict
from tests.evidence.samples import (
    HOSTILE,
    a_finding,
    a_header,
    a_record,
    a_run,
    store_operation,
    store_transcript,
)


def body_of(page: str) -> str:
    return page.partition("<body>")[2]


def test_document_has_cover_findings_requirements_and_instances() -> None:
    target = {**a_header()["target"], "tested_by": "R. Examiner"}
    records = [
        a_record("test_a"),
        a_record("test_b[x]", findings=(a_finding("STA-02", actual="status 0100H"),)),
        a_record("test_b[y]", findings=(a_finding("STA-02", actual="status 0100H"),)),
        a_record("test_c", findings=(a_finding("STA-05", Verdict.WARN, actual="B000H, unsaid"),)),
        a_record("test_d", verdict=Verdict.ERROR, error="Traceback\nOSError: disk full"),
    ]
    page = evidence_html({**a_run(records), "target": target})
    for words in (
        "R. Examiner",
        "Example Imaging",
        "Archive 4.2",
        "2026-01-02",
        "NOT CONFORMANT",
        "00 00 00 09 02 00 00 00 00 01",
        "B000H, unsaid",
        "OSError: disk full",
        "1.2.3.4.1",
    ):
        assert words in page
    assert page.count("<b>status 0100H</b>") == 1


def test_document_needs_no_script_and_loads_nothing() -> None:
    page = evidence_html(a_run([a_record(findings=(a_finding(),))]))
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert not re.search(r"""(src|href)\s*=|@import|url\(""", page)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_hostile_strings_are_inert(text: str) -> None:
    record = a_record(
        f"test_x[{text}]", findings=(a_finding(text, actual=text, note=text),), text=text, title=text, topic=text,
        error=text,
    )  # fmt: skip
    page = evidence_html(
        {
            **a_run([record], diagnosis=text),
            **a_header(target=dict.fromkeys(a_header()["target"], text), claims={text: text}, command=text),
        }
    )
    assert "<script" not in page
    assert "<img" not in page
    assert not {"\x1b", "\0", "\u202e"} & set(page)
    assert "{{ 7 * 7 }}" in page or text != "{{ 7 * 7 }}"
    page.encode("utf-8")


def test_instances_beyond_the_bound_are_counted() -> None:
    transcript = store_transcript()
    operations = [store_operation(transcript, uid=f"1.2.{i}") for i in range(INSTANCES_SHOWN + 7)]
    page = evidence_html(a_run([a_record(operations=operations)]))
    assert f"{INSTANCES_SHOWN + 7} instances" in page
    assert f"The first {INSTANCES_SHOWN} are listed" in page


def test_run_that_judged_nothing_still_gives_a_document() -> None:
    page = evidence_html(a_run([], diagnosis="no TCP connection\nhint: is it running?"))
    assert "TARGET NOT USABLE" in page
    assert "hint: is it running?" in page


def test_files_are_made_from_results_alone(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path / "results.json", a_header()) as writer:
        writer.append(a_record())
        writer.finish(finished_at="2026-01-02T03:05:00+00:00", cleanup={"deleted": ["1.2.3.4.1"], "note": ""})
    (tmp_path / "report.html").write_text("<html></html>")
    first = {path.name: path.read_bytes() for path in render_all(tmp_path)}
    second = {path.name: path.read_bytes() for path in render_all(tmp_path)}
    assert first == second
    assert set(first) == {"evidence.html", "instances.csv", "manifest.json"}
    assert changed_files(tmp_path) == []
    listed = {file["path"] for file in json.loads(first["manifest.json"])["files"]}
    assert listed == {"results.json", "report.html", "evidence.html", "instances.csv"}
    rows = list(csv.DictReader((tmp_path / "instances.csv").read_text("utf-8").splitlines()))
    assert [row["deleted"] for row in rows] == ["yes"]


def test_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"results\.json"):
        render_all(tmp_path)
    (tmp_path / "results.json").write_text("{}")
    with pytest.raises(ResultsError):
        render_all(tmp_path)
