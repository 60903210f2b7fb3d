"""Pixel data compared by value across transfer syntaxes: equal, unequal, lossy and told of, or not to be decoded."""

from __future__ import annotations

import struct
from collections.abc import Callable

import imagecodecs
import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames

from conformance.instances import catalogue
from conformance.instances.codecs import native, video
from conformance.instances.identity import IdentitySource
from conformance.instances.in_syntax import ENCODERS, in_transfer_syntax
from conformance.instances.instance import Instance
from conformance.standard.transfer_syntaxes import transfer_syntax_name
from conformance.verdict import fidelity
from conformance.verdict.compare import DifferenceKind, compare
from conformance.verdict.finding import Verdict
from conformance.verdict.pixel_data import Picture, PixelComparison, Sameness, compare_pixel_data
from conformance.verdict.values import value_of
from tests.verdict.observed import exchange, stored

EXPLICIT = "1.2.840.10008.1.2.1"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
JPEG_LS = "1.2.840.10008.1.2.4.80"
JPEG_2000 = "1.2.840.10008.1.2.4.90"
JPEG_2000_LOSSY = "1.2.840.10008.1.2.4.91"
JPEG_XL = "1.2.840.10008.1.2.4.110"
HEVC = "1.2.840.10008.1.2.4.107"
RLE = "1.2.840.10008.1.2.5"
LOSSY = (
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.81",
    JPEG_2000_LOSSY,
    "1.2.840.10008.1.2.4.203",
    "1.2.840.10008.1.2.4.112",
)
IMAGES = {
    "grey 8": "MultiFrameGrayscaleByteSecondaryCaptureImageStorage",
    "grey 12": "BreastProjectionXRayImageStorageForPresentation",
    "grey 16": "MultiFrameGrayscaleWordSecondaryCaptureImageStorage",
    "RGB": "MultiFrameTrueColorSecondaryCaptureImageStorage",
}


def image(name: str) -> Instance:
    return catalogue.build(IMAGES[name], IdentitySource(seed=7, scope=name).new(), rows=16, columns=24, frames=3)


def picture(dataset: Dataset, uid: str) -> Picture:
    tag = dataset["PixelData"].tag
    return Picture(dataset=dataset, value=value_of(dataset, tag, ()), transfer_syntax_uid=uid)


def compared(sent: Instance, kept: Instance) -> PixelComparison:
    return compare_pixel_data(
        picture(sent.dataset, _syntax(sent)),
        picture(kept.dataset, _syntax(kept)),
    )


def _syntax(instance: Instance) -> str:
    return instance.transfer_syntax_uid if instance.is_encapsulated else EXPLICIT


def changed(instance: Instance, edit: Callable[[Dataset], None]) -> Instance:
    return instance.changed(label="changed", edit=edit)


def one_pixel(dataset: Dataset) -> None:
    """One sample in the second frame is another one: row 2, column 5, its first sample."""
    size = dataset.BitsAllocated // 8
    at = (dataset.Rows * dataset.Columns + dataset.Columns + 4) * dataset.SamplesPerPixel * size
    dataset.PixelData = dataset.PixelData[:at] + bytes([dataset.PixelData[at] ^ 1]) + dataset.PixelData[at + 1 :]


def forget_loss(dataset: Dataset) -> None:
    for keyword in ("LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod"):
        del dataset[keyword]


PAIRS = [
    pytest.param(uid, name, id=f"{transfer_syntax_name(uid)}-{name}")
    for uid in ENCODERS
    for name in IMAGES
    if in_transfer_syntax(image(name), uid) is not None
]


@pytest.mark.parametrize(("uid", "name"), [pair for pair in PAIRS if pair.values[0] not in LOSSY])
def test_a_lossless_transfer_syntax_changes_no_sample(uid: str, name: str) -> None:
    sent, kept = image(name), ENCODERS[uid](image(name))
    assert compared(sent, kept).sameness is Sameness.SAME
    assert compared(kept, sent).sameness is Sameness.SAME
    again = ENCODERS[RLE](sent)
    assert compared(again, kept).sameness is Sameness.SAME


