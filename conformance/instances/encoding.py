"""A data set to bytes: the four transfer syntaxes of native pixel data, and encapsulated data as it stands.

No pixel is compressed or decompressed here.
"""

import io
import zlib
from typing import Final

import numpy as np
from pydicom import config
from pydicom.charset import default_encoding
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from conformance.instances.copying import deep_copy

NATIVE_TRANSFER_SYNTAXES: Final = (
    str(ImplicitVRLittleEndian),
    str(ExplicitVRLittleEndian),
    str(ExplicitVRBigEndian),
    str(DeflatedExplicitVRLittleEndian),
)
# PS3.5 section 7.3: what is swapped in Big Endian. OB and UN are strings of bytes and are not.
_WORD_BYTES: Final = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}
_STREAMED_FROM_BYTES: Final = 1 << 20


def encode(dataset: Dataset, *, implicit_vr: bool, little_endian: bool) -> bytes:
    """Return the data set alone, without preamble and file meta information.

    Args:
        dataset: is left as it is; values of type OW, OF, OL, OD, OV are held in little endian.
        implicit_vr: leave the VR out.
        little_endian: the byte order wanted.
    """
    writable = deep_copy(dataset)
    if not little_endian:
        _swap_words(writable)
    for element in list(writable.values()):
        value = element.value
        # A buffered value is written piece by piece: a large one is then not held three times.
        if isinstance(value, bytes) and len(value) >= _STREAMED_FROM_BYTES and isinstance(element, DataElement):
            even = value if len(value) % 2 == 0 else value + b"\0"
            streamed = DataElement(element.tag, element.VR, io.BytesIO(even), validation_mode=config.IGNORE)
            streamed.is_undefined_length = element.is_undefined_length
            writable[element.tag] = streamed
    target = DicomBytesIO()
    target.is_implicit_VR = implicit_vr
    target.is_little_endian = little_endian
    write_dataset(target, writable, default_encoding)
    return target.getvalue()


def deflate(data: bytes) -> bytes:
    """Return `data` as a deflated bit stream without zlib header, padded to even length (PS3.5 A.5)."""
    compressor = zlib.compressobj(level=6, wbits=-zlib.MAX_WBITS)
    stream = compressor.compress(data) + compressor.flush()
    return stream + b"\0" * (len(stream) % 2)


def _swap_words(dataset: Dataset) -> None:
    for element in dataset:
        word_bytes = _WORD_BYTES.get(str(element.VR))
        if isinstance(element.value, Sequence):
            for item in element.value:
                _swap_words(item)
        elif word_bytes is not None and element.value:
            element.value = np.frombuffer(element.value, dtype=f"<u{word_bytes}").byteswap().tobytes()
