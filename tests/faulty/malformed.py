"""Faults of reading PDUs: what is malformed is passed over or taken for good, what is rare is taken for malformed."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

from conformance.standard.upper_layer import AbortReason, Event, State
from conformance.target.embedded import negotiation
from conformance.target.embedded.acceptor import Acceptor
from conformance.target.embedded.assembly import ProtocolError
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.connection import Defect, Frame
from conformance.target.embedded.happening import Happening
from conformance.target.embedded.settings import Settings
from conformance.wire import items
from conformance.wire.items import ContextResult, Item, ItemType, ProposedContext
from conformance.wire.messages import VERIFICATION_SOP_CLASS
from conformance.wire.pdu import Associate, AssociateRJ, PduType, Pdv
from tests.faulty.registry import fault

_IMPLICIT: Final = "1.2.840.10008.1.2"


@fault("passes-over-unknown-types", catches=("FSM-S2-BAD", "FSM-S6-BAD", "UL-PDU-07"))
class PassesOverUnknownTypes(Behaviour):
    """A PDU of a type that nobody knows is passed over."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        return None if frame.defect is Defect.UNKNOWN_TYPE else super().on_frame(state, frame)


@fault("hangs-on-short-pdus", catches=("UL-PDU-08",))
class HangsOnShortPdus(Behaviour):
    """A PDU that is too short for its fields is passed over."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        short = frame.defect is Defect.LENGTH or len(frame.data) in {6, 9}
        return None if short else super().on_frame(state, frame)


@fault("dies-of-4-gib", catches=("LIFE-01",))
class DiesOf4GiB(Behaviour):
    """A PDU-length of 4 GiB ends the process."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        if frame.defect is Defect.LENGTH and frame.pdu_type == PduType.P_DATA_TF:
            os._exit(9)
        return super().on_frame(state, frame)


