import socket
import time
from collections.abc import Iterator

import pytest
from pynetdicom import AE, evt

from conformance.target.base import TargetError
from conformance.target.ready import echo, wait_for_echo, wait_for_rest

VERIFICATION = "1.2.840.10008.1.1"


def no_ending() -> str | None:
    return None


@pytest.fixture
def scp_port(request: pytest.FixtureRequest) -> Iterator[int]:
    """An SCP that answers C-ECHO with the status of the parameter, and wants the called AE title ECHO."""
    ae = AE("ECHO")
    ae.add_supported_context(VERIFICATION)
    ae.require_called_aet = True
    status = request.param
    server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_ECHO, lambda event: status)])
    assert server is not None
    yield int(server.server_address[1])
    server.shutdown()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Accepts TCP, as a proxy does for a server that is not there yet, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


@pytest.mark.parametrize("scp_port", [0x0000], indirect=True, ids=["success"])
def test_echo_says_nothing_on_success(scp_port: int) -> None:
    assert echo("127.0.0.1", scp_port, "ECHO", timeout_s=5) is None


@pytest.mark.parametrize("scp_port", [0x0122], indirect=True, ids=["sop-class-not-supported"])
def test_echo_names_another_status(scp_port: int) -> None:
    assert echo("127.0.0.1", scp_port, "ECHO", timeout_s=5) == "C-ECHO status 0122"


@pytest.mark.parametrize("scp_port", [0x0000], indirect=True, ids=["success"])
def test_echo_names_a_rejection(scp_port: int) -> None:
    assert echo("127.0.0.1", scp_port, "OTHER", timeout_s=5) == "the association was rejected"


def test_an_accepted_connection_is_not_ready(silent_port: int) -> None:
    assert echo("127.0.0.1", silent_port, "ECHO", timeout_s=0.3) == "no association"


def test_waiting_ends_at_the_deadline_and_tells_the_last_reason(silent_port: int) -> None:
    start_s = time.monotonic()
    with pytest.raises(TargetError, match=r"within 0\.5 s; the last attempt: no association"):
        wait_for_echo("127.0.0.1", silent_port, "ECHO", deadline_s=0.5, died=no_ending)
    assert time.monotonic() - start_s < 3


def test_waiting_ends_when_the_target_died(silent_port: int) -> None:
    with pytest.raises(TargetError, match="ended before it was ready: exit code 1"):
        wait_for_echo("127.0.0.1", silent_port, "ECHO", deadline_s=60, died=lambda: "exit code 1")


def test_waiting_for_rest_ends_at_the_deadline(silent_port: int) -> None:
    with pytest.raises(TargetError, match=r"REST interface at .* did not answer within 0\.3 s"):
        wait_for_rest(f"http://127.0.0.1:{silent_port}", ("u", "p"), deadline_s=0.3, died=no_ending)
