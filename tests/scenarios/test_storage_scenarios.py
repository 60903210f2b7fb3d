"""The storage and duplicate scenarios pass on the embedded PACS, and accuse no legal one."""

from __future__ import annotations

import pytest

from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import DEFAULT_MAX_PDU_BYTES, DuplicatePolicy, Settings
from tests.scenarios.playing import play

STORAGE = ("test_storage.py", "test_storage_associations.py")


def test_storage_passes_on_the_embedded_pacs() -> None:
    with EmbeddedPacs() as pacs:
        played = play(pacs, *STORAGE, options=("-k", "not 64"))
    assert len(played.records) > 45
    assert played.verdicts <= {"PASS", "NOT_APPLICABLE"}, played.not_passed


def test_cuts_suit_a_short_maximum_length() -> None:
    with EmbeddedPacs(Settings(max_pdu_bytes=1024)) as pacs:
        played = play(pacs, "test_storage_pdus.py")
    assert len(played.records) == 31
    assert played.verdicts <= {"PASS", "NOT_APPLICABLE"}, played.not_passed


@pytest.mark.parametrize("max_pdu_bytes", [DEFAULT_MAX_PDU_BYTES, 0, 4097], ids=["usual", "no limit", "odd"])
def test_boundaries_suit_any_maximum_length(max_pdu_bytes: int) -> None:
    with EmbeddedPacs(Settings(max_pdu_bytes=max_pdu_bytes)) as pacs:
        played = play(pacs, "test_storage_pdus.py", options=("-k", "maximum or full_pdu or one_pdu"))
    assert len(played.records) > 5
    assert played.verdicts <= {"PASS", "NOT_APPLICABLE"}, played.not_passed


@pytest.mark.parametrize("policy", list(DuplicatePolicy))
def test_each_declared_duplicate_policy_passes(policy: DuplicatePolicy) -> None:
    chosen = ("-k", "same_association or two_at_once")
    with EmbeddedPacs(Settings(duplicate_policy=policy)) as pacs:
        played = play(pacs, "test_duplicates.py", options=(f"--pacs-duplicate-policy={policy}", *chosen))
    assert len(played.records) == 16
    assert played.verdicts == {"PASS"}, played.not_passed


def test_without_a_declared_policy_duplicates_pass() -> None:
    with EmbeddedPacs() as pacs:
        played = play(pacs, "test_duplicates.py", options=("-k", "new_association or batch"))
    assert len(played.records) == 16
    assert played.verdicts == {"PASS"}, played.not_passed


class _OutOfResources(Behaviour):
    def answer_store(self, association: Association, request: Request) -> Answer:
        return Answer(status=0xA700)


def test_a_target_that_has_no_room_is_not_accused() -> None:
    with EmbeddedPacs(behaviour=_OutOfResources()) as pacs:
        played = play(
            pacs,
            "test_storage.py::test_sop_class[CTImageStorage]",
            "test_storage.py::test_priority[high]",
            "test_storage_associations.py::test_one_study_over_several_associations",
            "test_storage_associations.py::test_series_goes_on_after_release",
            "test_duplicates.py::test_on_a_new_association[identical]",
        )
    assert played.verdicts <= {"WARN", "INCONCLUSIVE"}
