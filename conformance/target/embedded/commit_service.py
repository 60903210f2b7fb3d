"""Storage commitment performed: the request is answered, and then reported on (PS3.4 J.3.2, J.3.3)."""

from __future__ import annotations

import logging
import time
from typing import Final

from conformance.standard.sop_classes import STORAGE_COMMITMENT_PUSH_MODEL
from conformance.standard.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded import commitment
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.commitment import CommitRequest, Report
from conformance.target.embedded.negotiation import Context
from conformance.target.embedded.qr_service import encode_identifier
from conformance.target.embedded.requestor import Requestor, RequestorError
from conformance.target.embedded.settings import Destination
from conformance.wire.items import Item, ProposedContext, role_selection_item

log = logging.getLogger(__name__)

_PROPOSED: Final = (
    ProposedContext(
        context_id=1,
        abstract_syntax=STORAGE_COMMITMENT_PUSH_MODEL,
        transfer_syntaxes=(EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN),
    ),
)


def commit(association: Association, request: Request) -> None:
    """Answer an N-ACTION-RQ, and report on what it asks for.

    Raises:
        RefusedError: It is not performed.
    """
    behaviour = association.behaviour
    answer = behaviour.answer_action(association, request)
    asked = commitment.read_request(request)
    begun = association.store.begin(asked.transaction_uid)
    report = behaviour.report_of(association, asked, in_use=not begun)
    association.respond(request, answer)
    behaviour.deliver(association, request.context, report)


def report_of(association: Association, asked: CommitRequest, *, in_use: bool) -> Report:
    """What becomes of a request: each instance counts once, and none under a Transaction UID that is in use."""
    reasons = {
        reference: commitment.DUPLICATE_TRANSACTION
        if in_use
        else association.behaviour.failure_reason(association, reference)
        for reference in asked.references
    }
    return Report(
        transaction_uid=asked.transaction_uid,
        committed=tuple(reference for reference, reason in reasons.items() if reason is None),
        failed=tuple((reference, reason) for reference, reason in reasons.items() if reason is not None),
        retrieve_ae_title=association.settings.ae_title,
        begun=not in_use,
    )


def deliver(association: Association, context: Context, report: Report) -> None:
    """Report on an association of our own where the requestor is known, else on the one of the request."""
    destination = association.settings.move_destinations.get(association.calling_ae_title)
    if destination is None:
        on_same_association(association, context, report)
        return
    association.aside(lambda: on_other_association(association, destination, report))


def on_other_association(association: Association, destination: Destination, report: Report) -> None:
    """Report on an association of our own, as SCP of the class (PS3.4 J.3.3.1.2, PS3.7 D.3.3.4)."""
    behaviour = association.behaviour
    try:
        with Requestor(destination, association.calling_ae_title, association.settings) as requestor:
            requestor.associate(
                _PROPOSED,
                user_items=behaviour.report_roles(),
                calling_ae_title=behaviour.report_ae_title(association),
            )
            for context in requestor.contexts:
                status = requestor.request(
                    context,
                    commitment.report_command(association.new_message_id(), report),
                    encode_identifier(behaviour.report_elements(report), context.transfer_syntax),
                )
                log.debug("report on %s: %04XH", report.transaction_uid, status)
    except RequestorError as error:
        log.info("report on %s: %s", report.transaction_uid, error)
    finally:
        if report.begun:
            association.store.finish(report.transaction_uid)


def on_same_association(association: Association, context: Context, report: Report) -> None:
    """Report on the association of the request, for as long as there is one."""
    command = commitment.report_command(association.new_message_id(), report)
    elements = association.behaviour.report_elements(report)
    association.replies.clear()
    end_s = time.monotonic() + association.settings.sub_operation_s
    try:
        association.send(context, command, encode_identifier(elements, context.transfer_syntax))
        while association.established and not association.replies and time.monotonic() < end_s:
            association.poll(end_s - time.monotonic())
    finally:
        if report.begun:
            association.store.finish(report.transaction_uid)


def roles() -> tuple[Item, ...]:
    """We propose to be the SCP, and not the SCU (PS3.4 J.3.3.1.2 note 1)."""
    return (role_selection_item(STORAGE_COMMITMENT_PUSH_MODEL, scu=0, scp=1),)
