"""Scenarios played in this process against a PACS in this process, as `pacs-conformance run` plays them."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.cli.run import base_arguments, scenarios_folder
from conformance.verdict.finding import Verdict
from tests.faulty.registry import fault_named
from tests.scp import Scp

_SEED: Final = 7


@dataclass(slots=True, kw_only=True)
class Played:
    """What came of the scenarios that were played.

    Attributes:
        records: The record of each, as it goes into results.json.
    """

    records: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def verdicts(self) -> set[str]:
        """The verdicts of the scenarios."""
        return {record["verdict"] for record in self.records}

    @property
    def not_passed(self) -> list[str]:
        """The scenarios with another verdict than PASS, with it."""
        return [f"{record['verdict']} {record['id']}" for record in self.records if record["verdict"] != Verdict.PASS]

    @property
    def failed(self) -> set[str]:
        """The requirements that were judged FAIL."""
        return self.judged(Verdict.FAIL)

    def judged(self, verdict: Verdict) -> set[str]:
        """The requirements that got a verdict in some scenario."""
        return {f["requirement"] for record in self.records for f in record["findings"] if f["verdict"] == verdict}

    def blind(self, verdict: Verdict) -> list[str]:
        """The scenarios that gave the verdict to none of the requirements that they name themselves."""
        return [
            record["id"]
            for record in self.records
            if not {f["requirement"] for f in record["findings"] if f["verdict"] == verdict} & {*record["requirements"]}
        ]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the record of a scenario."""
        record = getattr(report, "pacs_record", None)
        if record is not None:
            self.records.append(record)


def play(pacs: Scp, *scenarios: str, options: tuple[str, ...] = ()) -> Played:
    """Play scenarios against a PACS that is running.

    Args:
        pacs: Embedded, with or without a fault, or another.
        scenarios: Node ids below the folder of the scenarios, such as `test_storage.py::test_tiny_data_set`.
        options: Further ones of the plugin, such as `--pacs-duplicate-policy=keep`.
    """
    host, port = pacs.address
    played = Played()
    nodes = [str(scenarios_folder() / scenario) for scenario in scenarios]
    with tempfile.TemporaryDirectory(prefix="played-") as folder:
        run = [
            f"--pacs={pacs.ae_title}@{host}:{port}",
            f"--pacs-output={Path(folder) / 'run'}",
            f"--pacs-seed={_SEED}",
            "--pacs-timeout=2",
            "--tb=no",
            "-rN",
            *options,
        ]
        with warnings.catch_warnings():
            # A warning is an error of these tests; in a run, and in the threads of pynetdicom, it is not.
            warnings.simplefilter("default")
            pytest.main([*nodes, *base_arguments()[1:], *run], plugins=[played])
    return played


def caught_by_each(name: str, *scenarios: str) -> Played:
    """Play scenarios of any level against the PACS with a fault: each catches it, under a requirement of its own."""
    played = play_fault(name, *scenarios, options=("--pacs-level=disruptive",))
    assert len(played.records) == len(scenarios)
    assert played.blind(fault_named(name).caught_as) == []
    return played


def play_fault(name: str, *scenarios: str, options: tuple[str, ...] = ()) -> Played:
    """Play scenarios against the PACS with a fault, from its start to its end, with the options that it needs."""
    faulty, needed = fault_named(name).to_be_caught()
    with faulty as pacs:
        return play(pacs, *scenarios, options=(*needed, *options))
