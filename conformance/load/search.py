"""The files below what a person named: folders recursively, symbolic links followed once, special files left alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from conformance.load.files import DicomFile, Found, Skipped, Unsendable
from conformance.load.head import read_head


@dataclass(slots=True, kw_only=True)
class Corpus:
    """What was found below some paths.

    Args:
        files: Instances that can be sent, in the order in which they were found.
        unsendable: DICOM files that cannot, and files and folders that cannot be read.
        skipped: How many files were passed over, by reason.
    """

    files: list[DicomFile] = field(default_factory=list)
    unsendable: list[Unsendable] = field(default_factory=list)
    skipped: dict[Skipped, int] = field(default_factory=dict)

    def add(self, found: Found) -> None:
        """Take in what one file is."""
        match found:
            case DicomFile():
                self.files.append(found)
            case Unsendable():
                self.unsendable.append(found)
            case Skipped():
                self.skipped[found] = self.skipped.get(found, 0) + 1


def search(paths: Iterable[Path]) -> Iterator[Found]:
    """What every file below some paths is, in the order of the paths and of the names in each folder.

    Args:
        paths: Files and folders.
    """
    seen: set[tuple[int, int]] = set()
    for path in paths:
        yield from _below(path, seen)


def _below(top: Path, seen: set[tuple[int, int]]) -> Iterator[Found]:
    waiting = [top]
    while waiting:
        path = waiting.pop()
        try:
            status = path.stat()
        except OSError as error:
            yield _unreadable(path, error)
            continue
        identity = (status.st_dev, status.st_ino)
        if identity in seen:
            # A folder again is a loop of links, or one path below another.
            if stat.S_ISREG(status.st_mode):
                yield Skipped.TWICE
            continue
        seen.add(identity)
        if stat.S_ISDIR(status.st_mode):
            try:
                waiting += sorted((Path(entry.path) for entry in os.scandir(path)), reverse=True)
            except OSError as error:
                yield _unreadable(path, error)
        elif stat.S_ISREG(status.st_mode):
            try:
                yield read_head(path)
            except OSError as error:
                yield _unreadable(path, error)
        else:
            yield Skipped.NOT_DICOM


def _unreadable(path: Path, error: OSError) -> Unsendable:
    return Unsendable(path=path, reason=f"cannot be read: {error.strerror or error}")
