"""Sends what is malformed in a state of the upper layer, and looks at what comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from conformance.driver.peer import Peer
from conformance.driver.reacting import react
from conformance.driver.sending import contexts_of
from conformance.observation.reactions import Reaction
from conformance.plugin.fixtures import Peers
from conformance.plugin.patient import associated_patiently
from conformance.plugin.scene import Scene
from conformance.preflight import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.standard.upper_layer import Event, State
from conformance.verdict.finding import Verdict
from conformance.verdict.upper_layer import REFUSED, Answers
from conformance.wire.messages import VERIFICATION_SOP_CLASS
from conformance.wire.pdu import Associate, PduType
from conformance.wire.stimuli import event_pdu

VERIFICATION: Final = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,))])
GLANCE_S: Final = 1.0
"""How long is looked where no reaction is owed."""
PDU_EVENTS: Final = {
    PduType.A_ASSOCIATE_RQ: Event.ASSOCIATE_RQ_PDU,
    PduType.A_ASSOCIATE_AC: Event.ASSOCIATE_AC_PDU,
    PduType.A_ASSOCIATE_RJ: Event.ASSOCIATE_RJ_PDU,
    PduType.P_DATA_TF: Event.P_DATA_PDU,
    PduType.A_RELEASE_RQ: Event.RELEASE_RQ_PDU,
    PduType.A_RELEASE_RP: Event.RELEASE_RP_PDU,
    PduType.A_ABORT: Event.ABORT_PDU,
}

Request = Callable[[Associate], Associate | bytes]
"""From a good association request to a malformed one."""


class Sender:
    """Sends what is malformed, and looks at what comes.

    Args:
        scene: The scenario.
        peer: Makes byte-level peers.
    """

    def __init__(self, scene: Scene, peer: Peers) -> None:
        self._peer = peer
        self._wait_s = scene.endpoint.timeout_s  # a target may be as slow to refuse as to accept

    def open(self, state: State, label: str) -> Peer:
        """A connection that is in a state at the target."""
        if state is State.STA_6:
            return associated_patiently(self._peer, VERIFICATION, label=label)
        return self._peer(label=label)

    def send(self, state: State, data: bytes, label: str, answers: Answers = REFUSED, *, fin: bool = False) -> Reaction:
        """Send bytes in a state and read what comes.

        Args:
            state: Sta2 or Sta6.
            data: The bytes.
            label: What they are.
            answers: Where silence is no failure, it is not waited for long.
            fin: Whether our side is closed behind them.
        """
        with self.open(state, label) as connection:
            connection.send(data)
            if fin:
                connection.finish_sending()
            owed = answers.silence is Verdict.FAIL or fin
            return react(connection, wait_s=self._wait_s if owed else min(self._wait_s, GLANCE_S))

    def send_and_read_on(self, state: State, data: bytes, label: str) -> tuple[Reaction, Reaction]:
        """Send bytes in a state, read what comes, and read on behind an A-ABORT.

        Returns:
            What `send` gives, and what came from then on until the connection ended or a moment had passed.
        """
        with self.open(state, label) as connection:
            connection.send(data)
            first = react(connection, wait_s=self._wait_s)
            return first, react(connection, wait_s=min(self._wait_s, GLANCE_S))

    def request(self, change: Request, label: str, answers: Answers = REFUSED) -> Reaction:
        """Send an association request with a change and read what comes."""
        with self.open(State.STA_2, label) as connection:
            changed = change(connection.association_request(VERIFICATION))
            connection.send(changed if isinstance(changed, bytes) else changed.encode())
            owed = answers.silence is Verdict.FAIL
            return react(connection, wait_s=self._wait_s if owed else min(self._wait_s, GLANCE_S))

    def good(self, pdu_type: PduType) -> bytes:
        """A good PDU of a type."""
        with self._peer(label="not used") as connection:
            return event_pdu(PDU_EVENTS[pdu_type], connection.association_request(VERIFICATION))
