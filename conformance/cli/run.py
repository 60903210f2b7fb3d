"""`pacs-conformance run`: the scenarios against a target, through pytest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import click
import pytest

import conformance

_OPTIONS: Final = {
    "target": "--pacs-target",
    "orthanc_image": "--pacs-orthanc-image",
    "calling_aet": "--pacs-calling-aet",
    "readback": "--pacs-readback",
    "move_aet": "--pacs-move-aet",
    "move_port": "--pacs-move-port",
    "level": "--pacs-level",
    "duplicate_policy": "--pacs-duplicate-policy",
    "output": "--pacs-output",
    "seed": "--pacs-seed",
    "timeout": "--pacs-timeout",
    "corpus": "--pacs-corpus",
    "corpus_uids": "--pacs-corpus-uids",
}


@click.command()
@click.argument("address", metavar="[AET@HOST:PORT]", required=False)
@click.option("--target", metavar="KIND", help="embedded, orthanc, orthanc-native or a target file (TOML).")
@click.option("--orthanc-image", metavar="IMAGE", help="Image for --target orthanc.")
@click.option("--calling-aet", metavar="AET", help="Our AE title.  [default: CONFORMANCE]")
@click.option("--readback", metavar="HOW", help="auto, dimse, orthanc=URL, dicomweb=URL, dir=PATH or none.")
@click.option("--move-aet", metavar="AET", help="AE title of our own storage SCP, as C-MOVE destination.")
@click.option("--move-port", metavar="PORT", help="Port of our own storage SCP.")
@click.option("--level", metavar="LEVEL", help="safe, standard or disruptive.  [default: standard]")
@click.option("--duplicate-policy", metavar="POLICY", help="keep, replace, refuse or unspecified.")
@click.option("--output", metavar="DIR", help="Folder of the run.  [default: reports/<UTC time>-<name>]")
@click.option("--seed", metavar="N", help="Same seed, same bytes and UIDs sent; by default a new one.")
@click.option("--timeout", metavar="SECONDS", help="How long an answer is waited for.  [default: 30]")
@click.option("--corpus", metavar="DIR", help="Store and compare your own DICOM files as well; they are only read.")
@click.option("--corpus-uids", metavar="HOW", help="remap or keep the identifiers of those files.  [default: remap]")
@click.option("--strict", is_flag=True, help="A WARN fails.")
@click.option(
    "-n",
    "workers",
    metavar="WORKERS",
    help="Run in parallel, as pytest-xdist has it.  [default: 2 for a whole run on the embedded PACS, else 1]",
)
@click.option("-k", "keywords", metavar="EXPR", help="Only scenarios whose names match.")
@click.option("-m", "markers", metavar="EXPR", help="Only scenarios whose markers match.")
@click.pass_obj
def run(
    passed_on: list[str],
    /,
    *,
    address: str | None,
    strict: bool,
    workers: str | None,
    keywords: str | None,
    markers: str | None,
    **values: str | None,
) -> int:
    """Run the scenarios against a target; without one, against the embedded PACS.

    What follows `--` goes to pytest.
    """
    arguments = [*base_arguments(), "--tb=no", "-rN", "--disable-warnings"]
    if address is not None:
        arguments += ["--pacs", address]
    elif values["target"] is None:
        values["target"] = "embedded"
    for name, option in _OPTIONS.items():
        value = values[name]
        if value is not None:
            arguments.append(f"{option}={value}")
    if strict:
        arguments.append("--pacs-strict")
    if workers is None and values["target"] == "embedded" and keywords is None and markers is None and not passed_on:
        workers = workers_for_embedded(os.cpu_count())
    for flag, value in (("-n", workers), ("-k", keywords), ("-m", markers)):
        if value is not None:
            arguments += [flag, value]
    return int(pytest.main([*arguments, *passed_on]))


def workers_for_embedded(cores: int | None) -> str | None:
    """How many workers a whole run on the embedded PACS has: nobody else waits for it, so all that it can use.

    One more than two processors: while a worker waits for the target, another one has something to do.

    Args:
        cores: Processors of this machine; None where that is not known.
    """
    return "3" if (cores or 1) > 1 else None


def base_arguments() -> list[str]:
    """How pytest finds the scenarios, and nothing of the folder that it is called in."""
    scenarios = scenarios_folder()
    return [
        str(scenarios),
        "-p",
        "pacs-conformance",
        "-c",
        str(Path(conformance.__file__).parent / "cli" / "pytest.ini"),
        f"--rootdir={scenarios}",
        "-p",
        "no:cacheprovider",
        "-q",
        "--no-header",
    ]


def scenarios_folder() -> Path:
    """Where the scenarios are: inside the installed package, or beside it in a checkout."""
    package = Path(conformance.__file__).parent
    installed = package / "scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def invoke_pytest(arguments: list[str], plugins: list[Any]) -> int:
    """Run pytest with plugin objects of ours."""
    return int(pytest.main(arguments, plugins=plugins))
