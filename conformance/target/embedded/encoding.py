"""Messages as P-DATA-TF PDUs, a long data set read piece by piece (PS3.8 Annexes D and E)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.target.embedded.spool import Blob
from conformance.wire.command import CommandSet
from conformance.wire.fragments import fragment_bytes, segments

_CHUNK_BYTES: Final = 1 << 20


def message_parts(
    command: CommandSet, data_set: bytes | Blob | None, context_id: int, max_pdu_bytes: int
) -> Iterator[bytes | memoryview]:
    """The bytes of a message, in parts that follow each other."""
    for head, chunk in segments(command.encode(), context_id=context_id, command=True, max_pdu_bytes=max_pdu_bytes):
        yield head
        yield chunk
    if data_set is not None:
        yield from data_set_parts(data_set, context_id, max_pdu_bytes)


def data_set_parts(data_set: bytes | Blob, context_id: int, max_pdu_bytes: int) -> Iterator[bytes | memoryview]:
    """The bytes of the data set's PDUs, in parts that follow each other."""
    size = fragment_bytes(max_pdu_bytes)
    chunk_bytes = max(size, _CHUNK_BYTES // size * size)
    total = len(data_set) if isinstance(data_set, bytes) else data_set.size
    done = 0
    for chunk in (data_set,) if isinstance(data_set, bytes) else data_set.chunks(chunk_bytes):
        done += len(chunk)
        for head, piece in segments(
            chunk, context_id=context_id, command=False, max_pdu_bytes=max_pdu_bytes, last=done >= total
        ):
            yield head
            yield piece
