"""Attributes of PS3.6 that are newer than pydicom's dictionary, made known to it.

Implicit VR tells nothing of an element but its tag: a sequence that the dictionary does not know is bytes of VR UN,
and the same sequence with other delimiters would be a difference that is none (PS3.5 6.2.2 and 7.5).
"""

from __future__ import annotations

import csv
from importlib.resources import files

from pydicom.datadict import add_dict_entries, dictionary_has_tag


def register() -> int:
    """Add to pydicom's dictionary what edition 2026c has and the dictionary at hand does not.

    Nothing that the dictionary has is changed, so that a newer pydicom speaks for itself.

    Returns:
        How many attributes were added: 0 when called again.
    """
    text = files("conformance.standard").joinpath("newer_attributes.csv").read_text(encoding="utf-8")
    missing = {
        tag: (row["vr"], row["vm"], _name(row["keyword"]), "", row["keyword"])
        for row in csv.DictReader(text.splitlines())
        if not dictionary_has_tag(tag := int(row["tag"], 16))
    }
    if missing:
        add_dict_entries(missing)
    return len(missing)


def _name(keyword: str) -> str:
    """The words of a keyword: 'MontageName' is 'Montage Name', 'RTAssertionsSequence' 'RT Assertions Sequence'."""
    starts = [
        i
        for i, letter in enumerate(keyword)
        if letter.isupper() and (i == 0 or keyword[i - 1].islower() or keyword[i + 1 : i + 2].islower())
    ]
    ends = [*starts[1:], len(keyword)]
    return " ".join(keyword[start:end] for start, end in zip(starts, ends, strict=True))
