"""Each fault of keeping content is caught by a named scenario, under the requirements that the fault declares."""

from __future__ import annotations

import pytest

from conformance.target.embedded.server import EmbeddedPacs
from tests.faulty.registry import fault_named
from tests.scenarios.playing import play, play_fault


def _content(name: str, vr: str = "explicit") -> str:
    return f"test_content.py::test_content[{name}-{vr} VR]"


CAUGHT = {
    "drops-the-second-creator": [_content("several creators in a group")],
    "decodes-as-latin-1": [_content("ISO_IR 126 Greek"), _content("ISO_IR 192 UTF-8", "implicit")],
    "drops-escapes": [_content("ISO 2022 IR 87 Japanese"), _content("ISO 2022 IR 149 Korean")],
    "relabels-text": [_content("ISO_IR 100 Latin 1"), _content("GB18030", "implicit")],
    "cuts-at-64-kb": [_content("UT and UC over 64 KB")],
    "loses-a-nested-item": [_content("nested 32 deep, lengths undefined")],
    "pads-uids-with-spaces": [_content("odd lengths")],
    "trims-text": [_content("leading and trailing spaces")],
    "swaps-words": [_content("bulk of every word size")],
    "merges-patients": [
        "test_content.py::test_patients_alike[case of a letter]",
        "test_content.py::test_patients_alike[a leading zero]",
        "test_content.py::test_patients_alike[spaces inside]",
    ],
    "ends-with-the-pixels": [_content("attributes after the pixel data", "implicit")],
    "drops-empty-items": [_content("empty sequences and items")],
    "keeps-a-thousand-values": [_content("10,000 values and empty ones")],
    "drops-empty-values": [_content("10,000 values and empty ones")],
    "rounds-numbers": [_content("every VR at its limits")],
    "rounds-decimal-strings": [_content("numbers, dates and times")],
    "drops-nested-private-elements": [_content("private blocks in items")],
    "mends-long-values": ["test_content.py::test_irregular_values[explicit VR]"],
    "splits-at-5c": [_content("GB18030 with 5CH and 5EH inside characters")],
}


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught(name: str) -> None:
    played = play_fault(name, *CAUGHT[name])
    assert len(played.records) == len(CAUGHT[name])
    assert played.verdicts == {"FAIL"}
    assert played.failed >= set(fault_named(name).catches)


def test_content_passes_on_the_embedded_pacs() -> None:
    with EmbeddedPacs() as pacs:
        played = play(pacs, "test_content.py")
    assert len(played.records) == 117
    assert played.verdicts == {"PASS"}, played.not_passed
