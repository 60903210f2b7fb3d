"""Our own storage SCP, the destination of a C-MOVE: it keeps what it is sent as files in a folder that can be shared.

It is the SCU of storage commitment too, as far as that listens: it keeps the reports that it is sent.

It accepts what is offered and judges nothing. One process listens; every process that knows the folder reads.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from conformance.driver.connection import Connection
from conformance.driver.endpoint import DEFAULT_MAX_PDU_BYTES, IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from conformance.driver.inbox import Inbox
from conformance.observation.outcomes import Aborted, Unexpected
from conformance.observation.transcript import Transcript
from conformance.readback import reports
from conformance.readback.part10 import encode_part10
from conformance.standard.sop_classes import STORAGE_COMMITMENT_PUSH_MODEL, is_storage
from conformance.wire import items, messages
from conformance.wire.command import CommandField
from conformance.wire.fragments import Message, message_bytes
from conformance.wire.items import ContextResult, Item, ItemType, ProposedContext, role_selection_item
from conformance.wire.pdu import AbortPdu, Associate, AssociateRJ, Pdu, PduType, ReleaseRP, ReleaseRQ

Taken = TypeVar("Taken")

log = logging.getLogger(__name__)

_IDLE_S: Final = 60.0
_POLL_S: Final = 0.2
_CONNECTIONS: Final = 16
_SPOOL_BYTES: Final = 4 << 30
_CALLED_AE_TITLE_NOT_RECOGNIZED: Final = AssociateRJ(result=1, source=1, reason=7)  # PS3.8 Table 9-21
_VERIFICATION: Final = messages.VERIFICATION_SOP_CLASS


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveSpool:
    """What a C-MOVE needs to know of its destination.

    Args:
        ae_title: The destination's AE title, as the target knows it.
        folder: Where the destination keeps what it is sent.
    """

    ae_title: str
    folder: Path

    def files_of(self, sop_instance_uid: str) -> tuple[Path, ...]:
        """The whole files that came under a UID, in the order in which they came."""
        return tuple(sorted(self.folder.glob(f"{_stem(sop_instance_uid)}-*.dcm")))

    def commands_of(self, sop_instance_uid: str) -> tuple[bytes, ...]:
        """The command sets of the C-STORE-RQs that brought those files, in the same order."""
        return tuple(_command_beside(path).read_bytes() for path in self.files_of(sop_instance_uid))

    def forget(self, sop_instance_uid: str) -> None:
        """Remove what came under a UID."""
        for path in self.files_of(sop_instance_uid):
            path.unlink(missing_ok=True)
            _command_beside(path).unlink(missing_ok=True)


class MoveScp:
    """Listens from `start` to `stop`, or inside a `with` block.

    Args:
        ae_title: Associations that call another one are rejected.
        port: 0 to 65535; 0 takes a free one, see `port` after `start`.
        folder: Where files go; it is created.
        host: The address to listen on; empty for all of them, as the target may live on another machine.
    """

    def __init__(self, *, ae_title: str, port: int, folder: Path, host: str = "") -> None:
        self._ae_title = ae_title
        self._folder = folder
        self._host = host
        self._wanted_port = port
        self._listener: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._numbers = itertools.count(1)
        self._places = threading.BoundedSemaphore(_CONNECTIONS)
        self._spooled_bytes = 0

    @property
    def spool(self) -> MoveSpool:
        """What a C-MOVE needs to know of us."""
        return MoveSpool(ae_title=self._ae_title, folder=self._folder)

    @property
    def port(self) -> int:
        """The port that we listen on."""
        return self._wanted_port if self._listener is None else int(self._listener.getsockname()[1])

    def start(self) -> MoveScp:
        """Listen.

        Raises:
            OSError: The port is taken, or may not be used.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._listener = socket.create_server((self._host, self._wanted_port), backlog=_CONNECTIONS)
        self._listener.settimeout(_POLL_S)
        self._threads = [threading.Thread(target=self._accept, name="move-scp", daemon=True)]
        self._threads[0].start()
        return self

    def stop(self) -> None:
        """Stop listening and wait for the connections to end; again is harmless."""
        self._stopping.set()
        for thread in list(self._threads):
            thread.join(timeout=5)
        if self._listener is not None:
            self._listener.close()

    def __enter__(self) -> MoveScp:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _accept(self) -> None:
        assert self._listener is not None
        while not self._stopping.is_set():
            try:
                sock, address = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if not self._places.acquire(blocking=False):
                sock.close()
                continue
            thread = threading.Thread(target=self._serve, args=(sock, str(address)), name="move-scp", daemon=True)
            self._threads = [t for t in self._threads if t.is_alive()] + [thread]
            thread.start()

    def _serve(self, sock: socket.socket, address: str) -> None:
        connection: Connection | None = None
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(sock, Transcript(label="move", peer=address))
            _Session(self, connection).run()
        except OSError as error:
            log.debug("move destination: %s: %s", address, error)
        finally:
            if connection is None:
                sock.close()
            else:
                connection.close()
            self._places.release()

    def keep(self, message: Message, transfer_syntax_uid: str) -> int:
        """Write what a C-STORE brought as a file; the status to answer with."""
        data = message.data_set or b""
        if self._spooled_bytes + len(data) > _SPOOL_BYTES:
            return 0xA700
        uid = message.command.affected_sop_instance_uid or ""
        name = f"{_stem(uid)}-{os.getpid()}-{next(self._numbers):08d}"
        part = self._folder / f"{name}.part"
        part.write_bytes(
            encode_part10(
                data,
                sop_class_uid=message.command.affected_sop_class_uid or "",
                sop_instance_uid=uid,
                transfer_syntax_uid=transfer_syntax_uid,
            )
        )
        _command_beside(part).write_bytes(message.command_bytes)
        part.rename(part.with_suffix(".dcm"))
        self._spooled_bytes += len(data)
        return 0x0000

    def report(self, association: Associate, message: Message, transfer_syntax_uid: str) -> int | None:
        """Keep an N-EVENT-REPORT-RQ; the status to answer with, or None for no answer."""
        data = message.data_set or b""
        if self._spooled_bytes + len(data) > _SPOOL_BYTES:
            return reports.RESOURCE_LIMITATION
        self._spooled_bytes += len(data)
        return reports.keep(self._folder, association, message, transfer_syntax_uid)

    def calls_us(self, request: Associate) -> bool:
        """Whether an association request names our AE title."""
        # PS3.8 Table 9-11, bytes 11-26: leading and trailing spaces are not significant
        return request.called_ae_title.decode("latin-1").strip(" \0") == self._ae_title

    @property
    def stopping(self) -> bool:
        """Whether connections should end."""
        return self._stopping.is_set()


