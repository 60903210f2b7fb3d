"""What two texts of a VR must have in common to mean the same."""

from __future__ import annotations

import pytest

from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.verdict import values
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


IMAGES_AND_DOCUMENTS = ["CTImageStorage", "EnhancedMRImageStorage", "RTPlanStorage", "ComprehensiveSRStorage"]


@pytest.mark.parametrize("keyword", IMAGES_AND_DOCUMENTS)
def test_what_nothing_has_to_encode_has_the_bytes_that_pydicom_writes(keyword: str) -> None:
    dataset = catalogue.build(keyword, IdentitySource(seed=7, scope=keyword).new()).dataset
    compared = 0
    for element in dataset.iterall():
        plain = values._plain(str(element.VR), element.value, ("latin_1",))
        if plain is not None:
            compared += 1
            padding = b"" if len(plain) % 2 == 0 else b"\0" if element.VR == "UI" else b" "
            assert values._written(element, ("latin_1",)) == plain + padding, element
    assert compared > 40
