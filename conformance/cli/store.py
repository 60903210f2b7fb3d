"""`pacs-conformance store`: a person's own files pushed to a target, past whatever comes."""

from __future__ import annotations

import logging
import signal
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final

import click
from rich.console import Console

from conformance.cli.errors import CommandError
from conformance.cli.store_record import record_of, write_record
from conformance.cli.store_verify import check_readback, compare_all, opened_readback
from conformance.cli.store_view import (
    make_view,
    new_console,
    show_comparison,
    show_plan,
    show_totals,
    show_trouble,
    show_verified,
)
from conformance.cli.values import ADDRESS, usage_error
from conformance.config import Address, ConfigError, Settings, load_settings
from conformance.config.errors import shown
from conformance.driver.endpoint import Endpoint
from conformance.driver.recorder import Recorder
from conformance.load.bulk import BulkSend, Notice
from conformance.load.plan import Order, batches, ordered
from conformance.load.result import InstanceResult, Totals, never_tried
from conformance.load.search import Corpus, search
from conformance.load.verify import Comparison, Likeness
from conformance.preflight import run_preflight
from conformance.readback.base import ReadBack
from conformance.target.base import RunningTarget

_ALL_SUCCESS: Final = 0
_NOT_ALL_SUCCESS: Final = 1
_INTERRUPTED: Final = 2
_NOT_USABLE: Final = 3
_USAGE: Final = 4
_NOTHING_TO_SEND: Final = 5
_TICK_S: Final = 0.2
_CONNECT_TIMEOUT_S: Final = 10.0


@dataclass(slots=True, kw_only=True)
class _Outcome:
    """What happened so far."""

    totals: Totals
    results: list[InstanceResult] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    seconds: float = 0.0
    interrupted: bool = False
    trouble: str = ""


@click.command()
@click.argument("address", type=ADDRESS)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--calling-aet", metavar="AET", help="Our AE title.  [default: CONFORMANCE]")
@click.option("--timeout", metavar="SECONDS", help="How long an answer is waited for.  [default: 30]")
@click.option(
    "--associations", type=click.IntRange(1, 64), default=1, show_default=True, help="Associations used at a time."
)
@click.option(
    "--max-pdu",
    type=click.IntRange(4096, 2**31),
    metavar="BYTES",
    help="Maximum length announced, and longest PDU sent.  [default: 65536, and what the target takes]",
)
@click.option("--order", type=click.Choice([str(order) for order in Order]), default=str(Order.PATH), show_default=True)
@click.option("--verify", "verifies", is_flag=True, help="Read back what was sent, and compare.")
@click.option("--readback", metavar="HOW", help="auto, dimse, orthanc=URL, dicomweb=URL or dir=PATH.  [default: auto]")
@click.option("--move-aet", metavar="AET", help="AE title of our own storage SCP, as C-MOVE destination.")
@click.option("--move-port", metavar="PORT", help="Port of our own storage SCP.")
@click.option("--strict", is_flag=True, help="A warning is a failure.")
@click.option("--dry-run", is_flag=True, help="Only say what would be sent.")
@click.option("--json", "record", metavar="FILE", type=click.Path(path_type=Path), help="Record of every instance.")
def store(
    *,
    address: Address,
    paths: tuple[Path, ...],
    calling_aet: str | None,
    timeout: str | None,
    associations: int,
    max_pdu: int | None,
    order: str,
    verifies: bool,
    readback: str | None,
    move_aet: str | None,
    move_port: str | None,
    strict: bool,
    dry_run: bool,
    record: Path | None,
) -> int:
    """Push DICOM files, single or in folders, to a target; go on past warnings and failures.

    Exit codes: 0 all Success, 1 something failed (with --strict: or warned) or is not stored as sent, 2 interrupted,
    3 target not usable, 4 usage, 5 nothing to send.
    """
    settings = _settings(
        {
            "target.address": address,
            "target.calling_ae_title": calling_aet,
            "limits.timeout_s": timeout,
            "readback": readback,
            "readback.move_aet": move_aet,
            "readback.move_port": move_port,
        }
    )
    if verifies:
        check_readback(settings)
    _check_paths(paths, record)
    console = new_console()
    running = RunningTarget(kind="remote", host=address.host, port=address.port, ae_title=address.aet)
    endpoint = _endpoint(settings, address)
    with _quiet_about_files():
        corpus = _find(console, paths, record)
        plan = batches(ordered(corpus.files, Order(order)))
        if dry_run:
            _show_unsendable(console, corpus)
            show_plan(console, plan, corpus.skipped)
            return _ALL_SUCCESS if corpus.files else _NOTHING_TO_SEND
        if not corpus.files:
            _show_unsendable(console, corpus)
            show_plan(console, plan, corpus.skipped)
            raise CommandError(
                "nothing to send: no DICOM instance found",
                exit_code=_NOTHING_TO_SEND,
                hint="name files or folders that hold DICOM instances",
            )
        started_at = datetime.now(UTC).isoformat(timespec="seconds")
        _check_target(endpoint)
        outcome = _Outcome(totals=Totals(total=len(corpus.files) + len(corpus.unsendable)))
        with opened_readback(settings, running, endpoint) if verifies else nullcontext() as channel:
            _send(console, BulkSend(endpoint, plan, associations=associations, max_pdu_bytes=max_pdu), corpus, outcome)
            show_totals(console, outcome.results, outcome.totals, corpus.skipped, outcome.seconds)
            if channel is not None and not outcome.interrupted:
                _verify(console, channel, corpus, outcome)
    exit_code = _exit_code(outcome, strict=strict)
    if record is not None:
        _write(
            record,
            record_of(
                target=str(endpoint),
                calling_ae_title=endpoint.calling_ae_title,
                started_at=started_at,
                seconds=outcome.seconds,
                exit_code=exit_code,
                results=outcome.results,
                totals=outcome.totals,
                skipped=corpus.skipped,
                comparisons=outcome.comparisons,
            ),
        )
    if exit_code == _NOT_USABLE:
        raise CommandError(
            f"nothing was sent to {endpoint}: {outcome.trouble}",
            exit_code=exit_code,
            hint="`pacs-conformance doctor` looks at what the target accepts",
        )
    if outcome.interrupted:
        click.echo("interrupted", err=True)
    return exit_code


