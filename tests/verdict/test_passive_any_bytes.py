"""Whatever a target sends, the judges come to findings and never raise."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.observation.transcript import EventKind
from conformance.standard.catalogue import requirement
from conformance.verdict import passive
from conformance.verdict.finding import Verdict
from conformance.wire import messages
from conformance.wire.pdu import ReleaseRP, header
from tests.verdict.builders import DATA, Wire, accept, judged, request, store_rq

byte = st.integers(0, 255)
GOOD = (
    accept().encode(),
    Wire().answer(messages.response(store_rq(), status=0)).transcript.bytes_of(EventKind.RECEIVED),
    ReleaseRP().encode(),
)


@given(st.lists(st.tuples(byte, st.binary(max_size=60)), max_size=4), st.binary(max_size=20))
@settings(deadline=None)
def test_pdus_of_any_bytes(parts: list[tuple[int, bytes]], tail: bytes) -> None:
    wire = Wire().associated().ask(store_rq(), DATA)
    for pdu_type, body in parts:
        wire.received(header(pdu_type, len(body)) + body)
    wire.received(tail).event(EventKind.PEER_CLOSED)
    assert all(finding.verdict in {Verdict.PASS, Verdict.FAIL, Verdict.WARN} for finding in judged(wire).values())


@given(st.data())
@settings(deadline=None)
def test_spoilt_answers(data: st.DataObject) -> None:
    stream = bytearray(b"".join(GOOD))
    for _ in range(data.draw(st.integers(1, 6))):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(byte)
    wire = Wire().sent(request()).ask(store_rq(), DATA).received(bytes(stream)).event(EventKind.TIMED_OUT)
    for finding in judged(wire).values():
        for evidence in finding.evidence:
            assert bytes(stream[evidence.offset :]).startswith(evidence.data)


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_anything_of_ours_accuses_nobody_who_said_nothing(data: bytes) -> None:
    assert judged(Wire().sent(data).event(EventKind.TIMED_OUT)) == {}


def test_every_rule_has_a_row_in_the_catalogue() -> None:
    assert [requirement(rule).id for rule in passive.RULES] == list(passive.RULES)
