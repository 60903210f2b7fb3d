"""Extended negotiation and user identity: every verdict by hand."""

from __future__ import annotations

import pytest
from pydicom.encaps import encapsulate

from conformance.observation.exchanges import AssociationExchange
from conformance.observation.outcomes import (
    Aborted,
    Accepted,
    AssociationOutcome,
    Closed,
    NotConnected,
    Rejected,
    Silence,
)
from conformance.observation.stored import ReadBackOutcome
from conformance.verdict import extended
from conformance.verdict.finding import Verdict
from conformance.wire.items import Item, ItemType, sop_class_extended_negotiation_item
from tests.verdict.builders import CONTEXTS, CT, STUDY_ROOT_FIND, Wire, accept
from tests.verdict.observed import UNREADABLE, edited, exchange, instance, stored


def _exchange(*user_items: Item, outcome: AssociationOutcome | None = None) -> AssociationExchange:
    wire = Wire().associated()
    answer = accept(CONTEXTS, user_items=user_items)
    return AssociationExchange(
        proposed=CONTEXTS, outcome=outcome or Accepted(associate=answer), transcript=wire.transcript
    )


def _extended(uid: str, information: bytes) -> AssociationExchange:
    return _exchange(sop_class_extended_negotiation_item(uid, information))


def _confirmed(body: bytes = b"\0\0") -> AssociationExchange:
    return _exchange(Item(item_type=ItemType.USER_IDENTITY_AC, body=body))


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (None, Verdict.PASS),
        (Rejected(result=1, source=2, reason=1), Verdict.PASS),
        (Aborted(source=2, reason=6), Verdict.PASS),
        (Closed(), Verdict.WARN),
        (Silence(waited_s=2.0), Verdict.WARN),
        (NotConnected(reason="refused"), Verdict.INCONCLUSIVE),
    ],
    ids=str,
)
def test_odd_request(outcome: AssociationOutcome | None, verdict: Verdict) -> None:
    assert extended.odd_request(_exchange(outcome=outcome), "UI-MAX-03").verdict is verdict


@pytest.mark.parametrize(
    ("information", "verdict"),
    [
        (bytes((2, 0, 0, 0, 0, 0)), Verdict.PASS),
        (bytes((2, 0, 3, 0, 1, 0)), Verdict.PASS),
        (bytes((3, 0, 0, 0, 2, 0)), Verdict.WARN),
        (bytes((4, 0, 0, 0, 0, 0)), Verdict.FAIL),
        (bytes((1, 0, 1, 0, 0, 0)), Verdict.FAIL),
        (bytes((2, 0, 0, 0, 3, 0)), Verdict.FAIL),
        (bytes((2, 255, 0, 0, 0, 0)), Verdict.FAIL),
        (bytes(5), Verdict.FAIL),
    ],
    ids=lambda value: value.hex(" ") if isinstance(value, bytes) else str(value),
)
def test_storage_information(information: bytes, verdict: Verdict) -> None:
    assert extended.storage_information(_extended(CT, information), CT).verdict is verdict


def test_no_storage_information_is_not_applicable() -> None:
    assert extended.storage_information(_exchange(), CT).verdict is Verdict.NOT_APPLICABLE
    assert extended.storage_information(_extended(STUDY_ROOT_FIND, b"\1"), CT).verdict is Verdict.NOT_APPLICABLE


def test_announced_level() -> None:
    assert extended.announced_level(_extended(CT, bytes((1, 0, 0, 0, 1, 0))), CT) == (1, 1)
    assert extended.announced_level(_extended(CT, bytes((9, 0, 0, 0, 1, 0))), CT) is None
    assert extended.announced_level(_exchange(), CT) is None


IMAGE = instance("announced")
PRIVATE = IMAGE.changed(label="private", edit=lambda d: d.private_block(0x99, "US", create=True).add_new(1, "LO", "x"))
WITHOUT = stored(IMAGE.dataset)
"""What is kept of `PRIVATE` where private blocks are dropped."""
WITHOUT_TYPE_2 = stored(edited(PRIVATE.dataset, lambda d: d.pop("StudyID")))
COERCED = stored(edited(PRIVATE.dataset, lambda d: setattr(d, "PatientID", "ANOTHER")))
CHANGED = stored(edited(PRIVATE.dataset, lambda d: setattr(d, "Modality", "MR")))
ADDED = stored(edited(PRIVATE.dataset, lambda d: setattr(d, "RetrieveAETitle", "PACS")))
UNDECODABLE = encapsulate([b"no stream"])


