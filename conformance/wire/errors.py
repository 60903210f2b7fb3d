"""The one error of this room: bytes that are not what the standard's tables say."""

from __future__ import annotations


class WireError(Exception):
    """Bytes that cannot be read as the structure that they claim to be.

    Args:
        what: The rule that is broken, in the standard's words.
        offset: Where in the decoded buffer it shows, in bytes from its start.
        clause: The clause that fixes the structure.
    """

    def __init__(self, what: str, *, offset: int, clause: str) -> None:
        super().__init__(f"{what} (at byte {offset}; {clause})")
        self.what = what
        self.offset = offset
        self.clause = clause
