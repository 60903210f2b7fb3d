"""Faults of choosing among presentation contexts: what is proposed beside a context, or before it, decides about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from conformance.standard import sop_classes
from conformance.standard.upper_layer import Event, State
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.connection import Frame
from conformance.target.embedded.happening import Happening
from conformance.target.embedded.negotiation import (
    ABSTRACT_SYNTAX_NOT_SUPPORTED,
    TRANSFER_SYNTAXES_NOT_SUPPORTED,
    UNUSABLE_REQUEST,
)
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.supported import NATIVE, SERVICES, Service
from conformance.wire.items import ContextResult, Item, ProposedContext
from conformance.wire.pdu import Associate, AssociateRJ
from tests.faulty.registry import fault

_RETIRED: Final = frozenset(row.uid for row in sop_classes.all_storage() if row.group is sop_classes.Group.RETIRED)
_QUERIES: Final = frozenset({Service.FIND, Service.GET, Service.MOVE})
_UIDS: Final = sop_classes.storage_uid_by_keyword()


def _proposed(request: Associate) -> frozenset[str]:
    """The abstract syntaxes of a request."""
    return frozenset(context.abstract_syntax for context in request.proposed_contexts)


@fault("first-context-decides-for-its-class", catches=("TS-02",))
class FirstContextDecidesForItsClass(Behaviour):
    """Where the first context of a class offers compression alone, all contexts of the class are refused."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        same = (c for c in request.proposed_contexts if c.abstract_syntax == proposed.abstract_syntax)
        if result is None or not result.accepted or NATIVE.intersection(next(same).transfer_syntaxes):
            return result
        return replace(result, result=TRANSFER_SYNTAXES_NOT_SUPPORTED)


@fault("closes-where-nothing-is-acceptable", catches=("UL-RQ-26",))
class ClosesWhereNothingIsAcceptable(Behaviour):
    """A request with no context that can be accepted closes the connection, without A-ASSOCIATE-AC or -RJ."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        happening = super().on_frame(state, frame)
        request = happening.pdu if happening is not None and state is State.STA_2 else None
        if not isinstance(request, Associate) or not _proposed(request) or not _proposed(request).isdisjoint(SERVICES):
            return happening
        return Happening(event=Event.TRANSPORT_CLOSED, why="nothing that could be accepted")


@fault("rejects-for-a-retired-class", catches=("ST-27",))
class RejectsForARetiredClass(Behaviour):
    """A retired storage SOP class among the proposed ones makes it reject the association."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        usual = super().user_rejection(request, settings)
        return usual if _RETIRED.isdisjoint(_proposed(request)) else UNUSABLE_REQUEST


class _Lacks(Behaviour):
    """Does not know some SOP classes."""

    unknown: frozenset[str]

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or proposed.abstract_syntax not in self.unknown:
            return result
        return replace(result, result=ABSTRACT_SYNTAX_NOT_SUPPORTED)


@fault("takes-no-presentation-states", catches=("ST-28f", "ST-28g", "ST-28h", "ST-28i"))
class TakesNoPresentationStates(_Lacks):
    """Enhanced images are accepted, the presentation states that belong to them are not."""

    unknown = frozenset(
        {_UIDS["GrayscaleSoftcopyPresentationStateStorage"], _UIDS["ColorSoftcopyPresentationStateStorage"]}
    )


@fault("takes-no-images-for-presentation", catches=("ST-28a", "ST-28b", "ST-28c", "ST-28d", "ST-28e"))
class TakesNoImagesForPresentation(_Lacks):
    """Images For Processing are accepted, those For Presentation are not."""

    unknown = frozenset(uid for keyword, uid in _UIDS.items() if keyword.endswith("ForPresentation"))


@fault("no-verification-beside-queries", catches=("ECH-01",))
class NoVerificationBesideQueries(Behaviour):
    """An association that proposes query/retrieve goes to a server that does not know Verification."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        services = {SERVICES.get(uid) for uid in _proposed(request)}
        if result is None or proposed.abstract_syntax != sop_classes.VERIFICATION or services.isdisjoint(_QUERIES):
            return result
        return replace(result, result=ABSTRACT_SYNTAX_NOT_SUPPORTED)
