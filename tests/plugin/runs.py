"""Runs of the plugin on scenarios that a test writes, against an embedded PACS in this process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

DEADLINE_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A finished run."""

    exit_code: int
    output: str
    folder: Path

    @property
    def results(self) -> dict[str, Any]:
        """results.json."""
        found: dict[str, Any] = json.loads((self.folder / "results.json").read_text(encoding="utf-8"))
        return found

    def verdict_of(self, name: str) -> str:
        """The verdict of the one scenario whose id ends so."""
        (record,) = [r for r in self.results["scenarios"] if r["id"].endswith(name)]
        return str(record["verdict"])

    @property
    def junit(self) -> ET.Element:
        """junit.xml."""
        return ET.parse(self.folder / "junit.xml").getroot()

    def junit_case(self, name: str) -> ET.Element:
        """The test case with a name."""
        (case,) = [c for c in self.junit.iter("testcase") if c.get("name") == name]
        return case


def environment() -> dict[str, str]:
    """Ours, without settings of another run."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PACS_CONFORMANCE_")} | {"NO_COLOR": "1"}


def run_scenarios(folder: Path, source: str, *options: str) -> Done:
    """Run pytest with the plugin on one file of scenarios."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", encoding="utf-8")
    (folder / "test_made.py").write_text(source, encoding="utf-8")
    output = folder / "run"
    command = [
        *(sys.executable, "-m", "pytest", "test_made.py", "-q", "-p", "no:cacheprovider", "--tb=short"),
        *(f"--pacs-output={output}", "--pacs-timeout=5", *options),
    ]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    return Done(exit_code=done.returncode, output=done.stdout + done.stderr, folder=output)


def results_schema() -> dict[str, Any]:
    """The published schema of results.json."""
    text = (files("conformance.evidence") / "schema" / "results.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
