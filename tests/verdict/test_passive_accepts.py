"""The A-ASSOCIATE-AC of the target beside our A-ASSOCIATE-RQ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.verdict.finding import Finding, Verdict
from conformance.verdict.passive import judge_transcripts
from conformance.wire import items
from conformance.wire.items import ContextResult, Item, ItemType, ProposedContext
from conformance.wire.pdu import Associate, ae_title_field
from tests.verdict.builders import CT, EXPLICIT, IMPLICIT, MR, VERIFICATION, Wire, accept, request, result

MAXIMUM = items.maximum_length_item(16384)
CLASS = items.implementation_class_uid_item("1.2.3")
WINDOW = items.asynchronous_operations_window_item
ROLE = items.role_selection_item
PATTERN = bytes(range(32))
FAIL, WARN, INFO = Verdict.FAIL, Verdict.WARN, Verdict.INFO


def sub_item(item_type: int, body: bytes = b"") -> Item:
    return Item(item_type=item_type, body=body)


EXTENDED = items.sop_class_extended_negotiation_item(CT, b"\x02\0\0\0\0\0")
IDENTITY = items.user_identity_item(1, primary=b"me", response_requested=True)
IDENTITY_WITHOUT_RESPONSE = items.user_identity_item(1, primary=b"me")


def judged(answer: Associate, asked: Associate | None = None) -> dict[str, Finding]:
    wire = Wire().sent(asked or request()).received(answer)
    return {finding.requirement: finding for finding in judge_transcripts((), (), (wire.transcript,))}


def deviations(findings: dict[str, Finding]) -> dict[str, Verdict]:
    return {f.requirement: f.verdict for f in findings.values() if f.verdict is not Verdict.PASS}


def with_users(*sub_items: Item) -> Associate:
    return accept(user_items=sub_items)


def asking(*sub_items: Item) -> Associate:
    return request(user_items=sub_items)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        pytest.param(accept(), request(), id="plain"),
        pytest.param(
            accept(results=(result(3, IMPLICIT), result(1, "", code=3))), request(), id="other-order-and-rejected"
        ),
        pytest.param(
            with_users(CLASS, items.implementation_version_name_item("ORTHANC"), MAXIMUM),
            request(),
            id="other-sub-order",
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, WINDOW(5, 1), ROLE(CT, scu=1, scp=0), EXTENDED, sub_item(0x59, b"\0\0")),
            asking(WINDOW(0, 1), ROLE(CT, scu=1, scp=1), EXTENDED, IDENTITY),
            id="replies-to-what-was-asked",
        ),
        pytest.param(
            replace(accept(), reserved_43_74=PATTERN), replace(request(), reserved_43_74=PATTERN), id="pattern-echoed"
        ),
        pytest.param(replace(accept(), protocol_version=3), request(), id="version-3"),
    ],
)
def test_what_is_right_passes(answer: Associate, asked: Associate) -> None:
    findings = judged(answer, asked)
    assert deviations(findings) == {}
    assert {"UL-AC-02", "UL-AC-03", "UL-AC-04", "UL-AC-05", "UL-AC-06", "UL-AC-08", "UL-AC-13"} <= findings.keys()
    assert {"UI-MAX-01", "UI-IMP-01", "UI-IMP-04", "UI-ROL-01", "UL-AC-12", "UL-RQ-13"} <= findings.keys()


def test_context_results_one_by_one_are_noticed() -> None:
    assert (
        judged(accept(results=(result(1, IMPLICIT), result(3, IMPLICIT, code=4))))["UL-RQ-25"].verdict is Verdict.PASS
    )
    assert "UL-RQ-25" not in judged(accept())


@pytest.mark.parametrize(
    ("answer", "asked", "expected"),
    [
        pytest.param(
            replace(accept(), called_ae_title=ae_title_field("OTHER")), request(), {"UL-AC-02": FAIL}, id="called-other"
        ),
        pytest.param(
            accept(),
            replace(request(), called_ae_title=b"            PACS"),
            {"UL-AC-02": WARN},
            id="called-padded-otherwise",
        ),
        pytest.param(
            replace(accept(), calling_ae_title=bytes(16)), request(), {"UL-AC-03": FAIL}, id="calling-zero-filled"
        ),
        pytest.param(
            accept(), replace(request(), reserved_43_74=PATTERN), {"UL-AC-04": INFO}, id="reserved-zero-filled"
        ),
        pytest.param(
            replace(accept(), reserved_43_74=b"\xcc" * 32), request(), {"UL-AC-04": FAIL}, id="reserved-garbage"
        ),
        pytest.param(
            replace(accept(), items=(accept().items[0], *accept().items)), request(), {"UL-AC-05": FAIL}, id="two-10H"
        ),
        pytest.param(
            replace(accept(), items=accept().items[1:]), request(), {"UL-AC-05": FAIL}, id="no-application-context"
        ),
        pytest.param(accept(results=(result(1, IMPLICIT),)), request(), {"UL-AC-06": FAIL}, id="context-missing"),
        pytest.param(
            accept(results=(result(1, IMPLICIT), result(3, IMPLICIT), result(3, IMPLICIT))),
            request(),
            {"UL-AC-06": FAIL},
            id="context-doubled",
        ),
        pytest.param(
            accept(results=(result(1, IMPLICIT), result(3, IMPLICIT), result(5, IMPLICIT))),
            request(),
            {"UL-AC-06": FAIL},
            id="context-added",
        ),
        pytest.param(
            accept(results=(result(1, IMPLICIT), result(3, IMPLICIT, code=5))),
            request(),
            {"UL-AC-07": FAIL},
            id="result-5",
        ),
        pytest.param(
            accept(results=(result(1, EXPLICIT), result(3, IMPLICIT))), request(), {"UL-AC-08": FAIL}, id="not-offered"
        ),
        pytest.param(accept(results=(result(1), result(3, IMPLICIT))), request(), {"UL-AC-08": FAIL}, id="no-syntax"),
        pytest.param(
            accept(results=(result(1, code=3), result(3, IMPLICIT))), request(), {"UL-AC-09": INFO}, id="rejected-bare"
        ),
        pytest.param(
            accept(results=(result(1, IMPLICIT + "\0"), result(3, IMPLICIT))),
            request(),
            {"UL-AC-12": FAIL},
            id="syntax-padded",
        ),
        pytest.param(
            with_users(MAXIMUM, items.implementation_class_uid_item("1.2.3\0")),
            request(),
            {"UL-AC-12": FAIL, "UI-IMP-01": FAIL},
            id="class-padded",
        ),
        pytest.param(
            replace(accept(), items=(items.application_context_item("1.2.3.4"), *accept().items[1:])),
            request(),
            {"UL-RQ-13": FAIL},
            id="other-application-context",
        ),
        pytest.param(with_users(CLASS), request(), {"UI-MAX-01": FAIL}, id="no-maximum"),
        pytest.param(with_users(MAXIMUM, MAXIMUM, CLASS), request(), {"UI-MAX-01": FAIL}, id="two-maxima"),
        pytest.param(with_users(sub_item(0x51, b"\0\0"), CLASS), request(), {"UI-MAX-01": FAIL}, id="maximum-of-2"),
        pytest.param(with_users(MAXIMUM), request(), {"UI-IMP-01": FAIL}, id="no-class"),
        pytest.param(
            with_users(MAXIMUM, CLASS, sub_item(0x55)), request(), {"UI-IMP-04": WARN}, id="empty-version-name"
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, sub_item(0x55, b"x" * 17)),
            request(),
            {"UI-IMP-04": WARN},
            id="long-version-name",
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, WINDOW(1, 1)),
            request(),
            {"UI-ASY-01": FAIL, "UL-AC-13": FAIL},
            id="window-unasked",
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, WINDOW(6, 1)), asking(WINDOW(5, 1)), {"UI-ASY-02": FAIL}, id="window-higher"
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, WINDOW(0, 1)), asking(WINDOW(5, 1)), {"UI-ASY-02": FAIL}, id="window-unlimited"
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, sub_item(0x53, bytes(8))),
            asking(WINDOW(5, 1)),
            {"UI-ASY-08": FAIL},
            id="window-of-8",
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, ROLE(CT, scu=1, scp=0)),
            request(),
            {"UI-ROL-01": FAIL, "UL-AC-13": FAIL},
            id="role-unasked",
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, ROLE(MR, scu=1, scp=0)),
            asking(ROLE(CT, scu=1, scp=0)),
            {"UI-ROL-01": FAIL},
            id="role-for-another-class",
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, ROLE(CT, scu=1, scp=1)),
            asking(ROLE(CT, scu=1, scp=0)),
            {"UI-ROL-02": FAIL},
            id="role-raised",
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, ROLE(CT, scu=1, scp=255)),
            asking(ROLE(CT, scu=1, scp=255)),
            {"UI-ROL-03": FAIL},
            id="role-255-echoed",
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, sub_item(0x54, b"\0\x40" + b"1.2")),
            asking(ROLE(CT, scu=1, scp=0)),
            {"UI-ROL-03": FAIL},
            id="role-malformed",
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, EXTENDED),
            request(),
            {"UI-EXT-01": FAIL, "UL-AC-13": FAIL},
            id="extended-unasked",
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, EXTENDED, EXTENDED), asking(EXTENDED), {"UI-EXT-01": FAIL}, id="extended-twice"
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, sub_item(0x57)),
            asking(sub_item(0x57)),
            {"UI-CEX-01": FAIL, "UL-AC-13": FAIL},
            id="common-extended-echoed",
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, sub_item(0x59, b"\0\0")),
            request(),
            {"UI-USR-02": FAIL, "UL-AC-13": FAIL},
            id="server-response-unasked",
        ),
        pytest.param(
            with_users(MAXIMUM, CLASS, sub_item(0x59, b"\0\0")),
            asking(IDENTITY_WITHOUT_RESPONSE),
            {"UI-USR-03": FAIL},
            id="server-response-not-wanted",
        ),
    ],
)
def test_what_deviates_is_found_and_nothing_else(
    answer: Associate, asked: Associate, expected: dict[str, Verdict]
) -> None:
    assert deviations(judged(answer, asked)) == expected


def test_abstract_syntax_in_a_context_result() -> None:
    answer = accept()
    with_abstract = answer.items[1].body + Item(item_type=ItemType.ABSTRACT_SYNTAX, body=CT.encode()).encode()
    changed = replace(answer.items[1], body=with_abstract)
    findings = judged(replace(answer, items=(answer.items[0], changed, *answer.items[2:])))
    assert deviations(findings) == {"UL-AC-10": FAIL}


# What we did ourselves accuses nobody


def proposing(*contexts: ProposedContext) -> Associate:
    return request(contexts)


def context(context_id: int, *syntaxes: str, abstract_syntax: str = CT) -> ProposedContext:
    return ProposedContext(context_id=context_id, abstract_syntax=abstract_syntax, transfer_syntaxes=syntaxes)


@pytest.mark.parametrize(
    ("asked", "results"),
    [
        pytest.param(
            proposing(context(1, IMPLICIT), context(1, IMPLICIT, abstract_syntax=VERIFICATION)),
            (result(1, IMPLICIT),),
            id="same-id-twice",
        ),
        pytest.param(proposing(context(2, IMPLICIT)), (), id="even-id-ignored"),
        pytest.param(proposing(context(1)), (), id="context-without-syntax-ignored"),
        pytest.param(proposing(), (), id="no-context"),
    ],
)
def test_malformed_proposals_are_our_fault(asked: Associate, results: tuple[ContextResult, ...]) -> None:
    assert deviations(judged(accept(results=results), asked)) == {}


def test_two_accepted_contexts_with_one_id() -> None:
    asked = proposing(context(1, IMPLICIT), context(1, IMPLICIT, abstract_syntax=VERIFICATION))
    findings = judged(accept(results=(result(1, IMPLICIT), result(1, IMPLICIT))), asked)
    assert deviations(findings) == {"UL-RQ-19": FAIL}


def test_an_echo_of_our_padding_is_a_warning() -> None:
    findings = judged(accept(results=(result(1, IMPLICIT + "\0"),)), proposing(context(1, IMPLICIT + "\0")))
    assert deviations(findings) == {"UL-AC-12": WARN}


def test_an_illegal_title_of_ours_need_not_come_back() -> None:
    asked = replace(request(), called_ae_title=b"PA\\CS           ", calling_ae_title=b"PEER\0" + b" " * 11)
    assert deviations(judged(accept(), asked)) == {}


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda pdu: pdu[:-1], id="cut"),
        pytest.param(lambda pdu: pdu[:74] + b"\x10\0\xff\xff" + pdu[78:], id="item-overruns"),
        pytest.param(lambda pdu: pdu + pdu, id="twice"),
    ],
)
def test_a_request_that_cannot_be_read_is_compared_with_nothing(spoil: Callable[[bytes], bytes]) -> None:
    other = replace(accept(results=(result(7, EXPLICIT),)), called_ae_title=ae_title_field("X"))
    wire = Wire().sent(spoil(request().encode())).received(other)
    findings = {f.requirement: f for f in judge_transcripts((), (), (wire.transcript,))}
    assert deviations(findings) == {}
    assert "UL-AC-07" in findings
