"""Radiations of the second generation, planned and recorded (PS3.3 A.86): C-arm, tomotherapy, robotic arm, salvage."""

from typing import Any, Final

from pydicom.dataset import Dataset

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import (
    code,
    date_time,
    instance_references,
    item,
    reference,
    sop_class,
    synchronized,
    uid_inside,
)
from conformance.instances.iod.rt_common import (
    MONITOR_UNITS_PER_SECOND,
    delivery_device,
    generation_mode,
    labelled,
    orientation,
    positions,
    second_generation,
)

_SERIES: Final = 1
_PLANNED: Final = 2
_SESSION: Final = 3
_METERSETS: Final = (0.0, 100.0)


def c_arm(identity: Identity, _size: image.Size) -> Dataset:
    """Return one static photon beam of a C-arm, to be delivered."""
    dataset = _planned(identity, "CArmPhotonElectronRadiationStorage")
    _c_arm(dataset, identity, recorded=False)
    return dataset


def c_arm_record(identity: Identity, _size: image.Size) -> Dataset:
    """Return the record of one static photon beam of a C-arm."""
    dataset = _recorded(identity, "CArmPhotonElectronRadiationRecordStorage", "CArmPhotonElectronRadiationStorage")
    synchronized(dataset, identity)
    _c_arm(dataset, identity, recorded=True)
    return dataset


def tomotherapy(identity: Identity, _size: image.Size) -> Dataset:
    """Return one helical radiation, to be delivered."""
    dataset = _planned(identity, "TomotherapeuticRadiationStorage")
    _tomotherapy(dataset, identity, recorded=False)
    return dataset


def tomotherapy_record(identity: Identity, _size: image.Size) -> Dataset:
    """Return the record of one helical radiation."""
    dataset = _recorded(identity, "TomotherapeuticRadiationRecordStorage", "TomotherapeuticRadiationStorage")
    synchronized(dataset, identity)
    _tomotherapy(dataset, identity, recorded=True)
    return dataset


def robotic_arm(identity: Identity, _size: image.Size) -> Dataset:
    """Return a path of two nodes of a robotic arm, to be delivered."""
    dataset = _planned(identity, "RoboticArmRadiationStorage")
    _robotic_arm(dataset, identity, recorded=False)
    return dataset


def robotic_arm_record(identity: Identity, _size: image.Size) -> Dataset:
    """Return the record of a path of two nodes of a robotic arm."""
    dataset = _recorded(identity, "RoboticRadiationRecordStorage", "RoboticArmRadiationStorage")
    synchronized(dataset, identity)
    _robotic_arm(dataset, identity, recorded=True)
    return dataset


def salvage_record(identity: Identity, _size: image.Size) -> Dataset:
    """Return what was written down by hand after the machine lost its record."""
    dataset = _recorded(identity, "RTRadiationSalvageRecordStorage", "CArmPhotonElectronRadiationStorage")
    dataset.TreatmentRecordContentOrigin = "MANUAL"
    generation_mode(dataset)
    dataset.StartingMetersetValueKnownFlag = "YES"
    dataset.NumberOfRTControlPoints = len(_METERSETS)
    dataset.RTRadiationSalvageRecordControlPointSequence = _control_points(identity, recorded=True, rate=False)
    return dataset


def _c_arm(dataset: Dataset, identity: Identity, *, recorded: bool) -> None:
    # PS3.3 Tables C.36.14-1 and C.36.15-1
    dataset.RadiationSourceAxisDistance = 1000.0
    generation_mode(dataset)
    for keyword in (
        "NumberOfRTBeamLimitingDevices",
        "NumberOfWedges",
        "NumberOfCompensators",
        "NumberOfBlocks",
        "NumberOfRTAccessoryHolders",
        "NumberOfGeneralAccessories",
        "NumberOfBoluses",
    ):
        setattr(dataset, keyword, 0)
    dataset.NumberOfRTControlPoints = len(_METERSETS)
    dataset.CArmPhotonElectronControlPointSequence = _control_points(
        identity,
        recorded=recorded,
        RTBeamLimitingDeviceAngle=0.0,
        SourceRollAngle=0.0,
        SourceToPatientSurfaceDistance=None,
        SourceToExternalContourDistance=None,
    )


