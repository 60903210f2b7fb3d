"""What two texts of a VR must have in common to mean the same."""

from __future__ import annotations

import pytest

from conformance.verdict.values import same_text


@pytest.mark.parametrize(
    ("vr", "sent", "stored"),
    [
        pytest.param("PN", " A ^ B C ^^", "A^B C", id="spaces around components of a name"),
        pytest.param("PN", "A^B=C^D =", "A^B=C^D", id="an empty group at the end of a name"),
        pytest.param("LO", " a \\ b ", "a\\b", id="spaces around values"),
        pytest.param("LT", " a\\b  ", " a\\b", id="spaces at the end of a text"),
        pytest.param("DS", "+1.50\\-0.0E1", "1.5\\0", id="another text of a number"),
    ],
)
def test_differences_without_meaning(vr: str, sent: str, stored: str) -> None:
    clause = same_text(vr, sent, stored)
    assert clause is not None
    assert clause.startswith("PS3.5")


@pytest.mark.parametrize(
    ("vr", "sent", "stored"),
    [
        pytest.param("PN", "A^B  C", "A^B C", id="spaces inside a component"),
        pytest.param("PN", "A^^B", "A^B", id="an empty component in the middle"),
        pytest.param("PN", "A==C", "A=C", id="an empty group in the middle"),
        pytest.param("LT", " a", "a", id="spaces before a text"),
        pytest.param("UC", " a", "a", id="spaces before unlimited characters"),
        pytest.param("LO", "a\\\\b", "a\\b", id="an empty value in the middle"),
        pytest.param("DS", "1.23456789", "1.2345679", id="a rounded number"),
        pytest.param("IS", "1", "1.5", id="another number"),
    ],
)
def test_changes(vr: str, sent: str, stored: str) -> None:
    assert same_text(vr, sent, stored) is None
