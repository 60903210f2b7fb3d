"""DCMTK's clients against the embedded PACS."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Destination, Settings
from tests.target.embedded.conftest import Start
from tests.target.embedded.data import ct

DEADLINE_S = 30
SYNTAXES = {
    "-xi": ImplicitVRLittleEndian,
    "-xe": ExplicitVRLittleEndian,
    "-xb": ExplicitVRBigEndian,
    "-xd": DeflatedExplicitVRLittleEndian,
    "-xr": RLELossless,
}


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *arguments], capture_output=True, encoding="latin-1", timeout=DEADLINE_S, check=False
    )


def address(pacs: EmbeddedPacs) -> list[str]:
    return ["-aec", pacs.ae_title, pacs.address[0], str(pacs.address[1])]


def write(folder: Path, image: Dataset, syntax: pydicom.uid.UID = ExplicitVRLittleEndian) -> Path:
    path = folder / f"{image.SOPInstanceUID}.dcm"
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    if syntax == RLELossless:
        image.compress(RLELossless, generate_instance_uid=False)
    image.file_meta.TransferSyntaxUID = syntax
    image.save_as(path, enforce_file_format=True)
    return path


@pytest.fixture
def stored(pacs: EmbeddedPacs, tmp_path: Path) -> EmbeddedPacs:
    """Three images of one study, sent by storescu."""
    files = [str(write(tmp_path, ct(n))) for n in (1, 2, 3)]
    result = run("storescu", *address(pacs), *files)
    assert result.returncode == 0, result.stderr
    return pacs


@pytest.mark.needs_program("echoscu")
@pytest.mark.parametrize("options", [[], ["-pdu", "4096"], ["--propose-ts", "3"], ["-ppc", "100"]], ids=" ".join)
def test_echoscu(pacs: EmbeddedPacs, options: list[str]) -> None:
    assert run("echoscu", *options, *address(pacs)).returncode == 0


@pytest.mark.needs_program("storescu")
@pytest.mark.parametrize("option", SYNTAXES)
def test_storescu(pacs: EmbeddedPacs, tmp_path: Path, option: str) -> None:
    path = write(tmp_path, ct(257), SYNTAXES[option])
    result = run("storescu", "-v", "-R", option, *address(pacs), str(path))
    assert result.returncode == 0, result.stderr
    (instance,) = pacs.store.instances()
    assert instance.transfer_syntax == SYNTAXES[option]
    sent = path.read_bytes()
    assert sent.endswith(instance.data_set.read()) or option in ("-xd", "-xr")


@pytest.mark.needs_program("storescu", "findscu")
def test_findscu(stored: EmbeddedPacs, tmp_path: Path) -> None:
    keys = ["QueryRetrieveLevel=IMAGE", "StudyInstanceUID=1.2.3.1", "SeriesInstanceUID=1.2.3.1.1", "SOPInstanceUID"]
    result = run(
        "findscu", "-S", "-X", "-od", str(tmp_path), *address(stored), *(part for key in keys for part in ("-k", key))
    )
    assert result.returncode == 0, result.stderr
    found = sorted(pydicom.dcmread(path).SOPInstanceUID for path in tmp_path.glob("rsp*.dcm"))
    assert found == ["1.2.3.1.1.1", "1.2.3.1.1.2", "1.2.3.1.1.3"]


@pytest.mark.needs_program("storescu", "findscu")
def test_findscu_is_told_that_its_identifier_does_not_fit(stored: EmbeddedPacs) -> None:
    result = run("findscu", "-v", "-S", *address(stored), "-k", "QueryRetrieveLevel=SERIES", "-k", "SeriesInstanceUID")
    assert "DoesNotMatchSOPClass" in result.stderr


@pytest.mark.needs_program("storescu", "getscu")
@pytest.mark.parametrize("model", ["-P", "-S"], ids=["patient-root", "study-root"])
def test_getscu(stored: EmbeddedPacs, tmp_path: Path, model: str) -> None:
    folder = tmp_path / "got"
    folder.mkdir()
    above = ["-k", "PatientID=P1"] if model == "-P" else []
    keys = ["-k", "QueryRetrieveLevel=STUDY", *above, "-k", "StudyInstanceUID=1.2.3.1"]
    result = run("getscu", model, "-od", str(folder), *address(stored), *keys)
    assert result.returncode == 0, result.stderr
    got = [pydicom.dcmread(path) for path in sorted(folder.iterdir())]
    assert [image.InstanceNumber for image in got] == [1, 2, 3]
    assert got[1].PixelData == ct(2).PixelData
    assert got[1][0x0011_1001].value == "private"


@contextlib.contextmanager
def storescp(folder: Path) -> Iterator[int]:
    """A storescp that has begun to listen."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = int(taken.getsockname()[1])
    process = subprocess.Popen(["storescp", "-v", "-od", str(folder), "+xa", str(port)], stderr=subprocess.DEVNULL)
    try:
        while run("echoscu", "127.0.0.1", str(port)).returncode != 0:
            assert process.poll() is None
        yield port
    finally:
        process.kill()
        process.wait(DEADLINE_S)


@pytest.mark.needs_program("storescu", "movescu", "storescp", "echoscu")
def test_movescu_with_storescp(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "got"
    folder.mkdir()
    with storescp(folder) as port:
        pacs = start(Settings(move_destinations={"DEST": Destination(host="127.0.0.1", port=port)}))
        files = [str(write(tmp_path, ct(n), s)) for n, s in enumerate((ExplicitVRLittleEndian, RLELossless), 1)]
        assert run("storescu", "-xr", *address(pacs), files[1]).returncode == 0
        assert run("storescu", *address(pacs), files[0]).returncode == 0
        keys = ["-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3.1"]
        result = run("movescu", "-v", "-S", "-aem", "DEST", *address(pacs), *keys)
        assert result.returncode == 0, result.stderr
        unknown = run("movescu", "-v", "-S", "-aem", "NOWHERE", *address(pacs), *keys)
    got = {image.InstanceNumber: image for image in map(pydicom.dcmread, folder.iterdir())}
    assert sorted(got) == [1, 2]
    assert got[2].file_meta.TransferSyntaxUID == RLELossless
    assert got[2].pixel_array.tobytes() == ct(2).PixelData
    assert "MoveDestinationUnknown" in unknown.stderr


@pytest.mark.needs_program("storescu")
def test_storescu_shows_the_status_that_is_asked_for(start: Start, tmp_path: Path) -> None:
    pacs = start(Settings(store_status=0xA700))
    result = run("storescu", "-v", *address(pacs), str(write(tmp_path, ct())))
    assert "OutOfResources" in result.stderr
