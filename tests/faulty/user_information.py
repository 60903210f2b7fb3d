"""Faults of the fixed fields and the user information of the association PDUs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count, takewhile
from typing import Final

from conformance.driver.edits import with_user_items
from conformance.standard.upper_layer import AbortReason, Event, State
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.connection import Frame
from conformance.target.embedded.happening import Happening
from conformance.target.embedded.negotiation import (
    CALLED_AE_TITLE_NOT_RECOGNIZED,
    CALLING_AE_TITLE_NOT_RECOGNIZED,
    LOCAL_LIMIT_EXCEEDED,
    PROTOCOL_VERSION_NOT_SUPPORTED,
    Roles,
)
from conformance.target.embedded.settings import Settings
from conformance.verdict.finding import Verdict
from conformance.wire import items
from conformance.wire.items import ContextResult, Item, ItemType
from conformance.wire.pdu import Associate, AssociateRJ, Pdu, ae_title_field
from tests.faulty.registry import fault

_KNOWN_SUB_ITEMS: Final = frozenset(item_type for item_type in ItemType if item_type > ItemType.USER_INFORMATION)
_FULL_FOR_GOOD: Final = replace(LOCAL_LIMIT_EXCEEDED, result=1)
_TWO: Final = Settings(max_associations=2)
_OWN_NAME: Final = Settings(called_ae_required=True)


class _Accepts(Behaviour):
    """Sends an A-ASSOCIATE-AC that was changed."""

    def associate_ac(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles], settings: Settings
    ) -> Associate:
        return self.change(super().associate_ac(request, results, roles, settings))

    def change(self, accept: Associate) -> Associate:
        raise NotImplementedError


class _Informs(_Accepts):
    """Sends user information that was changed."""

    def change(self, accept: Associate) -> Associate:
        return with_user_items(self.sub_items)(accept)

    def sub_items(self, found: tuple[Item, ...]) -> tuple[Item, ...]:
        raise NotImplementedError


def _but(found: tuple[Item, ...], item_type: ItemType) -> tuple[Item, ...]:
    return tuple(item for item in found if item.item_type != item_type)


class _Refuses(Behaviour):
    """Aborts on a request that it takes for an invalid PDU."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        happening = super().on_frame(state, frame)
        pdu = happening.pdu if happening is not None else None
        if isinstance(pdu, Associate) and self.is_invalid(pdu):
            return Happening(event=Event.INVALID_PDU, reason=AbortReason.INVALID_PDU_PARAMETER_VALUE, why="a fault")
        return happening

    def is_invalid(self, request: Associate) -> bool:
        raise NotImplementedError


# Fixed fields


@fault("protocol-version-must-be-1", catches=("UL-RQ-02",))
class ProtocolVersionMustBe1(Behaviour):
    """A protocol version with bit 0 and others set is rejected."""

    def provider_rejection(self, request: Associate) -> AssociateRJ | None:
        return PROTOCOL_VERSION_NOT_SUPPORTED if request.protocol_version != 1 else super().provider_rejection(request)


@fault("any-protocol-version", catches=("UL-RQ-03",))
class AnyProtocolVersion(Behaviour):
    """A request whose protocol version lacks bit 0 is accepted."""

    def provider_rejection(self, request: Associate) -> AssociateRJ | None:
        return super().provider_rejection(replace(request, protocol_version=request.protocol_version | 1))


@fault("any-application-context", catches=("UL-RQ-14",))
class AnyApplicationContext(_Accepts):
    """An application context that nobody knows is accepted, and repeated in the answer."""

    def __init__(self) -> None:
        self._name = items.DICOM_APPLICATION_CONTEXT

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        self._name = request.application_contexts[0]
        dicom = items.application_context_item()
        others = tuple(item for item in request.items if item.item_type != ItemType.APPLICATION_CONTEXT)
        return super().user_rejection(replace(request, items=(dicom, *others)), settings)

    def change(self, accept: Associate) -> Associate:
        return replace(accept, items=(items.application_context_item(self._name), *accept.items[1:]))


@fault("reserved-byte-is-set", catches=("UL-PDU-02",))
class ReservedByteIsSet(_Accepts):
    """Byte 2 of the A-ASSOCIATE-AC is not zero."""

    def change(self, accept: Associate) -> Associate:
        return replace(accept, reserved=0x01)


@fault("answers-with-its-own-title", catches=("UL-AC-02",))
class AnswersWithItsOwnTitle(_Accepts):
    """The A-ASSOCIATE-AC has the PACS's own AE title where the called one is to be repeated."""

    def change(self, accept: Associate) -> Associate:
        return replace(accept, called_ae_title=ae_title_field(Settings().ae_title))


