"""`pacs-conformance run`: what it says and exits with where it cannot run, and what a run leaves behind."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from jsonschema import Draft202012Validator

from conformance.cli import main
from conformance.cli.run import workers_for_embedded
from conformance.driver.again import until
from conformance.target.embedded.server import EmbeddedPacs
from tests.cli.commands import COMMAND, cli, free_port, silent_port, web_server
from tests.plugin.runs import environment, results_schema

PATIENCE_S = 60.0


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return cli("run", *arguments, "--output", str(folder / "run"), cwd=folder)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ["SEVENTEEN-LETTERS@127.0.0.1:104"], "'SEVENTEEN-LETTERS' has 17 characters, at most 16", id="long AE title"
        ),
        pytest.param(["A\\B@127.0.0.1:104"], "contains a backslash", id="backslash"),
        pytest.param(["--level", "brutal"], "must be one of 'safe', 'standard' or 'disruptive'", id="unknown level"),
    ],
)
def test_usage_errors_exit_4_and_leave_no_record(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 4
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("cores", "workers"), [(None, None), (1, None), (2, "3"), (64, "3")])
def test_the_embedded_pacs_is_shared_by_workers_where_there_are_processors(
    cores: int | None, workers: str | None
) -> None:
    assert workers_for_embedded(cores) == workers


def test_an_unknown_option_exits_4(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--no-such-option"]) == 4
    assert "No such option" in capsys.readouterr().err


def test_unknown_key_of_a_target_file_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "pacs.toml").write_text('[target]\naddress = "PACS@127.0.0.1:104"\ncaling_ae_title = "A"\n')
    done = run(tmp_path, "--target", "pacs.toml")
    assert done.returncode == 4
    assert "unknown key 'caling_ae_title' in [target]" in done.stderr
    assert "did you mean 'calling_ae_title'?" in done.stderr


def test_nobody_listens(tmp_path: Path) -> None:
    done = run(tmp_path, f"PACS@127.0.0.1:{free_port()}")
    assert done.returncode == 3
    assert "Connection refused" in done.stderr
    assert "hint: nobody listens on that port" in done.stderr
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    Draft202012Validator(results_schema()).validate(results)
    assert results["summary"]["exit_code"] == 3


def test_a_target_that_says_nothing_is_given_up_in_time(tmp_path: Path) -> None:
    with silent_port() as port:
        began_s = time.monotonic()
        done = run(tmp_path, f"PACS@127.0.0.1:{port}", "--timeout", "1")
    assert done.returncode == 3
    assert "silence for 1.0 s" in done.stderr
    assert time.monotonic() - began_s < PATIENCE_S


def test_a_web_server_is_recognised(tmp_path: Path) -> None:
    with web_server() as port:
        done = run(tmp_path, f"PACS@127.0.0.1:{port}", "--timeout", "5")
    assert done.returncode == 3
    assert "hint:" in done.stderr
    assert "web" in done.stderr


def test_no_docker_engine(tmp_path: Path) -> None:
    nowhere = {"DOCKER_HOST": "unix:///nonexistent"}
    done = cli("run", "--target", "orthanc", "--output", str(tmp_path / "run"), env=nowhere)
    assert done.returncode == 3
    assert "no Docker engine answers" in done.stderr
    assert "--target orthanc-native or --target embedded" in done.stderr


def instances_of(folder: Path) -> list[tuple[str, str, str]]:
    with (folder / "instances.csv").open(newline="", encoding="utf-8") as file:
        return [(row["sop_instance_uid"], row["sop_class_uid"], row["sha256"]) for row in csv.DictReader(file)]


def test_the_same_seed_sends_the_same_bytes_with_and_without_workers(tmp_path: Path) -> None:
    common = ("--target", "embedded", "--seed", "7", "-k", "test_sop_class and (CT or RT)")
    first = cli("run", *common, "--output", str(tmp_path / "first"))
    second = cli("run", *common, "--output", str(tmp_path / "second"), "-n", "2")
    assert (first.returncode, second.returncode) == (0, 0), first.stdout + second.stdout
    sent = instances_of(tmp_path / "first")
    assert len(sent) > 2
    assert sorted(instances_of(tmp_path / "second")) == sorted(sent)


def test_a_seed_is_not_used_again_where_its_instances_are_kept(tmp_path: Path) -> None:
    with EmbeddedPacs() as pacs:
        host, port = pacs.address
        target = f"{pacs.ae_title}@{host}:{port}"

        def run(name: str, *options: str) -> subprocess.CompletedProcess[str]:
            return cli("run", target, "-k", "test_tiny_data_set", "--output", str(tmp_path / name), *options)

        assert run("first", "--seed", "7").returncode == 0
        again = run("again", "--seed", "7")
        assert again.returncode == 3
        assert "seed: instances of an earlier run with seed 7 are stored" in again.stdout + again.stderr
        assert "hint: leave --seed out" in again.stdout + again.stderr
        assert [run(name, *options).returncode for name, options in (("other", ("--seed", "8")), ("own", ()))] == [0, 0]
        assert run("looks", "--seed", "7", "--level", "safe").returncode in (0, 5)


def test_an_interrupt_half_way_leaves_what_finished(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    arguments = ["run", "--target", "embedded", "--output", str(folder), "-k", "test_storage"]
    with (tmp_path / "output").open("wb") as output:
        child = subprocess.Popen(
            [str(COMMAND), *arguments],
            env=environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            until(
                lambda: (_finished(folder), child.poll()),
                lambda seen: seen[0] >= 3 or seen[1] is not None,
                within_s=PATIENCE_S,
            )
            assert child.poll() is None, (tmp_path / "output").read_text()
            assert _finished(folder) >= 3, (tmp_path / "output").read_text()
            began = psutil.Process(child.pid).children(recursive=True)
            child.send_signal(signal.SIGINT)
            assert child.wait(PATIENCE_S) == 2
        finally:
            child.kill()
            child.wait()
    results = json.loads((folder / "results.json").read_text())
    Draft202012Validator(results_schema()).validate(results)
    assert len(results["scenarios"]) >= 3
    assert results["summary"]["interrupted"] is True
    assert began
    assert [process for process in began if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []


def _finished(folder: Path) -> int:
    """How many scenarios stand in a record that is being written."""
    path = folder / "results.json"
    return path.read_text(encoding="ascii").count('{"id": "') if path.exists() else 0
