"""Instances whose content is legal and hard to keep: each with one kind of it, as bytes that nothing tidies up."""

from typing import Final

from conformance.instances.hard.blocks import BLOCKS
from conformance.instances.hard.bulk import BULK
from conformance.instances.hard.case import Case
from conformance.instances.hard.nesting import NESTING
from conformance.instances.hard.raw import Raw, RawInstance
from conformance.instances.hard.streamed import StreamedInstance, streamed
from conformance.instances.hard.text import TEXT, no_character_set, unknown_character_set
from conformance.instances.hard.unusual import UNUSUAL, Unusual, deep, many_items, with_one_more
from conformance.instances.hard.values import VALUES, irregular

__all__ = [
    "CASES",
    "UNUSUAL",
    "Case",
    "Raw",
    "RawInstance",
    "StreamedInstance",
    "Unusual",
    "deep",
    "irregular",
    "many_items",
    "no_character_set",
    "streamed",
    "unknown_character_set",
    "with_one_more",
]

CASES: Final = (*TEXT, *BLOCKS, *NESTING, *VALUES, *BULK)
"""Every kind of hard content."""
