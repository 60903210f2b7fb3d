"""Judges of data sets that lack something, with hand-written observations for every verdict."""

from __future__ import annotations

import pytest

from conformance.observation.outcomes import Aborted, ResponseOutcome, Silence
from conformance.observation.stored import ReadBackOutcome
from conformance.verdict import content
from conformance.verdict.finding import Verdict
from tests.verdict.observed import UNREADABLE, edited, exchange, instance, stored, verdicts

CT = instance()
NOTHING = stored()
WHOLE = stored(CT.dataset)
ABORT = Aborted(source=0, reason=0)


@pytest.mark.parametrize(
    ("answer", "found", "verdict"),
    [
        pytest.param(0xA900, NOTHING, Verdict.PASS, id="refused"),
        pytest.param(0xB000, WHOLE, Verdict.PASS, id="told"),
        pytest.param(0xB000, UNREADABLE, Verdict.PASS, id="told, not seen"),
        pytest.param(0xB000, NOTHING, Verdict.FAIL, id="told and not stored"),
        pytest.param(0xB006, WHOLE, Verdict.WARN, id="another warning"),
        pytest.param(0x0000, WHOLE, Verdict.WARN, id="stored"),
        pytest.param(0x0000, UNREADABLE, Verdict.INCONCLUSIVE, id="success, not seen"),
        pytest.param(0x0000, NOTHING, Verdict.FAIL, id="success and not reachable"),
        pytest.param(ABORT, NOTHING, Verdict.WARN, id="aborted"),
        pytest.param(Silence(waited_s=10.0), NOTHING, Verdict.FAIL, id="silent"),
    ],
)
def test_incomplete(answer: int | ResponseOutcome, found: ReadBackOutcome, verdict: Verdict) -> None:
    judged = content.incomplete(exchange(CT, answer), found, "ST-39", told=(0xB000,))
    assert verdicts(judged)["ST-39"] is verdict


@pytest.mark.parametrize(
    ("answer", "found", "verdict"),
    [
        pytest.param(0x0117, NOTHING, Verdict.PASS, id="refused"),
        pytest.param(0x0000, WHOLE, Verdict.WARN, id="kept as it is"),
        pytest.param(0x0000, NOTHING, Verdict.WARN, id="not found"),
        pytest.param(0x0000, UNREADABLE, Verdict.WARN, id="not seen"),
        pytest.param(ABORT, NOTHING, Verdict.WARN, id="aborted"),
        pytest.param(Silence(waited_s=10.0), NOTHING, Verdict.WARN, id="silent"),
        pytest.param(0xD000, NOTHING, Verdict.FAIL, id="a status without a class"),
    ],
)
def test_ill_formed_uid(answer: int | ResponseOutcome, found: ReadBackOutcome, verdict: Verdict) -> None:
    judged = content.ill_formed_uid(exchange(CT, answer), found, CT.sop_instance_uid)
    assert verdicts(judged)["CMD-35"] is verdict


def test_another_uid_in_place_of_an_ill_formed_one() -> None:
    other = stored(edited(CT.dataset, lambda ds: setattr(ds, "SOPInstanceUID", "1.2.3")))
    judged = content.ill_formed_uid(exchange(CT, 0x0000), other, CT.sop_instance_uid)
    assert [found.verdict for found in judged] == [Verdict.WARN, Verdict.FAIL]


COERCED = stored(edited(CT.dataset, lambda ds: setattr(ds, "PatientID", "ANOTHER")))


@pytest.mark.parametrize(
    ("answer", "found", "verdict"),
    [
        pytest.param(0x0000, WHOLE, Verdict.PASS, id="as sent"),
        pytest.param(0x0000, COERCED, Verdict.FAIL, id="coerced in silence"),
        pytest.param(0xB000, COERCED, Verdict.PASS, id="coerced and told"),
        pytest.param(0x0000, UNREADABLE, Verdict.INCONCLUSIVE, id="not seen"),
        pytest.param(0xC000, NOTHING, Verdict.NOT_APPLICABLE, id="refused"),
    ],
)
def test_coercion_told(answer: int, found: ReadBackOutcome, verdict: Verdict) -> None:
    assert content.coercion_told(CT, found, exchange(CT, answer)).verdict is verdict
