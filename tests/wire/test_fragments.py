"""Messages cut into PDUs, and put together again, whatever the segments of the stream."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire import messages
from conformance.wire.command import CommandSet
from conformance.wire.errors import WireError
from conformance.wire.fragments import (
    UNLIMITED_CHUNK_BYTES,
    Message,
    MessageAssembler,
    fragment_bytes,
    message_bytes,
    segments,
)
from conformance.wire.framing import PduFramer
from conformance.wire.pdu import PDataTF, Pdv, decode_pdu, header

STORE = messages.c_store_rq(1, sop_class_uid="1.2.3", sop_instance_uid="1.2.3.4")
ECHO = messages.c_echo_rq(2)


def assembled(stream: bytes, cuts: list[int]) -> list[Message]:
    framer, assembler = PduFramer(), MessageAssembler()
    found: list[Message] = []
    borders = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    for begin, end in pairwise(borders):
        framer.feed(stream[begin:end])
        while (framed := framer.next_pdu()) is not None:
            pdu = decode_pdu(framed.data)
            assert isinstance(pdu, PDataTF)
            assert stream[framed.stream_offset :].startswith(framed.data)
            found += [message for pdv in pdu.pdvs if (message := assembler.feed(pdv)) is not None]
    assert framer.pending_bytes == 0
    assert not assembler.in_message
    return found


@given(
    st.binary(max_size=400),
    st.one_of(st.just(0), st.integers(8, 200)),
    st.lists(st.integers(0, 10_000), max_size=10),
)
@settings(deadline=None)
def test_messages_survive_any_cut(data_set: bytes, max_pdu_bytes: int, cuts: list[int]) -> None:
    stream = message_bytes(STORE, data_set, context_id=5, max_pdu_bytes=max_pdu_bytes)
    stream += message_bytes(ECHO, None, context_id=7, max_pdu_bytes=max_pdu_bytes)
    store, echo = assembled(stream, cuts)
    assert (store.context_id, store.command, store.data_set) == (5, STORE, data_set)
    assert (echo.context_id, echo.command, echo.data_set) == (7, ECHO, None)
    assert store.command_bytes == STORE.encode()


@given(st.binary(min_size=1, max_size=300), st.integers(8, 100))
@settings(deadline=None)
def test_fragments_are_even_and_within_the_maximum(payload: bytes, max_pdu_bytes: int) -> None:
    parts = list(segments(payload, context_id=1, command=False, max_pdu_bytes=max_pdu_bytes))
    for head, chunk in parts:
        assert len(head) + len(chunk) - 6 <= max_pdu_bytes
    assert all(len(chunk) % 2 == 0 for _, chunk in parts[:-1])
    assert b"".join(chunk for _, chunk in parts) == payload
    assert [head[-1] for head, _ in parts] == [0] * (len(parts) - 1) + [2]


def test_an_open_end_has_no_last_fragment() -> None:
    parts = list(segments(b"1234", context_id=1, command=True, max_pdu_bytes=8, last=False))
    assert [head[-1] for head, _ in parts] == [1, 1]


@pytest.mark.parametrize(
    ("maximum", "size"), [(0, UNLIMITED_CHUNK_BYTES), (8, 2), (9, 2), (16384, 16378), (16383, 16376)]
)
def test_largest_fragment(maximum: int, size: int) -> None:
    assert fragment_bytes(maximum) == size


@pytest.mark.parametrize("maximum", [1, 6, 7])
def test_a_maximum_without_room_is_refused(maximum: int) -> None:
    with pytest.raises(ValueError, match="the least is 8"):
        fragment_bytes(maximum)


def pdv(control: int, fragment: bytes, context_id: int = 1) -> Pdv:
    return Pdv(context_id=context_id, control=control, fragment=fragment)


@pytest.mark.parametrize(
    ("pdvs", "words"),
    [
        pytest.param([pdv(2, b"12")], "without a complete command set", id="data-first"),
        pytest.param([pdv(1, b"12"), pdv(2, b"12")], "without a complete command set", id="data-in-command"),
        pytest.param([pdv(1, b"12"), pdv(3, b"12", 3)], "context 3 inside a message on 1", id="other-context"),
        pytest.param([pdv(3, STORE.encode()), pdv(3, b"12")], "command fragment where data", id="command-in-data"),
        pytest.param([pdv(3, b"1")], "element header", id="no-command-set"),
        pytest.param([pdv(3, STORE.encode()), pdv(0, bytes(1000)), pdv(0, bytes(1000))], "more than 1500", id="limit"),
    ],
)
def test_pdvs_out_of_place(pdvs: list[Pdv], words: str) -> None:
    assembler = MessageAssembler(limit_bytes=1500)
    for part in pdvs[:-1]:
        assert assembler.feed(part) is None
    with pytest.raises(WireError, match=words) as caught:
        assembler.feed(replace(pdvs[-1], offset=77))
    if words != "element header":
        assert (caught.value.offset, caught.value.clause) == (77, "PS3.8 E.1")


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 255), st.binary(max_size=40)), max_size=12))
@settings(deadline=None)
def test_any_pdvs_raise_nothing_but_wire_error(parts: list[tuple[int, int, bytes]]) -> None:
    assembler = MessageAssembler()
    for context_id, control, fragment in parts:
        try:
            message = assembler.feed(pdv(control, fragment, context_id))
        except WireError:
            return
        assert message is None or isinstance(message.command, CommandSet)


@given(st.lists(st.binary(max_size=30), max_size=20))
@settings(deadline=None)
def test_a_stream_of_any_bytes_raises_nothing_but_wire_error(chunks: list[bytes]) -> None:
    framer = PduFramer(limit_bytes=64)
    fed = given_back = 0
    for chunk in chunks:
        framer.feed(chunk)
        fed += len(chunk)
        try:
            while (framed := framer.next_pdu()) is not None:
                assert framed.stream_offset == given_back
                given_back += len(framed.data)
        except WireError:
            return
        assert framer.consumed_bytes == given_back
        assert framer.pending_bytes == len(framer.pending) == fed - given_back


def test_a_header_that_claims_more_than_the_limit_is_refused() -> None:
    framer = PduFramer(limit_bytes=1000)
    framer.feed(header(4, 1001))
    with pytest.raises(WireError, match="claims 1001 bytes; the limit here is 1000") as caught:
        framer.next_pdu()
    assert (caught.value.offset, caught.value.clause) == (2, "PS3.8 9.3.1")


def test_memory_is_bounded_by_what_came_not_by_what_is_claimed() -> None:
    tracemalloc.start()
    try:
        framer = PduFramer(limit_bytes=1 << 31)
        framer.feed(header(4, 1 << 31) + bytes(100))
        assert framer.next_pdu() is None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**20


def test_a_command_set_without_end_is_given_up() -> None:
    assembler = MessageAssembler()
    pdv = Pdv(context_id=1, control=1, fragment=bytes(1 << 18))
    for _ in range(4):
        assert assembler.feed(pdv) is None
    with pytest.raises(WireError, match="a command set of more than 1048576 bytes"):
        assembler.feed(pdv)
