"""Several instances on one association: each gets its own answer, and one that fails does not decide about others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Aborted, Closed, NotConnected, Reset, Response, describe
from conformance.observation.stored import NotReadable, ReadBackOutcome
from conformance.standard.statuses import C_STORE, StatusClass, status_class, status_words
from conformance.verdict.few import few
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.responses import actual

_OUT_OF_RESOURCES: Final = range(0xA700, 0xA800)
_NOT_AUTHORIZED: Final = 0x0124
_SHOWN: Final = 6
_LEGAL_END: Final = "legal (PS3.8 7.3), and it stops every sender that does not start again with the rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Instances that were sent one after the other, one of them faulty.

    Where the association ended before the last of them, the sender opened another one and sent on.

    Args:
        stores: The C-STOREs in their order.
        stored: What the read-back found for each.
        faulty: Index of the faulty one.
    """

    stores: tuple[OperationExchange, ...]
    stored: tuple[ReadBackOutcome, ...]
    faulty: int


def others_arrive(batch: Batch, requirement: str = "BAT-01") -> tuple[Finding, ...]:
    """The faulty instance gets an answer of its own, and all the others are answered and stored.

    Returns:
        What became of the faulty one (an A-ABORT is a WARN: the standard lets an SCP abort, and it stops a sender that
        does not start again), and what became of the others (FAIL where one is lost, refused while others of its kind
        are not, or left without an answer; WARN where the association ended behind the answer to the faulty one).
    """
    return (_faulty(batch, requirement), _others(batch, requirement))


def all_answered(
    exchanges: Sequence[OperationExchange],
    stored: Sequence[ReadBackOutcome],
    requirement: str,
    *,
    in_order: bool,
    abort: bool = True,
) -> Finding:
    """Requests that were sent before the first answer are each answered once, under their Message ID.

    Args:
        exchanges: The requests in their order, each with the answer that came at its turn.
        stored: What the read-back found for each.
        requirement: UI-ASY-07, or CMD-16 for two with one Message ID.
        in_order: Whether the answers have to come in the order of the requests.
        abort: Whether A-ABORT is acceptable, as where the sender has broken a rule.
    """
    asked = [exchange.request.message_id for exchange in exchanges]
    expected = [f"{len(asked)} responses, for Message IDs {', '.join(map(str, asked))}", "a Failure status for some"]
    if abort:
        expected.append("A-ABORT")
    answered: list[int | None] = []
    for exchange in exchanges:
        outcome = exchange.outcome
        if isinstance(outcome, Response):
            answered.append(outcome.command.message_id_being_responded_to)
            continue
        words = f"{len(answered)} of {len(asked)} answered, then {describe(outcome)}"
        verdict = Verdict.FAIL
        if isinstance(outcome, NotConnected):
            verdict = Verdict.INCONCLUSIVE
        elif isinstance(outcome, Aborted) and abort:
            verdict = Verdict.PASS
        elif isinstance(outcome, Closed | Reset) and abort:
            verdict = Verdict.WARN
        return finding(requirement, verdict, expected=expected, actual=words)
    words = f"answers for Message IDs {', '.join(map(str, answered))}"
    if answered != asked and (in_order or Counter(answered) != Counter(asked)):
        return finding(requirement, Verdict.FAIL, expected=expected, actual=words)
    lost = [_name(exchange) for number in dict.fromkeys(asked) for exchange in _lost(exchanges, stored, number)]
    if lost:
        return finding(
            requirement,
            Verdict.FAIL,
            expected=expected,
            actual=f"{words}; acknowledged and not stored: {few(lost, most=_SHOWN)}",
        )
    return finding(requirement, Verdict.PASS, expected=expected, actual=words)


def _lost(
    exchanges: Sequence[OperationExchange], stored: Sequence[ReadBackOutcome], number: int | None
) -> list[OperationExchange]:
    """Of the requests with a Message ID those that were acknowledged and are not stored, in whatever order answered."""
    acknowledged = [
        e.outcome.command
        for e in exchanges
        if isinstance(e.outcome, Response)
        and e.outcome.command.message_id_being_responded_to == number
        and _is_acknowledged(e)
    ]
    named = {command.affected_sop_instance_uid for command in acknowledged}
    asked = [(e, found) for e, found in zip(exchanges, stored, strict=True) if e.request.message_id == number]
    gone = [e for e, found in asked if not isinstance(found, NotReadable) and not found.copies]
    told_by_name = [e for e in gone if e.request.affected_sop_instance_uid in named]
    return told_by_name or (gone if len(acknowledged) > len(asked) - len(gone) else [])


def _faulty(batch: Batch, requirement: str) -> Finding:
    exchange = batch.stores[batch.faulty]
    expected = ("a response for the faulty instance, whatever its status", "A-ABORT is reported")
    verdict, note = Verdict.FAIL, ""
    match exchange.outcome:
        case Response():
            verdict = Verdict.PASS
        case Aborted() | Closed() | Reset():
            verdict = Verdict.WARN
            note = _LEGAL_END
        case NotConnected():
            verdict = Verdict.INCONCLUSIVE
    words = f"number {batch.faulty + 1} of {len(batch.stores)}, the faulty one: {actual(exchange)}"
    return finding(requirement, verdict, expected=expected, actual=words, note=note)


def _others(batch: Batch, requirement: str) -> Finding:
    expected = f"each of the {len(batch.stores) - 1} others answered with Success or Warning, and stored"
    lost: list[str] = []
    refused: list[str] = []
    short: list[str] = []
    unread: list[str] = []
    unsent: list[str] = []
    ended: list[str] = []
    good = 0
    for index, (exchange, found) in enumerate(zip(batch.stores, batch.stored, strict=True)):
        if index == batch.faulty:
            continue
        name = f"number {index + 1}"
        status = exchange.status
        if isinstance(exchange.outcome, NotConnected):
            unsent.append(f"{name}: {describe(exchange.outcome)}")
        elif index == batch.faulty + 1 and isinstance(exchange.outcome, Aborted | Closed | Reset):
            ended.append(f"{name}: {describe(exchange.outcome)}")
        elif status is None:
            lost.append(f"{name}: {describe(exchange.outcome)}")
        elif not _is_acknowledged(exchange):
            rightful = status in _OUT_OF_RESOURCES or status == _NOT_AUTHORIZED
            (short if rightful else refused).append(f"{name}: {status_words(C_STORE, status)}")
        elif isinstance(found, NotReadable):
            unread.append(f"{name}: {found.reason}")
        elif not found.copies:
            lost.append(f"{name}: {status:04X}H and not stored")
        else:
            good += 1
    verdict, lines = Verdict.PASS, []
    if lost or (refused and (good or unread)):
        verdict, lines = Verdict.FAIL, lost + refused
    elif short or ended:
        verdict, lines = Verdict.WARN, short + ended + refused
    elif refused or unread or unsent:
        verdict, lines = Verdict.INCONCLUSIVE, refused + unread + unsent
    words = "; ".join([*([few(lines, most=_SHOWN)] if lines else []), f"{good} answered and stored"])
    return finding(requirement, verdict, expected=expected, actual=words, note=_LEGAL_END if ended else "")


def _is_acknowledged(exchange: OperationExchange) -> bool:
    status = exchange.status
    return status is not None and status_class(status) in (StatusClass.SUCCESS, StatusClass.WARNING)


def _name(exchange: OperationExchange) -> str:
    return exchange.sent.sop_instance_uid if exchange.sent else f"message {exchange.request.message_id}"
