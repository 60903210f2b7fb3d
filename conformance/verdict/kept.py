"""Is content of one kind kept, and padded as the standard says? Pure judges over a read-back and an exchange."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.stored import NotReadable, ReadBackOutcome
from conformance.standard.statuses import StatusClass, status_class
from conformance.verdict.difference import Difference, DifferenceKind, tag_text
from conformance.verdict.few import few
from conformance.verdict.fidelity import differences_of
from conformance.verdict.finding import Finding, Verdict, finding, judged
from conformance.verdict.values import TEXT_VRS

_SHOWN: Final = 4
_PRIVATE: Final = "ENC-14"
_SEVERITY: Final = (Verdict.PASS, Verdict.INFO, Verdict.INCONCLUSIVE, Verdict.WARN, Verdict.FAIL)
_EXPECTED: Final = "this content as it was sent, or changed only where a clause permits it"


def content_kept(
    sent: Instance,
    stored: ReadBackOutcome,
    exchange: OperationExchange,
    requirement: str,
    *,
    storage_level: int | None = None,
) -> tuple[Finding, ...]:
    """Judge what became of an instance made for one requirement; what FID-01 says of it is said of the requirement.

    Args:
        sent: The instance.
        stored: What the read-back found under its SOP Instance UID.
        exchange: The C-STORE.
        requirement: What the instance was made for.
        storage_level: The claimed level of storage, 0, 1 or 2; None when nothing is claimed.

    Returns:
        Nothing where nothing is stored: that is judged with the status.
    """
    if isinstance(stored, NotReadable):
        actual = f"{stored.channel}: {stored.reason}"
        return (finding(requirement, Verdict.INCONCLUSIVE, expected=_EXPECTED, actual=actual, note="no read-back"),)
    if not stored.copies or exchange.status is None:
        return ()
    warned = status_class(exchange.status) is StatusClass.WARNING
    sent_in = exchange.sent.transfer_syntax_uid if exchange.sent else None
    found = [
        difference
        for copy in stored.copies
        for difference in differences_of(sent, copy, sent_transfer_syntax=sent_in)
        if difference.permitted is None
    ]
    unseen = [] if requirement == _PRIVATE else lost_with_their_creator(found)
    verdicts = [
        Verdict.INFO if difference in unseen else _verdict_of(difference, warned=warned, level=storage_level)
        for difference in found
    ]
    worst = max(verdicts, key=_SEVERITY.index, default=Verdict.PASS)
    actual = f"status {exchange.status:04X}H; {few(found) or 'stored as sent'}"
    note = "private blocks are not kept, so what they would have shown is not seen: see FID-01, FID-03"
    return (finding(requirement, worst, expected=_EXPECTED, actual=actual, note=note if unseen else ""),)


def padded(stored: ReadBackOutcome, requirement: str = "ENC-04") -> Finding:
    """UIDs are padded with NUL and other text with a space (PS3.5 6.2), in all that is stored."""
    expected = "UI padded with NUL, other text with a space"
    if isinstance(stored, NotReadable):
        actual = f"{stored.channel}: {stored.reason}"
        return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=actual, note="no read-back")
    wrong = [words for copy in stored.copies for words in _wrongly_padded(copy.dataset, "")]
    actual = "; ".join(wrong[:_SHOWN]) or f"{len(stored.copies)} stored, padded so"
    return judged(requirement, ok=not wrong, expected=expected, actual=actual)


def _verdict_of(difference: Difference, *, warned: bool, level: int | None) -> Verdict:
    match difference.kind:
        case DifferenceKind.UNDECODABLE:
            return Verdict.INCONCLUSIVE
        case DifferenceKind.ADDED | DifferenceKind.COERCED:
            # What may be coerced is no hard content; ST-15 says whether it was announced.
            return Verdict.INFO
        case DifferenceKind.VR_CHANGED:
            return Verdict.WARN
        case DifferenceKind.MISSING | DifferenceKind.ITEMS if level in (0, 1):
            # PS3.4 B.4.1.1: these levels may discard elements.
            return Verdict.INFO
        case _:
            return Verdict.WARN if warned else Verdict.FAIL


def lost_with_their_creator(found: Sequence[Difference]) -> list[Difference]:
    """What an archive that keeps no private blocks has lost: creators, and what stood in their blocks."""
    lost = [d for d in found if d.kind is DifferenceKind.MISSING and d.is_private]
    creators = {d.path for d in lost if d.keyword == "PrivateCreator"}
    return [d for d in lost if d.path in creators or _creator_of(d.path) in creators]


def _creator_of(path: str) -> str:
    """Where the creator of a private element stands (PS3.5 7.8.1)."""
    around, _, last = path.rpartition(".")
    return f"{around}{'.' if around else ''}{last[:6]}00{last[6:8]})"


def _wrongly_padded(dataset: Dataset, prefix: str) -> Iterator[str]:
    for tag in sorted(dataset.keys()):
        held = dataset.get_item(tag)
        if isinstance(held, RawDataElement) and held.VR != "SQ":
            yield from _last_byte(held, f"{prefix}{tag_text(BaseTag(tag))}")
        elif held is not None and held.VR == "SQ":
            for number, item in enumerate(dataset[tag].value or ()):
                yield from _wrongly_padded(item, f"{prefix}{tag_text(BaseTag(tag))}[{number}].")


def _last_byte(held: RawDataElement, path: str) -> Iterator[str]:
    value = held.value
    if held.VR not in TEXT_VRS or not isinstance(value, bytes):
        return
    if held.VR == "UI" and value.endswith(b" "):
        yield f"{path} UI ends with a space"
    elif held.VR != "UI" and value.endswith(b"\0"):
        yield f"{path} {held.VR} ends with NUL"
