"""Encoders: what decoders that share nothing with them get out of each stream."""

from __future__ import annotations

import shutil
import subprocess
import zlib
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID, ExplicitVRLittleEndian

from conformance.instances import catalogue
from conformance.instances.codecs import jpeg_xl, native, plain
from conformance.instances.codecs.table import encodings
from conformance.instances.errors import InstanceError
from conformance.instances.in_syntax import ENCODABLE, ENCODERS, in_transfer_syntax
from conformance.instances.instance import Instance
from conformance.readback.part10 import decode_part10, encode_part10
from conformance.standard.transfer_syntaxes import TRANSFER_SYNTAXES, transfer_syntax_name
from tests.instances.reading import an_identity

_SIZE = {"rows": 33, "columns": 22}
_IMAGES: dict[str, tuple[str, dict[str, int]]] = {
    "grey 8": ("MultiFrameGrayscaleByteSecondaryCaptureImageStorage", {"frames": 2}),
    "grey 12": ("BreastProjectionXRayImageStorageForPresentation", {"frames": 2}),
    "grey 16": ("MultiFrameGrayscaleWordSecondaryCaptureImageStorage", {"frames": 2}),
    "signed": ("CTImageStorage", {}),
    "RGB": ("MultiFrameTrueColorSecondaryCaptureImageStorage", {"frames": 2}),
}
_JPEG_2000 = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91")
_HTJ2K = ("1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.203")
_JPEG_LOSSLESS = ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")
_JPEG_LS = ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")
_JPEG_XL = (str(jpeg_xl.JPEG_XL_LOSSLESS), str(jpeg_xl.JPEG_XL))
_PLAIN = (str(plain.ENCAPSULATED_UNCOMPRESSED), str(plain.DEFLATED_IMAGE_FRAME))
_EXTENDED = "1.2.840.10008.1.2.4.51"
_LOSSLESS = (*_JPEG_LOSSLESS, _JPEG_LS[0], _JPEG_2000[0], _HTJ2K[0], _JPEG_XL[0], *_PLAIN)
_LOSSY = {
    _EXTENDED: "ISO_10918_1",
    _JPEG_LS[1]: "ISO_14495_1",
    _JPEG_2000[1]: "ISO_15444_1",
    _HTJ2K[1]: "ISO_15444_15",
    _JPEG_XL[1]: "ISO_18181_1",
}
_DCMTK = dict.fromkeys((_EXTENDED, *_JPEG_LOSSLESS), "dcmdjpeg") | dict.fromkeys(_JPEG_LS, "dcmdjpls")
_KNOWN_TO_DCIODVFY = (_EXTENDED, *_JPEG_LOSSLESS, *_JPEG_LS, *_JPEG_2000)


def _native(name: str) -> Instance:
    keyword, options = _IMAGES[name]
    image = catalogue.build(keyword, an_identity(), **_SIZE, **options)
    return image.changed(label=name, edit=_signed) if name == "signed" else image


def _signed(dataset: Dataset) -> None:
    dataset.PixelRepresentation = 1
    for keyword in ("SmallestImagePixelValue", "LargestImagePixelValue", "PixelPaddingValue"):
        assert keyword not in dataset


_PAIRS = [
    pytest.param(uid, name, id=f"{transfer_syntax_name(uid)}-{name}")
    for uid in (*_LOSSLESS, *_LOSSY)
    for name in _IMAGES
    if in_transfer_syntax(_native(name), uid) is not None
]


def _samples(array: npt.NDArray[Any], instance: Instance) -> npt.NDArray[Any]:
    bits = int(instance.dataset.BitsStored)
    return array.astype(np.int64) & ((1 << bits) - 1)


