"""The matrix is asked for once in a run, whichever process needs it first; and what is tried of it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.instances.in_syntax import ENCODABLE
from conformance.instances.instance import Instance
from conformance.observation.matrix import Matrix
from conformance.plugin import matrix_plan
from conformance.plugin.matrix import SharedMatrix
from conformance.standard.sop_classes import storage_uid_by_keyword
from tests.verdict.builders import CT, EXPLICIT, IMPLICIT

RLE = "1.2.840.10008.1.2.5"
JPEG = "1.2.840.10008.1.2.4.50"
ONE = Matrix(sop_classes=(CT,), transfer_syntaxes=(IMPLICIT, EXPLICIT), rows=("04",), associations=1, seconds=0.5)


class Asked:
    """Counts how often the target was asked."""

    def __init__(self, *, started: threading.Event | None = None, go_on: threading.Event | None = None) -> None:
        self.times = 0
        self._started, self._go_on = started, go_on

    def __call__(self) -> Matrix:
        self.times += 1
        if self._started is not None and self._go_on is not None:
            self._started.set()
            assert self._go_on.wait(10)
        return ONE


def build(keyword: str, uid: str) -> Instance:
    return catalogue.build(keyword, IdentitySource(seed=7, scope=f"{keyword} {uid}").new())


def accepting(*syntaxes: str) -> Matrix:
    classes = tuple(storage_uid_by_keyword()[keyword] for keyword in catalogue.available())
    return Matrix(sop_classes=classes, transfer_syntaxes=syntaxes, rows=("0" * len(syntaxes),) * len(classes))


def test_the_second_process_reads_what_the_first_has_asked(tmp_path: Path) -> None:
    first, second = Asked(), Asked()
    assert SharedMatrix(tmp_path).get(first) == ONE
    assert SharedMatrix(tmp_path).get(second) == ONE
    assert (first.times, second.times) == (1, 0)


def test_a_process_asks_once(tmp_path: Path) -> None:
    asked, shared = Asked(), SharedMatrix(tmp_path)
    assert shared.get(asked) is shared.get(asked)
    assert asked.times == 1


def test_who_comes_while_another_is_asking_waits_for_it(tmp_path: Path) -> None:
    started, go_on = threading.Event(), threading.Event()
    first, second = Asked(started=started, go_on=go_on), Asked()
    asking = threading.Thread(target=lambda: SharedMatrix(tmp_path).get(first))
    asking.start()
    assert started.wait(10)
    threading.Timer(0.3, go_on.set).start()
    assert SharedMatrix(tmp_path).get(second) == ONE
    asking.join()
    assert (first.times, second.times) == (1, 0)


def test_a_process_that_died_while_asking_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    started, go_on = threading.Event(), threading.Event()
    lost = threading.Thread(target=lambda: SharedMatrix(tmp_path).get(Asked(started=started, go_on=go_on)))
    lost.start()
    assert started.wait(10)
    asked = Asked()
    assert SharedMatrix(tmp_path, wait_s=0.2).get(asked) == ONE
    assert asked.times == 1
    go_on.set()
    lost.join()


def test_nothing_of_it_stays_in_the_folder(tmp_path: Path) -> None:
    shared = SharedMatrix(tmp_path)
    shared.get(Asked())
    shared.remove()
    assert list(tmp_path.iterdir()) == []


def test_the_sample_has_every_sop_class_and_in_each_syntax_every_content() -> None:
    matrix = accepting(*ENCODABLE)
    chosen = {uid: matrix_plan.sample(matrix, uid, build) for uid in ENCODABLE}
    assert {instance.label for made in chosen.values() for instance in made} >= set(catalogue.available())
    for uid, made in chosen.items():
        assert all(instance.can_encode(uid) for instance in made)
        contents = {matrix_plan.content_of(instance.label.partition(",")[0]) for instance in made}
        assert contents >= ({*matrix_plan.Content} if uid in (IMPLICIT, EXPLICIT) else {matrix_plan.Content.FRAMES})


def test_an_instance_has_the_same_uid_whatever_else_is_accepted() -> None:
    def uids(matrix: Matrix) -> dict[str, str]:
        identities = IdentitySource(seed=7, scope="a scenario")
        made = matrix_plan.sample(matrix, EXPLICIT, matrix_plan.builder(identities, catalogue.available(), (EXPLICIT,)))
        return {instance.label: instance.sop_instance_uid for instance in made}

    many, few = uids(accepting(EXPLICIT)), uids(accepting(IMPLICIT, EXPLICIT, RLE))
    assert len(few) < len(many)
    assert few.items() <= many.items()


def test_the_sample_has_nothing_that_is_not_accepted() -> None:
    assert matrix_plan.sample(accepting(IMPLICIT), RLE, build) == ()


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [
        ("CTImageStorage", {IMPLICIT, EXPLICIT, RLE}),
        ("UltrasoundImageStorage", {IMPLICIT, EXPLICIT, RLE, JPEG}),
        ("RTPlanStorage", {IMPLICIT, EXPLICIT}),
    ],
)
def test_all_pairs_are_those_that_an_instance_can_be_had_for(keyword: str, expected: set[str]) -> None:
    pairs = dict(matrix_plan.every(accepting(IMPLICIT, EXPLICIT, RLE, JPEG), keyword, build))
    assert set(pairs) == expected
    assert all(instance.can_encode(uid) for uid, instance in pairs.items())
