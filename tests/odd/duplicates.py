"""Oddities of a second instance under a known SOP Instance UID: no clause fixes what becomes of it."""

from __future__ import annotations

import threading
from typing import Final, Self

from conformance.target.embedded.answer import SUCCESS, Answer
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import DuplicatePolicy, Settings
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from tests.odd.registry import odd

_REFUSE: Final = Settings(duplicate_policy=DuplicatePolicy.REFUSE)
_KEEP: Final = Settings(duplicate_policy=DuplicatePolicy.KEEP)


@odd("refuses-duplicates", clause="no clause fixes it; PS3.4 Table B.2-1", settings=_REFUSE)
class RefusesDuplicates(Behaviour):
    """A duplicate with other content is refused with C0F0."""


class _Known(Behaviour):
    """Answers every duplicate alike and keeps the first copy."""

    answer = SUCCESS

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        with self._lock:
            if store.get(instance.sop_instance_uid) is None:
                return super().store_instance(store, instance)
        instance.data_set.discard()
        return Outcome.KEPT_FIRST

    def answer_of_outcome(self, outcome: Outcome) -> Answer:
        return self.answer if outcome is Outcome.KEPT_FIRST else super().answer_of_outcome(outcome)


@odd("keeps-the-first-with-0000", clause="no clause fixes it")
class KeepsTheFirstWith0000(_Known):
    """A duplicate is answered with 0000, and the first copy stays."""


@odd("keeps-the-first-with-b007", clause="no clause fixes it; PS3.4 Table B.2-1")
class KeepsTheFirstWithB007(_Known):
    """A duplicate is answered with B007, and the first copy stays."""

    answer = Answer(status=0xB007)


@odd("keeps-the-first-with-b000", clause="no clause fixes it; PS3.4 Table B.2-1", settings=_KEEP)
class KeepsTheFirstWithB000(Behaviour):
    """A duplicate with other content is answered with B000, and the first copy stays."""


@odd("refuses-copies-with-a900", clause="no clause fixes it; PS3.4 Table B.2-1")
class RefusesCopiesWithA900(_Known):
    """A duplicate is refused with A900, even an identical one."""

    answer = Answer(status=0xA900)


@odd("refuses-copies-with-0111", clause="PS3.7 C.5.7, of other services; real systems send it")
class RefusesCopiesWith0111(_Known):
    """A duplicate is refused with 0111, even an identical one."""

    answer = Answer(status=0x0111)


def _place(instance: StoredInstance) -> tuple[str, ...]:
    return (instance.patient_id, instance.study_uid, instance.series_uid, instance.sop_class_uid)


class _KeepsBoth(Store):
    def put(self, instance: StoredInstance) -> Outcome:
        with self._lock:
            known = self._instances.get(instance.sop_instance_uid)
            if known is None or _place(known) == _place(instance):
                return super().put(instance)
            key = " ".join((instance.sop_instance_uid, *_place(instance)))
            before = self._instances.get(key)
            self._instances[key] = instance
            if before is not None:
                before.data_set.discard()
            return Outcome.STORED


class _TwoPlaces(EmbeddedPacs):
    def start(self) -> Self:
        self.store = _KeepsBoth(self.settings)
        return super().start()


@odd("keeps-copies-of-other-places", clause="no clause fixes it; PS3.4 C.2.2.1.1", pacs=_TwoPlaces)
class KeepsCopiesOfOtherPlaces(Behaviour):
    """A copy under another patient, study, series or SOP class is stored beside the first one."""
