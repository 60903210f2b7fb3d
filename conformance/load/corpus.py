"""A person's own files as cases: found in a stable order, read one at a time, and never written to."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom import dcmread
from pydicom.charset import convert_encodings, default_encoding
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.tag import Tag

from conformance.instances.encoding import deflate
from conformance.instances.remapping import Remapping
from conformance.instances.synthetic import LOOKED_AT, signs_of_a_person
from conformance.load.files import DicomFile, Skipped, Unsendable
from conformance.load.head import read_head
from conformance.observation.exchanges import Sent
from conformance.readback.part10 import decode_data_set
from conformance.standard.transfer_syntaxes import (
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    EXPLICIT_VR_BIG_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
)

LIMIT_BYTES: Final = 1 << 30
"""A longer data set is not compared: that needs what was sent and what is stored in memory."""


class NotACaseError(Exception):
    """A file that cannot be stored and compared; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusCase:
    """One file that claims to be DICOM.

    Args:
        name: Its path below the folder of the corpus, with slashes.
        file: The instance in it; None where it holds none that can be sent.
        reason: Why it holds none.
        earlier: The files before it, by name, that have its SOP Instance UID: the first that can be read is the case.
    """

    name: str
    file: DicomFile | None
    reason: str = ""
    earlier: tuple[tuple[str, DicomFile], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusCases:
    """What a folder holds.

    Args:
        directory: The folder.
        cases: The DICOM files, sorted by name.
        passed_over: The names of other files, with the reason.
    """

    directory: Path
    cases: tuple[CorpusCase, ...]
    passed_over: tuple[tuple[str, str], ...]

    @property
    def uids(self) -> frozenset[str]:
        """Study, Series and SOP Instance UIDs of all files."""
        files = (case.file for case in self.cases if case.file is not None)
        found = (uid for f in files for uid in (f.study_instance_uid, f.series_instance_uid, f.sop_instance_uid))
        return frozenset(uid for uid in found if uid)


def cases_of(directory: Path) -> CorpusCases:
    """Every file below a folder, by its head; nothing else of it is read.

    Raises:
        OSError: The folder itself cannot be read.
    """
    cases: list[CorpusCase] = []
    passed_over: list[tuple[str, str]] = []
    with_uid: dict[str, tuple[tuple[str, DicomFile], ...]] = {}
    for path in _files_below(directory):
        name = path.relative_to(directory).as_posix()
        try:
            found = read_head(path)
        except OSError as error:
            found = Unsendable(path=path, reason=f"cannot be read: {error.strerror or error}")
        match found:
            case Skipped():
                passed_over.append((name, str(found)))
            case Unsendable(reason=reason):
                cases.append(CorpusCase(name=name, file=None, reason=reason))
            case DicomFile(sop_instance_uid=uid):
                earlier = with_uid.get(uid, ())
                with_uid[uid] = (*earlier, (name, found))
                cases.append(CorpusCase(name=name, file=found, earlier=earlier))
    return CorpusCases(directory=directory, cases=tuple(cases), passed_over=tuple(passed_over))


def _files_below(directory: Path) -> list[Path]:
    """The regular files below a folder, sorted by their paths; links to folders are not followed."""
    if not directory.is_dir():
        raise NotADirectoryError(20, "is no folder", str(directory))
    below = (path for path in directory.rglob("*") if path.is_file())
    return sorted(below, key=lambda path: path.relative_to(directory).as_posix())


@dataclass(frozen=True, kw_only=True)
class PreparedCase:
    """A file's instance as it is sent.

    Args:
        sent: What goes out.
        data_set: Its bytes.
        dataset: The same, decoded.
        signs: Why it may be about a real person.
    """

    sent: Sent
    data_set: bytes
    dataset: Dataset
    signs: tuple[str, ...]


def prepare(case: CorpusCase, remapping: Remapping | None) -> PreparedCase:
    """Read one file, and give it the run's identifiers; its pixels and all else go out as they stand in it.

    Args:
        case: The file; it is opened for reading only.
        remapping: What becomes of its identifiers; None sends the file's data set byte for byte.

    Raises:
        NotACaseError: It cannot be stored and compared.
    """
    file = case.file
    if file is None:
        raise NotACaseError(case.reason)
    first = next((name for name, other in case.earlier if _is_readable(other)), None)
    if first is not None:
        raise NotACaseError(f"its SOP Instance UID is that of {first}, which is the case")
    data_set, dataset = _read(file)
    # What is looked at is decoded, and would not be written as it was read: a data set of its own.
    looked_at = (Tag(keyword) for keyword in LOOKED_AT)
    signs = signs_of_a_person(Dataset({tag: dataset.get_item(tag) for tag in looked_at if tag in dataset}))
    if remapping is not None:
        try:
            _set_character_set(dataset)
            remapping.apply(dataset)
            data_set = _encoded(dataset, file.transfer_syntax_uid)
        except Exception as error:  # what pydicom raises on foreign data is not listed anywhere
            raise NotACaseError(f"its identifiers cannot be changed: {type(error).__name__}: {error}") from error
        dataset, defect = decode_data_set(data_set, file.transfer_syntax_uid)
        if defect:
            raise NotACaseError(f"with other identifiers its data set cannot be read any more: {defect}")
    return PreparedCase(sent=_sent(case.name, file, dataset, data_set), data_set=data_set, dataset=dataset, signs=signs)


def _read(file: DicomFile) -> tuple[bytes, Dataset]:
    """A file's data set as bytes and decoded.

    Raises:
        NotACaseError: It is too long, or cannot be read to its end.
    """
    if file.data_set_bytes > LIMIT_BYTES:
        raise NotACaseError(f"its data set has {file.data_set_bytes} bytes, at most {LIMIT_BYTES} are compared")
    try:
        with file.path.open("rb") as opened:
            opened.seek(file.data_set_offset)
            data_set = opened.read()
    except OSError as error:
        raise NotACaseError(f"it cannot be read: {error.strerror or error}") from error
    dataset, defect = decode_data_set(data_set, file.transfer_syntax_uid)
    if defect:
        raise NotACaseError(f"its data set cannot be read to its end: {defect}")
    return data_set, dataset


def _is_readable(file: DicomFile) -> bool:
    try:
        _read(file)
    except NotACaseError:
        return False
    return True


def _set_character_set(dataset: Dataset) -> None:
    """Have the values that are not decoded written as they were read, whatever character set they are in."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        named = dataset.get("SpecificCharacterSet")
        sets = convert_encodings(named) if named else [default_encoding]
    implicit_vr, little_endian = dataset.original_encoding
    dataset.set_original_encoding(implicit_vr, little_endian, sets)


def _encoded(dataset: Dataset, transfer_syntax_uid: str) -> bytes:
    target = DicomBytesIO()
    target.is_implicit_VR = transfer_syntax_uid == IMPLICIT_VR_LITTLE_ENDIAN
    target.is_little_endian = transfer_syntax_uid != EXPLICIT_VR_BIG_ENDIAN
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write_dataset(target, dataset, default_encoding)
    plain = target.getvalue()
    return deflate(plain) if transfer_syntax_uid == DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN else plain


def _sent(name: str, file: DicomFile, dataset: Dataset, data_set: bytes) -> Sent:
    def text(keyword: str) -> str:
        value = dataset.get(keyword)
        return "" if value is None else str(value).strip("\0 ")

    return Sent(
        label=name,
        sop_class_uid=text("SOPClassUID") or file.sop_class_uid,
        sop_instance_uid=text("SOPInstanceUID") or file.sop_instance_uid,
        transfer_syntax_uid=file.transfer_syntax_uid,
        data_set_bytes=len(data_set),
        sha256=hashlib.sha256(data_set).hexdigest(),
        patient_id=text("PatientID"),
        study_instance_uid=text("StudyInstanceUID"),
        series_instance_uid=text("SeriesInstanceUID"),
    )


def people_in(cases: Iterable[CorpusCase]) -> dict[str, tuple[str, ...]]:
    """The names of files that may be about real people, each with the signs of it; one file is read at a time."""
    read = ((case.name, _signs_in(case.file.path)) for case in cases if case.file is not None)
    return {name: signs for name, signs in read if signs}


def _signs_in(path: Path) -> tuple[str, ...]:
    """The signs of a person in a file; a file that cannot be read is not sent, and says so where it would be."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            head = dcmread(path, force=True, stop_before_pixels=True, specific_tags=list(LOOKED_AT))
            return signs_of_a_person(head)
        except Exception:
            return ()
