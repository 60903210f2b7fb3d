"""The results as a summary line and as Markdown."""

from __future__ import annotations

from collections import Counter
from typing import Any


def last_line(results: list[dict[str, Any]]) -> str:
    """How many faults were caught, and how many oddities accused."""
    count = Counter(r["kind"] for r in results)
    ends = Counter(r["outcome"] for r in results)
    return (
        f"faults caught {ends['caught']} of {count['fault']}, "
        f"oddities wrongly accused {ends['accused']} of {count['oddity']}"
    )


def markdown(results: list[dict[str, Any]]) -> str:
    """Every SCP with its outcome, and how many faults each scenario function catches."""
    lines = ["# Kill matrix", "", last_line(results), "", "| SCP | topic | outcome | requirement: scenario |"]
    lines.append("|---|---|---|---|")
    functions: Counter[str] = Counter()
    for r in results:
        hits = "; ".join(f"{requirement}: {scenario}" for requirement, scenario in r["hits"]).replace("|", "\\|")
        lines.append(f"| {r['name']} | {r['topic']} | {r['outcome']} | {hits or r.get('reason', '')} |")
        if r["kind"] == "fault":
            functions.update(dict.fromkeys((s.partition("[")[0] for s in r.get("played", ())), 0))
            functions.update({s.partition("[")[0] for _, s in r["hits"]})
    lines += ["", "| scenario function | faults caught |", "|---|---|"]
    lines += [f"| {name} | {number} |" for name, number in sorted(functions.items())]
    return "\n".join(lines) + "\n"
