"""A file's data set in another, native transfer syntax, for a target that does not take the file's own."""

from __future__ import annotations

from typing import Final

from pydicom import dcmread
from pydicom.charset import default_encoding
from pydicom.dataset import FileDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import UID

from conformance.load.files import DicomFile
from conformance.standard.transfer_syntaxes import (
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    Kind,
    transfer_syntax,
)

LIMIT_BYTES: Final = 512 << 20
"""A longer data set is not re-encoded: that needs all of it in memory, more than once."""
_LITTLE_ENDIAN: Final = frozenset(
    {IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN, DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN}
)
_LOSSLESS: Final = frozenset(
    {
        "1.2.840.10008.1.2.5",  # RLE
        "1.2.840.10008.1.2.4.57",  # JPEG Lossless
        "1.2.840.10008.1.2.4.70",  # JPEG Lossless, first-order prediction
        "1.2.840.10008.1.2.4.80",  # JPEG-LS Lossless
        "1.2.840.10008.1.2.4.90",  # JPEG 2000 Lossless Only
        "1.2.840.10008.1.2.4.201",  # HTJ2K Lossless Only
        "1.2.840.10008.1.2.4.202",  # HTJ2K Lossless RPCL
    }
)


class NotReencodableError(Exception):
    """The data set cannot be brought into a native transfer syntax without loss."""


def reencoded(file: DicomFile, transfer_syntax_uid: str) -> bytes:
    """The data set in a native little endian transfer syntax.

    Args:
        file: Its file, which stays as it is.
        transfer_syntax_uid: Implicit or Explicit VR Little Endian.

    Raises:
        NotReencodableError: It is too long, or its pixels cannot be decoded here without loss.
        OSError: The file cannot be read.
    """
    known = transfer_syntax(file.transfer_syntax_uid)
    encapsulated = known is None or known.encapsulated
    if file.data_set_bytes > LIMIT_BYTES:
        raise NotReencodableError(f"{file.data_set_bytes} bytes are more than the {LIMIT_BYTES} that are re-encoded")
    if encapsulated and file.transfer_syntax_uid not in _LOSSLESS:
        kind = known.kind if known is not None else Kind.OTHER
        raise NotReencodableError(f"pixel data of kind {kind} is not decoded here without loss")
    if not encapsulated and file.transfer_syntax_uid not in _LITTLE_ENDIAN:
        raise NotReencodableError("its bytes would have to be swapped, which private elements do not survive")
    try:
        dataset = _read(file)
        if encapsulated and "PixelData" in dataset:
            dataset.decompress(as_rgb=False, generate_instance_uid=False)
        return _encoded(dataset, implicit_vr=transfer_syntax_uid == IMPLICIT_VR_LITTLE_ENDIAN)
    except OSError:
        raise
    except Exception as error:  # what pydicom and its decoders raise on foreign data is not listed anywhere
        raise NotReencodableError(f"cannot be re-encoded: {type(error).__name__}: {error}") from error


def _read(file: DicomFile) -> FileDataset:
    dataset = dcmread(file.path, force=True)
    dataset.file_meta.TransferSyntaxUID = UID(file.transfer_syntax_uid)
    return dataset


def _encoded(dataset: FileDataset, *, implicit_vr: bool) -> bytes:
    target = DicomBytesIO()
    target.is_implicit_VR = implicit_vr
    target.is_little_endian = True
    write_dataset(target, dataset, default_encoding)
    return target.getvalue()
