"""State machine: each event that a peer can bring about, in each state that it can bring the target into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import pytest
from _pytest.mark import ParameterSet

from conformance.driver.peer import Peer
from conformance.driver.reacting import ENDS, associate_patiently, bring_to_sta_13, react
from conformance.driver.sending import contexts_of
from conformance.observation.outcomes import Accepted
from conformance.observation.reactions import Reaction
from conformance.plugin.fixtures import Judge, Peers
from conformance.plugin.patient import associated_patiently
from conformance.plugin.scene import Scene
from conformance.preflight import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.standard.upper_layer import ACCEPTOR_TABLE, PEER_EVENTS, Action, Event, State
from conformance.verdict import responses, state_machine, upper_layer
from conformance.verdict.finding import Finding, restated
from conformance.wire.messages import VERIFICATION_SOP_CLASS, c_echo_rq
from conformance.wire.pdu import AbortPdu, ReleaseRQ
from conformance.wire.stimuli import INVALID_PDUS, event_pdu

pytestmark = [pytest.mark.topic("state machine"), pytest.mark.level("disruptive")]

VERIFICATION: Final = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,))])
QUIET_S: Final = 0.4
"""How long nothing may come where nothing must come."""
LOST: Final = 120
"""More connections than an SCP holds at once."""
FIN: Final = "FIN"
RST: Final = "RST"

Together = Callable[[Sequence[Callable[[], tuple[Finding, ...]]]], tuple[tuple[Finding, ...], ...]]


def _cells(*states: State) -> list[ParameterSet]:
    """The cells of Table 9-10 in these states, each with every stimulus that brings its event about."""
    return [
        pytest.param(
            state,
            event,
            name,
            id=_cell_id(state, event, name),
            marks=pytest.mark.requirement(state_machine.requirement_of(state, event), *_beside(state, event)),
        )
        for state in states
        for event in PEER_EVENTS
        if (state, event) in ACCEPTOR_TABLE
        for name in _stimuli(event)
    ]


def _cell_id(state: State, event: Event, name: str) -> str:
    words = f"{state.name.replace('_', '').capitalize()}-{event.value.removesuffix(' received')}"
    return words if name == event.value else f"{words}-{name}"


def _stimuli(event: Event) -> tuple[str, ...]:
    match event:
        case Event.INVALID_PDU:
            return tuple(INVALID_PDUS)
        case Event.TRANSPORT_CLOSED:
            return FIN, RST
        case _:
            return (event.value,)


def _beside(state: State, event: Event) -> tuple[str, ...]:
    """Requirements that say the same of one cell."""
    if state is State.STA_6 and event is Event.INVALID_PDU:
        return ("UL-ABT-05",)
    return {
        (State.STA_2, Event.ABORT_PDU): ("UL-ABT-06",),
        (State.STA_6, Event.ABORT_PDU): ("UL-ABT-06",),
        (State.STA_6, Event.ASSOCIATE_RQ_PDU): ("UL-TCP-01", "UL-ABT-05"),
        (State.STA_6, Event.RELEASE_RQ_PDU): ("UL-REL-03",),
        (State.STA_13, Event.P_DATA_PDU): ("UL-ABT-10", "UL-RJ-07", "UL-REL-04"),
    }.get((state, event), ())


class Bench:
    """Brings about an event on a connection, and looks at what comes.

    Args:
        scene: The scenario.
        peer: Makes byte-level peers.
        judge: Keeps findings.
    """

    def __init__(self, scene: Scene, peer: Peers, judge: Judge) -> None:
        self._peer = peer
        self.judge = judge
        self.wait_s = scene.endpoint.timeout_s

    def associated(self, label: str) -> Peer:
        """A peer with an accepted association, for which a target that has no place free is asked again.

        Raises:
            NotEstablishedError: The target did not accept.
        """
        return associated_patiently(self._peer, VERIFICATION, label=label)

    def in_state(self, state: State, label: str) -> Peer:
        """A peer whose connection is in Sta2 or Sta6 at the target."""
        return self.associated(label) if state is State.STA_6 else self._peer(label=label)

    def serves_on(self, requirement: str) -> None:
        """Judge that the target serves a new association after connections were lost."""
        established = associate_patiently(partial(self._peer, label="afterwards"), VERIFICATION)
        accepted = isinstance(established.exchange.outcome, Accepted)
        echo = established.peer.echo(context_id=1) if accepted else None
        self.judge(upper_layer.place_is_free(established.exchange, echo, established.after_s, requirement))

    def stimulus(self, connection: Peer, event: Event, name: str) -> bytes:
        """The bytes that bring an event about; none for the end of the connection."""
        if event is Event.INVALID_PDU:
            return INVALID_PDUS[name]
        if event is Event.TRANSPORT_CLOSED:
            return b""
        return event_pdu(event, connection.association_request(VERIFICATION))

    def provoke(self, connection: Peer, event: Event, name: str, *, before: bytes = b"", wait_s: float = 0) -> Reaction:
        """Send what brings an event about and read what comes.

        Args:
            connection: In the state wanted.
            event: The event.
            name: Which stimulus of the event.
            before: Bytes in front, in the same write.
            wait_s: How long to wait; as long as an answer may take by default.
        """
        data = before + self.stimulus(connection, event, name)
        if data:
            connection.send(data)
        if name == FIN:
            connection.finish_sending()
        return react(connection, wait_s=wait_s or self.wait_s)


@pytest.fixture
def bench(scene: Scene, peer: Peers, judge: Judge) -> Bench:
    """Brings about events."""
    return Bench(scene, peer, judge)


@pytest.mark.parametrize(("state", "event", "name"), _cells(State.STA_2, State.STA_6))
def test_event(bench: Bench, state: State, event: Event, name: str) -> None:
    """Before the association, and on it, each PDU draws the action of PS3.8 Table 9-10."""
    with bench.in_state(state, name) as connection:
        if name == RST:
            connection.reset()
        else:
            reaction = bench.provoke(connection, event, name)
            bench.judge(state_machine.cell(state, event, reaction))
            for same in _beside(state, event):
                if same != "UL-ABT-05":
                    bench.judge(state_machine.cell(state, event, reaction, requirement=same))
            if state is State.STA_6:
                bench.judge(_reason(event, name, reaction))
    if event is Event.TRANSPORT_CLOSED:
        bench.serves_on(state_machine.requirement_of(state, event))


def _reason(event: Event, name: str, reaction: Reaction) -> tuple[Finding, ...]:
    """An A-ABORT of the provider names the cause (PS3.8 Table 9-26)."""
    if event is not Event.INVALID_PDU:
        return upper_layer.abort_reason_fits(reaction, (2,), event.value)
    # What is malformed may be unexpected as well.
    reasons = (1,) if name.startswith("type") else (2, 4, 5, 6)
    return upper_layer.abort_reason_fits(reaction, reasons, name)


@pytest.mark.parametrize(("state", "event", "name"), _cells(State.STA_3, State.STA_8))
def test_event_in_the_same_write(bench: Bench, state: State, event: Event, name: str) -> None:
    """A PDU in one write with the request before it draws the action of the state in between, or of the next one."""
    with bench.in_state(State.STA_2 if state is State.STA_3 else State.STA_6, name) as connection:
        request = connection.association_request(VERIFICATION)
        before = request.encode() if state is State.STA_3 else ReleaseRQ().encode()
        if name == RST:
            connection.send(before)
            connection.reset()
        else:
            reaction = bench.provoke(connection, event, name, before=before)
            bench.judge(state_machine.pipelined_cell(state, event, reaction))
    if event is Event.TRANSPORT_CLOSED:
        bench.serves_on(state_machine.requirement_of(state, event))


@pytest.mark.parametrize(("state", "event", "name"), _cells(State.STA_13))
def test_event_after_the_end(
    peer: Peers, bench: Bench, *, together: Together, state: State, event: Event, name: str
) -> None:
    """After its A-ASSOCIATE-RJ, A-RELEASE-RP or A-ABORT the target ignores what still comes, or aborts again."""
    requirement = state_machine.requirement_of(state, event)
    ignored = ACCEPTOR_TABLE[(state, event)].action is Action.AA_6

    def after(end: str) -> tuple[Finding, ...]:
        connection = bring_to_sta_13(partial(peer, label=f"after {end}"), VERIFICATION, end)
        if connection is None:
            return (upper_layer.not_brought_about(requirement, end),)
        with connection:
            if name == RST:
                connection.reset()
                return ()
            reaction = bench.provoke(connection, event, name, wait_s=QUIET_S if ignored else 0)
        return (state_machine.cell(state, event, reaction),)

    bench.judge(*together([partial(after, end) for end in ENDS]))
    if event is Event.TRANSPORT_CLOSED:
        bench.serves_on(requirement)


@pytest.mark.requirement("FSM-S6-PDATA", "UL-REL-02")
@pytest.mark.parametrize("echoes", [1, 3], ids=["one operation", "three operations"])
def test_release_after_operations(bench: Bench, echoes: int) -> None:
    """A release is answered with A-RELEASE-RP, whatever was done on the association before."""
    with bench.associated("release") as connection:
        for _ in range(echoes):
            bench.judge(responses.expect(connection.echo(context_id=1), "FSM-S6-PDATA", success=True))
        reaction = bench.provoke(connection, Event.RELEASE_RQ_PDU, Event.RELEASE_RQ_PDU.value)
        bench.judge(state_machine.cell(State.STA_6, Event.RELEASE_RQ_PDU, reaction, requirement="UL-REL-02"))


@pytest.mark.requirement("UL-REL-06", "UL-REL-04")
def test_release_behind_a_request(bench: Bench) -> None:
    """A release requested while an operation is outstanding is answered after the response, alone, or by A-ABORT."""
    with bench.associated("release") as connection:
        connection.send_command(c_echo_rq(connection.next_message_id()), context_id=1)
        connection.send(ReleaseRQ().encode())
        bench.judge(upper_layer.release_answered(react(connection, wait_s=bench.wait_s), "UL-REL-06"))


@pytest.mark.requirement("UL-TCP-02", "UL-REL-02", "UL-REL-04")
def test_second_association_on_a_used_connection(bench: Bench) -> None:
    """A connection whose association was released carries no second one."""
    with bench.associated("released") as connection:
        connection.send(ReleaseRQ().encode())
        released = react(connection, wait_s=bench.wait_s)
        bench.judge(state_machine.cell(State.STA_6, Event.RELEASE_RQ_PDU, released, requirement="UL-REL-02"))
        event = Event.ASSOCIATE_RQ_PDU
        reaction = bench.provoke(connection, event, event.value)
        bench.judge(state_machine.cell(State.STA_13, event, reaction, requirement="UL-TCP-02"))


@pytest.mark.requirement("UL-ABT-08", "UL-ABT-04", "UL-ABT-06")
@pytest.mark.parametrize(("source", "reason"), [(0, 5), (1, 0), (2, 3), (2, 200), (255, 255)], ids=str)
def test_abort_with_any_values(bench: Bench, source: int, reason: int) -> None:
    """An A-ABORT ends the association whatever its source and reason say."""
    with bench.associated("aborted") as connection:
        connection.send(AbortPdu(source=source, reason=reason).encode())
        reaction = react(connection, wait_s=bench.wait_s)
        ended = state_machine.cell(State.STA_6, Event.ABORT_PDU, reaction, requirement="UL-ABT-08")
        bench.judge(ended, restated(ended, "UL-ABT-06"))
        if (source, reason) == (0, 5):
            bench.judge(restated(ended, "UL-ABT-04"))


@pytest.mark.requirement("UL-TCP-12")
@pytest.mark.parametrize("state", [State.STA_2, State.STA_6], ids=["before the association", "on the association"])
@pytest.mark.parametrize("way", [FIN, RST])
def test_many_connections_lost(peer: Peers, bench: Bench, way: str, state: State) -> None:
    """Connections that are lost, one hundred and twenty one after the other, leave no place taken."""
    for _ in range(LOST):
        with peer(label=way) as connection:
            if state is State.STA_6 and not isinstance(connection.associate(VERIFICATION).outcome, Accepted):
                break
            if way == RST:
                connection.reset()
    bench.serves_on("UL-TCP-12")
