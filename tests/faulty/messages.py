"""Faults of the messages that answer, and of the PDUs around them."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Final

from conformance.standard.upper_layer import AbortReason, AbortSource
from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.spool import Blob
from conformance.wire.command import CommandElement, CommandField, CommandSet, Tag, us, vr_of
from conformance.wire.fragments import COMMAND, LAST, segment
from conformance.wire.pdu import AbortPdu, Pdu, PduType, ReleaseRP, ReleaseRQ, header
from tests.faulty.editing import replaced
from tests.faulty.registry import fault

_MEETING_S: Final = 2.0
_QUICK: Final = Settings(artim_s=0.1)
_UNSET: Final = 0x0000


class _Responds(Behaviour):
    """Sends responses whose command set was changed."""

    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        return self.change(super().build_response(request, answer, data_set=data_set))

    def change(self, response: CommandSet) -> CommandSet:
        raise NotImplementedError


class _Cuts(Behaviour):
    """Sends command sets in PDUs of its own making; data sets as usual."""

    def encode_message(
        self, command: CommandSet, data_set: bytes | Blob | None, context_id: int, max_pdu_bytes: int
    ) -> Iterable[bytes | memoryview]:
        if data_set is not None:
            return super().encode_message(command, data_set, context_id, max_pdu_bytes)
        return [part for piece in self.cut(command.encode(), context_id, max_pdu_bytes) for part in piece]

    def cut(self, command: bytes, context_id: int, max_pdu_bytes: int) -> Iterable[tuple[bytes | memoryview, ...]]:
        raise NotImplementedError


def _without(response: CommandSet, tag: Tag) -> CommandSet:
    """The element left out, the group length corrected."""
    return _measured(tuple(e for e in response.elements if e.tag not in (tag, Tag.COMMAND_GROUP_LENGTH)))


def _measured(elements: tuple[CommandElement, ...]) -> CommandSet:
    """A right group length before elements that stay as they are."""
    size = struct.pack("<I", sum(len(element.value) + 8 for element in elements))
    return CommandSet(elements=(CommandElement(tag=Tag.COMMAND_GROUP_LENGTH, value=size), *elements))


# Command sets


@fault("answers-eight-bits-of-the-message-id", catches=("CMD-14",))
class AnswersEightBitsOfTheMessageId(_Responds):
    """Message ID Being Responded To has the lower byte of the Message ID alone."""

    def change(self, response: CommandSet) -> CommandSet:
        low = (response.message_id_being_responded_to or 0) & 0xFF
        return replaced(response, Tag.MESSAGE_ID_BEING_RESPONDED_TO, us(low))


@fault("wrong-group-length", catches=("CMD-02",))
class WrongGroupLength(_Responds):
    """Command Group Length counts itself."""

    def change(self, response: CommandSet) -> CommandSet:
        size = sum(len(element.value) + 8 for element in response.elements)
        return replaced(response, Tag.COMMAND_GROUP_LENGTH, struct.pack("<I", size))


@fault("elements-out-of-order", catches=("CMD-03",))
class ElementsOutOfOrder(_Responds):
    """Status comes before the other elements."""

    def change(self, response: CommandSet) -> CommandSet:
        rest = [e for e in response.elements if e.tag not in (Tag.COMMAND_GROUP_LENGTH, Tag.STATUS)]
        status = [e for e in response.elements if e.tag == Tag.STATUS]
        return _measured((*status, *rest))


@fault("uids-padded-with-a-space", catches=("CMD-04",))
class UidsPaddedWithASpace(_Responds):
    """UIDs of odd length are padded with a space."""

    def change(self, response: CommandSet) -> CommandSet:
        uids = (Tag.AFFECTED_SOP_CLASS_UID, Tag.AFFECTED_SOP_INSTANCE_UID)
        return CommandSet(
            elements=tuple(
                replace(e, value=e.value.rstrip(b"\0").ljust(len(e.value))) if e.tag in uids else e
                for e in response.elements
            )
        )


@fault("uids-not-padded", catches=("CMD-04",))
class UidsNotPadded(_Responds):
    """UIDs of odd length are not padded."""

    def change(self, response: CommandSet) -> CommandSet:
        rest = response.elements[1:]
        return _measured(tuple(replace(e, value=e.value.rstrip(b"\0")) if len(e.value) > 4 else e for e in rest))


@fault("element-of-another-group", catches=("CMD-05",))
class ElementOfAnotherGroup(_Responds):
    """A command set has an element of another group."""

    def change(self, response: CommandSet) -> CommandSet:
        foreign = CommandElement(group=0x0008, tag=0x0016, value=b"1.2.840.10008.1.1\0")
        return _measured((*response.elements[1:], foreign))


class _LaterEchoes(Behaviour):
    """Answers a C-ECHO in a way of its own, but for one with Message ID 1: whoever asks once sees nothing of it."""

    def encode_message(
        self, command: CommandSet, data_set: bytes | Blob | None, context_id: int, max_pdu_bytes: int
    ) -> Iterable[bytes | memoryview]:
        if command.command_field != CommandField.C_ECHO_RSP or command.message_id_being_responded_to == 1:
            return super().encode_message(command, data_set, context_id, max_pdu_bytes)
        return self.encode_echo(command, context_id)

    def encode_echo(self, response: CommandSet, context_id: int) -> tuple[bytes | memoryview, ...]:
        raise NotImplementedError


@fault("responses-in-explicit-vr", catches=("CMD-01",))
class ResponsesInExplicitVr(_LaterEchoes):
    """Command sets of later responses to C-ECHO are in Explicit VR Little Endian."""

    def encode_echo(self, response: CommandSet, context_id: int) -> tuple[bytes | memoryview, ...]:
        explicit = b"".join(
            struct.pack("<HH2sH", 0, e.tag, vr_of(e.tag).encode("ascii"), len(e.value)) + e.value
            for e in response.elements
        )
        return segment(explicit, context_id=context_id, control=COMMAND | LAST)


@fault("response-flagged-as-data", catches=("PDV-19",))
class ResponseFlaggedAsData(_LaterEchoes):
    """The message control header of later responses to C-ECHO says data set."""

    def encode_echo(self, response: CommandSet, context_id: int) -> tuple[bytes | memoryview, ...]:
        return segment(response.encode(), context_id=context_id, control=LAST)


@fault("echo-announces-a-data-set", catches=("ECH-02",))
class EchoAnnouncesADataSet(_LaterEchoes):
    """Command Data Set Type of later responses to C-ECHO says that a data set follows; none does."""

    def encode_echo(self, response: CommandSet, context_id: int) -> tuple[bytes | memoryview, ...]:
        announced = replaced(response, Tag.COMMAND_DATA_SET_TYPE, us(_UNSET))
        return segment(announced.encode(), context_id=context_id, control=COMMAND | LAST)


@fault("store-announces-a-data-set", catches=("CMD-18",))
class StoreAnnouncesADataSet(_Responds):
    """Command Data Set Type of a C-STORE-RSP says that a data set follows; none does."""

    def change(self, response: CommandSet) -> CommandSet:
        is_store = response.command_field == CommandField.C_STORE_RSP
        return replaced(response, Tag.COMMAND_DATA_SET_TYPE, us(_UNSET)) if is_store else response


@fault("response-without-status", catches=("CMD-26", "ECH-02"))
class ResponseWithoutStatus(_Responds):
    """A C-ECHO-RSP has no Status."""

    def change(self, response: CommandSet) -> CommandSet:
        return _without(response, Tag.STATUS) if response.command_field == CommandField.C_ECHO_RSP else response


@fault("echo-answered-as-store", catches=("CMD-13",))
class EchoAnsweredAsStore(_Responds):
    """A C-ECHO is answered with Command Field 8001H."""

    def change(self, response: CommandSet) -> CommandSet:
        is_echo = response.command_field == CommandField.C_ECHO_RSP
        return replaced(response, Tag.COMMAND_FIELD, us(CommandField.C_STORE_RSP)) if is_echo else response


@fault("echo-names-another-class", catches=("ECH-03",))
class EchoNamesAnotherClass(_Responds):
    """A C-ECHO-RSP names CT Image Storage as its SOP class."""

    def change(self, response: CommandSet) -> CommandSet:
        if response.command_field != CommandField.C_ECHO_RSP:
            return response
        ct_image = CommandElement(tag=Tag.AFFECTED_SOP_CLASS_UID, value=b"1.2.840.10008.5.1.4.1.1.2\0")
        rest = (e for e in response.elements[1:] if e.tag != ct_image.tag)
        return _measured((ct_image, *rest))


@fault("third-echo-fails", catches=("ECH-07",))
class ThirdEchoFails(Behaviour):
    """The third C-ECHO on an association is answered with 0110H."""

    def __init__(self) -> None:
        self._echoes: dict[int, int] = {}

    def answer_echo(self, association: Association, request: Request) -> Answer:
        number = self._echoes[id(association)] = self._echoes.get(id(association), 0) + 1
        return Answer(status=0x0110) if number == 3 else super().answer_echo(association, request)

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._echoes.pop(id(association), None)


@fault("answers-twice", catches=("CMD-27",))
class AnswersTwice(Behaviour):
    """A C-ECHO is answered twice."""

    def perform(self, association: Association, request: Request) -> None:
        super().perform(association, request)
        if request.command.command_field == CommandField.C_ECHO_RQ:
            super().perform(association, request)


@fault("parallel-answers-change-places", catches=("CMD-24",))
class ParallelAnswersChangePlaces(Behaviour):
    """Of two C-STORE that are performed at the same time, each gets the response to the other."""

    def __init__(self) -> None:
        self._together = threading.Condition()
        self._waiting: list[CommandSet] = []

    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        own = super().build_response(request, answer, data_set=data_set)
        if own.command_field != CommandField.C_STORE_RSP:
            return own
        with self._together:
            self._waiting.append(own)
            self._together.notify_all()
            self._together.wait_for(lambda: len(self._waiting) > 1, timeout=_MEETING_S)
            others = [response for response in self._waiting if response is not own]
        return others[0] if others else own


# Presentation data values


@fault("fragments-of-odd-length", catches=("PDV-12",))
class FragmentsOfOddLength(_Cuts):
    """A command set is cut after an odd number of bytes."""

    def cut(self, command: bytes, context_id: int, max_pdu_bytes: int) -> Iterable[tuple[bytes | memoryview, ...]]:
        yield segment(command[:11], context_id=context_id, control=COMMAND)
        yield segment(command[11:], context_id=context_id, control=COMMAND | LAST)


@fault("over-the-maximum-length", catches=("PDV-22", "UI-MAX-04"))
class OverTheMaximumLength(_Cuts):
    """Command sets are sent in one PDU, whatever the requestor's maximum length."""

    def cut(self, command: bytes, context_id: int, max_pdu_bytes: int) -> Iterable[tuple[bytes | memoryview, ...]]:
        yield segment(command, context_id=context_id, control=COMMAND | LAST)


