"""What a target did about bytes that are no good PDU, about silence, and about connections that are lost. Pure judges.

Where no clause fixes the reaction, whatever came is recorded, and the target's life is asked for elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.outcomes import (
    Aborted,
    Accepted,
    Closed,
    NotConnected,
    Rejected,
    Reset,
    Silence,
    Undecodable,
    describe,
)
from conformance.observation.reactions import Reaction
from conformance.standard.upper_layer import AbortSource
from conformance.verdict import responses
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.finding import Evidence, Finding, Verdict, finding
from conformance.verdict.negotiation import TRANSIENT, result_words
from conformance.wire.pdu import Associate, AssociateRJ, PduType, ReleaseRP, pdu_name, type_of

LATE_S: Final = 5.0
"""How long the places of lost connections may be taken without a word about it."""


def release_answered(reaction: Reaction, requirement: str) -> Finding:
    """A release request behind an operation that is outstanding, which PS3.7 A.5 does not want of us, is answered."""
    released = any(isinstance(pdu, ReleaseRP) for pdu in reaction.pdus)
    if isinstance(reaction.ending, NotConnected):
        verdict = Verdict.INCONCLUSIVE
    elif released or isinstance(reaction.ending, Aborted):
        verdict = Verdict.PASS
    else:
        verdict = Verdict.WARN if isinstance(reaction.ending, Closed | Reset) else Verdict.FAIL
    return finding(
        requirement,
        verdict,
        expected=("A-RELEASE-RP, with the response before it or without", "A-ABORT"),
        actual=reaction.words(),
        evidence=evidence_of_reaction(reaction, verdict),
    )


def place_is_free(
    association: AssociationExchange, echo: OperationExchange | None, after_s: float, requirement: str
) -> Finding:
    """Connections that are lost take no place from those that come after (PS3.8 9.1.4, Table 9-10: AA-4, AA-5, AR-5).

    Args:
        association: The last association request, after rejections as transient.
        echo: The C-ECHO on it; None when it was not accepted.
        after_s: After how many seconds it was answered.
        requirement: The requirement's id.
    """
    expected = "a new association is accepted at once and its C-ECHO answered with 0000H"
    actual = f"{describe(association.outcome)} after {after_s:.1f} s"
    if echo is not None:
        answered = responses.expect(echo, requirement, success=True)
        late = answered.verdict is Verdict.PASS and after_s > LATE_S
        return finding(
            requirement,
            Verdict.WARN if late else answered.verdict,
            expected=expected,
            actual=f"{actual}; {answered.actual}",
            note="it was rejected as transient until then" if late else "",
            evidence=answered.evidence,
        )
    gone = isinstance(association.outcome, NotConnected)
    return finding(
        requirement,
        Verdict.INCONCLUSIVE if gone else Verdict.FAIL,
        expected=expected,
        actual=actual,
        note="" if gone else "the places of connections that are gone are not given back",
        evidence=last_received(association.transcript, association.outcome),
    )


def closed_behind(reaction: Reaction, requirement: str) -> Finding:
    """Our FIN behind a request ends the association: the target closes, with the response before it or without."""
    verdict = {True: Verdict.WARN, False: Verdict.PASS}[reaction.open_still]
    if isinstance(reaction.ending, NotConnected):
        verdict = Verdict.INCONCLUSIVE
    return finding(
        requirement,
        verdict,
        expected="the connection closed, with the response before it or without",
        actual=reaction.words(),
        note="our side has closed, and the target's stays open" if verdict is Verdict.WARN else "",
        evidence=evidence_of_reaction(reaction, verdict),
    )


def served_beside(association: AssociationExchange, requirement: str) -> Finding:
    """An association is accepted while another peer stalls; a target may also say that it is busy."""
    outcome = association.outcome
    verdict, note = Verdict.INFO, "one peer that says nothing keeps all others waiting"
    if isinstance(outcome, Accepted) or (isinstance(outcome, Rejected) and outcome.result == TRANSIENT):
        verdict, note = Verdict.PASS, ""
    elif isinstance(outcome, NotConnected):
        verdict, note = Verdict.INCONCLUSIVE, ""
    elif not isinstance(outcome, Silence):
        verdict, note = Verdict.WARN, "another peer's trouble is no reason to refuse"
    return finding(
        requirement,
        verdict,
        expected=("A-ASSOCIATE-AC", "A-ASSOCIATE-RJ transient"),
        actual=describe(outcome),
        note=note,
        evidence=last_received(association.transcript, outcome),
    )


def not_brought_about(requirement: str, end: str) -> Finding:
    """The target could not be brought into Sta13 in a way."""
    return finding(
        requirement,
        Verdict.INCONCLUSIVE,
        expected=f"Sta13 after {end}",
        actual=f"{end} did not come",
        note="the state could not be reached in this way",
    )


# ARTIM


@dataclass(frozen=True, slots=True, kw_only=True)
class Artim:
    """How long ARTIM is expected to run.

    Args:
        claimed_s: What the target's claims say, or None.
        waited_s: How long was waited at most.
    """

    claimed_s: float | None
    waited_s: float


def artim(reaction: Reaction, timer: Artim, requirement: str, what: str, *, abort: bool = False) -> Finding:
    """The target closes a connection on which nothing is to be expected any more when ARTIM expires (AA-2).

    Without a claim the value is not known, and an open connection is INCONCLUSIVE.

    Args:
        reaction: What came while we waited.
        timer: What is known of ARTIM.
        requirement: The requirement's id.
        what: What the connection is waiting for, in words.
        abort: Whether an A-ABORT before the close is as good.
    """
    value = "its ARTIM, whose value is not claimed" if timer.claimed_s is None else f"{timer.claimed_s:g} s"
    expected = f"{what}: the connection closed without a PDU after {value}"
    aborted = any(type_of(pdu) == PduType.A_ABORT for pdu in reaction.pdus)
    others = [pdu_name(type_of(pdu)) for pdu in reaction.pdus if type_of(pdu) != PduType.A_ABORT]
    early = timer.claimed_s is not None and reaction.after_s < 0.5 * timer.claimed_s
    note = ""
    match reaction.ending:
        case NotConnected():
            verdict = Verdict.INCONCLUSIVE
        case _ if others or isinstance(reaction.ending, Undecodable):
            verdict, note = Verdict.FAIL, "something came that nothing had asked for"
        case Closed() | Reset() if aborted and not abort:
            verdict, note = Verdict.WARN, "AA-2 closes without an A-ABORT"
        case Closed() | Reset() if early:
            verdict, note = Verdict.PASS, "closed before the time that is claimed, which is tolerated"
        case Closed() | Reset():
            verdict = Verdict.PASS
        case _ if timer.claimed_s is None:
            verdict = Verdict.INCONCLUSIVE
            note = f"open for {timer.waited_s:g} s; how long it may be open is for claims.artim_s to say"
        case _:
            verdict, note = Verdict.FAIL, f"open for {timer.waited_s:g} s"
    actual = f"{what}: {reaction.words()}"
    return finding(
        requirement,
        verdict,
        expected=expected,
        actual=actual,
        note=note,
        evidence=evidence_of_reaction(reaction, verdict),
    )


# Malformed PDUs


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The verdict of each reaction to something malformed.

    Args:
        abort: A-ABORT.
        rejection: A-ASSOCIATE-RJ.
        ended: FIN or RST without a PDU.
        silence: Nothing, for longer than an answer takes.
        answered: A-ASSOCIATE-AC, A-RELEASE-RP or a message: it was taken for something good.
    """

    abort: Verdict = Verdict.PASS
    rejection: Verdict = Verdict.PASS
    ended: Verdict = Verdict.WARN
    silence: Verdict = Verdict.FAIL
    answered: Verdict = Verdict.FAIL

    def words(self) -> tuple[str, ...]:
        """What passes, in words."""
        named = (
            (self.abort, "A-ABORT"),
            (self.rejection, "A-ASSOCIATE-RJ"),
            (self.ended, "the connection closed"),
            (self.silence, "no answer"),
            (self.answered, "processing as if it were good"),
        )
        return tuple(words for verdict, words in named if verdict is Verdict.PASS)


