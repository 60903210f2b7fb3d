"""Faulty data sets break the one rule that their name says, in bytes of even length."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset
from pydicom.filereader import data_element_generator

from conformance.instances import catalogue, faulty
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.readback.part10 import decode_data_set

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
BOTH = pytest.mark.parametrize("transfer_syntax", [IMPLICIT, EXPLICIT], ids=["implicit VR", "explicit VR"])


@pytest.fixture
def instance() -> Instance:
    return catalogue.build("CTImageStorage", IdentitySource(seed=7, scope="faulty").new())


def _tags(data: bytes, transfer_syntax: str) -> list[int]:
    stream = io.BytesIO(data)
    return [int(e.tag) for e in data_element_generator(stream, transfer_syntax == IMPLICIT, True)]


@BOTH
@pytest.mark.parametrize(
    "make", [faulty.cut_in_a_header, faulty.cut_in_a_value, faulty.sequence_not_ended], ids=lambda make: make.__name__
)
def test_a_cut_data_set_does_not_end_with_an_element(
    instance: Instance, transfer_syntax: str, make: Callable[[Instance, str], bytes]
) -> None:
    data = make(instance, transfer_syntax)
    _, defect = decode_data_set(data, transfer_syntax)
    assert defect
    assert len(data) % 2 == 0


@BOTH
def test_one_element_is_the_sop_instance_uid(instance: Instance, transfer_syntax: str) -> None:
    assert _tags(faulty.one_element(instance, transfer_syntax), transfer_syntax) == [0x00080018]


@BOTH
def test_a_group_of_another_place_stands_in_front(instance: Instance, transfer_syntax: str) -> None:
    whole = instance.encoded(transfer_syntax)
    for group, data in (
        (0x0002, faulty.file_meta_in_front(instance, transfer_syntax, named=EXPLICIT)),
        (0x0000, faulty.command_group_in_front(instance, transfer_syntax)),
    ):
        assert data.endswith(whole)
        assert int.from_bytes(data[:2], "little") == group


@BOTH
def test_unordered_holds_the_same_elements(instance: Instance, transfer_syntax: str) -> None:
    tags = _tags(faulty.unordered(instance, transfer_syntax), transfer_syntax)
    assert tags != sorted(tags)
    assert sorted(tags) == _tags(instance.encoded(transfer_syntax), transfer_syntax)


@BOTH
def test_doubled_holds_one_element_twice(instance: Instance, transfer_syntax: str) -> None:
    tags = _tags(faulty.doubled(instance, transfer_syntax, "StudyDescription", "second"), transfer_syntax)
    assert tags.count(0x00081030) == 2
    assert tags == sorted(tags)
    assert len(set(tags)) == len(tags) - 1


def test_garbage_is_the_same_for_the_same_instance(instance: Instance) -> None:
    data = faulty.garbage(instance)
    assert data == faulty.garbage(instance)
    assert data.startswith(b"\xff" * 8)
    assert len(data) % 2 == 0


def test_the_instance_stays_as_it_is(instance: Instance) -> None:
    before = Dataset(instance.dataset)
    faulty.unordered(instance, EXPLICIT)
    faulty.sequence_not_ended(instance, EXPLICIT)
    assert instance.dataset == before
