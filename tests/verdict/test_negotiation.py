"""What the answer to an association request is worth, as a whole and context by context."""

from __future__ import annotations

import pytest

from conformance.observation.outcomes import (
    Aborted,
    AssociationOutcome,
    Closed,
    NotConnected,
    Rejected,
    Reset,
    Silence,
    Unexpected,
)
from conformance.verdict import negotiation
from conformance.verdict.finding import Verdict
from conformance.verdict.negotiation import ANY_REJECTION, Answers
from conformance.wire.items import ContextResult, ProposedContext
from conformance.wire.pdu import ReleaseRQ
from tests.verdict.builders import CT, EXPLICIT, IMPLICIT, JPEG, MR, accepted, association, result

CALLED = Rejected(result=1, source=1, reason=7)
LIMIT = Rejected(result=2, source=3, reason=2)
SILENCE = Silence(waited_s=1.0)


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        pytest.param(accepted().outcome, Verdict.PASS, id="accepted"),
        pytest.param(CALLED, Verdict.FAIL, id="rejected"),
        pytest.param(LIMIT, Verdict.INCONCLUSIVE, id="rejected-transient"),
        pytest.param(Aborted(source=2, reason=0), Verdict.FAIL, id="abort"),
        pytest.param(Closed(), Verdict.FAIL, id="fin"),
        pytest.param(SILENCE, Verdict.FAIL, id="silence"),
        pytest.param(Unexpected(pdu=ReleaseRQ()), Verdict.FAIL, id="unexpected"),
        pytest.param(NotConnected(reason="refused"), Verdict.INCONCLUSIVE, id="not-connected"),
    ],
)
def test_acceptance(outcome: AssociationOutcome, verdict: Verdict) -> None:
    assert negotiation.accepted(association(outcome), "UL-RQ-01").verdict is verdict


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        pytest.param(CALLED, Verdict.PASS, id="1/1/7"),
        pytest.param(Rejected(result=1, source=1, reason=3), Verdict.FAIL, id="1/1/3"),
        pytest.param(accepted().outcome, Verdict.INFO, id="accepted"),
        pytest.param(Closed(), Verdict.FAIL, id="fin"),
    ],
)
def test_rejection_or_promiscuous_acceptance(outcome: AssociationOutcome, verdict: Verdict) -> None:
    finding = negotiation.rejected_or_accepted(
        association(outcome), "UL-RQ-06", rejections=((1, 1, 7),), acceptance_is=Verdict.INFO
    )
    assert finding.verdict is verdict
    assert finding.expected == (
        "A-ASSOCIATE-RJ 1/1/7 rejected-permanent, service-user, called-AE-title-not-recognized",
    )


def test_any_rejection_or_acceptance() -> None:
    assert negotiation.rejected_or_accepted(accepted(), "UL-RQ-07").verdict is Verdict.PASS
    assert negotiation.rejected_or_accepted(association(LIMIT), "UL-RQ-07").verdict is Verdict.PASS
    abort = association(Aborted(source=0, reason=0))
    assert negotiation.rejected_or_accepted(abort, "UL-RQ-15").verdict is Verdict.FAIL
    assert negotiation.rejected_or_accepted(abort, "UL-RQ-15", abort=True).verdict is Verdict.PASS


@pytest.mark.parametrize("outcome", [SILENCE, Closed(), Reset()], ids=["silence", "fin", "rst"])
def test_no_answer_to_a_malformed_request_is_a_warning_unless_it_is_named(outcome: AssociationOutcome) -> None:
    exchange = association(outcome)
    assert negotiation.expect(exchange, "UL-RQ-11", accepted=True, well_formed=False).verdict is Verdict.WARN
    assert negotiation.expect(exchange, "UL-RQ-11", closed=True, silence=True).verdict is Verdict.PASS


BY_USER, BY_PROVIDER = Aborted(source=0, reason=0), Aborted(source=2, reason=0)


