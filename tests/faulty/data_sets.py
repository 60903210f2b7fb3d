"""Faults of looking at requests: commands and data sets are believed, dropped in silence, or waited for."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from conformance.target.embedded import store_service
from conformance.target.embedded.answer import SUCCESS, Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from conformance.target.embedded.supported import Service
from conformance.target.embedded.walk import Seen
from conformance.wire.command import CommandElement, CommandField, CommandSet, Tag, us
from tests.faulty.registry import fault

_NOT_READ: Final = 0xC000
_NO_PLACE: Final = 0xA902
_ROWS: Final = b"\x28\x00\x10\x00"
_N_SERVICES: Final = range(0x0100, 0x0200)


def unread(request: Request, data_set: Blob, *, place: bool = False) -> StoredInstance:
    """An instance as the command names it, whatever its data set says.

    Args:
        request: The C-STORE-RQ.
        data_set: Its data set.
        place: Whether patient, study and series are taken from the data set, so that queries find it.
    """
    seen = store_service.examine(data_set, request.context.transfer_syntax) if place else Seen()

    def text(tag: int) -> str:
        return seen.values.get(tag, b"").decode("latin-1").rstrip("\0 ")

    return StoredInstance(
        sop_class_uid=request.command.affected_sop_class_uid or "",
        sop_instance_uid=request.command.affected_sop_instance_uid or "",
        patient_id=text(store_service.PATIENT_ID),
        study_uid=text(store_service.STUDY_INSTANCE_UID),
        series_uid=text(store_service.SERIES_INSTANCE_UID),
        transfer_syntax=request.context.transfer_syntax,
        data_set=data_set,
        index_bytes=bytes(seen.index),
    )


class _Overlooks(Behaviour):
    """Answers some refusals with 0000."""

    statuses: tuple[int, ...]

    def answer_store(self, association: Association, request: Request) -> Answer:
        answer = super().answer_store(association, request)
        return SUCCESS if answer.status in self.statuses else answer


@fault("success-for-nothing", catches=("ST-34",))
class SuccessForNothing(_Overlooks):
    """A data set of no bytes is answered 0000."""

    statuses = (0xC001,)


@fault("success-without-data-set", catches=("CMD-20",))
class SuccessWithoutDataSet(_Overlooks):
    """A C-STORE-RQ without data set is answered 0000."""

    statuses = (0xC001,)


@fault("success-for-half", catches=("ST-37",))
class SuccessForHalf(_Overlooks):
    """A data set that cannot be read to its end is answered 0000."""

    statuses = (_NOT_READ,)


@fault("success-without-uid", catches=("CMD-12",))
class SuccessWithoutUid(_Overlooks):
    """A C-STORE-RQ without a SOP Class or Instance UID is answered 0000."""

    statuses = (0xC002,)


@fault("success-without-a-place", catches=("ST-39",))
class SuccessWithoutAPlace(_Overlooks):
    """An instance without Study or Series Instance UID is answered 0000 and cannot be found."""

    statuses = (_NO_PLACE,)


@fault("hangs-on-what-is-cut", catches=("ST-37",))
class HangsOnWhatIsCut(Behaviour):
    """A C-STORE whose data set cannot be read gets no response, and the association stays open."""

    def perform(self, association: Association, request: Request) -> None:
        if request.command.command_field == CommandField.C_STORE_RQ and self.is_agreed(request):
            answer = self.answer_store(association, request)
            if answer.status != _NOT_READ:
                association.respond(request, answer)
        else:
            super().perform(association, request)


@fault("aborts-on-a-missing-attribute", catches=("ST-13",))
class AbortsOnAMissingAttribute(Behaviour):
    """A CT image without Rows aborts the association."""

    def perform(self, association: Association, request: Request) -> None:
        if request.data_set is not None and request.command.command_field == CommandField.C_STORE_RQ:
            blob = request.data_set.freeze()
            data = blob.read()
            blob.discard()
            if _ROWS not in data:
                association.abort()
                return
            again = association.store.new_spool()
            again.append(data)
            request = replace(request, data_set=again)
        super().perform(association, request)


class _Unread(Behaviour):
    """Keeps every data set that it cannot read, in a place of its own making."""

    def instance_of(self, request: Request, data_set: Blob) -> StoredInstance:
        try:
            return super().instance_of(request, data_set)
        except RefusedError:
            return unread(request, data_set)


@fault("two-meta-headers", catches=("ST-35",))
class TwoMetaHeaders(_Unread):
    """A data set with an element of the file meta group is kept as it is, with 0000."""


@fault("stops-at-disorder", catches=("ST-36",))
class StopsAtDisorder(_Unread):
    """A data set whose elements are out of order is answered 0000 and cannot be found."""


@fault("shortens-long-uids", catches=("CMD-35",))
class ShortensLongUids(Behaviour):
    """A SOP Instance UID over 64 characters is cut to 64, and the answer is 0000."""

    def check_command(self, request: Request) -> None:
        if len(request.command.affected_sop_instance_uid or "") <= 64:
            super().check_command(request)

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        uid = instance.sop_instance_uid
        if len(uid) <= 64:
            return super().store_instance(store, instance)
        data = instance.data_set.read().replace(uid.encode(), uid[:64].encode().ljust(len(uid), b"\0"))
        index = instance.index_bytes
        instance.data_set.discard()
        return store.put(replace(instance, data_set=store.blob(data), index_bytes=index))


class _Believes(Behaviour):
    """Stores what contradicts its command."""

    def check_command(self, request: Request) -> None:
        if request.data_set is None:
            super().check_command(request)

    def instance_of(self, request: Request, data_set: Blob) -> StoredInstance:
        return unread(request, data_set, place=True)


@fault("stores-another-class", catches=("CMD-32",))
class StoresAnotherClass(_Believes):
    """A C-STORE of another SOP class than the context was negotiated for is stored."""


@fault("acknowledges-another-uid", catches=("CMD-33",))
class AcknowledgesAnotherUid(_Believes):
    """The instance is stored under the UID of its data set, and the command's is acknowledged."""

    def instance_of(self, request: Request, data_set: Blob) -> StoredInstance:
        seen = store_service.examine(data_set, request.context.transfer_syntax)
        uid = seen.values.get(store_service.SOP_INSTANCE_UID, b"").decode("latin-1").rstrip("\0 ")
        return replace(super().instance_of(request, data_set), sop_instance_uid=uid)


