"""Legal ways of cutting one message into PDVs and PDUs (PS3.8 9.3.5, Annexes D and E).

Fragment borders have nothing to do with the borders of elements, and a PDU may hold several PDVs; a receiver has to
put the message together whatever the cut. Even borders give even fragments; a PDU holds PDVs of one message only.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Final

from conformance.wire.fragments import COMMAND, LAST
from conformance.wire.pdu import PDataTF, Pdv

PDV_HEADER_BYTES: Final = 6
"""Item length, presentation context ID and message control header of one PDV (PS3.8 Table 9-23)."""


def cut(payload: bytes, borders: Iterable[int], *, context_id: int, command: bool) -> tuple[Pdv, ...]:
    """The PDVs of a command set or a data set, a new one at each border; the final one has the last-fragment bit.

    Args:
        payload: What is cut.
        borders: Offsets in `payload`, ascending; those outside of it are passed over.
        context_id: Presentation context ID.
        command: Whether the payload is a command set.
    """
    inside = [border for border in borders if 0 < border < len(payload)]
    view = memoryview(payload)
    kind = COMMAND if command else 0
    ends = [*inside, len(payload)]
    return tuple(
        Pdv(context_id=context_id, control=kind | (LAST if end == len(payload) else 0), fragment=view[start:end])
        for start, end in zip([0, *inside], ends, strict=True)
    )


def every(fragment_bytes: int, payload: bytes) -> range:
    """The borders of fragments of one length."""
    return range(fragment_bytes, len(payload), fragment_bytes)


def in_one_pdu(pdvs: Sequence[Pdv]) -> bytes:
    """One P-DATA-TF that holds all the PDVs."""
    return PDataTF(pdvs=tuple(pdvs)).encode()


def one_pdu_each(pdvs: Iterable[Pdv]) -> bytes:
    """A P-DATA-TF for each PDV, joined."""
    return b"".join(in_one_pdu((pdv,)) for pdv in pdvs)


def room_for_data(max_pdu_bytes: int, *, pdvs: int = 1) -> int:
    """How many bytes of data fit a PDU of a maximum length, cut into so many even fragments.

    Args:
        max_pdu_bytes: The receiver's maximum length, over 0.
        pdvs: How many PDVs share the PDU.

    Raises:
        ValueError: There is no room for two bytes in each.
    """
    room = (max_pdu_bytes - PDV_HEADER_BYTES * pdvs) & ~1
    if room < 2 * pdvs:
        raise ValueError(f"a maximum length of {max_pdu_bytes} bytes has no room for {pdvs} PDVs")
    return room


def element_offset(data_set: bytes, tag: int) -> int:
    """Where an element's header begins, in a little endian data set whose earlier values do not hold the same bytes.

    Raises:
        LookupError: It is not there.
    """
    offset = data_set.find(struct.pack("<HH", tag >> 16, tag & 0xFFFF))
    if offset < 0:
        raise LookupError(f"no element ({tag >> 16:04X},{tag & 0xFFFF:04X}) in a data set of {len(data_set)} bytes")
    return offset
