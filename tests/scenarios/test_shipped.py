"""What must hold for every scenario that ships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from conformance.cli.listing import collect
from conformance.standard.catalogue import all_requirements

TOPICS = {
    "PDUs",
    "cancellation",
    "channels",
    "content",
    "duplicates",
    "encodings",
    "extended negotiation",
    "matrix",
    "messages",
    "negotiation",
    "query and retrieve",
    "state machine",
    "statuses",
    "storage",
    "storage commitment",
    "transfer syntaxes",
    "transport",
    "verification",
}


@pytest.fixture(scope="module")
def scenarios() -> list[dict[str, Any]]:
    return collect()


def test_at_least_150_cases_run_at_the_standard_level(scenarios: list[dict[str, Any]]) -> None:
    assert len([s for s in scenarios if s["level"] != "disruptive"]) >= 150


def test_every_topic_has_scenarios(scenarios: list[dict[str, Any]]) -> None:
    assert {s["topic"] for s in scenarios} == TOPICS


def test_ids_are_unique(scenarios: list[dict[str, Any]]) -> None:
    ids = [s["id"] for s in scenarios]
    assert len(set(ids)) == len(ids)


def test_every_scenario_names_requirements_of_the_catalogue(scenarios: list[dict[str, Any]]) -> None:
    known = {row.id for row in all_requirements()}
    assert not {s["id"]: s["requirements"] for s in scenarios if not s["requirements"]}
    assert not {(s["id"], r) for s in scenarios for r in s["requirements"] if r not in known}


def test_every_title_is_a_sentence(scenarios: list[dict[str, Any]]) -> None:
    def is_sentence(scenario: Mapping[str, Any]) -> bool:
        return bool(scenario["title"].endswith(".") and " " in scenario["title"])

    assert not [s["id"] for s in scenarios if not is_sentence(s)]