@fault("garbage-in-the-reserved-field", catches=("UL-AC-04",))
class GarbageInTheReservedField(_Accepts):
    """Bytes 43 to 74 of the A-ASSOCIATE-AC are what was in memory."""

    def change(self, accept: Associate) -> Associate:
        return replace(accept, reserved_43_74=bytes(range(1, 33)))


@fault("leading-spaces-count", catches=("UL-RQ-04",), settings=_OWN_NAME)
class LeadingSpacesCount(Behaviour):
    """A called AE title with leading spaces is another title."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        if request.called_ae_title.startswith(b" "):
            return CALLED_AE_TITLE_NOT_RECOGNIZED
        return super().user_rejection(request, settings)


@fault("leading-spaces-of-the-caller-count", catches=("UL-RQ-05",))
class LeadingSpacesOfTheCallerCount(Behaviour):
    """A calling AE title with leading spaces is not recognized."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        if request.calling_ae_title.startswith(b" "):
            return CALLING_AE_TITLE_NOT_RECOGNIZED
        return super().user_rejection(request, settings)


@fault("checks-reserved-fields", catches=("UL-PDU-03a",))
class ChecksReservedFields(_Refuses):
    """A request whose reserved bytes are not zero is an invalid PDU."""

    def is_invalid(self, request: Associate) -> bool:
        return request.reserved != 0 or request.reserved_9_10 != bytes(2) or request.reserved_43_74 != bytes(32)


@fault("checks-reserved-bytes-of-items", catches=("UL-PDU-03b",))
class ChecksReservedBytesOfItems(_Refuses):
    """A request with an item whose reserved byte is not zero is an invalid PDU."""

    def is_invalid(self, request: Associate) -> bool:
        return any(item.reserved for item in request.items)


@fault("checks-reserved-bytes-of-sub-items", catches=("UL-PDU-03c",))
class ChecksReservedBytesOfSubItems(_Refuses):
    """A request with user information whose reserved byte is not zero is an invalid PDU."""

    def is_invalid(self, request: Associate) -> bool:
        return any(item.reserved for item in request.user_items)


# Rejections


class _Rejects(Behaviour):
    """Sends an A-ASSOCIATE-RJ that was changed."""

    def provider_rejection(self, request: Associate) -> AssociateRJ | None:
        rejection = super().provider_rejection(request)
        return None if rejection is None else self.change(rejection)

    def change(self, rejection: AssociateRJ) -> AssociateRJ:
        raise NotImplementedError


@fault("rejects-with-result-0", catches=("UL-RJ-02",))
class RejectsWithResult0(_Rejects):
    """Result 0 in the A-ASSOCIATE-RJ."""

    def change(self, rejection: AssociateRJ) -> AssociateRJ:
        return replace(rejection, result=0)


@fault("rejects-with-source-0", catches=("UL-RJ-03",))
class RejectsWithSource0(_Rejects):
    """Source 0 in the A-ASSOCIATE-RJ."""

    def change(self, rejection: AssociateRJ) -> AssociateRJ:
        return replace(rejection, source=0)


@fault("rejects-with-an-unlisted-reason", catches=("UL-RJ-04",))
class RejectsWithAnUnlistedReason(_Rejects):
    """A reason in the A-ASSOCIATE-RJ that its source does not have."""

    def change(self, rejection: AssociateRJ) -> AssociateRJ:
        return replace(rejection, reason=9)


@fault("says-full-for-good", catches=("UL-TCP-15",), caught_as=Verdict.WARN, settings=_TWO)
class SaysFullForGood(Behaviour):
    """One association more than there is room for is rejected as permanent."""

    def encode_pdu(self, pdu: Pdu) -> bytes:
        return super().encode_pdu(_FULL_FOR_GOOD if pdu == LOCAL_LIMIT_EXCEEDED else pdu)


# User information


@fault("unknown-sub-item-aborts", catches=("UI-GEN-01",))
class UnknownSubItemAborts(_Refuses):
    """User information of a type that is not known makes the request an invalid PDU."""

    def is_invalid(self, request: Associate) -> bool:
        return not {item.item_type for item in request.user_items} <= _KNOWN_SUB_ITEMS


@fault("order-of-user-information", catches=("UI-GEN-02",))
class OrderOfUserInformation(_Refuses):
    """User information that does not begin with the maximum length makes the request an invalid PDU."""

    def is_invalid(self, request: Associate) -> bool:
        return request.user_items[0].item_type != ItemType.MAXIMUM_LENGTH


