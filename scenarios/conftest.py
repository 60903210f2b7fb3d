"""What scenarios of several topics share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.config import Claims
from conformance.driver.peer import Peer
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import ends_association
from conformance.observation.stored import ReadBackOutcome
from conformance.plugin.corpus import corpus_of
from conformance.plugin.fixtures import Judge, Look
from conformance.verdict import fidelity, storing


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A person's own files have no scenario where none are given."""
    return True if collection_path.name == "test_corpus.py" and corpus_of(config) is None else None


@pytest.fixture
def judge_stored(readback: Look, judge: Judge, claims: Claims) -> Callable[..., ReadBackOutcome]:
    """Reads an instance back and judges what is stored against what was sent and how that was answered.

    `judge_stored(instance, exchange)`; with `requirement="ID"` it also judges that a valid instance was not refused,
    and with `connection=` it first releases the association, where the exchange left one. It gives back what it found.
    """

    def look(
        instance: Instance,
        exchange: OperationExchange,
        *,
        requirement: str | None = None,
        connection: Peer | None = None,
    ) -> ReadBackOutcome:
        if connection is not None and not ends_association(exchange.outcome):
            connection.release()
        if requirement is not None:
            claimed = claims.claims_sop_class(instance.sop_class_uid)
            judge(storing.storable(exchange, requirement, claimed=claimed))
        assert exchange.sent is not None
        found = readback.fetch(exchange.sent, expect=storing.acknowledged(exchange))
        judge(fidelity.stored_equals_sent(instance, found, exchange, storage_level=claims.storage_level))
        return found

    return look
