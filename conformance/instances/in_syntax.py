"""An instance in a transfer syntax: encoded as it is where that is enough, else with its pixel data compressed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pydicom.uid import JPEGBaseline8Bit, RLELossless

from conformance.instances.encapsulated import jpeg_baseline, rle
from conformance.instances.encoding import NATIVE_TRANSFER_SYNTAXES
from conformance.instances.errors import InstanceError
from conformance.instances.instance import Instance

ENCODERS: Final[Mapping[str, Callable[[Instance], Instance]]] = {
    str(RLELossless): rle,
    str(JPEGBaseline8Bit): jpeg_baseline,
}
"""What compresses native pixel data, by transfer syntax."""
ENCODABLE: Final = (*NATIVE_TRANSFER_SYNTAXES, *ENCODERS)
"""The transfer syntaxes that some instance can be had in."""


def in_transfer_syntax(instance: Instance, transfer_syntax_uid: str) -> Instance | None:
    """Return the instance in a transfer syntax, or None where it has no form in it."""
    if instance.can_encode(transfer_syntax_uid):
        return instance
    encoder = ENCODERS.get(transfer_syntax_uid)
    if encoder is None:
        return None
    try:
        return encoder(instance)
    except InstanceError:
        return None
