"""Carried streams of video: what they are, and that the instances that hold them are what they say."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from typing import Final

import av
import pytest
from pydicom.encaps import generate_fragments, parse_basic_offsets

from conformance.instances import catalogue
from conformance.instances.codecs import video
from conformance.instances.codecs.video import STREAMS, Stream
from conformance.instances.errors import InstanceError
from conformance.instances.in_syntax import in_transfer_syntax
from conformance.instances.instance import Instance
from conformance.readback.part10 import encode_part10
from conformance.standard.transfer_syntaxes import transfer_syntax_name
from tests.instances.reading import an_identity
from tests.instances.video_streams import make

# What the parameter sets of a stream say of its profile and level; a level of MPEG-2 is coded, of AVC tenths, of HEVC
# thirtieths.
CODED: Final = {
    "mpeg2_main_main.m2v": ("mpeg2video", "Main", 8),
    "mpeg2_main_high.ts": ("mpeg2video", "Main", 4),
    "avc_high_4_1.mp4": ("h264", "High", 41),
    "avc_bd_4_1.ts": ("h264", "High", 41),
    "avc_high_4_2.ts": ("h264", "High", 42),
    "avc_high_4_2_3d.ts": ("h264", "High", 42),
    "hevc_main_5_1.mp4": ("hevc", "Main", 153),
    "hevc_main_10_5_1.ts": ("hevc", "Main 10", 153),
}
FRAME_PACKING_SEI: Final = b"\x00\x00\x01\x06\x2d"
FILES: Final = {stream.file: stream for stream in STREAMS.values()}
EACH: Final = [pytest.param(uid, id=transfer_syntax_name(uid)) for uid in STREAMS]


def a_video(keyword: str = "VideoEndoscopicImageStorage") -> Instance:
    return catalogue.build(keyword, an_identity())


@pytest.mark.parametrize("stream", FILES.values(), ids=FILES)
def test_a_stream_is_what_its_transfer_syntax_is_for(stream: Stream) -> None:
    with av.open(io.BytesIO(stream.read()), "r") as container:
        track = container.streams.video[0]
        frames = list(container.decode(video=0))
        coded = (track.codec_context.name, track.codec_context.profile, track.codec_context.level)
    assert coded == CODED[stream.file]
    assert len(frames) == stream.frames
    assert {(frame.height, frame.width) for frame in frames} == {(stream.rows, stream.columns)}
    assert {frame.format.name for frame in frames} == {"yuv420p" if stream.bits == 8 else "yuv420p10le"}
    assert track.average_rate == 1000 // stream.frame_ms
    assert len({bytes(frame.planes[0]) for frame in frames}) == stream.frames


def test_two_views_are_told_of_in_the_stream() -> None:
    assert FRAME_PACKING_SEI in FILES["avc_high_4_2_3d.ts"].read()
    assert FRAME_PACKING_SEI not in FILES["avc_high_4_2.ts"].read()


@pytest.mark.parametrize("stream", FILES.values(), ids=FILES)
def test_a_stream_can_be_made_anew(stream: Stream) -> None:
    with av.open(io.BytesIO(make(stream)), "r") as container:
        assert len(list(container.decode(video=0))) == stream.frames


@pytest.mark.parametrize("uid", EACH)
def test_fragments_are_the_stream_and_nothing_else(uid: str) -> None:
    instance = video.with_stream(a_video(), uid)
    data = instance.dataset.PixelData
    assert parse_basic_offsets(data) == []
    fragments = list(generate_fragments(data))[1:]
    assert len(fragments) == (1 if video.is_whole(uid) else 3)
    assert all(len(fragment) % 2 == 0 for fragment in fragments)
    assert b"".join(fragments) == STREAMS[uid].read()


# dicom3tools of 2022 knows no fragmentable transfer syntax.
@pytest.mark.parametrize("uid", [one for one in EACH if video.is_whole(str(one.values[0]))])
@pytest.mark.parametrize(
    "keyword", ["VideoEndoscopicImageStorage", "VideoMicroscopicImageStorage", "VideoPhotographicImageStorage"]
)
def test_the_iod_is_still_valid(uid: str, keyword: str, tmp_path: Path) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy is not installed")
    instance = video.with_stream(a_video(keyword), uid)
    path = tmp_path / "video.dcm"
    path.write_bytes(
        encode_part10(
            instance.encoded(uid),
            sop_class_uid=instance.sop_class_uid,
            sop_instance_uid=instance.sop_instance_uid,
            transfer_syntax_uid=uid,
        )
    )
    done = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True, timeout=60, check=False)
    assert [line for line in done.stderr.splitlines() if line.startswith("Error")] == []


def test_what_is_no_video_holds_none() -> None:
    uid = next(iter(STREAMS))
    photograph = catalogue.build("VLPhotographicImageStorage", an_identity())
    with pytest.raises(InstanceError, match="no native video"):
        video.with_stream(photograph, uid)
    assert in_transfer_syntax(photograph, uid) is None
    assert in_transfer_syntax(video.with_stream(a_video(), uid), uid) is not None
