"""The summary on a terminal fits one screen, says what deviates, and obeys no string of the target."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from conformance.evidence.record import Record
from conformance.report.terminal import LINES, WIDTH, print_summary, summary_text
from conformance.verdict.finding import Verdict
from tests.evidence.samples import HOSTILE, a_finding, a_header, a_record, a_run

REPORT = "reports/20260102T030405Z-acceptance/report.html"


def large_run() -> list[Record]:
    """Hundreds of scenarios in twenty topics, with more deviations than fit a screen."""
    verdicts = (Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE, Verdict.INFO, Verdict.NOT_APPLICABLE)
    records = [
        a_record(
            f"test_{topic}[{verdict}]",
            topic=f"topic {topic}",
            findings=(a_finding(f"STA-{topic:02d}", verdict, actual="observed " * 30),),
        )
        for topic in range(20)
        for verdict in verdicts
    ]
    records += [a_record(f"test_e[{i}]", verdict=Verdict.ERROR, error="Traceback\nOSError: full") for i in range(9)]
    return records


def test_small_run_is_told_whole() -> None:
    records = [
        a_record("test_a"),
        a_record("test_b[x]", findings=(a_finding("STA-02", actual="status 0100H"),)),
        a_record("test_b[y]", findings=(a_finding("STA-02", actual="status 0100H"),)),
        a_record("test_c", topic="statuses", findings=(a_finding("STA-05", Verdict.WARN, actual="B000H, unsaid"),)),
    ]
    text = summary_text(a_run(records), report=REPORT)
    assert text.startswith("NOT CONFORMANT  4 scenarios: 2 FAIL, 1 WARN, 1 PASS\n")
    assert "PACS@10.0.0.5:104" in text
    assert "FAIL STA-02 PS3.4 Table B.2-1: status 0100H (2 scenarios, first: test_b[x])\n" in text
    assert "WARN STA-05: B000H, unsaid\n" in text
    assert text.endswith(f"report  {REPORT}\n")


@pytest.mark.parametrize("width", [80, 100])
def test_large_run_fits_one_screen_and_counts_the_rest(width: int) -> None:
    text = summary_text(a_run(large_run()), report="r.html", width=width)
    lines = text.splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= width
    assert "more requirements with a FAIL" in text
    assert "10 more topics" in text
    assert "report  r.html" in text


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_hostile_strings_stay_text_on_their_line(text: str) -> None:
    record = a_record(f"test_x[{text}]", findings=(a_finding(text, actual=text),), text=text, title=text, topic=text)
    fault = a_record("test_y", verdict=Verdict.ERROR, error=text)
    target = {**a_header()["target"], "name": text, "vendor": text, "implementation_version_name": text}
    run = {**a_run([record, fault], diagnosis=text), "target": target}
    shown = summary_text(run, report=text[:60])
    assert "\x1b" not in shown
    assert "\0" not in shown
    assert "\u202e" not in shown
    assert len(shown.splitlines()) <= LINES
    if text == "[bold red]markup[/]":
        assert shown.count(text) >= 4
    shown.encode("utf-8")


def test_no_colour_unless_asked_for() -> None:
    run = a_run([a_record()])
    assert "\x1b" not in summary_text(run, report=REPORT)
    assert "\x1b[" in summary_text(run, report=REPORT, color=True)


def test_no_color_of_the_environment_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    console = Console(file=io.StringIO(), force_terminal=True, width=WIDTH, highlight=False)
    with console.capture() as capture:
        print_summary(a_run([a_record(findings=(a_finding(),))]), report=REPORT, console=console)
    assert "\x1b[31" not in capture.get()
    assert "\x1b[1;31" not in capture.get()


def test_unusable_target_is_told_with_its_hint() -> None:
    run = a_run([], diagnosis="rejected: called AE title not recognized\nhint: is PACS the right AE title?")
    text = summary_text(run, report=REPORT)
    assert text.startswith("TARGET NOT USABLE  0 scenarios\n")
    assert "hint: is PACS the right AE title?" in text


def test_run_without_a_target_or_scenario_is_told() -> None:
    run = a_run([])
    del run["target"], run["readback"]
    assert summary_text(run, report=REPORT).startswith("NOTHING JUDGED")


def test_long_path_of_the_report_is_never_cut() -> None:
    path = "reports/" + "x" * 150 + "/report.html"
    assert f"report  {path}\n" in summary_text(a_run([]), report=path)