@fault("user-identity-aborts", catches=("UI-USR-01",))
class UserIdentityAborts(_Refuses):
    """A user identity makes the request an invalid PDU."""

    def is_invalid(self, request: Associate) -> bool:
        return any(item.item_type == ItemType.USER_IDENTITY_RQ for item in request.user_items)


@fault("needs-a-version-name", catches=("UL-RQ-01",))
class NeedsAVersionName(_Refuses):
    """A request without implementation version name is an invalid PDU."""

    def is_invalid(self, request: Associate) -> bool:
        return request.implementation_version_name is None


@fault("unasked-window", catches=("UI-ASY-01", "UL-AC-13"))
class UnaskedWindow(_Informs):
    """An asynchronous operations window is answered that was not offered."""

    def sub_items(self, found: tuple[Item, ...]) -> tuple[Item, ...]:
        window = items.asynchronous_operations_window_item(1, 1)
        return (*_but(found, ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW), window)


@fault("wider-window-than-offered", catches=("UI-ASY-02",))
class WiderWindowThanOffered(Behaviour):
    """An asynchronous operations window is answered with more operations than were offered."""

    def associate_ac(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles], settings: Settings
    ) -> Associate:
        accept = super().associate_ac(request, results, roles, settings)
        if request.asynchronous_operations_window is None:
            return accept
        return with_user_items(lambda found: (*found, items.asynchronous_operations_window_item(0, 0)))(accept)


@fault("grants-roles-not-proposed", catches=("UI-ROL-02",))
class GrantsRolesNotProposed(Behaviour):
    """Both roles are granted where one was proposed."""

    def granted_roles(self, request: Associate) -> dict[str, Roles]:
        return {uid: Roles(scu=True, scp=True) for uid in super().granted_roles(request)}


@fault("grants-roles-unasked", catches=("UI-ROL-01",))
class GrantsRolesUnasked(Behaviour):
    """A role selection is answered for SOP classes that had none."""

    def granted_roles(self, request: Associate) -> dict[str, Roles]:
        asked = super().granted_roles(request)
        usual = {context.abstract_syntax: Roles(scu=True, scp=False) for context in request.proposed_contexts}
        return usual | asked


@fault("no-implementation-class", catches=("UI-IMP-01",))
class NoImplementationClass(_Informs):
    """The implementation class UID is missing."""

    def sub_items(self, found: tuple[Item, ...]) -> tuple[Item, ...]:
        return _but(found, ItemType.IMPLEMENTATION_CLASS_UID)


@fault("implementation-class-changes", catches=("UI-IMP-02",))
class ImplementationClassChanges(_Informs):
    """Each association gets an implementation class UID of its own."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def sub_items(self, found: tuple[Item, ...]) -> tuple[Item, ...]:
        own = items.implementation_class_uid_item(f"1.2.826.0.1.3680043.8.498.{next(self._numbers)}")
        return tuple(own if item.item_type == ItemType.IMPLEMENTATION_CLASS_UID else item for item in found)


@fault("version-name-of-17-characters", catches=("UI-IMP-04",), caught_as=Verdict.WARN)
class VersionNameOf17Characters(_Informs):
    """The implementation version name is one character too long."""

    def sub_items(self, found: tuple[Item, ...]) -> tuple[Item, ...]:
        name = items.implementation_version_name_item("17_CHARACTERS_ABC")
        return (*_but(found, ItemType.IMPLEMENTATION_VERSION_NAME), name)


@fault("no-maximum-length", catches=("UI-MAX-01",))
class NoMaximumLength(_Informs):
    """The maximum length is missing."""

    def sub_items(self, found: tuple[Item, ...]) -> tuple[Item, ...]:
        return _but(found, ItemType.MAXIMUM_LENGTH)


@fault("maximum-length-of-two-bytes", catches=("UI-MAX-01",))
class MaximumLengthOfTwoBytes(_Informs):
    """The maximum length has two bytes."""

    def sub_items(self, found: tuple[Item, ...]) -> tuple[Item, ...]:
        short = Item(item_type=ItemType.MAXIMUM_LENGTH, body=b"\x40\x00")
        return (short, *_but(found, ItemType.MAXIMUM_LENGTH))


@fault("reads-up-to-an-unknown-sub-item", catches=("PDV-22",))
class ReadsUpToAnUnknownSubItem(Behaviour):
    """Of user information what follows an unknown sub-item is lost, and the maximum length with it."""

    def peer_max_pdu_bytes(self, request: Associate) -> int:
        types = [item.item_type for item in request.user_items]
        known = takewhile(lambda item_type: item_type in _KNOWN_SUB_ITEMS, types)
        return super().peer_max_pdu_bytes(request) if ItemType.MAXIMUM_LENGTH in known else 0
