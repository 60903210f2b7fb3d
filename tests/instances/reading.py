"""What the tests of this room share: an identity, and data sets read back by pydicom."""

import io
import zlib

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from conformance.instances.identity import Identity, IdentitySource
from conformance.instances.instance import Instance

IMPLICIT = str(ImplicitVRLittleEndian)
EXPLICIT = str(ExplicitVRLittleEndian)
BIG_ENDIAN = str(ExplicitVRBigEndian)
DEFLATED = str(DeflatedExplicitVRLittleEndian)
NATIVE = {"implicit": IMPLICIT, "explicit": EXPLICIT, "big-endian": BIG_ENDIAN, "deflated": DEFLATED}


def an_identity(scope: str = "a scenario") -> Identity:
    """Return the first identity of a scope."""
    return IdentitySource(seed=7, scope=scope).new()


def read(data: bytes, transfer_syntax_uid: str) -> Dataset:
    """Return the data set, every element of it decoded."""
    if transfer_syntax_uid == DEFLATED:
        data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data)
    dataset = read_dataset(
        io.BytesIO(data),
        is_implicit_VR=transfer_syntax_uid == IMPLICIT,
        is_little_endian=transfer_syntax_uid != BIG_ENDIAN,
    )
    dataset.walk(lambda _dataset, _element: None)
    return dataset


def read_back(instance: Instance, transfer_syntax_uid: str = EXPLICIT) -> Dataset:
    """Return what a receiver reads."""
    return read(instance.encoded(transfer_syntax_uid), transfer_syntax_uid)


def differing_keywords(one: Instance, other: Instance) -> set[str]:
    """Return the keywords (or tags) of the top-level elements in which two instances differ or that one lacks."""
    tags = set(one.dataset.keys()) | set(other.dataset.keys())
    return {
        element.keyword or str(tag)
        for tag in tags
        for element in [one.dataset.get(tag) or other.dataset[tag]]
        if one.dataset.get(tag) != other.dataset.get(tag)
    }
