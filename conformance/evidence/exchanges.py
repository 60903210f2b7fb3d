"""Associations, operations and instances of a scenario as plain dicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from conformance.evidence.names import uid_name
from conformance.evidence.text import clean
from conformance.evidence.timeline import ae_title
from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.outcomes import Accepted, Response, describe
from conformance.observation.transcript import EventKind, Transcript
from conformance.standard.association import CONTEXT_RESULTS
from conformance.standard.statuses import status_words
from conformance.wire.command import CommandSet, command_name
from conformance.wire.errors import WireError
from conformance.wire.framing import PduFramer
from conformance.wire.pdu import Associate, PduType, decode_pdu

ASSOCIATION_LIMIT: Final = 64
CONTEXT_LIMIT: Final = 512
"""Presentation contexts kept of all associations of a scenario together."""
OPERATION_LIMIT: Final = 200
_TRANSFER_SYNTAX_LIMIT: Final = 80
_FIRST_PDU_LIMIT_BYTES: Final = 1 << 20

_Item = TypeVar("_Item")


def association_records(associations: Sequence[AssociationExchange]) -> tuple[list[dict[str, Any]], int]:
    """The associations, and how many were left out."""
    kept, left_out = _middle_out(associations, ASSOCIATION_LIMIT)
    room = CONTEXT_LIMIT
    records: list[dict[str, Any]] = []
    for exchange in kept:
        record = _association(exchange, room)
        room -= len(record["contexts"])
        records.append(record)
    return records, left_out


def operation_records(operations: Sequence[OperationExchange]) -> tuple[list[dict[str, Any]], int]:
    """The operations, and how many were left out."""
    kept, left_out = _middle_out(operations, OPERATION_LIMIT)
    return [_operation(exchange) for exchange in kept], left_out


def instance_records(operations: Sequence[OperationExchange]) -> list[dict[str, Any]]:
    """Every instance that was sent, in order; none is ever left out, as each may have to be found in the target."""
    return [
        {
            "sop_instance_uid": clean(sent.sop_instance_uid, limit_chars=200),
            "sop_class_uid": clean(sent.sop_class_uid, limit_chars=200),
            "sha256": sent.sha256,
            "transfer_syntax": clean(sent.transfer_syntax_uid, limit_chars=200),
            "bytes": sent.data_set_bytes,
            "patient_id": clean(sent.patient_id, limit_chars=200),
            "study_instance_uid": clean(sent.study_instance_uid, limit_chars=200),
            "series_instance_uid": clean(sent.series_instance_uid, limit_chars=200),
            "status": _status(exchange.status) or clean(describe(exchange.outcome), limit_chars=200),
            "label": clean(sent.label, limit_chars=200),
        }
        for exchange in operations
        if (sent := exchange.sent) is not None
    ]


def _middle_out(items: Sequence[_Item], limit: int) -> tuple[list[_Item], int]:
    if len(items) <= limit:
        return list(items), 0
    half = limit // 2
    return [*items[:half], *items[half - limit :]], len(items) - limit


def _association(exchange: AssociationExchange, room: int) -> dict[str, Any]:
    request = _request(exchange.transcript)
    answer = exchange.outcome.associate if isinstance(exchange.outcome, Accepted) else None
    return {
        "connection": clean(exchange.transcript.label, limit_chars=200),
        "called_ae_title": "" if request is None else clean(ae_title(request.called_ae_title)),
        "calling_ae_title": "" if request is None else clean(ae_title(request.calling_ae_title)),
        "outcome": clean(describe(exchange.outcome)),
        "contexts": _contexts(exchange, max(0, room)),
        "contexts_left_out": max(0, len(exchange.proposed) - max(0, room)),
        "peer_maximum_length": None if answer is None else answer.maximum_length,
        "implementation_class_uid": _optional(answer.implementation_class_uid if answer else None),
        "implementation_version_name": _optional(answer.implementation_version_name if answer else None),
    }


def _optional(text: str | None) -> str | None:
    return None if text is None else clean(text, limit_chars=200)


def _request(transcript: Transcript) -> Associate | None:
    """The A-ASSOCIATE-RQ that the connection began with, where one can be decoded."""
    framer = PduFramer(limit_bytes=_FIRST_PDU_LIMIT_BYTES)
    for event in transcript.events:
        if event.kind is not EventKind.SENT:
            continue
        framer.feed(bytes(event.data[: _FIRST_PDU_LIMIT_BYTES + 6]))
        try:
            framed = framer.next_pdu()
            if framed is None:
                continue
            pdu = decode_pdu(framed.data)
        except WireError:
            return None
        return pdu if isinstance(pdu, Associate) and pdu.pdu_type is PduType.A_ASSOCIATE_RQ else None
    return None


def _named(uid: str) -> dict[str, str]:
    return {"uid": clean(uid, limit_chars=200), "name": uid_name(uid)}


def _contexts(exchange: AssociationExchange, room: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    # The first result for a context id counts; they are decoded once for all of them.
    results = {result.context_id: result for result in reversed(exchange.results)}
    for proposed in exchange.proposed[:room]:
        result = results.get(proposed.context_id)
        accepted = None if result is None or not result.accepted else result.transfer_syntax
        rows.append(
            {
                "id": proposed.context_id,
                "abstract_syntax": _named(proposed.abstract_syntax),
                "proposed": [_named(uid) for uid in proposed.transfer_syntaxes[:_TRANSFER_SYNTAX_LIMIT]],
                "result": None if result is None else result.result,
                "result_name": "not answered" if result is None else result_name(result.result),
                "accepted_transfer_syntax": None if accepted is None else _named(accepted),
            }
        )
    return rows


def result_name(result: int) -> str:
    """The words of PS3.8 Table 9-18 for a context result."""
    return CONTEXT_RESULTS.get(result, f"result {result}, which PS3.8 Table 9-18 does not list")


def _status(status: int | None) -> str:
    return "" if status is None else f"{status:04X}H"


def _status_name(exchange: OperationExchange) -> str:
    if exchange.status is None:
        return ""
    return clean(status_words(exchange.request.command_field or 0, exchange.status))


def _operation(exchange: OperationExchange) -> dict[str, Any]:
    sent = exchange.sent
    response = exchange.outcome if isinstance(exchange.outcome, Response) else None
    return {
        "connection": clean(exchange.transcript.label, limit_chars=200),
        "request": clean(_request_name(exchange.request), limit_chars=200),
        "context_id": exchange.context_id,
        "transfer_syntax": None if sent is None else _named(sent.transfer_syntax_uid),
        "status": _status(exchange.status) or None,
        "status_name": _status_name(exchange),
        "error_comment": _optional(response.command.error_comment if response else None),
        "pending": len(exchange.pending),
        "after_s": None if response is None else round(response.after_s, 6),
        "complete": exchange.complete,
        "outcome": clean(describe(exchange.outcome)),
    }


def _request_name(request: CommandSet) -> str:
    number = request.command_field
    name = "a command without a Command Field" if number is None else command_name(number)
    return name if request.message_id is None else f"{name}, message {request.message_id}"
