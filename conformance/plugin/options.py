"""The plugin's command line options, all named `--pacs…` so that they meet no other plugin's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from conformance.config import ConfigError, Settings, load_settings

TARGETS: Final = ("embedded", "orthanc", "orthanc-native")

_SETTING_OF_OPTION: Final[Mapping[str, str]] = {
    "pacs": "target.address",
    "pacs_calling_aet": "target.calling_ae_title",
    "pacs_readback": "readback",
    "pacs_move_aet": "readback.move_aet",
    "pacs_move_port": "readback.move_port",
    "pacs_level": "safety.level",
    "pacs_duplicate_policy": "claims.duplicate_policy",
    "pacs_output": "output",
    "pacs_seed": "seed",
    "pacs_timeout": "limits.timeout_s",
    "pacs_strict": "strict",
    "pacs_corpus": "corpus.directory",
    "pacs_corpus_uids": "corpus.uids",
}


def add_options(parser: pytest.Parser) -> None:
    """Register the options; values are checked by `settings_of`, so that a wrong one gives our own line."""
    group = parser.getgroup("pacs-conformance", "DICOM conformance of a PACS")
    add = group.addoption
    add("--pacs", metavar="AET@HOST:PORT", help="the Application Entity under test")
    add(
        "--pacs-target",
        metavar="KIND",
        help="embedded, orthanc, orthanc-native or a target file (TOML); without --pacs: embedded",
    )
    add("--pacs-orthanc-image", metavar="IMAGE", help="the image of --pacs-target orthanc")
    add("--pacs-calling-aet", metavar="AET", help="our AE title")
    add("--pacs-readback", metavar="HOW", help="auto, dimse, orthanc=URL, dicomweb=URL, dir=PATH or none")
    add("--pacs-move-aet", metavar="AET", help="AE title of our own storage SCP, known to the target")
    add("--pacs-move-port", metavar="PORT", help="port of our own storage SCP")
    add("--pacs-level", metavar="LEVEL", help="safe, standard or disruptive")
    add("--pacs-duplicate-policy", metavar="POLICY", help="keep, replace, refuse or unspecified")
    add("--pacs-output", metavar="DIR", help="where the run's files go; reports/<UTC time>-<name> by default")
    add("--pacs-seed", metavar="N", help="same seed, same bytes and UIDs sent; by default a new one")
    add("--pacs-timeout", metavar="SECONDS", help="how long an answer is waited for")
    add("--pacs-corpus", metavar="DIR", help="a folder with your own DICOM files: each is stored and compared")
    add("--pacs-corpus-uids", metavar="HOW", help="remap (default) or keep the identifiers of those files")
    add("--pacs-strict", action="store_true", default=None, help="a WARN fails")


def is_asked_for(config: pytest.Config) -> bool:
    """Whether this pytest session is a conformance run."""
    return any(config.getoption(name) is not None for name in ("pacs", "pacs_target"))


def target_kind(config: pytest.Config) -> str:
    """`remote`, or which target we start ourselves.

    Raises:
        pytest.UsageError: The target is neither a kind that we know nor a file.
    """
    given = config.getoption("pacs_target")
    if given in TARGETS:
        if config.getoption("pacs") is not None:
            raise pytest.UsageError(f"both an address and the target {given!r} are given\nhint: leave one of them away")
        return str(given)
    return "remote"


def settings_of(config: pytest.Config) -> Settings:
    """The run's settings out of command line, environment, target file and defaults.

    Raises:
        pytest.UsageError: One clear line about what is wrong, and a hint where there is one.
    """
    given = config.getoption("pacs_target")
    file = None
    if given is not None and given not in TARGETS:
        file = Path(given)
        if not file.suffix and not file.exists():
            raise pytest.UsageError(
                f"target {given!r} is none of {', '.join(TARGETS)} and no file\nhint: a target file ends in .toml"
            )
    overrides = {key: config.getoption(name) for name, key in _SETTING_OF_OPTION.items()}
    env = {name: value for name, value in os.environ.items() if name not in OTHER_VARIABLES}
    try:
        settings = load_settings(file=file, env=env, overrides=overrides)
    except ConfigError as error:
        raise pytest.UsageError(f"{error}\nhint: {error.hint}" if error.hint else str(error)) from None
    if target_kind(config) == "remote" and settings.target.address is None:
        raise pytest.UsageError(
            f'{given} names no address\nhint: add address = "AET@HOST:PORT" to its [target] table, or give one'
        )
    return settings


OTHER_VARIABLES: Final = frozenset(
    {"PACS_CONFORMANCE_REQUIRE_TOOLS", "PACS_CONFORMANCE_ORTHANC_IMAGE", "PACS_CONFORMANCE_RUN"}
)
"""Variables with our prefix that are not settings of a run."""
