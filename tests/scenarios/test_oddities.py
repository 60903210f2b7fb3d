"""No oddity is accused: what is unusual and allowed is never FAIL, and never an ERROR of the suite's own.

For each oddity some scenarios that come near it are played; all can be, against `python -m tests.odd.serve NAME`.
"""

from __future__ import annotations

from typing import Final

import pytest

from conformance.plugin import readbacks
from conformance.readback.dimse import DimseReadBack
from conformance.verdict.finding import Verdict
from tests.odd.registry import all_oddities, oddity_named
from tests.scenarios.playing import play

CT: Final = "test_storage.py::test_sop_class[CTImageStorage]"
ECHO: Final = "test_verification.py::test_echo"
RICH: Final = "test_storage.py::test_rich_content[implicit VR]"
DUPLICATE: Final = "test_duplicates.py::test_on_the_same_association"
ABORT: Final = "test_interrupted_store.py::test_abort_in_a_store[many fragments-50 % sent]"
MIXED: Final = "test_negotiation.py::test_acceptable_and_unacceptable_contexts_mixed"
UNKNOWN: Final = "test_negotiation.py::test_only_an_unknown_abstract_syntax"
SYNTAXES: Final = "test_negotiation.py::test_one_context_with_several_transfer_syntaxes"
WINDOW: Final = "test_user_information.py::test_asynchronous_operations_window"
IDENTITY: Final = "test_user_information.py::test_user_identity"
BATCH: Final = "test_batches.py::test_third_of_ten_is_faulty[other UID in the data set]"
CANCEL: Final = "test_cancel_query_retrieve.py::test_cancel_of_a_find"
STATUSES: Final = "test_statuses.py"
COMMITTED: Final = "test_storage_commitment.py::test_all_is_committed"
BASIC: Final = (ECHO, CT, f"{DUPLICATE}[changed header]", ABORT)
SIZES: Final = (CT, ECHO, "test_storage_pdus.py::test_data_set_around_the_maximum_length")
MESSAGES: Final = (*BASIC, CANCEL, STATUSES)
CHANNELS: Final = (
    "test_channels.py::test_find_says_what_is_stored[Study Root-rich content]",
    "test_channels.py::test_counts_of_a_patient",
    "test_channels.py::test_every_channel_gives_what_was_sent",
)
ASSOCIATIONS: Final = (
    CT,
    "test_verification.py::test_echo_on_parallel_associations",
    "test_duplicates.py::test_two_at_once[identical]",
    "test_storage_associations.py::test_one_study_over_parallel_associations",
    "test_storage_associations.py::test_store_in_the_middle_of_another",
)

PLAYED: Final = {
    "contexts": (
        CT,
        RICH,
        "test_storage.py::test_sop_class[RawDataStorage]",
        MIXED,
        UNKNOWN,
        SYNTAXES,
        "test_transfer_syntaxes.py::test_compressed_instance",
        "test_retrieve.py::test_encoding_of_what_is_brought",
    ),
    "accepts": (*BASIC, MIXED, WINDOW, IDENTITY, "test_verification.py::test_unknown_called_ae_title"),
    "messages": MESSAGES,
    "storage": (CT, RICH, "test_storage.py::test_empty_elements", STATUSES, BATCH, f"{DUPLICATE}[changed pixels]"),
    "content": (CT, RICH, "test_content.py"),
    "duplicates": (
        DUPLICATE,
        "test_duplicates.py::test_two_at_once[changed header]",
        "test_duplicates.py::test_inside_a_batch[changed header]",
    ),
    "services": (CT, f"{DUPLICATE}[identical]", "test_cancel_query_retrieve.py", MIXED, *CHANNELS),
    "associations": (*BASIC, STATUSES, UNKNOWN, "test_negotiation.py::test_release_directly_after_association"),
    "relay": MESSAGES,
    "foreign": (*BASIC, RICH, MIXED, CANCEL, "test_cancel_query_retrieve.py::test_cancel_of_a_get"),
    "archives": (
        *BASIC,
        RICH,
        BATCH,
        STATUSES,
        f"{DUPLICATE}[other study]",
        "test_cancel_query_retrieve.py",
        *CHANNELS,
    ),
    "manners": (
        *BASIC,
        MIXED,
        IDENTITY,
        STATUSES,
        BATCH,
        SYNTAXES,
        "test_messages.py::test_malformed_echo",
        "test_state_machine.py::test_release_after_operations",
    ),
    "commitment": ("test_storage_commitment.py",),
    "least": ("test_negotiation.py", CT, STATUSES, IDENTITY, "test_messages.py::test_malformed_echo"),
}
"""The scenarios by family of oddities."""
PLAYED_FOR_ONE: Final = {
    "maximum-length-256": SIZES,
    "maximum-length-4096": SIZES,
    "maximum-length-odd": SIZES,
    "maximum-length-unlimited": SIZES,
    "maximum-length-greatest": SIZES,
    "slow": (ECHO, CT),
    "identity-is-answered": ("test_identities.py",),
    "no-echo-for-who-is-no-user": (ECHO, "test_extended_negotiation.py::test_odd_role_selection"),
    "grants-no-roles": (CT, "test_retrieve.py", "test_extended_negotiation.py"),
    "storage-level-0": (CT, RICH, DUPLICATE),
    "thinks-before-it-answers": (ECHO, CT),
    "releases-at-leisure": (ECHO, CT, MIXED),
    "texts-in-utf-8": (CT, RICH, "test_content.py"),
    "late-index": (CT,),
    "out-of-order-in-a-window": (CT, WINDOW, "test_batches.py"),
    "two-associations-at-most": ASSOCIATIONS,
    "one-at-a-time": ASSOCIATIONS,
    "one-store-at-a-time": ASSOCIATIONS,
    "never-reports": (COMMITTED,),
    "reports-at-leisure": (COMMITTED, "test_storage_commitment.py::test_one_was_never_sent"),
    "no-commitment": (CT, "test_storage_commitment.py"),
    "short-of-patience": BASIC,
    "one-byte-a-segment": BASIC,
    "pdus-in-two-halves": BASIC,
}
"""Those of one oddity, where the family's would take too long or miss it."""


@pytest.mark.parametrize("name", all_oddities())
def test_no_oddity_is_accused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "late-index":
        monkeypatch.setattr(readbacks, "DimseReadBack", DimseReadBack)
    oddity = oddity_named(name)
    scenarios = PLAYED_FOR_ONE.get(name) or PLAYED[oddity.family]
    made, options = oddity.to_be_played()
    with made as scp:
        played = play(scp, *dict.fromkeys(scenarios), options=options)
    accused = [
        f"{record['id']}: {finding['requirement']} {finding['actual']}"
        for record in played.records
        for finding in record["findings"]
        if finding["verdict"] == Verdict.FAIL and finding["requirement"] not in oddity.violates
    ]
    assert played.records
    assert accused == []
    assert [record["error"] for record in played.records if record["verdict"] == Verdict.ERROR] == []


def test_a_target_that_serves_one_at_a_time_is_read_back() -> None:
    with oddity_named("one-at-a-time").make(0) as scp:
        assert play(scp, CT).verdicts == {Verdict.PASS}


def test_every_family_has_its_scenarios() -> None:
    assert {oddity.family for oddity in all_oddities().values()} == set(PLAYED)


def test_scenarios_for_one_name_an_oddity() -> None:
    assert set(PLAYED_FOR_ONE) <= set(all_oddities())
