"""Faults of reading command sets: what is odd in one, and legal or harmless, keeps a request from being answered."""

from __future__ import annotations

from typing import Final

from conformance.standard.upper_layer import AbortReason
from conformance.target.embedded import dimse
from conformance.target.embedded.assembly import ProtocolError, Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.verdict.finding import Verdict
from conformance.wire.command import CommandField, CommandSet, Tag
from conformance.wire.pdu import Pdv
from tests.faulty.registry import fault

_PRIORITIES: Final = frozenset({0, 1, 2})
_LONGEST_TITLE: Final = 16


class _Aborts(Behaviour):
    """Aborts the association where a command set is more than its reader is made for."""

    def on_message(self, association: Association, message: Request) -> None:
        if self.is_readable(message.command):
            super().on_message(association, message)
        else:
            dimse.discard(message)
            association.abort()

    def is_readable(self, command: CommandSet) -> bool:
        raise NotImplementedError


class _PassesOver(Behaviour):
    """Leaves requests of some kind without an answer, and stays on the association."""

    def on_message(self, association: Association, message: Request) -> None:
        if self.is_noticed(message.command):
            super().on_message(association, message)
        else:
            dimse.discard(message)

    def is_noticed(self, command: CommandSet) -> bool:
        raise NotImplementedError


@fault("aborts-on-another-priority", catches=("CMD-22",), caught_as=Verdict.WARN)
class AbortsOnAnotherPriority(_Aborts):
    """A C-STORE-RQ whose Priority is none of the three, or missing, aborts the association."""

    def is_readable(self, command: CommandSet) -> bool:
        return command.command_field != CommandField.C_STORE_RQ or command.number(Tag.PRIORITY) in _PRIORITIES


@fault("aborts-on-uids-padded-with-a-space", catches=("CMD-42",), caught_as=Verdict.WARN)
class AbortsOnUidsPaddedWithASpace(_Aborts):
    """A UID of a command set that ends with a space aborts the association."""

    def is_readable(self, command: CommandSet) -> bool:
        return not (command.value(Tag.AFFECTED_SOP_INSTANCE_UID) or b"").endswith(b" ")


@fault("aborts-on-an-element-not-in-its-dictionary", catches=("CMD-07",), caught_as=Verdict.WARN)
class AbortsOnAnElementNotInItsDictionary(_Aborts):
    """A command set with an element that is retired, or that nobody knows, aborts the association."""

    def is_readable(self, command: CommandSet) -> bool:
        return all(element.tag in tuple(Tag) for element in command.elements)


@fault("passes-over-what-is-out-of-order", catches=("CMD-09",), caught_as=Verdict.WARN)
class PassesOverWhatIsOutOfOrder(_PassesOver):
    """A request whose command elements do not ascend is never answered."""

    def is_noticed(self, command: CommandSet) -> bool:
        tags = [element.tag for element in command.elements]
        return tags == sorted(tags)


@fault("passes-over-an-echo-without-a-class", catches=("ECH-08",), caught_as=Verdict.WARN)
class PassesOverAnEchoWithoutAClass(_PassesOver):
    """A C-ECHO-RQ without Affected SOP Class UID, which its response should repeat, is never answered."""

    def is_noticed(self, command: CommandSet) -> bool:
        return command.command_field != CommandField.C_ECHO_RQ or bool(command.affected_sop_class_uid)


@fault("passes-over-a-long-originator", catches=("CMD-23",), caught_as=Verdict.WARN)
class PassesOverALongOriginator(_PassesOver):
    """A C-STORE-RQ whose Move Originator has more than 16 characters is never answered."""

    def is_noticed(self, command: CommandSet) -> bool:
        return len(command.value(Tag.MOVE_ORIGINATOR_APPLICATION_ENTITY_TITLE) or b"") <= _LONGEST_TITLE


@fault("waits-behind-an-unreadable-command", catches=("CMD-10",), caught_as=Verdict.WARN)
class WaitsBehindAnUnreadableCommand(Behaviour):
    """A command set that cannot be read is dropped without a word, and the data set behind it too."""

    def __init__(self) -> None:
        self._lost: set[int] = set()

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        if id(association) in self._lost and not pdv.is_command:
            return
        self._lost.discard(id(association))
        try:
            super().on_pdv(association, pdv)
        except ProtocolError as error:
            if not pdv.is_command or error.reason is not AbortReason.INVALID_PDU_PARAMETER_VALUE:
                raise
            association.assembler.discard()
            self._lost.add(id(association))

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._lost.discard(id(association))