def _tomotherapy(dataset: Dataset, identity: Identity, *, recorded: bool) -> None:
    # PS3.3 Tables C.36.16-1 and C.36.17-1
    dataset.RTTreatmentTechniqueCodeSequence = [code("130108", "DCM", "Helical Beam")]
    dataset.RadiationSourceAxisDistance = 850.0
    generation_mode(dataset)
    dataset.NumberOfRTBeamLimitingDevices = 0
    dataset.RevolutionTime = 20.0
    dataset.TableSpeed = 0.5
    dataset.NumberOfRTControlPoints = len(_METERSETS)
    leaves: dict[str, Any] = {} if recorded else {"TomotherapeuticLeafOpenDurations": [0.2, 0.1]}
    dataset.TomotherapeuticControlPointSequence = _control_points(
        identity, recorded=recorded, SourceRollAngle=0.0, **leaves
    )


def _robotic_arm(dataset: Dataset, identity: Identity, *, recorded: bool) -> None:
    # PS3.3 Tables C.36.18-1 and C.36.19-1
    generation_mode(dataset)
    dataset.RoboticBaseLocationIndicator = "FLOOR_CENTER"
    dataset.NumberOfRTBeamLimitingDevices = 0
    dataset.NumberOfRTAccessoryHolders = 0
    dataset.NumberOfRTControlPoints = len(_METERSETS)
    source: dict[str, Any] = {"RoboticNodeIdentifier": 1}
    if not recorded:
        dataset.RoboticPathNodeSetCodeSequence = [code("130364", "DCM", "Trigeminal Node Set")]
        source["RTTreatmentSourceCoordinates"] = [0.0, -800.0, 0.0]
        source["RadiationSourceCoordinateSystemYawAngle"] = 0.0
        source["RadiationSourceCoordinateSystemRollAngle"] = 0.0
        source["RadiationSourceCoordinateSystemPitchAngle"] = 0.0
    dataset.RoboticPathControlPointSequence = _control_points(identity, recorded=recorded, **source)


def _planned(identity: Identity, keyword: str) -> Dataset:
    """Return a data set with the modules RT delivery device common and RT radiation common (PS3.3 C.36.12, C.36.13)."""
    dataset = second_generation(identity, keyword, "RTRAD")
    image.frame_of_reference(dataset, identity)
    delivery_device(dataset, identity)
    labelled(dataset, long=False)
    dataset.RTRecordFlag = "NO"
    dataset.RTRadiationPhysicalAndGeometricContentDetailFlag = "FULL"
    dataset.RTTreatmentTechniqueCodeSequence = [code("130102", "DCM", "Static Beam")]
    orientation(dataset)
    positions(dataset)
    return dataset


def _recorded(identity: Identity, keyword: str, planned: str) -> Dataset:
    """Return a data set with the modules RT delivery device common and RT radiation record common (PS3.3 C.36.21)."""
    dataset = _planned(identity, keyword)
    dataset.Modality = "RTRECORD"
    dataset.SeriesDescription = "Conformance RTRECORD series"
    del dataset.UserContentLabel
    labelled(dataset, long=True)
    dataset.RTRecordFlag = "YES"
    instance = reference(sop_class(planned), uid_inside(identity, _PLANNED))
    dataset.ReferencedRTInstanceSequence = [instance]
    dataset.TreatmentSessionUID = uid_inside(identity, _SESSION)
    dataset.RTRadiationUsage = "TREATMENT"
    dataset.TreatmentDeliveryContinuationFlag = "NO"
    dataset.TreatmentRecordContentOrigin = "DEVICE"
    dataset.RTTreatmentTerminationStatus = "NORMAL"
    dataset.TreatmentToleranceViolationSequence = []
    dataset.ConfirmationSequence = []
    dataset.InterlockSequence = []
    instance_references(
        dataset, uid_inside(identity, _SERIES), reference(sop_class(planned), uid_inside(identity, _PLANNED))
    )
    return dataset


def _control_points(identity: Identity, *, recorded: bool, rate: bool = True, **at_start: Any) -> list[Dataset]:
    """Return the two ends of a radiation; what does not change stands at the first alone (PS3.3 C.36.2.2.5.1.1)."""
    points = [
        item(RTControlPointIndex=number, CumulativeMeterset=meterset)
        for number, meterset in enumerate(_METERSETS, start=1)
    ]
    first = points[0]
    first.ReferencedRadiationGenerationModeIndex = 1
    first.ReferencedTreatmentPositionIndex = 1
    if rate:
        first.DeliveryRate = 10.0
        first.DeliveryRateUnitSequence = [code(*MONITOR_UNITS_PER_SECOND)]
    for keyword, value in at_start.items():
        setattr(first, keyword, value)
    if recorded:
        for number, point in enumerate(points):
            point.RecordedRTControlPointDateTime = date_time(identity, plus_s=300 + 10 * number)
            point.ReferencedRadiationRTControlPointIndex = number + 1
    return points
