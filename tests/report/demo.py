"""A pytest run that makes report.html of hand-written records through the real pytest-html.

To look at the report: `python -m tests.report.demo FOLDER`, then open FOLDER/report.html.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pytest_html import extras

from conformance.evidence.record import Record
from conformance.evidence.results import ResultsWriter
from conformance.report import html
from conformance.report.render import render_all
from conformance.standard import sop_classes
from conformance.standard.transfer_syntaxes import TRANSFER_SYNTAXES
from conformance.verdict.finding import Verdict
from tests.evidence.samples import HOSTILE, a_finding, a_header, a_matrix, a_record, a_run

_OUTCOMES = {
    Verdict.FAIL: "failed",
    Verdict.ERROR: "failed",
    Verdict.NOT_APPLICABLE: "skipped",
    Verdict.INCONCLUSIVE: "skipped",
}


def demo_records() -> list[Record]:
    """A run with each verdict, in seven topics, and with hostile strings of the target."""
    topics = ("verification", "negotiation", "storage", "duplicates", "transfer syntaxes", "cancellation", "statuses")
    fail = a_finding(
        "STA-14",
        Verdict.FAIL,
        actual="status 0000H Success, but 2 instances are stored under 1.2.826.0.1.3680043.9.1",
        note="The second, identical copy was filed as a new instance; a query finds both.",
    )
    records = [a_record(f"test_{topic.replace(' ', '_')}[{i}]", topic=topic) for topic in topics for i in range(1, 5)]
    records += [
        a_record(
            "test_identical_sent_twice[same]", topic="duplicates", findings=(fail, a_finding(verdict=Verdict.PASS))
        ),
        a_record("test_identical_sent_twice[new]", topic="duplicates", findings=(fail,)),
        a_record("test_status[unlisted]", topic="statuses", findings=(a_finding(),), status=0x0100),
        a_record("test_coercion", topic="statuses", findings=(a_finding("STA-05", Verdict.WARN),), status=0xB000),
        a_record("test_big_endian", topic="transfer syntaxes", findings=(a_finding("TS-05", Verdict.INFO),)),
        a_record("test_cancel_of_c_get", topic="cancellation", findings=(a_finding("CAN-01", Verdict.NOT_APPLICABLE),)),
        a_record("test_abort", topic="cancellation", findings=(a_finding("CAN-03", Verdict.INCONCLUSIVE),)),
    ]
    records.append(a_record("test_every_pair_is_answered", topic="matrix", matrix=_whole_matrix()))
    for i, text in enumerate(HOSTILE):
        finding = a_finding("STA-02", Verdict.WARN, actual=text, note=text)
        records.append(a_record(f"test_hostile[{i}]", topic="hostile", findings=(finding,), text=text, title=text))
    return records


def _whole_matrix() -> dict[str, Any]:
    """Every pair of the standard, a quarter of them accepted, in rows of several kinds."""
    classes = [row.uid for row in sop_classes.all_storage()]
    syntaxes = [row.uid for row in TRANSFER_SYNTAXES]
    rows = ["".join("004312ox-"[(column * (1 + place % 5)) % 9] for column in range(63)) for place in range(183)]
    return a_matrix(sop_classes=classes, transfer_syntaxes=syntaxes, rows=rows)


class ReportPlugin:
    """Stands in for the suite's plugin: one test a record, and pytest-html's hooks."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = {record["id"].rpartition("::")[2]: record for record in records}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        metafunc.parametrize("name", list(self._records), ids=list(self._records))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        report: Any = yield
        if report.when == "call":
            record = self._records[item.callspec.id]  # type: ignore[attr-defined]
            report.record = record
            report.outcome = _OUTCOMES.get(record["verdict"], "passed")
            if report.outcome == "skipped":
                report.longrepr = ("demo", 1, "Skipped: not judged")
            report.extras = [extras.html(html.row_html(record, header=a_header()))]
        return report

    def pytest_html_report_title(self, report: Any) -> None:
        report.title = html.report_title(a_header())

    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        cells[:] = html.table_header_cells()

    def pytest_html_results_table_row(self, report: Any, cells: list[str]) -> None:
        cells[:] = html.table_row_cells(getattr(report, "record", None), cells=cells, nodeid=report.nodeid)

    def pytest_html_results_table_html(self, data: list[str]) -> None:
        data.clear()

    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        prefix.append(html.summary_html(a_run(list(self._records.values()))))


def make_report(folder: Path) -> Path:
    """Make the report in a process of its own, as this one may be a pytest run itself; the path of report.html."""
    command = [sys.executable, "-m", "tests.report.demo", str(folder)]
    root = Path(__file__).parents[2]
    subprocess.run(command, cwd=root, capture_output=True, timeout=120, check=True)
    return folder / "report.html"


def main(folder: Path) -> None:
    """Run pytest over one test a record."""
    records = demo_records()
    folder.mkdir(parents=True, exist_ok=True)
    with ResultsWriter(folder / "results.json", a_header()) as writer:
        for record in records:
            writer.append(record)
        writer.finish(finished_at="2026-01-02T03:05:00+00:00")
    render_all(folder)
    tests = folder / "test_demo.py"
    tests.write_text("def test_demo(name):\n    pass\n")
    (folder / "pytest.ini").write_text(f"[pytest]\nrender_collapsed = {html.COLLAPSED_OUTCOMES}\n")
    arguments = [
        str(tests),
        f"--rootdir={folder}",
        f"--confcutdir={folder}",
        f"--html={folder / 'report.html'}",
        "--self-contained-html",
        "-q",
        *("-p", "no:cacheprovider", "-p", "no:pacs-conformance"),
        *(f"--css={path}" for path in html.stylesheets()),
    ]
    code = pytest.main(arguments, plugins=[ReportPlugin(records)])
    if code is not pytest.ExitCode.TESTS_FAILED:  # as the demo's FAILs must
        raise SystemExit(f"pytest ended with {code!r}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
