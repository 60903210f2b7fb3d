"""Which read-back channel a run has: chosen once by the controller, opened again in each worker."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from conformance.config import ReadbackMethod, Settings
from conformance.driver.endpoint import Endpoint
from conformance.readback import auto
from conformance.readback.base import NoReadBack, ReadBack
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
        method: orthanc, dimse, dir or none.
        orthanc_url: For orthanc.
        user: For orthanc; empty without one.
        password: For orthanc.
        directory: For dir.
        move_ae_title: Of our own storage SCP; empty without one.
        move_folder: Where it keeps what it is sent.
        reason: Why there is none.
    """

    method: str
    orthanc_url: str = ""
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
    def spool(self) -> MoveSpool | None:
        """Our own storage SCP, or None."""
        if not self.move_ae_title:
            return None
        return MoveSpool(ae_title=self.move_ae_title, folder=Path(self.move_folder))

    def open(self, endpoint: Endpoint) -> ReadBack:
        """The channel."""
        match self.method:
            case "orthanc":
                auth = (self.user, self.password) if self.user else None
                return OrthancReadBack(self.orthanc_url, auth=auth, timeout_s=endpoint.timeout_s)
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
    move = {
        "move_ae_title": spool.ae_title if spool else "",
        "move_folder": str(spool.folder) if spool else "",
    }
    url = configured.orthanc_url or running.orthanc_url or ""
    user, password = running.orthanc_auth or ("", "")
    if configured.user is not None:
        user = configured.user
        password = configured.password.get_secret_value() if configured.password else ""
    orthanc = ReadBackPlan(method="orthanc", orthanc_url=url, user=user, password=password, **move)
    match configured.method:
        case ReadbackMethod.ORTHANC:
            return orthanc
        case ReadbackMethod.DIMSE:
            return ReadBackPlan(method="dimse", **move)
        case ReadbackMethod.DIR:
            return ReadBackPlan(method="dir", directory=str(configured.directory), **move)
        case ReadbackMethod.NONE:
            return ReadBackPlan(method="none", reason="no read-back was asked for", **move)
        case _ if url:
            return orthanc
        case _:
            channel = auto.choose(endpoint, spool=spool)
            if isinstance(channel, NoReadBack):
                return ReadBackPlan(method="none", reason=channel.reason, **move)
            return ReadBackPlan(method="dimse", **move)
