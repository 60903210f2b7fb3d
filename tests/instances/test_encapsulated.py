"""Encapsulated pixel data: what a decoder gets out of it."""

import io

import numpy as np
import pytest
from PIL import Image
from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import JPEGBaseline8Bit, RLELossless

from conformance.instances import catalogue, encapsulated
from conformance.instances.errors import InstanceError
from tests.instances.reading import EXPLICIT, an_identity, differing_keywords, read

_NATIVE_IMAGES = [
    "CTImageStorage",
    "PositronEmissionTomographyImageStorage",
    "UltrasoundImageStorage",
    "UltrasoundMultiFrameImageStorage",
    "XRayAngiographicImageStorage",
]


@pytest.mark.parametrize("keyword", _NATIVE_IMAGES)
def test_rle_decodes_to_the_same_pixels(keyword: str) -> None:
    native = catalogue.build(keyword, an_identity(), rows=17, columns=23)
    instance = encapsulated.rle(native)
    assert instance.transfer_syntax_uid == RLELossless
    assert differing_keywords(native, instance) == {"PixelData"}
    dataset = read(instance.encoded(RLELossless), EXPLICIT)
    assert dataset["PixelData"].is_undefined_length
    frames = int(dataset.get("NumberOfFrames") or 1)
    options = {
        "rows": dataset.Rows,
        "columns": dataset.Columns,
        "samples_per_pixel": dataset.SamplesPerPixel,
        "number_of_frames": frames,
        "bits_allocated": dataset.BitsAllocated,
        "bits_stored": dataset.BitsStored,
        "pixel_representation": dataset.PixelRepresentation,
        "photometric_interpretation": dataset.PhotometricInterpretation,
        "planar_configuration": dataset.get("PlanarConfiguration", 0),
        "pixel_keyword": "PixelData",
    }
    array, _ = get_decoder(RLELossless).as_array(dataset.PixelData, decoding_plugin="pydicom", raw=True, **options)
    dtype = "<u2" if dataset.BitsAllocated == 16 else "u1"
    sent = np.frombuffer(native.dataset.PixelData, dtype=dtype)[: array.size]
    assert np.array_equal(array.astype(array.dtype).ravel().view(dtype), sent)


@pytest.mark.parametrize("keyword", ["SecondaryCaptureImageStorage", "UltrasoundMultiFrameImageStorage"])
def test_jpeg_baseline_decodes_to_pixels_alike(keyword: str) -> None:
    native = catalogue.build(keyword, an_identity(), rows=48, columns=56)
    instance = encapsulated.jpeg_baseline(native)
    assert instance.transfer_syntax_uid == JPEGBaseline8Bit
    dataset = read(instance.encoded(JPEGBaseline8Bit), EXPLICIT)
    assert dataset.LossyImageCompression == "01"
    colour = dataset.SamplesPerPixel == 3
    assert dataset.PhotometricInterpretation == ("YBR_FULL_422" if colour else "MONOCHROME2")
    count = int(dataset.get("NumberOfFrames") or 1)
    frames = list(generate_frames(dataset.PixelData, number_of_frames=count))
    assert len(frames) == count
    shape = (count, 48, 56, 3) if colour else (count, 48, 56)
    sent = np.frombuffer(native.dataset.PixelData, dtype="u1").reshape(shape).astype(int)
    for frame, pixels in zip(frames, sent, strict=True):
        assert frame[:4] in (b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xdb")
        decoded = np.asarray(Image.open(io.BytesIO(frame))).astype(int)
        assert decoded.shape == pixels.shape
        assert np.abs(decoded - pixels).mean() < 16


@pytest.mark.parametrize("keyword", ["RTPlanStorage", "SegmentationStorage"])
def test_what_has_no_such_pixels_is_refused(keyword: str) -> None:
    instance = catalogue.build(keyword, an_identity())
    for encapsulate in (encapsulated.rle, encapsulated.jpeg_baseline):
        with pytest.raises(InstanceError, match="no native pixel data"):
            encapsulate(instance)


def test_sixteen_bits_have_no_baseline_jpeg() -> None:
    with pytest.raises(InstanceError, match="hint:"):
        encapsulated.jpeg_baseline(catalogue.build("CTImageStorage", an_identity()))
