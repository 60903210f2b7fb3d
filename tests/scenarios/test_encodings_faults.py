"""Each fault of pixel data is caught by a named scenario, under the requirement that it declares."""

from __future__ import annotations

import pytest

from conformance.target.embedded.server import EmbeddedPacs
from tests.faulty.registry import fault_named
from tests.scenarios.playing import play, play_fault

ENCODINGS = "test_encodings.py"
CAUGHT = {
    "flips-one-pixel-of-one-frame": f"{ENCODINGS}::test_offset_table[JPEG-LS-with_offsets]",
    "compresses-with-loss-in-silence": f"{ENCODINGS}::test_compressed_pixels[JPEG2000Lossless-grey 12]",
    "swaps-bytes-of-words": f"{ENCODINGS}::test_native_pixels[signed 16-ExplicitVRLittleEndian]",
    "drops-the-last-frame": f"{ENCODINGS}::test_offset_table[JPEG Lossless-without_offsets]",
    "exchanges-two-frames": f"{ENCODINGS}::test_offset_table[JPEG Lossless-without_offsets]",
    "keeps-a-stale-offset-table": f"{ENCODINGS}::test_offset_table[JPEG Lossless-with_offsets]",
    "takes-the-first-fragment-for-the-frame": f"{ENCODINGS}::test_frame_in_fragments[JPEG-LS-empty table-2]",
    "keeps-the-beginning-of-a-video": f"{ENCODINGS}::test_video[HEVCMP51]",
    "drops-the-native-icon": f"{ENCODINGS}::test_native_icon_in_a_compressed_image[JPEG 2000]",
}


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught(name: str) -> None:
    fault = fault_named(name)
    played = play_fault(name, CAUGHT[name])
    assert len(played.records) == 1
    assert played.verdicts == {fault.caught_as}
    assert played.judged(fault.caught_as) >= set(fault.catches)


def test_the_first_sample_that_differs_is_named() -> None:
    played = play_fault("flips-one-pixel-of-one-frame", CAUGHT["flips-one-pixel-of-one-frame"])
    said = [f["actual"] for record in played.records for f in record["findings"] if f["requirement"] == "FID-02"]
    assert any("frame 3, row 4, column 5" in words for words in said)


def test_all_encodings_are_kept_by_a_pacs_without_a_fault() -> None:
    with EmbeddedPacs() as pacs:
        played = play(pacs, ENCODINGS)
    assert played.records
    assert played.not_passed == []