def _settings(overrides: dict[str, object]) -> Settings:
    try:
        return load_settings(file=None, env={}, overrides=overrides)
    except ConfigError as error:
        raise usage_error(error) from None


@contextmanager
def _quiet_about_files() -> Iterator[None]:
    """Oddities of foreign files are the target's to judge, and no news on a terminal."""
    logger = logging.getLogger("pydicom")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _endpoint(settings: Settings, address: Address) -> Endpoint:
    timeout_s = settings.limits.timeout_s
    return Endpoint(
        host=address.host,
        port=address.port,
        called_ae_title=address.aet,
        calling_ae_title=settings.target.calling_ae_title,
        timeout_s=timeout_s,
        connect_timeout_s=min(_CONNECT_TIMEOUT_S, timeout_s),
    )


def _check_paths(paths: Sequence[Path], record: Path | None) -> None:
    for path in paths:
        if not path.exists():
            raise CommandError(f"no such file or folder: {shown(str(path))}", exit_code=_USAGE)
    if record is not None and (record.is_dir() or not record.absolute().parent.is_dir()):
        hint = "name a file in an existing folder"
        raise CommandError(f"--json {shown(str(record))} cannot be written", exit_code=_USAGE, hint=hint)


def _find(console: Console, paths: Sequence[Path], record: Path | None) -> Corpus:
    """Look for files, with a count on a terminal.

    Raises:
        CommandError: The record would be written over one of them.
    """
    corpus = Corpus()
    with console.status("looking for DICOM files") as status:
        for found in search(paths):
            corpus.add(found)
            if len(corpus.files) % 100 == 0:
                status.update(f"looking for DICOM files: {len(corpus.files)}")
    if record is not None and record.exists():
        mine = record.resolve()
        if any(file.path.resolve() == mine for file in corpus.files):
            hint = "files that are sent are never written to; name another file"
            raise CommandError(f"--json {shown(str(record))} is one of the files to send", exit_code=_USAGE, hint=hint)
    return corpus


def _show_unsendable(console: Console, corpus: Corpus) -> None:
    for found in corpus.unsendable:
        show_trouble(console, never_tried(found))


def _check_target(endpoint: Endpoint) -> None:
    failure = run_preflight(endpoint, Recorder(), instance=None, fetch=None).failure
    if failure is not None:
        raise CommandError(
            f"target not usable: {failure.name}: {failure.actual}", exit_code=_NOT_USABLE, hint=failure.hint
        )


def _send(console: Console, send: BulkSend, corpus: Corpus, outcome: _Outcome) -> None:
    """Send everything, and keep what became of it."""
    view = make_view(console, outcome.totals.total)
    began_s = time.perf_counter()
    try:
        for found in corpus.unsendable:
            _keep(never_tried(found), outcome)
            view.show(outcome.results[-1])
        with _interrupting(send):
            for event in send.events(tick_s=_TICK_S):
                match event:
                    case InstanceResult():
                        _keep(event, outcome)
                        view.show(event)
                    case Notice(words=words):
                        view.notice(words)
                view.tick(outcome.totals, send.sent_bytes)
    finally:
        outcome.seconds = time.perf_counter() - began_s
        outcome.interrupted = send.interrupted
        outcome.trouble = send.trouble
        view.close(outcome.totals, send.sent_bytes)


def _keep(result: InstanceResult, outcome: _Outcome) -> None:
    outcome.results.append(result)
    outcome.totals.add(result)


@contextmanager
def _interrupting(send: BulkSend) -> Iterator[None]:
    """Ctrl-C ends the sending in order; a second one ends the program as usual."""

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        if send.interrupted:
            raise KeyboardInterrupt
        send.interrupt()

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _verify(console: Console, channel: ReadBack, corpus: Corpus, outcome: _Outcome) -> None:
    def keep(comparison: Comparison) -> None:
        outcome.comparisons.append(comparison)
        show_comparison(console, comparison)

    try:
        compare_all(channel, corpus.files, outcome.results, keep=keep)
    except KeyboardInterrupt:
        outcome.interrupted = True
    show_verified(console, outcome.comparisons, channel.name)


def _exit_code(outcome: _Outcome, *, strict: bool) -> int:
    totals = outcome.totals
    if outcome.interrupted:
        return _INTERRUPTED
    if totals.remaining and not any(result.status is not None for result in outcome.results) and not totals.failed:
        return _NOT_USABLE
    if totals.failed or totals.remaining or (strict and totals.warning):
        return _NOT_ALL_SUCCESS
    likenesses = {comparison.likeness for comparison in outcome.comparisons}
    if not all(likeness.good for likeness in likenesses) or (strict and Likeness.EXTENDED in likenesses):
        return _NOT_ALL_SUCCESS
    return _ALL_SUCCESS


def _write(path: Path, record: dict[str, object]) -> None:
    try:
        write_record(path, record)
    except OSError as error:
        raise CommandError(
            f"--json {shown(str(path))} cannot be written: {error.strerror or error}", exit_code=_NOT_USABLE
        ) from None
