"""`pacs-conformance list`: scenarios and requirements."""

from __future__ import annotations

import contextlib
import io
import json
from collections import defaultdict
from typing import Any

import click
import pytest
from rich.console import Console
from rich.table import Table

from conformance.cli.errors import CommandError
from conformance.cli.run import base_arguments
from conformance.plugin.naming import level_of, requirements_of, scenario_id_of, title_of, topic_of
from conformance.plugin.outcome import clause_of
from conformance.standard.catalogue import all_requirements


class _Collected:
    """Takes the scenarios that pytest collects."""

    def __init__(self) -> None:
        self.scenarios: list[dict[str, Any]] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep what can be said of each scenario."""
        self.scenarios = [
            {
                "id": scenario_id_of(item),
                "topic": topic_of(item),
                "level": str(level_of(item)),
                "title": title_of(item),
                "requirements": list(requirements_of(item)),
                "clauses": [clause_of(i) for i in requirements_of(item)],
            }
            for item in session.items
        ]


def collect() -> list[dict[str, Any]]:
    """Every scenario, without running any.

    Raises:
        CommandError: They cannot be collected.
    """
    collected = _Collected()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = pytest.main([*base_arguments(), "--collect-only"], plugins=[collected])
    if code != pytest.ExitCode.OK:
        raise CommandError(f"the scenarios cannot be collected:\n{said.getvalue()}", exit_code=3)
    return collected.scenarios


@click.command("list")
@click.option("--requirements", "of_requirements", is_flag=True, help="The requirements, and what covers them.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def list_(*, of_requirements: bool, as_json: bool) -> int:
    """List the scenarios, or the requirements of the standard with their clauses."""
    scenarios = collect()
    rows = requirement_rows(scenarios) if of_requirements else scenarios
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return 0
    console = Console(highlight=False)
    if of_requirements:
        console.print(_requirement_table(rows))
        covered = sum(1 for row in rows if row["scenarios"])
        console.print(f"{len(rows)} requirements, {covered} named by scenarios")
    else:
        console.print(_scenario_table(rows))
        console.print(f"{len(rows)} scenarios")
    return 0


def requirement_rows(scenarios: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every requirement with the scenarios that name it."""
    covering: dict[str, list[str]] = defaultdict(list)
    for scenario in scenarios:
        for requirement_id in scenario["requirements"]:
            covering[requirement_id].append(scenario["id"])
    return [
        {
            "id": row.id,
            "clause": row.clause,
            "edition": row.edition,
            "level": str(row.level),
            "text": row.text,
            "not_tested": row.not_tested,
            "scenarios": covering.get(row.id, []),
        }
        for row in all_requirements()
    ]


def _scenario_table(rows: list[dict[str, Any]]) -> Table:
    table = Table("scenario", "level", "requirements", "clauses", box=None)
    for row in rows:
        table.add_row(row["id"], row["level"], " ".join(row["requirements"]), "; ".join(row["clauses"]))
    return table


def _requirement_table(rows: list[dict[str, Any]]) -> Table:
    table = Table("requirement", "level", "clause", "edition", "scenarios", "text", box=None)
    for row in rows:
        count = str(len(row["scenarios"])) if row["scenarios"] else "-"
        table.add_row(row["id"], row["level"], row["clause"], row["edition"], count, row["text"])
    return table
