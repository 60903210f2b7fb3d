"""A verdict map says of every scenario what it said, and a change is told."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conformance.standard.catalogue import requirement
from tests.systems.maps import PASS, changed, map_of, targets, written
from tests.systems.reviewed import names, table_for

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FINE, ODD, LOOSE = "test_a.py::test_fine", "test_a.py::test_odd", "test_a.py::test_loose"


def scenario(name: str, verdict: str, *requirements: str) -> dict[str, Any]:
    findings = [{"requirement": one, "verdict": verdict} for one in requirements]
    return {"id": name, "verdict": verdict, "findings": [*findings, {"requirement": "ST-01", "verdict": PASS}]}


def run_of(*scenarios: dict[str, Any]) -> dict[str, Any]:
    return {"scenarios": list(scenarios)}


def map_from(*runs: dict[str, Any]) -> dict[str, frozenset[str]]:
    found = tomllib.loads(written(runs))
    return {
        name: frozenset(listed if verdict == "sometimes" else [" ".join((verdict, *listed))])
        for verdict, scenarios in found.items()
        for name, listed in scenarios.items()
    }


ONE = run_of(scenario(FINE, PASS), scenario(ODD, "FAIL", "PDV-12"), scenario(LOOSE, PASS))
OTHER = run_of(scenario(FINE, PASS), scenario(ODD, "FAIL", "PDV-12"), scenario(LOOSE, "WARN", "UL-AC-04"))


def test_what_passes_does_not_stand_in_a_map() -> None:
    assert map_from(ONE) == {ODD: {"FAIL PDV-12"}}


def test_what_differs_between_runs_is_sometimes_so() -> None:
    assert map_from(ONE, OTHER)[LOOSE] == {PASS, "WARN UL-AC-04"}
    assert changed(map_from(ONE, OTHER), ONE) == {}
    assert changed(map_from(ONE, OTHER), OTHER) == {}


def test_what_is_kept_counts_as_one_run_more() -> None:
    kept = tomllib.loads(written([run_of(scenario(ODD, PASS))], known=map_from(ONE)))
    assert kept == {"sometimes": {ODD: ["FAIL PDV-12", PASS]}}


def test_a_change_is_told() -> None:
    known = map_from(ONE)
    assert changed(known, run_of(scenario(ODD, PASS))) == {ODD: "FAIL PDV-12 became PASS"}
    assert changed(known, run_of(scenario(ODD, "FAIL", "PDV-13"))) == {ODD: "FAIL PDV-12 became FAIL PDV-13"}
    assert changed(known, run_of(scenario(FINE, "INCONCLUSIVE"))) == {FINE: "PASS became INCONCLUSIVE"}
    assert changed(known, OTHER) == {LOOSE: "PASS became WARN UL-AC-04"}


def test_what_depends_on_timing_is_no_change() -> None:
    assert changed(map_from(ONE), OTHER, sometimes=("UL-AC-04",)) == {}
    assert changed(map_from(ONE), run_of(scenario(ODD, PASS)), sometimes=("PDV-12",)) == {}


def test_every_system_has_a_table_and_a_map() -> None:
    assert {next(name for name in names() if target.startswith(name)) for target in targets()} == set(names())


@pytest.mark.parametrize("target", targets())
def test_a_map_names_scenarios_that_exist(target: str) -> None:
    named = {scenario.partition("[")[0] for scenario in map_of(target)}
    there = {
        f"{path.name}::{function}"
        for path in SCENARIOS.glob("test_*.py")
        for function in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert sorted(named - there) == []


@pytest.mark.parametrize("target", targets())
def test_every_accusation_of_a_map_has_a_reason(target: str) -> None:
    known = {(deviation.requirement, deviation.verdict) for deviation in table_for(target).deviations}
    accusations = {
        (behind, verdict)
        for outcomes in map_of(target).values()
        for verdict, *requirements in (outcome.split() for outcome in outcomes)
        for behind in requirements
    }
    assert {one for one, _ in accusations} == {requirement(one).id for one, _ in accusations}
    assert sorted(accusations - known) == []
