"""What a matrix of SOP classes and transfer syntaxes says about a target. Pure judges over one observation.

No clause makes the answer to a presentation context depend on nothing but itself (PS3.7 D.3.2: each is accepted or
rejected individually). So a refusal beside other contexts of the same SOP class can be a choice among them, and is
judged a violation only where it is repeated when nothing is left to choose from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from conformance.observation.exchanges import AssociationExchange
from conformance.observation.matrix import (
    ABSTRACT_SYNTAX,
    ACCEPTED,
    NO_REASON,
    NOT_ASKED,
    REFUSED,
    TRANSFER_SYNTAXES,
    USER_REJECTION,
    WORDS,
    Company,
    Matrix,
    answers_to,
)
from conformance.standard.sop_classes import sop_class_name
from conformance.standard.transfer_syntaxes import (
    COMPANIONS,
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    Kind,
    transfer_syntax,
    transfer_syntax_name,
)
from conformance.verdict.few import few
from conformance.verdict.finding import Finding, Verdict, finding

_SHOWN: Final = 8
_NAMES_A_SYNTAX: Final = frozenset({ABSTRACT_SYNTAX, TRANSFER_SYNTAXES})
_WAIVED: Final = frozenset({Kind.MPEG, Kind.JPIP, Kind.ENCAPSULATED_UNCOMPRESSED})
"""PS3.5 10.1 waives the default for data that exist in lossy form only and for references to pixel data."""
_COMPANION_OF: Final[Mapping[str, str]] = {
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN: "TS-06",
    "1.2.840.10008.1.2.4.57": "TS-08",
    "1.2.840.10008.1.2.4.81": "TS-10",
}

Pair = tuple[str, str]
"""A SOP class and a transfer syntax."""


def everything_asked(matrix: Matrix, requirement: str = "ST-26") -> Finding:
    """Every storage SOP class could be proposed in every transfer syntax, and was answered for itself."""
    expected = f"an answer to each of {matrix.pairs} pairs"
    counts = matrix.counts()
    answered = matrix.pairs - counts[NOT_ASKED]
    actual = f"{answered} answers on {matrix.associations} associations in {matrix.seconds:.1f} s: " + ", ".join(
        f"{counts[answer]} {WORDS[answer]}" for answer in WORDS if counts[answer]
    )
    if answered == matrix.pairs and not matrix.not_asked:
        return finding(requirement, Verdict.PASS, expected=expected, actual=actual)
    if answered == matrix.pairs:
        return finding(
            requirement,
            Verdict.INFO,
            expected=expected,
            actual=f"{actual}; beside them: {'; '.join(matrix.not_asked)}",
            note="every pair was answered in the end; how many contexts a request may have is judged for itself",
        )
    return finding(
        requirement,
        Verdict.INCONCLUSIVE,
        expected=expected,
        actual=f"{actual}; {'; '.join(matrix.not_asked)}",
        note="what was not asked is not refused, and nothing is said about it",
    )


def default_not_refused_for_syntax(matrix: Matrix, requirement: str = "TS-02") -> Finding:
    """No SOP class is refused in all its contexts, the default among them, for their transfer syntaxes."""
    expected = "no SOP class with result 4 in every context, as the default transfer syntax was among them"
    answers = matrix.answers()
    # Where a transfer syntax that references pixel data stands beside them, PS3.5 10.1 waives the obligation.
    rows = {
        uid: {
            answer
            for syntax, answer in row.items()
            if (known := transfer_syntax(syntax)) is None or known.kind is not Kind.JPIP
        }
        for uid, row in answers.items()
        if row.get(IMPLICIT_VR_LITTLE_ENDIAN, NOT_ASKED) != NOT_ASKED
    }
    refused = [uid for uid, seen in rows.items() if seen == {TRANSFER_SYNTAXES}]
    if refused:
        return finding(
            requirement, Verdict.FAIL, expected=expected, actual=said_of_classes(refused, "refused for syntaxes")
        )
    if not rows:
        return _nothing(requirement, expected, "no SOP class was asked for in the default transfer syntax")
    return finding(requirement, Verdict.PASS, expected=expected, actual=f"none of {len(rows)} SOP classes")


def default_accepted(matrix: Matrix, requirement: str = "TS-01") -> tuple[Finding, ...]:
    """Each SOP class that is accepted in any transfer syntax is accepted in Implicit VR Little Endian.

    Returns:
        FAIL for what was refused, also when asked for alone, as not supported; WARN where the reason was left open or
        where only transfer syntaxes are accepted to which a waiver may apply; INFO where it was accepted alone.
    """
    expected = "Implicit VR Little Endian accepted for each SOP class that is accepted in anything"
    answers = matrix.answers()
    supported = {
        uid: [syntax for syntax in accepted if syntax != IMPLICIT_VR_LITTLE_ENDIAN]
        for uid, accepted in matrix.accepted().items()
        if accepted
    }
    if not supported:
        return (_nothing(requirement, expected, "no storage SOP class was accepted in any transfer syntax"),)
    missing = [uid for uid in supported if answers[uid].get(IMPLICIT_VR_LITTLE_ENDIAN) in REFUSED]
    unknown = [uid for uid in supported if answers[uid].get(IMPLICIT_VR_LITTLE_ENDIAN) not in {ACCEPTED, *REFUSED}]
    alone = _alone(matrix)
    groups: dict[tuple[Verdict, str], list[str]] = defaultdict(list)
    for uid in missing:
        second = alone.get((uid, IMPLICIT_VR_LITTLE_ENDIAN), NOT_ASKED)
        groups[_of_missing(second, waived=_only_waived(supported[uid]))].append(uid)
    if unknown:
        groups[(Verdict.INCONCLUSIVE, "no usable answer for the default transfer syntax")] = unknown
    judged = [
        finding(requirement, verdict, expected=expected, actual=said_of_classes(uids, "without it"), note=note)
        for (verdict, note), uids in groups.items()
    ]
    good = len(supported) - len(missing) - len(unknown)
    if good:
        judged.append(finding(requirement, Verdict.PASS, expected=expected, actual=f"accepted for {good} SOP classes"))
    return tuple(judged)


def companions_accepted(matrix: Matrix) -> tuple[Finding, ...]:
    """A transfer syntax that has to go with another one is accepted wherever that one is (TS-06, TS-08, TS-10)."""
    answers = matrix.answers()
    alone = _alone(matrix)
    judged = []
    for one, other in COMPANIONS.items():
        expected = f"{transfer_syntax_name(other)} accepted where {transfer_syntax_name(one)} is"
        having = [uid for uid, row in answers.items() if row.get(one) == ACCEPTED]
        groups: dict[tuple[Verdict, str], list[str]] = defaultdict(list)
        for uid in having:
            first = answers[uid].get(other, NOT_ASKED)
            if first == ACCEPTED:
                continue
            groups[_of_missing(alone.get((uid, other), NOT_ASKED), waived=False)].append(uid)
        for (verdict, note), uids in groups.items():
            actual = said_of_classes(uids, "without it")
            judged.append(finding(_COMPANION_OF[one], verdict, expected=expected, actual=actual, note=note))
        good = len(having) - sum(len(uids) for uids in groups.values())
        verdict = Verdict.PASS if good else Verdict.NOT_APPLICABLE
        if good or not having:
            judged.append(
                finding(_COMPANION_OF[one], verdict, expected=expected, actual=f"both for {good} SOP classes")
            )
    return tuple(judged)


def refusals_name_their_reason(matrix: Matrix, requirement: str = "UL-RQ-24") -> Finding:
    """A SOP class that is accepted in another transfer syntax is refused for the transfer syntax (PS3.8 Table 9-18)."""
    expected = "result 4 for what is refused of a SOP class that is accepted in another transfer syntax"
    by_answer: dict[str, list[Pair]] = defaultdict(list)
    for uid, row in matrix.answers().items():
        if ACCEPTED in row.values():
            for syntax, answer in row.items():
                if answer in REFUSED:
                    by_answer[answer].append((uid, syntax))
    if not by_answer:
        return _nothing(requirement, expected, "nothing was refused of a SOP class that is accepted")
    counts = ", ".join(f"{len(pairs)} with result {answer}" for answer, pairs in sorted(by_answer.items()))
    wrong = by_answer[ABSTRACT_SYNTAX]
    if wrong:
        classes = len({uid for uid, _ in wrong})
        return finding(
            requirement,
            Verdict.WARN,
            expected=expected,
            actual=f"{counts}; result 3 for pairs of {classes} SOP classes, such as {_pair(wrong[0])}",
            note="result 3 says that the abstract syntax is not supported, and it is: a sender may give the class up",
        )
    if by_answer[TRANSFER_SYNTAXES]:
        return finding(requirement, Verdict.PASS, expected=expected, actual=counts)
    note = "results 1 and 2 leave the reason open, as they may"
    return finding(requirement, Verdict.INFO, expected=expected, actual=counts, note=note)


def same_answer_again(matrix: Matrix, requirement: str = "UL-RQ-33") -> tuple[Finding, ...]:
    """What was asked for again, in other company and in another order, got the same answer.

    Returns:
        WARN for a refusal as not supported of what was accepted, or the reverse; INFO where the reason of the refusal
        was left open (results 1 and 2), which may be a choice.
    """
    expected = "the same answer to a presentation context, whatever stands beside it"
    answers = matrix.answers()
    judged = []
    for company in Company:
        asked = [one for one in matrix.again if one.company is company]
        contrary: list[str] = []
        open_ones: list[str] = []
        for one in asked:
            row = answers[one.sop_class_uid]
            words, names_reason = _contradiction(row, one.offered, one.answer, one.chosen)
            if words:
                (contrary if names_reason else open_ones).append(f"{sop_class_name(one.sop_class_uid)}: {words}")
        for verdict, lines, note in (
            (Verdict.WARN, contrary, "no clause forbids it; a sender cannot rely on what was negotiated before"),
            (Verdict.INFO, open_ones, "the reason was left open: it may be a choice among contexts"),
        ):
            if lines:
                actual = f"{len(lines)} of {len(asked)} asked again, {company}, differ: {few(lines, most=_SHOWN)}"
                judged.append(finding(requirement, verdict, expected=expected, actual=actual, note=note))
        if asked and not contrary and not open_ones:
            actual = f"the same for {len(asked)} asked again, {company}"
            judged.append(finding(requirement, Verdict.PASS, expected=expected, actual=actual))
    return tuple(judged) or (_nothing(requirement, expected, "nothing was asked for again"),)


def accepted_as_before(exchange: AssociationExchange, requirement: str = "UL-RQ-33") -> Finding:
    """A pair that was accepted in the matrix is accepted when an instance is to be stored.

    Args:
        exchange: An association with one presentation context, for the pair.
        requirement: What the finding is about.
    """
    expected = "a presentation context that was accepted before is accepted again"
    context = exchange.proposed[0]
    ((answer, _),) = answers_to(exchange, exchange.proposed[:1])
    actual = f"{_pair((context.abstract_syntax, context.transfer_syntaxes[0]))} {WORDS[answer]}"
    note = "" if answer == ACCEPTED else "it was accepted when the matrix was asked for"
    verdicts = {ACCEPTED: Verdict.PASS, USER_REJECTION: Verdict.INFO, NO_REASON: Verdict.INFO}
    return finding(requirement, verdicts.get(answer, Verdict.WARN), expected=expected, actual=actual, note=note)


def _contradiction(row: Mapping[str, str], offered: Sequence[str], answer: str, chosen: str) -> tuple[str, bool]:
    """How a second answer contradicts the first ones, and whether the refusal says that something is not supported."""
    first = {uid: row.get(uid, NOT_ASKED) for uid in offered}
    names = ", ".join(transfer_syntax_name(uid) for uid in offered)
    if answer in REFUSED:
        before = [uid for uid in offered if first[uid] == ACCEPTED]
        if not before:
            return "", False
        return f"{_names(before)} accepted; {names} then {WORDS[answer]}", answer in _NAMES_A_SYNTAX
    if answer == ACCEPTED and first.get(chosen) in REFUSED:
        earlier = first[chosen]
        return f"{transfer_syntax_name(chosen)} {WORDS[earlier]}; then accepted", earlier in _NAMES_A_SYNTAX
    return "", False


def _of_missing(second: str, *, waived: bool) -> tuple[Verdict, str]:
    """Verdict and note for what was refused beside other contexts, by the answer when it was asked for alone."""
    # the characters of a row: 0 to 4 are the results of PS3.8 Table 9-18
    match second:
        case "0":
            return Verdict.INFO, "refused beside other contexts of the SOP class, and accepted alone"
        case "3" | "4" if waived:
            return (
                Verdict.WARN,
                "refused alone as well; only transfer syntaxes are accepted to which PS3.5 10.1 may apply its waivers",
            )
        case "3" | "4":
            return Verdict.FAIL, "refused again when it was asked for alone, as not supported"
        case "1" | "2":
            return Verdict.WARN, "refused again when it was asked for alone; the reason was left open"
        case _:
            return Verdict.INCONCLUSIVE, "it could not be asked for alone"


def _alone(matrix: Matrix) -> Mapping[Pair, str]:
    return {(one.sop_class_uid, one.offered[0]): one.answer for one in matrix.again if one.company is Company.ALONE}


def _only_waived(syntaxes: Iterable[str]) -> bool:
    rows = [transfer_syntax(uid) for uid in syntaxes]
    return all(row is not None and row.kind in _WAIVED for row in rows)


def _nothing(requirement: str, expected: str, actual: str) -> Finding:
    return finding(requirement, Verdict.NOT_APPLICABLE, expected=expected, actual=actual)


def said_of_classes(uids: Sequence[str], what: str) -> str:
    """How many SOP classes are something, and the first of them by name."""
    number = "1 SOP class" if len(uids) == 1 else f"{len(uids)} SOP classes"
    return f"{number} {what}: {few([sop_class_name(uid) for uid in uids], most=_SHOWN)}"


def _pair(pair: Pair) -> str:
    return f"{sop_class_name(pair[0])} in {transfer_syntax_name(pair[1])}"


def _names(uids: Iterable[str]) -> str:
    return ", ".join(transfer_syntax_name(uid) for uid in uids)
