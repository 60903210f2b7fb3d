"""Structured reports of one purpose each (PS3.3 A.35.7 to A.35.23): logs, plans, administrations, eyes and hearts."""

from typing import Final

from pydicom.dataset import Dataset

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod import sr_content as sr
from conformance.instances.iod.common import code, item, sop_class, synchronized
from conformance.instances.iod.structured_report import document, evidence, tree

_SUBJECT: Final = 3


def procedure_log(identity: Identity, _size: image.Size) -> Dataset:
    """Return the log of a procedure with two notes, each with its time (PS3.16 TID 3001)."""
    notes = (
        sr.text(sr.CONTAINS, ("121173", "DCM", "Physician Note"), "The procedure is synthetic."),
        sr.text(sr.CONTAINS, ("121172", "DCM", "Nursing Note"), "No patient is present."),
    )
    dataset = document(identity, "ProcedureLogStorage")
    synchronized(dataset, identity)
    # PS3.3 Table A.35.7-1 has no Patient Study module.
    for keyword in ("PatientAge", "PatientSize", "PatientWeight"):
        delattr(dataset, keyword)
    return tree(
        dataset,
        "3001",
        ("121120", "DCM", "Cath Lab Procedure Log"),
        sr.person_observer(),
        *(sr.observed(note, identity, plus_s=300 + 10 * position) for position, note in enumerate(notes)),
    )


def implantation_plan(identity: Identity, _size: image.Size) -> Dataset:
    """Return the plan of one component to implant (PS3.16 TID 7000)."""
    dataset = document(identity, "ImplantationPlanSRStorage")
    template = sop_class("GenericImplantTemplateStorage")
    evidence(dataset, identity, sr.referenced_instance(identity, template, _SUBJECT))
    used = sr.referenced_instance(identity, template, _SUBJECT)
    component = sr.container(
        sr.CONTAINS,
        ("112346", "DCM", "Selected Implant Component"),
        sr.text(sr.CONTAINS, ("112347", "DCM", "Component ID"), "1"),
        sr.instance(sr.CONTAINS, ("112348", "DCM", "Implant Template"), "COMPOSITE", used),
    )
    return tree(
        dataset,
        "7000",
        ("112345", "DCM", "Implantation Plan"),
        sr.person_observer(),
        sr.container(sr.CONTAINS, ("112360", "DCM", "Implant Component List"), component),
    )


def acquisition_context(identity: Identity, _size: image.Size) -> Dataset:
    """Return the circumstances of imaging small animals, as far as they must be told (PS3.16 TID 8101)."""
    return tree(
        document(identity, "AcquisitionContextSRStorage"),
        "8101",
        ("127001", "DCM", "Preclinical Small Animal Imaging Acquisition Context"),
        sr.language(),
        sr.person_observer(),
    )


def adult_echo(identity: Identity, _size: image.Size) -> Dataset:
    """Return an echocardiography of one measurement (PS3.16 TID 5300)."""
    strain = ("130687", "DCM", "LV End-systolic GLS 4CH (Endocardial)")
    return tree(
        document(identity, "SimplifiedAdultEchoSRStorage"),
        "5300",
        ("125200", "DCM", "Adult Echocardiography Procedure Report"),
        sr.language(),
        sr.person_observer(),
        sr.container(
            sr.CONTAINS,
            ("125301", "DCM", "Pre-coordinated Measurements"),
            sr.number(sr.CONTAINS, strain, "-20.5", "%"),
        ),
    )


def planned_agent(identity: Identity, _size: image.Size) -> Dataset:
    """Return the plan to give a contrast agent in one step (PS3.16 TID 11001)."""
    return tree(
        document(identity, "PlannedImagingAgentAdministrationSRStorage"),
        "11001",
        ("130226", "DCM", "Planned Imaging Agent Administration"),
        sr.language(),
        sr.person_observer(),
        _agent(),
        _steps(),
    )


def performed_agent(identity: Identity, _size: image.Size) -> Dataset:
    """Return that a contrast agent was given in one step (PS3.16 TID 11020)."""
    dataset = document(identity, "PerformedImagingAgentAdministrationSRStorage")
    synchronized(dataset, identity)
    return tree(
        dataset,
        "11020",
        ("130227", "DCM", "Performed Imaging Agent Administration"),
        sr.language(),
        sr.person_observer(),
        _agent(),
        _steps(),
    )


