"""A C-STORE sent piece by piece, and asking again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.driver.again import until
from conformance.driver.endpoint import Endpoint
from conformance.driver.interrupted import StepwiseStore
from conformance.driver.peer import Peer
from conformance.driver.recorder import Recorder
from conformance.driver.sending import contexts_of
from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.observation.interruption import Way
from conformance.observation.outcomes import Closed, NotConnected, Released
from conformance.target.embedded.server import EmbeddedPacs
from conformance.wire.pdu import PDataTF, Pdv
from tests.driver.scripted import sent_pdus

IMPLICIT = "1.2.840.10008.1.2"
IMAGE = catalogue.build("CTImageStorage", IdentitySource(seed=7, scope="interrupted").new())


@pytest.fixture
def peer() -> Iterator[Peer]:
    """An association on which the image can be stored."""
    with EmbeddedPacs() as pacs:
        host, port = pacs.address
        endpoint = Endpoint(host=host, port=port, called_ae_title=pacs.ae_title, calling_ae_title="TEST", timeout_s=5.0)
        with Peer(endpoint, Recorder()) as connection:
            connection.associate(contexts_of([(IMAGE.sop_class_uid, (IMPLICIT,))]))
            yield connection


def _store(peer: Peer, fragments: int) -> StepwiseStore:
    return StepwiseStore(peer, IMAGE, context_id=1, transfer_syntax_uid=IMPLICIT, fragments=fragments)


def _data_pdvs(peer: Peer) -> list[Pdv]:
    sent = sent_pdus(peer.transcript)
    return [pdv for pdu in sent if isinstance(pdu, PDataTF) for pdv in pdu.pdvs if not pdv.is_command]


@pytest.mark.parametrize(
    ("fragments", "share", "sent"),
    [(10, 0.0, 0), (10, 0.01, 1), (10, 0.5, 5), (10, 0.999, 9), (10, 1.0, 10), (1, 0.5, 0), (1, 1.0, 1)],
)
def test_share_of_the_fragments(peer: Peer, fragments: int, share: float, sent: int) -> None:
    store = _store(peer, fragments)
    store.send_command()
    store.send_share(share)
    pdvs = _data_pdvs(peer)
    assert len(pdvs) == sent
    assert all(len(pdv.fragment) % 2 == 0 for pdv in pdvs)
    assert [pdv.is_last for pdv in pdvs] == [False] * (sent - (share == 1)) + [True] * (share == 1)
    assert store.complete is (share == 1)


def test_rest_makes_the_data_set_whole(peer: Peer) -> None:
    store = _store(peer, 7)
    store.send_command()
    store.send_share(0.3)
    store.send_rest()
    assert store.await_response().status == 0
    assert b"".join(bytes(pdv.fragment) for pdv in _data_pdvs(peer)) == IMAGE.encoded(IMPLICIT)


@pytest.mark.parametrize(
    ("way", "end"), [(Way.ABORT, Closed), (Way.FIN, Closed), (Way.RST, NotConnected), (Way.RELEASE, Released)], ids=str
)
def test_breaking_off_is_recorded_as_a_store_that_was_not_complete(peer: Peer, way: Way, end: type) -> None:
    store = _store(peer, 4)
    store.send_command()
    store.send_share(0.5)
    broken = store.break_off(way)
    assert isinstance(broken.end, end)
    assert broken.store.complete is False
    assert peer.recorder.operations == [broken.store]


def test_response_that_still_came_is_the_outcome(peer: Peer) -> None:
    store = _store(peer, 4)
    store.send_command()
    store.send_share(1)
    broken = store.break_off(Way.RELEASE)
    assert broken.store.status == 0
    assert isinstance(broken.end, Released)


def test_asking_ends_with_the_first_answer_that_will_do() -> None:
    answers = iter([1, 2, 3])
    assert until(lambda: next(answers), lambda answer: answer == 2, within_s=5.0) == 2


def test_asking_ends_when_the_time_is_up() -> None:
    assert until(lambda: "no", lambda _: False, within_s=0.0) == "no"
