"""What a file of a person's own corpus is: an instance that can be sent, one that cannot, or none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DicomFile:
    """An instance in a file, as its head describes it.

    Args:
        path: The file.
        sop_class_uid: SOP Class UID of the data set; of the file meta information where the data set has none.
        sop_instance_uid: SOP Instance UID, likewise.
        transfer_syntax_uid: What the data set is encoded in.
        data_set_offset: Where in the file the data set begins, in bytes.
        data_set_bytes: How long the data set is.
        study_instance_uid: Empty when there is none.
        series_instance_uid: Empty when there is none.
        note: What a reader of the result should know, such as a guessed transfer syntax; empty for an ordinary file.
    """

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    data_set_offset: int
    data_set_bytes: int
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsendable:
    """A DICOM file, or a place to look for some, of which nothing can be sent.

    Args:
        path: The file or folder.
        reason: Why, in one line.
    """

    path: Path
    reason: str


@unique
class Skipped(StrEnum):
    """Why a file is passed over."""

    NOT_DICOM = "not DICOM"
    DICOMDIR = "DICOMDIR"
    TWICE = "the same file again"


Found = DicomFile | Unsendable | Skipped
