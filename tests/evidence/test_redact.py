"""User identity fields are masked, in place, whole or malformed."""

from __future__ import annotations

import dataclasses

import pytest

from conformance.evidence.redact import redacted, secret_spans, stream_secret_spans, without_url_users
from conformance.observation.transcript import EventKind
from conformance.wire.items import Item, ItemType, user_information_item
from conformance.wire.pdu import ReleaseRQ
from tests.evidence.samples import PASSCODE, answer, request, transcript_of


def masked(pdu: bytes) -> bytes:
    return redacted(pdu, secret_spans(pdu))


def test_both_fields_are_masked_and_nothing_else() -> None:
    pdu = request(passcode=PASSCODE).encode()
    shown = masked(pdu)
    assert len(shown) == len(pdu)
    assert shown == pdu.replace(PASSCODE, b"*" * len(PASSCODE)).replace(b"tester", b"******")


def test_request_without_an_identity_is_untouched() -> None:
    pdu = request().encode()
    assert secret_spans(pdu) == []


def test_answer_to_the_identity_is_masked() -> None:
    ticket = b"kerberos ticket"
    body = len(ticket).to_bytes(2, "big") + ticket
    item = user_information_item((Item(item_type=ItemType.USER_IDENTITY_AC, body=body),))
    pdu = dataclasses.replace(answer(), items=(item,)).encode()
    assert ticket not in masked(pdu)


@pytest.mark.parametrize(
    "lengths",
    [
        pytest.param(lambda pdu, at: pdu[: at + 6] + b"\xff\xff" + pdu[at + 8 :], id="primary-length-too-large"),
        pytest.param(lambda pdu, at: pdu[: at + 2] + b"\xff\xff" + pdu[at + 4 :], id="sub-item-length-too-large"),
        pytest.param(lambda pdu, at: pdu[: at - 6] + b"\xff\xff" + pdu[at - 4 :], id="an-earlier-length-too-large"),
        pytest.param(lambda pdu, at: pdu[:-1], id="cut"),
    ],
)
def test_malformed_identity_is_masked(lengths) -> None:  # type: ignore[no-untyped-def]
    pdu = request(passcode=PASSCODE).encode()
    at = pdu.index(b"\x58\x00")
    assert PASSCODE[:-1] not in masked(lengths(pdu, at))


@pytest.mark.parametrize("chunk_bytes", [1, 5, 6, 7, 64, 100_000])
def test_spans_of_a_stream_do_not_depend_on_the_segments(chunk_bytes: int) -> None:
    one = request(passcode=PASSCODE).encode()
    stream = one + ReleaseRQ().encode() + one
    events = [(0.0, EventKind.SENT, stream[i : i + chunk_bytes]) for i in range(0, len(stream), chunk_bytes)]
    spans = stream_secret_spans(transcript_of(events).events, EventKind.SENT)
    assert redacted(stream, spans) == masked(one) + ReleaseRQ().encode() + masked(one)


def test_unfinished_association_is_masked_too() -> None:
    pdu = request(passcode=PASSCODE).encode()
    cut = pdu[:2] + (len(pdu) + 500).to_bytes(4, "big") + pdu[6:]
    spans = stream_secret_spans(transcript_of([(0.0, EventKind.SENT, cut)]).events, EventKind.SENT)
    assert PASSCODE not in redacted(cut, spans)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("orthanc=http://admin:secret@10.0.0.5:8042/x", "orthanc=http://***@10.0.0.5:8042/x"),
        ("PACS@10.0.0.5:104", "PACS@10.0.0.5:104"),
        ("http://host/a@b", "http://host/a@b"),
    ],
)
def test_users_in_urls_are_masked(text: str, shown: str) -> None:
    assert without_url_users(text) == shown
