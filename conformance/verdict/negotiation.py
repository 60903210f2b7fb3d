"""Whether an association request was answered as it may be: as a whole, and context by context."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from conformance.observation.exchanges import AssociationExchange
from conformance.observation.outcomes import (
    Aborted,
    Accepted,
    AssociationOutcome,
    Closed,
    NotConnected,
    Rejected,
    Reset,
    Silence,
    describe,
)
from conformance.standard.association import CONTEXT_RESULTS, describe_rejection
from conformance.standard.sop_classes import sop_class_name
from conformance.standard.upper_layer import AbortSource
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.wire.items import ContextResult

IMPLICIT_VR_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2"
TRANSIENT: Final = 2

Rejection = tuple[int | None, int | None, int | None]
"""Result, source and reason of an A-ASSOCIATE-RJ; None is any."""
ANY_REJECTION: Final[Rejection] = (None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Answers to an association request that are treated alike.

    Args:
        accepted: A-ASSOCIATE-AC.
        rejections: A-ASSOCIATE-RJ with any of these values.
        abort: A-ABORT.
        closed: The connection ended without a PDU, by FIN or RST.
        silence: No answer in the time given.
    """

    accepted: bool = False
    rejections: tuple[Rejection, ...] = ()
    abort: bool = False
    closed: bool = False
    silence: bool = False

    def include(self, outcome: AssociationOutcome) -> bool:
        """Whether an outcome is one of them."""
        match outcome:
            case Accepted():
                return self.accepted
            case Rejected(result=result, source=source, reason=reason):
                came = (result, source, reason)
                return any(
                    all(want is None or want == got for want, got in zip(wanted, came, strict=True))
                    for wanted in self.rejections
                )
            case Aborted():
                return self.abort
            case Closed() | Reset():
                return self.closed
            case Silence():
                return self.silence
            case _:
                return False

    def words(self) -> tuple[str, ...]:
        """Each of them in words."""
        ends = ((self.abort, "A-ABORT"), (self.closed, "the connection closed"), (self.silence, "no answer"))
        return (
            *(("A-ASSOCIATE-AC",) if self.accepted else ()),
            *(_rejection_words(rejection) for rejection in self.rejections),
            *(words for on, words in ends if on),
        )


NOTHING: Final = Answers()


def _rejection_words(rejection: Rejection) -> str:
    result, source, reason = rejection
    if result is not None and source is not None and reason is not None:
        return f"A-ASSOCIATE-RJ {describe_rejection(result, source, reason)}"
    if rejection == ANY_REJECTION:
        return "A-ASSOCIATE-RJ"
    return f"A-ASSOCIATE-RJ {'/'.join('any' if value is None else str(value) for value in rejection)}"


def expect(
    exchange: AssociationExchange,
    requirement: str,
    *,
    accepted: bool = False,
    rejections: Collection[Rejection] = (),
    abort: bool = False,
    closed: bool = False,
    silence: bool = False,
    reported: Answers = NOTHING,
    reported_as: Verdict = Verdict.WARN,
    well_formed: bool = True,
    otherwise: Verdict = Verdict.FAIL,
    note: str = "",
) -> Finding:
    """One requirement judged on the answer to an association request.

    Args:
        exchange: The request and what came.
        requirement: The requirement's id.
        accepted: A-ASSOCIATE-AC is acceptable.
        rejections: A-ASSOCIATE-RJ with any of these values is acceptable; `ANY_REJECTION` for all.
        abort: A-ABORT is acceptable.
        closed: An end of the connection without a PDU is acceptable.
        silence: No answer is acceptable.
        reported: Answers that the clause does not want and that are no failure either.
        reported_as: Their verdict.
        well_formed: Whether the standard obliges the target to react to this request; where it does not, silence and
            a bare close are a WARN and no failure.
        otherwise: The verdict for everything else.
        note: Why, for whoever reads the finding.

    Returns:
        PASS for what is acceptable; INCONCLUSIVE where there was no connection, or where a transient rejection, that
        was not asked for, says to try again later; `otherwise` for all that is not named.
    """
    acceptable = Answers(accepted=accepted, rejections=tuple(rejections), abort=abort, closed=closed, silence=silence)
    verdict, reason = _verdict(
        exchange.outcome, acceptable, reported, reported_as, well_formed=well_formed, otherwise=otherwise
    )
    return finding(
        requirement,
        verdict,
        expected=acceptable.words(),
        actual=describe(exchange.outcome),
        note="; ".join(words for words in (reason, note) if words),
        evidence=() if verdict is Verdict.PASS else last_received(exchange.transcript, exchange.outcome),
    )


