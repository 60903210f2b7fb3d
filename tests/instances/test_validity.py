"""Every instance of the catalogue is a valid IOD, in the judgement of dciodvfy (dicom3tools)."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conformance.instances import catalogue, encapsulated, variants
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from tests.instances.allowed import UNKNOWN_TO_DCIODVFY, WRONG_IN_DCIODVFY
from tests.instances.reading import BIG_ENDIAN, EXPLICIT

# Error lines that are the validator's fault, by instance: a part of the line, and why it is allowed.
_ALLOWED: dict[str, dict[str, str]] = {
    **UNKNOWN_TO_DCIODVFY,
    **WRONG_IN_DCIODVFY,
}


@pytest.fixture(scope="module")
def dciodvfy() -> str:
    program = shutil.which("dciodvfy")
    if program is None:
        if os.environ.get("PACS_CONFORMANCE_REQUIRE_TOOLS") == "1":
            pytest.fail("dciodvfy is not on PATH; hint: install dicom3tools")
        pytest.skip("dciodvfy is not on PATH")
    return program


def _errors(program: str, instance: Instance, transfer_syntax_uid: str, folder: Path) -> list[str]:
    path = folder / "instance.dcm"
    path.write_bytes(instance.encoded(transfer_syntax_uid))
    done = subprocess.run(
        [program, "-input-nometa", "-input-ts", transfer_syntax_uid, str(path)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=30,
    )
    lines = (done.stdout + done.stderr).splitlines()
    assert len(lines) >= 1, "the validator names the IOD that it has recognized"
    assert done.returncode >= 0, lines
    allowed = _ALLOWED.get(instance.label, {})
    return [
        line for line in lines if ("Error" in line or "Assertion" in line) and not any(part in line for part in allowed)
    ]


@pytest.mark.parametrize("syntax", [EXPLICIT, BIG_ENDIAN], ids=["explicit", "big-endian"])
@pytest.mark.parametrize("keyword", catalogue.available())
def test_an_instance_is_a_valid_iod(keyword: str, syntax: str, dciodvfy: str, tmp_path: Path) -> None:
    instance = catalogue.build(keyword, IdentitySource(seed=7, scope=keyword).new())
    assert _errors(dciodvfy, instance, syntax, tmp_path) == []


@pytest.mark.parametrize(
    "name", ["rich", "changed-header", "changed-pixels", "other-sop-class", "sized", "large", "rle", "jpeg"]
)
def test_a_valid_variant_is_a_valid_iod(name: str, dciodvfy: str, tmp_path: Path) -> None:
    source = IdentitySource(seed=7, scope=name)
    identity = source.new()
    ct = catalogue.build("CTImageStorage", identity)
    made = {
        "rich": lambda: variants.rich(identity),
        "changed-header": lambda: variants.changed_header(ct),
        "changed-pixels": lambda: variants.changed_pixels(ct),
        "other-sop-class": lambda: variants.other_sop_class(ct),
        "sized": lambda: variants.sized(ct, 16384, EXPLICIT),
        "large": lambda: variants.large(identity, 2),
        "rle": lambda: encapsulated.rle(ct),
        "jpeg": lambda: encapsulated.jpeg_baseline(catalogue.build("UltrasoundImageStorage", identity)),
    }
    instance = made[name]()
    syntax = instance.transfer_syntax_uid if instance.is_encapsulated else EXPLICIT
    assert _errors(dciodvfy, instance, syntax, tmp_path) == []


def test_the_validator_sees_a_fault(dciodvfy: str, tmp_path: Path) -> None:
    faulty = variants.without(catalogue.build("CTImageStorage", IdentitySource(seed=7, scope="f").new()), "Rows")
    assert any("Rows" in line for line in _errors(dciodvfy, faulty, EXPLICIT, tmp_path))
