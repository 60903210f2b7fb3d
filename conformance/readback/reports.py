"""N-EVENT-REPORTs of storage commitment, kept as files of a folder that can be shared, with how each was answered.

A scenario may say beforehand how the reports on one of its transactions are to be answered.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import time
from collections.abc import Collection, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from conformance.observation.commitment import Report
from conformance.readback.part10 import decode_data_set
from conformance.standard.sop_classes import STORAGE_COMMITMENT_PUSH_MODEL
from conformance.wire.command import decode_command_set
from conformance.wire.fragments import Message
from conformance.wire.items import ItemType
from conformance.wire.pdu import Associate

_SUCCESS: Final = 0x0000
RESOURCE_LIMITATION: Final = 0x0213
_KEPT: Final = 10_000
_LIMIT_BYTES: Final = 1 << 20
"""A report on a handful of instances takes some hundred bytes; a longer one is not kept, and proves nothing."""
_numbers = itertools.count(1)


def keep(folder: Path, association: Associate, message: Message, transfer_syntax_uid: str) -> int | None:
    """Write a report as a file; the status that it is to be answered with, or None for no answer.

    Args:
        folder: Shared with the scenarios.
        association: The A-ASSOCIATE-RQ of who reports.
        message: The N-EVENT-REPORT-RQ.
        transfer_syntax_uid: Agreed for its context; empty where nothing was.
    """
    number = next(_numbers)
    data = message.data_set or b""
    if number > _KEPT or len(data) > _LIMIT_BYTES:
        return RESOURCE_LIMITATION
    dataset, _ = decode_data_set(data, transfer_syntax_uid)
    answered = _answer_to(folder, str(dataset.get("TransactionUID", "")))
    values = {
        "calling_ae_title": association.calling_ae_title.decode("latin-1"),
        "roles": _roles(association),
        "command": message.command_bytes.hex(),
        "data_set": data.hex(),
        "transfer_syntax_uid": transfer_syntax_uid,
        "answered": answered,
    }
    part = folder / f"report-{time.time_ns():020d}-{os.getpid()}-{number:06d}.part"
    part.write_text(json.dumps(values), encoding="utf-8")
    part.rename(part.with_suffix(".json"))
    return answered


def about(
    folder: Path, transaction_uid: str, sop_instance_uids: Iterable[str] = (), *, besides: Collection[str] = ()
) -> tuple[Report, ...]:
    """The reports that name a transaction, or one of these instances, in the order in which they came.

    Args:
        folder: Where they are kept.
        transaction_uid: The transaction.
        sop_instance_uids: The instances, for a report under a Transaction UID of nobody's.
        besides: Other transactions about the same instances, whose reports are not meant.
    """
    wanted = frozenset(sop_instance_uids)
    found = (_read(path) for path in sorted(folder.glob("report-*.json")))
    return tuple(
        report
        for report in found
        if report.transaction_uid == transaction_uid
        or (
            report.transaction_uid not in besides
            and wanted & {reference.sop_instance_uid for reference in (*report.committed, *report.failed)}
        )
    )


def answer_with(folder: Path, transaction_uid: str, status: int | None) -> None:
    """From now on the reports on a transaction are answered with a status, or not at all."""
    _answer_path(folder, transaction_uid).write_text(json.dumps(status), encoding="utf-8")


def _answer_to(folder: Path, transaction_uid: str) -> int | None:
    try:
        status: int | None = json.loads(_answer_path(folder, transaction_uid).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _SUCCESS
    return status


def _answer_path(folder: Path, transaction_uid: str) -> Path:
    return folder / f"answer-{hashlib.sha256(transaction_uid.encode()).hexdigest()[:40]}.json"


def _roles(association: Associate) -> list[int] | None:
    """SCU and SCP role that are proposed for storage commitment, or None."""
    wanted = STORAGE_COMMITMENT_PUSH_MODEL.encode()
    for item in association.user_items:
        if item.item_type == ItemType.ROLE_SELECTION and item.body[2:-2].rstrip(b"\0") == wanted:
            return list(item.body[-2:])
    return None


@lru_cache(maxsize=1_000)
def _read(path: Path) -> Report:
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    dataset, defect = decode_data_set(bytes.fromhex(values["data_set"]), values["transfer_syntax_uid"])
    roles = values["roles"]
    return Report(
        command=decode_command_set(bytes.fromhex(values["command"])),
        dataset=dataset,
        defect=defect,
        same_association=False,
        calling_ae_title=values["calling_ae_title"].strip(" \0"),
        roles=None if roles is None else (roles[0], roles[1]),
        answered=values["answered"],
    )
