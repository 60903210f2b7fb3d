"""Stores that did not run their ordinary course: a C-CANCEL beside them, or an end in the middle. Pure judges.

C-STORE has no cancellation (PS3.7 Table 7.5-2). A sender that does not want to go on ends the association, and what an
SCP then owes is simple: nothing partial is visible, and the same instance can be stored afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from conformance.instances.instance import Instance
from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.interruption import BrokenOff, Way
from conformance.observation.outcomes import (
    Aborted,
    Accepted,
    Closed,
    NotConnected,
    Rejected,
    Released,
    Reset,
    Response,
    ResponseOutcome,
    Silence,
    describe,
)
from conformance.observation.stored import NotReadable, ReadBackOutcome
from conformance.observation.transcript import Transcript
from conformance.standard.statuses import StatusClass, status_class
from conformance.verdict import fidelity, responses
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.finding import Finding, Verdict, finding, judged
from conformance.verdict.responses import Reactions
from conformance.verdict.wholeness import (
    NOTHING_STORED,
    agrees_with_status,
    all_whole,
    class_of,
    counted,
    is_acknowledged,
    unreadable,
)
from conformance.wire.command import CommandField

_CUT: Final = {
    Way.ABORT: "ST-32",
    Way.FIN: "CAN-13",
    Way.RST: "CAN-13",
    Way.RELEASE: "UL-REL-08",
}


# A C-CANCEL-RQ that names a C-STORE


def store_inside_which_a_cancel_stood(exchange: OperationExchange, requirement: str) -> Finding:
    """A C-STORE with a C-CANCEL-RQ between its command and its last data set fragment.

    PS3.8 E.1 forbids us that place: any reaction but FE00 is the target's right.
    """
    return responses.expect(
        exchange,
        requirement,
        success=True,
        warning=True,
        failure=True,
        reported=Reactions(abort=True),
        reported_as=Verdict.INFO,
        well_formed=False,
        note="PS3.8 E.1 forbids us the place of this C-CANCEL-RQ",
    )


def store_beside_cancel(
    exchange: OperationExchange, requirement: str, *, control: OperationExchange | None = None
) -> Finding:
    """A complete C-STORE beside which a C-CANCEL-RQ stood is answered as any other; A-ABORT is reported.

    Args:
        exchange: The C-STORE.
        requirement: What the finding is about.
        control: A C-STORE of another instance, with no C-CANCEL-RQ near; needed where the answer is a Failure.
    """
    return _as_ever(exchange, requirement, control, Reactions(abort=True), "C-STORE has no cancellation")


def undisturbed(exchange: OperationExchange, *, control: OperationExchange | None = None) -> Finding:
    """UL-TCP-16: a C-STORE is answered as ever while another association ends in the middle of one.

    Args:
        exchange: The C-STORE.
        control: One with nothing beside it; needed where the answer is a Failure.
    """
    return _as_ever(exchange, "UL-TCP-16", control, responses.NOTHING, "associations are independent of each other")


def _as_ever(
    exchange: OperationExchange,
    requirement: str,
    control: OperationExchange | None,
    reported: Reactions,
    why: str,
) -> Finding:
    if class_of(exchange) is not StatusClass.FAILURE:
        return responses.expect(
            exchange, requirement, success=True, warning=True, reported=reported, reported_as=Verdict.INFO
        )
    if control is not None and not is_acknowledged(control):
        note = f"the target stores no such instance at all: {responses.actual(control)}"
        return responses.expect(exchange, requirement, failure=True, note=note)
    note = f"{why}, and this Failure is not the ordinary answer"
    refused = Reactions(failure=True)
    return responses.expect(exchange, requirement, success=True, warning=True, reported=refused, note=note)


def association_goes_on(echo: OperationExchange, requirement: str) -> Finding:
    """A C-ECHO after a stray C-CANCEL-RQ is answered; A-ABORT is reported."""
    return responses.expect(echo, requirement, success=True, reported=Reactions(abort=True), reported_as=Verdict.INFO)


# An association that ends in the middle of a C-STORE


def nothing_partial(broken: BrokenOff, instance: Instance, stored: ReadBackOutcome) -> Finding:
    """Nothing is visible of a C-STORE that was cut; the whole instance or nothing where all of it had been sent."""
    if not broken.store.complete:
        return fidelity.not_stored(stored, requirement=_CUT[broken.way])
    expected = (NOTHING_STORED, "the whole instance, as all of it had been sent")
    if isinstance(stored, NotReadable):
        return unreadable("CAN-12", stored, *expected)
    if not stored.copies:
        return judged("CAN-12", ok=not stored.listed, expected=expected, actual=counted(stored))
    return all_whole("CAN-12", instance, stored, expected, counted(stored))


def no_success_for_a_part(broken: BrokenOff) -> Finding:
    """A C-STORE whose data set did not come whole is not acknowledged: UL-ABT-07, UL-REL-08 or CMD-28."""
    requirement = {Way.ABORT: "UL-ABT-07", Way.RELEASE: "UL-REL-08"}.get(broken.way, "CMD-28")
    acknowledged = not broken.store.complete and is_acknowledged(broken.store)
    return judged(
        requirement,
        ok=not acknowledged,
        expected="no Success and no Warning before the last fragment of the data set",
        actual=describe(broken.store.outcome),
        evidence=last_received(broken.store.transcript, broken.store.outcome) if acknowledged else (),
    )


def end_is_answered(broken: BrokenOff) -> Finding:
    """What the target does when the sender ends the association: UL-REL-06, UL-REL-08, UL-ABT-06 or UL-TCP-12."""
    match broken.way:
        case Way.RELEASE:
            return _release_answered(broken)
        case Way.ABORT:
            return _abort_not_answered(broken)
        case _:
            return _transport_closed(broken)


def _release_answered(broken: BrokenOff) -> Finding:
    requirement = "UL-REL-06" if broken.store.complete else "UL-REL-08"
    note = ""
    match broken.end:
        case Released() | Aborted():
            verdict = Verdict.PASS
        case Closed() | Reset():
            verdict, note = (
                Verdict.WARN,
                "the connection ended without a PDU, which does not tell a decision from a crash",
            )
        case Silence():
            verdict, note = Verdict.WARN, "PS3.7 A.5 forbids us this A-RELEASE-RQ; a peer would wait for its time-out"
        case NotConnected():
            verdict = Verdict.INCONCLUSIVE
        case _:
            verdict = Verdict.FAIL
    late = ("C-STORE-RSP, then A-RELEASE-RP",) if broken.store.complete else ()
    expected = (*late, "A-RELEASE-RP", "A-ABORT")
    return finding(
        requirement,
        verdict,
        expected=expected,
        actual=f"{describe(broken.end)} after A-RELEASE-RQ",
        note=note,
        evidence=() if verdict is Verdict.PASS else last_received(broken.store.transcript, broken.end),
    )


def _abort_not_answered(broken: BrokenOff) -> Finding:
    note = ""
    match broken.end:
        case Closed() | Reset():
            verdict = Verdict.PASS
        case NotConnected():
            verdict = Verdict.INCONCLUSIVE
        case Aborted():
            verdict, note = Verdict.WARN, "an A-ABORT of the target's own may have crossed ours"
        case _:
            verdict = Verdict.FAIL
    return finding(
        "UL-ABT-06",
        verdict,
        expected="the transport connection closed, and no PDU",
        actual=f"{describe(broken.end)} after A-ABORT",
        note=note,
        evidence=() if verdict is Verdict.PASS else last_received(broken.store.transcript, broken.end),
    )


def _transport_closed(broken: BrokenOff) -> Finding:
    expected = ("the connection closed by the target as well", "A-ABORT in the direction that is left")
    actual = f"{describe(broken.end)} after our {broken.way}"
    match broken.end:
        case Closed() | Reset() | Aborted():
            return judged("UL-TCP-12", ok=True, expected=expected, actual=actual)
        case NotConnected():
            note = "after an RST nothing is left to be seen on the connection"
            return finding("UL-TCP-12", Verdict.INFO, expected=expected, actual=actual, note=note)
        case _:
            note = "only our direction was closed; a target that goes on holding the connection holds a place"
            return finding("UL-TCP-12", Verdict.WARN, expected=expected, actual=actual, note=note)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondTry:
    """What was tried when an instance whose first transfer was broken off could not be stored.

    Args:
        control: A C-STORE of a new instance of the same kind.
        repeated: The same instance once more, after the control.
    """

    control: OperationExchange
    repeated: OperationExchange


def stored_afterwards(
    again: OperationExchange, *, may_be_duplicate: bool, second_try: SecondTry | None = None
) -> Finding:
    """CAN-12: an instance whose transfer was broken off can be stored on a new association.

    Args:
        again: The C-STORE on a new association.
        may_be_duplicate: Whether the first transfer may have stored the instance.
        second_try: What was tried when `again` was not acknowledged.
    """
    expected = ["status 0000H (Success)", "a status of class Warning"]
    if may_be_duplicate:
        expected.append("a Failure, as the instance may be stored already")
    actual = responses.actual(again)
    if is_acknowledged(again):
        return judged("CAN-12", ok=True, expected=expected, actual=actual)
    if isinstance(again.outcome, NotConnected):
        return finding("CAN-12", Verdict.INCONCLUSIVE, expected=expected, actual=actual)
    shown = last_received(again.transcript, again.outcome)
    if may_be_duplicate and class_of(again) is StatusClass.FAILURE:
        note = "all of the data set had been sent before, so this may be the target's answer to a duplicate"
        return finding("CAN-12", Verdict.INFO, expected=expected, actual=actual, note=note, evidence=shown)
    verdict, note = Verdict.FAIL, ""
    if second_try is None:
        verdict, note = Verdict.INCONCLUSIVE, "whether the target stores such an instance at all was not tried"
    elif not is_acknowledged(second_try.control):
        verdict = Verdict.INCONCLUSIVE
        note = f"an instance that was never broken off is not stored either: {responses.actual(second_try.control)}"
    elif is_acknowledged(second_try.repeated):
        verdict, note = Verdict.WARN, "a moment later the same instance was stored"
    else:
        note = f"another instance was stored, this one was not: {responses.actual(second_try.repeated)}"
    return finding("CAN-12", verdict, expected=expected, actual=actual, note=note, evidence=shown)


def place_given_back(tries: Iterable[AssociationExchange], *, breaks: int) -> Finding:
    """UL-TCP-12: after many broken transfers an association can be had again.

    Args:
        tries: Association requests after them, until one was accepted or the time was up.
        breaks: How many transfers were broken off.
    """
    made = tuple(tries)
    expected = "an association within the time-out"
    if not made:
        return finding("UL-TCP-12", Verdict.INCONCLUSIVE, expected=expected, actual="none was requested")
    last = made[-1]
    actual = f"{describe(last.outcome)} at request {len(made)}, after {breaks} transfers that were broken off"
    verdict = Verdict.PASS if isinstance(last.outcome, Accepted) else Verdict.FAIL
    return finding(
        "UL-TCP-12", verdict, expected=expected, actual=actual, evidence=last_received(last.transcript, last.outcome)
    )


def served_beside_a_stalled_sender(association: AssociationExchange, echo: OperationExchange | None) -> Finding:
    """UL-TCP-17: a sender that stalls in the middle of a C-STORE does not keep others from being served."""
    expected = ("an association and a C-ECHO while the first one stalls", "a transient rejection")
    if echo is not None and echo.status == 0:
        return judged("UL-TCP-17", ok=True, expected=expected, actual=responses.actual(echo))
    outcome = association.outcome
    if isinstance(outcome, Rejected) and outcome.is_transient:
        return judged("UL-TCP-17", ok=True, expected=expected, actual=describe(outcome))
    note = "an SCP that serves one association at a time; no clause forbids it, and one stalled sender stops them all"
    actual = describe(outcome) if echo is None else responses.actual(echo)
    return finding("UL-TCP-17", Verdict.INFO, expected=expected, actual=actual, note=note)


def not_served_beside(association: AssociationExchange) -> Finding:
    """UL-TCP-16: another association was not accepted, or not in time, beside one that is open."""
    outcome = association.outcome
    one_at_a_time = isinstance(outcome, Silence) or (isinstance(outcome, Rejected) and outcome.is_transient)
    return finding(
        "UL-TCP-16",
        Verdict.NOT_APPLICABLE if one_at_a_time else Verdict.INCONCLUSIVE,
        expected="a second association beside the first",
        actual=describe(outcome),
        note="an SCP that serves one association at a time can mix up none" if one_at_a_time else "",
    )


# Messages that are complete too early, or answered too early


def early_response(outcome: ResponseOutcome, transcript: Transcript) -> Finding:
    """CMD-28: what came while the last fragment of the data set was kept back."""
    expected = ("nothing", "a Failure (CMD-29)")
    note = ""
    match outcome:
        case Silence():
            verdict = Verdict.PASS
        case Response(command=command) if status_class(command.status or 0) is StatusClass.FAILURE:
            verdict = Verdict.PASS
        case Response():
            verdict = Verdict.FAIL
        case NotConnected():
            verdict = Verdict.INCONCLUSIVE
        case _:
            verdict, note = Verdict.WARN, "the C-STORE was well formed so far"
    return finding(
        "CMD-28",
        verdict,
        expected=expected,
        actual=f"{describe(outcome)}, the last fragment not yet sent",
        note=note,
        evidence=() if verdict is Verdict.PASS else last_received(transcript, outcome),
    )


def one_response(echo: OperationExchange) -> Finding:
    """CMD-29: after an early failure, and the rest of the data set, no second response comes.

    Args:
        echo: A C-ECHO on the same association, after the rest of the data set.
    """
    expected = "the C-ECHO-RSP next, as the C-STORE was answered"
    outcome = echo.outcome
    if isinstance(outcome, Response) and outcome.command.command_field != CommandField.C_ECHO_RSP:
        shown = last_received(echo.transcript, outcome)
        return judged("CMD-29", ok=False, expected=expected, actual=describe(outcome), evidence=shown)
    return responses.expect(echo, "CMD-29", success=True)


def early_end(exchange: OperationExchange, *, whole_elements: bool) -> Finding:
    """CMD-31: the answer to a C-STORE whose last-fragment bit was set before the end of the instance.

    Args:
        exchange: The C-STORE.
        whole_elements: Whether the cut is at the end of an element. What arrived then is a data set like any other,
            and no receiver can know that it is not all; else its last element says more bytes than are there.
    """
    if whole_elements:
        return responses.expect(
            exchange,
            "CMD-31",
            failure=True,
            abort=True,
            reported=Reactions(success=True, warning=True),
            reported_as=Verdict.INFO,
            well_formed=False,
            note="what arrived ends with an element: a receiver cannot see that the sender meant to send more",
        )
    return responses.expect(
        exchange,
        "CMD-31",
        failure=True,
        abort=True,
        reported=Reactions(warning=True),
        well_formed=False,
        note="the last element says more bytes than came: what was acknowledged is not a whole data set"
        if is_acknowledged(exchange)
        else "",
    )


# Batches


def stopped_batch(
    sent: Iterable[tuple[Instance, OperationExchange, ReadBackOutcome]], unsent: Iterable[ReadBackOutcome]
) -> Finding:
    """CAN-14: what was acknowledged is stored whole, and nothing of what was not sent.

    Args:
        sent: Each instance that was sent, how it was answered, and what is stored.
        unsent: What is stored of each instance that was not sent.
    """
    expected = "each acknowledged instance stored whole, and no other"
    wrong: list[str] = []
    unknown: list[str] = []
    kept = refused = 0
    for instance, exchange, stored in sent:
        if not is_acknowledged(exchange):
            refused += 1
            continue
        one = agrees_with_status(exchange, instance, stored, "CAN-14")
        kept += one.verdict is Verdict.PASS
        name = exchange.sent.label if exchange.sent else instance.label
        if one.verdict is Verdict.FAIL:
            wrong.append(f"{name}: {one.actual}")
        elif one.verdict is not Verdict.PASS:
            unknown.append(f"{name}: {one.actual}")
    absent = 0
    for stored in unsent:
        if isinstance(stored, NotReadable):
            unknown.append(f"not sent: {stored.reason}")
        elif stored.copies or stored.listed:
            wrong.append(f"not sent: {counted(stored)}")
        else:
            absent += 1
    if wrong:
        return finding("CAN-14", Verdict.FAIL, expected=expected, actual="; ".join(wrong[:4]))
    if unknown or not kept:
        actual = "; ".join(unknown[:2]) or f"none of {refused} instances was acknowledged"
        return finding("CAN-14", Verdict.INCONCLUSIVE, expected=expected, actual=actual)
    actual = f"{kept} acknowledged and stored whole, {absent} not sent and absent"
    return judged("CAN-14", ok=True, expected=expected, actual=actual)
