"""Query and retrieve as a scenario uses them: instances are stored, then asked for in an information model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from conformance.driver import getting
from conformance.driver.again import until
from conformance.driver.getting import Choose
from conformance.driver.peer import Peer
from conformance.driver.sending import contexts_of
from conformance.instances.encoding import encode
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.queries import Answered, Brought, Match, Retrieved
from conformance.plugin.fixtures import NATIVE, Peers
from conformance.preflight import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from conformance.readback.part10 import decode_data_set
from conformance.standard import sop_classes
from conformance.verdict.coercion import COERCED
from conformance.verdict.retrievals import roles_granted
from conformance.verdict.storing import acknowledged
from conformance.wire.items import role_selection_item
from conformance.wire.messages import c_find_rq, c_get_rq, c_move_rq

LISTED_S: Final = 5.0
"""How long a target may take to list what it has acknowledged."""
UNIQUE_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "PATIENT": "PatientID",
        "STUDY": "StudyInstanceUID",
        "SERIES": "SeriesInstanceUID",
        "IMAGE": "SOPInstanceUID",
    }
)
"""The unique key of each level, from the top (PS3.4 C.6)."""
_QUERY_SYNTAXES: Final = (EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN)

NotApplicable = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An information model (PS3.4 C.6): its SOP classes, and its levels from the top."""

    name: str
    find: str
    get: str
    move: str
    levels: tuple[str, ...]

    def __str__(self) -> str:
        """Its name."""
        return self.name

    def above(self, level: str) -> tuple[str, ...]:
        """The levels above one."""
        return self.levels[: self.levels.index(level)] if level in self.levels else ()


STUDY_ROOT: Final = Model(
    name="Study Root",
    find=sop_classes.STUDY_ROOT_FIND,
    get=sop_classes.STUDY_ROOT_GET,
    move=sop_classes.STUDY_ROOT_MOVE,
    levels=("STUDY", "SERIES", "IMAGE"),
)
PATIENT_ROOT: Final = Model(
    name="Patient Root",
    find=sop_classes.PATIENT_ROOT_FIND,
    get=sop_classes.PATIENT_ROOT_GET,
    move=sop_classes.PATIENT_ROOT_MOVE,
    levels=("PATIENT", "STUDY", "SERIES", "IMAGE"),
)


def identifier(level: str, **keys: object) -> Dataset:
    """An identifier with a Query/Retrieve Level, which is left out when empty, and keys by keyword."""
    made = Dataset()
    for keyword, value in {**({"QueryRetrieveLevel": level} if level else {}), **keys}.items():
        tag = Tag(keyword)
        # Keys may be odd on purpose: nothing checks them.
        made.add(DataElement(tag, dictionary_VR(tag), value, validation_mode=IGNORE))
    return made


def unique_keys(model: Model, level: str, instance: Instance, *, own: bool = True) -> dict[str, object]:
    """The unique keys of the levels above an instance's entity, and of its own level unless told otherwise."""
    levels = (*model.above(level), *((level,) if own else ()))
    return {UNIQUE_KEYS[one]: str(instance.dataset.get(UNIQUE_KEYS[one], "")) for one in levels}


class Archive:
    """A target that is asked for what was stored.

    Args:
        peer: Makes byte-level peers.
        not_applicable: Ends the scenario where a service is not accepted.
    """

    def __init__(self, peer: Peers, not_applicable: NotApplicable) -> None:
        self._peer = peer
        self._not_applicable = not_applicable

    def stock(self, instances: Sequence[Instance]) -> None:
        """Store instances; see `kept`."""
        self.kept(self._peer.store_all(instances))

    def kept(self, stores: Sequence[OperationExchange]) -> None:
        """What was stored can be asked for.

        The scenario does not apply when an instance was refused, or had elements coerced: what it is filed under then
        is the target's own.
        """
        refused = sum(not acknowledged(store) for store in stores)
        if refused:
            self._not_applicable(f"the target did not acknowledge {refused} of {len(stores)} instances to ask for")
        if any(store.status == COERCED for store in stores):
            self._not_applicable("the target coerced elements of what is to be asked for, says its answer B000H")

    def need(self, *accepted: str) -> None:
        """Ask whether SOP classes are accepted; the scenario does not apply where one is not."""
        contexts = contexts_of([(uid, _QUERY_SYNTAXES) for uid in accepted])
        with self._peer.associated(contexts, label="is the model accepted") as connection:
            missing = [c.abstract_syntax for c in contexts if c.context_id not in connection.accepted]
            connection.release()
        if missing:
            self._not_applicable(f"the target does not accept {', '.join(map(sop_classes.sop_class_name, missing))}")

    def finder(self, model: Model) -> Finder:
        """An association for C-FIND in a model."""
        contexts = contexts_of([(model.find, _QUERY_SYNTAXES)])
        connection = self._peer.associated(contexts, label=f"C-FIND, {model}")
        if 1 not in connection.accepted:
            self._not_applicable(f"the target does not accept C-FIND in {model}")
        return Finder(connection, model, 1)

    def getter(
        self,
        model: Model,
        storage: Sequence[tuple[str, Sequence[str]]],
        *,
        as_scp: bool = True,
        granted: bool = False,
    ) -> Getter:
        """An association for C-GET in a model.

        Args:
            model: The information model.
            storage: SOP classes, with transfer syntaxes, of which we are the SCP.
            as_scp: Whether that role is proposed for them, as PS3.7 D.3.3.4 has it.
            granted: Whether the scenario ends as not applicable where the target grants the role for none of them.
        """
        contexts = contexts_of([(model.get, _QUERY_SYNTAXES), *storage])
        # PS3.7 D.3.3.4: the sub-operations of a C-GET make us the SCP of the storage class
        roles = [role_selection_item(uid, scu=0, scp=1) for uid in dict.fromkeys(uid for uid, _ in storage)]
        connection = self._peer.associated(contexts, label=f"C-GET, {model}", user_items=roles if as_scp else ())
        if 1 not in connection.accepted:
            self._not_applicable(f"the target does not accept C-GET in {model}")
        if as_scp and granted and not roles_granted(connection.recorder.associations[-1]):
            self._not_applicable("the target does not agree that we are the SCP of what a C-GET sends (PS3.7 D.3.3.4)")
        return Getter(connection, model, 1)

    def mover(self, model: Model) -> Mover:
        """An association for C-MOVE in a model."""
        connection = self._peer.associated(contexts_of([(model.move, _QUERY_SYNTAXES)]), label=f"C-MOVE, {model}")
        if 1 not in connection.accepted:
            self._not_applicable(f"the target does not accept C-MOVE in {model}")
        return Mover(connection, model, 1)


