"""The well-formed PDU of each kind, with which a peer brings about an event of PS3.8 Table 9-10."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from conformance.standard.upper_layer import Event
from conformance.wire.items import ContextResult, ItemType, context_result_item
from conformance.wire.malformed import cut_to_length, filled_to_length, of_type
from conformance.wire.messages import c_echo_rq
from conformance.wire.pdu import (
    AbortPdu,
    Associate,
    AssociateRJ,
    PDataTF,
    PduType,
    Pdv,
    ReleaseRP,
    ReleaseRQ,
)

INVALID_PDUS: Final = {
    "type 00H": of_type(0x00),
    "type 08H": of_type(0x08),
    "type 7FH": of_type(0x7F),
    "type FFH": of_type(0xFF),
    "A-RELEASE-RP of 0 bytes": cut_to_length(ReleaseRP().encode(), 0),
    "A-ASSOCIATE-RQ of 4 bytes": filled_to_length(ReleaseRQ().encode().replace(b"\x05", b"\x01", 1), 4),
    "P-DATA-TF of 3 bytes": filled_to_length(PDataTF(pdvs=()).encode(), 3),
}
"""PDUs that nobody can use, in whatever state: of an unlisted type, or too short for their own fields.

An A-RELEASE-RQ without its four reserved bytes is not among them: they are not tested, so that it can be read.
"""


def event_pdu(event: Event, request: Associate, *, context_id: int = 1) -> bytes:
    """The PDU of an event, well formed.

    Args:
        event: One that a PDU brings about; for an invalid one see `INVALID_PDUS`.
        request: The association request of the connection, or one that could be made on it.
        context_id: The presentation context of a C-ECHO-RQ.

    Raises:
        KeyError: No PDU brings the event about.
    """
    echo = Pdv(context_id=context_id, control=0x03, fragment=c_echo_rq(7).encode())
    return {
        Event.ASSOCIATE_AC_PDU: accept_of(request).encode(),
        Event.ASSOCIATE_RJ_PDU: AssociateRJ(result=1, source=1, reason=1).encode(),
        Event.ASSOCIATE_RQ_PDU: request.encode(),
        Event.P_DATA_PDU: PDataTF(pdvs=(echo,)).encode(),
        Event.RELEASE_RQ_PDU: ReleaseRQ().encode(),
        Event.RELEASE_RP_PDU: ReleaseRP().encode(),
        Event.ABORT_PDU: AbortPdu(source=0, reason=0).encode(),
    }[event]


def accept_of(request: Associate) -> Associate:
    """The A-ASSOCIATE-AC that an acceptor of everything would send for a request."""
    results = [
        context_result_item(ContextResult(context_id=c.context_id, result=0, transfer_syntaxes=c.transfer_syntaxes[:1]))
        for c in request.proposed_contexts
    ]
    others = [i for i in request.items if i.item_type != ItemType.PRESENTATION_CONTEXT_RQ]
    answered = tuple(sorted((*others, *results), key=lambda item: item.item_type))
    return replace(request, pdu_type=PduType.A_ASSOCIATE_AC, items=answered)
