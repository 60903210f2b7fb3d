"""Codes of the association PDUs: presentation context results, A-ASSOCIATE-RJ and A-ABORT (PS3.8 9.3)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

APPLICATION_CONTEXT_NAME: Final = "1.2.840.10008.3.1.1.1"
"""The DICOM application context (PS3.7 A.2.1)."""

CONTEXT_RESULTS: Final[Mapping[int, str]] = MappingProxyType(
    {
        0: "acceptance",
        1: "user-rejection",
        2: "no-reason (provider rejection)",
        3: "abstract-syntax-not-supported (provider rejection)",
        4: "transfer-syntaxes-not-supported (provider rejection)",
    }
)
"""Result/Reason of a presentation context in an A-ASSOCIATE-AC (PS3.8 Table 9-18)."""

REJECTION_RESULTS: Final[Mapping[int, str]] = MappingProxyType({1: "rejected-permanent", 2: "rejected-transient"})
"""Result of an A-ASSOCIATE-RJ (PS3.8 Table 9-21)."""

REJECTION_SOURCES: Final[Mapping[int, str]] = MappingProxyType(
    {1: "service-user", 2: "service-provider (ACSE)", 3: "service-provider (presentation)"}
)
"""Source of an A-ASSOCIATE-RJ (PS3.8 Table 9-21)."""

REJECTION_REASONS: Final[Mapping[tuple[int, int], str]] = MappingProxyType(
    {
        (1, 1): "no-reason-given",
        (1, 2): "application-context-name-not-supported",
        (1, 3): "calling-AE-title-not-recognized",
        (1, 7): "called-AE-title-not-recognized",
        (2, 1): "no-reason-given",
        (2, 2): "protocol-version-not-supported",
        (3, 1): "temporary-congestion",
        (3, 2): "local-limit-exceeded",
    }
)
"""Reason of an A-ASSOCIATE-RJ by (source, reason) (PS3.8 Table 9-21)."""

ABORT_SOURCES: Final[Mapping[int, str]] = MappingProxyType({0: "service-user", 2: "service-provider"})
"""Source of an A-ABORT (PS3.8 Table 9-26)."""

ABORT_REASONS: Final[Mapping[int, str]] = MappingProxyType(
    {
        0: "reason-not-specified",
        1: "unrecognized-PDU",
        2: "unexpected-PDU",
        4: "unrecognized-PDU-parameter",
        5: "unexpected-PDU-parameter",
        6: "invalid-PDU-parameter-value",
    }
)
"""Reason of an A-ABORT whose source is the provider (PS3.8 Table 9-26)."""


def describe_rejection(result: int, source: int, reason: int) -> str:
    """An A-ASSOCIATE-RJ in words, numbers included: `1/1/7 rejected-permanent, service-user, ...`."""
    words = (
        REJECTION_RESULTS.get(result, "reserved result"),
        REJECTION_SOURCES.get(source, "reserved source"),
        REJECTION_REASONS.get((source, reason), "reserved reason"),
    )
    return f"{result}/{source}/{reason} {', '.join(words)}"


def describe_abort(source: int, reason: int) -> str:
    """An A-ABORT in words, numbers included: `source 2 service-provider, reason 2 unexpected-PDU`."""
    source_words = ABORT_SOURCES.get(source, "reserved")
    reason_words = ABORT_REASONS.get(reason, "reserved") if source == 2 else "not significant"
    return f"source {source} {source_words}, reason {reason} {reason_words}"


def describe_context_result(result: int) -> str:
    """A presentation context's result in words, its number first."""
    return f"{result} {CONTEXT_RESULTS.get(result, 'reserved result')}"
