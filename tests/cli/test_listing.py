"""`pacs-conformance list`: scenarios and requirements, for people and as JSON."""

from __future__ import annotations

import json

import pytest

from conformance.cli import main
from conformance.instances import catalogue
from conformance.instances.in_syntax import ENCODABLE
from conformance.standard.catalogue import all_requirements
from conformance.standard.transfer_syntaxes import TRANSFER_SYNTAXES
from tests.cli.commands import cli


def test_scenarios_as_json() -> None:
    done = cli("list", "--json")
    assert done.returncode == 0, done.stderr
    scenarios = json.loads(done.stdout)
    echo = next(row for row in scenarios if row["id"] == "test_verification.py::test_echo")
    assert (echo["topic"], echo["level"]) == ("verification", "safe")
    assert "ECH-01" in echo["requirements"]
    assert len(echo["clauses"]) == len(echo["requirements"])
    assert len({row["id"] for row in scenarios}) == len(scenarios)


def test_requirements_as_json_say_what_covers_them() -> None:
    done = cli("list", "--requirements", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["id"]: row for row in json.loads(done.stdout)}
    assert rows.keys() == {row.id for row in all_requirements()}
    assert "test_verification.py::test_echo" in rows["ECH-01"]["scenarios"]
    assert rows["ECH-01"]["clause"].startswith("PS3.")


def test_scenarios_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    printed = capsys.readouterr().out
    assert "test_verification.py" in printed
    assert printed.splitlines()[-1].endswith("scenarios")


def test_requirements_are_counted_by_part_and_clause(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--requirements"]) == 0
    lines = capsys.readouterr().out.splitlines()
    parts = {line.split()[0]: line.split() for line in lines if line.strip()}
    assert {"PS3.4", "PS3.7", "PS3.8"} <= parts.keys()
    assert "named by scenarios" in " ".join(lines[-3:])


def test_instances_as_json_say_what_writes_each_transfer_syntax() -> None:
    done = cli("list", "--instances", "--json")
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout)
    assert {row["keyword"] for row in listed["sop_classes"]} == set(catalogue.available())
    assert [row["uid"] for row in listed["transfer_syntaxes"]] == [row.uid for row in TRANSFER_SYNTAXES]
    assert all((row["encoder"] is None) != (row["why_not"] is None) for row in listed["transfer_syntaxes"])


def test_instances_as_tables_end_with_their_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--instances"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "jpeg_2000.lossless" in printed
    assert f"{len(catalogue.available())} SOP classes; {len(ENCODABLE)} of {len(TRANSFER_SYNTAXES)}" in printed


def test_two_lists_at_once_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--instances", "--requirements"]) != 0
    assert "one at a time" in capsys.readouterr().err
