"""Each fault of transfer syntaxes is caught by a named scenario, under the requirement that it declares."""

from __future__ import annotations

import pytest

from conformance.target.embedded.server import EmbeddedPacs
from conformance.verdict.finding import Verdict
from tests.faulty.registry import fault_named
from tests.scenarios.playing import play, play_fault

SYNTAXES = "test_transfer_syntaxes.py"
BROKEN = "test_transfer_syntaxes_broken.py"
MISFIT = f"{BROKEN}::test_data_set_in_another_syntax"
NOT_AGREED = f"{BROKEN}::test_store_on_a_context_not_agreed"

CAUGHT = {
    "accepts-by-prefix": f"{SYNTAXES}::test_unregistered_transfer_syntax_alone[fragmentable HEVC]",
    "accepts-a-private-syntax": f"{SYNTAXES}::test_unsupported_beside_the_default[private-one context]",
    "accepts-real-time-video": f"{SYNTAXES}::test_transfer_syntax_alone[SMPTEST211030PCMDigitalAudio]",
    "unknown-syntax-spoils-the-context": f"{SYNTAXES}::test_unsupported_beside_the_default[unknown-one context]",
    "deflated-without-explicit-vr": f"{SYNTAXES}::test_companion[deflated needs explicit VR]",
    "lossless-jpeg-without-its-default": f"{SYNTAXES}::test_companion[lossless JPEG needs selection value 1]",
    "near-lossless-alone": f"{SYNTAXES}::test_companion[near-lossless JPEG-LS needs lossless]",
    "syntax-rejects-the-association": f"{SYNTAXES}::test_transfer_syntax_alone[JPEGExtended35, retired]",
    "stores-on-a-rejected-context": f"{NOT_AGREED}[rejected context]",
    "any-context-is-the-first": f"{NOT_AGREED}[even id]",
    "context-of-the-command-alone": f"{BROKEN}::test_command_and_data_on_two_contexts",
    "keeps-what-it-cannot-read": f"{MISFIT}[big endian in explicit VR]",
    "guesses-the-encoding": f"{MISFIT}[explicit VR in implicit VR]",
    "compressed-is-native": f"{MISFIT}[compressed pixel data in explicit VR]",
    "big-endian-is-not-swapped": f"{SYNTAXES}::test_native_instance[big endian-CTImageStorage]",
    "padding-breaks-the-inflater": f"{SYNTAXES}::test_deflated_stream[stream of odd length, padded]",
    "recompresses-with-loss": f"{SYNTAXES}::test_native_instance[explicit VR-CTImageStorage]",
    "acknowledges-compressed-and-drops-it": f"{SYNTAXES}::test_compressed_instance[JPEG baseline, colour]",
}


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught(name: str) -> None:
    fault = fault_named(name)
    played = play_fault(name, CAUGHT[name])
    assert len(played.records) == 1
    assert played.verdicts == {fault.caught_as}
    assert played.judged(fault.caught_as) >= set(fault.catches)


def test_native_pixel_data_in_a_compressed_context_are_caught() -> None:
    played = play_fault("compressed-is-native", f"{MISFIT}[native pixel data in RLE]")
    assert played.judged(Verdict.WARN) >= {"ST-38"}


def test_the_same_scenarios_find_nothing_in_a_pacs_without_a_fault() -> None:
    scenarios = sorted({*CAUGHT.values(), f"{MISFIT}[native pixel data in RLE]"})
    with EmbeddedPacs() as pacs:
        played = play(pacs, *scenarios)
    assert len(played.records) == len(scenarios)
    assert played.verdicts <= {Verdict.PASS, Verdict.INFO}
