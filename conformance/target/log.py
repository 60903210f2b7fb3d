"""Drains a target's output into a file of bounded size, so that no amount of it blocks the target or fills the disk."""

import threading
from collections.abc import Iterable
from pathlib import Path

MAX_LOG_BYTES = 64 * 1024 * 1024


class LogPump:
    """A thread that copies chunks to a file until they end; what is over the limit is read and dropped.

    Args:
        path: the file; created, or emptied where `fresh`.
        chunks: the output as it comes; iterating over it blocks until there is more.
        max_bytes: how much of it is kept, in bytes.
        fresh: whether what the file holds goes; the log of a target that was started again goes on.
    """

    def __init__(
        self, path: Path, chunks: Iterable[bytes], *, max_bytes: int = MAX_LOG_BYTES, fresh: bool = True
    ) -> None:
        self._path = path
        self._chunks = chunks
        self._max_bytes = max_bytes
        self._thread = threading.Thread(target=self._run, name=f"log of {path}", daemon=True)
        if fresh:
            path.write_bytes(b"")
        self._thread.start()

    def join(self, *, deadline_s: float) -> None:
        """Waits until the output has ended, at most `deadline_s` seconds."""
        self._thread.join(deadline_s)

    def _run(self) -> None:
        written_bytes = 0
        with self._path.open("ab", buffering=0) as file:
            try:
                for chunk in self._chunks:
                    room_bytes = self._max_bytes - written_bytes
                    if room_bytes <= 0:
                        continue
                    file.write(chunk[:room_bytes])
                    written_bytes += min(len(chunk), room_bytes)
                    if len(chunk) >= room_bytes:
                        file.write(f"\n[the log is cut here, at {self._max_bytes} bytes]\n".encode())
            except Exception as error:  # the stream of an engine that went away raises whatever its transport raises
                file.write(f"\n[the log ends here: {type(error).__name__}: {error}]\n".encode())


def last_line(path: Path, *, max_bytes: int = 4096) -> str:
    """The last line of a log that is not empty, printable, at most 300 characters; "" if there is none.

    Args:
        path: the log; it need not exist.
        max_bytes: how much of its end is looked at, in bytes.
    """
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - max_bytes))
            tail = file.read(max_bytes).decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [line.strip() for line in tail.splitlines() if line.strip()]
    return "".join(c if c.isprintable() else " " for c in lines[-1])[:300] if lines else ""
