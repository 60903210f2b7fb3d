"""Clients that others wrote, against the embedded PACS: PixelMed, and DCMTK with a status that it does not know."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.filereader import read_dataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID

from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.standard.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.storage import StoredInstance
from tests.cli.commands import serving

PIXELMED = Path("/usr/share/java/pixelmed.jar")
DEADLINE_S = 60.0


@pytest.fixture
def instances() -> list[Instance]:
    source = IdentitySource(seed=7, scope="clients")
    return [
        catalogue.build(keyword, source.new())
        for keyword in ("CTImageStorage", "MRImageStorage", "BasicTextSRStorage", "EncapsulatedPDFStorage")
    ]


def written(instances: Sequence[Instance], folder: Path) -> list[Path]:
    """The instances as files in Explicit VR Little Endian."""
    paths = []
    for number, instance in enumerate(instances):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = UID(EXPLICIT_VR_LITTLE_ENDIAN)
        meta.MediaStorageSOPClassUID = UID(instance.sop_class_uid)
        meta.MediaStorageSOPInstanceUID = UID(instance.sop_instance_uid)
        instance.dataset.file_meta = meta
        paths.append(folder / f"{number}.dcm")
        dcmwrite(paths[-1], instance.dataset, enforce_file_format=True)
    return paths


def without_group_lengths(stored: StoredInstance) -> dict[int, object]:
    """The values of a stored data set by tag, private ones and sequences left out."""
    implicit = stored.transfer_syntax == IMPLICIT_VR_LITTLE_ENDIAN
    dataset = read_dataset(BytesIO(stored.data_set.read()), implicit, True)
    return {int(element.tag): element.value for element in dataset if element.VR != "SQ" and not element.tag.is_private}


@pytest.mark.needs_program("java")
@pytest.mark.skipif(not PIXELMED.exists(), reason=f"{PIXELMED} is not there")
def test_pixelmed_stores_a_batch(instances: list[Instance], tmp_path: Path) -> None:
    paths = written(instances, tmp_path)
    with EmbeddedPacs() as pacs:
        done = subprocess.run(
            [
                *("java", "-cp", str(PIXELMED), "com.pixelmed.network.StorageSOPClassSCU"),
                *("127.0.0.1", str(pacs.address[1]), pacs.ae_title, "PIXELMED", "-"),
            ],
            input="".join(f"{path}\n" for path in paths),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        stored = {instance.sop_instance_uid: without_group_lengths(instance) for instance in pacs.store.instances()}
    assert stored.keys() == {instance.sop_instance_uid for instance in instances}, done.stdout + done.stderr
    for instance in instances:
        sent = {int(e.tag): e.value for e in instance.dataset if e.VR != "SQ" and not e.tag.is_private}
        assert stored[instance.sop_instance_uid] == sent


@pytest.mark.needs_program("storescu")
@pytest.mark.parametrize(
    ("options", "exit_code", "sent"),
    [pytest.param((), 1, 1, id="halting"), pytest.param(("--no-halt",), 0, 4, id="going on")],
)
def test_storescu_does_not_know_a_status_that_c_store_does_not_have(
    instances: list[Instance], tmp_path: Path, options: tuple[str, ...], exit_code: int, sent: int
) -> None:
    paths = written(instances, tmp_path)
    with serving("--status", "0111") as (_, port):
        done = subprocess.run(
            ["storescu", "-v", *options, "-aec", "EMBEDDED", "127.0.0.1", str(port), *map(str, paths)],
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
    printed = done.stdout + done.stderr
    assert printed.count("Received Store Response (Unknown Status: 0x111)") == sent
    assert done.returncode == exit_code
