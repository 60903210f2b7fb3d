"""Where the bytes of a data set are read from: memory, a file, or a deflated stream of either."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final, Protocol

_CHUNK_BYTES: Final = 1 << 18
INFLATED_LIMIT_BYTES: Final = 2 << 30


class Source(Protocol):
    """Bytes read forward. At the end less comes than was asked for."""

    position: int
    """How many bytes were read or skipped."""

    def read(self, count: int) -> bytes:
        """The next bytes, fewer at the end."""

    def skip(self, count: int) -> int:
        """Go over the next bytes; how many there were."""


class MemorySource:
    """A `Source` over bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def read(self, count: int) -> bytes:
        """See `Source.read`."""
        data = self._data[self.position : self.position + count]
        self.position += len(data)
        return data

    def skip(self, count: int) -> int:
        """See `Source.skip`."""
        skipped = min(count, len(self._data) - self.position)
        self.position += skipped
        return skipped


class FileSource:
    """A `Source` over a file, read from where it stands."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        self.position = file.tell()

    def read(self, count: int) -> bytes:
        """See `Source.read`."""
        data = self._file.read(count)
        self.position += len(data)
        return data

    def skip(self, count: int) -> int:
        """See `Source.skip`."""
        skipped = min(count, self._size - self.position)
        self._file.seek(skipped, os.SEEK_CUR)
        self.position += skipped
        return skipped


class InflateError(Exception):
    """The deflated stream is broken, cut, followed by something else, or too long."""


class InflateSource:
    """A `Source` over what chunks of a raw deflated stream become (PS3.5 A.5, RFC 1951).

    Args:
        chunks: The stream; one NUL may follow it, to make its length even.

    Raises:
        InflateError: While reading; see there.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._ready = bytearray()
        self.position = 0

    def read(self, count: int) -> bytes:
        """See `Source.read`."""
        while len(self._ready) < count and self._more():
            pass
        data = bytes(self._ready[:count])
        del self._ready[:count]
        self.position += len(data)
        return data

    def skip(self, count: int) -> int:
        """See `Source.skip`."""
        skipped = 0
        while skipped < count:
            step = len(self.read(min(count - skipped, _CHUNK_BYTES)))
            if not step:
                break
            skipped += step
        return skipped

    def _more(self) -> bool:
        if self._inflater.eof:
            return False
        try:
            held = self._inflater.unconsumed_tail or next(self._chunks, b"")
            inflated = self._inflater.decompress(held, _CHUNK_BYTES)
        except zlib.error as error:
            raise InflateError(str(error)) from error
        self._ready += inflated
        if not held and not inflated and not self._inflater.eof:
            raise InflateError("the deflated stream is cut")
        if self._inflater.eof and self._rest() not in (b"", b"\0"):
            raise InflateError("bytes follow the deflated stream")
        if self.position + len(self._ready) > INFLATED_LIMIT_BYTES:
            raise InflateError(f"more than {INFLATED_LIMIT_BYTES} bytes when inflated")
        return True

    def _rest(self) -> bytes:
        return self._inflater.unused_data + next(self._chunks, b"")
