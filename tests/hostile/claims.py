"""Peers whose length fields claim 4 GiB, or as much as they can."""

from __future__ import annotations

import struct
from typing import Final

from conformance.wire.pdu import PduType, header
from tests.hostile.registry import NOT_CONFORMANT, Step, hostile
from tests.hostile.victim import Victim

_MOST: Final = 0xFFFFFFFF


@hostile("a PDU of 4 GiB at once", Step.REQUEST, exits=(NOT_CONFORMANT,), honest=0)
@hostile("a PDU of 4 GiB for an A-ASSOCIATE-AC", Step.REQUEST, exits=(NOT_CONFORMANT,))
def long_accept(victim: Victim) -> None:
    """Accepts in a PDU that claims 4 GiB."""
    victim.send(struct.pack(">BBI", PduType.A_ASSOCIATE_AC, 0, _MOST) + victim.accept()[6:])


@hostile("an item of 64 KiB in an A-ASSOCIATE-AC", Step.REQUEST, exits=(NOT_CONFORMANT,))
def long_item(victim: Victim) -> None:
    """Accepts with a user information item that claims all that its length field can."""
    accept = bytearray(victim.accept())
    at = accept.rindex(b"\x50\x00", 74)
    accept[at + 2 : at + 4] = b"\xff\xff"
    victim.send(bytes(accept))


@hostile("items of nothing in an A-ASSOCIATE-AC of 16 MB", Step.REQUEST, exits=(NOT_CONFORMANT,))
def many_items(victim: Victim) -> None:
    """Accepts with four million empty items."""
    body = victim.accept()[6:] + struct.pack(">BBH", 0x7E, 0, 0) * (4 << 20)
    victim.send(header(PduType.A_ASSOCIATE_AC, len(body)) + body)


@hostile("a PDU of 4 GiB for a response", Step.DATA, exits=(NOT_CONFORMANT,))
def long_pdu(victim: Victim) -> None:
    """Answers in a P-DATA-TF that claims 4 GiB."""
    victim.send(struct.pack(">BBI", PduType.P_DATA_TF, 0, _MOST) + victim.answer()[6:])


@hostile("a PDV of 4 GiB for a response", Step.DATA, exits=(NOT_CONFORMANT,))
def long_pdv(victim: Victim) -> None:
    """Answers in a PDV that claims 4 GiB."""
    answer = bytearray(victim.answer())
    answer[6:10] = struct.pack(">I", _MOST)
    victim.send(bytes(answer))


@hostile("a command group of 4 GiB", Step.DATA, exits=(NOT_CONFORMANT,))
def long_group(victim: Victim) -> None:
    """Answers with a command set whose group length claims 4 GiB."""
    answer = bytearray(victim.answer())
    answer[20:24] = struct.pack("<I", _MOST)
    victim.send(bytes(answer))


@hostile("a command element of 4 GiB", Step.DATA, exits=(NOT_CONFORMANT,))
def long_command_element(victim: Victim) -> None:
    """Answers with a command set whose second element claims 4 GiB."""
    answer = bytearray(victim.answer())
    answer[28:32] = struct.pack("<I", _MOST)
    victim.send(bytes(answer))


def _identifier(victim: Victim, data: bytes) -> None:
    victim.send(victim.answer(0xFF00, data) + victim.answer(0))


@hostile("an element of 4 GiB in an identifier", Step.QUERY, exits=(NOT_CONFORMANT,))
def long_element(victim: Victim) -> None:
    """Answers a query with an identifier whose element claims 4 GiB less two."""
    _identifier(victim, struct.pack("<HH2sHI", 0x0008, 0x1199, b"OB", 0, _MOST - 1) + bytes(8))


@hostile("sequences in sequences in an identifier", Step.QUERY, exits=(NOT_CONFORMANT,))
def deep_sequences(victim: Victim) -> None:
    """Answers a query with an identifier of 20,000 sequences inside one another."""
    begin = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, _MOST) + struct.pack("<HHI", 0xFFFE, 0xE000, _MOST)
    _identifier(victim, begin * 20_000)


@hostile("a million elements in an identifier", Step.QUERY, exits=(NOT_CONFORMANT,))
def many_elements(victim: Victim) -> None:
    """Answers a query with an identifier of a million elements."""
    _identifier(
        victim,
        b"".join(
            struct.pack("<HH2sH", 0x0009 + 2 * (n >> 16), n & 0xFFFF, b"UN", 0) + bytes(4) for n in range(1_000_000)
        ),
    )