class _Service:
    """An association with an accepted context for one service of a model."""

    def __init__(self, connection: Peer, model: Model, context_id: int) -> None:
        self.connection = connection
        self.model = model
        self.context_id = context_id
        self.transfer_syntax = syntax_of(connection, context_id)

    def encoded(self, keys: Dataset) -> bytes:
        """An identifier in the transfer syntax of the context."""
        return encode(keys, implicit_vr=self.transfer_syntax == IMPLICIT_VR_LITTLE_ENDIAN, little_endian=True)

    def end(self) -> None:
        """Release."""
        self.connection.release()


class Finder(_Service):
    """C-FIND."""

    def find(self, keys: Dataset) -> Answered:
        """One C-FIND to its final response."""
        request = c_find_rq(self.connection.next_message_id(), sop_class_uid=self.model.find)
        exchange = self.connection.request(request, self.encoded(keys), context_id=self.context_id)
        matches = []
        for response in exchange.pending:
            dataset, defect = decode_data_set(response.data_set or b"", self.transfer_syntax)
            matches.append(Match(status=response.command.status, dataset=dataset, defect=defect))
        level = str(keys.get("QueryRetrieveLevel", ""))
        return Answered(level=level, keys=keys, exchange=exchange, matches=tuple(matches))

    def listed(self, keys: Dataset, count: int) -> Answered:
        """A C-FIND that is repeated, for a while, until it lists as many matches."""
        return until(lambda: self.find(keys), lambda found: len(found.matches) >= count, within_s=LISTED_S)


class Getter(_Service):
    """C-GET."""

    def get(self, keys: Dataset, *, priority: int = 0, choose: Choose = lambda _index, _uid: 0) -> Retrieved:
        """One C-GET to its final response; each sub-operation is answered with the status that is chosen."""
        request = c_get_rq(self.connection.next_message_id(), sop_class_uid=self.model.get, priority=priority)
        exchange, messages = getting.get(
            self.connection, request, self.encoded(keys), context_id=self.context_id, choose=choose
        )
        brought = []
        for message, answered in messages:
            syntax = syntax_of(self.connection, message.context_id)
            dataset, defect = decode_data_set(message.data_set or b"", syntax)
            brought.append(
                Brought(
                    command=message.command,
                    context_id=message.context_id,
                    transfer_syntax_uid=syntax,
                    dataset=dataset,
                    defect=defect,
                    answered=answered,
                )
            )
        return Retrieved(exchange=exchange, brought=tuple(brought))


class Mover(_Service):
    """C-MOVE."""

    def move(self, keys: Dataset, destination: str) -> Retrieved:
        """One C-MOVE to its final response; a sub-operation on the same association is answered, and kept."""
        request = c_move_rq(
            self.connection.next_message_id(), sop_class_uid=self.model.move, move_destination=destination
        )
        exchange, messages = getting.get(
            self.connection, request, self.encoded(keys), context_id=self.context_id, choose=lambda _index, _uid: 0
        )
        brought = tuple(
            Brought(
                command=message.command,
                context_id=message.context_id,
                transfer_syntax_uid="",
                dataset=Dataset(),
                defect="",
                answered=answered,
            )
            for message, answered in messages
        )
        return Retrieved(exchange=exchange, brought=brought)


def syntax_of(connection: Peer, context_id: int) -> str:
    """The transfer syntax agreed for a context; empty where none was."""
    result = connection.accepted.get(context_id)
    return "" if result is None else (result.transfer_syntax or "").strip("\0 ")


def storage_contexts(instances: Sequence[Instance]) -> list[tuple[str, Sequence[str]]]:
    """A context for each SOP class among native instances, as `Archive.getter` takes them."""
    return [(uid, NATIVE) for uid in dict.fromkeys(instance.sop_class_uid for instance in instances)]
