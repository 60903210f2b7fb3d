"""Oddities of manners: how associations are let in, kept and ended, and how much is said."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from conformance.standard.sop_classes import VERIFICATION
from conformance.standard.transfer_syntaxes import (
    EXPLICIT_VR_BIG_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    Kind,
    transfer_syntax,
)
from conformance.standard.upper_layer import State
from conformance.target.embedded.acceptor import Acceptor
from conformance.target.embedded.answer import is_failure
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.happening import Happening
from conformance.target.embedded.negotiation import (
    PRESENTATION,
    TRANSFER_SYNTAXES_NOT_SUPPORTED,
    TRANSIENT,
    Roles,
    judge_context,
)
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.supported import SERVICES, Service
from conformance.wire.command import CommandField, CommandSet
from conformance.wire.items import ContextResult, Item, ItemType, ProposedContext, decode_items, user_information_item
from conformance.wire.pdu import Associate, AssociateRJ
from tests.odd.registry import odd

_CONGESTION: Final = AssociateRJ(result=TRANSIENT, source=PRESENTATION, reason=1)
_NO_IDENTITIES: Final = AssociateRJ(result=1, source=2, reason=1)
_SEVENTH: Final = 7
_RELEASE_S: Final = 2.0
_ANSWER_S: Final = 1.5
_SLICE_BYTES: Final = 700
_SMALL_WINDOW_BYTES: Final = 4096


@odd("congested-now-and-then", clause="PS3.8 Table 9-21: temporary congestion")
class CongestedNowAndThen(Behaviour):
    """Every seventh request for an association is rejected for now, 2/3/1."""

    def __init__(self) -> None:
        super().__init__()
        self._counting = threading.Lock()
        self._count = 0

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        rejection = super().user_rejection(request, settings)
        with self._counting:
            self._count += 1
            congested = self._count % _SEVENTH == 0
        return _CONGESTION if rejection is None and congested else rejection


@odd("one-association-at-most", clause="PS3.8 Table 9-21", settings=Settings(max_associations=1))
class OneAssociationAtMost(Behaviour):
    """A second association is rejected, 2/3/2."""


@odd("knows-no-identities", clause="PS3.7 D.3.3.7.3")
class KnowsNoIdentities(Behaviour):
    """A request with a user identity is rejected, 1/2/1; one without is not."""

    def user_rejection(self, request: Associate, settings: Settings) -> AssociateRJ | None:
        rejection = super().user_rejection(request, settings)
        named = any(item.item_type == ItemType.USER_IDENTITY_RQ for item in request.user_items)
        return _NO_IDENTITIES if rejection is None and named else rejection


class _Leisurely(Acceptor):
    def ar_4(self, happening: Happening) -> None:
        time.sleep(_RELEASE_S)
        super().ar_4(happening)


@odd("releases-at-leisure", clause="PS3.8 7.2: no clause limits the time of a release", acceptor=_Leisurely)
class ReleasesAtLeisure(Behaviour):
    """A release is answered after two seconds."""


@odd("aborts-after-a-failure", clause="PS3.8 7.3: a service user may abort at any time")
class AbortsAfterAFailure(Behaviour):
    """After a C-STORE that failed the association is aborted by the service user."""

    def perform(self, association: Association, request: Request) -> None:
        if request.command.command_field != CommandField.C_STORE_RQ or not self.is_agreed(request):
            super().perform(association, request)
            return
        answer = self.answer_store(association, request)
        association.respond(request, answer)
        if is_failure(answer.status):
            association.abort()


@odd("idle-for-one-second", clause="PS3.8 9.1.4: an application may abort", settings=Settings(idle_s=1.0))
class IdleForOneSecond(Behaviour):
    """An association on which nothing comes for a second is aborted."""


class _SmallWindows(EmbeddedPacs):
    def _serve(self, sock: socket.socket, peer: str) -> None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_WINDOW_BYTES)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SMALL_WINDOW_BYTES)
        super()._serve(sock, peer)


@odd("small-tcp-windows", clause="PS3.8 9.1: TCP is a stream of bytes", pacs=_SmallWindows)
class SmallTcpWindows(Behaviour):
    """The buffers of the sockets hold a few kilobytes."""


class _HalfCloses(Acceptor):
    def start_artim(self, state: State) -> None:
        super().start_artim(state)
        if state is State.STA_13:
            try:
                self._connection._sock.shutdown(socket.SHUT_WR)
            except OSError:
                return


@odd(
    "half-closes-after-its-last-word",
    clause="PS3.8 9.1.4: how TCP closes a connection is not fixed",
    acceptor=_HalfCloses,
)
class HalfClosesAfterItsLastWord(Behaviour):
    """After A-RELEASE-RP, A-ASSOCIATE-RJ or A-ABORT it sends FIN and goes on reading until ARTIM."""


class _TwoAtATime(EmbeddedPacs):
    def _serve(self, sock: socket.socket, peer: str) -> None:
        while not self._stopping:
            with self._lock:
                threads = list(self._connections)
            if len(threads) < 2:
                break
            threads[0].join(0.02)
        super()._serve(sock, peer)


@odd("two-at-a-time", clause="PS3.8 9.1: no clause says how many associations there are at once", pacs=_TwoAtATime)
class TwoAtATime(Behaviour):
    """A third connection waits, open and unanswered, until one of two is over."""


@odd("prefers-big-endian", clause="PS3.8 7.1.1.14")
class PrefersBigEndian(Behaviour):
    """Of what is offered for storage Explicit VR Big Endian is taken first, then Deflated and the compressed ones."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        usual = super().negotiate_context(request, item, proposed)
        if usual is None or not usual.accepted or SERVICES.get(proposed.abstract_syntax) is not Service.STORAGE:
            return usual
        order = sorted(proposed.transfer_syntaxes, key=_rank)
        for uid in order:
            result = judge_context(item, replace(proposed, transfer_syntaxes=(uid,)))
            if result.accepted:
                return result
        return usual


