"""Faults of transfer syntaxes: accepted or refused wrongly, taken for another one, or mixed up between contexts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from conformance.standard.transfer_syntaxes import (
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    Kind,
    transfer_syntax,
)
from conformance.target.embedded import store_service
from conformance.target.embedded.answer import SUCCESS, Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element, decode, encode
from conformance.target.embedded.negotiation import (
    ACCEPTANCE,
    TRANSFER_SYNTAXES_NOT_SUPPORTED,
    Context,
    Roles,
)
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from conformance.target.embedded.supported import ENCAPSULATED, SERVICES, Service
from conformance.target.embedded.walk import Encoding
from conformance.verdict.finding import Verdict
from conformance.wire.items import ContextResult, Item, ProposedContext
from conformance.wire.pdu import Associate, AssociateRJ, Pdv
from tests.faulty.data_sets import unread
from tests.faulty.editing import PIXEL_DATA, edited, with_value
from tests.faulty.registry import fault

_PREFIX: Final = "1.2.840.10008.1.2.4."
_PRIVATE_ROOT: Final = "1.2.826."
_REFUSED_FOR_GOOD: Final = AssociateRJ(result=1, source=1, reason=1)
_SYNTAXES: Final = (IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN)


class _AlsoAccepts(Behaviour):
    """Accepts further transfer syntaxes, in preference to what the request offers beside them."""

    def accepts(self, uid: str) -> bool:
        raise NotImplementedError

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        chosen = next((uid for uid in proposed.transfer_syntaxes if self.accepts(uid)), None)
        if result is None or chosen is None or SERVICES.get(proposed.abstract_syntax) is not Service.STORAGE:
            return result
        return replace(result, result=ACCEPTANCE, transfer_syntaxes=(chosen,))


class _Refuses(Behaviour):
    """Refuses storage contexts for their transfer syntaxes."""

    def refuses(self, proposed: ProposedContext) -> bool:
        raise NotImplementedError

    def negotiate_context(self, request: Associate, item: Item, proposed: ProposedContext) -> ContextResult | None:
        result = super().negotiate_context(request, item, proposed)
        if result is None or SERVICES.get(proposed.abstract_syntax) is not Service.STORAGE:
            return result
        return replace(result, result=TRANSFER_SYNTAXES_NOT_SUPPORTED) if self.refuses(proposed) else result


@fault("accepts-by-prefix", catches=("TS-21",))
class AcceptsByPrefix(_AlsoAccepts):
    """Every transfer syntax whose UID begins like those of JPEG and MPEG is accepted."""

    def accepts(self, uid: str) -> bool:
        return uid.startswith(_PREFIX)


@fault("accepts-a-private-syntax", catches=("TS-19",))
class AcceptsAPrivateSyntax(_AlsoAccepts):
    """A transfer syntax of somebody's own is accepted."""

    def accepts(self, uid: str) -> bool:
        return uid.startswith(_PRIVATE_ROOT)


@fault("accepts-real-time-video", catches=("TS-18",), caught_as=Verdict.WARN)
class AcceptsRealTimeVideo(_AlsoAccepts):
    """The transfer syntaxes of SMPTE ST 2110 are accepted for storage."""

    def accepts(self, uid: str) -> bool:
        row = transfer_syntax(uid)
        return row is not None and row.kind is Kind.SMPTE


@fault("unknown-syntax-spoils-the-context", catches=("TS-02",))
class UnknownSyntaxSpoilsTheContext(_Refuses):
    """A context that offers an unknown transfer syntax beside the default is refused."""

    def refuses(self, proposed: ProposedContext) -> bool:
        return any(transfer_syntax(uid) is None for uid in proposed.transfer_syntaxes)


class _RefusesOne(_Refuses):
    uid: str

    def refuses(self, proposed: ProposedContext) -> bool:
        return proposed.transfer_syntaxes == (self.uid,)


@fault("deflated-without-explicit-vr", catches=("TS-06",))
class DeflatedWithoutExplicitVr(_RefusesOne):
    """Deflated is supported, and Explicit VR Little Endian is not."""

    uid = EXPLICIT_VR_LITTLE_ENDIAN


@fault("lossless-jpeg-without-its-default", catches=("TS-08",))
class LosslessJpegWithoutItsDefault(_RefusesOne):
    """Lossless JPEG is supported, and its first-order prediction is not."""

    uid = "1.2.840.10008.1.2.4.70"


@fault("near-lossless-alone", catches=("TS-10",))
class NearLosslessAlone(_RefusesOne):
    """Near-lossless JPEG-LS is supported, and lossless is not."""

    uid = "1.2.840.10008.1.2.4.80"


@fault("syntax-rejects-the-association", catches=("UL-RQ-25",))
class SyntaxRejectsTheAssociation(Behaviour):
    """A retired transfer syntax in a context rejects the association as a whole."""

    def provider_rejection(self, request: Associate) -> AssociateRJ | None:
        rows = [transfer_syntax(uid) for context in request.proposed_contexts for uid in context.transfer_syntaxes]
        retired = any(row is not None and row.kind is Kind.JPEG and row.retired for row in rows)
        return _REFUSED_FOR_GOOD if retired else super().provider_rejection(request)


@fault("stores-on-a-rejected-context", catches=("PDV-15",))
class StoresOnARejectedContext(Behaviour):
    """A context that was rejected can be used all the same, in the default transfer syntax."""

    def accepted_contexts(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles]
    ) -> dict[int, Context]:
        taken = [replace(r, result=ACCEPTANCE, transfer_syntaxes=(IMPLICIT_VR_LITTLE_ENDIAN,)) for r in results]
        opened = super().accepted_contexts(request, taken, roles)
        return opened | super().accepted_contexts(request, results, roles)


