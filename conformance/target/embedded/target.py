"""The embedded PACS as the target: a child process, so that it and the tester do not share one interpreter."""

from __future__ import annotations

import os
import platform
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from conformance.target import cleanup
from conformance.target.base import RunningTarget, TargetError
from conformance.target.embedded.__main__ import LISTENING
from conformance.target.embedded.settings import (
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    Destination,
    Settings,
)
from conformance.target.embedded.spool import FOLDER_PREFIX
from conformance.target.log import LogPump, last_line

_HOST: Final = "127.0.0.1"
_TERM_DEADLINE_S: Final = 5.0
_KILL_DEADLINE_S: Final = 5.0
_LINE_BYTES: Final = 4096


class EmbeddedTarget:
    """A child process that serves the embedded PACS on loopback; it also ends when we do, however we do.

    Args:
        settings: What can be chosen about it, as far as the command line of the process can say it.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        move_destinations: Further C-MOVE destinations by AE title.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        host: str = _HOST,
        port: int = 0,
        move_destinations: dict[str, Destination] | None = None,
    ) -> None:
        self._settings = settings or Settings()
        self._host = host
        self._port = port
        self._destinations = dict(self._settings.move_destinations) | (move_destinations or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._log: LogPump | None = None
        self._log_path: Path | None = None

    def start(self, run_dir: Path, *, deadline_s: float) -> RunningTarget:
        """See `Target.start`."""
        cleanup.register(self.stop)
        try:
            return self._start(run_dir, deadline_s)
        except OSError as error:
            self.stop()
            raise TargetError(f"the embedded PACS could not be started: {error}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """SIGTERM, and SIGKILL after 5 s."""
        self._end_process()
        cleanup.unregister(self.stop)

    def _end_process(self) -> None:
        if self._process is not None:
            _end(self._process)
        if self._log is not None:
            self._log.join(deadline_s=_KILL_DEADLINE_S)
        if self._process is not None:
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._process = self._log = self._folder = None

    def restart(self, *, deadline_s: float) -> None:
        """See `Target.restart`. What it has stored is gone: it lives in memory."""
        if self._log_path is None:
            raise TargetError("it is not started")
        self._end_process()
        try:
            self._start(self._log_path.parent, deadline_s, fresh=False)
        except OSError as error:
            raise TargetError(f"the embedded PACS could not be started: {error}") from error

    def alive(self) -> str | None:
        """See `Target.alive`."""
        if self._process is None:
            return "it is not started"
        code = self._process.poll()
        if code is None:
            return None
        said = last_line(self._log_path) if self._log_path else ""
        return f"the embedded PACS ended with exit code {code}" + (f"; its last words: {said}" if said else "")

    def _start(self, run_dir: Path, deadline_s: float, *, fresh: bool = True) -> RunningTarget:
        end_s = time.monotonic() + deadline_s
        # Its long instances live in here, so that they go even when it is killed.
        self._folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
        self._process = subprocess.Popen(
            self._command(),
            env=os.environ | {"TMPDIR": str(self._folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us, and we end it in order
        )
        assert self._process.stdout is not None
        self._log_path = run_dir / "target.log"
        ready: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        self._log = LogPump(self._log_path, _chunks(self._process.stdout, ready), fresh=fresh)
        host, port = self._wait(ready, end_s, deadline_s)
        self._port = port  # where it is started again
        return RunningTarget(
            kind="embedded",
            host=host,
            port=port,
            ae_title=self._settings.ae_title,
            description={
                "product": "embedded reference PACS",
                "implementation class UID": IMPLEMENTATION_CLASS_UID,
                "implementation version name": IMPLEMENTATION_VERSION_NAME,
                "python": platform.python_version(),
                "pid": str(self._process.pid),
            },
            log_path=self._log_path,
        )

    def _wait(self, ready: queue.SimpleQueue[tuple[str, int]], end_s: float, deadline_s: float) -> tuple[str, int]:
        while (left_s := end_s - time.monotonic()) > 0:
            with suppress(queue.Empty):
                return ready.get(timeout=min(left_s, 0.1))
            if ending := self.alive():
                raise TargetError(ending, hint="see the target's log; is the port taken?")
        raise TargetError(
            f"the embedded PACS did not listen within {deadline_s:g} s",
            hint="see the target's log, or give it more time with --timeout",
        )

    def _command(self) -> list[str]:
        settings = self._settings
        command = [sys.executable, "-u", "-m", "conformance.target.embedded", "--until-eof"]
        command += ["--host", self._host, "--port", str(self._port), "--aet", settings.ae_title]
        command += ["--artim", str(settings.artim_s), "--max-pdu", str(settings.max_pdu_bytes)]
        command += ["--max-associations", str(settings.max_associations)]
        command += ["--duplicate-policy", settings.duplicate_policy.value]
        if settings.called_ae_required:
            command.append("--called-ae-required")
        if settings.store_status is not None:
            command += ["--status", f"{settings.store_status:04X}"]
        for title, destination in self._destinations.items():
            command += ["--move-destination", f"{title}={destination.host}:{destination.port}"]
        return command


def _chunks(stream: IO[bytes], ready: queue.SimpleQueue[tuple[str, int]]) -> Iterator[bytes]:
    """The output as it comes; the line that says where it listens is told once."""
    head: bytes | None = b""
    while chunk := os.read(stream.fileno(), 65536):
        yield chunk  # first: what is told is in the log by then
        if head is not None:
            head += chunk
            address = _address(head)
            if address is not None:
                ready.put(address)
            if address is not None or len(head) > _LINE_BYTES:
                head = None


def _address(output: bytes) -> tuple[str, int] | None:
    for line in output.decode("utf-8", "replace").splitlines(keepends=True):
        if line.startswith(LISTENING) and line.endswith("\n"):
            host, _, port = line.removeprefix(LISTENING).strip().rpartition(":")
            return host, int(port)
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    for stop, deadline_s in ((process.terminate, _TERM_DEADLINE_S), (process.kill, _KILL_DEADLINE_S)):
        with suppress(ProcessLookupError):
            stop()
        with suppress(subprocess.TimeoutExpired):
            process.wait(deadline_s)
            return
