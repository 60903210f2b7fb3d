"""What the IODs of radiotherapy of the second generation share (PS3.3 C.36): labels, devices, modes, positions."""

from typing import Final

from pydicom.dataset import Dataset

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod.common import code, composite, content_date, item, sop_class, uid_inside

EQUIPMENT_FRAME_OF_REFERENCE: Final = 90
_IDENTITY_MATRIX: Final = (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1)
MONITOR_UNITS: Final = ("{MU}", "UCUM", "Monitor Units")
MONITOR_UNITS_PER_SECOND: Final = ("{MU}/s", "UCUM", "Monitor Units/Second")


def second_generation(identity: Identity, keyword: str, modality: str) -> Dataset:
    """Return a data set with the modules enhanced RT series and radiotherapy common instance (PS3.3 C.36.3, C.36.4)."""
    dataset = composite(identity, sop_class_uid=sop_class(keyword), modality=modality)
    content_date(dataset, identity)
    dataset.InstanceCreationDate = seeded.date(identity.study_instance_uid)
    dataset.AuthorIdentificationSequence = []
    return dataset


def labelled(dataset: Dataset, *, long: bool) -> None:
    """Add the user content identification macros (PS3.3 Tables 10.9.1-1, 10.9.2-1)."""
    dataset.ContentDescription = "Radiotherapy of a conformance test"
    dataset.ContentCreatorName = "CONFORMANCE^CREATOR"
    if long:
        dataset.UserContentLongLabel = "Conformance"
    else:
        dataset.UserContentLabel = "Conformance"


def device(label: str, kind: Dataset, *, index: int | None = None) -> Dataset:
    """Return what identifies a device (PS3.3 Tables 10.36-1 and 10.36.1-1)."""
    made = item(
        DeviceLabel=label,
        DeviceTypeCodeSequence=[kind],
        Manufacturer="PACS CONFORMANCE",
        ManufacturerModelName="Synthetic device",
        ManufacturerModelVersion="1",
        ManufacturerDeviceIdentifier="0001",
        DeviceSerialNumber="0001",
        SoftwareVersions="1",
        DeviceAlternateIdentifier="0001",
        DeviceAlternateIdentifierType="BARCODE",
        DeviceAlternateIdentifierFormat="CONFORMANCE",
    )
    if index is not None:
        made.DeviceIndex = index
    return made


def treatment_machine() -> Dataset:
    """Return what identifies the machine that treats."""
    machine = device("LINAC 1", code("130361", "DCM", "Radiotherapy Treatment Device"))
    machine.ManufacturerDeviceClassUID = ""
    return machine


def orientation(dataset: Dataset) -> None:
    """Say that the patient lies, head first (CIDs 19 and 21)."""
    dataset.PatientOrientationCodeSequence = [code("102538003", "SCT", "recumbent")]
    dataset.PatientEquipmentRelationshipCodeSequence = [code("102540008", "SCT", "headfirst")]


def positions(dataset: Dataset) -> None:
    """Add the one position in which the patient is treated (PS3.3 Table C.36.13-1)."""
    dataset.TreatmentPositionSequence = [
        item(
            TreatmentPositionIndex=1,
            ImageToEquipmentMappingMatrix=list(_IDENTITY_MATRIX),
            PatientLocationCoordinatesSequence=[],
            PatientSupportPositionSequence=[],
        )
    ]


def delivery_device(dataset: Dataset, identity: Identity) -> None:
    """Add the module RT delivery device common (PS3.3 Table C.36.12-1): no device under the patient is described."""
    dataset.TreatmentDeviceIdentificationSequence = [treatment_machine()]
    dataset.RadiationDosimeterUnitSequence = [code(*MONITOR_UNITS)]
    dataset.RTDeviceDistanceReferenceLocationCodeSequence = [code("130358", "DCM", "Nominal Radiation Source Location")]
    dataset.RTBeamModifierDefinitionDistance = 1000.0
    dataset.EquipmentFrameOfReferenceUID = uid_inside(identity, EQUIPMENT_FRAME_OF_REFERENCE)
    dataset.EquipmentReferencePointCoordinatesSequence = []
    dataset.NumberOfPatientSupportDevices = 0


def generation_mode(dataset: Dataset) -> None:
    """Add one mode in which the machine makes photons of 6 MV (PS3.3 Table C.36.2.2.7-1)."""
    dataset.NumberOfRadiationGenerationModes = 1
    dataset.RadiationGenerationModeSequence = [
        item(
            RadiationGenerationModeIndex=1,
            RadiationGenerationModeLabel="6 MV",
            RadiationGenerationModeDescription="Photons",
            RadiationGenerationModeMachineCodeSequence=[code("6X", "99CONFORMANCE", "6 MV photons")],
            RadiationTypeCodeSequence=[code("290006006", "SCT", "Photon")],
            EnergyUnitCodeSequence=[code("MV", "UCUM", "Megavolt")],
            NominalEnergy=6,
            RadiationFluenceModifierCodeSequence=[code("130355", "DCM", "Flattening Filter Beam")],
            RadiationDeviceConfigurationAndCommissioningKeySequence=[],
        )
    ]
