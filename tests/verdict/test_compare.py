"""What counts as a difference between a sent and a stored data set, and what an archive may do."""

import io
import struct
from collections.abc import Callable

import pytest
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import dcmread, read_dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.verdict.compare import DifferenceKind
from tests.verdict.comparing import EXPLICIT, differences, edited

IMPLICIT = "1.2.840.10008.1.2"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"


@pytest.fixture
def ct() -> Instance:
    return catalogue.build("CTImageStorage", IdentitySource(seed=7, scope="compare").new())


def as_read(instance: Instance, transfer_syntax_uid: str) -> Dataset:
    """The data set as a reader finds it in a file of that transfer syntax."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    head = io.BytesIO()
    element = transfer_syntax_uid.encode() + b"\0" * (len(transfer_syntax_uid) % 2)
    body = struct.pack("<HH2sH", 2, 0x10, b"UI", len(element)) + element
    length = struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(body))
    head.write(b"\0" * 128 + b"DICM" + length + body + instance.encoded(transfer_syntax_uid))
    head.seek(0)
    return dcmread(head)


@pytest.mark.parametrize("stored_syntax", [IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED])
@pytest.mark.parametrize("sent_syntax", [IMPLICIT, EXPLICIT, BIG_ENDIAN])
@pytest.mark.parametrize("side", ["made", "read"])
def test_a_change_of_native_transfer_syntax_is_no_difference(
    ct: Instance, sent_syntax: str, stored_syntax: str, side: str
) -> None:
    sent = ct.dataset if side == "made" else as_read(ct, sent_syntax)
    found = differences(sent, as_read(ct, stored_syntax), sent_syntax=sent_syntax, stored_syntax=stored_syntax)
    assert [d for d in found if d.permitted is None] == []


@pytest.mark.parametrize("keyword", catalogue.available())
def test_every_instance_equals_itself_in_big_endian(keyword: str) -> None:
    instance = catalogue.build(keyword, IdentitySource(seed=7, scope=keyword).new())
    if not instance.can_encode(BIG_ENDIAN):
        pytest.skip("compressed")
    found = differences(instance.dataset, as_read(instance, BIG_ENDIAN), stored_syntax=BIG_ENDIAN)
    assert [d for d in found if d.permitted is None] == []


def test_numbers_and_words_are_compared_by_value_across_byte_orders() -> None:
    dataset = Dataset()
    dataset.Rows = 258
    dataset.FrameIncrementPointer = 0x00181063
    dataset.RecommendedDisplayFrameRateInFloat = 2.5
    dataset.add_new(0x00660016, "OF", struct.pack("<2f", 1.5, -2.0))
    dataset.add_new(0x00720083, "UV", [1 << 40])
    instance = Instance(dataset=dataset)
    stored = as_read(instance, BIG_ENDIAN)
    assert differences(dataset, stored, stored_syntax=BIG_ENDIAN) == ()


@pytest.mark.parametrize(
    ("edit", "path", "kind"),
    [
        pytest.param(lambda d: d.pop("PatientComments"), "(0010,4000)", DifferenceKind.MISSING, id="missing"),
        pytest.param(lambda d: setattr(d, "KVP", "121"), "(0018,0060)", DifferenceKind.CHANGED, id="number"),
        pytest.param(lambda d: setattr(d, "Rows", 31), "(0028,0010)", DifferenceKind.CHANGED, id="binary"),
        pytest.param(lambda d: setattr(d, "StudyID", "x"), "(0020,0010)", DifferenceKind.CHANGED, id="text"),
        pytest.param(lambda d: setattr(d, "ProtocolName", "new"), "(0018,1030)", DifferenceKind.ADDED, id="added"),
        pytest.param(
            lambda d: setattr(d, "TimezoneOffsetFromUTC", "+0100"), "(0008,0201)", DifferenceKind.CHANGED, id="timezone"
        ),
        pytest.param(lambda d: setattr(d, "PatientID", "X"), "(0010,0020)", DifferenceKind.COERCED, id="coerced"),
        pytest.param(lambda d: d.pop("PatientID"), "(0010,0020)", DifferenceKind.MISSING, id="patient-id-lost"),
        pytest.param(
            lambda d: setattr(d, "OtherPatientIDsSequence", [Dataset()]),
            "(0010,1002)",
            DifferenceKind.COERCED,
            id="coercible-added",
        ),
        pytest.param(
            lambda d: setattr(d, "ImageType", ["PRIMARY", "ORIGINAL", "AXIAL"]),
            "(0008,0008)",
            DifferenceKind.CHANGED,
            id="order-of-values",
        ),
        pytest.param(
            lambda d: setattr(d, "ImageType", ["ORIGINAL", "PRIMARY"]),
            "(0008,0008)",
            DifferenceKind.CHANGED,
            id="fewer-values",
        ),
    ],
)
def test_a_change_without_a_clause_is_found(
    ct: Instance, edit: Callable[[Dataset], None], path: str, kind: DifferenceKind
) -> None:
    found = differences(ct.dataset, edited(ct.dataset, edit))
    assert [(d.path, d.kind, d.permitted) for d in found] == [(path, kind, None)]
    assert path in str(found[0])


@pytest.mark.parametrize(
    ("keyword", "vr", "sent", "stored", "permitted"),
    [
        pytest.param("StationName", "SH", "AB", "AB  ", True, id="trailing-spaces"),
        pytest.param("StationName", "SH", " AB", "AB", True, id="leading-spaces-of-SH"),
        pytest.param("Modality", "CS", "CT", " CT ", True, id="spaces-of-CS"),
        pytest.param("PatientComments", "LT", " AB", "AB", False, id="leading-space-of-LT"),
        pytest.param("PatientComments", "LT", "AB", "AB  ", True, id="trailing-spaces-of-LT"),
        pytest.param("KVP", "DS", "120.0", "120", True, id="same-number"),
        pytest.param("KVP", "DS", "1.2E2", "120", True, id="same-number-other-notation"),
        pytest.param("KVP", "DS", "120.01", "120", False, id="rounded"),
        pytest.param("SeriesNumber", "IS", "007", "7", True, id="leading-zeros-of-IS"),
        pytest.param("KVP", "DS", "abc", "abd", False, id="no-number"),
        pytest.param("StudyTime", "TM", "101010", "101010.000000", False, id="other-precision"),
        pytest.param("PatientName", "PN", "A^B^^^", "A^B", True, id="null-components"),
        pytest.param("PatientName", "PN", "A^B==", "A^B", True, id="null-groups"),
        pytest.param("PatientName", "PN", "A^B", "a^b", False, id="case-of-PN"),
        pytest.param("FrameOfReferenceUID", "UI", "1.2.3", "1.2.30", False, id="other-UID"),
    ],
)
def test_text_is_compared_as_its_vr_says(keyword: str, vr: str, sent: str, stored: str, permitted: bool) -> None:
    one, other = Dataset(), Dataset()
    for dataset, text in ((one, sent), (other, stored)):
        raw = text.encode()
        raw += b" " * (len(raw) % 2) if vr != "UI" else b"\0" * (len(raw) % 2)
        dataset.update(as_read_element(keyword, vr, raw))
    (found,) = differences(one, other)
    assert found.kind is DifferenceKind.CHANGED
    assert (found.permitted is not None) is permitted
    assert not permitted or "PS3.5" in str(found.permitted)


def as_read_element(keyword: str, vr: str, value: bytes) -> Dataset:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    return read_bytes(struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr.encode(), len(value)) + value)


def read_bytes(data: bytes, *, implicit: bool = False) -> Dataset:
    dataset = read_dataset(io.BytesIO(data), is_implicit_VR=implicit, is_little_endian=True, bytelength=len(data))
    dataset.set_original_encoding(implicit, True)
    return dataset


def test_even_length_padding_under_an_unknown_vr_is_no_difference() -> None:
    known, unknown = private(value="ABC"), private()
    unknown[0x00091001] = DataElement(0x00091001, "UN", b"ABC ")
    assert [d.kind for d in differences(known, unknown)] == [DifferenceKind.VR_CHANGED]


def test_even_length_padding_is_no_difference() -> None:
    assert (
        differences(as_read_element("StationName", "SH", b"ABC "), as_read_element("StationName", "SH", b"ABC\0")) == ()
    )


@pytest.mark.parametrize(
    ("edit", "clause"),
    [
        pytest.param(lambda d: d.add_new(0x00080000, "UL", 1), "PS3.5 7.2", id="group-length"),
        pytest.param(lambda d: d.add_new(0xFFFCFFFC, "OB", b"\0\0"), "PS3.10 7.2", id="trailing-padding"),
        pytest.param(lambda d: setattr(d, "ProtocolName", ""), "B.4.1.1", id="empty-type-3"),
        pytest.param(lambda d: setattr(d, "ReferencedStudySequence", []), "B.4.1.1", id="empty-sequence"),
    ],
)
def test_what_an_archive_may_leave_out_carries_its_clause(
    ct: Instance, edit: Callable[[Dataset], None], clause: str
) -> None:
    (found,) = differences(edited(ct.dataset, edit), ct.dataset)
    assert found.kind is DifferenceKind.MISSING
    assert clause in str(found.permitted)


def test_an_empty_type_2_element_may_not_be_left_out(ct: Instance) -> None:
    sent = edited(ct.dataset, lambda d: setattr(d, "AccessionNumber", ""))
    (found,) = differences(sent, edited(sent, lambda d: d.pop("AccessionNumber")))
    assert (found.kind, found.permitted) == (DifferenceKind.MISSING, None)


@pytest.mark.parametrize(
    ("edit", "clause"),
    [
        pytest.param(lambda d: d.add_new(0x00100000, "UL", 1), "PS3.5 7.2", id="group-length"),
        pytest.param(lambda d: setattr(d, "InstanceCoercionDateTime", "20240101"), "C.12.1", id="coercion-datetime"),
        pytest.param(lambda d: setattr(d, "OriginalAttributesSequence", [Dataset()]), "C.12.1.1.9", id="original"),
        pytest.param(lambda d: setattr(d, "ContributingEquipmentSequence", [Dataset()]), "C.12.1.1.5", id="equipment"),
    ],
)
def test_what_an_archive_may_add_carries_its_clause(ct: Instance, edit: Callable[[Dataset], None], clause: str) -> None:
    (found,) = differences(ct.dataset, edited(ct.dataset, edit))
    assert found.kind is DifferenceKind.ADDED
    assert clause in str(found.permitted)


def test_another_group_length_is_permitted() -> None:
    one, other = Dataset(), Dataset()
    one.add_new(0x00080000, "UL", 10)
    other.add_new(0x00080000, "UL", 12)
    (found,) = differences(one, other)
    assert "7.2" in str(found.permitted)


def private(block: int = 0x10, creator: str = "ACME", value: str = "kept") -> Dataset:
    dataset = Dataset()
    dataset.add_new(0x00090000 + block, "LO", creator)
    dataset.add_new(0x00090001 + (block << 8), "LO", value)
    return dataset


def test_a_private_block_that_moves_with_its_creator_is_permitted() -> None:
    (found,) = differences(private(0x10), private(0x11))
    assert found.keyword == "PrivateCreator"
    assert "7.8.1" in str(found.permitted)


@pytest.mark.parametrize(
    ("stored", "lost"),
    [
        pytest.param(Dataset(), {"(0009,0010)", "(0009,1001)"}, id="block-dropped"),
        pytest.param(private(creator="OTHER"), {"(0009,0010)", "(0009,1001)"}, id="other-creator"),
        pytest.param(edited(private(), lambda d: d.pop(0x00090010)), {"(0009,0010)", "(0009,1001)"}, id="creator-lost"),
        pytest.param(edited(private(), lambda d: d.pop(0x00091001)), {"(0009,1001)"}, id="element-lost"),
    ],
)
def test_lost_private_elements_are_found(stored: Dataset, lost: set[str]) -> None:
    found = differences(private(), stored)
    assert {d.path for d in found if d.kind is DifferenceKind.MISSING} == lost
    assert all(d.is_private and d.permitted is None for d in found)


def test_a_private_element_is_named_by_creator_and_number() -> None:
    (found,) = differences(private(), private(value="changed"))
    assert (found.keyword, found.kind) == ("[ACME] 01", DifferenceKind.CHANGED)


def test_two_blocks_of_one_creator_are_kept_apart() -> None:
    sent = private(0x10, value="one")
    sent.update(private(0x11, value="two"))
    assert differences(sent, sent) == ()
    (found,) = [d for d in differences(sent, private(0x10, value="one")) if d.path == "(0009,1101)"]
    assert found.kind is DifferenceKind.MISSING


def test_a_private_element_inside_an_item_is_private() -> None:
    sent, stored = Dataset(), Dataset()
    sent.ReferencedImageSequence = [private()]
    stored.ReferencedImageSequence = [Dataset()]
    found = differences(sent, stored)
    assert [d.path for d in found] == ["(0008,1140)[0].(0009,0010)", "(0008,1140)[0].(0009,1001)"]
    assert all(d.is_private for d in found)


def with_references(*uids: str) -> Dataset:
    dataset = Dataset()
    dataset.ReferencedImageSequence = Sequence(Dataset() for _ in uids)
    for item, uid in zip(dataset.ReferencedImageSequence, uids, strict=True):
        item.ReferencedSOPInstanceUID = uid
    return dataset


@pytest.mark.parametrize(
    ("stored", "path", "kind"),
    [
        pytest.param(with_references("1.2"), "(0008,1140)", DifferenceKind.ITEMS, id="item-lost"),
        pytest.param(with_references("1.3", "1.2"), "(0008,1140)", DifferenceKind.ITEMS, id="order"),
        pytest.param(
            with_references("1.2", "1.4"), "(0008,1140)[1].(0008,1155)", DifferenceKind.CHANGED, id="value-in-item"
        ),
    ],
)
def test_items_are_compared_in_their_order(stored: Dataset, path: str, kind: DifferenceKind) -> None:
    (found,) = differences(with_references("1.2", "1.3"), stored)
    assert (found.path, found.kind, found.permitted) == (path, kind, None)


def coded(value: str, scheme: str, meaning: str | None = "Chest") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = value, scheme
    if meaning is not None:
        item.CodeMeaning = meaning
    dataset = Dataset()
    dataset.AnatomicRegionSequence = [item]
    return dataset


def test_another_code_is_coercion() -> None:
    found = differences(coded("T-D3000", "SRT"), coded("51185008", "SCT"))
    assert {d.kind for d in found} == {DifferenceKind.COERCED}
    assert len(found) == 2


def test_a_lost_meaning_of_the_same_code_is_a_loss() -> None:
    (found,) = differences(coded("T-D3000", "SRT"), coded("T-D3000", "SRT", None))
    assert found.kind is DifferenceKind.MISSING


@pytest.mark.parametrize(
    ("sent_vr", "stored_vr", "sent_syntax", "permitted"),
    [
        pytest.param("LO", "UN", EXPLICIT, "6.2.2", id="known-to-UN"),
        pytest.param("UN", "LO", EXPLICIT, "6.2.2", id="UN-to-known"),
        pytest.param("OB", "OW", EXPLICIT, "A.2", id="OB-OW"),
        pytest.param("LO", "SH", EXPLICIT, None, id="other-VR"),
        pytest.param("LO", "SH", IMPLICIT, "7.1.3", id="sent-without-VR"),
    ],
)
def test_a_changed_vr_is_told_apart_from_a_changed_value(
    sent_vr: str, stored_vr: str, sent_syntax: str, permitted: str | None
) -> None:
    one, other = private(), private()
    one[0x00091001] = DataElement(0x00091001, sent_vr, b"AB" if sent_vr in {"UN", "OB"} else "AB")
    other[0x00091001] = DataElement(0x00091001, stored_vr, b"AB" if stored_vr in {"UN", "OW"} else "AB")
    (found,) = differences(one, other, sent_syntax=sent_syntax)
    assert found.kind is DifferenceKind.VR_CHANGED
    assert found.permitted is None if permitted is None else permitted in str(found.permitted)


def test_the_dictionary_vr_may_be_restored() -> None:
    one, other = Dataset(), Dataset()
    one.add_new("StationName", "LO", "AB")
    other.add_new("StationName", "SH", "AB")
    (found,) = differences(one, other)
    assert "PS3.6" in str(found.permitted)


def test_a_private_sequence_that_became_UN_is_compared_by_items() -> None:
    inner = Dataset()
    inner.StationName = "A"
    sent = private()
    sent.add_new(0x00091002, "SQ", [inner])
    data = Instance(dataset=sent).encoded(IMPLICIT)
    stored = read_bytes(data, implicit=True)
    assert differences(sent, stored, stored_syntax=IMPLICIT) == ()
    broken = read_bytes(data.replace(b"A ", b"B "), implicit=True)
    (found,) = differences(sent, broken, stored_syntax=IMPLICIT)
    assert found.path == "(0009,1002)[0].(0008,1010)"


@pytest.mark.parametrize(
    ("stored_name", "permitted"),
    [pytest.param("Grün^Äda", True, id="same-text"), pytest.param("Gruen^Aeda", False, id="other-text")],
)
def test_another_character_set_is_permitted_when_the_text_is_the_same(stored_name: str, permitted: bool) -> None:
    one, other = Dataset(), Dataset()
    one.SpecificCharacterSet, one.PatientName = "ISO_IR 100", "Grün^Äda"
    other.SpecificCharacterSet, other.PatientName = "ISO_IR 192", stored_name
    one, other = (read_bytes(Instance(dataset=d).encoded(EXPLICIT)) for d in (one, other))
    found = differences(one, other)
    settled = next(d for d in found if d.path == "(0008,0005)")
    assert (settled.permitted is not None) is permitted
    assert any(d.path == "(0010,0010)" for d in found) is not permitted


def test_garbage_in_a_stored_sequence_is_a_change_not_a_crash() -> None:
    sent = with_references("1.2")
    stored = read_bytes(struct.pack("<HH2s2xI", 0x0008, 0x1140, b"SQ", 6) + b"garbag")
    found = differences(sent, stored)
    assert [d.path for d in found] == ["(0008,1140)"]
    assert found[0].permitted is None
