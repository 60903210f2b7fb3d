"""Which presentation contexts a corpus needs, and in which order its files go."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from conformance.driver.sending import contexts_of
from conformance.load.files import DicomFile
from conformance.standard.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from conformance.wire.items import ProposedContext

MAX_CONTEXTS: Final = 128
"""PS3.8 9.3.2.2: odd ids from 1 to 255."""
NATIVE_LITTLE_ENDIAN: Final = (EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN)


@unique
class Order(StrEnum):
    """In which order files are sent."""

    PATH = "path"
    RANDOM = "random"
    STUDY = "study"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Files that fit one association.

    Args:
        contexts: At most 128 presentation contexts.
        files: What is sent on them, in order.
    """

    contexts: tuple[ProposedContext, ...]
    files: tuple[DicomFile, ...]


def ordered(files: Sequence[DicomFile], order: Order) -> list[DicomFile]:
    """The files in the order in which they are to be sent."""
    match order:
        case Order.PATH:
            return list(files)
        case Order.STUDY:
            return sorted(files, key=lambda f: (f.study_instance_uid, f.series_instance_uid, f.path))
        case Order.RANDOM:
            return random.sample(files, len(files))


def batches(files: Sequence[DicomFile]) -> tuple[Batch, ...]:
    """The files cut into batches, each of which needs no more than 128 presentation contexts.

    Every pair of SOP class and transfer syntax has a context of its own, so that the target can say what it takes.
    Beside them stands, for each SOP class, a context for the native little endian transfer syntaxes that its files are
    not in: the target may accept nothing else.
    """
    groups: list[dict[str, set[str]]] = []
    place: dict[tuple[str, str], int] = {}
    for pair in sorted({(f.sop_class_uid, f.transfer_syntax_uid) for f in files}):
        sop_class, transfer_syntax = pair
        if groups:
            tried = {uid: set(syntaxes) for uid, syntaxes in groups[-1].items()}
            tried.setdefault(sop_class, set()).add(transfer_syntax)
        if not groups or len(_pairs(tried)) > MAX_CONTEXTS:
            groups.append({})
        groups[-1].setdefault(sop_class, set()).add(transfer_syntax)
        place[pair] = len(groups) - 1
    members: list[list[DicomFile]] = [[] for _ in groups]
    for file in files:
        members[place[file.sop_class_uid, file.transfer_syntax_uid]].append(file)
    return tuple(
        Batch(contexts=contexts_of(_pairs(group)), files=tuple(mine))
        for group, mine in zip(groups, members, strict=True)
    )


def _pairs(group: dict[str, set[str]]) -> list[tuple[str, tuple[str, ...]]]:
    pairs: list[tuple[str, tuple[str, ...]]] = []
    for sop_class, syntaxes in group.items():
        pairs += [(sop_class, (syntax,)) for syntax in sorted(syntaxes)]
        others = tuple(syntax for syntax in NATIVE_LITTLE_ENDIAN if syntax not in syntaxes)
        if others:
            pairs.append((sop_class, others))
    return pairs
