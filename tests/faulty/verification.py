"""Faults of Verification: some associations, transfer syntaxes and callers are served otherwise than the others."""

from __future__ import annotations

from itertools import count
from typing import Final

from conformance.standard.transfer_syntaxes import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.negotiation import CALLED_AE_TITLE_NOT_RECOGNIZED
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.supported import Service
from conformance.wire.pdu import Associate, AssociateRJ
from tests.faulty.registry import fault

_NODES: Final = 10
_PROCESSING_FAILURE: Final = 0x0110
_KNOWN_CALLER: Final = b"CONFORMANCE"


@fault("one-node-in-ten-is-broken", catches=("ECH-07",))
class OneNodeInTenIsBroken(Behaviour):
    """Of ten nodes that take the associations in turn, one answers C-ECHO with 0110H."""

    def __init__(self) -> None:
        self._numbers = count()
        self._broken: set[int] = set()

    def on_established(self, association: Association) -> None:
        super().on_established(association)
        if next(self._numbers) % _NODES == _NODES - 1:
            self._broken.add(id(association))

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._broken.discard(id(association))

    def answer_echo(self, association: Association, request: Request) -> Answer:
        if id(association) in self._broken:
            return Answer(status=_PROCESSING_FAILURE)
        return super().answer_echo(association, request)


@fault("verifies-in-implicit-vr-alone", catches=("ECH-05",))
class VerifiesInImplicitVrAlone(Behaviour):
    """Verification is accepted in every transfer syntax, and performed in Implicit VR Little Endian alone."""

    def is_agreed(self, request: Request) -> bool:
        context = request.context
        served = context.service is not Service.VERIFICATION or context.transfer_syntax == IMPLICIT_VR_LITTLE_ENDIAN
        return served and super().is_agreed(request)


@fault("takes-the-caller-for-the-called", catches=("UL-RQ-07",))
class TakesTheCallerForTheCalled(Behaviour):
    """A caller that is not known is rejected with the reason for a called AE title that is not."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        if request.calling_ae_title.strip() != _KNOWN_CALLER:
            return CALLED_AE_TITLE_NOT_RECOGNIZED
        return super().user_rejection(request, settings)
