"""Each fault of the messages that answer is caught by a named scenario, under the requirement that it declares."""

from __future__ import annotations

import pytest

from conformance.target.embedded.server import EmbeddedPacs
from conformance.verdict.finding import Verdict
from tests.faulty.registry import fault_named
from tests.scenarios.playing import play, play_fault

ECHO = "test_verification.py::test_echo"
WITH_ID = "test_verification.py::test_echo_with_message_id"
REPEATED = "test_verification.py::test_echo_repeated_on_one_association"
STORES = "test_verification.py::test_echo_between_stores"
RELEASE = "test_negotiation.py::test_release_directly_after_association"
MAXIMUM = "test_user_information.py::test_requestor_maximum_length"
SMALL_MAXIMUM = "test_user_information.py::test_small_requestor_maximum_length"
MISPLACED_CANCEL = "test_cancellation.py::test_cancel_inside_a_store[between fragments]"

CAUGHT = {
    "answers-eight-bits-of-the-message-id": [f"{WITH_ID}[256]"],
    "wrong-group-length": [ECHO],
    "elements-out-of-order": [ECHO],
    "uids-padded-with-a-space": [ECHO],
    "uids-not-padded": [ECHO],
    "element-of-another-group": [ECHO],
    "responses-in-explicit-vr": [f"{WITH_ID}[255]"],
    "echo-announces-a-data-set": [f"{WITH_ID}[255]"],
    "store-announces-a-data-set": [STORES],
    "response-without-status": [ECHO],
    "echo-answered-as-store": [ECHO],
    "echo-names-another-class": [ECHO],
    "third-echo-fails": [f"{REPEATED}[ascending]"],
    "answers-twice": [f"{REPEATED}[all one]"],
    "parallel-answers-change-places": [
        "test_storage_associations.py::test_one_study_over_parallel_associations",
    ],
    "fragments-of-odd-length": [ECHO],
    "over-the-maximum-length": [f"{SMALL_MAXIMUM}[64]"],
    "fragment-fills-the-maximum-length": [f"{SMALL_MAXIMUM}[20]"],
    "no-limit-is-no-room": [f"{MAXIMUM}[0]"],
    "response-flagged-as-data": [f"{WITH_ID}[255]"],
    "control-header-with-other-bits": [ECHO],
    "empty-fragment-first": [ECHO],
    "response-on-another-context": [ECHO],
    "unasked-data-after-a-response": [ECHO],
    "aborts-with-source-1": [MISPLACED_CANCEL],
    "aborts-with-an-unlisted-reason": [MISPLACED_CANCEL],
    "user-aborts-with-a-reason": [MISPLACED_CANCEL],
    "long-abort": [MISPLACED_CANCEL],
    "long-release": [RELEASE],
    "release-with-reserved-bytes-set": [RELEASE],
    "talks-after-release": [RELEASE],
    "release-is-a-close": [RELEASE],
    "release-request-answered-with-one": [RELEASE],
}


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught(name: str) -> None:
    fault = fault_named(name)
    played = play_fault(name, *CAUGHT[name])
    assert len(played.records) == len(CAUGHT[name])
    assert played.verdicts == {fault.caught_as}
    assert played.judged(fault.caught_as) >= set(fault.catches)


def test_the_same_scenarios_find_nothing_in_a_pacs_without_a_fault() -> None:
    scenarios = sorted({scenario for named in CAUGHT.values() for scenario in named})
    with EmbeddedPacs() as pacs:
        played = play(pacs, *scenarios)
    assert len(played.records) == len(scenarios)
    assert played.verdicts <= {Verdict.PASS, Verdict.INFO}
