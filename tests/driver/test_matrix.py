"""The matrix is asked for in few associations, each of them a request that PS3.5 10.1 wants; and it comes to an end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import count

import pytest

from conformance.driver.matrix import CONTEXTS, ask
from conformance.observation.exchanges import AssociationExchange
from conformance.observation.matrix import Company, Matrix, answers_to
from conformance.observation.outcomes import Aborted, AssociationOutcome, Rejected, Silence
from conformance.standard import sop_classes
from conformance.standard.transfer_syntaxes import TRANSFER_SYNTAXES
from conformance.wire.items import ContextResult, ProposedContext
from tests.verdict.builders import CT, EXPLICIT, IMPLICIT, MR, VERIFICATION, accepted, association

CLASSES = [row.uid for row in sop_classes.all_storage()]
SYNTAXES = [row.uid for row in TRANSFER_SYNTAXES]
JPIP = "1.2.840.10008.1.2.4.94"
RLE = "1.2.840.10008.1.2.5"
DEFLATED = "1.2.840.10008.1.2.1.99"


class Scripted:
    """A target that accepts by a rule, and remembers what it was asked."""

    def __init__(self, accepts: Callable[[str, tuple[str, ...]], int]) -> None:
        self.requests: list[tuple[str, tuple[ProposedContext, ...]]] = []
        self._accepts = accepts

    def __call__(self, contexts: Sequence[ProposedContext], label: str) -> AssociationExchange:
        self.requests.append((label, tuple(contexts)))
        results = [
            ContextResult(
                context_id=one.context_id,
                result=self._accepts(one.abstract_syntax, one.transfer_syntaxes),
                transfer_syntaxes=one.transfer_syntaxes[-1:],
            )
            for one in contexts
        ]
        return accepted(*results, proposed=contexts)


class Refusing:
    """A target that answers every request in the same way."""

    def __init__(self, outcome: AssociationOutcome) -> None:
        self.asked = 0
        self._outcome = outcome

    def __call__(self, contexts: Sequence[ProposedContext], label: str) -> AssociationExchange:
        self.asked += 1
        return association(self._outcome, proposed=contexts)


def native(_uid: str, offered: tuple[str, ...]) -> int:
    return 0 if {IMPLICIT, EXPLICIT} & set(offered) else 4


def test_every_pair_of_the_standard_is_asked_in_about_a_hundred_associations() -> None:
    target = Scripted(native)
    matrix = ask(target, sop_classes=CLASSES, transfer_syntaxes=SYNTAXES)
    assert matrix.pairs == 183 * 63
    assert set(matrix.counts()) == {"0", "4"}
    assert matrix.counts()["0"] == 183 * 2
    assert matrix.associations == len(target.requests) <= 110
    assert max(len(contexts) for _, contexts in target.requests) <= CONTEXTS + 1
    assert all(contexts[-1].abstract_syntax == VERIFICATION for _, contexts in target.requests)


def test_the_default_stands_beside_every_pair_and_references_to_pixels_stand_apart() -> None:
    target = Scripted(native)
    ask(target, sop_classes=CLASSES, transfer_syntaxes=SYNTAXES)
    for label, contexts in target.requests:
        if "pairs" not in label:
            continue
        offered: dict[str, set[str]] = defaultdict(set)
        for one in contexts[:-1]:
            assert len(one.transfer_syntaxes) == 1
            offered[one.abstract_syntax] |= set(one.transfer_syntaxes)
        assert all(IMPLICIT in syntaxes for syntaxes in offered.values())
        assert any(JPIP in syntaxes for syntaxes in offered.values()) is label.startswith("referencing")


def test_what_would_be_a_fault_is_asked_for_alone() -> None:
    def without_default(_uid: str, offered: tuple[str, ...]) -> int:
        return 0 if offered[0] in (DEFLATED, RLE) else 4

    matrix = ask(Scripted(without_default), sop_classes=[CT], transfer_syntaxes=[IMPLICIT, EXPLICIT, DEFLATED, RLE])
    alone = {one.offered for one in matrix.again if one.company is Company.ALONE}
    assert alone == {(IMPLICIT,), (EXPLICIT,)}


def test_a_sample_is_asked_again_mixed_and_to_choose_from() -> None:
    matrix = ask(Scripted(native), sop_classes=[CT, MR], transfer_syntaxes=[IMPLICIT, EXPLICIT, RLE])
    mixed = {(one.sop_class_uid, one.offered) for one in matrix.again if one.company is Company.MIXED}
    assert mixed == {(uid, (syntax,)) for uid in (CT, MR) for syntax in (IMPLICIT, EXPLICIT, RLE)}
    several = [one for one in matrix.again if one.company is Company.SEVERAL]
    assert [one.offered for one in several] == [(RLE, EXPLICIT, IMPLICIT)] * 2
    assert [(one.answer, one.chosen) for one in several] == [("0", IMPLICIT)] * 2


@pytest.mark.parametrize(
    ("outcome", "times"),
    [(Silence(waited_s=1.0), 3), (Rejected(result=1, source=1, reason=7), 3), (Aborted(source=2, reason=0), 3)],
)
def test_a_target_that_does_not_accept_is_asked_three_times_and_no_more(
    outcome: AssociationOutcome, times: int
) -> None:
    target = Refusing(outcome)
    matrix = ask(target, sop_classes=CLASSES, transfer_syntaxes=SYNTAXES)
    assert target.asked == times
    assert set(matrix.counts()) == {"-"}
    assert matrix.again == ()
    assert "(3 times)" in matrix.not_asked[0]
    assert matrix.not_asked[1].startswith("given up after 3 associations")


def test_a_target_that_takes_its_time_is_not_asked_for_ever() -> None:
    target = Scripted(native)
    clock = count(step=10)
    matrix = ask(
        target, sop_classes=CLASSES, transfer_syntaxes=SYNTAXES, budget_s=50.0, now_s=lambda: float(next(clock))
    )
    assert len(target.requests) == 4
    assert matrix.counts()["-"] > 0
    assert any("time" in words for words in matrix.not_asked)


def test_a_target_with_a_limit_of_its_own_is_asked_for_fewer_at_once() -> None:
    inner = Scripted(native)

    def limited(contexts: Sequence[ProposedContext], label: str) -> AssociationExchange:
        if len(contexts) > 64:
            return association(Rejected(result=2, source=3, reason=2), proposed=contexts)
        return inner(contexts, label)

    matrix = ask(limited, sop_classes=CLASSES, transfer_syntaxes=SYNTAXES)
    assert set(matrix.counts()) == {"0", "4"}
    assert max(len(contexts) for _, contexts in inner.requests) <= 64
    assert len(matrix.not_asked) == 1


def test_results_that_are_no_answer() -> None:
    contexts = tuple(
        ProposedContext(context_id=i, abstract_syntax=CT, transfer_syntaxes=(EXPLICIT,)) for i in (1, 3, 5, 7, 9)
    )
    exchange = accepted(
        ContextResult(context_id=1, result=0, transfer_syntaxes=(IMPLICIT,)),
        ContextResult(context_id=3, result=9, transfer_syntaxes=(EXPLICIT,)),
        ContextResult(context_id=5, result=0, transfer_syntaxes=(EXPLICIT,)),
        ContextResult(context_id=5, result=4, transfer_syntaxes=(EXPLICIT,)),
        ContextResult(context_id=9, result=0, transfer_syntaxes=(f"{EXPLICIT}\0",)),
        proposed=contexts,
    )
    assert answers_to(exchange, contexts) == [("o", ""), ("x", ""), ("x", ""), ("x", ""), ("0", EXPLICIT)]


def test_a_matrix_goes_into_a_record_and_out_again() -> None:
    matrix = ask(Scripted(native), sop_classes=[CT, MR], transfer_syntaxes=[IMPLICIT, EXPLICIT, RLE], now_s=lambda: 1.0)
    assert Matrix.from_builtins(matrix.as_builtins()) == matrix
