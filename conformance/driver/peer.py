"""The byte-level peer: an association requestor that can also send what no well-behaved SCU sends.

It observes and never judges: every method says what came, whatever came.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Final, Self, TypeVar

from conformance.driver.answers import association_answer, response_answer
from conformance.driver.connection import RECEIVED_LIMIT_BYTES, Connection
from conformance.driver.endpoint import (
    DEFAULT_MAX_PDU_BYTES,
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    Endpoint,
)
from conformance.driver.inbox import PDU_LIMIT_BYTES, Inbox
from conformance.driver.recorder import Recorder
from conformance.observation.exchanges import AssociationExchange, OperationExchange, Sent
from conformance.observation.outcomes import (
    Aborted,
    Accepted,
    AssociationOutcome,
    Closed,
    Ending,
    NotConnected,
    Released,
    ReleaseOutcome,
    Reset,
    Response,
    ResponseOutcome,
    Silence,
    Undecodable,
)
from conformance.observation.transcript import EventKind
from conformance.wire import items, messages
from conformance.wire.command import CommandField, CommandSet
from conformance.wire.fragments import Message, segments
from conformance.wire.framing import DEFAULT_LIMIT_BYTES
from conformance.wire.items import ContextResult, Item, ProposedContext
from conformance.wire.pdu import (
    AbortPdu,
    Associate,
    Pdu,
    PduType,
    ReleaseRQ,
    ae_title_field,
)

ASSUMED_MAX_PDU_BYTES: Final = 16384
"""What we keep to when an A-ASSOCIATE-AC names no maximum length, against PS3.8 D.1."""
OPERATION_TIMEOUTS: Final = 3
"""How many time-outs of one message a whole operation may last."""
MOST_PENDING: Final = 10_000
"""How many Pending responses of one operation are taken."""
_PENDING: Final = frozenset((0xFF00, 0xFF01))

Taken = TypeVar("Taken")
AssociateEdit = Callable[[Associate], Associate]


class Peer:
    """One connection to the target, and what is said on it.

    Use it as a context manager: the connection is closed at the end, whatever happened.

    Args:
        endpoint: Where the target is and who we are.
        recorder: Where the connection and its exchanges are recorded.
        label: Which connection of the scenario it is.
        max_pdu_bytes: The maximum length that we announce; 0 is no limit.
        limit_bytes: After so many received bytes nothing more is read.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        recorder: Recorder,
        *,
        label: str = "",
        max_pdu_bytes: int = DEFAULT_MAX_PDU_BYTES,
        limit_bytes: int = RECEIVED_LIMIT_BYTES,
    ) -> None:
        self.endpoint = endpoint
        self.recorder = recorder
        self.transcript = recorder.transcript(peer=str(endpoint), label=label)
        self.max_pdu_bytes = max_pdu_bytes
        self.target_max_pdu_bytes = ASSUMED_MAX_PDU_BYTES
        self.proposed: tuple[ProposedContext, ...] = ()
        self.accepted: dict[int, ContextResult] = {}
        self.not_connected: NotConnected | None = None
        self._inbox = Inbox(limit_bytes=PDU_LIMIT_BYTES if max_pdu_bytes else DEFAULT_LIMIT_BYTES)
        self._message_id = 0
        self._aborted: Aborted | None = None
        connection = Connection.open(
            endpoint.host,
            endpoint.port,
            timeout_s=endpoint.connect_timeout_s,
            transcript=self.transcript,
            limit_bytes=limit_bytes,
        )
        if isinstance(connection, NotConnected):
            self.not_connected = connection
            self._connection: Connection | None = None
        else:
            self._connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Association

    def associate(
        self,
        contexts: Sequence[ProposedContext],
        *,
        user_items: Iterable[Item] = (),
        edit: AssociateEdit | None = None,
        timeout_s: float | None = None,
    ) -> AssociationExchange:
        """Request an association and wait for the answer.

        Args:
            contexts: The presentation contexts to propose, in this order.
            user_items: Sub-items of the user information beside maximum length and implementation.
            edit: Changes the request before it is encoded.
            timeout_s: How long to wait; the endpoint's time-out by default.
        """
        self.send_associate(contexts, user_items=user_items, edit=edit)
        return self.await_association(timeout_s=timeout_s)

    def send_associate(
        self, contexts: Sequence[ProposedContext], *, user_items: Iterable[Item] = (), edit: AssociateEdit | None = None
    ) -> None:
        """Send an association request without waiting for the answer."""
        request = self.association_request(contexts, user_items=user_items)
        if edit is not None:
            request = edit(request)
        self.proposed = tuple(contexts)
        self.send(request.encode())

    def association_request(self, contexts: Sequence[ProposedContext], *, user_items: Iterable[Item] = ()) -> Associate:
        """A well-formed A-ASSOCIATE-RQ for these contexts."""
        user = (
            items.maximum_length_item(self.max_pdu_bytes),
            items.implementation_class_uid_item(IMPLEMENTATION_CLASS_UID),
            *user_items,
            items.implementation_version_name_item(IMPLEMENTATION_VERSION_NAME),
        )
        return Associate(
            pdu_type=PduType.A_ASSOCIATE_RQ,
            called_ae_title=ae_title_field(self.endpoint.called_ae_title),
            calling_ae_title=ae_title_field(self.endpoint.calling_ae_title),
            items=(
                items.application_context_item(),
                *(items.proposed_context_item(c) for c in contexts),
                items.user_information_item(user),
            ),
        )

    def await_association(self, *, timeout_s: float | None = None) -> AssociationExchange:
        """Wait for the answer to an association request."""
        exchange = AssociationExchange(
            proposed=self.proposed, outcome=self._association_outcome(timeout_s), transcript=self.transcript
        )
        for result in exchange.results:
            if result.accepted:
                self.accepted.setdefault(result.context_id, result)
        self.recorder.associations.append(exchange)
        return exchange

    def _association_outcome(self, timeout_s: float | None) -> AssociationOutcome:
        pdu = self.next_pdu(timeout_s=timeout_s)
        if isinstance(pdu, Closed | Reset | Silence | NotConnected):
            return pdu
        outcome = association_answer(pdu)
        if isinstance(outcome, Accepted):
            maximum = outcome.associate.maximum_length
            # PS3.8 D.1: below 8 no fragment has room; such a value is judged elsewhere and not followed here.
            if maximum is not None and (maximum == 0 or maximum >= 8):
                self.target_max_pdu_bytes = maximum
        return outcome

    # Messages

    def next_message_id(self) -> int:
        """A Message ID that this association has not used yet."""
        self._message_id += 1
        return self._message_id

    def store(
        self,
        data_set: bytes,
        sent: Sent,
        *,
        context_id: int,
        message_id: int | None = None,
        command: CommandSet | None = None,
        timeout_s: float | None = None,
    ) -> OperationExchange:
        """Send a C-STORE-RQ with its data set and wait for the response.

        Args:
            data_set: The encoded data set.
            sent: What it is.
            context_id: The presentation context to send it on.
            message_id: The next free one by default.
            command: Another command set than the well-formed one.
            timeout_s: How long to wait for the response.
        """
        number = self.next_message_id() if message_id is None else message_id
        request = command or messages.c_store_rq(
            number, sop_class_uid=sent.sop_class_uid, sop_instance_uid=sent.sop_instance_uid
        )
        return self.request(request, data_set, context_id=context_id, sent=sent, timeout_s=timeout_s)

    def echo(self, *, context_id: int, timeout_s: float | None = None) -> OperationExchange:
        """Send a C-ECHO-RQ and wait for the response."""
        return self.request(
            messages.c_echo_rq(self.next_message_id()), None, context_id=context_id, timeout_s=timeout_s
        )

    def request(
        self,
        command: CommandSet,
        data_set: bytes | None,
        *,
        context_id: int,
        sent: Sent | None = None,
        timeout_s: float | None = None,
    ) -> OperationExchange:
        """Send a request and wait for its final response."""
        complete = self.send_message(command, data_set, context_id=context_id)
        return self.await_response(command, context_id=context_id, sent=sent, complete=complete, timeout_s=timeout_s)

    def send_message(self, command: CommandSet, data_set: bytes | None, *, context_id: int) -> bool:
        """Send a message; whether all of it went out."""
        return self.send_command(command, context_id=context_id) and (
            data_set is None or self.send_data(data_set, context_id=context_id)
        )

    def send_command(self, command: CommandSet | bytes, *, context_id: int) -> bool:
        """Send a command set alone."""
        if isinstance(command, CommandSet) and command.command_field == CommandField.C_STORE_RQ:
            self.recorder.before_store(command.affected_sop_instance_uid or "")
        payload = command if isinstance(command, bytes) else command.encode()
        return self._send_fragments(payload, context_id=context_id, command=True, last=True)

    def send_data(self, data: bytes | memoryview, *, context_id: int, last: bool = True) -> bool:
        """Send data set fragments; the final one carries the last-fragment bit when `last`."""
        return self._send_fragments(data, context_id=context_id, command=False, last=last)

    def _send_fragments(self, payload: bytes | memoryview, *, context_id: int, command: bool, last: bool) -> bool:
        pairs = segments(
            payload, context_id=context_id, command=command, max_pdu_bytes=self.target_max_pdu_bytes, last=last
        )
        return self.send_buffers(part for pair in pairs for part in pair)

    def await_response(
        self,
        command: CommandSet,
        *,
        context_id: int,
        sent: Sent | None = None,
        complete: bool = True,
        timeout_s: float | None = None,
    ) -> OperationExchange:
        """Wait for the final response to a request that has been sent.

        Responses with a Pending status are collected for the operations that have them, for as long as an operation
        may last; for C-STORE and C-ECHO the first response is the answer, whatever it says.
        """
        if self._connection is not None:
            self._connection.wait_until_taken(timeout_s=self.endpoint.timeout_s)
        sent_at_s = self.transcript.now_s()
        patience_s = self.endpoint.patience_s(0 if sent is None else sent.data_set_bytes)
        wait_s = patience_s if timeout_s is None else timeout_s
        began_s = time.monotonic()
        pending: list[Response] = []
        may_pend = (command.command_field or 0) in {0x0010, 0x0020, 0x0021}
        while True:
            left_s = max(0.0, began_s + OPERATION_TIMEOUTS * wait_s - time.monotonic())
            outcome = self.next_response(sent_at_s=sent_at_s, timeout_s=min(wait_s, left_s))
            if may_pend and isinstance(outcome, Response) and outcome.command.status in _PENDING:
                pending.append(outcome)
                if left_s and len(pending) < MOST_PENDING:
                    continue
            elif not (isinstance(outcome, Silence) and left_s < wait_s):
                break
            outcome = without_end(len(pending), time.monotonic() - began_s)
            break
        exchange = OperationExchange(
            request=command,
            context_id=context_id,
            outcome=outcome,
            transcript=self.transcript,
            pending=tuple(pending),
            sent=sent,
            complete=complete,
        )
        self.recorder.operations.append(exchange)
        return exchange

    def next_response(self, *, sent_at_s: float = 0.0, timeout_s: float | None = None) -> ResponseOutcome:
        """The next message if it is a response, or what came instead."""
        message = self.next_message(timeout_s=timeout_s)
        if isinstance(message, Message):
            return response_answer(message, t_s=self.transcript.now_s(), sent_at_s=sent_at_s)
        return message

    def next_message(self, *, timeout_s: float | None = None) -> Message | Released | Ending:
        """The next DIMSE message, or what came instead."""
        message: Message | Released | Ending = self._wait_for(self._inbox.next_message, timeout_s)
        if isinstance(message, Aborted):
            self._aborted = message
        return message

    def message_within(self, timeout_s: float) -> Message | Released | Ending | None:
        """The next DIMSE message if something comes in so many seconds, else None: nothing was due."""
        if self._connection is None:
            return self.not_connected or NotConnected(reason="closed by us")
        taken = self._inbox.next_message()
        if taken is not None:
            return taken
        data = self._connection.receive(deadline_s=time.monotonic() + timeout_s)
        if data is None:
            return self._nothing_came(timeout_s) if self._connection.ended else None
        self._inbox.feed(data)
        return self.next_message()

    # Ending

    def release(self, *, timeout_s: float | None = None) -> ReleaseOutcome:
        """Request release, wait for the answer, and close.

        A response that was still outstanding is given back as what it is; the release then is not waited for. Where an
        A-ABORT has come, there is no association that could be released: nothing is sent.
        """
        if self._aborted is not None:
            self.close()
            return self._aborted
        self.send(ReleaseRQ().encode())
        outcome = self.next_response(timeout_s=timeout_s)
        self.close()
        return outcome

    def abort(self, *, source: int = 0, reason: int = 0) -> None:
        """Send an A-ABORT and close."""
        self.send(AbortPdu(source=source, reason=reason).encode())
        self.close()

    def close(self) -> None:
        """Close the connection with a FIN; again is harmless."""
        if self._connection is not None:
            self._connection.close()

    def drop(self) -> None:
        """Close the connection of a scenario that was interrupted."""
        self.close()

    def reset(self) -> None:
        """Close the connection with an RST."""
        if self._connection is not None:
            self._connection.reset()

    def finish_sending(self) -> None:
        """Close our direction with a FIN and go on reading."""
        if self._connection is not None:
            self._connection.finish_sending()

    # Bytes

    def send(self, data: bytes | memoryview) -> bool:
        """Send bytes as they are; False when the connection is broken."""
        return self.send_buffers((data,))

    def send_buffers(self, buffers: Iterable[bytes | memoryview]) -> bool:
        """Send buffers as they are; False when the connection is broken."""
        if self._connection is None:
            return False
        return self._connection.send(buffers, timeout_s=self.endpoint.timeout_s)

    def next_pdu(
        self, *, timeout_s: float | None = None
    ) -> Pdu | Closed | Reset | Silence | Undecodable | NotConnected:
        """The next PDU, or what came instead."""
        return self._wait_for(self._inbox.next_pdu, timeout_s)

    def _wait_for(
        self, take: Callable[[], Taken | None], timeout_s: float | None
    ) -> Taken | Closed | Reset | Silence | NotConnected:
        if self._connection is None:
            return self.not_connected or NotConnected(reason="closed by us")
        wait_s = self.endpoint.timeout_s if timeout_s is None else timeout_s
        deadline_s = time.monotonic() + wait_s
        while (taken := take()) is None:
            data = self._connection.receive(deadline_s=deadline_s)
            if data is None:
                return self._nothing_came(wait_s)
            self._inbox.feed(data)
        return taken

    def wait_for_end(self, *, timeout_s: float) -> Closed | Reset | Silence | NotConnected:
        """Read until the peer ends the connection; PDUs that still come are recorded and passed over."""
        deadline_s = time.monotonic() + timeout_s
        while self._connection is not None:
            if self._connection.receive(deadline_s=deadline_s) is None:
                return self._nothing_came(timeout_s)
        return Closed()

    def _nothing_came(self, waited_s: float) -> Closed | Reset | Silence | NotConnected:
        assert self._connection is not None
        pending = self._inbox.pending
        match self._connection.ended:
            case EventKind.PEER_CLOSED:
                return Closed(pending=pending)
            case EventKind.PEER_RESET:
                return Reset()
            case EventKind.TOO_MUCH:
                return NotConnected(reason="we stopped reading, as more came than anything that was asked for has")
            case _:
                self.transcript.add(EventKind.TIMED_OUT, detail=f"{waited_s:.1f} s")
                return Silence(waited_s=waited_s, pending=pending)


def without_end(pending: int, waited_s: float, *, sub_operations: int = 0) -> Silence:
    """The outcome of an operation whose final response did not come in all the time that it has."""
    beside = f" and {sub_operations} sub-operations" if sub_operations else ""
    return Silence(waited_s=waited_s, instead=f"{pending} Pending responses{beside}, and no final response")
