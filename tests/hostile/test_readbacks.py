"""A hostile read-back says nothing about what is stored, takes no longer than it may, and is led nowhere else."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest

from conformance.driver.sending import sent_of
from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.observation.exchanges import Sent
from conformance.observation.stored import NotReadable, Stored
from conformance.readback.directory import DirectoryReadBack
from conformance.readback.orthanc import OrthancReadBack
from tests.hostile.readbacks import TALKS, Talk, huge_file, spoil, web

TIMEOUT_S = 0.5
SECONDS = 10.0
MEMORY_BYTES = 100 << 20


@pytest.fixture(scope="module")
def sent() -> Sent:
    ct = catalogue.build("CTImageStorage", IdentitySource(seed=7, scope="hostile").new())
    return sent_of(ct, "1.2.840.10008.1.2.1")


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk.__name__)
def test_a_web_interface(talk: Talk, sent: Sent) -> None:
    with web(talk) as url:
        channel = OrthancReadBack(url, timeout_s=TIMEOUT_S, latency_s=0.0)
        tracemalloc.start()
        began_s = time.monotonic()
        outcome = channel.find(sent, expect=True)
        deleted = channel.delete([sent.sop_instance_uid])
        seconds = time.monotonic() - began_s
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        channel.close()
    assert isinstance(outcome, NotReadable)
    assert "\x1b" not in outcome.reason
    assert deleted == ()
    assert seconds < SECONDS
    assert peak_bytes < MEMORY_BYTES


def test_links_pipes_loops_and_depths_of_a_directory(tmp_path: Path, sent: Sent) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    spoil(folder, sent)
    began_s = time.monotonic()
    assert DirectoryReadBack(folder, latency_s=0.0).find(sent) == Stored(copies=(), listed=0, channel="directory")
    assert time.monotonic() - began_s < SECONDS


def test_a_file_of_8_gib(tmp_path: Path, sent: Sent) -> None:
    huge_file(tmp_path, sent)
    tracemalloc.start()
    outcome = DirectoryReadBack(tmp_path, latency_s=0.0).find(sent)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(outcome, NotReadable)
    assert "8589934592 bytes" in outcome.reason
    assert peak_bytes < 2 * MEMORY_BYTES
