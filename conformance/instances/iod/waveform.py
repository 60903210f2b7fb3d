"""12-Lead ECG IOD (PS3.3 A.34.3)."""

from typing import Final

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import TwelveLeadECGWaveformStorage

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import add, code, composite, item

_SAMPLES: Final = 500
_SAMPLING_HZ: Final = 500
# CID 3001, ECG leads
_LEADS: Final = (
    ("2:1", "Lead I"),
    ("2:2", "Lead II"),
    ("2:61", "Lead III"),
    ("2:62", "aVR, augmented voltage, right"),
    ("2:63", "aVL, augmented voltage, left"),
    ("2:64", "aVF, augmented voltage, foot"),
    ("2:3", "Lead V1"),
    ("2:4", "Lead V2"),
    ("2:5", "Lead V3"),
    ("2:6", "Lead V4"),
    ("2:7", "Lead V5"),
    ("2:8", "Lead V6"),
)


def twelve_lead_ecg(identity: Identity, _size: image.Size) -> Dataset:
    """Return one second of twelve leads, 500 samples a second, 16 bits."""
    dataset = composite(identity, sop_class_uid=TwelveLeadECGWaveformStorage, modality="ECG")
    # PS3.3 Table C.10-8
    dataset.ContentDate = seeded.date(identity.study_instance_uid)
    dataset.ContentTime = seeded.time(identity.study_instance_uid, plus_s=300)
    dataset.AcquisitionDateTime = dataset.ContentDate + dataset.ContentTime
    dataset.AcquisitionContextSequence = []
    dataset.WaveformAnnotationSequence = [
        item(
            UnformattedTextValue="Synthetic curve",
            ReferencedWaveformChannels=[1, 0],
            AnnotationGroupNumber=1,
        )
    ]
    # PS3.3 Table C.10-9
    group = item(
        MultiplexGroupLabel="RHYTHM",
        WaveformOriginality="ORIGINAL",
        NumberOfWaveformChannels=len(_LEADS),
        NumberOfWaveformSamples=_SAMPLES,
        SamplingFrequency=_SAMPLING_HZ,
        ChannelDefinitionSequence=[_channel(value, meaning) for value, meaning in _LEADS],
        WaveformBitsAllocated=16,
        WaveformSampleInterpretation="SS",
    )
    add(group, Tag("WaveformData"), "OW", _curves(identity.sop_instance_uid))
    dataset.WaveformSequence = [group]
    return dataset


def _channel(value: str, meaning: str) -> Dataset:
    return item(
        ChannelSourceSequence=[code(value, "MDC", meaning)],
        ChannelSensitivity=2.5,
        ChannelSensitivityUnitsSequence=[code("uV", "UCUM", "microvolt")],
        ChannelSensitivityCorrectionFactor=1,
        ChannelBaseline=0,
        ChannelSampleSkew=0,
        WaveformBitsStored=16,
        FilterLowFrequency=0.05,
        FilterHighFrequency=150,
    )


def _curves(seed: str) -> bytes:
    """Return samples interleaved by channel: a spike of its own height for each lead, and noise."""
    samples = np.arange(_SAMPLES)[:, np.newaxis]
    lead = np.arange(len(_LEADS))[np.newaxis, :]
    spike = np.maximum(0, 100 - 20 * np.abs(samples - 200)) * (lead + 1)
    noise = np.frombuffer(seeded.octets(seed + "/ecg", _SAMPLES * len(_LEADS)), dtype=np.int8)
    curves: npt.NDArray[np.int16] = (spike + noise.reshape(_SAMPLES, len(_LEADS))).astype("<i2")
    return curves.tobytes()
