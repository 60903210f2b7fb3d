"""JPEG XL, lossless and lossy (PS3.5 8.2.15), as bare codestreams."""

from __future__ import annotations

from typing import Final

import imagecodecs
from pydicom.uid import UID

from conformance.instances.codecs import native
from conformance.instances.codecs.result import encapsulated
from conformance.instances.instance import Instance

JPEG_XL_LOSSLESS: Final = UID("1.2.840.10008.1.2.4.110")
JPEG_XL: Final = UID("1.2.840.10008.1.2.4.112")
_DISTANCE: Final = 1.0
_PHOTOMETRIC: Final = (*native.GREY, native.RGB)
# Samples of 16 bits make the encoder write a file with boxes around the codestream (level 10 of ISO/IEC 18181-1).
_LOSSLESS: Final = native.Form(photometric=_PHOTOMETRIC, fewest_bits=8, most_bits=12, signed=False)
_LOSSY: Final = native.Form(photometric=native.GREY, fewest_bits=8, most_bits=12, signed=False, lossless=False)


def lossless(instance: Instance) -> Instance:
    """Return the instance in JPEG XL Lossless; the colour stays what it is.

    Raises:
        InstanceError: it is neither grey nor RGB, or signed, or has not 8 to 12 bits.
    """
    native.check(instance, _LOSSLESS)
    bits = int(instance.dataset.BitsStored)
    frames = [
        bytes(imagecodecs.jpegxl_encode(frame, lossless=True, usecontainer=False, bitspersample=bits, numthreads=1))
        for frame in native.frames(instance)
    ]
    return encapsulated(instance, JPEG_XL_LOSSLESS, frames, name="JPEG XL Lossless")


def lossy(instance: Instance) -> Instance:
    """Return the instance in lossy JPEG XL, marked as such.

    Raises:
        InstanceError: it is not grey, or is signed, or has not 8 to 12 bits.
    """
    native.check(instance, _LOSSY)
    bits = int(instance.dataset.BitsStored)
    frames = [
        bytes(
            imagecodecs.jpegxl_encode(frame, distance=_DISTANCE, usecontainer=False, bitspersample=bits, numthreads=1)
        )
        for frame in native.frames(instance)
    ]
    return encapsulated(instance, JPEG_XL, frames, name="JPEG XL", lossy_method="ISO_18181_1")
