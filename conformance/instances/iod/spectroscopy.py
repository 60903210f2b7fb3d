"""MR Spectroscopy (PS3.3 A.36.3): one voxel, in a data stream that is no pixel data."""

from typing import Final

import numpy as np
from pydicom.dataset import Dataset

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image
from conformance.instances.iod.common import composite, content_date, date_time, floats, item, sop_class

_DATA_POINTS: Final = 256
_VOXEL_MM: Final = 20.0
_SPECTRAL_WIDTH_HZ: Final = 2000.0


def mr_spectroscopy(identity: Identity, _size: image.Size) -> Dataset:
    """Return the decaying signal of one voxel of the head, 256 complex points."""
    dataset = composite(identity, sop_class_uid=sop_class("MRSpectroscopyStorage"), modality="MR")
    content_date(dataset, identity)
    image.frame_of_reference(dataset, identity)
    groups.stack_dimensions(dataset, identity)
    dataset.AcquisitionContextSequence = []
    _acquisition(dataset, identity)
    _pulse_sequence(dataset, identity)
    dataset.NumberOfFrames = 1
    dataset.SharedFunctionalGroupsSequence = [_shared(dataset)]
    dataset.PerFrameFunctionalGroupsSequence = [
        item(
            FrameContentSequence=[groups.timed_frame_content(identity, 1)],
            PlanePositionSequence=[groups.plane_position(1, slice_mm=_VOXEL_MM)],
        )
    ]
    # PS3.3 Table C.8-108
    dataset.Rows = 1
    dataset.Columns = 1
    dataset.DataPointRows = 1
    dataset.DataPointColumns = _DATA_POINTS
    dataset.DataRepresentation = "COMPLEX"
    dataset.SignalDomainColumns = "TIME"
    dataset.SpectroscopyData = floats(_signal(identity.sop_instance_uid))
    return dataset


def _acquisition(dataset: Dataset, identity: Identity) -> None:
    # PS3.3 Table C.8-103
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "SPECTROSCOPY", "NONE"]
    dataset.AcquisitionNumber = 1
    dataset.AcquisitionDateTime = date_time(identity)
    dataset.AcquisitionDuration = 60.0
    dataset.VolumetricProperties = "VOLUME"
    dataset.VolumeBasedCalculationTechnique = "NONE"
    dataset.ComplexImageComponent = "COMPLEX"
    dataset.AcquisitionContrast = "UNKNOWN"
    dataset.PatientPosition = "HFS"
    dataset.ContentQualification = "RESEARCH"
    dataset.ResonantNucleus = "1H"
    dataset.KSpaceFiltering = "NONE"
    dataset.MagneticFieldStrength = 1.5
    dataset.ApplicableSafetyStandardAgency = "IEC"
    dataset.ApplicableSafetyStandardDescription = ""
    dataset.TransmitterFrequency = 63.87
    dataset.SpectralWidth = _SPECTRAL_WIDTH_HZ
    dataset.ChemicalShiftReference = 4.7
    dataset.VolumeLocalizationTechnique = "PRESS"
    dataset.VolumeLocalizationSequence = [
        item(SlabThickness=_VOXEL_MM, SlabOrientation=direction, MidSlabPosition=[0.0, 0.0, 0.0])
        for direction in ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0])
    ]
    dataset.Decoupling = "NO"
    dataset.TimeDomainFiltering = "NONE"
    dataset.NumberOfZeroFills = 0
    dataset.BaselineCorrection = "NONE"
    dataset.FrequencyCorrection = "NO"
    dataset.FirstOrderPhaseCorrection = "NO"
    dataset.WaterReferencedPhaseCorrection = "NO"


