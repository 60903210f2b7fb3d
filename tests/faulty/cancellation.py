"""Faults of what is broken off: partial instances, cancels that are obeyed, answered or ignored, lost places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from conformance.standard.transfer_syntaxes import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded import retrieve, store_service
from conformance.target.embedded.acceptor import Acceptor
from conformance.target.embedded.answer import SUCCESS, Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Elements
from conformance.target.embedded.happening import Happening
from conformance.target.embedded.keys import INDEX_TAGS
from conformance.target.embedded.negotiation import Context
from conformance.target.embedded.query import Query
from conformance.target.embedded.retrieve import Progress, SameAssociation
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.source import MemorySource
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import StoredInstance
from conformance.target.embedded.walk import Encoding, NotReadable, Walk
from conformance.wire.command import DATA_SET_PRESENT, CommandElement, CommandField, CommandSet, Tag, us
from conformance.wire.messages import response
from conformance.wire.pdu import Pdv
from tests.faulty.registry import fault

_CANCELLED: Final = Answer(status=retrieve.CANCEL)
_PACE_S: Final = 0.08


def _leniently(request: Request, data_set: Blob) -> StoredInstance:
    """An instance from as much of a data set as can be read."""
    encoding = Encoding(
        explicit_vr=request.context.transfer_syntax != IMPLICIT_VR_LITTLE_ENDIAN, big_endian=False, encapsulated=False
    )
    walk = Walk(MemorySource(data_set.read()), encoding, INDEX_TAGS)
    with suppress(NotReadable):
        walk.run()
    return store_service.instance_of(request, data_set, walk.seen)


def _cut_off(association: Association | None) -> Request | None:
    """The C-STORE whose data set has not come whole; None when there is none."""
    assembler = None if association is None else association.assembler
    if assembler is None or assembler.command is None or assembler.data_set is None:
        return None
    return assembler.finish()


class _Remembers(Behaviour):
    """Knows what was begun and not completed on any association."""

    def __init__(self) -> None:
        self.broken_off: set[str] = set()

    def on_association_end(self, association: Association) -> None:
        command = association.assembler.command
        if command is not None and command.affected_sop_instance_uid:
            self.broken_off.add(command.affected_sop_instance_uid)
        super().on_association_end(association)


@fault("keeps-a-partial-instance", catches=("ST-32", "CAN-13", "UL-REL-08"))
class KeepsPartialInstance(Behaviour):
    """What came of a data set is stored when the association ends before the rest."""

    def on_association_end(self, association: Association) -> None:
        request = _cut_off(association)
        if request is not None and request.data_set is not None:
            with suppress(RefusedError):
                association.store.put(_leniently(request, request.data_set.freeze()))
        super().on_association_end(association)


@fault("refuses-what-was-broken-off", catches=("CAN-12",))
class RefusesWhatWasBrokenOff(_Remembers):
    """An instance whose transfer was broken off once is refused as a duplicate ever after."""

    def store(self, association: Association, request: Request) -> Answer:
        if request.command.affected_sop_instance_uid in self.broken_off:
            return Answer(status=0xC0F0)
        return super().store(association, request)


class _RefusesToServe(Acceptor):
    def run(self) -> None:
        if isinstance(self._behaviour, StopsServing) and self._behaviour.broken_off:
            self._connection.close()
            return
        super().run()


@fault("stops-serving", catches=("LIFE-01",), acceptor=_RefusesToServe)
class StopsServing(_Remembers):
    """After a transfer that was broken off every new connection is closed."""


class _LosesPlaces(Acceptor):
    def _end_association(self) -> None:
        if self.association is not None and self.association.assembler.command is not None:
            self._admitted = False
        super()._end_association()


@fault("loses-a-place", catches=("UL-TCP-12",), acceptor=_LosesPlaces, settings=Settings(max_associations=5))
class LosesPlace(Behaviour):
    """Each transfer that was broken off takes the place of an association for good."""


class _CompletesOnRelease(Acceptor):
    def ar_2(self, happening: Happening) -> None:
        request = _cut_off(self.association)
        if request is not None and self.association is not None:
            self._connection.send(
                self._behaviour.encode_message(
                    response(request.command, status=0), None, request.context.context_id, 16384
                )
            )
        super().ar_2(happening)


@fault("completes-on-release", catches=("UL-REL-08",), acceptor=_CompletesOnRelease)
class CompletesOnRelease(Behaviour):
    """An A-RELEASE-RQ in the middle of a C-STORE has it answered with 0000."""


@fault("aborts-the-others", catches=("UL-TCP-16",))
class AbortsTheOthers(Behaviour):
    """An association that ends in the middle of a C-STORE takes the others with it."""

    def __init__(self) -> None:
        self._associations: list[Association] = []

    def on_established(self, association: Association) -> None:
        self._associations.append(association)

    def on_association_end(self, association: Association) -> None:
        if association.assembler.command is not None:
            for other in self._associations:
                if other is not association:
                    other.abort()
        super().on_association_end(association)


@fault("forgets-with-the-association", catches=("CAN-14",))
class ForgetsWithTheAssociation(Behaviour):
    """What was stored on an association that does not release is removed with it."""

    def __init__(self) -> None:
        self._stored: dict[Association, list[str]] = {}

    def store(self, association: Association, request: Request) -> Answer:
        self._stored.setdefault(association, []).append(request.command.affected_sop_instance_uid or "")
        return super().store(association, request)

    def on_association_end(self, association: Association) -> None:
        for uid in self._stored.pop(association, []):
            association.store.remove(uid)
        super().on_association_end(association)


@fault("acknowledges-the-command", catches=("CMD-28",))
class AcknowledgesCommand(Behaviour):
    """A C-STORE is answered with 0000 when its command set has come."""

    def on_command(self, association: Association, context: Context, command: CommandSet) -> None:
        association.respond(Request(context=context, command=command, data_set=None), SUCCESS)

    def perform(self, association: Association, request: Request) -> None:
        if request.command.command_field == CommandField.C_STORE_RQ:
            self.answer_store(association, request)
        else:
            super().perform(association, request)


@fault("stores-cut-data", catches=("CMD-31",))
class StoresCutData(Behaviour):
    """A data set whose last element is cut is stored and answered with 0000."""

    def instance_of(self, request: Request, data_set: Blob) -> StoredInstance:
        return _leniently(request, data_set)


@fault("stores-the-cancel", catches=("CAN-03",))
class StoresTheCancel(StoresCutData):
    """The bytes of a C-CANCEL-RQ between the fragments of a data set are stored as data."""

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        if pdv.is_command and association.assembler.data_set is not None:
            association.assembler.data_set.append(pdv.fragment)
        else:
            super().on_pdv(association, pdv)


class _ReadsOn(Behaviour):
    """Takes in what stands behind a C-STORE before it performs it."""

    def perform(self, association: Association, request: Request) -> None:
        if request.command.command_field == CommandField.C_STORE_RQ:
            while association.poll(0.02):
                pass
        super().perform(association, request)


@fault("cancels-a-store", catches=("CAN-01",))
class CancelsStore(_ReadsOn):
    """A C-STORE that a C-CANCEL-RQ names is answered with FE00."""

    def answer_store(self, association: Association, request: Request) -> Answer:
        return _CANCELLED if retrieve.is_cancelled(association) else super().answer_store(association, request)


@fault("drops-a-stored-instance-on-cancel", catches=("CAN-01",))
class DropsStoredInstance(Behaviour):
    """A C-CANCEL-RQ after the C-STORE-RSP removes the instance that was acknowledged."""

    def __init__(self) -> None:
        self._stored: dict[int | None, str | None] = {}

    def store(self, association: Association, request: Request) -> Answer:
        self._stored[request.command.message_id] = request.command.affected_sop_instance_uid
        return super().store(association, request)

    def on_cancel(self, association: Association, command: CommandSet) -> None:
        uid = self._stored.get(command.message_id_being_responded_to)
        association.store.remove(uid or "")


@fault("answers-a-cancel", catches=("CAN-02",))
class AnswersCancel(Behaviour):
    """A C-CANCEL-RQ is answered with a response of its own."""

    def on_cancel(self, association: Association, command: CommandSet) -> None:
        context = next(iter(association.contexts.values()))
        association.send(context, response(command, status=0))


@fault("hangs-after-a-cancel", catches=("CAN-15",))
class HangsAfterCancel(Behaviour):
    """After a C-CANCEL-RQ nothing on the association is answered any more."""

    def __init__(self) -> None:
        self._hanging: set[Association] = set()

    def on_cancel(self, association: Association, command: CommandSet) -> None:
        self._hanging.add(association)

    def perform(self, association: Association, request: Request) -> None:
        if association not in self._hanging:
            super().perform(association, request)


@fault("aborts-on-a-late-cancel", catches=("CAN-06",))
class AbortsOnLateCancel(Behaviour):
    """A C-CANCEL-RQ after the final response aborts the association."""

    def on_cancel(self, association: Association, command: CommandSet) -> None:
        if association.running is None:
            association.abort()
        super().on_cancel(association, command)


@fault("cancels-by-any-id", catches=("CAN-07",))
class CancelsByAnyId(Behaviour):
    """A C-CANCEL-RQ cancels what runs, whatever Message ID it names."""

    def on_cancel(self, association: Association, command: CommandSet) -> None:
        if association.running is not None:
            association.cancelled.add(association.running)


@fault("cancels-on-every-association", catches=("UL-TCP-16",))
class CancelsOnEveryAssociation(Behaviour):
    """A C-CANCEL-RQ cancels whatever runs under its Message ID, on every association."""

    def __init__(self) -> None:
        self._established: set[Association] = set()

    def on_established(self, association: Association) -> None:
        super().on_established(association)
        self._established.add(association)

    def on_cancel(self, association: Association, command: CommandSet) -> None:
        for one in tuple(self._established):
            super().on_cancel(one, command)

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._established.discard(association)


@fault("ignores-cancel-of-get", catches=("CAN-09",))
class IgnoresCancel(Behaviour):
    """A cancelled C-GET goes on to its end and is answered with 0000."""

    def on_cancel(self, association: Association, command: CommandSet) -> None:
        return


@fault("finds-on-after-a-cancel", catches=("CAN-04",))
class FindsOnAfterCancel(Behaviour):
    """A cancelled C-FIND sends all its matches, at leisure, and ends with 0000."""

    def __init__(self) -> None:
        self._cancelled: set[Association] = set()

    def on_cancel(self, association: Association, command: CommandSet) -> None:
        self._cancelled.add(association)

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        for match in super().find_matches(association, query):
            if association in self._cancelled:
                association.poll(_PACE_S)
            yield match


@fault("goes-on-after-the-cancel-status", catches=("CAN-09",))
class GoesOnAfterCancelStatus(Behaviour):
    """A C-GET sends another instance after its final response FE00."""

    def get(self, association: Association, request: Request) -> None:
        super().get(association, request)
        if retrieve.is_cancelled(association):
            last = association.store.instances()[-1]
            self.sub_operation(association, request, SameAssociation(association), last)


@fault("identifies-a-cancel", catches=("CAN-05",))
class IdentifiesCancel(Behaviour):
    """The C-FIND-RSP with status FE00 has an identifier."""

    def encode_message(
        self, command: CommandSet, data_set: bytes | Blob | None, context_id: int, max_pdu_bytes: int
    ) -> Iterable[bytes | memoryview]:
        if command.command_field == CommandField.C_FIND_RSP and command.status == retrieve.CANCEL:
            command, data_set = _announcing(command), b"\x08\0\x52\0\x06\0\0\0IMAGE "
        return super().encode_message(command, data_set, context_id, max_pdu_bytes)


def _announcing(command: CommandSet) -> CommandSet:
    there = CommandElement(tag=Tag.COMMAND_DATA_SET_TYPE, value=us(DATA_SET_PRESENT))
    elements: Sequence[CommandElement] = [
        there if element.tag == Tag.COMMAND_DATA_SET_TYPE else element for element in command.elements
    ]
    return replace(command, elements=tuple(elements))


@fault("cancels-without-counts", catches=("CAN-09",))
class CancelsWithoutCounts(Behaviour):
    """FE00 to a C-GET has no counts of sub-operations."""

    def retrieve_answer(self, status: int, progress: Progress) -> Answer:
        return _CANCELLED if status == retrieve.CANCEL else super().retrieve_answer(status, progress)


@fault("miscounts-a-cancel", catches=("CAN-09",))
class MiscountsCancel(Behaviour):
    """FE00 to a C-GET counts sub-operations that were never begun as completed."""

    def retrieve_answer(self, status: int, progress: Progress) -> Answer:
        if status == retrieve.CANCEL:
            progress = replace(progress, completed=progress.completed + progress.remaining, remaining=0)
        return super().retrieve_answer(status, progress)
