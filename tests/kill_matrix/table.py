"""The results as a summary line and as Markdown."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

GOOD: Final = frozenset({"caught", "not accused", "played elsewhere"})
"""Outcomes that say nothing against the suite."""
_COUNTED: Final = frozenset({"caught", "not accused"})


def last_line(results: list[dict[str, Any]]) -> str:
    """How many faults were caught, and how many oddities accused."""
    count = Counter(r["kind"] for r in results)
    ends = Counter(r["outcome"] for r in results)
    return (
        f"faults caught {ends['caught']} of {count['fault']}, "
        f"oddities wrongly accused {ends['accused']} of {count['oddity']}"
    )


def markdown(results: list[dict[str, Any]], measured: str = "") -> str:
    """A summary by topic, what survived or was accused, every SCP, and what each scenario function catches."""
    lines = ["# Kill matrix", "", measured, "", last_line(results), "", *_topics(results)]
    others = [r for r in results if r["outcome"] not in _COUNTED]
    lines += ["", "## Survivors, accusations, and what was played elsewhere or not finished", ""]
    lines += [f"- {r['name']} ({r['kind']}): {r['outcome']}. {r.get('reason', '')}" for r in others] or ["None."]
    for kind in ("fault", "oddity"):
        lines += ["", f"## Each {kind}", "", "| name | topic | outcome | requirement: scenario |", "|---|---|---|---|"]
        for r in (r for r in results if r["kind"] == kind):
            hits = "; ".join(f"{requirement}: {scenario}" for requirement, scenario in r["hits"])
            lines.append(f"| {r['name']} | {r['topic']} | {r['outcome']} | {hits.replace('|', chr(92) + '|')} |")
    lines += ["", "## Scenario functions that were played", "", "| function | faults caught |", "|---|---|"]
    lines += [f"| {name} | {number} |" for name, number in sorted(functions(results).items())]
    return "\n".join(lines) + "\n"


def functions(results: list[dict[str, Any]]) -> Counter[str]:
    """How many faults each scenario function that was played catches; 0 for what catches nothing."""
    caught: Counter[str] = Counter()
    for r in results:
        caught.update(dict.fromkeys((s.partition("[")[0] for s in r.get("played", ())), 0))
        if r["kind"] == "fault":
            caught.update({s.partition("[")[0] for _, s in r["hits"]})
    return caught


def _topics(results: list[dict[str, Any]]) -> list[str]:
    lines = ["| topic | faults caught | oddities wrongly accused |", "|---|---|---|"]
    for topic in sorted({r["topic"] for r in results}):
        here = [(r["kind"], r["outcome"]) for r in results if r["topic"] == topic]
        faults, oddities = (sum(kind == wanted for kind, _ in here) for wanted in ("fault", "oddity"))
        caught, accused = here.count(("fault", "caught")), here.count(("oddity", "accused"))
        lines.append(f"| {topic} | {caught} of {faults} | {accused} of {oddities} |")
    return lines
