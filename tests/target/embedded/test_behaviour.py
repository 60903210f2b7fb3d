"""A fault is a few lines: each of these overrides one hook of the PACS, and the fault can be seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from io import BytesIO

from pydicom.filereader import read_dataset

from conformance.standard.sop_classes import STUDY_ROOT_FIND
from conformance.standard.upper_layer import AbortReason, AbortSource, Event, State, Transition
from conformance.target.embedded.acceptor import Acceptor
from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Elements
from conformance.target.embedded.happening import Happening
from conformance.target.embedded.negotiation import Context
from conformance.target.embedded.query import Query
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from conformance.wire.command import CommandElement, CommandSet, Tag, us
from conformance.wire.fragments import message_bytes
from conformance.wire.items import ContextResult, Item, ProposedContext
from conformance.wire.messages import c_cancel_rq, c_echo_rq, c_find_rq, c_store_rq
from conformance.wire.pdu import AbortPdu, Associate, PDataTF, Pdv, UnknownPdu
from tests.target.embedded.data import ct, encoded
from tests.target.embedded.raw import CT, CT_IMPLICIT, ECHO, IMPLICIT, QUIET_S, Closed, RawPeer, Silence, peer

IMAGE = ct()
DATA = encoded(IMAGE)
STORE = c_store_rq(1, sop_class_uid=CT, sop_instance_uid=IMAGE.SOPInstanceUID)
COMMAND = Pdv(context_id=1, control=3, fragment=STORE.encode())
HALF = Pdv(context_id=1, control=0, fragment=DATA[: len(DATA) // 2])


class ContextLeftOut(Behaviour):
    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        return super().negotiate_context(request, item, proposed) if proposed.context_id != 3 else None


class SyntaxNotOffered(Behaviour):
    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        return ContextResult(context_id=proposed.context_id, result=0, transfer_syntaxes=("1.2.840.10008.1.2.1",))


class WrongGroupLength(Behaviour):
    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        right = super().build_response(request, answer, data_set=data_set)
        return CommandSet(elements=(CommandElement(tag=0, value=bytes(4)), *right.elements[1:]))


class OtherMessageId(Behaviour):
    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        right = super().build_response(request, answer, data_set=data_set)
        wrong = CommandElement(tag=Tag.MESSAGE_ID_BEING_RESPONDED_TO, value=us(4711))
        return CommandSet(elements=tuple(wrong if e.tag == wrong.tag else e for e in right.elements))


class OddFragments(Behaviour):
    def encode_message(
        self, command: CommandSet, data_set: bytes | Blob | None, context_id: int, max_pdu_bytes: int
    ) -> Iterable[bytes | memoryview]:
        payload = command.encode()
        for start in range(0, len(payload), 7):
            control = 1 | (2 if start + 7 >= len(payload) else 0)
            yield PDataTF(
                pdvs=(Pdv(context_id=context_id, control=control, fragment=payload[start : start + 7]),)
            ).encode()


class CancelsStores(Behaviour):
    def on_cancel(self, association: Association, command: CommandSet) -> None:
        context = association.contexts[1]
        association.respond(Request(context=context, command=STORE, data_set=None), Answer(status=0xFE00))


class AnswersEarly(Behaviour):
    def on_command(self, association: Association, context: Context, command: CommandSet) -> None:
        association.respond(Request(context=context, command=command, data_set=None), Answer(status=0))


class KeepsParts(Behaviour):
    def on_association_end(self, association: Association) -> None:
        if association.assembler.data_set is not None:
            request = association.assembler.finish()
            assert request.data_set is not None
            data_set = request.data_set.freeze()
            command = request.command
            association.store.put(
                StoredInstance(
                    sop_class_uid=command.affected_sop_class_uid or "",
                    sop_instance_uid=command.affected_sop_instance_uid or "",
                    patient_id="",
                    study_uid="1",
                    series_uid="1",
                    transfer_syntax=request.context.transfer_syntax,
                    data_set=data_set,
                    index_bytes=b"",
                )
            )
        super().on_association_end(association)


class FlipsAPixel(Behaviour):
    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        data = bytearray(instance.data_set.read())
        data[-1] ^= 1
        return super().store_instance(store, dataclasses.replace(instance, data_set=store.blob(bytes(data))))


class ListsTwice(Behaviour):
    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        for match in super().find_matches(association, query):
            yield match
            yield match


class SilentOnUnknownPdus(Behaviour):
    def transition(self, state: State, event: Event) -> Transition | None:
        return None if event is Event.INVALID_PDU else super().transition(state, event)


class NeverCloses(Behaviour):
    def artim_s(self, state: State, settings: Settings) -> float:
        return 3600.0 if state is State.STA_2 else super().artim_s(state, settings)


class NoAbort(Behaviour):
    def abort_pdu(self, source: AbortSource, reason: AbortReason) -> AbortPdu | None:
        return None


class ClosesWithoutRelease(Acceptor):
    def ar_2(self, happening: Happening) -> None:
        self._connection.close()


def opened(behaviour: Behaviour, settings: Settings | None = None) -> EmbeddedPacs:
    return EmbeddedPacs(settings, behaviour=behaviour)


def store(connected: RawPeer) -> CommandSet:
    return connected.call(STORE, DATA)[0]


def test_a_context_left_out() -> None:
    with opened(ContextLeftOut()) as pacs, peer(pacs.address) as connected:
        assert [r.context_id for r in connected.associate().context_results] == [1]


def test_a_transfer_syntax_that_was_not_offered() -> None:
    with opened(SyntaxNotOffered()) as pacs, peer(pacs.address) as connected:
        assert connected.associate().context_results[0].transfer_syntax == "1.2.840.10008.1.2.1"


def test_a_wrong_group_length() -> None:
    with opened(WrongGroupLength()) as pacs, peer(pacs.address) as connected:
        connected.associate()
        assert store(connected).value(Tag.COMMAND_GROUP_LENGTH) == bytes(4)


def test_another_message_id() -> None:
    with opened(OtherMessageId()) as pacs, peer(pacs.address) as connected:
        connected.associate()
        assert store(connected).message_id_being_responded_to == 4711


def test_odd_fragments() -> None:
    with opened(OddFragments()) as pacs, peer(pacs.address) as connected:
        connected.associate()
        assert store(connected).status == 0
        assert any(len(pdu) % 2 for pdu in connected.pdus[1:])


def test_a_store_that_is_cancelled() -> None:
    with opened(CancelsStores()) as pacs, peer(pacs.address) as connected:
        connected.associate()
        connected.send(message_bytes(c_cancel_rq(1), None, context_id=1, max_pdu_bytes=16384))
        assert connected.see_message()[0].status == 0xFE00


def test_an_answer_before_the_data_set() -> None:
    with opened(AnswersEarly()) as pacs, peer(pacs.address) as connected:
        connected.associate()
        connected.send(PDataTF(pdvs=(COMMAND,)).encode())
        assert connected.see_message()[0].status == 0


def test_a_part_that_is_kept() -> None:
    with opened(KeepsParts()) as pacs, peer(pacs.address) as connected:
        connected.associate()
        connected.send(PDataTF(pdvs=(COMMAND, HALF)).encode())
        connected.send(AbortPdu(source=0, reason=0).encode())
        assert isinstance(connected.see(), Closed)
        assert [i.data_set.size for i in pacs.store.instances()] == [len(DATA) // 2]


def test_a_pixel_that_is_flipped() -> None:
    with opened(FlipsAPixel()) as pacs, peer(pacs.address) as connected:
        connected.associate()
        assert store(connected).status == 0
        (instance,) = pacs.store.instances()
        kept = read_dataset(BytesIO(instance.data_set.read()), is_implicit_VR=True, is_little_endian=True)
        assert kept.PixelData != IMAGE.PixelData


def test_a_match_listed_twice() -> None:
    find = ProposedContext(context_id=5, abstract_syntax=STUDY_ROOT_FIND, transfer_syntaxes=(IMPLICIT,))
    level = b"\x08\0\x52\0\x06\0\0\0STUDY "
    with opened(ListsTwice()) as pacs, peer(pacs.address) as connected:
        connected.associate(CT_IMPLICIT, find)
        store(connected)
        first, _ = connected.call(c_find_rq(1, sop_class_uid=STUDY_ROOT_FIND), level, context_id=5)
        statuses = [first.status, *(connected.see_message()[0].status for _ in range(2))]
        assert statuses == [0xFF00, 0xFF00, 0x0000]


def test_no_answer_to_an_unknown_pdu() -> None:
    with opened(SilentOnUnknownPdus()) as pacs, peer(pacs.address) as connected:
        connected.associate()
        connected.send(UnknownPdu(pdu_type=9, body=b"abcd").encode())
        assert isinstance(connected.see(QUIET_S), Silence)
        assert connected.call(c_echo_rq(1), context_id=ECHO.context_id)[0].status == 0


def test_no_artim() -> None:
    with opened(NeverCloses(), Settings(artim_s=0.05)) as pacs, peer(pacs.address) as connected:
        assert isinstance(connected.see(0.3), Silence)


def test_no_abort() -> None:
    with opened(NoAbort(), Settings(artim_s=0.2)) as pacs, peer(pacs.address) as connected:
        connected.associate()
        connected.send(UnknownPdu(pdu_type=9, body=b"").encode())
        assert isinstance(connected.see(), Closed)


def test_an_action_of_the_state_machine() -> None:
    with EmbeddedPacs(acceptor=ClosesWithoutRelease) as pacs, peer(pacs.address) as connected:
        connected.associate()
        connected.send(b"\5\0\0\0\0\4\0\0\0\0")
        assert isinstance(connected.see(), Closed)
