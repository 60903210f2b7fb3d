"""DIMSE statuses: classes by value (PS3.7 Annex C) and what each service lists (PS3.4 Tables B.2-1, C.4-1 to C.4-3).

What real systems make of a code beside the tables is told in `describe`, and changes no class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Final

C_STORE: Final = 0x0001
C_GET: Final = 0x0010
C_FIND: Final = 0x0020
C_MOVE: Final = 0x0021
C_ECHO: Final = 0x0030

OFFENDING_ELEMENT: Final = 0x0901
ERROR_COMMENT: Final = 0x0902
ERROR_ID: Final = 0x0903
RELATED_FIELDS: Final = frozenset({OFFENDING_ELEMENT, ERROR_COMMENT, ERROR_ID})
"""Element numbers of group 0000 that explain a status (PS3.7 Annex C)."""

REMAINING: Final = 0x1020
COMPLETED: Final = 0x1021
FAILED: Final = 0x1022
WARNING: Final = 0x1023
COUNTERS: Final = frozenset({REMAINING, COMPLETED, FAILED, WARNING})
"""Element numbers of group 0000 that count the sub-operations of C-GET and C-MOVE."""


@unique
class DimseService(StrEnum):
    """A DIMSE-C service, as the standard writes it."""

    C_STORE = "C-STORE"
    C_ECHO = "C-ECHO"
    C_FIND = "C-FIND"
    C_GET = "C-GET"
    C_MOVE = "C-MOVE"

    @property
    def command_field(self) -> int:
        """The Command Field of its request (PS3.7 Table E.1-1)."""
        return _COMMAND_FIELDS[self]


_COMMAND_FIELDS: Final[Mapping[DimseService, int]] = MappingProxyType(
    {
        DimseService.C_STORE: C_STORE,
        DimseService.C_ECHO: C_ECHO,
        DimseService.C_FIND: C_FIND,
        DimseService.C_GET: C_GET,
        DimseService.C_MOVE: C_MOVE,
    }
)


@unique
class StatusClass(StrEnum):
    """Status classes (PS3.7 Annex C)."""

    SUCCESS = "Success"
    WARNING = "Warning"
    FAILURE = "Failure"
    CANCEL = "Cancel"
    PENDING = "Pending"


_WARNINGS: Final = frozenset({0x0001, 0x0107, 0x0116})


def status_class(status: int) -> StatusClass | None:
    """The class of a status by its value; None for a value that PS3.7 Annex C gives no class."""
    match status:
        case 0x0000:
            return StatusClass.SUCCESS
        case 0xFE00:
            return StatusClass.CANCEL
        case 0xFF00 | 0xFF01:
            return StatusClass.PENDING
        case _ if status in _WARNINGS or status >> 12 == 0xB:
            return StatusClass.WARNING
        case _ if status >> 12 in {0xA, 0xC} or status >> 8 in {0x01, 0x02}:
            return StatusClass.FAILURE
        case _:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRow:
    """One row of a service's status table.

    Attributes:
        first: Lowest status of the row.
        last: Highest status of the row; the same for a single code.
        meaning: The table's words.
        related: Element numbers of group 0000 that the row allows: of `RELATED_FIELDS`, of `COUNTERS`, and 1000H.
        clause: The table or clause that lists it.
    """

    first: int
    last: int
    meaning: str
    related: frozenset[int]
    clause: str

    def __str__(self) -> str:
        codes = f"{self.first:04X}H" if self.first == self.last else f"{self.first:04X}H-{self.last:04X}H"
        return f"{codes} {self.meaning}"


_BOTH: Final = frozenset({OFFENDING_ELEMENT, ERROR_COMMENT})
_COMMENT: Final = frozenset({ERROR_COMMENT})
_NO_FIELDS: Final[frozenset[int]] = frozenset()
# PS3.4 C.4.2.1.6 to C.4.2.1.9: the Remaining counter belongs to Pending and Cancel.
_FINAL: Final = COUNTERS - {REMAINING}
_INSTANCE_UID: Final = 0x1000


def _row(
    first: int, meaning: str, clause: str, related: frozenset[int] = _NO_FIELDS, *, last: int | None = None
) -> StatusRow:
    return StatusRow(first=first, last=first if last is None else last, meaning=meaning, related=related, clause=clause)


def _general(clause: str) -> tuple[StatusRow, ...]:
    """The failures of PS3.7 C.5.6, C.5.9, C.5.15, C.5.23 and C.5.25, which fit any operation."""
    return (
        _row(0x0122, "refused: SOP class not supported", clause, _COMMENT),
        _row(0x0124, "refused: not authorized", clause, _COMMENT),
        _row(0x0210, "duplicate invocation", clause),
        _row(0x0211, "unrecognized operation", clause),
        _row(0x0212, "mistyped argument", clause),
    )


def _retrieve(table: str, general: str) -> tuple[StatusRow, ...]:
    """What C-GET and C-MOVE have in common."""
    frame_level = "PS3.4 Table Y.4-2"
    return (
        _row(0x0000, "success", table, _FINAL),
        _row(0xB000, "warning: sub-operations complete, one or more failures", table, _FINAL),
        _row(0xA701, "refused: out of resources, unable to calculate number of matches", table, _COMMENT | _FINAL),
        _row(0xA702, "refused: out of resources, unable to perform sub-operations", table, _COMMENT | _FINAL),
        _row(0xA900, "error: identifier does not match SOP class", table, _BOTH | _FINAL),
        _row(0xC000, "failed: unable to process", table, _BOTH | _FINAL, last=0xCFFF),
        _row(0xFE00, "terminated due to cancel request", table, COUNTERS),
        _row(0xFF00, "sub-operations are continuing", table, COUNTERS),
        _row(0xAA00, "error: frame level retrieve", frame_level, _COMMENT | _FINAL, last=0xAA03),
        _row(0xAA04, "error: frame level retrieve, invalid request", frame_level, _BOTH | _FINAL),
        *_general(general),
    )


_STORE_TABLE: Final = "PS3.4 Table B.2-1"
_STORE_CLAUSE: Final = "PS3.7 9.1.1.1.9"
_FIND_TABLE: Final = "PS3.4 Table C.4-1"

SERVICE_TABLES: Final[Mapping[int, tuple[StatusRow, ...]]] = MappingProxyType(
    {
        C_STORE: (
            _row(0x0000, "success", _STORE_TABLE),
            _row(0xB000, "warning: coercion of data elements", _STORE_TABLE, _BOTH),
            _row(0xB006, "warning: elements discarded", _STORE_TABLE, _BOTH),
            _row(0xB007, "warning: data set does not match SOP class", _STORE_TABLE, _BOTH),
            _row(0xA700, "refused: out of resources", _STORE_TABLE, _COMMENT, last=0xA7FF),
            _row(0xA900, "error: data set does not match SOP class", _STORE_TABLE, _BOTH, last=0xA9FF),
            _row(0xC000, "error: cannot understand", _STORE_TABLE, _BOTH, last=0xCFFF),
            _row(0x0117, "invalid SOP instance", _STORE_CLAUSE, frozenset({_INSTANCE_UID})),
            *_general(_STORE_CLAUSE),
        ),
        C_ECHO: (_row(0x0000, "success", "PS3.7 9.1.5.1.4"), *_general("PS3.7 9.1.5.1.4, C.5")),
        C_FIND: (
            _row(0x0000, "success", _FIND_TABLE),
            _row(0xA700, "refused: out of resources", _FIND_TABLE, _COMMENT),
            _row(0xA900, "error: identifier does not match SOP class", _FIND_TABLE, _BOTH),
            _row(0xC000, "failed: unable to process", _FIND_TABLE, _BOTH, last=0xCFFF),
            _row(0xFE00, "terminated due to cancel request", _FIND_TABLE),
            _row(0xFF00, "matches are continuing", _FIND_TABLE),
            _row(0xFF01, "matches are continuing, optional keys not supported", _FIND_TABLE),
            *_general("PS3.7 9.1.2.1.5, C.5"),
        ),
        C_GET: _retrieve("PS3.4 Table C.4-3", "PS3.7 9.1.3.1.6"),
        C_MOVE: (
            *_retrieve("PS3.4 Table C.4-2", "PS3.7 9.1.4.1.7"),
            _row(0xA801, "refused: move destination unknown", "PS3.4 Table C.4-2", _COMMENT),
        ),
    }
)
"""What each service lists, by the Command Field of its request."""

# PS3.7 Annex C: the single codes, whether or not a table above lists them for its service.
_GENERAL_MEANINGS: Final[Mapping[int, str]] = MappingProxyType(
    {
        0x0001: "requested optional attributes are not supported",
        0x0105: "no such attribute",
        0x0106: "invalid attribute value",
        0x0107: "attribute list error",
        0x0110: "processing failure",
        0x0111: "duplicate SOP instance",
        0x0112: "no such SOP instance",
        0x0113: "no such event type",
        0x0114: "no such argument",
        0x0115: "invalid argument value",
        0x0116: "attribute value out of range",
        0x0117: "invalid SOP instance",
        0x0118: "no such SOP class",
        0x0119: "class-instance conflict",
        0x0120: "missing attribute",
        0x0121: "missing attribute value",
        0x0123: "no such action type",
        0x0213: "resource limitation",
        0xFE00: "cancel",
        0xFF00: "pending",
        0xFF01: "pending",
    }
)

# Read in dcm4chee-arc's conformance statement, in DCMTK's dimse.h, and in PS3.2 2024d.
_STORE_NOTES: Final[Mapping[int, str]] = MappingProxyType(
    {
        0x0112: "PS3.2 Table N.7-42 prints this code where PS3.7 has 0122H, SOP class not supported",
        0x0214: "PS3.2 Table N.7-42 prints this code where PS3.7 has 0124H, not authorized",
        0xA770: "dcm4chee-arc: duplicate rejection note",
        0xA771: "dcm4chee-arc: subsequent occurrence of a rejected object",
        0xA772: "dcm4chee-arc: rejection failed, no such instance",
        0xA773: "dcm4chee-arc: rejection failed, class-instance conflict",
        0xA774: "dcm4chee-arc: rejection failed, already rejected",
        0xA775: "dcm4chee-arc: rejection for expired retention not authorized",
        0xA776: "dcm4chee-arc: retention period of the study not yet expired",
        0xA777: "dcm4chee-arc: no Patient ID, or none from a trusted assigning authority",
        0xA778: "dcm4chee-arc: Patient ID differs from that of the stored study",
        0xA779: "dcm4chee-arc: patient attributes differ from the stored ones",
        0xA77A: "dcm4chee-arc: deletion of the study in progress",
        0xA77B: "dcm4chee-arc: study or series differs from the stored instance with this SOP Instance UID",
        0xA800: "DCMTK: SOP class not supported",
        0xC409: "dcm4chee-arc: Study Instance UID differs from the accepted one",
        0xC499: "dcm4chee-arc: failed to parse the DICOM stream",
    }
)


def status_row(command_field: int, status: int) -> StatusRow | None:
    """The row that lists a status for a service, or None.

    Args:
        command_field: Command Field of the request or of the response.
        status: The status.
    """
    rows = SERVICE_TABLES.get(command_field & 0x7FFF, ())
    return next((row for row in rows if row.first <= status <= row.last), None)


def status_words(command_field: int, status: int) -> str:
    """A status in words, for any value: `A700H Failure, refused: out of resources`."""
    of_class = status_class(status)
    row = status_row(command_field, status)
    meaning = row.meaning if row is not None else _GENERAL_MEANINGS.get(status, "")
    words = of_class.value if of_class is not None else "no class in PS3.7 Annex C"
    if of_class is StatusClass.SUCCESS or not meaning:
        return f"{status:04X}H {words}"
    return f"{status:04X}H {words}, {meaning}"


def describe(service: DimseService, status: int) -> str:
    """A status in words, with where it is listed and what is known of it beside the tables.

    For example `0111H Duplicate SOP instance (PS3.7 Annex C, not listed for C-STORE)`.
    """
    row = status_row(service.command_field, status)
    of_class = status_class(status)
    if row is not None:
        words = f"{_capitalised(row.meaning)} ({row.clause})"
    elif status in _GENERAL_MEANINGS:
        words = f"{_capitalised(_GENERAL_MEANINGS[status])} (PS3.7 Annex C, not listed for {service})"
    elif of_class is None:
        words = "Outside the status classes of PS3.7 Annex C"
    else:
        words = f"{of_class} without a name (not listed for {service})"
    note = _STORE_NOTES.get(status) if service is DimseService.C_STORE else None
    return f"{status:04X}H {words}" + (f"; {note}" if note else "")


def _capitalised(text: str) -> str:
    return text[0].upper() + text[1:]
