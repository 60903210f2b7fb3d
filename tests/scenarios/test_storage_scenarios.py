"""The storage and duplicate scenarios pass on the embedded PACS, and accuse no legal one."""

from __future__ import annotations

import pytest

from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import DuplicatePolicy, Settings
from tests.scenarios.playing import play

STORAGE = ("test_storage.py", "test_storage_pdus.py", "test_storage_associations.py")


@pytest.fixture
def without_the_large() -> tuple[str, ...]:
    return ("--deselect=test_storage.py::test_large_data_set[64 MiB]",)


def test_storage_passes_on_the_embedded_pacs(without_the_large: tuple[str, ...]) -> None:
    with EmbeddedPacs() as pacs:
        played = play(pacs, *STORAGE, options=without_the_large)
    assert len(played.records) > 75
    assert played.verdicts == {"PASS", "NOT_APPLICABLE"}, _not_passed(played.records)


@pytest.mark.parametrize("max_pdu_bytes", [0, 1024, 4097], ids=["no limit", "1024 bytes", "odd"])
def test_cuts_suit_any_maximum_length(max_pdu_bytes: int) -> None:
    with EmbeddedPacs(Settings(max_pdu_bytes=max_pdu_bytes)) as pacs:
        played = play(pacs, "test_storage_pdus.py")
    assert played.verdicts == {"PASS", "NOT_APPLICABLE"}, _not_passed(played.records)


@pytest.mark.parametrize("policy", list(DuplicatePolicy))
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "not declared"])
def test_each_duplicate_policy_passes(policy: DuplicatePolicy, declared: bool) -> None:
    options = (f"--pacs-duplicate-policy={policy}",) if declared else ()
    with EmbeddedPacs(Settings(duplicate_policy=policy)) as pacs:
        played = play(pacs, "test_duplicates.py", options=options)
    assert len(played.records) == 28
    assert played.verdicts <= {"PASS", "WARN"}, _not_passed(played.records)
    assert "WARN" not in played.verdicts or policy is DuplicatePolicy.KEEP


class _OutOfResources(Behaviour):
    def answer_store(self, association: Association, request: Request) -> Answer:
        return Answer(status=0xA700)


def test_a_target_that_has_no_room_is_not_accused() -> None:
    with EmbeddedPacs(behaviour=_OutOfResources()) as pacs:
        played = play(
            pacs,
            "test_storage.py::test_sop_class[CTImageStorage]",
            "test_storage.py::test_priority[high]",
            "test_storage_associations.py",
            "test_duplicates.py::test_on_a_new_association[identical]",
        )
    assert played.verdicts <= {"WARN", "INCONCLUSIVE"}


def _not_passed(records: list[dict[str, object]]) -> list[object]:
    return [record["scenario_id"] for record in records if record["verdict"] != "PASS"]
