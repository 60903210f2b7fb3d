"""What a DICOMweb origin server answered (PS3.18): a search's rows, a retrieval's parts, or why there is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class WebFailure:
    """No usable answer came; nothing about what is stored follows from it.

    Args:
        reason: What went wrong, in one line, without credentials.
    """

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebRows:
    """The answer to a search (PS3.18 10.6.3).

    Args:
        path: What was asked for, without host and credentials.
        status: HTTP status code.
        rows: The matches, each in the DICOM JSON model (PS3.18 Annex F).
        defect: Why the payload could not be read; empty when it could.
    """

    path: str
    status: int
    rows: tuple[Mapping[str, Any], ...] = ()
    defect: str = ""


@dataclass(frozen=True, kw_only=True)
class WebInstance:
    """One part of a retrieval, of media type application/dicom (PS3.18 8.7.3.1).

    Args:
        content_type: The part's Content-Type, as it came.
        transfer_syntax_uid: Of its file meta information; empty where there is none.
        dataset: The data set, as far as it could be read.
        defect: Why it could not be read to its end; empty when it could.
    """

    content_type: str
    transfer_syntax_uid: str
    dataset: Dataset
    defect: str = ""


@dataclass(frozen=True, kw_only=True)
class WebInstances:
    """The answer to a retrieval (PS3.18 10.4.3).

    Args:
        path: What was asked for, without host and credentials.
        accept: The Accept header of the request.
        status: HTTP status code.
        content_type: Of the payload.
        parts: The instances.
        defect: Why the payload could not be cut into parts; empty when it could.
    """

    path: str
    accept: str
    status: int
    content_type: str = ""
    parts: tuple[WebInstance, ...] = ()
    defect: str = ""
