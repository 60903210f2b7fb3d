"""Whether the answer to a DIMSE request is one of those that are acceptable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import (
    Aborted,
    Closed,
    NotConnected,
    Released,
    Reset,
    Response,
    ResponseOutcome,
    Silence,
    Undecodable,
    Unexpected,
    describe,
)
from conformance.standard.statuses import StatusClass, status_class, status_words
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.wire.command import command_name

Code = int | range
"""A status, or a range of them such as `range(0xA700, 0xA800)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactions:
    """Answers to a request that are treated alike.

    Args:
        success: Status 0000H.
        warning: Any status of class Warning.
        failure: Any status of class Failure.
        cancel: Status FE00H.
        codes: Further statuses, single or as ranges.
        abort: A-ABORT.
        closed: The connection ended without a PDU, by FIN or RST.
        silence: No answer in the time given.
    """

    success: bool = False
    warning: bool = False
    failure: bool = False
    cancel: bool = False
    codes: tuple[Code, ...] = ()
    abort: bool = False
    closed: bool = False
    silence: bool = False

    def include(self, outcome: ResponseOutcome) -> bool:
        """Whether an outcome is one of them."""
        match outcome:
            case Response(command=command):
                return command.status is not None and self._include_status(command.status)
            case Aborted():
                return self.abort
            case Closed() | Reset():
                return self.closed
            case Silence(instead=instead):
                return self.silence and not instead
            case Released() | Undecodable() | Unexpected() | NotConnected():
                return False

    def _include_status(self, status: int) -> bool:
        if any(status == code if isinstance(code, int) else status in code for code in self.codes):
            return True
        match status_class(status):
            case StatusClass.SUCCESS:
                return self.success
            case StatusClass.WARNING:
                return self.warning
            case StatusClass.FAILURE:
                return self.failure
            case StatusClass.CANCEL:
                return self.cancel
            case StatusClass.PENDING | None:
                return False

    def words(self) -> tuple[str, ...]:
        """Each of them in words."""
        chosen = (
            (self.success, "status 0000H (Success)"),
            (self.warning, "a status of class Warning (Bxxx, 0001H, 0107H, 0116H)"),
            (self.failure, "a status of class Failure (Axxx, Cxxx, 01xx, 02xx)"),
            (self.cancel, "status FE00H (Cancel)"),
        )
        ends = (
            (self.abort, "A-ABORT"),
            (self.closed, "the connection closed"),
            (self.silence, "no answer"),
        )
        codes = tuple(
            f"status {code:04X}H" if isinstance(code, int) else f"status {code[0]:04X}H-{code[-1]:04X}H"
            for code in self.codes
        )
        return (*(words for on, words in chosen if on), *codes, *(words for on, words in ends if on))


NOTHING: Final = Reactions()


def expect(
    exchange: OperationExchange,
    requirement: str,
    *,
    success: bool = False,
    warning: bool = False,
    failure: bool = False,
    cancel: bool = False,
    codes: Iterable[Code] = (),
    abort: bool = False,
    closed: bool = False,
    silence: bool = False,
    reported: Reactions = NOTHING,
    reported_as: Verdict = Verdict.WARN,
    well_formed: bool = True,
    otherwise: Verdict = Verdict.FAIL,
    note: str = "",
) -> Finding:
    """One requirement judged on the answer to one request.

    Args:
        exchange: The request and what came.
        requirement: The requirement's id.
        success: 0000H is acceptable.
        warning: Any Warning is acceptable.
        failure: Any Failure is acceptable.
        cancel: FE00H is acceptable.
        codes: Further acceptable statuses, single or as ranges.
        abort: A-ABORT is acceptable.
        closed: An end of the connection without a PDU is acceptable.
        silence: No answer is acceptable.
        reported: Answers that the clause does not want and that are no failure either.
        reported_as: Their verdict.
        well_formed: Whether the standard obliges the target to react to this request; where it does not, silence
            and other lacking answers are a WARN and no failure.
        otherwise: The verdict for everything else.
        note: Why, for whoever reads the finding.

    Returns:
        PASS for what is acceptable; INCONCLUSIVE where there was no connection, or where the request was not sent to
        its end and no answer came; `otherwise` for bytes that are no DICOM and all that is not named.
    """
    acceptable = Reactions(
        success=success,
        warning=warning,
        failure=failure,
        cancel=cancel,
        codes=tuple(codes),
        abort=abort,
        closed=closed,
        silence=silence,
    )
    verdict, reason = _verdict(
        exchange, acceptable, reported, reported_as, well_formed=well_formed, otherwise=otherwise
    )
    return finding(
        requirement,
        verdict,
        expected=acceptable.words() or (note or "another end than any that there is",),
        actual=actual(exchange),
        note="; ".join(words for words in (reason, note) if words),
        evidence=() if verdict is Verdict.PASS else last_received(exchange.transcript, exchange.outcome),
    )


def actual(exchange: OperationExchange) -> str:
    """What came for a request, in one line: the response with its status in words, or what came instead."""
    outcome = exchange.outcome
    request = command_name(exchange.request.command_field or 0)
    if not isinstance(outcome, Response):
        return f"{describe(outcome)} after {request}"
    command = outcome.command
    if command.status is None:
        return describe(outcome)
    comment = f", Error Comment {command.error_comment!r}" if command.error_comment else ""
    words = status_words(command.command_field or 0, command.status)
    return f"{command_name(command.command_field or 0)} with status {words}{comment}"


def _verdict(
    exchange: OperationExchange,
    acceptable: Reactions,
    reported: Reactions,
    reported_as: Verdict,
    *,
    well_formed: bool,
    otherwise: Verdict,
) -> tuple[Verdict, str]:
    outcome = exchange.outcome
    if isinstance(outcome, NotConnected):
        return Verdict.INCONCLUSIVE, "there was no connection to send the request on"
    if acceptable.include(outcome):
        return Verdict.PASS, ""
    if reported.include(outcome):
        return reported_as, "tolerated, and reported"
    if isinstance(outcome, Silence):
        if not exchange.complete:
            return Verdict.INCONCLUSIVE, "the request was not sent to its end, so no answer was owed"
        if not well_formed:
            return Verdict.WARN, "no clause says how to answer this request; a peer would wait for its time-out"
    if isinstance(outcome, Closed | Reset | Released) and not (well_formed and exchange.complete):
        return Verdict.WARN, "the association ended without an A-ABORT, which does not tell a decision from a crash"
    return otherwise, ""
