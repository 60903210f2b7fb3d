"""Judges of encodings on hand-written observations: every verdict that each can give."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset

from conformance.instances.encapsulated import rle
from conformance.instances.instance import Instance
from conformance.observation.outcomes import (
    Aborted,
    Closed,
    NotConnected,
    Rejected,
    ResponseOutcome,
    Silence,
)
from conformance.observation.stored import ReadBackOutcome, Stored, StoredCopy
from conformance.verdict import encoding
from conformance.verdict.finding import Verdict
from tests.verdict.builders import CT_CONTEXT, accepted, association, result
from tests.verdict.observed import UNREADABLE, edited, exchange, instance, stored, verdicts

RLE = "1.2.840.10008.1.2.5"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT = "1.2.840.10008.1.2.1"
CT = instance()
NOTHING = stored()
WHOLE = stored(CT.dataset)
HALF = stored(edited(CT.dataset, lambda ds: ds.__delitem__("PixelData")))
WITH_META = stored(edited(CT.dataset, lambda ds: ds.add_new(0x00020010, "UI", "1.2.840.10008.1.2.2")))
NATIVE_IN_RLE = stored(CT.dataset, transfer_syntax_uid=RLE)
ENCAPSULATED_IN_EXPLICIT = stored(rle(CT).dataset)


@pytest.mark.parametrize(
    ("answer", "found", "meant", "verdict"),
    [
        pytest.param(0xC000, NOTHING, None, Verdict.PASS, id="refused"),
        pytest.param(Aborted(source=0, reason=0), NOTHING, None, Verdict.PASS, id="aborted"),
        pytest.param(Aborted(source=0, reason=0), WHOLE, None, Verdict.WARN, id="aborted and kept"),
        pytest.param(Closed(), NOTHING, None, Verdict.WARN, id="closed"),
        pytest.param(Silence(waited_s=10.0), NOTHING, None, Verdict.FAIL, id="silent"),
        pytest.param(NotConnected(reason="gone"), NOTHING, None, Verdict.INCONCLUSIVE, id="not connected"),
        pytest.param(0x0000, WHOLE, None, Verdict.FAIL, id="success for what is no instance"),
        pytest.param(0x0000, UNREADABLE, None, Verdict.FAIL, id="success for what is no instance, not seen"),
        pytest.param(0xB007, HALF, None, Verdict.WARN, id="warning for what is no instance"),
        pytest.param(0x0000, UNREADABLE, CT, Verdict.INCONCLUSIVE, id="success, not seen"),
        pytest.param(0x0000, NOTHING, CT, Verdict.FAIL, id="success and not stored"),
        pytest.param(0x0000, WHOLE, CT, Verdict.PASS, id="success and understood"),
        pytest.param(0x0000, HALF, CT, Verdict.FAIL, id="success and not readable"),
        pytest.param(0xB000, HALF, CT, Verdict.WARN, id="warning and not readable"),
        pytest.param(0x0000, WITH_META, CT, Verdict.FAIL, id="a group that does not belong there"),
        pytest.param(0x0000, NATIVE_IN_RLE, CT, Verdict.WARN, id="native pixel data labelled RLE"),
        pytest.param(0x0000, ENCAPSULATED_IN_EXPLICIT, rle(CT), Verdict.WARN, id="encapsulated labelled native"),
    ],
)
def test_refused_or_readable(
    answer: int | ResponseOutcome, found: ReadBackOutcome, meant: Instance | None, verdict: Verdict
) -> None:
    judged = encoding.refused_or_readable(exchange(CT, answer), found, "ST-38", meant=meant)
    assert verdicts(judged)["ST-38"] is verdict


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        pytest.param(NOTHING, Verdict.PASS, id="nothing kept"),
        pytest.param(WHOLE, Verdict.FAIL, id="kept"),
        pytest.param(UNREADABLE, Verdict.INCONCLUSIVE, id="not seen"),
    ],
)
def test_nothing_is_kept_of_what_was_refused(found: ReadBackOutcome, verdict: Verdict) -> None:
    judged = encoding.refused_or_readable(exchange(CT, 0xC000), found, "ST-37", meant=None)
    assert verdicts(judged) == {"ST-37": Verdict.PASS, "STA-19": verdict}


def test_a_false_success_carries_its_clause() -> None:
    (judged,) = encoding.refused_or_readable(exchange(CT, 0x0000), WHOLE, "ST-37", meant=None)
    assert "PS3.4 B.2.2" in judged.note


def _read(dataset: Dataset, *, ascending: bool = True) -> Stored:
    """A copy whose elements were read in this order."""
    copied = Dataset()
    for tag in sorted(dataset.keys(), reverse=not ascending):
        copied[tag] = dataset[tag]
    return stored(copied)


@pytest.mark.parametrize(
    ("answer", "found", "verdict"),
    [
        pytest.param(0xC000, NOTHING, Verdict.PASS, id="refused"),
        pytest.param(Aborted(source=0, reason=0), NOTHING, Verdict.WARN, id="aborted"),
        pytest.param(0x0000, _read(CT.dataset), Verdict.PASS, id="put in order"),
        pytest.param(0x0000, _read(CT.dataset, ascending=False), Verdict.WARN, id="kept out of order"),
        pytest.param(0x0000, HALF, Verdict.FAIL, id="lost"),
        pytest.param(0xB007, HALF, Verdict.WARN, id="lost and told"),
        pytest.param(0x0000, UNREADABLE, Verdict.INCONCLUSIVE, id="not seen"),
    ],
)
def test_kept_in_order(answer: int | ResponseOutcome, found: ReadBackOutcome, verdict: Verdict) -> None:
    judged = encoding.kept_in_order(exchange(CT, answer), found, "ST-36", meant=CT)
    assert verdicts(judged)["ST-36"] is verdict


def test_of_an_element_sent_twice_either_value_may_be_kept() -> None:
    other = _read(edited(CT.dataset, lambda ds: setattr(ds, "StudyDescription", "Another one")))
    judged = encoding.kept_in_order(exchange(CT, 0x0000), other, "ST-36", meant=CT, twice="(0008,1030)")
    assert verdicts(judged) == {"ST-36": Verdict.PASS}


def _dimmed(dataset: Dataset) -> None:
    dataset.PixelData = (np.frombuffer(dataset.PixelData, dtype="<u2") & 0xFFF0).tobytes()


@pytest.mark.parametrize(
    ("answer", "found", "verdict"),
    [
        pytest.param(0x0000, WHOLE, Verdict.PASS, id="as sent"),
        pytest.param(0x0000, stored(rle(CT).dataset, transfer_syntax_uid=RLE), Verdict.PASS, id="without loss"),
        pytest.param(0x0000, stored(edited(CT.dataset, _dimmed)), Verdict.FAIL, id="with loss"),
        pytest.param(0x0000, UNREADABLE, Verdict.INCONCLUSIVE, id="not seen"),
        pytest.param(0xC000, NOTHING, Verdict.NOT_APPLICABLE, id="refused"),
    ],
)
def test_no_lossy_recompression(answer: int, found: ReadBackOutcome, verdict: Verdict) -> None:
    assert encoding.no_lossy_recompression(CT, found, exchange(CT, answer)).verdict is verdict


def test_pixels_that_cannot_be_decoded_here_are_no_loss() -> None:
    broken = edited(rle(CT).dataset, lambda ds: setattr(ds, "PixelData", ds.PixelData[:-40]))
    broken["PixelData"].is_undefined_length = True
    found = Stored(
        copies=(StoredCopy(sop_instance_uid="1", dataset=broken, transfer_syntax_uid=RLE, where="file"),),
        listed=1,
        channel="directory",
    )
    assert encoding.no_lossy_recompression(CT, found, exchange(CT, 0)).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        pytest.param(0, 0, Verdict.PASS, id="both"),
        pytest.param(0, 4, Verdict.FAIL, id="the other refused for its syntax"),
        pytest.param(0, 3, Verdict.FAIL, id="the class denied"),
        pytest.param(0, 2, Verdict.WARN, id="refused without a reason"),
        pytest.param(4, 4, Verdict.NOT_APPLICABLE, id="neither"),
    ],
)
def test_companion_accepted(first: int, second: int, verdict: Verdict) -> None:
    one = accepted(result(1, DEFLATED, code=first), proposed=(CT_CONTEXT,))
    other = accepted(result(1, EXPLICIT, code=second), proposed=(CT_CONTEXT,))
    judged = encoding.companion_accepted(one, other, "TS-06", first_uid=DEFLATED, second_uid=EXPLICIT)
    assert judged.verdict is verdict


def test_companion_of_a_rejected_association_is_missing() -> None:
    one = accepted(result(1, DEFLATED), proposed=(CT_CONTEXT,))
    other = association(Rejected(result=1, source=1, reason=1), proposed=(CT_CONTEXT,))
    judged = encoding.companion_accepted(one, other, "TS-06", first_uid=DEFLATED, second_uid=EXPLICIT)
    assert judged.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("chosen", "code", "verdict"),
    [
        pytest.param("1.2.3", 0, Verdict.FAIL, id="chosen"),
        pytest.param(EXPLICIT, 0, Verdict.PASS, id="the other one"),
        pytest.param("1.2.3", 4, Verdict.PASS, id="named in a refusal"),
    ],
)
def test_not_chosen(chosen: str, code: int, verdict: Verdict) -> None:
    answer = accepted(result(1, chosen, code=code), proposed=(CT_CONTEXT,))
    assert encoding.not_chosen(answer, 1, ("1.2.3",), "TS-19").verdict is verdict
