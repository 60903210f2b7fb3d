"""Oddities of time, windows, cancellation and query/retrieve."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from conformance.standard import sop_classes
from conformance.target.embedded import qr_service, retrieve
from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.dimse import discard
from conformance.target.embedded.elements import Elements
from conformance.target.embedded.keys import COUNTED
from conformance.target.embedded.negotiation import ABSTRACT_SYNTAX_NOT_SUPPORTED, Roles
from conformance.target.embedded.query import Query
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from conformance.target.embedded.supported import SERVICES, Service
from conformance.wire.command import CommandField, CommandSet
from conformance.wire.items import ContextResult, Item, ItemType, ProposedContext, decode_items, user_information_item
from conformance.wire.pdu import Associate
from tests.odd.registry import odd

_WINDOW: Final = 5
_CANCELLABLE: Final = (CommandField.C_FIND_RQ, CommandField.C_GET_RQ, CommandField.C_MOVE_RQ)
_GATHER_S: Final = 0.2
_STORE_S: Final = 1.0
_ASSOCIATE_S: Final = 0.5
_INDEX_S: Final = 2.0
_PATIENT_ROOT: Final = frozenset(
    (sop_classes.PATIENT_ROOT_FIND, sop_classes.PATIENT_ROOT_GET, sop_classes.PATIENT_ROOT_MOVE)
)


def _window_item(invoked: int) -> Item:
    return Item(item_type=ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW, body=struct.pack(">HH", invoked, 1))


def _agreed_window(request: Associate) -> int:
    proposed = request.asynchronous_operations_window
    return 1 if proposed is None else min(proposed[0] or _WINDOW, _WINDOW)


@odd("out-of-order-in-a-window", clause="PS3.7 D.3.3.3")
class OutOfOrderInAWindow(Behaviour):
    """A window of up to five is agreed to, and what waits is answered in the reverse of its order."""

    def associate_ac(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles], settings: Settings
    ) -> Associate:
        accept = super().associate_ac(request, results, roles, settings)
        if request.asynchronous_operations_window is None:
            return accept
        *others, user = accept.items
        sub_items = (*decode_items(user.body, base=0), _window_item(_agreed_window(request)))
        return Associate(
            pdu_type=accept.pdu_type,
            called_ae_title=accept.called_ae_title,
            calling_ae_title=accept.calling_ae_title,
            reserved_43_74=accept.reserved_43_74,
            items=(*others, user_information_item(sub_items)),
        )

    def perform(self, association: Association, request: Request) -> None:
        if _agreed_window(association.request) > 1:
            end_s = time.monotonic() + _GATHER_S
            while association.established and time.monotonic() < end_s:
                association.poll(max(0.0, end_s - time.monotonic()))
            while association.inbox:
                later = association.inbox.pop()
                super().perform(association, later)
                discard(later)
        super().perform(association, request)


@odd("slow", clause="no clause limits the time of an answer")
class Slow(Behaviour):
    """An association takes half a second to be accepted, a C-STORE a second to be answered."""

    def context_results(self, request: Associate) -> list[ContextResult]:
        time.sleep(_ASSOCIATE_S)
        return super().context_results(request)

    def answer_store(self, association: Association, request: Request) -> Answer:
        answer = super().answer_store(association, request)
        time.sleep(_STORE_S)
        return answer


@odd("aborts-on-a-stray-cancel", clause="PS3.7 Table 7.5-2, 9.3.2.3: no effect is defined")
class AbortsOnAStrayCancel(Behaviour):
    """A C-CANCEL that names no C-FIND, C-GET or C-MOVE ends the association, as in real systems."""

    def __init__(self) -> None:
        self._named: dict[int, set[int | None]] = {}

    def on_message(self, association: Association, message: Request) -> None:
        if message.command.command_field in _CANCELLABLE:
            self._named.setdefault(id(association), set()).add(message.command.message_id)
        super().on_message(association, message)

    def on_cancel(self, association: Association, command: CommandSet) -> None:
        super().on_cancel(association, command)
        if command.message_id_being_responded_to not in self._named.get(id(association), ()):
            association.abort()

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._named.pop(id(association), None)


@odd("finds-before-it-listens", clause="PS3.4 C.4.1.3: a cancel counts when it is received before the end")
class FindsBeforeItListens(Behaviour):
    """The matches of a C-FIND are all sent before anything is read, so that a C-CANCEL comes too late."""

    def __init__(self) -> None:
        self._finding: set[int] = set()

    def find(self, association: Association, request: Request) -> None:
        self._finding.add(id(association))
        try:
            super().find(association, request)
        finally:
            self._finding.discard(id(association))

    def on_cancel(self, association: Association, command: CommandSet) -> None:
        if id(association) not in self._finding:
            super().on_cancel(association, command)


class _Without(Behaviour):
    """Does not know some services."""

    unknown: frozenset[Service] = frozenset()

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        if SERVICES.get(proposed.abstract_syntax) not in self.unknown:
            return super().negotiate_context(request, item, proposed)
        return ContextResult(
            context_id=proposed.context_id,
            result=ABSTRACT_SYNTAX_NOT_SUPPORTED,
            transfer_syntaxes=proposed.transfer_syntaxes[:1],
        )

    def granted_roles(self, request: Associate) -> dict[str, Roles]:
        roles = super().granted_roles(request)
        return {uid: role for uid, role in roles.items() if SERVICES.get(uid) not in self.unknown}


@odd("no-query-no-retrieve", clause="PS3.4 B.4: storage is a service of its own")
class NoQueryNoRetrieve(_Without):
    """There is no C-FIND, no C-GET and no C-MOVE."""

    unknown = frozenset((Service.FIND, Service.GET, Service.MOVE))


@odd("no-commitment", clause="PS3.4 J.1: storage commitment is a service of its own")
class NoCommitment(_Without):
    """Storage commitment is not accepted."""

    unknown = frozenset((Service.COMMITMENT,))


@odd("find-only", clause="PS3.4 C.4.1")
class FindOnly(_Without):
    """There is C-FIND, but no retrieval."""

    unknown = frozenset((Service.GET, Service.MOVE))


@odd("move-without-get", clause="PS3.4 C.4.2")
class MoveWithoutGet(_Without):
    """There is no C-GET."""

    unknown = frozenset((Service.GET,))


@odd("get-without-find", clause="PS3.4 C.4.3")
class GetWithoutFind(_Without):
    """There is C-GET, but no C-FIND and no C-MOVE."""

    unknown = frozenset((Service.FIND, Service.MOVE))


@odd("patient-root-only", clause="PS3.4 C.6.1")
class PatientRootOnly(Behaviour):
    """Queries and retrievals are of the Patient Root model only."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        service = SERVICES.get(proposed.abstract_syntax)
        if service in (None, Service.STORAGE, Service.VERIFICATION) or proposed.abstract_syntax in _PATIENT_ROOT:
            return super().negotiate_context(request, item, proposed)
        return ContextResult(
            context_id=proposed.context_id,
            result=ABSTRACT_SYNTAX_NOT_SUPPORTED,
            transfer_syntaxes=proposed.transfer_syntaxes[:1],
        )


