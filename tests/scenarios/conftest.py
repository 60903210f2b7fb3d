"""Played scenarios do not wait for an index that lags: the embedded PACS has none."""

from functools import partial

import pytest

from conformance.plugin import readbacks
from conformance.readback.dimse import DimseReadBack


@pytest.fixture(autouse=True)
def no_latency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readbacks, "DimseReadBack", partial(DimseReadBack, latency_s=0.1))
