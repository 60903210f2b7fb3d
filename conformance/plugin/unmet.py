"""What it means when a scenario could not even begin: findings for associations and contexts that were not accepted."""

from __future__ import annotations

from typing import Final

from conformance.config import Claims
from conformance.observation.exchanges import AssociationExchange
from conformance.observation.outcomes import Accepted, NotConnected, Rejected, Undecodable, describe
from conformance.standard import association
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.wire.items import ProposedContext

IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
PREFLIGHT_CLASSES: Final = frozenset({"1.2.840.10008.1.1", "1.2.840.10008.5.1.4.1.1.2"})
"""Verification and CT Image Storage: what a target has accepted when its preflight has succeeded."""
# PS3.8 Table 9-21: the service provider's presentation related function rejects for congestion or a local limit.
_PRESENTATION: Final = 3


def association_not_established(exchange: AssociationExchange) -> Finding:
    """A well-formed request from the AE title that the preflight was accepted with did not get an A-ASSOCIATE-AC."""
    outcome = exchange.outcome
    expected = ("A-ASSOCIATE-AC",)
    if isinstance(outcome, NotConnected):
        return finding(
            "LIFE-01", Verdict.INCONCLUSIVE, expected=expected, actual=describe(outcome), note="nothing was asked"
        )
    if isinstance(outcome, Accepted):
        return finding(
            "UL-RQ-01",
            Verdict.INCONCLUSIVE,
            expected=expected,
            actual=describe(outcome),
            note="the SCU of the suite could not use this A-ASSOCIATE-AC; what is wrong with it is judged for itself",
        )
    if isinstance(outcome, Rejected) and (outcome.is_transient or outcome.source == _PRESENTATION):
        return finding(
            "UL-TCP-15",
            Verdict.INCONCLUSIVE,
            expected=expected,
            actual=describe(outcome),
            note="a rejection for congestion or a limit is the target's right; the scenario could not begin",
        )
    if isinstance(outcome, Rejected) and not any(_was_accepted_before(context) for context in exchange.proposed):
        return finding(
            "UL-RQ-01",
            Verdict.INCONCLUSIVE,
            expected=expected,
            actual=describe(outcome),
            note="a target may reject an association of which it would accept no presentation context",
        )
    return finding(
        "UL-RQ-01",
        Verdict.FAIL,
        expected=expected,
        actual=describe(outcome),
        note=(
            "the request is well formed"
            if isinstance(outcome, Undecodable)
            else "the request is well formed, and the same AE titles were accepted in the preflight"
        ),
    )


def _was_accepted_before(context: ProposedContext) -> bool:
    """Whether the preflight could not have succeeded without such a context."""
    return context.abstract_syntax in PREFLIGHT_CLASSES and IMPLICIT_VR_LITTLE_ENDIAN in context.transfer_syntaxes


def context_not_negotiated(exchange: AssociationExchange, abstract_syntax: str, needed: str, claims: Claims) -> Finding:
    """The target answered the association, but not with the presentation context that the scenario is about."""
    proposed = [c for c in exchange.proposed if c.abstract_syntax == abstract_syntax]
    results = [exchange.result_of(c.context_id) for c in proposed]
    codes = {r.result for r in results if r is not None}
    words = ", ".join(association.CONTEXT_RESULTS.get(code, f"result {code}") for code in sorted(codes))
    actual = f"{needed}: {words or 'no result for the proposed context'}"
    offered_default = any(IMPLICIT_VR_LITTLE_ENDIAN in c.transfer_syntaxes for c in proposed)
    if None in results:
        return finding("UL-AC-06", Verdict.FAIL, expected="one result for each proposed context", actual=actual)
    if codes == {4} and offered_default:
        return finding(
            "TS-02",
            Verdict.FAIL,
            expected="acceptance, or a refusal for another reason than the transfer syntaxes",
            actual=actual,
            note="the default transfer syntax, Implicit VR Little Endian, was offered",
        )
    if claims.claims_sop_class(abstract_syntax) and offered_default:
        return finding(
            "ST-01",
            Verdict.FAIL,
            expected="acceptance: the target's claims name the SOP class",
            actual=actual,
        )
    return finding(
        "ST-25",
        Verdict.NOT_APPLICABLE,
        expected="acceptance, where the target supports it",
        actual=actual,
        note="the target did not negotiate what the scenario needs, and does not claim it",
    )
