"""Claims about SOP classes and transfer syntaxes: UIDs, keywords, or "all"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator

from conformance.config.errors import nearest, shown
from conformance.standard import sop_classes, transfer_syntaxes

_UID: Final = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+", re.ASCII)
_UID_MAX_CHARACTERS: Final = 64

UidClaim = frozenset[str] | Literal["all"] | None


def split_list(value: object) -> object:
    """A list written in one string (environment, command line) as a list; anything else as it is."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _uids(value: object, what: str, by_keyword: Callable[[], Mapping[str, str]]) -> object:
    if value is None or value == "all":
        return value
    entries = split_list(value)
    if not isinstance(entries, list | tuple | set | frozenset) or not all(isinstance(entry, str) for entry in entries):
        raise ValueError(f"must be a list of UIDs or keywords, or 'all', not {shown(value)}")
    known = by_keyword()
    return frozenset(_uid(entry, what, known) for entry in entries)


def _uid(entry: str, what: str, known: Mapping[str, str]) -> str:
    if _UID.fullmatch(entry) and len(entry) <= _UID_MAX_CHARACTERS:
        return entry
    if entry in known:
        return known[entry]
    near = nearest(entry, known)
    hint = f"; did you mean {near!r}?" if near else ""
    raise ValueError(f"{shown(entry)} is neither a UID nor the keyword of a {what}{hint}")


def _sop_class_claim(value: object) -> object:
    return _uids(value, "storage SOP class", sop_classes.storage_uid_by_keyword)


def _transfer_syntax_claim(value: object) -> object:
    return _uids(value, "transfer syntax", transfer_syntaxes.uid_by_keyword)


SopClassClaim = Annotated[UidClaim, BeforeValidator(_sop_class_claim)]
TransferSyntaxClaim = Annotated[UidClaim, BeforeValidator(_transfer_syntax_claim)]


def claims_sop_class(claim: UidClaim, uid: str) -> bool | None:
    """True or False as claimed, "all" being every class of the Storage Service Class (PS3.4 Table B.5-1, 2020c).

    None if nothing is claimed, and for what "all" may or may not mean: classes that later editions added, retired ones
    (Table B.6-1), and those of the Non-Patient Object Storage Service Class (PS3.4 GG), which is another one.
    """
    if claim is None:
        return None
    if claim != "all":
        return uid in claim
    row = sop_classes.sop_class(uid)
    if row is None or not sop_classes.is_storage(uid):
        return False
    return True if row.group is sop_classes.Group.STORAGE and not row.added_after_2020c else None


def claims_transfer_syntax(claim: UidClaim, uid: str) -> bool | None:
    """True or False as claimed, "all" being every current one that an association can carry; None if nothing is."""
    if claim is None:
        return None
    if claim != "all":
        return uid in claim
    row = transfer_syntaxes.transfer_syntax(uid)
    return row is not None and not row.retired and row.kind is not transfer_syntaxes.Kind.SMPTE
