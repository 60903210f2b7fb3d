"""Transcripts read as PDUs with their times."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.observation import timeline
from conformance.observation import transcript as transcripts
from conformance.observation.timeline import HELD_BYTES, Direction, timed_pdus
from conformance.observation.transcript import EventKind, Transcript, WireEvent
from conformance.wire.errors import WireError
from conformance.wire.pdu import AbortPdu, PDataTF, PduType, Pdv, ReleaseRP, ReleaseRQ, header

RP = ReleaseRP()
ABORT = AbortPdu(source=2, reason=0)


def transcript(*events: tuple[EventKind, bytes]) -> Transcript:
    made = Transcript(label="1", peer="PACS@127.0.0.1:104")
    made.events += [WireEvent(t_s=float(i), kind=kind, data=data) for i, (kind, data) in enumerate(events)]
    return made


@given(st.lists(st.integers(0, 29), max_size=6))
@settings(deadline=None)
def test_segments_make_no_difference(cuts: list[int]) -> None:
    stream = RP.encode() + ABORT.encode() + RP.encode()
    borders = [0, *sorted(cuts), len(stream)]
    chunks = [stream[begin:end] for begin, end in pairwise(borders)]
    found = timed_pdus(transcript(*((EventKind.RECEIVED, chunk) for chunk in chunks)), Direction.RECEIVED)
    assert [timed.pdu for timed in found] == [RP, ABORT, RP]
    assert [timed.stream_offset for timed in found] == [0, 10, 20]
    for timed in found:
        end = timed.stream_offset + 10
        arrived = sum(len(chunk) for chunk in chunks[: int(timed.t_s) + 1])
        assert arrived >= end
        assert arrived - len(chunks[int(timed.t_s)]) < end


def test_a_flood_of_pdus_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOST_PDUS", 3)
    found = timed_pdus(transcript((EventKind.RECEIVED, RP.encode() * 5)), Direction.RECEIVED)
    assert [timed.pdu for timed in found] == [RP] * 3


def test_what_is_left_out_of_what_we_sent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOST_PDUS", 3)
    *read, last = timed_pdus(transcript((EventKind.SENT, RP.encode() * 5)), Direction.SENT)
    assert [timed.pdu for timed in read] == [RP] * 3
    assert isinstance(last.pdu, WireError)
    assert last.stream_offset == 30


def test_a_flood_of_pdvs_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOST_PDVS", 7)
    pdvs = bytes.fromhex("000000020101") * 3
    data = header(PduType.P_DATA_TF, len(pdvs)) + pdvs
    assert len(timed_pdus(transcript((EventKind.RECEIVED, data * 5)), Direction.RECEIVED)) == 2


def test_directions_are_kept_apart() -> None:
    made = transcript(
        (EventKind.CONNECTED, b""),
        (EventKind.SENT, ReleaseRQ().encode()),
        (EventKind.RECEIVED, RP.encode()),
        (EventKind.PEER_CLOSED, b""),
    )
    (sent,) = timed_pdus(made, Direction.SENT)
    (received,) = timed_pdus(made, Direction.RECEIVED)
    assert (sent.pdu, sent.t_s, sent.direction) == (ReleaseRQ(), 1.0, Direction.SENT)
    assert (received.pdu, received.t_s, received.direction) == (RP, 2.0, Direction.RECEIVED)


def test_sent_bytes_may_be_views() -> None:
    made = transcript()
    made.add(EventKind.SENT, memoryview(RP.encode()))
    assert [timed.pdu for timed in timed_pdus(made, Direction.SENT)] == [RP]
    assert made.bytes_of(EventKind.SENT) == RP.encode()


@pytest.mark.parametrize(
    ("data", "offset", "words"),
    [
        pytest.param(RP.encode() + b"\x07\0", 10, "2 bytes of an unfinished PDU", id="unfinished"),
        pytest.param(RP.encode() + header(4, 0xFFFFFFFF), 10, "claims 4294967295 bytes", id="claims-4-gib"),
        pytest.param(header(7, 3) + bytes(3), 0, "A-ABORT with PDU-length 3", id="undecodable"),
    ],
)
def test_bytes_that_are_no_pdu_come_with_the_error(data: bytes, offset: int, words: str) -> None:
    last = timed_pdus(transcript((EventKind.RECEIVED, data)), Direction.RECEIVED)[-1]
    assert isinstance(last.pdu, WireError)
    assert words in last.pdu.what
    assert last.stream_offset == offset
    assert data[offset:] == last.data


@given(st.lists(st.binary(max_size=30), max_size=12))
@settings(deadline=None)
def test_any_bytes_raise_nothing(chunks: list[bytes]) -> None:
    stream = b"".join(chunks)
    found = timed_pdus(transcript(*((EventKind.RECEIVED, chunk) for chunk in chunks)), Direction.RECEIVED)
    for timed in found:
        assert stream[timed.stream_offset :].startswith(timed.data)
    assert stream.startswith(b"".join(timed.data for timed in found))


def test_what_comes_beyond_the_amount_kept_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcripts, "RECEIVED_BYTES_KEPT", 10)
    made = transcript()
    for _ in range(3):
        made.add(EventKind.RECEIVED, bytes(6))
    assert made.dropped_bytes == 12
    assert len(made.bytes_of(EventKind.RECEIVED)) == 6
    assert [event.kind for event in made.events] == [EventKind.RECEIVED]


def test_what_comes_in_more_pieces_than_are_kept_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcripts, "RECEIPTS_KEPT", 2)
    made = transcript()
    for _ in range(5):
        made.add(EventKind.RECEIVED, b"1")
    assert (made.dropped_bytes, len(made.events)) == (3, 2)


def test_times_never_run_backwards() -> None:
    made = Transcript(label="1", peer="x")
    for _ in range(5):
        made.add(EventKind.TIMED_OUT)
    times = [event.t_s for event in made.events]
    assert times == sorted(times)
    assert times[0] >= 0


def test_of_a_large_data_set_of_ours_the_beginning_is_held() -> None:
    data_set = PDataTF(pdvs=(Pdv(context_id=1, control=2, fragment=bytes(range(250)) * 40),)).encode()
    command = PDataTF(pdvs=(Pdv(context_id=1, control=3, fragment=bytes(10_000)),)).encode()
    made = Transcript(label="1", peer="PACS@127.0.0.1:104")
    for data in (command, data_set):
        made.add(EventKind.SENT, data)
        made.add(EventKind.RECEIVED, data)
    ours, theirs = timed_pdus(made, Direction.SENT), timed_pdus(made, Direction.RECEIVED)
    assert [len(timed.data) for timed in ours] == [len(command), HELD_BYTES]
    assert [len(timed.data) for timed in theirs] == [len(command), len(data_set)]
    held = ours[1].pdu
    assert isinstance(held, PDataTF)
    assert bytes(held.pdvs[0].fragment) == bytes(range(HELD_BYTES))
    assert (held.pdvs[0].context_id, held.pdvs[0].is_last) == (1, True)
    assert ours[1].stream_offset == len(command)
