"""Each fault of what is accepted is caught by a named scenario of the matrix, and what is legal is not accused."""

from __future__ import annotations

import pytest

from conformance.target.embedded.server import EmbeddedPacs
from conformance.verdict.finding import Verdict
from tests.faulty.registry import CLAIMS, fault_named
from tests.odd.registry import oddity_named
from tests.scenarios.playing import play, play_fault

MATRIX = "test_matrix.py"
ASKED = f"{MATRIX}::test_every_pair_is_answered"
DEFAULT = f"{MATRIX}::test_default_transfer_syntax"
CLAIMED = f"{MATRIX}::test_claims"

CAUGHT = {
    "accepts-a-class-now-and-then": f"{MATRIX}::test_same_answer_again",
    "accepts-a-claimed-class-now-and-then": CLAIMED,
    "one-class-without-the-default": DEFAULT,
    "one-class-refused-for-its-syntaxes": DEFAULT,
    "one-class-in-another-syntax": ASKED,
    "refuses-a-claimed-class": CLAIMED,
    "refuses-a-claimed-syntax": CLAIMED,
    "class-is-not-supported-in-other-syntaxes": f"{MATRIX}::test_reasons_of_refusals",
}
LEGAL = (
    "native-syntaxes-only",
    "implicit-only",
    "ct-and-mr-only",
    "rejects-as-user",
    "rejects-when-nothing-fits",
    "one-context-for-each-class",
    "video-without-the-default",
)


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught(name: str) -> None:
    fault = fault_named(name)
    played = play_fault(name, CAUGHT[name])
    assert len(played.records) == 1
    assert played.verdicts == {fault.caught_as}
    assert played.judged(fault.caught_as) >= set(fault.catches)


def test_what_a_pacs_without_a_fault_accepts_is_judged_and_stored() -> None:
    with EmbeddedPacs() as pacs:
        played = play(pacs, MATRIX)
    assert {"record": sum("matrix" in record for record in played.records)} == {"record": 1}
    assert [line for line in played.not_passed if "test_claims" not in line] == []


def test_more_than_is_claimed_is_a_warning() -> None:
    with EmbeddedPacs() as pacs:
        played = play(pacs, CLAIMED, options=CLAIMS)
    assert played.verdicts == {Verdict.WARN}
    assert played.judged(Verdict.WARN) == {"CS-07"}


@pytest.mark.parametrize("name", LEGAL)
def test_what_is_legal_is_not_accused(name: str) -> None:
    oddity = oddity_named(name)
    made, options = oddity.to_be_played()
    with made as scp:
        played = play(scp, MATRIX, options=options)
    assert played.records
    assert played.failed == set()
    assert Verdict.ERROR not in played.verdicts
