"""An instance that was sent in pieces: every verdict, from hand-written observations."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from conformance.instances import hard
from conformance.instances.hard import StreamedInstance
from conformance.instances.identity import IdentitySource
from conformance.observation.stored import ReadBackOutcome
from conformance.verdict.finding import Verdict
from conformance.verdict.streamed import streamed_kept
from tests.verdict.observed import UNREADABLE, edited, exchange, stored, verdicts

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
JPEG_LS = "1.2.840.10008.1.2.4.80"


@pytest.fixture(scope="module")
def sent() -> StreamedInstance:
    return hard.streamed(IdentitySource(seed=7, scope="streamed").new(), 2)


def judge(sent: StreamedInstance, found: ReadBackOutcome) -> dict[str, Verdict]:
    return verdicts(
        streamed_kept(
            sent.header,
            found,
            exchange(sent.header, 0),
            pixel_bytes=sent.pixel_bytes,
            pixel_sha256=sent.pixel_sha256(),
        )
    )


def whole(sent: StreamedInstance, *, pixels: bytes | None = None) -> Dataset:
    def edit(dataset: Dataset) -> None:
        dataset.PixelData = b"".join(sent.pixels()) if pixels is None else pixels

    return edited(sent.header.dataset, edit)


def test_whole(sent: StreamedInstance) -> None:
    judged = judge(sent, stored(whole(sent)))
    assert set(judged.values()) == {PASS}
    assert {"FID-01", "FID-02", "STA-17"} <= set(judged)


def test_other_pixels(sent: StreamedInstance) -> None:
    assert judge(sent, stored(whole(sent, pixels=bytes(sent.pixel_bytes))))["FID-02"] is FAIL


def test_cut_pixels(sent: StreamedInstance) -> None:
    assert judge(sent, stored(whole(sent, pixels=sent.noise)))["FID-02"] is FAIL


def test_no_pixels(sent: StreamedInstance) -> None:
    assert judge(sent, stored(sent.header.dataset))["FID-02"] is FAIL


def test_other_header(sent: StreamedInstance) -> None:
    changed = edited(whole(sent), lambda dataset: dataset.__setattr__("NumberOfFrames", 1))
    judged = judge(sent, stored(changed))
    assert (judged["FID-01"], judged["FID-02"]) == (FAIL, PASS)


def test_compressed(sent: StreamedInstance) -> None:
    found = stored(whole(sent), transfer_syntax_uid=JPEG_LS)
    assert judge(sent, found)["FID-02"] is INCONCLUSIVE


def test_nothing_stored(sent: StreamedInstance) -> None:
    assert judge(sent, stored())["STA-17"] is FAIL


def test_unreadable(sent: StreamedInstance) -> None:
    assert judge(sent, UNREADABLE) == {"FID-01": INCONCLUSIVE}
