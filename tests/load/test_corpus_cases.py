"""A person's own files: found in order, read only, and sent with nothing changed but their identifiers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from conformance.instances import catalogue
from conformance.instances.encapsulated import rle
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.instances.remapping import Remapping
from conformance.instances.rich import rich
from conformance.load.corpus import CorpusCases, NotACaseError, cases_of, people_in, prepare
from conformance.readback.part10 import decode_part10, encode_part10
from conformance.verdict.compare import compare

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
BIG_ENDIAN, DEFLATED, RLE = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5"
SMALL = {"rows": 8, "columns": 8}


@pytest.fixture
def identities(request: pytest.FixtureRequest) -> IdentitySource:
    return IdentitySource(seed=5, scope=request.node.name)


def put(path: Path, instance: Instance, syntax: str = EXPLICIT) -> bytes:
    """The data set of a file that is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data_set = instance.encoded(syntax)
    path.write_bytes(
        encode_part10(
            data_set,
            sop_class_uid=instance.sop_class_uid,
            sop_instance_uid=instance.sop_instance_uid,
            transfer_syntax_uid=syntax,
        )
    )
    return data_set


def give_a_name(dataset: Dataset) -> None:
    """Make a data set look as if it were about somebody."""
    dataset.PatientName, dataset.PatientID = "Meier^Hans", "1"


def remapping(cases: CorpusCases) -> Remapping:
    return Remapping(seed=7, known=cases.uids, patient_id_prefix="CONF")


def test_files_are_found_in_the_order_of_their_paths(tmp_path: Path, identities: IdentitySource) -> None:
    for name in ("b.dcm", "a/z.dcm", "a/B.dcm", "c"):
        put(tmp_path / name, catalogue.build("CTImageStorage", identities.new(), **SMALL))
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / "empty").write_bytes(b"")
    found = cases_of(tmp_path)
    assert [case.name for case in found.cases] == ["a/B.dcm", "a/z.dcm", "b.dcm", "c"]
    assert found.passed_over == (("empty", "not DICOM"), ("notes.txt", "not DICOM"))
    assert len(found.uids) == 12


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED])
def test_nothing_is_changed_but_identifiers(tmp_path: Path, identities: IdentitySource, syntax: str) -> None:
    put(tmp_path / "a.dcm", rich(identities.new()), syntax)
    cases = cases_of(tmp_path)
    made = prepare(cases.cases[0], remapping(cases))
    original = decode_part10((tmp_path / "a.dcm").read_bytes())
    differences = compare(original.dataset, made.dataset, sent_transfer_syntax=syntax, stored_transfer_syntax=syntax)
    assert {d.keyword for d in differences} == {"SOPInstanceUID", "PatientID", "StudyInstanceUID", "SeriesInstanceUID"}
    assert made.sent.transfer_syntax_uid == syntax
    assert made.sent.patient_id.startswith("CONF-CORPUS-")
    assert made.sent.sop_instance_uid == remapping(cases).uid(str(original.dataset.SOPInstanceUID))


def test_identifiers_that_are_kept_leave_every_byte(tmp_path: Path, identities: IdentitySource) -> None:
    data_set = put(tmp_path / "a.dcm", rich(identities.new()))
    assert prepare(cases_of(tmp_path).cases[0], None).data_set == data_set


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG_ENDIAN])
def test_a_data_set_without_known_identifiers_is_written_back_to_the_byte(
    tmp_path: Path, identities: IdentitySource, syntax: str
) -> None:
    instance = rich(identities.new())
    data_set = put(tmp_path / "a.dcm", instance, syntax)
    nothing_known = Remapping(seed=7, known=frozenset(), patient_id_prefix="CONF")
    made = prepare(cases_of(tmp_path).cases[0], nothing_known)
    old, new = instance.patient_id.encode(), made.sent.patient_id.encode()
    before, after = data_set.index(old), made.data_set.index(new)
    length_bytes = 4 if syntax == IMPLICIT else 2
    assert made.data_set[: after - length_bytes] == data_set[: before - length_bytes]
    assert made.data_set[after + len(new) + len(new) % 2 :] == data_set[before + len(old) + len(old) % 2 :]


def test_compressed_fragments_go_out_as_they_stand(tmp_path: Path, identities: IdentitySource) -> None:
    image = rle(catalogue.build("UltrasoundMultiFrameImageStorage", identities.new(), **SMALL))
    put(tmp_path / "a.dcm", image, RLE)
    cases = cases_of(tmp_path)
    made = prepare(cases.cases[0], remapping(cases))
    file = (tmp_path / "a.dcm").read_bytes()
    pixels = b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff"
    assert made.data_set[made.data_set.index(pixels) :] == file[file.index(pixels) :]


