"""A person's own files: each is stored, read back, and compared with what was sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.config import Claims
from conformance.driver.sending import contexts_of
from conformance.load.corpus import CorpusCase, NotACaseError, PreparedCase, prepare
from conformance.plugin.corpus import corpus_of, remapping_of
from conformance.plugin.fixtures import Judge, Look, Peers
from conformance.plugin.run import current_run
from conformance.plugin.scene import NotNegotiatedError, Scene
from conformance.verdict import fidelity, storing

pytestmark = pytest.mark.topic("corpus")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One case for each file, by its path below the folder."""
    found = corpus_of(metafunc.config)
    cases = found.cases if found is not None else ()
    metafunc.parametrize("case", cases, ids=[case.name for case in cases])


@pytest.fixture
def prepared(
    case: CorpusCase, request: pytest.FixtureRequest, scene: Scene, not_applicable: Callable[[str], None]
) -> PreparedCase:
    """The file's instance as it is sent; a file that cannot be a case ends the scenario with the reason."""
    run, cases = current_run(), corpus_of(request.config)
    assert cases is not None
    if case.file is not None and case.file.note:
        scene.notes.append(case.file.note)
    try:
        made = prepare(case, remapping_of(run.settings, cases, run.seed))
    except NotACaseError as error:
        not_applicable(f"{case.name}: {error}")
        raise
    scene.notes += [f"may be about a real person: {sign}" for sign in made.signs]
    return made


@pytest.mark.requirement("FID-01", "FID-02", "FID-03", "STA-17", "STA-18", "ST-19")
def test_file(*, prepared: PreparedCase, peer: Peers, readback: Look, judge: Judge, claims: Claims) -> None:
    """A file of a person's own is stored in its own transfer syntax, and what is stored is what was sent."""
    sent = prepared.sent
    contexts = contexts_of([(sent.sop_class_uid, (sent.transfer_syntax_uid,))])
    connection = peer.associated(contexts, label=sent.label)
    if 1 not in connection.accepted:
        raise NotNegotiatedError(connection.recorder.associations[-1], sent.sop_class_uid, sent.label)
    exchange = connection.store(prepared.data_set, sent, context_id=1)
    connection.release()
    claimed = claims.claims_sop_class(sent.sop_class_uid)
    judge(storing.storable(exchange, "STA-17", claimed=claimed))
    found = readback.fetch(sent, expect=storing.acknowledged(exchange))
    judge(
        fidelity.stored_equals_sent(prepared.dataset, found, exchange, storage_level=claims.storage_level),
    )
