"""Is what is stored what was sent, and does the status agree with it? Pure judges over a read-back and an exchange."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Response, describe
from conformance.observation.stored import NotReadable, ReadBackOutcome, Stored, StoredCopy
from conformance.standard.statuses import StatusClass, status_class
from conformance.verdict.coercion import COERCED, as_far_as_seen
from conformance.verdict.compare import Difference, DifferenceKind, compare
from conformance.verdict.difference import TYPE_2
from conformance.verdict.few import few
from conformance.verdict.finding import Finding, Verdict, finding, judged

_DISCARDED: Final = 0xB006
_SHOWN_DIFFERENCES: Final = 6
_SOP_UIDS: Final = ("(0008,0016)", "(0008,0018)")
_GROUPING_UIDS: Final = ("(0020,000D)", "(0020,000E)")
_TYPE_2_PATHS: Final = frozenset(f"({tag >> 16:04X},{tag & 0xFFFF:04X})" for tag in TYPE_2)
_LOST_KINDS: Final = (DifferenceKind.MISSING, DifferenceKind.ITEMS)
_LEVEL_HINT: Final = (
    "hint: if the conformance statement claims Storage Level 0 or 1, declare it: [claims] storage_level"
)
_EQUAL: Final = "every element stored as sent, or changed only where a clause permits it"
_SAMPLES: Final = "every sample as sent, in whatever lossless transfer syntax"
ANNOUNCED_LOSS: Final = (
    "PS3.3 C.7.6.1.1.5: the attributes tell of the lossy compression, so that nobody is deceived; but the samples that "
    "were sent are no longer there under the SOP Instance UID that names them"
)
_PIXEL_PATHS: Final = (0x7FE00008, 0x7FE00009, 0x7FE00010)


def stored_equals_sent(
    sent: Instance | Dataset,
    stored: ReadBackOutcome,
    exchange: OperationExchange,
    *,
    storage_level: int | None = None,
    stored_before: bool = False,
) -> tuple[Finding, ...]:
    """Judge what is stored against what was sent and how that was answered.

    Args:
        sent: The instance, or the data set as it was sent.
        stored: What the read-back found under its SOP Instance UID.
        exchange: The C-STORE.
        storage_level: The claimed level of storage, 0, 1 or 2 (PS3.4 B.4.1.1); None when nothing is claimed.
        stored_before: Whether an instance with that UID was stored before this C-STORE.
    """
    status = exchange.status
    stored = as_far_as_seen(stored, [status])
    if isinstance(stored, NotReadable):
        return (_unreadable("FID-01", stored, _EQUAL),)
    if status is None or not isinstance(exchange.outcome, Response):
        return _unanswered(sent, stored, exchange)
    match status_class(status):
        case StatusClass.FAILURE:
            return (_refused(stored, status, stored_before=stored_before),)
        case StatusClass.SUCCESS | StatusClass.WARNING:
            return _acknowledged(sent, stored, exchange, status, storage_level)
        case _:
            actual = f"status {status:04X}H, {_count(stored)}"
            note = "the status says nothing about storing; it is judged where statuses are"
            return (finding("FID-01", Verdict.INFO, expected=_EQUAL, actual=actual, note=note),)


def not_stored(stored: ReadBackOutcome, *, requirement: str = "STA-19") -> Finding:
    """Nothing is stored under the UID."""
    expected = "nothing stored under the SOP Instance UID"
    if isinstance(stored, NotReadable):
        return _unreadable(requirement, stored, expected)
    return judged(requirement, ok=_instances(stored) == 0, expected=expected, actual=_count(stored))


def nothing_partial(
    stored: ReadBackOutcome, *, whole: Instance | Dataset | None = None, requirement: str = "ST-32"
) -> Finding:
    """Nothing is stored under the UID but, where it could be received, the whole instance.

    Args:
        stored: What the read-back found.
        whole: The instance, when all of it had been sent before the transfer ended; None when it was cut.
        requirement: What the finding is about.
    """
    expected = ["nothing stored under the SOP Instance UID"]
    if whole is not None:
        expected.append("the whole instance, as all of it had been sent")
    if isinstance(stored, NotReadable):
        return _unreadable(requirement, stored, *expected)
    if _instances(stored) == 0:
        return judged(requirement, ok=True, expected=expected, actual=_count(stored))
    if whole is None or not stored.copies:
        return judged(requirement, ok=False, expected=expected, actual=f"{_count(stored)} of a transfer that was cut")
    lost = [d for copy in stored.copies for d in differences_of(whole, copy) if d.permitted is None]
    lost = [d for d in lost if d.kind not in (DifferenceKind.ADDED, DifferenceKind.COERCED)]
    if any(d.kind is not DifferenceKind.UNDECODABLE for d in lost):
        return judged(requirement, ok=False, expected=expected, actual=f"{_count(stored)}; {_listed(lost)}")
    verdict = Verdict.INCONCLUSIVE if lost else Verdict.PASS
    actual = _listed(lost) if lost else "the whole instance is stored"
    return finding(requirement, verdict, expected=expected, actual=actual)


def exactly_one(stored: ReadBackOutcome, *, requirement: str = "ST-23") -> Finding:
    """Exactly one instance is stored, and listed, under the UID."""
    expected = "exactly one instance under the SOP Instance UID"
    if isinstance(stored, NotReadable):
        return _unreadable(requirement, stored, expected)
    return judged(
        requirement, ok=_instances(stored) == 1 == len(stored.copies), expected=expected, actual=_count(stored)
    )


def differences_of(
    sent: Instance | Dataset, copy: StoredCopy, *, sent_transfer_syntax: str | None = None
) -> tuple[Difference, ...]:
    """Every difference between what was sent and a stored copy.

    Args:
        sent: The instance, or the data set as it was sent.
        copy: What the target gave back.
        sent_transfer_syntax: The transfer syntax of the presentation context; the instance's own when None.
    """
    if isinstance(sent, Instance):
        # Compressed pixel data stay what they are on whatever context they were sent.
        sent_in = sent.transfer_syntax_uid if sent.is_encapsulated else sent_transfer_syntax
        return compare(
            sent.dataset,
            copy.dataset,
            sent_transfer_syntax=sent_in or sent.transfer_syntax_uid,
            stored_transfer_syntax=copy.transfer_syntax_uid,
        )
    return compare(
        sent,
        copy.dataset,
        sent_transfer_syntax=sent_transfer_syntax or str(ExplicitVRLittleEndian),
        stored_transfer_syntax=copy.transfer_syntax_uid,
    )


def _unreadable(requirement: str, stored: NotReadable, *expected: str) -> Finding:
    actual = f"{stored.channel}: {stored.reason}"
    return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=actual, note="no read-back")


def _instances(stored: Stored) -> int:
    return max(len(stored.copies), stored.listed)


def _count(stored: Stored) -> str:
    copies = len(stored.copies)
    if stored.listed > copies:
        return f"{stored.listed} listed, {copies} given back ({stored.channel})"
    where = f": {', '.join(copy.where for copy in stored.copies)}" if copies else ""
    return f"{copies or 'no'} instance{'' if copies == 1 else 's'} stored ({stored.channel}{where})"


def _listed(differences: Sequence[Difference]) -> str:
    return few(differences, most=_SHOWN_DIFFERENCES)


def _unanswered(sent: Instance | Dataset, stored: Stored, exchange: OperationExchange) -> tuple[Finding, ...]:
    what = describe(exchange.outcome)
    if not stored.copies:
        actual = f"no response to the C-STORE ({what}); {_count(stored)}"
        return (finding("FID-01", Verdict.INCONCLUSIVE, expected=_EQUAL, actual=actual),)
    changes = [d for copy in stored.copies for d in differences_of(sent, copy) if d.permitted is None]
    actual = f"no response to the C-STORE ({what}); {_listed(changes) or 'stored as sent'}"
    note = "without a response the sender knows that it must send again" if changes else ""
    return (judged("FID-01", ok=not changes, expected=_EQUAL, actual=actual, note=note, otherwise=Verdict.WARN),)


def _refused(stored: Stored, status: int, *, stored_before: bool) -> Finding:
    actual = f"status {status:04X}H; {_count(stored)}"
    expected = "a Failure status and nothing stored"
    if stored_before:
        note = "an instance with this UID was stored before"
        return finding("STA-19", Verdict.INFO, expected=expected, actual=actual, note=note)
    return judged("STA-19", ok=_instances(stored) == 0, expected=expected, actual=actual)


def _acknowledged(
    sent: Instance | Dataset, stored: Stored, exchange: OperationExchange, status: int, level: int | None
) -> tuple[Finding, ...]:
    meaning = "STA-17" if status_class(status) is StatusClass.SUCCESS else "STA-18"
    is_stored = judged(
        meaning,
        ok=bool(stored.copies),
        expected="the instance is stored and accessible (PS3.4 B.1.2, ST-03)",
        actual=f"status {status:04X}H; {_count(stored)}",
    )
    if not stored.copies:
        return (is_stored,)
    sent_in = exchange.sent.transfer_syntax_uid if exchange.sent else None
    found = tuple(d for copy in stored.copies for d in differences_of(sent, copy, sent_transfer_syntax=sent_in))
    dataset = sent.dataset if isinstance(sent, Instance) else sent
    has_pixels = any(tag in dataset for tag in _PIXEL_PATHS)
    one = exactly_one(stored)
    count = () if one.verdict is Verdict.PASS else (one,)
    return (is_stored, *count, *_Judge(found=found, status=status, level=level, has_pixels=has_pixels).findings())


@dataclass(frozen=True, kw_only=True)
class _Judge:
    """The differences of an acknowledged instance, sorted by what they mean."""

    found: tuple[Difference, ...]
    status: int
    level: int | None
    has_pixels: bool

    @cached_property
    def unpermitted(self) -> tuple[Difference, ...]:
        return tuple(d for d in self.found if d.permitted is None)

    @cached_property
    def coerced(self) -> tuple[Difference, ...]:
        return tuple(d for d in self.unpermitted if d.kind is DifferenceKind.COERCED)

    @cached_property
    def others(self) -> tuple[Difference, ...]:
        """What is neither coercion nor pixel data nor a SOP UID."""
        return tuple(
            d
            for d in self.unpermitted
            if d.kind is not DifferenceKind.COERCED and not d.is_pixel_data and d.path not in _SOP_UIDS
        )

    @cached_property
    def lost(self) -> tuple[Difference, ...]:
        return tuple(d for d in self.others if d.kind in _LOST_KINDS)

    @property
    def warned(self) -> bool:
        return status_class(self.status) is StatusClass.WARNING

    def findings(self) -> tuple[Finding, ...]:
        optional = (
            self._pixels(),
            self._private(),
            self._coercion(),
            self._coercion_status(),
            self._grouping(),
            self._full_storage(),
            self._discarding(),
            self._empty(),
        )
        return (self._elements(), self._sop_uids(), *(f for f in optional if f is not None))

    def _actual(self, differences: Sequence[Difference]) -> str:
        return f"status {self.status:04X}H; {_listed(differences) or 'stored as sent'}"

    def _elements(self) -> Finding:
        verdict = max(map(self._verdict_of, self.others), key=_SEVERITY.index, default=Verdict.PASS)
        notes = [f"permitted: {_listed(permitted)}"] if (permitted := [d for d in self.found if d.permitted]) else []
        if self.lost and self.level is None and verdict is Verdict.FAIL:
            notes.append(
                "PS3.4 B.4.1.1 lets Storage Levels 0 and 1 discard elements; none is claimed, and data were lost in "
                f"silence\n{_LEVEL_HINT}"
            )
        return finding("FID-01", verdict, expected=_EQUAL, actual=self._actual(self.others), note="; ".join(notes))

    def _verdict_of(self, difference: Difference) -> Verdict:
        """What one difference, neither permitted nor coercion, means."""
        match difference.kind:
            case DifferenceKind.UNDECODABLE:
                return Verdict.INCONCLUSIVE
            case DifferenceKind.ADDED:
                return Verdict.INFO if self.warned else Verdict.WARN
            case DifferenceKind.VR_CHANGED:
                return Verdict.WARN
            case DifferenceKind.MISSING | DifferenceKind.ITEMS:
                return self._verdict_of_loss(difference)
            case _:
                # PS3.3 C.12.1.1.9: a receiver may correct errors, see status Warning.
                return Verdict.WARN if self.warned else Verdict.FAIL

    def _verdict_of_loss(self, difference: Difference) -> Verdict:
        # PS3.4 B.4.1.1: Level 0 keeps a documented subset, Level 1 every Type 1 and 2, Level 2 everything.
        if self.level == 0 or (self.level == 1 and difference.path not in _TYPE_2_PATHS):
            return Verdict.INFO
        if self.level == 2 and self.status == _DISCARDED:
            return Verdict.FAIL
        return Verdict.WARN if self.warned else Verdict.FAIL

    def _sop_uids(self) -> Finding:
        changed = [d for d in self.unpermitted if d.path in _SOP_UIDS]
        expected = "SOP Class UID and SOP Instance UID as sent"
        return judged("ST-19", ok=not changed, expected=expected, actual=self._actual(changed))

    def _pixels(self) -> Finding | None:
        changed = [d for d in self.unpermitted if d.is_pixel_data and d.kind is not DifferenceKind.VR_CHANGED]
        if not self.has_pixels and not changed:
            return None
        lossy = [d for d in self.found if d.kind is DifferenceKind.LOSSY]
        if lossy and not changed:
            return finding("FID-02", Verdict.WARN, expected=_SAMPLES, actual=self._actual(lossy), note=ANNOUNCED_LOSS)
        doubtful = changed and all(d.kind is DifferenceKind.UNDECODABLE for d in changed)
        return judged(
            "FID-02",
            ok=not changed,
            expected=_SAMPLES,
            actual=self._actual(changed),
            otherwise=Verdict.INCONCLUSIVE if doubtful else Verdict.FAIL,
        )

    def _private(self) -> Finding | None:
        changed = [d for d in self.others if d.is_private and d.kind is not DifferenceKind.ADDED]
        verdict = max(map(self._verdict_of, changed), key=_SEVERITY.index, default=Verdict.PASS)
        note = ""
        if verdict is Verdict.FAIL and self.level is None and all(d.kind in _LOST_KINDS for d in changed):
            verdict = Verdict.WARN
            note = f"private elements must be kept at Storage Level 2, which is not claimed; see FID-01\n{_LEVEL_HINT}"
        expected = "private elements kept with their private creator"
        return finding("FID-03", verdict, expected=expected, actual=self._actual(changed), note=note)

    def _coercion(self) -> Finding | None:
        if not self.coerced:
            return None
        expected = "attributes of PS3.4 Table B.4-1 and codes as sent, or changed with a Warning status"
        return judged("ST-15", ok=self.warned, expected=expected, actual=self._actual(self.coerced))

    def _coercion_status(self) -> Finding | None:
        if not self.coerced and self.status != COERCED:
            return None
        expected = "status B000H when, and only when, elements were coerced"
        if not self.coerced:
            changed = [d for d in self.others if d.kind is DifferenceKind.CHANGED]
            return finding("STA-21", Verdict.INFO, expected=expected, actual=self._actual(changed))
        if self.status == COERCED:
            return judged("STA-21", ok=True, expected=expected, actual=self._actual(self.coerced))
        verdict = Verdict.WARN if self.warned else Verdict.FAIL
        return finding("STA-21", verdict, expected=expected, actual=self._actual(self.coerced))

    def _grouping(self) -> Finding | None:
        changed = [d for d in self.coerced if d.path in _GROUPING_UIDS]
        if not changed:
            return None
        note = "PS3.4 B.4.1.3 note 3 strongly discourages it"
        expected = "Study and Series Instance UID as sent"
        return finding("ST-17", Verdict.WARN, expected=expected, actual=self._actual(changed), note=note)

    def _full_storage(self) -> Finding | None:
        if self.level != 2:
            return None
        verdict = max(map(self._verdict_of_loss, self.lost), key=_SEVERITY.index, default=Verdict.PASS)
        expected = "all Type 1, 2 and 3, Standard Extended and private elements, as Storage Level 2 is claimed"
        return finding("ST-09", verdict, expected=expected, actual=self._actual(self.lost))

    def _discarding(self) -> Finding | None:
        if not self.lost:
            return None
        expected = ["status B006H when elements were discarded"]
        if self.level in (0, 1):
            expected.append("0000H, as the claimed Storage Level permits discarding")
        verdict = Verdict.WARN
        if self.status == _DISCARDED:
            verdict = Verdict.PASS
        elif self.level in (0, 1):
            verdict = Verdict.INFO
        elif self.level == 2 and not self.warned:
            verdict = Verdict.FAIL
        return finding("STA-22", verdict, expected=expected, actual=self._actual(self.lost))

    def _empty(self) -> Finding | None:
        dropped = [d for d in self.found if d.kind is DifferenceKind.MISSING and d.sent == "empty"]
        type_2 = [d for d in dropped if d.path in _TYPE_2_PATHS]
        if not dropped:
            return None
        expected = "empty Type 3 elements kept or dropped, empty Type 2 elements kept"
        if not type_2:
            return finding("ST-10", Verdict.INFO, expected=expected, actual=self._actual(dropped))
        verdict = max(map(self._verdict_of_loss, type_2), key=_SEVERITY.index)
        return finding("ST-10", verdict, expected=expected, actual=self._actual(type_2))


_SEVERITY: Final = (Verdict.PASS, Verdict.INFO, Verdict.INCONCLUSIVE, Verdict.WARN, Verdict.FAIL)
