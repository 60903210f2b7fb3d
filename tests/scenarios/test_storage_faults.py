"""Each fault of storing is caught by a named scenario, under the requirement that the fault declares."""

from __future__ import annotations

import pytest

from tests.faulty.registry import fault_named
from tests.scenarios.playing import play_fault

CT = "test_storage.py::test_sop_class[CTImageStorage]"
RICH = "test_storage.py::test_rich_content[explicit VR]"
TEN = "test_storage.py::test_several_instances_of_one_series"
PDUS = "test_storage_pdus.py"
ASSOCIATIONS = "test_storage_associations.py"

CAUGHT = {
    "stores-nothing": [CT],
    "drops-private-elements": [RICH],
    "drops-empty-elements": ["test_storage.py::test_empty_elements"],
    "drops-nested-items": [RICH],
    "keeps-the-first-elements": [CT],
    "flips-a-bit": [CT],
    "swaps-bytes": [CT],
    "truncates-large-data": ["test_storage.py::test_large_data_set[4 MiB]"],
    "coerces-patient-id": [CT],
    "corrects-in-silence": [CT],
    "loses-one-of-a-batch": [TEN],
    "images-only": ["test_storage.py::test_sop_class[BasicTextSRStorage]"],
    "patients-only": ["test_storage.py::test_sop_class_of_no_patient[HangingProtocolStorage]"],
    "medium-priority-only": ["test_storage.py::test_priority[high]"],
    "refuses-move-originator": ["test_storage.py::test_move_originator[both]"],
    "message-id-of-eight-bits": ["test_storage.py::test_message_ids"],
    "first-transfer-syntax-for-all": ["test_storage.py::test_transfer_syntaxes_side_by_side"],
    "full-pdu-is-too-long": [f"{PDUS}::test_data_set_around_the_maximum_length[exactly full-fewest PDUs]"],
    "first-pdv-only": [
        f"{PDUS}::test_several_values_in_one_pdu[whole message]",
        f"{PDUS}::test_several_values_in_one_pdu[two of data]",
    ],
    "command-in-one-fragment": [f"{PDUS}::test_command_in_fragments[64 bytes]"],
    "fragments-of-whole-blocks": [f"{PDUS}::test_data_set_in_small_fragments[14 bytes]"],
    "elements-end-with-fragments": [f"{PDUS}::test_fragment_border[in a tag]"],
    "one-limit-for-both": [f"{PDUS}::test_maximum_lengths_are_independent"],
    "answers-on-the-first-context": [
        f"{PDUS}::test_response_on_the_context_of_the_request[second context]",
    ],
    "study-ends-with-release": [
        f"{ASSOCIATIONS}::test_one_study_over_several_associations",
        f"{ASSOCIATIONS}::test_series_goes_on_after_release",
    ],
    "needs-ascending-order": [f"{ASSOCIATIONS}::test_order_is_free"],
    "loses-in-parallel": [f"{ASSOCIATIONS}::test_one_study_over_parallel_associations"],
    "answers-the-latest-message-id-of-all": [f"{ASSOCIATIONS}::test_store_in_the_middle_of_another"],
    "reads-in-the-syntax-of-the-latest-command": [f"{ASSOCIATIONS}::test_store_in_the_middle_of_another"],
    "mixes-associations": [f"{ASSOCIATIONS}::test_parallel_associations_do_not_mix"],
}


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught(name: str) -> None:
    played = play_fault(name, *CAUGHT[name])
    assert len(played.records) == len(CAUGHT[name])
    assert played.verdicts == {"FAIL"}
    assert played.failed >= set(fault_named(name).catches)
