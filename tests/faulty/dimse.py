"""Faults of messages as such, of requests that overlap, and of what is agreed beside presentation contexts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from conformance.target.embedded.answer import SUCCESS, Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.negotiation import Context, Roles
from conformance.target.embedded.settings import Settings
from conformance.verdict.finding import Verdict
from conformance.wire import items
from conformance.wire.command import CommandField, CommandSet
from conformance.wire.items import ContextResult, Item, ItemType
from conformance.wire.pdu import Associate
from tests.faulty.registry import fault

_LENGTH_TO_END: Final = 0x0001
_TIRED_AFTER: Final = 300
_WINDOW: Final = 5
_LISTENING_S: Final = 0.2


@fault("acknowledges-before-the-data", catches=("PDV-20",))
class AcknowledgesBeforeTheData(Behaviour):
    """A C-STORE is answered with Success as soon as its command set is there."""

    def on_command(self, association: Association, context: Context, command: CommandSet) -> None:
        association.respond(Request(context=context, command=command, data_set=None), SUCCESS)


@fault("answers-on-the-next-association", catches=("CMD-41",))
class AnswersOnTheNextAssociation(Behaviour):
    """The response to a C-STORE is sent again at the beginning of the next association."""

    def __init__(self) -> None:
        self._owed: CommandSet | None = None

    def answer_store(self, association: Association, request: Request) -> Answer:
        answer = super().answer_store(association, request)
        self._owed = request.command
        return answer

    def answer_echo(self, association: Association, request: Request) -> Answer:
        owed, self._owed = self._owed, None
        if owed is not None:
            association.respond(replace(request, command=owed), SUCCESS)
        return super().answer_echo(association, request)


@fault("tires-of-an-association", catches=("CMD-27",))
class TiresOfAnAssociation(Behaviour):
    """After three hundred requests on an association nothing is answered any more."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def perform(self, association: Association, request: Request) -> None:
        seen = self._seen[id(association)] = self._seen.get(id(association), 0) + 1
        if seen <= _TIRED_AFTER:
            super().perform(association, request)

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._seen.pop(id(association), None)


@fault("passes-over-other-operations", catches=("CMD-38",))
class PassesOverOtherOperations(Behaviour):
    """An operation that its context is not for is not answered."""

    def perform(self, association: Association, request: Request) -> None:
        if self.is_agreed(request):
            super().perform(association, request)


@fault("believes-the-length-to-end", catches=("CMD-06",))
class BelievesTheLengthToEnd(Behaviour):
    """A Length to End of 0 is a command set without contents."""

    def check_command(self, request: Request) -> None:
        super().check_command(request)
        if request.command.value(_LENGTH_TO_END) == bytes(4):
            raise RefusedError(Answer(status=0xC000, comment="Length to End is 0"))


@fault("cancels-an-echo", catches=("CAN-01",))
class CancelsAnEcho(Behaviour):
    """A C-ECHO that a C-CANCEL names is answered with FE00H."""

    def answer_echo(self, association: Association, request: Request) -> Answer:
        association.poll(_LISTENING_S)
        if request.command.message_id in association.cancelled:
            return Answer(status=0xFE00)
        return super().answer_echo(association, request)


class _Adds(Behaviour):
    """Adds sub-items to the user information of an A-ASSOCIATE-AC."""

    def associate_ac(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles], settings: Settings
    ) -> Associate:
        accept = super().associate_ac(request, results, roles, settings)
        others = tuple(i for i in accept.items if i.item_type != ItemType.USER_INFORMATION)
        added = self.added(request)
        return replace(accept, items=(*others, items.user_information_item((*accept.user_items, *added))))

    def added(self, request: Associate) -> tuple[Item, ...]:
        raise NotImplementedError


def _extended(request: Associate, information: bytes) -> tuple[Item, ...]:
    """An answer to each extended negotiation of a request."""
    asked = [i.body for i in request.user_items if i.item_type == ItemType.SOP_CLASS_EXTENDED_NEGOTIATION]
    uids = [body[2 : 2 + int.from_bytes(body[:2])].decode("latin-1") for body in asked]
    return tuple(items.sop_class_extended_negotiation_item(uid, information) for uid in uids)


@fault("five-options-for-one", catches=("QR-16",))
class FiveOptionsForOne(_Adds):
    """Extended negotiation of any length is answered with five bytes."""

    def added(self, request: Associate) -> tuple[Item, ...]:
        return _extended(request, b"\1\0\0\0\0")


@fault("storage-level-out-of-range", catches=("UI-EXT-03",))
class StorageLevelOutOfRange(_Adds):
    """Storage options are answered with level 7."""

    def added(self, request: Associate) -> tuple[Item, ...]:
        return _extended(request, bytes((7, 0, 0, 0, 0, 0)))


def _confirmed(request: Associate, body: bytes) -> tuple[Item, ...]:
    """A server response to each user identity that asks for one."""
    asked = [i.body for i in request.user_items if i.item_type == ItemType.USER_IDENTITY_RQ]
    return tuple(Item(item_type=ItemType.USER_IDENTITY_AC, body=body) for one in asked if one[1:2] == b"\1")


@fault("confirms-any-identity", catches=("UI-USR-06",))
class ConfirmsAnyIdentity(_Adds):
    """Every identity is confirmed, whatever its type."""

    def added(self, request: Associate) -> tuple[Item, ...]:
        return _confirmed(request, b"\0\0")


@fault("confirms-without-a-passcode", catches=("UI-USR-07",), caught_as=Verdict.WARN)
class ConfirmsWithoutAPasscode(_Adds):
    """A name is confirmed without the passcode that belongs to it."""

    def added(self, request: Associate) -> tuple[Item, ...]:
        return _confirmed(request, b"\0\0")


@fault("answers-with-the-user-name", catches=("UI-USR-04",))
class AnswersWithTheUserName(_Adds):
    """The server response to a user name repeats it."""

    def added(self, request: Associate) -> tuple[Item, ...]:
        return _confirmed(request, b"\0\4NAME")


@fault("window-is-not-kept", catches=("UI-ASY-05",))
class WindowIsNotKept(_Adds):
    """A window of five is agreed, and what comes while another operation waits is dropped."""

    def added(self, request: Associate) -> tuple[Item, ...]:
        asked = any(i.item_type == ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW for i in request.user_items)
        return (items.asynchronous_operations_window_item(_WINDOW, 1),) if asked else ()

    def perform(self, association: Association, request: Request) -> None:
        if request.command.command_field == CommandField.C_STORE_RQ and (request.command.message_id or 0) % 2 == 0:
            return
        super().perform(association, request)


@fault("knows-its-own-vendor-alone", catches=("UI-IMP-06",))
class KnowsItsOwnVendorAlone(Behaviour):
    """Contexts are refused to implementations of one vendor."""

    def context_results(self, request: Associate) -> list[ContextResult]:
        results = super().context_results(request)
        if (request.implementation_class_uid or "").startswith("1.2.276.0.7230010."):
            return [replace(result, result=1) for result in results]
        return results


@fault("refuses-with-relations", catches=("UI-CEX-02",))
class RefusesWithRelations(Behaviour):
    """Contexts are refused where common extended negotiation comes with the request."""

    def context_results(self, request: Associate) -> list[ContextResult]:
        results = super().context_results(request)
        common = ItemType.SOP_CLASS_COMMON_EXTENDED_NEGOTIATION
        if any(item.item_type == common for item in request.user_items):
            return [replace(result, result=1) for result in results]
        return results