def _pulse_sequence(dataset: Dataset, identity: Identity) -> None:
    # PS3.3 Table C.8-107
    dataset.PulseSequenceName = f"press{identity.instance_number}"
    dataset.MRSpectroscopyAcquisitionType = "SINGLE_VOXEL"
    dataset.EchoPulseSequence = "SPIN"
    dataset.MultipleSpinEcho = "YES"
    dataset.MultiPlanarExcitation = "NO"
    dataset.SteadyStatePulseSequence = "NONE"
    dataset.EchoPlanarPulseSequence = "NO"
    dataset.SpectrallySelectedSuppression = "WATER"
    dataset.GeometryOfKSpaceTraversal = "RECTILINEAR"
    dataset.RectilinearPhaseEncodeReordering = "LINEAR"
    dataset.SegmentedKSpaceTraversal = "SINGLE"
    dataset.NumberOfKSpaceTrajectories = 1


def _shared(dataset: Dataset) -> Dataset:
    """Return the macros that are the same for all frames (PS3.3 Table A.36-4)."""
    kind = item(
        FrameType=list(dataset.ImageType),
        VolumetricProperties=dataset.VolumetricProperties,
        VolumeBasedCalculationTechnique=dataset.VolumeBasedCalculationTechnique,
        ComplexImageComponent=dataset.ComplexImageComponent,
        AcquisitionContrast=dataset.AcquisitionContrast,
    )
    geometry = item(
        SpectroscopyAcquisitionDataColumns=_DATA_POINTS,
        SpectroscopyAcquisitionPhaseRows=1,
        SpectroscopyAcquisitionPhaseColumns=1,
        SpectroscopyAcquisitionOutOfPlanePhaseSteps=1,
        PercentSampling=100,
        PercentPhaseFieldOfView=100,
    )
    return item(
        PixelMeasuresSequence=[groups.pixel_measures(spacing_mm=_VOXEL_MM, slice_mm=_VOXEL_MM)],
        PlaneOrientationSequence=[groups.axial_orientation()],
        FrameAnatomySequence=[groups.frame_anatomy(groups.head())],
        MRSpectroscopyFrameTypeSequence=[kind],
        MRTimingAndRelatedParametersSequence=[_timing()],
        MRSpectroscopyFOVGeometrySequence=[geometry],
        MREchoSequence=[item(EffectiveEchoTime=30.0)],
        MRModifierSequence=[
            item(
                InversionRecovery="NO",
                FlowCompensation="NONE",
                T2Preparation="NO",
                SpectrallySelectedExcitation="NONE",
                SpatialPresaturation="NONE",
                PartialFourier="NO",
                ParallelAcquisition="NO",
            )
        ],
        MRReceiveCoilSequence=[
            item(
                ReceiveCoilName="HEAD",
                ReceiveCoilManufacturerName="",
                ReceiveCoilType="VOLUME",
                QuadratureReceiveCoil="YES",
            )
        ],
        MRTransmitCoilSequence=[
            item(TransmitCoilName="BODY", TransmitCoilManufacturerName="", TransmitCoilType="BODY")
        ],
        MRAveragesSequence=[item(NumberOfAverages=64)],
    )


def _timing() -> Dataset:
    return item(
        RepetitionTime=1500,
        FlipAngle=90,
        EchoTrainLength=1,
        RFEchoTrainLength=1,
        GradientEchoTrainLength=0,
        SpecificAbsorptionRateSequence=[
            item(SpecificAbsorptionRateDefinition="IEC_WHOLE_BODY", SpecificAbsorptionRateValue=0.5)
        ],
        GradientOutputType="DB_DT",
        GradientOutput=20.0,
        OperatingModeSequence=[
            item(OperatingModeType="STATIC FIELD", OperatingMode="IEC_NORMAL"),
            item(OperatingModeType="RF", OperatingMode="IEC_NORMAL"),
            item(OperatingModeType="GRADIENT", OperatingMode="IEC_NORMAL"),
        ],
    )


def _signal(seed: str) -> list[float]:
    """Return pairs of real and imaginary parts, whole numbers: an echo that decays, and noise."""
    noise = np.frombuffer(seeded.octets(seed + "/signal", 2 * _DATA_POINTS), dtype=np.int8)
    decay = [1000 - 1000 * (value // 2) // _DATA_POINTS for value in range(2 * _DATA_POINTS)]
    return [float(echo + int(value)) for echo, value in zip(decay, noise, strict=True)]
