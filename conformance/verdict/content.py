"""Data sets that can be read and lack something: refused, told with a Warning, or stored; never lost in silence."""

from __future__ import annotations

from collections.abc import Collection

from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.stored import NotReadable, ReadBackOutcome
from conformance.standard.statuses import StatusClass, status_class
from conformance.verdict import fidelity
from conformance.verdict.compare import DifferenceKind
from conformance.verdict.encoding import nothing_kept
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.finding import Finding, Verdict, finding, judged
from conformance.verdict.responses import Reactions, actual, expect

_TELLS = "PS3.4 B.2.2: Success and Warning say that the instance is stored"


def incomplete(
    exchange: OperationExchange, stored: ReadBackOutcome, requirement: str, *, told: Collection[int]
) -> tuple[Finding, ...]:
    """An instance that lacks what it is filed by is refused, or told of; what is acknowledged can be read back.

    Args:
        exchange: The C-STORE.
        stored: What the read-back found under its SOP Instance UID.
        requirement: What the finding is about.
        told: The Warning statuses that tell the sender.

    Returns:
        PASS for a Failure status and for one of `told`; WARN for a Success that can be read back, for another Warning
        and for the end of the association; FAIL for what is acknowledged and not there.
    """
    reported = Reactions(success=True, warning=True, abort=True, closed=True)
    answer = expect(exchange, requirement, failure=True, codes=tuple(told), reported=reported)
    if not _acknowledged(exchange):
        return (answer, *nothing_kept(exchange, stored, requirement))
    if isinstance(stored, NotReadable):
        if answer.verdict is Verdict.PASS:
            return (answer,)
        why = f"{actual(exchange)}; {stored.channel}: {stored.reason}"
        return (finding(requirement, Verdict.INCONCLUSIVE, expected=answer.expected, actual=why, note="no read-back"),)
    if stored.copies:
        return (answer,)
    words = f"{actual(exchange)}; nothing can be read back ({stored.channel})"
    evidence = last_received(exchange.transcript, exchange.outcome)
    return (finding(requirement, Verdict.FAIL, expected=answer.expected, actual=words, note=_TELLS, evidence=evidence),)


def ill_formed_uid(exchange: OperationExchange, stored: ReadBackOutcome, uid: str) -> tuple[Finding, ...]:
    """An instance whose SOP Instance UID breaks the rules is refused, or kept under that very UID (CMD-35).

    A Success is a WARN: the instance will be refused by others. Another UID in its place is a FAIL.
    """
    requirement = "CMD-35"
    reported = Reactions(success=True, warning=True, abort=True, closed=True)
    answer = expect(
        exchange,
        requirement,
        failure=True,
        reported=reported,
        well_formed=False,
        note="PS3.7 C.5.12: 0117H says what is wrong",
    )
    if not _acknowledged(exchange):
        return (answer, *nothing_kept(exchange, stored, requirement))
    if isinstance(stored, NotReadable) or not stored.copies:
        # Not every look-up takes such a UID, so that finding nothing proves nothing.
        return (answer,)
    kept = {str(copy.dataset.get("SOPInstanceUID", "")).rstrip("\0 ") for copy in stored.copies}
    altered = judged(
        requirement,
        ok=kept == {uid},
        expected="the SOP Instance UID stored as it was sent",
        actual=f"stored with {', '.join(sorted(map(repr, kept)))}",
    )
    return (answer, *((altered,) if altered.verdict is not Verdict.PASS else ()))


def coercion_told(sent: Instance, stored: ReadBackOutcome, exchange: OperationExchange) -> Finding:
    """No attribute of PS3.4 Table B.4-1 comes back with another value, unless the answer was a Warning (ST-15)."""
    expected = "attributes of PS3.4 Table B.4-1 as sent, or a status of class Warning"
    if isinstance(stored, NotReadable):
        why = f"{stored.channel}: {stored.reason}"
        return finding("ST-15", Verdict.INCONCLUSIVE, expected=expected, actual=why, note="no read-back")
    if not stored.copies or not _acknowledged(exchange):
        return finding("ST-15", Verdict.NOT_APPLICABLE, expected=expected, actual=actual(exchange))
    coerced = [
        str(d)
        for copy in stored.copies
        for d in fidelity.differences_of(sent, copy)
        if d.kind is DifferenceKind.COERCED and d.permitted is None
    ]
    warned = exchange.status is not None and status_class(exchange.status) is StatusClass.WARNING
    words = f"{actual(exchange)}; {'; '.join(coerced) or 'none of them changed'}"
    return judged("ST-15", ok=not coerced or warned, expected=expected, actual=words)


def _acknowledged(exchange: OperationExchange) -> bool:
    status = exchange.status
    return status is not None and status_class(status) in (StatusClass.SUCCESS, StatusClass.WARNING)
