"""Does a data set look as if it were about nobody? A guess from its attributes; it never reads pixels."""

from __future__ import annotations

import re
from typing import Final

from pydicom.dataset import Dataset

_OBVIOUS: Final = re.compile(
    r"test|phantom|synth|anon|demo\b|conformance|\bdoe\b|example|sample|dummy|pseudo|calibration|\bqa\b|deident|de-ident"
    r"|nobody|^x+(\^x+)*$|fictit|simulat|removed",
    re.IGNORECASE,
)

LOOKED_AT: Final = ("PatientName", "PatientID", "PatientIdentityRemoved", "BurnedInAnnotation")
"""The attributes that are looked at."""


def signs_of_a_person(dataset: Dataset) -> tuple[str, ...]:
    """Why a data set may be about a real person, in words that hold none of its values; empty where nothing says so.

    Burned In Annotation (0028,0301) YES counts always: names in pixels are removed by no attribute. Patient's Name and
    Patient ID count unless they are obviously made up, or Patient Identity Removed (0012,0062) is YES (PS3.15 E.1).
    """
    signs = []
    if _text(dataset, "BurnedInAnnotation").upper() == "YES":
        signs.append("burned-in annotation")
    if _text(dataset, "PatientIdentityRemoved").upper() == "YES":
        return tuple(signs)
    name, patient_id = _text(dataset, "PatientName").strip("^= "), _text(dataset, "PatientID")
    if _OBVIOUS.search(name) is None and _OBVIOUS.search(patient_id) is None:
        if name:
            signs.append("a Patient's Name that does not look synthetic")
        elif patient_id:
            signs.append("a Patient ID that does not look synthetic")
    return tuple(signs)


def _text(dataset: Dataset, keyword: str) -> str:
    value = dataset.get(keyword)
    return "" if value is None else str(value).strip(" \0")