def _rank(uid: str) -> int:
    if uid == EXPLICIT_VR_BIG_ENDIAN:
        return 0
    row = transfer_syntax(uid)
    return 2 if row is not None and row.kind is Kind.NATIVE else 1


@odd("implicit-for-everything", clause="PS3.5 10.1, PS3.2")
class ImplicitForEverything(Behaviour):
    """Implicit VR Little Endian is all that is accepted, in Verification and queries as in storage."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        usual = super().negotiate_context(request, item, proposed)
        if usual is None or usual.result not in (0, TRANSFER_SYNTAXES_NOT_SUPPORTED):
            return usual
        for uid in proposed.transfer_syntaxes:
            if uid == IMPLICIT_VR_LITTLE_ENDIAN:
                return judge_context(item, replace(proposed, transfer_syntaxes=(uid,)))
        return replace(usual, result=TRANSFER_SYNTAXES_NOT_SUPPORTED)


@odd("storage-options-are-answered", clause="PS3.4 B.3.1, PS3.7 D.3.3.5")
class StorageOptionsAreAnswered(Behaviour):
    """SOP class extended negotiation for storage is answered: Level 2, no signatures, no coercion."""

    def associate_ac(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles], settings: Settings
    ) -> Associate:
        accept = super().associate_ac(request, results, roles, settings)
        *others, user = accept.items
        sub_items = list(decode_items(user.body, base=0))
        accepted = {
            p.abstract_syntax
            for p in request.proposed_contexts
            for r in results
            if r.context_id == p.context_id and r.accepted and SERVICES.get(p.abstract_syntax) is Service.STORAGE
        }
        for item in request.user_items:
            if item.item_type != ItemType.SOP_CLASS_EXTENDED_NEGOTIATION or len(item.body) < 2:
                continue
            (length,) = struct.unpack_from(">H", item.body)
            uid = item.body[2 : 2 + length].decode("ascii", "replace")
            if uid in accepted and len(item.body) == 2 + length + 6:
                body = item.body[: 2 + length] + bytes((2, 0, 0, 0, 0, 0))
                sub_items.append(Item(item_type=ItemType.SOP_CLASS_EXTENDED_NEGOTIATION, body=body))
        return replace(accept, items=(*others, user_information_item(sub_items)))


@odd("aborts-what-is-not-agreed", clause="PS3.7 9.1, PS3.8 9.3.8: DCMTK does so")
class AbortsWhatIsNotAgreed(Behaviour):
    """A request that its context is not for ends the association with an A-ABORT."""

    def perform(self, association: Association, request: Request) -> None:
        if self.is_agreed(request):
            super().perform(association, request)
        else:
            association.abort()


@odd("thinks-before-it-answers", clause="no clause limits the time of an answer")
class ThinksBeforeItAnswers(Behaviour):
    """Every response comes a second and a half after its request."""

    def perform(self, association: Association, request: Request) -> None:
        time.sleep(_ANSWER_S)
        super().perform(association, request)


@odd("small-pdus", clause="PS3.8 D.1: the maximum length is a limit")
class SmallPdus(Behaviour):
    """No P-DATA-TF that it sends is longer than 700 bytes, whatever the requestor takes."""

    def encode_message(
        self, command: CommandSet, data_set: bytes | Blob | None, context_id: int, max_pdu_bytes: int
    ) -> Iterable[bytes | memoryview]:
        limit = min(max_pdu_bytes or _SLICE_BYTES, _SLICE_BYTES)
        return super().encode_message(command, data_set, context_id, limit)


@odd("verification-in-implicit-vr-only", clause="PS3.4 A.3, PS3.5 10.1")
class VerificationInImplicitVrOnly(Behaviour):
    """Verification is accepted in Implicit VR Little Endian alone."""

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        usual = super().negotiate_context(request, item, proposed)
        if usual is None or proposed.abstract_syntax != VERIFICATION or not usual.accepted:
            return usual
        if IMPLICIT_VR_LITTLE_ENDIAN in proposed.transfer_syntaxes:
            return replace(usual, transfer_syntaxes=(IMPLICIT_VR_LITTLE_ENDIAN,))
        return replace(usual, result=TRANSFER_SYNTAXES_NOT_SUPPORTED)
