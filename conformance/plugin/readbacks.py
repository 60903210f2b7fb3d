"""Which read-back channel a run has: chosen once by the controller, opened again in each worker."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from conformance.config import ReadbackMethod, Settings
from conformance.driver.endpoint import Endpoint
from conformance.readback import auto
from conformance.readback.base import NoReadBack, ReadBack
from conformance.readback.dicomweb import DicomWeb, DicomWebReadBack
from conformance.readback.dimse import DimseReadBack
from conformance.readback.directory import DirectoryReadBack
from conformance.readback.move_scp import MoveScp, MoveSpool
from conformance.readback.orthanc import OrthancReadBack
from conformance.target.base import RunningTarget, TargetError
from conformance.target.orthanc_config import MoveDestination
from conformance.target.orthanc_container import MOVE_HOST, connect, move_listen_host

OUR_MOVE_AE_TITLE: Final = "CONFMOVE"
_LOOPBACK: Final = "127.0.0.1"


@dataclass(slots=True, kw_only=True)
class MoveSetup:
    """Our own storage SCP, its folder, and how the target is told of it."""

    scp: MoveScp
    folder: Path
    destination: MoveDestination

    @property
    def spool(self) -> MoveSpool:
        """What a C-MOVE needs to know."""
        return self.scp.spool

    def stop(self) -> None:
        """Stop listening, and remove what came."""
        self.scp.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_move_scp(settings: Settings, kind: str) -> MoveSetup | None:
    """Our own storage SCP where the target knows it: as configured for a remote one, always for those we start.

    Raises:
        TargetError: The port cannot be had, or there is no container engine.
    """
    configured = settings.readback
    if kind == "remote":
        if configured.move_aet is None or configured.move_port is None:
            return None
        return _listen(configured.move_aet, port=configured.move_port, host="", seen_as="")
    ae_title = configured.move_aet or OUR_MOVE_AE_TITLE
    port = configured.move_port or 0
    if kind == "orthanc":
        return _listen(ae_title, port=port, host=_container_bridge(), seen_as=MOVE_HOST)
    return _listen(ae_title, port=port, host=_LOOPBACK, seen_as=_LOOPBACK)


def _container_bridge() -> str:
    client = connect()
    try:
        return move_listen_host(client)
    finally:
        client.close()


def _listen(ae_title: str, *, port: int, host: str, seen_as: str) -> MoveSetup:
    folder = Path(tempfile.mkdtemp(prefix="pacs-conformance-move-"))
    scp = MoveScp(ae_title=ae_title, port=port, folder=folder, host=host)
    try:
        scp.start()
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise TargetError(
            f"our storage SCP cannot listen on port {port}: {error.strerror or error}",
            hint="free the port, or name another with --move-port and tell the target of it",
        ) from error
    destination = MoveDestination(ae_title=ae_title, host=seen_as, port=scp.port)
    return MoveSetup(scp=scp, folder=folder, destination=destination)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBackPlan:
    """A channel as builtins: what a worker needs to open it.

    Args:
        method: orthanc, dicomweb, dimse, dir or none.
        orthanc_url: For orthanc.
        dicomweb_url: Of the web services, whatever the method; empty where none are known.
        user: For orthanc and for the web services; empty without one.
        password: The user's.
        directory: For dir.
        move_ae_title: Of our own storage SCP; empty without one.
        move_folder: Where it keeps what it is sent.
        reason: Why there is none.
    """

    method: str
    orthanc_url: str = ""
    dicomweb_url: str = ""
    user: str = ""
    password: str = ""
    directory: str = ""
    move_ae_title: str = ""
    move_folder: str = ""
    reason: str = ""

    @classmethod
    def from_builtins(cls, values: dict[str, Any]) -> Self:
        """The plan that `as_builtins` gave."""
        return cls(**values)

    def as_builtins(self) -> dict[str, Any]:
        """Strings by name."""
        return asdict(self)

    @property
    def _auth(self) -> tuple[str, str] | None:
        return (self.user, self.password) if self.user else None

    def open_web(self, endpoint: Endpoint) -> DicomWeb | None:
        """The target's web services, or None where none are known."""
        if not self.dicomweb_url:
            return None
        return DicomWeb(self.dicomweb_url, auth=self._auth, timeout_s=endpoint.timeout_s)

    @property
    def spool(self) -> MoveSpool | None:
        """Our own storage SCP, or None."""
        if not self.move_ae_title:
            return None
        return MoveSpool(ae_title=self.move_ae_title, folder=Path(self.move_folder))

    def open(self, endpoint: Endpoint) -> ReadBack:
        """The channel."""
        match self.method:
            case "orthanc":
                return OrthancReadBack(self.orthanc_url, auth=self._auth, timeout_s=endpoint.timeout_s)
            case "dicomweb":
                return DicomWebReadBack(DicomWeb(self.dicomweb_url, auth=self._auth, timeout_s=endpoint.timeout_s))
            case "dimse":
                return DimseReadBack(endpoint, spool=self.spool)
            case "dir":
                return DirectoryReadBack(Path(self.directory))
            case _:
                return NoReadBack(self.reason)


def choose_plan(
    settings: Settings, running: RunningTarget, endpoint: Endpoint, spool: MoveSpool | None
) -> ReadBackPlan:
    """The channel that is configured, or the best that the target offers."""
    configured = settings.readback
    user, password = running.orthanc_auth or ("", "")
    if configured.user is not None:
        user = configured.user
        password = configured.password.get_secret_value() if configured.password else ""
    known = ReadBackPlan(
        method="none",
        orthanc_url=configured.orthanc_url or running.orthanc_url or "",
        dicomweb_url=configured.dicomweb_url or running.dicomweb_url or "",
        user=user,
        password=password,
        move_ae_title=spool.ae_title if spool else "",
        move_folder=str(spool.folder) if spool else "",
    )
    match configured.method:
        case ReadbackMethod.ORTHANC:
            return replace(known, method="orthanc")
        case ReadbackMethod.DICOMWEB:
            return replace(known, method="dicomweb")
        case ReadbackMethod.DIMSE:
            return replace(known, method="dimse")
        case ReadbackMethod.DIR:
            return replace(known, method="dir", directory=str(configured.directory))
        case ReadbackMethod.NONE:
            return replace(known, reason="no read-back was asked for")
        case _ if known.orthanc_url:
            return replace(known, method="orthanc")
        case _:
            channel = auto.choose(endpoint, spool=spool)
            if not isinstance(channel, NoReadBack):
                return replace(known, method="dimse")
            if known.dicomweb_url:
                return replace(known, method="dicomweb")
            return replace(known, reason=channel.reason)
