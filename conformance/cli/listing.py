"""`pacs-conformance list`: scenarios, requirements and instances."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Sequence
from typing import Any

import click
import pytest
from rich.console import Console
from rich.table import Table

from conformance.cli import coverage, listing_instances
from conformance.cli.errors import CommandError
from conformance.cli.run import base_arguments
from conformance.plugin.naming import level_of, requirements_of, scenario_id_of, title_of, topic_of
from conformance.plugin.outcome import clause_of
from conformance.standard.catalogue import NotTested


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
@click.option(
    "--instances", "of_instances", is_flag=True, help="The SOP classes and transfer syntaxes of what is sent."
)
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def list_(*, of_requirements: bool, of_instances: bool, as_json: bool) -> int:
    """List the scenarios, the requirements of the standard with their clauses, or the instances that are sent."""
    if of_requirements and of_instances:
        raise click.UsageError("--requirements and --instances are two lists\nhint: ask for one at a time")
    if of_instances:
        return _list_instances(as_json=as_json)
    scenarios = collect()
    found = coverage.rows(scenarios) if of_requirements else ()
    if as_json:
        shown = [requirement_row(row) for row in found] if of_requirements else scenarios
        click.echo(json.dumps(shown, indent=1, ensure_ascii=False))
        return 0
    console = Console(highlight=False)
    if of_requirements:
        console.print(_requirement_table(found))
        for title, group_of in (("clause", _chapter_of), ("part", _part_of)):
            console.print(_count_table(title, coverage.counts(found, group_of)))
        whole = coverage.count("all", found)
        console.print(
            f"{whole.total} requirements: {whole.by_scenarios} named by scenarios, {whole.anywhere} more judged on "
            f"everything that is received, {sum(whole.reasons.values())} not tested"
        )
    else:
        console.print(_scenario_table(scenarios))
        console.print(f"{len(scenarios)} scenarios")
    return 0


def _list_instances(*, as_json: bool) -> int:
    if as_json:
        click.echo(json.dumps(listing_instances.as_values(), indent=1, ensure_ascii=False))
    else:
        listing_instances.show(Console(highlight=False))
    return 0


def requirement_row(row: coverage.Row) -> dict[str, Any]:
    """A requirement with what judges it, as it goes out in JSON."""
    requirement = row.requirement
    return {
        "id": requirement.id,
        "clause": requirement.clause,
        "edition": requirement.edition,
        "level": str(requirement.level),
        "text": requirement.text,
        "not_tested": requirement.not_tested,
        "scenarios": list(row.scenarios),
        "judged_on": row.judged_on,
    }


def _part_of(row: coverage.Row) -> str:
    return row.part


def _chapter_of(row: coverage.Row) -> str:
    return row.chapter


def _count_table(title: str, counts: Sequence[coverage.Count]) -> Table:
    table = Table(title, "requirements", "scenarios", "passive", *map(str, NotTested), "open", box=None)
    for count in counts:
        numbers = (count.total, count.by_scenarios, count.anywhere)
        reasons = (count.reasons.get(reason, 0) for reason in (*map(str, NotTested), ""))
        table.add_row(count.group, *(str(number) if number else "-" for number in (*numbers, *reasons)))
    return table


def _scenario_table(rows: list[dict[str, Any]]) -> Table:
    table = Table("scenario", "level", "requirements", "clauses", box=None)
    for row in rows:
        table.add_row(row["id"], row["level"], " ".join(row["requirements"]), "; ".join(row["clauses"]))
    return table


def _requirement_table(rows: Sequence[coverage.Row]) -> Table:
    table = Table("requirement", "level", "clause", "edition", "judged by", "text", box=None)
    for row in rows:
        requirement = row.requirement
        by = f"{len(row.scenarios)} scenarios" if row.scenarios else ("passive" if row.judged_on else row.reason or "-")
        table.add_row(
            requirement.id, str(requirement.level), requirement.clause, requirement.edition, by, requirement.text
        )
    return table
