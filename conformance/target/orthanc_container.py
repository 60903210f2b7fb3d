"""An Orthanc container as the target, by the Docker SDK.

The container stays on the engine's bridge network with its ports published on 127.0.0.1, rather than on the host's
network: that works with any image and engine (Docker Desktop and rootless ones have no host network to share), and
Orthanc, which listens on every interface, is not exposed to the machine's network. Our own storage SCP, the
destination of C-MOVE, is reached from inside by the name `host.docker.internal`; it must listen on the address that
`move_listen_host` names.
"""

import gc
import io
import ipaddress
import json
import os
import platform
import secrets
import socket
import tarfile
import time
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import docker
import docker.errors
from docker.types import LogConfig

from conformance.target import cleanup
from conformance.target.base import RunningTarget, TargetError
from conformance.target.log import LogPump, last_line
from conformance.target.orthanc_config import (
    DICOMWEB_ROOT,
    PLUGINS_FOLDER,
    MoveDestination,
    OrthancOptions,
    OrthancPlace,
    configuration,
)
from conformance.target.ports import free_ports
from conformance.target.ready import dicomweb_url, wait_for_echo, wait_for_rest

DEFAULT_IMAGE: Final = "orthancteam/orthanc:24.12.1"
MOVE_HOST: Final = "host.docker.internal"
LABEL_RUN: Final = "pacs-conformance.run"
LABEL_OWNER: Final = "pacs-conformance.owner"  # host name and process id of who started it

_HOST: Final = "127.0.0.1"
_USER: Final = "conformance"
_DICOM_PORT: Final = 4242
_HTTP_PORT: Final = 8042
_CONFIG_FOLDER: Final = "/etc/orthanc"
_OTHER_FILES: Final = ("credentials.json", "dicomweb.json")
_STORAGE_FOLDER: Final = "/var/lib/orthanc/db"
_PULL_DEADLINE_S: Final = 900.0
_LOG_JOIN_DEADLINE_S: Final = 5.0
_RESTART_GRACE_S: Final = 5
# The SDK lets exceptions of its transport through; those are OSErrors.
_ENGINE_ERRORS: Final = (docker.errors.DockerException, OSError)
_OTHER_TARGETS: Final = "use --target orthanc-native or --target embedded"


