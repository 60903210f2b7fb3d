"""The upper layer of one connection: the acceptor's columns of PS3.8 Table 9-10 at work."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from conformance.standard.upper_layer import AbortReason, AbortSource, Action, Event, State
from conformance.target.embedded.assembly import ProtocolError
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.connection import Arrival, Connection
from conformance.target.embedded.dimse import perform_all
from conformance.target.embedded.happening import Happening
from conformance.target.embedded.negotiation import LOCAL_LIMIT_EXCEEDED
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.storage import Store
from conformance.wire.pdu import Associate, AssociateRJ, PDataTF, Pdu

log = logging.getLogger(__name__)

TOLD_ACTIONS: Final = frozenset({Action.AA_1, Action.AA_7, Action.AA_8})
"""Actions that the log tells of: the peer did what it should not, or nothing for too long."""


class Admission(Protocol):
    """Who counts the associations of the PACS."""

    def enter(self) -> bool:
        """Take a place; False when none is free."""

    def leave(self) -> None:
        """Give it back."""

    def aside(self, task: Callable[[], None]) -> None:
        """Do something that no association waits for."""


class Acceptor:
    """One connection, from its acceptance to its close. Used by one thread; `Connection.shutdown` ends it.

    Args:
        connection: Just accepted.
        settings: The PACS's settings.
        store: The PACS's store.
        behaviour: The hooks.
        admission: Asked before an association is accepted.
    """

    def __init__(
        self, connection: Connection, *, settings: Settings, store: Store, behaviour: Behaviour, admission: Admission
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._store = store
        self._behaviour = behaviour
        self._admission = admission
        self._admitted = False
        self._deadline_s: float | None = None
        self._last_heard_s = time.monotonic()
        self._local: deque[Happening] = deque()
        self._request: Associate | None = None
        self._rejection: AssociateRJ | None = None
        self._actions: dict[Action, Callable[[Happening], State | None]] = {
            Action.AE_5: self.ae_5,
            Action.AE_6: self.ae_6,
            Action.AE_7: self.ae_7,
            Action.AE_8: self.ae_8,
            Action.DT_2: self.dt_2,
            Action.AR_2: self.ar_2,
            Action.AR_4: self.ar_4,
            Action.AR_5: self.stop_artim,
            Action.AA_1: self.aa_1,
            Action.AA_2: self.close,
            Action.AA_3: self.close,
            Action.AA_4: self.close,
            Action.AA_5: self.stop_artim,
            Action.AA_6: self.ignore,
            Action.AA_7: self.aa_7,
            Action.AA_8: self.aa_8,
        }
        self.state = State.STA_1
        self.association: Association | None = None

    def run(self) -> None:
        """Serve the connection until it is closed."""
        try:
            self.handle(Happening(event=Event.TRANSPORT_CONNECTION))
            while self.state is not State.STA_1:
                happening = self.next_happening()
                if happening is not None:
                    self.handle(happening)
                if self.association is not None and self.association.inbox:
                    perform_all(self.association)
                    self._last_heard_s = time.monotonic()
        finally:
            self.state = State.STA_1
            self._end_association()
            self._connection.close()

    def handle(self, happening: Happening) -> None:
        """Do what the table says of an event in the present state."""
        transition = self._behaviour.transition(self.state, happening.event)
        if transition is None:
            return
        level = logging.INFO if transition.action in TOLD_ACTIONS else logging.DEBUG
        log.log(level, "%s: %s %s: %s", self.state.name, happening.event.value, happening.why, transition.action.name)
        chosen = self._actions[transition.action](happening)
        self.state = transition.next_states[0] if chosen is None else chosen
        if self.state not in (State.STA_3, State.STA_6, State.STA_8):
            self._end_association()

    # What an association needs of us

    @property
    def established(self) -> bool:
        """See `Link.established`."""
        return self.state is State.STA_6

    def transmit(self, parts: Iterable[bytes | memoryview]) -> bool:
        """See `Link.transmit`."""
        if not self.established:
            return False
        if not self._connection.send(parts):
            self.handle(Happening(event=Event.TRANSPORT_CLOSED))
            return False
        return True

    def poll(self, timeout_s: float) -> bool:
        """See `Link.poll`."""
        happening = self.next_happening(timeout_s) if self.established else None
        if happening is not None:
            self.handle(happening)
        return happening is not None

    def abort(self) -> None:
        """See `Link.abort`."""
        self._local.append(Happening(event=Event.ABORT_REQUEST, why="by the service user"))

    def aside(self, task: Callable[[], None]) -> None:
        """See `Link.aside`."""
        self._admission.aside(task)

    # Waiting

    def next_happening(self, timeout_s: float | None = None) -> Happening | None:
        """The next event; None when none came within so many seconds, or a PDU was passed over."""
        end_s = None if timeout_s is None else time.monotonic() + timeout_s
        while not self._local:
            frame = self._connection.reader.next_frame()
            if frame is not None:
                return self._behaviour.on_frame(self.state, frame)
            limit_s, expired = self._limit()
            wait_until_s = limit_s if end_s is None else min(limit_s, end_s)
            match self._connection.receive(max(0.0, wait_until_s - time.monotonic())):
                case Arrival.BYTES:
                    self._last_heard_s = time.monotonic()
                    if self._artim_expired():
                        return expired
                case Arrival.CLOSED:
                    return Happening(event=Event.TRANSPORT_CLOSED)
                case Arrival.TIMEOUT:
                    waited_for_limit = end_s is None or self._deadline_s is not None
                    return expired if waited_for_limit and time.monotonic() >= limit_s else None
        return self._local.popleft()

    def _artim_expired(self) -> bool:
        return self._deadline_s is not None and time.monotonic() >= self._deadline_s

    def _limit(self) -> tuple[float, Happening]:
        """Until when to wait, and what then happens."""
        if self._deadline_s is not None:
            return self._deadline_s, Happening(event=Event.ARTIM_EXPIRED)
        # PS3.8 9.1.4 note 2: ARTIM does not police an established association; this is the application's own limit
        idle = Happening(event=Event.ABORT_REQUEST, why="nothing was heard")
        return self._last_heard_s + self._settings.idle_s, idle

    # Actions (PS3.8 Tables 9-6 to 9-9); what they return overrides the table's usual next state

    def ae_5(self, _: Happening) -> None:
        """The connection is open: start ARTIM."""
        self.start_artim(State.STA_2)

    def ae_6(self, happening: Happening) -> State | None:
        """A-ASSOCIATE-RQ: reject as provider, or let the user decide."""
        self.stop_artim(happening)
        assert isinstance(happening.pdu, Associate)
        self._request = happening.pdu
        rejection = self._behaviour.provider_rejection(self._request)
        if rejection is not None:
            self.reject(rejection)
            return State.STA_13
        rejection = self._behaviour.user_rejection(self._request, self._settings)
        if rejection is None and not self._admit():
            rejection = LOCAL_LIMIT_EXCEEDED
        self._rejection = rejection
        event = Event.ASSOCIATE_ACCEPT if rejection is None else Event.ASSOCIATE_REJECT
        self._local.append(Happening(event=event))
        return None

    def ae_7(self, _: Happening) -> None:
        """Send A-ASSOCIATE-AC."""
        request = self._request
        assert request is not None
        results = self._behaviour.context_results(request)
        roles = self._behaviour.granted_roles(request)
        self.send(self._behaviour.associate_ac(request, results, roles, self._settings))
        self.association = Association(
            link=self,
            settings=self._settings,
            store=self._store,
            behaviour=self._behaviour,
            request=request,
            contexts=self._behaviour.accepted_contexts(request, results, roles),
        )
        self._behaviour.on_established(self.association)

    def ae_8(self, _: Happening) -> None:
        """Send A-ASSOCIATE-RJ and start ARTIM."""
        assert self._rejection is not None
        self.reject(self._rejection)

    def dt_2(self, happening: Happening) -> None:
        """P-DATA-TF: hand its values to the association."""
        assert isinstance(happening.pdu, PDataTF)
        assert self.association is not None
        try:
            for pdv in happening.pdu.pdvs:
                self._behaviour.on_pdv(self.association, pdv)
        except ProtocolError as error:
            self._local.appendleft(Happening(event=Event.INVALID_PDU, reason=error.reason, why=str(error)))

    def ar_2(self, _: Happening) -> None:
        """A-RELEASE-RQ: the user answers at once, always affirmatively (PS3.8 7.2.2.3)."""
        self._local.append(Happening(event=Event.RELEASE_RESPONSE))

    def ar_4(self, _: Happening) -> None:
        """Send A-RELEASE-RP and start ARTIM."""
        self._end_association()  # first: a peer that has the answer may ask for its next association at once
        self.send(self._behaviour.release_rp())
        self.start_artim(State.STA_13)

    def aa_1(self, _: Happening) -> None:
        """Send A-ABORT as service user, start or restart ARTIM."""
        self._end_association()
        self.send(self._behaviour.abort_pdu(AbortSource.SERVICE_USER, AbortReason.NOT_SPECIFIED))
        self.start_artim(State.STA_13)

    def aa_7(self, happening: Happening) -> None:
        """Send A-ABORT in Sta13; ARTIM goes on."""
        self.send(self._behaviour.abort_pdu(AbortSource.SERVICE_PROVIDER, happening.reason))

    def aa_8(self, happening: Happening) -> None:
        """Send A-ABORT as service provider, start ARTIM."""
        self._end_association()
        self.send(self._behaviour.abort_pdu(AbortSource.SERVICE_PROVIDER, happening.reason))
        self.start_artim(State.STA_13)

    def close(self, _: Happening) -> None:
        """Stop ARTIM, tell the user, close the transport connection."""
        self._deadline_s = None
        self._end_association()
        self._connection.close()

    def ignore(self, _: Happening) -> None:
        """Do nothing."""

    def start_artim(self, state: State) -> None:
        """Start or restart ARTIM."""
        self._deadline_s = time.monotonic() + self._behaviour.artim_s(state, self._settings)

    def stop_artim(self, _: Happening) -> None:
        """Stop ARTIM."""
        self._deadline_s = None

    def reject(self, rejection: AssociateRJ) -> None:
        """Send A-ASSOCIATE-RJ and start ARTIM."""
        self.send(rejection)
        self.start_artim(State.STA_13)

    def send(self, pdu: Pdu | None) -> None:
        """Send a PDU other than P-DATA-TF; a connection that is gone shows when it is read."""
        if pdu is not None:
            self._connection.send((self._behaviour.encode_pdu(pdu),))

    def _admit(self) -> bool:
        self._admitted = self._admission.enter()
        return self._admitted

    def _end_association(self) -> None:
        if self.association is not None:
            association, self.association = self.association, None
            association.end()
        if self._admitted:
            self._admitted = False
            self._admission.leave()