@fault("fragment-fills-the-maximum-length", catches=("PDV-22",))
class FragmentFillsTheMaximumLength(_Cuts):
    """The requestor's maximum length is taken for that of a fragment, its header not counted."""

    def cut(self, command: bytes, context_id: int, max_pdu_bytes: int) -> Iterable[tuple[bytes | memoryview, ...]]:
        size = max_pdu_bytes & ~1 or len(command)
        starts = [*range(0, len(command), size), len(command)]
        for start, end in pairwise(starts):
            control = COMMAND | (LAST if end == len(command) else 0)
            yield segment(command[start:end], context_id=context_id, control=control)


@fault("no-limit-is-no-room", catches=("PDV-23",))
class NoLimitIsNoRoom(Behaviour):
    """A maximum length of 0 is taken literally: nothing can be answered, and the association is aborted."""

    def on_message(self, association: Association, message: Request) -> None:
        if association.peer_max_pdu_bytes == 0:
            association.abort()
        else:
            super().on_message(association, message)


@fault("control-header-with-other-bits", catches=("PDV-08",))
class ControlHeaderWithOtherBits(_Cuts):
    """Bit 7 of the message control header is set."""

    def cut(self, command: bytes, context_id: int, max_pdu_bytes: int) -> Iterable[tuple[bytes | memoryview, ...]]:
        yield segment(command, context_id=context_id, control=0x80 | COMMAND | LAST)