REFUSED: Final = Answers()
"""The clause makes it an invalid PDU: A-ABORT or A-ASSOCIATE-RJ."""
TOLERABLE: Final = Answers(answered=Verdict.INFO)
"""Our side breaks a rule that the target need not enforce."""
ROBUST: Final = Answers(ended=Verdict.PASS, silence=Verdict.INFO, answered=Verdict.PASS)
"""No clause fixes the reaction: only what LIFE-01 asks for can fail."""

_BARE_CLOSE: Final = (
    "the connection ended without a PDU: a peer cannot tell a decision from a crash (PS3.8 9.1.4 note 1)"
)


def malformed(reaction: Reaction, requirement: str, answers: Answers, what: str, *, note: str = "") -> Finding:
    """Something malformed was refused, or did no harm.

    Args:
        reaction: What came.
        requirement: The requirement's id.
        answers: The verdict of each reaction.
        what: What was sent, in words.
        note: Why.
    """
    verdict, reason = _of_answers(reaction, answers)
    return finding(
        requirement,
        verdict,
        expected=answers.words(),
        actual=f"{what}: {reaction.words()}",
        note="; ".join(words for words in (reason, note) if words),
        evidence=evidence_of_reaction(reaction, verdict),
    )


def _of_answers(reaction: Reaction, answers: Answers) -> tuple[Verdict, str]:
    if reaction.pdus:
        if isinstance(reaction.pdus[0], AssociateRJ):
            return answers.rejection, ""
        return answers.answered, "" if answers.answered is Verdict.PASS else "it was taken for a good PDU"
    match reaction.ending:
        case NotConnected():
            return Verdict.INCONCLUSIVE, "there was no connection"
        case Aborted():
            return answers.abort, ""
        case Closed() | Reset():
            return answers.ended, "" if answers.ended is Verdict.PASS else _BARE_CLOSE
        case Undecodable():
            return Verdict.FAIL, "what came is no PDU"
        case _:
            return answers.silence, "" if answers.silence is Verdict.PASS else "the connection stays open, unanswered"


