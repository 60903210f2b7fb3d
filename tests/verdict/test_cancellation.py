"""Every verdict about a C-FIND, C-GET or C-MOVE that was cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from conformance.observation.exchanges import OperationExchange
from conformance.observation.interruption import CancelledOperation, SubOperation
from conformance.observation.outcomes import Aborted, Closed, NotConnected, Response, ResponseOutcome, Silence
from conformance.verdict import cancellation
from conformance.verdict.finding import Verdict
from conformance.wire import messages
from conformance.wire.command import CommandSet, Tag, us
from tests.verdict import builders

FIND = messages.c_find_rq(1, sop_class_uid=builders.STUDY_ROOT_FIND)
GET = messages.c_get_rq(1, sop_class_uid=builders.STUDY_ROOT_GET)
MOVE = messages.c_move_rq(1, sop_class_uid=builders.STUDY_ROOT_MOVE, move_destination="US")
ECHO = messages.c_echo_rq(2)
CANCEL_T_S = 1.0
ABORTED = Aborted(source=2, reason=0)
SILENT = Silence(waited_s=3.0)

PASS, WARN, FAIL, INFO, UNKNOWN = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.INFO, Verdict.INCONCLUSIVE


def counted(
    *, completed: int | None = 1, failed: int | None = 0, warning: int | None = 0, remaining: int | None = None
) -> dict[int, bytes]:
    """Counts of sub-operations as command elements."""
    values = {
        Tag.NUMBER_OF_REMAINING_SUBOPERATIONS: remaining,
        Tag.NUMBER_OF_COMPLETED_SUBOPERATIONS: completed,
        Tag.NUMBER_OF_FAILED_SUBOPERATIONS: failed,
        Tag.NUMBER_OF_WARNING_SUBOPERATIONS: warning,
    }
    return {int(tag): us(value) for tag, value in values.items() if value is not None}


def final(
    status: int,
    *,
    to: CommandSet = FIND,
    extra: Mapping[int, bytes] | None = None,
    data_set: bytes | None = None,
    t_s: float = 9.0,
) -> Response:
    command = messages.response(to, status=status, extra=extra, data_set=data_set is not None)
    return Response(context_id=1, command=command, data_set=data_set, t_s=t_s, after_s=0.1)


def pending(*times_s: float, to: CommandSet = FIND) -> tuple[Response, ...]:
    return tuple(final(0xFF00, to=to, data_set=b"", t_s=t_s) for t_s in times_s)


def operation(
    outcome: ResponseOutcome,
    *,
    request: CommandSet = FIND,
    responses: Sequence[Response] = (),
    sub_operations: Sequence[float] = (),
    cancel_t_s: float | None = CANCEL_T_S,
    first: bool = False,
    names: int = 1,
    after_final: Sequence[CommandSet] = (),
    echo: ResponseOutcome | None = None,
) -> CancelledOperation:
    return CancelledOperation(
        exchange=builders.operation(outcome, request_command=request, pending=responses),
        cancelled_message_id=names,
        cancel_t_s=cancel_t_s,
        cancel_came_first=first,
        sub_operations=tuple(SubOperation(sop_instance_uid="1.2.3", t_s=t_s) for t_s in sub_operations),
        after_final=tuple(after_final),
        echo=None if echo is None else _echo(echo),
    )


def _echo(outcome: ResponseOutcome) -> OperationExchange:
    return builders.operation(outcome, request_command=ECHO)


@pytest.mark.parametrize(("total", "verdict"), [(2, INFO), (3, FAIL), (None, INFO)])
def test_a_find_that_was_cut_short_does_not_end_in_success(total: int | None, verdict: Verdict) -> None:
    seen = operation(final(0x0000), responses=pending(0.9, 1.1))
    assert cancellation.judge(seen, total=total)[0].verdict is verdict


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (operation(final(0xFE00)), PASS),
        (operation(final(0x0000), responses=pending(0.9, 1.1, 1.2)), INFO),
        (operation(final(0x0000), responses=pending(0.9, 1.1, 4.0)), FAIL),
        (operation(final(0xC001)), WARN),
        (operation(final(0xFF00)), FAIL),
        (operation(SILENT), FAIL),
        (operation(ABORTED), FAIL),
        (operation(Closed()), FAIL),
        (operation(NotConnected(reason="refused")), UNKNOWN),
        (operation(final(0x0000), cancel_t_s=None), UNKNOWN),
    ],
    ids=[
        "FE00",
        "over at once",
        "matches for seconds",
        "failed",
        "pending is no end",
        "silence",
        "abort",
        "closed",
        "no connection",
        "never cancelled",
    ],
)
def test_end_of_a_cancelled_find(seen: CancelledOperation, verdict: Verdict) -> None:
    judged = cancellation.ending(seen)
    assert (judged.requirement, judged.verdict) == ("CAN-04", verdict)


@pytest.mark.parametrize(
    ("status", "sub_operations", "verdict"),
    [
        (0xFE00, (0.9,), PASS),
        (0xFE00, (0.9, 1.1, 1.2, 1.3), PASS),
        (0x0000, (0.9,), INFO),
        (0x0000, (0.9, 1.1, 1.2), INFO),
        (0x0000, (0.9, 1.1, 1.2, 1.3), FAIL),
        (0xB000, (0.9, 1.1, 1.2, 1.3), FAIL),
        (0xA702, (0.9,), FAIL),
    ],
)
def test_end_of_a_get_that_was_cancelled_before_it_could_go_on(
    status: int, sub_operations: tuple[float, ...], verdict: Verdict
) -> None:
    seen = operation(final(status, to=GET), request=GET, sub_operations=sub_operations, first=True)
    judged = cancellation.ending(seen)
    assert (judged.requirement, judged.verdict) == ("CAN-09", verdict)


@pytest.mark.parametrize(
    ("late", "verdict"),
    [
        ((), PASS),
        ((messages.response(ECHO, status=0),), PASS),
        ((builders.store_rq(7),), FAIL),
        ((messages.response(GET, status=0xFF00),), FAIL),
    ],
    ids=["nothing", "another's", "a sub-operation", "a pending response"],
)
def test_what_follows_the_final_response(late: tuple[CommandSet, ...], verdict: Verdict) -> None:
    seen = operation(final(0xFE00, to=GET), request=GET, after_final=late)
    assert cancellation.nothing_after_the_end(seen).verdict is verdict


def test_nothing_can_follow_where_there_was_no_final_response() -> None:
    assert cancellation.nothing_after_the_end(operation(SILENT)).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(("data_set", "verdict"), [(None, PASS), (b"keys", FAIL)], ids=["none", "an identifier"])
def test_identifier_of_a_cancelled_find(data_set: bytes | None, verdict: Verdict) -> None:
    assert cancellation.no_identifier(operation(final(0xFE00, data_set=data_set))).verdict is verdict


@pytest.mark.parametrize(
    ("counts", "answered", "verdict"),
    [
        (counted(completed=1), 1, PASS),
        (counted(completed=1, remaining=29), 1, PASS),
        (counted(completed=0, remaining=29), 1, PASS),
        (counted(completed=2, failed=1, remaining=27), 2, PASS),
        (counted(completed=1, remaining=0), 1, FAIL),
        (counted(completed=30, remaining=0), 1, FAIL),
        (counted(completed=31), 31, FAIL),
        (counted(completed=0), 2, FAIL),
        (counted(completed=None), 1, FAIL),
        (counted(failed=None), 1, FAIL),
        (counted(warning=None), 1, FAIL),
        (counted(completed=0, remaining=0), 0, WARN),
    ],
)
def test_counts_of_a_cancelled_get(counts: dict[int, bytes], answered: int, verdict: Verdict) -> None:
    seen = operation(final(0xFE00, to=GET, extra=counts), request=GET, sub_operations=(0.5,) * answered)
    assert cancellation.counts(seen, 30).verdict is verdict


def test_counts_of_pending_responses_are_the_total() -> None:
    first = final(0xFF00, to=MOVE, extra=counted(completed=1, remaining=9), t_s=0.5)
    seen = operation(final(0xFE00, to=MOVE, extra=counted(completed=2, remaining=8)), request=MOVE, responses=(first,))
    assert cancellation.counts(seen, 30).verdict is PASS


def test_counts_of_an_unknown_total_are_not_summed() -> None:
    seen = operation(final(0xFE00, to=MOVE, extra=counted(completed=2, remaining=8)), request=MOVE)
    assert cancellation.counts(seen, None).verdict is PASS


@pytest.mark.parametrize(
    ("failed", "data_set", "verdict"),
    [(0, None, PASS), (2, b"list", PASS), (0, b"no UIDs", WARN), (0, b"", FAIL), (2, None, FAIL)],
    ids=["none failed", "failed and listed", "a list of none", "an empty data set", "failed and not listed"],
)
def test_list_of_failed_instances(failed: int, data_set: bytes | None, verdict: Verdict) -> None:
    seen = operation(final(0xFE00, to=MOVE, extra=counted(failed=failed), data_set=data_set), request=MOVE)
    assert cancellation.failed_list(seen).verdict is verdict


@pytest.mark.parametrize(("instances", "verdict"), [(2, PASS), (3, PASS), (1, FAIL), (9, FAIL)])
def test_instances_that_arrived(instances: int, verdict: Verdict) -> None:
    seen = operation(final(0xFE00, to=MOVE, extra=counted(completed=2)), request=MOVE)
    assert cancellation.arrived(seen, instances).verdict is verdict


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (final(0x0000), PASS),
        (final(0xB000), PASS),
        (final(0xFE00), FAIL),
        (final(0xC001), WARN),
        (ABORTED, INFO),
        (SILENT, WARN),
        (Closed(), FAIL),
        (NotConnected(reason="refused"), UNKNOWN),
    ],
    ids=str,
)
def test_cancel_with_an_unknown_message_id(outcome: ResponseOutcome, verdict: Verdict) -> None:
    assert cancellation.not_cancelled_by_another_id(operation(outcome, names=77)).verdict is verdict


def test_cancel_with_an_unknown_message_id_that_was_never_sent() -> None:
    assert cancellation.not_cancelled_by_another_id(operation(final(0), cancel_t_s=None)).verdict is UNKNOWN


@pytest.mark.parametrize(
    ("alone", "beside", "verdict"),
    [
        ((0x0000, 3), (0x0000, 3), PASS),
        ((0x0000, 3), (0x0000, 1), FAIL),
        ((0x0000, 3), (0xFE00, 1), FAIL),
        ((0x0000, 3), (0xC001, 3), WARN),
        ((0x0000, 3), (0x0000, 0), UNKNOWN),
        ((0xC001, 0), (0xC001, 1), UNKNOWN),
        ((0xB000, 3), (0xFE00, 1), UNKNOWN),
    ],
)
def test_cancel_from_another_association(alone: tuple[int, int], beside: tuple[int, int], verdict: Verdict) -> None:
    seen = [
        operation(final(status, to=GET), request=GET, cancel_t_s=None, sub_operations=range(count))
        for status, count in (alone, beside)
    ]
    found = cancellation.not_cancelled_from_elsewhere(seen[1], seen[0])
    assert (found.verdict, found.requirement) == (verdict, "UL-TCP-16")


@pytest.mark.parametrize(
    ("echo", "late", "verdict"),
    [
        (builders.response(0, to=ECHO), (), PASS),
        (None, (), PASS),
        (ABORTED, (), FAIL),
        (SILENT, (), FAIL),
        (builders.response(0, to=ECHO), (messages.response(FIND, status=0xFE00),), FAIL),
    ],
    ids=["ignored", "no Verification", "abort", "silence", "FE00 after the end"],
)
def test_cancel_after_the_end(echo: ResponseOutcome | None, late: tuple[CommandSet, ...], verdict: Verdict) -> None:
    seen = operation(final(0), echo=echo, after_final=late)
    assert cancellation.no_effect_after_the_end(seen).verdict is verdict


def test_cancel_after_an_end_that_never_came() -> None:
    assert cancellation.no_effect_after_the_end(operation(SILENT)).verdict is UNKNOWN


def test_all_findings_of_a_cancelled_find() -> None:
    found = cancellation.judge(operation(final(0xFE00)))
    assert {f.requirement: f.verdict for f in found} == {"CAN-04": PASS, "CAN-05": PASS, "CAN-11": PASS}


def test_all_findings_of_a_cancelled_move() -> None:
    seen = operation(final(0xFE00, to=MOVE, extra=counted(completed=1, remaining=29)), request=MOVE)
    found = cancellation.judge(seen, total=30)
    assert {f.requirement: f.verdict for f in found} == {"CAN-08": PASS, "CAN-10": PASS}


def test_findings_of_an_operation_that_was_over_say_nothing_about_counts() -> None:
    assert {f.requirement for f in cancellation.judge(operation(final(0), request=GET))} == {"CAN-09"}


def test_too_little_to_cancel_is_inconclusive() -> None:
    assert cancellation.too_few("CAN-04", 1, 30, "matches").verdict is UNKNOWN
