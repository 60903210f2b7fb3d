"""Scenarios that no table of a family names: each, by itself, catches a fault of those that the families have."""

from __future__ import annotations

from typing import Final

import pytest

from conformance.target.embedded.server import EmbeddedPacs
from conformance.verdict.finding import Verdict
from tests.scenarios.playing import caught_by_each, play

FLOW: Final = "test_message_flow.py"
MATRIX: Final = "test_matrix.py"
STATES: Final = "test_state_machine.py"
CAUGHT: Final[dict[str, tuple[str, ...]]] = {
    "cancels-by-any-id": ("test_cancel_query_retrieve.py::test_cancel_of_an_unknown_find",),
    "decodes-as-latin-1": ("test_content.py::test_undeclared_text[unknown]",),
    "keeps-the-first-elements": (
        "test_content.py::test_half_a_gigabyte",
        f"{MATRIX}::test_sample_is_stored[ImplicitVRLittleEndian]",
        f"{MATRIX}::test_every_accepted_pair_is_stored[AcquisitionContextSRStorage]",
    ),
    "keeps-what-it-refuses": (
        "test_data_sets.py::test_other_sop_class_in_the_data_set",
        "test_messages.py::test_malformed_store[Affected SOP Instance UID too short]",
    ),
    "refuses-what-was-broken-off": (
        "test_interrupted_store.py::test_connection_lost_inside_a_pdu[many fragments-FIN]",
        "test_interrupted_store.py::test_stalled_sender",
    ),
    "lossless-jpeg-without-its-default": (f"{MATRIX}::test_companions",),
    "first-pdv-only": (
        f"{FLOW}::test_borders_of_command_fragments[between elements-all in one PDU]",
        "test_pdus_wellformed.py::test_every_fragment_of_a_command_in_one_pdu",
    ),
    "unasked-data-after-a-response": (f"{FLOW}::test_data_set_that_was_not_announced",),
    "deaf-after-an-unasked-response": ("test_messages.py::test_response_of_another_service[C-ECHO-RSP]",),
    "silent-on-unknown-fields": ("test_messages.py::test_unknown_command_field_on_verification[0000H]",),
    "result-is-missing": ("test_negotiation.py::test_every_storage_sop_class[first half]",),
    "answers-an-abort": ("test_pdus_malformed.py::test_nothing_is_answered_after_an_abort",),
    "passes-over-unknown-types": ("test_pdus_malformed.py::test_nothing_is_performed_after_an_invalid_pdu",),
    "five-options-for-one": ("test_user_information.py::test_extended_negotiation_for_verification",),
    "user-identity-aborts": ("test_pdus_wellformed.py::test_all_user_information_at_once",),
    "aborts-instead-of-release": (
        f"{STATES}::test_release_after_operations[one operation]",
        f"{STATES}::test_release_after_operations[three operations]",
    ),
    "performs-after-the-end": (
        "test_pdus_malformed.py::test_nothing_is_performed_after_an_invalid_pdu",
        f"{STATES}::test_event_in_the_same_write[Sta8-P-DATA-TF PDU]",
    ),
    "command-in-one-fragment": (f"{FLOW}::test_borders_of_the_fragments_of_a_store[inside each value]",),
    "answers-on-the-first-context": (f"{FLOW}::test_requests_on_several_contexts_in_turn",),
    "full-pdu-is-too-long": ("test_storage_pdus.py::test_full_pdu_of_several_values[two PDVs]",),
    "talks-after-release": ("test_state_machine.py::test_release_behind_a_request",),
    "aborts-on-a-missing-attribute": ("test_storage.py::test_tiny_data_set",),
    "stores-nothing": ("test_storage_associations.py::test_two_studies_on_one_association",),
    "answers-with-its-own-title": ("test_titles.py::test_called_ae_title_of_nobody[in another case]",),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught_by_each_scenario(name: str) -> None:
    caught_by_each(name, *CAUGHT[name])


def test_the_same_scenarios_find_nothing_in_a_pacs_without_a_fault() -> None:
    scenarios = sorted({scenario for named in CAUGHT.values() for scenario in named})
    with EmbeddedPacs() as pacs:
        played = play(pacs, *scenarios, options=("--pacs-level=disruptive",))
    assert len(played.records) == len(scenarios)
    assert played.verdicts <= {Verdict.PASS, Verdict.INFO}, played.not_passed
