"""Scenarios of messages, data sets and fragments that no table of a family names: each catches a fault."""

from __future__ import annotations

from typing import Final

import pytest

from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Settings
from conformance.verdict.finding import Verdict
from tests.faulty.overlapping import FailsEarly, GrantsAWindow
from tests.faulty.registry import fault_named
from tests.scenarios.playing import caught_by_each, play

COMMANDS: Final = "test_commands.py"
DATA_SETS: Final = "test_data_sets.py"
FLOW: Final = "test_message_flow.py"
MESSAGES: Final = "test_messages.py"
PDUS: Final = "test_storage_pdus.py"
ONE_MESSAGE_ID: Final = "test_batches.py::test_two_open_requests_with_one_message_id"
EARLY: Final = f"{FLOW}::test_after_an_early_failure[the rest is sent]"
IN_ONE_PDU: Final = f"{PDUS}::test_data_set_in_one_pdu"
DISRUPTIVE: Final = ("--pacs-level=disruptive",)

CAUGHT: Final[dict[str, tuple[str, ...]]] = {
    "aborts-on-another-priority": (f"{COMMANDS}::test_illegal_priority[FFFFH]",),
    "aborts-on-uids-padded-with-a-space": (f"{COMMANDS}::test_padding_of_uids[space]",),
    "aborts-on-an-element-not-in-its-dictionary": (f"{COMMANDS}::test_further_command_elements[retired]",),
    "passes-over-what-is-out-of-order": (f"{COMMANDS}::test_order_of_command_elements[descending]",),
    "waits-behind-an-unreadable-command": (f"{COMMANDS}::test_encoding_of_the_command[big endian]",),
    "passes-over-an-echo-without-a-class": (f"{MESSAGES}::test_malformed_echo[Affected SOP Class UID missing]",),
    "passes-over-a-long-originator": (f"{MESSAGES}::test_odd_move_originator['SEVENTEEN-LETTERS']",),
    "takes-one-message-id-for-one-request": (ONE_MESSAGE_ID,),
    "loses-a-response-while-more-comes": (f"{FLOW}::test_both_directions_at_once",),
    "forgets-a-message-that-failed-early": (EARLY,),
    "acknowledges-what-overran-its-buffer": (f"{FLOW}::test_pdu_longer_than_the_maximum[twice as much]",),
    "fixed-buffer-behind-no-limit": (IN_ONE_PDU,),
    "has-places-for-ten-thousand-fragments": ("test_storage_pdus.py::test_many_thousand_fragments",),
    "acknowledges-what-names-no-class": (f"{DATA_SETS}::test_one_element",),
    "a-refused-duplicate-deletes": (f"{DATA_SETS}::test_refused_duplicate_leaves_the_first",),
    "tells-uids-apart-by-60-characters": (f"{DATA_SETS}::test_long_uids_that_differ_at_their_end",),
    "files-63-characters-of-a-uid": (f"{DATA_SETS}::test_unusual_sop_instance_uid[64 characters]",),
    "room-for-63-characters-of-a-uid": (f"{DATA_SETS}::test_unusual_sop_instance_uid[64 characters]",),
    "knows-registered-roots-alone": (f"{DATA_SETS}::test_unusual_sop_instance_uid[derived from a UUID]",),
    "strips-the-padding-of-streams": ("test_encodings.py::test_stream_of_odd_length",),
    "keeps-one-class-of-an-association": ("test_storage.py::test_several_sop_classes_on_one_association",),
}
NEEDS: Final[dict[str, tuple[type[Behaviour], Settings]]] = {
    ONE_MESSAGE_ID: (GrantsAWindow, Settings()),
    EARLY: (FailsEarly, Settings()),
    IN_ONE_PDU: (Behaviour, Settings(max_pdu_bytes=0)),
}
"""Scenarios that apply to a PACS with something that it need not have."""


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught_by_each_scenario(name: str) -> None:
    fault = fault_named(name)
    assert caught_by_each(name, *CAUGHT[name]).judged(fault.caught_as) >= set(fault.catches)


def test_the_same_scenarios_find_nothing_in_a_pacs_without_a_fault() -> None:
    scenarios = sorted({scenario for named in CAUGHT.values() for scenario in named} - set(NEEDS))
    with EmbeddedPacs() as pacs:
        played = play(pacs, *scenarios, options=DISRUPTIVE)
    assert len(played.records) == len(scenarios)
    assert played.verdicts <= {Verdict.PASS, Verdict.INFO}, played.not_passed


@pytest.mark.parametrize("scenario", NEEDS)
def test_what_a_scenario_needs_is_no_fault(scenario: str) -> None:
    behaviour, settings = NEEDS[scenario]
    with EmbeddedPacs(settings, behaviour=behaviour()) as pacs:
        played = play(pacs, scenario, options=DISRUPTIVE)
    assert played.verdicts == {Verdict.PASS}, played.not_passed
