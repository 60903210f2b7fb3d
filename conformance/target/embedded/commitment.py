"""Storage commitment: what is asked for, what is answered, and what is reported (PS3.4 Annex J)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from conformance.standard.sop_classes import STORAGE_COMMITMENT_INSTANCE, STORAGE_COMMITMENT_PUSH_MODEL
from conformance.target.embedded.answer import Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.elements import Element, Elements, text_element
from conformance.target.embedded.query import read_identifier
from conformance.target.embedded.storage import Store
from conformance.wire.command import CommandSet, Tag, ui
from conformance.wire.messages import n_event_report_rq

REQUEST_COMMITMENT: Final = 1
"""Action Type ID (PS3.4 Table J.3-1)."""
ALL_COMMITTED: Final = 1
FAILURES_EXIST: Final = 2
"""Event Type IDs (PS3.4 Table J.3-2)."""
NO_SUCH_INSTANCE: Final = 0x0112
CLASS_INSTANCE_CONFLICT: Final = 0x0119
DUPLICATE_TRANSACTION: Final = 0x0131
"""Failure Reasons (PS3.3 C.14.1.1)."""
_NO_SUCH_CLASS: Final = 0x0118
_NO_SUCH_ACTION: Final = 0x0123
_INVALID_ARGUMENT: Final = 0x0115

TRANSACTION_UID: Final = 0x0008_1195
REFERENCED_SOP_SEQUENCE: Final = 0x0008_1199
FAILED_SOP_SEQUENCE: Final = 0x0008_1198
FAILURE_REASON: Final = 0x0008_1197
RETRIEVE_AE_TITLE: Final = 0x0008_0054
_CLASS_UID: Final = 0x0008_1150
_INSTANCE_UID: Final = 0x0008_1155


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An instance that is to be kept."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitRequest:
    """What an N-ACTION asks for."""

    transaction_uid: str
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What becomes of a request.

    Attributes:
        transaction_uid: Of the request.
        committed: What is kept.
        failed: What is not, each with its Failure Reason.
        retrieve_ae_title: Where what is kept can be retrieved.
        begun: Whether its Transaction UID is in use by this request, and not by another.
    """

    transaction_uid: str
    committed: tuple[Reference, ...]
    failed: tuple[tuple[Reference, int], ...]
    retrieve_ae_title: str
    begun: bool

    @property
    def event_type_id(self) -> int:
        """All is kept, or failures exist."""
        return FAILURES_EXIST if self.failed else ALL_COMMITTED


def check_action(request: Request) -> Answer:
    """What the command set of an N-ACTION-RQ is answered with when its action information can be read.

    Raises:
        RefusedError: Another class, instance or action is meant.
    """
    command = request.command
    if command.text(Tag.REQUESTED_SOP_CLASS_UID) != STORAGE_COMMITMENT_PUSH_MODEL:
        raise RefusedError(Answer(status=_NO_SUCH_CLASS))
    if command.text(Tag.REQUESTED_SOP_INSTANCE_UID) != STORAGE_COMMITMENT_INSTANCE:
        raise RefusedError(Answer(status=NO_SUCH_INSTANCE))
    if command.number(Tag.ACTION_TYPE_ID) != REQUEST_COMMITMENT:
        raise RefusedError(Answer(status=_NO_SUCH_ACTION))
    return Answer(
        status=0x0000,
        fields={
            Tag.AFFECTED_SOP_CLASS_UID: ui(STORAGE_COMMITMENT_PUSH_MODEL),
            Tag.AFFECTED_SOP_INSTANCE_UID: ui(STORAGE_COMMITMENT_INSTANCE),
        },
    )


def read_request(request: Request) -> CommitRequest:
    """The action information of an N-ACTION-RQ.

    Raises:
        RefusedError: Something mandatory is missing (PS3.4 Table J.3-1), or it cannot be read.
    """
    try:
        information = read_identifier(request)
    except RefusedError as refused:
        raise RefusedError(Answer(status=_INVALID_ARGUMENT)) from refused
    transaction_uid = _text(information, TRANSACTION_UID)
    sequence = information.get(REFERENCED_SOP_SEQUENCE)
    references = tuple(
        Reference(sop_class_uid=_text(item, _CLASS_UID), sop_instance_uid=_text(item, _INSTANCE_UID))
        for item in (() if sequence is None else sequence.items or ())
    )
    if not transaction_uid or not references:
        raise RefusedError(Answer(status=_INVALID_ARGUMENT))
    return CommitRequest(transaction_uid=transaction_uid, references=references)


def failure_reason(store: Store, reference: Reference) -> int | None:
    """Why an instance is not kept, or None."""
    instance = store.get(reference.sop_instance_uid)
    if instance is None:
        return NO_SUCH_INSTANCE
    return None if instance.sop_class_uid == reference.sop_class_uid else CLASS_INSTANCE_CONFLICT


def report_command(message_id: int, report: Report) -> CommandSet:
    """The N-EVENT-REPORT-RQ."""
    return n_event_report_rq(
        message_id,
        sop_class_uid=STORAGE_COMMITMENT_PUSH_MODEL,
        sop_instance_uid=STORAGE_COMMITMENT_INSTANCE,
        event_type_id=report.event_type_id,
    )


def report_elements(report: Report) -> dict[int, Element]:
    """The event information (PS3.4 Table J.3-2)."""
    elements = {TRANSACTION_UID: text_element("UI", report.transaction_uid)}
    if report.committed:
        elements[RETRIEVE_AE_TITLE] = text_element("AE", report.retrieve_ae_title)
        elements[REFERENCED_SOP_SEQUENCE] = _sequence(_item(reference) for reference in report.committed)
    if report.failed:
        elements[FAILED_SOP_SEQUENCE] = _sequence(
            {**_item(reference), FAILURE_REASON: Element(vr="US", value=struct.pack("<H", reason))}
            for reference, reason in report.failed
        )
    return elements


def _item(reference: Reference) -> dict[int, Element]:
    return {
        _CLASS_UID: text_element("UI", reference.sop_class_uid),
        _INSTANCE_UID: text_element("UI", reference.sop_instance_uid),
    }


def _sequence(items: Iterable[Elements]) -> Element:
    return Element(vr="SQ", items=tuple(items))


def _text(elements: Elements, tag: int) -> str:
    element = elements.get(tag)
    return "" if element is None else element.value.decode("latin-1").rstrip("\0 ")
