"""The matrix as the reports show it: a heat map, and the tables of a conformance statement.

A heat map of 11,500 cells is markup of half a megabyte, so a cell is as little as it can be: `<i class=a title=…>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup, escape

from conformance.evidence.matrix import claimed_pair, matrix_of, stored_pairs
from conformance.evidence.text import clean
from conformance.observation.matrix import (
    ABSTRACT_SYNTAX,
    ACCEPTED,
    NO_REASON,
    NOT_ASKED,
    OTHER_SYNTAX,
    REFUSED,
    TRANSFER_SYNTAXES,
    UNUSABLE,
    USER_REJECTION,
    WORDS,
    Matrix,
)
from conformance.report.matrix_order import (
    BAND_WORDS,
    alike,
    bands,
    refused_altogether,
    same_syntaxes,
    sections,
    short_class_name,
    short_syntax_name,
)
from conformance.standard.sop_classes import sop_class_name
from conformance.standard.transfer_syntaxes import transfer_syntax, transfer_syntax_name

CLASSES: Final[Mapping[str, str]] = {
    ACCEPTED: "a",
    USER_REJECTION: "u",
    NO_REASON: "n",
    ABSTRACT_SYNTAX: "b",
    TRANSFER_SYNTAXES: "t",
    OTHER_SYNTAX: "o",
    UNUSABLE: "x",
    NOT_ASKED: "q",
}
"""The CSS class of each answer."""
_STORED: Final = ("s", "an instance was stored in this run")
_CLAIMED: Final = ("c", "claimed and not accepted")
_UNCLAIMED: Final = ("e", "accepted and not claimed")

Marks = Mapping[tuple[str, str], tuple[str, str]]
"""CSS class and words beside the answer to a pair."""


def matrix_view(results: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the templates show of the matrix; None where the run has not asked for it.

    Args:
        results: What results.json holds; the scenarios may be absent.
    """
    matrix = matrix_of(results)
    if matrix is None:
        return None
    claims = results.get("claims") or {}
    marks = _marks(matrix, claims, stored_pairs(results["scenarios"]))
    by_band = bands(matrix.transfer_syntaxes)
    columns = [uid for uids in by_band.values() for uid in uids]
    answers = matrix.answers()
    return {
        "sentence": sentence(matrix),
        "not_asked": matrix.not_asked,
        "legend": _legend(matrix, marks),
        "bands": [(name, len(uids), BAND_WORDS[name]) for name, uids in by_band.items()],
        "columns": [_column(uid) for uid in columns],
        "patterns": [_pattern(uids, columns, answers[uids[0]], marks) for _, uids in alike(matrix)],
        "sections": [
            (name, [_row(uid, columns, answers[uid], marks) for uid in uids])
            for name, uids in sections(matrix.sop_classes).items()
        ],
        "statement": [
            ([(sop_class_name(uid), uid) for uid in uids], [(transfer_syntax_name(uid), uid) for uid in syntaxes])
            for uids, syntaxes in same_syntaxes(matrix)
        ],
        "refused": [sop_class_name(uid) for uid in refused_altogether(matrix)],
    }


def sentence(matrix: Matrix) -> str:
    """How much was asked, how long it took and what came, in one line."""
    counts = matrix.counts()
    accepted = [uid for uid, syntaxes in matrix.accepted().items() if syntaxes]
    syntaxes = {syntax for found in matrix.accepted().values() for syntax in found}
    asked = matrix.pairs - counts[NOT_ASKED]
    return (
        f"{asked:,} of {matrix.pairs:,} pairs answered, on {matrix.associations} associations in "
        f"{matrix.seconds:.1f} s; {len(accepted)} of {len(matrix.sop_classes)} SOP classes and {len(syntaxes)} of "
        f"{len(matrix.transfer_syntaxes)} transfer syntaxes are accepted, in {counts[ACCEPTED]:,} pairs."
    )


def _marks(matrix: Matrix, claims: Mapping[str, Any], stored: frozenset[tuple[str, str]]) -> Marks:
    """What is to be said of a pair beside its answer."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for uid, row in matrix.answers().items():
        for syntax, answer in row.items():
            claimed = claimed_pair(claims, uid, syntax)
            if claimed and answer in REFUSED:
                found[uid, syntax] = _CLAIMED
            elif claimed is False and answer == ACCEPTED:
                found[uid, syntax] = _UNCLAIMED
            elif (uid, syntax) in stored:
                found[uid, syntax] = _STORED
    return found


def _legend(matrix: Matrix, marks: Marks) -> list[tuple[str, str, int]]:
    counts = matrix.counts()
    answers = [(CLASSES[answer], WORDS[answer], counts[answer]) for answer in WORDS if counts[answer]]
    kinds = [(mark, sum(one == mark for one in marks.values())) for mark in (_STORED, _CLAIMED, _UNCLAIMED)]
    ground = {_STORED: "a", _CLAIMED: "t", _UNCLAIMED: "a"}
    return answers + [(f"{ground[mark]} {mark[0]}", mark[1], count) for mark, count in kinds if count]


def _column(uid: str) -> tuple[str, str, str, bool]:
    row = transfer_syntax(uid)
    return short_syntax_name(uid), transfer_syntax_name(uid), uid, row is not None and row.retired


def _row(uid: str, columns: Sequence[str], answers: Mapping[str, str], marks: Marks) -> tuple[str, str, int, Markup]:
    """Name, UID, number of transfer syntaxes and cells of a SOP class."""

    def cell(syntax: str) -> tuple[str, str]:
        answer = answers[syntax]
        mark = marks.get((uid, syntax))
        if mark is None:
            return CLASSES[answer], WORDS[answer]
        return f"{CLASSES[answer]} {mark[0]}", f"{WORDS[answer]}; {mark[1]}"

    return short_class_name(uid), uid, sum(answer == ACCEPTED for answer in answers.values()), _cells(columns, cell)


def _pattern(
    uids: Sequence[str],
    columns: Sequence[str],
    answers: Mapping[str, str],
    marks: Marks,
) -> tuple[list[str], Markup]:
    """Names and cells of SOP classes that are answered alike; a cell has the gravest mark of any of them."""

    def cell(syntax: str) -> tuple[str, str]:
        answer = answers[syntax]
        marked = [mark for uid in uids if (mark := marks.get((uid, syntax))) is not None]
        gravest = next((mark for mark in (_CLAIMED, _UNCLAIMED, _STORED) if mark in marked), None)
        if gravest is None:
            return CLASSES[answer], WORDS[answer]
        return f"{CLASSES[answer]} {gravest[0]}", f"{WORDS[answer]}; {marked.count(gravest)} times {gravest[1]}"

    return [short_class_name(uid) for uid in uids], _cells(columns, cell)


def _cells(columns: Sequence[str], cell: Callable[[str], tuple[str, str]]) -> Markup:
    made = []
    for uid in columns:
        css, words = cell(uid)
        quoted = f'"{css}"' if " " in css else css
        made.append(f'<i class={quoted} title="{escape(clean(short_syntax_name(uid)))}: {words}"></i>')
    return Markup("".join(made))  # noqa: S704 - the names are escaped, all else is ours
