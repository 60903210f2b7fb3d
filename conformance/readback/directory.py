"""A directory that the target writes files into, such as DCMTK's `storescp -od`."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.observation.exchanges import Sent
from conformance.observation.stored import NotReadable, ReadBackOutcome, Stored, StoredCopy
from conformance.readback.base import DEFAULT_LATENCY_S, POLL_S, Latency, limit_bytes
from conformance.readback.part10 import Part10, decode_part10, read_part10, sop_instance_uid_of

_HEADER_BYTES: Final = 1 << 16
_MAX_FILES: Final = 500_000
_MAX_DEPTH: Final = 16
_UNCHANGED_S: Final = 0.5
# Digits and dots that stand by themselves: the UID 1.2.3 is in the name CT.1.2.3.dcm, not in CT.1.2.30 or CT.0.1.2.3.
_UID_IN_NAME: Final = re.compile(r"(?<![0-9])(?<![0-9]\.)[0-9]+(?:\.[0-9]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What is known of a file: its state when it was looked at, and the UIDs that it goes by."""

    size: int
    modified_ns: int
    uids: frozenset[str]


class DirectoryReadBack:
    """Instances as files, anywhere below a directory.

    A file counts under the UID of its data set, of its file meta information and of its name: a receiver that keeps
    what it could not read names the file by the UID of the command.

    Args:
        root: The directory; it may appear later.
        latency_s: How long a file that is expected may take to appear and to be whole.
    """

    name: Final = "directory"

    def __init__(self, root: Path, *, latency_s: float = DEFAULT_LATENCY_S) -> None:
        self._root = root
        self._latency = Latency(latency_s)
        self._index: dict[Path, _Entry] = {}

    def find(self, sent: Sent, *, also: Sequence[Sent] = (), expect: bool = False) -> ReadBackOutcome:
        """See `ReadBack.find`; files are found wherever they lie, so `also` adds nothing."""
        del also
        uid = sent.sop_instance_uid
        if not uid:
            return NotReadable(reason="nothing to look for: no SOP Instance UID", channel=self.name)
        try:
            if not self._root.is_dir():
                return NotReadable(reason=f"{self._root} is not a directory", channel=self.name)
            limit = limit_bytes(sent)
            return self._latency.look(lambda: self._look(uid, limit), expect=expect)
        except OSError as error:
            return NotReadable(reason=f"{self._root}: {error.strerror or error}", channel=self.name)

    def delete(self, sop_instance_uids: Sequence[str]) -> tuple[str, ...]:
        """Delete nothing: the files are the target's, which may keep an index of them."""
        del sop_instance_uids
        return ()

    def close(self) -> None:
        """Forget the index."""
        self._index.clear()

    def _look(self, uid: str, limit: int) -> Stored:
        self._refresh()
        paths = sorted(path for path, entry in self._index.items() if uid in entry.uids)
        copies, notes = [], []
        for path in paths:
            read = self._read(uid, path, limit)
            if read is None:
                continue
            copy, defect = read
            copies.append(copy)
            if defect:
                notes.append(f"{copy.where}: {defect}")
        return Stored(copies=tuple(copies), listed=len(copies), channel=self.name, note="; ".join(notes))

    def _read(self, uid: str, path: Path, limit: int) -> tuple[StoredCopy, str] | None:
        """A file once it is whole, or once it has stopped growing; None when it is gone again."""
        deadline_s = time.monotonic() + self._latency.seconds
        last_size, since_s = -1, time.monotonic()
        while True:
            try:
                read, size = _content(path, limit)
            except FileNotFoundError:
                return None
            now_s = time.monotonic()
            if size != last_size:
                last_size, since_s = size, now_s
            if not read.defect or now_s - since_s >= _UNCHANGED_S or now_s >= deadline_s:
                break
            time.sleep(POLL_S)
        copy = StoredCopy(
            sop_instance_uid=uid,
            dataset=read.dataset,
            transfer_syntax_uid=read.transfer_syntax_uid,
            where=str(path.relative_to(self._root)),
        )
        return copy, read.defect

    def _refresh(self) -> None:
        """Look at the files that are new or have changed."""
        seen: set[Path] = set()
        for path, state in _files(self._root):
            seen.add(path)
            known = self._index.get(path)
            if known is not None and (known.size, known.modified_ns) == (state.st_size, state.st_mtime_ns):
                continue
            self._index[path] = _Entry(size=state.st_size, modified_ns=state.st_mtime_ns, uids=_uids_of(path))
        for path in self._index.keys() - seen:
            del self._index[path]


def _files(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Regular files below a directory; links are not followed.

    Raises:
        OSError: There are too many, or the directory cannot be read.
    """
    waiting, count = [(root, 0)], 0
    while waiting:
        folder, depth = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    if entry.is_dir(follow_symlinks=False):
                        if depth < _MAX_DEPTH:
                            waiting.append((Path(entry.path), depth + 1))
                    elif entry.is_file(follow_symlinks=False):
                        count += 1
                        yield Path(entry.path), entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if count > _MAX_FILES:
                    raise OSError(f"more than {_MAX_FILES} files below {root}")


def _content(path: Path, limit: int) -> tuple[Part10, int]:
    """What a file holds, as far as it can be read, and its length in bytes.

    Raises:
        FileNotFoundError: It is gone.
        OSError: It is too long, or cannot be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise OSError(f"{path.name} has {size} bytes; the limit for what was sent is {limit}")
        return read_part10(file), size


def _uids_of(path: Path) -> frozenset[str]:
    # DCMTK's names are a modality, a dot and the UID of the command, which need not be a legal one.
    found = {*_UID_IN_NAME.findall(path.name), path.name.partition(".")[2]}
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER_BYTES)
    except OSError:
        return frozenset(found)
    read = decode_part10(head, whole=len(head) < _HEADER_BYTES)
    found |= {read.media_storage_uid, sop_instance_uid_of(read.dataset)}
    return frozenset(found - {""})
