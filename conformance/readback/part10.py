"""What a target gives back: files of PS3.10, and data sets alone. Garbage is read as far as it goes."""

from __future__ import annotations

import io
import warnings
import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from pydicom.charset import default_encoding
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import data_element_generator
from pydicom.filewriter import write_file_meta_info
from pydicom.tag import BaseTag
from pydicom.uid import UID
from pydicom.valuerep import VR

from conformance.driver.endpoint import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from conformance.standard.transfer_syntaxes import (
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
)

_KNOWN_VRS: Final = frozenset(vr.value for vr in VR)
_PREAMBLE: Final = bytes(128) + b"DICM"
_MAX_INFLATED_BYTES: Final = 256 * 2**20
_MAX_ELEMENTS: Final = 50_000
"""How many elements are read at the outermost level; no IOD has a hundredth of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part10:
    """A file as far as it could be read.

    Args:
        media_storage_uid: (0002,0003), empty when there is none.
        transfer_syntax_uid: (0002,0010), or what the bytes look like when there is none.
        dataset: The data set, or its beginning.
        defect: Why reading stopped early; empty when it did not.
    """

    media_storage_uid: str
    transfer_syntax_uid: str
    dataset: Dataset
    defect: str


def encode_part10(data_set: bytes, *, sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """A file of PS3.10 around a data set's bytes, which are left as they are."""
    meta = FileMetaDataset()
    target = DicomBytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        meta.FileMetaInformationGroupLength = 0
        meta.FileMetaInformationVersion = b"\0\1"
        meta.MediaStorageSOPClassUID = UID(sop_class_uid)
        meta.MediaStorageSOPInstanceUID = UID(sop_instance_uid)
        meta.TransferSyntaxUID = UID(transfer_syntax_uid)
        meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
        meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
        write_file_meta_info(target, meta, enforce_standard=False)
    return b"".join((_PREAMBLE, target.getvalue(), data_set))


def decode_part10(data: bytes, *, whole: bool = True) -> Part10:
    """A file, with or without preamble and file meta information (PS3.10 7.1).

    Args:
        data: The file's bytes, or its first ones.
        whole: Whether these are all of them.
    """
    return read_part10(io.BytesIO(data), whole=whole)


def read_part10(stream: BinaryIO, *, whole: bool = True) -> Part10:
    """A file as `decode_part10` has it, from a stream at its beginning; values alone are held.

    Args:
        stream: Can be told where to read.
        whole: Whether it holds all of the file.
    """
    head = stream.read(132)
    if head[128:132] != b"DICM":
        guessed = (
            EXPLICIT_VR_LITTLE_ENDIAN if head[4:6].isalpha() and head[4:6].isupper() else IMPLICIT_VR_LITTLE_ENDIAN
        )
        stream.seek(0)
        dataset, defect = _data_set(stream, guessed, whole=whole)
        return Part10(media_storage_uid="", transfer_syntax_uid=guessed, dataset=dataset, defect=defect)
    meta, defect = _elements(stream, implicit=False, little_endian=True, group=2)
    transfer_syntax_uid = _text(meta, "TransferSyntaxUID")
    uid = _text(meta, "MediaStorageSOPInstanceUID")
    if defect or not transfer_syntax_uid:
        return Part10(
            media_storage_uid=uid,
            transfer_syntax_uid=transfer_syntax_uid,
            dataset=Dataset(),
            defect=defect or "no Transfer Syntax UID in the file meta information",
        )
    dataset, defect = _data_set(stream, transfer_syntax_uid, whole=whole)
    return Part10(media_storage_uid=uid, transfer_syntax_uid=transfer_syntax_uid, dataset=dataset, defect=defect)


def decode_data_set(data: bytes, transfer_syntax_uid: str, *, whole: bool = True) -> tuple[Dataset, str]:
    """A data set in exactly the transfer syntax that is named, as far as it can be read, and why no further.

    Args:
        data: Its bytes.
        transfer_syntax_uid: The encoding; nothing is guessed from the bytes.
        whole: Whether these are all of its bytes.
    """
    return _data_set(io.BytesIO(data), transfer_syntax_uid, whole=whole)


