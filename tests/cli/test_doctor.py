"""`pacs-conformance doctor`: the preflight alone, and what it says where something is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.cli import main
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import (
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    Settings,
)
from tests.cli.commands import cli, free_port, silent_port, web_server


@pytest.fixture(scope="module")
def pacs() -> Iterator[EmbeddedPacs]:
    with EmbeddedPacs(Settings(called_ae_required=True)) as running:
        yield running


def test_a_healthy_target_is_described(pacs: EmbeddedPacs) -> None:
    done = cli("doctor", f"EMBEDDED@127.0.0.1:{pacs.address[1]}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"implementation class UID: {IMPLEMENTATION_CLASS_UID}" in done.stdout
    assert f"implementation version name: {IMPLEMENTATION_VERSION_NAME}" in done.stdout
    assert "maximum length: 131072 bytes" in done.stdout
    for context in ("Study Root FIND", "Study Root GET", "Patient Root MOVE"):
        assert context in done.stdout
    assert "failed" not in done.stdout


def test_nothing_is_stored_where_that_was_not_wanted(pacs: EmbeddedPacs) -> None:
    before = len(list(pacs.store.instances()))
    done = cli("doctor", f"EMBEDDED@127.0.0.1:{pacs.address[1]}", "--no-store")
    assert done.returncode == 0
    assert len(list(pacs.store.instances())) == before


def test_a_wrong_called_ae_title_is_named(pacs: EmbeddedPacs) -> None:
    done = cli("doctor", f"ELSEWHERE@127.0.0.1:{pacs.address[1]}")
    assert done.returncode == 3
    assert "called-AE-title-not-recognized" in done.stdout
    assert "hint:" in done.stdout


def test_nobody_listens() -> None:
    done = cli("doctor", f"PACS@127.0.0.1:{free_port()}")
    assert done.returncode == 3
    assert "hint: nobody listens on that port" in done.stdout


def test_a_target_that_says_nothing() -> None:
    with silent_port() as port:
        done = cli("doctor", f"PACS@127.0.0.1:{port}", "--timeout", "1")
    assert done.returncode == 3
    assert "silence for 1.0 s" in done.stdout


def test_a_web_server() -> None:
    with web_server() as port:
        done = cli("doctor", f"PACS@127.0.0.1:{port}", "--timeout", "5")
    assert done.returncode == 3
    assert "hint:" in done.stdout
    assert "web" in done.stdout


@pytest.mark.parametrize(
    ("address", "message"),
    [
        pytest.param("SEVENTEEN-LETTERS@127.0.0.1:104", "has 17 characters", id="long AE title"),
        pytest.param("A\\B@127.0.0.1:104", "backslash", id="backslash"),
        pytest.param("PACS@127.0.0.1:port", "port", id="port that is no number"),
    ],
)
def test_usage_errors_exit_4(address: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", address]) == 4
    assert message in capsys.readouterr().err