@fault("any-context-is-the-first", catches=("PDV-14",))
class AnyContextIsTheFirst(Behaviour):
    """A context id that was never proposed is taken for the first one."""

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        known = pdv.context_id in association.contexts
        super().on_pdv(association, pdv if known else replace(pdv, context_id=min(association.contexts)))


@fault("context-of-the-command-alone", catches=("PDV-09",))
class ContextOfTheCommandAlone(Behaviour):
    """The data set is taken in on whatever context it comes, and kept as the command's has it, read or not."""

    def on_pdv(self, association: Association, pdv: Pdv) -> None:
        context = association.assembler.context
        super().on_pdv(association, pdv if context is None else replace(pdv, context_id=context.context_id))

    def instance_of(self, request: Request, data_set: Blob) -> StoredInstance:
        return _unread(request, data_set)


@fault("keeps-what-it-cannot-read", catches=("ST-38",))
class KeepsWhatItCannotRead(Behaviour):
    """A data set is kept without a look at it, under what the command says."""

    def instance_of(self, request: Request, data_set: Blob) -> StoredInstance:
        return _unread(request, data_set)


@fault("guesses-the-encoding", catches=("ST-38",))
class GuessesTheEncoding(Behaviour):
    """A data set in another encoding is read by trying all of them, and kept as if it were in the one agreed."""

    def instance_of(self, request: Request, data_set: Blob) -> StoredInstance:
        try:
            return super().instance_of(request, data_set)
        except RefusedError as refused:
            for uid in _SYNTAXES:
                try:
                    seen = store_service.examine(data_set, uid)
                except RefusedError:
                    continue
                instance = store_service.instance_of(request, data_set, seen)
                index = encode(decode(bytes(seen.index), _encoding(uid)), _encoding(instance.transfer_syntax))
                return replace(instance, index_bytes=index)
            raise refused from None


@fault("compressed-is-native", catches=("ST-38",), caught_as=Verdict.WARN)
class CompressedIsNative(Behaviour):
    """Encapsulated pixel data are taken in a context of a native transfer syntax, and native ones in a compressed."""

    def instance_of(self, request: Request, data_set: Blob) -> StoredInstance:
        try:
            return super().instance_of(request, data_set)
        except RefusedError:
            agreed = request.context.transfer_syntax
            other = EXPLICIT_VR_LITTLE_ENDIAN if agreed in ENCAPSULATED else "1.2.840.10008.1.2.5"
            return store_service.instance_of(request, data_set, store_service.examine(data_set, other))


@fault("big-endian-is-not-swapped", catches=("FID-02",))
class BigEndianIsNotSwapped(Behaviour):
    """Pixels that came in big endian are kept as if they were in little endian."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        if instance.transfer_syntax != EXPLICIT_VR_BIG_ENDIAN:
            return super().store_instance(store, instance)
        native = replace(instance, data_set=store.blob(_swapped_pixels(instance.data_set.read())))
        instance.data_set.discard()
        return super().store_instance(store, native)


@fault("padding-breaks-the-inflater", catches=("TS-07",), caught_as=Verdict.WARN)
class PaddingBreaksTheInflater(Behaviour):
    """A deflated data set that ends with a NUL is refused."""

    def instance_of(self, request: Request, data_set: Blob) -> StoredInstance:
        if request.context.transfer_syntax == DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN and data_set.read()[-1:] == b"\0":
            raise RefusedError(Answer(status=0xC000, comment="Bytes after the end of the stream"))
        return super().instance_of(request, data_set)


@fault("recompresses-with-loss", catches=("PIX-13", "FID-02"))
class RecompressesWithLoss(Behaviour):
    """The low bits of the pixels are gone, as after a lossy compression, under the same UID."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        def edit(elements: dict[int, Element]) -> None:
            with_value(elements, PIXEL_DATA, lambda value: bytes(byte & 0xF8 for byte in value))

        return super().store_instance(store, edited(store, instance, edit))


@fault("acknowledges-compressed-and-drops-it", catches=("STA-17",))
class AcknowledgesCompressedAndDropsIt(Behaviour):
    """What comes compressed is answered 0000 and not stored."""

    def store(self, association: Association, request: Request) -> Answer:
        return SUCCESS if request.context.transfer_syntax in ENCAPSULATED else super().store(association, request)


def _encoding(transfer_syntax_uid: str) -> Encoding:
    return Encoding(
        explicit_vr=transfer_syntax_uid != IMPLICIT_VR_LITTLE_ENDIAN,
        big_endian=transfer_syntax_uid == EXPLICIT_VR_BIG_ENDIAN,
    )


def _unread(request: Request, data_set: Blob) -> StoredInstance:
    """An instance as the command names it, its index from what can be read."""
    try:
        seen = store_service.examine(data_set, request.context.transfer_syntax)
        return store_service.instance_of(request, data_set, seen)
    except RefusedError:
        return unread(request, data_set)


def _swapped_pixels(data: bytes) -> bytes:
    """The data set with the two bytes of every word of its pixel data swapped; they are its last element."""
    # (7FE0,0010) OW in Explicit VR Big Endian: tag, VR, two reserved bytes, length of four
    begin = data.rindex(b"\x7f\xe0\x00\x10OW") + 12
    value = data[begin:]
    return data[:begin] + b"".join(value[i : i + 2][::-1] for i in range(0, len(value), 2))
