"""Faults of statuses: a status that C-STORE does not have, or one that does not fit what happened."""

from __future__ import annotations

import struct
from typing import ClassVar, Final

from conformance.target.embedded.answer import SUCCESS, Answer, RefusedError, is_failure
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element
from conformance.target.embedded.negotiation import Context
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from conformance.verdict.finding import Verdict
from conformance.wire.command import CommandElement, CommandField, CommandSet, Tag
from tests.faulty.data_sets import unread
from tests.faulty.editing import edited, with_value
from tests.faulty.registry import fault

_ISSUER_OF_PATIENT_ID: Final = 0x0010_0021
_STUDY_ID: Final = 0x0020_0010
_AHEAD_S: Final = 0.3
_COMMENT: Final = "Traceback (most recent call last): File storage.c, line 4711, in store: out of luck"


class _RefusesWith(Behaviour):
    """Whatever is refused is refused with one status."""

    status: ClassVar[int]

    def answer_store(self, association: Association, request: Request) -> Answer:
        answer = super().answer_store(association, request)
        return Answer(status=self.status) if is_failure(answer.status) else answer


@fault("refuses-with-cancel", catches=("STA-26",))
class RefusesWithCancel(_RefusesWith):
    """A C-STORE that is refused is answered with FE00."""

    status = 0xFE00


@fault("refuses-with-pending", catches=("STA-26",))
class RefusesWithPending(_RefusesWith):
    """A C-STORE that is refused is answered with FF00."""

    status = 0xFF00


@fault("refuses-with-a800", catches=("STA-02",))
class RefusesWithA800(_RefusesWith):
    """A C-STORE that is refused is answered with A800, which the table does not have."""

    status = 0xA800


@fault("refuses-with-0001", catches=("STA-02",))
class RefusesWith0001(_RefusesWith):
    """A C-STORE that is refused is answered with 0001, a Warning that the table does not have."""

    status = 0x0001


@fault("refuses-with-d000", catches=("STA-01",))
class RefusesWithD000(_RefusesWith):
    """A C-STORE that is refused is answered with a value that has no class."""

    status = 0xD000


@fault("refuses-with-0110", catches=("STA-04",), caught_as=Verdict.WARN)
class RefusesWith0110(_RefusesWith):
    """A C-STORE that is refused is answered with the general failure 0110."""

    status = 0x0110


@fault("refuses-with-0111", catches=("STA-04",), caught_as=Verdict.WARN)
class RefusesWith0111(_RefusesWith):
    """A C-STORE that is refused is answered with 0111, duplicate SOP instance."""

    status = 0x0111


@fault("refuses-with-0112", catches=("STA-05",), caught_as=Verdict.WARN)
class RefusesWith0112(_RefusesWith):
    """A C-STORE that is refused is answered with 0112, as a template of PS3.2 prints it."""

    status = 0x0112


class _Failures(Behaviour):
    """Adds an element to the response that refuses."""

    element: ClassVar[CommandElement]

    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        command = super().build_response(request, answer, data_set=data_set)
        if not is_failure(answer.status):
            return command
        kept = [e for e in command.elements if e.tag not in (self.element.tag, Tag.COMMAND_GROUP_LENGTH)]
        ordered = tuple(sorted([*kept, self.element], key=lambda e: e.tag))
        length = struct.pack("<I", sum(len(e.value) + 8 for e in ordered))
        return CommandSet(elements=(CommandElement(tag=Tag.COMMAND_GROUP_LENGTH, value=length), *ordered))


@fault("long-error-comment", catches=("STA-15",))
class LongErrorComment(_Failures):
    """The Error Comment has more than 64 characters."""

    element = CommandElement(tag=Tag.ERROR_COMMENT, value=_COMMENT.encode() + b" " * (len(_COMMENT) % 2))


@fault("half-an-offending-element", catches=("STA-14",))
class HalfAnOffendingElement(_Failures):
    """The Offending Element has six bytes."""

    element = CommandElement(tag=Tag.OFFENDING_ELEMENT, value=b"\x08\x00\x16\x00\x08\x00")


@fault("offending-element-as-a-number", catches=("STA-14",))
class OffendingElementAsANumber(_Failures):
    """The Offending Element is one number of four bytes: its element number stands before its group."""

    element = CommandElement(tag=Tag.OFFENDING_ELEMENT, value=struct.pack("<I", 0x0008_0018))


@fault("no-status-on-failure", catches=("CMD-26",))
class NoStatusOnFailure(Behaviour):
    """A response that refuses has no Status."""

    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        command = super().build_response(request, answer, data_set=data_set)
        if not is_failure(answer.status):
            return command
        kept = tuple(e for e in command.elements if e.tag not in (Tag.STATUS, Tag.COMMAND_GROUP_LENGTH))
        length = struct.pack("<I", sum(len(e.value) + 8 for e in kept))
        return CommandSet(elements=(CommandElement(tag=Tag.COMMAND_GROUP_LENGTH, value=length), *kept))


