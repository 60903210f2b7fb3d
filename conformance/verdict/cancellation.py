"""C-FIND, C-GET and C-MOVE that were cancelled (PS3.7 9.1.2.2, 9.1.3.2, 9.1.4.2; PS3.4 C.4). Pure judges.

A cancelled operation may have been over when the C-CANCEL-RQ came: responses that were under way prove nothing. What
does is the order of the bytes: a sub-operation of C-GET needs an answer of ours, and an answer that follows the
C-CANCEL-RQ in the stream cannot be read before it.
"""

from __future__ import annotations

from typing import Final

from conformance.observation.interruption import CancelledOperation
from conformance.observation.outcomes import Aborted, NotConnected, Response, Silence, describe
from conformance.standard.statuses import StatusClass, status_class
from conformance.verdict import responses
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.failed_list import CONTRADICTION
from conformance.verdict.finding import Evidence, Finding, Verdict, finding, judged
from conformance.wire.command import CommandField, CommandSet, Tag, command_name

CANCELLED: Final = 0xFE00
UNDER_WAY_S: Final = 2.0
"""Responses that come later than this after the C-CANCEL-RQ were not under way when it was sent."""
_EXCUSED_SUB_OPERATIONS: Final = 2
"""Sub-operations after the C-CANCEL-RQ that a target which reads messages and acts on them in two threads may begin."""
_COUNTS: Final = (
    Tag.NUMBER_OF_COMPLETED_SUBOPERATIONS,
    Tag.NUMBER_OF_FAILED_SUBOPERATIONS,
    Tag.NUMBER_OF_WARNING_SUBOPERATIONS,
)
_REQUIREMENTS: Final = {
    CommandField.C_FIND_RQ: "CAN-04",
    CommandField.C_MOVE_RQ: "CAN-08",
    CommandField.C_GET_RQ: "CAN-09",
}


def judge(operation: CancelledOperation, *, total: int | None = None) -> tuple[Finding, ...]:
    """Every finding for an operation that a C-CANCEL-RQ named while it ran.

    Args:
        operation: What was seen.
        total: How many sub-operations a C-GET or C-MOVE has, or matches a C-FIND; None where that is not known.
    """
    found = [ending(operation, total), nothing_after_the_end(operation)]
    outcome = operation.exchange.outcome
    if isinstance(outcome, Response) and outcome.command.status == CANCELLED:
        if operation.exchange.request.command_field == CommandField.C_FIND_RQ:
            found += [no_identifier(operation), recognised()]
        else:
            found += [counts(operation, total), failed_list(operation)]
    return tuple(found)


def ending(operation: CancelledOperation, total: int | None = None) -> Finding:
    """CAN-04, CAN-08, CAN-09: a cancelled operation ends with FE00, or had already finished.

    Args:
        operation: What was seen.
        total: See `judge`; a C-FIND that ends with Success after fewer matches was cut short.
    """
    requirement = _requirement(operation)
    expected = ("final response with status FE00H (Cancel)", "0000H or a Warning, where the operation was over already")
    actual = f"{responses.actual(operation.exchange)}; {_progress(operation)}"
    verdict, note = _cut_short(operation, total) or _ending(operation)
    return finding(
        requirement, verdict, expected=expected, actual=actual, note=note, evidence=_shown(operation, verdict)
    )


def _cut_short(operation: CancelledOperation, total: int | None) -> tuple[Verdict, str] | None:
    exchange = operation.exchange
    is_find = exchange.request.command_field == CommandField.C_FIND_RQ
    matches = len(exchange.pending)
    if not is_find or total is None or exchange.status != 0 or matches >= total:
        return None
    return Verdict.FAIL, f"Success after {matches} of {total} matches says that there are no more"


