"""Enhanced CT (PS3.3 A.38) and enhanced MR (A.36): multi-frame images with functional groups."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import EnhancedCTImageStorage, EnhancedMRImageStorage

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image
from conformance.instances.iod.common import composite, item, uid_inside

_SLICE_MM: Final = 2.5
_SPACING_MM: Final = 0.75
# groups.stack_dimensions takes number 1.
_IRRADIATION: Final = 2


def enhanced_ct(identity: Identity, size: image.Size) -> Dataset:
    """Return a stack of axial CT slices as one image, in Hounsfield units after rescaling."""
    dataset = composite(identity, sop_class_uid=EnhancedCTImageStorage, modality="CT")
    _enhanced_image(dataset, identity, size)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    shared = _shared_macros(groups.chest())
    shared.PixelValueTransformationSequence = [item(RescaleIntercept=-1024, RescaleSlope=1, RescaleType="HU")]
    shared.IrradiationEventIdentificationSequence = [item(IrradiationEventUID=uid_inside(identity, _IRRADIATION))]
    # PS3.3 Tables C.8-118 to C.8-126
    shared.CTImageFrameTypeSequence = [_frame_type(dataset)]
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
            ReconstructionPixelSpacing=[_SPACING_MM, _SPACING_MM],
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
        )
    ]
    shared.CTXRayDetailsSequence = [item(KVP=120, FocalSpots=0.7, FilterType="NONE", FilterMaterial="ALUMINUM")]
    dataset.SharedFunctionalGroupsSequence = [shared]
    return dataset


def enhanced_mr(identity: Identity, size: image.Size) -> Dataset:
    """Return a stack of axial spin echo slices of the head as one image."""
    dataset = composite(identity, sop_class_uid=EnhancedMRImageStorage, modality="MR")
    _enhanced_image(dataset, identity, size)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "T1", "NONE"]
    _mr_image(dataset)
    _mr_pulse_sequence(dataset, identity)
    shared = _shared_macros(groups.head())
    shared.PixelValueTransformationSequence = [item(RescaleIntercept=0, RescaleSlope=1, RescaleType="US")]
    frame_type = _frame_type(dataset)
    frame_type.ComplexImageComponent = "MAGNITUDE"
    frame_type.AcquisitionContrast = "T1"
    shared.MRImageFrameTypeSequence = [frame_type]
    _mr_macros(shared)
    dataset.SharedFunctionalGroupsSequence = [shared]
    return dataset


def _enhanced_image(dataset: Dataset, identity: Identity, size: image.Size) -> None:
    """Add what both share: pixels, frame of reference, dimensions, and what differs from frame to frame."""
    image.grey_pixels(dataset, identity, size, bits_stored=12)
    image.multi_frame(dataset, size)
    image.frame_of_reference(dataset, identity)
    groups.stack_dimensions(dataset, identity)
    dataset.ContentDate = seeded.date(identity.study_instance_uid)
    dataset.ContentTime = seeded.time(identity.study_instance_uid, plus_s=300)
    dataset.AcquisitionDateTime = dataset.ContentDate + dataset.ContentTime
    dataset.AcquisitionDuration = 10.0
    dataset.AcquisitionNumber = 1
    dataset.ImageComments = "Synthetic image of a conformance test"
    dataset.PatientPosition = "HFS"
    dataset.AcquisitionContextSequence = []
    dataset.ContentQualification = "RESEARCH"
    # PS3.3 Tables C.8-131 and C.8-81: the image as a whole
    dataset.PixelPresentation = "MONOCHROME"
    dataset.VolumetricProperties = "VOLUME"
    dataset.VolumeBasedCalculationTechnique = "NONE"
    dataset.BurnedInAnnotation = "NO"
    dataset.LossyImageCompression = "00"
    dataset.PresentationLUTShape = "IDENTITY"
    dataset.PerFrameFunctionalGroupsSequence = [
        item(
            FrameContentSequence=[groups.timed_frame_content(identity, position)],
            PlanePositionSequence=[groups.plane_position(position, slice_mm=_SLICE_MM)],
        )
        for position in range(1, size.frames + 1)
    ]


def _shared_macros(region: Dataset) -> Dataset:
    return item(
        PixelMeasuresSequence=[groups.pixel_measures(spacing_mm=_SPACING_MM, slice_mm=_SLICE_MM)],
        PlaneOrientationSequence=[groups.axial_orientation()],
        FrameAnatomySequence=[groups.frame_anatomy(region)],
        FrameVOILUTSequence=[item(WindowCenter=1024, WindowWidth=2048)],
    )


def _frame_type(dataset: Dataset) -> Dataset:
    return item(
        FrameType=list(dataset.ImageType),
        PixelPresentation=dataset.PixelPresentation,
        VolumetricProperties=dataset.VolumetricProperties,
        VolumeBasedCalculationTechnique=dataset.VolumeBasedCalculationTechnique,
    )


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
            Spoiling="NONE",
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
