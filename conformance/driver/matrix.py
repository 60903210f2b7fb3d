"""Asks for every pair of SOP class and transfer syntax in a presentation context of its own. Nothing is stored.

PS3.5 10.1 (a) has a requestor offer the default transfer syntax with each abstract syntax, and waives the obligation
to accept it where a transfer syntax that references the pixel data is offered too. So all contexts of a SOP class
stand in one association, the default among them; the ones that reference are asked for in associations of their own.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from conformance.driver.sending import contexts_of
from conformance.observation.exchanges import AssociationExchange
from conformance.observation.matrix import ACCEPTED, NOT_ASKED, REFUSED, AskedAgain, Company, Matrix, answers_to
from conformance.observation.outcomes import Aborted, Accepted, Rejected, describe
from conformance.standard.transfer_syntaxes import COMPANIONS, IMPLICIT_VR_LITTLE_ENDIAN, Kind, transfer_syntax
from conformance.wire.items import ProposedContext
from conformance.wire.messages import VERIFICATION_SOP_CLASS

CONTEXTS: Final = 126
"""Contexts for storage in one association; with Verification beside them 127 of the 128 that there is room for."""
FEW_CONTEXTS: Final = 60
"""The same, for a target that refuses the first request: it may have a limit below that of the standard."""
BUDGET_S: Final = 180.0
"""What all associations together may take; what is left then is not asked."""
_GIVE_UP_AFTER: Final = 3
"""Associations in a row without an A-ASSOCIATE-AC, after which no more is tried."""
_ECHO: Final = (VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,))

Offer = tuple[str, tuple[str, ...]]
"""An abstract syntax and the transfer syntaxes of one context."""
Associate = Callable[[Sequence[ProposedContext], str], AssociationExchange]
"""Requests an association with these contexts under a label, and releases it where it was accepted."""
Answers = dict[str, dict[str, str]]
Item = TypeVar("Item")


def ask(
    associate: Associate,
    *,
    sop_classes: Sequence[str],
    transfer_syntaxes: Sequence[str],
    budget_s: float = BUDGET_S,
    now_s: Callable[[], float] = time.monotonic,
) -> Matrix:
    """Ask for all pairs, and for some of them again in other company.

    Args:
        associate: How an association is made.
        sop_classes: UIDs of the abstract syntaxes.
        transfer_syntaxes: UIDs of the transfer syntaxes, so many that those of one SOP class fit one association.
        budget_s: What all of it may take, in seconds; a wait that has begun is not cut short.
        now_s: The clock.
    """
    began_s = now_s()
    asking = _Asking(associate=associate, until_s=began_s + budget_s, now_s=now_s)
    answers: Answers = {uid: dict.fromkeys(transfer_syntaxes, NOT_ASKED) for uid in sop_classes}
    contexts = CONTEXTS
    if not _ask_each(asking, answers, contexts, go_on=False):
        contexts = FEW_CONTEXTS
        _ask_each(asking, answers, contexts, go_on=True)
    again = []
    for company, offers in _again(answers):
        for number, batch in enumerate(_batches(offers, contexts), 1):
            given = asking.answers(batch, f"{company} {number}")
            again += [
                AskedAgain(company=company, sop_class_uid=abstract, offered=offered, answer=answer, chosen=chosen)
                for (abstract, offered), (answer, chosen) in zip(batch, given, strict=True)
            ]
    return Matrix(
        sop_classes=tuple(sop_classes),
        transfer_syntaxes=tuple(transfer_syntaxes),
        rows=tuple("".join(row.values()) for row in answers.values()),
        again=tuple(one for one in again if one.answer != NOT_ASKED),
        associations=asking.associations,
        seconds=now_s() - began_s,
        not_asked=tuple(f"{words} ({times} times)" for words, times in asking.failures.items()),
    )


def _ask_each(asking: _Asking, answers: Answers, contexts: int, *, go_on: bool) -> bool:
    """Ask for every pair once; False where the first request is refused and the caller wants to hear of it."""
    for label, offers in _first_time(list(answers), list(next(iter(answers.values()), ())), contexts):
        given = asking.answers(offers, label)
        if not go_on and asking.refuses:
            return False
        for (abstract, offered), (answer, _) in zip(offers, given, strict=True):
            # The default stands in two associations; the answer is that of the first.
            if answers[abstract][offered[0]] == NOT_ASKED:
                answers[abstract][offered[0]] = answer
    return True


@dataclass(slots=True, kw_only=True)
class _Asking:
    """The associations, until they are refused or the time is over."""

    associate: Associate
    until_s: float
    now_s: Callable[[], float]
    associations: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    refuses: bool = False
    """Whether nothing but A-ASSOCIATE-RJ and A-ABORT has come so far."""
    _in_a_row: int = 0

    def answers(self, offers: Sequence[Offer], label: str) -> list[tuple[str, str]]:
        """The answers to contexts that are asked for in one association, Verification beside them."""
        if self._in_a_row >= _GIVE_UP_AFTER:
            self.failures[f"given up after {_GIVE_UP_AFTER} associations in a row without an A-ASSOCIATE-AC"] += 1
            return [(NOT_ASKED, "")] * len(offers)
        if self.now_s() >= self.until_s:
            self.failures["the time for the matrix was over"] += 1
            return [(NOT_ASKED, "")] * len(offers)
        contexts = contexts_of([*offers, _ECHO])
        exchange = self.associate(contexts, label)
        self.refuses = isinstance(exchange.outcome, Rejected | Aborted) and self.associations == 0
        self.associations += 1
        if isinstance(exchange.outcome, Accepted):
            self._in_a_row = 0
        else:
            self._in_a_row += 1
            self.failures[describe(exchange.outcome)] += 1
        return answers_to(exchange, contexts[: len(offers)])


def _first_time(
    sop_classes: Sequence[str], transfer_syntaxes: Sequence[str], contexts: int
) -> Iterator[tuple[str, tuple[Offer, ...]]]:
    """Every pair once, whole SOP classes in each association, and the default with each of them."""
    referencing = [uid for uid in transfer_syntaxes if _references_pixels(uid)]
    others = [uid for uid in transfer_syntaxes if uid not in referencing]
    with_default = [IMPLICIT_VR_LITTLE_ENDIAN, *referencing] if IMPLICIT_VR_LITTLE_ENDIAN in others else referencing
    for name, syntaxes in (("pairs", others), ("referencing pairs", with_default if referencing else [])):
        if not syntaxes:
            continue
        for number, classes in enumerate(_batches(sop_classes, max(1, contexts // len(syntaxes))), 1):
            yield f"{name} {number}", tuple((abstract, (uid,)) for abstract in classes for uid in syntaxes)


def _references_pixels(uid: str) -> bool:
    row = transfer_syntax(uid)
    return row is not None and row.kind is Kind.JPIP


def _again(answers: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[Company, tuple[Offer, ...]]]:
    """What is asked for again: refusals that would be a fault, alone; a sample of all, mixed and to choose from."""
    yield Company.ALONE, tuple(_alone(answers))
    yield Company.MIXED, tuple(_mixed(answers))
    yield Company.SEVERAL, tuple(_several(answers))


def _alone(answers: Mapping[str, Mapping[str, str]]) -> Iterable[Offer]:
    """The default where it was not accepted, and what has to go with what was: one after the other, by syntax."""
    wanted = [
        (abstract, uid)
        for abstract, row in answers.items()
        for uid in (
            IMPLICIT_VR_LITTLE_ENDIAN,
            *(other for one, other in COMPANIONS.items() if row.get(one) == ACCEPTED),
        )
        if row.get(uid) in REFUSED
    ]
    return ((abstract, (uid,)) for abstract, uid in sorted(dict.fromkeys(wanted), key=lambda pair: pair[1]))


def _mixed(answers: Mapping[str, Mapping[str, str]]) -> Iterable[Offer]:
    """For each SOP class the default, one that was accepted and one that was refused, from the last to the first."""
    chosen = []
    for place, (abstract, row) in enumerate(answers.items()):
        picked = (
            {IMPLICIT_VR_LITTLE_ENDIAN, *_pick(row, place)} if IMPLICIT_VR_LITTLE_ENDIAN in row else _pick(row, place)
        )
        chosen += [(uid, abstract) for uid in picked]
    return ((abstract, (uid,)) for uid, abstract in sorted(chosen, reverse=True))


def _several(answers: Mapping[str, Mapping[str, str]]) -> Iterable[Offer]:
    """For each SOP class with more than the default one context: one refused, one accepted, the default."""
    for place, (abstract, row) in enumerate(answers.items()):
        picked = sorted(_pick(row, place + 1), key=lambda uid: row[uid] == ACCEPTED)
        if len(picked) == 2 and row.get(IMPLICIT_VR_LITTLE_ENDIAN) == ACCEPTED:
            yield abstract, (*picked, IMPLICIT_VR_LITTLE_ENDIAN)


def _pick(row: Mapping[str, str], place: int) -> tuple[str, ...]:
    """One accepted and one refused transfer syntax beside the default, others for each SOP class."""
    groups = (
        [uid for uid, answer in row.items() if answer == ACCEPTED and uid != IMPLICIT_VR_LITTLE_ENDIAN],
        [uid for uid, answer in row.items() if answer in REFUSED and not _references_pixels(uid)],
    )
    return tuple(dict.fromkeys(group[place % len(group)] for group in groups if group))


def _batches(items: Sequence[Item], size: int) -> Iterator[tuple[Item, ...]]:
    return (tuple(items[begin : begin + size]) for begin in range(0, len(items), size))
