"""Differences of pixel data between a sent and a stored data set, native and compressed."""

import copy

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.utils import compress
from pydicom.uid import UID, RLELossless

from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.verdict.compare import DifferenceKind
from tests.verdict.comparing import EXPLICIT, differences, edited

JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
RLE = str(RLELossless)


@pytest.fixture
def ct() -> Instance:
    return catalogue.build("CTImageStorage", IdentitySource(seed=7, scope="compare").new())


def test_changed_native_pixels_are_counted(ct: Instance) -> None:
    def flip(dataset: Dataset) -> None:
        data = bytearray(dataset.PixelData)
        data[10] ^= 1
        dataset.PixelData = bytes(data)

    (found,) = differences(ct.dataset, edited(ct.dataset, flip))
    assert found.is_pixel_data
    assert "1 of 2048 bytes differ, the first at offset 10" in found.stored


def test_cut_native_pixels_are_found(ct: Instance) -> None:
    (found,) = differences(ct.dataset, edited(ct.dataset, lambda d: setattr(d, "PixelData", d.PixelData[:-2])))
    assert "2046 bytes of pixel data, 2048 were sent" in found.stored


def test_swapped_pixels_are_found(ct: Instance) -> None:
    swapped = b"".join(ct.dataset.PixelData[i : i + 2][::-1] for i in range(0, 2048, 2))
    found = differences(ct.dataset, edited(ct.dataset, lambda d: setattr(d, "PixelData", swapped)))
    assert [d.is_pixel_data for d in found] == [True]


def compressed(ct: Instance) -> Dataset:
    dataset = copy.deepcopy(ct.dataset)
    dataset.file_meta = FileMetaDataset()
    dataset.set_original_encoding(False, True)
    dataset.file_meta.TransferSyntaxUID = UID(EXPLICIT)
    compress(dataset, RLELossless, generate_instance_uid=False)
    return dataset


def test_lossless_compression_is_no_change_either_way(ct: Instance) -> None:
    packed = compressed(ct)
    assert all(d.permitted for d in differences(ct.dataset, packed, stored_syntax=RLE))
    assert all(d.permitted for d in differences(packed, ct.dataset, sent_syntax=RLE))
    assert differences(packed, packed, sent_syntax=RLE, stored_syntax=RLE) == ()


def test_another_cutting_into_fragments_is_no_change() -> None:
    frame = b"\xff\xd8" + b"x" * 97 + b"\xff\xd9\0"
    one, other = Dataset(), Dataset()
    for dataset, fragments in ((one, 1), (other, 3)):
        dataset.PixelData = encapsulate([frame], fragments_per_frame=fragments, has_bot=fragments == 1)
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
    assert differences(one, other, sent_syntax=JPEG_BASELINE, stored_syntax=JPEG_BASELINE) == ()


@pytest.mark.parametrize(
    ("stored_syntax", "kind"),
    [
        pytest.param(JPEG_BASELINE, DifferenceKind.CHANGED, id="same-syntax"),
        pytest.param(EXPLICIT, DifferenceKind.UNDECODABLE, id="decompressed"),
    ],
)
def test_other_compressed_data(ct: Instance, stored_syntax: str, kind: DifferenceKind) -> None:
    one, other = copy.deepcopy(ct.dataset), copy.deepcopy(ct.dataset)
    one.PixelData = encapsulate([b"\xff\xd8one\xff\xd9\0"])
    one["PixelData"].is_undefined_length = True
    if stored_syntax == JPEG_BASELINE:
        other.PixelData = encapsulate([b"\xff\xd8two\xff\xd9\0"])
        other["PixelData"].is_undefined_length = True
    found = [
        d
        for d in differences(one, other, sent_syntax=JPEG_BASELINE, stored_syntax=stored_syntax)
        if d.path == "(7FE0,0010)" and d.kind is not DifferenceKind.VR_CHANGED
    ]
    assert [d.kind for d in found] == [kind]


@pytest.mark.parametrize(
    ("before", "after", "is_permitted"),
    [
        ("RGB", "YBR_FULL", True),
        ("YBR_FULL_422", "RGB", True),
        ("MONOCHROME2", "MONOCHROME1", False),
        ("PALETTE COLOR", "RGB", False),
    ],
)
def test_photometric_interpretation_of_colour_may_follow_compression(
    ct: Instance, before: str, after: str, *, is_permitted: bool
) -> None:
    sent = edited(ct.dataset, lambda d: setattr(d, "PhotometricInterpretation", before))
    stored = edited(compressed(ct), lambda d: setattr(d, "PhotometricInterpretation", after))
    (found,) = [d for d in differences(sent, stored, stored_syntax=RLE) if d.path == "(0028,0004)"]
    (unpermitted,) = [
        d
        for d in differences(sent, edited(sent, lambda d: setattr(d, "PhotometricInterpretation", after)))
        if d.path == "(0028,0004)"
    ]
    assert (found.permitted is not None) is is_permitted
    assert unpermitted.permitted is None
