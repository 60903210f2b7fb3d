"""Each fault about duplicates is caught by a named scenario, under the requirement that the fault declares."""

from __future__ import annotations

import pytest

from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.server import EmbeddedPacs
from tests.faulty.registry import fault_named
from tests.scenarios.playing import play, play_fault

SAME = "test_duplicates.py::test_on_the_same_association"
NEW = "test_duplicates.py::test_on_a_new_association"
BATCH = "test_duplicates.py::test_inside_a_batch"
TOGETHER = "test_duplicates.py::test_two_at_once"

CAUGHT = {
    "lists-a-duplicate-twice": [f"{SAME}[identical]", f"{NEW}[changed header]", f"{TOGETHER}[identical]"],
    "stores-a-mixture": [f"{SAME}[other SOP class]", f"{NEW}[changed header and pixels]"],
    "refused-duplicate-costs-the-first": [f"{SAME}[identical]", f"{NEW}[other study]"],
    "duplicate-costs-both": [f"{NEW}[changed pixels]"],
    "refuses-but-replaces": [f"{NEW}[changed pixels]", f"{SAME}[other series]"],
    "duplicate-aborts": [f"{SAME}[changed header]", f"{BATCH}[identical]"],
    "duplicate-is-pending": [f"{SAME}[identical]", f"{NEW}[other patient]"],
    "keeps-though-replace-is-declared": [f"{NEW}[changed pixels]"],
}


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught(name: str) -> None:
    played = play_fault(name, *CAUGHT[name])
    assert len(played.records) == len(CAUGHT[name])
    assert played.verdicts == {"FAIL"}
    assert played.failed >= set(fault_named(name).catches)


class _Answers0111(Behaviour):
    def answer_store(self, association: Association, request: Request) -> Answer:
        if association.store.get(request.command.affected_sop_instance_uid or "") is not None:
            return Answer(status=0x0111)
        return super().answer_store(association, request)


def test_status_0111_is_reported_and_no_failure() -> None:
    with EmbeddedPacs(behaviour=_Answers0111()) as pacs:
        played = play(pacs, f"{SAME}[identical]", f"{NEW}[changed pixels]", f"{BATCH}[other study]")
    assert len(played.records) == 3
    assert played.verdicts == {"WARN"}