class OrthancContainer:
    """A container that lives as long as this object is started.

    Args:
        image: name of an image whose program is Orthanc, reading its configuration from /etc/orthanc.
        options: what can be chosen about Orthanc.
        move_destination: AE title and port of our storage SCP, if C-MOVE is to work; `host` is MOVE_HOST.
        notify: told in one line about what takes long.
        connect: makes the client of the engine.
    """

    def __init__(
        self,
        *,
        image: str = DEFAULT_IMAGE,
        options: OrthancOptions | None = None,
        move_destination: MoveDestination | None = None,
        notify: Callable[[str], None] = lambda line: None,
        connect: Callable[[], Any] = docker.from_env,
    ) -> None:
        self._image = image
        self._options = options or OrthancOptions()
        self._move_destination = move_destination
        self._notify = notify
        self._connect = connect
        self._name = f"pacs-conformance-{secrets.token_hex(6)}"
        self._client: Any = None
        self._container: Any = None
        self._log: LogPump | None = None
        self._log_path: Path | None = None

    def start(self, run_dir: Path, *, deadline_s: float) -> RunningTarget:
        """See `Target.start`. Getting an image that the engine does not have is not counted into the deadline."""
        cleanup.register(self.stop)
        try:
            self._client = connect(self._connect)
            _remove_stale(self._client)
            self._get_image()
            return self._start(run_dir, deadline_s)
        except _ENGINE_ERRORS as error:
            self.stop()
            raise TargetError(
                f"Docker could not start {self._image}: {_line(error)}", hint=f"see docker logs, or {_OTHER_TARGETS}"
            ) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Removes the container and its volumes, running or not."""
        # Forgotten only when done: a second Ctrl-C in here leaves the rest to the call at exit.
        self._container = None
        if self._client is not None:
            self._remove()
        if self._log is not None:
            self._log.join(deadline_s=_LOG_JOIN_DEADLINE_S)
        if self._client is not None:
            self._client.close()
        self._client = self._log = None
        cleanup.unregister(self.stop)

    def restart(self, *, deadline_s: float) -> None:
        """See `Target.restart`. What it has stored is still there."""
        end_s = time.monotonic() + deadline_s
        if self._container is None or self._log_path is None:
            raise TargetError("it is not started")
        try:
            self._container.restart(timeout=_RESTART_GRACE_S)
            self._container.reload()
            log = self._container.logs(stream=True, follow=True, since=int(time.time()))
        except _ENGINE_ERRORS as error:
            raise TargetError(f"Docker could not start the container again: {_line(error)}") from error
        self._log = LogPump(self._log_path, log, fresh=False)
        port = self._published(_DICOM_PORT)
        left_s = end_s - time.monotonic()
        wait_for_echo(_HOST, port, self._options.ae_title, deadline_s=left_s, died=self.alive)

    def alive(self) -> str | None:
        """See `Target.alive`."""
        if self._container is None:
            return "it is not started"
        try:
            self._container.reload()
        except docker.errors.NotFound:
            return "somebody removed the container"
        except _ENGINE_ERRORS as error:
            raise TargetError(f"the Docker engine does not tell how the target is: {_line(error)}") from error
        state = self._container.attrs["State"]
        if state["Running"]:
            return None
        memory = ", killed for want of memory" if state.get("OOMKilled") else ""
        said = last_line(self._log_path) if self._log_path else ""
        ending = f"the container ended with exit code {state['ExitCode']}{memory}"
        return ending + (f"; its last words: {said}" if said else "")

    def _remove(self) -> None:
        try:
            # By name: a start that was interrupted may have left a container that it never got hold of.
            self._client.containers.get(self._name).remove(force=True, v=True)
        except docker.errors.NotFound:
            pass
        except _ENGINE_ERRORS as error:
            self._notify(f"the container {self._name} could not be removed: {_line(error)}")

    def _get_image(self) -> None:
        try:
            self._client.images.get(self._image)
        except docker.errors.ImageNotFound:
            self._notify(f"getting the image {self._image}")
        else:
            return
        try:
            _pull(self._client, self._image)
        except (*_ENGINE_ERRORS, TimeoutError) as error:
            raise TargetError(
                f"the image {self._image} is not there and cannot be got: {_line(error)}",
                hint=f"name another with --orthanc-image IMAGE, or {_OTHER_TARGETS}",
            ) from error

    def _start(self, run_dir: Path, deadline_s: float) -> RunningTarget:
        end_s = time.monotonic() + deadline_s
        auth = (_USER, secrets.token_urlsafe(24))
        dicom_port, http_port = free_ports(2, _HOST)
        self._container = self._client.containers.create(
            self._image,
            name=self._name,
            labels={LABEL_RUN: run_dir.name, LABEL_OWNER: _owner()},
            # Chosen here: a port that the engine chooses is another one when the container is started again.
            ports={f"{_DICOM_PORT}/tcp": (_HOST, dicom_port), f"{_HTTP_PORT}/tcp": (_HOST, http_port)},
            extra_hosts={MOVE_HOST: "host-gateway"} if self._move_destination else None,
            # One that can be followed, whatever the engine's default is, and does not fill its disk.
            log_config=LogConfig(type=LogConfig.types.JSON, config={"max-size": "64m", "max-file": "2"}),
        )
        self._container.put_archive("/", self._archive(auth))
        self._container.start()
        self._log_path = run_dir / "target.log"
        self._log = LogPump(self._log_path, self._container.logs(stream=True, follow=True))
        if ending := self.alive():
            raise TargetError(f"the target ended before it was ready: {ending}")
        dicom_port, http_port = self._published(_DICOM_PORT), self._published(_HTTP_PORT)
        url = f"http://{_HOST}:{http_port}"
        aet = self._options.ae_title
        wait_for_echo(_HOST, dicom_port, aet, deadline_s=end_s - time.monotonic(), died=self.alive)
        system = wait_for_rest(url, auth, deadline_s=end_s - time.monotonic(), died=self.alive)
        return RunningTarget(
            kind="orthanc",
            host=_HOST,
            port=dicom_port,
            ae_title=aet,
            description={
                "product": "Orthanc",
                "version": system.get("Version", "unknown"),
                "image": self._image,
                "image id": self._container.attrs["Image"],
                "container": self._container.id,
            },
            log_path=self._log_path,
            orthanc_url=url,
            dicomweb_url=dicomweb_url(url, auth, root=DICOMWEB_ROOT),
            orthanc_auth=auth,
        )

    def _archive(self, auth: tuple[str, str]) -> bytes:
        place = OrthancPlace(
            dicom_port=_DICOM_PORT,
            http_port=_HTTP_PORT,
            remote_access=True,  # seen from inside, the published port is remote
            storage_directory=_STORAGE_FOLDER,
            user=auth[0],
            password=auth[1],
            plugins=(PLUGINS_FOLDER,),  # which files the image has is known when it runs
        )
        ours = json.dumps(configuration(self._options, place, move_destination=self._move_destination), indent=1)
        # Orthanc merges the folder's files and refuses a key that two of them have: Debian's has its users apart, and
        # the settings of each plugin.
        emptied = dict.fromkeys((f"{_CONFIG_FOLDER}/{name}" for name in _OTHER_FILES), "{}")
        return _tar({f"{_CONFIG_FOLDER}/orthanc.json": ours, **emptied})

    def _published(self, port: int) -> int:
        bindings = self._container.attrs["NetworkSettings"]["Ports"].get(f"{port}/tcp")
        if not bindings:
            raise TargetError(f"the engine published no host port for the container's port {port}")
        return int(bindings[0]["HostPort"])


def connect(make_client: Callable[[], Any] = docker.from_env) -> Any:
    """A client of an engine that answers.

    Raises:
        TargetError: there is none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        client, problem = _client_or_problem(make_client)
        if problem:
            gc.collect()  # the SDK leaves the socket open with which it found no engine
    if problem:
        raise TargetError(f"no Docker engine answers: {problem}", hint=f"start Docker, or {_OTHER_TARGETS}")
    return client


