"""Each fault of storage commitment is caught by a named scenario, under the requirement that it declares."""

from __future__ import annotations

import pytest

from conformance.target.embedded.server import EmbeddedPacs
from conformance.verdict.finding import Verdict
from tests.faulty.registry import fault_named, with_us_as_destination
from tests.scenarios.playing import play, play_fault

COMMITMENT = "test_storage_commitment.py"
ALL = f"{COMMITMENT}::test_all_is_committed"
STRANGER = f"{COMMITMENT}::test_one_was_never_sent"
CAUGHT = {
    "commitment-is-claimed-alone": f"{COMMITMENT}::test_service_is_accepted",
    "commitment-is-not-performed": f"{COMMITMENT}::test_request_is_received",
    "commits-on-any-instance": f"{COMMITMENT}::test_another_instance_of_the_service",
    "performs-any-action": f"{COMMITMENT}::test_another_action",
    "another-reason-for-no-such-action": f"{COMMITMENT}::test_another_action",
    "answers-for-another-instance": f"{COMMITMENT}::test_request_is_received",
    "echoes-requested-uids": f"{COMMITMENT}::test_request_is_received",
    "refuses-a-request-with-a-stranger": STRANGER,
    "denies-what-it-has": ALL,
    "has-failures-in-success": ALL,
    "commits-whatever-is-named": STRANGER,
    "reports-success-alone": STRANGER,
    "reasons-of-c-store": STRANGER,
    "commits-under-another-class": f"{COMMITMENT}::test_another_class_than_stored",
    "leaves-out-the-last": ALL,
    "reports-on-sixteen-at-most": f"{COMMITMENT}::test_many_are_committed",
    "transaction-of-its-own": ALL,
    "reports-where-it-was-asked-alone": ALL,
    "reports-as-scu": ALL,
    "reports-with-the-roles-exchanged": ALL,
    "reports-under-another-title": ALL,
    "reports-twice": f"{COMMITMENT}::test_association_is_held",
    "answers-extended-negotiation-of-commitment": f"{COMMITMENT}::test_extended_negotiation_has_no_answer",
    "commits-twice-what-is-named-twice": f"{COMMITMENT}::test_an_instance_is_named_twice",
    "insists-where-nobody-answers": f"{COMMITMENT}::test_report_is_not_taken[no answer]",
    "insists-on-a-report": f"{COMMITMENT}::test_report_is_not_taken[a failure]",
    "retrieve-title-in-both-places": ALL,
    "mixes-requests-of-one-transaction": f"{COMMITMENT}::test_transaction_is_in_use",
}


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught(name: str) -> None:
    fault = fault_named(name)
    played = play_fault(name, CAUGHT[name])
    assert len(played.records) == 1
    assert fault.caught_as in played.verdicts
    assert played.judged(fault.caught_as) >= set(fault.catches)


def test_a_pacs_without_a_fault_passes() -> None:
    settings, options = with_us_as_destination()
    with EmbeddedPacs(settings) as pacs:
        played = play(pacs, COMMITMENT, options=options)
    assert played.records
    assert played.not_passed == []


def test_a_pacs_that_does_not_know_us_reports_where_it_was_asked() -> None:
    with EmbeddedPacs() as pacs:
        played = play(pacs, COMMITMENT)
    assert played.verdicts == {Verdict.PASS, Verdict.NOT_APPLICABLE}
    assert {"SC-06", "SC-14", "SC-16", "SC-20"} <= played.judged(Verdict.PASS)
