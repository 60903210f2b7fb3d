"""Faults that show between associations, or in the order in which instances come."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Final

from conformance.target.embedded.answer import SUCCESS, Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element
from conformance.target.embedded.negotiation import Context
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from conformance.wire.command import CommandSet, Tag
from tests.faulty.editing import PIXEL_DATA, edited, replaced
from tests.faulty.registry import fault

_INSTANCE_NUMBER: Final = 0x0020_0013
_MEETING_S: Final = 2.0
_LARGE_BYTES: Final = 256 << 10


@fault("study-ends-with-release", catches=("ST-05", "ST-06"))
class StudyEndsWithRelease(Behaviour):
    """A release ends the studies of the association: what comes later for them is refused."""

    def __init__(self) -> None:
        self._open: dict[int, set[str]] = {}
        self._closed: set[str] = set()

    def store(self, association: Association, request: Request) -> Answer:
        answer = super().store(association, request)
        stored = association.store.get(request.command.affected_sop_instance_uid or "")
        if stored is not None:
            self._open.setdefault(id(association), set()).add(stored.study_uid)
        return answer

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        if instance.study_uid in self._closed:
            raise RefusedError(Answer(status=0xC005, comment="The study is complete"))
        return super().store_instance(store, instance)

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._closed |= self._open.pop(id(association), set())


@fault("needs-ascending-order", catches=("ST-04",))
class NeedsAscendingOrder(Behaviour):
    """An instance whose number is below one of its series that is there already is lost, with 0000."""

    def __init__(self) -> None:
        self._highest: dict[str, int] = {}

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        number = int(instance.attributes[_INSTANCE_NUMBER].value or b"0")
        highest = self._highest.setdefault(instance.series_uid, number)
        self._highest[instance.series_uid] = max(highest, number)
        return super().store_instance(store, instance) if number >= highest else Outcome.STORED


@fault("loses-in-parallel", catches=("ST-41",))
class LosesInParallel(Behaviour):
    """While two associations store into one study, what comes on the second is answered 0000 and lost."""

    def __init__(self) -> None:
        self._owner: dict[str, int] = {}

    def store(self, association: Association, request: Request) -> Answer:
        self.check_command(request)
        assert request.data_set is not None
        instance = self.instance_of(request, request.data_set.freeze())
        if self._owner.setdefault(instance.study_uid, id(association)) != id(association):
            return SUCCESS
        return self.answer_of_outcome(self.store_instance(association.store, instance))

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        for study, owner in list(self._owner.items()):
            if owner == id(association):
                del self._owner[study]


@fault("mixes-associations", catches=("FID-02",))
class MixesAssociations(Behaviour):
    """Of large data sets that come at the same time, one is stored with the pixel data of another."""

    def __init__(self) -> None:
        self._together = threading.Condition()
        self._pixels: list[Element] = []

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        if instance.data_set.size > _LARGE_BYTES:
            instance = edited(store, instance, self._exchange)
        return super().store_instance(store, instance)

    def _exchange(self, elements: dict[int, Element]) -> None:
        with self._together:
            self._pixels.append(elements[PIXEL_DATA])
            self._together.notify_all()
            if self._together.wait_for(lambda: len(self._pixels) > 1, timeout=_MEETING_S):
                elements[PIXEL_DATA] = replace(self._pixels[0])


@fault("answers-the-latest-message-id-of-all", catches=("CMD-14",))
class AnswersTheLatestMessageIdOfAll(Behaviour):
    """Message ID Being Responded To is that of the request that came last on any association."""

    def __init__(self) -> None:
        self._latest: bytes | None = None

    def on_command(self, association: Association, context: Context, command: CommandSet) -> None:
        super().on_command(association, context, command)
        self._latest = next((e.value for e in command.elements if e.tag == Tag.MESSAGE_ID), None)

    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        response = super().build_response(request, answer, data_set=data_set)
        latest = self._latest
        return response if latest is None else replaced(response, Tag.MESSAGE_ID_BEING_RESPONDED_TO, latest)


@fault("reads-in-the-syntax-of-the-latest-command", catches=("UL-TCP-16",))
class ReadsInTheSyntaxOfTheLatestCommand(Behaviour):
    """Data sets are read in the transfer syntax of the context that was used last, on whichever association."""

    def __init__(self) -> None:
        self._latest = ""

    def on_command(self, association: Association, context: Context, command: CommandSet) -> None:
        super().on_command(association, context, command)
        self._latest = context.transfer_syntax

    def on_message(self, association: Association, message: Request) -> None:
        if message.data_set is not None:
            message = replace(message, context=replace(message.context, transfer_syntax=self._latest))
        super().on_message(association, message)
