"""Faults of filing what came: it is acknowledged, and cannot be found, or is not given back as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from conformance.target.embedded import store_service
from conformance.target.embedded.answer import SUCCESS, Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from tests.faulty.pixels import JPEG_LOSSLESS_SV1, Edits, Elements, in_fragments
from tests.faulty.registry import CLAIMS, fault

_COLUMN_CHARACTERS: Final = 63
_HASHED_CHARACTERS: Final = 60
_UUID_ROOT: Final = "2.25."


@fault("acknowledges-what-names-no-class", catches=("ST-34",))
class AcknowledgesWhatNamesNoClass(Behaviour):
    """A data set without SOP Class UID is answered with 0000, and thrown away."""

    def instance_of(self, request: Request, data_set: Blob) -> StoredInstance:
        seen = store_service.examine(data_set, request.context.transfer_syntax)
        if store_service.SOP_CLASS_UID not in seen.values:
            raise RefusedError(SUCCESS)
        return super().instance_of(request, data_set)


@fault("files-63-characters-of-a-uid", catches=("STA-17",))
class Files63CharactersOfAUid(Behaviour):
    """An instance is filed under the first 63 characters of its SOP Instance UID."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        uid = instance.sop_instance_uid[:_COLUMN_CHARACTERS]
        return super().store_instance(store, replace(instance, sop_instance_uid=uid))


@fault("tells-uids-apart-by-60-characters", catches=("STA-17",))
class TellsUidsApartBy60Characters(Behaviour):
    """An instance takes the place of another whose SOP Instance UID has the same first 60 characters."""

    def __init__(self) -> None:
        self._filed: dict[str, str] = {}

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        uid = instance.sop_instance_uid
        before = self._filed.get(uid[:_HASHED_CHARACTERS], uid)
        if before != uid:
            store.remove(before)
        self._filed[uid[:_HASHED_CHARACTERS]] = uid
        return super().store_instance(store, instance)


@fault("room-for-63-characters-of-a-uid", catches=("ENC-16",), options=CLAIMS)
class RoomFor63CharactersOfAUid(Behaviour):
    """A SOP Instance UID of 64 characters is refused as an ill-formed one."""

    def check_command(self, request: Request) -> None:
        super().check_command(request)
        if len(request.command.affected_sop_instance_uid or "") > _COLUMN_CHARACTERS:
            raise RefusedError(Answer(status=0x0117))


@fault("knows-registered-roots-alone", catches=("ENC-17",), options=CLAIMS)
class KnowsRegisteredRootsAlone(Behaviour):
    """A SOP Instance UID that is derived from a UUID, and so has no organization's root, is refused as ill-formed."""

    def check_command(self, request: Request) -> None:
        super().check_command(request)
        if (request.command.affected_sop_instance_uid or "").startswith(_UUID_ROOT):
            raise RefusedError(Answer(status=0x0117))


@fault("strips-the-padding-of-streams", catches=("PIX-05",))
class StripsThePaddingOfStreams(Edits):
    """The NUL behind a compressed stream of odd length is left out, so that its item has an odd length."""

    transfer_syntaxes = frozenset({JPEG_LOSSLESS_SV1})

    def edit(self, elements: Elements) -> None:
        in_fragments(elements, lambda frames: [frame.removesuffix(b"\0") for frame in frames])


@fault("keeps-one-class-of-an-association", catches=("STA-17",))
class KeepsOneClassOfAnAssociation(Behaviour):
    """Of the instances on an association those of another SOP class than the first are acknowledged, and lost."""

    def __init__(self) -> None:
        self._first: dict[int, str] = {}

    def answer_store(self, association: Association, request: Request) -> Answer:
        answer = super().answer_store(association, request)
        abstract_syntax = request.context.abstract_syntax
        if self._first.setdefault(id(association), abstract_syntax) != abstract_syntax:
            association.store.remove(request.command.affected_sop_instance_uid or "")
        return answer

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._first.pop(id(association), None)
