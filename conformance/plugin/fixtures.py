"""What a scenario works with: drivers, instances, read-back and the judge."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

import pytest

from conformance.config import Claims
from conformance.driver.endpoint import DEFAULT_MAX_PDU_BYTES
from conformance.driver.peer import AssociateEdit, Peer
from conformance.driver.scu import ScuAssociation
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances import catalogue
from conformance.instances.identity import Identity, IdentitySource
from conformance.instances.instance import Instance
from conformance.observation.exchanges import AssociationExchange, OperationExchange, Sent
from conformance.observation.matrix import Matrix
from conformance.observation.outcomes import Accepted
from conformance.observation.stored import ReadBackOutcome
from conformance.plugin.matrix import ask_matrix
from conformance.plugin.run import current_run
from conformance.plugin.scene import NotApplicableError, NotEstablishedError, NotNegotiatedError, Scene
from conformance.plugin.stash import SCENE
from conformance.preflight import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from conformance.readback.base import ReadBack
from conformance.readback.move_scp import MoveSpool
from conformance.verdict.coercion import as_far_as_seen
from conformance.verdict.finding import Finding
from conformance.wire.items import ContextResult, Item, ProposedContext
from conformance.wire.messages import VERIFICATION_SOP_CLASS

NATIVE: Final = (IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN)
"""What an ordinary sender of uncompressed instances proposes."""
BESIDE_S: Final = 5.0
"""How long another association is waited for: a target that serves one at a time accepts it later."""
HELD_S: Final = 2.0
"""How long one association is held up while another is waited for: a target may give up who does nothing."""
_JOIN_MARGIN_S: Final = 10.0

Result = TypeVar("Result")
Judge = Callable[..., None]


class Scu:
    """The well-behaved SCU of a scenario."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def associate(
        self, contexts: Sequence[ProposedContext | Instance], *, label: str = "", verification: bool = False
    ) -> ScuAssociation:
        """Associate.

        Args:
            contexts: Presentation contexts, or instances for which one each is proposed in the native little endian
                transfer syntaxes (or in the one that the instance is encapsulated in).
            label: Which connection of the scenario it is.
            verification: Whether Verification is proposed as well.

        Raises:
            NotEstablishedError: The target did not accept.
            NotNegotiatedError: It accepted, but none of the presentation contexts.
        """
        proposed = _contexts(contexts, verification=verification)

        def attempt() -> ScuAssociation:
            association = ScuAssociation(self._scene.endpoint, self._scene.recorder, proposed, label=label)
            self._scene.opened(association)
            return association

        association = current_run().patience.wait_for_room(attempt, lambda made: made.exchange.outcome)
        exchange = association.exchange
        if isinstance(exchange.outcome, Accepted) and not association.accepted:
            needed = _words(contexts[0]) if contexts else "Verification"
            raise NotNegotiatedError(exchange, proposed[0].abstract_syntax, needed)
        if not association.is_established:
            raise NotEstablishedError(exchange)
        return association

    def store(self, instance: Instance, *, label: str = "") -> OperationExchange:
        """Store one instance on an association of its own, and release.

        Raises:
            NotEstablishedError: The target did not accept the association.
            NotNegotiatedError: It did not accept the presentation context.
        """
        with self.associate([instance], label=label) as association:
            need(association, instance)
            return association.store(instance)

    def store_all(self, instances: Sequence[Instance], *, label: str = "") -> tuple[OperationExchange, ...]:
        """Store instances one after the other on one association; what comes after a failure is still tried.

        Raises:
            NotEstablishedError: The target did not accept the association.
            NotNegotiatedError: It did not accept one of the presentation contexts.
        """
        with self.associate(instances, label=label) as association:
            for instance in instances:
                need(association, instance)
            return tuple(association.store(instance) for instance in instances)


def _words(proposed: ProposedContext | Instance) -> str:
    return proposed.abstract_syntax if isinstance(proposed, ProposedContext) else proposed.label or "the instance"


def need(association: ScuAssociation, instance: Instance) -> ContextResult:
    """The accepted context for an instance.

    Raises:
        NotNegotiatedError: There is none.
    """
    context = association.accepted_for(instance)
    if context is None:
        raise NotNegotiatedError(association.exchange, instance.sop_class_uid, instance.label or "the instance")
    return context


