"""Faults of what is accepted: now and then, without the default, in something else, or other than claimed."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Final

from conformance.standard.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.negotiation import (
    ABSTRACT_SYNTAX_NOT_SUPPORTED,
    ACCEPTANCE,
    TRANSFER_SYNTAXES_NOT_SUPPORTED,
)
from conformance.verdict.finding import Verdict
from conformance.wire.items import ContextResult, Item, ProposedContext
from conformance.wire.pdu import Associate
from tests.faulty.registry import CLAIMS, fault

_MR: Final = "1.2.840.10008.5.1.4.1.1.4"
_US: Final = "1.2.840.10008.5.1.4.1.1.6.1"
_RLE: Final = "1.2.840.10008.1.2.5"


@fault("accepts-a-class-now-and-then", catches=("UL-RQ-33",), caught_as=Verdict.WARN)
class AcceptsAClassNowAndThen(Behaviour):
    """MR images are accepted on the first association that proposes them, and refused on the next ones."""

    def __init__(self) -> None:
        self._asked = count()
        self._refused = False

    def context_results(self, request: Associate) -> list[ContextResult]:
        if any(proposed.abstract_syntax == _MR for proposed in request.proposed_contexts):
            self._refused = next(self._asked) > 0
        return super().context_results(request)

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or proposed.abstract_syntax != _MR or not self._refused:
            return result
        return replace(result, result=ABSTRACT_SYNTAX_NOT_SUPPORTED)


@fault("accepts-a-claimed-class-now-and-then", catches=("ST-01",), options=CLAIMS)
class AcceptsAClaimedClassNowAndThen(AcceptsAClassNowAndThen):
    """MR images are claimed, and refused on every association but the first that proposes them."""


@fault("one-class-without-the-default", catches=("TS-01",))
class OneClassWithoutTheDefault(Behaviour):
    """Ultrasound images are accepted in every transfer syntax but the default one."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or proposed.abstract_syntax != _US:
            return result
        if proposed.transfer_syntaxes == (IMPLICIT_VR_LITTLE_ENDIAN,):
            return replace(result, result=TRANSFER_SYNTAXES_NOT_SUPPORTED)
        return result


@fault("one-class-refused-for-its-syntaxes", catches=("TS-02",))
class OneClassRefusedForItsSyntaxes(Behaviour):
    """Ultrasound images are refused in every context for their transfer syntaxes, the default among them."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or proposed.abstract_syntax != _US:
            return result
        return replace(result, result=TRANSFER_SYNTAXES_NOT_SUPPORTED)


@fault("one-class-in-another-syntax", catches=("UL-AC-08",))
class OneClassInAnotherSyntax(Behaviour):
    """Ultrasound images offered in RLE are accepted in Explicit VR Little Endian, which that context does not offer."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or proposed.abstract_syntax != _US or proposed.transfer_syntaxes != (_RLE,):
            return result
        return replace(result, result=ACCEPTANCE, transfer_syntaxes=(EXPLICIT_VR_LITTLE_ENDIAN,))


@fault("refuses-a-claimed-class", catches=("ST-01",), options=CLAIMS)
class RefusesAClaimedClass(Behaviour):
    """MR images are refused, whatever is claimed."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or proposed.abstract_syntax != _MR:
            return result
        return replace(result, result=ABSTRACT_SYNTAX_NOT_SUPPORTED)


@fault("refuses-a-claimed-syntax", catches=("CS-07",), options=CLAIMS)
class RefusesAClaimedSyntax(Behaviour):
    """RLE is refused for every SOP class, whatever is claimed."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or proposed.transfer_syntaxes != (_RLE,):
            return result
        return replace(result, result=TRANSFER_SYNTAXES_NOT_SUPPORTED)


@fault("class-is-not-supported-in-other-syntaxes", catches=("UL-RQ-24",), caught_as=Verdict.WARN)
class ClassIsNotSupportedInOtherSyntaxes(Behaviour):
    """What is offered in an unsupported transfer syntax is refused as an unsupported SOP class."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or result.result != TRANSFER_SYNTAXES_NOT_SUPPORTED:
            return result
        return replace(result, result=ABSTRACT_SYNTAX_NOT_SUPPORTED)
