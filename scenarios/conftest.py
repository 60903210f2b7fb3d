"""What scenarios of several topics share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.config import Claims
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.plugin.fixtures import Judge, Look
from conformance.verdict import fidelity, storing


@pytest.fixture
def judge_stored(readback: Look, judge: Judge, claims: Claims) -> Callable[..., None]:
    """Reads an instance back and judges what is stored against what was sent and how that was answered.

    `judge_stored(instance, exchange)`; with `requirement="ID"` it also judges that a valid instance was not refused.
    """

    def look(instance: Instance, exchange: OperationExchange, *, requirement: str | None = None) -> None:
        if requirement is not None:
            claimed = claims.claims_sop_class(instance.sop_class_uid)
            judge(storing.storable(exchange, requirement, claimed=claimed))
        if exchange.sent is not None:
            found = readback.fetch(exchange.sent, expect=storing.acknowledged(exchange))
            judge(fidelity.stored_equals_sent(instance, found, exchange, storage_level=claims.storage_level))

    return look