def _verdict(
    outcome: AssociationOutcome,
    acceptable: Answers,
    reported: Answers,
    reported_as: Verdict,
    *,
    well_formed: bool,
    otherwise: Verdict,
) -> tuple[Verdict, str]:
    if isinstance(outcome, NotConnected):
        return Verdict.INCONCLUSIVE, "there was no connection to send the request on"
    if acceptable.include(outcome):
        return Verdict.PASS, ""
    if reported.include(outcome):
        return reported_as, "tolerated, and reported"
    if isinstance(outcome, Rejected) and outcome.result == TRANSIENT:
        return Verdict.INCONCLUSIVE, "rejected-transient says to try again later (PS3.8 7.1.1.7)"
    if isinstance(outcome, Silence | Closed | Reset) and not well_formed:
        return Verdict.WARN, "no clause says how to answer this request; a peer cannot tell it from a crash"
    return otherwise, ""


def accepted(exchange: AssociationExchange, requirement: str, *, note: str = "") -> Finding:
    """The request was answered with A-ASSOCIATE-AC."""
    return expect(exchange, requirement, accepted=True, note=note)


def rejected_or_accepted(
    exchange: AssociationExchange,
    requirement: str,
    *,
    rejections: Collection[Rejection] = (ANY_REJECTION,),
    acceptance_is: Verdict = Verdict.PASS,
    abort: bool = False,
    note: str = "",
) -> Finding:
    """The request was rejected with one of these values, or accepted where that has a verdict of its own.

    Args:
        exchange: The request and what came.
        requirement: The requirement's id.
        rejections: The values that fit.
        acceptance_is: The verdict of an A-ASSOCIATE-AC.
        abort: A-ABORT is acceptable too.
        note: Why.
    """
    return expect(
        exchange,
        requirement,
        accepted=acceptance_is is Verdict.PASS,
        rejections=rejections,
        abort=abort,
        reported=Answers(accepted=True),
        reported_as=acceptance_is,
        note=note,
    )


def result_words(result: ContextResult) -> str:
    """A context's result in words."""
    words = CONTEXT_RESULTS.get(result.result, "not in PS3.8 Table 9-18")
    syntax = f" with transfer syntax {result.transfer_syntax}" if result.accepted else ""
    return f"context {result.context_id}: result {result.result} {words}{syntax}"


def context_result(
    exchange: AssociationExchange,
    context_id: int,
    requirement: str,
    *,
    allowed: Collection[int] = (0,),
    tolerated: Collection[int] = (),
    rejection: bool = False,
    note: str = "",
) -> Finding:
    """One presentation context got one of the results that fit it.

    Args:
        exchange: The request and what came.
        context_id: The presentation context ID.
        requirement: The requirement's id.
        allowed: Results that PASS.
        tolerated: Results that are a WARN.
        rejection: Whether rejecting the whole association is as good, as where no context can be accepted.
        note: Why.
    """
    wanted = tuple(f"result {r} {CONTEXT_RESULTS.get(r, '')} for context {context_id}" for r in allowed)
    if not isinstance(exchange.outcome, Accepted):
        acceptable = Answers(rejections=(ANY_REJECTION,) if rejection else ())
        verdict, reason = _verdict(
            exchange.outcome, acceptable, NOTHING, Verdict.WARN, well_formed=True, otherwise=Verdict.FAIL
        )
        return finding(
            requirement,
            verdict,
            expected=(*wanted, *acceptable.words()),
            actual=describe(exchange.outcome),
            note="; ".join(words for words in (reason, note) if words),
            evidence=() if verdict is Verdict.PASS else last_received(exchange.transcript, exchange.outcome),
        )
    expected = (*wanted, "A-ASSOCIATE-RJ") if rejection else wanted
    result = exchange.result_of(context_id)
    if result is None:
        verdict, actual = Verdict.FAIL, f"the A-ASSOCIATE-AC has no result for context {context_id}"
    else:
        actual = result_words(result)
        in_tolerated = Verdict.WARN if result.result in tolerated else Verdict.FAIL
        verdict = Verdict.PASS if result.result in allowed else in_tolerated
    evidence = () if verdict is Verdict.PASS else last_received(exchange.transcript, exchange.outcome)
    return finding(requirement, verdict, expected=expected, actual=actual, note=note, evidence=evidence)


