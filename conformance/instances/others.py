"""The SOP classes that hold no pixel data and that not every PACS is expected to store."""

from typing import Final

from conformance.instances.entry import Entry, document
from conformance.instances.iod import waveform

_WAVEFORMS: Final[dict[str, Entry]] = {
    keyword: document(waveform.waveform(keyword))
    for keyword in waveform.KINDS
    if keyword != "TwelveLeadECGWaveformStorage"
}
ENTRIES: Final[dict[str, Entry]] = {
    **_WAVEFORMS,
}
