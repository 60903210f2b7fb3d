"""Each fault of negotiation is caught by a named scenario, under the requirements that it declares."""

from __future__ import annotations

import pytest

from conformance.target.embedded.server import EmbeddedPacs
from conformance.verdict.finding import Verdict
from tests.faulty.registry import fault_named
from tests.scenarios.playing import play, play_fault

ECHO = "test_verification.py::test_echo"
NEGOTIATION = "test_negotiation.py"
USER = "test_user_information.py"
ONE_DEFAULT = f"{NEGOTIATION}::test_one_context_with_the_default_transfer_syntax"
SEVERAL = f"{NEGOTIATION}::test_several_contexts_for_one_sop_class"
SEVERAL_SYNTAXES = f"{NEGOTIATION}::test_one_context_with_several_transfer_syntaxes"
BESIDE = f"{NEGOTIATION}::test_unknown_abstract_syntax_beside_verification"
MIXED = f"{NEGOTIATION}::test_acceptable_and_unacceptable_contexts_mixed"
ANY_IDS = f"{NEGOTIATION}::test_context_ids_in_any_order"
ALL_IDS = f"{NEGOTIATION}::test_128_contexts"
REJECTED = f"{USER}::test_protocol_version_without_bit_0[0000H]"
RESERVED = f"{USER}::test_reserved_fields_set"
ROLES = f"{USER}::test_role_selection"

CAUGHT = {
    "result-is-missing": [SEVERAL],
    "result-for-nobody": [ONE_DEFAULT],
    "two-results-for-one-id": [ONE_DEFAULT],
    "answers-in-a-syntax-of-its-own": [ONE_DEFAULT],
    "lists-all-transfer-syntaxes": [
        f"{NEGOTIATION}::test_one_context_with_several_transfer_syntaxes[implicit, explicit]"
    ],
    "repeats-the-abstract-syntax": [ONE_DEFAULT],
    "pads-uids": [ONE_DEFAULT],
    "refuses-the-default-syntax": [ONE_DEFAULT],
    "accepts-any-abstract-syntax": [BESIDE],
    "blames-the-transfer-syntax": [BESIDE],
    "accepts-any-transfer-syntax": [
        f"{NEGOTIATION}::test_only_an_unknown_transfer_syntax_beside_verification",
        f"{NEGOTIATION}::test_odd_transfer_syntax_alone[not registered]",
    ],
    "result-out-of-range": [BESIDE],
    "all-contexts-or-none": [BESIDE],
    "all-contexts-or-no-association": [MIXED],
    "numbers-contexts-anew": [f"{ANY_IDS}[(251, 253, 255)]"],
    "results-on-the-wrong-ids": [BESIDE],
    "sixty-four-contexts": [ALL_IDS],
    "ids-must-ascend": [f"{ANY_IDS}[(5, 1, 3)]"],
    "sixteen-transfer-syntaxes": [f"{NEGOTIATION}::test_sixty_transfer_syntaxes_with_the_default_last"],
    "syntax-listed-twice-is-refused": [f"{NEGOTIATION}::test_transfer_syntax_listed_twice"],
    "long-request-is-aborted": [f"{NEGOTIATION}::test_association_request_longer_than_any_maximum_length"],
    "unknown-item-aborts": [f"{USER}::test_unknown_item[0 bytes-60H]"],
    "protocol-version-must-be-1": [f"{USER}::test_protocol_version_with_other_bits[0003H]"],
    "any-protocol-version": [REJECTED],
    "any-application-context": [f"{USER}::test_unknown_application_context"],
    "reserved-byte-is-set": [ECHO],
    "answers-with-its-own-title": ["test_verification.py::test_unknown_called_ae_title"],
    "garbage-in-the-reserved-field": [ECHO],
    "leading-spaces-count": ["test_verification.py::test_padded_called_ae_title[leading]"],
    "leading-spaces-of-the-caller-count": ["test_verification.py::test_padded_calling_ae_title[leading]"],
    "checks-reserved-fields": [f"{RESERVED}[request header]"],
    "checks-reserved-bytes-of-items": [f"{RESERVED}[items]"],
    "checks-reserved-bytes-of-sub-items": [f"{RESERVED}[user information]"],
    "rejects-with-result-0": [REJECTED],
    "rejects-with-source-0": [REJECTED],
    "rejects-with-an-unlisted-reason": [REJECTED],
    "says-full-for-good": ["test_verification.py::test_echo_on_parallel_associations"],
    "reads-up-to-an-unknown-sub-item": [f"{USER}::test_maximum_length_behind_an_unknown_sub_item"],
    "answers-roles-of-other-classes": [f"{ROLES}[SCP only]"],
    "unknown-sub-item-aborts": [f"{USER}::test_unknown_user_information_sub_item[first-0 bytes-FFH]"],
    "order-of-user-information": [f"{USER}::test_user_information_in_any_order[1302]"],
    "user-identity-aborts": [f"{USER}::test_user_identity[no response asked]"],
    "needs-a-version-name": [f"{USER}::test_request_without_optional_sub_items"],
    "unasked-window": [ECHO],
    "wider-window-than-offered": [f"{USER}::test_asynchronous_operations_window[5-1]"],
    "grants-roles-not-proposed": [f"{ROLES}[SCU only]"],
    "grants-roles-unasked": [ECHO],
    "no-implementation-class": [ECHO],
    "implementation-class-changes": [f"{USER}::test_implementation_class_uid_is_constant"],
    "version-name-of-17-characters": [ECHO],
    "no-maximum-length": [ECHO],
    "maximum-length-of-two-bytes": [ECHO],
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