@pytest.mark.parametrize(("uid", "name"), [pair for pair in PAIRS if pair.values[0] not in LOSSY])
def test_one_other_sample_is_named(uid: str, name: str) -> None:
    sent = image(name)
    found = compared(sent, ENCODERS[uid](changed(sent, one_pixel)))
    assert found.sameness is Sameness.DIFFERENT
    place = "frame 2, row 2, column 5" + (", sample 1" if name == "RGB" else "")
    before, after = (
        int(native.frames(one)[1][(1, 4, 0) if name == "RGB" else (1, 4)]) for one in (sent, changed(sent, one_pixel))
    )
    assert f"{place}: {before} sent, {after} stored; 1 of" in found.detail


@pytest.mark.parametrize(("uid", "name"), [pair for pair in PAIRS if pair.values[0] in LOSSY])
def test_a_lossy_transfer_syntax_in_silence_is_another_picture(uid: str, name: str) -> None:
    sent, kept = image(name), ENCODERS[uid](image(name))
    told = compared(sent, kept)
    assert told.sameness is Sameness.LOSSY
    assert "a lossy compression is announced, ISO_" in told.detail
    assert compared(sent, changed(kept, forget_loss)).sameness is Sameness.DIFFERENT
    assert compared(kept, kept).sameness is Sameness.SAME


def test_another_compression_of_the_same_samples_in_the_same_syntax_is_the_same() -> None:
    sent = ENCODERS["1.2.840.10008.1.2.4.57"](image("grey 12"))
    other = ENCODERS[JPEG_LOSSLESS](image("grey 12"))
    relabelled = Instance(dataset=other.dataset, transfer_syntax_uid=sent.transfer_syntax_uid)
    assert other.dataset.PixelData != sent.dataset.PixelData
    assert compared(sent, relabelled).sameness is Sameness.SAME


def test_frames_exchanged_or_dropped_are_found() -> None:
    sent = ENCODERS[JPEG_LS](image("grey 12"))
    streams = list(generate_frames(sent.dataset.PixelData, number_of_frames=3))

    def keep(*order: int) -> Callable[[Dataset], None]:
        def edit(dataset: Dataset) -> None:
            dataset.PixelData = encapsulate([streams[place] for place in order])
            dataset["PixelData"].is_undefined_length = True
            dataset.NumberOfFrames = len(order)

        return edit

    exchanged = compared(sent, changed(sent, keep(0, 2, 1)))
    assert (exchanged.sameness, exchanged.detail[:7]) == (Sameness.DIFFERENT, "frame 2")
    assert compared(sent, changed(sent, keep(0, 1))).detail == "2 frames, 3 were sent"
    assert compared(image("grey 12"), changed(sent, keep(0, 1))).detail == "2 frames, 3 were sent"


@pytest.mark.parametrize(
    ("off", "sameness", "words"),
    [
        pytest.param(0, Sameness.SAME, "", id="the same decoder"),
        pytest.param(4, Sameness.UNDECODABLE, "may differ by rounding", id="another decoder"),
        pytest.param(5, Sameness.DIFFERENT, "more than rounding explains", id="another picture"),
    ],
)
def test_samples_of_a_lossy_stream_decoded_elsewhere(off: int, sameness: Sameness, words: str) -> None:
    sent = ENCODERS["1.2.840.10008.1.2.4.50"](image("grey 8"))
    frames = generate_frames(sent.dataset.PixelData, number_of_frames=3)
    decoded = np.stack([np.asarray(imagecodecs.jpeg8_decode(frame)) for frame in frames])

    def elsewhere(dataset: Dataset) -> None:
        samples = decoded.copy()
        samples[1, 3, 5] = samples[1, 3, 5] + off if samples[1, 3, 5] < 128 else samples[1, 3, 5] - off
        dataset.PixelData = samples.tobytes()

    found = compared(sent, changed(image("grey 8"), elsewhere))
    assert found.sameness is sameness
    assert words in found.detail


def test_signed_samples_are_named_with_their_sign() -> None:
    def sign(dataset: Dataset) -> None:
        dataset.PixelRepresentation = 1
        dataset.PixelData = np.full(16 * 24 * 3, -5, dtype="<i2").tobytes()

    sent = changed(image("grey 16"), sign)
    assert compared(sent, ENCODERS[JPEG_2000](sent)).sameness is Sameness.SAME
    assert "-5 sent, -6 stored" in compared(sent, ENCODERS[JPEG_LS](changed(sent, one_pixel))).detail