def waveform_annotation(identity: Identity, _size: image.Size) -> Dataset:
    """Return a mark that somebody made in an electroencephalogram; it claims no template."""
    dataset = document(identity, "WaveformAnnotationSRStorage")
    eeg = sop_class("RoutineScalpElectroencephalogramWaveformStorage")
    evidence(dataset, identity, sr.referenced_instance(identity, eeg, _SUBJECT))
    curve = sr.instance(sr.SELECTED_FROM, None, "WAVEFORM", sr.referenced_instance(identity, eeg, _SUBJECT))
    curve.ReferencedSOPSequence[0].ReferencedWaveformChannels = [1, 0]
    span = item(
        RelationshipType=sr.INFERRED_FROM,
        ValueType="TCOORD",
        TemporalRangeType="SEGMENT",
        ReferencedTimeOffsets=[0.5, 1.5],
        ContentSequence=[curve],
    )
    span.ConceptNameCodeSequence = [code("130861", "DCM", "EEG Annotation")]
    artifact = sr.coded(
        sr.CONTAINS, ("130861", "DCM", "EEG Annotation"), ("130886", "DCM", "Line noise artifact"), span
    )
    return tree(
        dataset,
        None,
        ("130868", "DCM", "Neurophysiology Post-hoc Review Annotations"),
        sr.language(),
        sr.person_observer(),
        artifact,
    )


def spectacle_prescription(identity: Identity, _size: image.Size) -> Dataset:
    """Return a prescription of spectacles for both eyes (PS3.16 TID 2020)."""
    return tree(
        document(identity, "SpectaclePrescriptionReportStorage"),
        "2020",
        ("111671", "DCM", "Spectacle Prescription Report"),
        *(
            sr.container(
                sr.CONTAINS, eye, sr.number(sr.CONTAINS, ("251795007", "SCT", "Sphere power"), "-1.25", "[diop]")
            )
            for eye in (("111688", "DCM", "Right Eye Rx"), ("111689", "DCM", "Left Eye Rx"))
        ),
    )


def macular_grid(identity: Identity, _size: image.Size) -> Dataset:
    """Return the thickness of the centre of the right macula (PS3.16 TID 2100)."""
    eye = sr.container(
        sr.CONTAINS,
        ("121070", "DCM", "Findings"),
        sr.coded(sr.HAS_CONCEPT_MOD, ("363698007", "SCT", "Finding Site"), ("81745001", "SCT", "Eye")),
        sr.coded(sr.HAS_CONCEPT_MOD, ("272741003", "SCT", "Laterality"), ("24028007", "SCT", "Right")),
        sr.number(sr.CONTAINS, ("57108-3", "LN", "Macular grid.center point thickness"), "265", "um"),
    )
    return tree(
        document(identity, "MacularGridThicknessAndVolumeReportStorage"),
        "2100",
        ("111690", "DCM", "Macular Grid Thickness and Volume Report"),
        sr.person_observer(),
        eye,
    )


def _agent() -> Dataset:
    """Return an imaging agent (TID 11002)."""
    return sr.container(
        sr.CONTAINS,
        ("130183", "DCM", "Imaging Agent Information"),
        sr.text(sr.CONTAINS, ("130254", "DCM", "Imaging Agent Identifier"), "1"),
        sr.coded(
            sr.CONTAINS,
            ("385420005", "SCT", "Contrast media"),
            ("RID38696", "RADLEX", "Non-ionic iodinated contrast agent"),
        ),
    )


def _steps() -> Dataset:
    """Return one step of one phase (TIDs 11006 and 11007)."""
    phase = sr.container(
        sr.CONTAINS,
        ("130202", "DCM", "Imaging Agent Administration Phase"),
        sr.text(sr.CONTAINS, ("130203", "DCM", "Imaging Agent Administration Phase Identifier"), "1"),
        sr.coded(
            sr.CONTAINS,
            ("130204", "DCM", "Imaging Agent Administration Phase Type"),
            ("130168", "DCM", "Automatic Programmed Administration Phase"),
        ),
    )
    step = sr.container(
        sr.CONTAINS,
        ("130195", "DCM", "Imaging Agent Administration Step"),
        sr.text(sr.CONTAINS, ("130196", "DCM", "Imaging Agent Administration Step Identifier"), "1"),
        phase,
    )
    return sr.container(sr.CONTAINS, ("130192", "DCM", "Imaging Agent Administration Steps"), step)