def _ending(operation: CancelledOperation) -> tuple[Verdict, str]:
    outcome = operation.exchange.outcome
    if isinstance(outcome, NotConnected):
        return Verdict.INCONCLUSIVE, "there was no connection"
    if operation.cancel_t_s is None:
        return Verdict.INCONCLUSIVE, "the moment for the C-CANCEL-RQ never came"
    if not isinstance(outcome, Response):
        return Verdict.FAIL, "a C-CANCEL-RQ asks for a final response; it is no reason to end otherwise"
    status = outcome.command.status
    if status == CANCELLED:
        return Verdict.PASS, ""
    if status is None or status_class(status) not in (StatusClass.SUCCESS, StatusClass.WARNING, StatusClass.FAILURE):
        return Verdict.FAIL, ""
    if operation.cancel_came_first:
        begun = _begun_after_cancel(operation)
        if begun > _EXCUSED_SUB_OPERATIONS:
            return Verdict.FAIL, (
                f"{begun} sub-operations were begun although the answers that they waited for stand behind the "
                "C-CANCEL-RQ in the stream"
            )
        if status_class(status) is StatusClass.FAILURE:
            return Verdict.FAIL, "it neither ran to its end nor ended as cancelled"
    if status_class(status) is StatusClass.FAILURE:
        return Verdict.WARN, "it neither ran to its end nor ended as cancelled"
    late_s = _last_pending_after_s(operation)
    if late_s > UNDER_WAY_S:
        return Verdict.FAIL, (
            f"the last pending response came {late_s:.1f} s after the C-CANCEL-RQ: the operation was not over, and "
            f"nothing is under way for more than {UNDER_WAY_S:g} s"
        )
    return Verdict.INFO, "whether it was over before it read the C-CANCEL-RQ cannot be told from outside"


def nothing_after_the_end(operation: CancelledOperation) -> Finding:
    """No sub-operation and no further response follows the final response."""
    requirement = _requirement(operation)
    expected = "nothing of the operation after its final response"
    if not isinstance(operation.exchange.outcome, Response):
        what = describe(operation.exchange.outcome)
        return finding(requirement, Verdict.NOT_APPLICABLE, expected=expected, actual=f"no final response: {what}")
    late = [command for command in operation.after_final if _belongs(command, operation)]
    actual = f"{len(late)} messages, the first a {command_name(late[0].command_field or 0)}" if late else "nothing"
    return judged(requirement, ok=not late, expected=expected, actual=actual)


def no_identifier(operation: CancelledOperation) -> Finding:
    """CAN-05: a C-FIND-RSP with status FE00 has no identifier."""
    outcome = operation.exchange.outcome
    assert isinstance(outcome, Response)
    announced = outcome.command.announces_data_set
    actual = "Command Data Set Type " + ("announces an identifier" if announced else "0101H")
    return judged(
        "CAN-05",
        ok=not announced and outcome.data_set is None,
        expected="Command Data Set Type 0101H and no data set",
        actual=actual,
        evidence=last_received(operation.exchange.transcript, outcome) if announced else (),
    )


def recognised() -> Finding:
    """CAN-11: the C-CANCEL-RQ that was understood had Command Field, Message ID Being Responded To and 0101H alone."""
    actual = "status FE00H"
    return judged("CAN-11", ok=True, expected="the C-CANCEL-RQ of PS3.7 Table 9.3-5 recognised", actual=actual)


def too_few(requirement: str, seen: int, needed: int, what: str) -> Finding:
    """INCONCLUSIVE: the target has too little to do for an operation to be cancelled in the middle.

    Args:
        requirement: What could not be judged.
        seen: How many there are.
        needed: How many there should be.
        what: Of what, in words.
    """
    return finding(requirement, Verdict.INCONCLUSIVE, expected=f"{needed} {what}", actual=f"{seen} {what}")


def arrived(operation: CancelledOperation, instances: int) -> Finding:
    """CAN-08: what came to the destination of a cancelled C-MOVE agrees with the counts of its final response.

    Args:
        operation: Ended with FE00, and a C-ECHO after it was answered.
        instances: How many instances the destination holds by then.
    """
    outcome = operation.exchange.outcome
    assert isinstance(outcome, Response)
    done = sum(outcome.command.number(tag) or 0 for tag in _COUNTS)
    completed = outcome.command.number(Tag.NUMBER_OF_COMPLETED_SUBOPERATIONS) or 0
    # The sub-operation that was under way at the C-CANCEL-RQ may be counted or not.
    return judged(
        "CAN-08",
        ok=completed <= instances <= done + 1,
        expected="as many instances at the destination as sub-operations are counted, and no more of them afterwards",
        actual=f"{instances} instances arrived, {completed} of {done} sub-operations completed",
    )


