"""JPEG beyond Baseline (PS3.5 8.2.1, A.4.1): Extended with 12 bits, and Lossless with either kind of prediction."""

from __future__ import annotations

from typing import Any, Final

import imagecodecs
import numpy.typing as npt
from pydicom.uid import JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1

from conformance.instances.codecs import native
from conformance.instances.codecs.result import encapsulated
from conformance.instances.instance import Instance

_QUALITY: Final = 95
_LEFT: Final = 1
_ABOVE_AND_GRADIENT: Final = 6
# PS3.5 Table 8.2.1-1: with 8 bits it is Process 2, whose streams differ from Baseline by their marker alone.
_EXTENDED: Final = native.Form(photometric=native.GREY, fewest_bits=12, most_bits=12, signed=False, lossless=False)
# PS3.5 Table 8.2.1-2
_LOSSLESS: Final = native.Form(photometric=(*native.GREY, native.INDEXED, native.RGB), fewest_bits=2)


def extended_12_bit(instance: Instance) -> Instance:
    """Return the instance in JPEG Extended, Process 4, marked as lossy.

    Raises:
        InstanceError: it is not grey, unsigned, with 12 bits.
    """
    native.check(instance, _EXTENDED)
    frames = [bytes(imagecodecs.jpeg8_encode(frame, _QUALITY, bitspersample=12)) for frame in native.frames(instance)]
    return encapsulated(instance, JPEGExtended12Bit, frames, name="JPEG Extended 12 bit", lossy_method="ISO_10918_1")


def lossless(instance: Instance) -> Instance:
    """Return the instance in JPEG Lossless, Process 14, predicted from above and the gradient (selection value 6).

    Raises:
        InstanceError: it is neither grey nor RGB nor indexed, or has less than 2 bits.
    """
    native.check(instance, _LOSSLESS)
    frames = [_predicted(frame, instance, _ABOVE_AND_GRADIENT) for frame in native.frames(instance)]
    return encapsulated(instance, JPEGLossless, frames, name="JPEG Lossless")


def lossless_sv1(instance: Instance) -> Instance:
    """Return the instance in JPEG Lossless, Process 14, predicted from the left (selection value 1).

    Raises:
        InstanceError: as `lossless`.
    """
    native.check(instance, _LOSSLESS)
    frames = [_predicted(frame, instance, _LEFT) for frame in native.frames(instance)]
    return encapsulated(instance, JPEGLosslessSV1, frames, name="JPEG Lossless SV1")


def _predicted(frame: npt.NDArray[Any], instance: Instance, predictor: int) -> bytes:
    # The stream says that its colour is RGB, so that no decoder takes it for YCbCr.
    colour_space = "RGB" if frame.ndim == 3 else None
    stream = imagecodecs.jpeg8_encode(
        frame,
        lossless=True,
        predictor=predictor,
        bitspersample=int(instance.dataset.BitsStored),
        colorspace=colour_space,
        outcolorspace=colour_space,
    )
    return bytes(stream)