class Peers:
    """Makes byte-level peers; they are closed when the scenario ends."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def __call__(self, *, label: str = "", max_pdu_bytes: int = DEFAULT_MAX_PDU_BYTES) -> Peer:
        """A connected peer; nothing has been sent yet."""
        peer = Peer(self._scene.endpoint, self._scene.recorder, label=label, max_pdu_bytes=max_pdu_bytes)
        self._scene.opened(peer)
        return peer

    def associated(
        self,
        contexts: Sequence[ProposedContext | Instance],
        *,
        label: str = "",
        max_pdu_bytes: int = DEFAULT_MAX_PDU_BYTES,
        user_items: Iterable[Item] = (),
        edit: AssociateEdit | None = None,
        verification: bool = False,
    ) -> Peer:
        """A peer with an accepted association.

        Raises:
            NotEstablishedError: The target did not accept.
        """
        proposed = _contexts(contexts, verification=verification)
        sub_items = tuple(user_items)

        def attempt() -> tuple[Peer, AssociationExchange]:
            peer = self(label=label, max_pdu_bytes=max_pdu_bytes)
            return peer, peer.associate(proposed, user_items=sub_items, edit=edit)

        peer, exchange = current_run().patience.wait_for_room(attempt, lambda made: made[1].outcome)
        if not isinstance(exchange.outcome, Accepted):
            raise NotEstablishedError(exchange)
        return peer

    def beside(self, contexts: Sequence[ProposedContext]) -> tuple[Peer, AssociationExchange]:
        """A peer beside one that is open, and what became of its association: accepted, or not, or not in time."""
        peer = self(label="beside it")
        return peer, peer.associate(contexts, timeout_s=min(BESIDE_S, self._scene.endpoint.timeout_s))

    def ready_for(self, instance: Instance, *, label: str = "", **options: Any) -> tuple[Peer, int, str]:
        """A peer on which an instance can be sent, the context id for it and the transfer syntax agreed.

        Raises:
            NotEstablishedError: The target did not accept the association.
            NotNegotiatedError: It did not accept the presentation context.
        """
        peer = self.associated([instance], label=label, **options)
        result = peer.accepted.get(1)
        if result is None or result.transfer_syntax is None or not instance.can_encode(result.transfer_syntax):
            exchange = self._scene.recorder.associations[-1]
            raise NotNegotiatedError(exchange, instance.sop_class_uid, instance.label or "the instance")
        return peer, 1, result.transfer_syntax

    def store_all(self, instances: Sequence[Instance], *, label: str = "") -> tuple[OperationExchange, ...]:
        """Store instances one after the other on one association, as `Scu.store_all` does, in a fraction of its time.

        For what is stored only so that something else can be asked about it.

        Raises:
            NotEstablishedError: The target did not accept the association.
            NotNegotiatedError: It did not accept one of the presentation contexts.
        """
        proposed = _contexts(instances)
        stores = []
        with self.associated(proposed, label=label) as connection:
            for instance in instances:
                context_id, transfer_syntax = self._context_for(connection, proposed, instance)
                sent = sent_of(instance, transfer_syntax)
                stores.append(connection.store(instance.encoded(transfer_syntax), sent, context_id=context_id))
            connection.release()
        return tuple(stores)

    def _context_for(
        self, connection: Peer, proposed: Sequence[ProposedContext], instance: Instance
    ) -> tuple[int, str]:
        for context in proposed:
            result = connection.accepted.get(context.context_id)
            if context.abstract_syntax == instance.sop_class_uid and result is not None:
                transfer_syntax = (result.transfer_syntax or "").strip("\0 ")
                if instance.can_encode(transfer_syntax):
                    return context.context_id, transfer_syntax
        exchange = self._scene.recorder.associations[-1]
        raise NotNegotiatedError(exchange, instance.sop_class_uid, instance.label or "the instance")


def _contexts(
    contexts: Sequence[ProposedContext | Instance], *, verification: bool = False
) -> tuple[ProposedContext, ...]:
    if contexts and all(isinstance(c, ProposedContext) for c in contexts):
        return tuple(c for c in contexts if isinstance(c, ProposedContext))
    pairs: dict[tuple[str, tuple[str, ...]], None] = {}
    for instance in contexts:
        assert isinstance(instance, Instance)
        transfers = (instance.transfer_syntax_uid,) if instance.is_encapsulated else NATIVE
        pairs[(instance.sop_class_uid, transfers)] = None
    if verification:
        pairs[(VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,))] = None
    return contexts_of(list(pairs))


class Instances:
    """Makes instances that belong to this scenario alone."""

    def __init__(self, identities: IdentitySource) -> None:
        self.identities = identities

    def build(self, keyword: str, *, identity: Identity | None = None, **size: Any) -> Instance:
        """An instance of a SOP class named by its keyword; a new patient when no identity is given."""
        return catalogue.build(keyword, identity or self.identities.new(), **size)

    def series(self, keyword: str, count: int, **size: Any) -> tuple[Instance, ...]:
        """Instances of one series."""
        first = self.identities.new()
        rest = [self.identities.new(series_of=first) for _ in range(count - 1)]
        return tuple(catalogue.build(keyword, identity, **size) for identity in (first, *rest))


class Look:
    """Reads back, and keeps what was seen with the scenario."""

    def __init__(self, scene: Scene, channel: ReadBack) -> None:
        self._scene = scene
        self._channel = channel

    @property
    def name(self) -> str:
        """The channel's name."""
        return self._channel.name

    def fetch(self, sent: Sent, *, also: Sequence[Sent] = (), expect: bool = True) -> ReadBackOutcome:
        """Every copy that is stored under the SOP Instance UID.

        Args:
            sent: What was sent.
            also: Other places (study, series, patient) where the same UID may have come to rest.
            expect: Whether it should be there, so that an index may be given a moment.
        """
        outcome = self._channel.find(sent, also=also, expect=expect)
        answered = (
            one.status
            for one in self._scene.recorder.operations
            if one.sent is not None and one.sent.sop_instance_uid == sent.sop_instance_uid
        )
        outcome = as_far_as_seen(outcome, answered)
        self._scene.stored.append((sent.sop_instance_uid, outcome))
        return outcome


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """The scenario's state."""
    current: Scene | None = request.node.stash.get(SCENE, None)
    if current is None:
        pytest.skip("no target: give --pacs AET@HOST:PORT or --pacs-target embedded")
    yield current
    current.close()


