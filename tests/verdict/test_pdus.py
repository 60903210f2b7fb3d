"""PDUs of the target: structure, reserved fields, codes, and what follows what."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from conformance.observation.transcript import EventKind
from conformance.verdict.finding import Verdict
from conformance.wire import items, messages
from conformance.wire.pdu import AbortPdu, AssociateRJ, PduType, ReleaseRP, ReleaseRQ, UnknownPdu, header
from tests.verdict.builders import Wire, accept, judged, request


def asked() -> Wire:
    return Wire().sent(request())


RJ = AssociateRJ(result=1, source=1, reason=7)
ABORT = AbortPdu(source=2, reason=2)
ECHO = messages.c_echo_rq(1)


@pytest.mark.parametrize(
    ("wire", "requirements"),
    [
        pytest.param(asked().received(RJ), {"UL-RJ-01", "UL-RJ-02", "UL-RJ-03", "UL-RJ-04"}, id="rejection"),
        pytest.param(asked().received(AssociateRJ(result=2, source=3, reason=2)), {"UL-TCP-15"}, id="limit"),
        pytest.param(asked().received(ABORT), {"UL-ABT-01", "UL-ABT-02", "UL-ABT-03"}, id="abort-by-provider"),
        pytest.param(asked().received(AbortPdu(source=0, reason=0)), {"UL-ABT-04"}, id="abort-by-user"),
        pytest.param(
            Wire().associated().sent(ReleaseRQ()).received(ReleaseRP()).event(EventKind.PEER_CLOSED),
            {"UL-REL-01", "UL-REL-04", "UL-REL-07", "UL-PDU-01", "UL-PDU-02", "UL-PDU-05", "UL-AC-01"},
            id="release",
        ),
        pytest.param(
            asked().received(RJ).sent(request()).event(EventKind.TIMED_OUT), {"UL-RJ-07"}, id="silence-after-rejection"
        ),
        pytest.param(
            Wire().associated().received(ABORT).ask(ECHO).received(ABORT).event(EventKind.PEER_CLOSED),
            {"UL-ABT-10"},
            id="another-abort-after-abort",
        ),
    ],
)
def test_what_is_right_passes(wire: Wire, requirements: set[str]) -> None:
    findings = judged(wire)
    assert requirements <= findings.keys()
    assert {f.requirement: f.actual for f in findings.values() if f.verdict is not Verdict.PASS} == {}


def reserved_in_item() -> bytes:
    associate = accept()
    context = replace(associate.items[1], body=b"\x01\xaa\x00\x00" + associate.items[1].body[4:])
    return replace(associate, items=(associate.items[0], context, *associate.items[2:])).encode()


def reserved_in_sub_item() -> bytes:
    maximum = replace(items.maximum_length_item(16384), reserved=9)
    return accept(user_items=(maximum, items.implementation_class_uid_item("1.2.3"))).encode()


@pytest.mark.parametrize(
    ("wire", "requirement", "words"),
    [
        pytest.param(
            asked().received(UnknownPdu(pdu_type=0x48, body=b"")), "UL-PDU-01", "PDU of type 48H", id="unknown-type"
        ),
        pytest.param(asked().received(b"HTTP/1.1 400"), "UL-PDU-01", "type 48H", id="no-dicom"),
        pytest.param(
            asked().received(struct.pack("<BBI", 3, 0, 4) + b"\0\1\1\7"), "UL-PDU-01", "67108864", id="rj-little-endian"
        ),
        pytest.param(
            asked().received(b"\x02\0" + struct.pack("<I", len(accept().encode()) - 6) + accept().encode()[6:]),
            "UL-PDU-01",
            "A-ASSOCIATE-AC with PDU-length",
            id="ac-little-endian",
        ),
        pytest.param(
            asked().received(b"\x02\0\0").event(EventKind.PEER_CLOSED), "UL-PDU-01", "3 bytes", id="cut-header"
        ),
        pytest.param(asked().received(replace(ABORT, reserved=1)), "UL-PDU-02", "byte 2 is 01H", id="reserved-header"),
        pytest.param(
            asked().received(replace(RJ, reserved_7=0xCC)), "UL-PDU-02", "byte 7 is CCH", id="reserved-in-rejection"
        ),
        pytest.param(
            asked().received(replace(accept(), reserved_9_10=b"\1\0")),
            "UL-PDU-02",
            "bytes 9-10",
            id="reserved-in-accept",
        ),
        pytest.param(asked().received(reserved_in_item()), "UL-PDU-02", "byte 6 of item 21H", id="reserved-in-context"),
        pytest.param(asked().received(reserved_in_sub_item()), "UL-PDU-02", "sub-item 51H", id="reserved-in-sub-item"),
        pytest.param(
            asked().received(replace(accept(), items=accept().items[::-1])), "UL-PDU-05", "50H 21H", id="item-order"
        ),
        pytest.param(
            asked().received(replace(accept(), protocol_version=0x0100)), "UL-AC-01", "0100H", id="version-swapped"
        ),
        pytest.param(asked().received(header(2, 10) + bytes(10)), "UL-AC-01", "74", id="accept-too-short"),
        pytest.param(asked().received(header(3, 5) + b"\0\1\1\7\0"), "UL-RJ-01", "PDU-length 5", id="rj-too-long"),
        pytest.param(asked().received(AssociateRJ(result=0, source=1, reason=1)), "UL-RJ-02", "0/1/1", id="rj-result"),
        pytest.param(asked().received(AssociateRJ(result=1, source=0, reason=1)), "UL-RJ-03", "1/0/1", id="rj-source"),
        pytest.param(asked().received(AssociateRJ(result=1, source=2, reason=7)), "UL-RJ-04", "1/2/7", id="rj-reason"),
        pytest.param(
            asked().received(RJ, ReleaseRP()), "UL-RJ-07", "A-RELEASE-RP after A-ASSOCIATE-RJ", id="after-rejection"
        ),
        pytest.param(asked().received(header(7, 2) + b"\0\0"), "UL-ABT-01", "PDU-length 2", id="abort-short"),
        pytest.param(
            asked().received(replace(ABORT, reserved_7_8=b"\2\0")),
            "UL-ABT-01",
            "bytes 7-8 are 02 00",
            id="abort-layout",
        ),
        pytest.param(asked().received(AbortPdu(source=1, reason=0)), "UL-ABT-02", "source 1", id="abort-source"),
        pytest.param(asked().received(AbortPdu(source=2, reason=3)), "UL-ABT-03", "reason 3", id="abort-reason"),
        pytest.param(asked().received(AbortPdu(source=0, reason=5)), "UL-ABT-04", "reason 5", id="abort-user-reason"),
        pytest.param(
            Wire().associated().ask(ECHO, context_id=3).received(ABORT).answer(messages.response(ECHO, status=0)),
            "UL-ABT-10",
            "P-DATA-TF after A-ABORT",
            id="after-abort",
        ),
        pytest.param(
            Wire().associated().sent(ReleaseRQ()).received(header(6, 0)), "UL-REL-01", "PDU-length 0", id="rp-short"
        ),
        pytest.param(
            Wire().associated().sent(ReleaseRQ()).received(ReleaseRP(reserved_7_10=b"\0\0\0\1")),
            "UL-REL-01",
            "00 00 00 01",
            id="rp-bytes",
        ),
        pytest.param(
            Wire().associated().sent(ReleaseRQ()).received(ReleaseRP(), ABORT),
            "UL-REL-04",
            "A-ABORT after A-RELEASE-RP",
            id="after-release",
        ),
        pytest.param(
            Wire().associated().received(ReleaseRQ()), "UL-REL-07", "A-RELEASE-RQ from the acceptor", id="release-rq"
        ),
        pytest.param(
            Wire().associated().received(header(PduType.P_DATA_TF, 0)), "PDV-18", "without a presentation", id="no-pdv"
        ),
        pytest.param(
            Wire().associated().received(header(4, 4) + struct.pack(">I", 1)), "PDV-16", "length 1", id="pdv-length-1"
        ),
        pytest.param(
            Wire().associated().received(header(4, 6) + struct.pack(">IBB", 100, 1, 3)),
            "PDV-17",
            "100 bytes",
            id="pdv-overrun",
        ),
    ],
)
def test_what_is_wrong_fails_with_its_bytes(wire: Wire, requirement: str, words: str) -> None:
    finding = judged(wire)[requirement]
    assert finding.verdict is Verdict.FAIL
    assert words in finding.actual
    (evidence,) = finding.evidence
    received = wire.transcript.bytes_of(EventKind.RECEIVED)
    assert received[evidence.offset :].startswith(evidence.data)
    assert 0 < len(evidence.data) <= 64
    assert evidence.connection == "1 test"


def test_evidence_points_at_the_reserved_byte() -> None:
    (evidence,) = judged(asked().received(reserved_in_item()))["UL-PDU-02"].evidence
    assert evidence.data[0] == 0xAA


def test_a_permanent_rejection_for_a_limit_is_a_warning() -> None:
    wire = asked().received(AssociateRJ(result=1, source=3, reason=2))
    assert judged(wire)["UL-TCP-15"].verdict is Verdict.WARN


def test_a_pdu_that_the_target_breaks_off_is_a_warning() -> None:
    wire = asked().received(accept().encode()[:50]).event(EventKind.PEER_CLOSED)
    assert judged(wire)["UL-PDU-01"].verdict is Verdict.WARN


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(asked().received(accept().encode()[:50]).event(EventKind.CLOSED), id="we-closed"),
        pytest.param(asked().received(accept().encode()[:50]).event(EventKind.TIMED_OUT), id="we-stopped-waiting"),
        pytest.param(
            asked().received(accept().encode()[:50]).event(EventKind.RESET).event(EventKind.PEER_CLOSED), id="we-reset"
        ),
        pytest.param(
            asked().received(accept().encode()[:50]).sent(AbortPdu(source=0, reason=0)).event(EventKind.PEER_CLOSED),
            id="we-aborted",
        ),
        pytest.param(asked().received(b"\x02\0").event(EventKind.CLOSED), id="we-closed-in-header"),
    ],
)
def test_a_pdu_that_we_cut_accuses_nobody(wire: Wire) -> None:
    assert judged(wire) == {}


def test_what_was_not_put_to_the_test_is_not_found() -> None:
    assert "UL-RJ-07" not in judged(asked().received(RJ))
    assert "UL-REL-04" not in judged(Wire().associated().sent(ReleaseRQ()).received(ReleaseRP()))
    assert "UL-REL-07" not in judged(asked().received(RJ))


def test_the_requestor_may_release() -> None:
    wire = Wire().received(request()).sent(accept()).received(ReleaseRQ()).sent(ReleaseRP())
    assert "UL-REL-07" not in judged(wire)
    assert {f.verdict for f in judged(wire).values()} == {Verdict.PASS}


def test_the_worst_deviation_is_told_with_the_number_of_all() -> None:
    wire = Wire().associated()
    for fragment in (b"\0", b"\0\0", b"\0\0\0"):
        wire.received(header(4, len(fragment) + 6) + struct.pack(">IBB", len(fragment) + 2, 1, 0) + fragment)
    finding = judged(wire)["PDV-12"]
    assert finding.actual == "a fragment of 1 bytes (2 of 3 PDVs)"
