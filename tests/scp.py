"""What is played against: an SCP of this process, or one that is reached from here."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self


class Scp(Protocol):
    """A target that runs between `__enter__` and `__exit__`."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens on."""

    @property
    def ae_title(self) -> str:
        """Its AE title."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """An SCP that somebody else starts and ends."""

    ae_title: str
    address: tuple[str, int]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """It goes on."""
