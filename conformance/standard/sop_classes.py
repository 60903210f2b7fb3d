"""The SOP classes that the suite speaks of: storage (PS3.4 Tables B.5-1, B.6-1, GG.3-1) and what stands around it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import StrEnum, unique
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

VERIFICATION: Final = "1.2.840.10008.1.1"
STORAGE_COMMITMENT_PUSH_MODEL: Final = "1.2.840.10008.1.20.1"
STORAGE_COMMITMENT_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
"""The well-known SOP Instance of the Push Model (PS3.4 J.3.5)."""
PATIENT_ROOT_FIND: Final = "1.2.840.10008.5.1.4.1.2.1.1"
PATIENT_ROOT_MOVE: Final = "1.2.840.10008.5.1.4.1.2.1.2"
PATIENT_ROOT_GET: Final = "1.2.840.10008.5.1.4.1.2.1.3"
STUDY_ROOT_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
STUDY_ROOT_MOVE: Final = "1.2.840.10008.5.1.4.1.2.2.2"
STUDY_ROOT_GET: Final = "1.2.840.10008.5.1.4.1.2.2.3"


@unique
class Group(StrEnum):
    """Which table a SOP class comes from, or which service it names."""

    STORAGE = "storage"
    """PS3.4 Table B.5-1."""
    NON_PATIENT = "non-patient"
    """PS3.4 Table GG.3-1."""
    RETIRED = "retired"
    """PS3.4 Table B.6-1."""
    VERIFICATION = "verification"
    STORAGE_COMMITMENT = "storage-commitment"
    QUERY = "query"
    MOVE = "move"
    GET = "get"


_STORED: Final = frozenset({Group.STORAGE, Group.NON_PATIENT, Group.RETIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class SopClass:
    """One SOP class.

    Attributes:
        uid: Its UID.
        keyword: Its keyword in PS3.6.
        alias: Another spelling of the keyword that is in use; empty if none.
        name: Its name in PS3.6.
        group: Its table or service.
        added_after_2020c: True if edition 2020c does not have it.
    """

    uid: str
    keyword: str
    alias: str
    name: str
    group: Group
    added_after_2020c: bool


@cache
def all_sop_classes() -> tuple[SopClass, ...]:
    """Every SOP class of the table, storage first."""
    text = (files(__package__) / "sop_classes.csv").read_text(encoding="utf-8")
    return tuple(
        SopClass(
            uid=row["uid"],
            keyword=row["keyword"],
            alias=row["alias"],
            name=row["name"],
            group=Group(row["group"]),
            added_after_2020c=row["added_after_2020c"] == "yes",
        )
        for row in csv.DictReader(text.splitlines())
    )


def in_group(group: Group) -> tuple[SopClass, ...]:
    """The SOP classes of one group."""
    return tuple(row for row in all_sop_classes() if row.group is group)


def all_storage() -> tuple[SopClass, ...]:
    """Every SOP class that C-STORE can carry: 170 current, 9 non-patient, 4 retired."""
    return tuple(row for row in all_sop_classes() if row.group in _STORED)


@cache
def _by_uid() -> MappingProxyType[str, SopClass]:
    return MappingProxyType({row.uid: row for row in all_sop_classes()})


def sop_class(uid: str) -> SopClass | None:
    """The SOP class with this UID, or None: private, or newer than the table."""
    return _by_uid().get(uid)


def sop_class_name(uid: str) -> str:
    """The name for a report, or the UID itself where the table has none."""
    row = _by_uid().get(uid)
    return uid if row is None else row.name


def is_storage(uid: str) -> bool:
    """True for a SOP class that C-STORE can carry, retired ones included."""
    row = _by_uid().get(uid)
    return row is not None and row.group in _STORED


@cache
def storage_uid_by_keyword() -> MappingProxyType[str, str]:
    """UIDs of the storage SOP classes by keyword, other spellings included."""
    rows = all_storage()
    return MappingProxyType({row.alias: row.uid for row in rows if row.alias} | {row.keyword: row.uid for row in rows})