def unknown_abstract_syntax(exchange: AssociationExchange, context_id: int, *, alone: bool = False) -> Finding:
    """A context for an abstract syntax that nobody knows is refused as such (UL-RQ-23); acceptance is a WARN.

    Args:
        exchange: The request and what came.
        context_id: The presentation context ID.
        alone: Whether no other context was proposed, so that rejecting the association is as good.
    """
    if alone and _aborted_by_the_user(exchange):
        # PS3.8 7.3: its right, and no result has come that could be judged.
        return _no_accept(exchange, "UL-RQ-23", f"result 3 for context {context_id}")
    result = exchange.result_of(context_id)
    accepts = result is not None and result.accepted
    return context_result(
        exchange,
        context_id,
        "UL-RQ-23",
        allowed=(1, 2, 3) if alone else (3,),
        tolerated=(0,) if alone else (0, 1, 2),
        rejection=alone,
        note="an SCP may store instances of any SOP class; who proposes another service is misled" if accepts else "",
    )


def nothing_acceptable(exchange: AssociationExchange, behind: Aborted | Closed | Reset | None) -> Finding:
    """A request of which no context can be accepted is accepted without one, or rejected (UL-RQ-26).

    An A-ABORT by the service user is its right in Sta3 and Sta6 (PS3.8 7.3, Table 9-10: AA-1), and leaves the requestor
    in the dark: that is a WARN, as is an association that ends by itself behind its A-ASSOCIATE-AC.

    Args:
        exchange: The request and what came.
        behind: How the target ended the association behind its A-ASSOCIATE-AC, with nothing asked; None if it did not.
    """
    requirement = "UL-RQ-26"
    outcome = exchange.outcome
    answer = rejected_or_accepted(exchange, requirement)
    if isinstance(outcome, Accepted) and behind is not None:
        actual = f"A-ASSOCIATE-AC, then {describe(behind)}"
        note = "the association was accepted, and ended before anything was asked"
    elif _aborted_by_the_user(exchange):
        actual, note = describe(outcome), "PS3.8 7.3 allows it; an A-ASSOCIATE-RJ would say why"
    else:
        return answer
    return finding(
        requirement,
        Verdict.WARN,
        expected=answer.expected,
        actual=actual,
        note=note,
        evidence=last_received(exchange.transcript, outcome if behind is None else behind),
    )


def _aborted_by_the_user(exchange: AssociationExchange) -> bool:
    return isinstance(exchange.outcome, Aborted) and exchange.outcome.source == AbortSource.SERVICE_USER


def every_context_answered_once(exchange: AssociationExchange) -> Finding:
    """The A-ASSOCIATE-AC has one result for each proposed context, and no other (UL-AC-06)."""
    requirement = "UL-AC-06"
    proposed = [context.context_id for context in exchange.proposed]
    expected = f"one result for each of {len(proposed)} contexts: {', '.join(map(str, sorted(proposed)))}"
    if not isinstance(exchange.outcome, Accepted):
        return _no_accept(exchange, requirement, expected)
    if len(set(proposed)) != len(proposed):
        return finding(
            requirement,
            Verdict.NOT_APPLICABLE,
            expected=expected,
            actual=f"{len(exchange.results)} results",
            note="two contexts were proposed with the same id",
        )
    answered = Counter(result.context_id for result in exchange.results)
    faults = [
        *(f"no result for context {i}" for i in proposed if i not in answered),
        *(f"{n} results for context {i}" for i, n in answered.items() if i in proposed and n > 1),
        *(f"a result for context {i}, which was not proposed" for i in answered if i not in proposed),
    ]
    return _listed(exchange, requirement, expected, faults, f"one result for each of {len(proposed)} contexts")


