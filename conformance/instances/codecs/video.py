"""Video: a carried stream in place of the native frames of a video instance (PS3.5 8.2.5 to 8.2.11).

No encoder of video runs here. The streams are small, made once by `tests/instances/video_streams.py`, and hold a
pattern that moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.tag import Tag
from pydicom.uid import VideoEndoscopicImageStorage, VideoMicroscopicImageStorage, VideoPhotographicImageStorage

from conformance.instances.codecs.result import mark_lossy, recoded
from conformance.instances.errors import InstanceError
from conformance.instances.instance import Instance
from conformance.instances.iod.common import add

if TYPE_CHECKING:
    from collections.abc import Mapping

SOP_CLASSES: Final = (VideoEndoscopicImageStorage, VideoMicroscopicImageStorage, VideoPhotographicImageStorage)
"""What is made of video."""
_FRAGMENTS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A stream of video.

    Attributes:
        name: what it is compressed with, for people.
        file: its name among the files of `conformance/instances/video`.
        method: the term of Lossy Image Compression Method (PS3.3 C.7.6.1.1.5.1).
        rows: of a frame.
        columns: of a frame.
        frame_ms: how long a frame is shown, in milliseconds.
        frames: how many there are.
        bits: of a sample.
        pixel_height: of a pixel, against `pixel_width`.
        pixel_width: of a pixel.
    """

    name: str
    file: str
    method: str
    rows: int
    columns: int
    frame_ms: int
    frames: int = 5
    bits: int = 8
    pixel_height: int = 1
    pixel_width: int = 1

    def read(self) -> bytes:
        """Its bytes, of even length."""
        return _read(self.file)


_MAIN: Final = Stream(
    name="MPEG2 Main Profile / Main Level",
    file="mpeg2_main_main.m2v",
    method="ISO_13818_2",
    rows=576,
    columns=720,
    frame_ms=40,
    pixel_height=15,
    pixel_width=16,
)
_HIGH: Final = Stream(
    name="MPEG2 Main Profile / High Level",
    file="mpeg2_main_high.ts",
    method="ISO_13818_2",
    rows=720,
    columns=1280,
    frame_ms=20,
)
_AVC_4_1: Final = Stream(
    name="MPEG-4 AVC/H.264 High Profile / Level 4.1",
    file="avc_high_4_1.mp4",
    method="ISO_14496_10",
    rows=720,
    columns=1280,
    frame_ms=20,
)
_AVC_BD: Final = Stream(
    name="MPEG-4 AVC/H.264 BD-compatible",
    file="avc_bd_4_1.ts",
    method="ISO_14496_10",
    rows=720,
    columns=1280,
    frame_ms=20,
)
_AVC_4_2: Final = Stream(
    name="MPEG-4 AVC/H.264 High Profile / Level 4.2",
    file="avc_high_4_2.ts",
    method="ISO_14496_10",
    rows=1080,
    columns=1920,
    frame_ms=20,
)
_AVC_3D: Final = Stream(
    name="MPEG-4 AVC/H.264 High Profile / Level 4.2, two views side by side",
    file="avc_high_4_2_3d.ts",
    method="ISO_14496_10",
    rows=1080,
    columns=1920,
    frame_ms=20,
)
_HEVC: Final = Stream(
    name="HEVC/H.265 Main Profile / Level 5.1",
    file="hevc_main_5_1.mp4",
    method="ISO_23008_2",
    rows=1080,
    columns=1920,
    frame_ms=20,
)
_HEVC_10: Final = Stream(
    name="HEVC/H.265 Main 10 Profile / Level 5.1",
    file="hevc_main_10_5_1.ts",
    method="ISO_23008_2",
    rows=1080,
    columns=1920,
    frame_ms=20,
    bits=10,
)
_WHOLE: Final = {
    "1.2.840.10008.1.2.4.100": _MAIN,
    "1.2.840.10008.1.2.4.101": _HIGH,
    "1.2.840.10008.1.2.4.102": _AVC_4_1,
    "1.2.840.10008.1.2.4.103": _AVC_BD,
    "1.2.840.10008.1.2.4.104": _AVC_4_2,
    "1.2.840.10008.1.2.4.105": _AVC_3D,
}
_FRAGMENTABLE: Final = {f"{uid}.1": stream for uid, stream in _WHOLE.items()} | {
    "1.2.840.10008.1.2.4.107": _HEVC,
    "1.2.840.10008.1.2.4.108": _HEVC_10,
}
STREAMS: Final[Mapping[str, Stream]] = MappingProxyType(_WHOLE | _FRAGMENTABLE)
"""What is carried, by transfer syntax."""


def with_stream(instance: Instance, transfer_syntax_uid: str) -> Instance:
    """Return a video instance that holds the stream of a transfer syntax, and says so.

    The stream is in one fragment, or in several where the transfer syntax is fragmentable, after an empty Basic Offset
    Table: no fragment is a frame (PS3.5 A.4.5 to A.4.9).

    Args:
        instance: one of a video SOP class, with native pixel data.
        transfer_syntax_uid: one of `STREAMS`.

    Raises:
        InstanceError: the SOP class is none of video.
    """
    if instance.sop_class_uid not in SOP_CLASSES or instance.is_encapsulated:
        raise InstanceError(
            f"{instance.label or 'instance'} is no native video",
            hint="take a video endoscopic, microscopic or photographic image",
        )
    stream = STREAMS[transfer_syntax_uid]
    fragments = 1 if is_whole(transfer_syntax_uid) else _FRAGMENTS
    return recoded(
        instance,
        transfer_syntax_uid,
        label=f"{instance.label}, {stream.name}",
        edit=partial(_describe, stream=stream, fragments=fragments),
    )


def is_whole(transfer_syntax_uid: str) -> bool:
    """Whether a stream has to stand in one fragment (PS3.5 A.4.5 to A.4.7)."""
    return transfer_syntax_uid in _WHOLE


def _describe(dataset: Dataset, *, stream: Stream, fragments: int) -> None:
    """Make the attributes agree with the stream, as PS3.5 8.2.5 and those behind it want."""
    data = stream.read()
    bytes_a_sample = 1 if stream.bits == 8 else 2
    raw_bytes = stream.rows * stream.columns * 3 * bytes_a_sample * stream.frames
    mark_lossy(dataset, method=stream.method, ratio=raw_bytes / len(data))
    dataset.PhotometricInterpretation = "YBR_PARTIAL_420"
    dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = stream.rows, stream.columns
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8 * bytes_a_sample, stream.bits, stream.bits - 1
    dataset.NumberOfFrames = stream.frames
    dataset.FrameTime = stream.frame_ms
    dataset.CineRate = round(1000 / stream.frame_ms)
    if stream.pixel_height != stream.pixel_width:
        dataset.PixelAspectRatio = [stream.pixel_height, stream.pixel_width]
    add(dataset, Tag("PixelData"), "OB", encapsulate([data], fragments_per_frame=fragments, has_bot=False))
    dataset["PixelData"].is_undefined_length = True


@cache
def _read(file: str) -> bytes:
    data = files("conformance.instances").joinpath("video", file).read_bytes()
    return data + b"\0" * (len(data) % 2)
