"""Every channel through which a scenario can look at one stored instance, asked in each transfer syntax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pydicom.uid import UID, RLELossless

from conformance.driver.sending import contexts_of
from conformance.instances.instance import Instance
from conformance.observation.channels import Given
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Accepted
from conformance.observation.stored import Stored, StoredCopy
from conformance.observation.web import WebFailure, WebInstances
from conformance.plugin.archive import PATIENT_ROOT, STUDY_ROOT, Archive, Getter, Model, identifier, unique_keys
from conformance.plugin.fixtures import NATIVE, Look, Peers
from conformance.readback.dicomweb import AS_STORED, DicomWeb, WebPlace
from conformance.readback.move_scp import MoveSpool
from conformance.readback.part10 import decode_part10
from conformance.standard.transfer_syntaxes import (
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
)
from conformance.verdict.responses import actual
from conformance.wire.items import ItemType, role_selection_item

_ASKED: Final = (
    IMPLICIT_VR_LITTLE_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    EXPLICIT_VR_BIG_ENDIAN,
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
)
_MODELS: Final = (STUDY_ROOT, PATIENT_ROOT)
_MAX_NAMED: Final = 60


def place_of(instance: Instance) -> WebPlace:
    """Where the web services have an instance."""
    return WebPlace(
        study_instance_uid=instance.study_instance_uid,
        series_instance_uid=instance.series_instance_uid,
        sop_instance_uid=instance.sop_instance_uid,
    )


class Channels:
    """The channels of a target; those that it does not offer are passed over.

    Args:
        archive: Query and retrieve.
        peer: Makes byte-level peers.
        readback: The run's read-back channel.
        spool: Our own storage SCP, where the target knows it.
        web: The target's web services, where they are known.
    """

    def __init__(
        self, archive: Archive, peer: Peers, readback: Look, *, spool: MoveSpool | None, web: DicomWeb | None
    ) -> None:
        self._archive = archive
        self._peer = peer
        self._readback = readback
        self._spool = spool
        self._web = web
        self._accepted: frozenset[str] | None = None

    def accepts(self, sop_class_uid: str) -> bool:
        """Whether the target accepts a query or retrieve SOP class; it is asked once."""
        if self._accepted is None:
            wanted = [uid for model in _MODELS for uid in (model.find, model.get, model.move)]
            contexts = contexts_of([(uid, NATIVE) for uid in wanted])
            with self._peer.associated(contexts, label="which channels are offered") as connection:
                self._accepted = frozenset(c.abstract_syntax for c in contexts if c.context_id in connection.accepted)
                connection.release()
        return sop_class_uid in self._accepted

    def all_of(self, instance: Instance, store: OperationExchange) -> list[Given]:
        """What each channel gives for an instance that was stored; lossy pixel data is not asked for decompressed."""
        found = [*self._read_back(instance, store), *self._gotten(instance), *self._moved(instance)]
        return [*found, *self._from_the_web(instance)]

    def _read_back(self, instance: Instance, store: OperationExchange) -> list[Given]:
        if store.sent is None:
            return []
        outcome = self._readback.fetch(store.sent, expect=True)
        if not isinstance(outcome, Stored):
            return []
        return [Given(channel=f"read-back ({outcome.channel})", copies=outcome.copies)] if outcome.copies else []

    def _first(self, choose: Callable[[Model], str]) -> Model | None:
        return next((model for model in _MODELS if self.accepts(choose(model))), None)

    def _gotten(self, instance: Instance) -> list[Given]:
        model = self._first(lambda one: one.get)
        if model is None:
            return []
        asked = dict.fromkeys((instance.transfer_syntax_uid, *(() if is_lossy(instance) else _ASKED)))
        found = (self._get(model, instance, syntax) for syntax in asked)
        return [one for one in found if one is not None]

    def _get(self, model: Model, instance: Instance, syntax: str) -> Given | None:
        """A C-GET with a context for one transfer syntax; None where the target does not take the role in it."""
        getter = self._archive.getter(model, [(instance.sop_class_uid, (syntax,))])
        if len(getter.connection.accepted) < 2:
            getter.end()
            return None
        retrieved = getter.get(identifier("IMAGE", **unique_keys(model, "IMAGE", instance)))
        getter.end()
        if not retrieved.brought and not _is_scp(getter, instance.sop_class_uid):
            return None
        succeeded = retrieved.exchange.status == 0
        return Given(
            channel=f"C-GET in {_name(syntax)}",
            copies=tuple(
                StoredCopy(
                    sop_instance_uid=one.sop_instance_uid,
                    dataset=one.dataset,
                    transfer_syntax_uid=one.transfer_syntax_uid,
                    where=f"{model} C-GET",
                )
                for one in retrieved.brought
            ),
            defect=next((one.defect for one in retrieved.brought if one.defect), ""),
            problem="" if succeeded or retrieved.brought else actual(retrieved.exchange),
            obliged=syntax in (instance.transfer_syntax_uid, IMPLICIT_VR_LITTLE_ENDIAN),
        )

    def _moved(self, instance: Instance) -> list[Given]:
        model = self._first(lambda one: one.move)
        if model is None or self._spool is None:
            return []
        uid = instance.sop_instance_uid
        self._spool.forget(uid)
        mover = self._archive.mover(model)
        retrieved = mover.move(identifier("IMAGE", **unique_keys(model, "IMAGE", instance)), self._spool.ae_title)
        mover.end()
        read = [decode_part10(path.read_bytes()) for path in self._spool.files_of(uid)]
        self._spool.forget(uid)
        copies = tuple(
            StoredCopy(
                sop_instance_uid=uid,
                dataset=one.dataset,
                transfer_syntax_uid=one.transfer_syntax_uid,
                where=f"{model} C-MOVE",
            )
            for one in read
        )
        return [
            Given(
                channel="C-MOVE",
                copies=copies,
                defect=next((one.defect for one in read if one.defect), ""),
                problem="" if copies or retrieved.exchange.status == 0 else actual(retrieved.exchange),
            )
        ]

    def _from_the_web(self, instance: Instance) -> list[Given]:
        if self._web is None:
            return []
        asked = dict.fromkeys((AS_STORED, *(() if is_lossy(instance) else ("", EXPLICIT_VR_LITTLE_ENDIAN))))
        answers = ((syntax, self._web.retrieve(place_of(instance), transfer_syntax=syntax)) for syntax in asked)
        return [_web_given(syntax, answer) for syntax, answer in answers]


def _is_scp(getter: Getter, sop_class_uid: str) -> bool:
    """Whether the target granted us the SCP role of a SOP class (PS3.7 D.3.3.4); without it no sub-operation comes."""
    outcome = getter.connection.recorder.associations[-1].outcome
    if not isinstance(outcome, Accepted):
        return False
    granted = role_selection_item(sop_class_uid, scu=0, scp=1).body
    roles = [item.body for item in outcome.associate.user_items if item.item_type == ItemType.ROLE_SELECTION]
    return any(body[:-2].rstrip(b"\0 ") == granted[:-2].rstrip(b"\0 ") and body[-1:] == b"\1" for body in roles)


def _web_given(syntax: str, answer: WebInstances | WebFailure) -> Given:
    words = {AS_STORED: "any transfer syntax", "": "the default transfer syntax"}.get(syntax) or _name(syntax)
    channel = f"WADO-RS in {words}"
    if isinstance(answer, WebFailure):
        return Given(channel=channel, problem=answer.reason)
    if answer.status != 200 or answer.defect:
        return Given(channel=channel, problem=answer.defect or f"HTTP {answer.status}")
    return Given(
        channel=channel,
        copies=tuple(
            StoredCopy(
                sop_instance_uid=str(part.dataset.get("SOPInstanceUID", "")),
                dataset=part.dataset,
                transfer_syntax_uid=part.transfer_syntax_uid,
                where=answer.path,
            )
            for part in answer.parts
        ),
        defect=next((part.defect for part in answer.parts if part.defect), ""),
    )


def is_lossy(instance: Instance) -> bool:
    """Whether an instance is compressed with loss, or may be, so that no two decoders need agree (PS3.5 10.1)."""
    return instance.is_encapsulated and instance.transfer_syntax_uid != RLELossless


def _name(uid: str) -> str:
    return UID(uid).name[:_MAX_NAMED]
