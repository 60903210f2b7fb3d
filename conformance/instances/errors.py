"""The one exception of this room: an instance that cannot be made or encoded as asked."""


class InstanceError(ValueError):
    """An instance cannot be built, or not be encoded as asked; the fault is the caller's, never the target's."""

    def __init__(self, what: str, *, hint: str) -> None:
        """Say what is wrong and what to do.

        Args:
            what: what was asked, with the value and its limit.
            hint: what the caller can do about it.
        """
        super().__init__(f"{what}\nhint: {hint}")
        self.what = what
        self.hint = hint
