"""What a target accepts, compared with what its conformance statement says.

A target file names SOP classes and transfer syntaxes in two lists; a statement has them in pairs. So that a pair is
claimed is certain only where nothing of a claimed SOP class, or nothing of a claimed transfer syntax, is accepted.
"""

from __future__ import annotations

from typing import Final

from conformance.config import Claims
from conformance.observation.matrix import (
    ACCEPTED,
    NO_REASON,
    NOT_ASKED,
    REFUSED,
    TRANSFER_SYNTAXES,
    Company,
    Matrix,
)
from conformance.standard.sop_classes import Group, sop_class, sop_class_name
from conformance.standard.transfer_syntaxes import IMPLICIT_VR_LITTLE_ENDIAN, transfer_syntax_name
from conformance.verdict.few import few
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.matrix import said_of_classes

_SHOWN: Final = 8
_NOTHING_CLAIMED: Final = "no such claims were given"


def claimed_sop_classes(matrix: Matrix, claims: Claims, requirement: str = "ST-01") -> tuple[Finding, ...]:
    """Each claimed storage SOP class is accepted whenever it is asked for, the default transfer syntax being offered.

    Returns:
        FAIL for a claimed SOP class that was refused as not supported, once or always; WARN where the refusals left
        the reason open, or may have been a choice among contexts.
    """
    expected = "each claimed storage SOP class accepted, whenever it is asked for in the default transfer syntax"
    claimed = [uid for uid in matrix.sop_classes if _is_claimed(claims, uid)]
    if not claimed:
        return (finding(requirement, Verdict.NOT_APPLICABLE, expected=expected, actual=_NOTHING_CLAIMED),)
    given = {uid: _answers_for_class(matrix, uid) for uid in claimed}
    asked = {uid: answers for uid, answers in given.items() if answers}
    refused = {uid: [a for a in answers if a in REFUSED] for uid, answers in asked.items()}
    always = [uid for uid, seen in refused.items() if len(seen) == len(asked[uid])]
    said = [uid for uid, seen in refused.items() if {"3", "4"} & set(seen) and uid not in always]
    hard = [uid for uid in always if {"3", "4"} & set(refused[uid])]
    soft = [uid for uid in refused if refused[uid] and uid not in said and uid not in hard]
    judged = [
        finding(requirement, verdict, expected=expected, actual=said_of_classes(uids, what), note=note)
        for verdict, uids, what, note in (
            (Verdict.FAIL, hard, "claimed and refused", "refused each time that they were asked for"),
            (Verdict.FAIL, said, "claimed and refused at times", "accepted once, and once refused as not supported"),
            (Verdict.WARN, soft, "claimed and refused", "once or always, and the reason was left open"),
        )
        if uids
    ]
    unasked = [uid for uid in claimed if uid not in asked]
    if unasked:
        what = said_of_classes(unasked, "claimed and not asked for")
        judged.append(finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=what))
    good = len(asked) - len(hard) - len(said) - len(soft)
    if good:
        words = f"{good} claimed SOP classes accepted"
        judged.append(finding(requirement, Verdict.PASS, expected=expected, actual=words))
    return tuple(judged)


