"""What a target is: the Application Entity under test, from the moment it comes up until it is gone."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class TargetError(Exception):
    """The target could not be brought up, or can no longer be looked after. Never a verdict on it.

    Args:
        message: one line: what was tried, and what came instead.
        hint: what the reader can do about it, one line without the word "hint".
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningTarget:
    """Where a target that answers can be reached, and what is known of it.

    `kind` is "remote", "orthanc", "orthanc-native" or "embedded". `description` goes into the report as it is, so
    it holds no secret. `log_path` is the target's own output, where we have it. `orthanc_url` and `orthanc_auth`
    (user, password) open Orthanc's REST interface for read-back, and the web services at `dicomweb_url` where it has
    them; the password is made for one run.
    """

    kind: str
    host: str
    port: int
    ae_title: str
    description: Mapping[str, str] = field(default_factory=dict)
    log_path: Path | None = None
    orthanc_url: str | None = None
    dicomweb_url: str | None = None
    orthanc_auth: tuple[str, str] | None = field(default=None, repr=False)


class Target(Protocol):
    """A target that can be brought up once and taken down."""

    def start(self, run_dir: Path, *, deadline_s: float) -> RunningTarget:
        """Brings the target up and returns when it answers C-ECHO (a remote target is taken as it is).

        Args:
            run_dir: the run's existing folder; the target's log goes there.
            deadline_s: seconds within which it must answer.

        Raises:
            TargetError: it did not; nothing that was started is left behind.
        """

    def stop(self) -> None:
        """Takes down what `start` brought up, and nothing else. May be called at any point, and twice."""

    def restart(self, *, deadline_s: float) -> None:
        """Brings a started target up again at the same address, whether it has ended or no longer answers.

        Args:
            deadline_s: seconds within which it must answer.

        Raises:
            TargetError: it did not, or it is not ours to start.
        """

    def alive(self) -> str | None:
        """None as long as the target has not ended, else one line that says how it ended.

        Raises:
            TargetError: it cannot be told, because the engine that runs the target does not answer.
        """


@contextmanager
def running(target: Target, run_dir: Path, *, deadline_s: float) -> Iterator[RunningTarget]:
    """The target is up inside the block, and taken down after it, however the block or the start ends."""
    try:
        yield target.start(run_dir, deadline_s=deadline_s)
    finally:
        target.stop()
