"""How a command ends when it cannot do its work."""

from __future__ import annotations


class CommandError(Exception):
    """One line about what is wrong.

    Args:
        message: What, value, limit.
        exit_code: 3 for a target that cannot be used or a fault of ours, 4 for a usage error.
        hint: What to do about it; empty when there is nothing to say.
    """

    def __init__(self, message: str, *, exit_code: int, hint: str = "") -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.hint = hint
