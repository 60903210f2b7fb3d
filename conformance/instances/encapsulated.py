"""Encapsulated pixel data: RLE Lossless by pydicom's own encoder, JPEG Baseline by Pillow."""

import io
from typing import Final

from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders.base import get_encoder
from pydicom.tag import Tag
from pydicom.uid import JPEGBaseline8Bit, RLELossless

from conformance.instances.codecs import native
from conformance.instances.errors import InstanceError
from conformance.instances.instance import Instance
from conformance.instances.iod.common import add

_JPEG_QUALITY: Final = 90
_SUBSAMPLING_4_2_2: Final = 1


def rle(instance: Instance) -> Instance:
    """Return the instance with its pixel data in RLE Lossless (PS3.5 A.4.2, Annex G); nothing else changes.

    Raises:
        InstanceError: it has no native pixel data of 8 or 16 bits.
    """
    _check(instance, allocated={8, 16})
    dataset = instance.dataset
    frames = list(
        get_encoder(RLELossless).iter_encode(
            _by_pixel(instance),
            encoding_plugin="pydicom",
            rows=dataset.Rows,
            columns=dataset.Columns,
            samples_per_pixel=dataset.SamplesPerPixel,
            number_of_frames=_frames(dataset),
            bits_allocated=dataset.BitsAllocated,
            bits_stored=dataset.BitsStored,
            pixel_representation=dataset.PixelRepresentation,
            photometric_interpretation=dataset.PhotometricInterpretation,
            planar_configuration=0,
        )
    )
    return _encapsulated(instance, RLELossless, frames)


def jpeg_baseline(instance: Instance) -> Instance:
    """Return the instance with its 8-bit pixel data in JPEG Baseline (PS3.5 A.4.1), marked as lossy.

    Colour becomes YBR_FULL_422, which is what the stream holds (PS3.5 section 8.2.1).

    Raises:
        InstanceError: it has no native pixel data of 8 bits, grey or RGB colour by pixel, or is a segmentation.
    """
    _check(instance, allocated={8})
    native.check_may_lose(instance)
    dataset = instance.dataset
    frame_bytes = dataset.Rows * dataset.Columns * dataset.SamplesPerPixel
    pixels = memoryview(dataset.PixelData)
    frames = [
        _jpeg(dataset, bytes(pixels[frame * frame_bytes : (frame + 1) * frame_bytes]))
        for frame in range(_frames(dataset))
    ]
    ratio = len(pixels) / sum(len(frame) for frame in frames)

    def mark(changed: Dataset) -> None:
        # PS3.3 C.7.6.1.1.5
        changed.LossyImageCompression = "01"
        changed.LossyImageCompressionRatio = f"{ratio:.2f}"
        changed.LossyImageCompressionMethod = "ISO_10918_1"
        if changed.SamplesPerPixel == 3:
            changed.PhotometricInterpretation = "YBR_FULL_422"

    return _encapsulated(instance.changed(label=instance.label, edit=mark), JPEGBaseline8Bit, frames)


def _by_pixel(instance: Instance) -> bytes:
    """Pixel data as the encoder takes them; its segments are by plane whatever they were before (PS3.5 G.2)."""
    if instance.dataset.get("PlanarConfiguration", 0) == 0:
        return bytes(instance.dataset.PixelData)
    return b"".join(frame.tobytes() for frame in native.frames(instance))


def _encapsulated(instance: Instance, transfer_syntax_uid: str, frames: list[bytes]) -> Instance:
    def edit(dataset: Dataset) -> None:
        add(dataset, Tag("PixelData"), "OB", encapsulate(frames))
        dataset["PixelData"].is_undefined_length = True

    name = "RLE" if transfer_syntax_uid == RLELossless else "JPEG Baseline"
    changed = instance.changed(label=f"{instance.label}, {name}", edit=edit)
    return Instance(dataset=changed.dataset, transfer_syntax_uid=str(transfer_syntax_uid), label=changed.label)


def _jpeg(dataset: Dataset, frame: bytes) -> bytes:
    mode = "RGB" if dataset.SamplesPerPixel == 3 else "L"
    picture = Image.frombytes(mode, (dataset.Columns, dataset.Rows), frame)
    stream = io.BytesIO()
    if mode == "RGB":
        picture.save(stream, format="JPEG", quality=_JPEG_QUALITY, subsampling=_SUBSAMPLING_4_2_2)
    else:
        picture.save(stream, format="JPEG", quality=_JPEG_QUALITY)
    return stream.getvalue()


def _frames(dataset: Dataset) -> int:
    return int(dataset.get("NumberOfFrames") or 1)


def _check(instance: Instance, *, allocated: set[int]) -> None:
    dataset = instance.dataset
    if instance.is_encapsulated or "PixelData" not in dataset or dataset.BitsAllocated not in allocated:
        raise InstanceError(
            f"{instance.label or 'instance'} has no native pixel data of the bits allocated that are needed",
            hint=f"take an image with one of {sorted(allocated)}",
        )