def test_colour_by_plane_is_the_same_as_by_pixel() -> None:
    sent = image("RGB")

    def by_plane(dataset: Dataset) -> None:
        dataset.PixelData = np.ascontiguousarray(np.stack(native.frames(sent)).transpose(0, 3, 1, 2)).tobytes()
        dataset.PlanarConfiguration = 1

    planes = changed(sent, by_plane)
    for uid in (RLE, JPEG_2000):
        assert compared(sent, ENCODERS[uid](planes)).sameness is Sameness.SAME


def test_colour_spaces_without_common_samples_are_in_doubt() -> None:
    kept = ENCODERS[RLE](image("RGB"))
    other = changed(kept, lambda dataset: setattr(dataset, "PhotometricInterpretation", "YBR_FULL"))
    assert compared(image("RGB"), other).sameness is Sameness.UNDECODABLE


def test_bits_above_the_bits_stored_are_told_apart() -> None:
    def above(dataset: Dataset) -> None:
        dataset.PixelData = (np.frombuffer(dataset.PixelData, dtype="<u2") | 0x8000).astype("<u2").tobytes()

    found = compared(image("grey 12"), changed(image("grey 12"), above))
    assert found.sameness is Sameness.UNUSED_BITS
    assert "outside of the bits stored" in found.detail


def test_single_bits_are_compared_across_transfer_syntaxes() -> None:
    keyword = "MultiFrameSingleBitSecondaryCaptureImageStorage"
    sent = catalogue.build(keyword, IdentitySource(seed=7, scope="bits").new(), rows=16, columns=16, frames=2)
    for uid in ("1.2.840.10008.1.2.1.98", "1.2.840.10008.1.2.8.1"):
        kept = ENCODERS[uid](sent)
        assert compared(sent, kept).sameness is Sameness.SAME
        other = changed(sent, lambda dataset: setattr(dataset, "PixelData", b"\xff" + dataset.PixelData[1:]))
        assert compared(other, kept).sameness is Sameness.DIFFERENT


def _stream(uid: str, data: bytes) -> Instance:
    def edit(dataset: Dataset) -> None:
        dataset.NumberOfFrames = 1
        dataset.PixelData = encapsulate([data])
        dataset["PixelData"].is_undefined_length = True

    kept = ENCODERS[uid](image("grey 12")).changed(label="a stream of a target's", edit=edit)
    return Instance(dataset=kept.dataset, transfer_syntax_uid=uid)


_HUGE_JPEG = b"\xff\xd8\xff\xc3" + struct.pack(">HBHHB", 11, 16, 65535, 65535, 1) + b"\1\x11\0\xff\xd9"
_HUGE_JPEG_2000 = b"\xff\x4f\xff\x51" + struct.pack(">HH8I", 41, 0, 1 << 20, 1 << 20, *(0,) * 6) + b"\0\1\x0f\1\1"


@pytest.mark.parametrize(
    ("uid", "data"),
    [
        pytest.param(JPEG_LOSSLESS, b"no stream", id="JPEG, garbage"),
        pytest.param(JPEG_LOSSLESS, _HUGE_JPEG, id="JPEG, of another size"),
        pytest.param(JPEG_LS, b"\xff\xd8\xff\xff\xff\xff", id="JPEG-LS, garbage"),
        pytest.param(JPEG_2000, b"\xff\x4f\xff\x51", id="JPEG 2000, cut"),
        pytest.param(JPEG_2000, _HUGE_JPEG_2000, id="JPEG 2000, of another size"),
        pytest.param(JPEG_XL, b"\xff\x0a\0\0\0\0", id="JPEG XL, garbage"),
        pytest.param(RLE, b"\1\0\0\0", id="RLE, cut"),
        pytest.param("1.2.840.10008.1.2.8.1", b"\xff\xff", id="deflated, garbage"),
        pytest.param("1.2.840.10008.1.2.1.98", b"\0\0", id="uncompressed, cut"),
    ],
)
def test_what_cannot_be_decoded_is_in_doubt_and_takes_no_memory(uid: str, data: bytes) -> None:
    sent = changed(image("grey 12"), _first_frame)
    found = compared(sent, _stream(uid, data))
    assert found.sameness is Sameness.UNDECODABLE
    assert "the stored pixel data cannot be decoded here" in found.detail


def _first_frame(dataset: Dataset) -> None:
    dataset.NumberOfFrames = 1
    dataset.PixelData = dataset.PixelData[: 16 * 24 * 2]


