from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.target.log import LogPump, last_line

DEADLINE_S = 10.0


def pumped(path: Path, chunks: Iterator[bytes], max_bytes: int) -> bytes:
    LogPump(path, chunks, max_bytes=max_bytes).join(deadline_s=DEADLINE_S)
    return path.read_bytes()


def test_all_output_within_the_limit_is_kept(tmp_path: Path) -> None:
    assert pumped(tmp_path / "log", iter([b"one\n", b"two\n"]), 100) == b"one\ntwo\n"


@pytest.mark.parametrize(
    ("chunks", "kept"),
    [
        pytest.param([b"12345678"], b"12345", id="one-chunk-over"),
        pytest.param([b"123", b"456", b"789"], b"12345", id="chunks-across-the-limit"),
        pytest.param([b"12345", b"678"], b"12345", id="chunk-ends-at-the-limit"),
    ],
)
def test_output_over_the_limit_is_read_and_dropped(tmp_path: Path, chunks: list[bytes], kept: bytes) -> None:
    rest = iter(chunks)
    log = pumped(tmp_path / "log", rest, 5)
    assert log == kept + b"\n[the log is cut here, at 5 bytes]\n"
    assert next(rest, None) is None


def test_a_stream_that_breaks_is_told_in_the_log(tmp_path: Path) -> None:
    def breaking() -> Iterator[bytes]:
        yield b"one\n"
        raise ConnectionError("engine gone")

    log = pumped(tmp_path / "log", breaking(), 100)
    assert log == b"one\n\n[the log ends here: ConnectionError: engine gone]\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", "", id="empty"),
        pytest.param(b"one\ntwo\n\n", "two", id="blank-end"),
        pytest.param(b"\x1b[31mred\xff\n", " [31mred\N{REPLACEMENT CHARACTER}", id="unprintable"),
        pytest.param(b"x" * 9000, "x" * 300, id="long"),
    ],
)
def test_last_line_is_printable_and_short(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "log").write_bytes(content)
    assert last_line(tmp_path / "log") == expected


def test_last_line_of_no_log_is_empty(tmp_path: Path) -> None:
    assert last_line(tmp_path / "none") == ""
