"""A person's own DICOM files as further cases of a run: the part of the configuration."""

from __future__ import annotations

from enum import StrEnum, unique
from pathlib import Path

from pydantic import BaseModel, ConfigDict


@unique
class CorpusUids(StrEnum):
    """What becomes of the identifiers of a person's own files."""

    REMAP = "remap"
    """Study, Series and SOP Instance UIDs, and references to them, become the run's; Patient IDs get its prefix."""
    KEEP = "keep"
    """Every file goes out byte for byte as it is."""


class CorpusConfig(BaseModel):
    """Table `[corpus]`: where the files are, and what becomes of their identifiers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    directory: Path | None = None
    uids: CorpusUids = CorpusUids.REMAP
