"""What a target does about bytes that a well-behaved peer would not send, and the states it is brought into for that.

It observes and never judges.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from conformance.driver.again import until
from conformance.driver.edits import with_protocol_version
from conformance.driver.peer import Peer
from conformance.observation.exchanges import AssociationExchange
from conformance.observation.outcomes import (
    Aborted,
    Accepted,
    Closed,
    NotConnected,
    Rejected,
    Reset,
    Silence,
    Undecodable,
)
from conformance.observation.reactions import Reaction, ReactionEnding
from conformance.wire.items import ProposedContext
from conformance.wire.pdu import AbortPdu, Pdu, PduType, ReleaseRP, ReleaseRQ

QUIET_S: Final = 0.3
"""How long after a PDU another one is waited for."""
PDUS_READ: Final = 64
"""Reading stops after so many, so that a target that talks without end does not keep us."""
PLACES_S: Final = 35.0
"""How long a target that rejects as transient is asked again: longer than the time-outs that SCPs use for ACSE."""

ENDS: Final = ("A-ASSOCIATE-RJ", "A-RELEASE-RP", "A-ABORT")
"""After which PDU of the target it is in Sta13 (PS3.8 Table 9-10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Established:
    """An association, after as many attempts as it took.

    Args:
        peer: The connection; closed when the target did not accept.
        exchange: The last request and its answer.
        after_s: Seconds from the first request to that answer.
    """

    peer: Peer
    exchange: AssociationExchange
    after_s: float


def react(peer: Peer, *, wait_s: float, quiet_s: float = QUIET_S) -> Reaction:
    """Read what a target does after the bytes that have been sent.

    Args:
        peer: A connection on which the stimulus has just been sent.
        wait_s: How long the first PDU, or the end of the connection, is waited for.
        quiet_s: How long after a PDU another one is waited for.
    """
    began_s = time.monotonic()
    pdus: list[Pdu] = []
    ending = _read(peer, pdus, wait_s=wait_s, quiet_s=quiet_s)
    return Reaction(pdus=tuple(pdus), ending=ending, after_s=time.monotonic() - began_s, transcript=peer.transcript)


def wait_for_close(peer: Peer, *, wait_s: float) -> Reaction:
    """Read until the target ends the connection, whatever comes before.

    Args:
        peer: A connection whose end the target owes.
        wait_s: How long in all.
    """
    began_s = time.monotonic()
    pdus: list[Pdu] = []
    ending: ReactionEnding = Silence(waited_s=wait_s)
    while len(pdus) < PDUS_READ and (left_s := began_s + wait_s - time.monotonic()) > 0:
        got = peer.next_pdu(timeout_s=left_s)
        if isinstance(got, Closed | Reset | Silence | Undecodable | NotConnected):
            ending = got
            break
        pdus.append(got)
    return Reaction(pdus=tuple(pdus), ending=ending, after_s=time.monotonic() - began_s, transcript=peer.transcript)


def trickle(peer: Peer, data: bytes, borders: Iterable[int], *, pause_s: float) -> Reaction:
    """Send bytes in pieces, and read in between, until the target does something about them.

    Args:
        peer: A connection.
        data: What is sent.
        borders: Where it is cut, ascending.
        pause_s: How long to read between two pieces.

    Returns:
        What came up to the last piece; Silence where nothing did.
    """
    began_s = time.monotonic()
    pdus: list[Pdu] = []
    sent = 0
    ending: ReactionEnding = Silence(waited_s=0.0)
    for border in (*borders, len(data)):
        peer.send(data[sent:border])
        sent = border
        if sent == len(data):
            break
        ending = _read(peer, pdus, wait_s=pause_s, quiet_s=0.0)
        if pdus or not isinstance(ending, Silence):
            break
    return Reaction(pdus=tuple(pdus), ending=ending, after_s=time.monotonic() - began_s, transcript=peer.transcript)


def _read(peer: Peer, pdus: list[Pdu], *, wait_s: float, quiet_s: float) -> ReactionEnding:
    while len(pdus) < PDUS_READ:
        got = peer.next_pdu(timeout_s=quiet_s if pdus else wait_s)
        match got:
            case AbortPdu(source=source, reason=reason):
                return Aborted(source=source, reason=reason)
            case Closed() | Reset() | Silence() | Undecodable() | NotConnected():
                return got
            case _:
                pdus.append(got)
    return Silence(waited_s=0.0)


def associate_patiently(
    connect: Callable[[], Peer], contexts: Sequence[ProposedContext], *, within_s: float | None = None
) -> Established:
    """Associate, again on a new connection as long as the target rejects as transient, since it has no place free.

    Args:
        connect: Makes a connected peer.
        contexts: What is proposed.
        within_s: How long to go on; longer than ACSE time-outs by default.
    """
    began_s = time.monotonic()

    def ask() -> Established:
        peer = connect()
        exchange = peer.associate(contexts)
        if not isinstance(exchange.outcome, Accepted):
            peer.close()
        return Established(peer=peer, exchange=exchange, after_s=time.monotonic() - began_s)

    return until(ask, _is_settled, within_s=PLACES_S if within_s is None else within_s)


def _is_settled(established: Established) -> bool:
    outcome = established.exchange.outcome
    return not (isinstance(outcome, Rejected) and outcome.is_transient)


def bring_to_sta_13(connect: Callable[[], Peer], contexts: Sequence[ProposedContext], how: str) -> Peer | None:
    """Have the target end the association, or refuse it, while our side of the connection stays open.

    Args:
        connect: Makes a connected peer.
        contexts: What is proposed.
        how: One of `ENDS`: the PDU of the target that leads to Sta13.

    Returns:
        The peer, or None when that PDU did not come.
    """
    if how == "A-ASSOCIATE-RJ":
        peer = connect()
        # PS3.8 Table 9-21: without bit 0 there is no common protocol version.
        came = isinstance(peer.associate(contexts, edit=with_protocol_version(0)).outcome, Rejected)
    else:
        peer = associate_patiently(connect, contexts).peer
        released = how == "A-RELEASE-RP"
        # An A-RELEASE-RP of ours is unexpected in Sta6: AA-8.
        peer.send((ReleaseRQ() if released else ReleaseRP()).encode())
        came = isinstance(peer.next_pdu(), ReleaseRP if released else AbortPdu)
    if came:
        return peer
    peer.close()
    return None


def pdu_types_unlisted() -> tuple[int, ...]:
    """Every PDU type byte that PS3.8 9.3.1 does not list."""
    listed = {int(pdu_type) for pdu_type in PduType}
    return tuple(value for value in range(256) if value not in listed)
