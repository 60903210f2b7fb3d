"""Every verdict about objects that belong to no patient, from hand-written observations."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from pydicom.dataset import Dataset

from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.observation.stored import NotReadable, ReadBackOutcome
from conformance.verdict.finding import Verdict
from conformance.verdict.non_patient import kept_unchanged
from tests.verdict.observed import edited, exchange, stored

PROTOCOL = catalogue.build("HangingProtocolStorage", IdentitySource(seed=7, scope="non-patient").new())


def _kept(edit: Callable[[Dataset], object] = lambda _dataset: None) -> ReadBackOutcome:
    return stored(edited(PROTOCOL.dataset, edit))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(_kept(), Verdict.PASS, id="unchanged"),
        pytest.param(_kept(lambda d: setattr(d, "ContentLabel", "ADDED")), Verdict.PASS, id="added"),
        pytest.param(_kept(lambda d: delattr(d, "HangingProtocolName")), Verdict.FAIL, id="lost"),
        pytest.param(_kept(lambda d: d.ImageSetsSequence.clear()), Verdict.FAIL, id="items lost"),
        pytest.param(_kept(lambda d: setattr(d, "HangingProtocolName", "OTHER")), Verdict.WARN, id="changed"),
        pytest.param(stored(), Verdict.FAIL, id="not there"),
        pytest.param(replace(stored(), channel="dicomweb"), Verdict.INFO, id="not listed"),
        pytest.param(NotReadable(reason="no study", channel="dimse"), Verdict.INFO, id="only below a study"),
        pytest.param(NotReadable(reason="none", channel="none"), Verdict.INCONCLUSIVE, id="no read-back"),
    ],
)
def test_an_acknowledged_object_is_kept(found: ReadBackOutcome, expected: Verdict) -> None:
    judgement = kept_unchanged(PROTOCOL, found, exchange(PROTOCOL, 0x0000))
    assert (judgement.requirement, judgement.verdict) == ("ST-43", expected)
