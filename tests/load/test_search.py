"""Files are found, told apart and never opened for writing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from conformance.instances.encoding import deflate, encode
from conformance.load.files import DicomFile, Skipped, Unsendable
from conformance.load.head import read_head
from conformance.load.search import Corpus, search
from tests.load.corpus import EXPLICIT, IMPLICIT, instances, meta, part10, write

BIG_ENDIAN = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"


def found_in(*paths: Path) -> Corpus:
    corpus = Corpus()
    for found in search(paths):
        corpus.add(found)
    return corpus


@pytest.mark.parametrize(
    "syntax", [IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED], ids=["implicit", "explicit", "be", "defl"]
)
def test_head_names_uids_and_where_the_data_set_begins(tmp_path: Path, syntax: str) -> None:
    (instance,) = instances(1)
    file = write(tmp_path, instance, "a", syntax)
    assert (file.sop_class_uid, file.sop_instance_uid) == (instance.sop_class_uid, instance.sop_instance_uid)
    assert (file.study_instance_uid, file.series_instance_uid) == (
        instance.study_instance_uid,
        instance.series_instance_uid,
    )
    assert file.transfer_syntax_uid == syntax
    assert file.path.read_bytes()[file.data_set_offset :] == instance.encoded(syntax)
    assert file.data_set_bytes == len(instance.encoded(syntax))
    assert file.note == ""


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG_ENDIAN], ids=["implicit", "explicit", "be"])
def test_bare_data_set_is_taken_with_its_encoding_guessed(tmp_path: Path, syntax: str) -> None:
    (instance,) = instances(1)
    path = tmp_path / "bare"
    path.write_bytes(instance.encoded(syntax))
    found = read_head(path)
    assert isinstance(found, DicomFile)
    assert (found.transfer_syntax_uid, found.data_set_offset) == (syntax, 0)
    assert "taken for" in found.note


def test_file_meta_without_preamble_is_taken(tmp_path: Path) -> None:
    (instance,) = instances(1)
    path = tmp_path / "meta"
    path.write_bytes(meta(instance, EXPLICIT) + instance.encoded(EXPLICIT))
    found = read_head(path)
    assert isinstance(found, DicomFile)
    assert found.transfer_syntax_uid == EXPLICIT
    assert found.note == "no preamble"


def test_preamble_without_file_meta_is_taken_with_its_encoding_guessed(tmp_path: Path) -> None:
    (instance,) = instances(1)
    path = tmp_path / "nometa"
    path.write_bytes(bytes(128) + b"DICM" + instance.encoded(EXPLICIT))
    found = read_head(path)
    assert isinstance(found, DicomFile)
    assert (found.transfer_syntax_uid, found.data_set_offset) == (EXPLICIT, 132)


def test_data_set_and_not_file_meta_says_which_instance_it_is(tmp_path: Path) -> None:
    (instance,) = instances(1)
    path = tmp_path / "other"
    path.write_bytes(part10(instance, media_uid="1.2.3"))
    found = read_head(path)
    assert isinstance(found, DicomFile)
    assert found.sop_instance_uid == instance.sop_instance_uid
    assert "(0002,0003)" in found.note


def test_compressed_pixels_of_unknown_kind_cannot_be_sent(tmp_path: Path) -> None:
    (instance,) = instances(1, "SecondaryCaptureImageStorage")
    head = instance.encoded(EXPLICIT)
    head = head[: head.rindex(b"\xe0\x7f\x10\x00")]
    fragments = (
        b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0" + bytes(4) + b"\xfe\xff\xdd\xe0" + bytes(4)
    )
    path = tmp_path / "jpeg"
    path.write_bytes(bytes(128) + b"DICM" + head + fragments)
    found = read_head(path)
    assert isinstance(found, Unsendable)
    assert "compressed" in found.reason


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello, world",
        b"\x08\x00",
        b"\x89PNG\r\n\x1a\n" + bytes(300),
        bytes(1000),
        b"\x08\x00\x05\x00\x04\0\0\0abcd",
    ],
    ids=["empty", "text", "short", "png", "zeros", "one element"],
)
def test_other_files_are_passed_over(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert read_head(path) is Skipped.NOT_DICOM


@pytest.mark.parametrize(
    "content",
    [
        bytes(128) + b"DICM",
        bytes(128) + b"DICM" + b"\xff" * 64,
        bytes(128) + b"DICM" + deflate(encode(Dataset(), implicit_vr=False, little_endian=True)),
    ],
    ids=["nothing more", "garbage", "no UIDs"],
)
def test_dicom_file_without_an_instance_cannot_be_sent(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert isinstance(read_head(path), Unsendable)


def test_dicomdir_is_passed_over(tmp_path: Path) -> None:
    directory = instances(1)[0].changed(label="", edit=lambda ds: setattr(ds, "SOPClassUID", "1.2.840.10008.1.3.10"))
    (tmp_path / "DICOMDIR").write_bytes(part10(directory, EXPLICIT))
    assert found_in(tmp_path).skipped == {Skipped.DICOMDIR: 1}


def test_folders_are_searched_in_the_order_of_names_and_loops_end(tmp_path: Path) -> None:
    below = tmp_path / "b" / "deep"
    below.mkdir(parents=True)
    first, second, third = instances(3)
    write(tmp_path, third, "c")
    write(below, second, "z")
    write(tmp_path, first, "a")
    (below / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "note.txt").write_text("no DICOM", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    corpus = found_in(tmp_path)
    assert [file.path.relative_to(tmp_path).as_posix() for file in corpus.files] == ["a", "b/deep/z", "c"]
    assert corpus.skipped == {Skipped.NOT_DICOM: 2}
    assert [bad.path.name for bad in corpus.unsendable] == ["dangling"]


def test_file_that_is_named_twice_is_found_once(tmp_path: Path) -> None:
    file = write(tmp_path, instances(1)[0], "a")
    corpus = found_in(tmp_path, file.path)
    assert len(corpus.files) == 1
    assert corpus.skipped == {Skipped.TWICE: 1}


def test_same_bytes_twice_are_two_files(tmp_path: Path) -> None:
    (instance,) = instances(1)
    write(tmp_path, instance, "a")
    write(tmp_path, instance, "b")
    assert len(found_in(tmp_path).files) == 2
