"""Pixel content that follows from a seed: a slope, a disc and noise, so that no two planes agree."""

import numpy as np
import numpy.typing as npt

from conformance.instances import seeded


def planes(
    seed: str, *, frames: int, rows: int, columns: int, bits_stored: int, signed: bool = False
) -> npt.NDArray[np.unsignedinteger]:
    """Return grey planes, unsigned or two's complement within `bits_stored` bits, of shape (frames, rows, columns).

    Args:
        seed: what the content follows from, such as the SOP Instance UID.
        frames: number of planes.
        rows: height in pixels.
        columns: width in pixels.
        bits_stored: 1 to 16; more than 8 gives 16-bit cells.
        signed: half of the range lies below zero.
    """
    dtype = np.dtype("<u2") if bits_stored > 8 else np.dtype("u1")
    noise = np.frombuffer(seeded.octets(seed, frames * rows * columns * dtype.itemsize), dtype=dtype).astype(np.int64)
    high = (1 << bits_stored) - 1
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float64)
    phase = seeded.number(seed, 97) / 97
    picture = np.empty((frames, rows, columns), dtype=np.float64)
    for frame in range(frames):
        shift = phase + frame / max(frames, 1)
        down, across = y / rows - 0.5, x / columns - 0.25 - 0.5 * (shift % 1)
        disc = down * down + across * across < 0.05
        picture[frame] = 0.15 + 0.35 * (x / columns) + 0.2 * (y / rows) + 0.25 * disc
    values = (picture * high).astype(np.int64) ^ (noise.reshape(picture.shape) & (high >> 3))
    if signed:
        values -= 1 << (bits_stored - 1)
    result: npt.NDArray[np.unsignedinteger] = (values & high).astype(dtype)
    return result


def colour_planes(seed: str, *, frames: int, rows: int, columns: int) -> npt.NDArray[np.unsignedinteger]:
    """Return 8-bit RGB planes of shape (frames, rows, columns, 3), colour by pixel."""
    return np.stack(
        [planes(f"{seed}/{colour}", frames=frames, rows=rows, columns=columns, bits_stored=8) for colour in "RGB"],
        axis=-1,
    )


def even(data: bytes) -> bytes:
    """Return `data` with a last zero byte where its length is odd (PS3.5 section 8.1.1)."""
    return data + b"\0" * (len(data) % 2)
