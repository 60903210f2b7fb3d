"""The store: which instances there are, each with its data set as it was received."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import Enum, unique
from functools import cached_property

from conformance.standard.transfer_syntaxes import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded.elements import Elements, decode
from conformance.target.embedded.settings import DuplicatePolicy, Settings
from conformance.target.embedded.spool import Blob, Depot, Spool
from conformance.target.embedded.supported import BIG_ENDIAN
from conformance.target.embedded.walk import Encoding


@unique
class Outcome(Enum):
    """What became of an instance that was to be stored."""

    STORED = "stored"
    IDENTICAL = "identical copy already there"
    REPLACED = "stored in place of another"
    KEPT_FIRST = "another with this UID stays"
    REFUSED = "refused, another with this UID is there"
    FULL = "no room"


@dataclass(frozen=True, kw_only=True)
class StoredInstance:
    """One instance: its place in the hierarchy, and its data set as received.

    Attributes:
        patient_id: Without padding; empty where there is none.
        study_uid: Empty for a non-patient object.
        index_bytes: The elements for queries, encoded as in `transfer_syntax` but never deflated.
    """

    sop_class_uid: str
    sop_instance_uid: str
    patient_id: str
    study_uid: str
    series_uid: str
    transfer_syntax: str
    data_set: Blob
    index_bytes: bytes = field(repr=False)

    @cached_property
    def attributes(self) -> Elements:
        """The attributes for queries; not to be changed."""
        return decode(
            self.index_bytes,
            Encoding(
                explicit_vr=self.transfer_syntax != IMPLICIT_VR_LITTLE_ENDIAN,
                big_endian=self.transfer_syntax in BIG_ENDIAN,
            ),
        )


class Store:
    """All instances, by SOP Instance UID. Every method may be called from any thread.

    Args:
        settings: Limits and the duplicate policy.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.RLock()
        self._instances: dict[str, StoredInstance] = {}
        self._of_study: dict[str, dict[str, StoredInstance]] = {}
        self._bytes = 0
        self._transactions: set[str] = set()
        self.depot = Depot(
            memory_each_bytes=settings.memory_instance_bytes,
            memory_all_bytes=settings.memory_store_bytes,
            limit_each_bytes=settings.max_instance_bytes,
        )

    def new_spool(self) -> Spool:
        """A place for a data set to arrive."""
        return Spool(self.depot)

    def blob(self, data: bytes) -> Blob:
        """Bytes as a data set that can be stored."""
        spool = self.new_spool()
        spool.append(data)
        return spool.freeze()

    def put(self, instance: StoredInstance) -> Outcome:
        """Make an instance visible, or what the duplicate policy says; its data set then belongs to the store."""
        with self._lock:
            known = self._instances.get(instance.sop_instance_uid)
            outcome = self.outcome_of(known, instance)
            if outcome in (Outcome.STORED, Outcome.REPLACED):
                if known is not None and known.study_uid != instance.study_uid:
                    del self._of_study[known.study_uid][known.sop_instance_uid]
                self._instances[instance.sop_instance_uid] = instance
                self._of_study.setdefault(instance.study_uid, {})[instance.sop_instance_uid] = instance
                self._bytes += instance.data_set.size
                if known is not None:
                    self._bytes -= known.data_set.size
                    known.data_set.discard()
            else:
                instance.data_set.discard()
            return outcome

    def outcome_of(self, known: StoredInstance | None, instance: StoredInstance) -> Outcome:
        """What `put` will do with an instance, given the one that is there."""
        freed_bytes = 0 if known is None else known.data_set.size
        if self._bytes + instance.data_set.size - freed_bytes > self._settings.max_store_bytes:
            return Outcome.FULL
        if known is None:
            return Outcome.STORED
        if known.transfer_syntax == instance.transfer_syntax and known.data_set.equals(instance.data_set):
            return Outcome.IDENTICAL
        match self._settings.duplicate_policy:
            case DuplicatePolicy.REPLACE:
                return Outcome.REPLACED
            case DuplicatePolicy.KEEP:
                return Outcome.KEPT_FIRST
            case DuplicatePolicy.REFUSE:
                return Outcome.REFUSED

    def remove(self, sop_instance_uid: str) -> None:
        """Forget an instance, where there is one."""
        with self._lock:
            known = self._instances.pop(sop_instance_uid, None)
            if known is not None:
                del self._of_study[known.study_uid][sop_instance_uid]
                self._bytes -= known.data_set.size
                known.data_set.discard()

    def get(self, sop_instance_uid: str) -> StoredInstance | None:
        """The instance with that UID, or None."""
        with self._lock:
            return self._instances.get(sop_instance_uid)

    def begin(self, transaction_uid: str) -> bool:
        """Remember a transaction as under way (PS3.4 J.3.2.1.2); False when it is already."""
        with self._lock:
            if transaction_uid in self._transactions:
                return False
            self._transactions.add(transaction_uid)
            return True

    def finish(self, transaction_uid: str) -> None:
        """Forget a transaction."""
        with self._lock:
            self._transactions.discard(transaction_uid)

    def instances(self) -> tuple[StoredInstance, ...]:
        """All instances, in the order in which their UIDs first came."""
        with self._lock:
            return tuple(self._instances.values())

    def of_study(self, study_uid: str) -> tuple[StoredInstance, ...]:
        """The instances of a study, in the order in which they came to it."""
        with self._lock:
            return tuple(self._of_study.get(study_uid, {}).values())

    def close(self) -> None:
        """Forget all instances and delete their files."""
        with self._lock:
            self._instances.clear()
            self._of_study.clear()
            self.depot.close()
