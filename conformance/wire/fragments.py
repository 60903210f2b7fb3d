"""Messages cut into P-DATA-TF PDUs and put together again (PS3.8 Annexes D and E)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from conformance.wire.command import CommandSet, decode_command_set
from conformance.wire.errors import WireError
from conformance.wire.pdu import PduType, Pdv, header

COMMAND: Final = 0x01
LAST: Final = 0x02
COMMAND_LIMIT_BYTES: Final = 1 << 20
"""The longest command set that is collected; the elements of PS3.7 Annex E hardly fill a thousandth of it."""
UNLIMITED_CHUNK_BYTES: Final = 1 << 20
"""Fragment size that we choose where the receiver sets no limit."""

Segment = tuple[bytes, memoryview]
"""Headers of one P-DATA-TF with a single PDV, and its fragment by reference."""


def fragment_bytes(max_pdu_bytes: int) -> int:
    """The largest even fragment that a receiver's maximum length allows (PS3.8 D.1, E.1).

    Args:
        max_pdu_bytes: Maximum Length as announced; 0 is no limit.

    Raises:
        ValueError: The maximum leaves no room for two bytes.
    """
    if max_pdu_bytes == 0:
        return UNLIMITED_CHUNK_BYTES
    size = (max_pdu_bytes - 6) & ~1
    if size < 2:
        raise ValueError(f"a maximum length of {max_pdu_bytes} bytes has no room for a fragment; the least is 8")
    return min(size, UNLIMITED_CHUNK_BYTES)


def segments(
    payload: bytes | memoryview, *, context_id: int, command: bool, max_pdu_bytes: int, last: bool = True
) -> Iterator[Segment]:
    """One P-DATA-TF after the other, without copying the payload.

    Args:
        payload: An encoded command set or data set; an empty one gives one empty last fragment.
        context_id: Presentation context ID.
        command: Whether the payload is a command set.
        max_pdu_bytes: The receiver's maximum length; 0 is no limit.
        last: Whether the final fragment carries the last-fragment bit.
    """
    size = fragment_bytes(max_pdu_bytes)
    view = memoryview(payload)
    kind = COMMAND if command else 0
    for start in range(0, len(view) or 1, size):
        chunk = view[start : start + size]
        control = kind | (LAST if last and start + size >= len(view) else 0)
        yield segment(chunk, context_id=context_id, control=control)


def segment(chunk: bytes | memoryview, *, context_id: int, control: int) -> Segment:
    """One P-DATA-TF with one PDV around a fragment."""
    head = header(PduType.P_DATA_TF, len(chunk) + 6) + struct.pack(">IBB", len(chunk) + 2, context_id, control)
    return head, memoryview(chunk)


def message_bytes(command: CommandSet, data_set: bytes | None, *, context_id: int, max_pdu_bytes: int) -> bytes:
    """A whole message as consecutive P-DATA-TF PDUs, joined."""
    parts = list(segments(command.encode(), context_id=context_id, command=True, max_pdu_bytes=max_pdu_bytes))
    if data_set is not None:
        parts += segments(data_set, context_id=context_id, command=False, max_pdu_bytes=max_pdu_bytes)
    return b"".join(part for pair in parts for part in pair)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A DIMSE message: its command set, and its data set where one was announced."""

    context_id: int
    command: CommandSet
    data_set: bytes | None
    command_bytes: bytes


class MessageAssembler:
    """Puts PDVs together into messages.

    Args:
        limit_bytes: Largest data set that is collected.
    """

    def __init__(self, *, limit_bytes: int = 1 << 32) -> None:
        self._limit_bytes = limit_bytes
        self._reset()

    def _reset(self) -> None:
        self._chunks: list[bytes | memoryview] = []
        self._held_bytes = 0
        self._context_id: int | None = None
        self._command: CommandSet | None = None
        self._command_bytes = b""

    @property
    def in_message(self) -> bool:
        """Whether a message has begun and is not complete."""
        return self._context_id is not None

    @property
    def command(self) -> CommandSet | None:
        """The command of the message whose data set is being received, or None."""
        return self._command

    def feed(self, pdv: Pdv) -> Message | None:
        """Take in the next PDV; the message that it completes, or None.

        Raises:
            WireError: The PDV cannot come here (PS3.8 E.1), the command set cannot be decoded, or the limit is passed.
        """
        self._check_place(pdv)
        self._context_id = pdv.context_id
        self._chunks.append(pdv.fragment)
        self._held_bytes += len(pdv.fragment)
        limit_bytes = COMMAND_LIMIT_BYTES if pdv.is_command else self._limit_bytes
        if self._held_bytes > limit_bytes:
            raise WireError(
                f"a {'command' if pdv.is_command else 'data'} set of more than {limit_bytes} bytes",
                offset=pdv.offset,
                clause="PS3.8 E.1",
            )
        if not pdv.is_last:
            return None
        payload = b"".join(self._chunks)
        self._chunks = []
        self._held_bytes = 0
        if pdv.is_command:
            self._command = decode_command_set(payload)
            self._command_bytes = payload
            if self._command.announces_data_set:
                return None
            return self._finish(pdv.context_id, None)
        return self._finish(pdv.context_id, payload)

    def _finish(self, context_id: int, data_set: bytes | None) -> Message:
        command = self._command
        assert command is not None
        message = Message(context_id=context_id, command=command, data_set=data_set, command_bytes=self._command_bytes)
        self._reset()
        return message

    def _check_place(self, pdv: Pdv) -> None:
        clause = "PS3.8 E.1"
        if self._context_id is not None and pdv.context_id != self._context_id:
            raise WireError(
                f"PDV on presentation context {pdv.context_id} inside a message on {self._context_id}",
                offset=pdv.offset,
                clause=clause,
            )
        if pdv.is_command and self._command is not None:
            raise WireError("command fragment where data set fragments should follow", offset=pdv.offset, clause=clause)
        if not pdv.is_command and self._command is None:
            raise WireError("data set fragment without a complete command set", offset=pdv.offset, clause=clause)
