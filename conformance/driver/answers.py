"""PDUs and messages as the outcomes that they are."""

from __future__ import annotations

from conformance.observation.outcomes import (
    Aborted,
    Accepted,
    Rejected,
    Response,
    Undecodable,
    Unexpected,
)
from conformance.wire.fragments import Message
from conformance.wire.pdu import AbortPdu, Associate, AssociateRJ, PDataTF, Pdu, PduType


def association_answer(pdu: Pdu | Undecodable) -> Accepted | Rejected | Aborted | Undecodable | Unexpected:
    """The outcome of an association request whose answer begins with this PDU."""
    match pdu:
        case Undecodable():
            return pdu
        case Associate(pdu_type=PduType.A_ASSOCIATE_AC):
            return Accepted(associate=pdu)
        case AssociateRJ(result=result, source=source, reason=reason):
            return Rejected(result=result, source=source, reason=reason)
        case AbortPdu(source=source, reason=reason):
            return Aborted(source=source, reason=reason)
        case _:
            return Unexpected(pdu=pdu)


def response_answer(message: Message, *, t_s: float, sent_at_s: float) -> Response | Unexpected:
    """A message as a response, or as the unexpected request that it is."""
    if not (message.command.command_field or 0) & 0x8000:
        return Unexpected(pdu=PDataTF(pdvs=()), command=message.command)
    return Response(
        context_id=message.context_id,
        command=message.command,
        data_set=message.data_set,
        t_s=t_s,
        after_s=t_s - sent_at_s,
    )
