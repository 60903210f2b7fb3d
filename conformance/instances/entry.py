"""How one SOP class is made: its builder, what it looks like by default, and which of its sizes can be chosen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

from conformance.instances.identity import Identity
from conformance.instances.iod.image import Size

Builder = Callable[[Identity, Size], Dataset]
USUAL_SIZE: Final = Size()
FOUR_FRAMES: Final = Size(frames=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How one SOP class is made.

    Attributes:
        builder: Makes the data set of an identity, in a size.
        size: The size where none is asked for.
        options: Which of `rows`, `columns` and `frames` can be chosen.
    """

    builder: Builder
    size: Size = USUAL_SIZE
    options: frozenset[str] = frozenset()


def plane(builder: Builder) -> Entry:
    """An image of one frame, of any height and width."""
    return Entry(builder=builder, options=frozenset({"rows", "columns"}))


def stack(builder: Builder, size: Size = FOUR_FRAMES) -> Entry:
    """An image of any number of frames."""
    return Entry(builder=builder, size=size, options=frozenset({"rows", "columns", "frames"}))


def document(builder: Builder) -> Entry:
    """An instance without pixels to choose."""
    return Entry(builder=builder)
