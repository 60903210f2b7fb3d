"""Scenarios of extended negotiation, identities, queries and retrievals: each, by itself, catches a fault."""

from __future__ import annotations

from typing import Final

import pytest

from conformance.target.embedded.server import EmbeddedPacs
from conformance.verdict.finding import Verdict
from tests.faulty.registry import fault_named, with_us_as_destination
from tests.scenarios.playing import caught_by_each, play

EXTENDED: Final = "test_extended_negotiation.py"
INTERLEAVED: Final = f"{EXTENDED}::test_fragments_of_two_messages_interleaved"
"""Without a window that is agreed, which the embedded PACS does not do, there is nothing to interleave."""
IDENTITIES: Final = "test_identities.py"
SUB_ITEM: Final = f"{IDENTITIES}::test_mandatory_sub_item_missing_or_odd"
QUERIES: Final = "test_query_retrieve.py"
RETRIEVALS: Final = "test_retrieve.py"
CANCELS: Final = "test_cancel_query_retrieve.py"
DISRUPTIVE: Final = ("--pacs-level=disruptive",)
CAUGHT: Final[dict[str, tuple[str, ...]]] = {
    "applies-roles-that-it-does-not-answer": (f"{EXTENDED}::test_store_against_the_role_agreed",),
    "agrees-to-roles-and-forgets-them": (f"{EXTENDED}::test_store_against_the_role_agreed",),
    "looks-up-the-context-of-a-role": (f"{EXTENDED}::test_odd_role_selection[SOP class that is not proposed]",),
    "reads-roles-behind-the-sub-item": (f"{EXTENDED}::test_role_selection_of_another_length[65535]",),
    "tests-reserved-bytes-of-storage-options": (f"{EXTENDED}::test_reserved_bytes_of_storage_options",),
    "tests-the-length-of-storage-options": (f"{EXTENDED}::test_odd_extended_negotiation[the SOP class-5 bytes]",),
    "repeats-common-extended-negotiation": (f"{EXTENDED}::test_private_sop_class[related to Comprehensive SR]",),
    "accepts-declared-classes-and-refuses-them": (f"{EXTENDED}::test_private_sop_class[declared as storage]",),
    "mixes-interleaved-messages": (INTERLEAVED,),
    "user-names-are-ascii": (f"{IDENTITIES}::test_identity_beyond_ascii",),
    "copies-an-identity-by-its-lengths": (f"{IDENTITIES}::test_lengths_of_an_identity[primary of 65535]",),
    "needs-a-maximum-length": (f"{SUB_ITEM}[no maximum length]",),
    "reads-four-bytes-of-a-maximum-length": (f"{SUB_ITEM}[maximum length of 2 bytes]",),
    "reads-numbers-in-an-implementation-class": (f"{SUB_ITEM}[implementation class UID of letters]",),
    "rejects-long-version-names": (f"{IDENTITIES}::test_implementation_version_name[17]",),
    "takes-user-information-for-granted": (f"{IDENTITIES}::test_user_information_item[missing]",),
    "answers-no-match-with-an-empty-one": (f"{QUERIES}::test_find_without_a_match[Study Root]",),
    "empty-values-match-nothing": (f"{QUERIES}::test_empty_stored_value",),
    "refuses-keys-that-it-does-not-support": (f"{QUERIES}::test_key_that_hardly_anybody_supports",),
    "returns-keys-that-it-does-not-support": (f"{QUERIES}::test_key_that_hardly_anybody_supports",),
    "pastes-keys-into-its-query": (f"{QUERIES}::test_odd_characters_in_a_key[quotes]",),
    "lists-its-classes-as-transfer-syntaxes": (f"{QUERIES}::test_available_transfer_syntaxes",),
    "gets-by-name": (f"{RETRIEVALS}::test_key_that_is_not_unique",),
    "leaves-big-endian-pixels-as-they-are": (
        f"{RETRIEVALS}::test_encoding_of_what_is_brought[from big endian-explicit VR]",
    ),
    "cuts-what-an-explicit-vr-cannot-hold": (f"{RETRIEVALS}::test_value_too_long_for_an_explicit_vr",),
    "retrieves-the-first-of-a-list": tuple(
        f"{RETRIEVALS}::test_list_of_uids[{level}]" for level in ("STUDY", "SERIES", "IMAGE")
    ),
    "gets-without-a-role": (f"{RETRIEVALS}::test_get_without_role_selection",),
    "counts-a-warning-twice": (f"{RETRIEVALS}::test_sub_operations_that_fail[one warning]",),
    "ends-a-cancelled-find-in-success": (f"{CANCELS}::test_cancel_of_a_find[with the request]",),
    "compresses-anew": (f"{RETRIEVALS}::test_lossy_image[as it was stored]",),
    "names-itself-as-the-originator": (f"{RETRIEVALS}::test_move[Study Root]",),
    "moves-on-after-the-cancel-status": (f"{CANCELS}::test_cancel_of_a_move[with the request]",),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught_by_each_scenario(name: str) -> None:
    fault = fault_named(name)
    assert caught_by_each(name, *CAUGHT[name]).judged(fault.caught_as) >= set(fault.catches)


def test_the_same_scenarios_find_nothing_in_a_pacs_without_a_fault() -> None:
    scenarios = sorted({scenario for named in CAUGHT.values() for scenario in named})
    settings, options = with_us_as_destination()
    with EmbeddedPacs(settings) as pacs:
        played = play(pacs, *scenarios, options=(*options, *DISRUPTIVE))
    assert len(played.records) == len(scenarios)
    assert played.not_passed == [f"{Verdict.NOT_APPLICABLE} {INTERLEAVED}"]
