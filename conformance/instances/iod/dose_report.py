"""Reports of radiation dose (PS3.3 A.35.8, A.35.14, A.35.18, A.35.22): CT, X-ray, radiopharmaceutical, patient."""

from typing import Final

from pydicom.dataset import Dataset

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod import sr_content as sr
from conformance.instances.iod.common import date_time, sop_class, uid_inside
from conformance.instances.iod.structured_report import document, evidence, tree

_EVENT: Final = 1
_DOSE_REPORT: Final = 3
_MODEL: Final = 5
_DIAGNOSTIC: Final = ("261004008", "SCT", "Diagnostic Intent")
_SOURCE_OF_DOSE: Final = ("113854", "DCM", "Source of Dose Information")
_AUTOMATED: Final = ("113856", "DCM", "Automated Data Collection")
_CT_TYPE: Final = ("113820", "DCM", "CT Acquisition Type")
_SOURCE_NAME: Final = ("113832", "DCM", "Identification of the X-Ray Source")


def x_ray_dose(identity: Identity, _size: image.Size) -> Dataset:
    """Return the dose of one axial CT scan (PS3.16 TID 10011)."""
    return tree(
        document(identity, "XRayRadiationDoseSRStorage"),
        "10011",
        ("113701", "DCM", "X-Ray Radiation Dose Report"),
        _procedure(("77477000", "SCT", "Computed Tomography X-Ray")),
        *sr.device_observer(identity),
        sr.moment(sr.HAS_OBS_CONTEXT, ("113809", "DCM", "Start of X-Ray Irradiation"), date_time(identity)),
        sr.moment(sr.HAS_OBS_CONTEXT, ("113810", "DCM", "End of X-Ray Irradiation"), date_time(identity, plus_s=310)),
        _scope(identity),
        # TID 10012
        sr.container(
            sr.CONTAINS,
            ("113811", "DCM", "CT Accumulated Dose Data"),
            sr.number(sr.CONTAINS, ("113812", "DCM", "Total Number of Irradiation Events"), "1", "{events}"),
            sr.number(sr.CONTAINS, ("113813", "DCM", "CT Dose Length Product Total"), "150", "mGy.cm"),
        ),
        _ct_acquisition(identity),
        sr.coded(sr.CONTAINS, _SOURCE_OF_DOSE, _AUTOMATED),
    )


def radiopharmaceutical_dose(identity: Identity, _size: image.Size) -> Dataset:
    """Return the activity of one administration (PS3.16 TID 10021).

    It names no observer: the template asks for one, and PS3.3 Table A.35.14-2 lets no CONTAINER have one.
    """
    agent = sr.coded(
        sr.CONTAINS,
        ("349358000", "SCT", "Radiopharmaceutical agent"),
        ("35321007", "SCT", "Fluorodeoxyglucose F^18^"),
        sr.coded(sr.HAS_PROPERTIES, ("89457008", "SCT", "Radionuclide"), ("77004003", "SCT", "^18^Fluorine")),
        sr.number(sr.HAS_PROPERTIES, ("304283002", "SCT", "Radionuclide Half Life"), "6586.2", "s"),
    )
    event = uid_inside(identity, _EVENT)
    return tree(
        document(identity, "RadiopharmaceuticalRadiationDoseSRStorage"),
        "10021",
        ("113500", "DCM", "Radiopharmaceutical Radiation Dose Report"),
        sr.language(),
        sr.procedure_reported(
            ("44139-4", "LN", "PET whole body"),
            sr.coded(sr.HAS_CONCEPT_MOD, ("363703001", "SCT", "Has Intent"), _DIAGNOSTIC),
        ),
        # TID 10022
        sr.container(
            sr.CONTAINS,
            ("113502", "DCM", "Radiopharmaceutical Administration"),
            agent,
            sr.uid(sr.CONTAINS, ("113503", "DCM", "Radiopharmaceutical Administration Event UID"), event),
            sr.moment(
                sr.CONTAINS, ("123003", "DCM", "Radiopharmaceutical Start DateTime"), date_time(identity, plus_s=60)
            ),
            sr.number(sr.CONTAINS, ("113507", "DCM", "Administered activity"), "350", "MBq"),
            sr.coded(
                sr.CONTAINS,
                ("410675002", "SCT", "Route of administration"),
                ("47625008", "SCT", "Intravenous route"),
            ),
        ),
    )


