"""What a PDU is to the state machine: an event of PS3.8 Table 9-10, with what is known of its cause."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from conformance.standard.upper_layer import AbortReason, Event
from conformance.target.embedded.connection import Defect, Frame
from conformance.wire.errors import WireError
from conformance.wire.pdu import Pdu, PduType, decode_pdu

EVENT_OF_PDU: Final = MappingProxyType(
    {
        PduType.A_ASSOCIATE_RQ: Event.ASSOCIATE_RQ_PDU,
        PduType.A_ASSOCIATE_AC: Event.ASSOCIATE_AC_PDU,
        PduType.A_ASSOCIATE_RJ: Event.ASSOCIATE_RJ_PDU,
        PduType.P_DATA_TF: Event.P_DATA_PDU,
        PduType.A_RELEASE_RQ: Event.RELEASE_RQ_PDU,
        PduType.A_RELEASE_RP: Event.RELEASE_RP_PDU,
        PduType.A_ABORT: Event.ABORT_PDU,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event.

    Attributes:
        event: The row of the table.
        pdu: The PDU that came, where one did and could be read.
        reason: What an A-ABORT by the provider says of it (PS3.8 Table 9-26, byte 10).
        why: For the log.
    """

    event: Event
    pdu: Pdu | None = None
    reason: AbortReason = AbortReason.UNEXPECTED_PDU
    why: str = ""


def happening_of(frame: Frame) -> Happening:
    """The event of a PDU off the stream."""
    match frame.defect:
        case Defect.UNKNOWN_TYPE:
            why = f"PDU type {frame.pdu_type:02X}H"
            return Happening(event=Event.INVALID_PDU, reason=AbortReason.UNRECOGNIZED_PDU, why=why)
        case Defect.LENGTH:
            why = f"PDU type {frame.pdu_type:02X}H with an impossible length"
            return Happening(event=Event.INVALID_PDU, reason=AbortReason.INVALID_PDU_PARAMETER_VALUE, why=why)
        case None if frame.pdu_type == PduType.A_ABORT:
            return Happening(event=Event.ABORT_PDU)
        case None:
            return _decoded(frame)


def _decoded(frame: Frame) -> Happening:
    try:
        pdu = decode_pdu(frame.data)
    except WireError as error:
        return Happening(event=Event.INVALID_PDU, reason=AbortReason.INVALID_PDU_PARAMETER_VALUE, why=str(error))
    return Happening(event=EVENT_OF_PDU[PduType(frame.pdu_type)], pdu=pdu)
