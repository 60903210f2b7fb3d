"""The PDUs of a file: its bytes and no others, in order, the last fragment marked, whatever the window."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from conformance.load import payload
from conformance.load.payload import bytes_payload, file_payload
from tests.load.corpus import EXPLICIT, instances, write

HEADERS_BYTES = 12


@pytest.mark.parametrize("window_bytes", [4096, 8192, 1 << 20])
@pytest.mark.parametrize("max_pdu_bytes", [0, 128, 16384])
def test_fragments_are_the_data_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window_bytes: int, max_pdu_bytes: int
) -> None:
    monkeypatch.setattr(payload, "WINDOW_BYTES", window_bytes)
    file = write(tmp_path, instances(1, "UltrasoundMultiFrameImageStorage")[0], "a", EXPLICIT)
    expected = file.path.read_bytes()[file.data_set_offset :]
    with file_payload(file) as opened:
        parts = [bytes(p) for p in opened.pdus(context_id=5, max_pdu_bytes=max_pdu_bytes, go_on=lambda: True)]
    heads, fragments = parts[::2], parts[1::2]
    assert b"".join(fragments) == expected
    assert all(len(fragment) % 2 == 0 for fragment in fragments[:-1])
    for head, fragment in zip(heads, fragments, strict=True):
        pdu_type, _, length, item_length, context_id, control = struct.unpack(">BBIIBB", head)
        assert (pdu_type, length, item_length, context_id) == (4, len(fragment) + 6, len(fragment) + 2, 5)
        assert control == (2 if fragment is fragments[-1] else 0)
        assert max_pdu_bytes == 0 or length <= max_pdu_bytes


def test_fragments_end_at_a_pdu_when_told() -> None:
    answers = iter([True, True, False])
    parts = list(bytes_payload(bytes(1000)).pdus(context_id=1, max_pdu_bytes=106, go_on=lambda: next(answers)))
    assert [len(part) for part in parts] == [HEADERS_BYTES, 100, HEADERS_BYTES, 100]
