"""`pacs-conformance doctor`: the preflight alone."""

from __future__ import annotations

import secrets
from typing import Final

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.cli.errors import CommandError
from conformance.cli.values import ADDRESS, USAGE_EXIT_CODE, usage_error
from conformance.config import Address, ConfigError, Settings, load_settings
from conformance.driver.endpoint import Endpoint
from conformance.driver.recorder import Recorder
from conformance.evidence.text import clean
from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.observation.exchanges import Sent
from conformance.observation.stored import ReadBackOutcome
from conformance.plugin.controller import endpoint_of
from conformance.plugin.readbacks import choose_plan, start_move_scp
from conformance.preflight import Preflight, StepState, run_preflight
from conformance.readback.base import ReadBack
from conformance.readback.move_scp import MoveSpool
from conformance.target.base import RunningTarget, TargetError

_MARKS: Final = {StepState.OK: "[green]ok[/]", StepState.NOTED: "[yellow]noted[/]", StepState.FAILED: "[red]failed[/]"}


@click.command()
@click.argument("address", type=ADDRESS)
@click.option("--calling-aet", metavar="AET", help="Our AE title.  [default: CONFORMANCE]")
@click.option("--readback", metavar="HOW", help="auto, dimse, orthanc=URL, dir=PATH or none.  [default: auto]")
@click.option("--move-aet", metavar="AET", help="AE title of our own storage SCP, as C-MOVE destination.")
@click.option("--move-port", metavar="PORT", help="Port of our own storage SCP.")
@click.option("--timeout", metavar="SECONDS", help="How long an answer is waited for.  [default: 30]")
@click.option("--no-store", is_flag=True, help="Store nothing.")
def doctor(
    *,
    address: Address,
    calling_aet: str | None,
    readback: str | None,
    move_aet: str | None,
    move_port: str | None,
    timeout: str | None,
    no_store: bool,
) -> int:
    """Look at a target: name, TCP, association, C-ECHO, one store and read-back, and who it says it is."""
    overrides = {
        "target.address": address,
        "target.calling_ae_title": calling_aet,
        "readback": readback,
        "readback.move_aet": move_aet,
        "readback.move_port": move_port,
        "limits.timeout_s": timeout,
    }
    try:
        settings = load_settings(file=None, env={}, overrides=overrides)
    except ConfigError as error:
        raise usage_error(error) from None
    running = RunningTarget(kind="remote", host=address.host, port=address.port, ae_title=address.aet)
    endpoint = endpoint_of(settings, running)
    try:
        move = start_move_scp(settings, "remote")
    except TargetError as error:
        raise CommandError(str(error), exit_code=USAGE_EXIT_CODE, hint=error.hint) from None
    try:
        found = _look(settings, running, endpoint, move.spool if move else None, store=not no_store)
    finally:
        if move is not None:
            move.stop()
    show(found, str(endpoint))
    return 0 if found.failure is None else 3


def _look(
    settings: Settings, running: RunningTarget, endpoint: Endpoint, spool: MoveSpool | None, *, store: bool
) -> Preflight:
    source = IdentitySource(seed=secrets.randbelow(2**32), scope="doctor")
    instance = catalogue.build("CTImageStorage", source.new()) if store else None
    channels: list[ReadBack] = []

    def fetch(sent: Sent) -> ReadBackOutcome:
        channels.append(choose_plan(settings, running, endpoint, spool).open(endpoint))
        return channels[0].find(sent, expect=True)

    try:
        found = run_preflight(endpoint, Recorder(), instance=instance, fetch=fetch)
        for channel in channels:
            if instance is not None:
                channel.delete([instance.sop_instance_uid])
    finally:
        for channel in channels:
            channel.close()
    return found


def show(found: Preflight, address: str) -> None:
    """Print what the preflight found."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{escape(clean(address))}[/]")
    for step in found.steps:
        console.print(f"  {_MARKS[step.state]:>6}  {step.name}: {escape(clean(step.actual))}")
        if step.hint:
            console.print(f"          hint: {escape(clean(step.hint))}")
    if not found.contexts:
        return
    maximum = {None: "not announced", 0: "no limit"}.get(found.maximum_length, f"{found.maximum_length} bytes")
    console.print(f"  implementation class UID: {escape(clean(found.implementation_class_uid or 'not sent'))}")
    console.print(f"  implementation version name: {escape(clean(found.implementation_version_name or 'not sent'))}")
    console.print(f"  maximum length: {maximum}")
    table = Table("presentation context", "answer", box=None, pad_edge=False)
    for name, answer in found.contexts:
        table.add_row(f"  {escape(clean(name))}", escape(clean(answer)))
    console.print(table)
