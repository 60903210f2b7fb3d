"""An association of our own: for the sub-operations of C-MOVE (PS3.4 C.4.2.3.1), and to report (PS3.4 J.3.3)."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Final, Self

from conformance.standard.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from conformance.standard.upper_layer import AbortReason
from conformance.target.embedded.assembly import Assembler, ProtocolError, Request
from conformance.target.embedded.connection import Arrival, Connection
from conformance.target.embedded.encoding import message_parts
from conformance.target.embedded.happening import happening_of
from conformance.target.embedded.negotiation import Context
from conformance.target.embedded.settings import (
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    Destination,
    Settings,
)
from conformance.target.embedded.spool import Blob, Spool
from conformance.target.embedded.supported import SERVICES, Service
from conformance.wire.command import CommandSet
from conformance.wire.items import (
    Item,
    ProposedContext,
    application_context_item,
    implementation_class_uid_item,
    implementation_version_name_item,
    maximum_length_item,
    proposed_context_item,
    user_information_item,
)
from conformance.wire.pdu import (
    AbortPdu,
    Associate,
    PDataTF,
    Pdu,
    PduType,
    ReleaseRP,
    ReleaseRQ,
    ae_title_field,
    pdu_name,
    type_of,
)

MAX_CONTEXTS: Final = 128
_SMALLEST_MAX_PDU_BYTES: Final = 8
_RELEASE_S: Final = 5.0


class RequestorError(Exception):
    """The association could not be had, or is over."""


def proposals(kinds: Iterable[tuple[str, str]]) -> list[ProposedContext]:
    """Contexts for instances of these SOP classes and transfer syntaxes.

    Each SOP class has a context for each syntax that it is stored in, and one for the default syntaxes, into which
    it may be converted; at most 128 in all.
    """
    wanted: dict[str, list[str]] = {}
    for sop_class_uid, transfer_syntax in kinds:
        wanted.setdefault(sop_class_uid, [])
        if transfer_syntax not in wanted[sop_class_uid]:
            wanted[sop_class_uid].append(transfer_syntax)
    default = (EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN)
    pairs = [
        (uid, offered) for uid, stored in wanted.items() for offered in (*((syntax,) for syntax in stored), default)
    ]
    return [
        ProposedContext(context_id=2 * number + 1, abstract_syntax=uid, transfer_syntaxes=tuple(offered))
        for number, (uid, offered) in enumerate(pairs[:MAX_CONTEXTS])
    ]


class Requestor:
    """An association with an application that we know, which listens.

    Args:
        destination: Where it listens.
        called_ae_title: Its AE title.
        settings: Ours.

    Attributes:
        contexts: The contexts that the destination accepted.
    """

    def __init__(self, destination: Destination, called_ae_title: str, settings: Settings) -> None:
        self._settings = settings
        self._called_ae_title = called_ae_title
        try:
            sock = socket.create_connection((destination.host, destination.port), timeout=settings.sub_operation_s)
        except OSError as error:
            raise RequestorError(f"{destination.host}:{destination.port}: {error.strerror or error}") from error
        self._connection = Connection(sock, max_pdu_bytes=settings.max_pdu_bytes, send_s=settings.send_s)
        self._peer_max_pdu_bytes = 0
        self._established = False
        self.contexts: tuple[Context, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._established and error is None:
                self._release()
        finally:
            self._connection.close()

    def associate(
        self, proposed: Sequence[ProposedContext], *, user_items: Iterable[Item] = (), calling_ae_title: str = ""
    ) -> None:
        """Ask for the association.

        Args:
            proposed: The presentation contexts.
            user_items: Further sub-items of the user information.
            calling_ae_title: Ours by default.

        Raises:
            RequestorError: It was not accepted.
        """
        request = Associate(
            pdu_type=PduType.A_ASSOCIATE_RQ,
            called_ae_title=ae_title_field(self._called_ae_title),
            calling_ae_title=ae_title_field(calling_ae_title or self._settings.ae_title),
            items=(
                application_context_item(),
                *(proposed_context_item(context) for context in proposed),
                user_information_item(
                    (
                        maximum_length_item(self._settings.max_pdu_bytes),
                        implementation_class_uid_item(IMPLEMENTATION_CLASS_UID),
                        *user_items,
                        implementation_version_name_item(IMPLEMENTATION_VERSION_NAME),
                    )
                ),
            ),
        )
        self._connection.send((request.encode(),))
        answer = self._next_pdu(time.monotonic() + self._settings.sub_operation_s)
        if not isinstance(answer, Associate) or answer.pdu_type is not PduType.A_ASSOCIATE_AC:
            raise RequestorError(f"{self._called_ae_title} answered with {pdu_name(type_of(answer))}")
        self._peer_max_pdu_bytes = answer.maximum_length or 0
        if 0 < self._peer_max_pdu_bytes < _SMALLEST_MAX_PDU_BYTES:
            raise RequestorError(f"maximum length {self._peer_max_pdu_bytes} has no room for a fragment")
        offered = {context.context_id: context for context in proposed}
        self.contexts = tuple(
            Context(
                context_id=result.context_id,
                abstract_syntax=offered[result.context_id].abstract_syntax,
                transfer_syntax=result.transfer_syntax,
                service=SERVICES.get(offered[result.context_id].abstract_syntax, Service.STORAGE),
            )
            for result in answer.context_results
            if result.accepted
            and result.context_id in offered
            and result.transfer_syntax in offered[result.context_id].transfer_syntaxes
        )
        self._established = True

    def request(self, context: Context, command: CommandSet, data_set: bytes | Blob) -> int:
        """Send a request and wait for the status of its response.

        Raises:
            RequestorError: The association is over, or no response came in time.
        """
        parts = message_parts(command, data_set, context.context_id, self._peer_max_pdu_bytes)
        if not self._connection.send(parts):
            self._established = False
            raise RequestorError("the association is over")
        end_s = time.monotonic() + self._settings.sub_operation_s
        assembler = Assembler({c.context_id: c for c in self.contexts}, _no_data_set, lambda _context, _command: None)
        while True:
            message = self._next_message(assembler, end_s)
            status = message.command.status
            if message.command.message_id_being_responded_to == command.message_id and status is not None:
                return status

    def _next_message(self, assembler: Assembler, end_s: float) -> Request:
        while True:
            pdu = self._next_pdu(end_s)
            if not isinstance(pdu, PDataTF):
                self._established = False
                raise RequestorError(f"{pdu_name(type_of(pdu))} instead of a response")
            try:
                for pdv in pdu.pdvs:
                    message = assembler.feed(pdv)
                    if message is not None:
                        return message
            except ProtocolError as error:
                self._abort()
                raise RequestorError(str(error)) from error

    def _next_pdu(self, end_s: float) -> Pdu:
        while True:
            frame = self._connection.reader.next_frame()
            if frame is not None:
                happening = happening_of(frame)
                if happening.pdu is not None:
                    return happening.pdu
                self._abort()
                raise RequestorError(happening.why or "A-ABORT")
            arrival = self._connection.receive(max(0.0, end_s - time.monotonic()))
            if arrival is Arrival.BYTES and time.monotonic() < end_s:
                continue
            if arrival is not Arrival.CLOSED:
                self._abort()
            self._established = False
            raise RequestorError(
                "nothing came in time" if arrival is not Arrival.CLOSED else "the connection is closed"
            )

    def _release(self) -> None:
        self._connection.send((ReleaseRQ().encode(),))
        end_s = time.monotonic() + _RELEASE_S
        try:
            while not isinstance(self._next_pdu(end_s), ReleaseRP):
                pass
        except RequestorError:
            return

    def _abort(self) -> None:
        self._established = False
        self._connection.send((AbortPdu(source=0, reason=0).encode(),))


def _no_data_set() -> Spool:
    raise ProtocolError("a response with a data set", AbortReason.UNEXPECTED_PDU_PARAMETER)