def counts(operation: CancelledOperation, total: int | None) -> Finding:
    """CAN-08, CAN-09: FE00 carries the counts of sub-operations, and they agree with each other and with what was seen.

    Args:
        operation: Ended with FE00.
        total: How many sub-operations there are; the counts of the pending responses say it better, where there are.
    """
    outcome = operation.exchange.outcome
    assert isinstance(outcome, Response)
    command = outcome.command
    requirement = _requirement(operation)
    completed, failed, warning = (command.number(tag) for tag in _COUNTS)
    remaining = command.number(Tag.NUMBER_OF_REMAINING_SUBOPERATIONS)
    total = _total_of_pending(operation) or total
    expected = [
        "completed, failed and warning sub-operations counted",
        f"remaining ones left out, or making up {total if total is not None else 'the total'} together with the others",
    ]
    actual = f"completed {completed}, failed {failed}, warning {warning}, remaining {remaining}, of {total}"
    verdict = Verdict.FAIL
    if completed is None or failed is None or warning is None:
        wrong = "a count is missing"
    elif remaining == completed + failed + warning == 0 and not operation.exchange.pending and total:
        verdict, wrong = Verdict.WARN, "all zero: cancelled before it had counted; those not started are not told"
    else:
        wrong = _incoherent(operation, (completed, failed, warning), remaining, total)
    return judged(
        requirement,
        ok=not wrong,
        expected=expected,
        actual=actual,
        note=wrong,
        otherwise=verdict,
        evidence=last_received(operation.exchange.transcript, outcome) if wrong else (),
    )


def _incoherent(
    operation: CancelledOperation, done_by_kind: tuple[int, int, int], remaining: int | None, total: int | None
) -> str:
    """What is wrong with the counts; empty when nothing is.

    The sub-operation that was under way when the C-CANCEL-RQ came may be counted or not.
    """
    done = sum(done_by_kind)
    if total is not None:
        if done > total:
            return "more sub-operations are counted than there are"
        if remaining is not None and done + remaining not in (total, total - 1):
            return "the counts do not make up the total"
    if operation.exchange.request.command_field != CommandField.C_GET_RQ:
        return ""
    outcome = operation.exchange.outcome
    assert isinstance(outcome, Response)
    answered = sum(1 for sub in operation.sub_operations if sub.t_s <= outcome.t_s)
    if done_by_kind[0] > answered:
        return f"{answered} sub-operations were answered with 0000"
    if done < answered - 1:
        return f"{answered} sub-operations were answered"
    return ""


def failed_list(operation: CancelledOperation) -> Finding:
    """CAN-10: FE00 to C-GET or C-MOVE lists the failed instances if, and only if, there are any."""
    outcome = operation.exchange.outcome
    assert isinstance(outcome, Response)
    failed = outcome.command.number(Tag.NUMBER_OF_FAILED_SUBOPERATIONS) or 0
    has_list = outcome.command.announces_data_set
    fits = has_list == (failed > 0)
    return judged(
        "CAN-10",
        ok=fits,
        expected="Failed SOP Instance UID List when sub-operations failed, no data set when none did",
        actual=f"{failed} failed, {'a' if has_list else 'no'} data set",
        note=CONTRADICTION if outcome.data_set and not fits else "",
        otherwise=Verdict.WARN if outcome.data_set else Verdict.FAIL,
        evidence=() if fits else last_received(operation.exchange.transcript, outcome),
    )


def not_cancelled_by_another_id(operation: CancelledOperation) -> Finding:
    """CAN-07: a C-CANCEL-RQ with an unknown Message ID cancels nothing; A-ABORT is reported."""
    expected = ("the operation runs to its end", "A-ABORT (reported)")
    actual = f"{responses.actual(operation.exchange)}; {_progress(operation)}"
    outcome = operation.exchange.outcome
    note = ""
    match outcome:
        case NotConnected():
            verdict = Verdict.INCONCLUSIVE
        case Aborted():
            verdict = Verdict.INFO
        case Response(command=command) if operation.cancel_t_s is None:
            verdict, note = Verdict.INCONCLUSIVE, "the moment for the C-CANCEL-RQ never came"
        case Response(command=command) if command.status == CANCELLED:
            verdict, note = Verdict.FAIL, "the C-CANCEL-RQ named another Message ID"
        case Response(command=command) if status_class(command.status or 0) is StatusClass.FAILURE:
            verdict, note = Verdict.WARN, "the operation failed"
        case Response():
            verdict = Verdict.PASS
        case Silence():
            verdict, note = (
                Verdict.WARN,
                "no clause says what becomes of the operation; a peer would wait for its time-out",
            )
        case _:
            verdict = Verdict.FAIL
    return finding("CAN-07", verdict, expected=expected, actual=actual, note=note, evidence=_shown(operation, verdict))