@fault("empty-fragment-first", catches=("PDV-05",))
class EmptyFragmentFirst(_Cuts):
    """A response begins with a PDV without a fragment."""

    def cut(self, command: bytes, context_id: int, max_pdu_bytes: int) -> Iterable[tuple[bytes | memoryview, ...]]:
        yield segment(b"", context_id=context_id, control=COMMAND)
        yield segment(command, context_id=context_id, control=COMMAND | LAST)


@fault("response-on-another-context", catches=("PDV-14", "PDV-31"))
class ResponseOnAnotherContext(_Cuts):
    """Responses come on the context after that of the request."""

    def cut(self, command: bytes, context_id: int, max_pdu_bytes: int) -> Iterable[tuple[bytes | memoryview, ...]]:
        yield segment(command, context_id=(context_id + 2) & 0xFF, control=COMMAND | LAST)


@fault("unasked-data-after-a-response", catches=("PDV-21",))
class UnaskedDataAfterAResponse(_Cuts):
    """A response with Command Data Set Type 0101H is followed by a data set."""

    def cut(self, command: bytes, context_id: int, max_pdu_bytes: int) -> Iterable[tuple[bytes | memoryview, ...]]:
        yield segment(command, context_id=context_id, control=COMMAND | LAST)
        yield segment(b"\x08\x00\x16\x00\x00\x00\x00\x00", context_id=context_id, control=LAST)


