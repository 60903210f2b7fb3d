"""Each fault of statuses, and of looking at requests, is caught by a named scenario under what it declares."""

from __future__ import annotations

import pytest

from conformance.driver import line
from conformance.target.embedded.server import EmbeddedPacs
from conformance.verdict.finding import Verdict
from tests.faulty.registry import fault_named
from tests.scenarios.playing import play, play_fault

COMMANDS = "test_commands.py"
DATA_SETS = "test_data_sets.py"
STATUSES = "test_statuses.py"
BATCHES = "test_batches.py"
REFUSED = f"{DATA_SETS}::test_garbage"
CUT = f"{DATA_SETS}::test_truncated_data_set"
OTHER_UID = f"{BATCHES}::test_third_of_ten_is_faulty[other UID in the data set]"
AHEAD = f"{BATCHES}::test_requests_sent_ahead"
ELSEWHERE = f"{STATUSES}::test_other_operation_on_a_storage_context"

CAUGHT = {
    "refuses-with-cancel": REFUSED,
    "refuses-with-pending": REFUSED,
    "refuses-with-a800": REFUSED,
    "refuses-with-0001": REFUSED,
    "refuses-with-d000": REFUSED,
    "refuses-with-0110": REFUSED,
    "refuses-with-0111": REFUSED,
    "refuses-with-0112": REFUSED,
    "long-error-comment": REFUSED,
    "half-an-offending-element": REFUSED,
    "offending-element-as-a-number": REFUSED,
    "no-status-on-failure": REFUSED,
    "keeps-what-it-refuses": f"{STATUSES}::test_other_sop_instance_in_the_command",
    "issuer-in-upper-case": f"{DATA_SETS}::test_coercion_is_told[Issuer of Patient ID]",
    "strips-leading-zeros": f"{DATA_SETS}::test_coercion_is_told[leading zeros]",
    "stops-after-a-failure": OTHER_UID,
    "rolls-back-after-a-failure": OTHER_UID,
    "silent-about-a-failure": f"{BATCHES}::test_third_of_ten_is_faulty[truncated data set]",
    "drops-what-is-sent-ahead": AHEAD,
    "answers-ahead-in-reverse": AHEAD,
    "message-id-serves-once": f"{COMMANDS}::test_message_id_used_again",
    "other-data-set-types-abort": f"{COMMANDS}::test_data_set_type[FEFEH]",
    "success-for-nothing": f"{DATA_SETS}::test_empty_data_set",
    "success-without-data-set": f"{COMMANDS}::test_store_without_data_set",
    "success-for-half": f"{CUT}[in a value]",
    "success-without-uid": f"{COMMANDS}::test_command_lacks_an_element[no SOP Instance UID]",
    "success-without-a-place": f"{DATA_SETS}::test_without_a_place[SeriesInstanceUID-missing]",
    "hangs-on-what-is-cut": f"{CUT}[in a header]",
    "aborts-on-a-missing-attribute": f"{DATA_SETS}::test_missing_mandatory_attribute[Rows]",
    "two-meta-headers": f"{DATA_SETS}::test_group_of_another_place[0002]",
    "stops-at-disorder": f"{DATA_SETS}::test_order_of_elements[unordered]",
    "shortens-long-uids": f"{DATA_SETS}::test_ill_formed_sop_instance_uid[over 64 characters]",
    "stores-another-class": f"{STATUSES}::test_other_sop_class_than_agreed",
    "acknowledges-another-uid": f"{STATUSES}::test_other_sop_instance_in_the_command",
    "verification-swallows-a-store": f"{STATUSES}::test_store_on_the_verification_context",
    "silent-on-an-echo-elsewhere": f"{STATUSES}::test_echo_on_a_storage_context",
    "silent-on-n-services": f"{ELSEWHERE}[N-ACTION]",
    "answers-all-as-store": f"{ELSEWHERE}[C-FIND]",
    "silent-on-unknown-fields": f"{STATUSES}::test_unknown_command_field[7FFFH]",
    "deaf-after-an-unasked-response": f"{STATUSES}::test_unsolicited_response",
    "waits-for-the-group-length": f"{COMMANDS}::test_command_group_length[FFFFFFFFH]",
}


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target in this process gives up when its fault says so, and not after as long as we do."""
    monkeypatch.setattr(line, "GIVING_UP_S", 0.2)


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught(name: str) -> None:
    fault = fault_named(name)
    played = play_fault(name, CAUGHT[name], options=("--pacs-timeout=1",))
    assert len(played.records) == 1
    assert played.verdicts == {fault.caught_as}
    assert played.judged(fault.caught_as) >= set(fault.catches)


def test_the_same_scenarios_find_nothing_in_a_pacs_without_a_fault() -> None:
    scenarios = sorted(set(CAUGHT.values()))
    with EmbeddedPacs() as pacs:
        played = play(pacs, *scenarios)
    assert len(played.records) == len(scenarios)
    assert played.verdicts <= {Verdict.PASS, Verdict.INFO}
