"""What an A-ASSOCIATE-RQ is answered with (PS3.8 9.3.2 to 9.3.4, PS3.7 Annex D). No sockets."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from conformance.standard.transfer_syntaxes import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded.settings import (
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    Settings,
)
from conformance.target.embedded.supported import SERVICES, Service, transfer_syntaxes
from conformance.wire.items import (
    DICOM_APPLICATION_CONTEXT,
    ContextResult,
    Item,
    ItemType,
    ProposedContext,
    application_context_item,
    context_result_item,
    decode_items,
    implementation_class_uid_item,
    implementation_version_name_item,
    maximum_length_item,
    role_selection_item,
    user_information_item,
)
from conformance.wire.pdu import Associate, AssociateRJ, PduType

PERMANENT: Final = 1
TRANSIENT: Final = 2
SERVICE_USER: Final = 1
ACSE: Final = 2
PRESENTATION: Final = 3

# PS3.8 Table 9-21
PROTOCOL_VERSION_NOT_SUPPORTED: Final = AssociateRJ(result=PERMANENT, source=ACSE, reason=2)
MALFORMED_REQUEST: Final = AssociateRJ(result=PERMANENT, source=ACSE, reason=1)
UNUSABLE_REQUEST: Final = AssociateRJ(result=PERMANENT, source=SERVICE_USER, reason=1)
APPLICATION_CONTEXT_NOT_SUPPORTED: Final = AssociateRJ(result=PERMANENT, source=SERVICE_USER, reason=2)
CALLING_AE_TITLE_NOT_RECOGNIZED: Final = AssociateRJ(result=PERMANENT, source=SERVICE_USER, reason=3)
CALLED_AE_TITLE_NOT_RECOGNIZED: Final = AssociateRJ(result=PERMANENT, source=SERVICE_USER, reason=7)
LOCAL_LIMIT_EXCEEDED: Final = AssociateRJ(result=TRANSIENT, source=PRESENTATION, reason=2)

# PS3.8 Table 9-18
ACCEPTANCE: Final = 0
NO_REASON: Final = 2
ABSTRACT_SYNTAX_NOT_SUPPORTED: Final = 3
TRANSFER_SYNTAXES_NOT_SUPPORTED: Final = 4

DEFAULT_PEER_MAX_PDU_BYTES: Final = 16_384
"""Assumed of a requestor that breaks PS3.8 D.1.1 and announces no maximum length."""
SMALLEST_MAX_PDU_BYTES: Final = 8
"""Room for one fragment of two bytes; a smaller maximum length admits no P-DATA-TF."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """An accepted presentation context."""

    context_id: int
    abstract_syntax: str
    transfer_syntax: str
    service: Service
    requestor_is_scu: bool = True
    requestor_is_scp: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The roles that the requestor may take for a SOP class (PS3.7 D.3.3.4)."""

    scu: bool
    scp: bool


def provider_rejection(request: Associate) -> AssociateRJ | None:
    """Why the service provider cannot take the request, or None (PS3.8 Table 9-21, source ACSE)."""
    if not request.protocol_version & 1:  # PS3.8 Table 9-11, bytes 7-8: bit 0 alone is tested
        return PROTOCOL_VERSION_NOT_SUPPORTED
    types = [item.item_type for item in request.items]
    if types.count(ItemType.APPLICATION_CONTEXT) != 1 or types.count(ItemType.USER_INFORMATION) != 1:
        return MALFORMED_REQUEST
    ids = [context.context_id for context in request.proposed_contexts]
    # PS3.8 7.1.1.13: odd, and unique within the association
    if not ids or len(set(ids)) != len(ids) or any(i % 2 == 0 for i in ids):
        return MALFORMED_REQUEST
    return None


def user_rejection(request: Associate, settings: Settings) -> AssociateRJ | None:
    """Why the service user does not want the association, or None (PS3.8 Table 9-21, source service-user)."""
    if request.application_contexts != (DICOM_APPLICATION_CONTEXT,):
        return APPLICATION_CONTEXT_NOT_SUPPORTED
    called, calling = ae_title(request.called_ae_title), ae_title(request.calling_ae_title)
    if called is None or (settings.called_ae_required and called != settings.ae_title.strip(" ")):
        return CALLED_AE_TITLE_NOT_RECOGNIZED
    if calling is None:
        return CALLING_AE_TITLE_NOT_RECOGNIZED
    if 0 < peer_max_pdu_bytes(request) < SMALLEST_MAX_PDU_BYTES:
        return UNUSABLE_REQUEST
    return None


def ae_title(field: bytes) -> str | None:
    """The title in a field of 16 bytes, or None where PS3.5 6.2 (AE) allows no such title."""
    # PS3.8 Table 9-11, bytes 11-26: leading and trailing spaces are not significant, sixteen spaces are no title
    title = field.decode("latin-1").strip(" ")
    legal = title and all(" " <= character <= "~" and character != "\\" for character in title)
    return title if legal else None


