"""A target that somebody else runs: it is never started, stopped or wiped by us."""

from pathlib import Path

from conformance.target.base import RunningTarget, TargetError


class RemoteTarget:
    """An Application Entity at an address.

    Args:
        ae_title: its AE title, at most 16 characters.
        host: name or address.
        port: TCP port, 1 to 65535.
    """

    def __init__(self, *, ae_title: str, host: str, port: int) -> None:
        self._running = RunningTarget(kind="remote", host=host, port=port, ae_title=ae_title)

    def start(self, run_dir: Path, *, deadline_s: float) -> RunningTarget:
        """The address as it was given. Whether anybody answers there is for the preflight to find out."""
        return self._running

    def stop(self) -> None:
        """Does nothing: the target is not ours."""

    def restart(self, *, deadline_s: float) -> None:
        """Never: the target is not ours.

        Raises:
            TargetError: always.
        """
        raise TargetError("the target is not ours to start")

    def alive(self) -> str | None:
        """None: how a process on another machine fares can only be told by talking to it."""
        return None
