"""results.json: the canonical file of a run, readable at every moment of it.

The file is a header, the scenarios one a line, and a short tail with the summary. Each append writes the new line and
a new tail over the old tail with one call. Should a crash of the machine tear even that, `read_results` takes what
stands in whole lines.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from conformance.evidence.redact import without_url_users
from conformance.evidence.summary import Tally, summarise
from conformance.evidence.text import clean

SCHEMA_VERSION: Final = "1.1"
SCHEMA_ID: Final = "urn:pacs-conformance:results:1.1"
_OPENING: Final = '"scenarios": ['


class ResultsError(ValueError):
    """A file that is no results.json, or one of a schema version that this release does not read."""


class ResultsWriter:
    """Writes results.json as the run goes. Use it as a context manager, or call `close`.

    Args:
        path: Where the file is made; an existing one is replaced, and is there until the new one is readable.
        header: What is known when the run begins; see `results.schema.json`. Passwords in URLs are masked, and
            `schema_version` is set.
        strict: Whether a WARN counts as a FAIL in the summary.
    """

    def __init__(self, path: Path, header: Mapping[str, Any], *, strict: bool = False) -> None:
        self._path = path
        self._strict = strict
        self._tally = Tally()
        self._cleanup: dict[str, Any] | None = None
        head = {"schema_version": SCHEMA_VERSION, **_safe(dict(header))}
        lines = [f"{json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in head.items()]
        opening = "{\n" + ",\n".join(lines) + ",\n" + _OPENING + "\n"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._tail_offset = len(opening.encode("ascii"))
        self._empty = True
        self._closed = False
        made = path.with_name(f".{path.name}.new")
        made.write_bytes(opening.encode("ascii") + self._tail(self._tally.summary(strict=strict)))
        made.replace(path)
        self._file = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))

    def __enter__(self) -> ResultsWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def tally(self) -> Tally:
        """What was counted so far."""
        return self._tally

    def append(self, record: Mapping[str, Any]) -> None:
        """Add one scenario.

        Raises:
            ResultsError: The writer is closed or finished, or the record holds something that JSON cannot.
        """
        self._require_open()
        try:
            line = json.dumps(record, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ResultsError(f"the record of {record.get('id', 'a scenario')!r} cannot be kept: {error}") from error
        self._tally.add(record)
        data = (("" if self._empty else ",\n") + line).encode("ascii")
        self._empty = False
        self._write(self._tail_offset, data + self._tail(self._tally.summary(strict=self._strict)))
        self._tail_offset += len(data)

    def finish(
        self,
        *,
        finished_at: str,
        exit_code: int | None = None,
        interrupted: bool = False,
        diagnosis: str = "",
        cleanup: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Write the final summary, close the file, and give the summary back.

        Args:
            finished_at: ISO 8601 with offset.
            exit_code: Of the run; None takes the one that the overall verdict has.
            interrupted: Whether the run was stopped from outside.
            diagnosis: Why the target could not be used; empty if it could.
            cleanup: What became of the stored instances: `deleted`, a list of SOP Instance UIDs, and `note`.
        """
        self._require_open()
        self._cleanup = None if cleanup is None else _safe(dict(cleanup))
        summary = self._tally.summary(
            finished_at=finished_at,
            exit_code=exit_code,
            interrupted=interrupted,
            diagnosis=clean(without_url_users(diagnosis), newlines=True),
            strict=self._strict,
        )
        self._write(self._tail_offset, self._tail(summary))
        self.close()
        return summary

    def close(self) -> None:
        """Close the file as it stands; a second call does nothing."""
        if not self._closed:
            self._closed = True
            os.close(self._file)

    def _require_open(self) -> None:
        if self._closed:
            raise ResultsError(f"{self._path} is closed; nothing can be added")

    def _tail(self, summary: Mapping[str, Any]) -> bytes:
        cleanup = "" if self._cleanup is None else f'"cleanup": {json.dumps(self._cleanup, allow_nan=False)},\n'
        return f'\n],\n{cleanup}"summary": {json.dumps(summary, allow_nan=False)}\n}}\n'.encode("ascii")

    def _write(self, offset: int, data: bytes) -> None:
        os.lseek(self._file, offset, os.SEEK_SET)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        os.ftruncate(self._file, offset + len(data))


def read_results(path: Path) -> dict[str, Any]:
    """A results.json as a dict, also one whose tail was torn off.

    Raises:
        ResultsError: It is none, or its schema version has another major number.
        OSError: It cannot be read.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        results = json.loads(text)
    except ValueError:
        results = _recovered(text)
    if not isinstance(results, dict) or not isinstance(results.get("scenarios"), list):
        raise ResultsError(f"{path} is no results.json\nhint: give the file, or the folder that holds it")
    version = str(results.get("schema_version", ""))
    if version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        raise ResultsError(
            f"{path} has schema version {version or 'none'}; this release reads {SCHEMA_VERSION}\n"
            "hint: read it with the release of pacs-conformance that wrote it"
        )
    return results


def mend_results(path: Path) -> None:
    """Write a results.json whose tail was torn off again, whole; one that is whole stays as it is, byte for byte.

    Raises:
        ResultsError: It is none, or its schema version has another major number.
        OSError: It cannot be read or written.
    """
    try:
        json.loads(path.read_text(encoding="utf-8", errors="replace"))
    except ValueError:
        results = read_results(path)
        header = {key: value for key, value in results.items() if key not in ("scenarios", "summary")}
        with ResultsWriter(path, header, strict=bool(header.get("strict"))) as writer:
            for record in results["scenarios"]:
                writer.append(record)


def _recovered(text: str) -> dict[str, Any] | None:
    """Header and whole scenario lines of a torn file, with the summary that follows from them."""
    head, found, rest = text.partition(_OPENING)
    if not found:
        return None
    scenarios: list[dict[str, Any]] = []
    for line in rest.splitlines():
        try:
            value = json.loads(line.rstrip(","))
        except ValueError:
            continue
        if isinstance(value, dict) and "verdict" in value:
            scenarios.append(value)
    try:
        header = json.loads(head.rstrip(" \n,") + "}")
    except ValueError:
        return None
    return {**header, "scenarios": scenarios, "summary": summarise(scenarios)}


def _safe(value: Any) -> Any:
    """Header values: strings clean and without passwords, containers of builtins, anything else as its text."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return round(value, 6) if value == value and abs(value) != float("inf") else None  # noqa: PLR0124
        case str():
            return clean(without_url_users(value), newlines=True)
        case Mapping():
            return {clean(key): _safe(item) for key, item in value.items()}
        case Sequence() | set() | frozenset():
            return [_safe(item) for item in value]
        case _:
            return clean(without_url_users(str(value)))
