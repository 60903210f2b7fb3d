"""Storage commitment as a requestor: the N-ACTION, and reports on its association. It observes and never judges."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from conformance.driver.answers import response_answer
from conformance.driver.peer import Peer
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Released, ResponseOutcome, ends_association
from conformance.wire import messages
from conformance.wire.command import CommandField, CommandSet
from conformance.wire.fragments import Message
from conformance.wire.pdu import ReleaseRQ

_MAX_REPORTS: Final = 1_000
_POLL_S: Final = 0.1


class Reports:
    """The N-EVENT-REPORTs that come on one association, each with the status that it was answered with.

    Args:
        peer: With an accepted association.
        status: What a report is answered with; None for no answer.
    """

    def __init__(self, peer: Peer, *, status: int | None = 0x0000) -> None:
        self._peer = peer
        self._status = status
        self._over = False
        self.came: list[tuple[Message, int | None]] = []

    def request(self, command: CommandSet, data_set: bytes | None, *, context_id: int) -> OperationExchange:
        """Send an N-ACTION-RQ and wait for its response; a report that comes before it is answered."""
        peer = self._peer
        complete = peer.send_message(command, data_set, context_id=context_id)
        sent_at_s = peer.transcript.now_s()
        message = peer.next_message()
        while isinstance(message, Message) and self._take(message):
            message = peer.next_message()
        outcome: ResponseOutcome = (
            response_answer(message, t_s=peer.transcript.now_s(), sent_at_s=sent_at_s)
            if isinstance(message, Message)
            else message
        )
        self._over = ends_association(outcome)
        exchange = OperationExchange(
            request=command, context_id=context_id, outcome=outcome, transcript=peer.transcript, complete=complete
        )
        peer.recorder.operations.append(exchange)
        return exchange

    def listen(self, *, until: Callable[[], bool], within_s: float) -> float:
        """Take reports until something is true, the association ends, or so many seconds have passed.

        Returns:
            How long was listened, in seconds.
        """
        began_s = time.monotonic()
        while not until() and time.monotonic() < began_s + within_s:
            message = self._peer.message_within(_POLL_S)
            if message is not None and not (isinstance(message, Message) and self._take(message)):
                self._over = True
                break
        return time.monotonic() - began_s

    def release(self) -> None:
        """Release, where there still is an association.

        A report that crosses the request for it is kept, and cannot be answered any more (Sta7).
        """
        if self._over:
            self._peer.close()
            return
        self._peer.send(ReleaseRQ().encode())
        self._status = None
        message = self._peer.next_message()
        while isinstance(message, Message) and self._take(message):
            message = self._peer.next_message()
        if isinstance(message, Released | Message):
            self._peer.close()

    def _take(self, message: Message) -> bool:
        """Keep a report and answer it; False when the message is no report, or there are too many."""
        if message.command.command_field != CommandField.N_EVENT_REPORT_RQ or len(self.came) >= _MAX_REPORTS:
            return False
        self.came.append((message, self._status))
        if self._status is not None:
            response = messages.response(message.command, status=self._status)
            self._peer.send_command(response, context_id=message.context_id)
        return True
