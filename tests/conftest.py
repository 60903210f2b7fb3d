"""Markers for tests that drive programs which a machine may lack.

Such a test is skipped where its program is missing; with PACS_CONFORMANCE_REQUIRE_TOOLS=1 it fails instead, so that
a machine that is meant to have everything cannot pass by skipping.
"""

import os
import shutil
import sys
from functools import cache
from pathlib import Path

import pytest

from conformance.target.base import TargetError
from conformance.target.orthanc_container import connect

# pynetdicom installs programs of DCMTK's names beside Python; the ones that are meant here are DCMTK's.
_BESIDE_PYTHON = Path(sys.executable).parent
os.environ["PATH"] = os.pathsep.join(
    folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(folder) != _BESIDE_PYTHON
)

REQUIRE_TOOLS = "PACS_CONFORMANCE_REQUIRE_TOOLS"
ORTHANC_IMAGE = "PACS_CONFORMANCE_ORTHANC_IMAGE"
_SYSTEMS = Path(__file__).parent / "systems"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs_program(name, ...): drives these programs, found on PATH")
    config.addinivalue_line("markers", "needs_orthanc: drives the Orthanc program, found on PATH")
    config.addinivalue_line(
        "markers", f"needs_docker: starts the image of {ORTHANC_IMAGE} (orthanc:local) on a Docker engine"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Complete runs of real systems wait more than they work: begun first, they wait beside everything else."""
    items.sort(key=lambda item: not item.path.is_relative_to(_SYSTEMS))


def pytest_runtest_setup(item: pytest.Item) -> None:
    lacking = [
        f"{name} is not on PATH"
        for mark in item.iter_markers("needs_program")
        for name in mark.args
        if shutil.which(name) is None
    ]
    if item.get_closest_marker("needs_orthanc") and shutil.which("Orthanc") is None:
        lacking.append("Orthanc is not on PATH")
    if item.get_closest_marker("needs_docker") and (problem := _no_container(_image())):
        lacking.append(problem)
    if not lacking:
        return
    reason = "; ".join(lacking)
    if os.environ.get(REQUIRE_TOOLS) == "1":
        pytest.fail(f"{reason}, and {REQUIRE_TOOLS}=1 says that nothing may be missing", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def orthanc_image() -> str:
    """The image that tests marked needs_docker start."""
    return _image()


def _image() -> str:
    return os.environ.get(ORTHANC_IMAGE, "orthanc:local")


@cache
def _no_container(image: str) -> str | None:
    """Why no container of that image can be started, None if one can."""
    try:
        client = connect()
    except TargetError as error:
        return str(error)
    try:
        return None if client.images.list(name=image) else f"the engine has no image {image}"
    finally:
        client.close()
