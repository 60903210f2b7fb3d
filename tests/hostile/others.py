"""Peers that speak something else, or answer somebody else."""

from __future__ import annotations

import random
from typing import Final

from conformance.wire.command import Tag, command_set, us
from conformance.wire.pdu import AssociateRJ
from tests.hostile.registry import INCOMPLETE, NOT_CONFORMANT, NOT_USABLE, Act, Step, hostile
from tests.hostile.victim import Victim

_HTTP: Final = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
    b"<html><script>alert(1)</script></html>"
)
_TLS_ALERT: Final = bytes.fromhex("15030300020250")


def random_bytes(seed: int) -> Act:
    """Bytes that follow from a seed."""

    def act(victim: Victim) -> None:
        victim.send(random.Random(seed).randbytes(4096))
        victim.wait()

    act.__doc__ = f"Answers with 4096 random bytes (seed {seed})."
    return act


def web(victim: Victim) -> None:
    """Answers as a web server does, and closes."""
    victim.send(_HTTP)
    victim.close()


def tls(victim: Victim) -> None:
    """Answers with a TLS alert, and closes."""
    victim.send(_TLS_ALERT)
    victim.close()


for _seed in range(3):
    hostile(f"random bytes at once, seed {_seed}", Step.REQUEST, exits=(NOT_USABLE,), honest=0)(random_bytes(_seed))
    hostile(f"random bytes after the data, seed {_seed}", Step.DATA, exits=(NOT_CONFORMANT,))(random_bytes(_seed))
hostile("a web server", Step.REQUEST, exits=(NOT_USABLE,), honest=0)(web)
hostile("becomes a web server", Step.REQUEST, exits=(NOT_CONFORMANT,))(web)
hostile("a web server for a response", Step.DATA, exits=(NOT_CONFORMANT,))(web)
hostile("a TLS server", Step.REQUEST, exits=(NOT_USABLE,), honest=0)(tls)
hostile("becomes a TLS server", Step.REQUEST, exits=(NOT_CONFORMANT,))(tls)


@hostile("another request's response", Step.DATA, exits=(NOT_CONFORMANT,))
def other_message(victim: Victim) -> None:
    """Answers a store with the response to another Message ID."""
    assert victim.command is not None
    other = command_set(
        (
            (Tag.COMMAND_FIELD, us(0x8001)),
            (Tag.MESSAGE_ID_BEING_RESPONDED_TO, us(((victim.command.message_id or 0) + 1) % 65536)),
            (Tag.COMMAND_DATA_SET_TYPE, us(0x0101)),
            (Tag.STATUS, us(0)),
        )
    )
    victim.send(victim.message(other))


@hostile("another operation's response", Step.DATA, exits=(NOT_CONFORMANT,))
def other_operation(victim: Victim) -> None:
    """Answers a store with a C-ECHO response."""
    assert victim.command is not None
    other = command_set(
        (
            (Tag.COMMAND_FIELD, us(0x8030)),
            (Tag.MESSAGE_ID_BEING_RESPONDED_TO, us(victim.command.message_id or 0)),
            (Tag.COMMAND_DATA_SET_TYPE, us(0x0101)),
            (Tag.STATUS, us(0)),
        )
    )
    victim.send(victim.message(other))


@hostile("no room for ever", Step.REQUEST, exits=(INCOMPLETE, 5))
def no_room(victim: Victim) -> None:
    """Rejects every association as transient."""
    victim.send(AssociateRJ(result=2, source=3, reason=1).encode())
