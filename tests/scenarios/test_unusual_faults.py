"""Each fault of reading what is unusual is caught by a named scenario, under the requirement that it declares."""

from __future__ import annotations

import pytest

from conformance.target.embedded.server import EmbeddedPacs
from tests.faulty.registry import fault_named
from tests.scenarios.playing import play, play_fault

UNUSUAL = "test_unusual_encodings.py"
BESIDE = f"{UNUSUAL}::test_beside_an_instance"
AGAINST = f"{UNUSUAL}::test_against_the_transfer_syntax"
CAUGHT = {
    "stops-at-a-new-vr": f"{BESIDE}[a VR that no edition has-explicit VR]",
    "believes-group-lengths": f"{BESIDE}[wrong group lengths-implicit VR]",
    "files-what-is-nobodys-under-a-creator": f"{BESIDE}[private elements without a creator-explicit VR]",
    "acknowledges-groups-not-used": f"{BESIDE}[groups that are not used-explicit VR]",
    "gives-up-at-deep-sequences": f"{UNUSUAL}::test_sequence_beyond_measure[1000 deep]",
    "keeps-one-fragment-of-rle": f"{AGAINST}[a frame of RLE in two fragments]",
    "two-kinds-of-pixel-data-are-never-answered": f"{UNUSUAL}::test_two_kinds_of_pixel_data",
    "baseline-is-not-extended": f"{UNUSUAL}::test_baseline_stream_in_extended",
    "mends-an-irreversible-stream": f"{AGAINST}[an irreversible stream in JPEG 2000 Lossless]",
    "clears-bits-that-no-sample-uses": f"{UNUSUAL}::test_bits_that_no_sample_uses[explicit VR]",
    "floats-need-a-native-syntax": f"{AGAINST}[floats in JPEG 2000 Lossless]",
    "rejects-what-offers-nothing-native": f"{UNUSUAL}::test_nothing_native_is_offered[lossy]",
}


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught(name: str) -> None:
    fault = fault_named(name)
    played = play_fault(name, CAUGHT[name], options=("--pacs-level=disruptive",))
    assert len(played.records) == 1
    assert played.verdicts == {fault.caught_as}
    assert played.judged(fault.caught_as) >= set(fault.catches)


def test_the_unusual_harms_nothing_in_a_pacs_without_a_fault() -> None:
    with EmbeddedPacs() as pacs:
        # A million items take a busy machine longer than these tests wait for an answer.
        played = play(pacs, UNUSUAL, options=("--pacs-level=disruptive", "--pacs-timeout=30"))
    assert played.records
    assert played.not_passed == []
