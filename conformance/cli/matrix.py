"""`pacs-conformance matrix`: which storage SOP class is accepted in which transfer syntax, and nothing else."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.cli.errors import CommandError
from conformance.cli.values import ADDRESS, usage_error
from conformance.config import Address, Claims, ConfigError, Settings, load_settings
from conformance.driver.endpoint import Endpoint
from conformance.driver.recorder import Recorder
from conformance.evidence.matrix import matrix_csv
from conformance.evidence.text import clean
from conformance.observation.matrix import NOT_ASKED, WORDS, Matrix
from conformance.plugin.controller import START_DEADLINE_S, endpoint_of
from conformance.plugin.matrix import ask_matrix
from conformance.plugin.patience import Patience
from conformance.report.matrix import sentence
from conformance.report.matrix_order import (
    bands,
    refused_altogether,
    same_syntaxes,
    sections,
    short_class_name,
    short_syntax_name,
)
from conformance.target.base import RunningTarget, Target, TargetError
from conformance.target.embedded.settings import Settings as EmbeddedSettings
from conformance.target.embedded.target import EmbeddedTarget
from conformance.target.orthanc_container import DEFAULT_IMAGE, OrthancContainer
from conformance.target.orthanc_native import OrthancNative
from conformance.verdict import matrix as verdicts
from conformance.verdict import matrix_claims
from conformance.verdict.finding import Finding, Verdict

_STARTED: Final = ("embedded", "orthanc", "orthanc-native")
_STYLES: Final = {Verdict.FAIL: "bold red", Verdict.WARN: "yellow", Verdict.INFO: "cyan"}
_NOT_USABLE: Final = 3
_NAMED: Final = 12
"""SOP classes that are named of a group; the rest is counted."""


@click.command("matrix")
@click.argument("address", type=ADDRESS, required=False)
@click.option("--target", metavar="KIND", help="embedded, orthanc, orthanc-native or a target file (TOML).")
@click.option("--orthanc-image", metavar="IMAGE", help="Image for --target orthanc.")
@click.option("--calling-aet", metavar="AET", help="Our AE title.  [default: CONFORMANCE]")
@click.option("--timeout", metavar="SECONDS", help="How long an answer is waited for.  [default: 30]")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of tables.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV: a row for each SOP class, a column for each transfer syntax.")
def matrix(
    *,
    address: Address | None,
    target: str | None,
    orthanc_image: str | None,
    calling_aet: str | None,
    timeout: str | None,
    as_json: bool,
    as_csv: bool,
) -> int:
    """Ask for every storage SOP class in every transfer syntax, and show what is accepted. Nothing is stored.

    Exit codes: 0 all was asked, 1 a violation was found, 3 the target could not be asked, 4 usage.
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    settings = _settings(address, target, calling_aet, timeout)
    with _running(settings, target, orthanc_image) as endpoint:
        asked = _ask(endpoint)
    findings = _judge(asked, settings.claims)
    if asked.counts()[NOT_ASKED] == asked.pairs:
        raise CommandError(
            f"nothing could be asked: {'; '.join(asked.not_asked)}",
            exit_code=_NOT_USABLE,
            hint=f"pacs-conformance doctor {endpoint}",
        )
    if as_json:
        click.echo(json.dumps(_as_json(asked, endpoint, findings), indent=1, ensure_ascii=False))
    elif as_csv:
        click.echo(matrix_csv(asked), nl=False)
    else:
        _show(asked, endpoint, findings)
    return 1 if any(found.verdict is Verdict.FAIL for found in findings) else 0


def _settings(address: Address | None, target: str | None, calling_aet: str | None, timeout: str | None) -> Settings:
    file = None if target is None or target in _STARTED else Path(target)
    overrides = {
        "target.address": address,
        "target.calling_ae_title": calling_aet,
        "limits.timeout_s": timeout,
    }
    try:
        settings = load_settings(file=file, env={}, overrides=overrides)
    except ConfigError as error:
        raise usage_error(error) from None
    if target in _STARTED and address is not None:
        raise click.UsageError(f"both an address and the target {target!r} are given\nhint: leave one of them away")
    if target not in _STARTED and settings.target.address is None:
        raise click.UsageError(
            f"no target\nhint: give AET@HOST:PORT, --target {', --target '.join(_STARTED)}, or a file that names one"
        )
    return settings


