"""The data set of a final C-GET or C-MOVE response: the Failed SOP Instance UID List (PS3.4 C.4.2.1.4.2)."""

from __future__ import annotations

import warnings
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from pydicom.filereader import read_dataset

from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Response
from conformance.verdict.dialogue import read

CONTRADICTION: Final = (
    "PS3.4 C.4.3.1.3.2 (C.4.2.1.4.2) says that no data set is sent when nothing failed, "
    "and that a response with status Canceled, Failure or Warning contains the list"
)
_IMPLICIT_VR_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2"
_DEFLATED: Final = "1.2.840.10008.1.2.1.99"
_EXPLICIT_VR_BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
_LARGEST_INFLATED_BYTES: Final = 16 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedList:
    """What the data set says.

    Args:
        data_set_present: Whether the response announces or carries a data set at all.
        uids: The instances listed.
        has_character_set: Whether it carries a Specific Character Set, which it shall not.
    """

    data_set_present: bool
    uids: tuple[str, ...] = ()
    has_character_set: bool = False


def failed_list(exchange: OperationExchange, final: Response) -> FailedList | None:
    """The list of a final response; None when its data set cannot be read, or its transfer syntax is not known."""
    if final.data_set is None:
        return FailedList(data_set_present=final.command.announces_data_set)
    agreed = read(exchange.transcript).agreed_contexts
    syntax = None if agreed is None else agreed.get(final.context_id)
    if syntax is None:
        return None
    try:
        data = _inflated(final.data_set) if syntax == _DEFLATED else final.data_set
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = read_dataset(
                BytesIO(data),
                is_implicit_VR=syntax == _IMPLICIT_VR_LITTLE_ENDIAN,
                is_little_endian=syntax != _EXPLICIT_VR_BIG_ENDIAN,
            )
            value = dataset.get("FailedSOPInstanceUIDList") or ()
        uids = (value,) if isinstance(value, str) else tuple(value)
    except Exception:
        return None
    return FailedList(
        data_set_present=True,
        uids=tuple(str(uid) for uid in uids),
        has_character_set="SpecificCharacterSet" in dataset,
    )


def _inflated(data: bytes) -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, _LARGEST_INFLATED_BYTES)