def context_refused(
    reaction: Reaction, requirement: str, context_id: int, what: str, *, accepted_is: Verdict = Verdict.FAIL
) -> Finding:
    """A presentation context that nobody can use is refused, alone or with the association.

    Args:
        reaction: What came for the request.
        requirement: The requirement's id.
        context_id: The context's.
        what: What is wrong with it, in words.
        accepted_is: The verdict of its acceptance.
    """
    expected = (f"result 1 to 4 for context {context_id}", "A-ASSOCIATE-RJ", "A-ABORT")
    accept = next((p for p in reaction.pdus if isinstance(p, Associate)), None)
    if accept is None:
        verdict, note = _of_answers(reaction, REFUSED)
        actual = reaction.words()
    else:
        results = [r for r in accept.context_results if r.context_id == context_id]
        taken = any(r.accepted for r in results)
        verdict, note = (accepted_is, "it was accepted") if taken else (Verdict.PASS, "")
        words = ", ".join(result_words(r) for r in results) or f"no result for context {context_id}"
        actual = f"A-ASSOCIATE-AC: {words}"
    shown = evidence_of_reaction(reaction, verdict)
    return finding(requirement, verdict, expected=expected, actual=f"{what}: {actual}", note=note, evidence=shown)


def one_answer_for_an_id(reaction: Reaction, context_id: int) -> Finding:
    """Two contexts with one id are refused, or one of them is answered (PS3.8 7.1.1.13; UL-RQ-19)."""
    requirement = "UL-RQ-19"
    expected = (f"at most one accepted context {context_id}", "A-ASSOCIATE-RJ", "A-ABORT")
    accept = next((p for p in reaction.pdus if isinstance(p, Associate)), None)
    if accept is None:
        verdict, note = _of_answers(reaction, REFUSED)
        return finding(requirement, verdict, expected=expected, actual=reaction.words(), note=note)
    taken = [r for r in accept.context_results if r.context_id == context_id and r.accepted]
    verdict = Verdict.PASS if len(taken) < 2 else Verdict.FAIL
    return finding(
        requirement,
        verdict,
        expected=expected,
        actual=f"A-ASSOCIATE-AC with {len(taken)} accepted contexts {context_id}",
        note="" if len(taken) < 2 else "which of them a message belongs to cannot be told",
        evidence=evidence_of_reaction(reaction, verdict),
    )


def abort_reason_fits(reaction: Reaction, reasons: Iterable[int], what: str) -> tuple[Finding, ...]:
    """The reason of an A-ABORT by the service provider fits its cause (UL-ABT-05); none where there is no such A-ABORT.

    Args:
        reaction: What came.
        reasons: Those that fit; 0, not specified, fits always.
        what: What was sent, in words.
    """
    ending = reaction.ending
    if not isinstance(ending, Aborted) or ending.source != AbortSource.SERVICE_PROVIDER:
        return ()
    fitting = (*sorted(reasons), 0)
    verdict = Verdict.PASS if ending.reason in fitting else Verdict.WARN
    return (
        finding(
            "UL-ABT-05",
            verdict,
            expected=tuple(f"reason {reason}" for reason in fitting),
            actual=f"{what}: reason {ending.reason}",
            evidence=evidence_of_reaction(reaction, verdict),
        ),
    )


def evidence_of_reaction(reaction: Reaction, verdict: Verdict) -> tuple[Evidence, ...]:
    """The last PDU that came, for a verdict that needs it."""
    if verdict is Verdict.PASS:
        return ()
    return last_received(reaction.transcript, reaction.ending)