def patient_dose(identity: Identity, _size: image.Size) -> Dataset:
    """Return an estimate of the dose to the lung, from the dose report of a scan (PS3.16 TID 10030)."""
    dataset = document(identity, "PatientRadiationDoseSRStorage")
    report = sop_class("XRayRadiationDoseSRStorage")
    evidence(dataset, identity, sr.referenced_instance(identity, report, _DOSE_REPORT))
    # TID 10033
    model = sr.container(
        sr.CONTAINS,
        ("128500", "DCM", "Patient Radiation Dose Model"),
        sr.coded(sr.CONTAINS, ("128417", "DCM", "Patient Model Type"), ("128404", "DCM", "Anthropomorphic Model")),
        sr.coded(
            sr.CONTAINS,
            ("128420", "DCM", "Radiation Transport Model Type"),
            ("128421", "DCM", "Geometric Radiation Transport Model"),
        ),
        sr.uid(sr.CONTAINS, ("128425", "DCM", "Patient Radiation Dose Model Data"), uid_inside(identity, _MODEL)),
        sr.container(
            sr.CONTAINS,
            ("128427", "DCM", "Patient Model Demographics"),
            sr.number(sr.CONTAINS, ("128428", "DCM", "Model Minimum Age"), "18", "a"),
        ),
    )
    used = sr.referenced_instance(identity, report, _DOSE_REPORT)
    method = sr.container(
        sr.CONTAINS,
        ("128415", "DCM", "Radiation Dose Estimate Methodology"),
        sr.instance(sr.CONTAINS, ("128416", "DCM", "SR Instance Used"), "COMPOSITE", used),
        model,
    )
    # TIDs 10031 and 10032
    return tree(
        dataset,
        "10030",
        ("128401", "DCM", "Patient Radiation Dose Report"),
        sr.language(),
        *sr.device_observer(identity),
        sr.container(
            sr.CONTAINS,
            ("128402", "DCM", "Radiation Dose Estimate"),
            sr.text(sr.CONTAINS, ("128403", "DCM", "Radiation Dose Estimate Name"), "Dose to the lung"),
            sr.number(sr.CONTAINS, ("128533", "DCM", "Mean Absorbed Radiation Dose"), "4.2", "mGy"),
            method,
        ),
    )


def enhanced_x_ray_dose(identity: Identity, _size: image.Size) -> Dataset:
    """Return the dose of one X-ray exposure, by source (PS3.16 TID 10040)."""
    begun, ended = date_time(identity), date_time(identity, plus_s=310)
    output = sr.container(
        # TID 10048
        sr.CONTAINS,
        ("130514", "DCM", "Radiation Output"),
        sr.moment(sr.CONTAINS, ("111526", "DCM", "DateTime Started"), begun),
        sr.moment(sr.CONTAINS, ("111527", "DCM", "DateTime Ended"), ended),
        sr.text(sr.CONTAINS, _SOURCE_NAME, "A"),
        sr.number(sr.CONTAINS, ("130515", "DCM", "Air Kerma at Output Measurement Point"), "0.3", "mGy"),
    )
    return tree(
        document(identity, "EnhancedXRayRadiationDoseSRStorage"),
        "10040",
        ("113701", "DCM", "X-Ray Radiation Dose Report"),
        sr.language(),
        _procedure(("113704", "DCM", "Projection X-Ray")),
        *sr.device_observer(identity),
        _scope(identity),
        sr.container(
            sr.CONTAINS,
            ("130501", "DCM", "Irradiation Event Summary Data"),
            sr.uid(sr.CONTAINS, ("113769", "DCM", "Irradiation Event UID"), uid_inside(identity, _EVENT)),
            sr.moment(sr.CONTAINS, ("111526", "DCM", "DateTime Started"), begun),
            sr.moment(sr.CONTAINS, ("111527", "DCM", "DateTime Ended"), ended),
        ),
        sr.container(sr.CONTAINS, ("130505", "DCM", "Irradiation Details"), output),
    )


