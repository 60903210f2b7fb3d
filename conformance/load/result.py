"""What became of each instance of a bulk sending, and of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path

from conformance.load.files import DicomFile, Unsendable
from conformance.standard.statuses import DimseService, StatusClass, describe, status_class


@unique
class Fate(StrEnum):
    """What became of an instance, in the words of the sub-operation counters (PS3.7 9.1.4.1)."""

    COMPLETED = "completed"
    WARNING = "warning"
    FAILED = "failed"
    REMAINING = "remaining"
    """Not sent, because the sending ended before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceResult:
    """One instance of a bulk sending.

    Args:
        path: Its file.
        fate: What became of it.
        words: The status in words, or what came instead of a response, or why it was not sent.
        sop_class_uid: Empty where it is not known.
        sop_instance_uid: Empty where it is not known.
        transfer_syntax_uid: Of the file.
        sent_transfer_syntax_uid: Of the presentation context that it went on; empty when it was not sent.
        data_set_bytes: Length of the data set as it was sent, else as it stands in the file.
        status: Of the response; None when there was none.
        error_comment: Of the response, as it came: anything.
        seconds: From the first byte of the request to the last of the response.
        note: What else a reader should know.
    """

    path: Path
    fate: Fate
    words: str
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    transfer_syntax_uid: str = ""
    sent_transfer_syntax_uid: str = ""
    data_set_bytes: int = 0
    status: int | None = None
    error_comment: str = ""
    seconds: float = 0.0
    note: str = ""


def fate_of(status: int) -> Fate:
    """What a status says; one that is no status of the classes Success and Warning is a failure."""
    match status_class(status):
        case StatusClass.SUCCESS:
            return Fate.COMPLETED
        case StatusClass.WARNING:
            return Fate.WARNING
        case _:
            return Fate.FAILED


def answered(
    file: DicomFile, *, status: int, comment: str, sent_in: str, sent_bytes: int, seconds: float, note: str
) -> InstanceResult:
    """The result of an instance that got a response."""
    return InstanceResult(
        path=file.path,
        fate=fate_of(status),
        words=describe(DimseService.C_STORE, status),
        sop_class_uid=file.sop_class_uid,
        sop_instance_uid=file.sop_instance_uid,
        transfer_syntax_uid=file.transfer_syntax_uid,
        sent_transfer_syntax_uid=sent_in,
        data_set_bytes=sent_bytes,
        status=status,
        error_comment=comment,
        seconds=seconds,
        note="; ".join(part for part in (file.note, note) if part),
    )


def unanswered(
    file: DicomFile, fate: Fate, words: str, *, sent_in: str = "", seconds: float = 0.0, note: str = ""
) -> InstanceResult:
    """The result of an instance without a response."""
    return InstanceResult(
        path=file.path,
        fate=fate,
        words=words,
        sop_class_uid=file.sop_class_uid,
        sop_instance_uid=file.sop_instance_uid,
        transfer_syntax_uid=file.transfer_syntax_uid,
        sent_transfer_syntax_uid=sent_in,
        data_set_bytes=file.data_set_bytes,
        seconds=seconds,
        note="; ".join(part for part in (file.note, note) if part),
    )


def never_tried(found: Unsendable) -> InstanceResult:
    """The result of a file of which nothing can be sent."""
    return InstanceResult(path=found.path, fate=Fate.FAILED, words=found.reason)


@dataclass(slots=True)
class Totals:
    """The counts of a bulk sending."""

    total: int
    completed: int = 0
    warning: int = 0
    failed: int = 0
    acknowledged_bytes: int = 0
    """Data sets that were answered with Success or Warning."""

    def add(self, result: InstanceResult) -> None:
        """Count a result; one that is remaining changes nothing."""
        match result.fate:
            case Fate.COMPLETED:
                self.completed += 1
            case Fate.WARNING:
                self.warning += 1
            case Fate.FAILED:
                self.failed += 1
            case Fate.REMAINING:
                return
        if result.fate is not Fate.FAILED:
            self.acknowledged_bytes += result.data_set_bytes

    @property
    def done(self) -> int:
        """How many are not remaining."""
        return self.completed + self.warning + self.failed

    @property
    def remaining(self) -> int:
        """How many are still to be sent."""
        return self.total - self.done


def by_words(results: Iterable[InstanceResult]) -> dict[str, int]:
    """How many results there are of each kind, the most frequent first."""
    counts: dict[str, int] = {}
    for result in results:
        counts[result.words] = counts.get(result.words, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
