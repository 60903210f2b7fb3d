"""Faults of pixel data: what is kept is another picture than came, or cannot be found in its fragments any more."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import imagecodecs
import numpy as np

from conformance.standard.transfer_syntaxes import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element, decode, encode
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from conformance.target.embedded.walk import Encoding
from tests.faulty.editing import PIXEL_DATA
from tests.faulty.registry import fault

JPEG_LOSSLESS_SV1: Final = "1.2.840.10008.1.2.4.70"
JPEG_LS: Final = "1.2.840.10008.1.2.4.80"
JPEG_2000: Final = "1.2.840.10008.1.2.4.90"
HEVC: Final = "1.2.840.10008.1.2.4.107"
_EXPLICIT: Final = "1.2.840.10008.1.2.1"
_NUMBER_OF_FRAMES: Final = 0x0028_0008
_ICON_IMAGE_SEQUENCE: Final = 0x0088_0200
_BITS_STORED: Final = 0x0028_0101

Elements = dict[int, Element]


class Edits(Behaviour):
    """Stores instances of some transfer syntaxes with their elements changed."""

    transfer_syntaxes: frozenset[str] = frozenset()

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        if instance.transfer_syntax not in self.transfer_syntaxes:
            return super().store_instance(store, instance)
        encoding = Encoding(explicit_vr=instance.transfer_syntax != IMPLICIT_VR_LITTLE_ENDIAN)
        elements = decode(instance.data_set.read(), encoding)
        self.edit(elements)
        instance.data_set.discard()
        changed = replace(instance, data_set=store.blob(encode(elements, encoding)))
        return super().store_instance(store, changed)

    def edit(self, elements: Elements) -> None:
        raise NotImplementedError


def in_fragments(elements: Elements, change: Callable[[list[bytes]], Sequence[bytes]]) -> None:
    """Change the fragments, the offset table emptied."""
    element = elements[PIXEL_DATA]
    assert element.fragments is not None
    elements[PIXEL_DATA] = replace(element, fragments=(b"", *change(list(element.fragments[1:]))))


def even(stream: bytes) -> bytes:
    return stream + b"\0" * (len(stream) % 2)


@fault("flips-one-pixel-of-one-frame", catches=("FID-02", "PIX-13"))
class FlipsOnePixelOfOneFrame(Edits):
    """One sample of the last frame is another one after a lossless compression anew."""

    transfer_syntaxes = frozenset({JPEG_LS})

    def edit(self, elements: Elements) -> None:
        def flip(frames: list[bytes]) -> list[bytes]:
            samples = np.array(imagecodecs.jpegls_decode(frames[-1]))
            samples[3, 4] ^= 1
            return [*frames[:-1], even(bytes(imagecodecs.jpegls_encode(samples, 0)))]

        in_fragments(elements, flip)


@fault("compresses-with-loss-in-silence", catches=("FID-02", "PIX-13"))
class CompressesWithLossInSilence(Edits):
    """JPEG 2000 Lossless is made irreversible, and nothing in the data set tells of it."""

    transfer_syntaxes = frozenset({JPEG_2000})

    def edit(self, elements: Elements) -> None:
        bits = int.from_bytes(elements[_BITS_STORED].value, "little")

        def compress(stream: bytes) -> bytes:
            samples = imagecodecs.jpeg2k_decode(stream, numthreads=1)
            return even(
                bytes(
                    imagecodecs.jpeg2k_encode(
                        samples, 40, codecformat="J2K", reversible=False, bitspersample=bits, mct=False, numthreads=1
                    )
                )
            )

        in_fragments(elements, lambda frames: [compress(frame) for frame in frames])


@fault("swaps-bytes-of-words", catches=("FID-02", "PIX-13"))
class SwapsBytesOfWords(Edits):
    """The two bytes of each 16-bit pixel are swapped, those of 8 bits stay as they are."""

    transfer_syntaxes = frozenset({_EXPLICIT})

    def edit(self, elements: Elements) -> None:
        element = elements[PIXEL_DATA]
        if int.from_bytes(elements[_BITS_STORED].value, "little") > 8:
            swapped = np.frombuffer(element.value, dtype="<u2").byteswap().tobytes()
            elements[PIXEL_DATA] = replace(element, value=swapped)


@fault("drops-the-last-frame", catches=("FID-01", "FID-02", "PIX-13"))
class DropsTheLastFrame(Edits):
    """Of several compressed frames the last one is dropped, and Number of Frames says so."""

    transfer_syntaxes = frozenset({JPEG_LOSSLESS_SV1})

    def edit(self, elements: Elements) -> None:
        if _NUMBER_OF_FRAMES in elements:
            in_fragments(elements, lambda frames: frames[:-1])
            count = int(elements[_NUMBER_OF_FRAMES].value) - 1
            elements[_NUMBER_OF_FRAMES] = replace(elements[_NUMBER_OF_FRAMES], value=b"%d " % count)


@fault("exchanges-two-frames", catches=("FID-02", "PIX-13"))
class ExchangesTwoFrames(Edits):
    """The first two frames have changed places."""

    transfer_syntaxes = frozenset({JPEG_LOSSLESS_SV1})

    def edit(self, elements: Elements) -> None:
        in_fragments(elements, lambda frames: [*frames[1::-1], *frames[2:]])


@fault("keeps-a-stale-offset-table", catches=("PIX-07",))
class KeepsAStaleOffsetTable(Edits):
    """The offsets of the Basic Offset Table count from the table itself."""

    transfer_syntaxes = frozenset({JPEG_LOSSLESS_SV1})

    def edit(self, elements: Elements) -> None:
        element = elements[PIXEL_DATA]
        assert element.fragments is not None
        table, *rest = element.fragments
        offsets = struct.unpack(f"<{len(table) // 4}I", table)
        stale = struct.pack(f"<{len(offsets)}I", *(offset + 8 + len(table) for offset in offsets))
        elements[PIXEL_DATA] = replace(element, fragments=(stale, *rest))


@fault("takes-the-first-fragment-for-the-frame", catches=("FID-02", "PIX-13"))
class TakesTheFirstFragmentForTheFrame(Edits):
    """Of a frame that spans fragments the first one is kept."""

    transfer_syntaxes = frozenset({JPEG_LS})

    def edit(self, elements: Elements) -> None:
        if _NUMBER_OF_FRAMES not in elements:
            in_fragments(elements, lambda frames: frames[:1])


@fault("keeps-the-beginning-of-a-video", catches=("FID-02", "PIX-13"))
class KeepsTheBeginningOfAVideo(Edits):
    """Of a video in several fragments the first one is kept."""

    transfer_syntaxes = frozenset({HEVC})

    def edit(self, elements: Elements) -> None:
        in_fragments(elements, lambda fragments: fragments[:1])


@fault("drops-the-native-icon", catches=("FID-01",))
class DropsTheNativeIcon(Edits):
    """An icon with native pixel data inside of a compressed image is dropped."""

    transfer_syntaxes = frozenset({JPEG_2000})

    def edit(self, elements: Elements) -> None:
        elements.pop(_ICON_IMAGE_SEQUENCE, None)
