"""Bytes that a target may give back, whole and broken."""

import random
import struct
import zlib

import pytest

from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.readback import part10
from conformance.readback.part10 import decode_data_set, decode_part10, encode_part10, sop_instance_uid_of
from conformance.verdict.compare import compare

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
BIG_ENDIAN, DEFLATED = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
SYNTAXES = [IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED]


@pytest.fixture(scope="module")
def ct() -> Instance:
    return catalogue.build("CTImageStorage", IdentitySource(seed=7, scope="part10").new())


def file_of(instance: Instance, transfer_syntax_uid: str) -> bytes:
    return encode_part10(
        instance.encoded(transfer_syntax_uid),
        sop_class_uid=instance.sop_class_uid,
        sop_instance_uid=instance.sop_instance_uid,
        transfer_syntax_uid=transfer_syntax_uid,
    )


@pytest.mark.parametrize("transfer_syntax_uid", SYNTAXES)
def test_a_file_is_read_as_it_was_written(ct: Instance, transfer_syntax_uid: str) -> None:
    read = decode_part10(file_of(ct, transfer_syntax_uid))
    assert (read.defect, read.transfer_syntax_uid) == ("", transfer_syntax_uid)
    assert read.media_storage_uid == ct.sop_instance_uid == sop_instance_uid_of(read.dataset)
    assert read.dataset.keys() == ct.dataset.keys()


@pytest.mark.parametrize("missing_bytes", [1, 3, 100, 2100])
@pytest.mark.parametrize("transfer_syntax_uid", SYNTAXES)
def test_a_cut_data_set_is_read_up_to_the_cut(ct: Instance, transfer_syntax_uid: str, missing_bytes: int) -> None:
    data = ct.encoded(transfer_syntax_uid)
    cut = data[: len(data) - (min(missing_bytes, 800) + 1 if transfer_syntax_uid == DEFLATED else missing_bytes)]
    dataset, defect = decode_data_set(cut, transfer_syntax_uid)
    assert defect
    assert dataset.PatientID == ct.patient_id
    assert decode_data_set(cut, transfer_syntax_uid, whole=False)[1] == ""


def test_an_encoding_is_never_guessed_from_the_bytes(ct: Instance) -> None:
    dataset, defect = decode_data_set(ct.encoded(EXPLICIT), IMPLICIT)
    assert defect
    assert "PatientID" not in dataset


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(bytes(128) + b"DICM", id="no-meta"),
        pytest.param(bytes(128) + b"DICM\x02\x00\x10\x00UI\xff\xff1.2", id="meta-overruns"),
        pytest.param(bytes(128) + b"DICM\x02\x00\x02\x00UI\x04\x001.2\x00", id="no-transfer-syntax"),
    ],
)
def test_file_meta_information_that_is_no_use_is_a_defect(data: bytes) -> None:
    assert decode_part10(data).defect


def test_a_uid_of_any_characters_can_be_written() -> None:
    data = encode_part10(b"", sop_class_uid="", sop_instance_uid="x/é" * 50, transfer_syntax_uid=EXPLICIT)
    assert decode_part10(data).transfer_syntax_uid == EXPLICIT


def test_no_damage_makes_reading_or_comparing_raise(ct: Instance) -> None:
    damage = random.Random(7)
    sound = ct.encoded(EXPLICIT)
    for _ in range(150):
        data = bytearray(sound)
        for _ in range(damage.randint(1, 6)):
            at = damage.randrange(len(data))
            data[at : at + damage.randrange(3)] = damage.randbytes(damage.randrange(3))
        syntax = damage.choice(SYNTAXES[:3])
        dataset, _ = decode_data_set(bytes(data), syntax)
        compare(ct.dataset, dataset, sent_transfer_syntax=EXPLICIT, stored_transfer_syntax=syntax)


def test_implicit_vr_under_an_explicit_transfer_syntax_is_a_defect() -> None:
    data = b"\x08\x00\x60\x00\x02\x00\x00\x00CT"
    dataset, defect = decode_data_set(data, "1.2.840.10008.1.2.1")
    assert (str(dataset.Modality), defect) == ("CT", "(0008,0060) has no VR in an explicit VR transfer syntax")
    assert decode_data_set(data, "1.2.840.10008.1.2")[1] == ""


def test_elements_without_end_are_not_all_read() -> None:
    data = b"".join(
        (0x00090000 + n).to_bytes(4, "big")[1::-1] + (n & 0xFFFF).to_bytes(2, "little") + b"UN" + bytes(6)
        for n in range(60_000)
    )
    read, defect = decode_data_set(data, EXPLICIT)
    assert defect == "more than 50000 elements"
    assert len(read) == 50_000


def test_a_deflated_stream_that_grows_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part10, "_MAX_INFLATED_BYTES", 1 << 20)
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    data = b"".join(packer.compress(bytes(1 << 24)) for _ in range(2)) + packer.flush()
    _, defect = decode_data_set(data, DEFLATED)
    assert defect == "the deflated stream has more than 1048576 bytes"


@pytest.mark.parametrize(("syntax", "order"), [("1.2.840.10008.1.2.1", "<"), ("1.2.840.10008.1.2.2", ">")])
def test_a_vr_that_no_edition_has_is_read_in_either_byte_order(syntax: str, order: str) -> None:
    data = struct.pack(f"{order}HH2sHI", 0x0011, 0x1002, b"ZZ", 0, 6) + b"abcdef"
    data += struct.pack(f"{order}HH2sHH", 0x0028, 0x0010, b"US", 2, 7)
    dataset, defect = decode_data_set(data, syntax)
    assert not defect
    assert (dataset[0x0011_1002].VR, dataset[0x0011_1002].value) == ("UN", b"abcdef")
    assert dataset.Rows == 7
