"""Small instances, encoded by pydicom."""

from __future__ import annotations

import struct
import zlib

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from tests.target.embedded.raw import CT


def ct(number: int = 1, *, patient: str = "P1", study: int = 1, series: int = 1, pixels: int = 16) -> Dataset:
    """A CT image whose UIDs follow from its numbers."""
    image = Dataset()
    image.SOPClassUID = CT
    image.SOPInstanceUID = f"1.2.3.{study}.{series}.{number}"
    image.StudyInstanceUID = f"1.2.3.{study}"
    image.SeriesInstanceUID = f"1.2.3.{study}.{series}"
    image.StudyDate = "20240131"
    image.StudyTime = "101112.5"
    image.AccessionNumber = f"A{study}"
    image.Modality = "CT"
    image.PatientName = "Doe^John"
    image.PatientID = patient
    image.PatientBirthDate = "19700101"
    image.StudyID = f"S{study}"
    image.SeriesNumber = series
    image.InstanceNumber = number
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows = image.Columns = pixels
    image.BitsAllocated = image.BitsStored = 16
    image.HighBit = 15
    image.PixelRepresentation = 0
    block = image.private_block(0x0011, "ACME", create=True)
    block.add_new(0x01, "LO", "private")
    image.PixelData = struct.pack("<H", number) * (pixels * pixels)
    image["PixelData"].VR = "OW"
    return image


def encoded(data_set: Dataset, *, explicit: bool = False, big_endian: bool = False, deflated: bool = False) -> bytes:
    """The data set's bytes."""
    buffer = DicomBytesIO()
    buffer.is_little_endian = not big_endian
    buffer.is_implicit_VR = not (explicit or deflated)
    write_dataset(buffer, data_set)
    data = buffer.getvalue()
    if not deflated:
        return data
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    stream = deflater.compress(data) + deflater.flush()
    return stream + b"\0" * (len(stream) % 2)
