"""C-GET as a requestor that answers each sub-operation with a status of its choice. It observes and never judges."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from conformance.driver.answers import response_answer
from conformance.driver.peer import OPERATION_TIMEOUTS, Peer, without_end
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Response, ResponseOutcome, Silence
from conformance.wire import messages
from conformance.wire.command import CommandField, CommandSet
from conformance.wire.fragments import Message

_PENDING: Final = frozenset((0xFF00, 0xFF01))
_MAX_MESSAGES: Final = 2_000

Choose = Callable[[int, str], int]
"""The status for a sub-operation, by its index and the SOP Instance UID that it names."""


def get(
    peer: Peer, request: CommandSet, identifier: bytes, *, context_id: int, choose: Choose
) -> tuple[OperationExchange, tuple[tuple[Message, int], ...]]:
    """Perform a C-GET to its final response.

    Args:
        peer: With an accepted association.
        request: The C-GET-RQ.
        identifier: Its encoded data set.
        context_id: The presentation context of both.
        choose: What each sub-operation is answered with.

    Returns:
        The exchange, and each sub-operation with the status that it was answered with.
    """
    complete = peer.send_message(request, identifier, context_id=context_id)
    sent_at_s = peer.transcript.now_s()
    timeout_s = peer.endpoint.timeout_s
    began_s = time.monotonic()
    deadline_s = began_s + OPERATION_TIMEOUTS * timeout_s
    pending: list[Response] = []
    brought: list[tuple[Message, int]] = []
    outcome: ResponseOutcome
    for _ in range(_MAX_MESSAGES):
        left_s = max(0.0, deadline_s - time.monotonic())
        message = peer.next_message(timeout_s=min(timeout_s, left_s))
        if not isinstance(message, Message):
            outcome = message
            if isinstance(message, Silence) and left_s < timeout_s:
                outcome = without_end(len(pending), time.monotonic() - began_s, sub_operations=len(brought))
            break
        if message.command.command_field == CommandField.C_STORE_RQ:
            status = choose(len(brought), message.command.affected_sop_instance_uid or "")
            brought.append((message, status))
            peer.send_command(messages.response(message.command, status=status), context_id=message.context_id)
            continue
        outcome = response_answer(message, t_s=peer.transcript.now_s(), sent_at_s=sent_at_s)
        if not isinstance(outcome, Response) or outcome.command.status not in _PENDING:
            break
        pending.append(outcome)
    else:
        outcome = without_end(len(pending), time.monotonic() - began_s, sub_operations=len(brought))
    exchange = OperationExchange(
        request=request,
        context_id=context_id,
        outcome=outcome,
        transcript=peer.transcript,
        pending=tuple(pending),
        complete=complete,
    )
    peer.recorder.operations.append(exchange)
    return exchange, tuple(brought)
