"""A complete run against each system accuses it of nothing that has not been reviewed."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from conformance.target.orthanc_container import LABEL_RUN, connect
from tests.plugin.runs import Done, results_schema
from tests.readback.programs import dcmqrscp, pynetdicom_qrscp, pynetdicom_storescp, storescp
from tests.systems.reviewed import accusations, differences, table_of
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


def assert_as_reviewed(done: Done, system: str) -> None:
    """A run to its end, with a valid record, no fault of ours, and no FAIL that nobody has reviewed."""
    assert done.exit_code in (0, 1), done.output
    Draft202012Validator(results_schema()).validate(done.results)
    table = table_of(system)
    assert accusations(table, done.results) == [], "\n".join(differences(table, done.results))
    failed = done.results["summary"]["verdicts"].get("FAIL", 0)
    assert done.exit_code == (1 if failed else 0)


def test_embedded(tmp_path: Path) -> None:
    done = complete_run(tmp_path / "run", "--target", "embedded", *WAITING)
    assert_as_reviewed(done, "embedded")
    assert done.exit_code == 0


@pytest.mark.needs_orthanc
def test_orthanc_native(tmp_path: Path) -> None:
    done = complete_run(tmp_path / "run", "--target", "orthanc-native", *SILENCES)
    assert_as_reviewed(done, "orthanc")


@pytest.mark.needs_docker
def test_orthanc_container(tmp_path: Path, orthanc_image: str) -> None:
    folder = tmp_path / f"run-{tmp_path.name}"
    done = complete_run(folder, "--target", "orthanc", "--orthanc-image", orthanc_image, *CORE, *WAITING)
    client = connect()
    try:
        left = client.containers.list(all=True, filters={"label": f"{LABEL_RUN}={folder.name}"})
    finally:
        client.close()
    assert left == []
    assert_as_reviewed(done, "orthanc")


@pytest.mark.needs_program("storescp")
def test_storescp_which_serves_one_association_at_a_time(tmp_path: Path) -> None:
    stored = tmp_path / "stored"
    with storescp(stored, "+B") as scp:
        address = f"{scp.called_ae_title}@127.0.0.1:{scp.port}"
        done = complete_run(tmp_path / "run", address, "--readback", f"dir={stored}", *CORE, *ALONE)
    assert_as_reviewed(done, "storescp")


@pytest.mark.needs_program("storescp")
def test_storescp_with_a_process_for_each_association(tmp_path: Path) -> None:
    stored = tmp_path / "stored"
    with storescp(stored, "+B", "--fork") as scp:
        address = f"{scp.called_ae_title}@127.0.0.1:{scp.port}"
        done = complete_run(tmp_path / "run", address, "--readback", f"dir={stored}", *SILENCES)
    assert_as_reviewed(done, "storescp")


@pytest.mark.needs_program("dcmqrscp")
def test_dcmqrscp(tmp_path: Path) -> None:
    with dcmqrscp(tmp_path / "archive") as scp:
        done = complete_run(tmp_path / "run", f"{scp.called_ae_title}@127.0.0.1:{scp.port}", *ALONE)
    assert done.results["readback"]["channel"] == "dimse"
    assert_as_reviewed(done, "dcmqrscp")


def test_storescp_of_pynetdicom(tmp_path: Path) -> None:
    stored = tmp_path / "stored"
    with pynetdicom_storescp(stored) as scp:
        address = f"{scp.called_ae_title}@127.0.0.1:{scp.port}"
        done = complete_run(tmp_path / "run", address, "--readback", f"dir={stored}", *SOME, *SILENCES)
    assert_as_reviewed(done, "pynetdicom_storescp")


def test_qrscp_of_pynetdicom(tmp_path: Path) -> None:
    with pynetdicom_qrscp(tmp_path / "archive") as scp:
        done = complete_run(tmp_path / "run", f"{scp.called_ae_title}@127.0.0.1:{scp.port}", *SOME, *SILENCES)
    assert done.results["readback"]["channel"] == "dimse"
    assert_as_reviewed(done, "pynetdicom_qrscp")
