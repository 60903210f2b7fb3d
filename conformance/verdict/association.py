"""Checks of single points of the association: companions, application context, release, implementation identity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from conformance.observation.exchanges import AssociationExchange
from conformance.observation.outcomes import (
    Accepted,
    NotConnected,
    Rejected,
    Released,
    ReleaseOutcome,
    Response,
    Silence,
    describe,
)
from conformance.standard.sop_classes import sop_class_name
from conformance.verdict import negotiation
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.wire.items import DICOM_APPLICATION_CONTEXT

_ABSTRACT_SYNTAX_NOT_SUPPORTED: Final = 3


def companion_accepted(alone: AssociationExchange, other: AssociationExchange, requirement: str) -> Finding:
    """An SCP of the first SOP class supports its companion too (PS3.4 B.5.1).

    Args:
        alone: The first context proposes the class that obliges.
        other: The first context proposes the companion, on an association of its own.
        requirement: The requirement's id.
    """
    first, companion = alone.proposed[0], other.proposed[0]
    expected = f"{sop_class_name(companion.abstract_syntax)} accepted"
    results = (alone.result_of(first.context_id), other.result_of(companion.context_id))
    if results[0] is None or results[1] is None:
        return finding(
            requirement,
            Verdict.INCONCLUSIVE,
            expected=expected,
            actual=f"{describe(alone.outcome)}; {describe(other.outcome)}",
            note="one of the two contexts has no result",
        )
    if not results[0].accepted:
        return finding(
            requirement,
            Verdict.NOT_APPLICABLE,
            expected=expected,
            actual=f"{sop_class_name(first.abstract_syntax)} was not accepted: it obliges to nothing",
        )
    return finding(
        requirement,
        Verdict.PASS if results[1].accepted else Verdict.FAIL,
        expected=expected,
        actual=f"{sop_class_name(first.abstract_syntax)} accepted; {negotiation.result_words(results[1])}",
        note="each was proposed on an association of its own, so that no choice between the two was asked for",
    )


def released(outcome: ReleaseOutcome, requirement: str) -> Finding:
    """A release request on an idle association is answered with A-RELEASE-RP (PS3.8 7.2.2.3)."""
    if isinstance(outcome, Released):
        verdict = Verdict.PASS
    else:
        verdict = Verdict.INCONCLUSIVE if isinstance(outcome, NotConnected) else Verdict.FAIL
    actual = "a DIMSE response that nobody asked for" if isinstance(outcome, Response) else describe(outcome)
    return finding(requirement, verdict, expected="A-RELEASE-RP", actual=actual)


def sub_item_absent(exchange: AssociationExchange, item_type: int, requirement: str) -> Finding:
    """The A-ASSOCIATE-AC has no user information sub-item of a type."""
    expected = f"no sub-item {item_type:02X}H in the A-ASSOCIATE-AC"
    if not isinstance(exchange.outcome, Accepted):
        return finding(requirement, Verdict.NOT_APPLICABLE, expected=expected, actual=describe(exchange.outcome))
    present = any(item.item_type == item_type for item in exchange.outcome.associate.user_items)
    return finding(
        requirement,
        Verdict.FAIL if present else Verdict.PASS,
        expected=expected,
        actual=f"sub-item {item_type:02X}H is there" if present else "none",
    )


def unknown_application_context(exchange: AssociationExchange, sent: str) -> Finding:
    """An application context that nobody knows is rejected as such, or answered with DICOM's (UL-RQ-14).

    Accepting with DICOM's own name is the alternative that PS3.8 7.1.1.2 has. An answer that repeats the unknown name
    agrees to something that the target cannot know.
    """
    requirement = "UL-RQ-14"
    expected = (
        "A-ASSOCIATE-RJ source 1 reason 2, application-context-name-not-supported",
        f"A-ASSOCIATE-AC with {DICOM_APPLICATION_CONTEXT}",
    )
    match exchange.outcome:
        case Accepted(associate=associate):
            names = associate.application_contexts
            actual = f"A-ASSOCIATE-AC with application context {', '.join(names) or 'none'}"
            verdict = Verdict.PASS if names == (DICOM_APPLICATION_CONTEXT,) else Verdict.FAIL
            return finding(requirement, verdict, expected=expected, actual=actual)
        case Rejected(source=1, reason=2):
            return finding(requirement, Verdict.PASS, expected=expected, actual=describe(exchange.outcome))
        case NotConnected():
            return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=describe(exchange.outcome))
        case Silence():
            return finding(requirement, Verdict.FAIL, expected=expected, actual=describe(exchange.outcome))
        case _:
            return finding(
                requirement,
                Verdict.WARN,
                expected=expected,
                actual=describe(exchange.outcome),
                note="refused, but not with the reason that tells the requestor why",
            )


def same_implementation(exchanges: Sequence[AssociationExchange]) -> Finding:
    """The implementation class UID is the same on every association (PS3.7 D.3.3.2; UI-IMP-02)."""
    expected = "one implementation class UID on all associations"
    seen = [
        exchange.outcome.associate.implementation_class_uid
        for exchange in exchanges
        if isinstance(exchange.outcome, Accepted)
    ]
    if len(seen) < 2:
        return finding(
            "UI-IMP-02", Verdict.INCONCLUSIVE, expected=expected, actual=f"{len(seen)} associations were accepted"
        )
    distinct = sorted({uid or "none" for uid in seen})
    return finding(
        "UI-IMP-02",
        Verdict.PASS if len(distinct) == 1 else Verdict.FAIL,
        expected=expected,
        actual=f"{', '.join(distinct)} on {len(seen)} associations",
    )