def peer_max_pdu_bytes(request: Associate) -> int:
    """The requestor's maximum length, 0 for no limit."""
    announced = request.maximum_length
    return DEFAULT_PEER_MAX_PDU_BYTES if announced is None else announced


def judge_context(item: Item, proposed: ProposedContext) -> ContextResult:
    """The result for one proposed context; the transfer syntax is the first offered that we know.

    Args:
        item: The item 20H as it came.
        proposed: The same, decoded.
    """
    abstract_count = sum(i.item_type == ItemType.ABSTRACT_SYNTAX for i in decode_items(item.body[4:], base=0))
    service = SERVICES.get(proposed.abstract_syntax)
    offered = proposed.transfer_syntaxes
    chosen = None if service is None else next((uid for uid in offered if uid in transfer_syntaxes(service)), None)
    if service is None:
        result = ABSTRACT_SYNTAX_NOT_SUPPORTED
    elif abstract_count > 1:
        result = NO_REASON
    else:
        result = ACCEPTANCE if chosen is not None else TRANSFER_SYNTAXES_NOT_SUPPORTED
    # PS3.8 9.3.3.2: a rejected context carries one transfer syntax too, its value is not significant
    named = chosen or next((uid for uid in offered if uid.isascii()), "") or IMPLICIT_VR_LITTLE_ENDIAN
    return ContextResult(context_id=proposed.context_id, result=result, transfer_syntaxes=(named,))


def proposed_roles(request: Associate) -> dict[str, Roles]:
    """The first legal role selection for each proposed SOP class; what is malformed or senseless is ignored."""
    abstract = {context.abstract_syntax for context in request.proposed_contexts}
    roles: dict[str, Roles] = {}
    for item in request.user_items:
        if item.item_type != ItemType.ROLE_SELECTION or len(item.body) < 4:
            continue
        (length,) = struct.unpack_from(">H", item.body)
        if len(item.body) != length + 4:
            continue
        uid = item.body[2 : 2 + length].decode("latin-1")
        scu, scp = item.body[-2:]
        if uid in abstract and {scu, scp} <= {0, 1} and scu + scp > 0:
            roles.setdefault(uid, Roles(scu=scu == 1, scp=scp == 1))
    return roles


def granted_roles(proposed: Mapping[str, Roles]) -> dict[str, Roles]:
    """What is answered: the SCP role for storage classes alone, for C-GET (PS3.4 C.5.3); never more than proposed."""
    granted: dict[str, Roles] = {}
    for uid, roles in proposed.items():
        match SERVICES.get(uid):
            case None:
                continue
            case Service.STORAGE:
                granted[uid] = roles
            case _ if roles.scu:
                granted[uid] = Roles(scu=True, scp=False)
    return granted


def associate_ac(
    request: Associate, results: Iterable[ContextResult], roles: Mapping[str, Roles], settings: Settings
) -> Associate:
    """The A-ASSOCIATE-AC (PS3.8 Table 9-17).

    The window, extended negotiation and user identity are not answered: their absence means one operation at a time,
    no extension, and an identity that was not looked at (PS3.7 D.3.3.3, D.3.3.5, D.3.3.7).
    """
    sub_items = [
        maximum_length_item(settings.max_pdu_bytes),
        implementation_class_uid_item(IMPLEMENTATION_CLASS_UID),
        *(role_selection_item(uid, scu=int(r.scu), scp=int(r.scp)) for uid, r in roles.items()),
        implementation_version_name_item(IMPLEMENTATION_VERSION_NAME),
    ]
    return Associate(
        pdu_type=PduType.A_ASSOCIATE_AC,
        # PS3.8 Table 9-17, bytes 11-74: as received
        called_ae_title=request.called_ae_title,
        calling_ae_title=request.calling_ae_title,
        reserved_43_74=request.reserved_43_74,
        items=(
            application_context_item(),
            *(context_result_item(result) for result in results),
            user_information_item(sub_items),
        ),
    )


def accepted_contexts(
    request: Associate, results: Iterable[ContextResult], roles: Mapping[str, Roles]
) -> dict[int, Context]:
    """The contexts that can be used, by their id."""
    proposed = {context.context_id: context for context in request.proposed_contexts}
    contexts: dict[int, Context] = {}
    for result in results:
        offer = proposed.get(result.context_id)
        service = None if offer is None else SERVICES.get(offer.abstract_syntax)
        if offer is None or service is None or not result.accepted or result.transfer_syntax is None:
            continue
        role = roles.get(offer.abstract_syntax, Roles(scu=True, scp=False))
        contexts[result.context_id] = Context(
            context_id=result.context_id,
            abstract_syntax=offer.abstract_syntax,
            transfer_syntax=result.transfer_syntax,
            service=service,
            requestor_is_scu=role.scu,
            requestor_is_scp=role.scp,
        )
    return contexts
