import json
import os
import platform
from collections.abc import Callable
from pathlib import Path

import docker
import docker.errors
import httpx
import pytest

from conformance.target.base import TargetError, running
from conformance.target.orthanc_config import MoveDestination
from conformance.target.orthanc_container import (
    LABEL_OWNER,
    LABEL_RUN,
    MOVE_HOST,
    OrthancContainer,
    connect,
    move_listen_host,
)
from conformance.target.ready import echo
from tests.target.fake_docker import FakeContainer, FakeEngine, raising

PUBLISHED = {
    "4242/tcp": [{"HostIp": "127.0.0.1", "HostPort": "1"}],  # port 1: nobody listens
    "8042/tcp": [{"HostIp": "127.0.0.1", "HostPort": "1"}],
}
DEAD_PID = 2**22 + 1  # above the largest process id of Linux


def server_error(text: str) -> docker.errors.APIError:
    return docker.errors.APIError("500 Server Error", explanation=text)


def target_on(engine: FakeEngine, *, image: str = "orthanc:fake", destination: bool = False) -> OrthancContainer:
    move = MoveDestination(ae_title="CONFORMANCE", host=MOVE_HOST, port=11113)
    return OrthancContainer(image=image, connect=lambda: engine, move_destination=move if destination else None)


def start_fails(engine: FakeEngine, run_dir: Path, *, image: str = "orthanc:fake") -> TargetError:
    target = target_on(engine, image=image)
    with pytest.raises(TargetError) as caught:
        target.start(run_dir, deadline_s=0.3)
    assert engine.closed
    return caught.value


def no_engine(tmp_path: Path) -> docker.DockerClient:
    return docker.DockerClient(base_url=f"unix://{tmp_path}/none.sock", version="1.41")


def test_without_an_engine_it_says_so_and_names_the_other_targets(tmp_path: Path) -> None:
    target = OrthancContainer(connect=lambda: no_engine(tmp_path))
    with pytest.raises(TargetError, match=r"^no Docker engine answers: ") as caught:
        target.start(tmp_path, deadline_s=1)
    assert "--target orthanc-native" in caught.value.hint
    assert "--target embedded" in caught.value.hint


def test_an_engine_that_does_not_answer_is_no_engine() -> None:
    engine = FakeEngine()
    engine.ping = raising(ConnectionError("read timed out"))
    with pytest.raises(TargetError, match="no Docker engine answers: read timed out"):
        connect(lambda: engine)
    assert engine.closed


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        pytest.param(
            lambda e: setattr(e, "pulling", raising(server_error("lookup registry: no such host"))),
            "lookup registry: no such host",
            id="registry-not-reached",
        ),
        pytest.param(
            lambda e: setattr(e, "pull_events", [{"status": "Pulling"}, {"error": "manifest unknown"}]),
            "manifest unknown",
            id="error-in-the-stream",
        ),
        pytest.param(lambda e: None, "no image absent:1", id="not-there-after-all"),
    ],
)
def test_an_image_that_cannot_be_got_is_named_with_a_way_to_name_another(
    tmp_path: Path, break_it: Callable[[FakeEngine], None], reason: str
) -> None:
    engine = FakeEngine()
    break_it(engine)
    error = start_fails(engine, tmp_path, image="absent:1")
    assert str(error) == f"the image absent:1 is not there and cannot be got: {reason}"
    assert "--orthanc-image IMAGE" in error.hint
    assert engine.created == []


def test_a_pull_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.target.orthanc_container._PULL_DEADLINE_S", 0.0)
    engine = FakeEngine()
    engine.pull_events = [{"status": "Downloading"}] * 2
    assert "not complete after 0 s" in str(start_fails(engine, tmp_path, image="absent:1"))


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        pytest.param("absent", "latest", id="no-tag"),
        pytest.param("absent:1", None, id="tag"),
        pytest.param("host:5000/absent", "latest", id="port-and-no-tag"),
        pytest.param("absent@sha256:00", None, id="digest"),
    ],
)
def test_one_image_is_pulled_never_all_tags(tmp_path: Path, image: str, tag: str | None) -> None:
    engine = FakeEngine()
    start_fails(engine, tmp_path, image=image)
    assert engine.pulled == [(image, tag)]


def test_getting_an_image_is_announced(tmp_path: Path) -> None:
    lines: list[str] = []
    engine = FakeEngine()
    target = OrthancContainer(image="absent:1", connect=lambda: engine, notify=lines.append)
    with pytest.raises(TargetError):
        target.start(tmp_path, deadline_s=1)
    assert lines == ["getting the image absent:1"]


