"""Ophthalmic photography: 8 and 16 bits (PS3.3 A.41, A.42), and wide field (A.76, A.77)."""

from typing import Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import (
    OphthalmicPhotography8BitImageStorage,
    OphthalmicPhotography16BitImageStorage,
    WideFieldOphthalmicPhotography3DCoordinatesImageStorage,
    WideFieldOphthalmicPhotographyStereographicProjectionImageStorage,
)

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import add, algorithm, code, composite, item

_AXIAL_LENGTH_MM: Final = 23.5


def photograph_8_bit(identity: Identity, size: image.Size) -> Dataset:
    """Return colour photographs of the right retina."""
    dataset = _photograph(identity, OphthalmicPhotography8BitImageStorage, size)
    image.colour_pixels(dataset, identity, size)
    return dataset


def photograph_16_bit(identity: Identity, size: image.Size) -> Dataset:
    """Return grey photographs of the right retina, 16 bits."""
    dataset = _photograph(identity, OphthalmicPhotography16BitImageStorage, size)
    _grey(dataset, identity, size)
    return dataset


def wide_field_stereographic(identity: Identity, size: image.Size) -> Dataset:
    """Return grey wide field photographs of the right retina, projected stereographically."""
    dataset = _wide_field(identity, WideFieldOphthalmicPhotographyStereographicProjectionImageStorage, size)
    # PS3.3 Table C.8.17.11-1
    dataset.XCoordinatesCenterPixelViewAngle = 0.0
    dataset.YCoordinatesCenterPixelViewAngle = 0.0
    return dataset


def wide_field_3d(identity: Identity, size: image.Size) -> Dataset:
    """Return grey wide field photographs of the right retina with the places of their corners on a sphere."""
    dataset = _wide_field(identity, WideFieldOphthalmicPhotography3DCoordinatesImageStorage, size)
    # PS3.3 Table C.8.17.12-1 and PS3.16 CID 4245
    dataset.TransformationMethodCodeSequence = [code("111791", "DCM", "Spherical projection")]
    half = _AXIAL_LENGTH_MM / 2
    # PS3.3 C.8.17.12.1.2: column, row, X, Y, Z of each point
    points = [
        [column, row, -half if column == 1 else half, -half if row == 1 else half, half]
        for row in (1, size.rows)
        for column in (1, size.columns)
    ]
    places = item(ReferencedFrameNumber=list(range(1, size.frames + 1)), NumberOfMapPoints=len(points))
    add(places, Tag("TwoDimensionalToThreeDimensionalMapData"), "OF", np.array(points, dtype="<f4").tobytes())
    dataset.TwoDimensionalToThreeDimensionalMapSequence = [places]
    return dataset


def right_retina(dataset: Dataset) -> None:
    """Add the ocular region imaged module (PS3.3 Table C.8.17.5-1)."""
    dataset.AnatomicRegionSequence = [code("5665001", "SCT", "Retina")]
    dataset.ImageLaterality = "R"


def acquisition_parameters(dataset: Dataset) -> None:
    """Add the acquisition parameters of ophthalmic photography (PS3.3 Table C.8.17.4-1), none of them known."""
    dataset.PatientEyeMovementCommanded = "NO"
    dataset.EmmetropicMagnification = None
    dataset.IntraOcularPressure = None
    dataset.HorizontalFieldOfView = None
    dataset.PupilDilated = "NO"
    dataset.RefractiveStateSequence = []


def _grey(dataset: Dataset, identity: Identity, size: image.Size) -> None:
    image.grey_pixels(dataset, identity, size, bits_stored=16)
    dataset.PresentationLUTShape = "IDENTITY"


def _photograph(identity: Identity, sop_class_uid: str, size: image.Size) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality="OP")
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY")
    image.patient_orientation(dataset)
    image.multi_frame(dataset, size, "FrameTime")
    image.cine(dataset)
    image.synchronization(dataset)
    # PS3.3 Table C.8.17.2-1
    dataset.AcquisitionDateTime = dataset.AcquisitionDate + dataset.AcquisitionTime
    dataset.PixelSpacing = [0.01, 0.01]
    dataset.BurnedInAnnotation = "NO"
    dataset.LossyImageCompression = "00"
    right_retina(dataset)
    acquisition_parameters(dataset)
    # PS3.3 Table C.8.17.3-1 and PS3.16 CID 4202
    dataset.AcquisitionDeviceTypeCodeSequence = [code("409898007", "SCT", "Fundus Camera")]
    dataset.DetectorType = "CCD"
    dataset.IlluminationTypeCodeSequence = []
    dataset.LightPathFilterTypeStackCodeSequence = []
    dataset.ImagePathFilterTypeStackCodeSequence = []
    dataset.LensesCodeSequence = []
    return dataset


def _wide_field(identity: Identity, sop_class_uid: str, size: image.Size) -> Dataset:
    dataset = _photograph(identity, sop_class_uid, size)
    _grey(dataset, identity, size)
    image.frame_of_reference(dataset, identity)
    # PS3.3 Tables C.8.17.11-1 and C.8.17.12-1: what both have
    dataset.OphthalmicAxialLength = _AXIAL_LENGTH_MM
    dataset.OphthalmicAxialLengthMethod = "POPULATION"
    dataset.TransformationAlgorithmSequence = [algorithm("Conformance projection")]
    return dataset
