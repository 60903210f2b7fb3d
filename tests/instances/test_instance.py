"""Instances: encodings that pydicom reads back equal, and nothing that changes one once it is made."""

import hashlib
import struct

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import JPEGBaseline8Bit, RLELossless

from conformance.instances import catalogue, encapsulated, variants
from conformance.instances.copying import deep_copy
from conformance.instances.errors import InstanceError
from conformance.instances.instance import Instance
from tests.instances.reading import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, NATIVE, an_identity, read, read_back


def _made(name: str) -> Instance:
    return variants.rich(an_identity()) if name == "rich" else catalogue.build(name, an_identity())


_ALL = [*catalogue.available(), "rich"]


@pytest.mark.parametrize("syntax", [EXPLICIT, DEFLATED], ids=["explicit", "deflated"])
@pytest.mark.parametrize("name", _ALL)
def test_explicit_vr_reads_back_equal(name: str, syntax: str) -> None:
    instance = _made(name)
    assert read_back(instance, syntax) == instance.dataset


@pytest.mark.parametrize("name", _ALL)
def test_implicit_vr_reads_back_equal_but_for_the_vr_of_private_elements(name: str) -> None:
    instance = _made(name)
    received = read_back(instance, IMPLICIT)
    assert list(received.keys()) == sorted(instance.dataset.keys())
    for element in instance.dataset:
        if not element.tag.is_private and element.VR != "SQ":
            assert received[element.tag].value == element.value, element
    again = Instance(dataset=received)
    assert again.encoded(IMPLICIT) == instance.encoded(IMPLICIT)


@pytest.mark.parametrize("name", _ALL)
def test_big_endian_reads_back_equal_with_words_swapped(name: str) -> None:
    instance = _made(name)
    received = read_back(instance, BIG_ENDIAN)
    _swap_back(received)
    assert received == instance.dataset


def _swap_back(dataset: Dataset) -> None:
    formats = {"OW": "H", "OF": "I", "OL": "I", "OD": "Q"}
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                _swap_back(item)
        elif element.VR in formats and element.value:
            letter = formats[element.VR]
            count = len(element.value) // struct.calcsize(letter)
            element.value = struct.pack(f"<{count}{letter}", *struct.unpack(f">{count}{letter}", element.value))


def test_big_endian_pixels_are_big_endian_words() -> None:
    instance = catalogue.build("CTImageStorage", an_identity(), rows=1, columns=1)
    little = instance.dataset.PixelData
    assert instance.encoded(BIG_ENDIAN).endswith(little[::-1])
    assert little[0] != little[1]


def test_eight_bit_pixels_are_bytes_in_every_order() -> None:
    instance = catalogue.build("SecondaryCaptureImageStorage", an_identity())
    assert read_back(instance, BIG_ENDIAN).PixelData == instance.dataset.PixelData


@pytest.mark.parametrize("syntax", NATIVE.values(), ids=NATIVE.keys())
@pytest.mark.parametrize("name", _ALL)
def test_every_encoding_is_of_even_length(name: str, syntax: str) -> None:
    assert len(_made(name).encoded(syntax)) % 2 == 0


def test_encodings_are_made_once_and_digested() -> None:
    instance = _made("CTImageStorage")
    assert instance.encoded(EXPLICIT) is instance.encoded(EXPLICIT)
    assert instance.sha256(EXPLICIT) == hashlib.sha256(instance.encoded(EXPLICIT)).hexdigest()
    assert instance.sha256(EXPLICIT) != instance.sha256(IMPLICIT)


def test_encoding_leaves_the_data_set_as_it_is() -> None:
    instance = _made("rich")
    before = deep_copy(instance.dataset)
    for syntax in NATIVE.values():
        instance.encoded(syntax)
    assert instance.dataset == before


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, RLELossless, "1.2.3"], ids=["jpeg", "rle", "unknown"])
def test_an_encoding_that_needs_a_codec_is_refused(syntax: str) -> None:
    instance = _made("CTImageStorage")
    assert not instance.can_encode(syntax)
    with pytest.raises(InstanceError, match=r"(?s)codec.*hint:"):
        instance.encoded(syntax)


@pytest.mark.parametrize("syntax", NATIVE.values(), ids=NATIVE.keys())
def test_an_encapsulated_instance_has_its_own_encoding_alone(syntax: str) -> None:
    instance = encapsulated.rle(_made("CTImageStorage"))
    assert not instance.can_encode(syntax)
    with pytest.raises(InstanceError, match="codec"):
        instance.encoded(syntax)


def test_changed_copies_deeply() -> None:
    instance = _made("rich")
    before = instance.sha256(EXPLICIT)

    def edit(dataset: Dataset) -> None:
        dataset.ImageType[0] = "ORIGINAL"
        dataset.ContentSequence[0].ContentSequence[0].TextValue = "changed"
        dataset.private_block(0x0011, "PACS CONFORMANCE")[0x02].value[0].PatientComments = "changed"

    changed = instance.changed(label="changed", edit=edit)
    fresh = Instance(dataset=instance.dataset)
    assert fresh.sha256(EXPLICIT) == before
    assert changed.sha256(EXPLICIT) != before
    assert changed.label == "changed"


def test_a_data_set_that_was_read_encodes_to_the_same_bytes() -> None:
    for syntax in (IMPLICIT, EXPLICIT, BIG_ENDIAN):
        data = _made("rich").encoded(syntax)
        if syntax != BIG_ENDIAN:  # a reader leaves words in the order they came in
            assert Instance(dataset=read(data, syntax)).encoded(syntax) == data


def test_what_is_absent_reads_as_empty() -> None:
    empty = Instance(dataset=Dataset())
    assert (empty.sop_class_uid, empty.sop_instance_uid, empty.patient_id) == ("", "", "")
    assert empty.encoded(EXPLICIT) == b""
