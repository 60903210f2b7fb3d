"""What the templates show of a run, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from conformance.evidence.matrix import NAME as MATRIX_CSV
from conformance.evidence.matrix import matrix_of
from conformance.evidence.summary import Overall
from conformance.report.grouped import VERDICT_ORDER, rank
from conformance.verdict.finding import Verdict

FILES: Final = ("results.json", "evidence.html", "junit.xml", "instances.csv", "manifest.json")

_SENTENCES: Final[Mapping[str, tuple[str, str, str]]] = {
    Overall.CONFORMANT: ("good", "✓", "Every requirement that was judged is met."),
    Overall.CONFORMANT_WITH_WAIVERS: ("good", "✓", "Every requirement that was judged is met or covered by a waiver."),
    Overall.NOT_CONFORMANT: ("bad", "✕", "At least one requirement of the standard is violated."),
    Overall.INCOMPLETE: ("open", "?", "Nothing that was judged failed, but something could not be judged."),
    Overall.NOTHING_JUDGED: ("open", "?", "No requirement could be judged; this says nothing about the target."),
    Overall.INTERRUPTED: ("open", "?", "The run did not end by itself; what finished is here."),
    Overall.HARNESS_ERROR: ("open", "⚠", "The suite itself failed; no FAIL was found in what it could judge."),
    Overall.UNREACHABLE: ("open", "⚠", "The target could not be used, so nothing was judged."),
}
_ATTENTION: Final = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.ERROR, Verdict.WAIVED, Verdict.INCONCLUSIVE})
_TARGET_FACTS: Final = (
    ("name", "Name"),
    ("vendor", "Manufacturer"),
    ("product", "Product"),
    ("version", "Version"),
    ("site", "Site"),
    ("address", "Address"),
    ("called_ae_title", "Called AE title"),
    ("calling_ae_title", "Calling AE title"),
    ("kind", "Kind of target"),
    ("description", "Description"),
    ("implementation_class_uid", "Implementation class UID"),
    ("implementation_version_name", "Implementation version name"),
    ("maximum_length", "Maximum length received"),
)


def run_view(results: Mapping[str, Any]) -> dict[str, Any]:
    """Everything about a run but its scenarios.

    Args:
        results: What results.json holds; the scenarios may be absent.
    """
    summary = results["summary"]
    mood, mark, sentence = _SENTENCES.get(summary["overall"], ("open", "?", ""))
    shown = [verdict for verdict in VERDICT_ORDER if verdict in summary["verdicts"]]
    if mood == "good" and Verdict.WARN in shown:
        sentence += " What is legal but known to trouble other systems, or only recommended, is told as a warning."
    first_seen = _first_seen(results.get("scenarios", ()))
    rows = sorted(
        (
            {"id": key, "actual": first_seen.get((key, row["verdict"]), ""), **row}
            for key, row in summary["requirements"].items()
        ),
        key=lambda row: (rank(row["verdict"]), row["id"]),
    )
    return {
        "overall": summary["overall"],
        "mood": mood,
        "mark": mark,
        "sentence": sentence,
        "diagnosis": summary["diagnosis"],
        "counts": [(str(verdict), summary["verdicts"][verdict]) for verdict in shown],
        "target": target_facts(results),
        "run": run_facts(results),
        "claims": [_claim(key, value) for key, value in (results.get("claims") or {}).items()],
        "topics": [_topic(name, counts, shown) for name, counts in summary["topics"].items()],
        "open_requirements": [row for row in rows if row["verdict"] in _ATTENTION],
        "other_requirements": [row for row in rows if row["verdict"] not in _ATTENTION],
        "files": (*FILES, *((MATRIX_CSV,) if matrix_of(results) is not None else ())),
    }


def target_facts(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Who the target is, as far as it is known."""
    target = results.get("target") or {}
    named = [(label, words(target[key])) for key, label in _TARGET_FACTS if target.get(key) not in (None, "")]
    return named or [("Target", "unknown")]


def run_facts(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How the run was made and how it can be made again."""
    summary = results["summary"]
    channel = results.get("readback") or {}
    rows: list[tuple[str, Any]] = [
        ("Suite", f"pacs-conformance {results.get('suite_version', '')}"),
        ("Run", results.get("run_id")),
        ("Started", results.get("started_at")),
        ("Finished", summary["finished_at"] or "not finished"),
        ("Level", results.get("level")),
        ("Seed", results.get("seed")),
        ("Read-back", ", ".join(filter(None, (channel.get("channel"), channel.get("description"))))),
        ("Corpus", _corpus(results.get("corpus") or {})),
        ("Limits", words(results.get("limits") or "")),
        ("Again with", results.get("command")),
    ]
    return [(label, str(value)) for label, value in rows if value not in (None, "")]


def _corpus(corpus: Mapping[str, Any]) -> str:
    """A person's own files that were cases, and whether they may be about real people."""
    if not corpus:
        return ""
    counted = f"{corpus.get('files')} files of {corpus.get('directory')}, identifiers: {corpus.get('uids')}"
    return "; ".join(filter(None, (counted, corpus.get("note"))))


def words(value: Any) -> str:
    """A configured value as a reader expects it."""
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case Mapping():
            return ", ".join(" ".join(_claim(key, item)) for key, item in value.items())
        case Sequence():
            return ", ".join(words(item) for item in value) or "none"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


_ACRONYMS: Final = {"ae": "AE", "artim": "ARTIM", "sop": "SOP", "uid": "UID", "pdu": "PDU"}
_UNITS: Final = (("_s", "s"), ("_bytes", "bytes"), ("_mb", "MB"))


def _claim(key: object, value: Any) -> tuple[str, str]:
    """Name and value as read aloud: `artim_s`, 30 becomes `artim`, `30 s`."""
    name, shown = str(key), words(value)
    for suffix, unit in _UNITS:
        if name.endswith(suffix) and not isinstance(value, bool | None):
            name, shown = name.removesuffix(suffix), f"{shown} {unit}"
    return " ".join(_ACRONYMS.get(word, word) for word in name.split("_")), shown


def _first_seen(records: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """What was observed first, by requirement and verdict."""
    seen: dict[tuple[str, str], str] = {}
    for record in records:
        for finding in record["findings"]:
            seen.setdefault((finding["requirement"], finding["verdict"]), finding["actual"])
    return seen


def _topic(name: str, counts: Mapping[str, int], shown: Sequence[Verdict]) -> dict[str, Any]:
    cells = [{"verdict": str(verdict), "count": int(counts.get(verdict, 0))} for verdict in shown]
    return {"name": name, "cells": cells, "total": sum(counts.values())}
