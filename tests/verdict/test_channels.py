"""One instance through several channels: every verdict by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from pydicom.dataset import Dataset

from conformance.instances.instance import Instance
from conformance.observation.channels import Given
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Response
from conformance.observation.queries import Answered, Match
from conformance.observation.stored import StoredCopy
from conformance.observation.transcript import Transcript
from conformance.verdict import channels
from conformance.verdict.finding import Finding, Verdict
from conformance.wire.messages import c_find_rq, c_store_rq, response

PASS, WARN, FAIL, INFO = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.INFO
INCONCLUSIVE, NOT_APPLICABLE = Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
TRANSCRIPT = Transcript(label="1", peer="PACS@127.0.0.1:104")
FIND = c_find_rq(1, sop_class_uid="1.2.840.10008.5.1.4.1.2.2.1")
STORE = c_store_rq(1, sop_class_uid="1.2.840.10008.5.1.4.1.1.2", sop_instance_uid="1.3")


def dataset(**values: object) -> Dataset:
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def private(text: str = "private", vr: str = "LO") -> Dataset:
    made = dataset(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.2",
        SOPInstanceUID="1.3",
        PatientName="CHANNELS^ONE",
        PatientID="CONF-1",
        StudyDate="20200131",
    )
    if text:
        made.private_block(0x0099, "CONFORMANCE", create=True).add_new(1, vr, text)
    return made


STORED = dataset(
    SpecificCharacterSet="ISO_IR 192",
    PatientName="CHANNELS^ONE",
    PatientID="CONF-1",
    StudyTime="101500",
    SeriesNumber="1",
    StudyDescription="Ωmega",
    Modality="CT",
)
SENT = Instance(dataset=private(), transfer_syntax_uid=EXPLICIT)


def found(status: int = 0, matches: int = 1, **values: object) -> Answered:
    outcome = Response(
        context_id=1, command=response(FIND, status=status, data_set=False), data_set=None, t_s=0.1, after_s=0.1
    )
    return Answered(
        level="STUDY",
        keys=dataset(**dict.fromkeys(values, "")),
        exchange=OperationExchange(request=FIND, context_id=1, outcome=outcome, transcript=TRANSCRIPT),
        matches=(Match(status=0xFF00, dataset=dataset(**values)),) * matches,
    )


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        pytest.param(found(PatientName="CHANNELS^ONE", PatientID="CONF-1"), PASS, id="equal"),
        pytest.param(found(PatientName="", StudyDate=""), PASS, id="empty"),
        pytest.param(found(PatientName="CHANNELS^ONE^^^"), PASS, id="empty components"),
        pytest.param(found(StudyTime="101500.000", SeriesNumber="01"), PASS, id="another form"),
        pytest.param(found(PatientName="CHANNELS^OLD"), FAIL, id="stale name"),
        pytest.param(found(PatientID="CONF-2"), FAIL, id="another ID"),
        pytest.param(found(StudyTime="101501"), FAIL, id="another time"),
        pytest.param(found(SpecificCharacterSet="ISO_IR 100", StudyDescription="?mega"), WARN, id="lost character"),
        pytest.param(found(ModalitiesInStudy=["CT"]), PASS, id="collected"),
        pytest.param(found(ModalitiesInStudy=["CT", "PR"]), FAIL, id="collected more"),
        pytest.param(found(status=0xC000), INCONCLUSIVE, id="no success"),
        pytest.param(found(matches=2, PatientID="CONF-1"), INCONCLUSIVE, id="two matches"),
    ],
)
def test_found_as_stored(answer: Answered, verdict: Verdict) -> None:
    judged = channels.found_as_stored(answer, STORED, {"ModalitiesInStudy": ["CT"]})
    assert (judged.requirement, judged.verdict) == ("CHN-01", verdict), judged.actual


def test_what_was_coerced_is_right_where_the_instance_has_it_as_well() -> None:
    given_back = dataset(PatientID="COERCED")
    judged = channels.found_as_stored(found(PatientID="COERCED"), STORED, {}, given_back=[given_back])
    assert judged.verdict is PASS
    assert channels.found_as_stored(found(PatientID="X"), STORED, {}, given_back=[given_back]).verdict is FAIL


def row(**values: tuple[str, object]) -> Mapping[str, object]:
    return {f"{tag[1:]}": {"vr": vr, "Value": [value]} for tag, (vr, value) in values.items()}


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        pytest.param([row(t00100020=("LO", "CONF-1"))], PASS, id="equal"),
        pytest.param([row(t00100020=("LO", "CONF-2"))], FAIL, id="another"),
        pytest.param([], INCONCLUSIVE, id="none"),
        pytest.param([{"00100020": {"vr": "LO", "Value": {"a": 1}}}], INCONCLUSIVE, id="no DICOM JSON"),
    ],
)
def test_listed_as_stored(rows: list[Mapping[str, object]], verdict: Verdict) -> None:
    assert channels.listed_as_stored(rows, STORED).verdict is verdict


def given(name: str = "C-GET", data: Dataset | None = None, syntax: str = EXPLICIT, copies: int = 1) -> Given:
    held = data if data is not None else private()
    copy = StoredCopy(sop_instance_uid="1.3", dataset=held, transfer_syntax_uid=syntax, where=name)
    return Given(channel=name, copies=(copy,) * copies)


@pytest.mark.parametrize(
    ("one", "verdicts"),
    [
        pytest.param(given(), [PASS, PASS], id="given"),
        pytest.param(given(copies=0), [FAIL], id="success without an instance"),
        pytest.param(given(copies=2), [FAIL, PASS], id="twice"),
        pytest.param(replace(given(), defect="cut"), [PASS, FAIL], id="unreadable"),
        pytest.param(Given(channel="C-GET", problem="A702H"), [WARN], id="not given, obliged"),
        pytest.param(Given(channel="C-GET", problem="A702H", obliged=False), [INFO], id="not given, free"),
    ],
)
def test_given(one: Given, verdicts: list[Verdict]) -> None:
    judged = channels.given([one])
    assert [finding.verdict for finding in judged] == verdicts
    assert [finding.requirement for finding in judged] == ["QR-31", "QR-34"][: len(verdicts)]


def changed(edit: Callable[[Dataset], object]) -> Dataset:
    made = private()
    edit(made)
    return made


@pytest.mark.parametrize(
    ("others", "verdict"),
    [
        pytest.param([given("C-MOVE")], PASS, id="the same"),
        pytest.param([], NOT_APPLICABLE, id="one channel"),
        pytest.param([replace(given("C-MOVE"), defect="cut")], NOT_APPLICABLE, id="the other unreadable"),
        pytest.param([given("C-MOVE", private(""))], FAIL, id="private elements lost"),
        pytest.param([given("C-MOVE", changed(lambda d: setattr(d, "StudyDate", "19000101")))], FAIL, id="changed"),
        pytest.param([given("C-MOVE", changed(lambda d: setattr(d, "PatientID", "NEW")))], WARN, id="updated"),
        pytest.param([given("C-MOVE", changed(lambda d: setattr(d, "Occupation", "x")))], WARN, id="added"),
        pytest.param([given("C-MOVE", private(vr="SH"))], PASS, id="a VR is no value"),
    ],
)
def test_the_same_through_all(others: list[Given], verdict: Verdict) -> None:
    judged = channels.the_same_through_all(SENT, [given(), *others])
    assert (judged.requirement, judged.verdict) == ("CHN-02", verdict), judged.actual


def test_what_is_lost_through_every_channel_is_no_matter_of_channels() -> None:
    both = [given(data=private("")), given("C-MOVE", private(""))]
    assert channels.the_same_through_all(SENT, both).verdict is PASS


@pytest.mark.parametrize(
    ("one", "verdicts"),
    [
        pytest.param(given(), [PASS], id="as sent"),
        pytest.param(given(data=private(vr="SH")), [FAIL], id="another"),
        pytest.param(given(syntax=IMPLICIT), [], id="implicit"),
        pytest.param(given(data=changed(lambda d: d.add_new(0x00991001, "UN", b"private "))), [WARN], id="UN"),
    ],
)
def test_value_representations(one: Given, verdicts: list[Verdict]) -> None:
    assert [finding.verdict for finding in channels.value_representations(SENT, [one])] == verdicts


def _judged(one: Given) -> dict[str, Finding]:
    outcome = Response(context_id=1, command=response(STORE, status=0), data_set=None, t_s=0.1, after_s=0.1)
    store = OperationExchange(request=STORE, context_id=1, outcome=outcome, transcript=TRANSCRIPT)
    return {f.requirement: f for f in channels.each_as_sent(SENT, [one], store, storage_level=None)}


def test_each_channel_is_named_in_what_is_said_of_it() -> None:
    assert {f.verdict for f in _judged(given()).values()} == {PASS}
    lost = _judged(given("C-MOVE", private("")))["FID-01"]
    assert lost.verdict is FAIL
    assert lost.actual.startswith("C-MOVE: status 0000H")
    assert _judged(replace(given(), defect="cut")) == {}
