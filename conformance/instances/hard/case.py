"""What a kind of hard content is called, what it asks of an archive and how it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conformance.instances.hard.raw import RawInstance
from conformance.instances.identity import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A kind of hard content.

    Attributes:
        name: what it is, in a few words; unique.
        requirement: the requirement that it is stored for.
        make: makes the instance.
    """

    name: str
    requirement: str
    make: Callable[[Identity], RawInstance]
