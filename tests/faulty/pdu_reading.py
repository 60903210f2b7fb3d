"""Faults of reading and cutting PDUs: a length that nobody looks at, bytes that are lost, answers that fit nowhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from conformance.standard.upper_layer import Event, State
from conformance.target.embedded.acceptor import Acceptor
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.connection import Defect, Frame
from conformance.target.embedded.happening import Happening
from conformance.target.embedded.negotiation import SMALLEST_MAX_PDU_BYTES, UNUSABLE_REQUEST
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.spool import Blob
from conformance.verdict.finding import Verdict
from conformance.wire.command import CommandSet
from conformance.wire.pdu import Associate, AssociateRJ, PduType, Pdv
from tests.faulty.registry import fault

_GET: Final = f"{ord('G'):02X}H"
_BAD_REQUEST: Final = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@fault("assumes-the-length-of-a-release-request", catches=("UL-PDU-09",), caught_as=Verdict.WARN)
class AssumesTheLengthOfAReleaseRequest(Behaviour):
    """An A-RELEASE-RQ is answered without a look at its PDU-length, though more of it is to come."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        if frame.pdu_type == PduType.A_RELEASE_RQ and frame.defect is Defect.LENGTH:
            return Happening(event=Event.RELEASE_RQ_PDU)
        return super().on_frame(state, frame)


class _SpeaksHttp(Acceptor):
    """Serves HTTP on the port of DICOM: the first byte tells them apart."""

    def aa_1(self, happening: Happening) -> None:
        if not self._is_http(happening):
            super().aa_1(happening)

    def aa_8(self, happening: Happening) -> None:
        if not self._is_http(happening):
            super().aa_8(happening)

    def _is_http(self, happening: Happening) -> bool:
        asked = happening.why.endswith(_GET)
        if asked:
            self._connection.send((_BAD_REQUEST,))
            self._local.append(Happening(event=Event.TRANSPORT_CLOSED))
        return asked


@fault("answers-in-http", catches=("UL-PDU-09",), acceptor=_SpeaksHttp)
class AnswersInHttp(Behaviour):
    """What begins with the letter G is answered in HTTP, before the association and on it."""


@fault("passes-over-odd-fragments", catches=("PDV-13",), caught_as=Verdict.WARN)
class PassesOverOddFragments(Behaviour):
    """A fragment of odd length is dropped without a word, and its message waited for."""

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        if len(pdv.fragment) % 2 == 0:
            super().on_pdv(association, pdv)


@fault("finds-no-room-to-answer", catches=("PDV-25",), caught_as=Verdict.WARN)
class FindsNoRoomToAnswer(Behaviour):
    """A maximum length without room for a fragment is accepted, and what is asked is never answered."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        usual = super().user_rejection(request, settings)
        return None if usual == UNUSABLE_REQUEST else usual

    def encode_message(
        self, command: CommandSet, data_set: bytes | Blob | None, context_id: int, max_pdu_bytes: int
    ) -> Iterable[bytes | memoryview]:
        if 0 < max_pdu_bytes < SMALLEST_MAX_PDU_BYTES:
            return ()
        return super().encode_message(command, data_set, context_id, max_pdu_bytes)


class _ReadsTheRequestAlone(Acceptor):
    def ae_6(self, happening: Happening) -> State | None:
        self._connection.reader._buffer.clear()
        return super().ae_6(happening)


@fault("loses-what-stands-behind-a-request", catches=("FSM-S3-ABORT",), acceptor=_ReadsTheRequestAlone)
class LosesWhatStandsBehindARequest(Behaviour):
    """What comes in one segment with an A-ASSOCIATE-RQ, behind it, is lost."""
