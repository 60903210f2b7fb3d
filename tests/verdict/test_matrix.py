"""What a matrix says about a target: every verdict of every judge, on matrices written by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conformance.config import Claims
from conformance.observation.matrix import AskedAgain, Company, Matrix
from conformance.observation.outcomes import Rejected
from conformance.verdict import matrix as judges
from conformance.verdict import matrix_claims
from conformance.verdict.finding import Finding, Verdict
from conformance.wire.items import ProposedContext
from tests.verdict.builders import CT, EXPLICIT, IMPLICIT, MR, accepted, association, result

RLE = "1.2.840.10008.1.2.5"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
JPIP = "1.2.840.10008.1.2.4.94"
MPEG = "1.2.840.10008.1.2.4.102"
RETIRED = "1.2.840.10008.5.1.4.1.1.5"
SYNTAXES = (IMPLICIT, EXPLICIT, RLE)


def asked(*rows: str, again: Sequence[AskedAgain] = (), syntaxes: Sequence[str] = SYNTAXES) -> Matrix:
    """A matrix of CT, MR and a retired SOP class, as many of them as there are rows."""
    return Matrix(
        sop_classes=(CT, MR, RETIRED)[: len(rows)], transfer_syntaxes=tuple(syntaxes), rows=rows, again=tuple(again)
    )


def alone(answer: str, *, uid: str = CT, offered: str = IMPLICIT) -> AskedAgain:
    return AskedAgain(company=Company.ALONE, sop_class_uid=uid, offered=(offered,), answer=answer)


def mixed(answer: str, *, uid: str = CT, offered: str = IMPLICIT) -> AskedAgain:
    chosen = offered if answer == "0" else ""
    return AskedAgain(company=Company.MIXED, sop_class_uid=uid, offered=(offered,), answer=answer, chosen=chosen)


def several(answer: str, chosen: str = "") -> AskedAgain:
    return AskedAgain(
        company=Company.SEVERAL, sop_class_uid=CT, offered=(RLE, EXPLICIT, IMPLICIT), answer=answer, chosen=chosen
    )


def verdicts(found: Finding | Sequence[Finding]) -> list[Verdict]:
    return [one.verdict for one in ((found,) if isinstance(found, Finding) else found)]


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        pytest.param(("000", "444"), Verdict.PASS, id="all"),
        pytest.param(("000", "---"), Verdict.INCONCLUSIVE, id="half"),
        pytest.param(("---", "---"), Verdict.INCONCLUSIVE, id="nothing"),
    ],
)
def test_everything_asked(rows: tuple[str, ...], verdict: Verdict) -> None:
    assert judges.everything_asked(asked(*rows)).verdict is verdict


def test_everything_was_asked_in_the_end() -> None:
    matrix = Matrix(
        sop_classes=(CT,), transfer_syntaxes=SYNTAXES, rows=("000",), not_asked=("A-ASSOCIATE-RJ: 2/3/2 (1 times)",)
    )
    assert judges.everything_asked(matrix).verdict is Verdict.INFO


def test_what_was_not_asked_is_not_refused() -> None:
    matrix = asked("000", "---")
    assert matrix.counts()["-"] == 3
    assert verdicts(judges.default_accepted(matrix)) == [Verdict.PASS]
    assert judges.default_not_refused_for_syntax(matrix).verdict is Verdict.PASS
    claims = Claims(storage_sop_classes=frozenset({CT, MR}))
    assert verdicts(matrix_claims.claimed_sop_classes(matrix, claims)) == [Verdict.INCONCLUSIVE, Verdict.PASS]


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        pytest.param("444", Verdict.FAIL, id="every context for its syntaxes"),
        pytest.param("404", Verdict.PASS, id="another one accepted"),
        pytest.param("333", Verdict.PASS, id="not supported at all"),
        pytest.param("344", Verdict.PASS, id="not supported at all, said once"),
        pytest.param("244", Verdict.PASS, id="the reason left open"),
        pytest.param("---", Verdict.NOT_APPLICABLE, id="not asked"),
        pytest.param("44-", Verdict.PASS, id="not all asked"),
    ],
)
def test_default_not_refused_for_syntax(row: str, verdict: Verdict) -> None:
    assert judges.default_not_refused_for_syntax(asked(row)).verdict is verdict


def test_a_syntax_that_references_pixels_does_not_count_where_all_others_are_refused() -> None:
    matrix = asked("440", syntaxes=(IMPLICIT, EXPLICIT, JPIP))
    assert judges.default_not_refused_for_syntax(matrix).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        pytest.param(asked("000", "444"), [Verdict.PASS], id="accepted"),
        pytest.param(asked("444"), [Verdict.NOT_APPLICABLE], id="nothing accepted"),
        pytest.param(asked("404", again=[alone("4")]), [Verdict.FAIL], id="refused twice"),
        pytest.param(asked("404", again=[alone("3")]), [Verdict.FAIL], id="refused twice, as SOP class"),
        pytest.param(asked("404", again=[alone("0")]), [Verdict.INFO], id="accepted alone"),
        pytest.param(asked("204", again=[alone("2")]), [Verdict.WARN], id="reason left open"),
        pytest.param(asked("404"), [Verdict.INCONCLUSIVE], id="not asked alone"),
        pytest.param(asked("x04"), [Verdict.INCONCLUSIVE], id="no usable answer"),
        pytest.param(asked("404", "000", again=[alone("4")]), [Verdict.FAIL, Verdict.PASS], id="one of two"),
        pytest.param(
            asked("40", again=[alone("4")], syntaxes=(IMPLICIT, MPEG)), [Verdict.WARN], id="video, which a waiver has"
        ),
    ],
)
def test_default_accepted(matrix: Matrix, expected: list[Verdict]) -> None:
    assert verdicts(judges.default_accepted(matrix)) == expected


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        pytest.param(asked("00", syntaxes=(EXPLICIT, DEFLATED)), Verdict.PASS, id="both"),
        pytest.param(asked("04", syntaxes=(EXPLICIT, DEFLATED)), Verdict.NOT_APPLICABLE, id="not the one"),
        pytest.param(
            asked("40", again=[alone("4", offered=EXPLICIT)], syntaxes=(EXPLICIT, DEFLATED)), Verdict.FAIL, id="refused"
        ),
        pytest.param(
            asked("10", again=[alone("1", offered=EXPLICIT)], syntaxes=(EXPLICIT, DEFLATED)), Verdict.WARN, id="open"
        ),
        pytest.param(
            asked("40", again=[alone("0", offered=EXPLICIT)], syntaxes=(EXPLICIT, DEFLATED)), Verdict.INFO, id="alone"
        ),
        pytest.param(asked("-0", syntaxes=(EXPLICIT, DEFLATED)), Verdict.INCONCLUSIVE, id="not asked"),
    ],
)
def test_companions(matrix: Matrix, expected: Verdict) -> None:
    found = {one.requirement: one.verdict for one in judges.companions_accepted(matrix)}
    assert found == {"TS-06": expected, "TS-08": Verdict.NOT_APPLICABLE, "TS-10": Verdict.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        pytest.param("004", Verdict.PASS, id="for the syntax"),
        pytest.param("003", Verdict.WARN, id="for the SOP class"),
        pytest.param("001", Verdict.INFO, id="left open"),
        pytest.param("000", Verdict.NOT_APPLICABLE, id="nothing refused"),
        pytest.param("333", Verdict.NOT_APPLICABLE, id="SOP class not accepted"),
    ],
)
def test_reasons_of_refusals(row: str, verdict: Verdict) -> None:
    assert judges.refusals_name_their_reason(asked(row)).verdict is verdict


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        pytest.param(mixed("0"), Verdict.PASS, id="the same"),
        pytest.param(mixed("4"), Verdict.WARN, id="refused as not supported"),
        pytest.param(mixed("3"), Verdict.WARN, id="refused as SOP class"),
        pytest.param(mixed("2"), Verdict.INFO, id="refused, open"),
        pytest.param(mixed("0", offered=RLE), Verdict.WARN, id="accepted after a refusal"),
        pytest.param(mixed("3", offered=RLE), Verdict.PASS, id="refused for another reason"),
        pytest.param(several("0", IMPLICIT), Verdict.PASS, id="one of several"),
        pytest.param(several("0", RLE), Verdict.WARN, id="the refused one of several"),
        pytest.param(several("4"), Verdict.WARN, id="none of several"),
        pytest.param(several("1"), Verdict.INFO, id="none of several, open"),
    ],
)
def test_same_answer_again(again: AskedAgain, expected: Verdict) -> None:
    assert verdicts(judges.same_answer_again(asked("004", again=[again]))) == [expected]


def test_nothing_asked_again() -> None:
    assert verdicts(judges.same_answer_again(asked("004"))) == [Verdict.NOT_APPLICABLE]


@pytest.mark.parametrize(("code", "verdict"), [(0, Verdict.PASS), (2, Verdict.INFO), (4, Verdict.WARN)])
def test_accepted_as_before(code: int, verdict: Verdict) -> None:
    context = ProposedContext(context_id=1, abstract_syntax=CT, transfer_syntaxes=(EXPLICIT,))
    exchange = accepted(result(1, EXPLICIT, code=code), proposed=(context,))
    assert judges.accepted_as_before(exchange).verdict is verdict


def test_an_association_that_is_rejected_accepts_nothing_again() -> None:
    assert judges.accepted_as_before(association(Rejected(result=1, source=1, reason=1))).verdict is Verdict.WARN


def claimed(*classes: str) -> Claims:
    return Claims(storage_sop_classes=frozenset(classes))


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        pytest.param(asked("000"), [Verdict.PASS], id="accepted"),
        pytest.param(asked("400"), [Verdict.PASS], id="accepted in another syntax, which is TS-01"),
        pytest.param(asked("333"), [Verdict.FAIL], id="refused"),
        pytest.param(asked("333", again=[alone("3")]), [Verdict.FAIL], id="refused twice"),
        pytest.param(asked("222", again=[alone("2")]), [Verdict.WARN], id="refused, open"),
        pytest.param(asked("000", again=[mixed("3")]), [Verdict.FAIL], id="refused at times"),
        pytest.param(asked("000", again=[mixed("4")]), [Verdict.WARN], id="refused at times, perhaps a choice"),
        pytest.param(asked("000", again=[mixed("0")]), [Verdict.PASS], id="accepted twice"),
    ],
)
def test_claimed_sop_classes(matrix: Matrix, expected: list[Verdict]) -> None:
    assert verdicts(matrix_claims.claimed_sop_classes(matrix, claimed(CT))) == expected


def test_without_claims_nothing_is_compared() -> None:
    matrix = asked("000", "333")
    assert verdicts(matrix_claims.claimed_sop_classes(matrix, Claims())) == [Verdict.NOT_APPLICABLE]
    assert verdicts(matrix_claims.claimed_transfer_syntaxes(matrix, Claims())) == [Verdict.NOT_APPLICABLE]
    assert matrix_claims.nothing_unclaimed(matrix, Claims()).verdict is Verdict.NOT_APPLICABLE


def test_all_storage_need_not_be_the_retired_ones() -> None:
    found = matrix_claims.claimed_sop_classes(asked("000", "000", "333"), Claims(storage_sop_classes="all"))
    assert verdicts(found) == [Verdict.PASS]


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        pytest.param(asked("000", "000"), [Verdict.PASS], id="accepted"),
        pytest.param(asked("004", "003"), [Verdict.FAIL, Verdict.PASS], id="refused with every SOP class"),
        pytest.param(asked("004", "000"), [Verdict.WARN], id="one pair"),
        pytest.param(asked("---", "---"), [Verdict.INCONCLUSIVE], id="not asked"),
        pytest.param(asked("333", "000"), [Verdict.PASS], id="SOP class refused altogether, which is ST-01"),
    ],
)
def test_claimed_transfer_syntaxes(matrix: Matrix, expected: list[Verdict]) -> None:
    claims = Claims(storage_sop_classes=frozenset({CT, MR}), transfer_syntaxes=frozenset({IMPLICIT, RLE}))
    assert verdicts(matrix_claims.claimed_transfer_syntaxes(matrix, claims)) == expected


def test_claimed_transfer_syntaxes_alone_are_looked_for_in_all_sop_classes() -> None:
    claims = Claims(transfer_syntaxes=frozenset({RLE}))
    assert verdicts(matrix_claims.claimed_transfer_syntaxes(asked("004", "000"), claims)) == [Verdict.PASS]
    assert verdicts(matrix_claims.claimed_transfer_syntaxes(asked("004", "004"), claims)) == [Verdict.FAIL]


@pytest.mark.parametrize(
    ("matrix", "claims", "verdict"),
    [
        pytest.param(asked("000", "333"), claimed(CT), Verdict.PASS, id="no more"),
        pytest.param(asked("000", "000"), claimed(CT), Verdict.WARN, id="a SOP class more"),
        pytest.param(
            asked("000"), Claims(transfer_syntaxes=frozenset({IMPLICIT})), Verdict.WARN, id="a transfer syntax more"
        ),
        pytest.param(
            asked("00", syntaxes=(IMPLICIT, BIG_ENDIAN)),
            Claims(transfer_syntaxes="all"),
            Verdict.INFO,
            id="a retired one beside all",
        ),
        pytest.param(asked("333"), claimed(CT), Verdict.NOT_APPLICABLE, id="nothing accepted"),
    ],
)
def test_nothing_unclaimed(matrix: Matrix, claims: Claims, verdict: Verdict) -> None:
    assert matrix_claims.nothing_unclaimed(matrix, claims).verdict is verdict


def test_long_lists_are_cut_and_counted() -> None:
    many = tuple(f"1.2.{n}" for n in range(20))
    matrix = Matrix(sop_classes=many, transfer_syntaxes=(IMPLICIT, EXPLICIT), rows=("44",) * 20)
    found = judges.default_not_refused_for_syntax(matrix)
    assert found.actual.startswith("20 SOP classes refused for syntaxes: 1.2.0; 1.2.1;")
    assert found.actual.endswith("; and 12 more")
