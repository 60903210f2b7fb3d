"""results.json is readable at every moment and agrees with its schema."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.evidence.results import ResultsError, ResultsWriter, mend_results, read_results
from conformance.verdict.finding import Verdict
from tests.evidence.samples import HOSTILE, a_finding, a_header, a_record, a_run

FINISHED_AT = "2026-01-02T03:05:00+00:00"


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads((files("conformance.evidence") / "schema" / "results.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_file_is_whole_and_valid_after_each_append(tmp_path: Path, validator: jsonschema.Draft202012Validator) -> None:
    path = tmp_path / "run" / "results.json"
    with ResultsWriter(path, a_header()) as writer:
        for count in range(4):
            results = json.loads(path.read_text("ascii"))
            validator.validate(results)
            assert len(results["scenarios"]) == results["summary"]["scenarios"] == count
            assert results["summary"]["overall"] == "interrupted"
            assert results["summary"]["exit_code"] is None
            writer.append(a_record(f"test_{count}"))
        summary = writer.finish(finished_at=FINISHED_AT)
    results = json.loads(path.read_text("ascii"))
    validator.validate(results)
    assert results["summary"] == summary
    assert summary["overall"] == "conformant"
    assert summary["exit_code"] == 0


def test_what_is_appended_is_what_is_read(tmp_path: Path) -> None:
    records = [a_record(f"test_{i}", text=text, findings=(a_finding(),)) for i, text in enumerate(HOSTILE)]
    path = tmp_path / "results.json"
    with ResultsWriter(path, a_header()) as writer:
        for record in records:
            writer.append(record)
    assert read_results(path)["scenarios"] == records


def test_record_of_every_kind_agrees_with_the_schema(validator: jsonschema.Draft202012Validator) -> None:
    records = [
        a_record("test_pass"),
        a_record("test_fail", findings=(a_finding(),), status=0xA700),
        a_record("test_error", verdict=Verdict.ERROR, findings=(), error="Traceback\nValueError: x"),
        a_record("test_nothing", findings=(), operations=(), associations=(), transcripts=()),
        *(a_record(f"test_{i}", text=text) for i, text in enumerate(HOSTILE)),
    ]
    validator.validate(a_run(records))


def test_run_that_is_killed_leaves_what_finished(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    writer = ResultsWriter(path, a_header())
    writer.append(a_record("test_0", findings=(a_finding(),)))
    results = read_results(path)
    writer.close()
    assert [s["id"] for s in results["scenarios"]] == ["scenarios/test_storage.py::test_0"]
    assert results["summary"]["interrupted"] is True


@pytest.mark.parametrize("torn_bytes", [1, 5, 700, 2500])
def test_torn_tail_is_repaired_from_whole_lines(tmp_path: Path, torn_bytes: int) -> None:
    path = tmp_path / "results.json"
    with ResultsWriter(path, a_header()) as writer:
        for i in range(3):
            writer.append(a_record(f"test_{i}"))
    path.write_bytes(path.read_bytes()[:-torn_bytes])
    results = read_results(path)
    assert results["seed"] == 7
    assert 2 <= len(results["scenarios"]) <= 3
    assert results["summary"]["overall"] == "interrupted"
    mend_results(path)
    assert json.loads(path.read_text()) == results
    whole = path.read_bytes()
    mend_results(path)
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "not json", '{"scenarios": []}', '{"schema_version": "2.0", "scenarios": []}']
)
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(content)
    with pytest.raises(ResultsError, match="hint: "):
        read_results(path)


def test_shorter_tail_leaves_no_rest_of_the_longer_one(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    with ResultsWriter(path, a_header()) as writer:
        writer.append(a_record())
        writer.finish(finished_at=FINISHED_AT, diagnosis="")
    assert path.read_bytes().endswith(b"}\n}\n")


def test_header_holds_no_password_and_no_control_character(tmp_path: Path) -> None:
    header = a_header(
        command="pacs-conformance run --readback orthanc=http://admin:secret@h:1",
        claims={"a": {"\x1b[31m": float("nan")}, "path": tmp_path},
    )
    path = tmp_path / "results.json"
    ResultsWriter(path, header).close()
    results = read_results(path)
    assert "secret" not in path.read_text("ascii")
    assert results["claims"] == {"a": {"\\x1b[31m": None}, "path": str(tmp_path)}


@pytest.mark.parametrize("bad", [float("nan"), object(), b"bytes"], ids=["nan", "object", "bytes"])
def test_record_that_json_cannot_hold_leaves_the_file_whole(tmp_path: Path, bad: Any) -> None:
    path = tmp_path / "results.json"
    with ResultsWriter(path, a_header()) as writer:
        writer.append(a_record("test_0"))
        with pytest.raises(ResultsError, match="test_1"):
            writer.append({**a_record("test_1"), "notes": [bad]})
        writer.append(a_record("test_2"))
    results = read_results(path)
    assert len(results["scenarios"]) == results["summary"]["scenarios"] == 2


def test_finished_file_takes_nothing_more(tmp_path: Path) -> None:
    writer = ResultsWriter(tmp_path / "results.json", a_header())
    writer.finish(finished_at=FINISHED_AT)
    with pytest.raises(ResultsError, match="closed"):
        writer.append(a_record())


def test_cleanup_is_kept(tmp_path: Path, validator: jsonschema.Draft202012Validator) -> None:
    path = tmp_path / "results.json"
    with ResultsWriter(path, a_header()) as writer:
        writer.append(a_record())
        writer.finish(finished_at=FINISHED_AT, cleanup={"deleted": ["1.2.3.4.1"], "note": ""})
    results = read_results(path)
    validator.validate(results)
    assert results["cleanup"]["deleted"] == ["1.2.3.4.1"]
