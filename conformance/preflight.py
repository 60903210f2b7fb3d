"""The preflight: is anybody there, do they speak DICOM with us, and can what is stored be seen?

It stops a run only where nothing could be judged: everything short of that is left for the scenarios to judge.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from conformance.driver.endpoint import Endpoint
from conformance.driver.peer import Peer
from conformance.driver.recorder import Recorder
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances.instance import Instance
from conformance.observation.exchanges import AssociationExchange, OperationExchange, Sent
from conformance.observation.outcomes import (
    Aborted,
    Accepted,
    AssociationOutcome,
    Closed,
    Rejected,
    Reset,
    Response,
    Silence,
    Undecodable,
    describe,
)
from conformance.observation.stored import NotReadable, ReadBackOutcome
from conformance.standard import association
from conformance.wire.items import ProposedContext, role_selection_item
from conformance.wire.messages import VERIFICATION_SOP_CLASS

IMPLICIT_VR_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2.1"
_BEGINNING_BYTES: Final = 10
QUERY_RETRIEVE_CLASSES: Final = {
    "1.2.840.10008.5.1.4.1.2.1.1": "Patient Root FIND",
    "1.2.840.10008.5.1.4.1.2.1.2": "Patient Root MOVE",
    "1.2.840.10008.5.1.4.1.2.1.3": "Patient Root GET",
    "1.2.840.10008.5.1.4.1.2.2.1": "Study Root FIND",
    "1.2.840.10008.5.1.4.1.2.2.2": "Study Root MOVE",
    "1.2.840.10008.5.1.4.1.2.2.3": "Study Root GET",
}
_ASSOCIATE_AC: Final = 0x02


class StepState(StrEnum):
    """How a step of the preflight went."""

    OK = "ok"
    NOTED = "noted"
    """Not as it should be; the scenarios will judge it."""
    FAILED = "failed"
    """Nothing can be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the preflight.

    Args:
        name: What was tried.
        state: How it went.
        actual: What came, in one line.
        hint: What a person can do about it; empty when there is nothing to do.
    """

    name: str
    state: StepState
    actual: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What the preflight found.

    Args:
        steps: In their order; the first that failed is the last.
        implementation_class_uid: As the target sent it, or None.
        implementation_version_name: As the target sent it, or None.
        maximum_length: As the target announced it, in bytes; 0 is no limit; None when it sent none.
        contexts: What was proposed, in words, and how it was answered.
        accepted: Abstract syntaxes accepted.
    """

    steps: tuple[Step, ...]
    implementation_class_uid: str | None = None
    implementation_version_name: str | None = None
    maximum_length: int | None = None
    contexts: tuple[tuple[str, str], ...] = ()
    accepted: frozenset[str] = frozenset()

    @property
    def failure(self) -> Step | None:
        """The step that makes a run pointless, or None."""
        return next((step for step in self.steps if step.state is StepState.FAILED), None)


Fetch = Callable[[Sent], ReadBackOutcome]


def run_preflight(
    endpoint: Endpoint, recorder: Recorder, *, instance: Instance | None, fetch: Fetch | None
) -> Preflight:
    """Look at the target from outside: name, TCP, association, C-ECHO, one store, one read-back.

    Args:
        endpoint: Where the target is.
        recorder: Where the dialogue is recorded.
        instance: What to store; None stores nothing.
        fetch: Looks at what is stored under a UID; None reads nothing back.
    """
    steps = [resolve(endpoint)]
    if steps[-1].state is StepState.FAILED:
        return Preflight(steps=tuple(steps))
    with Peer(endpoint, recorder, label="preflight") as peer:
        if peer.not_connected is not None:
            steps.append(_not_connected(endpoint, peer.not_connected.reason))
            return Preflight(steps=tuple(steps))
        steps.append(Step(name="TCP connection", state=StepState.OK, actual=f"{endpoint.host}:{endpoint.port} answers"))
        exchange = _associate(peer, instance)
        steps.append(_association_step(endpoint, exchange))
        if not isinstance(exchange.outcome, Accepted):
            return Preflight(steps=tuple(steps))
        services, stored = _service_steps(peer, exchange, instance)
        steps += services
        peer.release()
    if fetch is not None and stored is not None:
        # Only now: a target that serves one association at a time would not answer the read-back before.
        steps.append(_read_back_step(fetch(stored)))
    return _with_identity(exchange, steps)


