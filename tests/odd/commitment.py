"""Oddities of storage commitment: where, when and how it is reported, and what is not committed."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from conformance.standard.sop_classes import STORAGE_COMMITMENT_PUSH_MODEL
from conformance.target.embedded import commit_service, commitment
from conformance.target.embedded.answer import Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.commitment import CommitRequest, Reference, Report
from conformance.target.embedded.elements import Elements, text_element
from conformance.target.embedded.negotiation import Context
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from conformance.wire.command import Tag, us
from conformance.wire.items import Item, role_selection_item
from tests.odd.registry import odd

_RESOURCE_LIMITATION: Final = 0x0213
_PROCESSING_FAILURE: Final = 0x0110
_NO_SUCH_INSTANCE: Final = 0x0112
_INVALID_ARGUMENT: Final = 0x0115
_LATER_S: Final = 3.0
_INDEX_S: Final = 1.5


@odd("reports-at-leisure", clause="PS3.4 J.3.3.1.2: no time is named", knows_us=True)
class ReportsAtLeisure(Behaviour):
    """A report comes three seconds after the request."""

    def deliver(self, association: Association, context: Context, report: Report) -> None:
        destination = association.settings.move_destinations[association.calling_ae_title]

        def later() -> None:
            time.sleep(_LATER_S)
            commit_service.on_other_association(association, destination, report)

        association.aside(later)


@odd("never-reports", clause="PS3.4 J.3.3.1.2: no time is named, and tapes are slow", knows_us=True)
class NeverReports(Behaviour):
    """A report will come tomorrow."""

    def deliver(self, association: Association, context: Context, report: Report) -> None:
        association.store.finish(report.transaction_uid)


@odd("reports-where-it-was-asked-if-it-can", clause="PS3.4 J.3.3.1.2 note 1", knows_us=True)
class ReportsWhereItWasAskedIfItCan(Behaviour):
    """A report is sent on the association of the request where that is not released at once, else on another."""

    def deliver(self, association: Association, context: Context, report: Report) -> None:
        if association.poll(0.3):
            super().deliver(association, context, report)
        else:
            commit_service.on_same_association(association, context, report)


@odd("reports-with-both-roles", clause="PS3.7 D.3.3.4: a requestor may propose both roles", knows_us=True)
class ReportsWithBothRoles(Behaviour):
    """An association that reports proposes the SCU role beside the SCP role."""

    def report_roles(self) -> tuple[Item, ...]:
        return (role_selection_item(STORAGE_COMMITMENT_PUSH_MODEL, scu=1, scp=1),)


@odd("retrieve-title-in-the-items", clause="PS3.4 J.3.3.1.1.1", knows_us=True)
class RetrieveTitleInTheItems(Behaviour):
    """Retrieve AE Title is in each item, and not outside of them."""

    def report_elements(self, report: Report) -> Elements:
        elements = dict(super().report_elements(report))
        sequence = elements.get(commitment.REFERENCED_SOP_SEQUENCE)
        if elements.pop(commitment.RETRIEVE_AE_TITLE, None) is not None and sequence is not None:
            title = {commitment.RETRIEVE_AE_TITLE: text_element("AE", report.retrieve_ae_title)}
            items = tuple({**item, **title} for item in sequence.items or ())
            elements[commitment.REFERENCED_SOP_SEQUENCE] = replace(sequence, items=items)
        return elements


@odd("no-retrieve-title", clause="PS3.4 Table J.3-2: Retrieve AE Title is of type 3", knows_us=True)
class NoRetrieveTitle(Behaviour):
    """A report has no Retrieve AE Title."""

    def report_elements(self, report: Report) -> Elements:
        elements = dict(super().report_elements(report))
        elements.pop(commitment.RETRIEVE_AE_TITLE, None)
        return elements


@odd("says-little-of-an-action", clause="PS3.7 Table 10.3-8: Affected UIDs are optional")
class SaysLittleOfAnAction(Behaviour):
    """An N-ACTION-RSP has no Affected UIDs."""

    def answer_action(self, association: Association, request: Request) -> Answer:
        return replace(super().answer_action(association, request), fields={})


@odd("names-the-action", clause="PS3.7 Table 10.3-8: Action Type ID may stand in the response")
class NamesTheAction(Behaviour):
    """An N-ACTION-RSP has the Action Type ID."""

    def answer_action(self, association: Association, request: Request) -> Answer:
        answer = super().answer_action(association, request)
        return replace(answer, fields={**answer.fields, Tag.ACTION_TYPE_ID: us(commitment.REQUEST_COMMITMENT)})


@odd("commits-to-nothing", clause="PS3.4 J.3.3.1.2, PS3.3 C.14.1.1: it may fail for want of room", knows_us=True)
class CommitsToNothing(Behaviour):
    """Nothing is committed, for want of resources."""

    def failure_reason(self, association: Association, reference: Reference) -> int | None:
        return super().failure_reason(association, reference) or _RESOURCE_LIMITATION


@odd("indexes-before-it-commits", clause="PS3.3 C.14.1.1: 0112H, not available", knows_us=True)
class IndexesBeforeItCommits(Behaviour):
    """What was stored less than a second and a half ago is not available yet."""

    def __init__(self) -> None:
        self._stored_at_s: dict[str, float] = {}

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        self._stored_at_s[instance.sop_instance_uid] = time.monotonic()
        return super().store_instance(store, instance)

    def failure_reason(self, association: Association, reference: Reference) -> int | None:
        age_s = time.monotonic() - self._stored_at_s.get(reference.sop_instance_uid, 0.0)
        return super().failure_reason(association, reference) if age_s > _INDEX_S else _NO_SUCH_INSTANCE


@odd("one-reason-for-all", clause="PS3.3 C.14.1.1: 0110H is a general failure", knows_us=True)
class OneReasonForAll(Behaviour):
    """Whatever the reason is, it is a processing failure."""

    def failure_reason(self, association: Association, reference: Reference) -> int | None:
        return None if super().failure_reason(association, reference) is None else _PROCESSING_FAILURE


@odd("knows-instances-by-class", clause="PS3.3 C.14.1.1: no such object instance", knows_us=True)
class KnowsInstancesByClass(Behaviour):
    """An instance under another SOP class is one that is not there."""

    def failure_reason(self, association: Association, reference: Reference) -> int | None:
        return None if super().failure_reason(association, reference) is None else _NO_SUCH_INSTANCE


@odd("refuses-a-second-reference", clause="PS3.4 J.3.2.1.1.3: an instance is referenced once")
class RefusesASecondReference(Behaviour):
    """A request that names an instance twice is refused."""

    def report_of(self, association: Association, asked: CommitRequest, *, in_use: bool) -> Report:
        if len(set(asked.references)) < len(asked.references):
            raise RefusedError(Answer(status=_INVALID_ARGUMENT))
        return super().report_of(association, asked, in_use=in_use)


@odd("refuses-a-transaction-in-use", clause="PS3.4 J.3.2.1.2: a Transaction UID is unique")
class RefusesATransactionInUse(Behaviour):
    """A request under a Transaction UID that was used before is refused."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def report_of(self, association: Association, asked: CommitRequest, *, in_use: bool) -> Report:
        if asked.transaction_uid in self._seen:
            raise RefusedError(Answer(status=_PROCESSING_FAILURE))
        self._seen.add(asked.transaction_uid)
        return super().report_of(association, asked, in_use=in_use)