@fault("hangs-on-bad-values", catches=("PDV-16", "PDV-17"))
class HangsOnBadValues(Behaviour):
    """A P-DATA-TF whose values cannot be read is passed over."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        happening = super().on_frame(state, frame)
        bad = frame.pdu_type == PduType.P_DATA_TF and happening is not None and happening.event is Event.INVALID_PDU
        return None if bad else happening


@fault("checks-reserved-byte-of-p-data", catches=("UL-PDU-03d",))
class ChecksReservedByteOfPData(Behaviour):
    """A P-DATA-TF whose reserved byte is not zero is invalid."""

    checked = PduType.P_DATA_TF

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        if frame.pdu_type == self.checked and (frame.data[1] or frame.data[6:8] == b"\xff\xff"):
            return Happening(event=Event.INVALID_PDU, why="a reserved byte is not zero")
        return super().on_frame(state, frame)


@fault("checks-reserved-bytes-of-release", catches=("UL-PDU-03e",))
class ChecksReservedBytesOfRelease(ChecksReservedByteOfPData):
    """An A-RELEASE-RQ whose reserved bytes are not zero is invalid."""

    checked = PduType.A_RELEASE_RQ


@fault("checks-reserved-bytes-of-abort", catches=("UL-PDU-03f",))
class ChecksReservedBytesOfAbort(ChecksReservedByteOfPData):
    """An A-ABORT whose reserved bytes are not zero is invalid."""

    checked = PduType.A_ABORT


@fault("checks-unused-control-bits", catches=("PDV-07",))
class ChecksUnusedControlBits(Behaviour):
    """A message control header with bits 2 to 7 set aborts the association."""

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        if pdv.control & ~3:
            raise ProtocolError("bits that nobody uses", AbortReason.INVALID_PDU_PARAMETER_VALUE)
        super().on_pdv(association, pdv)


@fault("waits-behind-an-empty-fragment", catches=("PDV-06",))
class WaitsBehindAnEmptyFragment(Behaviour):
    """A fragment without bytes is passed over, its last-fragment bit with it."""

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        if len(pdv.fragment):
            super().on_pdv(association, pdv)


@fault("one-message-per-pdu", catches=("PDV-10",))
class OneMessagePerPdu(Behaviour):
    """A second command in a P-DATA-TF is lost."""

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        if not association.inbox:
            super().on_pdv(association, pdv)


# Association requests


class _Lenient(Behaviour):
    """What is wrong with the contexts of a request does not reject it."""

    def provider_rejection(self, request: Associate) -> AssociateRJ | None:
        found = super().provider_rejection(request)
        return None if found is negotiation.MALFORMED_REQUEST else found


@fault("accepts-even-context-ids", catches=("UL-RQ-18",))
class AcceptsEvenContextIds(_Lenient):
    """Presentation contexts with even ids are accepted."""


@fault("accepts-context-ids-twice", catches=("UL-RQ-19",))
class AcceptsContextIdsTwice(_Lenient):
    """Two presentation contexts with one id are both accepted."""


class _Deaf(Acceptor):
    """Passes over requests that it cannot use."""

    def ae_6(self, happening: Happening) -> State | None:
        assert isinstance(happening.pdu, Associate)
        titles = (happening.pdu.called_ae_title, happening.pdu.calling_ae_title)
        if happening.pdu.proposed_contexts and b" " * 16 not in titles:
            return super().ae_6(happening)
        return State.STA_2


@fault("silent-without-contexts", catches=("UL-RQ-16",), acceptor=_Deaf)
class SilentWithoutContexts(Behaviour):
    """A request without presentation contexts is passed over."""


@fault("silent-about-blank-titles", catches=("UL-RQ-08", "UL-RQ-09"), acceptor=_Deaf)
class SilentAboutBlankTitles(Behaviour):
    """A request with a blank AE title is passed over."""


@fault("reads-what-it-can", catches=("UL-PDU-10",))
class ReadsWhatItCan(Behaviour):
    """A request whose items overrun is accepted as if it proposed Verification."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        happening = super().on_frame(state, frame)
        if frame.pdu_type != PduType.A_ASSOCIATE_RQ or happening is None or happening.event is not Event.INVALID_PDU:
            return happening
        context = ProposedContext(context_id=1, abstract_syntax=VERIFICATION_SOP_CLASS, transfer_syntaxes=(_IMPLICIT,))
        guessed = Associate(
            pdu_type=PduType.A_ASSOCIATE_RQ,
            called_ae_title=frame.data[10:26],
            calling_ae_title=frame.data[26:42],
            items=(
                items.application_context_item(),
                items.proposed_context_item(context),
                items.user_information_item((items.maximum_length_item(16384),)),
            ),
        )
        return Happening(event=Event.ASSOCIATE_RQ_PDU, pdu=guessed)


@fault("guesses-a-transfer-syntax", catches=("UL-RQ-22", "UL-RQ-28"))
class GuessesATransferSyntax(Behaviour):
    """A context without a good transfer syntax is accepted with the default one."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        if not all(uid == _IMPLICIT for uid in proposed.transfer_syntaxes) or not proposed.transfer_syntaxes:
            proposed = replace(proposed, transfer_syntaxes=(_IMPLICIT,))
        return super().negotiate_context(request, item, proposed)


@fault("plain-titles-only", catches=("UL-RQ-10",))
class PlainTitlesOnly(Behaviour):
    """A calling AE title with anything but capitals, digits, hyphen and underscore is not answered with a reason."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        title = request.calling_ae_title.decode("latin-1").strip()
        if not title.replace("-", "").replace("_", "").isalnum():
            return AssociateRJ(result=1, source=2, reason=1)
        return super().user_rejection(request, settings)


@fault("knows-its-own-kind", catches=("UI-IMP-06",))
class KnowsItsOwnKind(Behaviour):
    """Requestors of another make are rejected."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        if (request.implementation_class_uid or "").startswith("1.2.40."):
            return AssociateRJ(result=1, source=1, reason=1)
        return super().user_rejection(request, settings)


@fault("room-for-short-uids", catches=("UL-RQ-17",))
class RoomForShortUids(Behaviour):
    """A request with many long UIDs is rejected."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        contexts = [item for item in request.items if item.item_type == ItemType.PRESENTATION_CONTEXT_RQ]
        if sum(len(item.body) for item in contexts) > 10_000:
            return AssociateRJ(result=1, source=1, reason=1)
        return super().user_rejection(request, settings)
