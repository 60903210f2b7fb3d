"""A complete run against each system accuses it of nothing that has not been reviewed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from conformance.driver.endpoint import Endpoint
from conformance.target.orthanc_container import LABEL_RUN, connect
from tests.plugin.runs import Done, results_schema
from tests.readback.programs import dcmqrscp, pynetdicom_qrscp, pynetdicom_storescp, storescp
from tests.systems.maps import changed, map_of
from tests.systems.reviewed import accusations, differences, table_for
from tests.systems.runs import complete_run

# How long the systems take to give up on a peer that stalls is theirs; the workers wait for it side by side.
WAITING = ("--timeout", "30", "-n", "4")
# Orthanc 1.10 and a storescp that forks never answer some odd requests: each is waited for, and then again alone.
SILENCES = ("--timeout", "15", "-n", "4")
# One scenario at a time, where the system serves one association at a time or mixes up what comes in one second.
ALONE = ("--timeout", "30")
# Where a system was run completely before, in another way, the services that the difference could touch are enough.
CORE = ("-k", "test_verification or test_negotiation or test_storage or test_duplicates")
# Of what complete runs by hand have shown of the applications of pynetdicom, the services where they deviate most.
SOME = ("-k", "test_verification or test_negotiation or test_duplicates")


def run_as_reviewed(folder: Path, target: str, *options: str) -> Done:
    """A run to its end, with a valid record, no fault of ours, and no verdict that nobody has reviewed.

    A scenario with another verdict than in the map is made once more, without others beside it: a busy machine is not
    the system.

    Args:
        folder: Where the run lands.
        target: The name of its map; that of its table begins it.
        options: Of the run.
    """
    done = complete_run(folder, *options)
    assert done.exit_code in (0, 1), done.output
    Draft202012Validator(results_schema()).validate(done.results)
    table = table_for(target)
    failed = done.results["summary"]["verdicts"].get("FAIL", 0)
    assert done.exit_code == (1 if failed else 0)
    known = map_of(target)
    sometimes = [deviation.requirement for deviation in table.deviations if deviation.sometimes]
    first = changed(known, done.results, sometimes=sometimes)
    if not first:
        assert accusations(table, done.results) == [], "\n".join(differences(table, done.results))
        return done
    again = complete_run(folder.with_name(f"{folder.name}-again"), *options, *only(first), seed=8)
    assert first.keys() <= {scenario["id"] for scenario in again.results["scenarios"]}
    twice = changed(known, again.results, sometimes=sometimes)
    assert {scenario: was for scenario, was in twice.items() if scenario in first} == {}
    assert accusations(table, again.results) == [], "\n".join(differences(table, again.results))
    return done


def test_embedded(tmp_path: Path) -> None:
    done = run_as_reviewed(tmp_path / "run", "embedded", "--target", "embedded", *WAITING)
    assert done.exit_code == 0


@pytest.mark.needs_orthanc
def test_orthanc_native(tmp_path: Path) -> None:
    run_as_reviewed(tmp_path / "run", "orthanc-1.10", "--target", "orthanc-native", *SILENCES)


@pytest.mark.needs_docker
def test_orthanc_container(tmp_path: Path, orthanc_image: str) -> None:
    folder = tmp_path / f"run-{tmp_path.name}"
    run_as_reviewed(folder, "orthanc-1.12", "--target", "orthanc", "--orthanc-image", orthanc_image, *CORE, *WAITING)
    client = connect()
    try:
        left = client.containers.list(all=True, filters={"label": f"{LABEL_RUN}={folder.name}"})
    finally:
        client.close()
    assert left == []


@pytest.mark.needs_program("storescp")
def test_storescp_which_serves_one_association_at_a_time(tmp_path: Path) -> None:
    stored = tmp_path / "stored"
    with storescp(stored, "+B") as scp:
        run_as_reviewed(tmp_path / "run", "storescp", address(scp), "--readback", f"dir={stored}", *CORE, *ALONE)


@pytest.mark.needs_program("storescp")
def test_storescp_with_a_process_for_each_association(tmp_path: Path) -> None:
    stored = tmp_path / "stored"
    with storescp(stored, "+B", "--fork") as scp:
        run_as_reviewed(tmp_path / "run", "storescp-fork", address(scp), "--readback", f"dir={stored}", *SILENCES)


@pytest.mark.needs_program("dcmqrscp")
def test_dcmqrscp(tmp_path: Path) -> None:
    with dcmqrscp(tmp_path / "archive") as scp:
        done = run_as_reviewed(tmp_path / "run", "dcmqrscp", address(scp), *ALONE)
    assert done.results["readback"]["channel"] == "dimse"


def test_storescp_of_pynetdicom(tmp_path: Path) -> None:
    stored = tmp_path / "stored"
    with pynetdicom_storescp(stored) as scp:
        read = ("--readback", f"dir={stored}")
        run_as_reviewed(tmp_path / "run", "pynetdicom_storescp", address(scp), *read, *SOME, *SILENCES)


def test_qrscp_of_pynetdicom(tmp_path: Path) -> None:
    with pynetdicom_qrscp(tmp_path / "archive") as scp:
        done = run_as_reviewed(tmp_path / "run", "pynetdicom_qrscp", address(scp), *SOME, *SILENCES)
    assert done.results["readback"]["channel"] == "dimse"


def address(scp: Endpoint) -> str:
    """Where a program listens, as the command takes it."""
    return f"{scp.called_ae_title}@127.0.0.1:{scp.port}"


def only(scenarios: Iterable[str]) -> tuple[str, ...]:
    """Options for these scenarios and those of the same functions, one at a time."""
    functions = sorted({scenario.partition("::")[2].partition("[")[0] for scenario in scenarios})
    return ("-k", " or ".join(functions), "-n", "0")
