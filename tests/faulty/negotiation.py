"""Faults of negotiation: how presentation contexts are answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from conformance.standard.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from conformance.standard.upper_layer import AbortReason, Event, State
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.connection import Frame
from conformance.target.embedded.happening import Happening
from conformance.target.embedded.negotiation import (
    ABSTRACT_SYNTAX_NOT_SUPPORTED,
    ACCEPTANCE,
    TRANSFER_SYNTAXES_NOT_SUPPORTED,
    UNUSABLE_REQUEST,
    Roles,
)
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.supported import SERVICES, Service
from conformance.verdict.finding import Verdict
from conformance.wire.items import ContextResult, Item, ItemType, ProposedContext
from conformance.wire.pdu import Associate, AssociateRJ, PduType
from tests.faulty.registry import fault

_RESULT_AND_SYNTAX_BYTES: Final = 4
_KNOWN_ITEMS: Final = frozenset(
    (ItemType.APPLICATION_CONTEXT, ItemType.PRESENTATION_CONTEXT_RQ, ItemType.USER_INFORMATION)
)


@fault("result-is-missing", catches=("UL-AC-06",))
class ResultIsMissing(Behaviour):
    """Where several contexts are proposed, the last of them gets no result."""

    def context_results(self, request: Associate) -> list[ContextResult]:
        results = super().context_results(request)
        return results[:-1] if len(results) > 1 else results


@fault("result-for-nobody", catches=("UL-AC-06",))
class ResultForNobody(Behaviour):
    """A result is added for a context id that was not proposed."""

    def context_results(self, request: Associate) -> list[ContextResult]:
        results = super().context_results(request)
        used = {result.context_id for result in results}
        free = next((i for i in range(1, 256, 2) if i not in used), None)
        return results if free is None else [*results, replace(results[0], context_id=free)]


@fault("two-results-for-one-id", catches=("UL-AC-06",))
class TwoResultsForOneId(Behaviour):
    """The first context is answered twice."""

    def context_results(self, request: Associate) -> list[ContextResult]:
        results = super().context_results(request)
        return [*results, results[0]]


@fault("answers-in-a-syntax-of-its-own", catches=("UL-AC-08",))
class AnswersInASyntaxOfItsOwn(Behaviour):
    """Storage contexts are accepted with Explicit VR Little Endian, offered or not."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        storage = SERVICES.get(proposed.abstract_syntax) is Service.STORAGE
        if result is None or not result.accepted or not storage:
            return result
        return replace(result, transfer_syntaxes=(EXPLICIT_VR_LITTLE_ENDIAN,))


@fault("lists-all-transfer-syntaxes", catches=("UL-AC-08",))
class ListsAllTransferSyntaxes(Behaviour):
    """An accepted context names every transfer syntax that was offered."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        return replace(result, transfer_syntaxes=proposed.transfer_syntaxes) if result and result.accepted else result


@fault("repeats-the-abstract-syntax", catches=("UL-AC-10",))
class RepeatsTheAbstractSyntax(Behaviour):
    """The results carry the abstract syntax of the proposal."""

    def associate_ac(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles], settings: Settings
    ) -> Associate:
        accept = super().associate_ac(request, results, roles, settings)
        names = {context.context_id: context.abstract_syntax for context in request.proposed_contexts}

        def named(item: Item) -> Item:
            if item.item_type != ItemType.PRESENTATION_CONTEXT_AC:
                return item
            name = Item(item_type=ItemType.ABSTRACT_SYNTAX, body=names[item.body[0]].encode("ascii")).encode()
            at = _RESULT_AND_SYNTAX_BYTES
            return replace(item, body=item.body[:at] + name + item.body[at:])

        return replace(accept, items=tuple(named(item) for item in accept.items))


@fault("pads-uids", catches=("UL-AC-12",))
class PadsUids(Behaviour):
    """Transfer syntaxes in the results are padded to even length, as in a data set."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None:
            return None
        return replace(result, transfer_syntaxes=tuple(uid + "\0" * (len(uid) % 2) for uid in result.transfer_syntaxes))


@fault("refuses-the-default-syntax", catches=("TS-01",))
class RefusesTheDefaultSyntax(Behaviour):
    """A storage context that offers Implicit VR Little Endian alone is refused for its transfer syntaxes."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        storage = SERVICES.get(proposed.abstract_syntax) is Service.STORAGE
        if result is None or not storage or set(proposed.transfer_syntaxes) != {IMPLICIT_VR_LITTLE_ENDIAN}:
            return result
        return replace(result, result=TRANSFER_SYNTAXES_NOT_SUPPORTED)


@fault("accepts-any-abstract-syntax", catches=("UL-RQ-23",), caught_as=Verdict.WARN)
class AcceptsAnyAbstractSyntax(Behaviour):
    """An abstract syntax that nobody knows is accepted."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or result.result != ABSTRACT_SYNTAX_NOT_SUPPORTED:
            return result
        return replace(result, result=ACCEPTANCE)


