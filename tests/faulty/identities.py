"""Faults of reading who the requestor says it is: fields taken for granted, lengths believed, one alphabet."""

from __future__ import annotations

import re
from typing import Final

from conformance.standard.upper_layer import AbortReason, Event, State
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.connection import Frame
from conformance.target.embedded.happening import Happening
from conformance.target.embedded.negotiation import UNUSABLE_REQUEST
from conformance.target.embedded.settings import Settings
from conformance.verdict.finding import Verdict
from conformance.wire.items import ItemType
from conformance.wire.pdu import Associate, AssociateRJ
from tests.faulty.breaking import Breaks
from tests.faulty.registry import fault

_HEAD_BYTES: Final = 4
"""Type, whether a response is asked for, and the length of the primary field."""
_MAXIMUM_LENGTH_BYTES: Final = 4
_VERSION_NAME_CHARACTERS: Final = 16
_COMPONENTS: Final = re.compile(r"[0-9]+(\.[0-9]+)*")


def _bodies(request: Associate, item_type: ItemType) -> list[bytes]:
    return [item.body for item in request.user_items if item.item_type == item_type]


@fault("user-names-are-ascii", catches=("UI-USR-08",))
class UserNamesAreAscii(Behaviour):
    """A user name with characters beyond ASCII makes the request an invalid PDU."""

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        happening = super().on_frame(state, frame)
        request = happening.pdu if happening is not None else None
        if isinstance(request, Associate) and not all(
            body.isascii() for body in _bodies(request, ItemType.USER_IDENTITY_RQ) if body[:1] == b"\1"
        ):
            reason = AbortReason.INVALID_PDU_PARAMETER_VALUE
            return Happening(event=Event.INVALID_PDU, reason=reason, why="a user name that is not ASCII")
        return happening


@fault("copies-an-identity-by-its-lengths", catches=("UI-USR-09",), caught_as=Verdict.WARN)
class CopiesAnIdentityByItsLengths(Breaks):
    """The fields of a user identity are copied by their lengths, beyond the end of the sub-item as well."""

    def breaks_on(self, request: Associate) -> bool:
        return any(self._overruns(body) for body in _bodies(request, ItemType.USER_IDENTITY_RQ))

    def _overruns(self, body: bytes) -> bool:
        at = _HEAD_BYTES + int.from_bytes(body[_HEAD_BYTES - 2 : _HEAD_BYTES])
        return at + 2 + int.from_bytes(body[at : at + 2]) > len(body)


@fault("needs-a-maximum-length", catches=("UI-MAX-02",), caught_as=Verdict.WARN)
class NeedsAMaximumLength(Breaks):
    """A request without maximum length has the connection closed."""

    def breaks_on(self, request: Associate) -> bool:
        return not _bodies(request, ItemType.MAXIMUM_LENGTH)


@fault("reads-four-bytes-of-a-maximum-length", catches=("UI-MAX-03",), caught_as=Verdict.WARN)
class ReadsFourBytesOfAMaximumLength(Breaks):
    """Four bytes of a maximum length are read, though it has fewer."""

    def breaks_on(self, request: Associate) -> bool:
        return any(len(body) < _MAXIMUM_LENGTH_BYTES for body in _bodies(request, ItemType.MAXIMUM_LENGTH))


@fault("reads-numbers-in-an-implementation-class", catches=("UI-IMP-03",), caught_as=Verdict.WARN)
class ReadsNumbersInAnImplementationClass(Breaks):
    """The implementation class UID is split into numbers, though it has none."""

    def breaks_on(self, request: Associate) -> bool:
        return _COMPONENTS.match(request.implementation_class_uid or "") is None


@fault("rejects-long-version-names", catches=("UI-IMP-05",), caught_as=Verdict.WARN)
class RejectsLongVersionNames(Behaviour):
    """An implementation version name of more than sixteen characters rejects the association."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        if len(request.implementation_version_name or "") > _VERSION_NAME_CHARACTERS:
            return UNUSABLE_REQUEST
        return super().user_rejection(request, settings)


@fault("takes-user-information-for-granted", catches=("UI-GEN-03",), caught_as=Verdict.WARN)
class TakesUserInformationForGranted(Breaks):
    """A request without user information has the connection closed."""

    def breaks_on(self, request: Associate) -> bool:
        return all(item.item_type != ItemType.USER_INFORMATION for item in request.items)
