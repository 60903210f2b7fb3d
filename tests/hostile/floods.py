"""Peers that never stop."""

from __future__ import annotations

import struct
from typing import Final

from conformance.wire.command import CommandField, Tag, command_set, us
from conformance.wire.fragments import message_bytes, segment
from conformance.wire.messages import c_store_rq
from conformance.wire.pdu import PduType, header
from tests.hostile.registry import INCOMPLETE, NOT_CONFORMANT, NOT_USABLE, NOTHING_JUDGED, Step, hostile
from tests.hostile.victim import MAX_PDU_BYTES, Victim

_MANY: Final = 1000
_RETRIEVAL: Final = "test_get_at_each_level and Study and IMAGE"
_READ_BACK: Final = "test_on_the_same_association and identical"
_DIMSE: Final = ("--readback", "dimse")
_CHUNK: Final = bytes(MAX_PDU_BYTES - 6)


def _part(control: int, chunk: bytes = _CHUNK, context_id: int = 1) -> bytes:
    return b"".join(segment(chunk, context_id=context_id, control=control))


@hostile("floods with bytes at once", Step.TCP, exits=(NOT_USABLE,), honest=0)
@hostile("floods with bytes after TCP", Step.TCP, exits=(NOT_CONFORMANT,))
def zeros(victim: Victim) -> None:
    """Sends NULs without end."""
    victim.flood(bytes(1 << 20))


@hostile("floods with PDUs after TCP", Step.TCP, exits=(NOT_CONFORMANT,))
@hostile("floods with PDUs after the request", Step.REQUEST, exits=(NOT_CONFORMANT,))
@hostile("floods with PDUs after the data", Step.DATA, exits=(NOT_CONFORMANT,))
def release_responses(victim: Victim) -> None:
    """Sends A-RELEASE-RPs without end."""
    victim.flood((header(PduType.A_RELEASE_RP, 4) + bytes(4)) * _MANY)


@hostile("floods with unknown PDUs after the data", Step.DATA, exits=(NOT_CONFORMANT,))
def unknown_pdus(victim: Victim) -> None:
    """Sends empty PDUs of an unknown type without end."""
    victim.flood(struct.pack(">BBI", 0x7F, 0, 0) * _MANY)


@hostile("one command without end", Step.DATA, exits=(NOT_CONFORMANT,))
def endless_command(victim: Victim) -> None:
    """Answers with a command set of which there is always another fragment."""
    victim.flood(_part(0x01, context_id=victim.context_id) * 16)


@hostile("one data set without end", Step.QUERY, exits=(NOT_CONFORMANT, NOTHING_JUDGED))
def endless_data_set(victim: Victim) -> None:
    """Announces an identifier of which there is always another fragment."""
    victim.send(victim.answer(0xFF00, b"")[:-12])
    victim.flood(_part(0x00, context_id=victim.context_id) * 16)


@hostile("empty fragments without end", Step.QUERY, exits=(NOT_CONFORMANT,))
def empty_fragments(victim: Victim) -> None:
    """Announces an identifier, and sends fragments with nothing in them without end."""
    victim.send(victim.answer(0xFF00, b"")[:-12])
    victim.flood(_part(0x00, b"", context_id=victim.context_id) * _MANY)


@hostile("PDVs of nothing without end", Step.DATA, exits=(NOT_CONFORMANT,))
def tiny_pdvs(victim: Victim) -> None:
    """Fills PDUs of 60 kB with PDVs that have nothing in them."""
    pdvs = struct.pack(">IBB", 2, victim.context_id, 0x01) * 10_000
    victim.flood(header(PduType.P_DATA_TF, len(pdvs)) + pdvs)


@hostile(
    "a read-back of pending responses without end",
    Step.QUERY,
    exits=(NOTHING_JUDGED, INCOMPLETE),
    honest=2,
    plays=_READ_BACK,
    options=_DIMSE,
)
@hostile("pending responses without end", Step.QUERY, exits=(NOT_CONFORMANT,))
def endless_pending(victim: Victim) -> None:
    """Answers a query with Pending responses, and never with a final one."""
    victim.flood(victim.answer(0xFF00, bytes.fromhex("0800520006000000494d41474520")) * 16)


@hostile("pending responses in step with the time-out", Step.QUERY, exits=(NOT_CONFORMANT,))
def slow_pending(victim: Victim) -> None:
    """Answers a query with a Pending response each 0.9 time-outs, and never with a final one."""
    for _ in victim.seconds(0.9 * victim.timeout_s):
        victim.send(victim.answer(0xFF00, bytes.fromhex("0800520006000000494d41474520")))


@hostile(
    "a read-back of a query result of 2 GB",
    Step.QUERY,
    exits=(NOTHING_JUDGED, INCOMPLETE),
    honest=2,
    plays=_READ_BACK,
    options=_DIMSE,
)
@hostile("a query result of 2 GB", Step.QUERY, exits=(NOT_CONFORMANT, NOTHING_JUDGED))
def large_matches(victim: Victim) -> None:
    """Answers a query with Pending responses of 1 MB each, without end."""
    victim.flood(victim.answer(0xFF00, struct.pack("<HHI", 0x0009, 0x1000, 1 << 20) + bytes(1 << 20)))


@hostile(
    "a read-back of an instance of 2 GB",
    Step.QUERY,
    exits=(NOTHING_JUDGED, INCOMPLETE),
    honest=2,
    plays=_READ_BACK,
    options=_DIMSE,
)
@hostile("an instance of 2 GB", Step.QUERY, exits=(NOT_CONFORMANT, NOTHING_JUDGED), plays=_RETRIEVAL)
def large_instance(victim: Victim) -> None:
    """Answers a retrieval with one C-STORE of 2 GB."""
    request = c_store_rq(9, sop_class_uid="1.2.840.10008.5.1.4.1.1.2", sop_instance_uid="1.2.3")
    victim.send(victim.message(request, context_id=3))
    part = _part(0x00, context_id=3)
    for _ in range((2 << 30) // len(_CHUNK)):
        if victim.gone:
            return
        victim.send(part)
    victim.send(_part(0x02, b"", context_id=3))


@hostile("instances without end", Step.QUERY, exits=(NOT_CONFORMANT,), plays=_RETRIEVAL)
def endless_instances(victim: Victim) -> None:
    """Answers a retrieval with C-STOREs of 1 MB, whatever they are answered with."""
    request = c_store_rq(9, sop_class_uid="1.2.840.10008.5.1.4.1.1.2", sop_instance_uid="1.2.3")
    victim.flood(victim.message(request, bytes(1 << 20), context_id=3))


@hostile("responses to nothing without end", Step.DATA, exits=(NOT_CONFORMANT,))
def unsolicited(victim: Victim) -> None:
    """Sends responses to requests that nobody made without end."""
    command = command_set(
        (
            (Tag.COMMAND_FIELD, us(CommandField.C_STORE_RSP)),
            (Tag.MESSAGE_ID_BEING_RESPONDED_TO, us(777)),
            (Tag.COMMAND_DATA_SET_TYPE, us(0x0101)),
            (Tag.STATUS, us(0)),
        )
    )
    victim.flood(message_bytes(command, None, context_id=victim.context_id, max_pdu_bytes=MAX_PDU_BYTES) * _MANY)


@hostile("floods at release", Step.RELEASE, exits=(NOT_CONFORMANT,))
def at_release(victim: Victim) -> None:
    """Sends P-DATA instead of the answer to a release, without end."""
    victim.flood(_part(0x00) * 16)
