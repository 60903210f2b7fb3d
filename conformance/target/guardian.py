"""Ends a program that a run has started, should the run be killed: `python -m conformance.target.guardian PID FOLDER`.

A process that gets SIGKILL ends nothing that it has started. The guardian holds one end of a pipe, the run the other:
when that one closes without a word, what is guarded goes.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

_TERM_DEADLINE_S: Final = 10.0
_KILL_DEADLINE_S: Final = 5.0
_START_DEADLINE_S: Final = 5.0
_RELEASE_DEADLINE_S: Final = 5.0


class Guardian:
    """A process that watches over a program for as long as this one lives.

    Where the kernel has no file descriptors of processes there is none: a process id alone may be that of another
    program by the time it is looked at.

    Args:
        pid: The program's process id; it has not been waited for, so that no other can have it.
        folder: What is removed with it.
    """

    def __init__(self, pid: int, folder: Path) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        if hasattr(os, "pidfd_open"):
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(pid), str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # a signal to our group is not for it
            )
            assert self._process.stdout is not None
            # It has its hold of the program, or is gone; the run does not wait for it longer than it has to.
            select.select([self._process.stdout], [], [], _START_DEADLINE_S)

    def release(self) -> None:
        """The program has ended: the guardian ends too, and touches nothing."""
        if self._process is None:
            return
        process, self._process = self._process, None
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.write(b".")
            process.stdin.flush()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        try:
            process.wait(_RELEASE_DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main(pid: int, folder: Path) -> None:
    """Wait for a word of release; where standard input ends without it, end the program and remove its folder."""
    program = os.pidfd_open(pid)
    os.write(sys.stdout.fileno(), b".")
    if os.read(sys.stdin.fileno(), 1):
        return
    ended = select.poll()
    ended.register(program, select.POLLIN)
    for number, deadline_s in ((signal.SIGTERM, _TERM_DEADLINE_S), (signal.SIGKILL, _KILL_DEADLINE_S)):
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(program, number)
        if ended.poll(deadline_s * 1000):
            break
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
