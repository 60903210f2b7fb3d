"""P-DATA-TF PDUs that break one rule of PS3.8 9.3.5 or Annex E, made out of the PDVs of good messages."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from conformance.wire.command import CommandSet
from conformance.wire.fragments import COMMAND, LAST
from conformance.wire.layouts import in_one_pdu
from conformance.wire.pdu import HEADER_BYTES, PDataTF, Pdv

UNUSED_CONTROL_BITS: Final = 0xFC
"""Bits 2 to 7 of the message control header, which no receiver checks (PS3.8 E.2)."""


def command_pdv(command: CommandSet, context_id: int) -> Pdv:
    """A whole command set in one PDV."""
    return Pdv(context_id=context_id, control=COMMAND | LAST, fragment=command.encode())


def data_pdv(data: bytes, context_id: int, *, last: bool = True) -> Pdv:
    """Data set bytes in one PDV."""
    return Pdv(context_id=context_id, control=LAST if last else 0, fragment=data)


def with_unused_control_bits(pdvs: Iterable[Pdv]) -> tuple[Pdv, ...]:
    """The PDVs with bits 2 to 7 of their message control headers set."""
    return tuple(replace(pdv, control=pdv.control | UNUSED_CONTROL_BITS) for pdv in pdvs)


def with_pdv_length(pdv: Pdv, length: int) -> bytes:
    """A P-DATA-TF around one PDV whose item length says something else; PDU-length fits the bytes (Table 9-23)."""
    pdu = in_one_pdu((pdv,))
    return pdu[:HEADER_BYTES] + struct.pack(">I", length) + pdu[HEADER_BYTES + 4 :]


def with_pdv_longer(pdv: Pdv, by_bytes: int) -> bytes:
    """See `with_pdv_length`: so many bytes more than the PDV has; fewer, when negative."""
    return with_pdv_length(pdv, len(pdv.fragment) + 2 + by_bytes)


def with_short_pdv_first(pdv: Pdv, length: int) -> bytes:
    """A P-DATA-TF whose first PDV item has 0 or 1 bytes, which is less than context id and control header take.

    Args:
        pdv: The PDV that stands behind it.
        length: 0 or 1.
    """
    body = struct.pack(">I", length) + bytes((pdv.context_id,))[:length] + pdv.encode()
    return PDataTF(pdvs=()).encode()[:2] + struct.pack(">I", len(body)) + body


def without_pdv() -> bytes:
    """A P-DATA-TF with nothing in it (Table 9-22 has one PDV or more)."""
    return PDataTF(pdvs=()).encode()


def with_bytes_behind(pdv: Pdv, count: int) -> bytes:
    """A P-DATA-TF with too few bytes for another PDV behind its last one."""
    pdu = in_one_pdu((pdv,)) + bytes(count)
    return pdu[:2] + struct.pack(">I", len(pdu) - HEADER_BYTES) + pdu[HEADER_BYTES:]
