"""One stored instance as each channel gives it."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.observation.stored import StoredCopy


@dataclass(frozen=True, kw_only=True)
class Given:
    """What one channel gave for one instance.

    Args:
        channel: Which, in words, with the transfer syntax that was asked for.
        copies: The instances that came; one is right.
        defect: Why a copy could not be read to its end in the transfer syntax that it came under; empty when it could.
        problem: How the retrieval ended, where it did not succeed; empty when it did.
        obliged: Whether the channel has to be able to give it so.
    """

    channel: str
    copies: tuple[StoredCopy, ...] = ()
    defect: str = ""
    problem: str = ""
    obliged: bool = True
