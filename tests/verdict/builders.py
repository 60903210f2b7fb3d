"""Hand-written observations: transcripts put together from PDUs, and exchanges around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Self

from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.outcomes import Accepted, AssociationOutcome, Response, ResponseOutcome
from conformance.observation.transcript import EventKind, Transcript, WireEvent
from conformance.verdict.finding import Finding, Verdict
from conformance.verdict.passive import judge_transcripts
from conformance.wire import items, messages
from conformance.wire.command import CommandSet, Tag, command_set
from conformance.wire.fragments import message_bytes
from conformance.wire.items import ContextResult, Item, ProposedContext
from conformance.wire.pdu import Associate, PDataTF, Pdu, PduType, Pdv, ae_title_field

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
JPEG = "1.2.840.10008.1.2.4.50"
VERIFICATION = "1.2.840.10008.1.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
STUDY_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
STUDY_ROOT_GET = "1.2.840.10008.5.1.4.1.2.2.3"
INSTANCE = "1.2.826.0.1.3680043.8.498.1"
DATA = bytes(range(64))

CT_CONTEXT = ProposedContext(context_id=1, abstract_syntax=CT, transfer_syntaxes=(IMPLICIT,))
ECHO_CONTEXT = ProposedContext(context_id=3, abstract_syntax=VERIFICATION, transfer_syntaxes=(IMPLICIT,))
CONTEXTS = (CT_CONTEXT, ECHO_CONTEXT)


class Wire:
    """A transcript that is written down event by event, 10 ms apart."""

    def __init__(self, label: str = "1 test") -> None:
        self.transcript = Transcript(label=label, peer="PACS@127.0.0.1:104")
        self.event(EventKind.CONNECTED)

    def event(self, kind: EventKind, data: bytes = b"") -> Self:
        """Anything that can happen."""
        self.transcript.events.append(WireEvent(t_s=0.01 * len(self.transcript.events), kind=kind, data=data))
        return self

    def sent(self, *pdus: Pdu | bytes) -> Self:
        """What we sent."""
        for pdu in pdus:
            self.event(EventKind.SENT, pdu if isinstance(pdu, bytes) else pdu.encode())
        return self

    def received(self, *pdus: Pdu | bytes) -> Self:
        """What the target sent."""
        for pdu in pdus:
            self.event(EventKind.RECEIVED, pdu if isinstance(pdu, bytes) else pdu.encode())
        return self

    def associated(
        self,
        contexts: Sequence[ProposedContext] = CONTEXTS,
        *,
        max_pdu_bytes: int = 16384,
        user_items: Sequence[Item] = (),
    ) -> Self:
        """An association, requested and accepted as it should be."""
        return self.sent(request(contexts, max_pdu_bytes=max_pdu_bytes, user_items=user_items)).received(
            accept(contexts)
        )

    def ask(self, command: CommandSet, data_set: bytes | None = None, *, context_id: int = 1) -> Self:
        """A message of ours."""
        return self.sent(message_bytes(command, data_set, context_id=context_id, max_pdu_bytes=16384))

    def answer(
        self, command: CommandSet, data_set: bytes | None = None, *, context_id: int = 1, max_pdu_bytes: int = 16384
    ) -> Self:
        """A message of the target's."""
        return self.received(message_bytes(command, data_set, context_id=context_id, max_pdu_bytes=max_pdu_bytes))

    def store(self, status: int = 0, *, message_id: int = 1, extra: Mapping[int, bytes] | None = None) -> Self:
        """A C-STORE and its response."""
        command = store_rq(message_id)
        return self.ask(command, DATA).answer(messages.response(command, status=status, extra=extra))


def request(
    contexts: Sequence[ProposedContext] = CONTEXTS, *, max_pdu_bytes: int = 16384, user_items: Sequence[Item] = ()
) -> Associate:
    """A well-formed A-ASSOCIATE-RQ of ours."""
    return Associate(
        pdu_type=PduType.A_ASSOCIATE_RQ,
        called_ae_title=ae_title_field("PACS"),
        calling_ae_title=ae_title_field("CONFORMANCE"),
        items=(
            items.application_context_item(),
            *(items.proposed_context_item(c) for c in contexts),
            items.user_information_item(
                (items.maximum_length_item(max_pdu_bytes), items.implementation_class_uid_item("1.2.3"), *user_items)
            ),
        ),
    )


