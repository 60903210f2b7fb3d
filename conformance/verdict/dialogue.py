"""A connection as both sides spoke on it: associations and messages of each, read from the transcript.

Reading goes on after a fault, because what follows is evidence too; where our own bytes were at fault, everything
after them is marked as unsettled, so that no rule is applied whose precondition we broke ourselves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conformance.observation.timeline import Direction, TimedPdu, timed_pdus
from conformance.observation.transcript import EventKind, Transcript
from conformance.wire.command import CommandField, CommandSet, decode_command_set
from conformance.wire.errors import WireError
from conformance.wire.pdu import Associate, PDataTF, PduType, Pdv


@dataclass(slots=True, kw_only=True)
class SeenMessage:
    """A message as it passed.

    Args:
        context_id: Its presentation context.
        command: Its command set.
        pdu: The PDU that its first command fragment came in.
        at: Where in that PDU the fragment's item began, in bytes.
        began_s: When its first PDU passed, in seconds since the transcript began.
        ended_s: When its last fragment passed; infinite when it never did.
        data_fragments: How many data set fragments it had.
    """

    context_id: int
    command: CommandSet
    pdu: TimedPdu
    at: int
    began_s: float
    ended_s: float = math.inf
    data_fragments: int = 0

    @property
    def is_response(self) -> bool:
        """Whether bit 15 of the Command Field is set (PS3.7 Table E.1-1)."""
        return bool((self.command.command_field or 0) & 0x8000)

    @property
    def is_cancel(self) -> bool:
        """Whether it is a C-CANCEL-RQ."""
        return self.command.command_field == CommandField.C_CANCEL_RQ

    @property
    def complete(self) -> bool:
        """Whether its last fragment passed."""
        return math.isfinite(self.ended_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Misplaced:
    """A PDV that cannot come where it came, or a command set that cannot be decoded.

    Args:
        requirement: The requirement that it breaks when the target sends it.
        what: What is wrong.
        pdu: Where.
        at: Where in the PDU, in bytes.
    """

    requirement: str
    what: str
    pdu: TimedPdu
    at: int


@dataclass(slots=True)
class _Reader:
    """PDVs of one direction, put together into messages, going on after faults."""

    messages: list[SeenMessage] = field(default_factory=list)
    misplaced: list[Misplaced] = field(default_factory=list)
    _chunks: list[bytes | memoryview] = field(default_factory=list)
    _first: tuple[TimedPdu, Pdv] | None = None
    _open: SeenMessage | None = None
    _last_without_data: SeenMessage | None = None
    _skip_data: bool = False
    _completed: int = 0

    def take(self, pdu: TimedPdu, pdvs: Sequence[Pdv]) -> None:
        ended = False
        for pdv in pdvs:
            if ended and pdv.is_command:
                self._fault("PDV-10", "fragments of two messages in one P-DATA-TF", pdu, pdv)
            before = self._completed
            if pdv.is_command:
                self._take_command(pdu, pdv)
            else:
                self._take_data(pdu, pdv)
            ended = ended or self._completed > before

    def _take_command(self, pdu: TimedPdu, pdv: Pdv) -> None:
        if self._open is not None:
            self._fault("PDV-20", "a command fragment where data set fragments should follow", pdu, pdv)
            self._open = None
        if self._first is not None and self._first[1].context_id != pdv.context_id:
            was = self._first[1].context_id
            self._fault("PDV-09", f"context {pdv.context_id} inside a command begun on context {was}", pdu, pdv)
            self._first, self._chunks = None, []
        if self._first is None:
            self._first = (pdu, pdv)
        self._chunks.append(pdv.fragment)
        if pdv.is_last:
            self._finish_command(pdu)

    def _finish_command(self, pdu: TimedPdu) -> None:
        assert self._first is not None
        (first_pdu, first_pdv), payload = self._first, b"".join(self._chunks)
        self._first, self._chunks = None, []
        try:
            command = decode_command_set(payload)
        except WireError as error:
            self._fault("CMD-01", f"a command set that is not Implicit VR Little Endian: {error}", first_pdu, first_pdv)
            self._skip_data, self._last_without_data = True, None
            return
        self._skip_data = False
        message = SeenMessage(
            context_id=first_pdv.context_id, command=command, pdu=first_pdu, at=first_pdv.offset, began_s=first_pdu.t_s
        )
        self.messages.append(message)
        if command.announces_data_set:
            self._open, self._last_without_data = message, None
        else:
            self._end(message, pdu)
            self._last_without_data = message

    def _take_data(self, pdu: TimedPdu, pdv: Pdv) -> None:
        message = self._open
        if message is None:
            self._take_stray_data(pdu, pdv)
            return
        if pdv.context_id != message.context_id:
            what = f"data set fragment on context {pdv.context_id} of a message on context {message.context_id}"
            self._fault("PDV-09", what, pdu, pdv)
        message.data_fragments += 1
        if pdv.is_last:
            self._end(message, pdu)
            self._open = None

    def _end(self, message: SeenMessage, pdu: TimedPdu) -> None:
        message.ended_s = pdu.t_s
        self._completed += 1

    def _take_stray_data(self, pdu: TimedPdu, pdv: Pdv) -> None:
        if self._first is not None:
            self._fault("PDV-20", "a data set fragment inside a command set", pdu, pdv)
        elif self._last_without_data is not None:
            self._last_without_data.data_fragments += 1
            self._fault("PDV-21", "a data set fragment after a command that announces none", pdu, pdv)
        elif not self._skip_data:
            self._fault("PDV-19", "a data set fragment before any command set", pdu, pdv)

    def _fault(self, requirement: str, what: str, pdu: TimedPdu, pdv: Pdv) -> None:
        self.misplaced.append(Misplaced(requirement=requirement, what=what, pdu=pdu, at=pdv.offset))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """One connection as both sides spoke on it.

    Args:
        transcript: The connection's.
        sent: Our PDUs.
        received: The target's PDUs.
        ours: Our messages, in their order.
        theirs: The target's messages, in their order.
        misplaced: Faults in the order of the target's PDVs.
        unsettled_from_s: From when on our own bytes break what the rules for answers presuppose; infinite if never.
        target_is_acceptor: Whether we opened the association; on a connection to our own storage SCP the target did.
        request: Our A-ASSOCIATE-RQ; None when we sent none, several, or one that cannot be decoded.
        accepts: The target's A-ASSOCIATE-AC PDUs that can be decoded.
        announcement: The PDU in which we announced our maximum length.
        agreed_contexts: Accepted context ids with their transfer syntax; None where it cannot be told.
    """

    transcript: Transcript
    sent: tuple[TimedPdu, ...]
    received: tuple[TimedPdu, ...]
    ours: tuple[SeenMessage, ...]
    theirs: tuple[SeenMessage, ...]
    misplaced: tuple[Misplaced, ...]
    unsettled_from_s: float
    target_is_acceptor: bool
    request: Associate | None
    accepts: tuple[TimedPdu, ...]
    announcement: Associate | None
    agreed_contexts: Mapping[int, str] | None

    def reading_ended_after(self, t_s: float) -> bool:
        """Whether we went on reading after a moment until the target closed or nothing came in time."""
        ends = {EventKind.PEER_CLOSED, EventKind.PEER_RESET, EventKind.TIMED_OUT}
        return any(event.kind in ends and event.t_s >= t_s for event in self.transcript.events)


def read(transcript: Transcript) -> Dialogue:
    """A transcript as a dialogue."""
    sent = timed_pdus(transcript, Direction.SENT)
    received = timed_pdus(transcript, Direction.RECEIVED)
    ours, theirs = _messages(sent), _messages(received)
    broken = [pdu.t_s for pdu in sent if isinstance(pdu.pdu, WireError)]
    broken += [fault.pdu.t_s for fault in ours.misplaced]
    target_is_acceptor = not any(_is(pdu, PduType.A_ASSOCIATE_RQ) for pdu in received[:1])
    request = _only_request(sent)
    accepts = tuple(pdu for pdu in received if _is(pdu, PduType.A_ASSOCIATE_AC))
    own_accepts = tuple(pdu for pdu in sent if _is(pdu, PduType.A_ASSOCIATE_AC))
    return Dialogue(
        transcript=transcript,
        sent=sent,
        received=received,
        ours=tuple(ours.messages),
        theirs=tuple(theirs.messages),
        misplaced=tuple(theirs.misplaced),
        unsettled_from_s=min(broken, default=math.inf),
        target_is_acceptor=target_is_acceptor,
        request=request,
        accepts=accepts,
        announcement=request if target_is_acceptor else _first(own_accepts),
        agreed_contexts=_agreed(_first(accepts if target_is_acceptor else own_accepts)),
    )


def _only_request(sent: Sequence[TimedPdu]) -> Associate | None:
    own = [pdu for pdu in sent if pdu.data[:1] == bytes((PduType.A_ASSOCIATE_RQ,))]
    return _first(own) if len(own) == 1 else None


def _first(pdus: Sequence[TimedPdu]) -> Associate | None:
    return pdus[0].pdu if pdus and isinstance(pdus[0].pdu, Associate) else None


def _agreed(accept: Associate | None) -> dict[int, str] | None:
    if accept is None:
        return None
    return {r.context_id: (r.transfer_syntax or "").rstrip("\0 ") for r in accept.context_results if r.accepted}


def _messages(pdus: Sequence[TimedPdu]) -> _Reader:
    reader = _Reader()
    for pdu in pdus:
        if isinstance(pdu.pdu, PDataTF):
            reader.take(pdu, pdu.pdu.pdvs)
    return reader


def _is(pdu: TimedPdu, pdu_type: PduType) -> bool:
    return isinstance(pdu.pdu, Associate) and pdu.pdu.pdu_type is pdu_type