def _procedure(value: sr.Code) -> Dataset:
    intent = sr.coded(sr.HAS_CONCEPT_MOD, ("363703001", "SCT", "Has Intent"), _DIAGNOSTIC)
    return sr.procedure_reported(value, intent)


def _scope(identity: Identity) -> Dataset:
    return sr.coded(
        sr.HAS_OBS_CONTEXT,
        ("113705", "DCM", "Scope of Accumulation"),
        ("113014", "DCM", "Study"),
        sr.uid(sr.HAS_PROPERTIES, ("110180", "DCM", "Study Instance UID"), identity.study_instance_uid),
    )


def _ct_acquisition(identity: Identity) -> Dataset:
    """Return one irradiation event (TIDs 10013 and 10014)."""
    source = sr.container(
        sr.CONTAINS,
        ("113831", "DCM", "CT X-Ray Source Parameters"),
        sr.text(sr.CONTAINS, _SOURCE_NAME, "A"),
        sr.number(sr.CONTAINS, ("113733", "DCM", "KVP"), "120", "kV"),
        sr.number(sr.CONTAINS, ("113833", "DCM", "Maximum X-Ray Tube Current"), "200", "mA"),
        sr.number(sr.CONTAINS, ("113734", "DCM", "X-Ray Tube Current"), "150", "mA"),
        sr.number(sr.CONTAINS, ("113834", "DCM", "Exposure Time per Rotation"), "0.5", "s"),
    )
    parameters = sr.container(
        sr.CONTAINS,
        ("113822", "DCM", "CT Acquisition Parameters"),
        sr.number(sr.CONTAINS, ("113824", "DCM", "Exposure Time"), "10", "s"),
        sr.number(sr.CONTAINS, ("113825", "DCM", "Scanning Length"), "150", "mm"),
        sr.number(sr.CONTAINS, ("113826", "DCM", "Nominal Single Collimation Width"), "0.6", "mm"),
        sr.number(sr.CONTAINS, ("113827", "DCM", "Nominal Total Collimation Width"), "38.4", "mm"),
        sr.number(sr.CONTAINS, ("113823", "DCM", "Number of X-Ray Sources"), "1", "{X-Ray sources}"),
        source,
    )
    dose = sr.container(
        sr.CONTAINS,
        ("113829", "DCM", "CT Dose"),
        sr.number(sr.CONTAINS, ("113830", "DCM", "Mean CTDIvol"), "10", "mGy"),
        sr.coded(
            sr.CONTAINS,
            ("113835", "DCM", "CTDIw Phantom Type"),
            ("113691", "DCM", "IEC Body Dosimetry Phantom"),
        ),
        sr.number(sr.CONTAINS, ("113838", "DCM", "DLP"), "150", "mGy.cm"),
    )
    return sr.container(
        sr.CONTAINS,
        ("113819", "DCM", "CT Acquisition"),
        sr.coded(sr.CONTAINS, ("123014", "DCM", "Target Region"), ("51185008", "SCT", "Chest")),
        sr.coded(sr.CONTAINS, _CT_TYPE, ("113804", "DCM", "Sequenced Acquisition")),
        sr.uid(sr.CONTAINS, ("113769", "DCM", "Irradiation Event UID"), uid_inside(identity, _EVENT)),
        parameters,
        dose,
    )
