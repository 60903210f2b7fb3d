"""Presentation contexts: one for each pair found, native ones beside them, never more than 128."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.load.files import DicomFile
from conformance.load.plan import MAX_CONTEXTS, Order, batches, ordered
from tests.load.corpus import EXPLICIT, IMPLICIT

RLE = "1.2.840.10008.1.2.5"


def a_file(
    sop_class: str, transfer_syntax: str = EXPLICIT, *, name: str = "a", study: str = "", number: int = 1
) -> DicomFile:
    return DicomFile(
        path=Path(name),
        sop_class_uid=sop_class,
        sop_instance_uid=f"1.2.{number}",
        transfer_syntax_uid=transfer_syntax,
        data_set_offset=0,
        data_set_bytes=10,
        study_instance_uid=study,
    )


@pytest.mark.parametrize(
    ("found", "proposed"),
    [
        ([EXPLICIT], [(EXPLICIT,), (IMPLICIT,)]),
        ([IMPLICIT], [(IMPLICIT,), (EXPLICIT,)]),
        ([RLE], [(RLE,), (EXPLICIT, IMPLICIT)]),
        ([IMPLICIT, EXPLICIT], [(IMPLICIT,), (EXPLICIT,)]),
    ],
    ids=["explicit", "implicit", "rle", "both native"],
)
def test_each_pair_has_a_context_and_native_ones_stand_beside(
    found: list[str], proposed: list[tuple[str, ...]]
) -> None:
    (batch,) = batches([a_file("1.2", syntax) for syntax in found])
    assert [context.transfer_syntaxes for context in batch.contexts] == proposed
    assert [context.context_id for context in batch.contexts] == [1, 3][: len(proposed)]


@pytest.mark.parametrize(("classes", "sets"), [(64, 1), (65, 2), (200, 4)])
def test_more_than_128_contexts_make_several_sets(classes: int, sets: int) -> None:
    files = [a_file(f"1.2.{number}", number=number) for number in range(classes)]
    plan = batches(files)
    assert len(plan) == sets
    assert all(len(batch.contexts) <= MAX_CONTEXTS for batch in plan)
    assert sorted((f for batch in plan for f in batch.files), key=str) == sorted(files, key=str)


def test_one_class_in_very_many_transfer_syntaxes_is_divided() -> None:
    files = [a_file("1.2", f"1.3.{number}") for number in range(300)]
    plan = batches(files)
    assert [len(batch.contexts) for batch in plan] == [128, 128, 47]
    for batch in plan:
        offered = {syntax for context in batch.contexts for syntax in context.transfer_syntaxes}
        assert all(file.transfer_syntax_uid in offered for file in batch.files)


def test_order_by_study_keeps_studies_together() -> None:
    files = [a_file("1.2", name=name, study=study) for name, study in [("a", "2"), ("b", "1"), ("c", "2")]]
    assert [file.path.name for file in ordered(files, Order.STUDY)] == ["b", "a", "c"]
    assert ordered(files, Order.PATH) == files
    assert sorted(ordered(files, Order.RANDOM), key=str) == sorted(files, key=str)
