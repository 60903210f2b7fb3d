"""The tables of reviewed deviations are complete in themselves, and a difference to a run is said plainly."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.standard.catalogue import requirement
from tests.systems.reviewed import Deviation, Table, accusations, differences, names, table_of

KNOWN = Deviation(requirement="PDV-12", verdict="FAIL", clause="PS3.8 E.1", reason="odd fragments")
RARE = Deviation(requirement="FID-02", verdict="FAIL", clause="PS3.4 B.4.1.1", reason="by chance", sometimes=True)
TABLE = Table(system="one", deviations=(KNOWN, RARE), inconclusive={"test_a.py::test_odd": "no read-back"})


def results_of(*findings: tuple[str, str], verdict: str = "FAIL", name: str = "test_a.py::test_one") -> dict[str, Any]:
    """A run of one scenario."""
    listed = [{"requirement": r, "verdict": v, "actual": "9 bytes"} for r, v in findings]
    return {"scenarios": [{"id": name, "verdict": verdict, "findings": listed, "error": None}]}


@pytest.mark.parametrize("name", names())
def test_every_deviation_is_of_the_catalogue_with_a_clause_and_a_reason(name: str) -> None:
    table = table_of(name)
    assert table.system
    for deviation in table.deviations:
        assert requirement(deviation.requirement).id == deviation.requirement
        assert deviation.verdict in {"FAIL", "WARN"}
        assert deviation.clause.startswith("PS3.")
        assert len(deviation.reason.split()) > 4
    assert len({(d.requirement, d.verdict) for d in table.deviations}) == len(table.deviations)


@pytest.mark.parametrize(
    ("results", "lines"),
    [
        pytest.param(results_of(("PDV-12", "FAIL")), [], id="as known"),
        pytest.param(results_of(("PDV-12", "FAIL"), ("FID-02", "FAIL")), [], id="with what is there sometimes"),
        pytest.param(
            results_of(("PDV-12", "FAIL"), ("UL-AC-04", "WARN")),
            ["new: UL-AC-04 WARN, 1 times", "    test_a.py::test_one: 9 bytes"],
            id="new",
        ),
        pytest.param(results_of(verdict="PASS"), ["gone: PDV-12 FAIL: odd fragments"], id="gone"),
        pytest.param(
            results_of(("PDV-12", "FAIL"), verdict="ERROR"), ["ERROR: test_a.py::test_one: "], id="a fault of ours"
        ),
        pytest.param(
            results_of(("PDV-12", "FAIL"), verdict="INCONCLUSIVE", name="test_a.py::test_odd"),
            [],
            id="known as inconclusive",
        ),
        pytest.param(
            results_of(("PDV-12", "FAIL"), verdict="INCONCLUSIVE"),
            ["INCONCLUSIVE: test_a.py::test_one: "],
            id="inconclusive",
        ),
    ],
)
def test_differences_are_said(results: dict[str, Any], lines: list[str]) -> None:
    assert differences(TABLE, results) == lines


def test_a_fail_that_nobody_reviewed_is_an_accusation() -> None:
    assert accusations(TABLE, results_of(("NEW-01", "FAIL")))
    assert accusations(TABLE, results_of(("NEW-01", "WARN"), verdict="WARN")) == []
