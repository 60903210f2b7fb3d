"""An instance in a transfer syntax: encoded as it is where that is enough, else with its pixel data compressed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from conformance.instances.codecs import jpeg, jpeg_2000, jpeg_ls, jpeg_xl, plain, video
from conformance.instances.encapsulated import jpeg_baseline, rle
from conformance.instances.encoding import NATIVE_TRANSFER_SYNTAXES
from conformance.instances.errors import InstanceError
from conformance.instances.instance import Instance

ENCODERS: Final[Mapping[str, Callable[[Instance], Instance]]] = {
    str(RLELossless): rle,
    str(JPEGBaseline8Bit): jpeg_baseline,
    str(JPEGExtended12Bit): jpeg.extended_12_bit,
    str(JPEGLossless): jpeg.lossless,
    str(JPEGLosslessSV1): jpeg.lossless_sv1,
    str(JPEGLSLossless): jpeg_ls.lossless,
    str(JPEGLSNearLossless): jpeg_ls.near_lossless,
    str(JPEG2000Lossless): jpeg_2000.lossless,
    str(JPEG2000): jpeg_2000.lossy,
    str(HTJ2KLossless): jpeg_2000.high_throughput_lossless,
    str(HTJ2K): jpeg_2000.high_throughput_lossy,
    str(jpeg_xl.JPEG_XL_LOSSLESS): jpeg_xl.lossless,
    str(jpeg_xl.JPEG_XL): jpeg_xl.lossy,
    str(plain.ENCAPSULATED_UNCOMPRESSED): plain.uncompressed,
    str(plain.DEFLATED_IMAGE_FRAME): plain.deflated,
}
"""What compresses native pixel data, by transfer syntax."""
ENCODABLE: Final = (*NATIVE_TRANSFER_SYNTAXES, *ENCODERS, *video.STREAMS)
"""The transfer syntaxes that some instance can be had in."""


def may_have_form(sop_class_uid: str, transfer_syntax_uid: str) -> bool:
    """Whether it is worth making an instance of a SOP class to have it in a transfer syntax: video is for few."""
    return transfer_syntax_uid not in video.STREAMS or sop_class_uid in video.SOP_CLASSES


def in_transfer_syntax(instance: Instance, transfer_syntax_uid: str) -> Instance | None:
    """Return the instance in a transfer syntax, or None where it has no form in it."""
    if instance.can_encode(transfer_syntax_uid):
        return instance
    encoder = ENCODERS.get(transfer_syntax_uid)
    try:
        if transfer_syntax_uid in video.STREAMS:
            return video.with_stream(instance, transfer_syntax_uid)
        return None if encoder is None else encoder(instance)
    except InstanceError:
        return None
