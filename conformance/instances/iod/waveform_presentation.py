"""Waveform presentation states (PS3.3 C.39): what is shown of an electrocardiogram, and how it was acquired."""

from typing import Final

from pydicom.dataset import Dataset

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import code, item, reference, sop_class, uid_inside
from conformance.instances.iod.presentation_state import state

_SERIES: Final = 1
_WAVEFORM: Final = 2
_GREY: Final = (49344, 32896, 32896)
"""A CIELab triplet of PCS values (PS3.3 C.10.7.1.1)."""


def waveform_presentation_state(identity: Identity, _size: image.Size) -> Dataset:
    """Return a presentation state of an electrocardiogram, which it refers to and adds nothing to (PS3.3 C.39.1)."""
    return _of_waveform(identity, "WaveformPresentationStateStorage")


def waveform_acquisition_presentation_state(identity: Identity, _size: image.Size) -> Dataset:
    """Return the montage that an electrocardiogram was acquired with: lead I against lead II, from its start.

    The montages are those of PS3.3 Table C.39.6-1. Their channels (C.39.7) and when they were activated (C.39.5) have
    each attribute that PS3.6 has for them with a value, so that none of a type 1 or 2 is missing; which stands in which
    item follows their names.
    """
    dataset = _of_waveform(identity, "WaveformAcquisitionPresentationStateStorage")
    dataset.WaveformMontageSequence = [
        item(
            MontageName="Conformance montage",
            MontageIndex=1,
            MontageChannelSequence=[_channel()],
            WaveformDataDisplayScale=25.0,
            WaveformDisplayBackgroundCIELabValue=list(_GREY),
        )
    ]
    dataset.MontageActivationSequence = [item(MontageActivationTimeOffset="0", ReferencedMontageIndex=1)]
    return dataset


def _channel() -> Dataset:
    # each source as multiplex group and channel, both from 1 (PS3.3 C.10.10.1.1)
    return item(
        MontageChannelNumber=1,
        MontageChannelLabel="I-II",
        MontageChannelSourceCodeSequence=[code("2:1", "MDC", "Lead I")],
        ContributingChannelSourcesSequence=[
            item(ReferencedWaveformChannels=[1, 1], ChannelWeight=1.0),
            item(ReferencedWaveformChannels=[1, 2], ChannelWeight=-1.0),
        ],
    )


def _of_waveform(identity: Identity, keyword: str) -> Dataset:
    dataset = state(identity, sop_class(keyword))
    shown = reference(sop_class("TwelveLeadECGWaveformStorage"), uid_inside(identity, _WAVEFORM))
    dataset.ReferencedSeriesSequence = [
        item(SeriesInstanceUID=uid_inside(identity, _SERIES), ReferencedWaveformSequence=[shown])
    ]
    return dataset
