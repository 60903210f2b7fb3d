"""Faults that a second instance under a known SOP Instance UID brings out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from conformance.target.embedded.answer import Answer, is_failure
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element, Elements, decode
from conformance.target.embedded.query import Query, encoding_of
from conformance.target.embedded.settings import DuplicatePolicy, Settings
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from tests.faulty.editing import PIXEL_DATA, edited
from tests.faulty.registry import fault

_SOP_INSTANCE_UID: Final = 0x0008_0018
_KEEPS: Final = Settings(duplicate_policy=DuplicatePolicy.KEEP)


def _is_known(association: Association, request: Request) -> bool:
    return association.store.get(request.command.affected_sop_instance_uid or "") is not None


def _uid_of(match: Elements) -> str:
    element = match.get(_SOP_INSTANCE_UID)
    return "" if element is None else element.value.decode("ascii").rstrip("\0 ")


@fault("lists-a-duplicate-twice", catches=("DUP-01", "DUP-02"))
class ListsADuplicateTwice(Behaviour):
    """A duplicate makes a second entry in the index."""

    def __init__(self) -> None:
        self._twice: set[str] = set()

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        if store.get(instance.sop_instance_uid) is not None:
            self._twice.add(instance.sop_instance_uid)
        return super().store_instance(store, instance)

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        for match in super().find_matches(association, query):
            yield match
            if _uid_of(match) in self._twice:
                yield match


@fault("stores-a-mixture", catches=("DUP-02", "DUP-03"))
class StoresAMixture(Behaviour):
    """A duplicate replaces the header and leaves the pixel data."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        known = store.get(instance.sop_instance_uid)
        if known is not None:
            first = decode(known.data_set.read(), encoding_of(known.transfer_syntax))

            def keep_pixels(elements: dict[int, Element]) -> None:
                elements[PIXEL_DATA] = first[PIXEL_DATA]

            instance = edited(store, instance, keep_pixels)
        return super().store_instance(store, instance)


class _Forgets(Behaviour):
    """Forgets the first copy when a second one comes."""

    status = 0xC0F0

    def __init__(self) -> None:
        self._forgotten: set[str] = set()

    def answer_store(self, association: Association, request: Request) -> Answer:
        if not _is_known(association, request):
            return super().answer_store(association, request)
        self._forgotten.add(request.command.affected_sop_instance_uid or "")
        return Answer(status=self.status)

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        for match in super().find_matches(association, query):
            if _uid_of(match) not in self._forgotten:
                yield match

    def select_instances(self, association: Association, query: Query) -> Sequence[StoredInstance]:
        selected = super().select_instances(association, query)
        return [instance for instance in selected if instance.sop_instance_uid not in self._forgotten]


@fault("refused-duplicate-costs-the-first", catches=("DUP-03",))
class RefusedDuplicateCostsTheFirst(_Forgets):
    """A duplicate is refused, and the first copy is gone."""


@fault("duplicate-costs-both", catches=("DUP-03",))
class DuplicateCostsBoth(_Forgets):
    """A duplicate is answered 0000, and both copies are gone."""

    status = 0x0000


@fault("refuses-but-replaces", catches=("DUP-02", "DUP-03"))
class RefusesButReplaces(Behaviour):
    """A duplicate is refused, and stored in place of the first copy."""

    def answer_store(self, association: Association, request: Request) -> Answer:
        known = _is_known(association, request)
        answer = super().answer_store(association, request)
        return Answer(status=0xC0F0) if known else answer


@fault("duplicate-aborts", catches=("DUP-01", "DUP-02", "DUP-05"))
class DuplicateAborts(Behaviour):
    """A duplicate aborts the association."""

    def perform(self, association: Association, request: Request) -> None:
        if _is_known(association, request):
            association.abort()
        else:
            super().perform(association, request)


@fault("duplicate-is-pending", catches=("DUP-01", "DUP-02"))
class DuplicateIsPending(Behaviour):
    """A duplicate is answered with FF00."""

    def answer_store(self, association: Association, request: Request) -> Answer:
        known = _is_known(association, request)
        answer = super().answer_store(association, request)
        return Answer(status=0xFF00) if known else answer


@fault(
    "keeps-though-replace-is-declared",
    catches=("DUP-04",),
    settings=_KEEPS,
    options=("--pacs-duplicate-policy=replace",),
)
class KeepsThoughReplaceIsDeclared(Behaviour):
    """The first copy is kept although the conformance statement says that a duplicate replaces it."""


@fault("a-refused-duplicate-deletes", catches=("STA-17",))
class ARefusedDuplicateDeletes(Behaviour):
    """A C-STORE that is refused takes along what is stored under its SOP Instance UID."""

    def answer_store(self, association: Association, request: Request) -> Answer:
        answer = super().answer_store(association, request)
        if is_failure(answer.status):
            association.store.remove(request.command.affected_sop_instance_uid or "")
        return answer
