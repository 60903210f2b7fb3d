"""C-FIND, C-GET and C-MOVE as a requestor that may cancel them at a chosen moment.

It observes and never judges.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from conformance.driver.answers import response_answer
from conformance.driver.peer import OPERATION_TIMEOUTS, Peer, without_end
from conformance.observation.exchanges import OperationExchange
from conformance.observation.interruption import CancelledOperation, SubOperation
from conformance.observation.outcomes import Response, ResponseOutcome, Silence
from conformance.wire import messages
from conformance.wire.command import CommandField, CommandSet
from conformance.wire.fragments import Message, message_bytes

_PENDING: Final = frozenset((0xFF00, 0xFF01))
_MAX_MESSAGES: Final = 10_000
_LINGER_S: Final = 0.5
"""How long is listened, where no C-ECHO can mark the end, after the final response and each message after it."""
_C_CANCEL_RSP: Final = CommandField.C_CANCEL_RQ | 0x8000


class Moment(StrEnum):
    """When the C-CANCEL-RQ is sent."""

    WITH_REQUEST = "with the request"
    FIRST_PENDING = "after the first pending response"
    BEFORE_FIRST_ANSWER = "before the answer to the first sub-operation"
    AFTER_FIRST_ANSWER = "right after the answer to the first sub-operation"
    FINAL = "after the final response"
    NEVER = "never"


@dataclass(kw_only=True)
class _Course:
    """One operation while it runs."""

    peer: Peer
    request: CommandSet
    context_id: int
    moment: Moment
    cancelled_message_id: int
    meanwhile: Callable[[], None] | None = None
    cancel_t_s: float | None = None
    cancel_came_first: bool = False
    pending: list[Response] = field(default_factory=list)
    sub_operations: list[SubOperation] = field(default_factory=list)
    after_final: list[CommandSet] = field(default_factory=list)

    def encoded(self, command: CommandSet, data_set: bytes | None = None, *, context_id: int | None = None) -> bytes:
        return message_bytes(
            command,
            data_set,
            context_id=self.context_id if context_id is None else context_id,
            max_pdu_bytes=self.peer.target_max_pdu_bytes,
        )

    def cancel_bytes(self, moment: Moment) -> bytes:
        """The C-CANCEL-RQ if its moment has come, else nothing."""
        if moment is not self.moment or self.cancel_t_s is not None:
            return b""
        self.cancel_t_s = self.peer.transcript.now_s()
        self.cancel_came_first = moment in (Moment.BEFORE_FIRST_ANSWER, Moment.AFTER_FIRST_ANSWER)
        return self.encoded(messages.c_cancel_rq(self.cancelled_message_id))

    def answer(self, message: Message) -> None:
        """Answer a sub-operation, with the C-CANCEL-RQ in the same write when its moment has come."""
        uid = message.command.affected_sop_instance_uid or ""
        self.sub_operations.append(SubOperation(sop_instance_uid=uid, t_s=self.peer.transcript.now_s()))
        if self.meanwhile is not None and len(self.sub_operations) == 1:
            self.meanwhile()
        response = self.encoded(messages.response(message.command, status=0), context_id=message.context_id)
        before = self.cancel_bytes(Moment.BEFORE_FIRST_ANSWER)
        self.peer.send(b"".join((before, response, self.cancel_bytes(Moment.AFTER_FIRST_ANSWER))))

    def is_ours(self, command: CommandSet) -> bool:
        """Whether a response is one to the operation."""
        return (
            command.command_field == (self.request.command_field or 0) | 0x8000
            and command.message_id_being_responded_to == self.request.message_id
        )


def run(
    peer: Peer,
    request: CommandSet,
    identifier: bytes,
    *,
    context_id: int,
    moment: Moment,
    cancelled_message_id: int | None = None,
    echo_context_id: int | None = None,
    limit_s: float | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> CancelledOperation:
    """Perform an operation, answer its sub-operations with 0000, and cancel it at a moment.

    Args:
        peer: With an accepted association.
        request: C-FIND-RQ, C-GET-RQ or C-MOVE-RQ.
        identifier: Its encoded data set.
        context_id: The presentation context of both.
        moment: When the C-CANCEL-RQ is sent.
        cancelled_message_id: The Message ID that it names; the operation's own by default.
        echo_context_id: The accepted context of Verification: a C-ECHO after the final response marks the end of
            what belongs to the operation.
        limit_s: How long the operation may take in all; twice the endpoint's time-out by default.
        meanwhile: Done when the first sub-operation has come, before it is answered.
    """
    course = _Course(
        peer=peer,
        request=request,
        context_id=context_id,
        moment=moment,
        cancelled_message_id=(request.message_id or 0) if cancelled_message_id is None else cancelled_message_id,
        meanwhile=meanwhile,
    )
    peer.send(course.encoded(request, identifier) + course.cancel_bytes(Moment.WITH_REQUEST))
    sent_at_s = peer.transcript.now_s()
    deadline_s = time.monotonic() + (2 * peer.endpoint.timeout_s if limit_s is None else limit_s)
    outcome = _to_final(course, sent_at_s, deadline_s)
    exchange = OperationExchange(
        request=request,
        context_id=context_id,
        outcome=outcome,
        transcript=peer.transcript,
        pending=tuple(course.pending),
    )
    peer.recorder.operations.append(exchange)
    echo = None
    if isinstance(outcome, Response):
        if cancel := course.cancel_bytes(Moment.FINAL):
            peer.send(cancel)
        echo = _to_barrier(course, echo_context_id)
    return CancelledOperation(
        exchange=exchange,
        cancelled_message_id=course.cancelled_message_id,
        cancel_t_s=course.cancel_t_s,
        cancel_came_first=course.cancel_came_first,
        sub_operations=tuple(course.sub_operations),
        after_final=tuple(course.after_final),
        echo=echo,
    )


def _to_final(course: _Course, sent_at_s: float, deadline_s: float) -> ResponseOutcome:
    """The final response to the operation, or what came instead."""
    outcome: ResponseOutcome
    for _ in range(_MAX_MESSAGES):
        left_s = max(0.0, deadline_s - time.monotonic())
        message = course.peer.next_message(timeout_s=min(course.peer.endpoint.timeout_s, left_s))
        if isinstance(message, Silence) and left_s < course.peer.endpoint.timeout_s:
            break
        if not isinstance(message, Message):
            return message
        if message.command.command_field == CommandField.C_STORE_RQ:
            course.answer(message)
            continue
        outcome = response_answer(message, t_s=course.peer.transcript.now_s(), sent_at_s=sent_at_s)
        if message.command.command_field == _C_CANCEL_RSP:
            continue
        if not isinstance(outcome, Response) or not course.is_ours(message.command):
            return outcome
        if message.command.status not in _PENDING:
            return outcome
        course.pending.append(outcome)
        if cancel := course.cancel_bytes(Moment.FIRST_PENDING):
            course.peer.send(cancel)
    return without_end(
        len(course.pending), course.peer.transcript.now_s() - sent_at_s, sub_operations=len(course.sub_operations)
    )


def _to_barrier(course: _Course, echo_context_id: int | None) -> OperationExchange | None:
    """Collect what still comes; the C-ECHO whose answer says that nothing more will."""
    peer = course.peer
    deadline_s = time.monotonic() + OPERATION_TIMEOUTS * peer.endpoint.timeout_s
    if echo_context_id is None:
        while isinstance(message := peer.next_message(timeout_s=_LINGER_S), Message):
            course.after_final.append(message.command)
            if len(course.after_final) >= _MAX_MESSAGES or time.monotonic() >= deadline_s:
                break
        return None
    request = messages.c_echo_rq(peer.next_message_id())
    peer.send_command(request, context_id=echo_context_id)
    sent_at_s = peer.transcript.now_s()
    outcome: ResponseOutcome
    for _ in range(_MAX_MESSAGES):
        message = peer.next_message(timeout_s=min(peer.endpoint.timeout_s, max(0.0, deadline_s - time.monotonic())))
        if not isinstance(message, Message):
            outcome = message
            break
        outcome = response_answer(message, t_s=peer.transcript.now_s(), sent_at_s=sent_at_s)
        if message.command.command_field == CommandField.C_ECHO_RSP:
            break
        course.after_final.append(message.command)
        if message.command.command_field == CommandField.C_STORE_RQ:
            course.answer(message)
    exchange = OperationExchange(
        request=request, context_id=echo_context_id, outcome=outcome, transcript=peer.transcript
    )
    peer.recorder.operations.append(exchange)
    return exchange
