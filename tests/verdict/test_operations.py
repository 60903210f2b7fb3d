"""Sub-operation counts and failed lists."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomFileLike
from pydicom.filewriter import write_dataset

from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Aborted, NotConnected, Response, Silence
from conformance.verdict import operations
from conformance.verdict.finding import Finding, Verdict
from conformance.wire import messages
from conformance.wire.command import CommandSet, Tag, us
from conformance.wire.items import ProposedContext
from tests.verdict.builders import IMPLICIT, STUDY_ROOT_FIND, STUDY_ROOT_GET, STUDY_ROOT_MOVE, Wire, operation

MOVE = messages.c_move_rq(7, sop_class_uid=STUDY_ROOT_MOVE, move_destination="CONFORMANCE")
GET = messages.c_get_rq(7, sop_class_uid=STUDY_ROOT_GET)
FIND = messages.c_find_rq(7, sop_class_uid=STUDY_ROOT_FIND)
CONTEXTS = (ProposedContext(context_id=1, abstract_syntax=STUDY_ROOT_MOVE, transfer_syntaxes=(IMPLICIT,)),)
DEFLATED = "1.2.840.10008.1.2.1.99"
COUNTERS = (
    Tag.NUMBER_OF_REMAINING_SUBOPERATIONS,
    Tag.NUMBER_OF_COMPLETED_SUBOPERATIONS,
    Tag.NUMBER_OF_FAILED_SUBOPERATIONS,
    Tag.NUMBER_OF_WARNING_SUBOPERATIONS,
)


def counters(*values: int | None) -> dict[int, bytes]:
    """Remaining, completed, failed, warning; None leaves one out."""
    return {tag: us(value) for tag, value in zip(COUNTERS, values, strict=True) if value is not None}


def answer(
    status: int,
    *values: int | None,
    data_set: bytes | None = None,
    t_s: float = 1.0,
    to: CommandSet = MOVE,
) -> Response:
    command = messages.response(
        to, status=status, data_set=data_set is not None, extra=counters(*values) if values else {}
    )
    return Response(context_id=1, command=command, data_set=data_set, t_s=t_s, after_s=0.5)


def failed_uids(*uids: str, character_set: str = "") -> bytes:
    dataset = Dataset()
    if character_set:
        dataset.SpecificCharacterSet = character_set
    dataset.FailedSOPInstanceUIDList = list(uids)
    written = BytesIO()
    buffer = DicomFileLike(written)
    buffer.is_implicit_VR, buffer.is_little_endian = True, True
    write_dataset(buffer, dataset)
    return written.getvalue()


def move(
    final: Response | Silence | NotConnected | Aborted,
    *pending: Response,
    request: CommandSet = MOVE,
    wire: Wire | None = None,
) -> OperationExchange:
    return operation(final, request_command=request, pending=pending, wire=wire or Wire().associated(CONTEXTS))


def verdicts(findings: Sequence[Finding]) -> dict[str, Verdict]:
    return {finding.requirement: finding.verdict for finding in findings}


def test_coherent_counts_pass() -> None:
    exchange = move(
        answer(0xB000, None, 2, 1, 0, data_set=failed_uids("1.2.3")),
        answer(0xFF00, 2, 1, 0, 0),
        answer(0xFF00, 1, 1, 1, 0),
    )
    assert set(verdicts(operations.counts_coherent(exchange)).values()) == {Verdict.PASS}
    assert len(operations.counts_coherent(exchange)) == 4


@pytest.mark.parametrize(
    ("exchange", "requirement", "words"),
    [
        pytest.param(move(answer(0x0000, None, 2, 1, 0)), "QR-25", "0000H", id="success-with-failures"),
        pytest.param(move(answer(0xB000, None, 2, 0, 0)), "QR-25", "B000H", id="warning-without-failures"),
        pytest.param(
            move(answer(0x0000, None, 2, 0, 0), answer(0xFF00, 1, 1, 0, None)),
            "QR-26",
            "Pending response 1 without Number Of Warning",
            id="pending-without-counter",
        ),
        pytest.param(move(answer(0x0000, 0, 2, 0, 0)), "QR-26", "Remaining", id="remaining-in-final"),
        pytest.param(
            move(answer(0x0000, None, 3, 0, 0), answer(0xFF00, 2, 1, 0, 0), answer(0xFF00, 2, 2, 0, 0)),
            "QR-27",
            "(2, 1, 0, 0) then (2, 2, 0, 0)",
            id="total-changes",
        ),
        pytest.param(
            move(answer(0x0000, None, 3, 0, 0), answer(0xFF00, 1, 2, 0, 0), answer(0xFF00, 2, 1, 0, 0)),
            "QR-27",
            "then",
            id="counts-backwards",
        ),
        pytest.param(
            move(answer(0x0000, None, 1, 0, 0), answer(0xFF00, 1, 1, 0, 0)), "QR-27", "2 announced", id="final-short"
        ),
        pytest.param(
            move(answer(0xB000, None, 1, 1, 0)), "QR-28", "1 sub-operations failed, 0 instances", id="no-list"
        ),
        pytest.param(
            move(answer(0xB000, None, 1, 2, 0, data_set=failed_uids("1.2.3", "1.2.3"))),
            "QR-28",
            "2 sub-operations failed, 1 instances",
            id="one-uid-repeated",
        ),
        pytest.param(
            move(answer(0x0000, None, 1, 0, 0, data_set=failed_uids())),
            "QR-28",
            "no sub-operation failed",
            id="empty-list",
        ),
        pytest.param(
            move(answer(0xB000, None, 1, 1, 0, data_set=failed_uids("1.2.3", character_set="ISO_IR 100"))),
            "QR-28",
            "Specific Character Set",
            id="character-set",
        ),
        pytest.param(
            move(answer(0x0000, None, 1, 0, 0), answer(0xFF00, 0, 1, 0, 0, data_set=b"\0\0")),
            "QR-28",
            "a data set in Pending response 1",
            id="list-in-pending",
        ),
    ],
)
def test_incoherent_counts_fail(exchange: OperationExchange, requirement: str, words: str) -> None:
    finding = next(f for f in operations.counts_coherent(exchange) if f.requirement == requirement)
    assert finding.verdict is Verdict.FAIL
    assert words in finding.actual


@pytest.mark.parametrize("status", [0xB000, 0xFE00, 0xA702], ids=hex)
def test_a_list_of_no_instances_with_another_status_than_success_is_a_warning(status: int) -> None:
    exchange = move(answer(status, None, 1, 0, 0, data_set=failed_uids()))
    finding = next(f for f in operations.counts_coherent(exchange) if f.requirement == "QR-28")
    assert finding.verdict is Verdict.WARN


def test_a_list_that_cannot_be_read_is_inconclusive() -> None:
    deflated = ProposedContext(context_id=1, abstract_syntax=STUDY_ROOT_MOVE, transfer_syntaxes=(DEFLATED,))
    unreadable = move(answer(0xB000, None, 1, 1, 0, data_set=b"no deflate"), wire=Wire().associated((deflated,)))
    unknown_syntax = move(answer(0xB000, None, 1, 1, 0, data_set=failed_uids("1.2.3")), wire=Wire())
    for exchange in (unreadable, unknown_syntax):
        assert verdicts(operations.counts_coherent(exchange))["QR-28"] is Verdict.INCONCLUSIVE


def test_counters_may_be_absent_from_the_final_response() -> None:
    exchange = move(answer(0xA801), answer(0xFF00, 1, 0, 0, 0))
    assert set(verdicts(operations.counts_coherent(exchange)).values()) == {Verdict.PASS}


def test_without_a_final_response_counts_are_inconclusive() -> None:
    findings = operations.counts_coherent(move(Silence(waited_s=1.0)))
    assert set(verdicts(findings).values()) == {Verdict.INCONCLUSIVE}
