"""Captures are bounded, hold no secret, and are dissected as DICOM by an independent program."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest

from conformance.evidence.pcapng import LIMIT_BYTES, capture_name, write_pcapng
from conformance.observation.transcript import EventKind, Transcript
from conformance.wire.pdu import AbortPdu
from tests.evidence.samples import HOSTILE, PASSCODE, request, store_transcript, transcript_of


def tshark(path: Path, *arguments: str) -> list[str]:
    command = ["tshark", "-r", str(path), "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.splitlines()


def blocks(data: bytes) -> list[int]:
    """The block types of a capture; each length stands before and behind its block."""
    found = []
    position = 0
    while position < len(data):
        block_type, length = struct.unpack_from("<II", data, position)
        assert struct.unpack_from("<I", data, position + length - 4) == (length,)
        found.append(block_type)
        position += length
    assert position == len(data)
    return found


def test_blocks_are_a_section_an_interface_and_packets(tmp_path: Path) -> None:
    note = write_pcapng(tmp_path / "wire" / "x.pcapng", [store_transcript()], title="test_x")
    found = blocks((tmp_path / "wire" / "x.pcapng").read_bytes())
    assert found == [0x0A0D0D0A, 1, *[6] * note.packets]
    assert (note.cut_packets, note.left_out_packets) == (0, 0)


def test_passcode_is_in_no_capture(tmp_path: Path) -> None:
    pdu = request(passcode=PASSCODE).encode()
    middle = pdu.index(PASSCODE) + 5
    events = [(0.0, EventKind.SENT, pdu[:middle]), (0.1, EventKind.SENT, pdu[middle:])]
    path = tmp_path / "x.pcapng"
    write_pcapng(path, [transcript_of(events)])
    assert PASSCODE[5:] not in path.read_bytes()
    assert PASSCODE[:5] not in path.read_bytes()


def test_large_transcripts_are_cut_and_still_end(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    note = write_pcapng(path, [store_transcript(data=bytes(8_000_000)) for _ in range(8)])
    assert path.stat().st_size <= LIMIT_BYTES + 65_536
    assert note.cut_packets > 0
    assert note.left_out_packets > 0
    blocks(path.read_bytes())


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_hostile_words_do_not_break_the_file(tmp_path: Path, text: str) -> None:
    transcript = transcript_of([(0.0, EventKind.CONNECTED, b"")], label=text)
    transcript.peer = text
    transcript.add(EventKind.PEER_RESET, detail=text)
    path = tmp_path / "x.pcapng"
    write_pcapng(path, [transcript], title=text)
    blocks(path.read_bytes())


@pytest.mark.parametrize(
    "nodeid", [*HOSTILE, "scenarios/a.py::test_x[../../etc/passwd]", ""], ids=lambda t: ascii(t[:12])
)
def test_capture_name_is_a_plain_file_name(nodeid: str) -> None:
    name = capture_name(nodeid)
    assert name.isascii()
    assert not set(name) & set('/\\:*?"<>| \0')
    assert len(name) < 120
    assert not name.startswith(".")


def test_capture_names_of_similar_scenarios_differ() -> None:
    assert capture_name("f::test_x[a/b]") != capture_name("f::test_x[a:b]")


def with_port(transcript: Transcript, port: int) -> Transcript:
    transcript.peer = f"PACS@127.0.0.1:{port}"
    return transcript


@pytest.mark.needs_program("tshark")
@pytest.mark.parametrize("port", [104, 11112, 4242])
def test_tshark_dissects_dicom(tmp_path: Path, port: int) -> None:
    path = tmp_path / "x.pcapng"
    write_pcapng(path, [with_port(store_transcript(status=0xA700), port)])
    fields = ("-T", "fields", "-e", "_ws.col.Info")
    seen = tshark(path, "-d", f"tcp.port=={port},dicom", "-Y", "dicom", *fields)
    assert "A-ASSOCIATE request CONFORMANCE --> PACS" in seen[0]
    assert "A-ASSOCIATE accept" in seen[1]
    assert "C-STORE-RQ ID=1" in seen[2]
    assert any("C-STORE-RSP (Refused: Out of Resources)" in line for line in seen)
    assert "A-RELEASE response" in seen[-1]


@pytest.mark.needs_program("tshark")
def test_tshark_finds_no_fault_in_the_tcp_that_was_made_up(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    abort = AbortPdu(source=2, reason=2).encode()
    reset = [
        (0.0, EventKind.CONNECTED, b""),
        (0.1, EventKind.SENT, request().encode()),
        (0.2, EventKind.RECEIVED, abort),
        (0.3, EventKind.PEER_RESET, b""),
        (0.4, EventKind.CLOSED, b""),
    ]
    refused = [(0.1, EventKind.NOT_CONNECTED, b"")]
    both_close = [
        (0.0, EventKind.CONNECTED, b""),
        (0.1, EventKind.PEER_CLOSED, b""),
        (0.2, EventKind.CLOSED, b""),
    ]
    write_pcapng(
        path,
        [store_transcript(), *(transcript_of(events) for events in (reset, refused, both_close))],
    )
    faults = "tcp.analysis.flags && !tcp.analysis.window_full || tcp.checksum.status == 0 || ip.checksum.status == 0"
    assert tshark(path, "-Y", faults) == []
    assert len(tshark(path, "-Y", "tcp.flags.reset == 1")) == 1
    assert len(tshark(path, "-Y", "tcp.flags.fin == 1")) == 3


@pytest.mark.needs_program("tshark")
def test_tshark_reads_times_from_the_transcript(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    write_pcapng(path, [store_transcript(began_after_s=0.25)])
    first = tshark(path, "-T", "fields", "-e", "frame.time_epoch")[0]
    assert float(first) == pytest.approx(1_750_000_000.251, abs=1e-6)