@odd("late-index", clause="PS3.4 B.2.2: when an instance can be queried is not fixed")
class LateIndex(Behaviour):
    """Queries and retrievals see an instance two seconds after it was stored."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen_s: dict[str, float] = {}

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        outcome = super().store_instance(store, instance)
        with self._lock:
            self._seen_s.setdefault(instance.sop_instance_uid, time.monotonic())
        return outcome

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        known = self._known(association.store.instances())
        for match in super().find_matches(association, query):
            element = match.get(0x0008_0018)
            if element is None or element.value.decode("ascii").rstrip("\0 ") in known:
                yield match

    def select_instances(self, association: Association, query: Query) -> Sequence[StoredInstance]:
        known = self._known(association.store.instances())
        return [i for i in super().select_instances(association, query) if i.sop_instance_uid in known]

    def _known(self, instances: Sequence[StoredInstance]) -> set[str]:
        before_s = time.monotonic() - _INDEX_S
        with self._lock:
            return {i.sop_instance_uid for i in instances if self._seen_s.get(i.sop_instance_uid, 0.0) <= before_s}


@odd("counts-left-out", clause="PS3.4 C.3.4, C.2.2.1.3: numbers of related entities are optional keys")
class CountsLeftOut(Behaviour):
    """Numbers of related entities are not supported, and so not returned."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        for match in super().find_matches(association, query):
            yield {tag: element for tag, element in match.items() if tag not in COUNTED}


@odd("pending-with-ff01", clause="PS3.4 Table C.4-1")
class PendingWithFf01(Behaviour):
    """Every pending response to a C-FIND is FF01: of some optional key it is not sure."""

    def build_response(self, request: Request, answer: Answer, *, data_set: bool) -> CommandSet:
        if request.command.command_field == CommandField.C_FIND_RQ and answer == qr_service.PENDING:
            answer = qr_service.PENDING_UNSUPPORTED_KEYS
        return super().build_response(request, answer, data_set=data_set)


@odd("no-pending-in-retrievals", clause="PS3.7 9.1.3.1, PS3.4 C.4.3.3: pending responses are optional")
class NoPendingInRetrievals(Behaviour):
    """C-GET and C-MOVE are answered once, at the end."""

    def encode_message(
        self, command: CommandSet, data_set: bytes | Blob | None, context_id: int, max_pdu_bytes: int
    ) -> Iterable[bytes | memoryview]:
        retrieval = command.command_field in (CommandField.C_GET_RSP, CommandField.C_MOVE_RSP)
        if retrieval and command.status == retrieve.PENDING:
            return ()
        return super().encode_message(command, data_set, context_id, max_pdu_bytes)
