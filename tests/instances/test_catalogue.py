"""The catalogue: every SOP class can be made, in the size asked for, the same in every process."""

import json
import os
import subprocess
import sys

import pytest
from pydicom.dataset import Dataset

from conformance.instances import catalogue
from conformance.instances.errors import InstanceError
from conformance.instances.identity import IdentitySource, is_legal_uid
from conformance.standard.sop_classes import Group, in_group, storage_uid_by_keyword
from tests.instances.reading import EXPLICIT, NATIVE, an_identity

OF_NO_PATIENT = frozenset(row.keyword for row in in_group(Group.NON_PATIENT))

_DIGESTS = f"""
import json
from conformance.instances import catalogue, encapsulated, variants
from conformance.instances.identity import IdentitySource
from conformance.instances.in_syntax import ENCODERS, in_transfer_syntax
source = IdentitySource(seed=7, scope="digests")
made = {{keyword: catalogue.build(keyword, source.new()) for keyword in catalogue.available()}}
made["rich"] = variants.rich(source.new())
made["large"] = variants.large(source.new(), 2)
made["rle"] = encapsulated.rle(made["CTImageStorage"])
made["jpeg"] = encapsulated.jpeg_baseline(made["UltrasoundImageStorage"])
for uid in ENCODERS:
    for keyword in ("BreastProjectionXRayImageStorageForPresentation", "VLPhotographicImageStorage"):
        if (encoded := in_transfer_syntax(made[keyword], uid)) is not None:
            made[f"{{keyword}} in {{uid}}"] = encoded
native = {list(NATIVE.values())!r}
print(json.dumps({{
    f"{{name}} {{syntax}}": made[name].sha256(syntax)
    for name in made for syntax in native + [made[name].transfer_syntax_uid] if made[name].can_encode(syntax)
}}))
"""


def _digests(hash_seed: str) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", _DIGESTS],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": f"UTC{hash_seed}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    digests: dict[str, str] = json.loads(done.stdout)
    return digests


def test_the_same_seed_gives_the_same_bytes_in_every_process() -> None:
    first = _digests("1")
    assert len(first) > 100
    assert first == _digests("2")


@pytest.mark.parametrize("keyword", catalogue.available())
def test_an_instance_says_who_it_belongs_to(keyword: str) -> None:
    identity = an_identity(keyword)
    instance = catalogue.build(keyword, identity)
    assert instance.sop_class_uid == storage_uid_by_keyword()[keyword]
    assert instance.sop_instance_uid == identity.sop_instance_uid
    assert instance.label == keyword
    if keyword in OF_NO_PATIENT:
        assert (instance.study_instance_uid, instance.series_instance_uid, instance.patient_id) == ("", "", "")
        return
    assert instance.study_instance_uid == identity.study_instance_uid
    assert instance.series_instance_uid == identity.series_instance_uid
    assert instance.patient_id == identity.patient_id


@pytest.mark.parametrize("keyword", catalogue.available())
def test_an_instance_carries_a_private_block(keyword: str) -> None:
    block = catalogue.build(keyword, an_identity()).dataset.private_block(0x0099, "PACS CONFORMANCE")
    assert block[0x01].value.startswith("kept ")
    assert len(block[0x04].value) == 1


@pytest.mark.parametrize("keyword", catalogue.available())
def test_every_uid_inside_is_of_the_standard_or_below_the_root(keyword: str) -> None:
    source = IdentitySource(seed=7, scope=keyword)
    instance = catalogue.build(keyword, source.new())
    uids = [e.value for e in instance.dataset.iterall() if e.VR == "UI" and e.value]
    assert len(uids) >= (2 if keyword in OF_NO_PATIENT else 4)
    for uid in uids:
        assert is_legal_uid(uid)
        assert uid.startswith((source.uid_root + ".", "1.2.840.10008."))


def _pixel_data(dataset: Dataset) -> bytes:
    return bytes(dataset.FloatPixelData if "FloatPixelData" in dataset else dataset.PixelData)