@fault("blames-the-transfer-syntax", catches=("UL-RQ-23",))
class BlamesTheTransferSyntax(Behaviour):
    """An abstract syntax that nobody knows is refused as transfer-syntaxes-not-supported."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or result.result != ABSTRACT_SYNTAX_NOT_SUPPORTED:
            return result
        return replace(result, result=TRANSFER_SYNTAXES_NOT_SUPPORTED)


@fault("accepts-any-transfer-syntax", catches=("UL-RQ-24", "TS-21"))
class AcceptsAnyTransferSyntax(Behaviour):
    """A transfer syntax that nobody knows is accepted."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or result.result != TRANSFER_SYNTAXES_NOT_SUPPORTED:
            return result
        return replace(result, result=ACCEPTANCE, transfer_syntaxes=proposed.transfer_syntaxes[:1])


@fault("result-out-of-range", catches=("UL-AC-07",))
class ResultOutOfRange(Behaviour):
    """A context with an unknown abstract syntax gets result 5."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or result.result != ABSTRACT_SYNTAX_NOT_SUPPORTED:
            return result
        return replace(result, result=5)


@fault("all-contexts-or-none", catches=("UL-RQ-25",))
class AllContextsOrNone(Behaviour):
    """One context that cannot be accepted makes all of them be refused."""

    def context_results(self, request: Associate) -> list[ContextResult]:
        results = super().context_results(request)
        if all(result.accepted for result in results):
            return results
        return [replace(result, result=result.result or 1) for result in results]


@fault("all-contexts-or-no-association", catches=("UL-RQ-25",))
class AllContextsOrNoAssociation(Behaviour):
    """One context that cannot be accepted makes the association be rejected."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        usual = super().user_rejection(request, settings)
        if usual is None and not all(result.accepted for result in self.context_results(request)):
            return UNUSABLE_REQUEST
        return usual


@fault("numbers-contexts-anew", catches=("UL-AC-06",))
class NumbersContextsAnew(Behaviour):
    """Results get the ids 1, 3, 5 and so on, whatever the ids of the proposals."""

    def context_results(self, request: Associate) -> list[ContextResult]:
        results = super().context_results(request)
        return [replace(result, context_id=2 * index + 1) for index, result in enumerate(results)]


@fault("results-on-the-wrong-ids", catches=("UL-RQ-25",))
class ResultsOnTheWrongIds(Behaviour):
    """The results come in reverse, each with the id of another context."""

    def context_results(self, request: Associate) -> list[ContextResult]:
        results = super().context_results(request)
        ids = [result.context_id for result in results]
        return [replace(result, context_id=i) for result, i in zip(reversed(results), ids, strict=True)]


@fault("sixty-four-contexts", catches=("UL-RQ-17", "UL-AC-06"))
class SixtyFourContexts(Behaviour):
    """Contexts after the 64th are not looked at."""

    def context_results(self, request: Associate) -> list[ContextResult]:
        return super().context_results(request)[:64]


@fault("ids-must-ascend", catches=("UL-RQ-21",))
class IdsMustAscend(Behaviour):
    """Contexts whose ids do not ascend make the request be rejected."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        ids = [context.context_id for context in request.proposed_contexts]
        return UNUSABLE_REQUEST if ids != sorted(ids) else super().user_rejection(request, settings)


@fault("sixteen-transfer-syntaxes", catches=("UL-RQ-31",))
class SixteenTransferSyntaxes(Behaviour):
    """Of the transfer syntaxes of a context only the first sixteen are looked at."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        proposed = replace(proposed, transfer_syntaxes=proposed.transfer_syntaxes[:16])
        return super().negotiate_context(request, item, proposed)


@fault("syntax-listed-twice-is-refused", catches=("UL-RQ-32",))
class SyntaxListedTwiceIsRefused(Behaviour):
    """A transfer syntax that a context lists twice makes the request be rejected."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        lists = [context.transfer_syntaxes for context in request.proposed_contexts]
        if any(len(set(offered)) != len(offered) for offered in lists):
            return UNUSABLE_REQUEST
        return super().user_rejection(request, settings)


@fault("long-request-is-aborted", catches=("UL-RQ-30",))
class LongRequestIsAborted(Behaviour):
    """An A-ASSOCIATE-RQ of more than 64 KB is an invalid PDU."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        if frame.pdu_type == PduType.A_ASSOCIATE_RQ and len(frame.data) > 1 << 16:
            return Happening(event=Event.INVALID_PDU, reason=AbortReason.INVALID_PDU_PARAMETER_VALUE, why="too long")
        return super().on_frame(state, frame)


@fault("unknown-item-aborts", catches=("UL-PDU-04",))
class UnknownItemAborts(Behaviour):
    """An item of a type that is not known makes the request an invalid PDU."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        happening = super().on_frame(state, frame)
        pdu = happening.pdu if happening is not None else None
        if isinstance(pdu, Associate) and not {item.item_type for item in pdu.items} <= _KNOWN_ITEMS:
            return Happening(event=Event.INVALID_PDU, reason=AbortReason.UNRECOGNIZED_PDU_PARAMETER, why="item")
        return happening
