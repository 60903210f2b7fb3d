"""Single points of the association: companions, release, sub-items, application context, implementation identity."""

from __future__ import annotations

import pytest

from conformance.observation.exchanges import AssociationExchange
from conformance.observation.outcomes import (
    Aborted,
    AssociationOutcome,
    Closed,
    NotConnected,
    Rejected,
    Released,
    ReleaseOutcome,
    Reset,
    Silence,
    Undecodable,
    Unexpected,
)
from conformance.verdict import association as judge
from conformance.verdict.finding import Verdict
from conformance.wire import items
from conformance.wire.items import ItemType, ProposedContext
from conformance.wire.pdu import Associate, ReleaseRQ
from tests.verdict.builders import (
    IMPLICIT,
    accept,
    accepted,
    association,
    response,
    result,
)

FOR_PROCESSING = "1.2.840.10008.5.1.4.1.1.1.1.1"
FOR_PRESENTATION = "1.2.840.10008.5.1.4.1.1.1.1"
REJECTED = Rejected(result=1, source=1, reason=1)
SILENCE = Silence(waited_s=1.0)
NOT_CONNECTED = NotConnected(reason="refused")
MADE_UP = "1.2.826.0.1.3680043.8.498.9"


def about(sop_class_uid: str, code: int | None) -> AssociationExchange:
    """An association with one context and its result; None for an association that was rejected."""
    context = ProposedContext(context_id=1, abstract_syntax=sop_class_uid, transfer_syntaxes=(IMPLICIT,))
    if code is None:
        return association(REJECTED, proposed=(context,))
    return accepted(result(1, IMPLICIT, code=code), proposed=(context,))


@pytest.mark.parametrize(
    ("first", "companion", "verdict"),
    [
        pytest.param(0, 0, Verdict.PASS, id="both accepted"),
        pytest.param(0, 3, Verdict.FAIL, id="the companion refused"),
        pytest.param(3, 0, Verdict.NOT_APPLICABLE, id="the first refused"),
        pytest.param(3, 3, Verdict.NOT_APPLICABLE, id="both refused"),
        pytest.param(None, 0, Verdict.INCONCLUSIVE, id="first association rejected"),
        pytest.param(0, None, Verdict.INCONCLUSIVE, id="second association rejected"),
    ],
)
def test_companion_of_a_sop_class(first: int | None, companion: int | None, verdict: Verdict) -> None:
    finding = judge.companion_accepted(about(FOR_PROCESSING, first), about(FOR_PRESENTATION, companion), "ST-28a")
    assert (finding.requirement, finding.verdict) == ("ST-28a", verdict)
    assert finding.expected == ("Digital X-Ray Image Storage - For Presentation accepted",)


def test_companion_without_a_result_is_inconclusive() -> None:
    context = ProposedContext(context_id=1, abstract_syntax=FOR_PRESENTATION, transfer_syntaxes=(IMPLICIT,))
    answer = accept((context,), results=[result(3, IMPLICIT)])
    other = accepted(proposed=(context,), items_of=answer)
    finding = judge.companion_accepted(about(FOR_PROCESSING, 0), other, "ST-28a")
    assert finding.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        pytest.param(Released(), Verdict.PASS, id="A-RELEASE-RP"),
        pytest.param(NOT_CONNECTED, Verdict.INCONCLUSIVE, id="not connected"),
        pytest.param(Aborted(source=0, reason=0), Verdict.FAIL, id="A-ABORT"),
        pytest.param(Closed(), Verdict.FAIL, id="FIN"),
        pytest.param(Reset(), Verdict.FAIL, id="RST"),
        pytest.param(SILENCE, Verdict.FAIL, id="silence"),
        pytest.param(Undecodable(what="length", clause="PS3.8 9.3.1", data=b"\x06"), Verdict.FAIL, id="not DICOM"),
        pytest.param(Unexpected(pdu=ReleaseRQ()), Verdict.FAIL, id="A-RELEASE-RQ"),
        pytest.param(response(0), Verdict.FAIL, id="a response"),
    ],
)
def test_release_is_answered(outcome: ReleaseOutcome, verdict: Verdict) -> None:
    finding = judge.released(outcome, "UL-REL-03")
    assert (finding.requirement, finding.verdict) == ("UL-REL-03", verdict)


def test_a_response_to_a_release_is_named_as_one_that_nobody_asked_for() -> None:
    assert judge.released(response(0), "UL-REL-03").actual == "a DIMSE response that nobody asked for"


