"""Pixel data in its encodings: every kind of pixels, native and compressed, and the forms of encapsulation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from pydicom.dataset import Dataset

from conformance.driver.sending import contexts_of, sent_of
from conformance.instances.codecs import fragments, jpeg, jpeg_2000, jpeg_ls, video
from conformance.instances.encapsulated import rle
from conformance.instances.in_syntax import in_transfer_syntax
from conformance.instances.instance import Instance
from conformance.instances.iod.image import set_pixel_data
from conformance.instances.pixel_kinds import KINDS
from conformance.plugin.fixtures import Instances, Judge, Look, Peers
from conformance.plugin.scene import NotApplicableError, NotNegotiatedError
from conformance.standard.transfer_syntaxes import transfer_syntax, transfer_syntax_name, uid_by_keyword
from conformance.verdict import encapsulation, encoding, storing
from conformance.verdict.finding import restated

pytestmark = pytest.mark.topic("encodings")

JudgeStored = Callable[..., None]
StoreEncoded = Callable[..., None]
NATIVE: Final = ("ImplicitVRLittleEndian", "ExplicitVRLittleEndian", "ExplicitVRBigEndian")
_ANY: Final = (
    "grey 8",
    "grey 12",
    "grey 16",
    "signed 12",
    "signed 16",
    "RGB by pixel",
    "RGB by plane",
    "PALETTE COLOR",
)
_AS_THEY_ARE: Final = (*_ANY, "YBR_FULL", "single bits")
# The tables of PS3.5 8.2, as far as encoders go.
COMPRESSED: Final = {
    "RLELossless": (*_ANY, "grey 8, odd size", "YBR_FULL"),
    "JPEGBaseline8Bit": ("grey 8", "RGB by pixel"),
    "JPEGExtended12Bit": ("grey 12",),
    "JPEGLossless": _ANY,
    "JPEGLosslessSV1": (*_ANY, "grey 8, odd size"),
    "JPEGLSLossless": _ANY,
    "JPEGLSNearLossless": ("grey 8", "grey 12", "grey 16", "RGB by pixel"),
    "JPEG2000Lossless": _ANY,
    "JPEG2000": ("grey 8", "grey 12", "grey 16", "signed 12", "RGB by pixel"),
    "HTJ2KLossless": ("grey 8", "grey 16", "signed 16", "RGB by pixel"),
    "HTJ2K": ("grey 8", "grey 16", "RGB by pixel"),
    "JPEGXLLossless": ("grey 8", "grey 12", "RGB by pixel"),
    "JPEGXL": ("grey 8", "grey 12"),
    "EncapsulatedUncompressedExplicitVRLittleEndian": _AS_THEY_ARE,
    "DeflatedImageFrameCompression": _AS_THEY_ARE,
}
TWELVE_BITS: Final = "JPEGExtended12Bit"
VIDEO: Final = tuple(row.keyword for uid in video.STREAMS if (row := transfer_syntax(uid)) is not None)
SPANNING: Final = {
    "JPEG Lossless": jpeg.lossless_sv1,
    "JPEG-LS": jpeg_ls.lossless,
    "JPEG 2000": jpeg_2000.lossless,
}
"""Compressions whose frames may span fragments (PS3.5 A.4.1, A.4.3, A.4.4)."""


@pytest.fixture
def store_encoded(peer: Peers, readback: Look, judge: Judge, judge_stored: JudgeStored) -> StoreEncoded:
    """Stores an instance on an association of its own, and judges the answer and what is stored.

    `store_encoded(instance, transfer_syntax_uid, "ID")`: the requirement that it is stored, or None where it may be
    refused. With `kept="ID"` one more requirement is that it keeps its pixel data.
    """

    def store(instance: Instance, transfer_syntax_uid: str, requirement: str | None, *, kept: str = "") -> None:
        name = transfer_syntax_name(transfer_syntax_uid)
        connection = peer.associated(contexts_of([(instance.sop_class_uid, (transfer_syntax_uid,))]), label=name)
        if 1 not in connection.accepted:
            exchange = connection.recorder.associations[-1]
            raise NotNegotiatedError(exchange, instance.sop_class_uid, f"{instance.label} in {name}")
        sent = sent_of(instance, transfer_syntax_uid)
        answer = connection.store(instance.encoded(transfer_syntax_uid), sent, context_id=1)
        judge_stored(instance, answer, requirement=requirement, connection=connection)
        found = readback.fetch(sent, expect=storing.acknowledged(answer))
        same_pixels = encoding.no_lossy_recompression(instance, found, answer)
        judge(same_pixels, restated(same_pixels, kept) if kept else ())
        if instance.is_encapsulated:
            judge(encapsulation.well_formed(found))

    return store


@pytest.mark.requirement("PIX-10", "FID-01", "FID-02", "PIX-13")
@pytest.mark.parametrize("keyword", NATIVE)
@pytest.mark.parametrize("kind", KINDS)
def test_native_pixels(instances: Instances, store_encoded: StoreEncoded, kind: str, keyword: str) -> None:
    """Each kind of pixels is stored as it is in each byte order, a frame of odd length with its padding."""
    # Readers differ on whether subsampled colour is legal outside of a JPEG stream: only what is kept of it is judged.
    requirement = None if kind == "YBR_FULL_422" else "PIX-10"
    store_encoded(KINDS[kind](instances.identities.new()), uid_by_keyword()[keyword], requirement)


@pytest.mark.requirement("PIX-01", "FID-01", "FID-02", "PIX-13", "PIX-05", "PIX-07")
@pytest.mark.parametrize(
    ("keyword", "kind"),
    [
        pytest.param(
            keyword,
            kind,
            id=f"{keyword}-{kind}",
            marks=pytest.mark.requirement("TS-09") if keyword == TWELVE_BITS else (),
        )
        for keyword, compressible in COMPRESSED.items()
        for kind in compressible
    ],
)
def test_compressed_pixels(instances: Instances, store_encoded: StoreEncoded, keyword: str, kind: str) -> None:
    """Each kind of pixels that a compression can hold keeps every sample, or the frames that were sent."""
    uid = uid_by_keyword()[keyword]
    instance = in_transfer_syntax(KINDS[kind](instances.identities.new()), uid)
    if instance is None:
        raise NotApplicableError(f"{kind} has no form in {transfer_syntax_name(uid)}")
    store_encoded(instance, uid, "PIX-01", kept="TS-09" if keyword == TWELVE_BITS else "")


@pytest.mark.requirement("PIX-01", "FID-01", "FID-02", "PIX-13", "PIX-03", "PIX-05", "PIX-07")
@pytest.mark.parametrize("keyword", VIDEO)
def test_video(instances: Instances, store_encoded: StoreEncoded, keyword: str) -> None:
    """A video is kept as the one stream that it is, in one fragment or, where that is allowed, in several."""
    uid = uid_by_keyword()[keyword]
    instance = video.with_stream(instances.build("VideoEndoscopicImageStorage"), uid)
    store_encoded(instance, uid, "PIX-01" if video.is_whole(uid) else "PIX-03")


@pytest.mark.requirement("PIX-02", "PIX-06", "PIX-07", "FID-01", "FID-02", "PIX-13")
@pytest.mark.parametrize(
    "form",
    [fragments.without_offsets, fragments.with_offsets, fragments.with_extended_offsets],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("compress", [*SPANNING.values(), rle], ids=[*SPANNING, "RLE"])
def test_offset_table(
    instances: Instances,
    store_encoded: StoreEncoded,
    compress: Callable[[Instance], Instance],
    form: Callable[[Instance], Instance],
) -> None:
    """Frames are stored whether the offset table is empty, filled or an extended one, and what comes back is true."""
    instance = form(compress(_frames(instances)))
    store_encoded(instance, instance.transfer_syntax_uid, "PIX-02")


@pytest.mark.requirement("PIX-03", "PIX-05", "PIX-07", "FID-01", "FID-02", "PIX-13")
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("offsets", [True, False], ids=["filled table", "empty table"])
@pytest.mark.parametrize("compress", SPANNING.values(), ids=SPANNING)
def test_frame_in_fragments(
    *,
    instances: Instances,
    store_encoded: StoreEncoded,
    compress: Callable[[Instance], Instance],
    offsets: bool,
    count: int,
) -> None:
    """Frames that span fragments are kept whole; one image where no offset tells where a frame begins."""
    image = _frames(instances) if offsets else KINDS["grey 12"](instances.identities.new())
    instance = fragments.split(compress(image), count, offsets=offsets)
    store_encoded(instance, instance.transfer_syntax_uid, "PIX-03")


@pytest.mark.requirement("PIX-05", "FID-01", "FID-02", "PIX-13")
def test_stream_of_odd_length(instances: Instances, store_encoded: StoreEncoded) -> None:
    """A compressed frame of odd length is padded in its fragment, and its stream is kept."""
    for columns in range(16, 48):
        instance = jpeg.lossless_sv1(instances.build("SecondaryCaptureImageStorage", rows=16, columns=columns))
        if b"\xff\xd9\0" in instance.dataset.PixelData[-3:]:
            store_encoded(instance, instance.transfer_syntax_uid, "PIX-05")
            return
    raise AssertionError("no stream of odd length in 32 tries")


@pytest.mark.requirement("PIX-08", "FID-01", "FID-02", "PIX-13")
@pytest.mark.parametrize("compress", [*SPANNING.values(), rle], ids=[*SPANNING, "RLE"])
def test_native_icon_in_a_compressed_image(
    instances: Instances, store_encoded: StoreEncoded, compress: Callable[[Instance], Instance]
) -> None:
    """An icon with native pixel data is kept beside the compressed pixel data of the image."""
    image = compress(instances.build("SecondaryCaptureImageStorage"))
    instance = image.changed(label=f"{image.label}, native icon", edit=_add_icon)
    store_encoded(instance, instance.transfer_syntax_uid, "PIX-08")


def _add_icon(dataset: Dataset) -> None:
    icon = Dataset()
    icon.SamplesPerPixel = 1
    icon.PhotometricInterpretation = "MONOCHROME2"
    icon.Rows = icon.Columns = 8
    icon.BitsAllocated = icon.BitsStored = 8
    icon.HighBit = 7
    icon.PixelRepresentation = 0
    set_pixel_data(icon, bytes(range(64)))
    dataset.IconImageSequence = [icon]


def _frames(instances: Instances) -> Instance:
    return instances.build("MultiFrameGrayscaleWordSecondaryCaptureImageStorage", rows=24, columns=24, frames=3)
