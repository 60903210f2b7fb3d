"""Is an instance kept whose pixels were sent in pieces and are held nowhere? By their digest, without a second copy."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.stored import NotReadable, ReadBackOutcome, StoredCopy
from conformance.verdict.fidelity import stored_equals_sent
from conformance.verdict.finding import Finding, Verdict, finding, judged
from conformance.verdict.pixel_data import is_native

_PIXEL_DATA: Final = BaseTag(0x7FE00010)
_EXPECTED: Final = "pixel data of the length and digest that were sent"


def streamed_kept(
    header: Instance,
    stored: ReadBackOutcome,
    exchange: OperationExchange,
    *,
    pixel_bytes: int,
    pixel_sha256: str,
    storage_level: int | None = None,
) -> tuple[Finding, ...]:
    """Judge the header as any instance, and the pixel data by their digest.

    Args:
        header: The instance without its pixel data.
        stored: What the read-back found.
        exchange: The C-STORE.
        pixel_bytes: Length of the pixel data as sent.
        pixel_sha256: Their SHA-256, hexadecimal.
        storage_level: The claimed level of storage; None when nothing is claimed.
    """
    if isinstance(stored, NotReadable):
        return stored_equals_sent(header, stored, exchange, storage_level=storage_level)
    headers = tuple(replace(c, dataset=_without_pixels(c.dataset)) for c in stored.copies)
    found = stored_equals_sent(header, replace(stored, copies=headers), exchange, storage_level=storage_level)
    return (*found, *(_pixels(c, pixel_bytes, pixel_sha256) for c in stored.copies))


def _pixels(stored: StoredCopy, pixel_bytes: int, pixel_sha256: str) -> Finding:
    if not is_native(stored.transfer_syntax_uid):
        actual = f"given back in {stored.transfer_syntax_uid}, which is compressed"
        note = "too large to be decoded here"
        return finding("FID-02", Verdict.INCONCLUSIVE, expected=_EXPECTED, actual=actual, note=note)
    held = stored.dataset.get_item(_PIXEL_DATA)
    value = held.value if held is not None and isinstance(held.value, bytes) else b""
    digest = hashlib.sha256(value).hexdigest()
    actual = f"{len(value)} bytes, SHA-256 {digest}; sent {pixel_bytes} bytes, SHA-256 {pixel_sha256}"
    return judged("FID-02", ok=digest == pixel_sha256, expected=_EXPECTED, actual=actual)


def _without_pixels(dataset: Dataset) -> Dataset:
    """The same elements but the pixel data; values are shared."""
    trimmed = Dataset()
    for tag in dataset.keys():  # noqa: SIM118 - no element is decoded
        held = dataset.get_item(tag)
        if tag != _PIXEL_DATA and held is not None:
            trimmed[tag] = held
    implicit_vr, little_endian = dataset.original_encoding
    trimmed.set_original_encoding(implicit_vr, little_endian, dataset.original_character_set)
    return trimmed
