"""Content of one kind, and its padding: every verdict, from hand-written observations."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from conformance.instances.instance import Instance
from conformance.verdict.finding import Verdict
from conformance.verdict.kept import content_kept, padded
from tests.verdict.observed import UNREADABLE, edited, exchange, instance, stored

PASS, WARN, FAIL, INFO = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.INFO
INCONCLUSIVE = Verdict.INCONCLUSIVE


@pytest.fixture(scope="module")
def ct() -> Instance:
    return instance()


def unchanged(_: Dataset) -> None:
    """Leaves a data set as it is."""


def change_name(dataset: Dataset) -> None:
    dataset.PatientName = "OTHER"


def drop_comments(dataset: Dataset) -> None:
    del dataset.PatientComments


def drop_blocks(dataset: Dataset) -> None:
    dataset.remove_private_tags()


def drop_private_element(dataset: Dataset) -> None:
    creator = next(e for e in dataset if e.tag.is_private_creator)
    del dataset[(creator.tag.group, (creator.tag.element << 8) + 1)]


def coerce(dataset: Dataset) -> None:
    dataset.PatientID = "LOCAL-1"


def add_comment(dataset: Dataset) -> None:
    dataset.PatientMotherBirthName = "CONFORMANCE^ADDED"


@pytest.mark.parametrize(
    ("edit", "status_and_level", "requirement", "verdict"),
    [
        pytest.param(unchanged, (0, None), "ENC-05", PASS, id="as sent"),
        pytest.param(change_name, (0, None), "ENC-05", FAIL, id="changed in silence"),
        pytest.param(change_name, (0xB000, None), "ENC-05", WARN, id="changed with a warning"),
        pytest.param(coerce, (0, None), "ENC-05", INFO, id="coerced"),
        pytest.param(drop_comments, (0, None), "ENC-05", FAIL, id="lost"),
        pytest.param(drop_comments, (0, 1), "ENC-05", INFO, id="lost at level 1"),
        pytest.param(drop_blocks, (0, None), "ENC-05", INFO, id="blocks lost"),
        pytest.param(drop_blocks, (0, None), "ENC-14", FAIL, id="blocks lost, which it is about"),
        pytest.param(drop_private_element, (0, None), "ENC-05", FAIL, id="lost from a block that is kept"),
        pytest.param(add_comment, (0, None), "ENC-05", INFO, id="added"),
    ],
)
def test_content(
    ct: Instance,
    edit: Callable[[Dataset], None],
    status_and_level: tuple[int, int | None],
    requirement: str,
    verdict: Verdict,
) -> None:
    status, level = status_and_level
    after = stored(edited(ct.dataset, edit))
    (judged,) = content_kept(ct, after, exchange(ct, status), requirement, storage_level=level)
    assert (judged.requirement, judged.verdict) == (requirement, verdict)


def test_content_that_cannot_be_read_back(ct: Instance) -> None:
    (judged,) = content_kept(ct, UNREADABLE, exchange(ct, 0), "ENC-05")
    assert judged.verdict is INCONCLUSIVE


def test_nothing_stored_is_judged_elsewhere(ct: Instance) -> None:
    assert content_kept(ct, stored(), exchange(ct, 0), "ENC-05") == ()


def _with_raw(tag: int, vr: str, value: bytes) -> Dataset:
    dataset = Dataset()
    dataset[tag] = RawDataElement(Tag(tag), vr, len(value), value, 0, False, True)
    return dataset


def _in_item(dataset: Dataset) -> Dataset:
    outer = Dataset()
    outer.RequestAttributesSequence = [dataset]
    return outer


UI_SPACE = _with_raw(0x0020000D, "UI", b"1.2.3 ")
TEXT_NUL = _with_raw(0x00081030, "LO", b"odd\0")


@pytest.mark.parametrize(
    ("dataset", "verdict"),
    [
        pytest.param(_with_raw(0x0020000D, "UI", b"1.2.3\0"), PASS, id="NUL after a UID"),
        pytest.param(_with_raw(0x00081030, "LO", b"odd "), PASS, id="space after text"),
        pytest.param(UI_SPACE, FAIL, id="space after a UID"),
        pytest.param(TEXT_NUL, FAIL, id="NUL after text"),
        pytest.param(_in_item(UI_SPACE), FAIL, id="space after a UID in an item"),
    ],
)
def test_padding(dataset: Dataset, verdict: Verdict) -> None:
    assert padded(stored(dataset)).verdict is verdict


def test_padding_that_cannot_be_read_back() -> None:
    assert padded(UNREADABLE).verdict is INCONCLUSIVE
