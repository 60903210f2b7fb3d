"""Every requirement is judged by something, or says why it is not; and no scenario names one that nobody knows."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

import conformance
from conformance.cli.coverage import JUDGED_ANYWHERE, Row, count, rows
from conformance.cli.listing import collect
from conformance.cli.run import scenarios_folder
from conformance.standard.catalogue import all_requirements
from conformance.verdict import passive
from tests.kill_matrix.plan import declared
from tests.scenarios.test_channel_faults import CAUGHT_OVER_THE_WEB

KNOWN = {row.id for row in all_requirements()}
FROM_THE_WIRE = {"PS3.7", "PS3.8"}
OTHER_SERVICES = {"SC", "TLS"}
CAUGHT_ELSEWHERE = {"test_corpus.py::test_file"}
"""What is given files of a person's own: `test_corpus_scenarios.py` has its fault."""


@cache
def _rows() -> tuple[Row, ...]:
    return rows(collect())


def test_no_scenario_names_an_unknown_requirement() -> None:
    named = {(scenario["id"], one) for scenario in collect() for one in scenario["requirements"]}
    assert not {(scenario, one) for scenario, one in named if one not in KNOWN}


def test_the_passive_rules_are_of_the_catalogue() -> None:
    assert not set(passive.RULES) - KNOWN
    assert not set(JUDGED_ANYWHERE) - KNOWN


def test_what_nothing_judges_says_why() -> None:
    assert not [row.requirement.id for row in _rows() if not row.covered and not row.requirement.not_tested]


def test_what_is_judged_has_no_reason_for_not_being() -> None:
    assert not [row.requirement.id for row in _rows() if row.covered and row.requirement.not_tested]


def test_every_scenario_catches_a_fault() -> None:
    tables = [scenario for named in declared().values() for scenario in named]
    caught = {_function(scenario) for scenario in (*tables, *(case[1] for case in CAUGHT_OVER_THE_WEB))}
    shipped = {_function(scenario["id"]) for scenario in collect()}
    assert shipped - caught - CAUGHT_ELSEWHERE == set()


class _WithoutMarks(ast.NodeTransformer):
    """Takes out what only says which requirements a scenario is about."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "requirement":
            return ast.Constant(value=None)
        self.generic_visit(node)
        return node


def test_what_a_scenario_names_can_be_judged() -> None:
    package = Path(conformance.__file__).parent
    judges = "".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py") if "standard" not in path.parts)
    named: dict[str, set[str]] = defaultdict(set)
    for scenario in collect():
        named[scenario["id"].partition("::")[0]] |= {*scenario["requirements"]}
    unjudged = []
    for file, ids in named.items():
        tree = _WithoutMarks().visit(ast.parse((scenarios_folder() / file).read_text(encoding="utf-8")))
        said = judges + ast.unparse(tree)
        # Those of the cells of Table 9-10 are put together from state and event.
        unjudged += [f"{file} {one}" for one in sorted(ids) if not one.startswith("FSM-") and not _is_in(one, said)]
    assert unjudged == []


def _is_in(requirement: str, source: str) -> bool:
    return f"'{requirement}'" in source or f'"{requirement}"' in source


def _function(scenario: str) -> str:
    return scenario.partition("[")[0]


def test_at_least_400_requirements_are_judged() -> None:
    whole = count("all", _rows())
    assert whole.by_scenarios + whole.anywhere >= 400


@pytest.mark.parametrize("part", sorted(FROM_THE_WIRE))
def test_what_can_be_seen_on_the_wire_is_judged(part: str) -> None:
    unseen = {"needs-configuration", "not-observable", "out-of-scope"}
    rest = [
        row for row in _rows() if row.part == part and not row.covered and row.requirement.topic not in OTHER_SERVICES
    ]
    assert not [row.requirement.id for row in rest if row.reason not in unseen]
