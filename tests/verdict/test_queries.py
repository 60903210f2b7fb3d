"""What C-FIND lists and C-GET brings: every verdict by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from pydicom.dataset import Dataset

from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Aborted, Closed, Response, ResponseOutcome
from conformance.observation.queries import Answered, Brought, Match, Retrieved
from conformance.observation.transcript import Transcript
from conformance.verdict import queries, retrievals
from conformance.verdict.finding import Finding, Verdict
from conformance.wire.command import CommandSet, Tag, us
from conformance.wire.messages import c_find_rq, c_get_rq, c_store_rq, response

FIND = c_find_rq(1, sop_class_uid="1.2.840.10008.5.1.4.1.2.2.1")
GET = c_get_rq(1, sop_class_uid="1.2.840.10008.5.1.4.1.2.2.3")
ABORTED = Aborted(source=0, reason=0)
PASS, WARN, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.INCONCLUSIVE


def _dataset(values: Mapping[str, object]) -> Dataset:
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def _exchange(
    request: CommandSet,
    outcome: int | ResponseOutcome,
    *,
    data_set: bool = False,
    extra: Mapping[int, bytes] | None = None,
) -> OperationExchange:
    if isinstance(outcome, int):
        command = response(request, status=outcome, data_set=data_set, extra=extra)
        outcome = Response(context_id=1, command=command, data_set=None, t_s=0.1, after_s=0.1)
    transcript = Transcript(label="1", peer="PACS@127.0.0.1:104")
    return OperationExchange(request=request, context_id=1, outcome=outcome, transcript=transcript)


def _found(
    *matches: Mapping[str, object],
    outcome: int | ResponseOutcome = 0,
    keys: Sequence[str] = ("StudyInstanceUID",),
    status: int = 0xFF00,
    final_data_set: bool = False,
) -> Answered:
    return Answered(
        level="STUDY",
        keys=_dataset({"QueryRetrieveLevel": "STUDY", **dict.fromkeys(keys, "")}),
        exchange=_exchange(FIND, outcome, data_set=final_data_set),
        matches=tuple(Match(status=status, dataset=_dataset(match)) for match in matches),
    )


A: Mapping[str, object] = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": "1.1", "RetrieveAETitle": "PACS"}
SERIES = "NumberOfStudyRelatedSeries"
SYNTAX = "AvailableTransferSyntaxUID"
B: Mapping[str, object] = {**A, "StudyInstanceUID": "1.2"}


@pytest.mark.parametrize(
    ("judged", "verdict"),
    [
        (lambda: queries.succeeded(_found(), "QR-01"), PASS),
        (lambda: queries.succeeded(_found(outcome=0xA700), "QR-01"), WARN),
        (lambda: queries.succeeded(_found(outcome=0xC000), "QR-01"), FAIL),
        (lambda: queries.level_echoed(_found(A)), PASS),
        (lambda: queries.level_echoed(_found({**A, "QueryRetrieveLevel": "SERIES"})), FAIL),
        (lambda: queries.level_echoed(_found({"StudyInstanceUID": "1.1"})), FAIL),
        (lambda: queries.level_echoed(_found(outcome=0xC000)), INCONCLUSIVE),
        (lambda: queries.only_what_was_asked(_found(A)), PASS),
        (lambda: queries.only_what_was_asked(_found({**A, "PatientSex": "O"})), FAIL),
        (lambda: queries.pending_statuses(_found(A)), PASS),
        (lambda: queries.pending_statuses(_found({})), FAIL),
        (lambda: queries.unsupported_key(_found(A), "Occupation"), PASS),
        (lambda: queries.unsupported_key(_found({**A, "Occupation": ""}), "Occupation"), PASS),
        (lambda: queries.unsupported_key(_found({**A, "Occupation": ""}, status=0xFF01), "Occupation"), WARN),
        (lambda: queries.keys_returned(_found(A), ["StudyInstanceUID"]), PASS),
        (lambda: queries.keys_returned(_found(A), ["StudyInstanceUID", "StudyDate"]), FAIL),
        (lambda: queries.where_to_retrieve(_found(A), lowest=True), PASS),
        (lambda: queries.where_to_retrieve(_found({**A, "RetrieveAETitle": ""}), lowest=False), PASS),
        (lambda: queries.where_to_retrieve(_found({**A, "RetrieveAETitle": ""}), lowest=True), FAIL),
        (lambda: queries.where_to_retrieve(_found({"StudyInstanceUID": "1.1"}), lowest=False), FAIL),
        (lambda: queries.availability(_found(A)), PASS),
        (lambda: queries.availability(_found({**A, "InstanceAvailability": "ONLINE"})), PASS),
        (lambda: queries.availability(_found({**A, "InstanceAvailability": ""})), FAIL),
        (
            lambda: queries.counts(_found({**A, "NumberOfStudyRelatedSeries": 2}), {"NumberOfStudyRelatedSeries": 2}),
            PASS,
        ),
        (
            lambda: queries.counts(_found({**A, "NumberOfStudyRelatedSeries": 3}), {"NumberOfStudyRelatedSeries": 2}),
            WARN,
        ),
        (lambda: queries.listed_in_time(_found(A), 1, 5), PASS),
        (lambda: queries.listed_in_time(_found(), 1, 5), WARN),
        (
            lambda: queries.available_transfer_syntaxes(_found({**A, SYNTAX: "1.2.840.10008.1.2"})),
            PASS,
        ),
        (lambda: queries.available_transfer_syntaxes(_found({**A, SYNTAX: "1.2.840.10008.5.1.4.1.1.2"})), FAIL),
        (lambda: queries.available_transfer_syntaxes(_found({**A, SYNTAX: "1.2.3"})), Verdict.INFO),
        (lambda: queries.available_transfer_syntaxes(_found({**A, SYNTAX: "1.2.840.10008.1.2.4.999"})), Verdict.INFO),
        (
            lambda: queries.available_transfer_syntaxes(_found({**A, SYNTAX: ["1.2.3", "1.2.840.10008.1.1"]})),
            FAIL,
        ),
        (lambda: queries.refused_identifier(_found(outcome=0xA900)), PASS),
        (lambda: queries.refused_identifier(_found(outcome=0xC001)), PASS),
        (lambda: queries.refused_identifier(_found(outcome=0x0122)), WARN),
        (lambda: queries.refused_identifier(_found(outcome=0xB000)), WARN),
        (lambda: queries.refused_identifier(_found()), FAIL),
        (lambda: queries.refused_identifier(_found(), understandable=True), WARN),
        (lambda: queries.refused_identifier(_found(outcome=ABORTED)), FAIL),
        (lambda: queries.without_unique_keys_above(_found(outcome=0xA900), "StudyInstanceUID", "1.1"), PASS),
        (lambda: queries.without_unique_keys_above(_found(outcome=0xA700), "StudyInstanceUID", "1.1"), WARN),
        (lambda: queries.without_unique_keys_above(_found(outcome=ABORTED), "StudyInstanceUID", "1.1"), FAIL),
        (lambda: queries.without_unique_keys_above(_found(A), "StudyInstanceUID", "1.1"), Verdict.INFO),
        (lambda: queries.without_unique_keys_above(_found(), "StudyInstanceUID", "1.1"), FAIL),
        (lambda: queries.any_key(_found(), "StudyInstanceUID", ["1.1"]), PASS),
        (lambda: queries.any_key(_found(A), "StudyInstanceUID", ["1.1"]), WARN),
        (lambda: queries.any_key(_found(outcome=0xC000), "StudyInstanceUID", ["1.1"]), PASS),
        (lambda: queries.any_key(_found(outcome=ABORTED), "StudyInstanceUID", ["1.1"]), WARN),
        (lambda: queries.any_key(_found(outcome=Closed()), "StudyInstanceUID", ["1.1"]), WARN),
    ],
)
def test_find(judged: Callable[[], Finding], verdict: Verdict) -> None:
    assert judged().verdict is verdict


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (_found(A, B), PASS),
        (_found(A), FAIL),
        (_found(A, B, B), FAIL),
        (_found(A, B, {**A, "StudyInstanceUID": "1.3"}), FAIL),
        (_found(A, B, {"QueryRetrieveLevel": "STUDY"}), FAIL),
        (_found(A, B, final_data_set=True), FAIL),
        (_found(outcome=ABORTED), INCONCLUSIVE),
    ],
    ids=["both", "one is missing", "one twice", "another", "no unique key", "identifier at the end", "aborted"],
)
def test_one_response_each(found: Answered, verdict: Verdict) -> None:
    assert queries.one_response_each(found, "StudyInstanceUID", ["1.1", "1.2"]).verdict is verdict


@pytest.mark.parametrize(
    ("other", "verdict"),
    [({"PatientID": ""}, PASS), ({"PatientID": "Q"}, FAIL), ({}, FAIL), ({"PatientID": "P", "StudyDate": ""}, FAIL)],
    ids=["unknown", "another patient", "not returned", "another key is unknown"],
)
def test_an_entity_of_which_the_key_is_unknown_matches(other: Mapping[str, object], verdict: Verdict) -> None:
    """PS3.4 C.2.2.1.2: matching against an empty required key succeeds."""
    of_ours = {**A, "PatientID": "P", "StudyDate": "20260101"}
    found = _found(of_ours, {"StudyInstanceUID": "1.3", "QueryRetrieveLevel": "", **other}, keys=("StudyDate",))
    found.keys.PatientID = "P"
    assert queries.one_response_each(found, "StudyInstanceUID", ["1.1"]).verdict is verdict


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (_found(A), PASS),
        (_found(A, {**A, "StudyInstanceUID": "9.9"}), PASS),
        (_found(A, B), FAIL),
        (_found(), FAIL),
        (_found(outcome=0xC000), FAIL),
        (_found(outcome=0xA700), WARN),
    ],
    ids=["right", "others of the archive beside", "one too many", "one too few", "refused", "no resources"],
)
def test_matched(found: Answered, verdict: Verdict) -> None:
    judged = queries.matched(found, "QR-09", "StudyInstanceUID", expected_values=["1.1"], others=["1.2"])
    assert judged.verdict is verdict


@pytest.mark.parametrize(
    ("label", "raw", "verdict"),
    [
        ("ISO_IR 192", "Grün".encode(), PASS),
        ("ISO_IR 100", "Grün".encode("latin-1"), PASS),
        ("ISO_IR 100", "Grün".encode(), FAIL),
        ("ISO_IR 100", b"Gr?n", WARN),
        ("", "Grün".encode("latin-1"), FAIL),
    ],
    ids=["as stored", "in another set", "mislabelled", "characters lost", "no label"],
)
def test_name_in_its_character_set(label: str, raw: bytes, verdict: Verdict) -> None:
    found = _found({**A, **({"SpecificCharacterSet": label} if label else {})})
    assert queries.name_in_its_character_set(found, "Grün", "Grün".encode(), raw).verdict is verdict


def _got(
    *uids: str,
    outcome: int | ResponseOutcome = 0,
    priority: Sequence[int] = (0,),
    answers: Sequence[int] = (0,),
    failed: int | None = None,
    defect: str = "",
) -> Retrieved:
    brought = []
    for index, uid in enumerate(uids):
        command = c_store_rq(1, sop_class_uid="1.2.3", sop_instance_uid=uid, priority=priority[index % len(priority)])
        brought.append(
            Brought(
                command=command,
                context_id=3,
                transfer_syntax_uid="1.2.840.10008.1.2",
                dataset=Dataset(),
                defect=defect,
                answered=answers[index % len(answers)],
            )
        )
    extra = {} if failed is None else {int(Tag.NUMBER_OF_FAILED_SUBOPERATIONS): us(failed)}
    return Retrieved(exchange=_exchange(GET, outcome, extra=extra), brought=tuple(brought))


@pytest.mark.parametrize(
    ("judged", "verdict"),
    [
        (lambda: retrievals.brought_all(_got("1", "2"), ["1", "2"]), PASS),
        (lambda: retrievals.brought_all(_got("1"), ["1", "2"]), FAIL),
        (lambda: retrievals.brought_all(_got("1", "2", "2"), ["1", "2"]), FAIL),
        (lambda: retrievals.brought_all(_got("1", "2", "3"), ["1", "2"]), FAIL),
        (lambda: retrievals.brought_all(_got(outcome=0xA702), ["1"]), WARN),
        (lambda: retrievals.brought_all(_got(outcome=0xA701), ["1"]), WARN),
        (lambda: retrievals.brought_all(_got(outcome=ABORTED), ["1"]), FAIL),
        (lambda: retrievals.brought_all(_got(outcome=0xC000), ["1"]), FAIL),
        (lambda: retrievals.brought_all(_got(outcome=0xC000), ["1"], unusual=True), WARN),
        (lambda: retrievals.brought_all(_got("1"), ["1", "2"], unusual=True), FAIL),
        (lambda: retrievals.priority_of_sub_operations(_got("1", priority=(1,)), 1), PASS),
        (lambda: retrievals.priority_of_sub_operations(_got("1", "2"), 1), WARN),
        (lambda: retrievals.priority_of_sub_operations(_got("1", "2", priority=(0, 1)), 1), FAIL),
        (lambda: retrievals.priority_of_sub_operations(_got(), 1), INCONCLUSIVE),
        (lambda: retrievals.statuses_counted(_got("1", "2"), total=2), PASS),
        (lambda: retrievals.statuses_counted(_got("1", "2", answers=(0, 0xA700), outcome=0xB000), total=2), PASS),
        (lambda: retrievals.statuses_counted(_got("1", "2", answers=(0, 0xA700)), total=2), FAIL),
        (lambda: retrievals.statuses_counted(_got("1", answers=(0xA700,), outcome=0xA702), total=1), PASS),
        (lambda: retrievals.statuses_counted(_got("1", answers=(0xA700,), outcome=0xB000), total=1), WARN),
        (lambda: retrievals.statuses_counted(_got("1", answers=(0xA700,)), total=1), FAIL),
        (lambda: retrievals.statuses_counted(_got("1"), total=2), INCONCLUSIVE),
        (lambda: retrievals.nothing_without_a_role(_got(outcome=0xA702)), PASS),
        (lambda: retrievals.nothing_without_a_role(_got(outcome=0xB000)), PASS),
        (lambda: retrievals.nothing_without_a_role(_got(outcome=ABORTED)), PASS),
        (lambda: retrievals.nothing_without_a_role(_got()), WARN),
        (lambda: retrievals.nothing_without_a_role(_got("1")), WARN),
        (lambda: retrievals.counted_as_answered(_got("1", answers=(0xA700,), outcome=0xB000, failed=1), total=1), PASS),
        (lambda: retrievals.counted_as_answered(_got("1", answers=(0,), outcome=0xB000, failed=1), total=1), FAIL),
        (lambda: retrievals.counted_as_answered(_got("1", answers=(0,)), total=1), PASS),
        (lambda: retrievals.counted_as_answered(_got("1", answers=(0,)), total=2), INCONCLUSIVE),
        (lambda: retrievals.failed_for_want_of_a_context(_got("1", outcome=0xB000, failed=1), ["1"], failed=1), PASS),
        (lambda: retrievals.failed_for_want_of_a_context(_got(outcome=0xA702, failed=2), ["1"], failed=1), FAIL),
        (lambda: retrievals.failed_for_want_of_a_context(_got("1", outcome=0, failed=0), ["1"], failed=1), FAIL),
        (lambda: retrievals.failed_for_want_of_a_context(_got(outcome=ABORTED), ["1"], failed=1), FAIL),
        (lambda: retrievals.failed_for_want_of_a_context(_got("1", outcome=0xB000), ["1"], failed=1), PASS),
        (lambda: retrievals.failed_for_want_of_a_context(_got("1", outcome=0xB000, failed=2), ["1"], failed=1), FAIL),
        (lambda: retrievals.failed_for_want_of_a_context(_got("1"), ["1"], failed=1), FAIL),
        (lambda: retrievals.unknown_destination(_got(outcome=0xA801)), PASS),
        (lambda: retrievals.unknown_destination(_got(outcome=0xC000)), WARN),
        (lambda: retrievals.unknown_destination(_got()), FAIL),
        (lambda: retrievals.key_that_is_not_unique(_got(outcome=0xA900)), PASS),
        (lambda: retrievals.key_that_is_not_unique(_got(outcome=0xA702)), Verdict.INFO),
        (lambda: retrievals.key_that_is_not_unique(_got(outcome=0xB000)), Verdict.INFO),
        (lambda: retrievals.key_that_is_not_unique(_got(outcome=ABORTED)), FAIL),
        (lambda: retrievals.key_that_is_not_unique(_got()), Verdict.INFO),
        (lambda: retrievals.key_that_is_not_unique(_got("1")), FAIL),
        (lambda: retrievals.on_another_association(_got(), {"1": 1}), PASS),
        (lambda: retrievals.on_another_association(_got(), {"1": 0}), FAIL),
        (lambda: retrievals.on_another_association(_got("1"), {"1": 1}), FAIL),
        (lambda: retrievals.on_another_association(_got(outcome=0xA702), {"1": 0}), INCONCLUSIVE),
        (lambda: retrievals.on_another_association(_got(outcome=0xB000), {"1": 0}), INCONCLUSIVE),
        (lambda: retrievals.on_another_association(_got(outcome=ABORTED), {"1": 0}), FAIL),
        (lambda: retrievals.arrived_all(_got(), {"1": 1, "2": 2}), PASS),
        (lambda: retrievals.arrived_all(_got(), {"1": 1, "2": 0}), FAIL),
        (lambda: retrievals.arrived_all(_got(outcome=0xA702), {"1": 0}), INCONCLUSIVE),
        (lambda: retrievals.arrived_all(_got(outcome=0xB000), {"1": 0}), INCONCLUSIVE),
        (lambda: retrievals.arrived_all(_got(outcome=ABORTED), {"1": 0}), FAIL),
        (lambda: retrievals.move_originator([("US", 1), (None, None)], "US", 1), PASS),
        (lambda: retrievals.move_originator([("PACS", 1)], "US", 1), FAIL),
        (lambda: retrievals.move_originator([("US", 2)], "US", 1), FAIL),
        (lambda: retrievals.move_originator([("US ", None), (None, 1)], "US", 1), PASS),
        (lambda: retrievals.move_originator([], "US", 1), INCONCLUSIVE),
        (lambda: retrievals.in_the_syntax_of_its_context(_got("1")), PASS),
        (lambda: retrievals.in_the_syntax_of_its_context(_got("1", defect="no element header")), FAIL),
        (lambda: retrievals.in_the_syntax_of_its_context(_got()), INCONCLUSIVE),
        (lambda: retrievals.given_in_the_default_syntax(_got("1"), obliged=True), PASS),
        (lambda: retrievals.given_in_the_default_syntax(_got(outcome=0xA702), obliged=True), FAIL),
        (lambda: retrievals.given_in_the_default_syntax(_got(outcome=0xA702), obliged=False), Verdict.INFO),
        (lambda: retrievals.given_in_the_default_syntax(_got(outcome=0xB000), obliged=False), Verdict.INFO),
        (lambda: retrievals.given_in_the_default_syntax(_got(), obliged=False), WARN),
        (lambda: retrievals.given_in_the_default_syntax(_got(), obliged=True), FAIL),
    ],
)
def test_get_and_move(judged: Callable[[], Finding], verdict: Verdict) -> None:
    assert judged().verdict is verdict


@pytest.mark.parametrize(
    ("judged", "requirement", "words"),
    [
        (queries.level_echoed, "QR-02", "match 1: none; match 2: none"),
        (queries.only_what_was_asked, "QR-03", "match 1: 1 others, PatientSex; match 2"),
        (lambda found: queries.keys_returned(found, ["StudyDate"]), "QR-07", "match 1 without StudyDate; match 2"),
        (lambda found: queries.where_to_retrieve(found, lowest=False), "QR-17", "match 1"),
    ],
)
def test_what_is_said_of_many_matches(judged: Callable[[Answered], Finding], requirement: str, words: str) -> None:
    """Matches are counted from one, four are said, and the last response is the evidence."""
    for number in (4, 5, 6):
        found = _found(*[{"StudyInstanceUID": f"1.{n}", "PatientSex": "O"} for n in range(number)])
        said = judged(found)
        assert (said.requirement, said.verdict) == (requirement, FAIL)
        assert said.actual.startswith(words)
        more = f"; and {number - 4} more"
        assert said.actual.endswith(more) if number > 4 else "more" not in said.actual
        unanswered = judged(_found(outcome=0xC000))
        assert (unanswered.requirement, unanswered.verdict) == (requirement, INCONCLUSIVE)
        assert unanswered.expected == said.expected
