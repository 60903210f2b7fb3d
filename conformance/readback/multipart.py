"""The parts of a multipart/related payload (RFC 2046 5.1, RFC 2387), cut strictly: never decoded, never guessed.

The libraries at hand read forms, or whole messages as text; a payload of DICOM files is neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from typing import Final

_MAX_PARTS: Final = 4096
_MAX_HEADER_BYTES: Final = 16_384
_MAX_BOUNDARY_CHARACTERS: Final = 70


class MultipartError(ValueError):
    """A payload that is no multipart/related one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One body part.

    Args:
        content_type: Its Content-Type; empty where it has none.
        data: Its octets.
    """

    content_type: str
    data: bytes


def media_type_of(content_type: str) -> tuple[str, dict[str, str]]:
    """A media type in lower case, and its parameters by their names in lower case."""
    header = Message()
    header["Content-Type"] = content_type
    parameters = header.get_params(failobj=[], unquote=True)
    named = {name.lower(): value for name, value in parameters[1:]}
    return (parameters[0][0].lower() if parameters else ""), named


def parts_of(body: bytes | bytearray, content_type: str) -> tuple[Part, ...]:
    """The parts of a payload in their order.

    Args:
        body: The whole payload.
        content_type: The Content-Type that it came with.

    Raises:
        MultipartError: It is of another type, names no boundary, or is cut.
    """
    kind, parameters = media_type_of(content_type)
    boundary = parameters.get("boundary", "")
    if kind != "multipart/related":
        raise MultipartError(f"Content-Type {kind or 'missing'!r}, not multipart/related")
    if not 0 < len(boundary) <= _MAX_BOUNDARY_CHARACTERS or not boundary.isascii():
        raise MultipartError(f"a boundary of {len(boundary)} characters; 1 to {_MAX_BOUNDARY_CHARACTERS} are legal")
    delimiter = b"--" + boundary.encode("ascii")
    # RFC 2046 5.1.1: the line break before a delimiter belongs to it; the first one may begin the payload
    first = 0 if body.startswith(delimiter) else body.find(b"\r\n" + delimiter) + 2
    if first == 1:
        raise MultipartError("the boundary that the Content-Type names is not in the payload")
    at = first + len(delimiter)
    found: list[Part] = []
    while body[at : at + 2] != b"--":
        if len(found) == _MAX_PARTS:
            raise MultipartError(f"more than {_MAX_PARTS} parts")
        start = _after_line(body, at)
        end = body.find(b"\r\n" + delimiter, start - 2)
        if end < 0:
            raise MultipartError(f"part {len(found) + 1} does not end with the boundary")
        found.append(_part(bytes(body[start:end]), len(found) + 1))
        at = end + 2 + len(delimiter)
    return tuple(found)


def _after_line(body: bytes | bytearray, at: int) -> int:
    """Where the line after a delimiter begins; only white space may stand behind it."""
    end = body.find(b"\r\n", at, at + _MAX_HEADER_BYTES)
    if end < 0 or body[at:end].strip(b" \t"):
        raise MultipartError("a delimiter that does not end its line")
    return end + 2


def _part(data: bytes, number: int) -> Part:
    if data.startswith(b"\r\n"):
        return Part(content_type="", data=data[2:])
    end = data.find(b"\r\n\r\n", 0, _MAX_HEADER_BYTES)
    if end < 0:
        raise MultipartError(f"part {number}: no end of its header in {_MAX_HEADER_BYTES} bytes")
    headers = Message()
    for line in data[:end].decode("latin-1").split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise MultipartError(f"part {number}: a header line without a name")
        headers[name.strip()] = value.strip()
    return Part(content_type=str(headers.get("Content-Type", "")), data=data[end + 4 :])
