"""Maps of the eye as images: ophthalmic thickness map (PS3.3 A.67) and corneal topography map (A.73)."""

from typing import Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import (
    CornealTopographyMapStorage,
    OphthalmicPhotography8BitImageStorage,
    OphthalmicThicknessMapStorage,
    OphthalmicTomographyImageStorage,
)

from conformance.instances.identity import Identity
from conformance.instances.iod import image, slices
from conformance.instances.iod.common import add, code, composite, item, reference, uid_inside
from conformance.instances.iod.ophthalmic import acquisition_parameters, right_retina

_SOURCE: Final = 1
_PALETTE: Final = 2


def thickness_map(identity: Identity, size: image.Size) -> Dataset:
    """Return the thickness of the right retina in micrometres, 16 bits, for a palette kept elsewhere."""
    dataset = composite(identity, sop_class_uid=OphthalmicThicknessMapStorage, modality="OPM")
    image.grey_pixels(dataset, identity, size, bits_stored=16)
    source = reference(OphthalmicTomographyImageStorage, uid_inside(identity, _SOURCE))
    _map(dataset, identity, source, slices.unit_of("um", "micrometer"), "DERIVED", "PRIMARY", "RETINAL_THICK")
    right_retina(dataset)
    # PS3.3 Table C.8.28.2-1
    dataset.PixelPresentation = "COLOR_REF"
    dataset.ReferencedColorPaletteInstanceUID = uid_inside(identity, _PALETTE)
    dataset.RecognizableVisualFeatures = "NO"
    dataset.OphthalmicMappingDeviceType = "OCT"
    dataset.AcquisitionMethodCodeSequence = [code("111921", "DCM", "Spectral domain")]
    dataset.OphthalmicThicknessMapTypeCodeSequence = [code("111930", "DCM", "Absolute ophthalmic thickness")]
    dataset.RetinalThicknessDefinitionCodeSequence = [
        code("111928", "DCM", "Total retinal thickness (ILM to RPE)"),
    ]
    dataset.RelevantOPTAttributesSequence = [item(DepthSpatialResolution=5.0, MaximumDepthDistortion=1.0)]
    return dataset


def corneal_topography(identity: Identity, size: image.Size) -> Dataset:
    """Return the axial power of the right cornea, 8 bits in a palette of reds and blues."""
    dataset = composite(identity, sop_class_uid=CornealTopographyMapStorage, modality="OPM")
    image.grey_pixels(dataset, identity, size, bits_stored=8, photometric="PALETTE COLOR")
    source = reference(OphthalmicPhotography8BitImageStorage, uid_inside(identity, _SOURCE))
    _map(dataset, identity, source, slices.unit_of("diop", "diopters"), "DERIVED", "PRIMARY")
    image.frame_of_reference(dataset, identity)
    _palette(dataset)
    dataset.AnatomicRegionSequence = [code("28726007", "SCT", "Cornea")]
    dataset.ImageLaterality = "R"
    dataset.RecognizableVisualFeatures = "YES"
    _analysis(dataset, size)
    return dataset


def _map(dataset: Dataset, identity: Identity, source: Dataset, unit: Dataset, *image_type: str) -> None:
    image.general_image(dataset, identity, *image_type)
    image.patient_orientation(dataset)
    dataset.AcquisitionDateTime = dataset.AcquisitionDate + dataset.AcquisitionTime
    dataset.AcquisitionContextSequence = []
    dataset.PixelSpacing = [0.2, 0.1]
    dataset.PixelAspectRatio = [2, 1]
    dataset.BurnedInAnnotation = "NO"
    dataset.LossyImageCompression = "00"
    acquisition_parameters(dataset)
    source.PurposeOfReferenceCodeSequence = [code("121322", "DCM", "Source image for image processing operation")]
    dataset.SourceImageSequence = [source]
    last = (1 << dataset.BitsStored) - 1
    dataset.RealWorldValueMappingSequence = [slices.real_world_values(unit, last=last)]


def _palette(dataset: Dataset) -> None:
    # PS3.3 Table C.7-22a: 256 entries of 16 bits from stored value 0
    ramp = np.arange(256, dtype="<u2") * 257
    tables = {"Red": ramp, "Green": 2 * np.minimum(ramp, ramp[::-1]), "Blue": ramp[::-1]}
    for colour, table in tables.items():
        add(dataset, Tag(f"{colour}PaletteColorLookupTableDescriptor"), "US", [256, 0, 16])
        add(dataset, Tag(f"{colour}PaletteColorLookupTableData"), "OW", table.astype("<u2").tobytes())


def _analysis(dataset: Dataset, size: image.Size) -> None:
    # PS3.3 Table C.8.30.3-1
    dataset.OphthalmicMappingDeviceType = "REFLECTION"
    dataset.CornealTopographySurface = "A"
    dataset.CornealVertexLocation = [size.columns / 2, size.rows / 2]
    dataset.PupilCentroidXCoordinate = 0.0
    dataset.PupilCentroidYCoordinate = 0.0
    dataset.EquivalentPupilRadius = 2.0
    left, right, top, bottom = 1, size.columns, 1, size.rows
    dataset.VerticesOfTheOutlineOfPupil = [left, top, right, top, right, bottom, left, bottom]
    dataset.CornealTopographyMapTypeCodeSequence = [code("111940", "DCM", "Corneal axial power map")]
    for keyword, degrees in (("Steep", 90.0), ("Flat", 0.0)):
        meridian = item(RadiusOfCurvature=7.8, KeratometricPower=43.25, KeratometricAxis=degrees)
        setattr(dataset, f"{keyword}KeratometricAxisSequence", [meridian])
    dataset.MinimumKeratometricSequence = [
        item(RadiusOfCurvature=7.9, KeratometricPower=42.75, KeratometricAxis=0.0),
    ]
    dataset.SimulatedKeratometricCylinderSequence = [item(KeratometricPower=0.5, KeratometricAxis=90.0)]
    dataset.AverageCornealPower = 43.0
    dataset.CornealISValue = 0.25
    dataset.AnalyzedArea = 60.0
    dataset.SourceImageCornealProcessedDataSequence = [
        item(
            CornealPointLocation=[0.0, 0.0, 0.0],
            CornealPointEstimated="N",
            AxialPower=43.0,
            TangentialPower=43.0,
            RefractivePower=43.0,
            RelativeElevation=0.0,
            CornealWavefront=0.0,
        )
    ]
