"""The overall verdict, the exit code and the counts of a run."""

from __future__ import annotations

import pytest

from conformance.evidence.summary import Overall, summarise
from conformance.verdict.finding import Verdict
from tests.evidence.samples import a_finding, a_record

P, W, F, I, N, X, E, V = (  # noqa: E741
    Verdict.PASS,
    Verdict.WARN,
    Verdict.FAIL,
    Verdict.INFO,
    Verdict.NOT_APPLICABLE,
    Verdict.INCONCLUSIVE,
    Verdict.ERROR,
    Verdict.WAIVED,
)


@pytest.mark.parametrize(
    ("verdicts", "overall", "exit_code"),
    [
        pytest.param((P, P, I, N), Overall.CONFORMANT, 0, id="all-passed"),
        pytest.param((P, W), Overall.CONFORMANT, 0, id="warnings"),
        pytest.param((P, V), Overall.CONFORMANT_WITH_WAIVERS, 0, id="waived"),
        pytest.param((P, V, X), Overall.INCOMPLETE, 0, id="waived-and-inconclusive"),
        pytest.param((P, X), Overall.INCOMPLETE, 0, id="inconclusive"),
        pytest.param((P, F, X), Overall.NOT_CONFORMANT, 1, id="failed"),
        pytest.param((P, F, E), Overall.NOT_CONFORMANT, 1, id="failed-and-our-fault"),
        pytest.param((P, E), Overall.HARNESS_ERROR, 3, id="our-fault"),
        pytest.param((), Overall.NOTHING_JUDGED, 5, id="no-scenario"),
        pytest.param((N, X, I), Overall.NOTHING_JUDGED, 5, id="only-skips"),
    ],
)
def test_overall(verdicts: tuple[Verdict, ...], overall: Overall, exit_code: int) -> None:
    summary = summarise(
        (a_record(f"test_{i}", findings=(a_finding(verdict=v),)) for i, v in enumerate(verdicts)), finished_at="now"
    )
    assert (summary["overall"], summary["exit_code"]) == (overall, exit_code)


def test_strict_takes_a_warning_as_a_fail() -> None:
    summary = summarise([a_record(findings=(a_finding(verdict=W),))], finished_at="now", strict=True)
    assert (summary["overall"], summary["exit_code"]) == (Overall.NOT_CONFORMANT, 1)


def test_interrupted_run_says_so_whatever_it_found() -> None:
    summary = summarise([a_record(findings=(a_finding(),))], finished_at="now", interrupted=True)
    assert (summary["overall"], summary["exit_code"], summary["verdicts"]) == ("interrupted", 2, {"FAIL": 1})


def test_unusable_target_is_neither_a_fail_nor_our_fault() -> None:
    summary = summarise([], finished_at="now", diagnosis="connection refused\nhint: is it running?")
    assert (summary["overall"], summary["exit_code"]) == (Overall.UNREACHABLE, 3)


def test_counts_by_topic_and_by_requirement() -> None:
    summary = summarise(
        [
            a_record("test_0", topic="storage", findings=(a_finding("STA-02", P), a_finding("STA-01", P))),
            a_record("test_1", topic="storage", findings=(a_finding("STA-02", F), a_finding("STA-02", P, actual="x"))),
            a_record("test_2", topic="statuses", findings=(a_finding("STA-02", W),)),
        ],
        finished_at="now",
    )
    assert summary["topics"] == {"storage": {"PASS": 1, "FAIL": 1}, "statuses": {"WARN": 1}}
    row = summary["requirements"]["STA-02"]
    assert (row["verdict"], row["findings"], row["scenarios"]) == ("FAIL", 4, 3)
    assert row["clause"].startswith("PS3.4")
    assert summary["requirements"]["STO-01"]["verdict"] is None


def test_each_verdict_is_counted_in_the_order_of_the_enumeration() -> None:
    summary = summarise([a_record(findings=(a_finding(verdict=v),)) for v in (V, E, P, F)])
    assert summary["verdicts"] == {"FAIL": 1, "PASS": 1, "ERROR": 1, "WAIVED": 1}
