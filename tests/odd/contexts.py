"""Oddities of negotiation: which presentation contexts are accepted, and how that is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from conformance.standard.sop_classes import VERIFICATION
from conformance.standard.transfer_syntaxes import (
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    Kind,
    transfer_syntax,
)
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.negotiation import (
    ABSTRACT_SYNTAX_NOT_SUPPORTED,
    ACCEPTANCE,
    NO_REASON,
    TRANSFER_SYNTAXES_NOT_SUPPORTED,
    UNUSABLE_REQUEST,
    Context,
    Roles,
    judge_context,
)
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.supported import NATIVE, SERVICES, Service
from conformance.wire.items import ContextResult, Item, ProposedContext
from conformance.wire.pdu import Associate, AssociateRJ
from tests.odd.registry import odd

_CT_AND_MR: Final = frozenset({"1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"})
_VIDEO: Final = frozenset({"1.2.840.10008.5.1.4.1.1.77.1.1.1", "1.2.840.10008.5.1.4.1.1.77.1.2.1"})
"""Video endoscopic and video microscopic images."""
_USER_REJECTION: Final = 1
_JPEG_BASELINE: Final = "1.2.840.10008.1.2.4.50"


class _Chooses(Behaviour):
    """Accepts of the offered transfer syntaxes the first of `choose`; what nobody knows is refused as ever."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        usual = super().negotiate_context(request, item, proposed)
        if usual is None or usual.result not in (ACCEPTANCE, TRANSFER_SYNTAXES_NOT_SUPPORTED):
            return usual
        for uid in self.choose(proposed):
            result = judge_context(item, replace(proposed, transfer_syntaxes=(uid,)))
            if result.accepted:
                return result
        return replace(usual, result=TRANSFER_SYNTAXES_NOT_SUPPORTED)

    def choose(self, proposed: ProposedContext) -> tuple[str, ...]:
        """The transfer syntaxes that are acceptable, the best first."""
        raise NotImplementedError


@odd("native-syntaxes-only", clause="PS3.5 10.1")
class NativeSyntaxesOnly(_Chooses):
    """Every compressed transfer syntax is refused."""

    def choose(self, proposed: ProposedContext) -> tuple[str, ...]:
        return tuple(uid for uid in proposed.transfer_syntaxes if uid in NATIVE)


@odd("implicit-only", clause="PS3.5 10.1")
class ImplicitOnly(_Chooses):
    """Only Implicit VR Little Endian is accepted."""

    def choose(self, proposed: ProposedContext) -> tuple[str, ...]:
        return tuple(uid for uid in proposed.transfer_syntaxes if uid == IMPLICIT_VR_LITTLE_ENDIAN)


@odd("explicit-preferred", clause="PS3.8 7.1.1.14")
class ExplicitPreferred(_Chooses):
    """Explicit VR Little Endian is taken wherever it is offered, at whatever place."""

    def choose(self, proposed: ProposedContext) -> tuple[str, ...]:
        return tuple(sorted(proposed.transfer_syntaxes, key=lambda uid: uid != EXPLICIT_VR_LITTLE_ENDIAN))


@odd("last-offered-preferred", clause="PS3.8 7.1.1.14")
class LastOfferedPreferred(_Chooses):
    """Of the offered transfer syntaxes the last one that is known is taken."""

    def choose(self, proposed: ProposedContext) -> tuple[str, ...]:
        return tuple(reversed(proposed.transfer_syntaxes))


@odd("default-syntax-preferred", clause="PS3.8 7.1.1.14")
class DefaultSyntaxPreferred(_Chooses):
    """Implicit VR Little Endian is taken wherever it is offered, else what is offered last."""

    def choose(self, proposed: ProposedContext) -> tuple[str, ...]:
        backwards = proposed.transfer_syntaxes[::-1]
        return tuple(sorted(backwards, key=lambda uid: uid != IMPLICIT_VR_LITTLE_ENDIAN))


@odd("ct-and-mr-only", clause="PS3.4 B.4.3, PS3.2")
class CtAndMrOnly(Behaviour):
    """Of the storage SOP classes only CT and MR images are accepted."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        storage = SERVICES.get(proposed.abstract_syntax) is Service.STORAGE
        if result is None or not storage or proposed.abstract_syntax in _CT_AND_MR:
            return result
        return replace(result, result=ABSTRACT_SYNTAX_NOT_SUPPORTED)


@odd("any-class-is-stored", clause="PS3.4 B.4.1")
class AnyClassIsStored(Behaviour):
    """A context of an unknown abstract syntax is accepted as one for storage."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        known = [uid for uid in proposed.transfer_syntaxes if uid in NATIVE]
        if (
            result is None
            or result.result != ABSTRACT_SYNTAX_NOT_SUPPORTED
            or not known
            or not proposed.abstract_syntax
        ):
            return result
        return replace(result, result=ACCEPTANCE, transfer_syntaxes=(known[0],))

    def accepted_contexts(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles]
    ) -> dict[int, Context]:
        contexts = super().accepted_contexts(request, results, roles)
        for result, proposed in zip(results, request.proposed_contexts, strict=True):
            if result.accepted and result.context_id not in contexts:
                contexts[result.context_id] = Context(
                    context_id=result.context_id,
                    abstract_syntax=proposed.abstract_syntax,
                    transfer_syntax=result.transfer_syntaxes[0],
                    service=Service.STORAGE,
                )
        return contexts


