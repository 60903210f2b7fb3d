"""Waveforms (PS3.3 A.34): what each IOD constrains, as a table, and one builder for all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import add, code, composite, content_date, item, sop_class, synchronized

# CID 3001, ECG leads
_LEADS: Final = (
    ("2:1", "MDC", "Lead I"),
    ("2:2", "MDC", "Lead II"),
    ("2:61", "MDC", "Lead III"),
    ("2:62", "MDC", "aVR, augmented voltage, right"),
    ("2:63", "MDC", "aVL, augmented voltage, left"),
    ("2:64", "MDC", "aVF, augmented voltage, foot"),
    ("2:3", "MDC", "Lead V1"),
    ("2:4", "MDC", "Lead V2"),
    ("2:5", "MDC", "Lead V3"),
    ("2:6", "MDC", "Lead V4"),
    ("2:7", "MDC", "Lead V5"),
    ("2:8", "MDC", "Lead V6"),
)
_MICROVOLT: Final = ("uV", "microvolt")
_NO_UNITS: Final = ("1", "no units")
# PS3.3 C.10.9.1.5: Waveform Sample Interpretation, by the bits that it has.
_SAMPLE_TYPES: Final[dict[str, np.dtype[Any]]] = {
    "SB": np.dtype("i1"),
    "UB": np.dtype("u1"),
    "SS": np.dtype("<i2"),
    "SL": np.dtype("<i4"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What one waveform IOD holds.

    Attributes:
        modality: its modality, PS3.3 C.7.3.1.1.1.
        label: of its one multiplex group.
        sources: code, coding scheme and meaning of each channel, from the context group of its IOD.
        sampling_hz: samples a second.
        samples: of each channel.
        unit: UCUM code of the samples and its meaning; None where they are arbitrary (PS3.3 C.10.9.1.4.2).
        interpretation: Waveform Sample Interpretation.
        pass_band_hz: corner frequencies of the filters.
        modifier: of each channel source, where its code does not say all.
        synchronized: the IOD demands the synchronization module.
    """

    modality: str
    label: str
    sources: tuple[tuple[str, str, str], ...]
    sampling_hz: int
    samples: int
    unit: tuple[str, str] | None = _MICROVOLT
    interpretation: str = "SS"
    pass_band_hz: tuple[float, float] = (0.05, 150)
    modifier: tuple[str, str, str] | None = None
    synchronized: bool = False


KINDS: Final = {
    "TwelveLeadECGWaveformStorage": _Kind(modality="ECG", label="RHYTHM", sources=_LEADS, sampling_hz=500, samples=500),
    "GeneralECGWaveformStorage": _Kind(
        modality="ECG", label="RHYTHM", sources=_LEADS[:3], sampling_hz=500, samples=500
    ),
    "AmbulatoryECGWaveformStorage": _Kind(
        modality="ECG", label="HOLTER", sources=_LEADS[6:8], sampling_hz=200, samples=1000, interpretation="SB"
    ),
    "General32bitECGWaveformStorage": _Kind(
        modality="ECG", label="RHYTHM", sources=_LEADS[:3], sampling_hz=1000, samples=1000, interpretation="SL"
    ),
    "HemodynamicWaveformStorage": _Kind(
        modality="HD",
        label="PRESSURES",
        sources=(("128444004", "SCT", "Aortic pressure waveform"),),
        sampling_hz=200,
        samples=1000,
        unit=("mm[Hg]", "mmHg"),
        pass_band_hz=(0.05, 50),
    ),
    "CardiacElectrophysiologyWaveformStorage": _Kind(
        modality="EPS",
        label="INTRACARDIAC",
        # CID 3011, electrophysiology anatomic locations
        sources=(("73829009", "SCT", "Right atrium"), ("128565007", "SCT", "Apex of right ventricle")),
        sampling_hz=1000,
        samples=1000,
        pass_band_hz=(30, 500),
        # CID 3240 qualifies the location with the function of the channel.
        modifier=("109008", "DCM", "Monopole signal"),
    ),
    "BasicVoiceAudioWaveformStorage": _Kind(
        modality="AU",
        label="DICTATION",
        sources=(("109111", "DCM", "Operator's narrative"),),
        sampling_hz=8000,
        samples=4000,
        unit=None,
        interpretation="UB",
        pass_band_hz=(300, 3400),
    ),
    "GeneralAudioWaveformStorage": _Kind(
        modality="AU",
        label="HEART SOUNDS",
        sources=(("109114", "DCM", "Phonocardiogram"),),
        sampling_hz=4000,
        samples=4000,
        unit=None,
        pass_band_hz=(20, 1500),
        synchronized=True,
    ),
    "ArterialPulseWaveformStorage": _Kind(
        modality="HD",
        label="PULSE",
        sources=(("109116", "DCM", "Arterial Pulse Waveform"),),
        sampling_hz=200,
        samples=1000,
        unit=_NO_UNITS,
        pass_band_hz=(0.05, 50),
        synchronized=True,
    ),
    "RespiratoryWaveformStorage": _Kind(
        modality="RESP",
        label="BREATHING",
        sources=(("109117", "DCM", "Respiration Waveform"),),
        sampling_hz=50,
        samples=1000,
        unit=_NO_UNITS,
        pass_band_hz=(0.01, 20),
        synchronized=True,
    ),
    "MultichannelRespiratoryWaveformStorage": _Kind(
        modality="RESP",
        label="BREATHING",
        sources=(("130421", "DCM", "Airflow"), ("130425", "DCM", "Esophageal Pressure")),
        sampling_hz=50,
        samples=500,
        unit=_NO_UNITS,
        pass_band_hz=(0.01, 20),
    ),
    "RoutineScalpElectroencephalogramWaveformStorage": _Kind(
        modality="EEG",
        label="SCALP",
        sources=(("7:1190", "MDC", "P4"), ("7:1032", "MDC", "Oz"), ("7:1070", "MDC", "F6")),
        sampling_hz=250,
        samples=500,
        pass_band_hz=(0.5, 70),
    ),
    "ElectromyogramWaveformStorage": _Kind(
        modality="EMG",
        label="LEG",
        sources=(
            ("7:913", "MDC", "Musculus peroneus brevis, left"),
            ("7:914", "MDC", "Musculus peroneus brevis, right"),
        ),
        sampling_hz=2000,
        samples=2000,
        pass_band_hz=(20, 900),
    ),
    "ElectrooculogramWaveformStorage": _Kind(
        modality="EOG",
        label="EYES",
        sources=(("7:1325", "MDC", "El1"), ("7:1358", "MDC", "Er2")),
        sampling_hz=250,
        samples=500,
        pass_band_hz=(0.1, 70),
    ),
    "SleepElectroencephalogramWaveformStorage": _Kind(
        modality="EEG",
        label="SLEEP",
        sources=(("7:1190", "MDC", "P4"), ("7:1032", "MDC", "Oz")),
        sampling_hz=250,
        samples=1000,
        pass_band_hz=(0.5, 70),
    ),
    "BodyPositionWaveformStorage": _Kind(
        modality="POS",
        label="POSITION",
        sources=(("130412", "DCM", "Patient elevation"), ("130411", "DCM", "Patient rotation longitudinal")),
        sampling_hz=10,
        samples=100,
        unit=("deg", "degree"),
        pass_band_hz=(0.01, 4),
    ),
}


