"""C-CANCEL of C-FIND, C-GET and C-MOVE: FE00 with coherent counts, or the operation had already finished."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pydicom.dataset import Dataset

from conformance.driver.again import until
from conformance.driver.peer import Peer
from conformance.driver.retrieve import Moment, run
from conformance.driver.sending import contexts_of
from conformance.instances.encoding import encode
from conformance.instances.instance import Instance
from conformance.observation.interruption import CancelledOperation
from conformance.observation.outcomes import Response
from conformance.plugin.archive import Archive
from conformance.plugin.fixtures import HELD_S, NATIVE, Instances, Judge, Peers
from conformance.plugin.run import current_run
from conformance.preflight import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from conformance.standard.sop_classes import (
    PATIENT_ROOT_FIND,
    PATIENT_ROOT_GET,
    PATIENT_ROOT_MOVE,
    STUDY_ROOT_FIND,
    STUDY_ROOT_GET,
    STUDY_ROOT_MOVE,
)
from conformance.verdict import cancellation, interruption, responses
from conformance.wire.command import CommandSet
from conformance.wire.items import role_selection_item
from conformance.wire.messages import VERIFICATION_SOP_CLASS, c_cancel_rq, c_find_rq, c_get_rq, c_move_rq

pytestmark = pytest.mark.topic("cancellation")

COUNT = 30
TRIES = 20
"""How often at most a C-FIND is made that ends before its C-CANCEL comes."""
LISTED_S = 5.0
"""How long a target may take to list what it has acknowledged."""
UNKNOWN_MESSAGE_ID = 0x7A5C
FIND = (STUDY_ROOT_FIND, PATIENT_ROOT_FIND)
GET = (STUDY_ROOT_GET, PATIENT_ROOT_GET)
MOVE = (STUDY_ROOT_MOVE, PATIENT_ROOT_MOVE)
PATIENT_ROOT = (PATIENT_ROOT_FIND, PATIENT_ROOT_GET, PATIENT_ROOT_MOVE)

Step = Callable[[str], None]
NotApplicable = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Service:
    """An association on which an operation can be performed, and a series that it is about."""

    peer: Peer
    series: tuple[Instance, ...]
    sop_class_uid: str
    context_id: int
    transfer_syntax_uid: str
    echo_context_id: int | None

    def identifier(self, *, level: str) -> bytes:
        """The unique keys of the series, for all its instances."""
        keys = Dataset()
        keys.QueryRetrieveLevel = level
        if self.sop_class_uid in PATIENT_ROOT:
            keys.PatientID = self.series[0].patient_id
        keys.StudyInstanceUID = self.series[0].study_instance_uid
        keys.SeriesInstanceUID = self.series[0].series_instance_uid
        if level == "IMAGE":
            keys.SOPInstanceUID = ""
        return encode(keys, implicit_vr=self.transfer_syntax_uid == IMPLICIT_VR_LITTLE_ENDIAN, little_endian=True)

    def perform(
        self,
        request: CommandSet,
        *,
        level: str,
        moment: Moment,
        names: int | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> CancelledOperation:
        """Perform an operation, and cancel it at a moment."""
        return run(
            self.peer,
            request,
            self.identifier(level=level),
            context_id=self.context_id,
            moment=moment,
            cancelled_message_id=names,
            echo_context_id=self.echo_context_id,
            meanwhile=meanwhile,
        )

    def find(self, moment: Moment, *, names: int | None = None) -> CancelledOperation:
        """A C-FIND for the instances of the series."""
        request = c_find_rq(self.peer.next_message_id(), sop_class_uid=self.sop_class_uid)
        return self.perform(request, level="IMAGE", moment=moment, names=names)

    def get(self, moment: Moment, *, names: int | None = None) -> CancelledOperation:
        """A C-GET of the series."""
        request = c_get_rq(self.peer.next_message_id(), sop_class_uid=self.sop_class_uid)
        return self.perform(request, level="SERIES", moment=moment, names=names)

    def get_beside(self, other: Peer) -> CancelledOperation:
        """A C-GET of the series, whose Message ID a C-CANCEL-RQ on another association names while it runs."""
        request = c_get_rq(self.peer.next_message_id(), sop_class_uid=self.sop_class_uid)

        def cancel() -> None:
            other.send_command(c_cancel_rq(request.message_id or 0), context_id=1)
            if other.echo(context_id=3, timeout_s=HELD_S).status == 0:
                other.release()

        return self.perform(request, level="SERIES", moment=Moment.NEVER, meanwhile=cancel)

    def move(self, destination: str, moment: Moment) -> CancelledOperation:
        """A C-MOVE of the series."""
        request = c_move_rq(self.peer.next_message_id(), sop_class_uid=self.sop_class_uid, move_destination=destination)
        return self.perform(request, level="SERIES", moment=moment)


@dataclass(frozen=True, kw_only=True)
class Stocked:
    """Stores a series, and associates for a service that is asked about it."""

    peer: Peers
    instances: Instances
    judge: Judge
    not_applicable: NotApplicable

    def service(self, name: str, sop_classes: tuple[str, ...]) -> Service:
        """The service, with a series stored; the scenario ends as not applicable where it is not accepted."""
        series = self.instances.series("CTImageStorage", COUNT, rows=8, columns=8)
        queries = [(uid, (EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN)) for uid in sop_classes]
        storage = [(series[0].sop_class_uid, NATIVE)] if sop_classes == GET else []
        contexts = contexts_of([*queries, *storage, (VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,))])
        # PS3.7 D.3.3.4: the sub-operations of a C-GET make us the SCP of the storage class
        roles = [role_selection_item(uid, scu=0, scp=1) for uid, _ in storage]
        with self.peer.associated(contexts, label=f"is {name} accepted") as connection:
            if not any(c.context_id in connection.accepted for c in contexts[: len(queries)]):
                self.not_applicable(f"the target does not accept {name}")
            connection.release()
        Archive(self.peer, self.not_applicable).kept(self.peer.store_all(series))
        connection = self.peer.associated(contexts, label=name, user_items=roles)
        chosen = next(c for c in contexts if c.context_id in connection.accepted and c.abstract_syntax in sop_classes)
        return Service(
            peer=connection,
            series=series,
            sop_class_uid=chosen.abstract_syntax,
            context_id=chosen.context_id,
            transfer_syntax_uid=(connection.accepted[chosen.context_id].transfer_syntax or "").strip("\0 "),
            echo_context_id=contexts[-1].context_id if contexts[-1].context_id in connection.accepted else None,
        )

    def finder(self, requirement: str) -> Service | None:
        """C-FIND, once it lists the series; None, and judged so, when it does not."""
        service = self.service("C-FIND", FIND)

        def look() -> CancelledOperation:
            return service.find(Moment.NEVER)

        seen = until(look, lambda found: len(found.exchange.pending) >= COUNT, within_s=LISTED_S)
        matches = len(seen.exchange.pending)
        if seen.exchange.status == 0 and matches >= COUNT:
            return service
        self.judge(cancellation.too_few(requirement, matches, COUNT, "matches of a C-FIND that nobody cancels"))
        return None


@pytest.fixture
def stocked(peer: Peers, instances: Instances, judge: Judge, not_applicable: NotApplicable) -> Stocked:
    """A target with a series to ask for."""
    return Stocked(peer=peer, instances=instances, judge=judge, not_applicable=not_applicable)


@pytest.mark.requirement("CAN-02", "CAN-04", "CAN-05", "CAN-11")
@pytest.mark.parametrize("moment", [Moment.WITH_REQUEST, Moment.FIRST_PENDING], ids=str)
def test_cancel_of_a_find(stocked: Stocked, judge: Judge, step: Step, moment: Moment) -> None:
    """A cancelled C-FIND stops and ends with FE00 and no identifier, unless it had already finished."""
    service = stocked.finder("CAN-04")
    if service is None:
        return
    too_late = f"{Moment.WITH_REQUEST} where {TRIES} came too late"
    step(f"C-FIND-RQ that {COUNT} instances match, C-CANCEL-RQ {moment}, {too_late}, then C-ECHO")
    # Who wins a race is nobody's fault; beside its request no C-CANCEL-RQ can come too late for a target that reads on.
    for when in (*[moment] * TRIES, Moment.WITH_REQUEST):
        operation = service.find(when)
        if operation.exchange.status != 0x0000:
            break
    judge(cancellation.judge(operation, total=COUNT))


@pytest.mark.requirement("CAN-06")
def test_cancel_after_a_find(stocked: Stocked, judge: Judge, step: Step) -> None:
    """A C-CANCEL-RQ after the final response of a C-FIND is ignored, and the next C-FIND finds everything."""
    service = stocked.finder("CAN-06")
    if service is None:
        return
    step("C-FIND to its final response, C-CANCEL-RQ that names it, C-ECHO, C-FIND")
    operation = service.find(Moment.FINAL)
    judge(cancellation.no_effect_after_the_end(operation))
    if operation.echo is not None and operation.echo.status == 0:
        judge(responses.expect(service.find(Moment.NEVER).exchange, "CAN-06", success=True))


@pytest.mark.requirement("CAN-02", "CAN-07")
def test_cancel_of_an_unknown_find(stocked: Stocked, judge: Judge, step: Step) -> None:
    """A C-CANCEL-RQ with a Message ID that is not in use does not cancel the C-FIND that runs."""
    service = stocked.finder("CAN-07")
    if service is None:
        return
    step("C-FIND-RQ, and in the same write a C-CANCEL-RQ with an unknown Message ID")
    operation = service.find(Moment.WITH_REQUEST, names=UNKNOWN_MESSAGE_ID)
    judge(cancellation.not_cancelled_by_another_id(operation))


@pytest.mark.requirement("CAN-02", "CAN-09", "CAN-10")
@pytest.mark.parametrize("moment", [Moment.BEFORE_FIRST_ANSWER, Moment.AFTER_FIRST_ANSWER], ids=str)
def test_cancel_of_a_get(stocked: Stocked, judge: Judge, step: Step, moment: Moment) -> None:
    """A cancelled C-GET ends with FE00 and coherent counts, and no C-STORE sub-operation follows."""
    service = stocked.service("C-GET", GET)
    step(f"C-GET-RQ for {COUNT} instances, C-CANCEL-RQ {moment}, every sub-operation answered with 0000, then C-ECHO")
    operation = service.get(moment)
    judge(cancellation.judge(operation, total=COUNT))


@pytest.mark.requirement("CAN-07")
def test_cancel_of_an_unknown_get(stocked: Stocked, judge: Judge, step: Step) -> None:
    """A C-CANCEL-RQ with a Message ID that is not in use does not cancel the C-GET that runs."""
    service = stocked.service("C-GET", GET)
    step(f"C-GET-RQ for {COUNT} instances, C-CANCEL-RQ with an unknown Message ID during the first sub-operation")
    operation = service.get(Moment.BEFORE_FIRST_ANSWER, names=UNKNOWN_MESSAGE_ID)
    judge(cancellation.not_cancelled_by_another_id(operation))


@pytest.mark.alone
@pytest.mark.requirement("UL-TCP-16")
def test_cancel_from_another_association(stocked: Stocked, peer: Peers, judge: Judge, step: Step) -> None:
    """A C-CANCEL-RQ does not cancel the C-GET that runs under its Message ID on another association."""
    service = stocked.service("C-GET", GET)
    alone = service.get(Moment.NEVER)
    get = (service.sop_class_uid, (service.transfer_syntax_uid,))
    other, exchange = peer.beside(contexts_of([get, (VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,))]))
    if not {1, 3} <= set(other.accepted):
        judge(interruption.not_served_beside(exchange))
        return
    step("C-GET-RQ; during its first sub-operation, on another association, a C-CANCEL-RQ that names it and a C-ECHO")
    judge(cancellation.not_cancelled_from_elsewhere(service.get_beside(other), alone))


@pytest.mark.requirement("CAN-02", "CAN-08", "CAN-10")
@pytest.mark.parametrize("moment", [Moment.WITH_REQUEST, Moment.FIRST_PENDING], ids=str)
def test_cancel_of_a_move(
    stocked: Stocked, judge: Judge, step: Step, moment: Moment, not_applicable: NotApplicable
) -> None:
    """A cancelled C-MOVE ends with FE00 and coherent counts, unless it had already finished."""
    spool = current_run().move
    if spool is None:
        not_applicable("no C-MOVE destination: give our own storage SCP with --move-aet and --move-port")
        return
    service = stocked.service("C-MOVE", MOVE)
    step(f"C-MOVE-RQ of {COUNT} instances to {spool.ae_title}, C-CANCEL-RQ {moment}, then C-ECHO")
    operation = service.move(spool.ae_title, moment)
    judge(cancellation.judge(operation, total=COUNT))
    outcome = operation.exchange.outcome
    arrived = sum(len(spool.files_of(one.sop_instance_uid)) for one in service.series)
    if isinstance(outcome, Response) and outcome.command.status == cancellation.CANCELLED:
        judge(cancellation.arrived(operation, arrived))
    for one in service.series:
        spool.forget(one.sop_instance_uid)
