"""Is the target ready? A C-ECHO tells; an accepted TCP connection does not, for a port may be held by a proxy."""

import socket
import time
from collections.abc import Callable
from typing import Final

import httpx
from pynetdicom import AE, evt

from conformance.target.base import TargetError

CALLING_AE_TITLE: Final = "CONFORMANCE"
_VERIFICATION: Final = "1.2.840.10008.1.1"  # PS3.4 A.4
_ATTEMPT_TIMEOUT_S: Final = 5.0
_PAUSE_S: Final = 0.1
_SUCCESS: Final = 0x0000
_DICOMWEB_PLUGIN: Final = "dicom-web"


def echo(host: str, port: int, ae_title: str, *, timeout_s: float) -> str | None:
    """One association with one C-ECHO.

    Args:
        host: name or address of the target.
        port: its port.
        ae_title: the called AE title.
        timeout_s: seconds for each step: connecting, the association's answer, the C-ECHO's response.

    Returns:
        None if the response's status is Success, else what came instead.
    """
    try:
        socket.create_connection((host, port), timeout=timeout_s).close()
    except OSError as error:  # said better than pynetdicom can, which also leaves its socket open then
        return f"no TCP connection: {error.strerror or error}"
    ae = AE(CALLING_AE_TITLE)
    ae.add_requested_context(_VERIFICATION)
    ae.connection_timeout = ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = timeout_s
    opened: list[socket.socket] = []

    def on_open(event: evt.Event) -> None:
        if (held := event.assoc.dul.socket) is not None and held.socket is not None:
            opened.append(held.socket)

    try:
        association = ae.associate(host, port, ae_title=ae_title, evt_handlers=[(evt.EVT_CONN_OPEN, on_open)])
        if not association.is_established:
            return "the association was rejected" if association.is_rejected else "no association"
        status = association.send_c_echo()
        association.release()
    finally:
        for connection in opened:  # pynetdicom leaves it open where the peer has reset it
            connection.close()
    if "Status" not in status:
        return f"no response to C-ECHO within {timeout_s:g} s"
    return None if status.Status == _SUCCESS else f"C-ECHO status {status.Status:04X}"


def wait_for_echo(host: str, port: int, ae_title: str, *, deadline_s: float, died: Callable[[], str | None]) -> None:
    """Returns as soon as the target answers a C-ECHO with Success.

    Args:
        host: name or address of the target.
        port: its port.
        ae_title: the called AE title.
        deadline_s: seconds within which it must.
        died: says how the target ended, None as long as it runs; looked at before each attempt.

    Raises:
        TargetError: the target ended, or the deadline passed.
    """

    def attempt(timeout_s: float) -> str | None:
        return echo(host, port, ae_title, timeout_s=timeout_s)

    _poll(attempt, f"{ae_title}@{host}:{port} did not answer a C-ECHO", deadline_s=deadline_s, died=died)


def wait_for_rest(
    url: str, auth: tuple[str, str], *, deadline_s: float, died: Callable[[], str | None]
) -> dict[str, str]:
    """Returns what Orthanc says of itself (`GET /system`) as soon as its REST interface answers.

    Args:
        url: base of the REST interface, without a slash at its end.
        auth: user and password.
        deadline_s: seconds within which it must answer.
        died: says how the target ended, None as long as it runs.

    Raises:
        TargetError: the target ended, or the deadline passed.
    """
    system: dict[str, str] = {}
    with httpx.Client(base_url=url, auth=auth, trust_env=False) as client:

        def attempt(timeout_s: float) -> str | None:
            try:
                response = client.get("/system", timeout=timeout_s)
                response.raise_for_status()
                system.update({str(key): str(value) for key, value in dict(response.json()).items()})
            except (httpx.HTTPError, ValueError, TypeError) as error:
                return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}"
            return None

        _poll(attempt, f"Orthanc's REST interface at {url} did not answer", deadline_s=deadline_s, died=died)
    return system


def dicomweb_url(url: str, auth: tuple[str, str], *, root: str) -> str | None:
    """The root of the web services of an Orthanc whose REST interface answers; None where it has none.

    Args:
        url: base of the REST interface, without a slash at its end.
        auth: user and password.
        root: where its plugin was told to put them.
    """
    with httpx.Client(base_url=url, auth=auth, trust_env=False, timeout=_ATTEMPT_TIMEOUT_S) as client:
        try:
            answer = client.get("/plugins")
            answer.raise_for_status()
            plugins: object = answer.json()
        except (httpx.HTTPError, ValueError):
            return None
    return f"{url}{root}" if isinstance(plugins, list) and _DICOMWEB_PLUGIN in plugins else None


def _poll(
    attempt: Callable[[float], str | None], failure: str, *, deadline_s: float, died: Callable[[], str | None]
) -> None:
    end_s = time.monotonic() + deadline_s
    reason = "no attempt was made"
    while (left_s := end_s - time.monotonic()) > 0:
        if ending := died():
            raise TargetError(f"the target ended before it was ready: {ending}")
        outcome = attempt(min(_ATTEMPT_TIMEOUT_S, left_s))
        if outcome is None:
            return
        reason = outcome
        time.sleep(_PAUSE_S)
    raise TargetError(
        f"{failure} within {deadline_s:.1f} s; the last attempt: {reason}",
        hint="see the target's log, or give it more time with --timeout",
    )
