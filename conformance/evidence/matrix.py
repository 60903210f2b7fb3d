"""The matrix in the record of a run: where it is, what it is compared with, and matrix.csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from conformance.config.claims import UidClaim, claims_sop_class, claims_transfer_syntax
from conformance.evidence.names import uid_name
from conformance.evidence.text import clean
from conformance.observation.matrix import NOT_ASKED, Matrix
from conformance.standard.sop_classes import sop_class
from conformance.standard.transfer_syntaxes import transfer_syntax

NAME: Final = "matrix.csv"
_ACKNOWLEDGED: Final = ("0000", "B")
"""How the status of a C-STORE begins that was answered with Success or a Warning."""


def matrix_of(results: Mapping[str, Any]) -> Matrix | None:
    """The matrix of a run, the one with the most answers if there are several; None where nobody asked for it."""
    found = [Matrix.from_builtins(record["matrix"]) for record in results.get("scenarios", ()) if record.get("matrix")]
    return max(found, key=lambda matrix: matrix.pairs - matrix.counts()[NOT_ASKED], default=None)


def claimed_pair(claims: Mapping[str, Any], sop_class_uid: str, transfer_syntax_uid: str) -> bool | None:
    """Whether both of a pair are claimed; None where one of the two lists was not given."""
    of_class = claims_sop_class(_claim(claims.get("storage_sop_classes")), sop_class_uid)
    of_syntax = claims_transfer_syntax(_claim(claims.get("transfer_syntaxes")), transfer_syntax_uid)
    return None if of_class is None or of_syntax is None else of_class and of_syntax


def stored_pairs(records: Iterable[Mapping[str, Any]]) -> frozenset[tuple[str, str]]:
    """SOP classes with transfer syntaxes of which an instance was acknowledged in the run."""
    return frozenset(
        (instance["sop_class_uid"], instance["transfer_syntax"])
        for record in records
        for instance in record["instances"]
        if instance["status"].startswith(_ACKNOWLEDGED)
    )


def matrix_csv(matrix: Matrix) -> str:
    """The matrix as a table, its lines ended by CR LF: a row for each SOP class, a column for each transfer syntax.

    A cell is the result of PS3.8 Table 9-18, 0 to 4, `o` or `x` as in the legend of results.json, or empty where the
    pair was not asked. The second line has the UIDs of the columns.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    known = [transfer_syntax(uid) for uid in matrix.transfer_syntaxes]
    writer.writerow(
        [
            *("sop_class", "sop_class_uid", "table", "accepted"),
            *(uid if row is None else row.keyword for uid, row in zip(matrix.transfer_syntaxes, known, strict=True)),
        ]
    )
    writer.writerow(["", "", "", "", *matrix.transfer_syntaxes])
    accepted = matrix.accepted()
    for uid, answers in zip(matrix.sop_classes, matrix.rows, strict=True):
        row = sop_class(uid)
        writer.writerow(
            [
                *(clean(uid_name(uid)), clean(uid), "" if row is None else str(row.group), len(accepted[uid])),
                *("" if answer == NOT_ASKED else answer for answer in answers),
            ]
        )
    return text.getvalue()


def write_matrix_csv(matrix: Matrix, path: Path) -> None:
    """Write the table as UTF-8."""
    path.write_bytes(matrix_csv(matrix).encode("utf-8"))


def _claim(value: object) -> UidClaim:
    """A claim as the header of results.json has it."""
    if isinstance(value, list | tuple):
        return frozenset(str(uid) for uid in value)
    return "all" if value == "all" else None