class _Session:
    """One association of the target with us."""

    def __init__(self, scp: MoveScp, connection: Connection) -> None:
        self._scp = scp
        self._connection = connection
        self._inbox = Inbox()
        self._syntaxes: dict[int, str] = {}
        self._max_pdu_bytes = 0

    def run(self) -> None:
        """Serve until the target releases, aborts, falls silent or breaks the protocol."""
        request = self._next(self._inbox.next_pdu)
        if not isinstance(request, Associate) or request.pdu_type is not PduType.A_ASSOCIATE_RQ:
            self._send(AbortPdu(source=2, reason=0))
            return
        if not self._scp.calls_us(request):
            self._send(_CALLED_AE_TITLE_NOT_RECOGNIZED)
            return
        self._send(self._answer(request))
        while (message := self._next(self._inbox.next_message)) is not None:
            match message:
                case Message():
                    pass
                case Unexpected(pdu=ReleaseRQ()):
                    self._finish(ReleaseRP())
                    return
                case Aborted():
                    return
                case _:
                    self._finish(AbortPdu(source=2, reason=0))
                    return
            if not self._perform(request, message):
                self._send(AbortPdu(source=0, reason=0))
                return

    def _finish(self, pdu: Pdu) -> None:
        self._send(pdu)
        deadline_s = time.monotonic() + 2
        # PS3.8 9.2.3: who answers a release or sends an abort waits for the other side to close
        while self._connection.receive(deadline_s=deadline_s) is not None:
            continue

    def _perform(self, request: Associate, message: Message) -> bool:
        status: int | None = 0x0000
        match message.command.command_field:
            case CommandField.C_STORE_RQ:
                syntax = self._syntaxes.get(message.context_id)
                if syntax is None:
                    return False
                status = self._scp.keep(message, syntax)
            case CommandField.C_ECHO_RQ:
                pass
            case CommandField.N_EVENT_REPORT_RQ:
                status = self._scp.report(request, message, self._syntaxes.get(message.context_id, ""))
            case _:
                status = 0x0211
        if status is None:
            return True
        response = messages.response(message.command, status=status)
        data = message_bytes(response, None, context_id=message.context_id, max_pdu_bytes=self._max_pdu_bytes)
        return self._connection.send((data,), timeout_s=_IDLE_S)

    def _answer(self, request: Associate) -> Associate:
        maximum = request.maximum_length
        self._max_pdu_bytes = maximum if maximum is not None and (maximum == 0 or maximum >= 8) else 16384
        results = [self._result(context) for context in request.proposed_contexts]
        user = (
            items.maximum_length_item(DEFAULT_MAX_PDU_BYTES),
            items.implementation_class_uid_item(IMPLEMENTATION_CLASS_UID),
            *(item for item in request.user_items if _is_plain_role(item) or _is_reporting_role(item)),
            items.implementation_version_name_item(IMPLEMENTATION_VERSION_NAME),
        )
        return Associate(
            pdu_type=PduType.A_ASSOCIATE_AC,
            called_ae_title=request.called_ae_title,
            calling_ae_title=request.calling_ae_title,
            items=(
                items.application_context_item(),
                *(items.context_result_item(result) for result in results),
                items.user_information_item(user),
            ),
        )

    def _result(self, context: ProposedContext) -> ContextResult:
        abstract = context.abstract_syntax.strip("\0 ")
        syntaxes = tuple(uid.strip("\0 ") for uid in context.transfer_syntaxes)
        # A private SOP class is stored like any other; what is none of the standard's other services is storage.
        served = (_VERIFICATION, STORAGE_COMMITMENT_PUSH_MODEL)
        known = abstract in served or is_storage(abstract) or not abstract.startswith("1.2.840.10008.")
        if not known or not syntaxes:
            return ContextResult(context_id=context.context_id, result=3, transfer_syntaxes=syntaxes[:1] or ("",))
        self._syntaxes[context.context_id] = syntaxes[0]
        return ContextResult(context_id=context.context_id, result=0, transfer_syntaxes=syntaxes[:1])

    def _next(self, take: Callable[[], Taken | None]) -> Taken | None:
        """The next PDU or message; None when the connection ended, fell silent, or we are to stop."""
        silent_at_s = time.monotonic() + _IDLE_S
        while (taken := take()) is None:
            data = self._connection.receive(deadline_s=min(silent_at_s, time.monotonic() + _POLL_S))
            if data is not None:
                self._inbox.feed(data)
                silent_at_s = time.monotonic() + _IDLE_S
            elif self._connection.ended or self._scp.stopping or time.monotonic() >= silent_at_s:
                return None
        return taken

    def _send(self, pdu: Pdu) -> None:
        self._connection.send((pdu.encode(),), timeout_s=_IDLE_S)


def _is_plain_role(item: Item) -> bool:
    """A role selection sub-item that proposes the default roles, which we confirm (PS3.7 D.3.3.4)."""
    return item.item_type == ItemType.ROLE_SELECTION and item.body[-2:] == b"\x01\x00"


def _is_reporting_role(item: Item) -> bool:
    """A role selection sub-item of who reports on storage commitment, which we confirm (PS3.4 J.3.3.1.2)."""
    return item == role_selection_item(STORAGE_COMMITMENT_PUSH_MODEL, scu=0, scp=1)


def _command_beside(path: Path) -> Path:
    """Where the command set is kept that brought a file."""
    return path.with_suffix(".command")


def _stem(sop_instance_uid: str) -> str:
    """A file name for a UID, whatever characters the peer put into it."""
    return hashlib.sha256(sop_instance_uid.encode()).hexdigest()[:40]
