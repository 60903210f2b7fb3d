"""A person's own files as scenarios of a run: which there are, what is said of them, and how one is made ready."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.config import Settings
from conformance.config.corpus import CorpusUids
from conformance.instances.remapping import Remapping
from conformance.load.corpus import CorpusCases, cases_of, people_in
from conformance.plugin.options import is_asked_for, settings_of

CORPUS_FILE: Final = "test_corpus.py"
_CASES: Final = pytest.StashKey[CorpusCases | None]()
_SHOWN: Final = 5
_LISTED: Final = 200


def corpus_of(config: pytest.Config) -> CorpusCases | None:
    """The files of this session's corpus; None without one.

    Raises:
        pytest.UsageError: The folder cannot be read, or holds no DICOM file.
    """
    if _CASES not in config.stash:
        directory = settings_of(config).corpus.directory if is_asked_for(config) else None
        config.stash[_CASES] = None if directory is None else _read(directory)
    return config.stash[_CASES]


def _read(directory: Path) -> CorpusCases:
    try:
        found = cases_of(directory)
    except OSError as error:
        raise pytest.UsageError(
            f"corpus {str(directory)!r}: {error.strerror or error}\nhint: name a folder with DICOM files"
        ) from None
    if not found.cases:
        raise pytest.UsageError(
            f"corpus {str(directory)!r}: none of its {len(found.passed_over)} files is a DICOM file\n"
            "hint: name the folder that they are in; it is searched to its depth"
        )
    return found


def remapping_of(settings: Settings, cases: CorpusCases, seed: int) -> Remapping | None:
    """What becomes of the files' identifiers; None where they are kept."""
    if settings.corpus.uids is CorpusUids.KEEP:
        return None
    return Remapping(seed=seed, known=cases.uids, patient_id_prefix=settings.safety.patient_id_prefix)


def corpus_header(settings: Settings, cases: CorpusCases) -> dict[str, Any]:
    """What results.json says of a corpus, the note on files that may be about real people included."""
    return {
        "directory": str(cases.directory),
        "uids": str(settings.corpus.uids),
        "files": len(cases.cases),
        "passed_over": [f"{name}: {reason}" for name, reason in cases.passed_over[:_LISTED]],
        "note": privacy_note(people_in(cases.cases), len(cases.cases)),
    }


def privacy_note(people: Mapping[str, tuple[str, ...]], files: int) -> str:
    """One sentence on the files that may be about real people; empty where none may."""
    if not people:
        return ""
    signs = Counter(sign for several in people.values() for sign in several)
    shown = ", ".join(list(people)[:_SHOWN]) + (f", and {len(people) - _SHOWN} more" if len(people) > _SHOWN else "")
    counted = ", ".join(f"{sign}: {count}" for sign, count in signs.items())
    return f"{len(people)} of {files} files of the corpus may be about real people ({counted}): {shown}"
