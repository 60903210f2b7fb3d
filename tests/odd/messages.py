"""Oddities of messages: how they are cut, and which optional elements they have."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from conformance.target.embedded.answer import Answer, is_failure
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.spool import Blob
from conformance.wire.command import CommandElement, CommandSet, Tag, ae, command_set, us
from conformance.wire.fragments import COMMAND, LAST, fragment_bytes
from conformance.wire.items import ItemType
from conformance.wire.pdu import PduType, Pdv, header
from tests.odd.registry import odd

_SMALL_PDVS: Final = 2
_MIDDLE_BYTES: Final = 4096


def _pieces(payload: bytes | memoryview, size: int) -> Iterator[bytes]:
    for start in range(0, len(payload) or 1, size):
        yield bytes(payload[start : start + size])


def _p_data(*pdvs: Pdv) -> bytes:
    body = b"".join(pdv.encode() for pdv in pdvs)
    return header(PduType.P_DATA_TF, len(body)) + body


def _whole(data_set: bytes | Blob) -> bytes:
    return data_set if isinstance(data_set, bytes) else data_set.read()


@odd("fragments-of-two-bytes", clause="PS3.8 E.1")
class FragmentsOfTwoBytes(Behaviour):
    """Commands come in fragments of two bytes, each in a PDU of its own."""

    def encode_message(
        self, command: CommandSet, data_set: bytes | Blob | None, context_id: int, max_pdu_bytes: int
    ) -> Iterable[bytes | memoryview]:
        pieces = list(_pieces(command.encode(), _SMALL_PDVS))
        for piece in pieces[:-1]:
            yield _p_data(Pdv(context_id=context_id, control=COMMAND, fragment=piece))
        yield _p_data(Pdv(context_id=context_id, control=COMMAND | LAST, fragment=pieces[-1]))
        if data_set is not None:
            _, *rest = super().encode_message(command_set(()), data_set, context_id, max_pdu_bytes)
            yield from rest[1:]


@odd("many-fragments-in-a-pdu", clause="PS3.8 9.3.5, E.2")
class ManyFragmentsInAPdu(Behaviour):
    """Command and data set share PDUs, in fragments of two bytes and more."""

    def encode_message(
        self, command: CommandSet, data_set: bytes | Blob | None, context_id: int, max_pdu_bytes: int
    ) -> Iterable[bytes | memoryview]:
        limit = min(max_pdu_bytes or _MIDDLE_BYTES, _MIDDLE_BYTES)
        pdvs = self._pdvs(COMMAND, command.encode(), context_id, min(_SMALL_PDVS * 8, fragment_bytes(limit)))
        if data_set is not None:
            pdvs += self._pdvs(0, _whole(data_set), context_id, min(_MIDDLE_BYTES // 4, fragment_bytes(limit)))
        waiting: list[Pdv] = []
        for pdv in pdvs:
            if waiting and sum(len(p.encode()) for p in waiting) + len(pdv.encode()) > limit:
                yield _p_data(*waiting)
                waiting = []
            waiting.append(pdv)
        yield _p_data(*waiting)

    def _pdvs(self, kind: int, payload: bytes, context_id: int, size: int) -> list[Pdv]:
        pdvs = [Pdv(context_id=context_id, control=kind, fragment=piece) for piece in _pieces(payload, size)]
        pdvs[-1] = replace(pdvs[-1], control=kind | LAST)
        return pdvs


def _without(command: CommandSet, *tags: int) -> CommandSet:
    kept = ((e.tag, e.value) for e in command.elements if e.tag not in (*tags, Tag.COMMAND_GROUP_LENGTH))
    return command_set(kept)


@odd("optional-fields-left-out", clause="PS3.7 Tables 9.1-1, 9.1-2, 9.1-5")
class OptionalFieldsLeftOut(Behaviour):
    """Responses have no Affected SOP Class UID, no Affected SOP Instance UID, no comment, no offending elements."""

    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        optional = (
            Tag.AFFECTED_SOP_CLASS_UID,
            Tag.AFFECTED_SOP_INSTANCE_UID,
            Tag.ERROR_COMMENT,
            Tag.OFFENDING_ELEMENT,
        )
        return _without(super().build_response(request, answer, data_set=data_set), *optional)


@odd("message-id-in-responses", clause="PS3.7 9.1.1.1.1: Message ID is a parameter of requests; seen in real systems")
class MessageIdInResponses(Behaviour):
    """Responses repeat the Message ID in (0000,0110) beside (0000,0120)."""

    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        usual = super().build_response(request, answer, data_set=data_set)
        elements = {e.tag: e.value for e in usual.elements if e.tag != Tag.COMMAND_GROUP_LENGTH}
        return command_set((elements | {Tag.MESSAGE_ID: us(request.command.message_id or 0)}).items())


@odd("wordy-failures", clause="PS3.7 C.4.2, Annex C")
class WordyFailures(Behaviour):
    """Every failure of a C-STORE has an Error Comment of 64 characters, whatever its code."""

    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        usual = super().build_response(request, answer, data_set=data_set)
        if not is_failure(answer.status):
            return usual
        elements = {e.tag: e.value for e in usual.elements if e.tag != Tag.COMMAND_GROUP_LENGTH}
        return command_set((elements | {Tag.ERROR_COMMENT: ae("No. " * 16)}).items())


@odd("odd-data-set-type", clause="PS3.7 Annex E: any value but 0101H")
class OddDataSetType(Behaviour):
    """Responses with a data set announce it with FEFEH."""

    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        usual = super().build_response(request, answer, data_set=data_set)
        changed = (
            CommandElement(tag=e.tag, value=struct.pack("<H", 0xFEFE))
            if data_set and e.tag == Tag.COMMAND_DATA_SET_TYPE
            else e
            for e in usual.elements
        )
        return CommandSet(elements=tuple(changed))


@odd("no-echo-for-who-is-no-user", clause="PS3.7 D.3.3.4")
class NoEchoForWhoIsNoUser(Behaviour):
    """A C-ECHO is not performed for a requestor whose role selection does not propose the role of SCU."""

    def answer_echo(self, association: Association, request: Request) -> Answer:
        proposed = (i for i in association.request.user_items if i.item_type == ItemType.ROLE_SELECTION)
        is_user = all(item.body[-2:-1] == b"\1" for item in proposed)
        return super().answer_echo(association, request) if is_user else Answer(status=0x0211)
