"""Several things in the one line that a finding has for them."""

from __future__ import annotations

from collections.abc import Sequence


def few(things: Sequence[object], *, most: int = 4) -> str:
    """The first of several, and how many more there are; empty for none.

    Args:
        things: Said as `str` says them.
        most: How many are said.
    """
    rest = len(things) - most
    return "; ".join([*map(str, things[:most]), *([f"and {rest} more"] if rest > 0 else [])])
