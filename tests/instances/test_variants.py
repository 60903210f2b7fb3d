"""Variants: each changes what its name says and nothing else."""

from collections.abc import Callable

import numpy as np
import pytest
from pydicom.uid import UID

from conformance.instances import catalogue, encapsulated, variants
from conformance.instances.errors import InstanceError
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from tests.instances.reading import BIG_ENDIAN, EXPLICIT, IMPLICIT, NATIVE, differing_keywords, read, read_back


@pytest.fixture
def source() -> IdentitySource:
    return IdentitySource(seed=7, scope="variants")


@pytest.fixture
def ct(source: IdentitySource) -> Instance:
    return catalogue.build("CTImageStorage", source.new())


_SERIES = {"SeriesInstanceUID", "SeriesNumber"}
_STUDY = {"SeriesInstanceUID", "StudyInstanceUID", "StudyID", "AccessionNumber"}


def test_changed_header_changes_two_descriptions(ct: Instance) -> None:
    assert differing_keywords(ct, variants.changed_header(ct)) == {"StudyDescription", "ImageComments"}


@pytest.mark.parametrize("keyword", [k for k in catalogue.available() if catalogue.size_options(k)])
def test_changed_pixels_changes_every_pixel_by_its_lowest_bit(keyword: str, source: IdentitySource) -> None:
    image = catalogue.build(keyword, source.new(), rows=3, columns=5)
    changed = variants.changed_pixels(image)
    data = "FloatPixelData" if "FloatPixelData" in image.dataset else "PixelData"
    assert differing_keywords(image, changed) == {data}
    assert changed.dataset[data].VR == image.dataset[data].VR
    dtype = {16: "<u2", 32: "<u4"}.get(image.dataset.BitsAllocated, "u1")
    before, after = image.dataset[data].value, changed.dataset[data].value
    difference = np.frombuffer(before, dtype) ^ np.frombuffer(after, dtype)
    assert set(difference.tolist()) <= {0, 1}
    assert difference[0] == 1


def test_changed_pixels_of_something_without_native_pixels_is_refused(ct: Instance, source: IdentitySource) -> None:
    for instance in (catalogue.build("RTPlanStorage", source.new()), encapsulated.rle(ct)):
        with pytest.raises(InstanceError, match="no native pixel data"):
            variants.changed_pixels(instance)


def test_other_series_moves_within_the_study(ct: Instance, source: IdentitySource) -> None:
    assert differing_keywords(ct, variants.other_series(ct, source)) == _SERIES


def test_other_study_moves_within_the_patient(ct: Instance, source: IdentitySource) -> None:
    assert differing_keywords(ct, variants.other_study(ct, source)) == _STUDY


def test_other_patient_moves_everything_but_the_instance(ct: Instance, source: IdentitySource) -> None:
    assert differing_keywords(ct, variants.other_patient(ct, source)) == _STUDY | {"PatientID", "PatientName"}


@pytest.mark.parametrize(
    ("keyword", "other"),
    [
        ("CTImageStorage", "SecondaryCaptureImageStorage"),
        ("RTPlanStorage", "SecondaryCaptureImageStorage"),
        ("SecondaryCaptureImageStorage", "MultiFrameGrayscaleByteSecondaryCaptureImageStorage"),
    ],
)
def test_other_sop_class_keeps_identity_and_modality(keyword: str, other: str, source: IdentitySource) -> None:
    instance = catalogue.build(keyword, source.new())
    rebuilt = variants.other_sop_class(instance)
    assert UID(rebuilt.sop_class_uid).keyword == other
    assert variants.identity_of(rebuilt).sop_instance_uid == instance.sop_instance_uid
    for same in [
        "PatientID",
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "Modality",
        "SeriesDescription",
        "StudyDate",
        "SeriesNumber",
    ]:
        assert rebuilt.dataset[same] == instance.dataset[same]


def test_identity_of_gives_back_the_identity(source: IdentitySource) -> None:
    source.new()
    identity = source.new(study_of=source.new())
    assert variants.identity_of(catalogue.build("CTImageStorage", identity)) == identity


def test_without_removes_and_emptied_empties(ct: Instance) -> None:
    assert "PatientID" not in read_back(variants.without(ct, "PatientID", "Rows"))
    assert differing_keywords(ct, variants.without(ct, "PatientID", "Rows")) == {"PatientID", "Rows"}
    received = read_back(variants.emptied(ct, "PatientID", "Rows", "RequestAttributesSequence"))
    assert received["PatientID"].is_empty
    assert received["Rows"].is_empty
    assert received["RequestAttributesSequence"].is_empty


