"""Whether what is stored of an instance is all of it, and whether the answer to its C-STORE says so. Pure judges."""

from __future__ import annotations

from typing import Final

from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import describe
from conformance.observation.stored import NotReadable, ReadBackOutcome, Stored, StoredCopy
from conformance.standard.statuses import StatusClass, status_class
from conformance.verdict import fidelity
from conformance.verdict.difference import DifferenceKind
from conformance.verdict.finding import Finding, Verdict, finding, judged

NOTHING_STORED: Final = "nothing stored under the SOP Instance UID"
ACKNOWLEDGED: Final = (StatusClass.SUCCESS, StatusClass.WARNING)


def agrees_with_status(
    exchange: OperationExchange, instance: Instance, stored: ReadBackOutcome, requirement: str
) -> Finding:
    """What is stored is the whole instance or nothing, as the answer to the C-STORE says.

    Args:
        exchange: The C-STORE, all of whose data set was sent.
        instance: What was sent.
        stored: What the read-back found.
        requirement: What the finding is about.
    """
    match class_of(exchange):
        case StatusClass.SUCCESS | StatusClass.WARNING:
            expected: tuple[str, ...] = ("the whole instance stored, as it was acknowledged",)
            may_be_stored, must_be_stored = True, True
        case StatusClass.FAILURE:
            expected = ("nothing stored, as the status is a Failure",)
            may_be_stored, must_be_stored = False, False
        case _:
            expected = (NOTHING_STORED, "the whole instance, as all of it had been sent")
            may_be_stored, must_be_stored = True, False
    if isinstance(stored, NotReadable):
        return unreadable(requirement, stored, *expected)
    actual = f"{describe(exchange.outcome)}; {counted(stored)}"
    if not stored.copies:
        return judged(requirement, ok=not must_be_stored and not stored.listed, expected=expected, actual=actual)
    if not may_be_stored:
        return judged(requirement, ok=False, expected=expected, actual=actual)
    return all_whole(requirement, instance, stored, expected, actual)


def all_whole(requirement: str, instance: Instance, stored: Stored, expected: tuple[str, ...], actual: str) -> Finding:
    """Whether every copy has the pixel data that was sent: they come last, so that what is cut lacks some of them.

    What else an archive drops or changes is judged where fidelity is.
    """
    found = [words for copy in stored.copies if (words := _partial(instance, copy))]
    certain = [words for words, is_certain in found if is_certain]
    if certain:
        return judged(requirement, ok=False, expected=expected, actual=f"{actual}; {certain[0]}")
    if found:
        return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=f"{actual}; {found[0][0]}")
    return judged(requirement, ok=True, expected=expected, actual=f"{actual}, whole")


def _partial(instance: Instance, copy: StoredCopy) -> tuple[str, bool] | None:
    """Why a copy is not whole, and whether that is certain; None when it is whole."""
    lost = [
        d
        for d in fidelity.differences_of(instance, copy)
        if d.is_pixel_data and d.permitted is None and d.kind is not DifferenceKind.VR_CHANGED
    ]
    if not lost:
        return None
    return str(lost[0]), any(d.kind is not DifferenceKind.UNDECODABLE for d in lost)


def class_of(exchange: OperationExchange) -> StatusClass | None:
    """The class of a C-STORE's status; None when there is none."""
    return None if exchange.status is None else status_class(exchange.status)


def is_acknowledged(exchange: OperationExchange) -> bool:
    """Whether a C-STORE was answered with Success or a Warning."""
    return class_of(exchange) in ACKNOWLEDGED


def counted(stored: Stored) -> str:
    """How many instances a read-back found, for people."""
    copies = len(stored.copies)
    where = f": {', '.join(copy.where for copy in stored.copies)}" if copies else ""
    listed = f", {stored.listed} listed" if stored.listed != copies else ""
    return f"{copies or 'no'} instance{'' if copies == 1 else 's'} stored ({stored.channel}{where}{listed})"


def unreadable(requirement: str, stored: NotReadable, *expected: str) -> Finding:
    """INCONCLUSIVE: nobody can see what is stored."""
    actual = f"{stored.channel}: {stored.reason}"
    return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=actual, note="no read-back")
