"""The kinds of pixels, and the forms of encapsulation: what is in them, and that they are valid."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.encaps import generate_frames, parse_basic_offsets, parse_fragments

from conformance.instances import catalogue
from conformance.instances.codecs import fragments, jpeg, plain
from conformance.instances.errors import InstanceError
from conformance.instances.instance import Instance
from conformance.instances.pixel_kinds import KINDS
from conformance.readback.part10 import encode_part10
from scenarios.test_encodings import COMPRESSED
from tests.instances.reading import EXPLICIT, an_identity


def _compressed(frames: int = 3) -> Instance:
    keyword = "MultiFrameGrayscaleWordSecondaryCaptureImageStorage"
    return jpeg.lossless_sv1(catalogue.build(keyword, an_identity(), rows=16, columns=16, frames=frames))


@pytest.mark.parametrize("kind", KINDS)
def test_pixel_data_has_the_length_that_its_attributes_say(kind: str) -> None:
    dataset = KINDS[kind](an_identity()).dataset
    samples = 2 if kind == "YBR_FULL_422" else dataset.SamplesPerPixel
    bits = dataset.Rows * dataset.Columns * samples * dataset.BitsAllocated * int(dataset.get("NumberOfFrames") or 1)
    length = (bits + 7) // 8
    assert len(dataset.PixelData) == length + length % 2


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "YBR_FULL_422"])  # dciodvfy knows it in JPEG alone
def test_a_kind_is_a_valid_secondary_capture(kind: str, tmp_path: Path) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy is not installed")
    instance = KINDS[kind](an_identity())
    path = tmp_path / "a.dcm"
    path.write_bytes(
        encode_part10(
            instance.encoded(EXPLICIT),
            sop_class_uid=instance.sop_class_uid,
            sop_instance_uid=instance.sop_instance_uid,
            transfer_syntax_uid=EXPLICIT,
        )
    )
    done = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True, timeout=60, check=False)
    assert [line for line in done.stderr.splitlines() if line.startswith("Error")] == []


def test_every_kind_is_compressed_somewhere() -> None:
    assert {kind for kinds in COMPRESSED.values() for kind in kinds} == set(KINDS) - {"YBR_FULL_422"}


def test_an_offset_table_is_empty_or_filled() -> None:
    assert parse_basic_offsets(fragments.without_offsets(_compressed()).dataset.PixelData) == []
    assert len(parse_basic_offsets(fragments.with_offsets(_compressed()).dataset.PixelData)) == 3


def test_an_extended_offset_table_stands_beside_an_empty_one() -> None:
    dataset = fragments.with_extended_offsets(_compressed()).dataset
    assert parse_basic_offsets(dataset.PixelData) == []
    assert (dataset["ExtendedOffsetTable"].VR, len(dataset.ExtendedOffsetTable)) == ("OV", 24)
    assert len(dataset.ExtendedOffsetTableLengths) == 24


@pytest.mark.parametrize("offsets", [True, False])
def test_a_frame_spans_fragments_of_even_length(offsets: bool) -> None:
    one = _compressed(frames=1)
    cut = fragments.split(one, 3, offsets=offsets).dataset
    assert parse_fragments(cut.PixelData)[0] == 1 + 3  # the offset table is an item as well
    assert bool(parse_basic_offsets(cut.PixelData)) is offsets
    (before,), (after,) = (list(generate_frames(d.PixelData, number_of_frames=1)) for d in (one.dataset, cut))
    assert before.rstrip(b"\0") == after.rstrip(b"\0")


@pytest.mark.parametrize("form", [fragments.without_offsets, fragments.with_offsets, fragments.with_extended_offsets])
def test_native_pixel_data_has_no_fragments(form: Callable[[Instance], Instance]) -> None:
    with pytest.raises(InstanceError, match="no encapsulated pixel data"):
        form(KINDS["grey 8"](an_identity()))


def test_subsampled_colour_keeps_its_size_in_fragments() -> None:
    dataset = plain.uncompressed(KINDS["YBR_FULL_422"](an_identity())).dataset
    (frame,) = generate_frames(dataset.PixelData, number_of_frames=1)
    assert len(frame) == dataset.Rows * dataset.Columns * 2
