"""A C-STORE that is sent piece by piece, so that something else can happen between any two of its pieces.

It observes and never judges.
"""

from __future__ import annotations

import math
import time
from typing import Final

from conformance.driver.peer import OPERATION_TIMEOUTS, Peer
from conformance.driver.sending import sent_bytes_of, sent_of
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.interruption import BrokenOff, End, Way
from conformance.observation.outcomes import NotConnected, Response, ResponseOutcome
from conformance.wire import messages
from conformance.wire.command import CommandField, CommandSet
from conformance.wire.fragments import LAST, Segment, fragment_bytes, segment
from conformance.wire.pdu import AbortPdu, ReleaseRQ

_MESSAGES_BEFORE_END: Final = 64
"""How many messages are read after the sender has ended the association."""
_C_CANCEL_RSP: Final = CommandField.C_CANCEL_RQ | 0x8000


class StepwiseStore:
    """One C-STORE of one instance on an association of a peer.

    Args:
        peer: With an accepted association.
        instance: What is stored.
        context_id: The presentation context.
        transfer_syntax_uid: The context's.
        fragments: Into how many data set fragments it is cut, at least; more where the target's maximum length
            asks for it.
        data_set: Other bytes than the instance's own, all of which are sent.
        label: What was done to the data set; needed with `data_set`.
        message_id: The next free one by default.
    """

    def __init__(
        self,
        peer: Peer,
        instance: Instance,
        *,
        context_id: int,
        transfer_syntax_uid: str,
        fragments: int = 1,
        data_set: bytes | None = None,
        label: str = "",
        message_id: int | None = None,
    ) -> None:
        self.peer = peer
        self.message_id = peer.next_message_id() if message_id is None else message_id
        self.context_id = context_id
        if data_set is None:
            self.sent = sent_of(instance, transfer_syntax_uid)
            data_set = instance.encoded(transfer_syntax_uid)
        else:
            self.sent = sent_bytes_of(instance, data_set, transfer_syntax_uid, label=label)
        self.command: CommandSet = messages.c_store_rq(
            self.message_id, sop_class_uid=self.sent.sop_class_uid, sop_instance_uid=self.sent.sop_instance_uid
        )
        self._segments = _cut(data_set, fragments, context_id=context_id, max_pdu_bytes=peer.target_max_pdu_bytes)
        self._next = 0
        self._unbroken = True
        self._sent_at_s = 0.0

    @property
    def fragments(self) -> int:
        """How many data set fragments there are."""
        return len(self._segments)

    @property
    def complete(self) -> bool:
        """Whether all of it went out, the last fragment included."""
        return self._unbroken and self._next == len(self._segments)

    def send_command(self) -> None:
        """Send the command set."""
        self._unbroken &= self.peer.send_command(self.command, context_id=self.context_id)

    def send_share(self, share: float) -> None:
        """Send data set fragments until about that share has been sent.

        Args:
            share: 0 to 1. Under 1 at least the last fragment is kept back, above 0 at least one is sent where there
                are two.
        """
        last = len(self._segments)
        wanted = last if share >= 1 else min(math.ceil(last * share), last - 1)
        self._send(self._segments[self._next : max(wanted, self._next)])
        self._next = max(wanted, self._next)

    def send_rest(self, *, then: bytes = b"") -> None:
        """Send what is left of the data set.

        Args:
            then: Bytes that follow without a pause, in the same write.
        """
        parts = [part for pair in self._segments[self._next :] for part in pair]
        self._unbroken &= self.peer.send_buffers((b"".join((*parts, then)),))
        self._next = len(self._segments)
        self._sent_at_s = self.peer.transcript.now_s()

    def send_half_a_pdu(self) -> None:
        """Send the next P-DATA-TF up to the middle of its fragment."""
        head, chunk = self._segments[self._next]
        self.peer.send_buffers((head, chunk[: len(chunk) // 2]))

    def cancel(self, message_id: int | None = None) -> None:
        """Send a C-CANCEL-RQ on the context of the C-STORE.

        Args:
            message_id: The one that it names; the C-STORE's by default.
        """
        self.peer.send(self.cancel_bytes(message_id))

    def cancel_bytes(self, message_id: int | None = None) -> bytes:
        """The C-CANCEL-RQ of `cancel`, as a P-DATA-TF."""
        command = messages.c_cancel_rq(self.message_id if message_id is None else message_id)
        return b"".join(segment(command.encode(), context_id=self.context_id, control=LAST | 1))

    def await_response(self, *, timeout_s: float | None = None) -> OperationExchange:
        """Wait for the response to the C-STORE; a response to a C-CANCEL-RQ, which nobody may send, is passed over."""
        return self.ended(self._next_response(timeout_s))

    def early_response(self, *, within_s: float) -> ResponseOutcome:
        """What comes within a short time, while the data set is not complete."""
        return self.peer.next_response(sent_at_s=self.peer.transcript.now_s(), timeout_s=within_s)

    def break_off(self, way: Way) -> BrokenOff:
        """End the association in the middle, read what still comes, and close."""
        match way:
            case Way.RST:
                self.peer.reset()
                gone = NotConnected(reason="we have reset the connection")
                return BrokenOff(store=self.ended(gone), way=way, end=gone)
            case Way.FIN:
                self.peer.finish_sending()
            case Way.ABORT:
                self.peer.send(AbortPdu(source=0, reason=0).encode())
            case Way.RELEASE:
                self.peer.send(ReleaseRQ().encode())
        response, end = self._read_to_end()
        self.peer.close()
        return BrokenOff(store=self.ended(response or end), way=way, end=end)

    def ended(self, outcome: ResponseOutcome) -> OperationExchange:
        """Record the C-STORE as it ended."""
        exchange = OperationExchange(
            request=self.command,
            context_id=self.context_id,
            outcome=outcome,
            transcript=self.peer.transcript,
            sent=self.sent,
            complete=self.complete,
        )
        self.peer.recorder.operations.append(exchange)
        return exchange

    def _send(self, pairs: list[Segment]) -> None:
        self._unbroken &= self.peer.send_buffers(part for pair in pairs for part in pair)
        self._sent_at_s = self.peer.transcript.now_s()

    def _next_response(self, timeout_s: float | None) -> ResponseOutcome:
        deadline_s = time.monotonic() + (self.peer.endpoint.timeout_s if timeout_s is None else timeout_s)
        for _ in range(_MESSAGES_BEFORE_END):
            outcome = self.peer.next_response(
                sent_at_s=self._sent_at_s, timeout_s=max(0.0, deadline_s - time.monotonic())
            )
            if not isinstance(outcome, Response) or outcome.command.command_field != _C_CANCEL_RSP:
                break
        return outcome

    def _read_to_end(self) -> tuple[Response | None, End]:
        response: Response | None = None
        deadline_s = time.monotonic() + OPERATION_TIMEOUTS * self.peer.endpoint.timeout_s
        for _ in range(_MESSAGES_BEFORE_END):
            wait_s = min(self.peer.endpoint.timeout_s, max(0.0, deadline_s - time.monotonic()))
            outcome = self.peer.next_response(sent_at_s=self._sent_at_s, timeout_s=wait_s)
            if not isinstance(outcome, Response):
                return response, outcome
            if response is None and outcome.command.message_id_being_responded_to == self.message_id:
                response = outcome
        return response, NotConnected(reason=f"we stopped reading after {_MESSAGES_BEFORE_END} messages")


def _cut(data_set: bytes, fragments: int, *, context_id: int, max_pdu_bytes: int) -> list[Segment]:
    """The data set in fragments of even length (PS3.8 E.1), the last-fragment bit on the last one alone."""
    size = min(fragment_bytes(max_pdu_bytes), max(2, -(-len(data_set) // fragments) + 1 & ~1))
    view = memoryview(data_set)
    starts = range(0, len(view) or 1, size)
    return [
        segment(view[start : start + size], context_id=context_id, control=LAST if start == starts[-1] else 0)
        for start in starts
    ]
