"""Announced coercion hides an instance only from a channel that looks by place."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from conformance.observation.stored import NotReadable, Stored, StoredCopy
from conformance.verdict.coercion import COERCED, as_far_as_seen

NOWHERE = Stored(copies=(), listed=0, channel="dimse")


def test_an_instance_that_was_coerced_may_lie_where_the_channel_does_not_look() -> None:
    seen = as_far_as_seen(NOWHERE, [None, COERCED])
    assert isinstance(seen, NotReadable)
    assert seen.channel == "dimse"
    assert "coercion" in seen.reason


def test_what_was_found_is_what_was_seen() -> None:
    copy = StoredCopy(sop_instance_uid="1.2", dataset=Dataset(), transfer_syntax_uid="1.2.840.10008.1.2", where="x")
    found = Stored(copies=(copy,), listed=1, channel="dimse")
    assert as_far_as_seen(found, [COERCED]) is found


@pytest.mark.parametrize(
    ("stored", "statuses"),
    [
        pytest.param(NOWHERE, [0x0000], id="no-coercion"),
        pytest.param(NOWHERE, [], id="no-answer"),
        pytest.param(Stored(copies=(), listed=1, channel="dimse"), [COERCED], id="listed-where-it-was-sent"),
        pytest.param(Stored(copies=(), listed=0, channel="rest"), [COERCED], id="found-by-its-uid-alone"),
        pytest.param(NotReadable(reason="no service", channel="dimse"), [COERCED], id="not-readable"),
    ],
)
def test_nothing_else_is_excused(stored: Stored | NotReadable, statuses: list[int | None]) -> None:
    assert as_far_as_seen(stored, statuses) is stored
