"""The `Orthanc` program of this machine as the target, with a configuration and a storage folder of its own."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from conformance.target import cleanup
from conformance.target.base import RunningTarget, TargetError
from conformance.target.guardian import Guardian
from conformance.target.log import LogPump, last_line
from conformance.target.orthanc_config import (
    DICOMWEB_PLUGINS,
    DICOMWEB_ROOT,
    MoveDestination,
    OrthancOptions,
    OrthancPlace,
    configuration,
)
from conformance.target.ports import free_ports
from conformance.target.ready import dicomweb_url, wait_for_echo, wait_for_rest

PROGRAM: Final = "Orthanc"
_HOST: Final = "127.0.0.1"
_USER: Final = "conformance"
_TERM_DEADLINE_S: Final = 10.0
_KILL_DEADLINE_S: Final = 5.0


class OrthancNative:
    """An Orthanc process that lives as long as this object is started.

    It listens on random free ports. Orthanc cannot be told to accept DICOM on one address only, so its DICOM port is
    open on every interface of this machine while it runs; its REST interface is open on loopback only.

    Args:
        options: what can be chosen about it.
        move_destination: our storage SCP, if C-MOVE is to work; its host as seen from this machine.
        program: name on PATH, or path, of the program.
    """

    def __init__(
        self,
        *,
        options: OrthancOptions | None = None,
        move_destination: MoveDestination | None = None,
        program: str = PROGRAM,
    ) -> None:
        self._options = options or OrthancOptions()
        self._move_destination = move_destination
        self._program = program
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._guardian: Guardian | None = None
        self._log: LogPump | None = None
        self._log_path: Path | None = None
        self._command: list[str] = []
        self._dicom_port = 0

    def start(self, run_dir: Path, *, deadline_s: float) -> RunningTarget:
        """See `Target.start`."""
        path = shutil.which(self._program)
        if path is None:
            raise TargetError(
                f"the program {self._program} is not on PATH",
                hint="apt-get install orthanc, or use --target embedded",
            )
        cleanup.register(self.stop)
        try:
            return self._start(path, run_dir, deadline_s)
        except OSError as error:
            self.stop()
            raise TargetError(f"{path} could not be started: {error}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """SIGTERM to the process group, SIGKILL after 10 s, and its folder is gone."""
        # Forgotten only when done: a second Ctrl-C in here leaves the rest to the call at exit.
        self._end_process()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._process = self._log = self._folder = None
        cleanup.unregister(self.stop)

    def restart(self, *, deadline_s: float) -> None:
        """See `Target.restart`. What it has stored is still there."""
        if self._folder is None:
            raise TargetError("it is not started")
        self._end_process()
        try:
            self._launch(fresh=False)
        except OSError as error:
            raise TargetError(f"{self._command[0]} could not be started: {error}") from error
        wait_for_echo(_HOST, self._dicom_port, self._options.ae_title, deadline_s=deadline_s, died=self.alive)

    def _end_process(self) -> None:
        if self._process is not None:
            _end(self._process)
        if self._log is not None:
            self._log.join(deadline_s=_KILL_DEADLINE_S)
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        if self._guardian is not None:
            self._guardian.release()

    def _launch(self, *, fresh: bool) -> None:
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own: Ctrl-C reaches us, and we end it in order
        )
        assert self._process.stdout is not None
        assert self._log_path is not None
        assert self._folder is not None
        self._guardian = Guardian(self._process.pid, self._folder)
        self._log = LogPump(self._log_path, _chunks(self._process.stdout), fresh=fresh)

    def alive(self) -> str | None:
        """See `Target.alive`."""
        if self._process is None:
            return "it is not started"
        code = self._process.poll()
        if code is None:
            return None
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        said = last_line(self._log_path) if self._log_path else ""
        return f"the Orthanc process ended with {how}" + (f"; its last words: {said}" if said else "")

    def _start(self, path: str, run_dir: Path, deadline_s: float) -> RunningTarget:
        end_s = time.monotonic() + deadline_s
        self._folder = Path(tempfile.mkdtemp(prefix="pacs-conformance-orthanc-"))
        dicom_port, http_port = free_ports(2, "0.0.0.0")  # noqa: S104 (it will bind its ports on every interface)
        auth = (_USER, secrets.token_urlsafe(24))
        place = OrthancPlace(
            dicom_port=dicom_port,
            http_port=http_port,
            remote_access=False,
            storage_directory=str(self._folder / "storage"),
            user=auth[0],
            password=auth[1],
            plugins=tuple(plugin for plugin in DICOMWEB_PLUGINS if Path(plugin).is_file()),
        )
        config_path = self._folder / "orthanc.json"  # readable by us alone: mkdtemp makes the folder 0700
        config_path.write_text(
            json.dumps(configuration(self._options, place, move_destination=self._move_destination), indent=1)
        )
        self._command = [path, str(config_path)]
        self._dicom_port = dicom_port
        self._log_path = run_dir / "target.log"
        self._launch(fresh=True)
        assert self._process is not None
        url = f"http://{_HOST}:{http_port}"
        aet = self._options.ae_title
        wait_for_echo(_HOST, dicom_port, aet, deadline_s=end_s - time.monotonic(), died=self.alive)
        system = wait_for_rest(url, auth, deadline_s=end_s - time.monotonic(), died=self.alive)
        return RunningTarget(
            kind="orthanc-native",
            host=_HOST,
            port=dicom_port,
            ae_title=aet,
            description={
                "product": "Orthanc",
                "version": system.get("Version", "unknown"),
                "program": path,
                "pid": str(self._process.pid),
            },
            log_path=self._log_path,
            orthanc_url=url,
            dicomweb_url=dicomweb_url(url, auth, root=DICOMWEB_ROOT),
            orthanc_auth=auth,
        )


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := os.read(stream.fileno(), 65536):
        yield chunk


def _end(process: subprocess.Popen[bytes]) -> None:
    for number, deadline_s in ((signal.SIGTERM, _TERM_DEADLINE_S), (signal.SIGKILL, _KILL_DEADLINE_S)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(deadline_s)
            return
