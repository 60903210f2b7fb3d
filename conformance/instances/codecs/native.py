"""Native pixel data as frames: what an encoder is given, and the refusals that encoders share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from conformance.instances.errors import InstanceError
from conformance.instances.instance import Instance

GREY: Final = ("MONOCHROME1", "MONOCHROME2")
INDEXED: Final = "PALETTE COLOR"
RGB: Final = "RGB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a compression can hold of pixel data (the tables of PS3.5 section 8.2).

    Attributes:
        photometric: values of Photometric Interpretation.
        fewest_bits: lowest value of Bits Stored.
        most_bits: highest value of Bits Stored.
        signed: whether Pixel Representation may be 1.
        lossless: whether samples come back as they went in; what codes labels, not light, has no other form.
    """

    photometric: Collection[str]
    fewest_bits: int = 1
    most_bits: int = 16
    signed: bool = True
    lossless: bool = True


def frame_count(dataset: Dataset) -> int:
    """Return Number of Frames, 1 where it is absent."""
    return int(dataset.get("NumberOfFrames") or 1)


def check(instance: Instance, form: Form) -> None:
    """Say that a compression has a form for the pixels of an instance.

    Raises:
        InstanceError: it has none, with what is in the way.
    """
    dataset = instance.dataset
    if instance.is_encapsulated or "PixelData" not in dataset:
        raise refusal(instance, "has no native pixel data", "take an image that is not compressed")
    if dataset.PhotometricInterpretation not in form.photometric:
        what = f"is {dataset.PhotometricInterpretation}; one of {', '.join(form.photometric)} is needed"
        raise refusal(instance, what, "take an image of one of these kinds")
    allocated, stored = int(dataset.BitsAllocated), int(dataset.BitsStored)
    whole_cells = (allocated == 8 or (allocated == 16 and stored > 8)) and dataset.HighBit == stored - 1
    if not whole_cells or not form.fewest_bits <= stored <= form.most_bits:
        what = f"has {stored} bits stored of {allocated}; {form.fewest_bits} to {form.most_bits} are needed"
        raise refusal(instance, what, "take an image of 8 bits in bytes, or of more in 16-bit cells")
    if dataset.PixelRepresentation == 1 and not form.signed:
        raise refusal(instance, "has signed samples, which are not to be had here", "take an unsigned image")
    if not form.lossless:
        check_may_lose(instance)


def check_may_lose(instance: Instance) -> None:
    """Say that a lossy compression may change the samples of an instance.

    Raises:
        InstanceError: its samples are labels or probabilities (PS3.3 C.8.20.2).
    """
    if "SegmentationType" in instance.dataset:
        raise refusal(instance, "is a segmentation, whose samples may not change", "take a lossless compression")


def frames(instance: Instance, *, sign_extended: bool = False) -> list[npt.NDArray[Any]]:
    """Return the frames, grey or colour by pixel, each of shape (rows, columns) or (rows, columns, 3).

    Args:
        instance: one that `check` lets through.
        sign_extended: give signed samples as signed integers; else the bits stored as unsigned ones.
    """
    dataset = instance.dataset
    rows, columns, samples = int(dataset.Rows), int(dataset.Columns), int(dataset.SamplesPerPixel)
    bits, allocated = int(dataset.BitsStored), int(dataset.BitsAllocated)
    count = frame_count(dataset)
    dtype = np.dtype("u1") if allocated == 8 else np.dtype("<u2")
    cells: npt.NDArray[Any] = np.frombuffer(dataset.PixelData, dtype=dtype, count=count * rows * columns * samples)
    # PS3.5 8.1.1: the bits above High Bit are no part of a sample
    cells = np.bitwise_and(cells, dtype.type((1 << bits) - 1))
    if sign_extended and dataset.PixelRepresentation == 1:
        unused = allocated - bits
        cells = (cells << dtype.type(unused)).view(f"<i{dtype.itemsize}") >> unused
    if samples == 1:
        return list(cells.reshape(count, rows, columns))
    if dataset.get("PlanarConfiguration", 0) == 1:
        planes = cells.reshape(count, samples, rows, columns)
        return [np.ascontiguousarray(frame) for frame in planes.transpose(0, 2, 3, 1)]
    return list(cells.reshape(count, rows, columns, samples))


def refusal(instance: Instance, what: str, hint: str) -> InstanceError:
    """Return the error that says why an instance has no form in a compression."""
    return InstanceError(f"{instance.label or 'instance'} {what}", hint=hint)
