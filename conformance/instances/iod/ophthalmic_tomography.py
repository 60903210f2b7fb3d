"""Optical coherence tomography of the retina: tomograms (PS3.3 A.52), en face images (A.83), B-scan volumes (A.84)."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import (
    OphthalmicOpticalCoherenceTomographyBscanVolumeAnalysisStorage,
    OphthalmicOpticalCoherenceTomographyEnFaceImageStorage,
    OphthalmicPhotography8BitImageStorage,
    OphthalmicTomographyImageStorage,
)

from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image, slices
from conformance.instances.iod.common import algorithm, code, composite, item, reference, uid_inside
from conformance.instances.iod.ophthalmic import right_retina

# A power of two, so that it is the same in single precision.
_SPACING_MM: Final = 2**-7
# groups.dimensions takes number 1.
_TOMOGRAM: Final = 2
_PHOTOGRAPH: Final = 3
_SURFACES: Final = 4
# PS3.16 CID 4270
_DECORRELATION: Final = ("128252", "DCM", "OCT-A amplitude decorrelation")


def tomogram(identity: Identity, size: image.Size) -> Dataset:
    """Return parallel B-scans through the right retina, 8 bits."""
    dataset = composite(identity, sop_class_uid=OphthalmicTomographyImageStorage, modality="OPT")
    image.grey_pixels(dataset, identity, size, bits_stored=8)
    _parallel_scans(dataset, identity, size, acquired=True)
    dataset.OphthalmicVolumetricPropertiesFlag = "NO"
    _optics(dataset)
    right_retina(dataset)
    # PS3.3 Table C.8.17.8-1, none of it known
    dataset.EmmetropicMagnification = None
    dataset.IntraOcularPressure = None
    dataset.HorizontalFieldOfView = None
    dataset.PupilDilated = "NO"
    dataset.RefractiveStateSequence = []
    dataset.AxialLengthOfTheEye = None
    return dataset


def b_scan_volume(identity: Identity, size: image.Size) -> Dataset:
    """Return flow in parallel B-scans through the right retina, 16 bits, signed."""
    dataset = composite(
        identity, sop_class_uid=OphthalmicOpticalCoherenceTomographyBscanVolumeAnalysisStorage, modality="OPTBSV"
    )
    image.grey_pixels(dataset, identity, size, bits_stored=16, signed=True)
    _parallel_scans(dataset, identity, size, acquired=False)
    del dataset.AcquisitionContextSequence
    # PS3.3 Table C.8.17.16-1
    dataset.RecognizableVisualFeatures = "NO"
    dataset.AcquisitionMethodAlgorithmSequence = [algorithm("Conformance decorrelation", family=code(*_DECORRELATION))]
    dataset.OCTBscanAnalysisAcquisitionParametersSequence = [
        item(
            ScanPatternTypeCodeSequence=[code("128279", "DCM", "Cube B-scan pattern")],
            NumberOfBscansPerFrame=4,
            BscanSlabThickness=_SPACING_MM,
            DistanceBetweenBscanSlabs=_SPACING_MM,
            BscanCycleTime=10.0,
        )
    ]
    shared = dataset.SharedFunctionalGroupsSequence[0]
    shared.FrameVOILUTSequence = [item(WindowCenter=0, WindowWidth=65536)]
    shared.ReferencedImageSequence = [_photograph(identity)]
    structural = _tomogram(identity, "128250", "Structural image for image processing")
    derivation = item(
        SourceImageSequence=[structural],
        DerivationCodeSequence=[code("113091", "DCM", "Pixel by pixel mapping")],
    )
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        frame.DerivationImageSequence = [derivation]
    return dataset


def en_face(identity: Identity, size: image.Size) -> Dataset:
    """Return a map of the flow in the right retina, seen from the front, 8 bits."""
    dataset = composite(
        identity, sop_class_uid=OphthalmicOpticalCoherenceTomographyEnFaceImageStorage, modality="OPTENF"
    )
    image.general_image(dataset, identity, "DERIVED", "PRIMARY")
    image.patient_orientation(dataset, "L", "F")
    image.grey_pixels(dataset, identity, size, bits_stored=8)
    image.frame_of_reference(dataset, identity)
    image.window(dataset, centre=128, width=256)
    right_retina(dataset)
    # PS3.3 Table C.8.17.14-1
    dataset.PixelSpacing = [_SPACING_MM, _SPACING_MM]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]
    dataset.ImagePositionPatient = [0, 0, 0]
    dataset.BurnedInAnnotation = "NO"
    dataset.RecognizableVisualFeatures = "NO"
    dataset.LossyImageCompression = "00"
    dataset.PresentationLUTShape = "IDENTITY"
    dataset.SourceImageSequence = [
        _tomogram(identity, "128250", "Structural image for image processing"),
    ]
    dataset.DerivationAlgorithmSequence = [algorithm("Conformance decorrelation", family=code(*_DECORRELATION))]
    # Demanded up to edition 2021, when frame locations took its place: the surface above which the flow was summed
    dataset.ReferencedSurfaceMeshIdentificationSequence = [
        item(
            ReferencedSOPInstanceUID=uid_inside(identity, _SURFACES),
            ReferencedSurfaceNumber=1,
            SegmentedPropertyTypeCodeSequence=[code("280677004", "SCT", "ILM - Internal limiting membrane")],
            SurfaceMeshZPixelOffset=0,
        )
    ]
    dataset.OphthalmicImageTypeCodeSequence = [code("128259", "DCM", "Retina vasculature flow")]
    place = _photograph(identity)
    del place.PurposeOfReferenceCodeSequence
    place.ReferenceCoordinates = [1.0, 1.0, float(size.rows), float(size.columns)]
    place.OphthalmicImageOrientation = "LINEAR"
    dataset.OphthalmicFrameLocationSequence = [place]
    return dataset


def _parallel_scans(dataset: Dataset, identity: Identity, size: image.Size, *, acquired: bool) -> None:
    """Add what both kinds of B-scans have; neither may be a part of a concatenation."""
    slices.enhanced_image(dataset, identity, size, "ORIGINAL", "PRIMARY", acquired=acquired)
    del dataset.ContentQualification
    dataset.InConcatenationNumber = 1
    dataset.InConcatenationTotalNumber = 1
    dataset.ConcatenationFrameOffsetNumber = 0
    image.frame_of_reference(dataset, identity)
    groups.stack_dimensions(dataset, identity)
    anatomy = groups.frame_anatomy(code("5665001", "SCT", "Retina"))
    anatomy.FrameLaterality = "R"
    dataset.SharedFunctionalGroupsSequence = [
        item(
            FrameAnatomySequence=[anatomy],
            PixelMeasuresSequence=[groups.pixel_measures(spacing_mm=_SPACING_MM, slice_mm=_SPACING_MM)],
            PlaneOrientationSequence=[groups.axial_orientation()],
        )
    ]
    dataset.PerFrameFunctionalGroupsSequence = [
        item(
            FrameContentSequence=[groups.timed_frame_content(identity, position)],
            PlanePositionSequence=[groups.plane_position(position, slice_mm=_SPACING_MM)],
        )
        for position in range(1, size.frames + 1)
    ]


def _optics(dataset: Dataset) -> None:
    # PS3.3 Table C.8.17.9-1 and PS3.16 CID 4210
    dataset.AcquisitionDeviceTypeCodeSequence = [
        code("392012008", "SCT", "Optical Coherence Tomography Scanner"),
    ]
    dataset.LightPathFilterTypeStackCodeSequence = []
    dataset.DetectorType = "CCD"
    dataset.IlluminationWaveLength = 840.0
    dataset.IlluminationPower = 700.0
    dataset.IlluminationBandwidth = 50.0
    dataset.DepthSpatialResolution = 5.0
    dataset.MaximumDepthDistortion = 1.0
    dataset.AlongScanSpatialResolution = 15.0
    dataset.MaximumAlongScanDistortion = 1.0
    dataset.AcrossScanSpatialResolution = 15.0
    dataset.MaximumAcrossScanDistortion = 1.0


def _tomogram(identity: Identity, value: str, meaning: str) -> Dataset:
    source = reference(OphthalmicTomographyImageStorage, uid_inside(identity, _TOMOGRAM))
    source.PurposeOfReferenceCodeSequence = [code(value, "DCM", meaning)]
    return source


def _photograph(identity: Identity) -> Dataset:
    localizer = reference(OphthalmicPhotography8BitImageStorage, uid_inside(identity, _PHOTOGRAPH))
    localizer.PurposeOfReferenceCodeSequence = [code("121311", "DCM", "Localizer")]
    return localizer
