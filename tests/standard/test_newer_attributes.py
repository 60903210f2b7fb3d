"""Attributes that are newer than pydicom's dictionary are known to it."""

import csv
from copy import deepcopy
from importlib.resources import files
from io import BytesIO

from pydicom.datadict import dictionary_description, dictionary_VR, tag_for_keyword
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.standard.newer_attributes import register
from tests.verdict.comparing import differences

IMPLICIT = "1.2.840.10008.1.2"


def test_each_is_known_by_tag_and_by_keyword() -> None:
    text = files("conformance.standard").joinpath("newer_attributes.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 70
    for row in rows:
        tag = int(row["tag"], 16)
        assert dictionary_VR(tag) == row["vr"]
        assert tag_for_keyword(row["keyword"]) == tag


def test_a_name_is_the_words_of_its_keyword() -> None:
    assert dictionary_description(0x0040B03B) == "Montage Name"
    assert dictionary_description(0x00440110) == "RT Assertions Sequence"


def test_what_is_known_is_not_added_again() -> None:
    assert register() == 0


def test_other_delimiters_of_a_new_sequence_are_no_difference_in_implicit_vr() -> None:
    sent = catalogue.build("WaveformAcquisitionPresentationStateStorage", IdentitySource(seed=7, scope="new").new())
    stored = deepcopy(sent.dataset)
    stored["WaveformMontageSequence"].is_undefined_length = True
    written = DicomBytesIO()
    written.is_little_endian, written.is_implicit_VR = True, True
    write_dataset(written, stored)
    back = read_dataset(BytesIO(written.getvalue()), is_implicit_VR=True, is_little_endian=True)
    assert written.getvalue() != sent.encoded(IMPLICIT)
    assert [d for d in differences(sent.dataset, back, stored_syntax=IMPLICIT) if d.permitted is None] == []