def _decoded(instance: Instance) -> npt.NDArray[Any]:
    """Return what a decoder that is not the encoder makes of the stream, where there is one."""
    dataset = instance.dataset
    uid = instance.transfer_syntax_uid
    count = native.frame_count(dataset)
    streams = list(generate_frames(dataset.PixelData, number_of_frames=count))
    if uid in _JPEG_XL:
        return np.stack([imagecodecs.jpegxl_decode(stream, numthreads=1) for stream in streams])
    if uid in _PLAIN:
        if uid == plain.DEFLATED_IMAGE_FRAME:
            streams = [zlib.decompressobj(-zlib.MAX_WBITS).decompress(stream) for stream in streams]
        size = dataset.Rows * dataset.Columns * dataset.SamplesPerPixel * dataset.BitsAllocated // 8
        dtype = "u1" if dataset.BitsAllocated == 8 else "<u2"
        return np.frombuffer(b"".join(stream[:size] for stream in streams), dtype=dtype)
    options: dict[str, Any] = {
        "rows": dataset.Rows,
        "columns": dataset.Columns,
        "samples_per_pixel": dataset.SamplesPerPixel,
        "number_of_frames": count,
        "bits_allocated": dataset.BitsAllocated,
        "bits_stored": dataset.BitsStored,
        "pixel_representation": dataset.PixelRepresentation,
        "photometric_interpretation": dataset.PhotometricInterpretation,
        "planar_configuration": 0,
        "pixel_keyword": "PixelData",
        "as_rgb": False,
    }
    raw = uid not in (*_JPEG_2000, *_HTJ2K)
    array, _ = get_decoder(UID(uid)).as_array(dataset.PixelData, decoding_plugin="pylibjpeg", raw=raw, **options)
    return array


@pytest.mark.parametrize(("uid", "name"), _PAIRS)
def test_another_decoder_gives_the_samples_back(uid: str, name: str) -> None:
    before = _native(name)
    instance = ENCODERS[uid](before)
    assert instance.transfer_syntax_uid == uid
    sent = _samples(np.stack(native.frames(before)), before).ravel()
    got = _samples(_decoded(instance), instance).ravel()
    if uid in _LOSSLESS:
        assert np.array_equal(sent, got)
        assert "LossyImageCompression" not in instance.dataset or instance.dataset.LossyImageCompression != "01"
    else:
        half = 1 << (int(before.dataset.BitsStored) - 1)
        off = (got - sent + half) % (2 * half) - half
        assert 0 < np.abs(off).mean() < half / 16


@pytest.mark.parametrize(("uid", "name"), [p for p in _PAIRS if p.values[0] in _LOSSY])
def test_a_lossy_compression_is_announced(uid: str, name: str) -> None:
    dataset = ENCODERS[uid](_native(name)).dataset
    assert dataset.LossyImageCompression == "01"
    assert dataset.LossyImageCompressionMethod == _LOSSY[uid]
    assert float(dataset.LossyImageCompressionRatio) > 1


@pytest.mark.parametrize(
    ("uid", "photometric"),
    [
        (_JPEG_LOSSLESS[1], "RGB"),
        (_JPEG_LS[0], "RGB"),
        (_JPEG_2000[0], "YBR_RCT"),
        (_JPEG_2000[1], "YBR_ICT"),
        (_HTJ2K[0], "YBR_RCT"),
        (_HTJ2K[1], "YBR_ICT"),
        (_JPEG_XL[0], "RGB"),
    ],
)
def test_colour_is_called_what_the_stream_holds(uid: str, photometric: str) -> None:
    dataset = ENCODERS[uid](_native("RGB")).dataset
    assert (dataset.PhotometricInterpretation, dataset.PlanarConfiguration) == (photometric, 0)


def test_colour_by_plane_is_compressed_by_pixel() -> None:
    by_pixel = _native("RGB")

    def by_plane(dataset: Dataset) -> None:
        frames = np.stack(native.frames(by_pixel)).transpose(0, 3, 1, 2)
        dataset.PixelData = np.ascontiguousarray(frames).tobytes()
        dataset.PlanarConfiguration = 1

    planes = by_pixel.changed(label="by plane", edit=by_plane)
    one, other = (ENCODERS[_JPEG_LS[0]](instance).dataset for instance in (by_pixel, planes))
    assert (one.PixelData, other.PlanarConfiguration) == (other.PixelData, 0)


def test_streams_begin_with_the_marker_of_their_process() -> None:
    markers = {_EXTENDED: b"\xff\xc1", _JPEG_LOSSLESS[0]: b"\xff\xc3", _JPEG_LS[0]: b"\xff\xf7\x00\x0b\x0c"}
    for uid, marker in markers.items():
        assert marker in ENCODERS[uid](_native("grey 12")).dataset.PixelData
    for uid in (*_JPEG_2000, *_HTJ2K):
        frame = next(generate_frames(ENCODERS[uid](_native("grey 16")).dataset.PixelData, number_of_frames=2))
        assert frame.startswith(b"\xff\x4f\xff\x51")  # no JP2 header (PS3.5 A.4.4)


