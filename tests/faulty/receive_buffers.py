"""Faults of the room that is kept for what comes: PDUs longer than announced, or of any length where none is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from conformance.standard.upper_layer import AbortReason, Event, State
from conformance.target.embedded.answer import SUCCESS, Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.connection import Frame
from conformance.target.embedded.happening import Happening
from conformance.target.embedded.negotiation import Roles
from conformance.target.embedded.settings import Settings
from conformance.wire.items import ContextResult
from conformance.wire.pdu import Associate, Pdv
from tests.faulty.registry import fault

_ANNOUNCED_BYTES: Final = 16_384
_BUFFER_BYTES: Final = 1 << 20
_FRAGMENTS: Final = 10_000
_PDV_HEADER_BYTES: Final = 6


@fault("acknowledges-what-overran-its-buffer", catches=("STA-17",))
class AcknowledgesWhatOverranItsBuffer(Behaviour):
    """What came in a PDU over the announced maximum length is answered with 0000, and lost."""

    def __init__(self) -> None:
        self._overrun: set[int] = set()

    def associate_ac(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles], settings: Settings
    ) -> Associate:
        return super().associate_ac(request, results, roles, replace(settings, max_pdu_bytes=_ANNOUNCED_BYTES))

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        if len(pdv.fragment) + _PDV_HEADER_BYTES > _ANNOUNCED_BYTES:
            self._overrun.add(id(association))
        super().on_pdv(association, pdv)

    def answer_store(self, association: Association, request: Request) -> Answer:
        return SUCCESS if id(association) in self._overrun else super().answer_store(association, request)

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._overrun.discard(id(association))


@fault("fixed-buffer-behind-no-limit", catches=("PDV-28",), settings=Settings(max_pdu_bytes=0))
class FixedBufferBehindNoLimit(Behaviour):
    """No maximum length is announced, and a PDU of more than 1 MiB aborts the association."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        if len(frame.data) > _BUFFER_BYTES:
            reason = AbortReason.INVALID_PDU_PARAMETER_VALUE
            return Happening(event=Event.INVALID_PDU, reason=reason, why="no room for it")
        return super().on_frame(state, frame)


@fault("has-places-for-ten-thousand-fragments", catches=("PDV-33",))
class HasPlacesForTenThousandFragments(Behaviour):
    """The association on which the ten-thousandth fragment comes is aborted, however short they are."""

    def __init__(self) -> None:
        self._came: Counter[int] = Counter()

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        self._came[id(association)] += 1
        if self._came[id(association)] > _FRAGMENTS:
            association.abort()
        else:
            super().on_pdv(association, pdv)

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._came.pop(id(association), None)
