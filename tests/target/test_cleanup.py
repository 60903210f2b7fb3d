import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import docker
import psutil
import pytest

from conformance.target import cleanup
from conformance.target.orthanc_container import LABEL_RUN

NATIVE = "from conformance.target.orthanc_native import OrthancNative as Target; target = Target()"
CONTAINER = (
    "from conformance.target.orthanc_container import OrthancContainer as Target; target = Target(image={image!r})"
)
# Says who it is when the target is up, then ends in the way that is asked for.
CHILD = """
import signal, sys
from pathlib import Path
{target}
up = target.start(Path(sys.argv[1]), deadline_s=60)
print(up.description.get("pid", "-"), flush=True)
{end}
"""
ENDS = [
    pytest.param("signal.pause()", signal.SIGTERM, id="sigterm"),
    pytest.param("signal.pause()", signal.SIGINT, id="ctrl-c"),
    pytest.param("raise RuntimeError('a bug')", None, id="exception"),
]


def run_child(run_dir: Path, target: str, end: str, number: signal.Signals | None) -> str:
    """What the child printed; the child has ended when this returns."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD.format(target=target, end=end), str(run_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with child:
        try:
            assert child.stdout is not None
            said = child.stdout.readline().strip()
            if number is not None:
                child.send_signal(number)
            child.wait(30)
        finally:
            child.kill()
    return said


@pytest.mark.needs_orthanc
@pytest.mark.parametrize(("end", "number"), ENDS)
def test_no_orthanc_process_outlives_us(tmp_path: Path, end: str, number: signal.Signals | None) -> None:
    pid = run_child(tmp_path, NATIVE, end, number)
    assert pid.isdecimal()
    assert not psutil.pid_exists(int(pid))


@pytest.mark.needs_docker
@pytest.mark.parametrize(("end", "number"), ENDS)
def test_no_container_outlives_us(tmp_path: Path, orthanc_image: str, end: str, number: signal.Signals | None) -> None:
    assert run_child(tmp_path, CONTAINER.format(image=orthanc_image), end, number) == "-"
    client = docker.from_env()
    try:
        left = client.containers.list(all=True, filters={"label": f"{LABEL_RUN}={tmp_path.name}"})
    finally:
        client.close()
    assert left == []


@pytest.fixture
def default_sigterm() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


def stop_one() -> None:
    """Stands for a target's stop."""


def stop_two() -> None:
    """Stands for another target's stop."""


@pytest.mark.usefixtures("default_sigterm")
def test_sigterm_is_treated_as_ctrl_c_while_anything_is_registered() -> None:
    cleanup.register(stop_one)
    cleanup.register(stop_two)
    cleanup.unregister(stop_one)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)
    cleanup.unregister(stop_two)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.usefixtures("default_sigterm")
def test_a_handler_of_somebody_else_is_left_alone() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    cleanup.register(stop_one)
    cleanup.unregister(stop_one)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


def test_unregistering_what_was_never_registered_does_nothing() -> None:
    cleanup.unregister(stop_one)