# Abort


@fault("aborts-with-source-1", catches=("UL-ABT-02",))
class AbortsWithSource1(Behaviour):
    """An A-ABORT has source 1, which is reserved."""

    def abort_pdu(self, source: AbortSource, reason: AbortReason) -> AbortPdu | None:
        return AbortPdu(source=1, reason=reason)


@fault("aborts-with-an-unlisted-reason", catches=("UL-ABT-03",))
class AbortsWithAnUnlistedReason(Behaviour):
    """An A-ABORT by the provider has reason 3, which is reserved."""

    def abort_pdu(self, source: AbortSource, reason: AbortReason) -> AbortPdu | None:
        return AbortPdu(source=AbortSource.SERVICE_PROVIDER, reason=3)


@fault("user-aborts-with-a-reason", catches=("UL-ABT-04",))
class UserAbortsWithAReason(Behaviour):
    """An A-ABORT by the user has a reason."""

    def abort_pdu(self, source: AbortSource, reason: AbortReason) -> AbortPdu | None:
        return AbortPdu(source=AbortSource.SERVICE_USER, reason=AbortReason.UNEXPECTED_PDU)


@fault("long-abort", catches=("UL-ABT-01",))
class LongAbort(Behaviour):
    """The A-ABORT has eight bytes after its header."""

    def encode_pdu(self, pdu: Pdu) -> bytes:
        return header(PduType.A_ABORT, 8) + bytes(8) if isinstance(pdu, AbortPdu) else super().encode_pdu(pdu)


# Release


class _Encodes(Behaviour):
    """Sends something else in place of the A-RELEASE-RP."""

    def encode_pdu(self, pdu: Pdu) -> bytes:
        return self.release() if isinstance(pdu, ReleaseRP) else super().encode_pdu(pdu)

    def release(self) -> bytes:
        raise NotImplementedError


@fault("long-release", catches=("UL-REL-01",), settings=_QUICK)
class LongRelease(_Encodes):
    """The A-RELEASE-RP has six bytes after its header."""

    def release(self) -> bytes:
        return header(PduType.A_RELEASE_RP, 6) + bytes(6)


@fault("release-with-reserved-bytes-set", catches=("UL-REL-01",))
class ReleaseWithReservedBytesSet(_Encodes):
    """The last four bytes of the A-RELEASE-RP are not zero."""

    def release(self) -> bytes:
        return replace(ReleaseRP(), reserved_7_10=b"\xcd\xcd\xcd\xcd").encode()


@fault("talks-after-release", catches=("UL-REL-04",))
class TalksAfterRelease(_Encodes):
    """The A-RELEASE-RP is followed by an A-RELEASE-RQ."""

    def release(self) -> bytes:
        return ReleaseRP().encode() + ReleaseRQ().encode()


@fault("release-is-a-close", catches=("UL-REL-03",), settings=_QUICK)
class ReleaseIsAClose(Behaviour):
    """A release request is answered with a closed connection."""

    def release_rp(self) -> ReleaseRP | None:
        return None


@fault("release-request-answered-with-one", catches=("UL-REL-03", "UL-REL-07"))
class ReleaseRequestAnsweredWithOne(_Encodes):
    """A release request is answered with a release request."""

    def release(self) -> bytes:
        return ReleaseRQ().encode()
