"""Transfer syntaxes: what is sent is not what was agreed, in its encoding or in its presentation context."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest

from conformance.driver.line import GIVING_UP_S
from conformance.driver.peer import Peer
from conformance.driver.sending import contexts_of, sent_bytes_of
from conformance.instances.encapsulated import rle
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.plugin.fixtures import Instances, Judge, Look, Peers
from conformance.plugin.scene import NotNegotiatedError
from conformance.standard.transfer_syntaxes import transfer_syntax_name
from conformance.verdict import encoding, storing, unagreed
from conformance.wire.messages import c_store_rq

pytestmark = pytest.mark.topic("transfer syntaxes")

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
RLE: Final = "1.2.840.10008.1.2.5"
NOBODYS: Final = "1.2.826.0.1.3680043.8.498.1.2.4"

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A data set in another encoding than the presentation context has.

    Args:
        agreed: The transfer syntax of the context.
        encoded: That of the bytes.
        compressed: Whether the instance is one in RLE.
    """

    agreed: str
    encoded: str
    compressed: bool = False


MISFITS: Final = {
    "explicit VR in implicit VR": Misfit(agreed=IMPLICIT, encoded=EXPLICIT),
    "implicit VR in explicit VR": Misfit(agreed=EXPLICIT, encoded=IMPLICIT),
    "big endian in explicit VR": Misfit(agreed=EXPLICIT, encoded=BIG_ENDIAN),
    "deflated in explicit VR": Misfit(agreed=EXPLICIT, encoded=DEFLATED),
    "compressed pixel data in explicit VR": Misfit(agreed=EXPLICIT, encoded=RLE, compressed=True),
    "native pixel data in RLE": Misfit(agreed=RLE, encoded=EXPLICIT),
}


def _connected(peer: Peers, instance: Instance, *transfer_syntaxes: str) -> Peer:
    """An association with a context for each of the transfer syntaxes, all of them accepted.

    Raises:
        NotNegotiatedError: One is not.
    """
    contexts = contexts_of([(instance.sop_class_uid, (uid,)) for uid in transfer_syntaxes])
    connection = peer.associated(contexts)
    for context, uid in zip(contexts, transfer_syntaxes, strict=True):
        if context.context_id not in connection.accepted:
            exchange = connection.recorder.associations[-1]
            raise NotNegotiatedError(exchange, instance.sop_class_uid, transfer_syntax_name(uid))
    return connection


def _store_bytes(
    connection: Peer, instance: Instance, data_set: bytes, *, agreed: str, label: str, context_id: int = 1
) -> OperationExchange:
    """Send bytes under the instance's UIDs; a target that gives up after just our time-out is waited for."""
    sent = sent_bytes_of(instance, data_set, agreed, label=label)
    return connection.store(data_set, sent, context_id=context_id, timeout_s=_patience_s(connection))


def _patience_s(connection: Peer) -> float:
    return connection.endpoint.timeout_s + GIVING_UP_S


@pytest.mark.requirement("ST-38", "STA-19")
@pytest.mark.parametrize("misfit", [pytest.param(misfit, id=name) for name, misfit in MISFITS.items()])
def test_data_set_in_another_syntax(
    *, peer: Peers, instances: Instances, readback: Look, judge: Judge, step: Step, misfit: Misfit
) -> None:
    """A data set in another encoding than was agreed is refused, or stored so that it can be read."""
    native = instances.build("CTImageStorage")
    instance = rle(native) if misfit.compressed else native
    connection = _connected(peer, native, misfit.agreed)
    agreed, encoded = transfer_syntax_name(misfit.agreed), transfer_syntax_name(misfit.encoded)
    step(f"C-STORE-RQ on a context of {agreed}, its data set encoded in {encoded}")
    data_set = instance.encoded(misfit.encoded)
    label = f"{instance.label}, sent as {encoded}"
    store = _store_bytes(connection, instance, data_set, agreed=misfit.agreed, label=label)
    connection.close()
    assert store.sent is not None
    found = readback.fetch(store.sent, expect=storing.acknowledged(store))
    judge(encoding.refused_or_readable(store, found, "ST-38", meant=instance))


@pytest.mark.requirement("PDV-15", "PDV-14")
@pytest.mark.parametrize(
    ("context_id", "requirement"),
    [
        pytest.param(3, "PDV-15", id="rejected context"),
        pytest.param(5, "PDV-14", id="id never proposed"),
        pytest.param(255, "PDV-14", id="id 255"),
        pytest.param(2, "PDV-14", id="even id"),
        pytest.param(0, "PDV-14", id="id 0"),
    ],
)
def test_store_on_a_context_not_agreed(
    *,
    peer: Peers,
    ct_image: Instance,
    readback: Look,
    judge: Judge,
    step: Step,
    not_applicable: Callable[[str], None],
    context_id: int,
    requirement: str,
) -> None:
    """A C-STORE on a presentation context that was rejected or never proposed draws A-ABORT and stores nothing."""
    contexts = contexts_of([(ct_image.sop_class_uid, (IMPLICIT,)), (ct_image.sop_class_uid, (NOBODYS,))])
    connection = peer.associated(contexts)
    if context_id in connection.accepted:
        not_applicable("the target accepts a transfer syntax that nobody has; test_transfer_syntaxes.py judges that")
    step(f"C-STORE-RQ and data set on presentation context {context_id}")
    data_set = ct_image.encoded(IMPLICIT)
    label = f"{ct_image.label}, on context {context_id}"
    store = _store_bytes(connection, ct_image, data_set, agreed=IMPLICIT, label=label, context_id=context_id)
    connection.close()
    assert store.sent is not None
    found = readback.fetch(store.sent, expect=storing.acknowledged(store))
    judge(unagreed.not_executed(store, found, requirement))


@pytest.mark.requirement("PDV-09")
def test_command_and_data_on_two_contexts(
    peer: Peers, ct_image: Instance, readback: Look, judge: Judge, step: Step
) -> None:
    """A message whose command and data set come on two contexts is refused, never stored in the wrong syntax."""
    connection = _connected(peer, ct_image, IMPLICIT, EXPLICIT)
    data_set = ct_image.encoded(EXPLICIT)
    sent = sent_bytes_of(ct_image, data_set, EXPLICIT, label=f"{ct_image.label}, on two contexts")
    command = c_store_rq(
        connection.next_message_id(), sop_class_uid=sent.sop_class_uid, sop_instance_uid=sent.sop_instance_uid
    )
    step("C-STORE-RQ on context 1 (implicit VR), its data set on context 3 (explicit VR) and encoded so")
    complete = connection.send_command(command, context_id=1) and connection.send_data(data_set, context_id=3)
    store = connection.await_response(
        command, context_id=1, sent=sent, complete=complete, timeout_s=_patience_s(connection)
    )
    connection.close()
    found = readback.fetch(sent, expect=storing.acknowledged(store))
    judge(unagreed.two_contexts(store, found, meant=ct_image))
