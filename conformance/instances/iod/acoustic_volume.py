"""Volumes from sound: enhanced US volume (PS3.3 A.59) and photoacoustic image (A.89)."""

from typing import Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedUSVolumeStorage, PhotoacousticImageStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image, slices
from conformance.instances.iod.common import algorithm, code, composite, item, uid_inside

# groups.dimensions takes number 1.
_VOLUME_FRAME_OF_REFERENCE: Final = 2
_WAVELENGTH_NM: Final = 850.0


def enhanced_us_volume(identity: Identity, size: image.Size) -> Dataset:
    """Return parallel planes of the heart, tissue intensities."""
    dataset = composite(identity, sop_class_uid=EnhancedUSVolumeStorage, modality="US")
    _volume(dataset, identity, size)
    # PS3.3 Table C.8.24.3-1
    dataset.RescaleIntercept = "0"
    dataset.RescaleSlope = "1"
    dataset.PositionMeasuringDeviceUsed = "RIGID"
    dataset.AnatomicRegionSequence = [code("80891009", "SCT", "Heart")]
    dataset.ViewCodeSequence = [code("399139001", "SCT", "Parasternal long axis")]
    dataset.MechanicalIndex = 1
    dataset.BoneThermalIndex = 1
    dataset.CranialThermalIndex = 1
    dataset.SoftTissueThermalIndex = 1
    dataset.DepthOfScanField = 120
    dataset.DepthsOfFocus = [60.0]
    dataset.TransducerScanPatternCodeSequence = [code("125242", "DCM", "Volume scan pattern")]
    dataset.TransducerGeometryCodeSequence = [code("125254", "DCM", "Sector ultrasound transducer geometry")]
    dataset.TransducerBeamSteeringCodeSequence = [code("125259", "DCM", "Phased beam steering")]
    dataset.TransducerApplicationCodeSequence = [code("125261", "DCM", "External Transducer")]
    shared = _shared(item(DataType="TISSUE_INTENSITY", AliasedDataType="NO"))
    shared.USImageDescriptionSequence = [
        item(FrameType=list(dataset.ImageType), VolumetricProperties="VOLUME", VolumeBasedCalculationTechnique="NONE")
    ]
    dataset.SharedFunctionalGroupsSequence = [shared]
    return dataset


def photoacoustic(identity: Identity, size: image.Size) -> Dataset:
    """Return parallel planes of the breast, as one wavelength of light makes it sound."""
    dataset = composite(identity, sop_class_uid=PhotoacousticImageStorage, modality="PA")
    _volume(dataset, identity, size)
    # PS3.3 Tables C.8.34.1-1 and C.8.34.2-1
    dataset.PositionMeasuringDeviceUsed = "RIGID"
    dataset.PixelPresentation = "MONOCHROME"
    dataset.VolumetricProperties = "VOLUME"
    dataset.VolumeBasedCalculationTechnique = "NONE"
    dataset.ExcitationWavelengthSequence = [item(ExcitationWavelength=_WAVELENGTH_NM)]
    dataset.AcousticCouplingMediumFlag = "NO"
    shared = _shared(item(ImageDataTypeCodeSequence=[code("38082009", "SCT", "Hemoglobin")]))
    shared.PhotoacousticExcitationCharacteristicsSequence = [item(ExcitationWavelength=_WAVELENGTH_NM)]
    shared.PhotoacousticImageFrameTypeSequence = [slices.frame_type(dataset)]
    shared.ReconstructionAlgorithmSequence = [
        algorithm("Conformance reconstruction", family=code("130821", "DCM", "Spherical Back Projection"))
    ]
    dataset.SharedFunctionalGroupsSequence = [shared]
    return dataset


def _volume(dataset: Dataset, identity: Identity, size: image.Size) -> None:
    """Add what both have: the volume's frame of reference (PS3.3 Table C.8.24.2-1), and planes parallel within it."""
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY", "VOLUME", "NONE")
    image.patient_orientation(dataset)
    image.grey_pixels(dataset, identity, size, bits_stored=8)
    slices.enhanced_image(dataset, identity, size, "ORIGINAL", "PRIMARY", "VOLUME", "NONE")
    image.frame_of_reference(dataset, identity)
    image.synchronization(dataset)
    dataset.VolumeFrameOfReferenceUID = uid_inside(identity, _VOLUME_FRAME_OF_REFERENCE)
    dataset.UltrasoundAcquisitionGeometry = "APEX"
    dataset.ApexPosition = [0.0, 0.0, 0.0]
    dataset.VolumeToTransducerMappingMatrix = np.eye(4).ravel().tolist()
    dataset.DimensionOrganizationType = "3D"
    groups.dimensions(dataset, identity, ("ImagePositionVolume", "PlanePositionVolumeSequence"))
    dataset.PerFrameFunctionalGroupsSequence = [_plane(identity, number) for number in range(1, size.frames + 1)]


def _shared(data_type: Dataset) -> Dataset:
    return item(
        PixelMeasuresSequence=[groups.pixel_measures(spacing_mm=slices.SPACING_MM, slice_mm=slices.SLICE_MM)],
        FrameVOILUTSequence=[item(WindowCenter=128, WindowWidth=256)],
        PlaneOrientationVolumeSequence=[item(ImageOrientationVolume=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0])],
        ImageDataTypeSequence=[data_type],
        TemporalPositionSequence=[item(TemporalPositionTimeOffset=0.0)],
    )


def _plane(identity: Identity, number: int) -> Dataset:
    return item(
        FrameContentSequence=[groups.timed_frame_content(identity, number)],
        PlanePositionVolumeSequence=[item(ImagePositionVolume=[0.0, 0.0, (number - 1) * slices.SLICE_MM])],
    )
