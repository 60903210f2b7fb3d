"""Answers to malformed messages, to many messages, and to messages of an association that is over. Pure judges."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Aborted, Closed, NotConnected, Reset, Response, describe
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.responses import Reactions, actual, expect
from conformance.wire.command import CommandField

_NO_CLAUSE = "no clause fixes the reaction to this command set"


def any_answer(exchange: OperationExchange, requirement: str) -> Finding:
    """A request that is malformed is answered with whatever status, or draws A-ABORT.

    A bare close and silence are a WARN; only what is no DICOM, or answers something else, is a FAIL.
    """
    return expect(
        exchange,
        requirement,
        success=True,
        warning=True,
        failure=True,
        abort=True,
        reported=Reactions(closed=True),
        well_formed=False,
        note=_NO_CLAUSE,
    )


def faulty_store(exchange: OperationExchange, requirement: str, *, names_another: bool) -> Finding:
    """A C-STORE whose command set is malformed is refused, draws A-ABORT, or is performed as it was meant.

    Args:
        exchange: The C-STORE.
        requirement: What the finding is about.
        names_another: Whether its command names another SOP class or instance than its data set, or none that can be:
            a Success then is a WARN.
    """
    if not names_another:
        return any_answer(exchange, requirement)
    return expect(
        exchange,
        requirement,
        failure=True,
        abort=True,
        reported=Reactions(success=True, warning=True, closed=True),
        well_formed=False,
        note=_NO_CLAUSE,
    )


def store_without_its_data_set(exchange: OperationExchange) -> Finding:
    """A C-STORE that another command set follows in place of its data set is never acknowledged (PDV-20)."""
    requirement = "PDV-20"
    outcome = exchange.outcome
    if isinstance(outcome, Response) and outcome.command.command_field == CommandField.C_ECHO_RSP:
        return finding(
            requirement,
            Verdict.WARN,
            expected=("A-ABORT", "a Failure for the C-STORE"),
            actual="C-ECHO-RSP, and no answer to the C-STORE before it",
            note="PS3.7 6.3: a command set that announces a data set is followed by it",
            evidence=last_received(exchange.transcript, outcome),
        )
    return expect(exchange, requirement, failure=True, abort=True, reported=Reactions(closed=True), well_formed=False)


def no_stale_response(exchanges: Sequence[OperationExchange]) -> Finding:
    """What comes on a new association answers a request on it, never one on an association before it (CMD-41).

    Args:
        exchanges: C-ECHOs on the new association, in their order.
    """
    requirement = "CMD-41"
    expected = f"{len(exchanges)} C-ECHO-RSP, each to the request before it"
    for exchange in exchanges:
        outcome = exchange.outcome
        if isinstance(outcome, Response):
            if outcome.command.command_field == CommandField.C_ECHO_RSP:
                continue
            return finding(
                requirement,
                Verdict.FAIL,
                expected=expected,
                actual=f"{actual(exchange)}, in answer to what was asked on another association",
                evidence=last_received(exchange.transcript, outcome),
            )
        verdict = Verdict.INCONCLUSIVE if isinstance(outcome, NotConnected) else Verdict.FAIL
        return finding(requirement, verdict, expected=expected, actual=actual(exchange))
    return finding(requirement, Verdict.PASS, expected=expected, actual=f"{len(exchanges)} C-ECHO-RSP")


def each_answered_once(exchanges: Sequence[OperationExchange], *, asked: int) -> Finding:
    """Every one of many requests is answered, once and under its own Message ID (CMD-27).

    Args:
        exchanges: The requests in their order, up to the first that was not answered.
        asked: How many there were to be.
    """
    requirement = "CMD-27"
    expected = f"{asked} responses, each to the request before it"
    for number, exchange in enumerate(exchanges, 1):
        outcome = exchange.outcome
        if not isinstance(outcome, Response):
            verdict, note = Verdict.FAIL, ""
            if isinstance(outcome, NotConnected):
                verdict = Verdict.INCONCLUSIVE
            elif isinstance(outcome, Aborted | Closed | Reset):
                verdict, note = (
                    Verdict.WARN,
                    "a target may end an association; a sender has to begin again with the rest",
                )
            words = f"{number - 1} answered, then {describe(outcome)}"
            return finding(requirement, verdict, expected=expected, actual=words, note=note)
        came = outcome.command.command_field, outcome.command.message_id_being_responded_to
        wanted = (exchange.request.command_field or 0) | 0x8000, exchange.request.message_id
        if came != wanted:
            return finding(
                requirement,
                Verdict.FAIL,
                expected=expected,
                actual=f"request {number}, Message ID {wanted[1]}: {actual(exchange)} for Message ID {came[1]}",
                evidence=last_received(exchange.transcript, outcome),
            )
    return finding(requirement, Verdict.PASS, expected=expected, actual=f"{len(exchanges)} responses")
