"""The code tables of association control."""

from __future__ import annotations

import pytest

from conformance.standard.association import (
    ABORT_REASONS,
    ABORT_SOURCES,
    CONTEXT_RESULTS,
    REJECTION_REASONS,
    REJECTION_RESULTS,
    REJECTION_SOURCES,
    describe_abort,
    describe_context_result,
    describe_rejection,
)


def test_reject_table_has_the_legal_triples_only() -> None:
    assert set(REJECTION_RESULTS) == {1, 2}
    assert set(REJECTION_SOURCES) == {1, 2, 3}
    assert set(REJECTION_REASONS) == {(1, 1), (1, 2), (1, 3), (1, 7), (2, 1), (2, 2), (3, 1), (3, 2)}


def test_abort_table_has_the_legal_values_only() -> None:
    assert set(ABORT_SOURCES) == {0, 2}
    assert set(ABORT_REASONS) == {0, 1, 2, 4, 5, 6}


def test_context_results_are_zero_to_four() -> None:
    assert set(CONTEXT_RESULTS) == set(range(5))


@pytest.mark.parametrize(
    ("triple", "expected"),
    [
        ((1, 1, 7), "1/1/7 rejected-permanent, service-user, called-AE-title-not-recognized"),
        ((2, 3, 2), "2/3/2 rejected-transient, service-provider (presentation), local-limit-exceeded"),
        ((1, 2, 7), "1/2/7 rejected-permanent, service-provider (ACSE), reserved reason"),
        ((0, 0, 0), "0/0/0 reserved result, reserved source, reserved reason"),
    ],
    ids=["called", "limit", "reserved reason", "all zero"],
)
def test_reject_is_described(triple: tuple[int, int, int], expected: str) -> None:
    assert describe_rejection(*triple) == expected


@pytest.mark.parametrize(
    ("source", "reason", "expected"),
    [
        (0, 0, "source 0 service-user, reason 0 not significant"),
        (0, 5, "source 0 service-user, reason 5 not significant"),
        (1, 0, "source 1 reserved, reason 0 not significant"),
        (2, 2, "source 2 service-provider, reason 2 unexpected-PDU"),
        (2, 3, "source 2 service-provider, reason 3 reserved"),
    ],
)
def test_abort_is_described(source: int, reason: int, expected: str) -> None:
    assert describe_abort(source, reason) == expected


def test_context_result_is_described() -> None:
    assert describe_context_result(0) == "0 acceptance"
    assert describe_context_result(9) == "9 reserved result"
