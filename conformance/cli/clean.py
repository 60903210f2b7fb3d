"""`pacs-conformance clean`: what a run left on its target, listed and, where the read-back can, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import click

from conformance.cli.errors import CommandError
from conformance.cli.values import USAGE_EXIT_CODE, usage_error
from conformance.config import ConfigError, ReadbackMethod, Settings, load_settings
from conformance.evidence.journal import Created, created
from conformance.evidence.results import ResultsError, read_results
from conformance.evidence.text import clean as cleaned
from conformance.observation.exchanges import Sent
from conformance.observation.stored import Stored
from conformance.readback.base import ReadBack
from conformance.readback.orthanc import OrthancReadBack

_LEFT: Final = 3


@click.command()
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option("--list", "only_list", is_flag=True, help="List every instance, and delete nothing.")
@click.option(
    "--readback", metavar="HOW", help="orthanc=URL deletes; without it the list is for the PACS's administrator."
)
@click.option("--timeout", metavar="SECONDS", help="How long an answer is waited for.  [default: 30]")
@click.option("--yes", is_flag=True, help="Delete without asking.")
def clean(*, run_dir: Path, only_list: bool, readback: str | None, timeout: str | None, yes: bool) -> int:
    """List what a run stored on its target, and delete it where the read-back channel can.

    A run that was killed is cleaned up after as well. Nothing is deleted but instances with exactly the SOP Instance
    UIDs that the run gave.
    """
    results = _results_of(run_dir)
    left = created(run_dir, results)
    settings = _settings(readback, timeout)
    if not left:
        click.echo("the run left nothing on the target")
        return 0
    _show(left, results, each=only_list)
    if only_list:
        return 0
    if settings.readback.method is not ReadbackMethod.ORTHANC or settings.readback.orthanc_url is None:
        _show_how(results)
        return 0
    ours = [one for one in left if one.is_ours]
    if not yes:
        click.confirm(f"Delete {_counted(len(ours))}?", abort=True, err=True)
    channel = _channel(settings)
    try:
        return _delete(channel, ours, others=len(left) - len(ours))
    finally:
        channel.close()


def _results_of(run_dir: Path) -> dict[str, Any]:
    path = run_dir / "results.json"
    try:
        results = read_results(path)
    except OSError as error:
        raise _no_run(run_dir, error.strerror or str(error)) from None
    except ResultsError as error:
        raise _no_run(run_dir, str(error).partition("\n")[0]) from None
    if not isinstance(results.get("seed"), int) or not isinstance(results.get("target"), dict):
        raise _no_run(run_dir, "results.json has no seed or no target")
    return results


def _no_run(run_dir: Path, reason: str) -> CommandError:
    return CommandError(
        f"{str(run_dir)!r} is no folder of a run: {reason}",
        exit_code=USAGE_EXIT_CODE,
        hint="name the folder of a run, such as reports/20260101T120000Z-pacs",
    )


def _settings(readback: str | None, timeout: str | None) -> Settings:
    try:
        return load_settings(file=None, env={}, overrides={"readback": readback, "limits.timeout_s": timeout})
    except ConfigError as error:
        raise usage_error(error) from None


def _channel(settings: Settings) -> ReadBack:
    configured = settings.readback
    assert configured.orthanc_url is not None
    password = configured.password.get_secret_value() if configured.password else ""
    auth = None if configured.user is None else (configured.user, password)
    return OrthancReadBack(configured.orthanc_url, auth=auth, timeout_s=settings.limits.timeout_s, latency_s=0.0)


def _show(left: Sequence[Created], results: dict[str, Any], *, each: bool) -> None:
    target = results["target"]
    where = f"{cleaned(target.get('name', ''))} ({cleaned(target.get('address', ''))})"
    click.echo(f"{_counted(len(left))} may be on {where}")
    placed = sorted(left, key=lambda one: (one.patient_id, one.study_instance_uid))
    for (patient, study), found in groupby(placed, key=lambda one: (one.patient_id, one.study_instance_uid)):
        instances = list(found)
        place = f"Patient ID {cleaned(patient)}  Study Instance UID {cleaned(study)}" if study else "place not known"
        click.echo(f"{place}  {_counted(len(instances))}")
        for one in instances if each else ():
            click.echo(f"  {cleaned(one.sop_instance_uid)}  {cleaned(one.status)}  {cleaned(one.scenario)}")


def _counted(count: int) -> str:
    return "1 instance" if count == 1 else f"{count} instances"


def _show_how(results: dict[str, Any]) -> None:
    kind = results["target"].get("kind")
    if kind not in ("remote", None):
        click.echo(f"the target, {cleaned(kind)}, was started by the run, and what it stored goes with it")
        if (results.get("summary") or {}).get("finished_at") is None:
            click.echo(
                "the run did not end, so the target may still be there: "
                f"{cleaned(results['target'].get('description') or 'nothing is known of it')}\nhint: stop it"
            )
        return
    click.echo(
        "nothing is deleted: DIMSE has no service for it\n"
        "hint: give --readback orthanc=URL, or hand this list to the administrator of the PACS (--list names each "
        "SOP Instance UID)"
    )


def _delete(channel: ReadBack, ours: Sequence[Created], *, others: int) -> int:
    uids = [one.sop_instance_uid for one in ours]
    deleted = channel.delete(uids)
    rest = sorted(set(uids) - set(deleted))
    remaining = _remaining(channel, rest)
    click.echo(f"{len(deleted)} deleted, {len(rest) - len(remaining)} were not there, {len(remaining)} may remain")
    for uid in remaining:
        click.echo(f"  {cleaned(uid)}")
    if others:
        click.echo(f"{others} were sent under UIDs that others may have given as well; they are left alone: see --list")
    return _LEFT if remaining else 0


def _remaining(channel: ReadBack, uids: Sequence[str]) -> list[str]:
    """Those that are there, or that nothing is known of; a channel that gives no answer is not asked again."""
    remaining: list[str] = []
    for position, uid in enumerate(uids):
        outcome = channel.find(
            Sent(label="", sop_class_uid="", sop_instance_uid=uid, transfer_syntax_uid="", data_set_bytes=0, sha256="")
        )
        if not isinstance(outcome, Stored):
            return [*remaining, *uids[position:]]
        if outcome.listed:
            remaining.append(uid)
    return remaining