def stored_before(sent: Sent, outcome: ReadBackOutcome, seed: int) -> Step | None:
    """What makes a run pointless when the preflight's instance is there before it was sent.

    Args:
        sent: The instance.
        outcome: What a look at the target showed; of other instances, which a faulty target may give, nothing is said.
        seed: The run's.
    """
    copies = () if isinstance(outcome, NotReadable) else outcome.copies
    if not any(copy.dataset.get("SOPInstanceUID") == sent.sop_instance_uid for copy in copies):
        return None
    return Step(
        name="seed",
        state=StepState.FAILED,
        actual=f"instances of an earlier run with seed {seed} are stored, and would be taken for those of this one",
        hint="leave --seed out, or delete what that run left: `pacs-conformance clean reports/<run>`",
    )


def resolve(endpoint: Endpoint) -> Step:
    """Whether the host's name can be resolved."""
    try:
        found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except OSError as error:
        return Step(
            name="name resolution",
            state=StepState.FAILED,
            actual=f"{endpoint.host!r} cannot be resolved: {error.strerror or error}",
            hint="check the host name, or use the IP address",
        )
    addresses = sorted({str(entry[4][0]) for entry in found})
    return Step(name="name resolution", state=StepState.OK, actual=f"{endpoint.host} is {', '.join(addresses)}")


def answers_echo(endpoint: Endpoint, recorder: Recorder, *, timeout_s: float) -> tuple[bool, str]:
    """Whether the target answers a C-ECHO on a new association, and what came, in one line.

    A target that does not offer Verification is alive when it answers the association request at all.
    """
    with Peer(endpoint, recorder, label="liveness") as peer:
        exchange = peer.associate(
            contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,))]), timeout_s=timeout_s
        )
        if not isinstance(exchange.outcome, Accepted):
            return isinstance(exchange.outcome, Rejected), describe(exchange.outcome)
        if 1 not in peer.accepted:
            return True, "A-ASSOCIATE-AC without Verification"
        echo = peer.echo(context_id=1, timeout_s=timeout_s)
        peer.release(timeout_s=timeout_s)
        return isinstance(echo.outcome, Response), describe(echo.outcome)


def serves_in_parallel(endpoint: Endpoint, recorder: Recorder, *, timeout_s: float) -> bool:
    """Whether a C-ECHO is answered while another connection has sent the beginning of an association request."""
    with Peer(endpoint, recorder, label="stalled in its request") as stalled:
        request = stalled.association_request(contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,))]))
        stalled.send(request.encode()[:_BEGINNING_BYTES])
        return answers_echo(endpoint, recorder, timeout_s=timeout_s)[0]


def _associate(peer: Peer, instance: Instance | None) -> AssociationExchange:
    native = (IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN)
    pairs: list[tuple[str, tuple[str, ...]]] = [(VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,))]
    if instance is not None:
        pairs.append((instance.sop_class_uid, native))
    pairs += [(uid, native) for uid in QUERY_RETRIEVE_CLASSES]
    roles = [] if instance is None else [role_selection_item(instance.sop_class_uid, scu=1, scp=1)]
    return peer.associate(contexts_of(pairs), user_items=roles)


def _not_connected(endpoint: Endpoint, reason: str) -> Step:
    if "refused" in reason:
        hint = "nobody listens on that port: is the PACS running, and is it the DICOM port and not the web port?"
    elif "timed out" in reason:
        hint = "a firewall may drop the connection, or the host is down: try the port from this machine"
    else:
        hint = "check host, port and route"
    return Step(
        name="TCP connection",
        state=StepState.FAILED,
        actual=f"{endpoint.host}:{endpoint.port}: {reason}",
        hint=hint,
    )


def _association_step(endpoint: Endpoint, exchange: AssociationExchange) -> Step:
    outcome = exchange.outcome
    if isinstance(outcome, Accepted):
        return Step(name="association", state=StepState.OK, actual="A-ASSOCIATE-AC")
    if isinstance(outcome, Undecodable) and outcome.data[:1] == bytes((_ASSOCIATE_AC,)):
        return Step(name="association", state=StepState.NOTED, actual=describe(outcome))
    return Step(
        name="association",
        state=StepState.FAILED,
        actual=describe(outcome),
        hint=_association_hint(endpoint, outcome),
    )


def _association_hint(endpoint: Endpoint, outcome: AssociationOutcome) -> str:
    match outcome:
        case Rejected(source=1, reason=7):
            return f"the target does not know the called AE title {endpoint.called_ae_title!r}: use the title it has"
        case Rejected(source=1, reason=3):
            return (
                f"the target does not know the calling AE title {endpoint.calling_ae_title!r}: "
                "add it to the target's known peers, or use another with --calling-aet"
            )
        case Rejected(result=2):
            return "the target has no room now: close other associations, or try again later"
        case Rejected():
            return "look into the target's log for the reason of the rejection"
        case Silence(pending=b""):
            return (
                "it accepts TCP and says nothing: a port with TLS, a port that is not DICOM, or an SCP that is stuck; "
                "a slow one needs a longer --timeout"
            )
        case Undecodable(data=data) if data[:4] in (b"HTTP", b"<htm", b"<!DO"):
            return "that is a web server: use the DICOM port"
        case Undecodable(data=data) if data[:1] in (b"\x15", b"\x16"):
            return "that looks like TLS: use the port without TLS"
        case Aborted() | Closed() | Reset():
            return "the target may only talk to known addresses or AE titles, or expects TLS: look into its log"
        case _:
            return "that does not look like a DICOM application: check the port"