@contextmanager
def _running(settings: Settings, kind: str | None, image: str | None) -> Iterator[Endpoint]:
    """The two ends, with a target of ours running between begin and end."""
    if kind not in _STARTED:
        address = settings.target.address
        assert address is not None
        yield endpoint_of(
            settings, RunningTarget(kind="remote", host=address.host, port=address.port, ae_title=address.aet)
        )
        return
    started: Target
    match kind:
        case "embedded":
            started = EmbeddedTarget(EmbeddedSettings(), move_destinations={})
        case "orthanc":
            started = OrthancContainer(image=image or DEFAULT_IMAGE, move_destination=None, notify=_say)
        case _:
            started = OrthancNative(move_destination=None)
    with tempfile.TemporaryDirectory(prefix="pacs-matrix-") as folder:
        try:
            yield endpoint_of(settings, started.start(Path(folder), deadline_s=START_DEADLINE_S))
        except TargetError as error:
            raise CommandError(str(error), exit_code=_NOT_USABLE, hint=error.hint) from None
        finally:
            started.stop()


def _ask(endpoint: Endpoint) -> Matrix:
    console = Console(stderr=True, highlight=False)
    with console.status(f"asking {escape(str(endpoint))}") as status:
        return ask_matrix(
            endpoint,
            Recorder(),
            Patience(),
            say=lambda label: status.update(f"asking {escape(str(endpoint))}: {label}"),
        )


def _judge(asked: Matrix, claims: Claims) -> tuple[Finding, ...]:
    """The findings of the scenarios that look at the same answers, but those that pass or do not apply."""
    findings = (
        verdicts.everything_asked(asked),
        verdicts.default_not_refused_for_syntax(asked),
        *verdicts.default_accepted(asked),
        *verdicts.companions_accepted(asked),
        verdicts.refusals_name_their_reason(asked),
        *verdicts.same_answer_again(asked),
        *matrix_claims.claimed_sop_classes(asked, claims),
        *matrix_claims.claimed_transfer_syntaxes(asked, claims),
        matrix_claims.nothing_unclaimed(asked, claims),
    )
    quiet = (Verdict.PASS, Verdict.NOT_APPLICABLE)
    return tuple(found for found in findings if found.verdict not in quiet)


def _as_json(asked: Matrix, endpoint: Endpoint, findings: tuple[Finding, ...]) -> dict[str, Any]:
    return {
        "target": str(endpoint),
        "pairs": asked.pairs,
        **asked.as_builtins(),
        "findings": [
            {
                "requirement": found.requirement,
                "verdict": str(found.verdict),
                "expected": list(found.expected),
                "actual": clean(found.actual),
                "note": found.note,
            }
            for found in findings
        ],
    }


def _show(asked: Matrix, endpoint: Endpoint, findings: tuple[Finding, ...]) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{escape(clean(str(endpoint)))}[/]  {sentence(asked)}\n")
    by_band = bands(asked.transfer_syntaxes)
    console.print(_overview(asked, by_band))
    for classes, syntaxes in same_syntaxes(asked):
        console.print(f"\n[bold]{_number(classes, 'SOP class', 'SOP classes')}[/]: {_names(classes)}")
        table = Table("accepted", "transfer syntaxes", box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for band, uids in by_band.items():
            having = [short_syntax_name(uid) for uid in uids if uid in syntaxes]
            if having:
                table.add_row(f"{band} {len(having)}/{len(uids)}", escape("; ".join(having)))
        console.print(table)
    refused = refused_altogether(asked)
    if refused:
        console.print(f"\n[bold]{len(refused)} not accepted[/]: {_names(refused)}")
    counts = asked.counts()
    console.print("\n" + ", ".join(f"{counts[answer]} {words}" for answer, words in WORDS.items() if counts[answer]))
    for found in findings:
        style = _STYLES.get(found.verdict, "magenta")
        words = clean(found.actual, limit_chars=None) + (f" ({found.note})" if found.note else "")
        console.print(f"[{style}]{found.verdict}[/] {found.requirement}: {escape(words)}")


def _overview(asked: Matrix, by_band: Mapping[str, tuple[str, ...]]) -> Table:
    """Sections of SOP classes against bands of transfer syntaxes: how many of the pairs are accepted."""
    table = Table("accepted pairs, %", "SOP classes", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for band in by_band:
        table.add_column(band, justify="right")
    accepted = asked.accepted()
    for name, classes in sections(asked.sop_classes).items():
        shares = []
        for uids in by_band.values():
            count = sum(uid in accepted[sop_class] for sop_class in classes for uid in uids)
            # A pair is not rounded away, and a missing one neither.
            share = 100 * count / (len(classes) * len(uids))
            shares.append("-" if not count else f"{min(max(share, 1), 100 if share == 100 else 99):.0f}")
        some = sum(bool(accepted[sop_class]) for sop_class in classes)
        table.add_row(name, f"{some} of {len(classes)}", *shares)
    return table


def _names(uids: Sequence[str]) -> str:
    names = [short_class_name(uid) for uid in uids[:_NAMED]]
    more = f"; {len(uids) - _NAMED} more are in --csv" if len(uids) > _NAMED else ""
    return escape(clean(", ".join(names), limit_chars=None)) + more


def _number(items: tuple[str, ...], one: str, several: str) -> str:
    return f"{len(items)} {one if len(items) == 1 else several}"


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
