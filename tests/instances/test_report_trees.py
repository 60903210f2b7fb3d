"""DCMTK reads the content tree of every report: value types and relationships are those of its IOD (PS3.3 A.35)."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from tests.instances.reading import EXPLICIT

# DCMTK 3.6.7 reads no extensible report, and does not know those that came after edition 2022a.
_UNKNOWN: Final = ("EnhancedXRayRadiationDoseSRStorage", "ExtensibleSRStorage", "WaveformAnnotationSRStorage")
REPORTS = [
    keyword
    for keyword in catalogue.available()
    if ("SRStorage" in keyword or "ReportStorage" in keyword or keyword.startswith(("KeyObject", "ProcedureLog")))
    and keyword not in _UNKNOWN
]


@pytest.fixture(scope="module")
def dsrdump() -> str:
    program = shutil.which("dsrdump")
    if program is None:
        if os.environ.get("PACS_CONFORMANCE_REQUIRE_TOOLS") == "1":
            pytest.fail("dsrdump is not on PATH; hint: install dcmtk")
        pytest.skip("dsrdump is not on PATH")
    return program


@pytest.mark.parametrize("keyword", REPORTS)
def test_the_content_tree_is_that_of_its_iod(keyword: str, dsrdump: str, tmp_path: Path) -> None:
    path = tmp_path / "report.dcm"
    path.write_bytes(catalogue.build(keyword, IdentitySource(seed=7, scope=keyword).new()).encoded(EXPLICIT))
    done = subprocess.run([dsrdump, "-f", str(path)], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    assert "CONTAINER" in done.stdout