@fault("keeps-what-it-refuses", catches=("STA-19",))
class KeepsWhatItRefuses(Behaviour):
    """A data set that does not name the command's instance is refused, and kept under the command's UID."""

    def __init__(self) -> None:
        self._refused: list[StoredInstance] = []

    def instance_of(self, request: Request, data_set: Blob) -> StoredInstance:
        try:
            return super().instance_of(request, data_set)
        except RefusedError:
            self._refused.append(unread(request, data_set, place=True))
            raise

    def store(self, association: Association, request: Request) -> Answer:
        self.check_command(request)
        blob = self.data_set_of(association, request)
        try:
            instance = self.instance_of(request, blob)
        except RefusedError as refused:
            association.store.put(self._refused.pop())
            return refused.answer
        return self.answer_of_outcome(self.store_instance(association.store, instance))


class _Coerces(Behaviour):
    """Changes one element of what it stores, with 0000."""

    tag: ClassVar[int]

    def change(self, value: bytes) -> bytes:
        raise NotImplementedError

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        def edit(elements: dict[int, Element]) -> None:
            with_value(elements, self.tag, self.change)

        return super().store_instance(store, edited(store, instance, edit))


@fault("issuer-in-upper-case", catches=("ST-15", "STA-21"))
class IssuerInUpperCase(_Coerces):
    """Issuer of Patient ID is put into upper case, and the answer is 0000."""

    tag = _ISSUER_OF_PATIENT_ID

    def change(self, value: bytes) -> bytes:
        return value.upper()


@fault("strips-leading-zeros", catches=("FID-01",))
class StripsLeadingZeros(_Coerces):
    """A Study ID loses its leading zeros, and the answer is 0000."""

    tag = _STUDY_ID

    def change(self, value: bytes) -> bytes:
        return value.lstrip(b"0").ljust(len(value), b" ")


@fault("stops-after-a-failure", catches=("BAT-01",))
class StopsAfterAFailure(Behaviour):
    """After one C-STORE that failed all further ones of the association are refused."""

    def __init__(self) -> None:
        self._failed: set[int] = set()

    def answer_store(self, association: Association, request: Request) -> Answer:
        if id(association) in self._failed:
            return Answer(status=0xC004, comment="Something failed before")
        answer = super().answer_store(association, request)
        if is_failure(answer.status):
            self._failed.add(id(association))
        return answer

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._failed.discard(id(association))


@fault("rolls-back-after-a-failure", catches=("BAT-01",))
class RollsBackAfterAFailure(Behaviour):
    """What follows a failure is acknowledged and not stored."""

    def __init__(self) -> None:
        self._failed: set[int] = set()

    def answer_store(self, association: Association, request: Request) -> Answer:
        if id(association) in self._failed:
            return SUCCESS
        answer = super().answer_store(association, request)
        if is_failure(answer.status):
            self._failed.add(id(association))
        return answer

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._failed.discard(id(association))


@fault("silent-about-a-failure", catches=("BAT-01",))
class SilentAboutAFailure(Behaviour):
    """A C-STORE that fails gets no response."""

    def perform(self, association: Association, request: Request) -> None:
        if request.command.command_field != CommandField.C_STORE_RQ or not self.is_agreed(request):
            super().perform(association, request)
            return
        answer = self.answer_store(association, request)
        if not is_failure(answer.status):
            association.respond(request, answer)


class _LooksAhead(Behaviour):
    """Takes in what was sent ahead before it performs a request."""

    def perform(self, association: Association, request: Request) -> None:
        while association.poll(_AHEAD_S):
            pass
        super().perform(association, request)


@fault("drops-what-is-sent-ahead", catches=("UI-ASY-07",))
class DropsWhatIsSentAhead(_LooksAhead):
    """A request that comes while another one is performed is dropped."""

    def on_message(self, association: Association, message: Request) -> None:
        if association.running is None:
            super().on_message(association, message)


@fault("answers-ahead-in-reverse", catches=("UI-ASY-07",))
class AnswersAheadInReverse(_LooksAhead):
    """Requests that come while another one is performed are performed from the last to the first."""

    def on_message(self, association: Association, message: Request) -> None:
        super().on_message(association, message)
        association.inbox.rotate(1)


@fault("message-id-serves-once", catches=("CMD-15",))
class MessageIdServesOnce(Behaviour):
    """A Message ID that was used before on the association is refused as in use."""

    def __init__(self) -> None:
        self._used: set[tuple[int, int | None]] = set()

    def answer_store(self, association: Association, request: Request) -> Answer:
        key = (id(association), request.command.message_id)
        if key in self._used:
            return Answer(status=0x0210)
        self._used.add(key)
        return super().answer_store(association, request)


@fault("other-data-set-types-abort", catches=("CMD-19",))
class OtherDataSetTypesAbort(Behaviour):
    """Of the values that announce a data set, only 0000H, 0001H and 0102H are known."""

    def on_command(self, association: Association, context: Context, command: CommandSet) -> None:
        super().on_command(association, context, command)
        if command.number(Tag.COMMAND_DATA_SET_TYPE) not in (0x0000, 0x0001, 0x0102):
            association.abort()
