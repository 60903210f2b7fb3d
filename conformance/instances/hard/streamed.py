"""A multi-frame image of any size that is never held whole: its header, and parts of one frame's noise in turn."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from conformance.instances import catalogue, seeded
from conformance.instances.errors import InstanceError
from conformance.instances.identity import Identity
from conformance.instances.instance import Instance

_EDGE: Final = 1024
_FRAME_BYTES: Final = _EDGE * _EDGE
_MAX_FRAMES: Final = 4095
_PIXEL_HEADER: Final = struct.pack("<HH", 0x7FE0, 0x0010)


@dataclass(frozen=True, kw_only=True)
class StreamedInstance:
    """A multi-frame grayscale byte secondary capture of 1 MiB a frame; Pixel Data is its last element.

    Attributes:
        header: the instance without its pixel data.
        frames: how many frames it has.
        noise: the bytes of the first frame; the others are the same, begun elsewhere.
    """

    header: Instance
    frames: int
    noise: bytes

    @property
    def pixel_bytes(self) -> int:
        """Length of the pixel data, in bytes."""
        return self.frames * len(self.noise)

    def pixels(self) -> Iterator[memoryview]:
        """The pixel data in pieces of even length, as fragments must have (PS3.8 Annex E.1), all parts of `noise`."""
        noise = memoryview(self.noise)
        for frame in range(self.frames):
            start = frame * 510 % len(noise)
            yield noise[start:]
            yield noise[:start]

    def pieces(self, transfer_syntax_uid: str) -> Iterator[bytes | memoryview]:
        """The encoded data set in pieces.

        Raises:
            InstanceError: the transfer syntax is not one of the native little endian ones.
        """
        yield self.header.encoded(transfer_syntax_uid)
        # PS3.5 A.1, A.2: Pixel Data is OW in Implicit VR, and may be OB in Explicit VR for 8 bits allocated.
        form = b"OB\0\0" if transfer_syntax_uid == ExplicitVRLittleEndian else b""
        yield _PIXEL_HEADER + form + struct.pack("<I", self.pixel_bytes)
        yield from self.pixels()

    def pixel_sha256(self) -> str:
        """SHA-256 of the pixel data, hexadecimal."""
        digest = hashlib.sha256()
        for piece in self.pixels():
            digest.update(piece)
        return digest.hexdigest()


def streamed(identity: Identity, megabytes: int) -> StreamedInstance:
    """Return an instance of `megabytes` MiB of pixel data.

    Raises:
        InstanceError: the size is outside 1 to 4095 MiB; Pixel Data has at most 4 GiB - 2 (PS3.5 7.1.1).
    """
    if not 1 <= megabytes <= _MAX_FRAMES:
        raise InstanceError(f"megabytes is {megabytes}, outside 1 to {_MAX_FRAMES}", hint="several instances make more")

    def edit(dataset: Dataset) -> None:
        dataset.Rows = dataset.Columns = _EDGE
        dataset.NumberOfFrames = megabytes
        del dataset.PixelData

    small = catalogue.build("MultiFrameGrayscaleByteSecondaryCaptureImageStorage", identity, frames=1)
    header = small.changed(label=f"{small.label}, {megabytes} MiB in pieces", edit=edit)
    noise = seeded.octets(f"{identity.sop_instance_uid}/streamed", _FRAME_BYTES)
    return StreamedInstance(header=header, frames=megabytes, noise=noise)
