"""An established association as the services see it: messages in, messages out, and what is still going on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, Protocol

from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import Assembler, Request
from conformance.target.embedded.negotiation import Context, ae_title
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import Store
from conformance.wire.command import CommandSet
from conformance.wire.pdu import Associate, Pdv

if TYPE_CHECKING:
    from conformance.target.embedded.behaviour import Behaviour

INBOX_MESSAGES: Final = 64
"""How many requests may wait; the window is one, so a peer with more is out of its mind and is aborted."""


class Link(Protocol):
    """What an association needs of the upper layer."""

    @property
    def established(self) -> bool:
        """Whether data may be sent and received (Sta6)."""

    def transmit(self, parts: Iterable[bytes | memoryview]) -> bool:
        """P-DATA request; False when the association is over."""

    def poll(self, timeout_s: float) -> bool:
        """Let one thing happen, waiting at most so long; False when nothing did."""

    def abort(self) -> None:
        """A-ABORT request of the service user."""

    def aside(self, task: Callable[[], None]) -> None:
        """Do something that no association waits for, even when this one has ended."""


class Association:
    """One association, from A-ASSOCIATE-AC to its end.

    Attributes:
        settings: The PACS's settings.
        store: The PACS's store.
        behaviour: The hooks.
        request: The A-ASSOCIATE-RQ.
        contexts: The accepted presentation contexts by id.
        inbox: Requests that wait to be performed.
        replies: Responses to our own requests, as they came.
        running: Message ID of the operation that is being performed.
        cancelled: Message IDs that a C-CANCEL named in time.
    """

    def __init__(
        self,
        *,
        link: Link,
        settings: Settings,
        store: Store,
        behaviour: Behaviour,
        request: Associate,
        contexts: Mapping[int, Context],
    ) -> None:
        self._link = link
        self._next_message_id = 0
        self.settings = settings
        self.store = store
        self.behaviour = behaviour
        self.request = request
        self.contexts = contexts
        self.calling_ae_title = ae_title(request.calling_ae_title) or ""
        self.called_ae_title = ae_title(request.called_ae_title) or ""
        self.peer_max_pdu_bytes = behaviour.peer_max_pdu_bytes(request)
        self.assembler = Assembler(
            contexts, store.new_spool, lambda context, command: behaviour.on_command(self, context, command)
        )
        self.inbox: deque[Request] = deque()
        self.replies: deque[CommandSet] = deque()
        self.running: int | None = None
        self.cancelled: set[int] = set()

    @property
    def established(self) -> bool:
        """Whether messages can be sent and received."""
        return self._link.established

    def receive(self, pdv: Pdv) -> None:
        """Take in a presentation data value.

        Raises:
            ProtocolError: It cannot come here.
        """
        message = self.assembler.feed(pdv)
        if message is not None:
            self.behaviour.on_message(self, message)

    def poll(self, timeout_s: float = 0.0) -> bool:
        """Take in what the peer sent meanwhile, without waiting unless told to; False when there was nothing."""
        return self._link.poll(timeout_s)

    def send(self, context: Context, command: CommandSet, data_set: bytes | Blob | None = None) -> bool:
        """Send a message; False when the association is over."""
        parts = self.behaviour.encode_message(command, data_set, context.context_id, self.peer_max_pdu_bytes)
        return self._link.transmit(parts)

    def respond(self, request: Request, answer: Answer, data_set: bytes | None = None) -> bool:
        """Send a response on the request's context; False when the association is over."""
        command = self.behaviour.build_response(request, answer, data_set=data_set is not None)
        return self.send(request.context, command, data_set)

    def new_message_id(self) -> int:
        """A Message ID for a request of our own."""
        self._next_message_id = self._next_message_id % 0xFFFF + 1
        return self._next_message_id

    def abort(self) -> None:
        """Abort the association as service user."""
        self._link.abort()

    def aside(self, task: Callable[[], None]) -> None:
        """Do something that this association does not wait for, even when it has ended."""
        self._link.aside(task)

    def end(self) -> None:
        """Forget what was not completed."""
        self.behaviour.on_association_end(self)
        for request in self.inbox:
            if request.data_set is not None:
                request.data_set.discard()
        self.inbox.clear()