@pytest.mark.parametrize(
    ("outcome", "behind", "verdict"),
    [
        pytest.param(accepted().outcome, None, Verdict.PASS, id="accepted"),
        pytest.param(CALLED, None, Verdict.PASS, id="rejected"),
        pytest.param(BY_USER, None, Verdict.WARN, id="aborted by the user"),
        pytest.param(BY_PROVIDER, None, Verdict.FAIL, id="aborted by the provider"),
        pytest.param(Closed(), None, Verdict.FAIL, id="closed"),
        pytest.param(SILENCE, None, Verdict.FAIL, id="silent"),
        pytest.param(NotConnected(reason="refused"), None, Verdict.INCONCLUSIVE, id="not connected"),
        pytest.param(accepted().outcome, BY_USER, Verdict.WARN, id="accepted, then aborted"),
        pytest.param(accepted().outcome, BY_PROVIDER, Verdict.WARN, id="accepted, then aborted by the provider"),
        pytest.param(accepted().outcome, Closed(), Verdict.WARN, id="accepted, then closed"),
    ],
)
def test_nothing_acceptable(
    outcome: AssociationOutcome, behind: Aborted | Closed | Reset | None, verdict: Verdict
) -> None:
    finding = negotiation.nothing_acceptable(association(outcome), behind)
    assert (finding.requirement, finding.verdict) == ("UL-RQ-26", verdict)
    assert ("then" in finding.actual) is (behind is not None)


def test_an_abort_by_the_user_gives_no_result_that_could_be_judged() -> None:
    alone = negotiation.unknown_abstract_syntax(association(BY_USER), 1, alone=True)
    assert alone.verdict is Verdict.NOT_APPLICABLE
    assert negotiation.unknown_abstract_syntax(association(BY_USER), 1).verdict is Verdict.FAIL
    assert negotiation.unknown_abstract_syntax(association(BY_PROVIDER), 1, alone=True).verdict is Verdict.FAIL


def test_words_of_every_answer() -> None:
    everything = Answers(
        accepted=True, rejections=(ANY_REJECTION, (2, None, None)), abort=True, closed=True, silence=True
    )
    assert everything.words() == (
        "A-ASSOCIATE-AC",
        "A-ASSOCIATE-RJ",
        "A-ASSOCIATE-RJ 2/any/any",
        "A-ABORT",
        "the connection closed",
        "no answer",
    )


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        pytest.param((result(1, IMPLICIT, code=3),), Verdict.PASS, id="allowed"),
        pytest.param((result(1, IMPLICIT, code=1),), Verdict.WARN, id="tolerated"),
        pytest.param((result(1, IMPLICIT),), Verdict.FAIL, id="accepted"),
        pytest.param((result(3, IMPLICIT),), Verdict.FAIL, id="missing"),
    ],
)
def test_result_of_one_context(results: tuple[ContextResult, ...], verdict: Verdict) -> None:
    finding = negotiation.context_result(accepted(*results), 1, "UL-RQ-23", allowed=(3,), tolerated=(1, 2))
    assert finding.verdict is verdict
    assert bool(finding.evidence) == (verdict is not Verdict.PASS)


@pytest.mark.parametrize(
    ("code", "beside_another", "alone"),
    [
        pytest.param(3, Verdict.PASS, Verdict.PASS, id="refused as such"),
        pytest.param(1, Verdict.WARN, Verdict.PASS, id="refused by the user"),
        pytest.param(0, Verdict.WARN, Verdict.WARN, id="accepted, as by an archive of any class"),
        pytest.param(4, Verdict.FAIL, Verdict.FAIL, id="refused for its transfer syntaxes"),
    ],
)
def test_unknown_abstract_syntax(code: int, beside_another: Verdict, alone: Verdict) -> None:
    exchange = accepted(result(1, IMPLICIT, code=code))
    assert negotiation.unknown_abstract_syntax(exchange, 1).verdict is beside_another
    assert negotiation.unknown_abstract_syntax(exchange, 1, alone=True).verdict is alone


@pytest.mark.parametrize(
    ("outcome", "rejection", "verdict"),
    [
        pytest.param(Rejected(result=1, source=1, reason=1), True, Verdict.PASS, id="rejection-as-good"),
        pytest.param(Rejected(result=1, source=1, reason=1), False, Verdict.FAIL, id="rejection-not-as-good"),
        pytest.param(LIMIT, False, Verdict.INCONCLUSIVE, id="transient"),
        pytest.param(SILENCE, True, Verdict.FAIL, id="silence"),
        pytest.param(NotConnected(reason="refused"), True, Verdict.INCONCLUSIVE, id="not-connected"),
    ],
)
def test_result_of_one_context_without_an_accept(
    outcome: AssociationOutcome, rejection: bool, verdict: Verdict
) -> None:
    finding = negotiation.context_result(association(outcome), 1, "UL-RQ-26", allowed=(3, 4), rejection=rejection)
    assert finding.verdict is verdict


