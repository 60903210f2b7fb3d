"""Faults of C-GET and C-MOVE: what chooses the instances, how they are compressed, who asked, and how it is ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from conformance.standard.transfer_syntaxes import (
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
)
from conformance.target.embedded import retrieve
from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element, decode, dictionary_vr, encode
from conformance.target.embedded.keys import UNIQUE_KEY
from conformance.target.embedded.query import Query, read_identifier
from conformance.target.embedded.retrieve import Progress, Result, Route, SameAssociation
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import StoredInstance
from conformance.target.embedded.walk import Encoding
from conformance.wire.command import CommandField, CommandSet
from tests.faulty.editing import PIXEL_DATA
from tests.faulty.registry import fault

_JPEG_BASELINE: Final = "1.2.840.10008.1.2.4.50"
_QUANTIZATION: Final = b"\xff\xdb"
_PATIENT_NAME: Final = 0x0010_0010
_CANCELLED: Final = 0xFE00
_LONGEST_BYTES: Final = 0xFFFE


def _asked_again(association: Association, request: Request, identifier: bytes) -> Request:
    """The request with an identifier that is still to be read."""
    spool = association.store.new_spool()
    spool.append(identifier)
    return replace(request, data_set=spool)


@fault("gets-by-name", catches=("QR-32",))
class GetsByName(Behaviour):
    """A C-GET with a Patient's Name brings what that patient has, whatever its unique keys name."""

    def get(self, association: Association, request: Request) -> None:
        assert request.data_set is not None
        came = request.data_set.freeze()
        identifier = came.read()
        came.discard()
        keys = read_identifier(_asked_again(association, request, identifier))
        nobody = Element(vr="PN")
        name = keys.get(_PATIENT_NAME, nobody).value
        if not name:
            super().get(association, _asked_again(association, request, identifier))
            return
        named = [i for i in association.store.instances() if i.attributes.get(_PATIENT_NAME, nobody).value == name]
        progress = retrieve.run(association, request, SameAssociation(association), named)
        status = self.final_retrieve_status(progress, cancelled=False)
        association.respond(request, self.retrieve_answer(status, progress))


@fault("retrieves-the-first-of-a-list", catches=("QR-31",))
class RetrievesTheFirstOfAList(Behaviour):
    """Of a list of UIDs in the identifier of a C-GET the first is retrieved, with Success."""

    def select_instances(self, association: Association, query: Query) -> Sequence[StoredInstance]:
        own = UNIQUE_KEY[query.level]
        key = query.identifier[own]
        alone = replace(key, value=key.value.split(b"\\")[0])
        return super().select_instances(association, replace(query, identifier={**query.identifier, own: alone}))


@fault("counts-a-warning-twice", catches=("QR-27",))
class CountsAWarningTwice(Behaviour):
    """A sub-operation that was answered with a Warning counts as a completed one too."""

    def retrieve_answer(self, status: int, progress: Progress) -> Answer:
        return super().retrieve_answer(status, replace(progress, completed=progress.completed + progress.warning))


@fault("ends-a-cancelled-find-in-success", catches=("CAN-04",))
class EndsACancelledFindInSuccess(Behaviour):
    """A C-FIND that a C-CANCEL cut short ends with 0000H, as if there were no more matches."""

    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        cut_short = request.command.command_field == CommandField.C_FIND_RQ and answer.status == _CANCELLED
        return super().build_response(request, replace(answer, status=0) if cut_short else answer, data_set=data_set)


@fault("compresses-anew", catches=("QR-35",))
class CompressesAnew(Behaviour):
    """A JPEG image goes out with another quantization than it came in with, under the same UID."""

    def data_set_in(self, instance: StoredInstance, transfer_syntax: str) -> bytes | Blob:
        given = super().data_set_in(instance, transfer_syntax)
        if transfer_syntax != _JPEG_BASELINE:
            return given
        data = bytearray(given if isinstance(given, bytes) else given.read())
        # the marker, a length of two bytes, precision and number of the table, then its first step
        data[data.index(_QUANTIZATION) + 5] += 1
        return bytes(data)


