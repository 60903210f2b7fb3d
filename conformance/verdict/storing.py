"""Was a valid instance stored, was an unusual but legal transfer treated like an ordinary one, did all arrive?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Response, describe
from conformance.observation.stored import NotReadable, ReadBackOutcome
from conformance.standard.statuses import C_STORE, StatusClass, status_class, status_words
from conformance.verdict.few import few
from conformance.verdict.finding import Finding, Verdict, finding, judged
from conformance.verdict.responses import Reactions, actual, expect

_OUT_OF_RESOURCES: Final = range(0xA700, 0xA800)
_NOT_AUTHORIZED: Final = 0x0124
_SHOWN: Final = 6
_RIGHTS: Final = Reactions(codes=(_OUT_OF_RESOURCES, _NOT_AUTHORIZED))
"""Failures that say nothing about the instance."""


def acknowledged(exchange: OperationExchange) -> bool:
    """Whether a C-STORE was answered with Success or a Warning."""
    status = exchange.status
    return status is not None and status_class(status) in (StatusClass.SUCCESS, StatusClass.WARNING)


def storable(exchange: OperationExchange, requirement: str, *, claimed: bool | None) -> Finding:
    """A valid instance on an accepted context is stored.

    Args:
        exchange: The C-STORE.
        requirement: What the finding is about.
        claimed: Whether the target's claims name the SOP class; None when they name none.

    Returns:
        FAIL where no response came, and for a Failure status where the SOP class is claimed; WARN for a Failure where
        it is not, because the sender was told.
    """
    note = "the presentation context was accepted and the instance is valid" if not acknowledged(exchange) else ""
    if claimed:
        return expect(exchange, requirement, success=True, warning=True, reported=_RIGHTS, note=note)
    return expect(exchange, requirement, success=True, warning=True, reported=Reactions(failure=True), note=note)


def like_the_ordinary(exchange: OperationExchange, ordinary: OperationExchange, requirement: str) -> Finding:
    """An unusual but legal C-STORE is answered like an ordinary one of the same SOP class.

    Args:
        exchange: The unusual C-STORE.
        ordinary: One that differs from it in nothing but what the requirement is about.
        requirement: What the finding is about.

    Returns:
        INCONCLUSIVE where the ordinary one fared no better.
    """
    if not acknowledged(exchange) and not acknowledged(ordinary):
        return finding(
            requirement,
            Verdict.INCONCLUSIVE,
            expected="the answer to an ordinary C-STORE: Success or Warning",
            actual=f"{actual(exchange)}; the ordinary one: {actual(ordinary)}",
            note="an ordinary C-STORE went no better",
        )
    return expect(exchange, requirement, success=True, warning=True, reported=_RIGHTS)


def all_arrived(stores: Iterable[tuple[OperationExchange, ReadBackOutcome]], requirement: str) -> Finding:
    """Every one of several instances of a kind was answered, and stored where it was acknowledged.

    Args:
        stores: Each C-STORE with what the read-back found.
        requirement: What the finding is about.

    Returns:
        FAIL where one is lost, or refused while others of its kind are not.
    """
    expected = "every instance answered with Success or Warning, and stored"
    lost: list[str] = []
    refused: list[str] = []
    short: list[str] = []
    unread: list[str] = []
    good = 0
    for exchange, stored in stores:
        name = exchange.sent.sop_instance_uid if exchange.sent else f"message {exchange.request.message_id}"
        status = exchange.status
        if not isinstance(exchange.outcome, Response) or status is None:
            lost.append(f"{name}: {describe(exchange.outcome)}")
        elif not acknowledged(exchange):
            rightful = status in _OUT_OF_RESOURCES or status == _NOT_AUTHORIZED
            (short if rightful else refused).append(f"{name}: {status_words(C_STORE, status)}")
        elif isinstance(stored, NotReadable):
            unread.append(f"{name}: {stored.reason}")
        elif not stored.copies:
            lost.append(f"{name}: {status:04X}H and not stored")
        else:
            good += 1
    if lost or (refused and (good or unread)):
        return finding(requirement, Verdict.FAIL, expected=expected, actual=_words(lost + refused, good))
    for verdict, lines in ((Verdict.WARN, short + refused), (Verdict.INCONCLUSIVE, unread)):
        if lines:
            return finding(requirement, verdict, expected=expected, actual=_words(lines, good))
    return judged(requirement, ok=good > 0, expected=expected, actual=_words([], good), otherwise=Verdict.INCONCLUSIVE)


def on_the_requests_context(exchange: OperationExchange, requirement: str = "PDV-31") -> Finding:
    """The response came on the presentation context of the request."""
    expected = f"a response on presentation context {exchange.context_id}"
    if not isinstance(exchange.outcome, Response):
        return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=actual(exchange))
    on = exchange.outcome.context_id
    return judged(
        requirement, ok=on == exchange.context_id, expected=expected, actual=f"a response on presentation context {on}"
    )


def _words(lines: list[str], good: int) -> str:
    return "; ".join([*([few(lines, most=_SHOWN)] if lines else []), f"{good} answered and stored"])
