"""Faults of extended negotiation: options that are tested too well, relations that are half kept, mixed messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from conformance.driver.edits import with_user_items
from conformance.standard.transfer_syntaxes import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.standard.upper_layer import AbortReason, Event, State
from conformance.target.embedded.answer import Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.connection import Frame
from conformance.target.embedded.happening import Happening
from conformance.target.embedded.negotiation import ACCEPTANCE, Context, Roles
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.supported import SERVICES, Service
from conformance.verdict.finding import Verdict
from conformance.wire.items import (
    ContextResult,
    Item,
    ItemType,
    ProposedContext,
    asynchronous_operations_window_item,
)
from conformance.wire.pdu import Associate, Pdv
from tests.faulty.cancellation import StoresCutData
from tests.faulty.registry import fault

_STORAGE_SERVICE: Final = "1.2.840.10008.4.2"
_STORAGE_OPTION_BYTES: Final = 6
_WINDOW: Final = 5


def _field(data: bytes) -> tuple[str, bytes]:
    """A UID that stands behind its length, and what follows it."""
    end = 2 + int.from_bytes(data[:2])
    return data[2:end].decode("latin-1"), data[end:]


# SOP class extended negotiation


class _TestsStorageOptions(Behaviour):
    """A request with storage options that it does not like is an invalid PDU."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        happening = super().on_frame(state, frame)
        request = happening.pdu if happening is not None else None
        if isinstance(request, Associate) and any(self.is_invalid(option) for option in self._options(request)):
            reason = AbortReason.INVALID_PDU_PARAMETER_VALUE
            return Happening(event=Event.INVALID_PDU, reason=reason, why="storage options")
        return happening

    def _options(self, request: Associate) -> Iterable[bytes]:
        for item in request.user_items:
            if item.item_type == ItemType.SOP_CLASS_EXTENDED_NEGOTIATION:
                uid, information = _field(item.body)
                if SERVICES.get(uid) is Service.STORAGE:
                    yield information

    def is_invalid(self, option: bytes) -> bool:
        raise NotImplementedError


@fault("tests-reserved-bytes-of-storage-options", catches=("UI-EXT-04",))
class TestsReservedBytesOfStorageOptions(_TestsStorageOptions):
    """Storage options whose reserved bytes are not zero make the request an invalid PDU."""

    def is_invalid(self, option: bytes) -> bool:
        return len(option) == _STORAGE_OPTION_BYTES and any(option[1::2])


@fault("tests-the-length-of-storage-options", catches=("UI-EXT-06",), caught_as=Verdict.WARN)
class TestsTheLengthOfStorageOptions(_TestsStorageOptions):
    """Storage options that have not six bytes make the request an invalid PDU."""

    def is_invalid(self, option: bytes) -> bool:
        return len(option) != _STORAGE_OPTION_BYTES


# SOP class common extended negotiation


@fault("repeats-common-extended-negotiation", catches=("UI-CEX-01",))
class RepeatsCommonExtendedNegotiation(Behaviour):
    """Common extended negotiation comes back in the A-ASSOCIATE-AC."""

    def associate_ac(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles], settings: Settings
    ) -> Associate:
        common = ItemType.SOP_CLASS_COMMON_EXTENDED_NEGOTIATION
        came = tuple(item for item in request.user_items if item.item_type == common)
        return with_user_items(lambda found: (*found, *came))(super().associate_ac(request, results, roles, settings))


def _declared_as_storage(request: Associate) -> frozenset[str]:
    """The SOP classes that a request declares to belong to storage."""
    declared = set()
    for item in request.user_items:
        if item.item_type == ItemType.SOP_CLASS_COMMON_EXTENDED_NEGOTIATION:
            uid, rest = _field(item.body)
            service, _ = _field(rest)
            if service == _STORAGE_SERVICE:
                declared.add(uid)
    return frozenset(declared)


@fault("accepts-declared-classes-and-refuses-them", catches=("UI-CEX-03",), caught_as=Verdict.WARN)
class AcceptsDeclaredClassesAndRefusesThem(Behaviour):
    """A SOP class that is declared as storage is accepted, and what is stored of it refused with 0122H."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or proposed.abstract_syntax not in _declared_as_storage(request):
            return result
        return replace(result, result=ACCEPTANCE)

    def accepted_contexts(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles]
    ) -> dict[int, Context]:
        known = super().accepted_contexts(request, results, roles)
        names = {context.context_id: context.abstract_syntax for context in request.proposed_contexts}
        declared = {
            result.context_id: Context(
                context_id=result.context_id,
                abstract_syntax=names[result.context_id],
                transfer_syntax=result.transfer_syntax or IMPLICIT_VR_LITTLE_ENDIAN,
                service=Service.STORAGE,
            )
            for result in results
            if result.accepted and result.context_id not in known
        }
        return known | declared

    def check_command(self, request: Request) -> None:
        if request.command.affected_sop_class_uid not in SERVICES:
            raise RefusedError(Answer(status=0x0122, comment="SOP class not supported"))
        super().check_command(request)


# Asynchronous operations window


@fault("mixes-interleaved-messages", catches=("PDV-11",), caught_as=Verdict.WARN)
class MixesInterleavedMessages(StoresCutData):
    """Several operations may be open, and fragments of any data set go to the one that was begun first."""

    def __init__(self) -> None:
        self._waiting: dict[Association, list[Pdv]] = {}

    def associate_ac(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles], settings: Settings
    ) -> Associate:
        accept = super().associate_ac(request, results, roles, settings)
        if request.asynchronous_operations_window is None:
            return accept
        window = asynchronous_operations_window_item(_WINDOW, 1)
        return with_user_items(lambda found: (*found, window))(accept)

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        waiting = self._waiting.setdefault(association, [])
        if pdv.is_command and association.assembler.data_set is not None:
            waiting.append(pdv)
            return
        super().on_pdv(association, pdv)
        while waiting and association.assembler.data_set is None:
            super().on_pdv(association, waiting.pop(0))

    def on_association_end(self, association: Association) -> None:
        self._waiting.pop(association, None)
        super().on_association_end(association)