@pytest.mark.parametrize(
    ("exchange", "verdict"),
    [
        pytest.param(accepted(), Verdict.PASS, id="absent"),
        pytest.param(
            accepted(items_of=accept(user_items=(items.asynchronous_operations_window_item(1, 1),))),
            Verdict.FAIL,
            id="present",
        ),
        pytest.param(association(REJECTED), Verdict.NOT_APPLICABLE, id="rejected"),
        pytest.param(association(SILENCE), Verdict.NOT_APPLICABLE, id="silence"),
    ],
)
def test_sub_item_that_must_be_absent(exchange: AssociationExchange, verdict: Verdict) -> None:
    finding = judge.sub_item_absent(exchange, ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW, "UI-ASY-01")
    assert finding.verdict is verdict
    assert finding.expected == ("no sub-item 53H in the A-ASSOCIATE-AC",)


def naming(*uids: str) -> AssociationExchange:
    """An accepted association whose answer has these application context names."""
    answer = accept()
    rest = tuple(item for item in answer.items if item.item_type != ItemType.APPLICATION_CONTEXT)
    named = tuple(items.application_context_item(uid) for uid in uids)
    changed = Associate(
        pdu_type=answer.pdu_type,
        called_ae_title=answer.called_ae_title,
        calling_ae_title=answer.calling_ae_title,
        items=(*named, *rest),
    )
    return accepted(items_of=changed)


@pytest.mark.parametrize(
    ("exchange", "verdict"),
    [
        pytest.param(naming(items.DICOM_APPLICATION_CONTEXT), Verdict.PASS, id="accepted with DICOM's"),
        pytest.param(naming(MADE_UP), Verdict.FAIL, id="accepted as it came"),
        pytest.param(naming(), Verdict.FAIL, id="accepted without one"),
        pytest.param(naming(MADE_UP, items.DICOM_APPLICATION_CONTEXT), Verdict.FAIL, id="accepted with both"),
    ],
)
def test_unknown_application_context_accepted(exchange: AssociationExchange, verdict: Verdict) -> None:
    assert judge.unknown_application_context(exchange, MADE_UP).verdict is verdict


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        pytest.param(Rejected(result=1, source=1, reason=2), Verdict.PASS, id="1/1/2"),
        pytest.param(Rejected(result=2, source=1, reason=2), Verdict.PASS, id="2/1/2"),
        pytest.param(REJECTED, Verdict.WARN, id="1/1/1"),
        pytest.param(Aborted(source=2, reason=6), Verdict.WARN, id="A-ABORT"),
        pytest.param(Closed(), Verdict.WARN, id="FIN"),
        pytest.param(SILENCE, Verdict.FAIL, id="silence"),
        pytest.param(NOT_CONNECTED, Verdict.INCONCLUSIVE, id="not connected"),
    ],
)
def test_unknown_application_context_refused(outcome: AssociationOutcome, verdict: Verdict) -> None:
    finding = judge.unknown_application_context(association(outcome), MADE_UP)
    assert (finding.requirement, finding.verdict) == ("UL-RQ-14", verdict)


def identified(uid: str | None) -> AssociationExchange:
    """An accepted association with an implementation class UID, or without one."""
    found = () if uid is None else (items.implementation_class_uid_item(uid),)
    return accepted(items_of=accept(user_items=(items.maximum_length_item(16384), *found)))


@pytest.mark.parametrize(
    ("exchanges", "verdict", "actual"),
    [
        pytest.param([identified("1.2.3"), identified("1.2.3")], Verdict.PASS, "1.2.3 on 2 associations", id="one"),
        pytest.param(
            [identified("1.2.3"), identified("1.2.4")], Verdict.FAIL, "1.2.3, 1.2.4 on 2 associations", id="two"
        ),
        pytest.param(
            [identified("1.2.3"), identified(None)], Verdict.FAIL, "1.2.3, none on 2 associations", id="one is missing"
        ),
        pytest.param(
            [identified("1.2.3"), association(REJECTED)],
            Verdict.INCONCLUSIVE,
            "1 associations were accepted",
            id="one accepted",
        ),
        pytest.param([], Verdict.INCONCLUSIVE, "0 associations were accepted", id="none"),
    ],
)
def test_implementation_class_uid_is_constant(
    exchanges: list[AssociationExchange], verdict: Verdict, actual: str
) -> None:
    finding = judge.same_implementation(exchanges)
    assert (finding.requirement, finding.verdict, finding.actual) == ("UI-IMP-02", verdict, actual)