def _client_or_problem(make_client: Callable[[], Any]) -> tuple[Any, str]:
    client = None
    try:
        client = make_client()
        client.ping()
    except _ENGINE_ERRORS as error:
        if client is not None:
            client.close()
        return None, _line(error)
    return client, ""


def move_listen_host(client: Any) -> str:
    """The address of this machine on which an SCP is reached from a container by the name MOVE_HOST.

    That is the gateway of the engine's bridge where the engine runs on this machine's own network (Linux), else
    loopback, to which an engine in a virtual machine (Docker Desktop) forwards.

    Raises:
        TargetError: the engine does not answer.
    """
    try:
        ipam = client.networks.get("bridge").attrs["IPAM"]["Config"] or []
    except _ENGINE_ERRORS as error:
        raise TargetError(f"the Docker engine does not tell its bridge's address: {_line(error)}") from error
    for entry in ipam:
        # Some engines do not name the gateway that they choose: the subnet's first address.
        gateway = entry.get("Gateway") or str(ipaddress.ip_network(entry["Subnet"])[1])
        with suppress(OSError), socket.socket() as probe:
            probe.bind((gateway, 0))
            return str(gateway)
    return _HOST


def _pull(client: Any, image: str) -> None:
    end_s = time.monotonic() + _PULL_DEADLINE_S
    tag = None if ":" in image.rpartition("/")[2] or "@" in image else "latest"
    events: Iterable[dict[str, Any]] = client.api.pull(image, tag=tag, stream=True, decode=True)
    for event in events:
        if "error" in event:
            raise docker.errors.DockerException(str(event["error"]))
        if time.monotonic() > end_s:
            raise TimeoutError(f"not complete after {_PULL_DEADLINE_S:g} s")
    client.images.get(image)


def _owner() -> str:
    return f"{platform.node()}:{os.getpid()}"


def _remove_stale(client: Any) -> None:
    """Removes what runs of this machine that are dead left: ended containers with our labels, and no other."""
    filters = {"label": [LABEL_RUN, LABEL_OWNER], "status": ["created", "exited", "dead"]}
    for container in client.containers.list(all=True, filters=filters, ignore_removed=True):
        node, _, pid = container.labels.get(LABEL_OWNER, "").rpartition(":")
        if node == platform.node() and pid.isdecimal() and not _process_exists(int(pid)):
            with suppress(*_ENGINE_ERRORS):
                container.remove(v=True)


def _process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _tar(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        folder = tarfile.TarInfo(_CONFIG_FOLDER.removeprefix("/"))
        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(folder)
        for path, text in files.items():
            data = text.encode()
            entry = tarfile.TarInfo(path.removeprefix("/"))
            entry.size, entry.mode = len(data), 0o644  # Orthanc need not be root in there
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _line(error: BaseException) -> str:
    """The error in one printable line; an engine's answer is data."""
    text = getattr(error, "explanation", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:300]
