"""The head of a DICOM file: is it one, what is in it, and where does its data set begin (PS3.10 7.1)?

Little of a file is read here, whatever its size; the data set itself is not decoded.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import BinaryIO, Final

from pydicom.filereader import data_element_generator
from pydicom.valuerep import VR

from conformance.load.files import DicomFile, Found, Skipped, Unsendable
from conformance.standard.transfer_syntaxes import (
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
)

_PREAMBLE_BYTES: Final = 128
_PREFIX: Final = b"DICM"
_MEDIA_STORAGE_DIRECTORY: Final = "1.2.840.10008.1.3.10"
_MEDIA_SOP_CLASS: Final = 0x00020002
_MEDIA_SOP_INSTANCE: Final = 0x00020003
_TRANSFER_SYNTAX: Final = 0x00020010
_SOP_CLASS: Final = 0x00080016
_SOP_INSTANCE: Final = 0x00080018
_STUDY: Final = 0x0020000D
_SERIES: Final = 0x0020000E
_PIXEL_DATA: Final = 0x7FE00010
_UNDEFINED_LENGTH: Final = 0xFFFFFFFF
_UID_MAX_CHARACTERS: Final = 64
_UID_CHARACTERS: Final = frozenset("0123456789.")
_INFLATED_BYTES: Final = 1 << 20
"""As much of a deflated data set as is inflated in search of its UIDs."""
_DEFLATED_BYTES: Final = 1 << 18
_LARGE_VRS: Final = frozenset(
    {b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UC", b"UN", b"UR", b"UT", b"SV", b"UV"}
)
_VRS: Final = frozenset(vr.value.encode("ascii") for vr in VR if len(vr.value) == 2)


def read_head(path: Path) -> Found:
    """What a regular file is.

    Args:
        path: The file; it is opened for reading only.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        start = file.read(_PREAMBLE_BYTES + len(_PREFIX) + 8)
        if start[_PREAMBLE_BYTES:][: len(_PREFIX)] == _PREFIX:
            at, declared = _PREAMBLE_BYTES + len(_PREFIX), True
        elif _begins_data_set(start[:8]):
            at, declared = 0, False
        else:
            return Skipped.NOT_DICOM
        file.seek(at)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return _read(path, file, at, size, declared=declared)
        except OSError:
            raise
        except Exception as error:  # what pydicom raises on foreign bytes is not listed anywhere
            if not declared:
                return Skipped.NOT_DICOM
            return Unsendable(path=path, reason=f"its head cannot be decoded: {type(error).__name__}: {error}")


def _read(path: Path, file: BinaryIO, at: int, size: int, *, declared: bool) -> Found:
    meta = _elements(file, IMPLICIT_VR_LITTLE_ENDIAN if _meta_is_implicit(file, at) else EXPLICIT_VR_LITTLE_ENDIAN, 2)
    offset = file.tell()
    syntax = meta.get(_TRANSFER_SYNTAX, "")
    notes = [] if declared else ["no preamble"]
    if not syntax:
        guessed = _guessed_transfer_syntax(file, offset)
        if guessed is None:
            reason = (
                "no Transfer Syntax UID (0002,0010), and the data set begins with no element that tells its encoding"
            )
            return Unsendable(path=path, reason=reason) if declared else Skipped.NOT_DICOM
        syntax = guessed
        notes.append(f"no Transfer Syntax UID (0002,0010): taken for {guessed} by its first element")
    found = _elements(_data_set(file, offset, syntax), syntax, 0x0020)
    sop_class = found.get(_SOP_CLASS) or meta.get(_MEDIA_SOP_CLASS, "")
    sop_instance = found.get(_SOP_INSTANCE) or meta.get(_MEDIA_SOP_INSTANCE, "")
    if sop_class == _MEDIA_STORAGE_DIRECTORY or meta.get(_MEDIA_SOP_CLASS) == _MEDIA_STORAGE_DIRECTORY:
        return Skipped.DICOMDIR
    problem = _uid_problem("SOP Class UID", sop_class) or _uid_problem("SOP Instance UID", sop_instance)
    problem = problem or _uid_problem("Transfer Syntax UID", syntax)
    if problem is None and _TRANSFER_SYNTAX not in meta and _is_encapsulated(file, offset, syntax):
        problem = (
            "no Transfer Syntax UID (0002,0010), and compressed pixel data: what they are compressed with is not told"
        )
    if problem is not None:
        return Unsendable(path=path, reason=problem) if declared or found else Skipped.NOT_DICOM
    if meta.get(_MEDIA_SOP_INSTANCE, sop_instance) != sop_instance:
        notes.append("Media Storage SOP Instance UID (0002,0003) is another than the data set's, which is sent")
    return DicomFile(
        path=path,
        sop_class_uid=sop_class,
        sop_instance_uid=sop_instance,
        transfer_syntax_uid=syntax,
        data_set_offset=offset,
        data_set_bytes=size - offset,
        study_instance_uid=found.get(_STUDY, ""),
        series_instance_uid=found.get(_SERIES, ""),
        note="; ".join(notes),
    )