@pytest.mark.parametrize("keyword", [k for k in catalogue.available() if catalogue.size_options(k)])
def test_an_image_has_the_size_asked_for(keyword: str) -> None:
    options = catalogue.size_options(keyword)
    frames = 3 if "frames" in options else None
    dataset = catalogue.build(keyword, an_identity(), rows=17, columns=21, frames=frames).dataset
    assert (dataset.Rows, dataset.Columns) == (17, 21)
    if frames is not None:
        assert dataset.NumberOfFrames == frames
    bits = 17 * 21 * (frames or 1) * dataset.SamplesPerPixel * dataset.BitsAllocated
    assert len(_pixel_data(dataset)) == (bits + 7) // 8 + (bits + 7) // 8 % 2


@pytest.mark.parametrize("keyword", [k for k in catalogue.available() if catalogue.size_options(k)])
def test_pixels_are_not_uniform_and_differ_from_instance_to_instance(keyword: str) -> None:
    source = IdentitySource(seed=7, scope=keyword)
    first = source.new()
    one = catalogue.build(keyword, first).dataset
    other = catalogue.build(keyword, source.new(series_of=first)).dataset
    assert len(set(_pixel_data(one))) > (8 if keyword != "LabelMapSegmentationStorage" else 3)
    assert _pixel_data(one) != _pixel_data(other)


def test_instances_of_one_series_agree_on_patient_study_and_series() -> None:
    source = IdentitySource(seed=7, scope="series")
    first = source.new()
    one = catalogue.build("CTImageStorage", first).dataset
    other = catalogue.build("CTImageStorage", source.new(series_of=first)).dataset
    for keyword in [
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
        "StudyInstanceUID",
        "StudyDate",
        "StudyTime",
        "StudyID",
        "AccessionNumber",
        "SeriesInstanceUID",
        "SeriesNumber",
        "SeriesDate",
        "SeriesTime",
        "Modality",
        "FrameOfReferenceUID",
    ]:
        assert one[keyword] == other[keyword]
    assert one.ImagePositionPatient != other.ImagePositionPatient


def test_an_unknown_sop_class_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InstanceError, match=r"hint: one of .*CTImageStorage"):
        catalogue.build("CTImage", an_identity())


@pytest.mark.parametrize(
    ("keyword", "options"),
    [
        pytest.param("RTPlanStorage", {"rows": 16}, id="rows-of-a-plan"),
        pytest.param("CTImageStorage", {"frames": 2}, id="frames-of-a-slice"),
        pytest.param("CTImageStorage", {"rows": 0}, id="zero-rows"),
        pytest.param("CTImageStorage", {"columns": 65536}, id="too-many-columns"),
    ],
)
def test_a_size_that_cannot_be_is_refused(keyword: str, options: dict[str, int]) -> None:
    with pytest.raises(InstanceError, match="hint:"):
        catalogue.build(keyword, an_identity(), **options)


def test_the_pdf_is_whole() -> None:
    dataset = catalogue.build("EncapsulatedPDFStorage", an_identity()).dataset
    pdf = dataset.EncapsulatedDocument[: dataset.EncapsulatedDocumentLength]
    assert pdf.startswith(b"%PDF-1.4\n")
    assert pdf.endswith(b"%%EOF\n")
    table = pdf.index(b"xref\n")
    assert int(pdf.split(b"startxref\n")[1].split(b"\n")[0]) == table
    entries = [line for line in pdf[table:].split(b"\n") if line.endswith(b" n ")]
    for number, entry in enumerate(entries, start=1):
        assert pdf[int(entry[:10]) :].startswith(b"%d 0 obj" % number)


def test_no_date_is_the_clock_s() -> None:
    for keyword in catalogue.available():
        dataset = catalogue.build(keyword, an_identity()).dataset
        for element in dataset.iterall():
            if element.VR in ("DA", "DT") and element.value:
                assert "1931" <= str(element.value)[:4] <= "2020"


def test_default_instances_are_small() -> None:
    for keyword in catalogue.available():
        assert len(catalogue.build(keyword, an_identity()).encoded(EXPLICIT)) < 20_000


def test_every_storage_sop_class_is_made() -> None:
    uids = storage_uid_by_keyword()
    assert {uids[keyword] for keyword in catalogue.available()} == set(uids.values())
