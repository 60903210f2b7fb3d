"""The connections of a scenario as a pcapng file that Wireshark dissects as DICOM.

What is written is the byte stream of each connection and the times at which our end saw it, in Ethernet, IPv4 and TCP
headers made up around it: handshake, sequence and acknowledgement numbers, FIN and RST are consistent, but none of
them was captured. The packet comments and the section header say so. User identity fields are masked.

Format: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/ (block types 0A0D0D0AH, 1, 6).
"""

from __future__ import annotations

import heapq
import re
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.evidence.packets import Packet, frame, packets_of
from conformance.evidence.text import clean
from conformance.observation.transcript import Transcript

LIMIT_BYTES: Final = 2 * 2**20
SNAP_BYTES: Final = 512
"""Payload bytes kept of each packet once half the limit is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureNote:
    """What a written capture holds.

    Attributes:
        packets: How many packets it has.
        cut_packets: How many of them lack a part of their payload.
        left_out_packets: How many were not written at all, as the limit was reached.
    """

    packets: int
    cut_packets: int
    left_out_packets: int


def write_pcapng(
    path: Path, transcripts: Sequence[Transcript], *, title: str = "", limit_bytes: int = LIMIT_BYTES
) -> CaptureNote:
    """Write the connections of one scenario to a file.

    Args:
        path: The file; its folder is made.
        transcripts: Every connection of the scenario.
        title: Said in the file's comment.
        limit_bytes: About how large the file may become. From half of it on payloads are cut to `SNAP_BYTES`; when
            three quarters are used only packets without payload are written, so that each connection still ends.
    """
    packets = heapq.merge(
        *(packets_of(transcript, number) for number, transcript in enumerate(transcripts)),
        key=lambda packet: packet.at_s,
    )
    comment = (
        f"{clean(title, limit_chars=300)}\nStreams and times as seen by pacs-conformance; Ethernet, IPv4 and TCP "
        "headers are synthesised. User identity fields are masked with '*'."
    ).strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    cut = left_out = written = 0
    with path.open("wb") as file:
        file.write(_section(comment) + _interface())
        for packet in packets:
            used = file.tell()
            room = _room(len(packet.payload), used, limit_bytes)
            if room is None:
                left_out += 1
                continue
            cut += room < len(packet.payload)
            written += 1
            file.write(_enhanced_packet(packet, room))
    return CaptureNote(packets=written, cut_packets=cut, left_out_packets=left_out)


def _room(payload_bytes: int, used_bytes: int, limit_bytes: int) -> int | None:
    """How much of a payload is written; None leaves the packet out."""
    if used_bytes >= limit_bytes:
        return None
    if payload_bytes and used_bytes >= limit_bytes * 3 // 4:
        return None
    return payload_bytes if used_bytes < limit_bytes // 2 else min(payload_bytes, SNAP_BYTES)


def capture_name(nodeid: str) -> str:
    """A file name for a scenario's capture: its node id without what file systems and shells dislike, and a digest.

    Two node ids never share a name in practice: the digest has 32 bits.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", nodeid.rpartition("::")[2] or nodeid).strip("-.")[:80]
    return f"{plain or 'scenario'}-{zlib.crc32(nodeid.encode('utf-8', 'surrogatepass')):08x}.pcapng"


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _comment(text: str) -> bytes:
    return _option(1, text.encode("utf-8", "replace")[:4000]) if text else b""


def _block(block_type: int, body: bytes) -> bytes:
    total = len(body) + 12
    return struct.pack("<II", block_type, total) + body + struct.pack("<I", total)


def _section(comment: str) -> bytes:
    options = _comment(comment) + _option(4, b"pacs-conformance") + _option(0, b"")
    return _block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + options)


def _interface() -> bytes:
    resolution = _option(9, b"\x06")  # if_tsresol: microseconds
    return _block(1, struct.pack("<HHI", 1, 0, 0) + resolution + _option(0, b""))  # link type 1: Ethernet


def _enhanced_packet(packet: Packet, payload_bytes: int) -> bytes:
    kept = frame(packet, payload_bytes)
    micros = round(packet.at_s * 1_000_000)
    whole = len(kept) - payload_bytes + len(packet.payload)
    head = struct.pack("<IIIII", 0, micros >> 32 & 0xFFFFFFFF, micros & 0xFFFFFFFF, len(kept), whole)
    options = _comment(packet.comment) + _option(0, b"") if packet.comment else b""
    return _block(6, head + _padded(kept) + options)