def _data_set(stream: BinaryIO, transfer_syntax_uid: str, *, whole: bool) -> tuple[Dataset, str]:
    """What stands in a stream from its place on; the bytes around it are not copied."""
    defect = ""
    if transfer_syntax_uid == DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN:
        plain, defect = _inflated(stream.read())
        stream = io.BytesIO(plain)
    dataset, broken = _elements(
        stream,
        implicit=transfer_syntax_uid == IMPLICIT_VR_LITTLE_ENDIAN,
        little_endian=transfer_syntax_uid != EXPLICIT_VR_BIG_ENDIAN,
    )
    return dataset, (defect or broken) if whole else ""


def sop_instance_uid_of(dataset: Dataset) -> str:
    """(0008,0018), empty where it is absent or cannot be read."""
    return _text(dataset, "SOPInstanceUID")


def _inflated(data: bytes) -> tuple[bytes, str]:
    # PS3.5 A.5: a raw deflate stream, perhaps with a NUL that makes the length even
    stream = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        plain = stream.decompress(data, _MAX_INFLATED_BYTES)
    except zlib.error as error:
        return b"", f"the deflated stream is broken: {error}"
    if len(plain) == _MAX_INFLATED_BYTES:
        return plain, f"the deflated stream has more than {_MAX_INFLATED_BYTES} bytes"
    return plain, "" if stream.eof else "the deflated stream is cut"


def _as_unknown(tag: BaseTag, stream: BinaryIO, *, little_endian: bool) -> RawDataElement:
    """An element of a VR that no edition has, whose length still stands in the stream (PS3.5 6.2, note 1)."""
    length = int.from_bytes(stream.read(4), "little" if little_endian else "big")
    place = stream.tell()
    return RawDataElement(tag, "UN", length, stream.read(length), place, False, little_endian, True)


def _elements(
    stream: BinaryIO, *, implicit: bool, little_endian: bool, group: int | None = None
) -> tuple[Dataset, str]:
    """The elements of a stream, or those of one group, up to the first that cannot be read."""
    read_to = stream.tell()
    read = 0
    # Not by getbuffer(), for which the stream would copy the bytes that it shares.
    end = stream.seek(0, io.SEEK_END)
    stream.seek(read_to)
    elements: dict[Any, Any] = {}
    defect = ""

    def leaves_group(tag: Any, _vr: str | None, _length: int) -> bool:
        return bool(group is not None and tag.group != group)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for found in data_element_generator(stream, implicit, little_endian, stop_when=leaves_group):
                is_known = found.VR is None or found.VR in _KNOWN_VRS or bool(found.value)
                element = found if is_known else _as_unknown(found.tag, stream, little_endian=little_endian)
                value = element.value
                length = getattr(element, "length", 0xFFFFFFFF)
                if isinstance(value, bytes) and length not in (0xFFFFFFFF, len(value)):
                    defect = f"{element.tag} says {length} bytes, {len(value)} are left"
                if not implicit and element.VR is None:
                    # PS3.5 7.1.2; the reader goes on as if it were implicit
                    defect = defect or f"{element.tag} has no VR in an explicit VR transfer syntax"
                elements[element.tag] = element
                read_to = stream.tell()
                read += 1
                if read == _MAX_ELEMENTS:
                    defect = f"more than {_MAX_ELEMENTS} elements"
                    break
    except Exception as error:
        defect = f"{type(error).__name__}: {error}"[:200]
    if not defect and group is None and read_to != end:
        defect = f"{end - read_to} bytes are left that are no element"
    dataset = Dataset(elements)
    dataset.set_original_encoding(implicit, little_endian, default_encoding)
    return dataset, defect


def _text(dataset: Dataset, keyword: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = dataset.get(keyword)
    except Exception:
        return ""
    return "" if value is None else str(value).strip("\0 ")