@pytest.fixture
def scu(scene: Scene) -> Scu:
    """The well-behaved SCU."""
    return Scu(scene)


@pytest.fixture
def peer(scene: Scene) -> Peers:
    """Makes byte-level peers."""
    return Peers(scene)


@pytest.fixture
def instances(scene: Scene) -> Instances:
    """Makes instances of this scenario."""
    return Instances(scene.identities)


@pytest.fixture
def ct_image(instances: Instances) -> Instance:
    """A small CT image."""
    return instances.build("CTImageStorage")


@pytest.fixture
def readback(scene: Scene) -> Look:
    """Looks at what is stored."""
    return Look(scene, current_run().readback)


@pytest.fixture
def matrix(scene: Scene) -> Matrix:
    """Which SOP class the target accepts in which transfer syntax; the first scenario of a run that needs it asks."""

    def ask() -> Matrix:
        scene.recorder.step("every storage SOP class is proposed in every transfer syntax, a context for each pair")
        asked = ask_matrix(scene.endpoint, scene.recorder, current_run().patience)
        scene.matrix = asked.as_builtins()
        return asked

    return current_run().matrix.get(ask)


@pytest.fixture
def move_destination(scene: Scene) -> MoveSpool:
    """Our own storage SCP as destination of a C-MOVE; without one the scenario does not apply."""
    spool = current_run().move
    if spool is None:
        scene.notes.append("C-MOVE needs our own storage SCP: --move-aet and --move-port, and the target knowing it")
        raise NotApplicableError("no C-MOVE destination is configured")
    return spool


@pytest.fixture
def judge(scene: Scene) -> Judge:
    """Keeps findings: `judge(finding, findings, ...)`."""

    def keep(*judged: Finding | Iterable[Finding]) -> None:
        scene.judge(*judged)

    return keep


@pytest.fixture
def claims(scene: Scene) -> Claims:
    """What the target's conformance statement says."""
    return scene.settings.claims


@pytest.fixture
def step(scene: Scene) -> Callable[[str], None]:
    """Adds a line to the stimulus as people read it."""
    return scene.recorder.step


@pytest.fixture
def not_applicable() -> Callable[[str], None]:
    """Ends the scenario as not applicable, with the reason."""

    def end(reason: str) -> None:
        raise NotApplicableError(reason)

    return end


@pytest.fixture
def together(scene: Scene) -> Callable[[Sequence[Callable[[], Result]]], tuple[Result, ...]]:
    """Runs calls at the same time, a thread each, and gives their results in order; the first error is raised."""

    def run(calls: Sequence[Callable[[], Result]]) -> tuple[Result, ...]:
        results: dict[int, Result] = {}
        errors: list[BaseException] = []
        gate = threading.Barrier(len(calls))

        def work(index: int, call: Callable[[], Result]) -> None:
            try:
                gate.wait(timeout=_JOIN_MARGIN_S)
                results[index] = call()
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(index, call), daemon=True) for index, call in enumerate(calls)]
        for thread in threads:
            thread.start()
        # Every wait inside a call has its own deadline; a serial SCP takes one call after the other.
        limit_s = (scene.endpoint.timeout_s * 2 + scene.endpoint.connect_timeout_s) * len(calls) + _JOIN_MARGIN_S
        for thread in threads:
            thread.join(limit_s)
        if errors:
            raise errors[0]
        if len(results) != len(calls):
            raise TimeoutError(f"{len(calls) - len(results)} of {len(calls)} parallel calls took over {limit_s:.0f} s")
        return tuple(results[index] for index in range(len(calls)))

    return run