def claimed_transfer_syntaxes(matrix: Matrix, claims: Claims, requirement: str = "CS-07") -> tuple[Finding, ...]:
    """Each claimed transfer syntax is accepted for the SOP classes that are claimed, or that are accepted at all.

    Returns:
        FAIL for a claimed transfer syntax that no SOP class is accepted in; WARN for pairs of two claims that are
        refused while each claim holds for others, because the statement may pair them otherwise.
    """
    expected = "each claimed transfer syntax accepted, for each SOP class that it is claimed for"
    claimed = [uid for uid in matrix.transfer_syntaxes if claims.claims_transfer_syntax(uid)]
    if not claimed:
        return (finding(requirement, Verdict.NOT_APPLICABLE, expected=expected, actual=_NOTHING_CLAIMED),)
    answers = matrix.answers()
    accepted = {uid for uid, syntaxes in matrix.accepted().items() if syntaxes}
    named = [uid for uid in matrix.sop_classes if _is_claimed(claims, uid)]
    columns = {uid: {answers[one][uid] for one in named or matrix.sop_classes} for uid in claimed}
    never = [uid for uid in claimed if columns[uid] & REFUSED and not columns[uid] - REFUSED - {NOT_ASKED}]
    pairs = [
        f"{sop_class_name(one)} in {transfer_syntax_name(uid)}"
        for uid in claimed
        if uid not in never
        for one in named
        if one in accepted and answers[one][uid] in REFUSED
    ]
    judged = []
    if never:
        names = few([transfer_syntax_name(uid) for uid in never], most=_SHOWN)
        number = f"{len(never)} claimed transfer syntax{'' if len(never) == 1 else 'es'}"
        actual = f"{number} refused with every SOP class: {names}"
        judged.append(finding(requirement, Verdict.FAIL, expected=expected, actual=actual))
    if pairs:
        judged.append(
            finding(
                requirement,
                Verdict.WARN,
                expected=expected,
                actual=f"{_pairs(len(pairs))} claimed and refused: {few(pairs, most=_SHOWN)}",
                note="the claims are two lists, and the conformance statement may pair them otherwise",
            )
        )
    asked = [uid for uid in claimed if columns[uid] != {NOT_ASKED}]
    if len(asked) < len(claimed):
        actual = f"{len(claimed) - len(asked)} claimed transfer syntaxes were not asked for"
        judged.append(finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=actual))
    good = len(asked) - len(never)
    if good and not pairs:
        words = f"{good} claimed transfer syntaxes accepted"
        judged.append(finding(requirement, Verdict.PASS, expected=expected, actual=words))
    return tuple(judged)


def nothing_unclaimed(matrix: Matrix, claims: Claims, requirement: str = "CS-07") -> Finding:
    """Nothing is accepted that the conformance statement does not have.

    Returns:
        WARN for what is accepted and not in a list of claims; INFO where the claim is "all", which is no list.
    """
    expected = "nothing accepted that is not claimed"
    accepted = matrix.accepted()
    syntaxes = {uid for found in accepted.values() for uid in found}
    classes = [uid for uid, found in accepted.items() if found and claims.claims_sop_class(uid) is False]
    others = [
        uid for uid in matrix.transfer_syntaxes if uid in syntaxes and claims.claims_transfer_syntax(uid) is False
    ]
    if claims.storage_sop_classes is None and claims.transfer_syntaxes is None:
        return finding(requirement, Verdict.NOT_APPLICABLE, expected=expected, actual=_NOTHING_CLAIMED)
    if not classes and not others:
        verdict = Verdict.PASS if syntaxes else Verdict.NOT_APPLICABLE
        return finding(requirement, verdict, expected=expected, actual="nothing else is accepted")
    found = []
    if classes:
        found.append(said_of_classes(classes, "accepted and not claimed"))
    if others:
        names = few([transfer_syntax_name(uid) for uid in others], most=_SHOWN)
        number = f"{len(others)} transfer syntax{'' if len(others) == 1 else 'es'}"
        found.append(f"{number} accepted and not claimed: {names}")
    listed = bool(classes) or claims.transfer_syntaxes != "all"
    return finding(
        requirement,
        Verdict.WARN if listed else Verdict.INFO,
        expected=expected,
        actual="; ".join(found),
        note="" if listed else 'the claim "all" stands for every current transfer syntax, and these are not among them',
    )


def _is_claimed(claims: Claims, uid: str) -> bool:
    """Whether a SOP class is claimed beyond doubt: "all" need not mean the retired ones."""
    row = sop_class(uid)
    retired = row is not None and row.group is Group.RETIRED
    return bool(claims.claims_sop_class(uid)) and not (retired and claims.storage_sop_classes == "all")


def _answers_for_class(matrix: Matrix, uid: str) -> list[str]:
    """Every usable answer to a SOP class as such: a choice among its contexts is no refusal of the SOP class."""
    row = matrix.answers()[uid]
    first = ACCEPTED if ACCEPTED in row.values() else row.get(IMPLICIT_VR_LITTLE_ENDIAN, NOT_ASKED)
    more = [
        NO_REASON if one.company is Company.MIXED and one.answer == TRANSFER_SYNTAXES else one.answer
        for one in matrix.again
        if one.sop_class_uid == uid
        and one.offered == (IMPLICIT_VR_LITTLE_ENDIAN,)
        and not (one.company is Company.ALONE and ACCEPTED in row.values())
    ]
    return [answer for answer in (first, *more) if answer == ACCEPTED or answer in REFUSED]


def _pairs(number: int) -> str:
    return f"{number} pair{'' if number == 1 else 's'}"
