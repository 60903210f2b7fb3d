"""What became of a data set with something in it that no clause asks anybody to keep: the rest of it is unharmed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from pydicom.dataset import Dataset

from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.stored import NotReadable, ReadBackOutcome
from conformance.verdict.difference import Difference, DifferenceKind
from conformance.verdict.encoding import nothing_kept
from conformance.verdict.few import few
from conformance.verdict.fidelity import differences_of
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.kept import lost_with_their_creator
from conformance.verdict.responses import Reactions, actual, expect
from conformance.verdict.storing import acknowledged

_HARMLESS: Final = frozenset({DifferenceKind.COERCED, DifferenceKind.VR_CHANGED, DifferenceKind.LOSSY})
_UNKEPT: Final = "what the archive keeps of no instance shows nothing here: see FID-01, FID-03"
_EXPECTED: Final = ("a status of class Failure", "Success or a Warning, and the rest of the instance as it was sent")


def rest_unharmed(
    exchange: OperationExchange,
    stored: ReadBackOutcome,
    requirement: str,
    *,
    meant: Instance,
    beside: Collection[str] = (),
    storage_level: int | None = None,
) -> tuple[Finding, ...]:
    """An instance with elements beside it is refused, or all of it is there, with or without those elements.

    Args:
        exchange: The C-STORE.
        stored: What the read-back found.
        requirement: What the finding is about.
        meant: The instance without those elements.
        beside: Where they stand, as `(0009,1001)`.
        storage_level: The claimed level of storage, 0, 1 or 2; None when nothing is claimed.

    Returns:
        PASS for a Failure status, and where nothing of the instance is missing or changed; FAIL where something is,
        WARN after a Warning status; WARN for an A-ABORT or a closed connection, FAIL for silence. What an archive
        keeps of no instance (private blocks, or what a claimed level lets it drop) is no harm: INFO.
    """
    if not acknowledged(exchange):
        reported = Reactions(abort=True, closed=True)
        answer = expect(exchange, requirement, failure=True, reported=reported)
        return (answer, *nothing_kept(exchange, stored, requirement))
    words = actual(exchange)
    if isinstance(stored, NotReadable):
        words = f"{words}; {stored.channel}: {stored.reason}"
        unread = finding(requirement, Verdict.INCONCLUSIVE, expected=_EXPECTED, actual=words, note="no read-back")
        return (unread,)
    if not stored.copies:
        words = f"{words}; nothing can be read back ({stored.channel})"
        return (finding(requirement, Verdict.FAIL, expected=_EXPECTED, actual=words),)
    found = [d for copy in stored.copies for d in differences_of(meant, copy) if d.path not in beside]
    unkept = _unkept(found, storage_level)
    harm = [d for d in found if d not in unkept and _is_harm(d, meant.dataset)]
    unsure = [difference for difference in harm if difference.kind is DifferenceKind.UNDECODABLE]
    if not harm and unkept:
        words = f"{words}; {few(unkept)}"
        return (finding(requirement, Verdict.INFO, expected=_EXPECTED, actual=words, note=_UNKEPT),)
    if not harm:
        return (finding(requirement, Verdict.PASS, expected=_EXPECTED, actual=f"{words}; the rest as it was sent"),)
    if len(unsure) == len(harm):
        doubt = f"{words}; {few(unsure)}"
        return (finding(requirement, Verdict.INCONCLUSIVE, expected=_EXPECTED, actual=doubt),)
    verdict = Verdict.FAIL if exchange.status == 0 else Verdict.WARN
    return (finding(requirement, verdict, expected=_EXPECTED, actual=f"{words}; {few(harm)}"),)


def _unkept(found: Sequence[Difference], storage_level: int | None) -> list[Difference]:
    """What an archive does not keep of any instance: whole private blocks, or what its claimed level lets it drop."""
    if storage_level in (0, 1):  # PS3.4 B.4.1.1
        return [d for d in found if d.kind in (DifferenceKind.MISSING, DifferenceKind.ITEMS)]
    return lost_with_their_creator(found)


def answered(exchange: OperationExchange, requirement: str, *, silence: bool = False) -> Finding:
    """A data set that nobody need store is stored or refused; where the association ends instead it is a WARN.

    Args:
        exchange: The C-STORE.
        requirement: What the finding is about.
        silence: Whether it may take longer than we wait: silence is then a WARN too, else a FAIL (PS3.7 9.1.1).
    """
    return expect(
        exchange,
        requirement,
        success=True,
        warning=True,
        failure=True,
        reported=Reactions(abort=True, closed=True, silence=silence),
    )


def unused_bits(
    exchange: OperationExchange, stored: ReadBackOutcome, *, sent: Instance, requirement: str = "PIX-14"
) -> Finding:
    """The bits of a pixel cell that no sample uses are there as they were sent; else it is a WARN.

    PS3.5 8.1.1: nobody is to assume anything about them, so that no reader is harmed by others.
    """
    expected = "pixel data bit for bit as it was sent"
    if isinstance(stored, NotReadable):
        why = f"{stored.channel}: {stored.reason}"
        return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=why, note="no read-back")
    if not acknowledged(exchange) or not stored.copies:
        return finding(requirement, Verdict.NOT_APPLICABLE, expected=expected, actual=actual(exchange))
    found = [d for copy in stored.copies for d in differences_of(sent, copy) if d.is_pixel_data]
    other = [d for d in found if d.kind is not DifferenceKind.VR_CHANGED]
    if not other:
        return finding(requirement, Verdict.PASS, expected=expected, actual="as it was sent")
    harmless = all(d.permitted is not None for d in other)
    verdict = Verdict.WARN if harmless else Verdict.FAIL
    if all(d.kind is DifferenceKind.UNDECODABLE for d in other):
        verdict = Verdict.INCONCLUSIVE
    return finding(requirement, verdict, expected=expected, actual=few(other))


def _is_harm(difference: Difference, meant: Dataset) -> bool:
    if difference.permitted is not None or difference.kind in _HARMLESS:
        return False
    if difference.kind is not DifferenceKind.ADDED:
        return True
    # An archive may add elements of its own, but none to a block that somebody else has reserved (PS3.5 7.8.1).
    return difference.is_private and any(
        difference.keyword.startswith(f"[{creator}]") for creator in _creators(meant) if creator
    )


def _creators(dataset: Dataset) -> set[str]:
    return {str(element.value) for element in dataset if element.tag.is_private_creator}
