"""JPEG-LS, lossless and near-lossless (PS3.5 8.2.3, A.4.3), by pydicom with pyjpegls: it writes the bits stored."""

from __future__ import annotations

from typing import Any, Final

from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import UID, JPEGLSLossless, JPEGLSNearLossless

from conformance.instances.codecs import native
from conformance.instances.codecs.result import encapsulated
from conformance.instances.instance import Instance

_NEAR: Final = 2
# PS3.5 Table 8.2.3-1
_LOSSLESS: Final = native.Form(photometric=(*native.GREY, native.INDEXED, native.RGB), fewest_bits=2)
# Signed samples are coded as unsigned ones, so that an error of 2 may turn the lowest into the highest: none are made.
_NEAR_LOSSLESS: Final = native.Form(photometric=(*native.GREY, native.RGB), fewest_bits=4, signed=False, lossless=False)


def lossless(instance: Instance) -> Instance:
    """Return the instance in JPEG-LS Lossless.

    Raises:
        InstanceError: it is neither grey nor RGB nor indexed, or has less than 2 bits.
    """
    native.check(instance, _LOSSLESS)
    return encapsulated(instance, JPEGLSLossless, _streams(instance, JPEGLSLossless), name="JPEG-LS")


def near_lossless(instance: Instance) -> Instance:
    """Return the instance in JPEG-LS Near-Lossless: no sample is further off than 2; marked as lossy.

    Raises:
        InstanceError: it is neither grey nor RGB, or is signed, or has less than 4 bits.
    """
    native.check(instance, _NEAR_LOSSLESS)
    frames = _streams(instance, JPEGLSNearLossless, jls_error=_NEAR)
    return encapsulated(instance, JPEGLSNearLossless, frames, name="JPEG-LS near-lossless", lossy_method="ISO_14495_1")


def _streams(instance: Instance, transfer_syntax_uid: UID, **options: Any) -> list[bytes]:
    dataset = instance.dataset
    encoder = get_encoder(transfer_syntax_uid)
    return [
        encoder.encode(
            frame.tobytes(),
            encoding_plugin="pyjpegls",
            rows=dataset.Rows,
            columns=dataset.Columns,
            samples_per_pixel=dataset.SamplesPerPixel,
            number_of_frames=1,
            bits_allocated=dataset.BitsAllocated,
            bits_stored=dataset.BitsStored,
            pixel_representation=0,
            photometric_interpretation=dataset.PhotometricInterpretation,
            planar_configuration=0,
            **options,
        )
        for frame in native.frames(instance)
    ]
