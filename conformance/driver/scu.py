"""The well-behaved SCU: an ordinary client on pynetdicom.

pynetdicom says what to send; what came back is read from the recorded bytes by our own parser, because the events of
pynetdicom do not tell an abort from a closed connection or from silence.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from itertools import takewhile
from types import TracebackType
from typing import Any, Final, Self, cast

from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association
from pynetdicom.pdu_primitives import MaximumLengthNotification
from pynetdicom.presentation import PresentationContext

from conformance.driver.answers import association_answer, response_answer
from conformance.driver.endpoint import (
    DEFAULT_MAX_PDU_BYTES,
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    Endpoint,
)
from conformance.driver.inbox import Inbox
from conformance.driver.leftovers import end
from conformance.driver.pause import PausePoint
from conformance.driver.recorder import Recorder
from conformance.driver.recording_socket import WAITED, RecordingSocket
from conformance.driver.sending import sent_of
from conformance.instances.instance import Instance
from conformance.observation.exchanges import AssociationExchange, OperationExchange, Sent
from conformance.observation.outcomes import (
    Accepted,
    AssociationOutcome,
    Closed,
    NotConnected,
    ReleaseOutcome,
    Reset,
    ResponseOutcome,
    Silence,
    describe,
)
from conformance.observation.transcript import EventKind, Transcript
from conformance.wire import messages
from conformance.wire.command import CommandSet
from conformance.wire.fragments import Message
from conformance.wire.items import ContextResult, ProposedContext

logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)

_A_ABORT: Final = b"\x07"
_LEAST_WORKABLE_BYTES: Final = 8
_PAUSE_S: Final = 5.0


class ScuFaultError(RuntimeError):
    """The SCU itself gave up where the target had done nothing to make it: a fault of ours, and no observation."""


class ScuAssociation:
    """An association of the well-behaved SCU; a context manager that releases at its end.

    Args:
        endpoint: Where the target is and who we are.
        recorder: Where everything is recorded.
        contexts: The presentation contexts to propose; their ids are 1, 3, 5 ... in this order.
        label: Which connection of the scenario it is.
    """

    def __init__(
        self, endpoint: Endpoint, recorder: Recorder, contexts: Sequence[ProposedContext], *, label: str = ""
    ) -> None:
        self.endpoint = endpoint
        self.recorder = recorder
        self.transcript: Transcript = recorder.transcript(peer=str(endpoint), label=label)
        self._inbox = Inbox()
        self._read_events = 0
        self._message_id = 0
        self._over = ""
        self._pause_point = PausePoint()
        self._assoc = self._associate(contexts)
        self.exchange = AssociationExchange(
            proposed=tuple(contexts), outcome=self._association_outcome(), transcript=self.transcript
        )
        recorder.associations.append(self.exchange)
        self._make_room()
        self.accepted: dict[int, ContextResult] = {r.context_id: r for r in self.exchange.results if r.accepted}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, Exception):
            self.close()
        else:
            self.drop()

    @property
    def is_established(self) -> bool:
        """Whether the association can be used."""
        return isinstance(self.exchange.outcome, Accepted) and bool(self._assoc.is_established)

    def accepted_for(self, instance: Instance) -> ContextResult | None:
        """The first accepted context on which the instance can be sent, or None."""
        proposed = {c.context_id: c.abstract_syntax for c in self.exchange.proposed}
        for context_id, result in self.accepted.items():
            transfer_syntax = result.transfer_syntax
            if (
                proposed.get(context_id) == instance.sop_class_uid
                and transfer_syntax is not None
                and instance.can_encode(transfer_syntax)
            ):
                return result
        return None

    def store(self, instance: Instance, *, message_id: int | None = None) -> OperationExchange:
        """Send an instance on the first context that fits, and wait for the response.

        Raises:
            LookupError: No accepted context fits; ask `accepted_for` first.
        """
        context = self.accepted_for(instance)
        if context is None or context.transfer_syntax is None:
            raise LookupError(f"no accepted presentation context for {instance.label or instance.sop_class_uid}")
        sent = sent_of(instance, context.transfer_syntax)
        number = self._next_message_id(message_id)
        dataset = copy.copy(instance.dataset)
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = UID(context.transfer_syntax)
        request = messages.c_store_rq(number, sop_class_uid=sent.sop_class_uid, sop_instance_uid=sent.sop_instance_uid)
        asked = self._hold_reactor()
        if asked:
            self.recorder.before_store(sent.sop_instance_uid)
            self._assoc.send_c_store(dataset, msg_id=number)
        return self._record(request, context.context_id, sent, asked=asked)

    def echo(self, *, message_id: int | None = None) -> OperationExchange:
        """Send a C-ECHO-RQ and wait for the response.

        Raises:
            LookupError: Verification was not accepted.
        """
        proposed = {c.context_id: c.abstract_syntax for c in self.exchange.proposed}
        context_id = next((i for i in self.accepted if proposed.get(i) == messages.VERIFICATION_SOP_CLASS), None)
        if context_id is None:
            raise LookupError("no accepted presentation context for Verification")
        number = self._next_message_id(message_id)
        asked = self._hold_reactor()
        if asked:
            self._assoc.send_c_echo(msg_id=number)
        return self._record(messages.c_echo_rq(number), context_id, None, asked=asked)

    def release(self) -> ReleaseOutcome | None:
        """Release; what came, or None when there was no association any more."""
        if not self._hold_reactor():
            return None
        self._assoc.release()
        self._drain()
        message = self._inbox.next_message()
        if message is None:
            return self._ending()
        if isinstance(message, Message):
            return response_answer(message, t_s=self.transcript.now_s(), sent_at_s=0.0)
        return message

    def abort(self) -> None:
        """Send an A-ABORT."""
        if self._assoc.is_established:
            self._assoc.abort()

    def drop(self) -> None:
        """Close the connection without a word, and wait for nobody: the run was interrupted."""
        self._pause_point.set()
        end(self._assoc)

    def close(self) -> None:
        """Release if that is still possible, and see to it that the connection is closed."""
        if self._hold_reactor():
            self._assoc.release()
        if self._assoc.is_established:
            self._assoc.abort()

    def _associate(self, contexts: Sequence[ProposedContext]) -> Association:
        ae = ApplicationEntity(ae_title=self.endpoint.calling_ae_title)
        ae.implementation_class_uid = UID(IMPLEMENTATION_CLASS_UID)
        ae.implementation_version_name = IMPLEMENTATION_VERSION_NAME
        ae.connection_timeout = self.endpoint.connect_timeout_s
        ae.acse_timeout = ae.dimse_timeout = self.endpoint.timeout_s
        ae.network_timeout = self.endpoint.timeout_s * 2
        return ae.associate(
            self.endpoint.host,
            self.endpoint.port,
            contexts=[_pynetdicom_context(c) for c in contexts],
            ae_title=self.endpoint.called_ae_title,
            max_pdu=DEFAULT_MAX_PDU_BYTES,
            evt_handlers=[(evt.EVT_CONN_OPEN, self._on_connection)],
        )

    def _make_room(self) -> None:
        """Send in PDUs of the usual length to a target whose maximum length is absent or has no room for a fragment.

        pynetdicom raises on such a maximum; it is judged elsewhere (PS3.8 D.1).
        """
        if not self._assoc.is_established:
            return
        found = self._assoc.acceptor.user_information
        announced = [item for item in found if isinstance(item, MaximumLengthNotification)]
        if not announced or 0 < announced[0].maximum_length_received < _LEAST_WORKABLE_BYTES:
            found[:] = [item for item in found if item not in announced]
            found.append(MaximumLengthNotification())

    def _on_connection(self, event: evt.Event) -> None:
        association_socket = event.assoc.dul.socket
        assert association_socket is not None
        assert association_socket.socket is not None
        # The name is pynetdicom's own; replacing it is the one way to take turns with the reactor safely.
        event.assoc._reactor_checkpoint = cast("Any", self._pause_point)
        association_socket.socket = cast(
            "Any",
            RecordingSocket(association_socket.socket, self.transcript, timeout_s=self.endpoint.timeout_s),
        )

    def _hold_reactor(self) -> bool:
        return bool(self._assoc.is_established) and self._pause_point.hold(self._assoc, timeout_s=_PAUSE_S)

    def _record(self, request: CommandSet, context_id: int, sent: Sent | None, *, asked: bool) -> OperationExchange:
        exchange = OperationExchange(
            request=request,
            context_id=context_id,
            outcome=self._response_outcome(asked=asked),
            transcript=self.transcript,
            sent=sent,
            complete=asked,
        )
        self.recorder.operations.append(exchange)
        return exchange

    def _next_message_id(self, message_id: int | None) -> int:
        self._message_id += 1
        return self._message_id if message_id is None else message_id

    def _drain(self) -> None:
        events = self.transcript.events
        while self._read_events < len(events):
            event = events[self._read_events]
            self._read_events += 1
            if event.kind is EventKind.RECEIVED:
                self._inbox.feed(bytes(event.data))

    def _association_outcome(self) -> AssociationOutcome:
        self._drain()
        pdu = self._inbox.next_pdu()
        return self._ending() if pdu is None else association_answer(pdu)

    def _response_outcome(self, *, asked: bool) -> ResponseOutcome:
        sent_at_s = max((e.t_s for e in self.transcript.events if e.kind is EventKind.SENT), default=0.0)
        self._drain()
        message = self._inbox.next_message()
        if message is None:
            return self._ending(asked=asked)
        if isinstance(message, Message):
            received_at_s = max(e.t_s for e in self.transcript.events if e.kind is EventKind.RECEIVED)
            return response_answer(message, t_s=received_at_s, sent_at_s=sent_at_s)
        self._over = f"the association had ended, {describe(message)}"
        return message

    def _ending(self, *, asked: bool = True) -> Closed | Reset | Silence | NotConnected:
        events = self.transcript.events
        # What the target ends once we have given up, it ends because we have.
        kinds = {event.kind for event in takewhile(lambda event: event.kind is not EventKind.TIMED_OUT, events)}
        if EventKind.CONNECTED not in kinds:
            self.transcript.add(EventKind.NOT_CONNECTED)
            return NotConnected(reason=f"no TCP connection to {self.endpoint.host}:{self.endpoint.port}")
        if self._over:
            return NotConnected(reason=f"not sent: {self._over}")
        if kinds & {EventKind.PEER_RESET, EventKind.PEER_CLOSED}:
            self._over = "the target had ended the connection"
            return Reset() if EventKind.PEER_RESET in kinds else Closed(pending=self._inbox.pending)
        if EventKind.TOO_MUCH in kinds:
            self._over = "more came than anything that was asked for has, and we stopped reading"
            return NotConnected(reason=self._over)
        if not asked and self._inbox.pending:
            self._over = "the target was in the middle of a PDU that did not end"
            return NotConnected(reason=f"not sent: {self._over}")
        if not asked:
            raise ScuFaultError(f"the SCU could not take its turn to send within {_PAUSE_S:.0f} s")
        requested_s = max((e.t_s for e in events if e.kind is EventKind.SENT and e.data[:1] != _A_ABORT), default=0.0)
        waited_s = self.transcript.now_s() - requested_s
        if waited_s < self.endpoint.timeout_s * WAITED:
            raise ScuFaultError(
                f"the SCU gave up after {waited_s:.1f} s of {self.endpoint.timeout_s:.1f} s, and the target had "
                "neither answered nor ended the association"
            )
        self._over = "the association was given up after an earlier silence"
        return Silence(waited_s=waited_s, pending=self._inbox.pending)


def _pynetdicom_context(context: ProposedContext) -> PresentationContext:
    made = PresentationContext()
    made.abstract_syntax = UID(context.abstract_syntax)
    made.transfer_syntax = [UID(uid) for uid in context.transfer_syntaxes]
    return made