def not_cancelled_from_elsewhere(operation: CancelledOperation, alone: CancelledOperation) -> Finding:
    """UL-TCP-16: a C-CANCEL-RQ on one association does not cancel what runs on another under the same Message ID.

    Args:
        operation: The C-GET during whose first sub-operation it was sent.
        alone: The same C-GET before, with nothing beside it.
    """
    expected = f"0000H after {len(alone.sub_operations)} sub-operations, as before"
    actual = f"{responses.actual(operation.exchange)}; {_progress(operation)}"
    if alone.exchange.status != 0 or not operation.sub_operations:
        note = "without the C-CANCEL-RQ it went no better" if alone.exchange.status != 0 else "no sub-operation came"
        return finding("UL-TCP-16", Verdict.INCONCLUSIVE, expected=expected, actual=actual, note=note)
    status = operation.exchange.status
    verdict, note = Verdict.FAIL, ""
    if status == 0 and len(operation.sub_operations) == len(alone.sub_operations):
        verdict = Verdict.PASS
    elif status is not None and status_class(status) is StatusClass.FAILURE:
        verdict, note = Verdict.WARN, "the operation failed"
    return finding(
        "UL-TCP-16", verdict, expected=expected, actual=actual, note=note, evidence=_shown(operation, verdict)
    )


def no_effect_after_the_end(operation: CancelledOperation) -> Finding:
    """CAN-06: a C-CANCEL-RQ after the final response is ignored, and the next operation is performed."""
    expected = "the C-ECHO that follows is answered with 0000H, and nothing else comes"
    if operation.cancel_t_s is None or not isinstance(operation.exchange.outcome, Response):
        what = describe(operation.exchange.outcome)
        return finding("CAN-06", Verdict.INCONCLUSIVE, expected=expected, actual=f"no final response: {what}")
    late = [command for command in operation.after_final if _belongs(command, operation)]
    if late:
        first = late[0]
        actual = f"{command_name(first.command_field or 0)} after the final response, status {first.status or 0:04X}H"
        return judged("CAN-06", ok=False, expected=expected, actual=actual)
    if operation.echo is None:
        actual, note = "nothing came", "Verification was not accepted, so no operation followed"
        return finding("CAN-06", Verdict.PASS, expected=expected, actual=actual, note=note)
    return responses.expect(operation.echo, "CAN-06", success=True)


def _requirement(operation: CancelledOperation) -> str:
    field = operation.exchange.request.command_field
    return next((row for of, row in _REQUIREMENTS.items() if of == field), "CAN-04")


def _belongs(command: CommandSet, operation: CancelledOperation) -> bool:
    request = operation.exchange.request
    if command.command_field == CommandField.C_STORE_RQ:
        return True
    answers = command.command_field == (request.command_field or 0) | 0x8000
    return answers and command.message_id_being_responded_to == request.message_id


def _begun_after_cancel(operation: CancelledOperation) -> int:
    cancel_t_s = operation.cancel_t_s
    return 0 if cancel_t_s is None else sum(1 for sub in operation.sub_operations if sub.t_s > cancel_t_s)


def _last_pending_after_s(operation: CancelledOperation) -> float:
    cancel_t_s = operation.cancel_t_s
    if cancel_t_s is None:
        return 0.0
    return max((pending.t_s - cancel_t_s for pending in operation.exchange.pending), default=0.0)


def _progress(operation: CancelledOperation) -> str:
    cancel_t_s = operation.cancel_t_s
    pending = operation.exchange.pending
    words = f"{len(pending)} pending responses"
    if cancel_t_s is not None:
        words += f", {sum(1 for p in pending if p.t_s > cancel_t_s)} of them after the C-CANCEL-RQ"
    if operation.sub_operations:
        words += f"; {len(operation.sub_operations)} sub-operations, {_begun_after_cancel(operation)} after it"
    return words


def _total_of_pending(operation: CancelledOperation) -> int | None:
    for pending in operation.exchange.pending:
        numbers = [pending.command.number(tag) for tag in (*_COUNTS, Tag.NUMBER_OF_REMAINING_SUBOPERATIONS)]
        if None not in numbers:
            return sum(n for n in numbers if n is not None)
    return None


def _shown(operation: CancelledOperation, verdict: Verdict) -> tuple[Evidence, ...]:
    if verdict is Verdict.PASS:
        return ()
    return last_received(operation.exchange.transcript, operation.exchange.outcome)