@fault("verification-swallows-a-store", catches=("CMD-36",))
class VerificationSwallowsAStore(Behaviour):
    """Any request on the Verification context is answered 0000."""

    def perform(self, association: Association, request: Request) -> None:
        if request.context.service is Service.VERIFICATION:
            association.respond(request, SUCCESS)
        else:
            super().perform(association, request)


@fault("silent-on-an-echo-elsewhere", catches=("CMD-37",))
class SilentOnAnEchoElsewhere(Behaviour):
    """A C-ECHO on another context than one for Verification gets no answer."""

    def perform(self, association: Association, request: Request) -> None:
        echo = request.command.command_field == CommandField.C_ECHO_RQ
        if not echo or request.context.service is Service.VERIFICATION:
            super().perform(association, request)


@fault("silent-on-n-services", catches=("CMD-38",))
class SilentOnNServices(Behaviour):
    """An N-service request gets no answer."""

    def perform(self, association: Association, request: Request) -> None:
        if (request.command.command_field or 0) not in _N_SERVICES:
            super().perform(association, request)


@fault("answers-all-as-store", catches=("CMD-38", "CMD-13"))
class AnswersAllAsStore(Behaviour):
    """What is refused on a storage context is refused with a C-STORE-RSP."""

    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        command = super().build_response(request, answer, data_set=data_set)
        if request.context.service is not Service.STORAGE:
            return command
        field = CommandElement(tag=Tag.COMMAND_FIELD, value=us(CommandField.C_STORE_RSP))
        return CommandSet(elements=tuple(field if e.tag == Tag.COMMAND_FIELD else e for e in command.elements))


@fault("silent-on-unknown-fields", catches=("CMD-11",))
class SilentOnUnknownFields(Behaviour):
    """A command field that it does not know gets no answer."""

    def perform(self, association: Association, request: Request) -> None:
        if request.command.command_field in tuple(CommandField):
            super().perform(association, request)


@fault("deaf-after-an-unasked-response", catches=("CMD-39",))
class DeafAfterAnUnaskedResponse(Behaviour):
    """After a response that nobody asked for nothing on the association is answered any more."""

    def __init__(self) -> None:
        self._deaf: set[int] = set()

    def on_message(self, association: Association, message: Request) -> None:
        if (message.command.command_field or 0) & 0x8000 and association.running is None:
            self._deaf.add(id(association))
        if id(association) not in self._deaf:
            super().on_message(association, message)

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._deaf.discard(id(association))


@fault("waits-for-the-group-length", catches=("CMD-08",))
class WaitsForTheGroupLength(Behaviour):
    """A command set that is shorter than its group length says is waited for to go on."""

    def on_message(self, association: Association, message: Request) -> None:
        length = int.from_bytes(message.command.value(Tag.COMMAND_GROUP_LENGTH) or b"", "little")
        if length <= sum(len(e.value) + 8 for e in message.command.elements):
            super().on_message(association, message)
