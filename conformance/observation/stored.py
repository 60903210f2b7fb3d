"""What a read-back found."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset


@dataclass(frozen=True, kw_only=True)
class StoredCopy:
    """One instance as the target gives it back.

    Args:
        sop_instance_uid: The UID it was found under.
        dataset: Its data set, without file meta information; not to be changed.
        transfer_syntax_uid: The transfer syntax in which it was given back.
        where: Where it was found: a path, a URL, the query/retrieve model.
    """

    sop_instance_uid: str
    dataset: Dataset
    transfer_syntax_uid: str
    where: str


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The answer of a read-back for one SOP Instance UID.

    Args:
        copies: Every instance that is stored under the UID; exactly one is right, none means not stored.
        listed: How many entries the target's index lists for the UID, where the channel has an index.
        channel: Which read-back looked.
        note: Anything that a reader of the evidence should know.
    """

    copies: tuple[StoredCopy, ...]
    listed: int
    channel: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReadable:
    """The read-back could not say what is stored; no verdict on the target follows from it.

    Args:
        reason: What went wrong, in one line.
        channel: Which read-back looked.
    """

    reason: str
    channel: str


ReadBackOutcome = Stored | NotReadable