@pytest.mark.parametrize(
    ("keyword", "value"),
    [("Rows", None), ("BitsAllocated", 12), ("BitsStored", 40), ("HighBit", 3), ("NumberOfFrames", 1 << 30)],
)
def test_a_description_that_makes_no_sense_is_in_doubt(keyword: str, value: int | None) -> None:
    kept = ENCODERS[RLE](image("grey 12")).changed(label="", edit=lambda dataset: setattr(dataset, keyword, value))
    assert compared(image("grey 12"), kept).sameness is Sameness.UNDECODABLE


def test_a_video_is_in_doubt() -> None:
    kept = Instance(dataset=ENCODERS[RLE](image("grey 8")).dataset, transfer_syntax_uid="1.2.840.10008.1.2.4.103")
    assert compared(image("grey 8"), kept).sameness is Sameness.UNDECODABLE


@pytest.mark.parametrize(
    ("kept", "verdict"),
    [
        pytest.param(ENCODERS[JPEG_LS], Verdict.PASS, id="without loss"),
        pytest.param(ENCODERS[JPEG_2000_LOSSY], Verdict.WARN, id="with loss, told"),
        pytest.param(
            lambda sent: changed(ENCODERS[JPEG_2000_LOSSY](sent), forget_loss), Verdict.FAIL, id="with loss, silent"
        ),
        pytest.param(lambda sent: ENCODERS[JPEG_LS](changed(sent, one_pixel)), Verdict.FAIL, id="one other sample"),
        pytest.param(lambda _: _stream(JPEG_LOSSLESS, b"no stream"), Verdict.INCONCLUSIVE, id="not decodable"),
    ],
)
def test_what_fidelity_makes_of_it(kept: Callable[[Instance], Instance], verdict: Verdict) -> None:
    sent = changed(image("grey 12"), _first_frame) if verdict is Verdict.INCONCLUSIVE else image("grey 12")
    copy = kept(sent)
    found = stored(copy.dataset, transfer_syntax_uid=copy.transfer_syntax_uid)
    judged = {f.requirement: f.verdict for f in fidelity.stored_equals_sent(sent, found, exchange(sent, 0))}
    assert judged["FID-02"] is verdict
    if verdict is Verdict.WARN:
        assert judged["FID-01"] is Verdict.PASS


def test_what_tells_of_a_loss_is_permitted_only_where_there_is_one() -> None:
    sent = image("grey 12")
    lossy = ENCODERS[JPEG_2000_LOSSY](sent)
    by_path = {
        d.path: d
        for d in compare(
            sent.dataset, lossy.dataset, sent_transfer_syntax=EXPLICIT, stored_transfer_syntax=JPEG_2000_LOSSY
        )
    }
    assert by_path["(7FE0,0010)"].kind is DifferenceKind.LOSSY
    assert all(by_path[path].permitted for path in ("(0028,2112)", "(0028,2114)"))

    def claim(dataset: Dataset) -> None:
        dataset.LossyImageCompression = "01"
        dataset.LossyImageCompressionMethod = "ISO_10918_1"

    claimed = ENCODERS[JPEG_LS](sent).changed(label="", edit=claim)
    found = compare(sent.dataset, claimed.dataset, sent_transfer_syntax=EXPLICIT, stored_transfer_syntax=JPEG_LS)
    assert [d.permitted for d in found if d.path == "(0028,2114)"] == [None]


def test_a_video_is_one_stream_however_it_is_cut() -> None:
    native_video = catalogue.build("VideoEndoscopicImageStorage", IdentitySource(seed=7, scope="video").new())
    sent = video.with_stream(native_video, HEVC)
    data = video.STREAMS[HEVC].read()

    def kept(fragments: int, stream: bytes) -> Instance:
        def edit(dataset: Dataset) -> None:
            dataset.PixelData = encapsulate([stream], fragments_per_frame=fragments, has_bot=False)

        return Instance(dataset=changed(sent, edit).dataset, transfer_syntax_uid=HEVC)

    assert compared(sent, kept(1, data)).sameness is Sameness.SAME
    assert compared(sent, kept(7, data)).sameness is Sameness.SAME
    assert compared(sent, kept(3, data[:-2])).sameness is Sameness.DIFFERENT
    assert compared(sent, kept(3, bytes([data[0] ^ 1]) + data[1:])).sameness is Sameness.DIFFERENT
