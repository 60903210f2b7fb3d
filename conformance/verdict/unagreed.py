"""Requests that were not agreed on: another context, another SOP class, another instance, another service."""

from __future__ import annotations

from typing import Final

from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Aborted, Response
from conformance.observation.stored import NotReadable, ReadBackOutcome
from conformance.standard.statuses import StatusClass, status_class
from conformance.verdict import fidelity
from conformance.verdict.encoding import nothing_kept, refused_or_readable
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.responses import Reactions, actual, expect
from conformance.wire.command import command_name

_SUCCESS: Final = 0x0000
_DOES_NOT_MATCH: Final = 0xB007
_SOP_CLASS_NOT_SUPPORTED: Final = 0x0122
_UNRECOGNIZED_OPERATION: Final = 0x0211


def not_executed(exchange: OperationExchange, stored: ReadBackOutcome, requirement: str) -> tuple[Finding, ...]:
    """A C-STORE on a context that was not agreed is answered with A-ABORT, and nothing is stored (PDV-14, PDV-15).

    A Failure status and a bare close are a WARN: the message was understood where no message could be.
    """
    answer = expect(
        exchange,
        requirement,
        abort=True,
        reported=Reactions(failure=True, closed=True),
        note="PS3.8 Table 9-10: an invalid parameter of a PDU is answered with A-ABORT (AA-8)",
    )
    if isinstance(stored, NotReadable) or not stored.copies:
        return (answer,)
    kept = fidelity.not_stored(stored, requirement=requirement)
    return (answer, kept)


def two_contexts(exchange: OperationExchange, stored: ReadBackOutcome, *, meant: Instance) -> tuple[Finding, ...]:
    """A C-STORE whose data set came on another context than its command is refused (PDV-09).

    A Success is a WARN, and a FAIL where what is stored cannot be read.
    """
    requirement = "PDV-09"
    answer = expect(
        exchange,
        requirement,
        failure=True,
        abort=True,
        reported=Reactions(success=True, warning=True, closed=True),
        well_formed=False,
        note="PS3.8 E.1: all fragments of a message have one presentation context ID",
    )
    if not isinstance(exchange.outcome, Response) or answer.verdict is not Verdict.WARN:
        return (answer, *nothing_kept(exchange, stored, requirement))
    judged = refused_or_readable(exchange, stored, requirement, meant=meant)
    return tuple(found for found in judged if found.verdict is Verdict.FAIL) or (answer,)


def other_sop_class(exchange: OperationExchange, stored: ReadBackOutcome) -> tuple[Finding, ...]:
    """A C-STORE of another SOP class than its context was negotiated for is refused (CMD-32)."""
    answer = expect(
        exchange,
        "CMD-32",
        failure=True,
        abort=True,
        reported=Reactions(warning=True, closed=True),
        note="PS3.7 9.1.1.1.9: what was not agreed on the association is 0122H or 0212H",
    )
    return (answer, *nothing_kept(exchange, stored, "CMD-32"))


def other_instance(
    exchange: OperationExchange, under_command: ReadBackOutcome, under_data_set: ReadBackOutcome
) -> tuple[Finding, ...]:
    """What is acknowledged under the command's SOP Instance UID is stored under it, or was refused (CMD-33).

    Args:
        exchange: A C-STORE whose command and data set name two SOP Instance UIDs.
        under_command: What is stored under the command's.
        under_data_set: What is stored under the data set's.
    """
    status = exchange.status
    if status is None or status_class(status) is not StatusClass.SUCCESS:
        reported = Reactions(warning=True, abort=True, closed=True)
        answer = expect(exchange, "CMD-33", failure=True, codes=(_DOES_NOT_MATCH,), reported=reported)
        refused = status is not None and status_class(status) is StatusClass.FAILURE
        kept = (fidelity.not_stored(under_command), fidelity.not_stored(under_data_set)) if refused else ()
        return (answer, *kept)
    verdict, what = Verdict.WARN, "acknowledged; the data set names another SOP Instance UID"
    if not isinstance(under_command, NotReadable) and not under_command.copies:
        elsewhere = not isinstance(under_data_set, NotReadable) and bool(under_data_set.copies)
        verdict = Verdict.FAIL
        what = "nothing is stored under the UID acknowledged" + (
            ", but under that of the data set" if elsewhere else ""
        )
    expected = ("a status of class Failure, such as A900H", "status B007H", "0000H is reported")
    evidence = last_received(exchange.transcript, exchange.outcome)
    words = f"{actual(exchange)}; {what}"
    return (finding("CMD-33", verdict, expected=expected, actual=words, evidence=evidence),)


def store_on_another_service(exchange: OperationExchange, stored: ReadBackOutcome) -> tuple[Finding, ...]:
    """A C-STORE on the Verification context is refused; a Success is reported, and false where nothing is stored."""
    answer = expect(
        exchange,
        "CMD-36",
        failure=True,
        abort=True,
        reported=Reactions(success=True, warning=True, closed=True),
    )
    acknowledged = exchange.status is not None and status_class(exchange.status) in (
        StatusClass.SUCCESS,
        StatusClass.WARNING,
    )
    if acknowledged and not isinstance(stored, NotReadable) and not stored.copies:
        words = f"{actual(exchange)}; nothing can be read back ({stored.channel})"
        return (finding("CMD-36", Verdict.FAIL, expected=answer.expected, actual=words, evidence=answer.evidence),)
    return (answer, *nothing_kept(exchange, stored, "CMD-36"))


def operation_refused(exchange: OperationExchange, requirement: str) -> Finding:
    """An operation that its context is not for is refused, by a response to that operation (CMD-11, CMD-38).

    0211H and 0122H say what is wrong; another Failure and a bare close are a WARN.
    """
    outcome = exchange.outcome
    if isinstance(outcome, Response):
        came, asked = outcome.command.command_field or 0, exchange.request.command_field or 0
        if came != asked | 0x8000:
            return finding(
                requirement,
                Verdict.FAIL,
                expected=(f"{command_name(asked | 0x8000)} with status 0211H or 0122H", "A-ABORT"),
                actual=actual(exchange),
                evidence=last_received(exchange.transcript, outcome),
            )
    return expect(
        exchange,
        requirement,
        codes=(_UNRECOGNIZED_OPERATION, _SOP_CLASS_NOT_SUPPORTED),
        abort=True,
        reported=Reactions(failure=True, closed=True),
    )


def passed_over(exchange: OperationExchange, requirement: str) -> Finding:
    """After a response to nothing that was asked, the next request is answered, or the association was aborted."""
    reported = Reactions(failure=True, warning=True, closed=True)
    aborted = isinstance(exchange.outcome, Aborted)
    note = "the unsolicited response was answered with A-ABORT" if aborted else ""
    return expect(exchange, requirement, codes=(_SUCCESS,), abort=True, reported=reported, note=note)