def _service_steps(
    peer: Peer, exchange: AssociationExchange, instance: Instance | None
) -> tuple[list[Step], Sent | None]:
    """The steps on the association, and what was stored."""
    by_uid = _accepted_contexts(exchange)
    steps: list[Step] = []
    echo_context = by_uid.get(VERIFICATION_SOP_CLASS)
    echo: OperationExchange | None = None
    if echo_context is None:
        steps.append(Step(name="C-ECHO", state=StepState.NOTED, actual="Verification was not accepted"))
    else:
        echo = peer.echo(context_id=echo_context[0])
        ok = isinstance(echo.outcome, Response) and echo.status == 0
        steps.append(Step(name="C-ECHO", state=StepState.OK if ok else StepState.NOTED, actual=describe(echo.outcome)))
    if instance is None:
        return steps, None
    store_context = by_uid.get(instance.sop_class_uid)
    if store_context is None:
        steps.append(
            Step(name="C-STORE", state=StepState.NOTED, actual=f"{instance.label} was not accepted by the target")
        )
        return steps, None
    if echo is not None and not isinstance(echo.outcome, Response):
        steps.append(
            Step(
                name="C-ECHO",
                state=StepState.FAILED,
                actual=f"the association did not survive a C-ECHO: {describe(echo.outcome)}",
                hint="look into the target's log; a slow target needs a longer --timeout",
            )
        )
        return steps, None
    context_id, transfer_syntax = store_context
    sent = sent_of(instance, transfer_syntax)
    store = peer.store(instance.encoded(transfer_syntax), sent, context_id=context_id)
    stored = store.status == 0 or 0xB000 <= (store.status or 0) < 0xC000
    steps.append(
        Step(name="C-STORE", state=StepState.OK if stored else StepState.NOTED, actual=describe(store.outcome))
    )
    return steps, sent if stored else None


def _read_back_step(outcome: ReadBackOutcome) -> Step:
    if isinstance(outcome, NotReadable):
        return Step(
            name="read-back",
            state=StepState.NOTED,
            actual=f"{outcome.channel}: {outcome.reason}",
            hint="without read-back a run cannot say whether what is stored is what was sent: see --readback",
        )
    if len(outcome.copies) == 1:
        return Step(name="read-back", state=StepState.OK, actual=f"{outcome.channel}: found once")
    return Step(
        name="read-back",
        state=StepState.NOTED,
        actual=f"{outcome.channel}: found {len(outcome.copies)} times",
        hint="is the read-back looking at the system that stores?",
    )


def _accepted_contexts(exchange: AssociationExchange) -> dict[str, tuple[int, str]]:
    accepted: dict[str, tuple[int, str]] = {}
    for proposed in exchange.proposed:
        result = exchange.result_of(proposed.context_id)
        if result is not None and result.accepted and result.transfer_syntax in proposed.transfer_syntaxes:
            accepted[proposed.abstract_syntax] = (proposed.context_id, str(result.transfer_syntax))
    return accepted


def _with_identity(exchange: AssociationExchange, steps: list[Step]) -> Preflight:
    assert isinstance(exchange.outcome, Accepted)
    associate = exchange.outcome.associate
    return Preflight(
        steps=tuple(steps),
        implementation_class_uid=associate.implementation_class_uid,
        implementation_version_name=associate.implementation_version_name,
        maximum_length=associate.maximum_length,
        contexts=tuple(_context_words(exchange, proposed) for proposed in exchange.proposed),
        accepted=frozenset(_accepted_contexts(exchange)),
    )


def _context_words(exchange: AssociationExchange, proposed: ProposedContext) -> tuple[str, str]:
    result = exchange.result_of(proposed.context_id)
    if result is None:
        answer = "no answer"
    elif result.accepted:
        answer = f"accepted in {result.transfer_syntax}"
    else:
        answer = association.CONTEXT_RESULTS.get(result.result, f"result {result.result}")
    return QUERY_RETRIEVE_CLASSES.get(proposed.abstract_syntax, proposed.abstract_syntax), answer