@pytest.mark.parametrize("uid", ["1.2.03", "1." + "2" * 80, "abc", " 1.2.3", "1.2.3 ", "", "1.2\\1.3"])
def test_a_faulty_uid_goes_out_as_it_is(ct: Instance, uid: str) -> None:
    for variant, keyword in (
        (variants.with_sop_instance_uid(ct, uid), "SOPInstanceUID"),
        (variants.with_sop_class_uid(ct, uid), "SOPClassUID"),
    ):
        assert differing_keywords(ct, variant) == {keyword}
        sent = variant.encoded(EXPLICIT)
        length = len(uid) + len(uid) % 2
        assert b"UI" + length.to_bytes(2, "little") + uid.encode().ljust(length, b"\0") in sent
        variants.changed_header(variant).encoded(IMPLICIT)


@pytest.mark.parametrize(
    ("keyword", "value", "sent"),
    [
        pytest.param("InstanceNumber", "one", b"IS\x04\x00one ", id="no-number"),
        pytest.param("StudyDate", "2010-02-30", b"DA\x0a\x002010-02-30", id="no-date"),
        pytest.param("SliceThickness", "1,5", b"DS\x04\x001,5 ", id="decimal-comma"),
        pytest.param("PatientID", "X" * 80, b"LO\x50\x00" + b"X" * 80, id="too-long"),
        pytest.param("Modality", "lower case, too long", b"CS\x14\x00lower case, too long", id="no-code-string"),
        pytest.param("PatientName", "CONFORMANCE^MÜLLER", b"PN\x12\x00CONFORMANCE^M\xdcLLER", id="latin-1-name"),
        pytest.param("Rows", 7, b"US\x02\x00\x07\x00", id="number"),
    ],
)
def test_with_element_does_not_validate(ct: Instance, keyword: str, value: object, sent: bytes) -> None:
    variant = variants.with_element(ct, keyword, value)
    assert sent in variant.encoded(EXPLICIT)
    assert differing_keywords(ct, variant) == {keyword}


def test_a_keyword_that_is_none_is_refused(ct: Instance) -> None:
    for call in (variants.without, variants.emptied):
        with pytest.raises(InstanceError, match="no keyword"):
            call(ct, "PatientIdentifier")
    with pytest.raises(InstanceError, match="nothing would change"):
        variants.without(ct, "EchoTime")


def test_truncated_is_the_beginning_of_the_whole(ct: Instance) -> None:
    whole = ct.encoded(EXPLICIT)
    assert variants.truncated(ct, EXPLICIT, missing_bytes=100) == whole[:-100]
    for missing_bytes in (0, -1, len(whole)):
        with pytest.raises(InstanceError, match="missing_bytes"):
            variants.truncated(ct, EXPLICIT, missing_bytes=missing_bytes)


@pytest.mark.parametrize(
    "make",
    [
        variants.changed_header,
        variants.changed_pixels,
        lambda i: variants.without(i, "PatientName"),
        lambda i: variants.with_sop_class_uid(i, "1.2.3"),
        lambda i: variants.sized(i, 8192, EXPLICIT),
    ],
    ids=["header", "pixels", "without", "sop-class", "sized"],
)
def test_a_variant_leaves_the_first_as_it_was(ct: Instance, make: Callable[[Instance], Instance]) -> None:
    before = ct.sha256(EXPLICIT)
    assert make(ct).sha256(EXPLICIT) != before
    assert Instance(dataset=ct.dataset).sha256(EXPLICIT) == before


@pytest.mark.parametrize("syntax", NATIVE.values(), ids=NATIVE.keys())
def test_rich_survives_every_native_syntax(source: IdentitySource, syntax: str) -> None:
    instance = variants.rich(source.new())
    received = read(instance.encoded(syntax), syntax)
    assert str(received.PatientName.ideographic) == "山田^太郎"
    assert received.AdditionalPatientHistory.startswith("     three leading spaces")
    assert len(received.AdditionalPatientHistory) > 1024
    assert received.ContentSequence[0].ContentSequence[0].ContentSequence[0].ContentSequence[0].TextValue == "level 4"
    assert [len(item) for item in received.ContentSequence[0].ContentSequence] == [3, 0, 3]


def test_rich_holds_every_common_vr(source: IdentitySource) -> None:
    vrs = {str(element.VR) for element in read_back(variants.rich(source.new())).iterall()}
    common = "AE AS AT CS DA DS DT FL FD IS LO LT OB OD OF OL OW PN SH SL SQ SS ST TM UC UI UL UN UR US UT"
    assert vrs >= set(common.split())


def test_rich_holds_sequences_of_both_lengths(source: IdentitySource) -> None:
    sent = variants.rich(source.new()).encoded(BIG_ENDIAN)
    assert sent.count(b"\xff\xfe\xe0\xdd") == 3  # Sequence Delimitation Item
    assert sent.count(b"\xff\xfe\xe0\x0d") == 3  # Item Delimitation Item
