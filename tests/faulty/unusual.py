"""Faults of reading: what is unusual in a data set harms what stands around it, or the association."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import imagecodecs
import numpy as np

from conformance.target.embedded.answer import SUCCESS, Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from conformance.verdict.finding import Verdict
from conformance.wire.command import CommandField
from conformance.wire.pdu import Associate, AssociateRJ
from tests.faulty.editing import PIXEL_DATA, edited
from tests.faulty.pixels import JPEG_2000, Edits, even, in_fragments
from tests.faulty.registry import fault

_RLE: Final = "1.2.840.10008.1.2.5"
_JPEG_EXTENDED: Final = "1.2.840.10008.1.2.4.51"
_FLOAT_PIXEL_DATA: Final = 0x7FE0_0008
_BITS_STORED: Final = 0x0028_0101
_NO_PLACE: Final = "does not belong in"
_SPECIFIC_TO_NOBODY: Final = range(0x0009_1000, 0x0009_1100)
_NATIVE: Final = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"})
_NO_REASON: Final = AssociateRJ(result=1, source=1, reason=1)
_KNOWN: Final = 2
_DEEP: Final = 500
_SEQUENCE_IN_AN_ITEM: Final = b"\xfe\xff\x00\xe0\xff\xff\xff\xff\x40\x00\x30\xa7SQ"
_FLOATS: Final = b"\xe0\x7f\x08\x00OF"
_PIXELS: Final = b"\xe0\x7f\x10\x00O"

Elements = dict[int, Element]


class _EditsNative(Behaviour):
    """Stores instances of the native little endian transfer syntaxes with their elements changed."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        return super().store_instance(store, edited(store, instance, self.edit))

    def edit(self, elements: Elements) -> None:
        raise NotImplementedError


@fault("stops-at-a-new-vr", catches=("ENC-11",))
class StopsAtANewVr(_EditsNative):
    """Of a private block, what stands behind a VR that it does not know is lost."""

    def edit(self, elements: Elements) -> None:
        new = next((tag for tag, element in elements.items() if element.vr == "ZZ"), None)
        if new is not None:
            for tag in [tag for tag in elements if new < tag < (new | 0xFF) + 1]:
                del elements[tag]


@fault("believes-group-lengths", catches=("ENC-13",))
class BelievesGroupLengths(_EditsNative):
    """The last element of a group is lost where the group's length is too short for it."""

    def edit(self, elements: Elements) -> None:
        for tag in [tag for tag in elements if tag & 0xFFFF == 0]:
            last = max(other for other in elements if other >> 16 == tag >> 16)
            if int.from_bytes(elements[tag].value, "little") <= _KNOWN * 2:
                del elements[last]


@fault("files-what-is-nobodys-under-a-creator", catches=("ENC-15",))
class FilesWhatIsNobodysUnderACreator(_EditsNative):
    """Private elements without a creator become elements of the next block, over those that are there."""

    def edit(self, elements: Elements) -> None:
        for tag in [tag for tag in elements if tag in _SPECIFIC_TO_NOBODY]:
            elements[tag + 0x100] = elements.pop(tag)


@fault("acknowledges-groups-not-used", catches=("ENC-15",))
class AcknowledgesGroupsNotUsed(Behaviour):
    """A data set with a group below 0008 is answered with 0000, and is not kept."""

    def answer_store(self, association: Association, request: Request) -> Answer:
        answer = super().answer_store(association, request)
        return SUCCESS if _NO_PLACE in (answer.comment or "") else answer


@fault("gives-up-at-deep-sequences", catches=("ENC-26",), caught_as=Verdict.WARN)
class GivesUpAtDeepSequences(Behaviour):
    """A data set with sequences 500 deep is not answered, and the association is aborted."""

    def perform(self, association: Association, request: Request) -> None:
        if request.data_set is not None and request.command.command_field == CommandField.C_STORE_RQ:
            blob = request.data_set.freeze()
            data = blob.read()
            blob.discard()
            if data.count(_SEQUENCE_IN_AN_ITEM) > _DEEP:
                association.abort()
                return
        super().perform(association, request)


