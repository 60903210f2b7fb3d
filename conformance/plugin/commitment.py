"""Storage commitment as a scenario uses it: instances are asked for, and reports are waited for wherever they come."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from pydicom.dataset import Dataset

from conformance.driver.again import until
from conformance.driver.committing import Reports
from conformance.driver.edits import with_calling_ae_title
from conformance.driver.peer import Peer
from conformance.driver.sending import contexts_of
from conformance.instances.encoding import encode
from conformance.instances.instance import Instance
from conformance.observation.commitment import NO_SUCH_INSTANCE, Commitment, Reference, Report
from conformance.observation.exchanges import OperationExchange
from conformance.plugin.archive import LISTED_S, syntax_of
from conformance.plugin.fixtures import Peers
from conformance.preflight import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from conformance.readback import reports as kept
from conformance.readback.move_scp import MoveSpool
from conformance.readback.part10 import decode_data_set
from conformance.standard.sop_classes import STORAGE_COMMITMENT_INSTANCE, STORAGE_COMMITMENT_PUSH_MODEL
from conformance.wire.fragments import Message
from conformance.wire.items import Item
from conformance.wire.messages import n_action_rq
from conformance.wire.pdu import ae_title_field

REQUEST_COMMITMENT: Final = 1
"""Action Type ID (PS3.4 Table J.3-1)."""
LISTENED_S: Final = 8.0
"""How long a report is waited for where no time is claimed: the standard names none."""
_POLL_S: Final = 0.05
_CONTEXT_ID: Final = 1
_CONTEXTS: Final = contexts_of(
    [(STORAGE_COMMITMENT_PUSH_MODEL, (EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN))]
)


def references_of(instances: Iterable[Instance]) -> tuple[Reference, ...]:
    """How a request refers to instances."""
    return tuple(Reference(sop_class_uid=one.sop_class_uid, sop_instance_uid=one.sop_instance_uid) for one in instances)


def new_transaction_uid() -> str:
    """A Transaction UID of nobody else: not from the seed, as a target may remember those of an earlier run."""
    return f"2.25.{uuid.uuid4().int}"


def action_information(transaction_uid: str, references: Iterable[Reference]) -> Dataset:
    """The action information of a request (PS3.4 Table J.3-1)."""
    items = []
    for reference in references:
        item = Dataset()
        item.ReferencedSOPClassUID = reference.sop_class_uid
        item.ReferencedSOPInstanceUID = reference.sop_instance_uid
        items.append(item)
    information = Dataset()
    information.TransactionUID = transaction_uid
    information.ReferencedSOPSequence = items
    return information


class Committing:
    """An association on which commitment is asked for, and where reports on it are found.

    Args:
        connection: With an accepted context for the service.
        spool: Where reports on other associations are kept, or None.
        status: What reports on this association are answered with; None for no answer.
        besides: Earlier transactions of the scenario, whose reports are not meant.
    """

    def __init__(
        self,
        connection: Peer,
        spool: MoveSpool | None,
        *,
        status: int | None = 0x0000,
        besides: Collection[str] = (),
    ) -> None:
        self.connection = connection
        self._spool = spool
        self._besides = frozenset(besides)
        self._here = Reports(connection, status=status)
        self._transfer_syntax = syntax_of(connection, _CONTEXT_ID)

    def request(
        self,
        references: Sequence[Reference],
        *,
        transaction_uid: str,
        action_type_id: int = REQUEST_COMMITMENT,
        sop_instance_uid: str = STORAGE_COMMITMENT_INSTANCE,
    ) -> OperationExchange:
        """One N-ACTION."""
        command = n_action_rq(
            self.connection.next_message_id(),
            sop_class_uid=STORAGE_COMMITMENT_PUSH_MODEL,
            sop_instance_uid=sop_instance_uid,
            action_type_id=action_type_id,
        )
        implicit_vr = self._transfer_syntax == IMPLICIT_VR_LITTLE_ENDIAN
        encoded = encode(action_information(transaction_uid, references), implicit_vr=implicit_vr, little_endian=True)
        return self._here.request(command, encoded, context_id=_CONTEXT_ID)

    def release(self) -> None:
        """Release."""
        self._here.release()

    def reports(self, transaction_uid: str, references: Sequence[Reference]) -> tuple[Report, ...]:
        """What has come so far about a transaction, or about these instances."""
        uids = [reference.sop_instance_uid for reference in references]
        there = (
            () if self._spool is None else kept.about(self._spool.folder, transaction_uid, uids, besides=self._besides)
        )
        return (*(self._report(message, answered) for message, answered in self._here.came), *there)

    def wait(
        self, transaction_uid: str, references: Sequence[Reference], *, count: int, within_s: float, hold: bool
    ) -> float:
        """Wait until so many reports have come, or for so many seconds; how long it was.

        Args:
            transaction_uid: Of the request.
            references: Its instances.
            count: How many reports are enough.
            within_s: How long they are waited for.
            hold: Whether the association is held and listened on.
        """

        def enough() -> bool:
            return len(self.reports(transaction_uid, references)) >= count

        began_s = time.monotonic()
        if hold:
            self._here.listen(until=enough, within_s=within_s)
        while not enough() and time.monotonic() < began_s + within_s:
            time.sleep(_POLL_S)
        return time.monotonic() - began_s

    def _report(self, message: Message, answered: int | None) -> Report:
        dataset, defect = decode_data_set(message.data_set or b"", syntax_of(self.connection, message.context_id))
        return Report(
            command=message.command,
            dataset=dataset,
            defect=defect,
            same_association=True,
            calling_ae_title="",
            roles=None,
            answered=answered,
        )


class CommitmentUser:
    """Asks for storage commitment.

    Args:
        peer: Makes byte-level peers.
        not_applicable: Ends the scenario where the service is not accepted.
        spool: Our own SCP, to which reports are sent, where the target knows it.
        claimed_s: How long the target says that it takes to report; None if it does not.
    """

    def __init__(
        self, peer: Peers, not_applicable: Callable[[str], None], spool: MoveSpool | None, *, claimed_s: float | None
    ) -> None:
        self._peer = peer
        self._not_applicable = not_applicable
        self._spool = spool
        self._asked: list[str] = []
        self.within_s = LISTENED_S if claimed_s is None else claimed_s

    def is_accepted(self) -> bool:
        """Whether the target accepts the service."""
        with self._peer.associated(_CONTEXTS, label="is storage commitment accepted") as connection:
            accepted = _CONTEXT_ID in connection.accepted
            connection.release()
        return accepted

    def associated(self, *, user_items: Iterable[Item] = (), status: int | None = 0x0000) -> Committing:
        """An association with an accepted context, under the title to which reports can be sent."""
        edit = None if self._spool is None else with_calling_ae_title(ae_title_field(self._spool.ae_title))
        connection = self._peer.associated(_CONTEXTS, label="storage commitment", user_items=user_items, edit=edit)
        if _CONTEXT_ID not in connection.accepted:
            connection.release()
            self._not_applicable("the target does not accept Storage Commitment Push Model")
        return Committing(connection, self._spool, status=status, besides=self._asked)

    def commit(
        self,
        references: Sequence[Reference],
        *,
        hold: bool = False,
        answer: int | None = 0x0000,
        more: int = 0,
        linger_s: float = 0.0,
        strangers: Collection[str] = (),
    ) -> Commitment:
        """Ask, and wait for a report; asked again, for a while, of a target that may not have indexed what it stored.

        Args:
            references: The instances.
            hold: Whether the association is held until the report has come; else it is released at once.
            answer: What reports are answered with; None for no answer.
            more: How many further reports are waited for.
            linger_s: How long they are.
            strangers: SOP Instance UIDs that the target does not have.
        """

        def knows_all(made: Commitment) -> bool:
            unknown = {
                one.sop_instance_uid
                for report in made.reports
                for one in report.failed
                if one.failure_reason == NO_SUCH_INSTANCE
            }
            return unknown <= set(strangers)

        return until(
            lambda: self._commit(references, hold=hold, answer=answer, more=more, linger_s=linger_s),
            knows_all,
            within_s=LISTED_S,
        )

    def _commit(
        self, references: Sequence[Reference], *, hold: bool, answer: int | None, more: int, linger_s: float
    ) -> Commitment:
        transaction_uid = new_transaction_uid()
        if self._spool is not None and answer != 0x0000:
            kept.answer_with(self._spool.folder, transaction_uid, answer)
        association = self.associated(status=answer)
        exchange = association.request(references, transaction_uid=transaction_uid)
        if not hold:
            association.release()
        waited_s = 0.0
        if exchange.status == 0x0000:
            waited_s = association.wait(transaction_uid, references, count=1, within_s=self.within_s, hold=hold)
        if more and association.reports(transaction_uid, references):
            waited_s += association.wait(transaction_uid, references, count=1 + more, within_s=linger_s, hold=hold)
        if hold:
            association.release()
        self._asked.append(transaction_uid)
        return Commitment(
            transaction_uid=transaction_uid,
            references=tuple(references),
            exchange=exchange,
            reports=association.reports(transaction_uid, references),
            waited_s=waited_s,
        )
