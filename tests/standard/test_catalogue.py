"""The catalogue is complete, well-formed, and loads fast enough to be asked anywhere."""

from __future__ import annotations

import re
import time
import tomllib
from importlib.resources import files

import pytest

from conformance.standard.catalogue import (
    CatalogueError,
    Level,
    NotTested,
    Requirement,
    UnknownRequirementError,
    _row,
    all_requirements,
    requirement,
)

EDITION = re.compile(r"20\d\d[a-e]|undated")
CLAUSE = re.compile(r"PS3\.\d{1,2} ")


def test_ids_are_unique() -> None:
    ids = [row.id for row in all_requirements()]
    assert len(ids) == len(set(ids))


def test_catalogue_has_the_rows_of_the_standard_and_our_own() -> None:
    assert len(all_requirements()) == 606


@pytest.mark.parametrize(
    "requirement_id",
    [
        *(f"DUP-0{number}" for number in range(1, 7)),
        *(f"FID-0{number}" for number in range(1, 4)),
        *(f"CAN-{number}" for number in range(12, 16)),
        "BAT-01",
        "LIFE-01",
        "PRE-01",
    ],
)
def test_rows_that_the_scenarios_rest_on_exist(requirement_id: str) -> None:
    assert requirement(requirement_id).id == requirement_id


@pytest.mark.parametrize("requirement_id", ["ST-02", "ST-24", "ST-50", "SC-21"])
def test_ids_of_merged_rows_are_not_used_again(requirement_id: str) -> None:
    with pytest.raises(UnknownRequirementError):
        requirement(requirement_id)


def _is_well_formed(row: Requirement) -> bool:
    texts = (row.text, row.stimulus, row.allowed, row.broken)
    return bool(
        CLAUSE.match(row.clause)
        and EDITION.fullmatch(row.edition)
        and isinstance(row.level, Level)
        and all(text and text == " ".join(text.split()) for text in texts)
    )


def test_every_row_says_what_is_needed_to_judge() -> None:
    assert [row.id for row in all_requirements() if not _is_well_formed(row)] == []


def test_every_row_is_found_by_its_id() -> None:
    assert all(requirement(row.id) is row for row in all_requirements())


def test_words_are_the_standards_own() -> None:
    texts = {row.id: f"{row.text} {row.stimulus} {row.allowed} {row.broken} {row.needs}" for row in all_requirements()}
    assert [row_id for row_id, text in texts.items() if re.search(r"\bSUT\b", text)] == []


def test_every_file_has_a_heading() -> None:
    for entry in (files("conformance.standard") / "requirements").iterdir():
        if entry.name.endswith(".toml"):
            text = entry.read_text(encoding="utf-8")
            assert text.startswith("# ")
            assert set(tomllib.loads(text)) == {"requirement"}


def test_state_machine_rows_that_no_acceptor_reaches_have_a_reason() -> None:
    unreachable = [row for row in all_requirements() if row.id.startswith(("FSM-S7-", "FSM-S10-", "FSM-S12-"))]
    assert len(unreachable) == 27
    assert all(row.not_tested.startswith(f"{NotTested.NOT_OBSERVABLE}: ") for row in unreachable)


def test_unknown_id_names_the_nearest() -> None:
    with pytest.raises(UnknownRequirementError, match=r"'CAN-99'; did you mean CAN-\d+\?") as caught:
        requirement("CAN-99")
    assert caught.value.requirement_id == "CAN-99"
    assert caught.value.nearest is not None


@pytest.mark.parametrize("requirement_id", ["", "nonsense", "XX-1", "../can-01", "can"])
def test_unknown_id_never_raises_anything_else(requirement_id: str) -> None:
    with pytest.raises(UnknownRequirementError):
        requirement(requirement_id)


def test_lower_case_id_is_unknown_but_its_nearest_is_right() -> None:
    with pytest.raises(UnknownRequirementError) as caught:
        requirement("can-01")
    assert caught.value.nearest == "CAN-01"


def test_one_file_is_read_in_less_than_fifty_milliseconds() -> None:
    text = (files("conformance.standard") / "requirements" / "ul.toml").read_text(encoding="utf-8")
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        tomllib.loads(text)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.05


GOOD = {
    "id": "CAN-01",
    "clause": "PS3.7 §9",
    "edition": "2020c",
    "level": "shall",
    "text": "t",
    "stimulus": "s",
    "allowed": "a",
    "broken": "b",
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"level": "must"}, "must", id="unknown level"),
        pytest.param({"colour": "red"}, "colour", id="unknown key"),
        pytest.param({"id": "STA-01"}, "does not belong", id="wrong file"),
        pytest.param({"id": "CAN 01"}, "does not belong", id="malformed id"),
        pytest.param({"not_tested": "later"}, "not a reason", id="not_tested without a reason"),
        pytest.param({"not_tested": "planned: "}, "not a reason", id="not_tested without words"),
    ],
)
def test_a_malformed_row_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(CatalogueError, match=message) as caught:
        _row("can", {**GOOD, **change})
    assert "can.toml" in str(caught.value)


def test_a_row_without_a_field_is_named() -> None:
    with pytest.raises(CatalogueError, match="broken"):
        _row("can", {key: value for key, value in GOOD.items() if key != "broken"})
