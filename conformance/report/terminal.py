"""The end of a run on a terminal: one screen that says what was found, what deviates and where the report is."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console, OverflowMethod, RenderableType
from rich.table import Table
from rich.text import Text

from conformance.evidence.summary import Overall
from conformance.evidence.text import clean
from conformance.report.grouped import VERDICT_ORDER, Deviation, deviations, scenario_name
from conformance.verdict.finding import Verdict

LINES: Final = 40
WIDTH: Final = 100
_TOPIC_ROWS: Final = 12
_ERROR_LINES: Final = 3
_NAME_CHARS: Final = 12
"""A scenario's name is shown where there is room for this much of it."""
_STYLES: Final[Mapping[str, str]] = {
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.WARN: "yellow",
    Verdict.WAIVED: "cyan",
    Verdict.INCONCLUSIVE: "magenta",
    Verdict.PASS: "green",
    Overall.CONFORMANT: "bold green",
    Overall.CONFORMANT_WITH_WAIVERS: "bold green",
    Overall.NOT_CONFORMANT: "bold red",
}
_HEADINGS: Final[Mapping[str, str]] = {Verdict.NOT_APPLICABLE: "N/A", Verdict.INCONCLUSIVE: "INCONCL"}


def print_summary(results: Mapping[str, Any], *, report: Path | str, console: Console | None = None) -> None:
    """Write the summary of a run to a console; plain text where it is no terminal or NO_COLOR is set."""
    target = console or Console(highlight=False)
    width = min(target.width, WIDTH) if target.is_terminal else WIDTH
    for part in _parts(results, report=str(report), width=width):
        _print(target, part)


def summary_text(results: Mapping[str, Any], *, report: Path | str, width: int = WIDTH, color: bool = False) -> str:
    """The same as a string, with a line feed at its end.

    Args:
        results: What results.json holds.
        report: Where the report is.
        width: Columns to fill at most.
        color: Whether to use ANSI colours.
    """
    console = Console(
        file=io.StringIO(), width=width, force_terminal=color, no_color=not color, highlight=False, legacy_windows=False
    )
    with console.capture() as capture:
        for part in _parts(results, report=str(report), width=width):
            _print(console, part)
    return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"


def _print(console: Console, part: RenderableType) -> None:
    """Lines have been cut to the width, but for the report's path, which is never cut; a table cuts its own cells."""
    overflow: OverflowMethod = "ignore" if isinstance(part, Text) else "ellipsis"
    console.print(part, markup=False, highlight=False, no_wrap=True, overflow=overflow, crop=False)


def _parts(results: Mapping[str, Any], *, report: str, width: int) -> list[RenderableType]:
    summary = results["summary"]
    records: Sequence[Mapping[str, Any]] = results["scenarios"]
    head: list[RenderableType] = [_first_line(summary, width), *_target_lines(results, width)]
    head += [_line(line, width, "red") for line in clean(summary["diagnosis"], newlines=True).splitlines()[:4]]
    topics = _topics(summary)
    tail = [_line(f"report  {clean(report, limit_chars=None)}", max(width, len(report) + 8))]
    used = len(head) + (topics.row_count + 3 if topics else 0) + len(tail) + 1
    body = _deviation_lines(records, summary, width=width, room=LINES - used)
    blank = Text("")
    return [*head, *((blank, topics) if topics else ()), blank, *body, *((blank,) if body else ()), *tail]


def _line(text: str, width: int, style: str = "") -> Text:
    line = Text(clean(text, limit_chars=None), style=style)
    line.truncate(width, overflow="ellipsis")
    return line


def _first_line(summary: Mapping[str, Any], width: int) -> Text:
    overall = str(summary["overall"])
    count = summary["scenarios"]
    line = Text(overall.upper(), style=_STYLES.get(overall, "bold"))
    verdicts = ", ".join(f"{summary['verdicts'][v]} {v}" for v in VERDICT_ORDER if v in summary["verdicts"])
    line.append(f"  {count} scenario{'s' * (count != 1)}{': ' if verdicts else ''}{verdicts}", style="default")
    line.truncate(width, overflow="ellipsis")
    return line


def _target_lines(results: Mapping[str, Any], width: int) -> list[RenderableType]:
    target = results.get("target") or {}
    product = " ".join(str(target[key]) for key in ("vendor", "product", "version") if target.get(key))
    implementation = ", ".join(
        str(target[key]) for key in ("implementation_version_name", "implementation_class_uid") if target.get(key)
    )
    name = ", ".join(part for part in (str(target.get("name") or ""), product) if part)
    first = f"target  {target.get('address') or 'unknown'}" + (f"  {name}" if name else "")
    if implementation:
        first += f"  ({implementation})"
    run = "  ".join(
        f"{label} {results[key]}" for key, label in (("level", "level"), ("seed", "seed")) if key in results
    )
    channel = results.get("readback")
    channel = channel.get("channel") if isinstance(channel, Mapping) else channel
    second = f"run     {run}  read-back {channel or 'none'}"
    return [_line(first, width), _line(second, width)]