def test_earlier_lossy_compressions_stay_named() -> None:
    def mark(dataset: Dataset) -> None:
        dataset.LossyImageCompression = "01"
        dataset.LossyImageCompressionRatio = "4"
        dataset.LossyImageCompressionMethod = "ISO_10918_1"

    before = _native("grey 12").changed(label="lossy before", edit=mark)
    dataset = ENCODERS[_JPEG_LS[1]](before).dataset
    assert list(dataset.LossyImageCompressionMethod) == ["ISO_10918_1", "ISO_14495_1"]
    assert len(dataset.LossyImageCompressionRatio) == 2


@pytest.mark.parametrize("uid", [uid for uid in ENCODERS if uid not in _PLAIN])
def test_what_has_no_pixels_or_single_bits_is_refused(uid: str) -> None:
    for keyword in ("RTPlanStorage", "MultiFrameSingleBitSecondaryCaptureImageStorage"):
        with pytest.raises(InstanceError, match="hint:"):
            ENCODERS[uid](catalogue.build(keyword, an_identity()))


@pytest.mark.parametrize("uid", _PLAIN)
def test_frames_of_single_bits_stay_bits(uid: str) -> None:
    bits = catalogue.build("MultiFrameSingleBitSecondaryCaptureImageStorage", an_identity(), rows=16, columns=16)
    assert native.frame_count(ENCODERS[uid](bits).dataset) == native.frame_count(bits.dataset)
    odd = catalogue.build("MultiFrameSingleBitSecondaryCaptureImageStorage", an_identity(), rows=3, columns=3)
    with pytest.raises(InstanceError, match="no whole bytes"):
        ENCODERS[uid](odd)


@pytest.mark.parametrize("uid", ["1.2.840.10008.1.2.4.50", *_LOSSY])
def test_a_segmentation_is_never_compressed_with_loss(uid: str) -> None:
    with pytest.raises(InstanceError):
        ENCODERS[uid](catalogue.build("LabelMapSegmentationStorage", an_identity()))


@pytest.mark.parametrize(("uid", "name"), [pair for pair in _PAIRS if pair.values[0] in _DCMTK])
def test_dcmtk_decodes_it(uid: str, name: str, tmp_path: Path) -> None:
    program = _DCMTK[uid]
    if shutil.which(program, path="/usr/bin") is None:
        pytest.skip(f"{program} is not installed")
    before = _native(name)
    instance = ENCODERS[uid](before)
    compressed, plain_file = _file(tmp_path / "compressed.dcm", instance), tmp_path / "plain.dcm"
    subprocess.run([f"/usr/bin/{program}", compressed, plain_file], check=True, timeout=60)
    dataset = decode_part10(plain_file.read_bytes()).dataset
    after = Instance(dataset=dataset, transfer_syntax_uid=str(ExplicitVRLittleEndian))
    sent, got = (_samples(np.stack(native.frames(one)), one) for one in (before, after))
    assert np.abs(sent - got).max() <= (0 if uid in _LOSSLESS else 2 if uid == _JPEG_LS[1] else 400)


@pytest.mark.parametrize(("uid", "name"), [pair for pair in _PAIRS if pair.values[0] in _KNOWN_TO_DCIODVFY])
def test_the_iod_is_still_valid(uid: str, name: str, tmp_path: Path) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy is not installed")
    done = subprocess.run(
        ["dciodvfy", "-new", _file(tmp_path / "a.dcm", ENCODERS[uid](_native(name)))],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert [line for line in done.stderr.splitlines() if line.startswith("Error")] == []


def test_the_table_has_every_transfer_syntax_with_an_encoder_or_a_reason() -> None:
    table = encodings()
    assert [row.syntax for row in table] == list(TRANSFER_SYNTAXES)
    assert all(bool(row.encoder) != bool(row.why_not) for row in table)
    assert {row.syntax.uid for row in table if row.encoder} == set(ENCODABLE)


def _file(path: Path, instance: Instance) -> Path:
    uid = instance.transfer_syntax_uid
    path.write_bytes(
        encode_part10(
            instance.encoded(uid),
            sop_class_uid=instance.sop_class_uid,
            sop_instance_uid=instance.sop_instance_uid,
            transfer_syntax_uid=uid,
        )
    )
    return path
