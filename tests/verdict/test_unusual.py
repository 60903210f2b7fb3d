"""What is unusual in a data set may be kept, dropped or refused; what stands around it may not be harmed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pydicom.dataset import Dataset

from conformance.instances import hard
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.instances.pixel_kinds import with_unused_bits
from conformance.observation.outcomes import Aborted, Closed, ResponseOutcome, Silence
from conformance.readback.part10 import decode_data_set
from conformance.verdict.finding import Verdict
from conformance.verdict.unusual import answered, rest_unharmed, unused_bits
from tests.verdict.observed import EXPLICIT, UNREADABLE, edited, exchange, stored

PASS, WARN, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.INCONCLUSIVE
LOST = (0x0009_1101,)


def without_creator() -> hard.Unusual:
    _, make = hard.UNUSUAL["private elements without a creator"]
    return make(IdentitySource(seed=7, scope="unusual").new())


def received(unusual: hard.Unusual) -> Dataset:
    dataset, defect = decode_data_set(unusual.encoded(EXPLICIT), EXPLICIT)
    assert not defect
    return dataset


def drop(*tags: int) -> Callable[[Dataset], None]:
    def edit(dataset: Dataset) -> None:
        for tag in tags:
            del dataset[tag]

    return edit


def refile(dataset: Dataset) -> None:
    for tag in (0x0009_1001, 0x0009_1002):
        element = dataset[tag]
        del dataset[tag]
        dataset.add_new(tag + 0x100 + 0x10, element.VR, element.value)


@pytest.mark.parametrize(
    ("edit", "status", "expected"),
    [
        pytest.param(drop(), 0x0000, PASS, id="all kept"),
        pytest.param(drop(0x0009_1001, 0x0009_1002), 0x0000, PASS, id="what is beside it dropped"),
        pytest.param(drop(*LOST), 0x0000, FAIL, id="the instance harmed"),
        pytest.param(drop(*LOST), 0xB007, WARN, id="the instance harmed, with a warning"),
        pytest.param(drop(0x0009_0011, *LOST), 0x0000, Verdict.INFO, id="no private block is kept"),
        pytest.param(refile, 0x0000, FAIL, id="filed under another's creator"),
    ],
)
def test_the_rest_of_the_instance(edit: Callable[[Dataset], None], status: int, expected: Verdict) -> None:
    one = without_creator()
    kept = stored(edited(received(one), edit))
    found = rest_unharmed(exchange(one.meant, status), kept, "ENC-15", meant=one.meant, beside=one.paths)
    assert [f.verdict for f in found] == [expected], found


@pytest.mark.parametrize(("level", "expected"), [(None, FAIL), (2, FAIL), (1, Verdict.INFO), (0, Verdict.INFO)])
def test_what_a_claimed_level_drops_is_no_harm(level: int | None, expected: Verdict) -> None:
    one = without_creator()
    kept = stored(edited(received(one), drop(0x0008_0064)))
    answer = exchange(one.meant, 0)
    (found,) = rest_unharmed(answer, kept, "ENC-15", meant=one.meant, beside=one.paths, storage_level=level)
    assert found.verdict is expected


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        pytest.param(0xC000, [PASS, PASS], id="refused"),
        pytest.param(Aborted(source=0, reason=0), [WARN], id="aborted"),
        pytest.param(Closed(), [WARN], id="closed"),
        pytest.param(Silence(waited_s=5), [FAIL], id="silent"),
    ],
)
def test_what_is_not_acknowledged(outcome: int | ResponseOutcome, expected: list[Verdict]) -> None:
    one = without_creator()
    found = rest_unharmed(exchange(one.meant, outcome), stored(), "ENC-15", meant=one.meant, beside=one.paths)
    assert [f.verdict for f in found] == expected


def test_acknowledged_and_not_to_be_found_or_not_to_be_seen() -> None:
    one = without_creator()
    gone = rest_unharmed(exchange(one.meant, 0), stored(), "ENC-15", meant=one.meant)
    unseen = rest_unharmed(exchange(one.meant, 0), UNREADABLE, "ENC-15", meant=one.meant)
    assert [f.verdict for f in (*gone, *unseen)] == [FAIL, INCONCLUSIVE]


def test_a_vr_that_no_edition_has_is_read_with_its_long_length() -> None:
    _, make = hard.UNUSUAL["a VR that no edition has"]
    one = make(IdentitySource(seed=7, scope="vr").new())
    dataset = received(one)
    assert dataset[0x0011_1002].VR == "UN"
    assert dataset[0x0011_1003].value == 3
    assert [f.verdict for f in rest_unharmed(exchange(one.meant, 0), stored(dataset), "ENC-11", meant=one.meant)] == [
        FAIL  # an element more in somebody's block, which the paths beside the instance excuse
    ]
    excused = rest_unharmed(exchange(one.meant, 0), stored(dataset), "ENC-11", meant=one.meant, beside=one.paths)
    assert [f.verdict for f in excused] == [PASS]


@pytest.mark.parametrize(
    ("outcome", "silence", "expected"),
    [(0, False, PASS), (0xA900, False, PASS), (Silence(waited_s=5), False, FAIL), (Silence(waited_s=5), True, WARN)],
)
def test_what_nobody_need_store_is_answered(outcome: int | ResponseOutcome, silence: bool, expected: Verdict) -> None:
    one = without_creator()
    assert answered(exchange(one.meant, outcome), "PIX-09", silence=silence).verdict is expected


def cells(change: Callable[[int], int]) -> Callable[[Dataset], None]:
    def edit(dataset: Dataset) -> None:
        first = int.from_bytes(dataset.PixelData[:2], "little")
        dataset.PixelData = change(first).to_bytes(2, "little") + dataset.PixelData[2:]

    return edit


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param(cells(lambda cell: cell), PASS, id="as sent"),
        pytest.param(cells(lambda cell: cell & 0x0FFF), WARN, id="unused bits cleared"),
        pytest.param(cells(lambda cell: cell ^ 1), FAIL, id="another sample"),
    ],
)
def test_bits_that_no_sample_uses(edit: Callable[[Dataset], None], expected: Verdict) -> None:
    sent: Instance = with_unused_bits(IdentitySource(seed=7, scope="bits").new())
    kept = stored(edited(sent.dataset, edit))
    assert unused_bits(exchange(sent, 0), kept, sent=sent).verdict is expected


def test_bits_that_cannot_be_seen() -> None:
    sent = with_unused_bits(IdentitySource(seed=7, scope="bits").new())
    assert unused_bits(exchange(sent, 0), UNREADABLE, sent=sent).verdict is INCONCLUSIVE
    assert unused_bits(exchange(sent, 0xA700), stored(), sent=sent).verdict is Verdict.NOT_APPLICABLE
    assert unused_bits(exchange(sent, 0), replace(stored(), listed=1), sent=sent).verdict is Verdict.NOT_APPLICABLE
