"""The compressed frames put into the instance: fragments, and the attributes that tell of a compression."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.multival import MultiValue
from pydicom.tag import Tag

from conformance.instances.instance import Instance
from conformance.instances.iod.common import add


def encapsulated(
    native: Instance,
    transfer_syntax_uid: str,
    frames: Sequence[bytes],
    *,
    name: str,
    photometric: str | None = None,
    lossy_method: str | None = None,
    by_pixel: bool = True,
) -> Instance:
    """Return the instance with its frames in a fragment each, after a filled Basic Offset Table (PS3.5 A.4).

    Args:
        native: the instance before compression.
        transfer_syntax_uid: what `frames` are encoded in.
        frames: the compressed frames.
        name: of the compression, for people.
        photometric: Photometric Interpretation of the compressed frames, where it is another one.
        lossy_method: the term of Lossy Image Compression Method; None where samples come back as they went in.
        by_pixel: colour is now interleaved by pixel, whatever it was before (the tables of PS3.5 8.2).
    """

    def edit(dataset: Dataset) -> None:
        if lossy_method is not None:
            raw_bytes = len(dataset.PixelData)
            mark_lossy(dataset, method=lossy_method, ratio=raw_bytes / sum(map(len, frames)))
        if photometric is not None:
            dataset.PhotometricInterpretation = photometric
        if by_pixel and dataset.SamplesPerPixel > 1:
            dataset.PlanarConfiguration = 0
        add(dataset, Tag("PixelData"), "OB", encapsulate(list(frames)))
        dataset["PixelData"].is_undefined_length = True

    return recoded(native, transfer_syntax_uid, label=f"{native.label}, {name}", edit=edit)


def recoded(instance: Instance, transfer_syntax_uid: str, *, label: str, edit: Callable[[Dataset], None]) -> Instance:
    """Return a changed copy of an instance that is in a transfer syntax of its own."""
    changed = instance.changed(label=label, edit=edit)
    return Instance(dataset=changed.dataset, transfer_syntax_uid=str(transfer_syntax_uid), label=label)


def mark_lossy(dataset: Dataset, *, method: str, ratio: float) -> None:
    """Tell of a lossy compression, after those that came before it (PS3.3 C.7.6.1.1.5)."""
    dataset.LossyImageCompression = "01"
    dataset.LossyImageCompressionRatio = [*_before(dataset, "LossyImageCompressionRatio"), f"{ratio:.2f}"]
    dataset.LossyImageCompressionMethod = [*_before(dataset, "LossyImageCompressionMethod"), method]


def _before(dataset: Dataset, keyword: str) -> list[str]:
    value = dataset.get(keyword)
    if value in (None, ""):
        return []
    return [str(one) for one in value] if isinstance(value, MultiValue | list) else [str(value)]
