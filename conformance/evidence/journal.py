"""sent.jsonl: what a run is about to store, a line each, on disk before the first byte of it is sent.

results.json knows what a scenario sent once the scenario is over. The journal knows it before, so that what a run that
was killed has left on a target can still be found and deleted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from conformance.instances.identity import Identity, run_uid_root

NAME: Final = "sent.jsonl"
_LIMIT_CHARS: Final = 200
_NOT_KNOWN: Final = "answer not recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """An instance that a run has stored, or may have stored.

    Args:
        sop_instance_uid: As it was sent.
        patient_id: Empty when it is not known.
        study_instance_uid: Empty when it is not known.
        scenario: Which scenario sent it.
        status: How it was answered, as far as that is known.
        is_ours: Whether the UID lies below the run's own root, so that nobody else can have given it.
    """

    sop_instance_uid: str
    patient_id: str
    study_instance_uid: str
    scenario: str
    status: str
    is_ours: bool


class Journal:
    """Appends to a run's sent.jsonl; several processes may do so at the same time.

    Args:
        run_dir: The run's folder.
        fresh: Whether the run begins, and what an earlier one left in the folder goes.
    """

    def __init__(self, run_dir: Path, *, fresh: bool) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if fresh else 0)
        self._file = os.open(run_dir / NAME, flags, 0o644)
        self._noted: set[tuple[str, str]] = set()

    def made(self, scenario: str, identity: Identity) -> None:
        """Note an instance that a scenario makes, to send it."""
        self._note(
            scenario,
            identity.sop_instance_uid,
            patient_id=identity.patient_id,
            study_instance_uid=identity.study_instance_uid,
            sent=False,
        )

    def sending(self, scenario: str, sop_instance_uid: str) -> None:
        """Note the SOP Instance UID of a C-STORE-RQ that is about to be sent."""
        self._note(scenario, sop_instance_uid, sent=True)

    def close(self) -> None:
        """Close the file; again is harmless."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _note(self, scenario: str, uid: str, *, sent: bool, **place: str) -> None:
        if not uid or self._file < 0 or (uid, str(sent)) in self._noted:
            return
        self._noted.add((uid, str(sent)))
        row = {"sop_instance_uid": uid[:_LIMIT_CHARS], "scenario": scenario, "sent": sent, **place}
        # One write with O_APPEND, far below a page: whole lines, whoever else writes and whenever we are killed.
        os.write(self._file, (json.dumps(row) + "\n").encode("ascii"))


def created(run_dir: Path, results: Mapping[str, Any]) -> tuple[Created, ...]:
    """Every instance that a run has stored or may have stored, and that it has not deleted itself, by UID.

    Args:
        run_dir: The run's folder.
        results: Its results.json.
    """
    root = f"{run_uid_root(results['seed'])}."
    found: dict[str, Created] = {}
    ended = set()
    for record in results["scenarios"]:
        ended.add(record["id"])
        for row in record["instances"]:
            found[row["sop_instance_uid"]] = _of(row, record["id"], row["status"], root)
    places: dict[str, Mapping[str, Any]] = {}
    for row in _rows(run_dir / NAME):
        uid, scenario = row["sop_instance_uid"], row["scenario"]
        if not row["sent"]:
            places[uid] = row
        # What a scenario makes and does not send is told from what it sends by its record, once it has one.
        if uid not in found and (row["sent"] or scenario not in ended):
            found[uid] = _of(row, scenario, _NOT_KNOWN, root)
    deleted = frozenset((results.get("cleanup") or {}).get("deleted", ()))
    return tuple(_placed(found[uid], places.get(uid)) for uid in sorted(found) if uid and uid not in deleted)


def _of(row: Mapping[str, Any], scenario: str, status: str, root: str) -> Created:
    uid = str(row["sop_instance_uid"])
    return Created(
        sop_instance_uid=uid,
        patient_id=str(row.get("patient_id") or ""),
        study_instance_uid=str(row.get("study_instance_uid") or ""),
        scenario=scenario,
        status=status,
        is_ours=uid.startswith(root),
    )


def _placed(one: Created, row: Mapping[str, Any] | None) -> Created:
    if row is None or one.study_instance_uid:
        return one
    return replace(
        one, patient_id=str(row.get("patient_id") or ""), study_instance_uid=str(row.get("study_instance_uid") or "")
    )


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    """The whole lines of a journal; none where there is no journal."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and {"sop_instance_uid", "scenario", "sent"} <= row.keys():
            yield row
