"""`pacs-conformance report`: the files of a run made again from its results.json."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.errors import CommandError
from conformance.evidence.results import ResultsError, read_results
from conformance.report.render import render_all
from conformance.report.terminal import summary_text


@click.command()
@click.argument("run_dir", type=click.Path(path_type=Path))
def report(run_dir: Path) -> int:
    """Make evidence.html, instances.csv and manifest.json of a run again, and show its summary."""
    results = run_dir / "results.json"
    try:
        render_all(run_dir)
        text = summary_text(read_results(results), report=run_dir / "report.html")
    except OSError as error:
        raise CommandError(
            f"{str(results)!r} cannot be read: {error.strerror}",
            exit_code=4,
            hint="name the folder of a run, such as reports/20260101T120000Z-pacs",
        ) from None
    except ResultsError as error:
        raise CommandError(str(error), exit_code=4) from None
    click.echo(text)
    return 0
