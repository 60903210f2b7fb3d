"""The tables of transfer syntaxes and SOP classes agree with pydicom's and pynetdicom's."""

from __future__ import annotations

import pytest
from pydicom._uid_dict import UID_dictionary
from pydicom.uid import UID
from pynetdicom import AllStoragePresentationContexts
from pynetdicom.sop_class import _STORAGE_CLASSES

from conformance.standard import sop_classes, transfer_syntaxes
from conformance.standard.sop_classes import Group, all_sop_classes, in_group
from conformance.standard.transfer_syntaxes import TRANSFER_SYNTAXES, Kind


def test_sixty_three_transfer_syntaxes_of_which_forty_five_are_current() -> None:
    assert len({row.uid for row in TRANSFER_SYNTAXES}) == len(TRANSFER_SYNTAXES) == 63
    assert sum(not row.retired for row in TRANSFER_SYNTAXES) == 45
    assert len({row.keyword for row in TRANSFER_SYNTAXES}) == 63


def test_every_transfer_syntax_of_pydicom_is_there_with_its_keyword_and_state() -> None:
    ours = {row.uid: row for row in TRANSFER_SYNTAXES}
    theirs = {uid: row for uid, row in UID_dictionary.items() if row[1] == "Transfer Syntax"}
    assert set(theirs) <= set(ours)
    for uid, (_, _, _, retired, keyword) in theirs.items():
        assert ours[uid].retired == (retired == "Retired"), uid
        assert keyword in ("", ours[uid].keyword), uid


@pytest.mark.parametrize(
    ("uid", "encapsulated"),
    [
        pytest.param("1.2.840.10008.1.2", False, id="implicit"),
        pytest.param("1.2.840.10008.1.2.1.98", True, id="encapsulated uncompressed"),
        pytest.param("1.2.840.10008.1.2.1.99", False, id="deflated"),
        pytest.param("1.2.840.10008.1.2.4.50", True, id="JPEG baseline"),
        pytest.param("1.2.840.10008.1.2.4.94", False, id="JPIP"),
        pytest.param("1.2.840.10008.1.2.4.102.1", True, id="fragmentable MPEG-4"),
        pytest.param("1.2.840.10008.1.2.4.205", False, id="JPIP HTJ2K"),
        pytest.param("1.2.840.10008.1.2.5", True, id="RLE"),
        pytest.param("1.2.840.10008.1.2.7.1", False, id="SMPTE"),
        pytest.param("1.2.840.10008.1.2.8.1", True, id="deflated frame"),
    ],
)
def test_transfer_syntax_is_encapsulated_as_its_kind_says(uid: str, encapsulated: bool) -> None:
    row = transfer_syntaxes.transfer_syntax(uid)
    assert row is not None
    assert row.encapsulated is encapsulated


def test_pydicom_agrees_on_what_is_encapsulated() -> None:
    exceptions = {Kind.JPIP, Kind.SMPTE, Kind.OTHER}  # pydicom takes all but the native ones for compressed
    for row in TRANSFER_SYNTAXES:
        if row.uid in UID_dictionary and row.kind not in exceptions and row.uid != "1.2.840.10008.1.20":
            assert row.encapsulated is UID(row.uid).is_encapsulated, row.uid


def test_transfer_syntaxes_are_found_and_named_by_uid() -> None:
    for row in TRANSFER_SYNTAXES:
        assert transfer_syntaxes.transfer_syntax(row.uid) is row
        assert transfer_syntaxes.transfer_syntax_name(row.uid) == row.name


def test_only_implicit_vr_little_endian_is_mandatory() -> None:
    assert [row.uid for row in TRANSFER_SYNTAXES if "mandatory" in row.rule] == ["1.2.840.10008.1.2"]


def test_unknown_transfer_syntax_is_none_and_named_by_its_uid() -> None:
    assert transfer_syntaxes.transfer_syntax("1.2.3") is None
    assert transfer_syntaxes.transfer_syntax_name("1.2.3") == "1.2.3"


@pytest.mark.parametrize(
    ("group", "count"),
    [
        (Group.STORAGE, 170),
        (Group.NON_PATIENT, 9),
        (Group.RETIRED, 4),
        (Group.VERIFICATION, 1),
        (Group.STORAGE_COMMITMENT, 1),
        (Group.QUERY, 2),
        (Group.MOVE, 2),
        (Group.GET, 2),
    ],
    ids=str,
)
def test_groups_have_the_number_of_the_standard(group: Group, count: int) -> None:
    assert len(in_group(group)) == count


def test_sop_class_uids_and_keywords_are_unique() -> None:
    assert len({row.uid for row in all_sop_classes()}) == len(all_sop_classes())
    assert len({row.keyword for row in all_sop_classes()}) == len(all_sop_classes())


def test_sop_classes_agree_with_pydicom_where_pydicom_knows_them() -> None:
    for row in all_sop_classes():
        assert sop_classes.sop_class(row.uid) is row
        if row.uid in UID_dictionary:
            name, _, _, retired, keyword = UID_dictionary[row.uid]
            assert (keyword, name.removesuffix(" (Retired)")) == (row.keyword, row.name)
            assert (retired == "Retired") is (row.group is Group.RETIRED), row.uid
        else:
            assert row.added_after_2020c, row.uid


def test_storage_table_is_the_one_of_pynetdicom() -> None:
    ours = {row.uid for row in in_group(Group.STORAGE)}
    theirs = set(_STORAGE_CLASSES.values())
    assert theirs == ours


def test_default_storage_contexts_of_pynetdicom_are_storage_classes_here() -> None:
    assert all(sop_classes.is_storage(str(context.abstract_syntax)) for context in AllStoragePresentationContexts)


def test_nineteen_storage_classes_are_newer_than_2020c() -> None:
    assert sum(row.added_after_2020c for row in in_group(Group.STORAGE)) == 19


def test_keywords_lead_to_uids_in_either_spelling() -> None:
    by_keyword = sop_classes.storage_uid_by_keyword()
    assert by_keyword["CTImageStorage"] == "1.2.840.10008.5.1.4.1.1.2"
    uid = "1.2.840.10008.5.1.4.1.1.11.3"
    assert by_keyword["PseudoColorSoftcopyPresentationStateStorage"] == uid
    assert by_keyword["PseudoColorSoftcopyPresentationStageStorage"] == uid


def test_services_around_storage_are_not_storage() -> None:
    assert not sop_classes.is_storage(sop_classes.VERIFICATION)
    assert not sop_classes.is_storage(sop_classes.STUDY_ROOT_FIND)
    assert not sop_classes.is_storage("1.2.3")
    assert sop_classes.sop_class_name("1.2.3") == "1.2.3"
    assert sop_classes.sop_class_name(sop_classes.VERIFICATION) == "Verification SOP Class"
