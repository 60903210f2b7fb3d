"""A second instance under a SOP Instance UID that is stored already.

No clause names the reaction. What can be judged: the status is one of the table, answer and stored content agree with
each other and with the declared policy, and the first copy is not lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from pydicom.dataset import Dataset

from conformance.config.settings import DuplicatePolicy
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import NotConnected, Response, describe
from conformance.observation.stored import NotReadable, ReadBackOutcome, Stored, StoredCopy
from conformance.standard.statuses import C_STORE, StatusClass, status_class, status_row, status_words
from conformance.verdict.compare import Difference, DifferenceKind, compare
from conformance.verdict.fidelity import differences_of, exactly_one
from conformance.verdict.finding import Finding, Verdict, finding, judged

_DUPLICATE_SOP_INSTANCE: Final = 0x0111
_PROCESSING_FAILURE: Final = 0x0110
_PLACE: Final = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPClassUID")
_ANY_STATUS: Final = "a status of PS3.4 Table B.2-1 or PS3.7 9.1.1.1.9"


class Content(StrEnum):
    """Which of the two instances a stored copy is."""

    FIRST = "the first instance"
    SECOND = "the second instance"
    EITHER = "the instance, of which both were equal"
    MIXTURE = "a mixture of both instances"
    NEITHER = "neither of the instances"
    UNKNOWN = "not to be told"


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """Two C-STOREs of one SOP Instance UID, and what is stored after both.

    Args:
        first: The first C-STORE.
        second: The second C-STORE; with `simultaneous`, which is which has no meaning.
        first_sent: What the first one carried.
        second_sent: What the second one carried.
        stored: What the read-back found afterwards, looking under the studies and series of both.
        policy: The declared policy.
        simultaneous: Whether both were under way at once.
    """

    first: OperationExchange
    second: OperationExchange
    first_sent: Instance | Dataset
    second_sent: Instance | Dataset
    stored: ReadBackOutcome
    policy: DuplicatePolicy = DuplicatePolicy.UNSPECIFIED
    simultaneous: bool = False


def judge(duplicate: Duplicate) -> tuple[Finding, ...]:
    """The findings for one duplicate: DUP-01 with ST-23 or DUP-02, DUP-03, DUP-04 and DUP-06."""
    told_apart = _told_apart(duplicate)
    identical = not told_apart
    requirement = "DUP-01" if identical else "DUP-02"
    unusable = _unusable(duplicate, requirement)
    if unusable is not None:
        return (unusable,)
    answers = tuple(_answer(exchange, requirement) for exchange in _judged_exchanges(duplicate))
    if isinstance(duplicate.stored, NotReadable):
        actual = f"{_answers(duplicate)}; {duplicate.stored.channel}: {duplicate.stored.reason}"
        expected = "the content agrees with the answer, and the first copy is not lost"
        unknown = finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=actual, note="no read-back")
        return (*answers, unknown)
    count = _count(duplicate.stored, requirement)
    if not duplicate.stored.copies:
        return (*answers, *_nothing_stored(duplicate, duplicate.stored, requirement))
    contents = tuple(content_of(copy, duplicate, told_apart) for copy in duplicate.stored.copies)
    return (
        *answers,
        count,
        *((exactly_one(duplicate.stored),) if identical else ()),
        *(() if identical else (_agreement(duplicate, contents),)),
        _first_not_lost(duplicate, contents),
        _policy(duplicate, contents, identical=identical),
        *(() if identical else (_not_dropped_in_silence(duplicate, contents),)),
    )


def rest_of_batch(others: Iterable[tuple[OperationExchange, ReadBackOutcome]]) -> Finding:
    """DUP-05: the instances of a batch that are no duplicates were answered and stored.

    Args:
        others: Each of them with what the read-back found.
    """
    expected = "every other instance of the batch answered, and stored where it was acknowledged"
    lost, refused, unread, good = [], [], [], 0
    for exchange, stored in others:
        name = _name(exchange)
        status = exchange.status
        if not isinstance(exchange.outcome, Response) or status is None:
            lost.append(f"{name}: {describe(exchange.outcome)}")
        elif not _acknowledged(exchange):
            refused.append(f"{name}: {status_words(C_STORE, status)}")
        elif isinstance(stored, NotReadable):
            unread.append(f"{name}: {stored.reason}")
        elif not stored.copies:
            lost.append(f"{name}: {status:04X}H and not stored")
        else:
            good += 1
    for verdict, lines in (
        (Verdict.FAIL, lost),
        (Verdict.WARN, refused),
        (Verdict.INCONCLUSIVE, unread),
    ):
        if lines:
            return finding("DUP-05", verdict, expected=expected, actual="; ".join(lines[:6]))
    return judged(
        "DUP-05", ok=good > 0, expected=expected, actual=f"{good} answered and stored", otherwise=Verdict.INCONCLUSIVE
    )


def content_of(copy: StoredCopy, duplicate: Duplicate, told_apart: tuple[Difference, ...]) -> Content:
    """Which of the two instances a copy is, by the elements in which they differ and by nothing else.

    An archive that always drops or coerces some element is judged for that elsewhere: what is not stored, or is found
    coerced by both comparisons, does not tell the two apart.

    Args:
        copy: What is stored.
        duplicate: The case.
        told_apart: How the two instances differ.
    """
    if not told_apart:
        return Content.EITHER
    from_first = _unlike(differences_of(duplicate.first_sent, copy))
    from_second = _unlike(differences_of(duplicate.second_sent, copy))
    seen: set[Content] = set()
    for difference in told_apart:
        one, other = _at(difference.path, from_first), _at(difference.path, from_second)
        seen.add(_content_of_element(one, other))
    seen.discard(Content.UNKNOWN)
    if not seen:
        return Content.UNKNOWN
    if Content.NEITHER in seen:
        return Content.NEITHER
    return Content.MIXTURE if len(seen) > 1 else seen.pop()


def _content_of_element(unlike_first: Difference | None, unlike_second: Difference | None) -> Content:
    """Which of the two instances an element of a copy is from, by how it is unlike each."""
    kinds = {unlike.kind for unlike in (unlike_first, unlike_second) if unlike is not None}
    if kinds <= {DifferenceKind.MISSING}:
        return Content.UNKNOWN  # equal to both, or not stored
    if unlike_first is None:
        return Content.FIRST
    if unlike_second is None:
        return Content.SECOND
    if DifferenceKind.UNDECODABLE in kinds or kinds <= {DifferenceKind.MISSING, DifferenceKind.COERCED}:
        return Content.UNKNOWN
    return Content.NEITHER


def _told_apart(duplicate: Duplicate) -> tuple[Difference, ...]:
    copies = [
        sent.dataset if isinstance(sent, Instance) else sent for sent in (duplicate.first_sent, duplicate.second_sent)
    ]
    syntaxes = [
        sent.transfer_syntax_uid if isinstance(sent, Instance) else "1.2.840.10008.1.2.1"
        for sent in (duplicate.first_sent, duplicate.second_sent)
    ]
    found = compare(copies[0], copies[1], sent_transfer_syntax=syntaxes[0], stored_transfer_syntax=syntaxes[1])
    return _unlike(found)


def _unlike(found: Iterable[Difference]) -> tuple[Difference, ...]:
    return tuple(d for d in found if d.permitted is None and d.kind is not DifferenceKind.VR_CHANGED)


def _at(path: str, found: tuple[Difference, ...]) -> Difference | None:
    """The difference at a path, in a sequence around it, or in an item of it."""
    for difference in found:
        shorter, longer = sorted((path, difference.path), key=len)
        if longer == shorter or longer.startswith(f"{shorter}["):
            return difference
    return None


def _judged_exchanges(duplicate: Duplicate) -> tuple[OperationExchange, ...]:
    return (duplicate.first, duplicate.second) if duplicate.simultaneous else (duplicate.second,)


def _unusable(duplicate: Duplicate, requirement: str) -> Finding | None:
    """Why there is no duplicate to judge."""
    expected = "a first instance that was acknowledged, and a second one that was sent"
    if not duplicate.simultaneous and not _acknowledged(duplicate.first):
        actual = f"first: {describe(duplicate.first.outcome)}"
        return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=actual)
    unsent = [e for e in (duplicate.first, duplicate.second) if isinstance(e.outcome, NotConnected)]
    if unsent:
        return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=describe(unsent[0].outcome))
    return None


def _answer(exchange: OperationExchange, requirement: str) -> Finding:
    """Whether the answer to a duplicate is one that a C-STORE can have."""
    if not isinstance(exchange.outcome, Response) or exchange.status is None:
        return finding(requirement, Verdict.FAIL, expected=_ANY_STATUS, actual=describe(exchange.outcome))
    status = exchange.status
    actual = status_words(C_STORE, status)
    if status_row(C_STORE, status) is not None:
        return judged(requirement, ok=True, expected=_ANY_STATUS, actual=actual)
    if status in (_DUPLICATE_SOP_INSTANCE, _PROCESSING_FAILURE):
        note = "Annex C has it, for other services; a sender may not know it"
        return finding(requirement, Verdict.WARN, expected=_ANY_STATUS, actual=actual, note=note)
    named = status_class(status) in (StatusClass.FAILURE, StatusClass.WARNING)
    verdict = Verdict.WARN if named else Verdict.FAIL
    return finding(requirement, verdict, expected=_ANY_STATUS, actual=actual)


def _count(stored: Stored, requirement: str) -> Finding:
    """One instance under the UID; two under different parents are no loss, and no clause forbids them."""
    one = exactly_one(stored, requirement=requirement)
    places = {_place(copy.dataset) for copy in stored.copies}
    if one.verdict is not Verdict.FAIL or len(places) < 2 or len(places) < max(len(stored.copies), stored.listed):
        return one
    note = (
        "nothing is lost, and no clause says what becomes of a UID that comes again under another patient, study, "
        "series or SOP class; but a query by it now finds two, where PS3.4 C.2.2.1.1 knows one entity for a unique key"
    )
    return replace(one, verdict=Verdict.WARN, note=note)


def _place(dataset: Dataset) -> tuple[str, ...]:
    """The entities that an instance stands under, and its SOP class."""
    return tuple(str(dataset.get(keyword) or "").strip() for keyword in _PLACE)


def _nothing_stored(duplicate: Duplicate, stored: Stored, requirement: str) -> tuple[Finding, ...]:
    actual = f"{_answers(duplicate)}; {stored.listed} listed, none given back"
    acknowledged = [e for e in (duplicate.first, duplicate.second) if _acknowledged(e)]
    if acknowledged:
        expected = ("the first copy stored", "the second one stored, if it was acknowledged")
        return (finding("DUP-03", Verdict.FAIL, expected=expected, actual=actual),)
    expected_one = "one of two instances that come at once stored"
    note = "both were refused, so no sender believes that the instance is stored"
    return (finding(requirement, Verdict.WARN, expected=expected_one, actual=actual, note=note),)


def _agreement(duplicate: Duplicate, contents: tuple[Content, ...]) -> Finding:
    """DUP-02: what is stored is one of the instances, whole, and one that was acknowledged or stored before."""
    expected = (
        "Failure, and the first copy unchanged",
        "Success or Warning, and one of the two instances, whole",
    )
    actual = _actual(duplicate, contents)
    if set(contents) & {Content.MIXTURE, Content.NEITHER}:
        return finding("DUP-02", Verdict.FAIL, expected=expected, actual=actual)
    if Content.UNKNOWN in contents:
        return finding("DUP-02", Verdict.INCONCLUSIVE, expected=expected, actual=actual)
    refused = [content for content in contents if _is_refused(_exchange_of(content, duplicate))]
    return judged("DUP-02", ok=not refused, expected=expected, actual=actual)


def _first_not_lost(duplicate: Duplicate, contents: tuple[Content, ...]) -> Finding:
    """DUP-03: the first instance is there, or a whole and acknowledged replacement."""
    expected = ("the first copy stored", "a whole replacement that was acknowledged")
    actual = _actual(duplicate, contents)
    if set(contents) & {Content.FIRST, Content.EITHER}:
        return judged("DUP-03", ok=True, expected=expected, actual=actual)
    if Content.SECOND not in contents:
        verdict = Verdict.INCONCLUSIVE if Content.UNKNOWN in contents else Verdict.FAIL
        return finding("DUP-03", verdict, expected=expected, actual=actual)
    if _acknowledged(duplicate.second):
        return judged("DUP-03", ok=True, expected=expected, actual=actual)
    if _is_refused(duplicate.second):
        return finding("DUP-03", Verdict.FAIL, expected=expected, actual=actual)
    note = "the replacement is whole, but its sender was never answered"
    return finding("DUP-03", Verdict.WARN, expected=expected, actual=actual, note=note)


def _policy(duplicate: Duplicate, contents: tuple[Content, ...], *, identical: bool) -> Finding:
    """DUP-04: the declared policy."""
    actual = _actual(duplicate, contents)
    expected = {
        DuplicatePolicy.KEEP: "Success or Warning, and the first copy stored",
        DuplicatePolicy.REPLACE: "Success or Warning, and the last copy stored",
        DuplicatePolicy.REFUSE: "a Failure status, and the first copy stored",
    }.get(duplicate.policy, "any policy")
    if duplicate.policy is DuplicatePolicy.UNSPECIFIED:
        hint = "hint: set duplicate_policy in [claims] to keep, replace or refuse"
        return finding("DUP-04", Verdict.NOT_APPLICABLE, expected=expected, actual=actual, note=hint)
    if identical:
        note = "of two equal instances nobody can tell which is stored"
        return finding("DUP-04", Verdict.NOT_APPLICABLE, expected=expected, actual=actual, note=note)
    if Content.UNKNOWN in contents:
        return finding("DUP-04", Verdict.INCONCLUSIVE, expected=expected, actual=actual)
    held = Content.SECOND if duplicate.policy is DuplicatePolicy.REPLACE else Content.FIRST
    right_copy = set(contents) <= ({Content.FIRST, Content.SECOND} if duplicate.simultaneous else {held})
    refused = any(map(_is_refused, _judged_exchanges(duplicate)))
    right_answer = refused is (duplicate.policy is DuplicatePolicy.REFUSE)
    if duplicate.policy is DuplicatePolicy.KEEP and right_copy and not right_answer:
        note = "the first copy is kept, and the sender is told: that is the policy 'refuse'"
        return finding("DUP-04", Verdict.WARN, expected=expected, actual=actual, note=note)
    return judged("DUP-04", ok=right_copy and right_answer, expected=expected, actual=actual)


def _not_dropped_in_silence(duplicate: Duplicate, contents: tuple[Content, ...]) -> Finding:
    """DUP-06: an instance that is gone was not answered with Success, unless the policy says so."""
    expected = ("the new content stored", "a Failure or Warning status", "policy keep declared")
    actual = _actual(duplicate, contents)
    if set(contents) & {Content.MIXTURE, Content.NEITHER, Content.UNKNOWN}:
        return finding("DUP-06", Verdict.INCONCLUSIVE, expected=expected, actual=actual)
    lost = (
        {Content.FIRST, Content.SECOND} - set(contents) if duplicate.simultaneous else {Content.SECOND} - set(contents)
    )
    silent = [c for c in lost if _exchange_of(c, duplicate).status == 0]
    keep, replace = DuplicatePolicy.KEEP, DuplicatePolicy.REPLACE
    declared = (keep, replace) if duplicate.simultaneous else (keep,)
    note, otherwise = "legal, but its sender deletes the only copy", Verdict.WARN
    both_taken = _acknowledged(duplicate.first) and _acknowledged(duplicate.second)
    if duplicate.simultaneous and both_taken and duplicate.policy is DuplicatePolicy.UNSPECIFIED:
        # One after the other, a replacement passes; here nobody can tell it from a copy that was dropped.
        note, otherwise = "of two that came at once nobody can tell whether one was replaced or dropped", Verdict.INFO
    return judged(
        "DUP-06",
        ok=not silent or duplicate.policy in declared,
        expected=expected,
        actual=actual,
        note=note if silent else "",
        otherwise=otherwise,
    )


def _exchange_of(content: Content, duplicate: Duplicate) -> OperationExchange:
    return duplicate.second if content is Content.SECOND else duplicate.first


def _acknowledged(exchange: OperationExchange) -> bool:
    status = exchange.status
    return status is not None and status_class(status) in (StatusClass.SUCCESS, StatusClass.WARNING)


def _is_refused(exchange: OperationExchange) -> bool:
    return exchange.status is not None and status_class(exchange.status) is StatusClass.FAILURE


def _answers(duplicate: Duplicate) -> str:
    texts = []
    for name, exchange in (("first", duplicate.first), ("second", duplicate.second)):
        status = exchange.status
        answer = describe(exchange.outcome) if status is None else f"{status:04X}H"
        texts.append(f"{name} {answer}")
    return ", ".join(texts)


def _actual(duplicate: Duplicate, contents: tuple[Content, ...]) -> str:
    return f"{_answers(duplicate)}; stored: {', '.join(contents)}"


def _name(exchange: OperationExchange) -> str:
    return exchange.sent.label if exchange.sent else f"message {exchange.request.message_id}"
