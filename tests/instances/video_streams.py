"""Makes the streams of `conformance/instances/video` anew: `python -m tests.instances.video_streams [FOLDER]`.

A pattern of squares moves to the left; a smooth picture keeps the streams small.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
import numpy.typing as npt

from conformance.instances.codecs import video
from conformance.instances.codecs.video import STREAMS, Stream

FOLDER: Final = Path(video.__file__).parents[1] / "video"
_SQUARE: Final = 80
_X264: Final = "threads=1:keyint=25:open-gop=0:crf=36"
_X265: Final = "level-idc=5.1:high-tier=0:crf=36:info=0:log-level=none:pools=none:frame-threads=1"
# The constraints of a Blu-ray disc: slices, access unit delimiters, a buffer model.
_BD: Final = "bluray-compat=1:slices=4:aud=1:nal-hrd=vbr:vbv-maxrate=15000:vbv-bufsize=15000"
RECIPES: Final[dict[str, tuple[str, str, dict[str, str]]]] = {
    "mpeg2_main_main.m2v": ("mpeg2video", "mpeg2video", {"profile": "4", "level": "8", "b": "1000000"}),
    "mpeg2_main_high.ts": ("mpeg2video", "mpegts", {"profile": "4", "level": "4", "b": "1000000"}),
    "avc_high_4_1.mp4": ("libx264", "mp4", {"profile": "high", "level": "4.1", "x264-params": _X264}),
    "avc_bd_4_1.ts": ("libx264", "mpegts", {"profile": "high", "level": "4.1", "x264-params": f"{_X264}:{_BD}"}),
    "avc_high_4_2.ts": ("libx264", "mpegts", {"profile": "high", "level": "4.2", "x264-params": _X264}),
    "avc_high_4_2_3d.ts": (
        "libx264",
        "mpegts",
        {"profile": "high", "level": "4.2", "x264-params": f"{_X264}:frame-packing=3"},
    ),
    "hevc_main_5_1.mp4": ("libx265", "mp4", {"x265-params": _X265}),
    "hevc_main_10_5_1.ts": ("libx265", "mpegts", {"x265-params": _X265}),
}
"""Encoder, container and options, by file."""


def make(stream: Stream) -> bytes:
    """The bytes of a stream."""
    codec, container, options = RECIPES[stream.file]
    target = io.BytesIO()
    rate = Fraction(1000, stream.frame_ms)
    with av.open(target, "w", format=container) as output:
        track = output.add_stream(codec, rate=rate)
        assert isinstance(track, av.VideoStream)
        track.width, track.height, track.pix_fmt = stream.columns, stream.rows, _pixel_format(stream)
        track.codec_context.sample_aspect_ratio = Fraction(stream.pixel_width, stream.pixel_height)
        track.time_base = 1 / rate
        track.options = dict[str, object](options)
        for place in range(stream.frames):
            output.mux(track.encode(_frame(stream, place)))
        output.mux(track.encode(None))
    return target.getvalue()


def _pixel_format(stream: Stream) -> str:
    return "yuv420p" if stream.bits == 8 else "yuv420p10le"


def _frame(stream: Stream, place: int) -> av.VideoFrame:
    frame = av.VideoFrame(stream.columns, stream.rows, _pixel_format(stream))
    down, across = np.mgrid[0 : stream.rows, 0 : stream.columns]
    step = (1 << stream.bits) // 16
    squares = ((down // _SQUARE + (across + 16 * place) // _SQUARE) % 8 + 4) * step
    half = (stream.rows // 2, stream.columns // 2)
    for plane, samples in zip(frame.planes, (squares, np.full(half, 6 * step), np.full(half, 10 * step)), strict=True):
        plane.update(_lines(samples, bits=stream.bits, line_bytes=plane.line_size))
    frame.pts = place
    return frame


def _lines(samples: npt.NDArray[np.int64], *, bits: int, line_bytes: int) -> bytes:
    """Samples as a plane holds them: each line padded."""
    packed = samples.astype(np.uint8 if bits == 8 else "<u2").view(np.uint8)
    lines = np.zeros((len(packed), line_bytes), dtype=np.uint8)
    lines[:, : packed.shape[1]] = packed
    return lines.tobytes()


def main(arguments: Sequence[str]) -> None:
    """Write each stream into a folder."""
    folder = Path(arguments[0]) if arguments else FOLDER
    for stream in {stream.file: stream for stream in STREAMS.values()}.values():
        data = make(stream)
        folder.joinpath(stream.file).write_bytes(data)
        sys.stdout.write(f"{stream.file}: {len(data)} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1:])
