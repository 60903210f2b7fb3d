"""An instance in another transfer syntax than the one it was stored in, its values untouched (PS3.5 10.1, Annex A).

Among the native syntaxes nothing changes but the encoding. Pixel data that was compressed without loss is
decompressed where a decoder is installed; what was compressed with loss stays as it is.
"""

from __future__ import annotations

import logging
import struct
import warnings
import zlib
from typing import Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from conformance.standard.transfer_syntaxes import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded.elements import Element, Elements, decode, encode, text_element
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import StoredInstance
from conformance.target.embedded.supported import BIG_ENDIAN, DEFLATED, ENCAPSULATED, NATIVE
from conformance.target.embedded.walk import Encoding, NotReadable

log = logging.getLogger(__name__)

TRANSCODED_LIMIT_BYTES: Final = 512 << 20
"""Longer data sets are sent in their own transfer syntax only."""
LOSSLESS: Final = frozenset(
    {
        "1.2.840.10008.1.2.4.57",
        "1.2.840.10008.1.2.4.70",
        "1.2.840.10008.1.2.4.80",
        "1.2.840.10008.1.2.4.90",
        "1.2.840.10008.1.2.4.201",
        "1.2.840.10008.1.2.4.202",
        "1.2.840.10008.1.2.5",
    }
)
"""Encapsulated transfer syntaxes whose pixel data is without loss and may be decompressed."""
_PIXEL_DATA: Final = 0x7FE0_0010
_PIXEL_ATTRIBUTES: Final = {
    0x0028_0002: "SamplesPerPixel",
    0x0028_0006: "PlanarConfiguration",
    0x0028_0010: "Rows",
    0x0028_0011: "Columns",
    0x0028_0100: "BitsAllocated",
    0x0028_0101: "BitsStored",
    0x0028_0102: "HighBit",
    0x0028_0103: "PixelRepresentation",
}
_NUMBER_OF_FRAMES: Final = 0x0028_0008
_PHOTOMETRIC_INTERPRETATION: Final = 0x0028_0004
_PLANAR_CONFIGURATION: Final = 0x0028_0006
_OFFSET_TABLES: Final = (0x7FE0_0001, 0x7FE0_0002)


class NoTranscodingError(Exception):
    """The instance cannot be given in that transfer syntax."""


def can_be_given_in(instance: StoredInstance, transfer_syntax: str) -> bool:
    """Whether `data_set_in` is worth a try."""
    if instance.transfer_syntax == transfer_syntax:
        return True
    if transfer_syntax not in NATIVE or instance.data_set.size > TRANSCODED_LIMIT_BYTES:
        return False
    return instance.transfer_syntax in NATIVE or instance.transfer_syntax in LOSSLESS


def data_set_in(instance: StoredInstance, transfer_syntax: str) -> bytes | Blob:
    """The data set in a transfer syntax; as it was received, where that is the one.

    Raises:
        NoTranscodingError: It cannot be given so.
        OSError: It is not there any more.
    """
    if instance.transfer_syntax == transfer_syntax:
        return instance.data_set
    if not can_be_given_in(instance, transfer_syntax):
        raise NoTranscodingError(f"{instance.transfer_syntax} is not given in {transfer_syntax}")
    try:
        elements = _decoded(instance)
        encoded = encode(elements, _encoding(transfer_syntax))
    except (NotReadable, RecursionError, zlib.error, struct.error) as error:
        raise NoTranscodingError(str(error)) from error
    return _deflated(encoded) if transfer_syntax in DEFLATED else encoded


def _encoding(transfer_syntax: str) -> Encoding:
    return Encoding(
        explicit_vr=transfer_syntax != IMPLICIT_VR_LITTLE_ENDIAN,
        big_endian=transfer_syntax in BIG_ENDIAN,
        encapsulated=transfer_syntax in ENCAPSULATED,
    )


def _decoded(instance: StoredInstance) -> Elements:
    data = instance.data_set.read()
    if instance.transfer_syntax in DEFLATED:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        data = inflater.decompress(data, TRANSCODED_LIMIT_BYTES)
        if not inflater.eof:
            raise NoTranscodingError("too long when inflated")
    elements = decode(data, _encoding(instance.transfer_syntax))
    # Group lengths are retired, and would be wrong in another encoding (PS3.5 7.2).
    elements = {tag: element for tag, element in elements.items() if tag & 0xFFFF}
    if instance.transfer_syntax in ENCAPSULATED and _PIXEL_DATA in elements:
        return _decompressed(elements, instance.transfer_syntax)
    return elements


def _deflated(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = deflater.compress(data) + deflater.flush()
    return deflated + b"\0" * (len(deflated) % 2)  # PS3.5 A.5


def _decompressed(elements: Elements, transfer_syntax: str) -> Elements:
    decoder = get_decoder(UID(transfer_syntax))
    if not decoder.is_available:
        raise NoTranscodingError(f"no decoder for {transfer_syntax} is installed")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pixels, image = decoder.as_buffer(_image(elements, transfer_syntax), raw=True)
    except Exception as error:  # a decoder raises whatever its codec raises
        log.info("%s could not be decompressed: %s", transfer_syntax, error)
        raise NoTranscodingError("pixel data could not be decompressed") from error
    raw = bytes(pixels)
    vr = "OW" if int(image["bits_allocated"]) > 8 else "OB"
    native = {tag: element for tag, element in elements.items() if tag not in _OFFSET_TABLES}
    native[_PIXEL_DATA] = Element(vr=vr, value=raw + b"\0" * (len(raw) % 2))
    native[_PHOTOMETRIC_INTERPRETATION] = text_element("CS", str(image["photometric_interpretation"]))
    if int(image["samples_per_pixel"]) > 1:
        planar = struct.pack("<H", int(image["planar_configuration"]))
        native[_PLANAR_CONFIGURATION] = Element(vr="US", value=planar)
    return native


def _image(elements: Elements, transfer_syntax: str) -> Dataset:
    """What a decoder needs to know of an image."""
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = UID(transfer_syntax)
    for tag, keyword in _PIXEL_ATTRIBUTES.items():
        if tag in elements:
            setattr(image, keyword, struct.unpack_from("<H", elements[tag].value)[0])
    frames = elements.get(_NUMBER_OF_FRAMES, Element(vr="IS")).value.strip(b" \0") or b"1"
    image.NumberOfFrames = int(frames)
    photometric = elements.get(_PHOTOMETRIC_INTERPRETATION, Element(vr="CS")).value
    image.PhotometricInterpretation = photometric.decode("latin-1").strip(" \0")
    image.PixelData = _encapsulated(elements[_PIXEL_DATA].fragments or (), image.NumberOfFrames)
    image["PixelData"].is_undefined_length = True
    return image


def _encapsulated(fragments: tuple[bytes, ...], frames: int) -> bytes:
    codestreams = list(fragments[1:])
    if frames == 1:
        codestreams = [b"".join(codestreams)]
    return encapsulate(codestreams)
