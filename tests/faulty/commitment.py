"""Faults of storage commitment: what is committed, what is said of it, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from conformance.standard.sop_classes import STORAGE_COMMITMENT_PUSH_MODEL
from conformance.target.embedded import commit_service, commitment
from conformance.target.embedded.answer import SUCCESS, UNRECOGNIZED_OPERATION, Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.commitment import CommitRequest, Reference, Report
from conformance.target.embedded.elements import Element, Elements, text_element
from conformance.target.embedded.negotiation import ABSTRACT_SYNTAX_NOT_SUPPORTED, Context, Roles
from conformance.target.embedded.settings import Settings
from conformance.verdict.finding import Verdict
from conformance.wire.command import Tag, ui
from conformance.wire.items import (
    ContextResult,
    Item,
    ProposedContext,
    role_selection_item,
    sop_class_extended_negotiation_item,
    user_information_item,
)
from conformance.wire.pdu import Associate
from tests.faulty.registry import COMMITMENT_CLAIMED, COMMITS_IN_TIME, fault

_OUT_OF_RESOURCES: Final = 0xA700
_NO_SUCH_INSTANCE: Final = 0x0112
_PROCESSING_FAILURE: Final = 0x0110
_REPEATS: Final = 30
_REPORTED_AT_MOST: Final = 16


@fault("commitment-is-claimed-alone", catches=("SC-01",), options=COMMITMENT_CLAIMED)
class CommitmentIsClaimedAlone(Behaviour):
    """The conformance statement has storage commitment, and the SOP class is not accepted."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or proposed.abstract_syntax != STORAGE_COMMITMENT_PUSH_MODEL:
            return result
        return replace(result, result=ABSTRACT_SYNTAX_NOT_SUPPORTED)


@fault("commitment-is-not-performed", catches=("SC-01",))
class CommitmentIsNotPerformed(Behaviour):
    """The SOP class is accepted, and its N-ACTION is answered as an unrecognized operation."""

    def answer_action(self, association: Association, request: Request) -> Answer:
        raise RefusedError(UNRECOGNIZED_OPERATION)


@fault("commits-on-any-instance", catches=("SC-02",))
class CommitsOnAnyInstance(Behaviour):
    """An N-ACTION on another SOP Instance than the well-known one is performed."""

    def answer_action(self, association: Association, request: Request) -> Answer:
        return SUCCESS


@fault("performs-any-action", catches=("SC-03",))
class PerformsAnyAction(Behaviour):
    """Every Action Type ID is taken for a commitment request."""

    def answer_action(self, association: Association, request: Request) -> Answer:
        return SUCCESS


@fault("another-reason-for-no-such-action", catches=("SC-03",), caught_as=Verdict.WARN)
class AnotherReasonForNoSuchAction(Behaviour):
    """An Action Type ID that is not known is a processing failure."""

    def answer_action(self, association: Association, request: Request) -> Answer:
        try:
            return super().answer_action(association, request)
        except RefusedError as refused:
            raise RefusedError(Answer(status=_PROCESSING_FAILURE)) from refused


@fault("answers-for-another-instance", catches=("SC-04",))
class AnswersForAnotherInstance(Behaviour):
    """The N-ACTION-RSP has the Affected SOP Instance UID of something else."""

    def answer_action(self, association: Association, request: Request) -> Answer:
        answer = super().answer_action(association, request)
        return replace(answer, fields={**answer.fields, Tag.AFFECTED_SOP_INSTANCE_UID: ui("1.2.3.4")})


@fault("echoes-requested-uids", catches=("SC-04",), caught_as=Verdict.WARN)
class EchoesRequestedUids(Behaviour):
    """The N-ACTION-RSP has the Requested SOP Class and Instance UID of its request."""

    def answer_action(self, association: Association, request: Request) -> Answer:
        super().answer_action(association, request)
        requested = (Tag.REQUESTED_SOP_CLASS_UID, Tag.REQUESTED_SOP_INSTANCE_UID)
        return Answer(status=0x0000, fields={tag: ui(request.command.text(tag) or "") for tag in requested})


