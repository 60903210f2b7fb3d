"""A status with its related fields, and the response that carries it (PS3.7 9.1, Annex C; PS3.4 Table B.2-1)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from conformance.wire.command import CommandSet, Tag, ae
from conformance.wire.messages import response

ERROR_COMMENT_CHARACTERS: Final = 64  # PS3.5 6.2, LO


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an operation ends with.

    Attributes:
        status: (0000,0900).
        comment: Error Comment; cut to 64 characters when sent.
        offending: Tags for Offending Element.
        fields: Further command elements, as encoded.
    """

    status: int
    comment: str = ""
    offending: tuple[int, ...] = ()
    fields: Mapping[int, bytes] = field(default_factory=lambda: MappingProxyType({}))


SUCCESS: Final = Answer(status=0x0000)
DUPLICATE_INVOCATION: Final = Answer(status=0x0210)
UNRECOGNIZED_OPERATION: Final = Answer(status=0x0211)


class RefusedError(Exception):
    """An operation cannot be performed.

    Args:
        answer: What is to be answered.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.comment)
        self.answer = answer


def is_failure(status: int) -> bool:
    """Whether a status is of the class Failure (PS3.7 Annex C)."""
    return status >> 12 in (0xA, 0xC) or (status >> 8 in (0x01, 0x02) and status not in (0x0107, 0x0116))


def is_warning(status: int) -> bool:
    """Whether a status is of the class Warning (PS3.7 Annex C)."""
    return status >> 12 == 0xB or status in (0x0001, 0x0107, 0x0116)


def response_command(request: CommandSet, answer: Answer, *, data_set: bool) -> CommandSet:
    """The response's command set; related fields only where the status has them (PS3.7 Annex C)."""
    extra = dict(answer.fields)
    status = answer.status
    may_comment = status >> 12 in (0xA, 0xB, 0xC) or status in (0x0110, 0x0122, 0x0124)
    may_name_elements = status >> 8 == 0xA9 or status >> 12 in (0xB, 0xC)
    if answer.comment and may_comment:
        text = answer.comment.encode("ascii", "replace").decode("ascii")[:ERROR_COMMENT_CHARACTERS]
        extra[Tag.ERROR_COMMENT] = ae(text.replace("\\", "/"))
    if answer.offending and may_name_elements:
        extra[Tag.OFFENDING_ELEMENT] = b"".join(struct.pack("<HH", t >> 16, t & 0xFFFF) for t in answer.offending)
    return response(request, status=status, data_set=data_set, extra=extra)
