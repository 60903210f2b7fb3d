from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import httpx
import pytest
from pynetdicom import AE

from conformance.target.base import RunningTarget, running
from conformance.target.orthanc_config import MoveDestination
from conformance.target.orthanc_container import MOVE_HOST, OrthancContainer, move_listen_host
from conformance.target.orthanc_native import OrthancNative


@contextmanager
def our_scp(host: str) -> Iterator[int]:
    """Stands where our storage SCP will; that the target reaches it by its AE title is what counts here."""
    ae = AE("CONFORMANCE")
    ae.add_supported_context("1.2.840.10008.1.1")
    ae.require_called_aet = True
    server = ae.start_server((host, 0), block=False)
    assert server is not None
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()


def target_reaches_us(up: RunningTarget) -> bool:
    url = f"{up.orthanc_url}/modalities/conformance/echo"
    return httpx.post(url, auth=up.orthanc_auth, content="{}", timeout=30).status_code == httpx.codes.OK


@pytest.mark.needs_orthanc
def test_the_process_reaches_our_storage_scp(tmp_path: Path) -> None:
    with our_scp("127.0.0.1") as port:
        destination = MoveDestination(ae_title="CONFORMANCE", host="127.0.0.1", port=port)
        with running(OrthancNative(move_destination=destination), tmp_path, deadline_s=30) as up:
            assert target_reaches_us(up)


@pytest.mark.needs_docker
def test_the_container_reaches_our_storage_scp(tmp_path: Path, orthanc_image: str) -> None:
    client = docker.from_env()
    try:
        host = move_listen_host(client)
    finally:
        client.close()
    with our_scp(host) as port:
        destination = MoveDestination(ae_title="CONFORMANCE", host=MOVE_HOST, port=port)
        target = OrthancContainer(image=orthanc_image, move_destination=destination)
        with running(target, tmp_path, deadline_s=60) as up:
            assert target_reaches_us(up)
