"""Each fault of cancellation is caught by the requirement that names it, and the reference PACS by none."""

from __future__ import annotations

import pytest

from conformance.target.embedded.server import EmbeddedPacs
from conformance.verdict.finding import Verdict
from tests.faulty.registry import fault_named
from tests.scenarios.playing import play, play_fault

STORE = "test_interrupted_store.py::"
CANCEL = "test_cancellation.py::"
QUERY = "test_cancel_query_retrieve.py::"
HALF = "[many fragments-50 % sent"

CASES: dict[str, tuple[str, ...]] = {
    "keeps-a-partial-instance": (
        f"{STORE}test_abort_in_a_store{HALF}]",
        f"{STORE}test_connection_lost_in_a_store{HALF}-RST]",
        f"{STORE}test_release_in_a_store{HALF}]",
    ),
    "refuses-what-was-broken-off": (f"{STORE}test_connection_lost_in_a_store{HALF}-FIN]",),
    "stops-serving": (f"{STORE}test_connection_lost_in_a_store{HALF}-RST]",),
    "loses-a-place": (f"{STORE}test_many_transfers_broken_off[20 times-A-ABORT]",),
    "completes-on-release": (f"{STORE}test_release_in_a_store{HALF}]",),
    "aborts-the-others": (f"{STORE}test_end_of_one_association_beside_another[A-ABORT]",),
    "forgets-with-the-association": (f"{STORE}test_batch_stopped[after 1 of 10-A-ABORT]",),
    "acknowledges-the-command": (f"{STORE}test_no_answer_before_the_last_fragment",),
    "stores-cut-data": (f"{STORE}test_last_fragment_bit_set_early[inside an element]",),
    "stores-the-cancel": (f"{CANCEL}test_cancel_inside_a_store[between fragments]",),
    "cancels-a-store": (f"{CANCEL}test_cancel_behind_the_last_fragment[the C-STORE]",),
    "drops-a-stored-instance-on-cancel": (f"{CANCEL}test_cancel_after_the_response[the C-STORE]",),
    "answers-a-cancel": (f"{CANCEL}test_cancel_after_the_response[the C-STORE]",),
    "hangs-after-a-cancel": (f"{CANCEL}test_cancel_after_the_response[the C-STORE]",),
    "aborts-on-a-late-cancel": (f"{QUERY}test_cancel_after_a_find",),
    "cancels-on-every-association": (f"{QUERY}test_cancel_from_another_association",),
    "cancels-by-any-id": (f"{QUERY}test_cancel_of_an_unknown_get",),
    "ignores-cancel-of-get": (f"{QUERY}test_cancel_of_a_get[before the answer to the first sub-operation]",),
    "finds-on-after-a-cancel": (f"{QUERY}test_cancel_of_a_find[with the request]",),
    "goes-on-after-the-cancel-status": (f"{QUERY}test_cancel_of_a_get[before the answer to the first sub-operation]",),
    "identifies-a-cancel": (f"{QUERY}test_cancel_of_a_find[with the request]",),
    "cancels-without-counts": (f"{QUERY}test_cancel_of_a_get[before the answer to the first sub-operation]",),
    "miscounts-a-cancel": (f"{QUERY}test_cancel_of_a_get[before the answer to the first sub-operation]",),
}


@pytest.mark.parametrize("name", CASES)
def test_fault_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.plugin.life.REVIVAL_S", 0.1)
    played = play_fault(name, *CASES[name], options=("--pacs-timeout=1.5",))
    assert played.failed >= set(fault_named(name).catches)
    assert Verdict.ERROR not in played.verdicts


def test_reference_pacs_passes_every_scenario_that_catches_a_fault() -> None:
    scenarios = dict.fromkeys(scenario for several in CASES.values() for scenario in several)
    with EmbeddedPacs() as pacs:
        assert play(pacs, *scenarios).verdicts == {Verdict.PASS}
