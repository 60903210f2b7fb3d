"""What the pytest plugin hands to pytest-html: the summary, the cells and the details of each row.

pytest-html inserts all of it as HTML, so everything is made by templates that escape. The plugin calls:
`report_title` in pytest_html_report_title, `stylesheets` for --css, `table_header_cells` and `table_row_cells` in the
hooks of those names, `row_html` for the extra of a scenario (in makereport of the call phase: what teardown adds is
lost), `summary_html` in pytest_html_results_summary.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from conformance.evidence.text import clean
from conformance.report.environment import environment
from conformance.report.grouped import first_deviation, rank
from conformance.report.matrix import matrix_view
from conformance.report.views import run_view
from conformance.verdict.finding import Verdict

ROW_LIMIT_BYTES: Final = 20_000
COLLAPSED_OUTCOMES: Final = "passed,skipped,xfailed,xpassed,rerun"
"""For pytest-html's `render_collapsed`: rows that failed or broke are open."""

_GRAVE: Final = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.ERROR, Verdict.WAIVED, Verdict.INCONCLUSIVE})
_ARROWS: Final = {"sent": "→ sent", "received": "← received", "event": "event", "left out": "…"}
_CELL: Final = re.compile(r"<td[^>]*>(.*)</td>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Caps:
    """How much of a record a row shows."""

    grave: int
    mild: int
    associations: int
    contexts: int
    syntaxes: int
    lines: int
    short: int
    text_chars: int


_CAPS: Final = (
    _Caps(grave=12, mild=20, associations=4, contexts=24, syntaxes=12, lines=60, short=10, text_chars=600),
    _Caps(grave=8, mild=12, associations=3, contexts=12, syntaxes=6, lines=36, short=8, text_chars=400),
    _Caps(grave=6, mild=6, associations=2, contexts=8, syntaxes=4, lines=20, short=5, text_chars=300),
    _Caps(grave=4, mild=3, associations=1, contexts=5, syntaxes=3, lines=10, short=3, text_chars=160),
    _Caps(grave=2, mild=1, associations=1, contexts=2, syntaxes=2, lines=4, short=1, text_chars=100),
)


def report_title(header: Mapping[str, Any]) -> str:
    """The title of report.html, as text."""
    target = header.get("target") or {}
    return clean(f"DICOM conformance: {target.get('name') or target.get('address') or 'unknown target'}")


def stylesheets() -> list[Path]:
    """The style sheets for pytest-html's --css, in their order."""
    folder = files("conformance.report") / "templates"
    paths = []
    for name in ("base.css", "matrix.css", "pytest_html.css"):
        with as_file(folder / name) as path:
            paths.append(path)
    return paths


def summary_html(results: Mapping[str, Any]) -> str:
    """What stands above the table of scenarios: verdict, target, claims, topics, requirements.

    Args:
        results: What results.json holds.
    """
    return environment().get_template("summary.html.j2").render(view=run_view(results), matrix=matrix_view(results))


def table_header_cells() -> list[str]:
    """The header of the table; replaces pytest-html's own, whose first column it keeps."""
    return [
        '<th class="sortable pc-col-result" data-column-type="result">Result</th>',
        '<th class="sortable pc-col-verdict" data-column-type="verdict">Verdict</th>',
        '<th class="sortable pc-col-topic" data-column-type="topic">Topic</th>',
        '<th class="sortable pc-col-test" data-column-type="testId">Scenario</th>',
        '<th class="sortable pc-col-requirement" data-column-type="requirement">Requirement</th>',
        '<th class="pc-col-clause">Clause</th>',
        '<th class="sortable pc-col-duration" data-column-type="duration">Duration</th>',
    ]


def table_row_cells(record: Mapping[str, Any] | None, *, cells: Sequence[str], nodeid: str) -> list[str]:
    """The cells of a scenario; one for each of `table_header_cells`.

    Args:
        record: The scenario's record; None where there is none, as after a fault in setup.
        cells: pytest-html's own cells: result, test, duration, links.
        nodeid: The test's node id.
    """
    result = _cell_text(cells[0]) if cells else ""
    duration = _cell_text(cells[2]) if len(cells) > 2 else ""
    verdict = topic = requirement = clause = ""
    title = Markup("")
    if record is not None:
        verdict, topic = record["verdict"], record["topic"]
        title = Markup('<span class="pc-title">{}</span>').format(_plain(record["title"]))
        decisive = first_deviation(record)
        if decisive is not None and decisive["verdict"] in _GRAVE:
            requirement, clause = decisive["requirement"], decisive["clause"]
        else:
            requirement = ", ".join(record["requirements"][:4])
            clause = decisive["clause"] if decisive is not None else ""
    badge = Markup('<span class="pc-v pc-{}">{}</span>').format(verdict, verdict.replace("_", " ")) if verdict else ""
    return [
        # pytest-html filters and sorts by what it finds inside these two, so they hold text alone.
        Markup('<td class="col-result">{}</td>').format(result),
        Markup('<td class="col-verdict">{}</td>').format(badge),
        Markup('<td class="col-topic">{}</td>').format(_plain(topic)),
        Markup('<td class="col-testId">{}<code>{}</code></td>').format(title, _plain(nodeid)),
        Markup('<td class="col-requirement">{}</td>').format(_plain(requirement)),
        Markup('<td class="col-clause">{}</td>').format(_plain(clause)),
        Markup('<td class="col-duration">{}</td>').format(duration),
    ]


def row_html(record: Mapping[str, Any], *, header: Mapping[str, Any] | None = None) -> str:
    """The details of a scenario, at most `ROW_LIMIT_BYTES` of UTF-8.

    Args:
        record: The scenario's record.
        header: The run's header, from which the command that runs the scenario again is made.
    """
    text = ""
    for caps in _CAPS:
        text = _row(record, caps, again(record, header) if header else "")
        if len(text.encode("utf-8")) <= ROW_LIMIT_BYTES:
            return text
    return (
        environment()
        .from_string('<div class="pc"><p>{{ t }}</p></div>')
        .render(t="This scenario's record is too large to be shown here; it is in results.json.")
    )


def again(record: Mapping[str, Any], header: Mapping[str, Any]) -> str:
    """The command that runs one scenario again from a checkout."""
    address = (header.get("target") or {}).get("address")
    if not address:
        return ""
    options = ["pytest", f"scenarios/{record['id'].removeprefix('scenarios/')}", "--pacs", str(address)]
    for option in ("seed", "level"):
        if header.get(option) is not None:
            options += [f"--pacs-{option}", str(header[option])]
    return clean(shlex.join(options), limit_chars=400)


def _row(record: Mapping[str, Any], caps: _Caps, reproduce: str) -> str:
    shown = _cut(record, caps.text_chars)
    findings = sorted(shown["findings"], key=lambda f: rank(f["verdict"]))
    grave = [f | _short_lists(f, caps) for f in findings if f["verdict"] in _GRAVE]
    mild = [f | _short_lists(f, caps) for f in findings if f["verdict"] not in _GRAVE]
    more = max(0, len(grave) - caps.grave) + max(0, len(mild) - caps.mild) + shown["findings_left_out"]
    capture = shown.get("capture") or ""
    return (
        environment()
        .get_template("row.html.j2")
        .render(
            r=shown
            | {
                "stimulus": _first(shown["stimulus"], caps.short),
                "notes": _first(shown["notes"], caps.short),
                "capture": capture if capture.startswith("wire/") else "",
            },
            caps=caps,
            grave=grave[: caps.grave],
            mild=mild[: caps.mild],
            findings_more=more,
            associations=shown["associations"][: caps.associations],
            associations_more=max(0, len(shown["associations"]) - caps.associations) + shown["associations_left_out"],
            lines=_ends(shown["timeline"], caps.lines),
            several=len(shown["connections"]) > 1,
            arrows=_ARROWS,
            reproduce=reproduce,
        )
    )


def _cell_text(cell: str) -> str:
    """The text of a cell that pytest-html made: it holds an outcome or a duration, without markup."""
    found = _CELL.search(cell)
    return _plain(unescape(found[1])) if found else ""


def _plain(text: str) -> str:
    return clean(text, limit_chars=400)


def _short_lists(finding: Mapping[str, Any], caps: _Caps) -> dict[str, Any]:
    return {"expected": _first(finding["expected"], caps.short + 4), "evidence": finding["evidence"][: caps.short]}


def _first(values: Sequence[str], count: int) -> list[str]:
    more = len(values) - count
    return [*values[:count], f"… and {more} more"] if more > 0 else list(values)


def _ends(lines: Sequence[Mapping[str, Any]], limit: int) -> list[Mapping[str, Any]]:
    if len(lines) <= limit:
        return list(lines)
    half = limit // 2
    gap = {
        "connection": "",
        "t_s": lines[half]["t_s"],
        "direction": "left out",
        "pdu": "",
        "bytes": 0,
        "summary": f"{len(lines) - limit + 1} lines are in results.json",
        "head": "",
    }
    return [*lines[:half], gap, *lines[len(lines) - limit + half + 1 :]]


def _cut(value: Any, limit_chars: int) -> Any:
    """The same tree with every string cut."""
    match value:
        case str():
            return value if len(value) <= limit_chars else value[: limit_chars - 1] + "…"
        case Mapping():
            return {key: _cut(item, limit_chars) for key, item in value.items()}
        case list() | tuple():
            return [_cut(item, limit_chars) for item in value]
        case _:
            return value
