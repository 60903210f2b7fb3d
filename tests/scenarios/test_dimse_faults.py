"""Each fault of messages, of extended negotiation and of queries is caught by a named scenario, as it declares."""

from __future__ import annotations

import pytest

from conformance.target.embedded.server import EmbeddedPacs
from tests.faulty.registry import fault_named
from tests.scenarios.playing import play, play_fault

MESSAGES = "test_messages.py"
FLOW = "test_message_flow.py"
IDENTITIES = "test_identities.py"
EXTENDED = "test_extended_negotiation.py"
FIND = "test_query_retrieve.py"
GET = "test_retrieve.py"
AT_STUDY = f"{FIND}::test_find_at_each_level[Study Root, STUDY]"
GET_STUDY = f"{GET}::test_get_at_each_level[Study Root, STUDY]"
MATCHING = f"{FIND}::test_matching"
ONE_FAILS = f"{GET}::test_sub_operations_that_fail[one of three fails]"
DISRUPTIVE = ("--pacs-level=disruptive",)

CAUGHT = {
    "acknowledges-before-the-data": [f"{FLOW}::test_command_where_a_data_set_should_follow"],
    "answers-on-the-next-association": [f"{FLOW}::test_no_response_on_a_later_association[FIN]"],
    "tires-of-an-association": [f"{FLOW}::test_a_thousand_requests"],
    "passes-over-other-operations": [f"{MESSAGES}::test_other_operation_on_verification[C-FIND]"],
    "believes-the-length-to-end": [f"{MESSAGES}::test_length_to_end[0]"],
    "cancels-an-echo": [f"{MESSAGES}::test_cancel_of_an_echo"],
    "five-options-for-one": [f"{EXTENDED}::test_query_options[01-Study Root]"],
    "storage-level-out-of-range": [f"{EXTENDED}::test_storage_options"],
    "confirms-any-identity": [f"{IDENTITIES}::test_unknown_type_of_identity[6]"],
    "confirms-without-a-passcode": [f"{IDENTITIES}::test_secondary_field_of_an_identity[passcode missing]"],
    "answers-with-the-user-name": [f"{IDENTITIES}::test_invented_identity[user name-response asked]"],
    "window-is-not-kept": [f"{EXTENDED}::test_window_is_used[we perform 1]"],
    "knows-its-own-vendor-alone": [f"{IDENTITIES}::test_implementation_of_another_vendor[DCMTK]"],
    "refuses-with-relations": [f"{EXTENDED}::test_common_extended_negotiation[storage service]"],
    "level-in-lower-case": [AT_STUDY],
    "lists-more-than-was-asked": [AT_STUDY],
    "leaves-out-a-required-key": [AT_STUDY],
    "says-not-where-to-retrieve": [AT_STUDY],
    "availability-without-a-value": [AT_STUDY],
    "lists-each-match-twice": [AT_STUDY],
    "every-name-is-latin-1": [f"{FIND}::test_name_beyond_ascii[UTF-8]"],
    "counts-one-instance-too-many": [f"{FIND}::test_numbers_of_related_entities"],
    "ignores-a-required-key": [f"{FIND}::test_one_key[StudyID at STUDY]"],
    "case-does-not-count": [f"{MATCHING}[Study ID in another case]"],
    "star-needs-a-character": [f"{MATCHING}[star for no character]"],
    "lists-a-hundred-matches-at-most": [f"{FIND}::test_many_matches"],
    "question-mark-needs-no-character": [f"{MATCHING}[question mark for no character]"],
    "underscore-is-a-wild-card": [f"{FIND}::test_matching[underscore is no wild card]"],
    "empty-matches-empty-alone": [f"{MATCHING}[empty]"],
    "first-uid-of-a-list": [f"{FIND}::test_list_of_uids[2-and 0 unknown ones]"],
    "range-without-its-bounds": [f"{MATCHING}[dates between, both bounds]"],
    "empty-sequence-matches-nothing": [f"{FIND}::test_empty_sequence_key[an empty item]"],
    "unfit-identifier-finds-nothing": [
        f"{FIND}::test_level_that_does_not_fit[unknown]",
        f"{FIND}::test_without_the_unique_keys_above[SERIES]",
    ],
    "moves-to-nobody": [f"{GET}::test_unknown_move_destination[Study Root]"],
    "brings-the-first-instance": [GET_STUDY],
    "medium-priority-for-all": [f"{GET}::test_priority_of_sub_operations[high]"],
    "succeeds-with-failures": [ONE_FAILS],
    "remaining-in-the-final-response": [GET_STUDY],
    "counts-one-too-many": [GET_STUDY],
    "lists-no-failed-instances": [ONE_FAILS],
    "all-contexts-or-nothing-brought": [f"{GET}::test_get_without_a_context_for_all"],
    "sends-as-it-is-stored": [f"{GET}::test_encoding_of_what_is_brought[from explicit VR-implicit VR]"],
    "never-decompresses": [f"{GET}::test_lossless_image_in_the_default_transfer_syntax"],
}


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught(name: str) -> None:
    played = play_fault(name, *CAUGHT[name], options=DISRUPTIVE)
    fault = fault_named(name)
    judged = {f["requirement"] for r in played.records for f in r["findings"] if f["verdict"] == fault.caught_as}
    assert len(played.records) == len(CAUGHT[name])
    assert judged >= set(fault.catches)


def test_the_embedded_pacs_has_none_of_these_faults() -> None:
    scenarios = dict.fromkeys(scenario for several in CAUGHT.values() for scenario in several)
    with EmbeddedPacs() as pacs:
        assert not play(pacs, *scenarios, options=DISRUPTIVE).not_passed