@odd("results-in-reverse", clause="PS3.8 7.1.1.14")
class ResultsInReverse(Behaviour):
    """The results come in the reverse of the order in which the contexts were proposed."""

    def context_results(self, request: Associate) -> list[ContextResult]:
        return super().context_results(request)[::-1]


@odd("accepted-contexts-first", clause="PS3.8 7.1.1.14")
class AcceptedContextsFirst(Behaviour):
    """The accepted contexts come first, then the rejected ones."""

    def context_results(self, request: Associate) -> list[ContextResult]:
        return sorted(super().context_results(request), key=lambda result: not result.accepted)


@odd("syntax-of-its-own-in-rejected", clause="PS3.8 Table 9-18")
class SyntaxOfItsOwnInRejected(Behaviour):
    """A rejected context names a transfer syntax that nobody offered: its value is not significant."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        return result if result is None or result.accepted else replace(result, transfer_syntaxes=(_JPEG_BASELINE,))


@odd("no-syntax-in-rejected", clause="PS3.8 9.3.3.2, Table 9-18: not significant when rejected")
class NoSyntaxInRejected(Behaviour):
    """A rejected context names no transfer syntax at all, as many systems do."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        return result if result is None or result.accepted else replace(result, transfer_syntaxes=())


@odd("rejects-as-user", clause="PS3.8 Table 9-18")
class RejectsAsUser(Behaviour):
    """A context is rejected with result 1 or 2, whatever the reason."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or result.accepted:
            return result
        return replace(result, result=_USER_REJECTION if proposed.context_id % 4 == 1 else NO_REASON)


@odd("rejects-when-nothing-fits", clause="PS3.8 9.3.4, Table 9-21")
class RejectsWhenNothingFits(CtAndMrOnly, NativeSyntaxesOnly):
    """An association is rejected, 1/1/1, when it proposes neither CT nor MR images in a native syntax."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        rejection = super().user_rejection(request, settings)
        if rejection is None and not any(result.accepted for result in self.context_results(request)):
            return UNUSABLE_REQUEST
        return rejection


@odd("roles-in-part", clause="PS3.7 D.3.3.4")
class RolesInPart(Behaviour):
    """The SCP role is granted for CT and MR images only; other proposals are answered with 1/0 or not at all."""

    def granted_roles(self, request: Associate) -> dict[str, Roles]:
        granted = super().granted_roles(request)
        return {
            uid: roles if uid in _CT_AND_MR else Roles(scu=True, scp=False)
            for uid, roles in granted.items()
            if (roles.scu or uid in _CT_AND_MR) and uid != VERIFICATION
        }


@odd("no-roles", clause="PS3.7 D.3.3.4", options=("--pacs-readback=none",))
class NoRoles(Behaviour):
    """No role selection is answered: the default roles hold."""

    def granted_roles(self, request: Associate) -> dict[str, Roles]:
        return {}


@odd("one-context-for-each-class", clause="PS3.7 D.3.2")
class OneContextForEachClass(Behaviour):
    """Of the contexts of a SOP class the first that fits is accepted, and the others are refused without a reason."""

    def context_results(self, request: Associate) -> list[ContextResult]:
        results = super().context_results(request)
        taken: set[str] = set()
        made = []
        for result, proposed in zip(results, request.proposed_contexts, strict=True):
            storage = SERVICES.get(proposed.abstract_syntax) is Service.STORAGE
            again = storage and result.accepted and proposed.abstract_syntax in taken
            if result.accepted:
                taken.add(proposed.abstract_syntax)
            made.append(replace(result, result=NO_REASON) if again else result)
        return made


@odd("video-without-the-default", clause="PS3.5 10.1, its waiver for data that exist in lossy form only")
class VideoWithoutTheDefault(Behaviour):
    """Video is accepted in the transfer syntaxes of MPEG alone."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or not result.accepted or proposed.abstract_syntax not in _VIDEO:
            return result
        row = transfer_syntax(result.transfer_syntaxes[0])
        if row is not None and row.kind is Kind.MPEG:
            return result
        return replace(result, result=TRANSFER_SYNTAXES_NOT_SUPPORTED)
