"""Faults that a relay makes are caught in front of the embedded PACS and of a real Orthanc, which without it passes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from conformance.target.base import RunningTarget, running
from conformance.target.orthanc_native import OrthancNative
from conformance.verdict.finding import Verdict
from tests.faulty.registry import all_faults, fault_named
from tests.faulty.relay import Tampering, tampered
from tests.scenarios.playing import Played, play, play_fault
from tests.scp import Elsewhere

CT: Final = "test_storage.py::test_sop_class[CTImageStorage]"
ECHO: Final = "test_verification.py::test_echo"
CAUGHT: Final[dict[str, str]] = {
    "damages-the-last-byte-on-the-way-in": CT,
    "damages-the-last-byte-on-the-way-out": "test_channels.py::test_every_channel_gives_what_was_sent[CT]",
    "answers-the-message-before": ECHO,
    "calls-a-store-pending": CT,
    "loses-its-pending-responses": "test_query_retrieve.py::test_find_at_each_level[Study Root, STUDY]",
    "never-agrees-to-a-release": ECHO,
    "accepts-with-a-syntax-of-its-own": ECHO,
    "repeats-the-last-result": ECHO,
}


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTarget]:
    with running(OrthancNative(), tmp_path_factory.mktemp("orthanc"), deadline_s=60) as up:
        yield up


def play_through(up: RunningTarget, tampering: type[Tampering], scenario: str, options: tuple[str, ...] = ()) -> Played:
    """Play a scenario against an Orthanc behind a relay; its REST interface says what is stored."""
    assert up.orthanc_url is not None
    assert up.orthanc_auth is not None
    place = up.orthanc_url.replace("://", f"://{':'.join(up.orthanc_auth)}@")
    with tampered(Elsewhere(ae_title=up.ae_title, address=(up.host, up.port)), tampering) as relay:
        return play(relay, scenario, options=(f"--pacs-readback=orthanc={place}", *options))


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught(name: str) -> None:
    played = play_fault(name, CAUGHT[name])
    assert len(played.records) == 1
    assert played.failed >= set(fault_named(name).catches)


@pytest.mark.needs_orthanc
@pytest.mark.parametrize("name", CAUGHT)
def test_fault_of_a_real_orthanc_is_caught(orthanc: RunningTarget, name: str) -> None:
    fault = fault_named(name)
    assert fault.tampering is not None
    played = play_through(orthanc, fault.tampering, CAUGHT[name], fault.options)
    assert len(played.records) == 1
    assert played.failed >= set(fault.catches)


@pytest.mark.needs_orthanc
@pytest.mark.parametrize("scenario", sorted({*CAUGHT.values()}))
def test_a_relay_alone_is_no_fault(orthanc: RunningTarget, scenario: str) -> None:
    played = play_through(orthanc, Tampering, scenario)
    assert len(played.records) == 1
    blamed = {requirement for name, at in CAUGHT.items() if at == scenario for requirement in fault_named(name).catches}
    assert not blamed & (played.failed | played.judged(Verdict.WARN))


def test_every_fault_of_the_family_is_played() -> None:
    assert {name for name, fault in all_faults().items() if fault.family == "relayed"} == set(CAUGHT)