def transfer_syntax_offered(exchange: AssociationExchange) -> Finding:
    """Each accepted context names one transfer syntax, out of those offered in it (UL-AC-08)."""
    requirement = "UL-AC-08"
    expected = "one transfer syntax in each accepted context, out of those offered in it"
    if not isinstance(exchange.outcome, Accepted):
        return _no_accept(exchange, requirement, expected)
    offered: dict[int, set[str]] = {}
    for context in exchange.proposed:
        offered.setdefault(context.context_id, set()).update(_bare(uid) for uid in context.transfer_syntaxes)
    accepted_results = [r for r in exchange.results if r.accepted and r.context_id in offered]
    if not accepted_results:
        return finding(requirement, Verdict.NOT_APPLICABLE, expected=expected, actual="no context was accepted")
    faults = [
        f"context {r.context_id} accepted with {', '.join(r.transfer_syntaxes) or 'no transfer syntax'}"
        for r in accepted_results
        if len(r.transfer_syntaxes) != 1 or _bare(r.transfer_syntaxes[0]) not in offered[r.context_id]
    ]
    return _listed(exchange, requirement, expected, faults, f"as expected in {len(accepted_results)} accepted contexts")


def default_transfer_syntax_not_refused(
    exchange: AssociationExchange, abstract_syntax: str, requirement: str = "TS-02"
) -> Finding:
    """With Implicit VR Little Endian on offer, an abstract syntax is not refused for its transfer syntaxes.

    Args:
        exchange: The request and what came.
        abstract_syntax: The abstract syntax to look at.
        requirement: TS-02, or ST-02 or TS-01 where the scenario is about those.
    """
    name = sop_class_name(abstract_syntax)
    expected = f"at least one context of {name} accepted, or all refused for another reason than transfer syntaxes"
    if not isinstance(exchange.outcome, Accepted):
        return _no_accept(exchange, requirement, expected)
    contexts = [c for c in exchange.proposed if c.abstract_syntax == abstract_syntax]
    if not any(IMPLICIT_VR_LITTLE_ENDIAN in c.transfer_syntaxes for c in contexts):
        return finding(
            requirement,
            Verdict.NOT_APPLICABLE,
            expected=expected,
            actual="Implicit VR Little Endian was not offered",
        )
    results = [r for c in contexts if (r := exchange.result_of(c.context_id)) is not None]
    actual = "; ".join(result_words(r) for r in results) or "no result"
    codes = {r.result for r in results}
    if 0 in codes:
        return finding(requirement, Verdict.PASS, expected=expected, actual=actual)
    if 3 in codes:
        return finding(
            requirement,
            Verdict.NOT_APPLICABLE,
            expected=expected,
            actual=actual,
            note="the target says that it does not support the abstract syntax at all",
        )
    if codes == {4}:
        return finding(
            requirement,
            Verdict.FAIL,
            expected=expected,
            actual=actual,
            evidence=last_received(exchange.transcript, exchange.outcome),
        )
    return finding(
        requirement, Verdict.INFO, expected=expected, actual=actual, note="refused without naming transfer syntaxes"
    )


def _bare(uid: str) -> str:
    return uid.rstrip("\0 ")


def _no_accept(exchange: AssociationExchange, requirement: str, expected: str) -> Finding:
    connected = not isinstance(exchange.outcome, NotConnected | Silence)
    return finding(
        requirement,
        Verdict.NOT_APPLICABLE if connected else Verdict.INCONCLUSIVE,
        expected=expected,
        actual=describe(exchange.outcome),
        note="there is no A-ASSOCIATE-AC to look at",
    )


def _listed(exchange: AssociationExchange, requirement: str, expected: str, faults: list[str], fine: str) -> Finding:
    return finding(
        requirement,
        Verdict.FAIL if faults else Verdict.PASS,
        expected=expected,
        actual="; ".join(faults) or fine,
        evidence=last_received(exchange.transcript, exchange.outcome) if faults else (),
    )