def waveform(keyword: str) -> Callable[[Identity, image.Size], Dataset]:
    """Return the builder of a waveform SOP class: one multiplex group of the channels that `KINDS` has for it."""
    kind = KINDS[keyword]

    def build(identity: Identity, _size: image.Size) -> Dataset:
        return _build(identity, sop_class(keyword), kind)

    return build


def _build(identity: Identity, sop_class_uid: str, kind: _Kind) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality=kind.modality)
    # PS3.3 Table C.10-8
    content_date(dataset, identity)
    dataset.AcquisitionDateTime = dataset.ContentDate + dataset.ContentTime
    dataset.AcquisitionContextSequence = []
    if kind.synchronized:
        synchronized(dataset, identity)
    dataset.WaveformAnnotationSequence = [
        item(
            UnformattedTextValue="Synthetic curve",
            ReferencedWaveformChannels=[1, 0],
            AnnotationGroupNumber=1,
        )
    ]
    dataset.WaveformSequence = [_group(identity, kind)]
    return dataset


def _group(identity: Identity, kind: _Kind) -> Dataset:
    """Return a multiplex group (PS3.3 Table C.10-9)."""
    sample_type = _SAMPLE_TYPES[kind.interpretation]
    bits = 8 * sample_type.itemsize
    group = item(
        MultiplexGroupLabel=kind.label,
        WaveformOriginality="ORIGINAL",
        NumberOfWaveformChannels=len(kind.sources),
        NumberOfWaveformSamples=kind.samples,
        SamplingFrequency=kind.sampling_hz,
        ChannelDefinitionSequence=[_channel(kind, source, bits) for source in kind.sources],
        WaveformBitsAllocated=bits,
        WaveformSampleInterpretation=kind.interpretation,
    )
    # PS3.5 A.2: OB for samples of 8 bits, which no byte order changes; longer ones are OW.
    add(group, Tag("WaveformData"), "OB" if bits == 8 else "OW", _curves(identity.sop_instance_uid, kind, sample_type))
    return group


def _channel(kind: _Kind, source: tuple[str, str, str], bits: int) -> Dataset:
    channel = item(
        ChannelSourceSequence=[code(*source)],
        ChannelSampleSkew=0,
        WaveformBitsStored=bits,
        FilterLowFrequency=kind.pass_band_hz[0],
        FilterHighFrequency=kind.pass_band_hz[1],
    )
    if kind.modifier is not None:
        channel.ChannelSourceModifiersSequence = [code(*kind.modifier)]
    if kind.unit is not None:
        unit, meaning = kind.unit
        channel.ChannelSensitivity = 2.5
        channel.ChannelSensitivityUnitsSequence = [code(unit, "UCUM", meaning)]
        channel.ChannelSensitivityCorrectionFactor = 1
        channel.ChannelBaseline = 0
    return channel


def _curves(seed: str, kind: _Kind, sample_type: np.dtype[Any]) -> bytes:
    """Return samples interleaved by channel: noise in 8 bits, else also a spike of its own height for each channel."""
    channels = len(kind.sources)
    octets = seeded.octets(seed + "/ecg", kind.samples * channels)
    if sample_type.itemsize == 1:
        return octets
    noise = np.frombuffer(octets, dtype=np.int8).reshape(kind.samples, channels)
    samples = np.arange(kind.samples)[:, np.newaxis]
    channel = np.arange(channels)[np.newaxis, :]
    spike = np.maximum(0, 100 - 20 * np.abs(samples - 200)) * (channel + 1)
    curves: bytes = (spike + noise).astype(sample_type).tobytes()
    return curves
