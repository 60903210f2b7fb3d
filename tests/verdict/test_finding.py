"""A finding names its requirement and all that would have been acceptable."""

from __future__ import annotations

import pytest

from conformance.verdict.finding import Finding, Verdict, finding


def test_one_string_is_one_expectation() -> None:
    made = finding("ECH-07", Verdict.PASS, expected="0000H", actual="0000H")
    assert made == Finding(requirement="ECH-07", verdict=Verdict.PASS, expected=("0000H",), actual="0000H")


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [("", "0000H"), ("ECH-07", ()), ("ECH-07", ("0000H", ""))],
    ids=["no requirement", "no expectation", "an empty expectation"],
)
def test_a_finding_that_does_not_say_all_is_refused(requirement: str, expected: str | tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="hint: name both the requirement"):
        finding(requirement, Verdict.FAIL, expected=expected, actual="0110H")
