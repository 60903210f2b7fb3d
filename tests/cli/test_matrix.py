"""`pacs-conformance matrix`: what is accepted, as tables, JSON and CSV; and how it ends where it cannot ask."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.target.embedded.server import EmbeddedPacs
from tests.cli.commands import cli, free_port

PAIRS = 183 * 63


@pytest.fixture(scope="module")
def pacs() -> Iterator[EmbeddedPacs]:
    with EmbeddedPacs() as running:
        yield running


def address_of(pacs: EmbeddedPacs) -> str:
    return f"EMBEDDED@127.0.0.1:{pacs.address[1]}"


def test_tables_say_what_is_accepted_and_nothing_is_stored(pacs: EmbeddedPacs) -> None:
    done = cli("matrix", address_of(pacs))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{PAIRS:,} of {PAIRS:,} pairs answered" in done.stdout
    assert "183 SOP classes: 12-lead ECG Waveform" in done.stdout
    assert "native 4/5" in done.stdout
    assert list(pacs.store.instances()) == []


def test_json_has_all_answers(pacs: EmbeddedPacs) -> None:
    done = cli("matrix", address_of(pacs), "--json")
    found = json.loads(done.stdout)
    assert found["pairs"] == PAIRS == sum(map(len, found["rows"]))
    assert found["target"] == address_of(pacs)
    assert found["findings"] == []


def test_csv_has_a_row_for_each_sop_class(pacs: EmbeddedPacs) -> None:
    done = cli("matrix", address_of(pacs), "--csv")
    assert len(list(csv.reader(io.StringIO(done.stdout)))) == 2 + 183


def test_a_target_file_is_compared_with_what_is_accepted(pacs: EmbeddedPacs, tmp_path: Path) -> None:
    file = tmp_path / "pacs.toml"
    claims = '[claims]\nstorage_sop_classes = "all"\ntransfer_syntaxes = ["JPIPReferenced"]\n'
    file.write_text(f'[target]\naddress = "{address_of(pacs)}"\n{claims}')
    done = cli("matrix", "--target", str(file))
    assert done.returncode == 1
    assert "FAIL CS-07: 1 claimed transfer syntax refused with every SOP class: JPIP Referenced" in done.stdout


def test_the_embedded_pacs_is_started_and_stopped() -> None:
    done = cli("matrix", "--target", "embedded", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["target"].startswith("EMBEDDED@127.0.0.1:")


def test_a_port_without_a_listener() -> None:
    done = cli("matrix", f"PACS@127.0.0.1:{free_port()}")
    assert done.returncode == 3
    assert done.stdout == ""
    assert "nothing could be asked: no TCP connection" in done.stderr
    assert "hint: pacs-conformance doctor PACS@127.0.0.1:" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no target"),
        (("PACS@127.0.0.1:104", "--target", "embedded"), "leave one of them away"),
        (("PACS@127.0.0.1:104", "--json", "--csv"), "exclude each other"),
        (("PACS",), "PACS"),
        (("--target", "missing.toml"), "missing.toml"),
    ],
)
def test_usage(arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matrix", *arguments]) == 4
    assert words in capsys.readouterr().err
