"""The status tables agree with the classes of PS3.7 Annex C, and with an independent implementation's list."""

from __future__ import annotations

import pytest
from pydicom.datadict import dictionary_has_tag
from pynetdicom.status import STORAGE_SERVICE_CLASS_STATUS

from conformance.standard.statuses import (
    C_STORE,
    COUNTERS,
    ERROR_ID,
    REMAINING,
    SERVICE_TABLES,
    DimseService,
    StatusClass,
    StatusRow,
    describe,
    status_class,
    status_row,
    status_words,
)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0x0000, StatusClass.SUCCESS),
        (0x0001, StatusClass.WARNING),
        (0x0107, StatusClass.WARNING),
        (0x0116, StatusClass.WARNING),
        (0xB000, StatusClass.WARNING),
        (0xBFFF, StatusClass.WARNING),
        (0x0100, StatusClass.FAILURE),
        (0x0111, StatusClass.FAILURE),
        (0x02FF, StatusClass.FAILURE),
        (0xA700, StatusClass.FAILURE),
        (0xA800, StatusClass.FAILURE),
        (0xCFFF, StatusClass.FAILURE),
        (0xFE00, StatusClass.CANCEL),
        (0xFF00, StatusClass.PENDING),
        (0xFF01, StatusClass.PENDING),
        (0x0002, None),
        (0x0300, None),
        (0x9FFF, None),
        (0xD000, None),
        (0xFE01, None),
        (0xFF02, None),
        (0xFFFF, None),
    ],
    ids=lambda value: f"{value:04X}" if isinstance(value, int) else str(value),
)
def test_class_follows_from_the_value(code: int, expected: StatusClass | None) -> None:
    assert status_class(code) is expected


ENTRIES = [(service, row) for service in DimseService for row in SERVICE_TABLES[service.command_field]]


@pytest.mark.parametrize(("service", "entry"), ENTRIES, ids=[f"{s}-{e.first:04X}" for s, e in ENTRIES])
def test_entries_are_consistent(service: DimseService, entry: StatusRow) -> None:
    assert 0 <= entry.first <= entry.last <= 0xFFFF
    assert status_class(entry.first) is status_class(entry.last) is not None
    assert entry.meaning
    assert entry.clause.startswith(("PS3.4 ", "PS3.7 "))
    assert all(dictionary_has_tag(element) for element in entry.related)
    others = [other for other in SERVICE_TABLES[service.command_field] if other is not entry]
    assert not any(other.first <= entry.last and entry.first <= other.last for other in others)


def test_every_service_has_a_table_with_one_success() -> None:
    for service in DimseService:
        rows = SERVICE_TABLES[service.command_field]
        assert [row.first for row in rows if status_class(row.first) is StatusClass.SUCCESS] == [0]


def test_c_store_lists_exactly_the_codes_of_the_standard() -> None:
    listed = {code for code in range(0x10000) if status_row(C_STORE, code)}
    single = {0x0000, 0xB000, 0xB006, 0xB007, 0x0117, 0x0122, 0x0124, 0x0210, 0x0211, 0x0212}
    assert listed == single | {*range(0xA700, 0xA800), *range(0xA900, 0xAA00), *range(0xC000, 0xD000)}


def test_c_store_is_never_pending_or_cancelled() -> None:
    classes = {status_class(row.first) for row in SERVICE_TABLES[C_STORE]}
    assert classes == {StatusClass.SUCCESS, StatusClass.WARNING, StatusClass.FAILURE}


def test_pynetdicom_names_the_same_classes_for_c_store() -> None:
    for code, (name, _) in STORAGE_SERVICE_CLASS_STATUS.items():
        assert str(status_class(code)) == name, f"{code:04X}"


@pytest.mark.parametrize("service", [DimseService.C_GET, DimseService.C_MOVE])
def test_remaining_counter_belongs_to_pending_and_cancel_only(service: DimseService) -> None:
    for row in SERVICE_TABLES[service.command_field]:
        permitted = status_class(row.first) in (StatusClass.PENDING, StatusClass.CANCEL)
        assert (REMAINING in row.related) is permitted


@pytest.mark.parametrize("service", [DimseService.C_STORE, DimseService.C_ECHO, DimseService.C_FIND])
def test_services_without_sub_operations_have_no_counters(service: DimseService) -> None:
    assert not any(row.related & COUNTERS for row in SERVICE_TABLES[service.command_field])


def test_error_id_is_never_permitted_by_a_listed_status() -> None:
    assert not any(ERROR_ID in row.related for _, row in ENTRIES)


NOT_LISTED = "No such SOP instance (PS3.7 Annex C, not listed for C-STORE)"
TEMPLATE = "PS3.2 Table N.7-42 prints this code where PS3.7 has"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0x0000, "0000H Success (PS3.4 Table B.2-1)"),
        (0x0111, "0111H Duplicate SOP instance (PS3.7 Annex C, not listed for C-STORE)"),
        (0x0110, "0110H Processing failure (PS3.7 Annex C, not listed for C-STORE)"),
        (0x0112, f"0112H {NOT_LISTED}; {TEMPLATE} 0122H, SOP class not supported"),
        (0x0214, f"0214H Failure without a name (not listed for C-STORE); {TEMPLATE} 0124H, not authorized"),
        (
            0xA774,
            "A774H Refused: out of resources (PS3.4 Table B.2-1); dcm4chee-arc: rejection failed, already rejected",
        ),
        (
            0xC499,
            "C499H Error: cannot understand (PS3.4 Table B.2-1); dcm4chee-arc: failed to parse the DICOM stream",
        ),
        (0xFE00, "FE00H Cancel (PS3.7 Annex C, not listed for C-STORE)"),
        (0xB123, "B123H Warning without a name (not listed for C-STORE)"),
        (0xD000, "D000H Outside the status classes of PS3.7 Annex C"),
    ],
    ids=lambda value: f"{value:04X}" if isinstance(value, int) else "",
)
def test_description_names_the_status_and_where_it_is_listed(code: int, expected: str) -> None:
    assert describe(DimseService.C_STORE, code) == expected


def test_notes_on_c_store_are_not_told_of_other_services() -> None:
    assert "dcm4chee" not in describe(DimseService.C_FIND, 0xC409)


def test_every_code_can_be_described() -> None:
    for service in DimseService:
        for code in (0x0001, 0x0111, 0xFE00, *range(0, 0x10000, 257)):
            assert describe(service, code).startswith(f"{code:04X}H ")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0x0000, "0000H Success"),
        (0xA733, "A733H Failure, refused: out of resources"),
        (0x0111, "0111H Failure, duplicate SOP instance"),
        (0xB111, "B111H Warning"),
        (0xD000, "D000H no class in PS3.7 Annex C"),
    ],
    ids=lambda value: f"{value:04X}" if isinstance(value, int) else "",
)
def test_short_words_name_class_and_meaning(status: int, expected: str) -> None:
    assert status_words(C_STORE, status) == expected


def test_a_row_is_found_by_the_command_field_of_the_response_too() -> None:
    assert status_row(0x8001, 0xB007) is status_row(0x0001, 0xB007) is not None


def test_a_service_without_a_table_lists_nothing() -> None:
    assert status_row(0x0130, 0x0000) is None