@fault("names-itself-as-the-originator", catches=("QR-23",), knows_us=True)
class NamesItselfAsTheOriginator(Behaviour):
    """What a C-MOVE sends has the PACS's own AE title as Move Originator."""

    def sub_operation_command(self, association: Association, request: Request, instance: StoredInstance) -> CommandSet:
        if request.command.command_field != CommandField.C_MOVE_RQ:
            return super().sub_operation_command(association, request, instance)
        originator = (association.settings.ae_title, request.command.message_id or 0)
        return retrieve.store_command(association, request, instance, move_originator=originator)


@fault("moves-on-after-the-cancel-status", catches=("CAN-08",), knows_us=True)
class MovesOnAfterTheCancelStatus(Behaviour):
    """A cancelled C-MOVE ends with FE00 and the counts of then, and everything is sent all the same."""

    def __init__(self) -> None:
        self._moving: int | None = None
        self._sent = 0
        self._sent_by_then: int | None = None

    def move(self, association: Association, request: Request) -> None:
        self._moving, self._sent, self._sent_by_then = request.command.message_id, 0, None
        super().move(association, request)
        self._moving = None

    def on_cancel(self, association: Association, command: CommandSet) -> None:
        if self._moving is not None and command.message_id_being_responded_to == self._moving:
            self._sent_by_then = self._sent
        else:
            super().on_cancel(association, command)

    def sub_operation(
        self, association: Association, request: Request, route: Route, instance: StoredInstance
    ) -> Result:
        self._sent += 1
        return super().sub_operation(association, request, route, instance)

    def final_retrieve_status(self, progress: Progress, *, cancelled: bool) -> int:
        if self._moving is not None and self._sent_by_then is not None:
            return retrieve.CANCEL
        return super().final_retrieve_status(progress, cancelled=cancelled)

    def retrieve_answer(self, status: int, progress: Progress) -> Answer:
        if status == retrieve.CANCEL and self._sent_by_then is not None:
            left = progress.completed - self._sent_by_then
            progress = replace(progress, completed=self._sent_by_then, remaining=left)
        return super().retrieve_answer(status, progress)


class _Reads(Behaviour):
    """Gives what it gives with its elements changed, where it was stored in another transfer syntax."""

    stored_in: str

    def data_set_in(self, instance: StoredInstance, transfer_syntax: str) -> bytes | Blob:
        given = super().data_set_in(instance, transfer_syntax)
        if instance.transfer_syntax != self.stored_in or transfer_syntax != EXPLICIT_VR_LITTLE_ENDIAN:
            return given
        assert isinstance(given, bytes)
        encoding = Encoding(explicit_vr=True)
        return encode({tag: self.change(tag, element) for tag, element in decode(given, encoding).items()}, encoding)

    def change(self, tag: int, element: Element) -> Element:
        raise NotImplementedError


@fault("leaves-big-endian-pixels-as-they-are", catches=("FID-02",))
class LeavesBigEndianPixelsAsTheyAre(_Reads):
    """What was stored in big endian goes out in little endian with the pixels in the byte order of before."""

    stored_in = EXPLICIT_VR_BIG_ENDIAN

    def change(self, tag: int, element: Element) -> Element:
        if tag != PIXEL_DATA:
            return element
        value = bytearray(element.value)
        value[0::2], value[1::2] = value[1::2], value[0::2]
        return replace(element, value=bytes(value))


@fault("cuts-what-an-explicit-vr-cannot-hold", catches=("FID-01",))
class CutsWhatAnExplicitVrCannotHold(_Reads):
    """A value of more than 65534 bytes that came in implicit VR is cut where it goes out in explicit VR."""

    stored_in = IMPLICIT_VR_LITTLE_ENDIAN

    def change(self, tag: int, element: Element) -> Element:
        cut = element.value[:_LONGEST_BYTES]
        return element if tag == PIXEL_DATA or cut == element.value else Element(vr=dictionary_vr(tag), value=cut)
