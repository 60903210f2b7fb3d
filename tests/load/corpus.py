"""Files of a person's own, made for a test, and a PACS that does odd things with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from pydicom.dataset import FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import UID

from conformance.driver.endpoint import Endpoint
from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.load.files import DicomFile
from conformance.load.head import read_head
from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.server import EmbeddedPacs

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"


def instances(count: int, keyword: str = "CTImageStorage") -> list[Instance]:
    """Different instances of one SOP class."""
    source = IdentitySource(seed=1, scope=f"corpus/{keyword}")
    return [catalogue.build(keyword, source.new()) for _ in range(count)]


def part10(instance: Instance, transfer_syntax: str = IMPLICIT, *, media_uid: str | None = None) -> bytes:
    """A whole file."""
    return bytes(128) + b"DICM" + meta(instance, transfer_syntax, media_uid) + instance.encoded(transfer_syntax)


def meta(instance: Instance, transfer_syntax: str, media_uid: str | None = None) -> bytes:
    """The file meta information alone."""
    information = FileMetaDataset()
    information.MediaStorageSOPClassUID = UID(instance.sop_class_uid)
    information.MediaStorageSOPInstanceUID = UID(media_uid or instance.sop_instance_uid)
    information.TransferSyntaxUID = UID(transfer_syntax)
    target = DicomBytesIO()
    write_file_meta_info(target, information, enforce_standard=True)
    return target.getvalue()


def write(folder: Path, instance: Instance, name: str, transfer_syntax: str = IMPLICIT) -> DicomFile:
    """A file in a folder, as its head says."""
    path = folder / name
    path.write_bytes(part10(instance, transfer_syntax))
    found = read_head(path)
    assert isinstance(found, DicomFile)
    return found


def write_all(folder: Path, count: int) -> list[DicomFile]:
    """CT images `0.dcm`, `1.dcm` ..."""
    return [write(folder, instance, f"{number:03}.dcm") for number, instance in enumerate(instances(count))]


def endpoint_of(pacs: EmbeddedPacs, *, timeout_s: float = 10.0) -> Endpoint:
    """The way to an embedded PACS."""
    host, port = pacs.address
    return Endpoint(host=host, port=port, called_ae_title=pacs.ae_title, calling_ae_title="SENDER", timeout_s=timeout_s)


class OnStore(Behaviour):
    """A PACS that does something else with the instances that a test names.

    Args:
        deeds: What is done instead of storing, by SOP Instance UID; None as an answer stores as usual.
        aborts: SOP Instance UIDs at which the association is aborted instead of answering.
    """

    def __init__(
        self,
        deeds: Mapping[str, Callable[[Association, Request], Answer | None]] | None = None,
        *,
        aborts: Iterable[str] = (),
    ) -> None:
        self._deeds = deeds or {}
        self._aborts = frozenset(aborts)
        self.seen: list[str] = []
        self.associations = 0

    def on_established(self, association: Association) -> None:
        self.associations += 1

    def perform(self, association: Association, request: Request) -> None:
        uid = request.command.affected_sop_instance_uid or ""
        self.seen.append(uid)
        if uid in self._aborts:
            association.abort()
        else:
            super().perform(association, request)

    def answer_store(self, association: Association, request: Request) -> Answer:
        deed = self._deeds.get(request.command.affected_sop_instance_uid or "")
        answer = None if deed is None else deed(association, request)
        return super().answer_store(association, request) if answer is None else answer


def answering(status: int, comment: str = "") -> Callable[[Association, Request], Answer]:
    """Answer with a status, and store nothing."""
    return lambda _association, _request: Answer(status=status, comment=comment)
