"""The SCPs of DCMTK as child processes, and a sender, for tests that read back from them."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.driver.endpoint import Endpoint
from conformance.driver.peer import Peer
from conformance.driver.recorder import Recorder
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange, Sent

EXPLICIT = "1.2.840.10008.1.2.1"
VERIFICATION = "1.2.840.10008.1.1"
START_DEADLINE_S = 15.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def endpoint_of(port: int, ae_title: str = "TARGET") -> Endpoint:
    return Endpoint(host="127.0.0.1", port=port, called_ae_title=ae_title, calling_ae_title="CONFORMANCE", timeout_s=15)


@contextmanager
def running(command: list[str], endpoint: Endpoint, log: Path) -> Iterator[Endpoint]:
    """A program that answers a C-ECHO inside the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        deadline_s = time.monotonic() + START_DEADLINE_S
        while not answers(endpoint):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline_s, log.read_text()
        yield endpoint
    finally:
        process.terminate()
        process.wait(timeout=10)


def answers(endpoint: Endpoint) -> bool:
    with Peer(endpoint, Recorder()) as peer:
        peer.associate(contexts_of([(VERIFICATION, ("1.2.840.10008.1.2",))]))
        if not peer.accepted:
            return False
        status = peer.echo(context_id=1).status
        peer.release()
        return status == 0


@contextmanager
def storescp(folder: Path, *options: str) -> Iterator[Endpoint]:
    folder.mkdir(exist_ok=True)
    endpoint = endpoint_of(free_port())
    command = ["storescp", "-od", str(folder), *options, str(endpoint.port)]
    with running(command, endpoint, folder.with_suffix(".log")):
        yield endpoint


@contextmanager
def dcmqrscp(folder: Path, *options: str, move_port: int = 104) -> Iterator[Endpoint]:
    """DCMTK's archive, which knows our storage SCP as CONFMOVE."""
    (folder / "db").mkdir(parents=True, exist_ok=True)
    endpoint = endpoint_of(free_port(), "QRSCP")
    config = folder / "dcmqrscp.cfg"
    config.write_text(
        f"NetworkTCPPort = {endpoint.port}\nMaxPDUSize = 16384\nMaxAssociations = 64\n"
        f"HostTable BEGIN\nours = (CONFMOVE, 127.0.0.1, {move_port})\nHostTable END\n"
        "VendorTable BEGIN\nVendorTable END\n"
        f"AETable BEGIN\nQRSCP {folder / 'db'} RW (400, 1024mb) ANY\nAETable END\n"
    )
    with running(["dcmqrscp", "-c", str(config), *options], endpoint, folder / "log"):
        yield endpoint


@contextmanager
def pynetdicom_storescp(folder: Path) -> Iterator[Endpoint]:
    """The storage SCP among the applications of pynetdicom, which writes files into a folder."""
    folder.mkdir(exist_ok=True)
    endpoint = endpoint_of(free_port(), "STORESCP")
    command = [sys.executable, "-m", "pynetdicom", "storescp", str(endpoint.port), "-od", str(folder)]
    with running(command, endpoint, folder.with_suffix(".log")):
        yield endpoint


@contextmanager
def pynetdicom_qrscp(folder: Path, *, move_port: int = 104) -> Iterator[Endpoint]:
    """The archive among the applications of pynetdicom, which knows our storage SCP as CONFMOVE."""
    (folder / "instances").mkdir(parents=True, exist_ok=True)
    endpoint = endpoint_of(free_port(), "QRSCP")
    config = folder / "qrscp.ini"
    config.write_text(
        f"[DEFAULT]\nae_title: QRSCP\nport: {endpoint.port}\nmax_pdu: 16382\n"
        "acse_timeout: 30\ndimse_timeout: 30\nnetwork_timeout: 30\nbind_address: 127.0.0.1\n"
        f"instance_location: {folder / 'instances'}\ndatabase_location: {folder / 'instances.sqlite'}\n"
        f"log_identifier: False\n[CONFMOVE]\naddress: 127.0.0.1\nport: {move_port}\n"
    )
    with running([sys.executable, "-m", "pynetdicom", "qrscp", "-c", str(config)], endpoint, folder / "log"):
        yield endpoint


def store(
    endpoint: Endpoint, instance: Instance, *, transfer_syntax_uid: str = EXPLICIT, data_set: bytes | None = None
) -> tuple[Sent, OperationExchange]:
    """Send an instance, or other bytes under its UIDs, on an association of its own."""
    sent = sent_of(instance, transfer_syntax_uid)
    with Peer(endpoint, Recorder()) as peer:
        peer.associate(contexts_of([(instance.sop_class_uid, (transfer_syntax_uid,))]))
        data = instance.encoded(transfer_syntax_uid) if data_set is None else data_set
        exchange = peer.store(data, sent, context_id=1)
        peer.release()
    return sent, exchange
