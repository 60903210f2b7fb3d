"""One fault, one that survives, one that hangs, the table, and going on after an interruption."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kill_matrix.__main__ import main
from tests.kill_matrix.plan import Planned
from tests.kill_matrix.play import played_apart
from tests.kill_matrix.table import functions, last_line, markdown

ECHO = "test_verification.py::test_echo"


def one(kind: str, name: str) -> Planned:
    return Planned(kind=kind, name=name, topic="any", scenarios=(ECHO,))


def test_a_fault_that_no_scenario_shows_survives() -> None:
    result = played_apart(one("fault", "stores-nothing"), level="safe", seconds=30)
    assert (result["outcome"], result["hits"]) == ("survived", [])
    assert functions([result]) == {ECHO: 0}
    assert last_line([result]) == "faults caught 0 of 1, oddities wrongly accused 0 of 0"
    assert "- stores-nothing (fault): survived." in markdown([result])


def test_an_oddity_is_not_accused() -> None:
    assert played_apart(one("oddity", "implicit-only"), level="safe", seconds=30)["outcome"] == "not accused"


def test_what_is_played_elsewhere_is_said_to_be() -> None:
    result = played_apart(one("fault", "dies-of-4-gib"), level="safe", seconds=30)
    assert "- dies-of-4-gib (fault): played elsewhere. it ends its process" in markdown([result])


def test_what_takes_too_long_is_not_finished() -> None:
    assert played_apart(one("fault", "stores-nothing"), level="safe", seconds=0.01)["outcome"] == "not finished"


def test_a_run_goes_on_where_it_was_interrupted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--only", "aborts-as-user", "--output", str(tmp_path)]
    assert main(arguments) == 0
    assert main([*arguments, "--resume"]) == 0
    assert capsys.readouterr().out.count("caught: aborts-as-user") == 1
    assert "aborts-as-user" in (tmp_path / "kill-matrix.md").read_text()


def test_nothing_played_is_said(tmp_path: Path) -> None:
    assert main(["--only", "no-such-name", "--output", str(tmp_path)]) == 3


def test_what_did_not_finish_and_a_torn_line_are_made_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begun = {"kind": "fault", "name": "aborts-as-user", "topic": "any", "hits": [], "outcome": "not finished"}
    (tmp_path / "results.jsonl").write_text(f"{json.dumps(begun)}\n" + '{"kind": "fau')
    assert main(["--only", "aborts-as-user", "--output", str(tmp_path), "--resume"]) == 0
    assert "caught: aborts-as-user" in capsys.readouterr().out
