"""The data set of a file as the PDUs that carry it: mapped piece by piece, never copied, never held as a whole."""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from conformance.load.files import DicomFile
from conformance.wire.fragments import segments

WINDOW_BYTES: Final = 16 << 20
"""How much of a file is mapped at a time; even, so that every fragment but the last is (PS3.8 E.1)."""


class ChangedFileError(Exception):
    """A file is no longer as long as when its head was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A data set that can be sent.

    Args:
        length_bytes: How long it is.
        windows: Its bytes in consecutive pieces.
    """

    length_bytes: int
    windows: Callable[[], Iterator[memoryview]]

    def pdus(self, *, context_id: int, max_pdu_bytes: int, go_on: Callable[[], bool]) -> Iterator[bytes | memoryview]:
        """The P-DATA-TF PDUs; they end early, at the end of a PDU, when `go_on` says no."""
        left_bytes = self.length_bytes
        for window in self.windows():
            left_bytes -= len(window)
            for head, fragment in segments(
                window, context_id=context_id, command=False, max_pdu_bytes=max_pdu_bytes, last=left_bytes == 0
            ):
                if not go_on():
                    return
                yield head
                yield fragment


@contextmanager
def file_payload(file: DicomFile) -> Iterator[Payload]:
    """The data set of a file, byte for byte as it stands there.

    Raises:
        OSError: The file cannot be opened.
        ChangedFileError: It has another length than when it was found.
    """
    descriptor = os.open(file.path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        if size != file.data_set_offset + file.data_set_bytes:
            raise ChangedFileError(
                f"the file has {size} bytes now, and had {file.data_set_offset + file.data_set_bytes} when it was found"
            )
        yield Payload(length_bytes=file.data_set_bytes, windows=lambda: _mapped(descriptor, file.data_set_offset, size))
    finally:
        os.close(descriptor)


def bytes_payload(data_set: bytes) -> Payload:
    """A data set in memory."""
    return Payload(length_bytes=len(data_set), windows=lambda: iter((memoryview(data_set),)))


def _mapped(descriptor: int, start: int, end: int) -> Iterator[memoryview]:
    # A mapping goes when the last view of it is sent: closing it here would be too early.
    for window_start in range(start, end, WINDOW_BYTES):
        length = min(WINDOW_BYTES, end - window_start)
        aligned = window_start - window_start % mmap.ALLOCATIONGRANULARITY
        ahead = window_start - aligned
        mapped = mmap.mmap(descriptor, ahead + length, access=mmap.ACCESS_READ, offset=aligned)
        yield memoryview(mapped)[ahead:]
