"""Associations with a target that may have to give back places first, after what a scenario did to it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from conformance.driver.peer import Peer
from conformance.driver.reacting import associate_patiently
from conformance.observation.outcomes import Accepted
from conformance.plugin.fixtures import Peers
from conformance.plugin.scene import NotEstablishedError
from conformance.wire.items import ProposedContext


def associated_patiently(peer: Peers, contexts: Sequence[ProposedContext], *, label: str = "") -> Peer:
    """A peer with an accepted association; a target that rejects as transient is asked again for a while.

    Raises:
        NotEstablishedError: The target did not accept.
    """
    established = associate_patiently(partial(peer, label=label), contexts)
    if not isinstance(established.exchange.outcome, Accepted):
        raise NotEstablishedError(established.exchange)
    return established.peer
