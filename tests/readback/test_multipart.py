"""Payloads in parts: what is legal is cut to the byte, what is not is said."""

from __future__ import annotations

import pytest

from conformance.readback.multipart import MultipartError, Part, media_type_of, parts_of

TYPE = 'multipart/related; type="application/dicom"; boundary=b1'
BINARY = b"\r\n--b2\r\n\0\xff--b1 in the middle\r\n"


def body(*parts: bytes, preamble: bytes = b"") -> bytes:
    return b"".join((preamble, *(b"--b1\r\n" + part + b"\r\n" for part in parts), b"--b1--\r\n"))


def test_parts_are_cut_to_the_byte() -> None:
    payload = body(b"Content-Type: application/dicom\r\nContent-Length: 3\r\n\r\n" + BINARY, b"\r\nsecond")
    assert parts_of(payload, TYPE) == (
        Part(content_type="application/dicom", data=BINARY),
        Part(content_type="", data=b"second"),
    )


def test_a_preamble_and_white_space_after_the_boundary_are_passed_over() -> None:
    payload = b"for old readers\r\n--b1 \t\r\n\r\nx\r\n--b1--"
    assert parts_of(payload, TYPE) == (Part(content_type="", data=b"x"),)


def test_a_quoted_boundary_is_taken_without_its_quotes() -> None:
    assert media_type_of('Multipart/Related; Boundary="a b"; type=x') == (
        "multipart/related",
        {"boundary": "a b", "type": "x"},
    )


def test_no_part_is_no_error() -> None:
    assert parts_of(b"--b1--\r\n", TYPE) == ()


@pytest.mark.parametrize(
    ("payload", "content_type", "words"),
    [
        pytest.param(b"", "application/dicom", "not multipart/related", id="other-type"),
        pytest.param(b"", "", "'missing', not multipart/related", id="no-type"),
        pytest.param(b"x", "multipart/related", "a boundary of 0 characters", id="no-boundary"),
        pytest.param(b"x", f"multipart/related; boundary={'b' * 71}", "71 characters", id="long-boundary"),
        pytest.param(b"--other\r\n\r\nx\r\n--other--", TYPE, "not in the payload", id="other-boundary"),
        pytest.param(b"--b1\r\n\r\nx", TYPE, "part 1 does not end", id="cut"),
        pytest.param(b"--b1 x\r\n\r\nx\r\n--b1--", TYPE, "does not end its line", id="text-after-boundary"),
        pytest.param(b"--b1\r\nno header\r\n\r\nx\r\n--b1--", TYPE, "without a name", id="no-header"),
        pytest.param(b"--b1\r\nA: b\r\nx\r\n--b1--", TYPE, "no end of its header", id="header-without-end"),
    ],
)
def test_what_is_no_multipart_payload_is_said(payload: bytes, content_type: str, words: str) -> None:
    with pytest.raises(MultipartError, match=words):
        parts_of(payload, content_type)


def test_parts_are_bounded() -> None:
    with pytest.raises(MultipartError, match="more than 4096 parts"):
        parts_of(body(*[b"\r\n"] * 4097), TYPE)
