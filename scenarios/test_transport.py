"""Transport: TCP segments mean nothing, connections that lead nowhere are closed, and nobody is kept from the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import pytest

from conformance.config import Claims
from conformance.driver.peer import Peer
from conformance.driver.reacting import bring_to_sta_13, react, trickle, wait_for_close
from conformance.driver.recorder import Recorder
from conformance.driver.sending import contexts_of
from conformance.observation.exchanges import OperationExchange
from conformance.observation.reactions import Reaction
from conformance.plugin.fixtures import Judge, Peers
from conformance.plugin.patient import associated_patiently
from conformance.plugin.scene import Scene
from conformance.preflight import IMPLICIT_VR_LITTLE_ENDIAN, serves_in_parallel
from conformance.standard.upper_layer import Event, State
from conformance.verdict import negotiation, responses, state_machine, upper_layer
from conformance.verdict.finding import Finding
from conformance.verdict.responses import Reactions
from conformance.verdict.upper_layer import Artim
from conformance.wire.layouts import in_one_pdu
from conformance.wire.malformed import field_borders
from conformance.wire.malformed_pdata import command_pdv
from conformance.wire.messages import VERIFICATION_SOP_CLASS, c_echo_rq
from conformance.wire.pdu import ReleaseRQ

pytestmark = pytest.mark.topic("transport")

VERIFICATION: Final = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,))])
UNKNOWN_ARTIM_S: Final = 12.0
"""How long an open connection is watched where nobody claims the value of ARTIM."""
MOMENT_S: Final = 0.01
"""Between two parts of a PDU, so that they are taken in apart."""
GLANCE_S: Final = 2.0
"""How long an answer beside a stalled connection is waited for, to know whether the target serves both."""
ENDS: Final = {"A-ASSOCIATE-RJ": "UL-RJ-06", "A-RELEASE-RP": "UL-REL-05", "A-ABORT": "UL-ABT-09"}

Together = Callable[[Sequence[Callable[[], list[Finding]]]], tuple[list[Finding], ...]]


@pytest.fixture
def timer(claims: Claims) -> Artim:
    """How long connections that lead nowhere are watched: half as long again as ARTIM is claimed to run."""
    if claims.artim_s is None:
        return Artim(claimed_s=None, waited_s=UNKNOWN_ARTIM_S)
    return Artim(claimed_s=claims.artim_s, waited_s=1.5 * claims.artim_s + 1)


def _echo_pdu(message_id: int) -> bytes:
    return in_one_pdu((command_pdv(c_echo_rq(message_id), 1),))


@pytest.mark.level("safe")
@pytest.mark.requirement("UL-TCP-10")
def test_one_byte_per_segment(peer: Peers, judge: Judge, scene: Scene) -> None:
    """A whole dialogue with one byte in each TCP segment is answered as ever."""
    with peer(label="one byte per segment") as connection:
        request = connection.association_request(VERIFICATION)
        connection.proposed = VERIFICATION
        for byte in request.encode():
            connection.send(bytes((byte,)))
        judge(negotiation.accepted(connection.await_association(), "UL-TCP-10"))
        if 1 not in connection.accepted:
            return
        for byte in _echo_pdu(1):
            connection.send(bytes((byte,)))
        judge(responses.expect(connection.await_response(c_echo_rq(1), context_id=1), "UL-TCP-10", success=True))
        for byte in ReleaseRQ().encode():
            connection.send(bytes((byte,)))
        reaction = react(connection, wait_s=scene.endpoint.timeout_s)
        judge(state_machine.cell(State.STA_6, Event.RELEASE_RQ_PDU, reaction, requirement="UL-TCP-10"))


@pytest.mark.level("safe")
@pytest.mark.requirement("UL-TCP-10")
@pytest.mark.parametrize("what", ["A-ASSOCIATE-RQ", "P-DATA-TF"])
def test_pause_at_every_field(peer: Peers, judge: Judge, what: str) -> None:
    """A PDU that comes in pieces, with a moment between them at every field boundary, is answered as ever."""
    with peer(label=what) as connection:
        request = connection.association_request(VERIFICATION).encode()
        connection.proposed = VERIFICATION
        trickle(connection, request, _borders(request) if what == "A-ASSOCIATE-RQ" else (), pause_s=MOMENT_S)
        judge(negotiation.accepted(connection.await_association(), "UL-TCP-10"))
        if 1 not in connection.accepted:
            return
        trickle(connection, _echo_pdu(1), _borders(_echo_pdu(1)) if what == "P-DATA-TF" else (), pause_s=MOMENT_S)
        judge(responses.expect(connection.await_response(c_echo_rq(1), context_id=1), "UL-TCP-10", success=True))
        connection.release()


def _borders(pdu: bytes) -> tuple[int, ...]:
    return tuple(border.offset for border in field_borders(pdu))


@pytest.mark.level("standard")
@pytest.mark.requirement("UL-TCP-11")
@pytest.mark.parametrize("count", [2, 20], ids=["two requests", "twenty requests"])
def test_many_pdus_in_one_segment(peer: Peers, judge: Judge, count: int) -> None:
    """C-ECHO-RQs that come in one write, one behind the other, are answered in their order."""
    with peer.associated(VERIFICATION) as connection:
        requests = [c_echo_rq(number) for number in range(1, count + 1)]
        complete = connection.send(b"".join(in_one_pdu((command_pdv(request, 1),)) for request in requests))
        for request in requests:
            echo = connection.await_response(request, context_id=1, complete=complete)
            # Without an asynchronous operations window, PS3.7 D.3.3.3 has one request at a time: the rest is tolerance.
            first = request is requests[0]
            reported = Reactions() if first else Reactions(abort=True)
            judge(responses.expect(echo, "UL-TCP-11", success=True, reported=reported))
            if echo.status is None:
                return
        connection.release()


@pytest.mark.level("standard")
@pytest.mark.requirement("FSM-S6-CLOSE")
def test_close_behind_a_request(peer: Peers, judge: Judge, scene: Scene) -> None:
    """A FIN behind a C-ECHO-RQ ends the association; the response may come before."""
    with peer.associated(VERIFICATION, label="half closed") as connection:
        connection.send(_echo_pdu(1))
        connection.finish_sending()
        reaction = wait_for_close(connection, wait_s=min(scene.endpoint.timeout_s, 5.0))
        judge(upper_layer.closed_behind(reaction, "FSM-S6-CLOSE"))


@pytest.mark.level("disruptive")
@pytest.mark.requirement("UL-TCP-17")
def test_stalled_peer(peer: Peers, judge: Judge) -> None:
    """A peer that stalls in the middle of its request does not keep others from being served."""
    with peer(label="stalled") as stalled:
        stalled.send(stalled.association_request(VERIFICATION).encode()[:10])
        with peer(label="another") as connection:
            exchange = connection.associate(VERIFICATION)
            judge(upper_layer.served_beside(exchange, "UL-TCP-17"))


@pytest.mark.timer
@pytest.mark.level("disruptive")
@pytest.mark.requirement("FSM-S2-ARTIM", "UL-TCP-03", "UL-TCP-04", "UL-TCP-08")
def test_connection_without_a_request(
    peer: Peers, judge: Judge, scene: Scene, *, together: Together, timer: Artim
) -> None:
    """A connection on which no whole A-ASSOCIATE-RQ comes is closed by ARTIM; an idle association is not."""
    with peer(label="not used") as connection:
        request = connection.association_request(VERIFICATION).encode()
    parts = {f"{words} of a request": offset for words, offset in _parts(request).items()}
    room = max(scene.settings.limits.associations - 3, 1)
    chosen = dict(list(parts.items())[:room])
    parallel = serves_in_parallel(scene.endpoint, Recorder(), timeout_s=GLANCE_S)

    def watch(what: str, data: bytes, requirement: str) -> list[Finding]:
        with peer(label=what) as connection:
            connection.send(data)
            reaction = wait_for_close(connection, wait_s=timer.waited_s)
        return _of_artim(reaction, timer, requirement, what, partial_request=bool(data))

    def drip() -> list[Finding]:
        with peer(label="byte by byte") as connection:
            pause_s = timer.waited_s / 20
            reaction = trickle(connection, request[:40], range(2, 40, 2), pause_s=pause_s)
        return _of_artim(reaction, timer, "UL-TCP-04", "a request that comes byte by byte", partial_request=True)

    def idle(connection: Peer) -> list[Finding]:
        connection.wait_for_end(timeout_s=timer.waited_s)
        return [_idle(connection.echo(context_id=1))]

    calls: list[Callable[[], list[Finding]]] = [partial(watch, "nothing sent", b"", "UL-TCP-03")]
    calls += [partial(watch, words, request[:offset], "UL-TCP-04") for words, offset in chosen.items()]
    if not parallel:
        # A target that serves one connection at a time does not look at the others meanwhile.
        judge(*(call() for call in calls[:2]))
        return
    # Associated before the others stall: a target may have room for a few that do, and have none for more.
    with associated_patiently(peer, VERIFICATION, label="idle") as connection:
        judge(*together([*calls, drip, partial(idle, connection)]))


def _parts(request: bytes) -> dict[str, int]:
    """Field boundaries of a request, well spread."""
    borders = field_borders(request)
    named = {f"all up to {border.behind}": border.offset for border in borders[:: max(1, len(borders) // 6)]}
    return {"10 bytes": 10, "all but the last byte": len(request) - 1} | named


def _idle(echo: OperationExchange) -> Finding:
    return responses.expect(
        echo, "UL-TCP-08", success=True, reported=Reactions(abort=True, closed=True), note="idle as long as ARTIM"
    )


def _of_artim(reaction: Reaction, timer: Artim, requirement: str, what: str, *, partial_request: bool) -> list[Finding]:
    return [
        upper_layer.artim(reaction, timer, requirement, what, abort=partial_request),
        upper_layer.artim(reaction, timer, "FSM-S2-ARTIM", what, abort=partial_request),
    ]


@pytest.mark.timer
@pytest.mark.level("disruptive")
@pytest.mark.requirement("FSM-S13-ARTIM", *ENDS.values())
def test_connection_left_open_after_the_end(peer: Peers, judge: Judge, *, together: Together, timer: Artim) -> None:
    """After its A-ASSOCIATE-RJ, A-RELEASE-RP or A-ABORT the target closes a connection that we leave open."""

    def watch(end: str) -> list[Finding]:
        connection = bring_to_sta_13(partial(peer, label=f"after {end}"), VERIFICATION, end)
        if connection is None:
            return [upper_layer.not_brought_about("FSM-S13-ARTIM", end)]
        with connection:
            reaction = wait_for_close(connection, wait_s=timer.waited_s)
        what = f"after {end}"
        return [upper_layer.artim(reaction, timer, row, what) for row in (ENDS[end], "FSM-S13-ARTIM")]

    judge(*together([partial(watch, end) for end in ENDS]))
