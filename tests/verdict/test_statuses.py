"""Statuses against the table of their service."""

from __future__ import annotations

import pytest

from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Aborted, NotConnected, Silence
from conformance.verdict import statuses
from conformance.verdict.finding import Verdict
from conformance.verdict.responses import Reactions
from conformance.wire import messages
from conformance.wire.command import CommandSet, command_set
from tests.verdict.builders import CT, STUDY_ROOT_FIND, STUDY_ROOT_GET, operation, response, store_rq

ECHO = messages.c_echo_rq(1)
FIND = messages.c_find_rq(1, sop_class_uid=STUDY_ROOT_FIND)
GET = messages.c_get_rq(1, sop_class_uid=STUDY_ROOT_GET)


@pytest.mark.parametrize(
    ("request_command", "status", "requirement", "verdict"),
    [
        *((store_rq(), s, "STA-02", Verdict.PASS) for s in (0x0000, 0xB000, 0xB006, 0xB007, 0xA700, 0xA9FF, 0xC123)),
        *((store_rq(), s, "STA-02", Verdict.PASS) for s in (0x0117, 0x0122, 0x0124, 0x0210, 0x0211, 0x0212)),
        *((store_rq(), s, "STA-02", Verdict.FAIL) for s in (0xA801, 0xAA00, 0xB001, 0x0001, 0x0106)),
        *((store_rq(), s, "STA-04", Verdict.WARN) for s in (0x0110, 0x0111)),
        *((store_rq(), s, "STA-05", Verdict.WARN) for s in (0x0112, 0x0214)),
        *((store_rq(), s, "STA-26", Verdict.FAIL) for s in (0xFE00, 0xFF00, 0xFF01)),
        *((store_rq(), s, "STA-01", Verdict.FAIL) for s in (0xD000, 0xFFFF, 0x9000, 0x0002)),
        (store_rq(), None, "CMD-26", Verdict.FAIL),
        (ECHO, 0x0000, "STA-01", Verdict.PASS),
        (ECHO, 0xC000, "STA-01", Verdict.WARN),
        (ECHO, 0xFF00, "STA-01", Verdict.FAIL),
        (FIND, 0xFE00, "STA-01", Verdict.PASS),
        (FIND, 0xA702, "STA-01", Verdict.WARN),
        (GET, 0xB000, "STA-01", Verdict.PASS),
        (GET, 0xFF01, "STA-01", Verdict.FAIL),
    ],
    ids=lambda value: f"{value:04X}" if isinstance(value, int) else None,
)
def test_a_status_is_judged_by_its_service(
    request_command: CommandSet, status: int | None, requirement: str, verdict: Verdict
) -> None:
    exchange = operation(response(status, to=request_command), request_command=request_command)
    finding = statuses.listed_for(exchange)
    assert (finding.requirement, finding.verdict) == (requirement, verdict)
    assert finding.expected
    assert (finding.verdict is Verdict.PASS) == (not finding.note)


@pytest.mark.parametrize(
    ("exchange", "verdict"),
    [
        pytest.param(operation(Aborted(source=2, reason=0)), Verdict.NOT_APPLICABLE, id="abort"),
        pytest.param(operation(Silence(waited_s=1)), Verdict.NOT_APPLICABLE, id="silence"),
        pytest.param(operation(NotConnected(reason="refused")), Verdict.INCONCLUSIVE, id="not-connected"),
    ],
)
def test_without_a_response_there_is_no_status_to_judge(exchange: OperationExchange, verdict: Verdict) -> None:
    assert statuses.listed_for(exchange).verdict is verdict


def test_a_service_without_a_table_is_judged_by_the_classes() -> None:
    action = command_set([(0x0100, b"\x30\x01"), (0x0110, b"\x01\x00")])
    exchange = operation(response(0x0112, to=action), request_command=action)
    assert statuses.listed_for(exchange).verdict is Verdict.PASS
    assert "Annex C" in statuses.listed_for(exchange).expected[0]


def test_success_and_where_a_warning_is_as_good() -> None:
    assert statuses.is_success(operation(response(0x0000)), "ST-01").verdict is Verdict.PASS
    assert statuses.is_success(operation(response(0xB000)), "ST-01").verdict is Verdict.FAIL
    assert statuses.is_success(operation(response(0xB000)), "ST-01", or_warning=True).verdict is Verdict.PASS


def test_failure_and_where_an_abort_is_as_good() -> None:
    abort = operation(Aborted(source=2, reason=0))
    assert statuses.is_failure(operation(response(0xC000)), "CMD-12").verdict is Verdict.PASS
    assert statuses.is_failure(abort, "CMD-12").verdict is Verdict.PASS
    assert statuses.is_failure(abort, "CMD-12", or_abort=False).verdict is Verdict.FAIL
    assert statuses.is_failure(operation(response(0x0000)), "CMD-12").verdict is Verdict.FAIL
    silent = operation(Silence(waited_s=1))
    assert statuses.is_failure(silent, "CMD-12", well_formed=False).verdict is Verdict.WARN


def test_refusal_by_certain_codes() -> None:
    codes = (0x0122, 0x0211)
    assert statuses.refused(operation(response(0x0211)), "CMD-38", codes=codes).verdict is Verdict.PASS
    assert statuses.refused(operation(response(0xC000)), "CMD-38", codes=codes).verdict is Verdict.FAIL
    tolerant = statuses.refused(
        operation(response(0xC000)), "CMD-38", codes=codes, reported=Reactions(failure=True), or_abort=False
    )
    assert tolerant.verdict is Verdict.WARN


@pytest.mark.parametrize("status", [0x0000, 0xB000, 0xA700, 0xFE00], ids=lambda s: f"{s:04X}")
def test_any_final_status_is_an_answer(status: int) -> None:
    assert statuses.answered(operation(response(status)), "CMD-27").verdict is Verdict.PASS


def test_pending_and_silence_are_no_answer() -> None:
    assert statuses.answered(operation(response(0xFF00)), "CMD-27").verdict is Verdict.FAIL
    assert statuses.answered(operation(Silence(waited_s=1)), "CMD-27").verdict is Verdict.FAIL
    assert statuses.answered(operation(Aborted(source=0, reason=0)), "CMD-27", or_abort=True).verdict is Verdict.PASS


def test_sop_class_of_the_request_does_not_matter() -> None:
    assert statuses.listed_words(store_rq(sop_class_uid=CT).command_field or 0)[0].startswith("0000H")
