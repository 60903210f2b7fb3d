"""Faults of messages that overlap: requests that are open together, and responses that come before a data set's end.

What agrees to a window, or fails early, is conformant by itself; each fault breaks one thing over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from conformance.target.embedded import dimse
from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.negotiation import Context, Roles
from conformance.target.embedded.settings import Settings
from conformance.wire.command import CommandField, CommandSet
from conformance.wire.items import (
    ContextResult,
    ItemType,
    asynchronous_operations_window_item,
    user_information_item,
)
from conformance.wire.pdu import Associate
from tests.faulty.registry import fault

_PERFORMED: Final = 2
_LISTENING_S: Final = 0.1
_NOT_OF_THE_CONTEXT: Final = Answer(status=0x0122)


class ListensMeanwhile(Behaviour):
    """Takes in what comes while a C-STORE is performed."""

    def answer_store(self, association: Association, request: Request) -> Answer:
        while association.poll(_LISTENING_S):
            pass
        return super().answer_store(association, request)


class GrantsAWindow(ListensMeanwhile):
    """Agrees to two operations at a time where more than one are offered."""

    def associate_ac(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles], settings: Settings
    ) -> Associate:
        accept = super().associate_ac(request, results, roles, settings)
        windows = [i.body for i in request.user_items if i.item_type == ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW]
        if not any(int.from_bytes(body[:2]) >= _PERFORMED for body in windows):
            return accept
        window = asynchronous_operations_window_item(_PERFORMED, 1)
        others = tuple(item for item in accept.items if item.item_type != ItemType.USER_INFORMATION)
        return replace(accept, items=(*others, user_information_item((*accept.user_items, window))))


class FailsEarly(Behaviour):
    """Refuses a C-STORE of another SOP class than that of its context before its data set has come."""

    def on_command(self, association: Association, context: Context, command: CommandSet) -> None:
        if is_hopeless(context, command):
            association.respond(Request(context=context, command=command, data_set=None), _NOT_OF_THE_CONTEXT)

    def on_message(self, association: Association, message: Request) -> None:
        if is_hopeless(message.context, message.command):
            dimse.discard(message)
        else:
            super().on_message(association, message)


def is_hopeless(context: Context, command: CommandSet) -> bool:
    """Whether the command set of a C-STORE alone shows that it will be refused."""
    is_store = command.command_field == CommandField.C_STORE_RQ
    return is_store and command.affected_sop_class_uid != context.abstract_syntax


@fault("takes-one-message-id-for-one-request", catches=("CMD-16",))
class TakesOneMessageIdForOneRequest(GrantsAWindow):
    """A second request with the Message ID of an open one is taken for a repetition, and gets no response."""

    def on_message(self, association: Association, message: Request) -> None:
        if message.command.message_id == association.running:
            dimse.discard(message)
        else:
            super().on_message(association, message)


@fault("loses-a-response-while-more-comes", catches=("PDV-32",))
class LosesAResponseWhileMoreComes(Behaviour):
    """The response to a C-STORE is lost where the next message has begun to come before it is sent."""

    def perform(self, association: Association, request: Request) -> None:
        if request.command.command_field != CommandField.C_STORE_RQ:
            super().perform(association, request)
            return
        answer = self.answer_store(association, request)
        association.poll(_LISTENING_S)
        if association.assembler.context is None:
            association.respond(request, answer)


@fault("forgets-a-message-that-failed-early", catches=("CMD-30",))
class ForgetsAMessageThatFailedEarly(FailsEarly):
    """Behind an early Failure the rest of the data set is taken for a new message, and draws A-ABORT."""

    def on_command(self, association: Association, context: Context, command: CommandSet) -> None:
        super().on_command(association, context, command)
        if is_hopeless(context, command):
            association.assembler.discard()
