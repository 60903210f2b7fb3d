"""What `pacs-conformance store` shows: counts as they change, a line for each trouble, and the end in numbers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from conformance.evidence.text import clean
from conformance.load.files import DicomFile, Skipped
from conformance.load.plan import Batch
from conformance.load.result import Fate, InstanceResult, Totals, by_words
from conformance.load.verify import Comparison, Likeness
from conformance.standard.sop_classes import sop_class_name
from conformance.standard.transfer_syntaxes import transfer_syntax_name

_LINE_EVERY_S: Final = 1.0
_SHOWN_DIFFERENCES: Final = 20


def new_console() -> Console:
    """Where everything is printed: text as it is, nothing in it interpreted, lines not broken."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


class View(Protocol):
    """Shows a sending while it goes on."""

    def show(self, result: InstanceResult) -> None:
        """An instance is through."""

    def notice(self, words: str) -> None:
        """Something happened that is no instance."""

    def tick(self, totals: Totals, sent_bytes: int) -> None:
        """The counts as they stand."""

    def close(self, totals: Totals, sent_bytes: int) -> None:
        """The counts as they are at the end."""


class TerminalView:
    """A progress bar with the counts beside it."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._began_s = time.perf_counter()
        self._progress = Progress(
            BarColumn(bar_width=20),
            TextColumn("{task.fields[counts]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task: TaskID = self._progress.add_task("", total=total, counts="")
        self._progress.start()

    def show(self, result: InstanceResult) -> None:
        """Print a line where there is something to say."""
        show_trouble(self._console, result)

    def notice(self, words: str) -> None:
        """Print a line."""
        self._console.print(clean(words), style="yellow")

    def tick(self, totals: Totals, sent_bytes: int) -> None:
        """Set the counts."""
        rate = sent_bytes / 1e6 / max(time.perf_counter() - self._began_s, 1e-3)
        self._progress.update(self._task, completed=totals.done, counts=f"{counts(totals)}, {rate:.1f} MB/s")

    def close(self, totals: Totals, sent_bytes: int) -> None:
        """Take the bar away."""
        self.tick(totals, sent_bytes)
        self._progress.stop()


class LineView:
    """A line with the counts, at most one a second, and one at the end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last_s = time.monotonic()
        self._last = ""

    def show(self, result: InstanceResult) -> None:
        """Print a line where there is something to say."""
        show_trouble(self._console, result)

    def notice(self, words: str) -> None:
        """Print a line."""
        self._console.print(clean(words))

    def tick(self, totals: Totals, sent_bytes: int) -> None:
        """Print the counts, once in a while and when they changed."""
        now_s = time.monotonic()
        line = f"{counts(totals)}, {sent_bytes / 1e6:.1f} MB sent"
        if now_s - self._last_s >= _LINE_EVERY_S and line != self._last:
            self._last_s, self._last = now_s, line
            self._console.print(line)

    def close(self, totals: Totals, sent_bytes: int) -> None:
        """Print the counts."""
        self._console.print(f"{counts(totals)}, {sent_bytes / 1e6:.1f} MB sent")


def make_view(console: Console, total: int) -> View:
    """What fits where the output goes."""
    return TerminalView(console, total) if console.is_terminal else LineView(console)


def counts(totals: Totals) -> str:
    """The counts in one line, as a C-MOVE counts its sub-operations."""
    return (
        f"remaining {totals.remaining}, completed {totals.completed}, failed {totals.failed}, warning {totals.warning}"
    )


def show_trouble(console: Console, result: InstanceResult) -> None:
    """One line for an instance that did not end in Success."""
    if result.fate not in (Fate.FAILED, Fate.WARNING):
        return
    parts = [f"{result.fate.upper()} {clean(result.path)}", clean(result.sop_instance_uid), clean(result.words)]
    if result.error_comment:
        parts.append(f'Error Comment: "{clean(result.error_comment)}"')
    if result.note:
        parts.append(clean(result.note))
    console.print("  ".join(part for part in parts if part), style="red" if result.fate is Fate.FAILED else "yellow")


