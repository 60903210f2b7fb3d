"""C-FIND, C-GET and C-MOVE as a whole: the counts of sub-operations, and what a cancellation brings (PS3.4 C.4)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Response
from conformance.standard.statuses import C_FIND, C_GET, C_MOVE, StatusClass, status_class
from conformance.verdict.dialogue import Dialogue, read
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.failed_list import FailedList, failed_list
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.responses import actual, expect
from conformance.wire.command import CommandSet, Tag

_DONE: Final = (
    Tag.NUMBER_OF_COMPLETED_SUBOPERATIONS,
    Tag.NUMBER_OF_FAILED_SUBOPERATIONS,
    Tag.NUMBER_OF_WARNING_SUBOPERATIONS,
)
_ALL: Final = (Tag.NUMBER_OF_REMAINING_SUBOPERATIONS, *_DONE)
GRACE_S: Final = 2.0
"""How long after our C-CANCEL-RQ an operation may still run to its ordinary end without a WARN."""


def counts_coherent(exchange: OperationExchange) -> tuple[Finding, ...]:
    """The sub-operation counts of a C-GET or C-MOVE, and its list of failed instances (QR-25 to QR-28)."""
    final = exchange.outcome
    if not isinstance(final, Response) or final.command.status is None:
        return tuple(
            finding(
                requirement,
                Verdict.INCONCLUSIVE,
                expected="a final response with coherent counts",
                actual=actual(exchange),
            )
            for requirement in ("QR-25", "QR-26", "QR-27", "QR-28")
        )
    return (
        _final_status(exchange, final),
        _counters_where_they_belong(exchange, final),
        _counters_consistent(exchange, final),
        _failed_instances(exchange, final),
    )


def cancelled(exchange: OperationExchange, *, grace_s: float = GRACE_S) -> tuple[Finding, ...]:
    """A C-FIND, C-GET or C-MOVE that we cancelled ended with FE00H, or had already finished.

    CAN-04 and CAN-05 for C-FIND, CAN-08 and CAN-10 for C-MOVE, CAN-09 and CAN-10 for C-GET.

    Args:
        exchange: The operation; its C-CANCEL-RQ is found in the transcript.
        grace_s: How long after the C-CANCEL-RQ the operation may still run to its ordinary end without a WARN.
    """
    operation = exchange.request.command_field
    requirement = {C_FIND: "CAN-04", C_MOVE: "CAN-08", C_GET: "CAN-09"}.get(operation or 0, "CAN-04")
    ended = expect(exchange, requirement, cancel=True, success=True, warning=operation in {C_GET, C_MOVE})
    final = exchange.outcome
    if ended.verdict is not Verdict.PASS or not isinstance(final, Response):
        return (_failed_by_itself(ended, final),)
    dialogue = read(exchange.transcript)
    sent_s = _cancel_sent_s(dialogue, exchange)
    if final.command.status != 0xFE00:
        return (_ended_otherwise(ended, final, sent_s, grace_s),)
    if operation == C_FIND:
        return ended, _without_identifier(exchange, final)
    return _with_counts(exchange, final, dialogue, ended), _failed_instances(exchange, final, requirement="CAN-10")


def _failed_by_itself(ended: Finding, final: object) -> Finding:
    """A Failure status says that the operation failed, not that it was not cancelled."""
    if isinstance(final, Response) and status_class(final.command.status or 0) is StatusClass.FAILURE:
        return finding(
            ended.requirement,
            Verdict.INCONCLUSIVE,
            expected=ended.expected,
            actual=ended.actual,
            note="the operation failed before it could be cancelled",
        )
    return ended


def _cancel_sent_s(dialogue: Dialogue, exchange: OperationExchange) -> float | None:
    number = exchange.request.message_id
    sent = [m.ended_s for m in dialogue.ours if m.is_cancel and m.command.message_id_being_responded_to == number]
    return min(sent, default=None)


def _ended_otherwise(ended: Finding, final: Response, sent_s: float | None, grace_s: float) -> Finding:
    if sent_s is None:
        verdict, note = Verdict.INCONCLUSIVE, "no C-CANCEL-RQ for it is in the transcript"
    elif final.t_s < sent_s:
        verdict, note = Verdict.NOT_APPLICABLE, "the operation had finished before the C-CANCEL-RQ was sent"
    elif final.t_s - sent_s <= grace_s:
        verdict, note = Verdict.PASS, "the operation had finished when the C-CANCEL-RQ came, as far as can be told"
    else:
        verdict = Verdict.WARN
        note = f"the operation ran on for {final.t_s - sent_s:.1f} s after the C-CANCEL-RQ"
    return finding(ended.requirement, verdict, expected=ended.expected, actual=ended.actual, note=note)


def _without_identifier(exchange: OperationExchange, final: Response) -> Finding:
    bare = not final.command.announces_data_set and final.data_set is None
    return _checked(
        exchange,
        "CAN-05",
        [] if bare else ["a C-FIND-RSP with status FE00H and an identifier"],
        expected="no identifier beside status FE00H",
        fine="no identifier",
    )


def _with_counts(exchange: OperationExchange, final: Response, dialogue: Dialogue, ended: Finding) -> Finding:
    command = final.command
    faults = [f"no {_name(tag)} beside FE00H" for tag in _DONE if command.number(tag) is None]
    total = _announced_total(exchange.pending)
    remaining = command.number(Tag.NUMBER_OF_REMAINING_SUBOPERATIONS)
    done = sum(command.number(tag) or 0 for tag in _DONE)
    if not faults and total is not None:
        if remaining is not None and done + remaining != total:
            faults.append(f"{done} done and {remaining} remaining of {total}")
        if remaining is None and done > total:
            faults.append(f"{done} done of {total}")
    late = [m for m in dialogue.theirs if not m.is_response and m.began_s > final.t_s]
    if exchange.request.command_field == C_GET and late:
        faults.append(f"{len(late)} C-STORE-RQ after FE00H")
    return _checked(
        exchange,
        ended.requirement,
        faults,
        expected="FE00H with completed, failed and warning counts that add up, and no sub-operation after it",
        fine=_counts(command),
    )


def _final_status(exchange: OperationExchange, final: Response) -> Finding:
    command = final.command
    of_class = status_class(command.status or 0)
    unsuccessful = sum(command.number(tag) or 0 for tag in _DONE[1:])
    faults = []
    if of_class is StatusClass.SUCCESS and unsuccessful:
        faults.append(f"status 0000H with {_counts(command)}")
    if of_class is StatusClass.WARNING and all(command.number(tag) == 0 for tag in _DONE[1:]):
        faults.append(f"status {command.status:04X}H with {_counts(command)}")
    return _checked(
        exchange,
        "QR-25",
        faults,
        expected="0000H when every sub-operation succeeded, B000H when some failed or warned",
        fine=f"status {command.status:04X}H with {_counts(command)}",
    )


def _counters_where_they_belong(exchange: OperationExchange, final: Response) -> Finding:
    faults = [
        f"Pending response {index} without {_name(tag)}"
        for index, response in enumerate(exchange.pending, 1)
        for tag in _ALL
        if response.command.number(tag) is None
    ]
    of_class = status_class(final.command.status or 0)
    if of_class is not StatusClass.CANCEL and final.command.has(Tag.NUMBER_OF_REMAINING_SUBOPERATIONS):
        faults.append(f"{_name(Tag.NUMBER_OF_REMAINING_SUBOPERATIONS)} in a final response of class {of_class}")
    return _checked(
        exchange,
        "QR-26",
        faults,
        expected="all four counters in each Pending response, no Remaining counter in the final one",
        fine=f"as expected in {len(exchange.pending)} Pending responses and the final one",
    )


def _counters_consistent(exchange: OperationExchange, final: Response) -> Finding:
    rows = [counts for response in exchange.pending if (counts := _four(response.command)) is not None]
    faults = [
        f"{before} then {after} (remaining, completed, failed, warning)"
        for before, after in pairwise(rows)
        if sum(before) != sum(after)
        or after[0] > before[0]
        or any(a < b for b, a in zip(before[1:], after[1:], strict=True))
    ]
    total = sum(rows[-1]) if rows else None
    done = [final.command.number(tag) for tag in _DONE]
    remaining = final.command.number(Tag.NUMBER_OF_REMAINING_SUBOPERATIONS)
    cancelled_early = final.command.status == 0xFE00 and remaining is None
    if total is not None and all(count is not None for count in done) and not cancelled_early:
        in_all = sum(count or 0 for count in done) + (remaining or 0)
        if in_all != total:
            faults.append(f"{in_all} sub-operations in the final response, {total} announced before")
    return _checked(
        exchange,
        "QR-27",
        faults,
        expected="the same total in each response, the remaining count falling, the others rising",
        fine=f"{_counts(final.command)} after {len(rows)} Pending responses",
    )


def _failed_instances(exchange: OperationExchange, final: Response, *, requirement: str = "QR-28") -> Finding:
    expected = "Failed SOP Instance UID List in the final response exactly if some sub-operation failed"
    faults = [
        f"a data set in Pending response {index}"
        for index, response in enumerate(exchange.pending, 1)
        if response.data_set is not None
    ]
    failed = final.command.number(Tag.NUMBER_OF_FAILED_SUBOPERATIONS)
    listed = failed_list(exchange, final)
    if listed is None:
        return finding(
            requirement,
            Verdict.INCONCLUSIVE,
            expected=expected,
            actual="a data set that could not be read in the transfer syntax of its context",
            evidence=last_received(exchange.transcript, final),
        )
    faults += _list_faults(listed, failed)
    return _checked(
        exchange, requirement, faults, expected=expected, fine=f"{failed or 0} failed, {len(listed.uids)} listed"
    )


def _list_faults(listed: FailedList, failed: int | None) -> list[str]:
    if failed is None:
        return []
    if failed == 0:
        return ["a data set though no sub-operation failed"] if listed.data_set_present else []
    faults = []
    if len(set(listed.uids)) != failed:
        faults.append(f"{failed} sub-operations failed, {len(set(listed.uids))} instances are listed")
    if listed.has_character_set:
        faults.append("Specific Character Set beside the list")
    return faults


def _announced_total(pending: Iterable[Response]) -> int | None:
    totals = [sum(counts) for response in pending if (counts := _four(response.command)) is not None]
    return totals[-1] if totals else None


def _four(command: CommandSet) -> tuple[int, ...] | None:
    """Remaining, completed, failed, warning; None unless all four are there."""
    counts = tuple(count for tag in _ALL if (count := command.number(tag)) is not None)
    return counts if len(counts) == len(_ALL) else None


def _counts(command: CommandSet) -> str:
    shown = ((_name(tag).removeprefix("Number Of "), command.number(tag)) for tag in _ALL)
    return ", ".join(f"{name} {count}" for name, count in shown if count is not None) or "no counts"


def _name(tag: Tag) -> str:
    return tag.name.replace("_", " ").title().replace("Suboperations", "Sub-operations")


def _checked(exchange: OperationExchange, requirement: str, faults: list[str], *, expected: str, fine: str) -> Finding:
    return finding(
        requirement,
        Verdict.FAIL if faults else Verdict.PASS,
        expected=expected,
        actual="; ".join(faults) or fine,
        evidence=last_received(exchange.transcript, exchange.outcome) if faults else (),
    )