def _topics(summary: Mapping[str, Any]) -> Table | None:
    topics: Mapping[str, Mapping[str, int]] = summary["topics"]
    if not topics:
        return None
    shown = [v for v in VERDICT_ORDER if v in summary["verdicts"]]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("topic", max_width=30, no_wrap=True, overflow="ellipsis")
    for verdict in shown:
        table.add_column(_HEADINGS.get(verdict, str(verdict)), justify="right", no_wrap=True)
    table.add_column("all", justify="right", no_wrap=True)
    rows = list(topics.items())
    if len(rows) > _TOPIC_ROWS:
        rest: Counter[str] = Counter()
        for _, counts in rows[_TOPIC_ROWS - 1 :]:
            rest.update(counts)
        rows = [*rows[: _TOPIC_ROWS - 1], (f"{len(rows) - _TOPIC_ROWS + 1} more topics", rest)]
    for topic, counts in rows:
        cells = [_cell(counts.get(verdict, 0), verdict) for verdict in shown]
        table.add_row(Text(clean(topic)), *cells, Text(str(sum(counts.values()))))
    return table


def _cell(count: int, verdict: str) -> Text:
    return Text(str(count), style=_STYLES.get(verdict, "")) if count else Text("·", style="dim")


def _deviation_lines(
    records: Sequence[Mapping[str, Any]], summary: Mapping[str, Any], *, width: int, room: int
) -> list[RenderableType]:
    fails = [_deviation(d, width) for d in deviations(records, Verdict.FAIL)]
    warns = [_short(d, width) for d in deviations(records, Verdict.WARN)]
    waived = [_short(d, width) for d in deviations(records, Verdict.WAIVED)]
    errors = [_error(r, width) for r in records if r["verdict"] == Verdict.ERROR]
    inconclusive = _inconclusive(records, summary, width)
    room -= len(inconclusive)
    lines = _fitting(errors, min(room, _ERROR_LINES), "ERROR scenarios")
    room -= len(lines)
    share = room if not warns else max(room - min(len(warns) + len(waived), 6), room // 2)
    lines += (failed := _fitting(fails, share, "requirements with a FAIL"))
    lines += _fitting([*waived, *warns], room - len(failed), "requirements with a WARN or a waiver")
    return [*lines, *inconclusive]


def _fitting(lines: list[Text], room: int, what: str) -> list[RenderableType]:
    if len(lines) <= room:
        return list(lines)
    kept = lines[: max(0, room - 1)]
    return [*kept, Text(f"… and {len(lines) - len(kept)} more {what}; all are in the report", style="dim")]


def _deviation(deviation: Deviation, width: int) -> Text:
    count = len(deviation.scenarios)
    scenarios = f"{count} scenario{'s' * (count != 1)}"
    clause = deviation.clause.partition(";")[0]
    lead = f"{deviation.verdict} {deviation.requirement} {_cut(clause, 32)}: "
    actual = _cut(deviation.actual, max(20, width - len(lead) - len(scenarios) - 3))
    room = width - len(lead) - len(actual) - len(scenarios) - len(" (, first: )")
    first = f", first: {_cut(scenario_name(deviation.scenarios[0]), room)}" if room >= _NAME_CHARS else ""
    line = Text(clean(lead + actual, limit_chars=None))
    line.stylize(_STYLES.get(deviation.verdict, ""), 0, len(deviation.verdict))
    line.append(f" ({scenarios}{first})", style="dim")
    line.truncate(width, overflow="ellipsis")
    return line


def _short(deviation: Deviation, width: int) -> Text:
    count = len(deviation.scenarios)
    times = f" ({count} scenarios)" if count > 1 else ""
    line = _line(f"{deviation.verdict} {deviation.requirement}: {_cut(deviation.actual, 70)}{times}", width)
    line.stylize(_STYLES.get(deviation.verdict, ""), 0, len(deviation.verdict))
    return line


def _error(record: Mapping[str, Any], width: int) -> Text:
    last = (record["error"] or "no reason kept").strip().splitlines()[-1]
    return _line(f"ERROR {_cut(scenario_name(record['id']), 44)}: {last}", width, _STYLES[Verdict.ERROR])


def _inconclusive(records: Sequence[Mapping[str, Any]], summary: Mapping[str, Any], width: int) -> list[RenderableType]:
    count = summary["verdicts"].get(Verdict.INCONCLUSIVE, 0)
    if not count:
        return []
    reasons = Counter(
        finding["note"] or finding["actual"]
        for record in records
        if record["verdict"] == Verdict.INCONCLUSIVE
        for finding in record["findings"]
        if finding["verdict"] == Verdict.INCONCLUSIVE
    )
    reason = f", most often: {reasons.most_common(1)[0][0]}" if reasons else ""
    return [_line(f"INCONCLUSIVE {count} scenario{'s' * (count != 1)}{reason}", width)]


def _cut(text: str, limit: int) -> str:
    text = clean(text, limit_chars=None)
    return text if len(text) <= limit else text[: max(1, limit - 1)] + "…"
