"""C-GET and C-MOVE as a whole: the counts of their sub-operations and the list of those that failed (PS3.4 C.4.2)."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Response
from conformance.standard.statuses import StatusClass, status_class
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.failed_list import CONTRADICTION, FailedList, failed_list
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.responses import actual
from conformance.wire.command import CommandSet, Tag

_DONE: Final = (
    Tag.NUMBER_OF_COMPLETED_SUBOPERATIONS,
    Tag.NUMBER_OF_FAILED_SUBOPERATIONS,
    Tag.NUMBER_OF_WARNING_SUBOPERATIONS,
)
_ALL: Final = (Tag.NUMBER_OF_REMAINING_SUBOPERATIONS, *_DONE)


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


def _failed_instances(exchange: OperationExchange, final: Response) -> Finding:
    requirement = "QR-28"
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
    unasked = failed == 0 and listed.data_set_present
    if unasked and not listed.uids and not faults and _may_contain_a_list(final):
        return finding(
            requirement,
            Verdict.WARN,
            expected=expected,
            actual="a list of no instances, and no sub-operation failed",
            note=CONTRADICTION,
            evidence=last_received(exchange.transcript, final),
        )
    faults += _list_faults(listed, failed)
    return _checked(
        exchange, requirement, faults, expected=expected, fine=f"{failed or 0} failed, {len(listed.uids)} listed"
    )


def _may_contain_a_list(final: Response) -> bool:
    status = final.command.status
    return status is not None and status_class(status) is not StatusClass.SUCCESS


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
