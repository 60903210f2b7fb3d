"""Storage commitment: how the request is answered, and what is reported on it (PS3.4 Annex J). Pure judges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from conformance.observation.commitment import NO_SUCH_INSTANCE, Commitment, EventType, Reference, Report
from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.outcomes import Response
from conformance.standard.sop_classes import STORAGE_COMMITMENT_PUSH_MODEL
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.extended import application_information
from conformance.verdict.few import few
from conformance.verdict.finding import Finding, Verdict, finding, judged
from conformance.verdict.responses import Reactions, actual, expect
from conformance.wire.command import CommandField, Tag

_NO_SUCH_ACTION: Final = 0x0123
_OTHER_INSTANCE: Final = (0x0112, 0x0117)
FAILURE_REASONS: Final = frozenset((0x0110, 0x0112, 0x0119, 0x0122, 0x0131, 0x0213))
"""PS3.3 C.14.1.1."""
_NOT_OF_A_RESPONSE: Final = (Tag.REQUESTED_SOP_CLASS_UID, Tag.REQUESTED_SOP_INSTANCE_UID)
_FLOOD: Final = 10

Uids = frozenset[str]
Faults = list[tuple[Verdict, str]]
"""What is wrong, and how wrong it is."""


def accepted(*, is_accepted: bool, claimed: bool) -> Finding:
    """The SOP class is accepted where the service is claimed (SC-01)."""
    verdict = Verdict.PASS if is_accepted else Verdict.FAIL if claimed else Verdict.NOT_APPLICABLE
    words = "accepted" if is_accepted else "not accepted"
    note = "the target is said to have the service" if claimed else ""
    return finding("SC-01", verdict, expected="Storage Commitment Push Model accepted", actual=words, note=note)


def received(exchange: OperationExchange) -> Finding:
    """A request for what is stored is answered with Success: it was received (SC-01)."""
    return expect(
        exchange,
        "SC-01",
        success=True,
        reported=Reactions(codes=(0x0110, 0x0124, 0x0213)),
        note="PS3.4 J.3.1: the SCP supports N-ACTION where it accepts the SOP class",
    )


def well_formed(exchange: OperationExchange) -> Finding:
    """An N-ACTION-RSP has what PS3.7 Table 10.3-8 lists (SC-04)."""
    expected = "Affected UIDs as requested or left out; no Requested UIDs; Action Type ID as requested or left out"
    if not isinstance(exchange.outcome, Response):
        return finding("SC-04", Verdict.INCONCLUSIVE, expected=expected, actual=actual(exchange))
    command, request = exchange.outcome.command, exchange.request
    faults: Faults = []
    if command.command_field != CommandField.N_ACTION_RSP:
        faults.append((Verdict.FAIL, f"Command Field {command.command_field or 0:04X}H"))
    for requested, affected, name in (
        (Tag.REQUESTED_SOP_CLASS_UID, Tag.AFFECTED_SOP_CLASS_UID, "Affected SOP Class UID"),
        (Tag.REQUESTED_SOP_INSTANCE_UID, Tag.AFFECTED_SOP_INSTANCE_UID, "Affected SOP Instance UID"),
    ):
        uid = command.text(affected)
        if uid and uid != request.text(requested):
            faults.append((Verdict.FAIL, f"{name} {uid}"))
    action = command.number(Tag.ACTION_TYPE_ID)
    if action is not None and action != request.number(Tag.ACTION_TYPE_ID):
        faults.append((Verdict.FAIL, f"Action Type ID {action}"))
    faults += [
        (Verdict.WARN, f"element (0000,{tag:04X}) is one of the request alone")
        for tag in _NOT_OF_A_RESPONSE
        if command.has(tag)
    ]
    return _judged(exchange, "SC-04", faults, expected=expected, fine=actual(exchange))


def no_extended_negotiation(association: AssociationExchange) -> Finding:
    """SOP class extended negotiation is not answered for a class that has none (SC-15)."""
    answers = application_information(association, STORAGE_COMMITMENT_PUSH_MODEL)
    words = f"56H with {answers[0][:16].hex(' ')}" if answers else "no 56H"
    return judged("SC-15", ok=not answers, expected="no SOP class extended negotiation (56H)", actual=words)


def other_instance_refused(exchange: OperationExchange) -> Finding:
    """A Requested SOP Instance UID other than the well-known one is not performed (SC-02)."""
    return expect(
        exchange,
        "SC-02",
        codes=_OTHER_INSTANCE,
        reported=Reactions(failure=True, abort=True),
        note="PS3.4 J.3.5: the SOP Instance is the well-known one, and there is no other",
    )


def other_action_refused(exchange: OperationExchange) -> Finding:
    """An Action Type ID other than 1 is refused as no such action (SC-03)."""
    return expect(
        exchange,
        "SC-03",
        codes=(_NO_SUCH_ACTION,),
        reported=Reactions(failure=True, abort=True),
        note="PS3.4 Table J.3-1 has one action; PS3.7 10.1.4.1.10: 0123H, no such action",
    )


def receipt_alone(exchange: OperationExchange) -> Finding:
    """The status of an N-ACTION tells of the receipt, not of the instances (SC-05)."""
    return expect(
        exchange,
        "SC-05",
        success=True,
        reported=Reactions(failure=True),
        note="PS3.4 J.3.2.1.3: a failure says that the request is not processed, which it may be; what becomes of the "
        "instances is for the report to say",
    )


def reported(commitment: Commitment, *, claimed_s: float | None) -> Finding:
    """A report comes on another association where the one of the request is over (SC-11).

    The standard names no time: without a claim, what did not come in the time that was listened proves nothing.
    """
    expected = "an N-EVENT-REPORT on an association of the target's own"
    if commitment.exchange.status != 0x0000:
        return _not_asked("SC-11", commitment, expected)
    if any(not report.same_association for report in commitment.reports):
        words = f"{len(commitment.reports)} reports within {commitment.waited_s:.1f} s"
        return finding("SC-11", Verdict.PASS, expected=expected, actual=words)
    if commitment.reports:
        words = "the report came on the association of the request before its release"
        return finding("SC-11", Verdict.INCONCLUSIVE, expected=expected, actual=words)
    note = (
        f"the target is said to report within {claimed_s:g} s"
        if claimed_s is not None
        else "PS3.4 J.3.3 names no time; hint: [claims] commitment_s, and our AE title, host and port at the target"
    )
    verdict = Verdict.INCONCLUSIVE if claimed_s is None else Verdict.FAIL
    words = f"nothing within {commitment.waited_s:.1f} s"
    return finding("SC-11", verdict, expected=expected, actual=words, note=note)


def negotiated_role(commitment: Commitment) -> Finding:
    """On an association of its own the SCP proposes the SCP role, and not the SCU role (SC-12)."""

    def faults(report: Report) -> Faults:
        if report.roles is None:
            return [(Verdict.FAIL, "no role selection (54H) for the class: the requestor is its SCU then")]
        if report.roles != (0, 1):
            other = Verdict.WARN if report.roles == (1, 1) else Verdict.FAIL
            return [(other, f"role selection with SCU {report.roles[0]} and SCP {report.roles[1]}")]
        return []

    return _of_others("SC-12", commitment, faults, "54H with SCU role 0 and SCP role 1")


def same_title(commitment: Commitment, called_ae_title: str) -> Finding:
    """The SCP reports under the AE title that the request was sent to (SC-13).

    A note says so, and notes demand nothing: another title is a WARN.
    """

    def faults(report: Report) -> Faults:
        if report.calling_ae_title == called_ae_title:
            return []
        return [(Verdict.WARN, f"Calling AE Title {report.calling_ae_title!r}")]

    return _of_others("SC-13", commitment, faults, f"Calling AE Title {called_ae_title!r}")


def once(commitment: Commitment) -> Finding:
    """A transaction is reported on once, on whichever association (SC-14); no clause forbids a second time."""
    expected = "one N-EVENT-REPORT"
    if not commitment.reports:
        return _nothing_came("SC-14", commitment, expected)
    places = ", ".join("the same association" if r.same_association else "another" for r in commitment.reports)
    words = f"{len(commitment.reports)}: {places}"
    verdict = Verdict.PASS if len(commitment.reports) == 1 else Verdict.WARN
    return finding("SC-14", verdict, expected=expected, actual=words)


def same_transaction(commitment: Commitment) -> Finding:
    """A report has the Transaction UID of the request (SC-10)."""

    def faults(report: Report) -> Faults:
        if report.transaction_uid == commitment.transaction_uid:
            return []
        return [(Verdict.FAIL, f"Transaction UID {report.transaction_uid or 'missing'}")]

    return _of_all("SC-10", commitment, faults, f"Transaction UID {commitment.transaction_uid}")


def complete(commitment: Commitment) -> Finding:
    """What is committed and what failed are together what was asked for, each instance once (SC-09)."""
    wanted = Counter({reference.sop_instance_uid: 1 for reference in commitment.references})

    def faults(report: Report) -> Faults:
        named = Counter(one.sop_instance_uid for one in (*report.committed, *report.failed))
        found = [f"{uid} is missing" for uid in wanted - named]
        found += [f"{uid} was not asked for" for uid in named if uid not in wanted]
        found += [f"{uid} is named {times} times" for uid, times in named.items() if times > 1 and uid in wanted]
        return [(Verdict.FAIL, fault) for fault in found]

    return _of_all("SC-09", commitment, faults, f"{len(wanted)} instances, each once")


def all_committed(commitment: Commitment) -> Finding:
    """What is stored is reported as committed, in an event of type 1 that names all of it (SC-06).

    An SCP need not commit to keep what it has stored: a reason of its own is a WARN, and that it knows no such
    instance is a FAIL.
    """
    classes = {reference.sop_instance_uid: reference.sop_class_uid for reference in commitment.references}

    def faults(report: Report) -> Faults:
        found = [*_type_and_sequences(report), *_denied(report, frozenset(classes))]
        found += [
            (Verdict.FAIL, f"{one.sop_instance_uid} has SOP class {one.sop_class_uid or 'missing'}")
            for one in report.committed
            if classes.get(one.sop_instance_uid, one.sop_class_uid) != one.sop_class_uid
        ]
        return found

    return _of_all("SC-06", commitment, faults, "Event Type ID 1, and no Failed SOP Sequence")


def failures_told(commitment: Commitment, *, unknown: Uids) -> Finding:
    """What is not stored is reported as failed, in an event of type 2, and the rest as committed (SC-07)."""
    known = frozenset(one.sop_instance_uid for one in commitment.references) - unknown

    def faults(report: Report) -> Faults:
        found = [*_type_and_sequences(report), *_denied(report, known)]
        found += [
            (Verdict.FAIL, f"{one.sop_instance_uid} is committed and was never sent")
            for one in report.committed
            if one.sop_instance_uid in unknown
        ]
        if report.event_type_id == EventType.ALL_COMMITTED:
            found.append((Verdict.FAIL, "Event Type ID 1, though one instance was never sent"))
        return found

    return _of_all("SC-07", commitment, faults, "Event Type ID 2, what was never sent in the Failed SOP Sequence")


def _type_and_sequences(report: Report) -> Faults:
    """The event type and the sequences of an event say the same (PS3.4 Table J.3-2)."""
    match report.event_type_id:
        case EventType.ALL_COMMITTED:
            if "FailedSOPSequence" in report.dataset:
                return [(Verdict.FAIL, f"Event Type ID 1 with a Failed SOP Sequence of {len(report.failed)} items")]
            return []
        case EventType.FAILURES_EXIST:
            return [] if report.failed else [(Verdict.FAIL, "Event Type ID 2 with no Failed SOP Sequence")]
        case other:
            return [(Verdict.FAIL, f"Event Type ID {other}")]


def _denied(report: Report, stored: Uids) -> Faults:
    """Instances that are stored and not committed."""
    return [
        (
            Verdict.FAIL if one.failure_reason == NO_SUCH_INSTANCE else Verdict.WARN,
            f"{one.sop_instance_uid} is stored and not committed, reason {_reason(one)}",
        )
        for one in report.failed
        if one.sop_instance_uid in stored
    ]


def _reason(one: Reference) -> str:
    return "missing" if one.failure_reason is None else f"{one.failure_reason:04X}H"


def reasons(commitment: Commitment, *, at_best: Iterable[int] = FAILURE_REASONS) -> Finding:
    """Each failed instance has a Failure Reason of PS3.3 C.14.1.1, and one that fits (SC-08).

    Args:
        commitment: The request and its reports.
        at_best: Those that fit; another one of the table is a WARN.
    """
    best = frozenset(at_best)

    def faults(report: Report) -> Faults:
        found: Faults = []
        for one in report.failed:
            if one.failure_reason is None:
                found.append((Verdict.FAIL, f"{one.sop_instance_uid} has no Failure Reason"))
            elif one.failure_reason not in FAILURE_REASONS:
                found.append((Verdict.FAIL, f"{one.sop_instance_uid} has Failure Reason {one.failure_reason:04X}H"))
            elif one.failure_reason not in best:
                found.append((Verdict.WARN, f"{one.sop_instance_uid} has Failure Reason {one.failure_reason:04X}H"))
        return found

    return _of_all("SC-08", commitment, faults, ", ".join(f"{code:04X}H" for code in sorted(best)))


def retrieve_title_in_one_place(commitment: Commitment) -> Finding:
    """Retrieve AE Title is outside of the items or in them, not in both (SC-18)."""

    def faults(report: Report) -> Faults:
        inside = [one for one in report.committed if one.retrieve_ae_title]
        if report.retrieve_ae_title and inside:
            return [(Verdict.FAIL, f"{report.retrieve_ae_title} outside, and in {len(inside)} items")]
        return []

    return _of_all("SC-18", commitment, faults, "Retrieve AE Title in one place, or none")


def class_conflict_told(commitment: Commitment) -> Finding:
    """An instance that is asked for under another SOP class is not one that is stored (SC-08)."""
    expected = "failed with 0119H (class / instance conflict)"
    if not commitment.reports:
        return _nothing_came("SC-08", commitment, expected)
    if any(report.committed for report in commitment.reports):
        words = "committed, though it is stored under another SOP class"
        return finding("SC-08", Verdict.WARN, expected=expected, actual=words)
    return reasons(commitment, at_best=(0x0119, 0x0112))


def named_once(commitment: Commitment) -> Finding:
    """An instance that a request names twice is refused with the request, or reported on once (SC-16)."""
    expected = "the request refused, or the instance reported on once and as committed"
    if commitment.exchange.status not in (None, 0x0000):
        return finding("SC-16", Verdict.PASS, expected=expected, actual=actual(commitment.exchange))
    uids = {reference.sop_instance_uid for reference in commitment.references}

    def faults(report: Report) -> Faults:
        named = Counter(one.sop_instance_uid for one in report.committed)
        found = [f"{uid} is named {named[uid]} times" for uid in sorted(uids) if named[uid] > 1]
        found += [f"{one.sop_instance_uid} has failed" for one in report.failed]
        return [(Verdict.WARN, fault) for fault in found]

    return _of_all("SC-16", commitment, faults, expected)


def not_mixed(requests: Sequence[tuple[Sequence[Reference], OperationExchange]], reports: Sequence[Report]) -> Finding:
    """Two requests under one Transaction UID: no report mixes what they asked for (SC-20).

    To use one twice is our own error, for which there is a Failure Reason and no demand: a mixture is a WARN.
    """
    expected = "the second refused, reported on with 0131H, or each reported on by itself"
    sets = [frozenset(one.sop_instance_uid for one in references) for references, _ in requests]
    second = actual(requests[-1][1])
    if not reports:
        words = f"nothing reported; the second: {second}"
        return finding("SC-20", Verdict.INCONCLUSIVE, expected=expected, actual=words)
    mixed = [
        report
        for report in reports
        if {one.sop_instance_uid for one in (*report.committed, *report.failed)} not in sets
    ]
    words = f"{len(reports)} reports; the second request: {second}"
    if mixed:
        return finding("SC-20", Verdict.WARN, expected=expected, actual=f"{len(mixed)} reports mix them; {words}")
    return finding("SC-20", Verdict.PASS, expected=expected, actual=words)


def not_repeated_without_end(commitment: Commitment, requirement: str) -> Finding:
    """A report that is not taken is not sent again and again (SC-17, SC-22); no clause says how often it may be."""
    expected = f"no more than {_FLOOD} reports within {commitment.waited_s:.0f} s"
    if not commitment.reports:
        return _nothing_came(requirement, commitment, expected)
    verdict = Verdict.WARN if len(commitment.reports) > _FLOOD else Verdict.PASS
    return finding(requirement, verdict, expected=expected, actual=f"{len(commitment.reports)} reports")


def _of_all(requirement: str, commitment: Commitment, faults: Callable[[Report], Faults], expected: str) -> Finding:
    """One thing judged in each report."""
    if not commitment.reports:
        return _nothing_came(requirement, commitment, expected)
    found = [fault for report in commitment.reports for fault in _readable(report, faults)]
    fine = f"{len(commitment.reports)} reports as expected"
    return _judged(commitment.exchange, requirement, found, expected=expected, fine=fine)


def _of_others(requirement: str, commitment: Commitment, faults: Callable[[Report], Faults], expected: str) -> Finding:
    """One thing judged in each association of the target's own."""
    others = [report for report in commitment.reports if not report.same_association]
    if not others:
        return _nothing_came(requirement, commitment, expected)
    found = [fault for report in others for fault in faults(report)]
    fine = f"{len(others)} associations as expected"
    return _judged(commitment.exchange, requirement, found, expected=expected, fine=fine)


def _readable(report: Report, faults: Callable[[Report], Faults]) -> Faults:
    if report.defect:
        return [(Verdict.FAIL, f"event information that cannot be read: {report.defect}")]
    return faults(report)


def _nothing_came(requirement: str, commitment: Commitment, expected: str) -> Finding:
    if commitment.exchange.status != 0x0000:
        return _not_asked(requirement, commitment, expected)
    words = f"no report to judge within {commitment.waited_s:.1f} s"
    return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=words)


def _not_asked(requirement: str, commitment: Commitment, expected: str) -> Finding:
    words = f"the request was not taken: {actual(commitment.exchange)}"
    return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=words)


def _judged(exchange: OperationExchange, requirement: str, faults: Faults, *, expected: str, fine: str) -> Finding:
    if not faults:
        return finding(requirement, Verdict.PASS, expected=expected, actual=fine)
    worst = Verdict.FAIL if any(verdict is Verdict.FAIL for verdict, _ in faults) else Verdict.WARN
    return finding(
        requirement,
        worst,
        expected=expected,
        actual=few([text for _, text in faults]),
        evidence=last_received(exchange.transcript, exchange.outcome),
    )
