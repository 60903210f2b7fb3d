"""Enhanced PET (PS3.3 A.56)."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import EnhancedPETImageStorage

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image, slices
from conformance.instances.iod.common import code, composite, item
from conformance.instances.iod.slices import unit_of

_AGENT: Final = 1


def enhanced_pet(identity: Identity, size: image.Size) -> Dataset:
    """Return a stack of attenuation-corrected axial slices of the chest in Bq/ml."""
    dataset = composite(identity, sop_class_uid=EnhancedPETImageStorage, modality="PT")
    image.grey_pixels(dataset, identity, size, bits_stored=16)
    slices.stack(dataset, identity, size, "ORIGINAL", "PRIMARY", "STATIC", "NONE")
    _isotope(dataset, identity)
    _acquisition(dataset)
    _corrections(dataset)
    _groups(dataset)
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        frame.FrameContentSequence[0].TemporalPositionIndex = 1  # PS3.3 Table C.7.6.16-3: demanded of this class
    return dataset


def _isotope(dataset: Dataset, identity: Identity) -> None:
    # PS3.3 Table C.8.22-9, isotope
    dataset.RadiopharmaceuticalInformationSequence = [
        item(
            RadiopharmaceuticalAgentNumber=_AGENT,
            RadionuclideCodeSequence=[code("77004003", "SCT", "^18^Fluorine")],
            AdministrationRouteCodeSequence=[code("47625008", "SCT", "Intravenous route")],
            RadiopharmaceuticalCodeSequence=[code("35321007", "SCT", "Fluorodeoxyglucose F^18^")],
            RadiopharmaceuticalStartDateTime=seeded.date(identity.study_instance_uid) + "070000",
            RadionuclideTotalDose=370,
            RadionuclideHalfLife=6586.2,
            RadionuclidePositronFraction=0.97,
        )
    ]


def _acquisition(dataset: Dataset) -> None:
    # PS3.3 Table C.8.22-2, acquisition
    dataset.AcquisitionStartCondition = "MANU"
    dataset.AcquisitionTerminationCondition = "MANU"
    dataset.TypeOfDetectorMotion = "STATIONARY"
    dataset.DetectorGeometry = "CYLINDRICAL_RING"
    dataset.TransverseDetectorSeparation = 4.0
    dataset.AxialDetectorDimension = 150.0
    dataset.TableMotion = "STATIC"
    dataset.CollimatorType = "NONE"
    dataset.CoincidenceWindowWidth = 6.0
    dataset.EnergyWindowRangeSequence = [item(EnergyWindowLowerLimit=425, EnergyWindowUpperLimit=650)]
    dataset.TimeOfFlightInformationUsed = "FALSE"
    dataset.ViewCodeSequence = [code("62824007", "SCT", "Transverse")]


def _corrections(dataset: Dataset) -> None:
    # PS3.3 Table C.8.22-19, corrections
    dataset.CountsSource = "EMISSION"
    dataset.DecayCorrected = "YES"
    dataset.DecayCorrectionDateTime = dataset.AcquisitionDateTime
    dataset.AttenuationCorrected = "YES"
    dataset.AttenuationCorrectionSource = "CT"
    dataset.AttenuationCorrectionTemporalRelationship = "SEPARATE"
    for keyword in (
        "ScatterCorrected",
        "DeadTimeCorrected",
        "GantryMotionCorrected",
        "PatientMotionCorrected",
        "CountLossNormalizationCorrected",
        "RandomsCorrected",
        "NonUniformRadialSamplingCorrected",
        "SensitivityCalibrated",
        "DetectorNormalizationCorrection",
    ):
        setattr(dataset, keyword, "NO")


def _groups(dataset: Dataset) -> None:
    # PS3.3 C.8.22.5, functional group macros
    shared = slices.shared_groups(groups.chest())
    shared.PETFrameTypeSequence = [slices.frame_type(dataset)]
    shared.PixelValueTransformationSequence = [slices.identity_transformation()]
    shared.RealWorldValueMappingSequence = [
        slices.real_world_values(unit_of("Bq/ml", "Becquerels/milliliter"), last=65535, slope=0.5)
    ]
    shared.RadiopharmaceuticalUsageSequence = [item(RadiopharmaceuticalAgentNumber=_AGENT)]
    shared.PETFrameAcquisitionSequence = [
        item(TableHeight=100.0, GantryDetectorTilt=0.0, GantryDetectorSlew=0.0, DataCollectionDiameter=700)
    ]
    shared.PETPositionSequence = [
        item(
            TablePosition=0.0,
            DataCollectionCenterPatient=[0.0, 0.0, 0.0],
            ReconstructionTargetCenterPatient=[0.0, 0.0, 0.0],
        )
    ]
    shared.PETFrameCorrectionFactorsSequence = [
        item(
            PrimaryPromptsCountsAccumulated=100000,
            SliceSensitivityFactor=1.0,
            DecayFactor=1.05,
            ScatterFractionFactor=0.3,
            DeadTimeFactor=1.0,
        )
    ]
    shared.PETReconstructionSequence = [
        item(
            ReconstructionType="3D",
            ReconstructionAlgorithm="MLEM",
            IterativeReconstructionMethod="YES",
            NumberOfIterations=4,
            NumberOfSubsets=8,
            ReconstructionDiameter=600,
        )
    ]
    dataset.SharedFunctionalGroupsSequence = [shared]