def test_references_follow_over_files(tmp_path: Path, identities: IdentitySource) -> None:
    image = catalogue.build("CTImageStorage", identities.new(), **SMALL)
    document = catalogue.build("ComprehensiveSRStorage", identities.new())
    uid = image.sop_instance_uid

    def refer(dataset: object) -> None:
        step = dataset.CurrentRequestedProcedureEvidenceSequence[0]  # type: ignore[attr-defined]
        step.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID = uid

    put(tmp_path / "image.dcm", image)
    put(tmp_path / "report.dcm", document.changed(label="", edit=refer), IMPLICIT)
    cases = cases_of(tmp_path)
    made = {case.name: prepare(case, remapping(cases)) for case in cases.cases}
    step = made["report.dcm"].dataset.CurrentRequestedProcedureEvidenceSequence[0]
    reference = step.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    assert reference == made["image.dcm"].sent.sop_instance_uid != uid


def test_the_originals_are_not_touched(tmp_path: Path, identities: IdentitySource) -> None:
    path = tmp_path / "a.dcm"
    put(path, rich(identities.new()))
    path.chmod(0o444)
    os.utime(path, ns=(1_000_000_000, 2_000_000_000))
    before = path.read_bytes(), path.stat().st_mtime_ns
    cases = cases_of(tmp_path)
    people_in(cases.cases)
    prepare(cases.cases[0], remapping(cases))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_truncated_file_says_where_it_ends(tmp_path: Path, identities: IdentitySource) -> None:
    path = tmp_path / "cut.dcm"
    put(path, catalogue.build("CTImageStorage", identities.new(), **SMALL))
    path.write_bytes(path.read_bytes()[:-7])
    cases = cases_of(tmp_path)
    with pytest.raises(NotACaseError, match=r"cannot be read to its end: .* says 128 bytes, 121 are left"):
        prepare(cases.cases[0], remapping(cases))


def test_of_two_files_with_one_uid_the_first_is_the_case(tmp_path: Path, identities: IdentitySource) -> None:
    image = catalogue.build("CTImageStorage", identities.new(), **SMALL)
    put(tmp_path / "a.dcm", image)
    put(tmp_path / "b.dcm", image, IMPLICIT)
    cases = cases_of(tmp_path)
    assert prepare(cases.cases[0], remapping(cases)).sent.label == "a.dcm"
    with pytest.raises(NotACaseError, match=r"that of a\.dcm"):
        prepare(cases.cases[1], remapping(cases))


def test_a_truncated_file_takes_no_case_away_from_a_whole_one(tmp_path: Path, identities: IdentitySource) -> None:
    image = catalogue.build("CTImageStorage", identities.new(), **SMALL)
    put(tmp_path / "b.dcm", image)
    (tmp_path / "a.dcm").write_bytes((tmp_path / "b.dcm").read_bytes()[:-3])
    cases = cases_of(tmp_path)
    assert prepare(cases.cases[1], remapping(cases)).sent.label == "b.dcm"


def test_a_file_that_holds_no_instance_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_bytes(encode_part10(b"", sop_class_uid="", sop_instance_uid="", transfer_syntax_uid=""))
    cases = cases_of(tmp_path)
    with pytest.raises(NotACaseError, match="no Transfer Syntax UID"):
        prepare(cases.cases[0], None)


def test_a_file_that_is_too_long_is_not_read(
    tmp_path: Path, identities: IdentitySource, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "a.dcm", catalogue.build("CTImageStorage", identities.new(), **SMALL))
    monkeypatch.setattr("conformance.load.corpus.LIMIT_BYTES", 10)
    with pytest.raises(NotACaseError, match="at most 10 are compared"):
        prepare(cases_of(tmp_path).cases[0], None)


def test_people_are_seen_by_file(tmp_path: Path, identities: IdentitySource) -> None:
    image = catalogue.build("CTImageStorage", identities.new(), **SMALL)
    named = catalogue.build("CTImageStorage", identities.new(), **SMALL).changed(label="", edit=give_a_name)
    put(tmp_path / "a.dcm", image)
    put(tmp_path / "b.dcm", named)
    assert people_in(cases_of(tmp_path).cases) == {"b.dcm": ("a Patient's Name that does not look synthetic",)}


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        cases_of(tmp_path / "nowhere")
