"""Everything the PACS decides, one small method each; a PACS with one fault overrides one of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from conformance.standard.upper_layer import (
    ACCEPTOR_TABLE,
    AbortReason,
    AbortSource,
    Event,
    State,
    Transition,
)
from conformance.target.embedded import (
    commit_service,
    commitment,
    dimse,
    negotiation,
    qr_service,
    retrieve,
    store_service,
    transcode,
)
from conformance.target.embedded import query as query_of
from conformance.target.embedded.answer import (
    SUCCESS,
    UNRECOGNIZED_OPERATION,
    Answer,
    RefusedError,
    is_failure,
    response_command,
)
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.commitment import CommitRequest, Reference, Report
from conformance.target.embedded.connection import Frame
from conformance.target.embedded.elements import Elements
from conformance.target.embedded.encoding import message_parts
from conformance.target.embedded.happening import Happening, happening_of
from conformance.target.embedded.negotiation import Context, Roles
from conformance.target.embedded.query import Query
from conformance.target.embedded.retrieve import Progress, Result, Route
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from conformance.wire.command import CommandField, CommandSet
from conformance.wire.items import ContextResult, Item, ItemType, ProposedContext
from conformance.wire.pdu import AbortPdu, Associate, AssociateRJ, Pdu, Pdv, ReleaseRP

log = logging.getLogger(__name__)


class Behaviour:
    """The conformant answers. Methods that return None for a PDU or a result leave it out."""

    # The upper layer

    def transition(self, state: State, event: Event) -> Transition | None:
        """The cell of PS3.8 Table 9-10; None passes over an event that came too late to matter."""
        return ACCEPTOR_TABLE.get((state, event))

    def artim_s(self, state: State, settings: Settings) -> float:
        """How long ARTIM runs in Sta2 or Sta13, in seconds."""
        return settings.artim_s

    def on_frame(self, state: State, frame: Frame) -> Happening | None:
        """What a PDU means to the state machine; None passes over it."""
        return happening_of(frame)

    def encode_pdu(self, pdu: Pdu) -> bytes:
        """The bytes of a PDU other than P-DATA-TF."""
        return pdu.encode()

    def abort_pdu(self, source: AbortSource, reason: AbortReason) -> AbortPdu | None:
        """The A-ABORT that is sent."""
        return AbortPdu(source=source, reason=reason)

    def release_rp(self) -> ReleaseRP | None:
        """The A-RELEASE-RP that is sent."""
        return ReleaseRP()

    # Negotiation

    def provider_rejection(self, request: Associate) -> AssociateRJ | None:
        """Why the provider rejects a request, or None."""
        return negotiation.provider_rejection(request)

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        """Why the user rejects a request, or None."""
        return negotiation.user_rejection(request, settings)

    def peer_max_pdu_bytes(self, request: Associate) -> int:
        """The longest P-DATA-TF that we send; 0 is no limit."""
        return negotiation.peer_max_pdu_bytes(request)

    def negotiate_context(
        self,
        request: Associate,
        item: Item,
        proposed: ProposedContext,
    ) -> ContextResult | None:
        """The result for one proposed context."""
        return negotiation.judge_context(item, proposed)

    def context_results(self, request: Associate) -> list[ContextResult]:
        """The results for all proposed contexts, in the request's order."""
        items = [item for item in request.items if item.item_type == ItemType.PRESENTATION_CONTEXT_RQ]
        judged = (
            self.negotiate_context(request, item, proposed)
            for item, proposed in zip(items, request.proposed_contexts, strict=True)
        )
        return [result for result in judged if result is not None]

    def granted_roles(self, request: Associate) -> dict[str, Roles]:
        """The role selections that are answered."""
        return negotiation.granted_roles(negotiation.proposed_roles(request))

    def associate_ac(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles], settings: Settings
    ) -> Associate:
        """The A-ASSOCIATE-AC."""
        return negotiation.associate_ac(request, results, roles, settings)

    def accepted_contexts(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles]
    ) -> dict[int, Context]:
        """The contexts that can then be used."""
        return negotiation.accepted_contexts(request, results, roles)

    # Messages

    def on_established(self, association: Association) -> None:
        """The A-ASSOCIATE-AC was sent."""

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        """A presentation data value came."""
        association.receive(pdv)

    def on_command(self, association: Association, context: Context, command: CommandSet) -> None:
        """A command set came whose data set is still to come; an answer here is an early one."""

    def on_message(self, association: Association, message: Request) -> None:
        """A message is complete."""
        dimse.sort_message(association, message)

    def on_cancel(self, association: Association, command: CommandSet) -> None:
        """A C-CANCEL came."""
        dimse.note_cancel(association, command)

    def on_association_end(self, association: Association) -> None:
        """The association is over, in whatever way; a message may have come in part."""
        association.assembler.discard()

    def encode_message(
        self, command: CommandSet, data_set: bytes | Blob | None, context_id: int, max_pdu_bytes: int
    ) -> Iterable[bytes | memoryview]:
        """The P-DATA-TF PDUs of a message."""
        return message_parts(command, data_set, context_id, max_pdu_bytes)

    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        """The command set of a response."""
        return response_command(request.command, answer, data_set=data_set)

    def is_agreed(self, request: Request) -> bool:
        """Whether an operation may be performed on its context."""
        return dimse.is_agreed(request)

    def perform(self, association: Association, request: Request) -> None:
        """Perform one request and send all its responses."""
        if not self.is_agreed(request):
            association.respond(request, UNRECOGNIZED_OPERATION)
            return
        match request.command.command_field:
            case CommandField.C_ECHO_RQ:
                association.respond(request, self.answer_echo(association, request))
            case CommandField.C_STORE_RQ:
                association.respond(request, self.answer_store(association, request))
            case CommandField.C_FIND_RQ:
                self.guarded(self.find, association, request)
            case CommandField.C_GET_RQ:
                self.guarded(self.get, association, request)
            case CommandField.C_MOVE_RQ:
                self.guarded(self.move, association, request)
            case CommandField.N_ACTION_RQ:
                self.guarded(self.commit, association, request, trouble=0x0110)

    def guarded(
        self,
        operation: Callable[[Association, Request], None],
        association: Association,
        request: Request,
        *,
        trouble: int = 0xC003,
    ) -> None:
        """Perform an operation; what refuses it is answered, and what goes wrong in it with the failure for trouble."""
        try:
            operation(association, request)
        except RefusedError as refused:
            association.respond(request, refused.answer)
        except Exception:
            log.exception("message %s", request.command.message_id)
            association.respond(request, Answer(status=trouble, comment="Unforeseen trouble"))

    # Services

    def answer_echo(self, association: Association, request: Request) -> Answer:
        """What a C-ECHO is answered with."""
        return SUCCESS

    def answer_store(self, association: Association, request: Request) -> Answer:
        """What a C-STORE is answered with; the instance is stored when this returns Success or Warning."""
        fixed = association.settings.store_status
        if fixed is not None and is_failure(fixed):
            return Answer(status=fixed)
        try:
            answer = self.store(association, request)
        except RefusedError as refused:
            return refused.answer
        except OSError as error:
            return Answer(status=0xA700, comment=f"Out of resources: {error.strerror}")
        except Exception:
            log.exception("C-STORE of %s", request.command.affected_sop_instance_uid)
            return Answer(status=0xC003, comment="Unforeseen trouble while storing")
        return answer if fixed is None else Answer(status=fixed)

    def store(self, association: Association, request: Request) -> Answer:
        """Check an instance and store it.

        Raises:
            RefusedError: It is not acceptable, and not stored.
            OSError: There is no room.
        """
        self.check_command(request)
        data_set = self.data_set_of(association, request)
        kept = False
        try:
            instance = self.instance_of(request, data_set)
            outcome = self.store_instance(association.store, instance)
            kept = True
        finally:
            if not kept:
                data_set.discard()
        return self.answer_of_outcome(outcome)

    def data_set_of(self, association: Association, request: Request) -> Blob:
        """The data set of a C-STORE-RQ as it is kept."""
        assert request.data_set is not None
        return request.data_set.freeze()

    def check_command(self, request: Request) -> None:
        """Look at a C-STORE-RQ's command set; see `store_service.check_command`."""
        store_service.check_command(request)

    def instance_of(self, request: Request, data_set: Blob) -> StoredInstance:
        """Look at a data set; see `store_service.examine` and `instance_of`."""
        return store_service.instance_of(
            request, data_set, store_service.examine(data_set, request.context.transfer_syntax)
        )

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        """Make an instance visible."""
        return store.put(instance)

    def answer_of_outcome(self, outcome: Outcome) -> Answer:
        """What a C-STORE is answered with, given what became of the instance."""
        return store_service.answer_of(outcome)

    def find(self, association: Association, request: Request) -> None:
        """Perform a C-FIND."""
        qr_service.find(association, request)

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        """The identifiers that a C-FIND is answered with."""
        return query_of.find(query_of.candidates(association.store, query), query, association.settings.ae_title)

    def get(self, association: Association, request: Request) -> None:
        """Perform a C-GET."""
        qr_service.get(association, request)

    def move(self, association: Association, request: Request) -> None:
        """Perform a C-MOVE."""
        qr_service.move(association, request)

    def select_instances(self, association: Association, query: Query) -> Sequence[StoredInstance]:
        """The instances that a C-GET or C-MOVE is about."""
        return query_of.select(query_of.candidates(association.store, query), query)

    def context_for(self, instance: StoredInstance, contexts: Iterable[Context]) -> Context | None:
        """The context on which a sub-operation sends an instance, or None."""
        return retrieve.context_for(instance, contexts)

    def data_set_in(self, instance: StoredInstance, transfer_syntax: str) -> bytes | Blob:
        """An instance's data set as it is sent; see `transcode.data_set_in`."""
        return transcode.data_set_in(instance, transfer_syntax)

    def sub_operation_command(self, association: Association, request: Request, instance: StoredInstance) -> CommandSet:
        """The C-STORE-RQ of a sub-operation."""
        moved = request.command.command_field == CommandField.C_MOVE_RQ
        originator = (association.calling_ae_title, request.command.message_id or 0) if moved else None
        return retrieve.store_command(association, request, instance, move_originator=originator)

    def sub_operation(
        self, association: Association, request: Request, route: Route, instance: StoredInstance
    ) -> Result:
        """Perform one sub-operation."""
        return retrieve.sub_operation(association, request, route, instance)

    def retrieve_answer(self, status: int, progress: Progress) -> Answer:
        """A response to C-GET or C-MOVE with its counts."""
        return retrieve.answer_of(status, progress)

    def final_retrieve_status(self, progress: Progress, *, cancelled: bool) -> int:
        """How a C-GET or C-MOVE ends."""
        return retrieve.final_status(progress, cancelled=cancelled)

    def failed_list(self, progress: Progress) -> Elements | None:
        """The identifier of the last response to a C-GET or C-MOVE, or None."""
        return retrieve.failed_list(progress)

    def commit(self, association: Association, request: Request) -> None:
        """Perform an N-ACTION of storage commitment."""
        commit_service.commit(association, request)

    def answer_action(self, association: Association, request: Request) -> Answer:
        """What an N-ACTION is answered with; see `commitment.check_action`."""
        return commitment.check_action(request)

    def failure_reason(self, association: Association, reference: Reference) -> int | None:
        """Why an instance is not kept, or None."""
        return commitment.failure_reason(association.store, reference)

    def report_of(self, association: Association, asked: CommitRequest, *, in_use: bool) -> Report:
        """What becomes of a commitment request, whose Transaction UID may be in use."""
        return commit_service.report_of(association, asked, in_use=in_use)

    def deliver(self, association: Association, context: Context, report: Report) -> None:
        """Send the N-EVENT-REPORT of a commitment request."""
        commit_service.deliver(association, context, report)

    def report_elements(self, report: Report) -> Elements:
        """The event information of an N-EVENT-REPORT."""
        return commitment.report_elements(report)

    def report_roles(self) -> tuple[Item, ...]:
        """The role selection on an association that reports."""
        return commit_service.roles()

    def report_ae_title(self, association: Association) -> str:
        """Who calls on an association that reports."""
        return association.settings.ae_title
