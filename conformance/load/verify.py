"""What the target holds of an instance against the file that was sent."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum, unique
from typing import Final

from pydicom import dcmread
from pydicom.dataset import FileDataset

from conformance.load.files import DicomFile
from conformance.load.payload import ChangedFileError, file_payload
from conformance.load.result import Fate, InstanceResult
from conformance.observation.exchanges import Sent
from conformance.observation.stored import NotReadable, ReadBackOutcome, StoredCopy
from conformance.verdict.compare import Difference, DifferenceKind, compare

COMPARED_BYTES: Final = 1 << 30
"""A longer data set is not compared: that needs both copies in memory."""
_WITHOUT_LOSS: Final = frozenset({DifferenceKind.ADDED, DifferenceKind.VR_CHANGED})

Find = Callable[[Sent], ReadBackOutcome]


@unique
class Likeness(StrEnum):
    """What a read-back says of one instance."""

    EQUAL = "equal"
    PERMITTED = "equal but for what an archive may legally change"
    EXTENDED = "nothing lost, but elements added or their VR changed"
    DIFFERENT = "different"
    MISSING = "missing"
    TWICE = "stored more than once"
    UNKNOWN = "not verified"

    @property
    def good(self) -> bool:
        """Whether it is stored once, and nothing of it is lost."""
        return self in (Likeness.EQUAL, Likeness.PERMITTED, Likeness.EXTENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a read-back says of one instance.

    Args:
        result: What became of the instance when it was sent.
        likeness: Whether what is stored is what was sent.
        differences: Every difference.
        words: Why it could not be verified, or what is odd; empty otherwise.
    """

    result: InstanceResult
    likeness: Likeness
    differences: tuple[Difference, ...] = ()
    words: str = ""

    def is_legal(self, difference: Difference) -> bool:
        """Whether an archive may make a difference: by a clause, or as coercion that it announced with a Warning."""
        announced = self.result.fate is Fate.WARNING and difference.kind is DifferenceKind.COERCED
        return difference.permitted is not None or announced


def verify(file: DicomFile, result: InstanceResult, find: Find) -> Comparison:
    """Read an instance back and compare it with its file.

    Args:
        file: What was sent; its data set is compared whatever it was re-encoded in.
        result: What became of it.
        find: Looks at what is stored under a UID.
    """
    if file.data_set_bytes > COMPARED_BYTES:
        words = f"{file.data_set_bytes} bytes are more than the {COMPARED_BYTES} that are compared"
        return Comparison(result=result, likeness=Likeness.UNKNOWN, words=words)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = dcmread(file.path, force=True)
            sent = _sent(file, dataset)
        except (OSError, ChangedFileError) as error:
            return Comparison(result=result, likeness=Likeness.UNKNOWN, words=f"the file cannot be read: {error}")
        except Exception as error:
            words = f"the file cannot be decoded: {type(error).__name__}: {error}"
            return Comparison(result=result, likeness=Likeness.UNKNOWN, words=words)
        outcome = find(sent)
        if isinstance(outcome, NotReadable):
            return Comparison(result=result, likeness=Likeness.UNKNOWN, words=f"{outcome.channel}: {outcome.reason}")
        if not outcome.copies and not outcome.listed:
            return Comparison(result=result, likeness=Likeness.MISSING)
        if not outcome.copies:
            words = f"{outcome.channel} lists it, and gives nothing back"
            return Comparison(result=result, likeness=Likeness.UNKNOWN, words=words)
        if max(len(outcome.copies), outcome.listed) > 1:
            words = f"{max(len(outcome.copies), outcome.listed)} times"
            return Comparison(result=result, likeness=Likeness.TWICE, words=words)
        return _compared(file, result, dataset, outcome.copies[0])


def _compared(file: DicomFile, result: InstanceResult, dataset: FileDataset, copy: StoredCopy) -> Comparison:
    found = compare(
        dataset,
        copy.dataset,
        sent_transfer_syntax=file.transfer_syntax_uid,
        stored_transfer_syntax=copy.transfer_syntax_uid,
    )
    comparison = Comparison(result=result, likeness=Likeness.EQUAL, differences=found)
    # A loss that the attributes tell of is legal, and yet not what the file holds.
    kinds = {d.kind for d in found if d.kind is DifferenceKind.LOSSY or not comparison.is_legal(d)}
    if kinds - {DifferenceKind.UNDECODABLE, *_WITHOUT_LOSS}:
        return replace(comparison, likeness=Likeness.DIFFERENT)
    if DifferenceKind.UNDECODABLE in kinds:
        return replace(comparison, likeness=Likeness.UNKNOWN, words="not everything can be compared here")
    if kinds:
        return replace(comparison, likeness=Likeness.EXTENDED)
    return replace(comparison, likeness=Likeness.PERMITTED) if found else comparison


def _sent(file: DicomFile, dataset: FileDataset) -> Sent:
    digest = hashlib.sha256()
    with file_payload(file) as payload:
        for window in payload.windows():
            digest.update(window)
    return Sent(
        label=file.path.name,
        sop_class_uid=file.sop_class_uid,
        sop_instance_uid=file.sop_instance_uid,
        transfer_syntax_uid=file.transfer_syntax_uid,
        data_set_bytes=file.data_set_bytes,
        sha256=digest.hexdigest(),
        patient_id=str(dataset.get("PatientID") or ""),
        study_instance_uid=file.study_instance_uid,
        series_instance_uid=file.series_instance_uid,
    )
