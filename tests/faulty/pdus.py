"""Faults of taking in P-DATA-TF: a legal cut of a message that a careless receiver trips over."""

from __future__ import annotations

from dataclasses import replace

from conformance.standard.upper_layer import AbortReason, Event, State
from conformance.target.embedded.acceptor import Acceptor
from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import ProtocolError, Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.connection import Frame
from conformance.target.embedded.happening import Happening
from conformance.target.embedded.settings import DEFAULT_MAX_PDU_BYTES
from conformance.wire.command import CommandField
from conformance.wire.pdu import PDataTF, Pdv
from tests.faulty.registry import fault


@fault("full-pdu-is-too-long", catches=("PDV-27",))
class FullPduIsTooLong(Behaviour):
    """A PDU of exactly the announced maximum length is taken for one that is too long."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        if len(frame.data) - 6 >= DEFAULT_MAX_PDU_BYTES:
            reason = AbortReason.INVALID_PDU_PARAMETER_VALUE
            return Happening(event=Event.INVALID_PDU, reason=reason, why="over the maximum length")
        return super().on_frame(state, frame)


class _FirstValueOnly(Acceptor):
    def dt_2(self, happening: Happening) -> None:
        assert isinstance(happening.pdu, PDataTF)
        super().dt_2(replace(happening, pdu=PDataTF(pdvs=happening.pdu.pdvs[:1])))


@fault("first-pdv-only", catches=("PDV-01", "PDV-04"), acceptor=_FirstValueOnly)
class FirstPdvOnly(Behaviour):
    """Of the PDVs in a PDU only the first is read."""


@fault("command-in-one-fragment", catches=("PDV-02",))
class CommandInOneFragment(Behaviour):
    """A command set that is not complete after its first fragment aborts the association."""

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        if pdv.is_command and not pdv.is_last:
            raise ProtocolError("half a command set", AbortReason.UNEXPECTED_PDU_PARAMETER)
        super().on_pdv(association, pdv)


@fault("fragments-of-whole-blocks", catches=("PDV-03",))
class FragmentsOfWholeBlocks(Behaviour):
    """Of a fragment that is not the last, bytes beyond a multiple of eight are lost and filled up with zeros."""

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        if not pdv.is_command and not pdv.is_last:
            kept = len(pdv.fragment) & ~7
            pdv = replace(pdv, fragment=bytes(pdv.fragment[:kept]).ljust(len(pdv.fragment), b"\0"))
        super().on_pdv(association, pdv)


@fault("elements-end-with-fragments", catches=("PDV-03",))
class ElementsEndWithFragments(Behaviour):
    """A fragment that ends within the header of an element makes the data set unreadable."""

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        if not pdv.is_command and not pdv.is_last and len(pdv.fragment) % 8:
            raise ProtocolError("half an element", AbortReason.NOT_SPECIFIED)
        super().on_pdv(association, pdv)


@fault("one-limit-for-both", catches=("PDV-29",))
class OneLimitForBoth(Behaviour):
    """The requestor's maximum length is held against the PDUs that the requestor sends."""

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        if 0 < association.peer_max_pdu_bytes < len(pdv.fragment) + 6:
            raise ProtocolError("over the maximum length", AbortReason.INVALID_PDU_PARAMETER_VALUE)
        super().on_pdv(association, pdv)


@fault("answers-on-the-first-context", catches=("PDV-31",))
class AnswersOnTheFirstContext(Behaviour):
    """Every response comes on the first context of its SOP class."""

    def perform(self, association: Association, request: Request) -> None:
        if request.command.command_field != CommandField.C_STORE_RQ:
            super().perform(association, request)
            return
        same = [c for c in association.contexts.values() if c.abstract_syntax == request.context.abstract_syntax]
        first = min(same, key=lambda context: context.context_id)
        association.respond(replace(request, context=first), self.answer_store(association, request))


@fault("first-transfer-syntax-for-all", catches=("ST-25",))
class FirstTransferSyntaxForAll(Behaviour):
    """Every data set is read in the transfer syntax of the first context of its SOP class."""

    def store(self, association: Association, request: Request) -> Answer:
        same = [c for c in association.contexts.values() if c.abstract_syntax == request.context.abstract_syntax]
        first = min(same, key=lambda context: context.context_id)
        return super().store(association, replace(request, context=first))