@pytest.mark.parametrize(
    ("announced", "found", "answer", "verdict"),
    [
        pytest.param((2, 0), stored(PRIVATE.dataset), 0, Verdict.PASS, id="full, and kept"),
        pytest.param((2, 0), ADDED, 0, Verdict.PASS, id="full, and one more"),
        pytest.param((2, 0), WITHOUT, 0, Verdict.FAIL, id="full, without private blocks"),
        pytest.param((2, 1), WITHOUT, 0xB006, Verdict.FAIL, id="full, discarding told"),
        pytest.param((1, 0), WITHOUT, 0, Verdict.PASS, id="base, without private blocks"),
        pytest.param((1, 0), WITHOUT_TYPE_2, 0, Verdict.FAIL, id="base, without Study ID"),
        pytest.param((0, 0), WITHOUT_TYPE_2, 0, Verdict.PASS, id="local, without Study ID"),
        pytest.param((0, 0), COERCED, 0xB000, Verdict.FAIL, id="no coercion, coerced"),
        pytest.param((2, 0), CHANGED, 0, Verdict.FAIL, id="no coercion, changed"),
        pytest.param((2, 1), COERCED, 0xB000, Verdict.PASS, id="coercion, coerced"),
        pytest.param((0, 1), WITHOUT, 0, Verdict.NOT_APPLICABLE, id="nothing promised"),
        pytest.param((2, 0), stored(), 0, Verdict.NOT_APPLICABLE, id="nothing stored"),
        pytest.param((2, 0), WITHOUT, 0xC000, Verdict.NOT_APPLICABLE, id="refused"),
        pytest.param((2, 0), UNREADABLE, 0, Verdict.INCONCLUSIVE, id="not seen"),
    ],
)
def test_behaves_as_announced(
    announced: tuple[int, int], found: ReadBackOutcome, answer: int, verdict: Verdict
) -> None:
    judged = extended.behaves_as_announced(announced, PRIVATE, found, exchange(PRIVATE, answer))
    assert (judged.requirement, judged.verdict) == ("UI-EXT-05", verdict)


def test_what_cannot_be_compared_says_nothing_about_what_was_announced() -> None:
    compressed = edited(PRIVATE.dataset, lambda d: setattr(d, "PixelData", UNDECODABLE))
    found = stored(compressed, transfer_syntax_uid="1.2.840.10008.1.2.4.102")
    judged = extended.behaves_as_announced((2, 0), PRIVATE, found, exchange(PRIVATE, 0))
    assert judged.verdict is Verdict.INCONCLUSIVE


def test_the_same_answer() -> None:
    other = _extended(CT, bytes(6))
    gone = _exchange(outcome=NotConnected(reason="refused"))
    assert extended.same_answer(_exchange(), _exchange(), "UI-EXT-04", what="x").verdict is Verdict.PASS
    assert extended.same_answer(_exchange(), other, "UI-EXT-04", what="x").verdict is Verdict.FAIL
    assert extended.same_answer(_exchange(), gone, "UI-EXT-04", what="x").verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("offered", "answer", "verdict"),
    [
        (b"\1", b"\1", Verdict.PASS),
        (b"\1", b"\0", Verdict.PASS),
        (b"\1\1\1", b"\1", Verdict.PASS),
        (b"\1\1\1", b"\1\0\0\0\0", Verdict.PASS),
        (b"\1", b"\1\0\0", Verdict.FAIL),
        (b"\1", b"", Verdict.FAIL),
        (b"\0", b"\1", Verdict.FAIL),
        (b"\1\0\1", b"\1\1\1", Verdict.FAIL),
        (b"\1\1", b"\1\2", Verdict.FAIL),
    ],
    ids=lambda value: value.hex(" ") or "none" if isinstance(value, bytes) else str(value),
)
def test_query_information(offered: bytes, answer: bytes, verdict: Verdict) -> None:
    exchange = _extended(STUDY_ROOT_FIND, answer)
    assert extended.query_information(exchange, STUDY_ROOT_FIND, offered).verdict is verdict


def test_query_information_may_be_left_out() -> None:
    assert extended.query_information(_exchange(), STUDY_ROOT_FIND, b"\1").verdict is Verdict.PASS
    aborted = _exchange(outcome=Aborted(source=0, reason=0))
    assert extended.query_information(aborted, STUDY_ROOT_FIND, b"\1").verdict is Verdict.INCONCLUSIVE


def test_server_response() -> None:
    assert extended.server_response(_confirmed()).verdict is Verdict.PASS
    assert extended.server_response(_confirmed(b"\0\4NAME")).verdict is Verdict.FAIL
    assert extended.server_response(_exchange()).verdict is Verdict.NOT_APPLICABLE


def test_identity_that_proves_nothing() -> None:
    assert extended.unprovable_identity(_confirmed(), "UI-USR-06").verdict is Verdict.FAIL
    assert extended.unprovable_identity(_confirmed(), "UI-USR-07", otherwise=Verdict.WARN).verdict is Verdict.WARN
    assert extended.unprovable_identity(_exchange(), "UI-USR-07").verdict is Verdict.PASS
    rejected = _exchange(outcome=Rejected(result=1, source=2, reason=1))
    assert extended.unprovable_identity(rejected, "UI-USR-07").verdict is Verdict.PASS
    aborted = _exchange(outcome=Aborted(source=0, reason=0))
    assert extended.unprovable_identity(aborted, "UI-USR-07").verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("exchange", "verdict"),
    [
        (_exchange(), Verdict.PASS),
        (_confirmed(), Verdict.WARN),
        (_exchange(outcome=Rejected(result=1, source=2, reason=1)), Verdict.PASS),
        (_exchange(outcome=Rejected(result=1, source=1, reason=1)), Verdict.WARN),
        (_exchange(outcome=Rejected(result=2, source=2, reason=1)), Verdict.FAIL),
        (_exchange(outcome=Aborted(source=2, reason=0)), Verdict.FAIL),
        (_exchange(outcome=NotConnected(reason="refused")), Verdict.INCONCLUSIVE),
    ],
    ids=["ignored", "confirmed", "1/2/1", "1/1/1", "2/2/1", "A-ABORT", "no connection"],
)
def test_invented_identity(exchange: AssociationExchange, verdict: Verdict) -> None:
    assert extended.invented_identity(exchange, "UI-USR-05").verdict is verdict
