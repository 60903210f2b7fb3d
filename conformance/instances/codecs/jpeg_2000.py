"""JPEG 2000 (PS3.5 8.2.4, A.4.4) and High-Throughput JPEG 2000 (A.4.4), as codestreams without a file header."""

from __future__ import annotations

from typing import Any, Final

import imagecodecs
import numpy.typing as npt
from pydicom.uid import HTJ2K, JPEG2000, HTJ2KLossless, JPEG2000Lossless

from conformance.instances.codecs import native
from conformance.instances.codecs.result import encapsulated
from conformance.instances.instance import Instance

_DECIBELS: Final = 45
_QUANTIZATION: Final = 0.02
_REVERSIBLE_COLOUR: Final = "YBR_RCT"
_IRREVERSIBLE_COLOUR: Final = "YBR_ICT"
# PS3.5 Table 8.2.4-1
_LOSSLESS: Final = native.Form(photometric=(*native.GREY, native.INDEXED, native.RGB))
_LOSSY: Final = native.Form(photometric=(*native.GREY, native.RGB), fewest_bits=8, lossless=False)


def lossless(instance: Instance) -> Instance:
    """Return the instance in JPEG 2000 Lossless; RGB becomes YBR_RCT, which is what the stream holds.

    Raises:
        InstanceError: it is neither grey nor RGB nor indexed.
    """
    native.check(instance, _LOSSLESS)
    frames = [_part_1(frame, instance, reversible=True) for frame in _components(instance)]
    return encapsulated(
        instance, JPEG2000Lossless, frames, name="JPEG 2000 Lossless", photometric=_colour(instance, reversible=True)
    )


def lossy(instance: Instance) -> Instance:
    """Return the instance in irreversible JPEG 2000, marked as lossy; RGB becomes YBR_ICT.

    Raises:
        InstanceError: it is neither grey nor RGB, or has less than 8 bits.
    """
    native.check(instance, _LOSSY)
    frames = [_part_1(frame, instance, reversible=False) for frame in _components(instance)]
    return encapsulated(
        instance,
        JPEG2000,
        frames,
        name="JPEG 2000",
        photometric=_colour(instance, reversible=False),
        lossy_method="ISO_15444_1",
    )


def high_throughput_lossless(instance: Instance) -> Instance:
    """Return the instance in HTJ2K Lossless; RGB becomes YBR_RCT.

    Raises:
        InstanceError: it is neither grey nor RGB nor indexed, or leaves bits of its cells unused.
    """
    native.check(instance, _LOSSLESS)
    _check_full_cells(instance)
    frames = [_part_15(frame, reversible=True) for frame in _components(instance)]
    return encapsulated(
        instance, HTJ2KLossless, frames, name="HTJ2K Lossless", photometric=_colour(instance, reversible=True)
    )


def high_throughput_lossy(instance: Instance) -> Instance:
    """Return the instance in irreversible HTJ2K, marked as lossy; RGB becomes YBR_ICT.

    Raises:
        InstanceError: it is neither grey nor RGB, or leaves bits of its cells unused.
    """
    native.check(instance, _LOSSY)
    _check_full_cells(instance)
    frames = [_part_15(frame, reversible=False) for frame in _components(instance)]
    return encapsulated(
        instance,
        HTJ2K,
        frames,
        name="HTJ2K",
        photometric=_colour(instance, reversible=False),
        lossy_method="ISO_15444_15",
    )


def _components(instance: Instance) -> list[npt.NDArray[Any]]:
    # A component of the stream has a sign of its own, which has to be that of Pixel Representation.
    return native.frames(instance, sign_extended=True)


def _part_1(frame: npt.NDArray[Any], instance: Instance, *, reversible: bool) -> bytes:
    return bytes(
        imagecodecs.jpeg2k_encode(
            frame,
            0 if reversible else _DECIBELS,
            codecformat="J2K",
            reversible=reversible,
            mct=frame.ndim == 3,
            bitspersample=int(instance.dataset.BitsStored),
            numthreads=1,
        )
    )


def _part_15(frame: npt.NDArray[Any], *, reversible: bool) -> bytes:
    level = None if reversible else _QUANTIZATION
    return bytes(imagecodecs.htj2k_encode(frame, level, reversible=reversible, rgb=frame.ndim == 3))


def _colour(instance: Instance, *, reversible: bool) -> str | None:
    if instance.dataset.SamplesPerPixel == 1:
        return None
    return _REVERSIBLE_COLOUR if reversible else _IRREVERSIBLE_COLOUR


def _check_full_cells(instance: Instance) -> None:
    """The encoder writes the depth of the cells, which has to be Bits Stored."""
    stored, allocated = instance.dataset.BitsStored, instance.dataset.BitsAllocated
    if stored != allocated:
        what = f"has {stored} bits stored of {allocated}; the encoder writes {allocated}"
        raise native.refusal(instance, what, "take an image that uses all bits of its cells")
