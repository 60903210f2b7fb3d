"""What coercion that was announced hides from a read-back (PS3.4 B.4.1.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from conformance.observation.stored import NotReadable, ReadBackOutcome

COERCED: Final = 0xB000
"""The Warning of a C-STORE whose elements were changed (PS3.4 Table B.2-1)."""
_BY_PLACE: Final = frozenset({"dimse"})
"""Channels that find an instance only under the identifiers of its patient, study and series."""
_REASON: Final = "coercion was announced, and the query looks under the patient, study and series as sent"


def as_far_as_seen(stored: ReadBackOutcome, statuses: Iterable[int | None]) -> ReadBackOutcome:
    """What a read-back found; where it found nothing and may have looked in the wrong place, that it could not see.

    Args:
        stored: What was found.
        statuses: How the C-STOREs of the instance were answered.
    """
    if isinstance(stored, NotReadable) or stored.copies or stored.listed or stored.channel not in _BY_PLACE:
        return stored
    return NotReadable(reason=_REASON, channel=stored.channel) if COERCED in statuses else stored
