"""The command group, and what is common to its commands: usage errors end with 4, faults of ours with 3."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import click

from conformance import __version__
from conformance.cli.clean import clean
from conformance.cli.doctor import doctor
from conformance.cli.errors import CommandError
from conformance.cli.listing import list_
from conformance.cli.matrix import matrix
from conformance.cli.report import report
from conformance.cli.run import run
from conformance.cli.serve import serve
from conformance.cli.store import store
from conformance.driver.leftovers import end_all

USAGE: Final = 4
INTERRUPTED: Final = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, package_name="pacs-conformance")
def cli() -> None:
    """DICOM conformance of a PACS as Storage SCP: point it at an Application Entity, get verdicts with evidence.

    Exit codes: 0 conformant, 1 at least one FAIL, 2 interrupted, 3 target not usable or a fault of the suite,
    4 usage, 5 nothing could be judged.
    """


for _command in (run, doctor, matrix, list_, serve, store, report, clean):
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    ours, passed_on = split_at_dashes(given)
    try:
        result = cli.main(ours, standalone_mode=False, obj=passed_on)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        click.echo(f"ERROR: {error.format_message()}", err=True)
        return USAGE
    except CommandError as error:
        click.echo(f"ERROR: {error}", err=True)
        if error.hint:
            click.echo(f"hint: {error.hint}", err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        end_all()
        click.echo("interrupted", err=True)
        return INTERRUPTED
    return result if isinstance(result, int) else 0


def split_at_dashes(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What stands before the first `--`, and what follows it."""
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]
