"""Attribute matching, value by value (PS3.4 C.2.2.2)."""

from __future__ import annotations

import time

import pytest

from conformance.target.embedded.elements import Element
from conformance.target.embedded.keys import SPECIFIC_CHARACTER_SET
from conformance.target.embedded.matching import matches, value_matches, values

PATIENT_NAME = 0x0010_0010
PATIENT_COMMENTS = 0x0010_4000
ACCESSION_NUMBER = 0x0008_0050
REQUEST_ATTRIBUTES = 0x0040_0275
STEP_ID = 0x0040_0009


@pytest.mark.parametrize(
    ("vr", "key", "value", "expected"),
    [
        ("LO", "abc", "abc", True),
        ("LO", "ABC", "abc", False),
        ("LO", "a*", "abc", True),
        ("LO", "a*", "a", True),
        ("LO", "*c", "abc", True),
        ("LO", "a?c", "abc", True),
        ("LO", "a?c", "ac", False),
        ("LO", "a*b*c", "aXbYc", True),
        ("LO", "a*b*c", "acb", False),
        ("LO", "%", "abc", False),
        ("LO", "a_c", "abc", False),
        ("LO", "a.c", "abc", False),
        ("LO", "[a]*", "a", False),
        ("PN", "DOE^J*", "Doe^John", True),
        ("PN", "Doe^John^^^", "Doe^John", True),
        ("PN", "yama*", "Yamada^Tarou=山田^太郎=やまだ^たろう", True),
        ("PN", "山田*", "Yamada^Tarou=山田^太郎=やまだ^たろう", True),
        ("PN", "Doe", "Doe^John", False),
        ("UI", "1.2.3", "1.2.3", True),
        ("UI", "1.2.*", "1.2.3", False),
        ("IS", "7", "007", True),
        ("IS", "7", "70", False),
        ("DA", "20240131", "20240131", True),
        ("DA", "20240131", "2024.01.31", True),
        ("DA", "20240101-20240131", "20240131", True),
        ("DA", "20240101-20240131", "20240101", True),
        ("DA", "20240101-20240131", "20240201", False),
        ("DA", "-20240131", "19000101", True),
        ("DA", "20240131-", "20240130", False),
        ("TM", "101112.5", "101112.500000", True),
        ("TM", "10-11", "115959", True),
        ("TM", "10-11", "120000", False),
        ("TM", "1000-", "0959", False),
        ("DT", "20240131-20240201", "20240201235959", True),
        ("DT", "20240131101112-0500", "20240131101112+0000", True),
        ("DT", "-2023", "20240101", False),
    ],
)
def test_a_value(vr: str, key: str, value: str, expected: bool) -> None:
    assert value_matches(vr, key, value) is expected


def test_many_wildcards_take_no_time() -> None:
    begun_s = time.monotonic()
    assert not value_matches("LT", "*a" * 200 + "b", "a" * 10_000)
    assert time.monotonic() - begun_s < 2


@pytest.mark.parametrize(
    ("tag", "key", "stored", "expected"),
    [
        (ACCESSION_NUMBER, Element(vr="SH", value=b"A1"), None, True),
        (ACCESSION_NUMBER, Element(vr="SH", value=b"A1"), Element(vr="SH"), True),
        (PATIENT_COMMENTS, Element(vr="LT", value=b"A1"), None, False),
        (PATIENT_COMMENTS, Element(vr="LT", value=b"  "), None, True),
        (PATIENT_COMMENTS, Element(vr="LT", value=b"*"), None, True),
        (PATIENT_COMMENTS, Element(vr="SQ", items=()), None, True),
    ],
    ids=["required-absent", "required-empty", "optional-absent", "blank", "star", "sequence"],
)
def test_what_is_not_there(tag: int, key: Element, stored: Element | None, expected: bool) -> None:
    assert matches(tag, key, (), {} if stored is None else {tag: stored}) is expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [(b"S1", True), (b"S2", True), (b"S3", False), (b"", True)],
    ids=["first", "second", "none", "any"],
)
def test_a_sequence_matches_by_one_item(wanted: bytes, expected: bool) -> None:
    key = Element(vr="SQ", items=({STEP_ID: Element(vr="SH", value=wanted)},))
    stored = Element(vr="SQ", items=tuple({STEP_ID: Element(vr="SH", value=v)} for v in (b"S1", b"S2")))
    assert matches(REQUEST_ATTRIBUTES, key, (), {REQUEST_ATTRIBUTES: stored}) is expected


@pytest.mark.parametrize(
    ("sets", "raw", "text"),
    [
        ("ISO_IR 100", "Müller".encode("latin-1"), "Müller"),
        ("ISO_IR 192", "Müller".encode(), "Müller"),
        ("GB18030", "王^小东".encode("gb18030"), "王^小东"),
        ("\\ISO 2022 IR 87", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", "Yamada^Tarou=山田^太郎"),
        ("ISO_IR 999", b"M\xfcller", "Müller"),
    ],
    ids=["latin-1", "utf-8", "gb18030", "iso-2022", "unknown"],
)
def test_character_sets(sets: str, raw: bytes, text: str) -> None:
    stored = {
        SPECIFIC_CHARACTER_SET: Element(vr="CS", value=sets.encode()),
        PATIENT_NAME: Element(vr="PN", value=raw),
    }
    key = Element(vr="PN", value=text.encode())
    assert values(stored[PATIENT_NAME], tuple(sets.split("\\"))) == (text,)
    assert matches(PATIENT_NAME, key, ("ISO_IR 192",), stored)