def test_a_container_that_cannot_be_created_is_an_error_of_one_line(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.creating = raising(server_error("no space\nleft on device"))
    error = start_fails(engine, tmp_path)
    assert str(error) == "Docker could not start orthanc:fake: no space left on device"
    assert "orthanc-native" in error.hint


@pytest.mark.parametrize("step", ["put_archive", "start", "reload"])
@pytest.mark.parametrize(
    ("error", "reported"),
    [
        pytest.param(server_error("broken"), TargetError, id="engine-error"),
        pytest.param(ConnectionError("engine gone"), TargetError, id="engine-gone"),
        pytest.param(KeyboardInterrupt(), KeyboardInterrupt, id="ctrl-c"),
    ],
)
def test_the_container_is_removed_with_its_volumes_when_the_start_fails(
    tmp_path: Path, step: str, error: BaseException, reported: type[BaseException]
) -> None:
    engine = FakeEngine()
    setattr(engine, step, raising(error))
    with pytest.raises(reported):
        target_on(engine).start(tmp_path, deadline_s=1)
    ((container, _),) = engine.created
    assert container.removed_with == {"force": True, "v": True}
    assert engine.closed


def test_a_container_that_ends_at_once_is_reported_with_its_last_words(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.ports = PUBLISHED
    engine.state_after_start = {"Running": False, "ExitCode": 255}
    error = start_fails(engine, tmp_path)
    assert "ended before it was ready: the container ended with exit code 255" in str(error)
    assert engine.known == []


def test_a_container_without_published_ports_is_reported(tmp_path: Path) -> None:
    engine = FakeEngine()
    assert "no host port for the container's port 4242" in str(start_fails(engine, tmp_path))
    assert engine.known == []


def test_a_container_that_does_not_answer_is_reported_at_the_deadline_and_removed(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.ports = PUBLISHED
    assert "ORTHANC@127.0.0.1:1 did not answer a C-ECHO within " in str(start_fails(engine, tmp_path))
    assert engine.known == []
    assert (tmp_path / "target.log").read_bytes() == b"".join(engine.log)


def test_it_is_created_with_labels_and_random_ports_on_loopback(tmp_path: Path) -> None:
    engine = FakeEngine()
    start_fails(engine, tmp_path)
    ((container, options),) = engine.created
    assert container.labels == {LABEL_RUN: tmp_path.name, LABEL_OWNER: f"{platform.node()}:{os.getpid()}"}
    (dicom_host, dicom_port), (http_host, http_port) = options["ports"]["4242/tcp"], options["ports"]["8042/tcp"]
    assert dicom_host == http_host == "127.0.0.1"
    assert len({dicom_port, http_port}) == 2
    assert options["extra_hosts"] is None


def test_our_configuration_is_all_there_is_of_users(tmp_path: Path) -> None:
    engine = FakeEngine()
    start_fails(engine, tmp_path)
    ((container, _),) = engine.created
    config = json.loads(container.files["/etc/orthanc/orthanc.json"])
    assert (config["DicomPort"], config["HttpPort"]) == (4242, 8042)
    assert json.loads(container.files["/etc/orthanc/credentials.json"]) == {}


def test_the_move_destination_is_reached_through_the_host_gateway(tmp_path: Path) -> None:
    engine = FakeEngine()
    with pytest.raises(TargetError):
        target_on(engine, destination=True).start(tmp_path, deadline_s=1)
    ((container, options),) = engine.created
    assert options["extra_hosts"] == {"host.docker.internal": "host-gateway"}
    config = json.loads(container.files["/etc/orthanc/orthanc.json"])
    assert config["DicomModalities"] == {"conformance": ["CONFORMANCE", "host.docker.internal", 11113]}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        pytest.param([{"Subnet": "127.0.0.0/8", "Gateway": "127.0.0.2"}], "127.0.0.2", id="gateway-on-this-machine"),
        pytest.param([{"Subnet": "127.3.0.0/16"}], "127.3.0.1", id="gateway-not-named"),
        pytest.param([{"Subnet": "203.0.113.0/24"}], "127.0.0.1", id="gateway-elsewhere"),
        pytest.param([{"Subnet": "2001:db8::/64"}], "127.0.0.1", id="ip-version-6"),
        pytest.param(None, "127.0.0.1", id="no-configuration"),
    ],
)
def test_move_listen_host(config: list[dict[str, str]] | None, expected: str) -> None:
    engine = FakeEngine()
    engine.bridge = {"IPAM": {"Config": config}}
    assert move_listen_host(engine) == expected


@pytest.mark.parametrize(
    ("owner", "status", "removed"),
    [
        pytest.param(f"{platform.node()}:{DEAD_PID}", "exited", True, id="ended-of-a-dead-run"),
        pytest.param(f"{platform.node()}:{DEAD_PID}", "created", True, id="never-started-of-a-dead-run"),
        pytest.param(f"{platform.node()}:{DEAD_PID}", "running", False, id="running-of-a-dead-run"),
        pytest.param(f"{platform.node()}:{os.getpid()}", "exited", False, id="ended-of-a-living-run"),
        pytest.param(f"elsewhere:{DEAD_PID}", "exited", False, id="of-another-machine"),
        pytest.param("nonsense", "exited", False, id="no-process-id"),
        pytest.param(None, "exited", False, id="not-labelled"),
    ],
)
def test_of_stale_containers_only_our_own_are_removed(
    tmp_path: Path, owner: str | None, status: str, removed: bool
) -> None:
    engine = FakeEngine()
    labels = {LABEL_RUN: "old"} | ({LABEL_OWNER: owner} if owner is not None else {})
    stale = FakeContainer(engine, "old", labels, {"Status": status})
    engine.known.append(stale)
    start_fails(engine, tmp_path)
    assert (stale not in engine.known) is removed


def test_a_container_that_cannot_be_removed_is_told(tmp_path: Path) -> None:
    lines: list[str] = []
    engine = FakeEngine()
    engine.remove = raising(server_error("device busy"))
    target = OrthancContainer(image="orthanc:fake", connect=lambda: engine, notify=lines.append)
    with pytest.raises(TargetError, match="no host port"):
        target.start(tmp_path, deadline_s=1)
    ((container, _),) = engine.created
    assert lines == [f"the container {container.name} could not be removed: device busy"]


def test_stopping_what_was_never_started_does_nothing() -> None:
    target = target_on(FakeEngine())
    target.stop()
    target.stop()
    assert target.alive() == "it is not started"


@pytest.mark.needs_docker
def test_a_real_container_answers_and_is_gone_afterwards(tmp_path: Path, orthanc_image: str) -> None:
    target = OrthancContainer(image=orthanc_image)
    with running(target, tmp_path, deadline_s=60) as up:
        assert (up.kind, up.host, up.log_path) == ("orthanc", "127.0.0.1", tmp_path / "target.log")
        assert echo(up.host, up.port, up.ae_title, timeout_s=5) is None
        assert up.orthanc_url is not None
        assert httpx.get(f"{up.orthanc_url}/system").status_code == 401
        assert httpx.get(f"{up.orthanc_url}/system", auth=up.orthanc_auth).json()["DicomAet"] == "ORTHANC"
        assert up.orthanc_auth is not None
        assert up.orthanc_auth[1] not in repr(up) + str(up.description)
        assert target.alive() is None
    client = docker.from_env()
    try:
        with pytest.raises(docker.errors.NotFound):
            client.containers.get(up.description["container"])
    finally:
        client.close()
    assert b"Orthanc has started" in (tmp_path / "target.log").read_bytes()


@pytest.mark.needs_docker
def test_a_real_container_that_is_killed_is_told_from_a_living_one(tmp_path: Path, orthanc_image: str) -> None:
    target = OrthancContainer(image=orthanc_image)
    client = docker.from_env()
    try:
        with running(target, tmp_path, deadline_s=60) as up:
            container = client.containers.get(up.description["container"])
            container.kill()
            container.wait(timeout=10)
            assert (target.alive() or "").startswith("the container ended with exit code 137; its last words: ")
            container.remove(v=True)
            assert target.alive() == "somebody removed the container"
    finally:
        client.close()


@pytest.mark.needs_docker
def test_a_real_container_that_was_killed_is_started_again_where_it_was(tmp_path: Path, orthanc_image: str) -> None:
    target = OrthancContainer(image=orthanc_image)
    client = docker.from_env()
    try:
        with running(target, tmp_path, deadline_s=60) as up:
            container = client.containers.get(up.description["container"])
            container.kill()
            container.wait(timeout=10)
            target.restart(deadline_s=60)
            assert echo(up.host, up.port, up.ae_title, timeout_s=5) is None
            assert target.alive() is None
    finally:
        client.close()


@pytest.mark.needs_docker
def test_an_image_of_something_else_is_reported_and_removed(tmp_path: Path, orthanc_image: str) -> None:
    client = docker.from_env()
    try:
        image = client.images.get(orthanc_image)
        other = client.containers.create(image.id, entrypoint=["sleep", "60"], command=[])
        name = "pacs-conformance-test-sleep"
        other.commit(repository=name, tag="1", changes='ENTRYPOINT ["sleep"]\nCMD ["60"]')
        other.remove(v=True)
        try:
            with pytest.raises(TargetError, match="did not answer a C-ECHO within "):
                OrthancContainer(image=f"{name}:1").start(tmp_path, deadline_s=1)
            assert client.containers.list(all=True, filters={"label": f"{LABEL_RUN}={tmp_path.name}"}) == []
        finally:
            client.images.remove(f"{name}:1")
    finally:
        client.close()
