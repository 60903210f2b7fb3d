"""C-GET and C-MOVE: sub-operations one after the other, their counts, and how it ends (PS3.4 C.4.2, C.4.3)."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Final, Protocol

from conformance.target.embedded import keys
from conformance.target.embedded.answer import Answer, is_warning
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.elements import Elements, text_element
from conformance.target.embedded.negotiation import Context
from conformance.target.embedded.requestor import Requestor, RequestorError
from conformance.target.embedded.storage import StoredInstance
from conformance.target.embedded.supported import Service
from conformance.target.embedded.transcode import NoTranscodingError, can_be_given_in
from conformance.wire.command import CommandSet, Tag, us
from conformance.wire.messages import c_store_rq

log = logging.getLogger(__name__)

PENDING: Final = 0xFF00
CANCEL: Final = 0xFE00
SUB_OPERATIONS_FAILED: Final = 0xB000
UNABLE_TO_PERFORM: Final = 0xA702
DESTINATION_UNKNOWN: Final = 0xA801
_MAX_COUNT: Final = 0xFFFF
LISTED_UIDS: Final = 1000
"""How many failed instances are listed; more do not fit a value of the short form."""


@unique
class Result(Enum):
    """How a sub-operation ended."""

    COMPLETED = "completed"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(slots=True)
class Progress:
    """The counts of a retrieval."""

    remaining: int
    completed: int = 0
    failed: int = 0
    warning: int = 0
    failed_uids: list[str] = field(default_factory=list)

    def count(self, instance: StoredInstance, result: Result) -> None:
        """One more sub-operation has ended."""
        self.remaining -= 1
        match result:
            case Result.COMPLETED:
                self.completed += 1
            case Result.WARNING:
                self.warning += 1
            case Result.FAILED:
                self.failed += 1
                self.failed_uids.append(instance.sop_instance_uid)


class Route(Protocol):
    """How instances get to where they are wanted."""

    @property
    def contexts(self) -> Iterable[Context]:
        """The contexts on which instances can be sent."""

    @property
    def usable(self) -> bool:
        """Whether it is worth to go on."""

    def store(self, context: Context, command: CommandSet, instance: StoredInstance) -> int | None:
        """Send one instance; its status, or None when there was none."""


class SameAssociation:
    """C-GET: sub-operations on the association of the request (PS3.4 C.4.3.3.1).

    Args:
        association: That association.
    """

    def __init__(self, association: Association) -> None:
        self._association = association

    @property
    def contexts(self) -> Iterable[Context]:
        """See `Route.contexts`: those on which the requestor took the SCP role."""
        contexts = self._association.contexts.values()
        return [c for c in contexts if c.service is Service.STORAGE and c.requestor_is_scp]

    @property
    def usable(self) -> bool:
        """See `Route.usable`."""
        return self._association.established

    def store(self, context: Context, command: CommandSet, instance: StoredInstance) -> int | None:
        """See `Route.store`."""
        association = self._association
        data_set = association.behaviour.data_set_in(instance, context.transfer_syntax)
        association.replies.clear()
        if not association.send(context, command, data_set):
            return None
        end_s = time.monotonic() + association.settings.sub_operation_s
        while association.established:
            while association.replies:
                reply = association.replies.popleft()
                if reply.message_id_being_responded_to == command.message_id:
                    return reply.status
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                association.abort()
                association.poll()
                return None
            association.poll(left_s)
        return None


class OtherAssociation:
    """C-MOVE: sub-operations on an association with the destination.

    Args:
        requestor: That association.
        association: The one of the request, whose hooks and settings count.
    """

    def __init__(self, requestor: Requestor, association: Association) -> None:
        self._requestor = requestor
        self._association = association
        self._usable = True

    @property
    def contexts(self) -> Iterable[Context]:
        """See `Route.contexts`."""
        return self._requestor.contexts

    @property
    def usable(self) -> bool:
        """See `Route.usable`."""
        return self._usable

    def store(self, context: Context, command: CommandSet, instance: StoredInstance) -> int | None:
        """See `Route.store`."""
        data_set = self._association.behaviour.data_set_in(instance, context.transfer_syntax)
        try:
            return self._requestor.request(context, command, data_set)
        except RequestorError as error:
            log.info("C-STORE of %s: %s", instance.sop_instance_uid, error)
            self._usable = False
            return None


def context_for(instance: StoredInstance, contexts: Iterable[Context]) -> Context | None:
    """The context on which an instance is sent: in its own transfer syntax, else in one that it can be given in."""
    fitting = [c for c in contexts if c.abstract_syntax == instance.sop_class_uid]
    own = (c for c in fitting if c.transfer_syntax == instance.transfer_syntax)
    other = (c for c in fitting if can_be_given_in(instance, c.transfer_syntax))
    return next(own, None) or next(other, None)


def sub_operation(association: Association, request: Request, route: Route, instance: StoredInstance) -> Result:
    """Send one instance and say how it ended."""
    context = association.behaviour.context_for(instance, route.contexts)
    if context is None or not route.usable:
        return Result.FAILED
    command = association.behaviour.sub_operation_command(association, request, instance)
    try:
        status = route.store(context, command, instance)
    except (NoTranscodingError, OSError) as error:
        log.info("C-STORE of %s: %s", instance.sop_instance_uid, error)
        return Result.FAILED
    if status == 0:
        return Result.COMPLETED
    return Result.WARNING if status is not None and is_warning(status) else Result.FAILED


def store_command(
    association: Association, request: Request, instance: StoredInstance, *, move_originator: tuple[str, int] | None
) -> CommandSet:
    """The C-STORE-RQ of a sub-operation; it has the priority of the request (PS3.7 9.1.4.1.4)."""
    return c_store_rq(
        association.new_message_id(),
        sop_class_uid=instance.sop_class_uid,
        sop_instance_uid=instance.sop_instance_uid,
        priority=request.command.number(Tag.PRIORITY) or 0,
        move_originator=move_originator,
    )


def run(association: Association, request: Request, route: Route, instances: Sequence[StoredInstance]) -> Progress:
    """Perform the sub-operations, a pending response after each but the last, until a cancel or the end."""
    progress = Progress(remaining=len(instances))
    for instance in instances:
        association.poll()
        if not association.established or is_cancelled(association):
            break
        progress.count(instance, association.behaviour.sub_operation(association, request, route, instance))
        if progress.remaining:
            answer = association.behaviour.retrieve_answer(PENDING, progress)
            association.respond(request, answer)
    return progress


def is_cancelled(association: Association) -> bool:
    """Whether a C-CANCEL named the operation that is being performed."""
    return association.running in association.cancelled


def final_status(progress: Progress, *, cancelled: bool) -> int:
    """The status of the last response (PS3.4 Tables C.4-2, C.4-3)."""
    if cancelled and progress.remaining:
        return CANCEL
    if not progress.failed and not progress.warning:
        return 0x0000
    if not progress.completed and not progress.warning:
        return UNABLE_TO_PERFORM
    return SUB_OPERATIONS_FAILED


def answer_of(status: int, progress: Progress) -> Answer:
    """A response's status with its counts; Remaining only while there is something left to do."""
    counts = {
        Tag.NUMBER_OF_COMPLETED_SUBOPERATIONS: progress.completed,
        Tag.NUMBER_OF_FAILED_SUBOPERATIONS: progress.failed,
        Tag.NUMBER_OF_WARNING_SUBOPERATIONS: progress.warning,
    }
    if status in (PENDING, CANCEL):
        counts[Tag.NUMBER_OF_REMAINING_SUBOPERATIONS] = progress.remaining
    return Answer(status=status, fields={tag: us(min(count, _MAX_COUNT)) for tag, count in counts.items()})


def failed_list(progress: Progress) -> Elements | None:
    """The identifier of the last response: the failed instances, or None where none failed (PS3.4 C.4.2.1.4.2)."""
    if not progress.failed:
        return None
    uids = "\\".join(progress.failed_uids[:LISTED_UIDS])
    return {keys.FAILED_SOP_INSTANCE_UID_LIST: text_element("UI", uids)}
