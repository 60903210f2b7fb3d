"""What was asked of storage commitment, and what was reported (PS3.4 Annex J)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from pydicom.dataset import Dataset

from conformance.observation.exchanges import OperationExchange
from conformance.wire.command import CommandSet, Tag

NO_SUCH_INSTANCE: Final = 0x0112
"""Failure Reason (PS3.3 C.14.1.1): the instance was not available."""


class EventType(IntEnum):
    """Event Type IDs (PS3.4 Table J.3-2)."""

    ALL_COMMITTED = 1
    FAILURES_EXIST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An instance that is referred to.

    Args:
        sop_class_uid: Referenced SOP Class UID.
        sop_instance_uid: Referenced SOP Instance UID.
        failure_reason: Failure Reason, where there is one.
        retrieve_ae_title: Retrieve AE Title of the item; empty where there is none.
    """

    sop_class_uid: str
    sop_instance_uid: str
    failure_reason: int | None = None
    retrieve_ae_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An N-EVENT-REPORT-RQ.

    Args:
        command: Its command set.
        dataset: Its event information, as far as it could be read.
        defect: Why it could not be read to its end; empty when it could.
        same_association: Whether it came on the association of the request.
        calling_ae_title: Who called, where it came on another one.
        roles: SCU and SCP role that were proposed there for the class; None where no role selection was.
        answered: The status that it was answered with; None for no answer.
    """

    command: CommandSet
    dataset: Dataset
    defect: str
    same_association: bool
    calling_ae_title: str
    roles: tuple[int, int] | None
    answered: int | None

    @property
    def event_type_id(self) -> int | None:
        """Which event it is."""
        return self.command.number(Tag.EVENT_TYPE_ID)

    @property
    def transaction_uid(self) -> str:
        """As it names it; empty where it does not."""
        return _text(self.dataset, "TransactionUID")

    @property
    def retrieve_ae_title(self) -> str:
        """Outside of all items; empty where there is none."""
        return _text(self.dataset, "RetrieveAETitle")

    @property
    def committed(self) -> tuple[Reference, ...]:
        """The items of the Referenced SOP Sequence."""
        return _references(self.dataset, "ReferencedSOPSequence")

    @property
    def failed(self) -> tuple[Reference, ...]:
        """The items of the Failed SOP Sequence."""
        return _references(self.dataset, "FailedSOPSequence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A request of storage commitment, and what came of it.

    Args:
        transaction_uid: Of the request.
        references: What was asked for.
        exchange: The N-ACTION.
        reports: The reports on it, in the order in which they came.
        waited_s: How long was waited for them.
    """

    transaction_uid: str
    references: tuple[Reference, ...]
    exchange: OperationExchange
    reports: tuple[Report, ...]
    waited_s: float


def _references(dataset: Dataset, keyword: str) -> tuple[Reference, ...]:
    return tuple(
        Reference(
            sop_class_uid=_text(item, "ReferencedSOPClassUID"),
            sop_instance_uid=_text(item, "ReferencedSOPInstanceUID"),
            failure_reason=item.get("FailureReason"),
            retrieve_ae_title=_text(item, "RetrieveAETitle"),
        )
        for item in dataset.get(keyword) or ()
    )


def _text(dataset: Dataset, keyword: str) -> str:
    """A value without its padding, which is judged elsewhere; empty where there is none."""
    return str(dataset.get(keyword) or "").strip(" \0")
