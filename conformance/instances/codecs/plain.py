"""Frames in fragments as they are, or deflated.

Encapsulated Uncompressed (PS3.5 A.4.11) and Deflated Image Frame Compression (PS3.5 A.4.13).
"""

from __future__ import annotations

import zlib
from typing import Final

from pydicom.uid import UID

from conformance.instances.codecs import native
from conformance.instances.codecs.result import encapsulated
from conformance.instances.instance import Instance

ENCAPSULATED_UNCOMPRESSED: Final = UID("1.2.840.10008.1.2.1.98")
DEFLATED_IMAGE_FRAME: Final = UID("1.2.840.10008.1.2.8.1")
_SUBSAMPLED: Final = "YBR_FULL_422"


def uncompressed(instance: Instance) -> Instance:
    """Return the instance with each frame in a fragment, not compressed; nothing else changes.

    Raises:
        InstanceError: it has no native pixel data, or frames that do not end with a byte.
    """
    frames = _frames(instance)
    return encapsulated(instance, ENCAPSULATED_UNCOMPRESSED, frames, name="encapsulated uncompressed", by_pixel=False)


def deflated(instance: Instance) -> Instance:
    """Return the instance with each frame deflated for itself (RFC 1951, no zlib header); nothing else changes.

    Raises:
        InstanceError: as `uncompressed`.
    """
    frames = [_deflated(frame) for frame in _frames(instance)]
    return encapsulated(instance, DEFLATED_IMAGE_FRAME, frames, name="deflated frames", by_pixel=False)


def _frames(instance: Instance) -> list[bytes]:
    dataset = instance.dataset
    if instance.is_encapsulated or "PixelData" not in dataset:
        raise native.refusal(instance, "has no native pixel data", "take an image that is not compressed")
    samples = 2 if dataset.PhotometricInterpretation == _SUBSAMPLED else int(dataset.SamplesPerPixel)
    bits = int(dataset.Rows) * int(dataset.Columns) * samples * int(dataset.BitsAllocated)
    if bits % 8:
        # PS3.5 8.1.1: frames of native single bits follow each other without padding.
        raise native.refusal(instance, f"has frames of {bits} bits, no whole bytes", "take rows of 8, 16, ... pixels")
    size = bits // 8
    data = memoryview(dataset.PixelData)
    return [bytes(data[at * size : (at + 1) * size]) for at in range(native.frame_count(dataset))]


def _deflated(frame: bytes) -> bytes:
    compressor = zlib.compressobj(level=6, wbits=-zlib.MAX_WBITS)
    return compressor.compress(frame) + compressor.flush()
