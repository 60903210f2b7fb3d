"""What counts as stored in a directory."""

import threading
from pathlib import Path

import pytest

from conformance.driver.sending import sent_of
from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.observation.exchanges import Sent
from conformance.observation.stored import NotReadable, Stored
from conformance.readback.directory import DirectoryReadBack
from conformance.readback.part10 import encode_part10

EXPLICIT = "1.2.840.10008.1.2.1"
SYNTAXES = ["1.2.840.10008.1.2", EXPLICIT, "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"]


@pytest.fixture(scope="module")
def ct() -> Instance:
    return catalogue.build("CTImageStorage", IdentitySource(seed=7, scope="directory").new())


@pytest.fixture
def sent(ct: Instance) -> Sent:
    return sent_of(ct, EXPLICIT)


@pytest.fixture
def channel(tmp_path: Path) -> DirectoryReadBack:
    return DirectoryReadBack(tmp_path, latency_s=2)


def file_of(instance: Instance, transfer_syntax_uid: str = EXPLICIT) -> bytes:
    return encode_part10(
        instance.encoded(transfer_syntax_uid),
        sop_class_uid=instance.sop_class_uid,
        sop_instance_uid=instance.sop_instance_uid,
        transfer_syntax_uid=transfer_syntax_uid,
    )


def found(channel: DirectoryReadBack, sent: Sent, *, expect: bool = False) -> Stored:
    outcome = channel.find(sent, expect=expect)
    assert isinstance(outcome, Stored), outcome
    return outcome


@pytest.mark.parametrize("transfer_syntax_uid", SYNTAXES)
def test_a_file_is_found_by_its_data_set(
    tmp_path: Path, channel: DirectoryReadBack, ct: Instance, sent: Sent, transfer_syntax_uid: str
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "IM0001").write_bytes(file_of(ct, transfer_syntax_uid))
    (copy,) = found(channel, sent).copies
    assert copy.where == "a/b/IM0001"
    assert copy.transfer_syntax_uid == transfer_syntax_uid
    assert copy.dataset.StudyInstanceUID == ct.study_instance_uid


def test_nothing_is_found_in_an_empty_directory(channel: DirectoryReadBack, sent: Sent) -> None:
    assert found(channel, sent) == Stored(copies=(), listed=0, channel="directory")


def test_files_that_come_change_and_go_are_followed(
    tmp_path: Path, channel: DirectoryReadBack, ct: Instance, sent: Sent
) -> None:
    path = tmp_path / "IM0001"
    path.write_bytes(file_of(ct))
    assert found(channel, sent).listed == 1
    path.with_name("IM0002").write_bytes(file_of(ct))
    assert found(channel, sent).listed == 2
    path.write_bytes(file_of(ct.changed(label="", edit=lambda d: setattr(d, "SOPInstanceUID", "1.2.3"))))
    assert found(channel, sent).listed == 1
    path.write_bytes(file_of(ct))
    path.with_name("IM0002").unlink()
    assert [copy.where for copy in found(channel, sent).copies] == ["IM0001"]
    channel.close()
    assert found(channel, sent).listed == 1


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        pytest.param("CT.{uid}", 1, id="storescp"),
        pytest.param("{uid}.dcm", 1, id="suffix"),
        pytest.param("{uid}", 1, id="bare"),
        pytest.param("CT.{uid}0", 0, id="longer-uid"),
        pytest.param("CT.1.{uid}", 0, id="uid-inside-a-longer-one"),
    ],
)
def test_garbage_counts_under_the_uid_in_its_name(
    tmp_path: Path, channel: DirectoryReadBack, sent: Sent, name: str, listed: int
) -> None:
    (tmp_path / name.format(uid=sent.sop_instance_uid)).write_bytes(b"\x55\xaa" * 500)
    assert found(channel, sent).listed == listed


def test_garbage_counts_under_the_uid_of_its_file_meta(
    tmp_path: Path, channel: DirectoryReadBack, ct: Instance, sent: Sent
) -> None:
    whole = file_of(ct)
    (tmp_path / "IM0001").write_bytes(whole[: len(whole) - len(ct.encoded(EXPLICIT))] + b"\x55\xaa" * 500)
    outcome = found(channel, sent)
    assert outcome.listed == 1
    assert "IM0001: " in outcome.note


def test_a_cut_file_is_given_as_far_as_it_goes(
    tmp_path: Path, channel: DirectoryReadBack, ct: Instance, sent: Sent
) -> None:
    (tmp_path / "IM0001").write_bytes(file_of(ct)[:-100])
    (copy,) = found(channel, sent).copies
    assert copy.dataset.PatientID == ct.patient_id
    assert len(copy.dataset.get_item("PixelData").value) == 2048 - 100


def test_a_file_that_is_still_growing_is_waited_for(
    tmp_path: Path, channel: DirectoryReadBack, ct: Instance, sent: Sent
) -> None:
    data = file_of(ct)
    path = tmp_path / "IM0001"
    path.write_bytes(data[:2000])

    def finish() -> None:
        path.write_bytes(data)

    writer = threading.Timer(0.2, finish)
    writer.start()
    outcome = found(channel, sent, expect=True)
    writer.join()
    assert outcome.note == ""
    assert len(outcome.copies[0].dataset.PixelData) == 2048


def test_a_file_that_is_expected_is_waited_for(
    tmp_path: Path, channel: DirectoryReadBack, ct: Instance, sent: Sent
) -> None:
    writer = threading.Timer(0.2, lambda: (tmp_path / "IM0001").write_bytes(file_of(ct)))
    writer.start()
    outcome = found(channel, sent, expect=True)
    writer.join()
    assert outcome.listed == 1


def test_a_data_set_alone_is_read(tmp_path: Path, channel: DirectoryReadBack, ct: Instance, sent: Sent) -> None:
    (tmp_path / "explicit").write_bytes(ct.encoded(EXPLICIT))
    (tmp_path / "implicit").write_bytes(ct.encoded("1.2.840.10008.1.2"))
    assert [c.transfer_syntax_uid for c in found(channel, sent).copies] == [EXPLICIT, "1.2.840.10008.1.2"]


@pytest.mark.parametrize("content", [b"", b"x", b"DICM", bytes(128) + b"DICM", bytes(200)])
def test_other_files_do_no_harm(tmp_path: Path, channel: DirectoryReadBack, sent: Sent, content: bytes) -> None:
    (tmp_path / "notes.txt").write_bytes(content)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert found(channel, sent).listed == 0


def test_without_a_directory_nothing_can_be_said(tmp_path: Path, sent: Sent) -> None:
    outcome = DirectoryReadBack(tmp_path / "missing").find(sent)
    assert isinstance(outcome, NotReadable)
    assert "is not a directory" in outcome.reason


def test_without_a_uid_nothing_can_be_looked_for(channel: DirectoryReadBack, ct: Instance) -> None:
    nameless = sent_of(ct.changed(label="", edit=lambda d: setattr(d, "SOPInstanceUID", "")), EXPLICIT)
    assert isinstance(channel.find(nameless), NotReadable)


def test_the_targets_files_are_never_deleted(
    tmp_path: Path, channel: DirectoryReadBack, ct: Instance, sent: Sent
) -> None:
    (tmp_path / "IM0001").write_bytes(file_of(ct))
    assert channel.delete([sent.sop_instance_uid]) == ()
    assert found(channel, sent).listed == 1