def _elements(file: BinaryIO, transfer_syntax: str, last_group: int) -> dict[int, str]:
    """The UIDs in the groups up to `last_group`; the file then stands at the first element of a later group."""
    wanted = (_MEDIA_SOP_CLASS, _MEDIA_SOP_INSTANCE, _TRANSFER_SYNTAX, _SOP_CLASS, _SOP_INSTANCE, _STUDY, _SERIES)
    found: dict[int, str] = {}
    generator = data_element_generator(
        file,
        is_implicit_VR=transfer_syntax == IMPLICIT_VR_LITTLE_ENDIAN,
        is_little_endian=transfer_syntax != EXPLICIT_VR_BIG_ENDIAN,
        stop_when=lambda tag, _vr, _length: tag.group > last_group or tag > _SERIES,
        specific_tags=list(wanted),
    )
    for element in generator:
        if element.tag in wanted and isinstance(element.value, bytes):
            found[int(element.tag)] = element.value.decode("latin-1").strip("\0 ")
    return found


def _data_set(file: BinaryIO, offset: int, transfer_syntax: str) -> BinaryIO:
    if transfer_syntax != DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN:
        return file
    file.seek(offset)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    return io.BytesIO(inflater.decompress(file.read(_DEFLATED_BYTES), _INFLATED_BYTES))


def _begins_data_set(start: bytes) -> bool:
    """Whether a file without preamble begins with an element of group 0002 or 0008, in an encoding that we know."""
    return _encoding_of(start, groups=(0x0002, 0x0008)) is not None


def _encoding_of(start: bytes, *, groups: tuple[int, ...]) -> str | None:
    if len(start) < 8:
        return None
    group, element, length = struct.unpack("<HHI", start)
    swapped = struct.unpack(">H", start[:2])[0]
    if start[4:6] in _VRS:
        if group in groups:
            return EXPLICIT_VR_LITTLE_ENDIAN
        return EXPLICIT_VR_BIG_ENDIAN if swapped in groups else None
    # An implicit first element of these groups is short: a group length, a character set, a UID.
    plausible = group in groups and element <= 0x0100 and length <= 1 << 12
    return IMPLICIT_VR_LITTLE_ENDIAN if plausible else None


def _meta_is_implicit(file: BinaryIO, at: int) -> bool:
    start = file.read(8)
    file.seek(at)
    return start[:2] == b"\x02\x00" and start[4:6] not in _VRS


def _guessed_transfer_syntax(file: BinaryIO, offset: int) -> str | None:
    file.seek(offset)
    start = file.read(8)
    file.seek(offset)
    return _encoding_of(start, groups=(0x0008, 0x0010, 0x0018, 0x0020, 0x0028))


def _is_encapsulated(file: BinaryIO, offset: int, transfer_syntax: str) -> bool:
    file.seek(offset)
    lengths: list[int] = []

    def at_pixel_data(tag: int, _vr: str | None, length: int) -> bool:
        if tag == _PIXEL_DATA:
            lengths.append(length)
        return tag >= _PIXEL_DATA

    generator = data_element_generator(
        file,
        is_implicit_VR=transfer_syntax == IMPLICIT_VR_LITTLE_ENDIAN,
        is_little_endian=transfer_syntax != EXPLICIT_VR_BIG_ENDIAN,
        stop_when=at_pixel_data,
        specific_tags=[_SOP_CLASS],
    )
    for _ in generator:
        pass
    return lengths == [_UNDEFINED_LENGTH]


def _uid_problem(name: str, uid: str) -> str | None:
    if not uid:
        return f"no {name}"
    # Longer or odd ones are sent as they are: what the target makes of them is for the target to say.
    if len(uid) > 2 * _UID_MAX_CHARACTERS or not set(uid) <= _UID_CHARACTERS:
        return f"{name} {uid[: 2 * _UID_MAX_CHARACTERS]!r} is no UID (PS3.5 9.1)"
    return None