@fault("keeps-one-fragment-of-rle", catches=("PIX-04",))
class KeepsOneFragmentOfRle(Edits):
    """Of a frame of RLE in two fragments the first one is kept, and the answer is 0000."""

    transfer_syntaxes = frozenset({_RLE})

    def edit(self, elements: Elements) -> None:
        in_fragments(elements, lambda frames: frames[:1])


@fault("two-kinds-of-pixel-data-are-never-answered", catches=("PIX-09",))
class TwoKindsOfPixelDataAreNeverAnswered(Behaviour):
    """A data set with Pixel Data beside Float Pixel Data gets no response."""

    def perform(self, association: Association, request: Request) -> None:
        if request.data_set is not None and request.command.command_field == CommandField.C_STORE_RQ:
            blob = request.data_set.freeze()
            data = blob.read()
            blob.discard()
            if _FLOATS in data and _PIXELS in data:
                return
        super().perform(association, request)


@fault("baseline-is-not-extended", catches=("PIX-11",), caught_as=Verdict.WARN)
class BaselineIsNotExtended(Behaviour):
    """A baseline stream in JPEG Extended is refused with A900."""

    def answer_store(self, association: Association, request: Request) -> Answer:
        if request.context.transfer_syntax == _JPEG_EXTENDED and request.data_set is not None:
            blob = request.data_set.freeze()
            data = blob.read()
            blob.discard()
            if b"\xff\xc0\x00" in data:
                return Answer(status=0xA900, comment="Not of process 4")
        return super().answer_store(association, request)


@fault("mends-an-irreversible-stream", catches=("PIX-12",))
class MendsAnIrreversibleStream(Edits):
    """In JPEG 2000 Lossless an irreversible stream becomes a reversible one of four bits, with 0000."""

    transfer_syntaxes = frozenset({JPEG_2000})

    def edit(self, elements: Elements) -> None:
        bits = int.from_bytes(elements[_BITS_STORED].value, "little")

        def again(stream: bytes) -> bytes:
            samples = np.asarray(imagecodecs.jpeg2k_decode(stream, numthreads=1)) & ~np.uint16(0xFF)
            data = imagecodecs.jpeg2k_encode(
                samples, 0, codecformat="J2K", reversible=True, bitspersample=bits, mct=False, numthreads=1
            )
            return even(bytes(data))

        in_fragments(elements, lambda frames: [again(frame) for frame in frames])


@fault("clears-bits-that-no-sample-uses", catches=("PIX-14",), caught_as=Verdict.WARN)
class ClearsBitsThatNoSampleUses(_EditsNative):
    """Bits above the bits stored are set to zero."""

    def edit(self, elements: Elements) -> None:
        bits = int.from_bytes(elements[_BITS_STORED].value, "little") if _BITS_STORED in elements else 0
        if 8 < bits < 16 and PIXEL_DATA in elements:
            cells = np.frombuffer(elements[PIXEL_DATA].value, dtype="<u2") & np.uint16((1 << bits) - 1)
            elements[PIXEL_DATA] = replace(elements[PIXEL_DATA], value=cells.astype("<u2").tobytes())


@fault("floats-need-a-native-syntax", catches=("TS-20",))
class FloatsNeedANativeSyntax(Edits):
    """Of an instance in JPEG 2000 the floats are dropped, and the answer is 0000."""

    transfer_syntaxes = frozenset({JPEG_2000})

    def edit(self, elements: Elements) -> None:
        elements.pop(_FLOAT_PIXEL_DATA, None)


@fault("rejects-what-offers-nothing-native", catches=("TS-03",))
class RejectsWhatOffersNothingNative(Behaviour):
    """A context without a native transfer syntax makes it reject the association."""

    def provider_rejection(self, request: Associate) -> AssociateRJ | None:
        contexts = request.proposed_contexts
        if all(_NATIVE.intersection(context.transfer_syntaxes) for context in contexts):
            return super().provider_rejection(request)
        return _NO_REASON
