"""Statuses of responses: whether the service lists them, and the classes that scenarios most often ask for."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import NotConnected, Response
from conformance.standard.statuses import C_STORE, SERVICE_TABLES, StatusClass, status_class, status_row
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.responses import NOTHING, Code, Reactions, actual, expect
from conformance.wire.command import CommandSet

_OTHER_CLAUSES = "PS3.2 2024d Table N.7-42 prints 0112H and 0214H where PS3.7 has 0122H and 0124H; PS3.7 prevails"


def judge_listed(command: CommandSet) -> tuple[str, Verdict, str]:
    """A response's status against the table of its service.

    Returns:
        The requirement that decides, the verdict, and why where the verdict is no PASS.
    """
    status = command.status
    command_field = (command.command_field or 0) & 0x7FFF
    requirement = "STA-02" if command_field == C_STORE else "STA-01"
    if status is None:
        return "CMD-26", Verdict.FAIL, "a response without a Status of two bytes"
    of_class = status_class(status)
    if of_class is None:
        return "STA-01", Verdict.FAIL, "PS3.7 Annex C gives this value no class"
    if status_row(command_field, status) is not None or command_field not in SERVICE_TABLES:
        return requirement, Verdict.PASS, ""
    if command_field == C_STORE:
        return _unlisted_for_c_store(status, of_class)
    if of_class is StatusClass.FAILURE:
        return requirement, Verdict.WARN, "a Failure by its value, but the service does not list it"
    return requirement, Verdict.FAIL, "the service has no such status"


def _unlisted_for_c_store(status: int, of_class: StatusClass) -> tuple[str, Verdict, str]:
    if of_class in {StatusClass.PENDING, StatusClass.CANCEL}:
        return "STA-26", Verdict.FAIL, "C-STORE has one final response: no Pending, no Cancel (PS3.7 Table 7.5-2)"
    if status in {0x0110, 0x0111}:
        return "STA-04", Verdict.WARN, "a general failure of PS3.7 Annex C that the C-STORE clause does not list"
    if status in {0x0112, 0x0214}:
        return "STA-05", Verdict.WARN, _OTHER_CLAUSES
    return "STA-02", Verdict.FAIL, "PS3.4 Table B.2-1 and PS3.7 9.1.1.1.9 do not list it"


def listed_words(command_field: int) -> tuple[str, ...]:
    """Every status that a service lists, in words; the classes of PS3.7 Annex C for a service without a table."""
    rows = SERVICE_TABLES.get(command_field & 0x7FFF)
    if rows is None:
        return ("0000H; 0001H, 0107H, 0116H, Bxxx; Axxx, Cxxx, 01xx, 02xx; FE00H; FF00H, FF01H (PS3.7 Annex C)",)
    return tuple(str(row) for row in rows)


def listed_for(exchange: OperationExchange) -> Finding:
    """The status of a response is one that its service lists (STA-02 for C-STORE, STA-01 for others).

    NOT_APPLICABLE where no response came: ask `responses.expect` whether one had to.
    """
    expected = listed_words(exchange.request.command_field or 0)
    outcome = exchange.outcome
    if not isinstance(outcome, Response):
        verdict = Verdict.INCONCLUSIVE if isinstance(outcome, NotConnected) else Verdict.NOT_APPLICABLE
        requirement = "STA-02" if exchange.request.command_field == C_STORE else "STA-01"
        return finding(requirement, verdict, expected=expected, actual=actual(exchange), note="no status came")
    requirement, verdict, why = judge_listed(outcome.command)
    return finding(requirement, verdict, expected=expected, actual=actual(exchange), note=why)


def is_success(exchange: OperationExchange, requirement: str, *, or_warning: bool = False, note: str = "") -> Finding:
    """The response has status 0000H, or a Warning where that is as good."""
    return expect(exchange, requirement, success=True, warning=or_warning, note=note)


def is_failure(
    exchange: OperationExchange,
    requirement: str,
    *,
    or_abort: bool = True,
    or_closed: bool = False,
    reported: Reactions = NOTHING,
    well_formed: bool = True,
    note: str = "",
) -> Finding:
    """The response has a status of class Failure, or the target aborted where that is as good."""
    return expect(
        exchange,
        requirement,
        failure=True,
        abort=or_abort,
        closed=or_closed,
        reported=reported,
        well_formed=well_formed,
        note=note,
    )


def refused(
    exchange: OperationExchange,
    requirement: str,
    *,
    codes: Iterable[Code],
    or_abort: bool = True,
    reported: Reactions = NOTHING,
    well_formed: bool = True,
    note: str = "",
) -> Finding:
    """The response has one of these statuses, or the target aborted where that is as good."""
    return expect(
        exchange, requirement, codes=codes, abort=or_abort, reported=reported, well_formed=well_formed, note=note
    )


def answered(exchange: OperationExchange, requirement: str, *, or_abort: bool = False, note: str = "") -> Finding:
    """A final response came, whatever its status says."""
    return expect(
        exchange, requirement, success=True, warning=True, failure=True, cancel=True, abort=or_abort, note=note
    )
