"""Every verdict about instances that ought to be stored, from hand-written observations."""

from dataclasses import replace

import pytest

from conformance.observation.outcomes import Aborted, NotConnected, Response, ResponseOutcome, Silence
from conformance.observation.stored import ReadBackOutcome
from conformance.verdict.finding import Verdict
from conformance.verdict.storing import acknowledged, all_arrived, like_the_ordinary, on_the_requests_context, storable
from tests.verdict.observed import UNREADABLE, exchange, instance, stored

IMAGE = instance("storing")
THERE = stored(IMAGE.dataset)
GONE = stored()
ABORT = Aborted(source=2, reason=0)
SILENCE = Silence(waited_s=5.0)
PASS, WARN, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.INCONCLUSIVE

Answer = int | ResponseOutcome


@pytest.mark.parametrize(
    ("answer", "claimed", "expected"),
    [
        pytest.param(0x0000, None, PASS, id="success"),
        pytest.param(0xB000, True, PASS, id="warning"),
        pytest.param(0xC000, None, WARN, id="refused, nothing claimed"),
        pytest.param(0xC000, False, WARN, id="refused, not claimed"),
        pytest.param(0xC000, True, FAIL, id="refused, claimed"),
        pytest.param(0xA700, True, WARN, id="no room, claimed"),
        pytest.param(0xFE00, None, FAIL, id="cancelled"),
        pytest.param(ABORT, None, FAIL, id="aborted"),
        pytest.param(SILENCE, None, FAIL, id="silent"),
        pytest.param(NotConnected(reason="refused"), None, INCONCLUSIVE, id="not sent"),
    ],
)
def test_a_valid_instance_is_stored(answer: Answer, claimed: bool | None, expected: Verdict) -> None:
    assert storable(exchange(IMAGE, answer), "ST-25", claimed=claimed).verdict is expected


@pytest.mark.parametrize(
    ("answer", "ordinary", "expected"),
    [
        pytest.param(0x0000, 0x0000, PASS, id="both stored"),
        pytest.param(0xB000, 0x0000, PASS, id="stored with a warning"),
        pytest.param(0x0000, 0xC000, PASS, id="better than the ordinary"),
        pytest.param(0xC000, 0x0000, FAIL, id="refused"),
        pytest.param(0xA7FF, 0x0000, WARN, id="no room"),
        pytest.param(ABORT, 0x0000, FAIL, id="aborted"),
        pytest.param(SILENCE, 0x0000, FAIL, id="silent"),
        pytest.param(0xC000, 0xC000, INCONCLUSIVE, id="both refused"),
        pytest.param(ABORT, ABORT, INCONCLUSIVE, id="both aborted"),
    ],
)
def test_an_unusual_store_fares_like_an_ordinary_one(answer: Answer, ordinary: Answer, expected: Verdict) -> None:
    assert like_the_ordinary(exchange(IMAGE, answer), exchange(IMAGE, ordinary), "PDV-02").verdict is expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param([(0, THERE), (0xB000, THERE)], PASS, id="all there"),
        pytest.param([(0, THERE), (0, GONE)], FAIL, id="one lost"),
        pytest.param([(0, THERE), (ABORT, GONE)], FAIL, id="one not answered"),
        pytest.param([(0, THERE), (0xC000, GONE)], FAIL, id="one refused"),
        pytest.param([(0, UNREADABLE), (0xC000, UNREADABLE)], FAIL, id="one refused, nothing to be seen"),
        pytest.param([(0, THERE), (0xA700, GONE)], WARN, id="no room for one"),
        pytest.param([(0xC000, GONE), (0xC000, GONE)], WARN, id="all refused"),
        pytest.param([(0, THERE), (0, UNREADABLE)], INCONCLUSIVE, id="one not to be seen"),
        pytest.param([], INCONCLUSIVE, id="none"),
    ],
)
def test_all_of_several_arrive(answers: list[tuple[Answer, ReadBackOutcome]], expected: Verdict) -> None:
    stores = [(exchange(IMAGE, answer), found) for answer, found in answers]
    assert all_arrived(stores, "ST-05").verdict is expected


def test_who_is_lost_is_named_beside_how_many_arrived() -> None:
    found = all_arrived(
        [(exchange(IMAGE, 0), THERE), (exchange(IMAGE, 0), THERE), (exchange(IMAGE, None), GONE)], "ST-05"
    )
    assert found.verdict is FAIL
    assert IMAGE.sop_instance_uid in found.actual
    assert "2" in found.actual.replace(IMAGE.sop_instance_uid, "")
    nameless = replace(exchange(IMAGE, SILENCE), sent=None)
    assert all_arrived([(nameless, GONE)], "ST-05").actual.startswith("message 1: ")


def test_a_finding_is_about_the_requirement_that_was_asked_for() -> None:
    good, bad = exchange(IMAGE, 0), exchange(IMAGE, 0xC000)
    assert like_the_ordinary(good, good, "PDV-02").requirement == "PDV-02"
    assert like_the_ordinary(bad, bad, "PDV-02").requirement == "PDV-02"
    assert on_the_requests_context(good).requirement == "PDV-31"
    assert storable(bad, "ST-25", claimed=None).note
    assert not storable(good, "ST-25", claimed=None).note


def test_many_losses_are_counted_and_some_named() -> None:
    finding = all_arrived([(exchange(IMAGE, 0), GONE)] * 20, "ST-41")
    assert finding.actual.count("not stored") == 6
    assert "and 14 more" in finding.actual


def test_the_response_comes_on_the_context_of_the_request() -> None:
    good = exchange(IMAGE, 0)
    assert isinstance(good.outcome, Response)
    assert on_the_requests_context(good).verdict is PASS
    assert on_the_requests_context(replace(good, outcome=replace(good.outcome, context_id=3))).verdict is FAIL
    assert on_the_requests_context(exchange(IMAGE, ABORT)).verdict is INCONCLUSIVE


@pytest.mark.parametrize(("answer", "expected"), [(0, True), (0xB007, True), (0xA900, False), (None, False)])
def test_success_and_warning_acknowledge(answer: int | None, expected: bool) -> None:
    assert acknowledged(exchange(IMAGE, answer)) is expected