def accept(
    contexts: Sequence[ProposedContext] = CONTEXTS,
    *,
    results: Sequence[ContextResult] | None = None,
    user_items: Sequence[Item] | None = None,
) -> Associate:
    """A well-formed A-ASSOCIATE-AC of the target's: all contexts accepted with their first transfer syntax."""
    if results is None:
        results = [result(c.context_id, c.transfer_syntaxes[0]) for c in contexts]
    if user_items is None:
        user_items = (items.maximum_length_item(16384), items.implementation_class_uid_item("1.2.276.0.7230010.3.0"))
    return Associate(
        pdu_type=PduType.A_ASSOCIATE_AC,
        called_ae_title=ae_title_field("PACS"),
        calling_ae_title=ae_title_field("CONFORMANCE"),
        items=(
            items.application_context_item(),
            *(items.context_result_item(r) for r in results),
            items.user_information_item(user_items),
        ),
    )


def result(context_id: int, *transfer_syntaxes: str, code: int = 0) -> ContextResult:
    """A context's result."""
    return ContextResult(context_id=context_id, result=code, transfer_syntaxes=transfer_syntaxes)


def store_rq(message_id: int = 1, *, sop_class_uid: str = CT, sop_instance_uid: str = INSTANCE) -> CommandSet:
    """A well-formed C-STORE-RQ."""
    return messages.c_store_rq(message_id, sop_class_uid=sop_class_uid, sop_instance_uid=sop_instance_uid)


def association(
    outcome: AssociationOutcome, *, proposed: Sequence[ProposedContext] = CONTEXTS, wire: Wire | None = None
) -> AssociationExchange:
    """An association request and what came."""
    return AssociationExchange(
        proposed=tuple(proposed), outcome=outcome, transcript=(wire or Wire().sent(request(proposed))).transcript
    )


def accepted(
    *results: ContextResult, proposed: Sequence[ProposedContext] = CONTEXTS, items_of: Associate | None = None
) -> AssociationExchange:
    """An accepted association with these results; all contexts accepted when none is given."""
    answer = items_of or accept(proposed, results=results or None)
    return association(
        Accepted(associate=answer), proposed=proposed, wire=Wire().sent(request(proposed)).received(answer)
    )


def response(
    status: int | None, *, to: CommandSet | None = None, extra: Mapping[int, bytes] | None = None, t_s: float = 1.0
) -> Response:
    """A response to a C-STORE-RQ, or to another request."""
    command = messages.response(to or store_rq(), status=status or 0, extra=extra)
    if status is None:
        command = without(command, 0x0900)
    return Response(context_id=1, command=command, data_set=None, t_s=t_s, after_s=0.1)


def without(command: CommandSet, *tags: int) -> CommandSet:
    """A command set without some elements, its group length as it was."""
    return replace(command, elements=tuple(e for e in command.elements if e.tag not in tags))


def operation(
    outcome: ResponseOutcome,
    *,
    request_command: CommandSet | None = None,
    complete: bool = True,
    pending: Sequence[Response] = (),
    wire: Wire | None = None,
) -> OperationExchange:
    """A request, a C-STORE-RQ when nothing else is said, and what came."""
    return OperationExchange(
        request=request_command or store_rq(),
        context_id=1,
        outcome=outcome,
        transcript=(wire or Wire()).transcript,
        pending=tuple(pending),
        complete=complete,
    )


def pdvs(*parts: tuple[int, int, bytes]) -> PDataTF:
    """One P-DATA-TF from context ids, message control headers and fragments."""
    return PDataTF(pdvs=tuple(Pdv(context_id=c, control=control, fragment=data) for c, control, data in parts))


def judged(wire: Wire) -> dict[str, Finding]:
    """What the passive judges find on one connection, by requirement."""
    return {finding.requirement: finding for finding in judge_transcripts((), (), (wire.transcript,))}


def deviations(wire: Wire) -> dict[str, Verdict]:
    """Every requirement that did not pass, with its verdict."""
    return {f.requirement: f.verdict for f in judged(wire).values() if f.verdict is not Verdict.PASS}


def edited(command: CommandSet, changes: dict[int, bytes | None]) -> CommandSet:
    """A command set with other elements, in order and with the right group length."""
    values = {e.tag: e.value for e in command.elements if e.tag != Tag.COMMAND_GROUP_LENGTH} | changes
    return command_set((tag, value) for tag, value in values.items() if value is not None)
