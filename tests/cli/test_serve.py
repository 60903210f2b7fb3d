"""`pacs-conformance serve`: the embedded PACS as a process of its own."""

from __future__ import annotations

import signal
import socket

import pytest

from conformance.cli import main
from tests.cli.commands import cli, serving

PATIENCE_S = 30.0


def test_it_serves_until_it_is_told_to_stop() -> None:
    with serving("--aet", "ARCHIVE", "--called-ae-required") as (child, port):
        assert cli("doctor", f"ARCHIVE@127.0.0.1:{port}").returncode == 0
        assert cli("doctor", f"OTHER@127.0.0.1:{port}").returncode == 3
        child.send_signal(signal.SIGINT)
        assert child.wait(PATIENCE_S) == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = cli("serve", "--port", str(port))
    assert done.returncode == 3
    assert str(port) in done.stderr


@pytest.mark.parametrize(
    ("option", "value"),
    [("--status", "XYZ"), ("--port", "70000"), ("--duplicate-policy", "maybe"), ("--aet", "SEVENTEEN-LETTERS")],
)
def test_usage_errors_exit_4(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", option, value]) == 4
    assert value in capsys.readouterr().err
