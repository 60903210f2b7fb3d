"""The first of several things in a line."""

from __future__ import annotations

import pytest

from conformance.verdict.few import few


@pytest.mark.parametrize(
    ("number", "most", "words"),
    [(0, 4, ""), (1, 4, "0"), (4, 4, "0; 1; 2; 3"), (5, 4, "0; 1; 2; 3; and 1 more"), (5, 2, "0; 1; and 3 more")],
)
def test_the_first_are_said_and_the_others_counted(number: int, most: int, words: str) -> None:
    assert few(range(number), most=most) == words
