"""In which order people read a matrix: transfer syntaxes in bands of a kind, SOP classes in sections of a kind."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from conformance.observation.matrix import REFUSED, Matrix
from conformance.standard.sop_classes import Group, sop_class, sop_class_name
from conformance.standard.transfer_syntaxes import Kind, transfer_syntax, transfer_syntax_name

_BANDS: Final[Mapping[str, frozenset[Kind]]] = {
    "native": frozenset({Kind.NATIVE, Kind.DEFLATED}),
    "RLE": frozenset({Kind.RLE, Kind.ENCAPSULATED_UNCOMPRESSED, Kind.DEFLATED_FRAME}),
    "JPEG": frozenset({Kind.JPEG}),
    "LS": frozenset({Kind.JPEG_LS}),
    "J2K": frozenset({Kind.JPEG_2000, Kind.HTJ2K}),
    "XL": frozenset({Kind.JPEG_XL}),
    "video": frozenset({Kind.MPEG}),
    "other": frozenset({Kind.JPIP, Kind.SMPTE, Kind.OTHER}),
}
BAND_WORDS: Final[Mapping[str, str]] = {
    "native": "native pixel data, deflated or not",
    "RLE": "RLE, uncompressed and deflated frames",
    "JPEG": "JPEG",
    "LS": "JPEG-LS",
    "J2K": "JPEG 2000 and HTJ2K",
    "XL": "JPEG XL",
    "video": "MPEG-2, MPEG-4 and HEVC",
    "other": "references to pixel data, real-time video, retired encodings",
}
_ROOT: Final = "1.2.840.10008.5.1.4.1.1."
_SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "Waveforms": ("9.",),
    "Presentation states": ("11.",),
    "Segmentations, registrations, surfaces, raw data": ("66", "67", "68."),
    "Structured reports, key objects": ("88.", "79.1", "78."),
    "Encapsulated documents": ("104.",),
    "Radiotherapy": ("481.", "1.2.840.10008.5.1.4.34."),
    "Protocols, displays, assessments": ("200.", "90.", "131"),
}
_IMAGES: Final = "Images"
_NON_PATIENT: Final = "Objects of no patient"
_RETIRED: Final = "Retired"
_OTHER: Final = "Other"


def bands(transfer_syntaxes: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """The transfer syntaxes by band, current ones first in each."""
    found: dict[str, list[str]] = {band: [] for band in _BANDS}
    for uid in transfer_syntaxes:
        row = transfer_syntax(uid)
        found[next((b for b, kinds in _BANDS.items() if row is not None and row.kind in kinds), "other")].append(uid)
    return {band: tuple(sorted(uids, key=_is_retired)) for band, uids in found.items() if uids}


def sections(sop_classes: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """The SOP classes by section, by name in each."""
    found: dict[str, list[str]] = {name: [] for name in (_IMAGES, *_SECTIONS, _NON_PATIENT, _RETIRED, _OTHER)}
    for uid in sop_classes:
        found[_section(uid)].append(uid)
    return {name: tuple(sorted(uids, key=sop_class_name)) for name, uids in found.items() if uids}


def same_syntaxes(matrix: Matrix) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """SOP classes that are accepted in the same transfer syntaxes, the largest such set first.

    Returns:
        (SOP classes, transfer syntaxes), each in the order that people read; what is accepted in nothing is left out.
    """
    order = {uid: n for n, uid in enumerate(u for uids in bands(matrix.transfer_syntaxes).values() for u in uids)}
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for uid, accepted in matrix.accepted().items():
        if accepted:
            groups[tuple(sorted(accepted, key=order.__getitem__))].append(uid)
    made = [(tuple(sorted(uids, key=sop_class_name)), syntaxes) for syntaxes, uids in groups.items()]
    return tuple(sorted(made, key=lambda group: (-len(group[0]), group[0])))


def alike(matrix: Matrix) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """SOP classes with the same answer in every transfer syntax, the most frequent row first: (row, SOP classes)."""
    groups: dict[str, list[str]] = defaultdict(list)
    for uid, row in zip(matrix.sop_classes, matrix.rows, strict=True):
        groups[row].append(uid)
    made = [(row, tuple(sorted(uids, key=sop_class_name))) for row, uids in groups.items()]
    return tuple(sorted(made, key=lambda group: (-len(group[1]), group[1])))


def refused_altogether(matrix: Matrix) -> tuple[str, ...]:
    """SOP classes that were refused in every transfer syntax that they were asked for in."""
    answers = matrix.answers()
    return tuple(
        uid
        for uid, accepted in matrix.accepted().items()
        if not accepted and not REFUSED.isdisjoint(answers[uid].values())
    )


def short_class_name(uid: str) -> str:
    """The name of a storage SOP class without what all of them have."""
    row = sop_class(uid)
    name = sop_class_name(uid).removesuffix(" Storage").replace(" Storage - ", " - ")
    return f"{name} (retired)" if row is not None and row.group is Group.RETIRED else name


def short_syntax_name(uid: str) -> str:
    """The name of a transfer syntax as it fits a column."""
    name = transfer_syntax_name(uid)
    for words, short in _SHORTER:
        name = name.replace(words, short)
    # "Process 6 and 8" of ISO 10918-1
    return re.sub(r" \(Process (\d+) and (\d+)\)", r" \1+\2", name)


_SHORTER: Final[Sequence[tuple[str, str]]] = (
    ("Little Endian", "LE"),
    ("Big Endian", "BE"),
    (" Image Compression", ""),
    ("High-Throughput JPEG 2000", "HTJ2K"),
    ("Non-Hierarchical, First-Order Prediction", "SV1"),
    (" (Process 14 [Selection Value 1])", ""),
    ("Non-Hierarchical", "NH"),
    ("Hierarchical", "H"),
    ("Spectral Selection", "Spectral"),
    ("Full Progression", "Progressive"),
    (" (Lossless Only)", " lossless"),
    (" with RPCL Options", " RPCL"),
    (" MIME encapsulation", " MIME"),
    (" Image Frame Compression", " frames"),
    ("Main 10 Profile / Level ", "MP10/"),
    ("Main Profile / Level ", "MP/"),
    ("Main Profile / ", "MP/"),
    ("High Profile / Level ", "HP/"),
    ("Fragmentable", "Fragm."),
    ("MPEG-4 AVC/H.264", "H.264"),
    ("Part 2 Multi-component", "Part 2"),
    ("Uncompressed Progressive Active Video", "progressive"),
    ("Uncompressed Interlaced Active Video", "interlaced"),
    ("SMPTE ST ", ""),
    ("Encapsulated Uncompressed Explicit VR LE", "Uncompressed in fragments"),
)


def _is_retired(uid: str) -> bool:
    row = transfer_syntax(uid)
    return row is not None and row.retired


def _section(uid: str) -> str:
    row = sop_class(uid)
    if row is not None and row.group in (Group.NON_PATIENT, Group.RETIRED):
        return _NON_PATIENT if row.group is Group.NON_PATIENT else _RETIRED
    below = uid.removeprefix(_ROOT)
    # An image is one whatever arc of the UID it is in, but for those of radiotherapy, which belong together.
    if row is not None and " Image" in row.name and not below.startswith(_SECTIONS["Radiotherapy"]):
        return _IMAGES
    return next((name for name, starts in _SECTIONS.items() if below.startswith(starts)), _OTHER)
