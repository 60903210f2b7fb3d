"""Read-back by the target's own query and retrieve services: C-FIND, then C-GET, else C-MOVE to our storage SCP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from conformance.driver.connection import RECEIVED_LIMIT_BYTES
from conformance.driver.endpoint import Endpoint
from conformance.driver.peer import Peer
from conformance.driver.recorder import Recorder
from conformance.driver.sending import contexts_of
from conformance.instances.identity import is_legal_uid
from conformance.observation.exchanges import Sent
from conformance.observation.outcomes import Accepted, describe
from conformance.observation.stored import NotReadable, ReadBackOutcome, Stored, StoredCopy
from conformance.readback.base import DEFAULT_LATENCY_S, Latency, limit_bytes
from conformance.readback.elsewhere import places_of_the_patient
from conformance.readback.move_scp import MoveSpool
from conformance.readback.query import FIND, GET, IMPLICIT, MOVE, Place, QueryError, Root, Service, find, get, move
from conformance.wire.items import role_selection_item

_EXPLICIT: Final = "1.2.840.10008.1.2.1"
# In which an instance may be kept and so come back as it is; one context each, so that the target can choose.
_RETRIEVED_IN: Final = (
    _EXPLICIT,
    IMPLICIT,
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.91",
)
_SERVICES: Final = (FIND, GET, MOVE)
_MAX_CLASSES: Final = 8
_COPIES: Final = 2
"""How many copies of the length that is looked at have room in one retrieval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What may be stored, and so what an association has to be made for.

    Attributes:
        endpoint: It waits as much longer as the largest data set needs to come.
        classes: SOP Class UIDs.
        syntaxes: Transfer Syntax UIDs in which it was sent.
        limit_bytes: After so many received bytes nothing more is read.
    """

    endpoint: Endpoint
    classes: tuple[str, ...] = ()
    syntaxes: tuple[str, ...] = ()
    limit_bytes: int = RECEIVED_LIMIT_BYTES

    @classmethod
    def of(cls, endpoint: Endpoint, *sent: Sent) -> Self:
        """What was sent."""
        return cls(
            endpoint=replace(endpoint, timeout_s=endpoint.patience_s(max(one.data_set_bytes for one in sent))),
            classes=tuple(dict.fromkeys(one.sop_class_uid for one in sent)),
            syntaxes=tuple(dict.fromkeys(one.transfer_syntax_uid for one in sent)),
            limit_bytes=_COPIES * limit_bytes(*sent),
        )

    def connect(self) -> Peer:
        """A connection for one look."""
        return Peer(self.endpoint, Recorder(), label="read-back", limit_bytes=self.limit_bytes)


class DimseReadBack:
    """Looks on an association of its own each time; what it does is no part of the scenario's evidence.

    Args:
        endpoint: Where the target is and who we are.
        spool: Our own storage SCP, where the target knows it; None when only C-GET can be used.
        latency_s: How long an instance that is expected may take to be listed.
    """

    name: Final = "dimse"

    def __init__(
        self, endpoint: Endpoint, *, spool: MoveSpool | None = None, latency_s: float = DEFAULT_LATENCY_S
    ) -> None:
        self._endpoint = endpoint
        self._spool = spool
        self._latency = Latency(latency_s)

    def find(self, sent: Sent, *, also: Sequence[Sent] = (), expect: bool = False) -> ReadBackOutcome:
        """See `ReadBack.find`."""
        places = tuple(dict.fromkeys(Place.of(one, sent.sop_instance_uid) for one in (sent, *also)))
        places = tuple(p for p in places if p.study_instance_uid and p.series_instance_uid)
        if not sent.sop_instance_uid or not places:
            reason = "SOP, Study and Series Instance UID are needed for a query at the IMAGE level"
            return NotReadable(reason=reason, channel=self.name)
        wanted = _Wanted.of(self._endpoint, sent, *also)

        def look() -> ReadBackOutcome:
            outcome = self._look(places, wanted)
            if not expect or isinstance(outcome, NotReadable) or outcome.copies or outcome.listed:
                return outcome
            return self._look_elsewhere(sent, wanted) or outcome

        return self._latency.look(look, expect=expect)

    def delete(self, sop_instance_uids: Sequence[str]) -> tuple[str, ...]:
        """Delete nothing: DIMSE has no service that deletes a composite instance."""
        del sop_instance_uids
        return ()

    def close(self) -> None:
        """Nothing is held between looks."""

    def offers(self) -> tuple[str, ...]:
        """The query and retrieve services that the target accepts, as `Study Root FIND`; empty when it accepts none."""
        wanted = _Wanted(endpoint=self._endpoint)
        with wanted.connect() as peer:
            if isinstance(self._associate(peer, wanted), str):
                return ()
            names = {FIND[root]: f"{root} FIND" for root in Root}
            names |= {GET[root]: f"{root} GET" for root in Root} | {MOVE[root]: f"{root} MOVE" for root in Root}
            found = [names[uid] for uid in names if _service(peer, uid)]
            peer.release()
            return tuple(found)

    def _look(self, places: tuple[Place, ...], wanted: _Wanted) -> ReadBackOutcome:
        """One look; where C-GET fails, another on a fresh association by C-MOVE."""
        failures: list[str] = []
        for way in (GET, MOVE) if self._spool is not None else (GET,):
            with wanted.connect() as peer:
                refused = self._associate(peer, wanted)
                if refused is not None:
                    return NotReadable(reason=refused, channel=self.name)
                try:
                    outcome = self._look_on(peer, places, way)
                except QueryError as error:
                    failures.append(str(error))
                    continue
                peer.release()
                return outcome
        return NotReadable(reason="; ".join(dict.fromkeys(failures)), channel=self.name)

    def _look_elsewhere(self, sent: Sent, wanted: _Wanted) -> ReadBackOutcome | None:
        """One look under the other studies and series of the patient; None where nothing is found there."""
        try:
            with wanted.connect() as peer:
                finder = None if self._associate(peer, wanted) is not None else _first(peer, FIND)
                if finder is None:
                    return None
                places = tuple(places_of_the_patient(peer, finder, sent))
                peer.release()
        except QueryError:
            return None
        found = self._look(places, wanted) if places else None
        if not isinstance(found, Stored) or not found.copies:
            return None
        return replace(found, note="found under another study or series of the patient than was sent")

    def _associate(self, peer: Peer, wanted: _Wanted) -> str | None:
        """Request the association; why it was not accepted, or None."""
        services = [table[root] for table in _SERVICES for root in Root]
        storage = [uid for uid in wanted.classes if is_legal_uid(uid)][:_MAX_CLASSES]
        syntaxes = dict.fromkeys((*(uid for uid in wanted.syntaxes if is_legal_uid(uid)), *_RETRIEVED_IN))
        pairs = [(uid, (_EXPLICIT, IMPLICIT)) for uid in services]
        room = 128 - len(pairs)
        stores = [(uid, (syntax,)) for uid in storage for syntax in syntaxes][:room]
        exchange = peer.associate(
            contexts_of([*pairs, *stores]),
            # PS3.7 D.3.3.4: the sub-operations of a C-GET make us the SCP of the storage classes
            user_items=[role_selection_item(uid, scu=0, scp=1) for uid in storage],
        )
        if isinstance(exchange.outcome, Accepted):
            return None
        return f"association for query and retrieve: {describe(exchange.outcome)}"

    def _look_on(self, peer: Peer, places: tuple[Place, ...], way: Mapping[Root, str]) -> ReadBackOutcome:
        """What is listed and kept.

        Args:
            peer: An association.
            places: Where to look.
            way: The SOP classes to retrieve by; where none of C-GET is accepted, those of C-MOVE.

        Raises:
            QueryError: It cannot be seen on this association.
        """
        finder = _first(peer, FIND)
        getter = _first(peer, GET) if way is GET else None
        mover = _first(peer, MOVE) if self._spool is not None else None
        if finder is None and getter is None and mover is None:
            raise QueryError("the target accepts no C-FIND, and no C-GET or C-MOVE that can be used")
        listed, copies = 0, list[StoredCopy]()
        for place in places:
            matches = None if finder is None else find(peer, finder, place)
            if matches == 0:
                continue
            listed += matches or 0
            # Some targets retrieve by the last unique key alone, and so give the same instance for every place.
            known = {_lies_in(copy) for copy in copies}
            copies += [c for c in self._retrieve(peer, place, getter, mover) if _lies_in(c) not in known]
        listed = len(copies) if finder is None else listed
        return Stored(copies=tuple(copies), listed=listed, channel=self.name)

    def _retrieve(
        self, peer: Peer, place: Place, getter: Service | None, mover: Service | None
    ) -> tuple[StoredCopy, ...]:
        if getter is not None:
            return get(peer, getter, place)
        if mover is not None and self._spool is not None:
            return move(peer, mover, place, self._spool)
        hint = "" if self._spool is not None else "; for C-MOVE give our own storage SCP: move_aet and move_port"
        raise QueryError(f"it is listed, but the target accepts no C-GET{hint}")


def _first(peer: Peer, table: Mapping[Root, str]) -> Service | None:
    """A service of the first information model in which it is accepted, Study Root before Patient Root."""
    return next((service for root in Root if (service := _service(peer, table[root]))), None)


def _lies_in(copy: StoredCopy) -> tuple[str, str]:
    """The study and series that a copy says it belongs to."""
    keys = ("StudyInstanceUID", "SeriesInstanceUID")
    study, series = (str(copy.dataset.get(key) or "").strip("\0 ") for key in keys)
    return study, series


def _service(peer: Peer, sop_class_uid: str) -> Service | None:
    """The accepted context of a query/retrieve SOP class, or None."""
    for context in peer.proposed:
        result = peer.accepted.get(context.context_id)
        if context.abstract_syntax != sop_class_uid or result is None:
            continue
        root = next(root for root in Root for table in _SERVICES if table[root] == sop_class_uid)
        return Service(
            root=root,
            sop_class_uid=sop_class_uid,
            context_id=context.context_id,
            transfer_syntax_uid=(result.transfer_syntax or IMPLICIT).strip("\0 "),
        )
    return None
