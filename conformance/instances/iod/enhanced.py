"""Enhanced CT (PS3.3 A.38) and enhanced MR, grey and colour (A.36): multi-frame images with functional groups."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import EnhancedCTImageStorage, EnhancedMRColorImageStorage, EnhancedMRImageStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image, slices
from conformance.instances.iod.common import composite, item, uid_inside
from conformance.instances.iod.icc import input_profile

# groups.stack_dimensions takes number 1.
_IRRADIATION: Final = 2


def enhanced_ct(identity: Identity, size: image.Size) -> Dataset:
    """Return a stack of axial CT slices as one image, in Hounsfield units after rescaling."""
    dataset = composite(identity, sop_class_uid=EnhancedCTImageStorage, modality="CT")
    image.grey_pixels(dataset, identity, size, bits_stored=12)
    slices.stack(dataset, identity, size, "ORIGINAL", "PRIMARY", "VOLUME", "NONE")
    shared = slices.shared_groups(groups.chest())
    shared.PixelValueTransformationSequence = [item(RescaleIntercept=-1024, RescaleSlope=1, RescaleType="HU")]
    shared.IrradiationEventIdentificationSequence = [item(IrradiationEventUID=uid_inside(identity, _IRRADIATION))]
    # PS3.3 Tables C.8-118 to C.8-126
    shared.CTImageFrameTypeSequence = [slices.frame_type(dataset)]
    shared.CTAcquisitionTypeSequence = [item(AcquisitionType="SPIRAL", ConstantVolumeFlag="NO", FluoroscopyFlag="NO")]
    shared.CTAcquisitionDetailsSequence = [
        item(
            RotationDirection="CW",
            RevolutionTime=0.5,
            SingleCollimationWidth=1.0,
            TotalCollimationWidth=16.0,
            TableHeight=100.0,
            GantryDetectorTilt=0.0,
            DataCollectionDiameter=500,
        )
    ]
    shared.CTTableDynamicsSequence = [item(TableSpeed=32.0, TableFeedPerRotation=16.0, SpiralPitchFactor=1.0)]
    shared.CTGeometrySequence = [item(DistanceSourceToDetector=950.0, DistanceSourceToDataCollectionCenter=540.0)]
    shared.CTPositionSequence = [
        item(
            TablePosition=0.0,
            DataCollectionCenterPatient=[0.0, 0.0, 0.0],
            ReconstructionTargetCenterPatient=[0.0, 0.0, 0.0],
        )
    ]
    shared.CTReconstructionSequence = [
        item(
            ReconstructionAlgorithm="FILTER_BACK_PROJ",
            ConvolutionKernel="B30F",
            ConvolutionKernelGroup="SOFT_TISSUE",
            ReconstructionDiameter=350,
            ReconstructionPixelSpacing=[slices.SPACING_MM, slices.SPACING_MM],
            ReconstructionAngle=360.0,
            ImageFilter="NONE",
        )
    ]
    shared.CTExposureSequence = [
        item(
            ExposureTimeInms=500.0,
            XRayTubeCurrentInmA=200.0,
            ExposureInmAs=100.0,
            ExposureModulationType="NONE",
            CTDIvol=10.0,
        )
    ]
    shared.CTXRayDetailsSequence = [item(KVP=120, FocalSpots=0.7, FilterType="NONE", FilterMaterial="ALUMINUM")]
    dataset.SharedFunctionalGroupsSequence = [shared]
    return dataset


def enhanced_mr(identity: Identity, size: image.Size) -> Dataset:
    """Return a stack of axial spin echo slices of the head as one image."""
    dataset = composite(identity, sop_class_uid=EnhancedMRImageStorage, modality="MR")
    image.grey_pixels(dataset, identity, size, bits_stored=12)
    _spin_echo(dataset, identity, size)
    dataset.SharedFunctionalGroupsSequence[0].PixelValueTransformationSequence = [slices.identity_transformation()]
    return dataset


def enhanced_mr_color(identity: Identity, size: image.Size) -> Dataset:
    """Return the same stack in colour, such as a post-processing step makes."""
    dataset = composite(identity, sop_class_uid=EnhancedMRColorImageStorage, modality="MR")
    image.colour_pixels(dataset, identity, size)
    _spin_echo(dataset, identity, size)
    dataset.ICCProfile = input_profile()
    # PS3.3 Table C.8-131: colour is what the pixels are, and no window applies to it
    del dataset.SharedFunctionalGroupsSequence[0].FrameVOILUTSequence
    dataset.PixelPresentation = "TRUE_COLOR"
    dataset.SharedFunctionalGroupsSequence[0].MRImageFrameTypeSequence[0].PixelPresentation = "TRUE_COLOR"
    return dataset


def _spin_echo(dataset: Dataset, identity: Identity, size: image.Size) -> None:
    slices.stack(dataset, identity, size, "ORIGINAL", "PRIMARY", "T1", "NONE")
    _mr_image(dataset)
    _mr_pulse_sequence(dataset, identity)
    shared = slices.shared_groups(groups.head())
    frame_type = slices.frame_type(dataset)
    frame_type.ComplexImageComponent = "MAGNITUDE"
    frame_type.AcquisitionContrast = "T1"
    shared.MRImageFrameTypeSequence = [frame_type]
    _mr_macros(shared)
    dataset.SharedFunctionalGroupsSequence = [shared]


def _mr_image(dataset: Dataset) -> None:
    # PS3.3 Tables C.8-81 and C.8-83
    dataset.ComplexImageComponent = "MAGNITUDE"
    dataset.AcquisitionContrast = "T1"
    dataset.ResonantNucleus = "1H"
    dataset.KSpaceFiltering = "NONE"
    dataset.MagneticFieldStrength = 1.5
    dataset.ApplicableSafetyStandardAgency = "IEC"
    dataset.ApplicableSafetyStandardDescription = ""
    dataset.IsocenterPosition = [0.0, 0.0, 0.0]


def _mr_pulse_sequence(dataset: Dataset, identity: Identity) -> None:
    # PS3.3 Table C.8-85
    dataset.PulseSequenceName = "se2d1"
    dataset.MRAcquisitionType = "2D"
    dataset.EchoPulseSequence = "SPIN"
    dataset.MultipleSpinEcho = "NO"
    dataset.MultiPlanarExcitation = "NO"
    dataset.SteadyStatePulseSequence = "NONE"
    dataset.EchoPlanarPulseSequence = "NO"
    dataset.SaturationRecovery = "NO"
    dataset.SpectrallySelectedSuppression = "NONE"
    dataset.OversamplingPhase = "NONE"
    dataset.GeometryOfKSpaceTraversal = "RECTILINEAR"
    dataset.RectilinearPhaseEncodeReordering = "LINEAR"
    dataset.SegmentedKSpaceTraversal = "SINGLE"
    dataset.NumberOfKSpaceTrajectories = 1
    dataset.PhaseContrast = "NO"
    dataset.TimeOfFlightContrast = "NO"
    dataset.AcquisitionNumber = identity.instance_number


def _mr_macros(shared: Dataset) -> None:
    # PS3.3 Tables C.8-86 to C.8-98
    shared.MRTimingAndRelatedParametersSequence = [
        item(
            RepetitionTime=500,
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
    ]
    shared.MRFOVGeometrySequence = [
        item(
            InPlanePhaseEncodingDirection="ROW",
            MRAcquisitionFrequencyEncodingSteps=256,
            MRAcquisitionPhaseEncodingStepsInPlane=256,
            PercentSampling=100,
            PercentPhaseFieldOfView=100,
        )
    ]
    shared.MREchoSequence = [item(EffectiveEchoTime=15.0)]
    shared.MRModifierSequence = [
        item(
            InversionRecovery="NO",
            FlowCompensation="NONE",
            T2Preparation="NO",
            SpectrallySelectedExcitation="NONE",
            SpatialPresaturation="NONE",
            PartialFourier="NO",
            ParallelAcquisition="NO",
        )
    ]
    shared.MRImagingModifierSequence = [
        item(
            MagnetizationTransfer="NONE",
            BloodSignalNulling="NO",
            Tagging="NONE",
            TransmitterFrequency=63.87,
            PixelBandwidth=150.0,
        )
    ]
    shared.MRReceiveCoilSequence = [
        item(
            ReceiveCoilName="HEAD",
            ReceiveCoilManufacturerName="",
            ReceiveCoilType="VOLUME",
            QuadratureReceiveCoil="YES",
        )
    ]
    shared.MRTransmitCoilSequence = [
        item(TransmitCoilName="BODY", TransmitCoilManufacturerName="", TransmitCoilType="BODY")
    ]
    shared.MRAveragesSequence = [item(NumberOfAverages=1)]
