"""Bytes of a data set while they arrive and after: in memory while short, in a file of a private folder when long."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

FOLDER_PREFIX: Final = "pacs-conformance-embedded-"
_CHUNK_BYTES: Final = 1 << 20


class Depot:
    """The private folder, and the account of what is in memory.

    Args:
        memory_each_bytes: A longer one lives in a file.
        memory_all_bytes: When those in memory are longer together, further ones live in files.
        limit_each_bytes: What is over this is not kept; the spool then says that it overflowed.
    """

    def __init__(self, *, memory_each_bytes: int, memory_all_bytes: int, limit_each_bytes: int) -> None:
        self.memory_each_bytes = memory_each_bytes
        self.memory_all_bytes = memory_all_bytes
        self.limit_each_bytes = limit_each_bytes
        self._folder: Path | None = None
        self._lock = threading.Lock()
        self._in_memory_bytes = 0
        self._count = 0

    def new_path(self) -> Path:
        """A path that was not given out before."""
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
            self._count += 1
            return self._folder / f"{self._count:08d}"

    def account(self, change_bytes: int) -> bool:
        """Count bytes that come to stay in memory, or leave it; False when there is no room for them."""
        with self._lock:
            if change_bytes > 0 and self._in_memory_bytes + change_bytes > self.memory_all_bytes:
                return False
            self._in_memory_bytes += change_bytes
            return True

    def close(self) -> None:
        """Delete the folder with all that is in it."""
        with self._lock:
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


class Blob:
    """Bytes that do not change any more. Exactly one of `data` and `path` is there."""

    def __init__(self, depot: Depot, *, size: int, data: bytes | None, path: Path | None) -> None:
        self._depot = depot
        self._data = data
        self._path = path
        self.size = size

    def open(self) -> BinaryIO | None:
        """A file to read from the start; None for bytes in memory."""
        return None if self._path is None else self._path.open("rb")

    def read(self) -> bytes:
        """All bytes at once."""
        return self._data if self._data is not None else b"".join(self.chunks())

    def chunks(self, chunk_bytes: int = _CHUNK_BYTES) -> Iterator[bytes]:
        """All bytes: those of a file so many at a time, those in memory at once."""
        if self._path is None:
            yield self._data or b""
            return
        with self._path.open("rb") as file:
            while chunk := file.read(chunk_bytes):
                yield chunk

    def equals(self, other: Blob) -> bool:
        """Whether both hold the same bytes."""
        return self.size == other.size and all(a == b for a, b in zip(self.chunks(), other.chunks(), strict=False))

    def discard(self) -> None:
        """Give the memory or the file back. A reader that has the file open can finish."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        elif self._data is not None:
            self._depot.account(-self.size)


class Spool:
    """Collects the fragments of one data set.

    Attributes:
        size: Bytes that came, kept or not.
        failed: Why they are not all kept, or None.
    """

    def __init__(self, depot: Depot) -> None:
        self._depot = depot
        self._memory = bytearray()
        self._path: Path | None = None
        self._file: BinaryIO | None = None
        self.size = 0
        self.failed: str | None = None

    def append(self, chunk: bytes | memoryview) -> None:
        """Take in the next fragment; trouble with the disk shows in `failed`, not here."""
        self.size += len(chunk)
        if self.failed is not None:
            return
        if self.size > self._depot.limit_each_bytes:
            self._give_up(f"longer than {self._depot.limit_each_bytes} bytes")
            return
        try:
            if self._file is None and self.size > self._depot.memory_each_bytes:
                self._to_file()
            if self._file is None:
                self._memory += chunk
            else:
                self._file.write(chunk)
        except OSError as error:
            self._give_up(f"no room on disk: {error.strerror}")

    def freeze(self) -> Blob:
        """The bytes as they are now; the spool is used up.

        Raises:
            OSError: They could not be kept; `failed` says why.
        """
        if self.failed is None and self._file is None and not self._depot.account(len(self._memory)):
            self._to_file()
        if self._file is not None:
            self._file.close()
        if self.failed is not None:
            raise OSError(self.failed)
        blob = Blob(
            self._depot,
            size=self.size,
            data=bytes(self._memory) if self._file is None else None,
            path=self._path,
        )
        self._path = self._file = None
        self._memory = bytearray()
        return blob

    def discard(self) -> None:
        """Forget what came. Does nothing after `freeze`."""
        self._memory = bytearray()
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self._path = self._file = None

    def _to_file(self) -> None:
        self._path = self._depot.new_path()
        self._file = self._path.open("wb")
        self._file.write(self._memory)
        self._memory = bytearray()

    def _give_up(self, why: str) -> None:
        self.failed = why
        self.discard()
