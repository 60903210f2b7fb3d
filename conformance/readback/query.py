"""C-FIND, C-GET and C-MOVE for one SOP instance on one association, and what comes of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydicom.dataset import Dataset

from conformance.driver.peer import Peer
from conformance.instances.encoding import encode
from conformance.observation.exchanges import Sent
from conformance.observation.outcomes import describe
from conformance.observation.stored import StoredCopy
from conformance.readback.move_scp import MoveSpool
from conformance.readback.part10 import decode_data_set, read_part10, sop_instance_uid_of
from conformance.standard.statuses import C_FIND, C_GET, C_MOVE, status_words
from conformance.wire import messages
from conformance.wire.command import CommandField, CommandSet, Tag, command_name
from conformance.wire.fragments import Message

IMPLICIT: Final = "1.2.840.10008.1.2"
_MAX_MESSAGES: Final = 10_000
_OPERATION_TIMEOUTS: Final = 3
"""How many time-outs of one message a whole operation may last."""
_MAX_COPIES: Final = 64
_CONTINUES: Final = (0xFF00, 0xFF01)


class Root(StrEnum):
    """The query/retrieve information models (PS3.4 C.6)."""

    STUDY = "Study Root"
    PATIENT = "Patient Root"


FIND: Final = {Root.STUDY: "1.2.840.10008.5.1.4.1.2.2.1", Root.PATIENT: "1.2.840.10008.5.1.4.1.2.1.1"}
MOVE: Final = {Root.STUDY: "1.2.840.10008.5.1.4.1.2.2.2", Root.PATIENT: "1.2.840.10008.5.1.4.1.2.1.2"}
GET: Final = {Root.STUDY: "1.2.840.10008.5.1.4.1.2.2.3", Root.PATIENT: "1.2.840.10008.5.1.4.1.2.1.3"}


class QueryError(Exception):
    """A query or retrieval that says nothing about what is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an instance may lie: its unique keys from the patient down."""

    patient_id: str
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str

    @classmethod
    def of(cls, sent: Sent, sop_instance_uid: str) -> Place:
        """Where something that was sent should lie."""
        return cls(
            patient_id=sent.patient_id,
            study_instance_uid=sent.study_instance_uid,
            series_instance_uid=sent.series_instance_uid,
            sop_instance_uid=sop_instance_uid,
        )

    def identifier(self, root: Root) -> Dataset:
        """The unique keys of PS3.4 C.4.1.2.1: one value for every level above, and for the level itself."""
        keys = Dataset()
        keys.QueryRetrieveLevel = "IMAGE"
        if root is Root.PATIENT:
            keys.PatientID = self.patient_id
        keys.StudyInstanceUID = self.study_instance_uid
        keys.SeriesInstanceUID = self.series_instance_uid
        keys.SOPInstanceUID = self.sop_instance_uid
        return keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """An accepted presentation context of a query/retrieve service."""

    root: Root
    sop_class_uid: str
    context_id: int
    transfer_syntax_uid: str

    def encoded(self, keys: Dataset) -> bytes:
        """An identifier in the transfer syntax of the context."""
        return encode(keys, implicit_vr=self.transfer_syntax_uid == IMPLICIT, little_endian=True)


def find(peer: Peer, service: Service, place: Place) -> int:
    """How many matches the target lists for an instance.

    Raises:
        QueryError: The query did not succeed.
    """
    # A target that does not match on the key lists other instances as well.
    listed = _matches(peer, service, place.identifier(service.root))
    return sum(sop_instance_uid_of(match) == place.sop_instance_uid for match in listed)


def entities(peer: Peer, service: Service, keys: Dataset, keyword: str) -> tuple[str, ...]:
    """The UIDs that a C-FIND lists under a unique key, each once.

    Args:
        peer: The association.
        service: C-FIND.
        keys: The identifier.
        keyword: The unique key of the level that is asked for.

    Raises:
        QueryError: The query did not succeed.
    """
    uids = [str(match.get(keyword) or "").strip("\0 ") for match in _matches(peer, service, keys)]
    return tuple(dict.fromkeys(uid for uid in uids if uid))


def get(peer: Peer, service: Service, place: Place) -> tuple[StoredCopy, ...]:
    """The instances that a C-GET brings.

    Raises:
        QueryError: The retrieval failed, in whole or in part.
    """
    command = messages.c_get_rq(peer.next_message_id(), sop_class_uid=service.sop_class_uid)
    peer.send_message(command, service.encoded(place.identifier(service.root)), context_id=service.context_id)
    copies: list[StoredCopy] = []
    for message in _messages_of(peer, "C-GET", CommandField.C_GET_RSP, CommandField.C_STORE_RQ):
        if message.command.command_field == CommandField.C_STORE_RQ:
            if len(copies) == _MAX_COPIES:
                raise QueryError(f"C-GET: more than {_MAX_COPIES} instances under one UID")
            copies.append(_received(peer, message, place, f"{service.root} C-GET"))
            peer.send_message(messages.response(message.command, status=0), None, context_id=message.context_id)
        elif message.command.status not in _CONTINUES:
            _check(C_GET, "C-GET", message.command)
            break
    return tuple(copies)


def move(peer: Peer, service: Service, place: Place, spool: MoveSpool) -> tuple[StoredCopy, ...]:
    """The instances that a C-MOVE sends to our own storage SCP.

    Raises:
        QueryError: The retrieval failed, in whole or in part, or brought less than it says.
    """
    uid = place.sop_instance_uid
    spool.forget(uid)
    command = messages.c_move_rq(
        peer.next_message_id(), sop_class_uid=service.sop_class_uid, move_destination=spool.ae_title
    )
    peer.send_message(command, service.encoded(place.identifier(service.root)), context_id=service.context_id)
    completed = 0
    for message in _messages_of(peer, "C-MOVE", CommandField.C_MOVE_RSP):
        if message.command.status not in _CONTINUES:
            _check(C_MOVE, "C-MOVE", message.command)
            completed = message.command.number(Tag.NUMBER_OF_COMPLETED_SUBOPERATIONS) or 0
            break
    copies = []
    for path in spool.files_of(uid)[:_MAX_COPIES]:
        with path.open("rb") as file:
            read = read_part10(file)
        copies.append(
            StoredCopy(
                sop_instance_uid=uid,
                dataset=read.dataset,
                transfer_syntax_uid=read.transfer_syntax_uid,
                where=f"{service.root} C-MOVE",
            )
        )
    spool.forget(uid)
    if completed and not copies:
        raise QueryError(
            f"C-MOVE: {completed} sub-operations are said to be complete, and nothing came to {spool.ae_title}; "
            f"the target may know that AE title at another address"
        )
    return tuple(copies)


def _matches(peer: Peer, service: Service, keys: Dataset) -> Iterator[Dataset]:
    """What a C-FIND lists.

    Raises:
        QueryError: The query did not succeed.
    """
    command = messages.c_find_rq(peer.next_message_id(), sop_class_uid=service.sop_class_uid)
    peer.send_message(command, service.encoded(keys), context_id=service.context_id)
    for message in _messages_of(peer, "C-FIND", CommandField.C_FIND_RSP):
        if message.command.status == 0:
            return
        if message.command.status not in _CONTINUES:
            raise QueryError(f"C-FIND: {_words(C_FIND, message.command.status)}")
        yield decode_data_set(message.data_set or b"", service.transfer_syntax_uid)[0]


def _messages_of(peer: Peer, name: str, *fields: CommandField) -> Iterator[Message]:
    """The messages of one operation, of these kinds and no other, for as long as the caller wants more.

    Raises:
        QueryError: Something else came, or nothing in time, or there is no end to it.
    """
    timeout_s = peer.endpoint.timeout_s
    deadline_s = time.monotonic() + _OPERATION_TIMEOUTS * timeout_s
    for number in range(_MAX_MESSAGES):
        if time.monotonic() >= deadline_s:
            raise QueryError(f"{name}: no end after {number} messages in {_OPERATION_TIMEOUTS * timeout_s:.0f} s")
        message = peer.next_message(timeout_s=min(timeout_s, max(0.0, deadline_s - time.monotonic())))
        if not isinstance(message, Message):
            raise QueryError(f"{name}: {describe(message)}")
        if message.command.command_field not in fields:
            raise QueryError(f"{name}: an unexpected {command_name(message.command.command_field or 0)} came")
        yield message
    raise QueryError(f"{name}: no end after {_MAX_MESSAGES} messages")


def _received(peer: Peer, message: Message, place: Place, where: str) -> StoredCopy:
    context = peer.accepted.get(message.context_id)
    syntax = (context.transfer_syntax or "").strip("\0 ") if context is not None else ""
    dataset, _ = decode_data_set(message.data_set or b"", syntax)
    return StoredCopy(sop_instance_uid=place.sop_instance_uid, dataset=dataset, transfer_syntax_uid=syntax, where=where)


def _check(service: int, name: str, command: CommandSet) -> None:
    failed = command.number(Tag.NUMBER_OF_FAILED_SUBOPERATIONS) or 0
    if command.status != 0 or failed:
        counts = f", {failed} sub-operations failed" if failed else ""
        comment = f": {command.error_comment}" if command.error_comment else ""
        raise QueryError(f"{name}: {_words(service, command.status)}{counts}{comment}")


def _words(service: int, status: int | None) -> str:
    return "a response without a status" if status is None else status_words(service, status)