@pytest.mark.parametrize(
    ("results", "actual"),
    [
        pytest.param((result(1, IMPLICIT), result(3, IMPLICIT)), "one result for each of 2 contexts", id="each"),
        pytest.param((result(3, IMPLICIT), result(1, code=3)), "one result for each of 2 contexts", id="other-order"),
        pytest.param((result(1, IMPLICIT),), "no result for context 3", id="missing"),
        pytest.param(
            (result(1, IMPLICIT), result(1, IMPLICIT), result(3, IMPLICIT)), "2 results for context 1", id="doubled"
        ),
        pytest.param(
            (result(1, IMPLICIT), result(3, IMPLICIT), result(5, IMPLICIT)),
            "a result for context 5, which was not proposed",
            id="added",
        ),
    ],
)
def test_every_context_is_answered_once(results: tuple[ContextResult, ...], actual: str) -> None:
    finding = negotiation.every_context_answered_once(accepted(*results))
    assert finding.actual == actual
    assert finding.verdict is (Verdict.PASS if actual.startswith("one result") else Verdict.FAIL)


def test_two_contexts_with_one_id_are_our_fault() -> None:
    twice = (
        ProposedContext(context_id=1, abstract_syntax=CT, transfer_syntaxes=(IMPLICIT,)),
        ProposedContext(context_id=1, abstract_syntax=MR, transfer_syntaxes=(IMPLICIT,)),
    )
    finding = negotiation.every_context_answered_once(accepted(result(1, IMPLICIT), proposed=twice))
    assert finding.verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        pytest.param((result(1, IMPLICIT), result(3, IMPLICIT)), Verdict.PASS, id="offered"),
        pytest.param((result(1, IMPLICIT + "\0"), result(3, IMPLICIT)), Verdict.PASS, id="padding-is-judged-elsewhere"),
        pytest.param((result(1, EXPLICIT), result(3, IMPLICIT)), Verdict.FAIL, id="not-offered"),
        pytest.param((result(1), result(3, IMPLICIT)), Verdict.FAIL, id="none"),
        pytest.param((result(1, IMPLICIT, EXPLICIT), result(3, IMPLICIT)), Verdict.FAIL, id="two"),
        pytest.param((result(1, EXPLICIT, code=3), result(3, code=4)), Verdict.NOT_APPLICABLE, id="none-accepted"),
    ],
)
def test_transfer_syntax_is_one_of_those_offered(results: tuple[ContextResult, ...], verdict: Verdict) -> None:
    assert negotiation.transfer_syntax_offered(accepted(*results)).verdict is verdict


CT_TWICE = (
    ProposedContext(context_id=1, abstract_syntax=CT, transfer_syntaxes=(JPEG,)),
    ProposedContext(context_id=3, abstract_syntax=CT, transfer_syntaxes=(IMPLICIT,)),
)


@pytest.mark.parametrize(
    ("codes", "verdict"),
    [
        pytest.param((4, 0), Verdict.PASS, id="one-accepted"),
        pytest.param((4, 4), Verdict.FAIL, id="refused-for-transfer-syntaxes"),
        pytest.param((3, 3), Verdict.NOT_APPLICABLE, id="class-not-supported"),
        pytest.param((4, 1), Verdict.INFO, id="refused-otherwise"),
    ],
)
def test_default_transfer_syntax_is_not_refused(codes: tuple[int, int], verdict: Verdict) -> None:
    exchange = accepted(
        *(result(i, IMPLICIT, code=code) for i, code in zip((1, 3), codes, strict=True)), proposed=CT_TWICE
    )
    assert negotiation.default_transfer_syntax_not_refused(exchange, CT).verdict is verdict


def test_default_transfer_syntax_that_was_not_offered() -> None:
    exchange = accepted(result(1, JPEG, code=4), proposed=CT_TWICE[:1])
    assert negotiation.default_transfer_syntax_not_refused(exchange, CT, "ST-02").verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        pytest.param(CALLED, Verdict.NOT_APPLICABLE, id="rejected"),
        pytest.param(NotConnected(reason="refused"), Verdict.INCONCLUSIVE, id="not-connected"),
        pytest.param(SILENCE, Verdict.INCONCLUSIVE, id="silence"),
    ],
)
def test_without_an_accept_there_is_nothing_to_look_at(outcome: AssociationOutcome, verdict: Verdict) -> None:
    exchange = association(outcome)
    assert negotiation.every_context_answered_once(exchange).verdict is verdict
    assert negotiation.transfer_syntax_offered(exchange).verdict is verdict
    assert negotiation.default_transfer_syntax_not_refused(exchange, CT).verdict is verdict
