"""Every instance of the catalogue is a valid IOD, in the judgement of dciodvfy (dicom3tools)."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conformance.instances import catalogue, encapsulated, variants
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.standard.sop_classes import storage_uid_by_keyword
from tests.instances.allowed import UNKNOWN_TO_DCIODVFY, WRONG_IN_DCIODVFY
from tests.instances.reading import BIG_ENDIAN, EXPLICIT

# Retired classes (PS3.4 Table B.6-1), whose IODs PS3.3 defines no more: made and judged as those that replaced them.
_REPLACED_BY: dict[str, str] = {
    "NuclearMedicineImageStorageRetired": "NuclearMedicineImageStorage",
    "UltrasoundImageStorageRetired": "UltrasoundImageStorage",
    "UltrasoundMultiFrameImageStorageRetired": "UltrasoundMultiFrameImageStorage",
    "XRayAngiographicBiPlaneImageStorage": "XRayAngiographicImageStorage",
}

# IODs that dicom3tools of 2022 does not know, or knows by name only; test_iod_modules judges them.
_UNKNOWN_TO_THE_VALIDATOR = (
    "ConfocalMicroscopyImageStorage",
    "ConfocalMicroscopyTiledPyramidalImageStorage",
    "CornealTopographyMapStorage",
    "EnhancedContinuousRTImageStorage",
    "EnhancedRTImageStorage",
    "HeightMapSegmentationStorage",
    "LabelMapSegmentationStorage",
    "OphthalmicThicknessMapStorage",
    "PhotoacousticImageStorage",
    "WideFieldOphthalmicPhotography3DCoordinatesImageStorage",
    "WideFieldOphthalmicPhotographyStereographicProjectionImageStorage",
)

# The validator takes these for signs of a concatenation, of which two parts at least there must be.
_NOT_CONCATENATED = "PS3.3 Tables C.8.17.7-1 and C.8.17.16-1 demand 1 of 1 and offset 0 of every such image"
_NO_CONCATENATION = {
    "<ConcatenationFrameOffsetNumber>": _NOT_CONCATENATED,
    "<InConcatenationNumber>": _NOT_CONCATENATED,
    "InConcatenationTotalNumber": _NOT_CONCATENATED,
}

# Error lines that are the validator's fault, by instance: a part of the line, and why it is allowed.
_ALLOWED: dict[str, dict[str, str]] = {
    "EnhancedXRFImageStorage": {
        "Unrecognized enumerated value <RF>": "PS3.3 Table C.8.19.1-1 enumerates XA and RF",
    },
    "OphthalmicOpticalCoherenceTomographyBscanVolumeAnalysisStorage": {
        **_NO_CONCATENATION,
        "of attribute <Pixel Representation>": "PS3.3 Table C.8.17.16-1 enumerates 1, signed, alone",
    },
    "OphthalmicTomographyImageStorage": _NO_CONCATENATION,
    **{keyword: {"Information Object Not found": "unknown"} for keyword in _UNKNOWN_TO_THE_VALIDATOR},
    **{keyword: {"Information Object Not found": f"judged as {new}, below"} for keyword, new in _REPLACED_BY.items()},
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


@pytest.mark.parametrize(("keyword", "successor"), _REPLACED_BY.items(), ids=_REPLACED_BY)
def test_a_retired_class_is_valid_as_what_replaced_it(
    keyword: str, successor: str, dciodvfy: str, tmp_path: Path
) -> None:
    retired = catalogue.build(keyword, IdentitySource(seed=7, scope=keyword).new())
    instance = variants.with_sop_class_uid(retired, storage_uid_by_keyword()[successor])
    assert _errors(dciodvfy, instance, EXPLICIT, tmp_path) == []


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
