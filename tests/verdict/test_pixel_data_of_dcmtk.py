"""Pixel data compressed by DCMTK's encoders, which share nothing with ours, against what they were made from."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from conformance.instances.identity import IdentitySource
from conformance.instances.pixel_kinds import KINDS
from conformance.readback.part10 import decode_part10, encode_part10
from conformance.verdict.compare import compare
from conformance.verdict.difference import DifferenceKind

EXPLICIT = "1.2.840.10008.1.2.1"
_KINDS = ("grey 8", "grey 8, odd size", "grey 12", "grey 16", "signed 12", "signed 16", "RGB by pixel", "RGB by plane")
_LOSSLESS = {
    "JPEG Lossless SV1": ("dcmcjpeg", "+e1"),
    "JPEG Lossless": ("dcmcjpeg", "+el", "+sv", "6"),
    "JPEG-LS": ("dcmcjpls", "+el"),
    "RLE": ("dcmcrle",),
}
_LOSSY = {
    "JPEG Baseline": ("dcmcjpeg", "+eb", "+un"),
    "JPEG-LS near-lossless": ("dcmcjpls", "+en"),
}


def _compressed(kind: str, command: tuple[str, ...], folder: Path) -> list[tuple[DifferenceKind, str | None]]:
    """Return the differences of the pixel data that DCMTK has compressed."""
    program, *options = command
    path = shutil.which(program, path="/usr/bin")
    if path is None:
        pytest.skip(f"{program} is not installed")
    instance = KINDS[kind](IdentitySource(seed=7, scope=kind).new())
    before, after = folder / "before.dcm", folder / "after.dcm"
    before.write_bytes(
        encode_part10(
            instance.encoded(EXPLICIT),
            sop_class_uid=instance.sop_class_uid,
            sop_instance_uid=instance.sop_instance_uid,
            transfer_syntax_uid=EXPLICIT,
        )
    )
    subprocess.run([path, *options, before, after], check=True, timeout=60)
    kept = decode_part10(after.read_bytes())
    assert kept.transfer_syntax_uid != EXPLICIT
    found = compare(
        instance.dataset,
        kept.dataset,
        sent_transfer_syntax=EXPLICIT,
        stored_transfer_syntax=kept.transfer_syntax_uid,
    )
    return [(d.kind, d.permitted) for d in found if d.is_pixel_data and d.kind is not DifferenceKind.VR_CHANGED]


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("command", _LOSSLESS.values(), ids=_LOSSLESS)
def test_a_lossless_compression_is_the_same_picture(kind: str, command: tuple[str, ...], tmp_path: Path) -> None:
    assert _compressed(kind, command, tmp_path) == []


@pytest.mark.parametrize("kind", ["grey 8", "RGB by pixel"])
@pytest.mark.parametrize("command", _LOSSY.values(), ids=_LOSSY)
def test_a_lossy_compression_is_told_of(kind: str, command: tuple[str, ...], tmp_path: Path) -> None:
    ((found, permitted),) = _compressed(kind, command, tmp_path)
    assert found is DifferenceKind.LOSSY
    assert permitted
