"""Encodings: is a data set that nobody can read refused, is what was acknowledged readable, which syntaxes go together.

PS3.4 B.2.2: with a Success the SCP says that the SOP Instance has been stored. Bytes that are no data set in the agreed
transfer syntax are no SOP Instance, so that a Success for them is false whatever is kept of them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from pydicom.tag import BaseTag

from conformance.instances.instance import Instance
from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.outcomes import Accepted, Response, Silence
from conformance.observation.stored import NotReadable, ReadBackOutcome, Stored, StoredCopy
from conformance.standard.statuses import StatusClass, status_class
from conformance.standard.transfer_syntaxes import transfer_syntax, transfer_syntax_name
from conformance.verdict import fidelity, negotiation
from conformance.verdict.compare import Difference, DifferenceKind
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.few import few
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.pixel_data import is_native
from conformance.verdict.responses import Reactions, actual, expect
from conformance.verdict.values import value_of

_PIXEL_DATA: Final = BaseTag(0x7FE00010)
_FIRST_DATA_GROUP: Final = 0x0008
_HARMLESS: Final = frozenset({DifferenceKind.COERCED, DifferenceKind.VR_CHANGED})
_CONFIRMED: Final = (
    "C-STORE is confirmed (PS3.7 9.1.1): a response or the end of the association is owed\n"
    "hint: where the target gives up later than this, give a longer --timeout"
)
_FALSE: Final = "PS3.4 B.2.2: Success says that the SOP Instance is stored; these bytes are none, however they are kept"
_UNSEEN: Final = (
    "all but the pixel data can be read in the agreed transfer syntax (PS3.5 A.1 to A.5); no clause says that they are "
    "looked at when they are stored"
)
_REFUSED: Final = ("a status of class Failure, such as C000H", "A-ABORT")
_TRUE: Final = "Success where the instance can be read back as it was meant"


def refused_or_readable(
    exchange: OperationExchange, stored: ReadBackOutcome, requirement: str, *, meant: Instance | None
) -> tuple[Finding, ...]:
    """A data set that breaks its encoding is refused, or understood: never acknowledged and unreadable.

    Args:
        exchange: The C-STORE; its message was whole, whatever its data set is.
        stored: What the read-back found under its SOP Instance UID.
        requirement: What the finding is about.
        meant: The instance that a receiver could have made out in the bytes; None where there is none in them.

    Returns:
        PASS for a Failure status and for A-ABORT, and for Success where what is stored is `meant`; FAIL for a Success
        that is false and for silence; WARN for a Warning status in its place, for a bare close, and where only the
        pixel data are in another form than the transfer syntax has. After a Failure also whether nothing is stored.
    """
    if not _acknowledged(exchange):
        note = _CONFIRMED if isinstance(exchange.outcome, Silence) else ""
        answer = expect(exchange, requirement, failure=True, abort=True, reported=Reactions(closed=True), note=note)
        return (answer, *nothing_kept(exchange, stored, requirement))
    expected = _REFUSED if meant is None else (*_REFUSED, _TRUE)
    verdict, what, note = _of_acknowledged(exchange, stored, meant)
    evidence = () if verdict is Verdict.PASS else last_received(exchange.transcript, exchange.outcome)
    words = f"{actual(exchange)}; {what}"
    return (finding(requirement, verdict, expected=expected, actual=words, note=note, evidence=evidence),)


def acknowledged_all_the_same(exchange: OperationExchange, requirement: str) -> Finding:
    """INFO: what was to be refused was not, so that nothing can be said of what a refusal leaves."""
    return finding(requirement, Verdict.INFO, expected=_REFUSED, actual=actual(exchange), note="see ST-37")


def nothing_kept(exchange: OperationExchange, stored: ReadBackOutcome, requirement: str) -> tuple[Finding, ...]:
    """After a refusal nothing is stored: STA-19 after a Failure status, a WARN where the association ended instead."""
    if isinstance(exchange.outcome, Response):
        status = exchange.status
        refused = status is not None and status_class(status) is StatusClass.FAILURE
        return (fidelity.not_stored(stored),) if refused else ()
    if isinstance(stored, NotReadable) or not stored.copies:
        return ()
    kept = finding(
        requirement,
        Verdict.WARN,
        expected="nothing stored under the SOP Instance UID",
        actual=f"{actual(exchange)}; {_where(stored)}",
        note="the sender was not told that anything is stored, and will send again",
    )
    return (kept,)


def kept_in_order(
    exchange: OperationExchange, stored: ReadBackOutcome, requirement: str, *, meant: Instance, twice: str = ""
) -> tuple[Finding, ...]:
    """A data set whose elements are out of order or there twice is refused, or nothing of it is lost.

    Args:
        exchange: The C-STORE.
        stored: What the read-back found.
        requirement: What the finding is about.
        meant: The instance with its elements in order, each once.
        twice: Path of an element that was sent with two values, as `(0008,1030)`; either may be kept.
    """
    if not _acknowledged(exchange):
        answer = expect(
            exchange, requirement, failure=True, reported=Reactions(abort=True, closed=True), well_formed=False
        )
        return (answer, *nothing_kept(exchange, stored, requirement))
    expected = ("a status of class Failure", "Success or a Warning, and the instance stored in a legal form")
    verdict, what, note = _of_acknowledged(exchange, stored, meant, passed_over=(twice,))
    if verdict is Verdict.PASS and isinstance(stored, Stored):
        descending = [copy.where for copy in stored.copies if not _ascending(copy)]
        if descending:
            verdict, what = Verdict.WARN, f"stored as sent, elements not in ascending order ({', '.join(descending)})"
            note = "PS3.5 7.1: what the target sends on has to ascend"
    return (finding(requirement, verdict, expected=expected, actual=f"{actual(exchange)}; {what}", note=note),)


def no_lossy_recompression(
    sent: Instance, stored: ReadBackOutcome, exchange: OperationExchange, requirement: str = "PIX-13"
) -> Finding:
    """Under the UID that was sent lies every sample that was sent, or the same compressed frames."""
    expected = "every sample, or the same compressed frames, under the SOP Instance UID that was sent"
    if isinstance(stored, NotReadable):
        why = f"{stored.channel}: {stored.reason}"
        return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=why, note="no read-back")
    if not stored.copies or not _acknowledged(exchange):
        return finding(requirement, Verdict.NOT_APPLICABLE, expected=expected, actual=actual(exchange))
    changed = [d for copy in stored.copies for d in _differences(sent, copy) if d.is_pixel_data]
    changed = [d for d in changed if d.kind is not DifferenceKind.VR_CHANGED]
    kept_as = ", ".join(sorted({transfer_syntax_name(copy.transfer_syntax_uid) for copy in stored.copies}))
    lossy = [d for copy in stored.copies for d in fidelity.differences_of(sent, copy) if d.kind is DifferenceKind.LOSSY]
    if lossy and not changed:
        words = f"{few(lossy)}; kept in {kept_as}"
        return finding(requirement, Verdict.WARN, expected=expected, actual=words, note=fidelity.ANNOUNCED_LOSS)
    if not changed:
        return finding(requirement, Verdict.PASS, expected=expected, actual=f"pixel data as sent, in {kept_as}")
    doubtful = all(d.kind is DifferenceKind.UNDECODABLE for d in changed)
    return finding(
        requirement,
        Verdict.INCONCLUSIVE if doubtful else Verdict.FAIL,
        expected=expected,
        actual=f"{few(changed)}; kept in {kept_as}",
        note="" if doubtful else "PS3.3 C.7.6.1.1.5: lossy compression makes another instance, with a UID of its own",
    )


def companion_accepted(
    first: AssociationExchange, second: AssociationExchange, requirement: str, *, first_uid: str, second_uid: str
) -> Finding:
    """Who supports one transfer syntax for a SOP class supports another one for it too.

    Args:
        first: An association in which context 1 has the one transfer syntax alone.
        second: An association in which context 1 has the other one alone.
        requirement: TS-06, TS-08 or TS-10.
        first_uid: The one.
        second_uid: The other.
    """
    one, other = transfer_syntax_name(first_uid), transfer_syntax_name(second_uid)
    expected = f"{other} accepted where {one} is"
    results = (first.result_of(1), second.result_of(1))
    if results[0] is None or not results[0].accepted:
        why = f"{one} is not accepted"
        return finding(requirement, Verdict.NOT_APPLICABLE, expected=expected, actual=why)
    if not isinstance(second.outcome, Accepted) or results[1] is None:
        return negotiation.context_result(second, 1, requirement)
    words = f"{one} accepted; {other}: {negotiation.result_words(results[1])}"
    if results[1].accepted:
        return finding(requirement, Verdict.PASS, expected=expected, actual=words)
    # Results 1 and 2 name no reason: the refusal may have nothing to do with the transfer syntax.
    verdict = Verdict.WARN if results[1].result in (1, 2) else Verdict.FAIL
    evidence = last_received(second.transcript, second.outcome)
    return finding(requirement, verdict, expected=expected, actual=words, evidence=evidence)


def not_chosen(exchange: AssociationExchange, context_id: int, unwanted: Collection[str], requirement: str) -> Finding:
    """Of the transfer syntaxes offered in a context, one that nobody can support is not the one that is accepted."""
    expected = f"none of {', '.join(transfer_syntax_name(uid) for uid in unwanted)} accepted"
    result = exchange.result_of(context_id)
    if result is None:
        return negotiation.context_result(exchange, context_id, requirement)
    bad = result.accepted and result.transfer_syntax in unwanted
    verdict = Verdict.FAIL if bad else Verdict.PASS
    evidence = last_received(exchange.transcript, exchange.outcome) if bad else ()
    return finding(requirement, verdict, expected=expected, actual=negotiation.result_words(result), evidence=evidence)


def _acknowledged(exchange: OperationExchange) -> bool:
    status = exchange.status
    return status is not None and status_class(status) in (StatusClass.SUCCESS, StatusClass.WARNING)


def _of_acknowledged(
    exchange: OperationExchange, stored: ReadBackOutcome, meant: Instance | None, *, passed_over: Collection[str] = ()
) -> tuple[Verdict, str, str]:
    """Verdict, what is stored and why, for a C-STORE that was answered with Success or a Warning."""
    warned = exchange.status is not None and status_class(exchange.status) is StatusClass.WARNING
    bad = Verdict.WARN if warned else Verdict.FAIL
    if meant is None:
        return bad, "no instance can be made out in what was sent", _FALSE
    if isinstance(stored, NotReadable):
        return Verdict.INCONCLUSIVE, f"{stored.channel}: {stored.reason}", "no read-back"
    if not stored.copies:
        return Verdict.FAIL, _where(stored), "PS3.4 B.2.2: Success and Warning say that the instance is stored"
    wrong: list[str] = []
    unlike: list[str] = []
    doubtful: list[str] = []
    for copy in stored.copies:
        label = _mislabelled(copy)
        if label:
            unlike.append(label)
            continue
        found = [d for d in _differences(meant, copy) if d.path not in passed_over]
        unsure = [d for d in found if d.kind is DifferenceKind.UNDECODABLE]
        if len(unsure) < len(found):
            wrong.append(few([d for d in found if d.kind is not DifferenceKind.UNDECODABLE]))
        elif unsure:
            doubtful.append(few(unsure))
    if wrong or unlike:
        words = f"{_where(stored)}, and not readable as it was meant: {'; '.join([*wrong, *unlike])}"
        return (bad, words, _FALSE) if wrong else (Verdict.WARN, words, _UNSEEN)
    if doubtful:
        return Verdict.INCONCLUSIVE, "; ".join(doubtful), ""
    return Verdict.PASS, "stored, and readable as it was meant", ""


def _differences(meant: Instance, copy: StoredCopy) -> list[Difference]:
    """What no clause permits; an element more is harmless unless its group does not belong in a data set."""
    return [
        d
        for d in fidelity.differences_of(meant, copy)
        if d.permitted is None and d.kind not in _HARMLESS and not (d.kind is DifferenceKind.ADDED and _belongs(d))
    ]


def _belongs(difference: Difference) -> bool:
    return int(difference.path[1:5], 16) >= _FIRST_DATA_GROUP


def _mislabelled(copy: StoredCopy) -> str:
    """Pixel data in another form than the copy's transfer syntax has (PS3.5 A.1 to A.5)."""
    row = transfer_syntax(copy.transfer_syntax_uid)
    if _PIXEL_DATA not in copy.dataset or row is None:
        return ""
    encapsulated = value_of(copy.dataset, _PIXEL_DATA, ()).encapsulated
    if encapsulated and is_native(row.uid):
        return f"encapsulated pixel data in {row.name}"
    return f"native pixel data in {row.name}" if row.encapsulated and not encapsulated else ""


def _ascending(copy: StoredCopy) -> bool:
    tags = list(copy.dataset.keys())
    return tags == sorted(tags)


def _where(stored: Stored) -> str:
    if not stored.copies:
        return f"nothing can be read back ({stored.channel})"
    return f"stored ({stored.channel}: {', '.join(copy.where for copy in stored.copies)})"
