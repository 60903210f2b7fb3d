"""Scenarios that no table of a family names: each, by itself, catches a fault of those that the families have."""

from __future__ import annotations

from typing import Final

import pytest

from tests.faulty.registry import fault_named
from tests.scenarios.playing import play_fault

FLOW: Final = "test_message_flow.py"
MATRIX: Final = "test_matrix.py"
DISRUPTIVE: Final = ("--pacs-level=disruptive",)
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
    "talks-after-release": ("test_state_machine.py::test_release_behind_a_request",),
    "aborts-on-a-missing-attribute": ("test_storage.py::test_tiny_data_set",),
    "stores-nothing": ("test_storage_associations.py::test_two_studies_on_one_association",),
    "answers-with-its-own-title": ("test_titles.py::test_called_ae_title_of_nobody[in another case]",),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught_by_each_scenario(name: str) -> None:
    played = play_fault(name, *CAUGHT[name], options=DISRUPTIVE)
    assert len(played.records) == len(CAUGHT[name])
    assert played.blind(fault_named(name).caught_as) == []
