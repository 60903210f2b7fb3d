"""The kinds of pixels that native Pixel Data comes in (PS3.5 8.1, PS3.3 C.7.6.3), each as a secondary capture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from conformance.instances import catalogue, pixels
from conformance.instances.identity import Identity
from conformance.instances.instance import Instance
from conformance.instances.iod.common import add
from conformance.instances.iod.image import set_pixel_data

_SIDE: Final = 24
_ODD_ROWS: Final = 15
_ODD_COLUMNS: Final = 17
_ENTRIES: Final = 256
_CURVES: Final = (("Red", 1), ("Green", 2), ("Blue", 4))

Build = Callable[[Identity], Instance]


def _grey(*, bits: int, signed: bool = False, rows: int = _SIDE, columns: int = _SIDE) -> Build:
    def edit(dataset: Dataset) -> None:
        _describe(dataset, bits=bits, signed=signed, rows=rows, columns=columns)
        seed = str(dataset.SOPInstanceUID)
        planes = pixels.planes(seed, frames=1, rows=rows, columns=columns, bits_stored=bits, signed=signed)
        set_pixel_data(dataset, planes.tobytes())

    return _capture(edit)


def _colour(*, by_plane: bool, photometric: str = "RGB") -> Build:
    def edit(dataset: Dataset) -> None:
        _describe(dataset, bits=8, samples=3, photometric=photometric)
        dataset.PlanarConfiguration = int(by_plane)
        frame = _colours(dataset)
        set_pixel_data(dataset, np.ascontiguousarray(frame.transpose(2, 0, 1) if by_plane else frame).tobytes())

    return _capture(edit)


def _with_unused_bits(dataset: Dataset) -> None:
    """Twelve bits in words of sixteen, and something else in the four above them (PS3.5 8.1.1)."""
    _describe(dataset, bits=12)
    seed = str(dataset.SOPInstanceUID)
    samples = pixels.planes(seed, frames=1, rows=_SIDE, columns=_SIDE, bits_stored=12).astype("<u2")
    above = (np.arange(samples.size, dtype="<u2").reshape(samples.shape) % 15 + 1) << 12
    set_pixel_data(dataset, (samples | above.astype("<u2")).tobytes())


def _subsampled(dataset: Dataset) -> None:
    _describe(dataset, bits=8, samples=3, photometric="YBR_FULL_422")
    dataset.PlanarConfiguration = 0
    # PS3.3 C.7.6.3.1.2: Y Y CB CR, the chrominance of the first of two pixels
    luminance, blue, red = np.moveaxis(_colours(dataset), -1, 0)
    pairs = np.stack([luminance[:, ::2], luminance[:, 1::2], blue[:, ::2], red[:, ::2]], axis=-1)
    set_pixel_data(dataset, np.ascontiguousarray(pairs).tobytes())


def _palette(dataset: Dataset) -> None:
    _describe(dataset, bits=8, photometric="PALETTE COLOR")
    planes = pixels.planes(str(dataset.SOPInstanceUID), frames=1, rows=_SIDE, columns=_SIDE, bits_stored=8)
    set_pixel_data(dataset, planes.tobytes())
    for colour, factor in _CURVES:
        entries = (np.minimum(np.arange(_ENTRIES) * factor, _ENTRIES - 1) * 257).astype("<u2")
        # PS3.3 C.7.6.3.1.5: number of entries, first value mapped, bits of an entry
        add(dataset, Tag(f"{colour}PaletteColorLookupTableDescriptor"), "US", [_ENTRIES, 0, 16])
        add(dataset, Tag(f"{colour}PaletteColorLookupTableData"), "OW", entries.tobytes())


def _bits(identity: Identity) -> Instance:
    keyword = "MultiFrameSingleBitSecondaryCaptureImageStorage"
    return catalogue.build(keyword, identity, rows=16, columns=16, frames=2)


def _capture(edit: Callable[[Dataset], None]) -> Build:
    def build(identity: Identity) -> Instance:
        capture = catalogue.build("SecondaryCaptureImageStorage", identity, rows=_SIDE, columns=_SIDE)
        return capture.changed(label=capture.label, edit=edit)

    return build


def _describe(
    dataset: Dataset,
    *,
    bits: int,
    samples: int = 1,
    photometric: str = "MONOCHROME2",
    signed: bool = False,
    rows: int = _SIDE,
    columns: int = _SIDE,
) -> None:
    dataset.Rows, dataset.Columns = rows, columns
    dataset.SamplesPerPixel = samples
    dataset.PhotometricInterpretation = photometric
    dataset.BitsAllocated = 16 if bits > 8 else 8
    dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = int(signed)


def _colours(dataset: Dataset) -> npt.NDArray[Any]:
    frames: npt.NDArray[Any] = pixels.colour_planes(str(dataset.SOPInstanceUID), frames=1, rows=_SIDE, columns=_SIDE)
    frame: npt.NDArray[Any] = frames[0]
    return frame


with_unused_bits: Final[Build] = _capture(_with_unused_bits)
"""Makes an instance whose cells hold more than samples."""
KINDS: Final[Mapping[str, Build]] = MappingProxyType(
    {
        "grey 8": _grey(bits=8),
        "grey 8, odd size": _grey(bits=8, rows=_ODD_ROWS, columns=_ODD_COLUMNS),
        "grey 12": _grey(bits=12),
        "grey 16": _grey(bits=16),
        "signed 12": _grey(bits=12, signed=True),
        "signed 16": _grey(bits=16, signed=True),
        "RGB by pixel": _colour(by_plane=False),
        "RGB by plane": _colour(by_plane=True),
        "YBR_FULL": _colour(by_plane=False, photometric="YBR_FULL"),
        "YBR_FULL_422": _capture(_subsampled),
        "PALETTE COLOR": _capture(_palette),
        "single bits": _bits,
    }
)
"""What makes an instance of each kind, by a name for people."""
