"""Encapsulated pixel data as it comes back: fragments, offset tables, and what is wrong with them."""

from __future__ import annotations

import struct

import pytest
from pydicom.dataset import Dataset

from conformance.observation.stored import NotReadable, ReadBackOutcome
from conformance.verdict.encapsulation import well_formed
from conformance.verdict.finding import Verdict
from tests.verdict.observed import UNREADABLE, stored, verdicts

JPEG = "1.2.840.10008.1.2.4.70"
FIRST, SECOND = b"\xff\xd8one\xff\xd9\0", b"\xff\xd8others\xff\xd9"
ASIDE = {"PIX-05": Verdict.PASS, "PIX-06": Verdict.PASS, "PIX-07": Verdict.PASS}


def item(value: bytes) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(value)) + value


def table(*offsets: int) -> bytes:
    return struct.pack(f"<{len(offsets)}I", *offsets)


def kept(
    *items: bytes, extended: tuple[int, ...] | None = None, lengths: tuple[int, ...] = (), frames: int = 2
) -> ReadBackOutcome:
    dataset = Dataset()
    dataset.NumberOfFrames = frames
    if extended is not None:
        dataset.ExtendedOffsetTable = struct.pack(f"<{len(extended)}Q", *extended)
        dataset.ExtendedOffsetTableLengths = struct.pack(f"<{len(lengths)}Q", *lengths)
    dataset.PixelData = b"".join(map(item, items)) if items else b"\1\2"
    dataset["PixelData"].is_undefined_length = True
    dataset["PixelData"].VR = "OB"
    return stored(dataset, transfer_syntax_uid=JPEG)


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        pytest.param(kept(b"", FIRST, SECOND), {}, id="empty table"),
        pytest.param(kept(table(0, 16), FIRST, SECOND), {}, id="filled table"),
        pytest.param(kept(table(0, 32), FIRST, FIRST, SECOND), {}, id="two fragments of a frame"),
        pytest.param(kept(b"", FIRST, SECOND, extended=(0, 16), lengths=(8, 9)), {}, id="extended table"),
        pytest.param(kept(b"", FIRST, SECOND[:9]), {"PIX-05": Verdict.FAIL}, id="odd fragment"),
        pytest.param(kept(b""), {"PIX-05": Verdict.FAIL}, id="no fragment"),
        pytest.param(kept(), {"PIX-05": Verdict.FAIL}, id="no item"),
        pytest.param(kept(table(16, 32), FIRST, SECOND), {"PIX-07": Verdict.FAIL}, id="offsets from the table"),
        pytest.param(kept(table(16, 0), FIRST, SECOND), {"PIX-07": Verdict.FAIL}, id="offsets that descend"),
        pytest.param(kept(table(0), FIRST, SECOND), {"PIX-07": Verdict.FAIL}, id="one offset of two"),
        pytest.param(kept(b"\0\0", FIRST, SECOND), {"PIX-07": Verdict.FAIL}, id="half an offset"),
        pytest.param(
            kept(b"", FIRST, SECOND, extended=(0, 12), lengths=(8, 9)), {"PIX-06": Verdict.FAIL}, id="stale extended"
        ),
        pytest.param(
            kept(b"", FIRST, SECOND, extended=(0, 16), lengths=(9, 9)), {"PIX-06": Verdict.FAIL}, id="stale length"
        ),
        pytest.param(
            kept(b"", FIRST, SECOND, extended=(0,), lengths=(8,)), {"PIX-06": Verdict.FAIL}, id="one extended of two"
        ),
        pytest.param(
            kept(table(0, 16), FIRST, SECOND, extended=(0, 16), lengths=(8, 9)),
            {"PIX-06": Verdict.FAIL},
            id="both tables",
        ),
    ],
)
def test_structure(found: ReadBackOutcome, wrong: dict[str, Verdict]) -> None:
    assert verdicts(well_formed(found)) == ASIDE | wrong


def test_a_fragment_that_is_cut_is_said_so() -> None:
    dataset = Dataset()
    dataset.PixelData = item(b"") + item(FIRST)[:-2]
    dataset["PixelData"].is_undefined_length = True
    dataset["PixelData"].VR = "OB"
    (fragments, *_) = well_formed(stored(dataset, transfer_syntax_uid=JPEG))
    assert (fragments.verdict, fragments.actual) == (Verdict.FAIL, "an item of 8 bytes, 6 are left")


def test_what_is_native_or_not_there_has_no_encapsulation() -> None:
    native = Dataset()
    native.PixelData = b"\1\2"
    native["PixelData"].VR = "OB"
    for found in (stored(), stored(native)):
        assert set(verdicts(well_formed(found)).values()) == {Verdict.NOT_APPLICABLE}


def test_what_cannot_be_read_back_is_not_judged() -> None:
    assert isinstance(UNREADABLE, NotReadable)
    assert set(verdicts(well_formed(UNREADABLE)).values()) == {Verdict.INCONCLUSIVE}
