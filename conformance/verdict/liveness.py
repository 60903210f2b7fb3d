"""Whether the target still answers after what was done to it."""

from __future__ import annotations

from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.outcomes import Accepted, Rejected, describe
from conformance.verdict import responses
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.negotiation import TRANSIENT

REQUIREMENT = "LIFE-01"


def alive_after(association: AssociationExchange, echo: OperationExchange | None, what: str) -> Finding:
    """A C-ECHO on a new association is answered with Success (LIFE-01).

    Args:
        association: The new association.
        echo: The C-ECHO on it; None when none could be sent.
        what: What was done to the target before, in words.
    """
    expected = f"after {what}: a new association and C-ECHO-RSP with status 0000H"
    if echo is not None:
        answer = responses.expect(echo, REQUIREMENT, success=True)
        if answer.verdict is not Verdict.INCONCLUSIVE:
            return finding(
                REQUIREMENT, answer.verdict, expected=expected, actual=answer.actual, evidence=answer.evidence
            )
    verdict, note = _without_echo(association)
    return finding(
        REQUIREMENT,
        verdict,
        expected=expected,
        actual=describe(association.outcome),
        note=note,
        evidence=last_received(association.transcript, association.outcome),
    )


def _without_echo(association: AssociationExchange) -> tuple[Verdict, str]:
    match association.outcome:
        case Accepted():
            return Verdict.INCONCLUSIVE, "no C-ECHO could be sent on the association"
        case Rejected(result=result) if result == TRANSIENT:
            return Verdict.WARN, "the target lives, but has not given back what the stimulus took"
        case _:
            return Verdict.FAIL, "the target does not serve any more"