@fault("refuses-a-request-with-a-stranger", catches=("SC-05",), caught_as=Verdict.WARN, knows_us=True)
class RefusesARequestWithAStranger(Behaviour):
    """A request with an instance that is not stored fails as a whole, in the N-ACTION-RSP."""

    def report_of(self, association: Association, asked: CommitRequest, *, in_use: bool) -> Report:
        report = super().report_of(association, asked, in_use=in_use)
        if report.failed:
            raise RefusedError(Answer(status=_NO_SUCH_INSTANCE))
        return report


@fault("denies-what-it-has", catches=("SC-06",), knows_us=True)
class DeniesWhatItHas(Behaviour):
    """A stored instance is reported as no such instance."""

    def failure_reason(self, association: Association, reference: Reference) -> int | None:
        return _NO_SUCH_INSTANCE


@fault("has-failures-in-success", catches=("SC-06",), knows_us=True)
class HasFailuresInSuccess(Behaviour):
    """An event of type 1 has an empty Failed SOP Sequence."""

    def report_elements(self, report: Report) -> Elements:
        elements = dict(super().report_elements(report))
        return elements | {commitment.FAILED_SOP_SEQUENCE: Element(vr="SQ", items=())}


@fault("commits-whatever-is-named", catches=("SC-07",), knows_us=True)
class CommitsWhateverIsNamed(Behaviour):
    """Nobody looks whether an instance is stored: all are committed."""

    def failure_reason(self, association: Association, reference: Reference) -> int | None:
        return None


@fault("reports-success-alone", catches=("SC-07", "SC-09"), knows_us=True)
class ReportsSuccessAlone(Behaviour):
    """What is not stored is left out of the report, which is one of success."""

    def report_of(self, association: Association, asked: CommitRequest, *, in_use: bool) -> Report:
        return replace(super().report_of(association, asked, in_use=in_use), failed=())


@fault("reasons-of-c-store", catches=("SC-08",), knows_us=True)
class ReasonsOfCStore(Behaviour):
    """Failure Reason is a status of C-STORE."""

    def failure_reason(self, association: Association, reference: Reference) -> int | None:
        return None if super().failure_reason(association, reference) is None else _OUT_OF_RESOURCES


@fault("commits-under-another-class", catches=("SC-08",), caught_as=Verdict.WARN, knows_us=True)
class CommitsUnderAnotherClass(Behaviour):
    """An instance is committed whatever SOP class it is asked for under."""

    def failure_reason(self, association: Association, reference: Reference) -> int | None:
        return None if association.store.get(reference.sop_instance_uid) is not None else _NO_SUCH_INSTANCE


@fault("leaves-out-the-last", catches=("SC-09",), knows_us=True)
class LeavesOutTheLast(Behaviour):
    """The last of several committed instances is left out of the report."""

    def report_of(self, association: Association, asked: CommitRequest, *, in_use: bool) -> Report:
        report = super().report_of(association, asked, in_use=in_use)
        return replace(report, committed=report.committed[:-1]) if len(report.committed) > 1 else report


@fault("reports-on-sixteen-at-most", catches=("SC-09",), knows_us=True)
class ReportsOnSixteenAtMost(Behaviour):
    """Of a request for many instances the first sixteen are reported on."""

    def report_of(self, association: Association, asked: CommitRequest, *, in_use: bool) -> Report:
        first = asked.references[:_REPORTED_AT_MOST]
        return super().report_of(association, replace(asked, references=first), in_use=in_use)


@fault("transaction-of-its-own", catches=("SC-10",), knows_us=True)
class TransactionOfItsOwn(Behaviour):
    """A report has a Transaction UID that nobody has sent."""

    def report_elements(self, report: Report) -> Elements:
        return {**super().report_elements(report), commitment.TRANSACTION_UID: text_element("UI", "1.2.3.4")}


@fault("reports-where-it-was-asked-alone", catches=("SC-11",), knows_us=True, options=COMMITS_IN_TIME)
class ReportsWhereItWasAskedAlone(Behaviour):
    """A report is lost where the association of the request is over."""

    def deliver(self, association: Association, context: Context, report: Report) -> None:
        if association.poll(0.5):
            association.store.finish(report.transaction_uid)
            return
        commit_service.on_same_association(association, context, report)


@fault("reports-as-scu", catches=("SC-12",), knows_us=True)
class ReportsAsScu(Behaviour):
    """An association that reports has no role selection."""

    def report_roles(self) -> tuple[Item, ...]:
        return ()