def show_totals(
    console: Console, results: Sequence[InstanceResult], totals: Totals, skipped: Mapping[Skipped, int], seconds: float
) -> None:
    """The end of a sending in numbers."""
    responses = [r for r in results if r.status is not None]
    kinds = by_words(r for r in results if r.fate is not Fate.REMAINING)
    width = max((len(str(number)) for number in kinds.values()), default=1)
    for words, number in kinds.items():
        console.print(f"  {number:>{width}}  {clean(words)}")
    for words, number in by_words(r for r in results if r.fate is Fate.REMAINING).items():
        console.print(f"  {number:>{width}}  {clean(words)}")
    show_notes(console, results)
    show_skipped(console, skipped)
    acknowledged_bytes = totals.acknowledged_bytes
    seconds = max(seconds, 1e-6)
    console.print(
        f"{len(responses)} of {totals.total} instances answered in {seconds:.2f} s:"
        f" {len(responses) / seconds:.1f} instances/s, {acknowledged_bytes / 1e6 / seconds:.1f} MB/s"
        f" ({decimal(acknowledged_bytes)} acknowledged)"
    )


def show_notes(console: Console, items: Iterable[InstanceResult | DicomFile]) -> None:
    """What a reader should know of instances, each thing once."""
    notes: dict[str, int] = {}
    for item in items:
        if item.note:
            notes[item.note] = notes.get(item.note, 0) + 1
    for note, number in notes.items():
        console.print(f"note: {number} x {clean(note)}")


def show_skipped(console: Console, skipped: Mapping[Skipped, int]) -> None:
    """How many files were passed over, and why."""
    if skipped:
        console.print("skipped: " + ", ".join(f"{number} {reason}" for reason, number in sorted(skipped.items())))


def show_plan(console: Console, plan: Sequence[Batch], skipped: Mapping[Skipped, int]) -> None:
    """What would be sent."""
    kinds: dict[tuple[str, str], list[int]] = {}
    files = [file for batch in plan for file in batch.files]
    for file in files:
        kinds.setdefault((file.sop_class_uid, file.transfer_syntax_uid), []).append(file.data_set_bytes)
    for (sop_class, syntax), sizes in sorted(kinds.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        words = f"{sop_class_name(sop_class)}, {transfer_syntax_name(syntax)}"
        console.print(f"{len(sizes):>8}  {decimal(sum(sizes)):>10}  {clean(words)}")
    contexts = sum(len(batch.contexts) for batch in plan)
    studies = len({file.study_instance_uid for file in files})
    console.print(
        f"{len(files)} instances, {decimal(sum(file.data_set_bytes for file in files))}, studies: {studies},"
        f" presentation contexts: {contexts}, sets of them: {len(plan)}"
    )
    repeated = len(files) - len({file.sop_instance_uid for file in files})
    if repeated:
        console.print(f"note: {repeated} files have the SOP Instance UID of another file")
    show_notes(console, files)
    show_skipped(console, skipped)


def show_comparison(console: Console, comparison: Comparison) -> None:
    """What a read-back says of one instance: nothing where it is equal, or where it could not be seen at all."""
    unseen = comparison.likeness is Likeness.UNKNOWN and not comparison.differences
    if comparison.likeness is Likeness.EQUAL or unseen:
        return
    result = comparison.result
    words = f": {clean(comparison.words)}" if comparison.words else ""
    style = None if comparison.likeness.good else "red"
    line = f"{comparison.likeness.upper()} {clean(result.path)}  {clean(result.sop_instance_uid)}{words}"
    console.print(line, style=style)
    for difference in comparison.differences[:_SHOWN_DIFFERENCES]:
        mark = "legal" if comparison.is_legal(difference) else "NOT LEGAL"
        console.print(f"    {mark}: {clean(difference)}", style=style)
    more = len(comparison.differences) - _SHOWN_DIFFERENCES
    if more > 0:
        console.print(f"    and {more} more")


def show_verified(console: Console, comparisons: Sequence[Comparison], channel: str) -> None:
    """The end of a verification in numbers."""
    console.print(f"read back by {clean(channel)}:")
    numbers = {likeness: sum(c.likeness is likeness for c in comparisons) for likeness in Likeness}
    for likeness, number in numbers.items():
        if number:
            console.print(f"  {number:>6}  {likeness}")
    reasons = Counter(c.words for c in comparisons if c.likeness is Likeness.UNKNOWN)
    for words, number in reasons.most_common():
        console.print(f"  not verified: {number} x {clean(words)}")