@fault("reports-with-the-roles-exchanged", catches=("SC-12",), knows_us=True)
class ReportsWithTheRolesExchanged(Behaviour):
    """An association that reports proposes the SCU role, and not the SCP role."""

    def report_roles(self) -> tuple[Item, ...]:
        return (role_selection_item(STORAGE_COMMITMENT_PUSH_MODEL, scu=1, scp=0),)


@fault("reports-under-another-title", catches=("SC-13",), caught_as=Verdict.WARN, knows_us=True)
class ReportsUnderAnotherTitle(Behaviour):
    """A report comes from an AE title that nobody has asked."""

    def report_ae_title(self, association: Association) -> str:
        return "SOMEONE-ELSE"


@fault("reports-twice", catches=("SC-14",), caught_as=Verdict.WARN, knows_us=True)
class ReportsTwice(Behaviour):
    """A report is sent on the association of the request, and on one of its own."""

    def deliver(self, association: Association, context: Context, report: Report) -> None:
        super().deliver(association, context, report)
        commit_service.on_same_association(association, context, report)


@fault("answers-extended-negotiation-of-commitment", catches=("SC-15",))
class AnswersExtendedNegotiationOfCommitment(Behaviour):
    """SOP class extended negotiation is answered for storage commitment."""

    def associate_ac(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles], settings: Settings
    ) -> Associate:
        accept = super().associate_ac(request, results, roles, settings)
        if all(context.abstract_syntax != STORAGE_COMMITMENT_PUSH_MODEL for context in request.proposed_contexts):
            return accept
        answer = sop_class_extended_negotiation_item(STORAGE_COMMITMENT_PUSH_MODEL, b"\1")
        return replace(accept, items=(*accept.items[:-1], user_information_item((*accept.user_items, answer))))


@fault("commits-twice-what-is-named-twice", catches=("SC-16",), caught_as=Verdict.WARN)
class CommitsTwiceWhatIsNamedTwice(Behaviour):
    """Each committed instance is in the report twice."""

    def report_of(self, association: Association, asked: CommitRequest, *, in_use: bool) -> Report:
        report = super().report_of(association, asked, in_use=in_use)
        return replace(report, committed=report.committed * 2)


class _Insists(Behaviour):
    """Sends a report again and again."""

    def deliver(self, association: Association, context: Context, report: Report) -> None:
        destination = association.settings.move_destinations.get(association.calling_ae_title)
        if destination is None:
            super().deliver(association, context, report)
            return
        known = destination

        def insist() -> None:
            for _ in range(_REPEATS):
                commit_service.on_other_association(association, known, report)

        association.aside(insist)


@fault("insists-on-a-report", catches=("SC-22",), caught_as=Verdict.WARN, knows_us=True)
class InsistsOnAReport(_Insists):
    """A report is sent again at once, many times, whatever it is answered with."""


@fault(
    "insists-where-nobody-answers",
    catches=("SC-17",),
    caught_as=Verdict.WARN,
    knows_us=True,
    settings=Settings(sub_operation_s=0.1),
)
class InsistsWhereNobodyAnswers(_Insists):
    """A report that is not answered within a tenth of a second is sent again, many times."""


@fault("retrieve-title-in-both-places", catches=("SC-18",), knows_us=True)
class RetrieveTitleInBothPlaces(Behaviour):
    """Retrieve AE Title is outside of the items and in each of them."""

    def report_elements(self, report: Report) -> Elements:
        elements = dict(super().report_elements(report))
        sequence = elements.get(commitment.REFERENCED_SOP_SEQUENCE)
        if sequence is not None:
            title = {commitment.RETRIEVE_AE_TITLE: text_element("AE", report.retrieve_ae_title)}
            items = tuple({**item, **title} for item in sequence.items or ())
            elements[commitment.REFERENCED_SOP_SEQUENCE] = replace(sequence, items=items)
        return elements


@fault("mixes-requests-of-one-transaction", catches=("SC-20",), caught_as=Verdict.WARN)
class MixesRequestsOfOneTransaction(Behaviour):
    """What is asked for under a Transaction UID adds up, and each report has all of it."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[Reference, ...]] = {}

    def report_of(self, association: Association, asked: CommitRequest, *, in_use: bool) -> Report:
        every = (*self._asked.get(asked.transaction_uid, ()), *asked.references)
        self._asked[asked.transaction_uid] = every
        return super().report_of(association, replace(asked, references=every), in_use=False)
